"""What a device does in a room, step by step, and what it believes of what it hears there."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

from .client import Person
from .line import Line
from .model import Name, Room, Stream, require

if TYPE_CHECKING:
    from .world import World

LONG = "😀" * 10_000  # the longest content
FLOOD = 120  # messages of it, which are more than the server and the kernel keep for one socket
TRACED = ("type", "status", "action", "user_id", "room_id", "up_to", "last_seq", "seq", "id", "client_id", "code")
MOST_REPLAYED = 1000  # messages, on the socket of all rooms


@dataclass
class Standing:
    """Whether a person may take part in a room."""

    out: bool = False
    outs: int = 0  # how often leaving or removing began
    ins: int = 0
    silent_from: list[int] = field(default_factory=list)  # for each out: how much had been said when it was answered


@dataclass
class Opening:
    """What the standing was when the socket, or the room on it, was opened."""

    outs: int
    ins: int
    was_out: bool


class Device:
    """A person's device in one room: one step at a time. A line that carries all rooms is shared by one in each."""

    def __init__(self, world: "World", name: str, line: Line, room: Room, private: bool):
        self.world, self.name, self.line, self.room, self.private = world, name, line, room, private
        self.person: Person = line.person
        self.standing = world.standing(self.person, room)
        self.stream = Stream()
        self.pending: dict[str, str] = {}  # sent and not acknowledged: client_id → content
        self.fresh: set[str] = set()  # sent once, on the connection that is open
        self.opening = Opening(0, 0, was_out=False)
        self.asked = 0  # subscriptions that are not answered yet
        self.subscribed = False
        self.trace: deque[Any] = deque(maxlen=40)  # its last steps and events
        line.devices.append(self)

    # Steps. Each is something a person or a network may do at any time; what makes no sense now does nothing.

    async def come(self, choice: Random) -> None:
        """Opens the socket where it was left, and sends again what was not acknowledged."""
        await self.line.open(choice)
        await self.line.subscribe([self] if self.wants_subscription() else [])

    async def close(self, choice: Random) -> None:
        await self.line.close()

    async def vanish(self, choice: Random) -> None:
        """The network is gone: the server is told nothing."""
        await self.line.vanish()

    async def forget(self, choice: Random) -> None:
        """Comes back with less than it had been shown: the rest was not kept."""
        await self.vanish(choice)
        if self.stream.position is not None:
            kept = int(self.stream.position * (1 - choice.random() ** 6))
            self.stream.position = kept if choice.random() < 0.8 else None

    async def stop_reading(self, choice: Random) -> None:
        self.line.stop_reading()

    async def go_on_reading(self, choice: Random) -> None:
        self.line.go_on_reading()

    async def say(self, choice: Random) -> None:
        """A burst of messages by the socket; alone and offline, one by REST."""
        if self.line.connection is None:
            return await self.say_by_rest(choice)
        for _ in range(choice.randrange(1, 8)):
            await self._say("x" * choice.randrange(1, 300))

    async def say_by_rest(self, choice: Random) -> None:
        await self._post(self._new(f"por REST {choice.random()}"))

    async def say_again(self, choice: Random) -> None:
        """Repeats something of its person, sent before by any of her devices and on any way."""
        own = [name.client_id for name in self.room.said if name.sender == self.person.id][-50:]
        if not own:
            return
        client_id = choice.choice(own)
        content = self.room.said[Name(self.person.id, client_id)]
        self.pending[client_id] = content
        for device in self.world.devices:  # whichever comes first is echoed, and acknowledged to its own socket
            device.fresh.discard(client_id)
        at_once = [self._send(client_id, content) for _ in range(choice.randrange(1, 3))]
        if choice.random() < 0.5:
            at_once.append(self._post(client_id))
        await asyncio.gather(*at_once)

    async def say_otherwise(self, choice: Random) -> None:
        """A name that is taken, for something else: never taken."""
        own = [name.client_id for name in self.room.number if name.sender == self.person.id]
        if own:
            status, answer = await self.world.ask(
                "POST",
                f"/api/rooms/{self.room.id}/messages",
                self.person,
                {"content": "otra cosa", "client_id": choice.choice(own)},
            )
            allowed = (409, 403, 404) if self.standing.out else (409,)
            require(status in allowed, f"another content under the same name was answered {status} {answer}")

    async def drown(self, choice: Random) -> None:
        """Sends more than its own socket takes, and reads nothing."""
        if not self.line.narrow or self.line.connection is None:
            return
        self.line.stop_reading()
        for n in range(FLOOD):
            await self._say(f"{n} {LONG[: choice.randrange(9_000, 9_990)]}")

    async def look_back(self, choice: Random) -> None:
        """Reads a page of the history."""
        known, limit = self.room.last(), choice.randrange(1, 100)
        after = int(choice.random() * (known + 1))
        outs = self.standing.outs
        path = f"/api/rooms/{self.room.id}/messages?after_seq={after}&limit={limit}"
        status, answer = await self.world.ask("GET", path, self.person)
        if self.private and self.standing.out and outs == self.standing.outs:
            require(status == 404, f"who is out was answered {status}")
        else:
            require(status == 200, f"{path} was answered {status} {answer}")
            self.room.page(answer, after, limit, known)

    async def go_out(self, choice: Random) -> None:
        """Leaves the public room; from the private one its owner removes her."""
        if self.person is self.world.owner:
            return
        self.standing.outs += 1
        self.standing.out = True
        if self.private:
            path = f"/api/rooms/{self.room.id}/members/{self.person.id}"
            status, answer = await self.world.ask("DELETE", path, self.world.owner)
        else:
            status, answer = await self.world.ask("POST", f"/api/rooms/{self.room.id}/leave", self.person)
        require(status in (200, 400, 404), f"going out was answered {status} {answer}")
        self.standing.silent_from.append(len(self.room.said))

    async def go_in(self, choice: Random) -> None:
        self.standing.ins += 1
        if self.private:
            path = f"/api/rooms/{self.room.id}/members"
            status, answer = await self.world.ask("POST", path, self.world.owner, {"user_id": self.person.id})
        else:
            status, answer = await self.world.ask("POST", f"/api/rooms/{self.room.id}/join", self.person)
        require(status in (200, 201), f"going in was answered {status} {answer}")
        self.standing.out = False

    # What it hears.

    def opens(self) -> Opening:
        """It is about to ask for the room."""
        self.opening = Opening(self.standing.outs, self.standing.ins, self.standing.out)
        return self.opening

    def wants_subscription(self) -> bool:
        return self.line.all_rooms and self.line.connection is not None and not self.subscribed and self.asked == 0

    def connected(self) -> None:
        self.fresh.clear()
        self.subscribed, self.asked = False, 0

    def hear(self, event: dict[str, Any]) -> None:
        self.trace.append({key: event[key] for key in TRACED if key in event})
        kind = event["type"]
        if kind == "welcome":
            self._let_in()
            self.stream.opened(event["last_seq"], event["reset"])
            if not self.private and self.opening.outs == self.standing.outs:
                self.standing.out = False
        elif kind == "subscribed":
            self._hear_subscribed(event)
        elif kind == "membership" and event["action"] == "removed":
            require(self.may_be_refused(), "removed without a reason")
            self.subscribed = False
        elif kind == "message":
            name = Name(event["sender"]["id"], event["client_id"])
            self._check_silence(name)
            require(not self.line.all_rooms or self.subscribed or self.asked > 0, f"{name} came without subscription")
            self.stream.shown(event["seq"])
            self.room.shown(event)
            if name.sender == self.person.id:
                require(name.client_id not in self.fresh, f"{name} came before its ack")
        elif kind == "ack":
            self.fresh.discard(event["client_id"])
            self.room.acknowledged(Name(self.person.id, event["client_id"]), event["seq"], event["id"])
            self.pending.pop(event["client_id"], None)
        elif kind == "error":
            require(self.may_be_refused(), f"refused: {event}")

    def _hear_subscribed(self, event: dict[str, Any]) -> None:
        self.asked -= 1
        self.world.answers[event["status"]] += 1
        if event["status"] == "forbidden":
            left = self.standing.out or self.opening.outs != self.standing.outs  # the public room, while it was replayed
            require(self.may_be_refused() if self.private else left, "forbidden")
            return
        self._let_in()
        self.subscribed = True
        if event["status"] == "complete":
            self.stream.opened(event["up_to"], reset=False)
            require(self.stream.position == event["up_to"], f"complete at {self.stream.position} of {event['up_to']}")
        else:
            missed = event["up_to"] - (self.stream.position or 0)
            require(not event["reset"], f"at {self.stream.position} of {event['up_to']} it was told to begin anew")
            require(missed > MOST_REPLAYED, f"truncated with {missed} missed")
            self.stream.position = event["up_to"]  # what is between is read over REST, by all together

    def _let_in(self) -> None:
        uninvited = self.private and self.opening.was_out and self.opening.ins == self.standing.ins
        require(not uninvited, "who is out was let in")

    def _check_silence(self, name: Name) -> None:
        """What was sent after a removal was answered is not for those who were removed."""
        if not self.private or self.opening.outs >= len(self.standing.silent_from):
            return
        said_before = list(self.room.said)[: self.standing.silent_from[self.opening.outs]]
        require(name in said_before, f"{name} was shown to somebody who was out")

    def may_be_refused(self) -> bool:
        return self.opening.was_out or self.standing.out or self.opening.outs != self.standing.outs

    # What it sends.

    def _new(self, content: str) -> str:
        client_id = self.room.say(self.person.id, content)
        self.pending[client_id] = content
        return client_id

    async def _say(self, content: str) -> None:
        client_id = self._new(content)
        self.fresh.add(client_id)
        await self._send(client_id, content)

    async def _send(self, client_id: str, content: str) -> None:
        await self.line.send(room_id=self.room.id, content=content, client_id=client_id)

    async def send_pending(self) -> None:
        for client_id, content in list(self.pending.items()):
            await self._send(client_id, content)

    async def _post(self, client_id: str) -> None:
        content = self.room.said[Name(self.person.id, client_id)]
        outs, out = self.standing.outs, self.standing.out
        status, answer = await self.world.ask(
            "POST", f"/api/rooms/{self.room.id}/messages", self.person, {"content": content, "client_id": client_id}
        )
        if status in (200, 201):
            self.room.shown(answer)
            self.pending.pop(client_id, None)
        else:
            refusable = status in (403, 404) and (out or self.standing.out or outs != self.standing.outs)
            require(refusable, f"POST was answered {status} {answer}")
