"""A restart under a thousand sockets: all are told when to come back, come back then, and have missed nothing."""

import asyncio
import json
import random
import resource
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from support.client import Person
from support.server import Server
from support.waiting import PATIENCE

PEOPLE = 50
SOCKETS_EACH = 20
RETURNS_PER_SECOND = 250


@dataclass
class Device:
    """One socket's client, which does what docs/protocol.md tells it to."""

    url: str
    seen: list[int] = field(default_factory=list)
    epoch: str = ""
    closed_with: int = 0
    delay: float | None = None
    came_back: float = 0.0
    refused: int = 0

    async def live(self, last_content: str) -> None:
        """Until the message with that content has come, over one restart."""
        while True:
            query = f"&after_seq={self.seen[-1] if self.seen else 0}&epoch={self.epoch}" if self.epoch else ""
            try:
                async with connect(self.url + query, ping_interval=None, open_timeout=PATIENCE, max_queue=None) as socket:
                    if self.closed_with:
                        self.came_back = time.monotonic()
                    async for text in socket:
                        if self.take(json.loads(text)) == last_content:
                            return
                    raise AssertionError("the server says good-bye only with a reason to come back")
            except ConnectionRefusedError:
                self.refused += 1
                assert self.closed_with, "the server was there at first"
                await asyncio.sleep(random.uniform(0.5, 1.5))
            except ConnectionClosed as end:
                assert end.rcvd is not None, "cut without a close frame"
                self.closed_with = end.rcvd.code
                assert self.delay is not None, "not told when to come back"
                await asyncio.sleep(self.delay)

    def take(self, event: dict) -> str:
        if event["type"] == "welcome":
            self.epoch = event["epoch"]
            assert not event["reset"]
        if event["type"] == "reconnect":
            self.delay = event["delay_ms"] / 1000
        if event["type"] == "message":
            self.seen.append(event["seq"])
            return event["content"]
        return ""


class Talker(threading.Thread):
    """Posts over REST all the time, each message on a connection of its own."""

    def __init__(self, server: Server, person: Person, room: int):
        super().__init__()
        self.address = f"{server.url}/api/rooms/{room}/messages"
        self.headers = {"Authorization": f"Bearer {person.token}", "Connection": "close"}
        self.stored = 0
        self.failed: Counter[str] = Counter()
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.is_set():
            try:
                answer = httpx.post(
                    self.address,
                    headers=self.headers,
                    json={"content": f"mensaje {self.stored}"},
                    timeout=PATIENCE,
                )
                self.stored += answer.status_code == 201
                if answer.status_code != 201:
                    self.failed[f"{answer.status_code} {answer.text}"] += 1
            except httpx.HTTPError as error:
                self.failed[repr(error)] += 1
                self.done.wait(0.02)


def test_a_thousand_sockets_come_back_spread_and_miss_nothing(own_server, capsys):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    own = own_server(RECONNECTS_PER_SECOND=str(RETURNS_PER_SECOND), PRESENCE_GRACE_SECONDS="60")
    people = [Person(own, f"p{n}") for n in range(PEOPLE)]
    room = people[0].make_room()
    for person in people:
        person.join(room)
    devices = [
        Device(f"{own.ws_url}/api/ws/{room}?token={person.token}") for person in people for _ in range(SOCKETS_EACH)
    ]
    talker = Talker(own, people[0], room)

    async def restart() -> float:
        running = [asyncio.create_task(device.live("se acabó")) for device in devices]
        while not all(device.epoch for device in devices):
            await asyncio.sleep(0.01)
            assert not any(task.done() for task in running), next(task for task in running if task.done())
        talker.start()
        while not all(device.seen for device in devices):
            await asyncio.sleep(0.01)
        own.signal(signal.SIGTERM)
        code = await asyncio.to_thread(own.wait)
        assert code == 0
        await asyncio.to_thread(own.start)
        up = time.monotonic()
        while not all(device.came_back for device in devices):
            await asyncio.sleep(0.01)
            assert not any(task.done() for task in running), next(task for task in running if task.done())
        talker.done.set()
        await asyncio.to_thread(talker.join)
        await asyncio.to_thread(people[1].say, room, "se acabó")
        await asyncio.gather(*running)
        return up

    up = asyncio.run(asyncio.wait_for(restart(), 120))

    assert {device.closed_with for device in devices} == {1012}
    last = devices[0].seen[-1]
    for device in devices:
        assert device.seen == list(range(device.seen[0], last + 1)), "each message once, in order, none missed"
    assert last == talker.stored + 1, "everything that was confirmed is there, and nothing else"
    assert all("refused" in error for error in talker.failed), talker.failed

    span = len(devices) / RETURNS_PER_SECOND
    delays = sorted(device.delay for device in devices)
    assert delays[0] >= 1.0 and delays[-1] < 1.0 + 1.1 * span, "with the idle connections of REST counted"
    assert delays[-1] - delays[0] > 0.9 * span, "spread over all of the time there is"
    # What they were told, since when a busy machine lets them in is not the server's doing.
    busiest = 2 * max(Counter(int(delay / 0.5) for delay in delays).values())
    assert busiest <= 2 * RETURNS_PER_SECOND, "no storm"
    back = sorted(device.came_back - up for device in devices)
    with capsys.disabled():
        print(
            f"\n{len(devices)} sockets, told to come back within {delays[-1]:.1f} s, at most {busiest} a second; "
            f"back {back[0]:+.1f} to {back[-1]:+.1f} s after the restart; "
            f"{sum(device.refused > 0 for device in devices)} came before it was over; "
            f"{talker.stored} posts, {sum(talker.failed.values())} refused meanwhile, none failed otherwise"
        )
