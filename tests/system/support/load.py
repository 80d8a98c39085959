"""Load on one or several servers over one database, and the judgement of it: whatever anybody was shown or told is
stored, once, in order; every reader saw every message once, in order; and what was refused was refused as it should be.

Writers send again what was not acknowledged, under the same `client_id`, until it is. Readers stay connected, or come and
go, or read pages; one whose socket breaks comes back with the last number it saw, and the break is counted.
"""

import asyncio
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import httpx
import websockets
from websockets.asyncio.client import ClientConnection, connect

from .client import Person
from .server import Server
from .waiting import PATIENCE

IN_FLIGHT = 8  # messages a socket sends ahead of their acks
LAST = "fin"  # the last message of each room, after which its readers end
SILENCE = 40.0  # no socket hears nothing for so long, whatever happens to the database

GONE = (OSError, websockets.WebSocketException, httpx.TransportError)
EXPECTED = {"storage_unavailable", "storage_full", "overloaded"}  # while the database is in trouble


@dataclass
class Load:
    # (room, seq) → (id, sender, text)
    shown: dict[tuple[int, int], tuple[int, int, str]] = field(default_factory=dict)
    acknowledged: dict[tuple[int, int], float] = field(default_factory=dict)  # when a sender learned of it
    delays: list[float] = field(default_factory=list)  # from then to a reader, seconds
    sent: int = 0
    refused: Counter = field(default_factory=Counter)  # by code
    refused_by_rest: Counter = field(default_factory=Counter)  # by room and status
    slowest_answer: float = 0.0  # of a send, seconds, refusals too
    breaks: int = 0
    wrong: list[str] = field(default_factory=list)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def show(self, room: int, seq: int, id: int, sender: int, content: str) -> None:
        first = self.shown.setdefault((room, seq), (id, sender, content))
        if first != (id, sender, content):
            self.wrong.append(f"room {room} seq {seq} was {first}, later {(id, sender, content)}")
        async with self.progress:
            self.progress.notify_all()

    async def more(self, count: int, patience: float = PATIENCE) -> None:
        """Until `count` more messages were shown."""
        enough = len(self.shown) + count
        async with self.progress:
            await asyncio.wait_for(self.progress.wait_for(lambda: len(self.shown) >= enough), patience)

    def answered(self, since: float) -> None:
        self.slowest_answer = max(self.slowest_answer, time.monotonic() - since)

    def refuse(self, code: str, what: str) -> None:
        self.refused[code] += 1
        if code not in EXPECTED:
            self.wrong.append(f"refused: {what}")


def socket_url(server: Server, room: int, person: Person, query: str = "") -> str:
    return f"{server.ws_url}/api/ws/{room}?token={person.token}{query}"


async def next_event(socket: ClientConnection) -> dict:
    try:
        return json.loads(await asyncio.wait_for(socket.recv(), SILENCE))
    except TimeoutError:  # an OSError too, but not one that a broken connection explains
        raise AssertionError(f"a socket heard nothing for {SILENCE} s") from None


async def write_by_socket(load: Load, server: Server, room: int, person: Person) -> None:
    waiting: dict[str, str] = {}  # client_id → content, not acknowledged
    begun: dict[str, float] = {}
    made = 0

    async def send(socket: ClientConnection, client_id: str) -> None:
        begun[client_id] = time.monotonic()
        await socket.send(json.dumps({"content": waiting[client_id], "client_id": client_id}))

    while not (load.ending.is_set() and not waiting):
        try:
            url = socket_url(server, room, person)
            async with connect(url, max_queue=None, proxy=None, ping_interval=None) as socket:
                for client_id in waiting:
                    await send(socket, client_id)
                while not (load.ending.is_set() and not waiting):
                    while len(waiting) < IN_FLIGHT and not load.ending.is_set():
                        client_id = f"{person.id}-{made}"
                        waiting[client_id] = f"{person.id}:{made}"
                        made += 1
                        load.sent += 1
                        await send(socket, client_id)
                    event = await next_event(socket)
                    if event["type"] == "ack":
                        load.answered(begun[event["client_id"]])
                        content = waiting.pop(event["client_id"])
                        load.acknowledged.setdefault((room, event["seq"]), time.monotonic())
                        await load.show(room, event["seq"], event["id"], person.id, content)
                    elif event["type"] == "message":
                        # What was stored while nobody could say so, or late, may be shown before its ack.
                        own = event["sender"]["id"] == person.id and event.get("client_id") in waiting
                        if own and not load.refused and time.monotonic() - begun[event["client_id"]] < 1:
                            load.wrong.append(f"room {room} seq {event['seq']} came before its ack")
                        await load.show(room, event["seq"], event["id"], event["sender"]["id"], event["content"])
                    elif event["type"] == "error":
                        load.refuse(event["code"], str(event))
                        if client_id := event.get("client_id"):
                            load.answered(begun[client_id])
                            await asyncio.sleep(0.1)  # as a client does that is asked to try again later
                            await send(socket, client_id)
        except GONE:
            load.breaks += 1
            await asyncio.sleep(0.1)


async def write_by_rest(load: Load, server: Server, room: int, person: Person) -> None:
    made = 0
    async with httpx.AsyncClient(
        base_url=server.url, headers=person.headers, timeout=SILENCE, trust_env=False
    ) as http:
        while not load.ending.is_set():
            content = f"{person.id}:{made}"
            made += 1
            load.sent += 1
            while True:
                begun = time.monotonic()
                try:
                    answer = await http.post(
                        f"/api/rooms/{room}/messages", json={"content": content, "client_id": content}
                    )
                except GONE:
                    load.breaks += 1
                    await asyncio.sleep(0.1)
                    continue
                load.answered(begun)
                if answer.status_code in (200, 201):
                    message = answer.json()
                    load.acknowledged.setdefault((room, message["seq"]), time.monotonic())
                    await load.show(room, message["seq"], message["id"], message["sender_id"], message["content"])
                    break
                load.refused_by_rest[room, answer.status_code] += 1
                load.refuse(answer.json().get("code", "none"), f"{answer.status_code} {answer.text}")
                if answer.status_code == 503 and "retry-after" not in answer.headers:
                    load.wrong.append(f"503 without Retry-After: {answer.text}")
                await asyncio.sleep(0.1)


async def read(load: Load, server: Server, room: int, person: Person, stays: int | None = None) -> None:
    """Reads until the room's last message; with `stays`, closes the socket after so many and comes back at once."""
    seen, epoch, content = 0, "", ""
    while content != LAST:
        try:
            url = socket_url(server, room, person, f"&after_seq={seen}" + (f"&epoch={epoch}" if epoch else ""))
            async with connect(url, max_queue=None, proxy=None, ping_interval=None) as socket:
                leaves_at = seen + stays if stays else None
                while content != LAST and seen != leaves_at:
                    event = await next_event(socket)
                    if event["type"] == "welcome":
                        epoch = event["epoch"]
                        if event["reset"]:
                            load.wrong.append(f"a reader at {seen} of {event['last_seq']} was told to begin anew")
                    elif event["type"] == "message":
                        if event["seq"] != seen + 1:
                            load.wrong.append(f"room {room}: a reader saw {event['seq']} after {seen}")
                        seen, content = event["seq"], event["content"]
                        if (told := load.acknowledged.get((room, seen))) and not stays:
                            load.delays.append(max(0.0, time.monotonic() - told))
                        await load.show(room, seen, event["id"], event["sender"]["id"], content)
        except GONE:
            load.breaks += 1
            await asyncio.sleep(0.1)


async def page(load: Load, server: Server, room: int, person: Person, size: int) -> None:
    """Reads until the room's last message, in pages of at most `size` that follow one another by the last number."""
    seen, content = 0, ""
    async with httpx.AsyncClient(
        base_url=server.url, headers=person.headers, timeout=SILENCE, trust_env=False
    ) as http:
        while content != LAST:
            answer = await http.get(f"/api/rooms/{room}/messages", params={"after_seq": seen, "limit": size})
            for message in answer.raise_for_status().json():
                if message["seq"] != seen + 1:
                    load.wrong.append(f"room {room}: a page had {message['seq']} after {seen}")
                seen, content = message["seq"], message["content"]
                await load.show(room, seen, message["id"], message["sender_id"], content)


def history_of(person: Person, room: int) -> list[dict]:
    """The whole history, read in pages by the number of the last message."""
    history: list[dict] = []
    while page := person.history(room, after_seq=len(history) and history[-1]["seq"], limit=200):
        history += page
    return history


def judge(load: Load, person: Person, rooms: list[int]) -> None:
    """After the load has ended: fails with what is wrong."""
    wrong = list(load.wrong)
    stored = 0
    for room in rooms:
        history = history_of(person, room)
        stored += len(history)
        if [message["seq"] for message in history] != list(range(1, len(history) + 1)):
            wrong.append(f"room {room}: its numbers have gaps")
        if [message["id"] for message in history] != sorted({message["id"] for message in history}):
            wrong.append(f"room {room}: its ids do not ascend")
        by_seq = {message["seq"]: (message["id"], message["sender_id"], message["content"]) for message in history}
        wrong += [
            f"lost: room {r} seq {seq} {what}"
            for (r, seq), what in load.shown.items()
            if r == room and by_seq.get(seq) != what
        ]
        wrong += [f"twice: {text}" for text, times in Counter(m["content"] for m in history).items() if times > 1]
        by_sender = defaultdict(set)
        for message in history:
            if message["content"] != LAST:
                by_sender[message["sender_id"]].add(int(message["content"].split(":")[1]))
        for sender, numbers in by_sender.items():
            if numbers != set(range(len(numbers))):
                wrong.append(f"room {room}: not all that {sender} sent is there")
    assert not wrong, (len(wrong), wrong[:10])
    assert stored == load.sent == len(load.shown), "every message was sent until it was acknowledged"
