"""The durability proof: the server is killed again and again under load, and whatever anybody was shown is still there,
once, in order.

Writers (by WebSocket with several messages in flight, and by REST) send again what was not acknowledged, under the same
client_id. Readers come back with the last number they saw. Kills fall after a random number of shown messages, and now
and then into the start itself. `IZPO_KILLS` sets how many, `IZPO_KILL_SEED` repeats the choices of an earlier run.
"""

import asyncio
import json
import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import httpx
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from support.client import Person
from support.server import Server
from support.waiting import PATIENCE

KILLS = int(os.environ.get("IZPO_KILLS", "50"))
SEED = int(os.environ.get("IZPO_KILL_SEED", random.SystemRandom().randrange(10**6)))
IN_FLIGHT = 16  # messages a socket sends ahead of their acks
EACH_START_KILL = 7  # every so many kills, the next start is killed too before it serves

LAST = "fin"  # the last message of each room, after which its readers end

GONE = (OSError, websockets.WebSocketException, httpx.TransportError)


@dataclass
class Record:
    """What all clients were shown, and everything that should not have been."""

    shown: dict[tuple[int, int], tuple[int, int, str]] = field(
        default_factory=dict
    )  # (room, seq) → (id, sender, content)
    sent: int = 0
    wrong: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def show(self, room: int, seq: int, id: int, sender: int, content: str) -> None:
        first = self.shown.setdefault((room, seq), (id, sender, content))
        if first != (id, sender, content):
            self.wrong.append(f"room {room} seq {seq} was {first}, later {(id, sender, content)}")
        async with self.progress:
            self.progress.notify_all()


class Life:
    """The server through all its deaths."""

    def __init__(self, server: Server):
        self.server = server
        self.serving = asyncio.Event()
        self.ending = asyncio.Event()  # nobody begins a new message any more

    async def start(self) -> None:
        await asyncio.to_thread(self.server.start)
        self.serving.set()

    def kill(self) -> None:
        self.serving.clear()
        self.server.kill()


def socket_url(life: Life, room: int, person: Person, query: str = "") -> str:
    return f"{life.server.ws_url}/api/ws/{room}?token={person.token}{query}"


async def next_event(socket: ClientConnection) -> dict:
    try:
        return json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
    except TimeoutError:  # an OSError too, but not one that a kill explains
        raise AssertionError(f"a socket heard nothing for {PATIENCE} s") from None


async def write_by_socket(life: Life, record: Record, room: int, person: Person) -> None:
    unacknowledged: dict[str, str] = {}
    made = 0

    def finished() -> bool:
        return life.ending.is_set() and not unacknowledged

    while not finished():
        await life.serving.wait()
        try:
            async with connect(
                socket_url(life, room, person), max_queue=None, proxy=None, ping_interval=None
            ) as socket:
                for client_id, content in unacknowledged.items():
                    await socket.send(json.dumps({"content": content, "client_id": client_id}))
                while not finished():
                    while len(unacknowledged) < IN_FLIGHT and not life.ending.is_set():
                        client_id, content = str(made), f"{person.id}:{made}"
                        made += 1
                        record.sent += 1
                        unacknowledged[client_id] = content
                        await socket.send(json.dumps({"content": content, "client_id": client_id}))
                    event = await next_event(socket)
                    if event["type"] == "ack":
                        content = unacknowledged.pop(event["client_id"])
                        await record.show(room, event["seq"], event["id"], person.id, content)
                    elif event["type"] == "message":
                        await record.show(room, event["seq"], event["id"], event["sender"]["id"], event["content"])
                    elif event["type"] == "error":
                        record.wrong.append(f"an error while writing: {event}")
        except GONE:
            continue


async def write_by_rest(life: Life, record: Record, room: int, person: Person) -> None:
    made = 0
    async with httpx.AsyncClient(
        base_url=life.server.url, headers=person.headers, timeout=PATIENCE, trust_env=False
    ) as http:
        while not life.ending.is_set():
            content = f"{person.id}:{made}"
            made += 1
            record.sent += 1
            while True:
                await life.serving.wait()
                try:
                    answer = await http.post(
                        f"/api/rooms/{room}/messages", json={"content": content, "client_id": content}
                    )
                except GONE:
                    continue
                if answer.status_code in (200, 201):
                    message = answer.json()
                    await record.show(room, message["seq"], message["id"], message["sender_id"], message["content"])
                else:
                    record.wrong.append(f"POST answered {answer.status_code} {answer.text}")
                break


async def read(life: Life, record: Record, room: int, person: Person) -> None:
    """Reads until the room's last message."""
    seen, epoch, content = 0, "", ""
    while content != LAST:
        await life.serving.wait()
        try:
            url = socket_url(life, room, person, f"&after_seq={seen}" + (f"&epoch={epoch}" if epoch else ""))
            async with connect(url, max_queue=None, proxy=None, ping_interval=None) as socket:
                while content != LAST:
                    event = await next_event(socket)
                    if event["type"] == "welcome":
                        epoch = event["epoch"]
                        if event["reset"]:
                            record.wrong.append(f"a reader at {seen} of {event['last_seq']} was told to begin anew")
                    elif event["type"] == "message":
                        if event["seq"] != seen + 1:
                            record.out_of_order.append(f"room {room}: a reader saw {event['seq']} after {seen}")
                        seen, content = event["seq"], event["content"]
                        await record.show(room, seen, event["id"], event["sender"]["id"], content)
        except GONE:
            continue


async def kill_again_and_again(life: Life, record: Record, choice: random.Random) -> None:
    for kill in range(1, KILLS + 1):
        enough = len(record.shown) + choice.randrange(1, 300)
        async with record.progress:
            await asyncio.wait_for(record.progress.wait_for(lambda: len(record.shown) >= enough), PATIENCE)
        life.kill()
        if kill % EACH_START_KILL == 0:
            life.server.spawn()
            await asyncio.sleep(
                choice.uniform(0, 0.05)
            )  # waits for nothing: it chooses the moment of the start that is hit
            life.server.kill()
        await life.start()


def history_of(person: Person, room: int) -> list[dict]:
    history: list[dict] = []
    while page := person.history(room, after_seq=len(history) and history[-1]["seq"], limit=200):
        history += page
    return history


async def scenario(server: Server, record: Record, rooms: list[int], people: list[Person]) -> None:
    life = Life(server)
    await life.start()
    busy, calm = rooms
    # Whoever fails ends them all: the others would wait for ever.
    async with asyncio.TaskGroup() as group:
        writers = [
            group.create_task(write(life, record, room, person))
            for write, room, person in [
                (write_by_socket, busy, people[0]),
                (write_by_socket, busy, people[1]),
                (write_by_socket, calm, people[2]),
                (write_by_rest, busy, people[3]),
                (write_by_rest, calm, people[4]),
            ]
        ]
        for room, person in [(busy, people[5]), (busy, people[0]), (calm, people[5])]:
            group.create_task(read(life, record, room, person))
        await kill_again_and_again(life, record, random.Random(SEED))
        life.ending.set()
        await asyncio.gather(*writers)
        for room in rooms:
            record.sent += 1
            await asyncio.to_thread(people[5].say, room, LAST)


@pytest.mark.timeout(120 + 5 * KILLS)
def test_nothing_shown_is_lost_when_the_server_is_killed(tmp_path, capsys):
    server = Server(tmp_path / "killed", {"ACCESS_TOKEN_EXPIRE_MINUTES": "1440"}).start()
    people = [Person(server, name) for name in ("ana", "ben", "eva", "leo", "mar", "luz")]
    rooms = [people[0].make_room("con mucho tráfico"), people[0].make_room("tranquila")]
    server.stop()

    record = Record()
    with capsys.disabled():
        print(f"\nkill test: IZPO_KILLS={KILLS} IZPO_KILL_SEED={SEED}", flush=True)
    asyncio.run(scenario(server, record, rooms, people))

    lost, twice, stored = [], [], 0
    for room in rooms:
        history = history_of(people[0], room)
        stored += len(history)
        if [message["seq"] for message in history] != list(range(1, len(history) + 1)):
            record.out_of_order.append(f"room {room}: its numbers have gaps")
        if [message["id"] for message in history] != sorted({message["id"] for message in history}):
            record.out_of_order.append(f"room {room}: its ids do not ascend")
        by_seq = {message["seq"]: (message["id"], message["sender_id"], message["content"]) for message in history}
        lost += [
            f"room {r} seq {seq} {what}"
            for (r, seq), what in record.shown.items()
            if r == room and by_seq.get(seq) != what
        ]
        twice += [f"room {room} {text}" for text, times in Counter(m["content"] for m in history).items() if times > 1]
        by_sender = defaultdict(list)
        for message in history[:-1]:
            by_sender[message["sender_id"]].append(int(message["content"].split(":")[1]))
        for sender, numbers in by_sender.items():
            if numbers != list(range(len(numbers))):
                record.out_of_order.append(
                    f"room {room}: what {sender} sent is not in the order of sending, or not all there"
                )
    server.stop()

    with capsys.disabled():
        print(
            f"kills={KILLS} sent={record.sent} shown={len(record.shown)} lost={len(lost)} twice={len(twice)} "
            f"out_of_order={len(record.out_of_order)}",
            flush=True,
        )
    assert not lost, lost[:10]
    assert not twice, twice[:10]
    assert not record.out_of_order, record.out_of_order[:10]
    assert not record.wrong, record.wrong[:10]
    assert stored == record.sent == len(record.shown), "every message was sent until it was acknowledged"
