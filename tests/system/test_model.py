"""Random devices against a model of what the server promises (`support/model.py`), while the server is killed.

On the socket of one room and on that of all rooms (compressing or not) they send, repeat, lose their position, vanish,
come back, stop reading, leave and are removed. Each must be shown every message of its room once, in the room's one
order, whatever was acknowledged must be in it, and the history must be equal.

What they do is a plan made from a seed: `IZPO_MODEL_SEED` plays it again. `IZPO_MODEL_STEPS` says how long it is.
"""

import asyncio
import os
from collections import Counter
from dataclasses import dataclass
from random import Random, SystemRandom

import pytest

from support.server import Server
from support.world import World

STEPS = int(os.environ.get("IZPO_MODEL_STEPS", "4000"))
SEED = int(os.environ.get("IZPO_MODEL_SEED", SystemRandom().randrange(10**6)))

# What is done, and how often: any of these at any time, also where it makes no sense.
ACTIONS = {
    "say": 60,
    "say_by_rest": 10,
    "say_again": 10,
    "say_otherwise": 2,
    "come": 60,
    "close": 8,
    "vanish": 8,
    "forget": 3,
    "stop_reading": 6,
    "go_on_reading": 10,
    "drown": 1,
    "look_back": 5,
    "go_out": 4,
    "go_in": 8,
}
MOMENTS_A_KILL = 25
MOMENTS_A_CALM = 80


@dataclass(frozen=True)
class Step:
    device: int
    action: str
    seed: str  # of the choices within it


@dataclass(frozen=True)
class Moment:
    """What happens at once: the steps, each of another person, and perhaps the server's death."""

    steps: list[Step]
    kill: bool
    calm: bool  # afterwards: all come back, and everything is compared


def make_plan(owners: list[int], seed: int, steps: int) -> list[Moment]:
    """Depends on nothing but its arguments. `owners`: whose each device is."""
    choice = Random(seed)
    plan: list[Moment] = []
    planned = 0
    while planned < steps:
        busy: set[int] = set()
        moment: list[Step] = []
        for device in choice.sample(range(len(owners)), choice.randrange(1, 9)):
            if owners[device] not in busy:
                busy.add(owners[device])
                action = choice.choices(list(ACTIONS), list(ACTIONS.values()))[0]
                moment.append(Step(device, action, f"{seed}/{planned + len(moment)}"))
        planned += len(moment)
        kill = choice.randrange(MOMENTS_A_KILL) == 0
        plan.append(Moment(moment, kill, calm=planned >= steps or choice.randrange(MOMENTS_A_CALM) == 0))
    return plan


async def take(world: World, step: Step) -> None:
    device = world.devices[step.device]
    device.trace.append(step)
    with world.noticing(device):
        await getattr(device, step.action)(Random(step.seed))


async def play(world: World, plan: list[Moment]) -> None:
    for number, moment in enumerate(plan):
        happening = [take(world, step) for step in moment.steps]
        if moment.kill:
            happening.append(world.kill(Random(f"{SEED}/kill/{number}")))
        await asyncio.gather(*happening)
        if moment.calm and not world.wrong:
            await world.settle()
        if world.wrong:
            break
    await world.leave()


@pytest.mark.timeout(60 + STEPS / 20)
def test_every_device_is_shown_every_message_once_in_the_one_order(tmp_path, capsys):
    with capsys.disabled():
        print(f"\nmodel test: IZPO_MODEL_STEPS={STEPS} IZPO_MODEL_SEED={SEED}", flush=True)
    settings = {"ACCESS_TOKEN_EXPIRE_MINUTES": "1440", "WEBSOCKET_COMPRESSION": "true"}
    server = Server(tmp_path / "model", settings).start()

    async def scenario() -> World:
        world = World(server)
        people = [world.people.index(device.person) for device in world.devices]
        await play(world, make_plan(people, SEED, STEPS))
        return world

    world = asyncio.run(scenario())
    server.stop()
    messages = sum(len(room.order) for room in world.rooms)
    with capsys.disabled():
        print(f"lives={world.life} messages={messages} wrong={len(world.wrong)}")
        for what, counts in (("ends of connections", world.ends), ("answers to subscriptions", world.answers)):
            print(f"{what}: {', '.join(f'{key} × {count}' for key, count in sorted(counts.items()))}", flush=True)
    assert not world.wrong, "\n\n".join(world.wrong[:5])


def test_a_plan_depends_on_its_seed_alone():
    owners = list(range(8))
    assert make_plan(owners, 1, 500) == make_plan(owners, 1, 500)
    assert make_plan(owners, 1, 500) != make_plan(owners, 2, 500)
    taken = Counter(step.action for moment in make_plan(owners, 1, 5000) for step in moment.steps)
    assert taken.keys() == ACTIONS.keys()
