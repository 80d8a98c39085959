"""A device of a person in a room: what it does, step by step, and what it believes of what it hears."""

import asyncio
import json
import socket
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from .client import Person
from .model import Name, Room, Stream, require
from .waiting import PATIENCE

if TYPE_CHECKING:
    from .world import World

GONE = (OSError, websockets.WebSocketException)  # what a kill looks like from outside

LONG = "😀" * 10_000  # the longest content
FLOOD = 120  # messages of it, which are more than the server and the kernel keep for one socket
TRACED = ("type", "user_id", "room_id", "last_seq", "seq", "id", "client_id", "code")
A_LOT = 512 * 1024  # bytes; the server keeps 1 MiB for a socket
ENDS_OF_SLOW_READERS = (None, 4001, 4003)  # cut, too slow, no sign of life


@dataclass
class Standing:
    """Whether a person may take part in a room."""

    out: bool = False
    outs: int = 0  # how often leaving or removing began
    ins: int = 0
    silent_from: list[int] = field(default_factory=list)  # for each out: how much had been said when it was answered


@dataclass
class Connection:
    """One socket, and what explains its end."""

    socket: ClientConnection
    life: int  # of the server
    outs: int  # of the standing
    ins: int
    was_out: bool
    stopped: bool = False  # reading, at any time
    ended_here: bool = False


class Device:
    """Has an order of its own: one step at a time. `narrow`: the network takes little for it."""

    def __init__(self, world: "World", name: str, person: Person, room: Room, private: bool, narrow: bool):
        self.world, self.name, self.person, self.room = world, name, person, room
        self.private, self.narrow = private, narrow
        self.standing = world.standing(person, room)
        self.stream = Stream()
        self.pending: dict[str, str] = {}  # sent and not acknowledged: client_id → content
        self.fresh: set[str] = set()  # sent once, on the connection that is open
        self.connection: Connection | None = None
        self.listening: asyncio.Task | None = None
        self.trace: deque[Any] = deque(maxlen=40)  # its last steps and events

    # Steps. Each is something a person or a network may do at any time; what makes no sense now does nothing.

    async def come(self, choice: Random) -> None:
        """Opens the socket where it was left, and sends again what was not acknowledged."""
        if self.connection is not None:
            return
        query = {"token": self.person.token, "after_seq": self.stream.position, "epoch": self.world.epoch}
        if choice.random() < 0.2:
            del query["epoch"]
        given = "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
        standing = self.standing
        life, outs, ins, was_out = self.world.life, standing.outs, standing.ins, standing.out
        serving = self.world.serving.is_set()
        try:
            opened = await connect(
                f"{self.world.server.ws_url}/api/ws/{self.room.id}?{given}",
                sock=await self._wire(),
                open_timeout=PATIENCE,
                close_timeout=PATIENCE,
                ping_interval=None,
                compression=choice.choice(("deflate", None)),
                max_size=None,
                max_queue=None,
                proxy=None,
            )
        except GONE as error:
            require(not serving or life != self.world.life, f"no connection: {error!r}")
            return
        self.connection = Connection(opened, life, outs, ins, was_out)
        self.fresh.clear()
        self.listening = asyncio.create_task(self._listen(self.connection))
        for client_id, content in list(self.pending.items()):
            await self._send(client_id, content)

    async def close(self, choice: Random) -> None:
        if (connection := self.connection) is not None:
            connection.ended_here = True
            self._take_all(connection)
            await connection.socket.close()
            await self._ended()

    async def vanish(self, choice: Random) -> None:
        """The network is gone: the server is told nothing."""
        if (connection := self.connection) is not None:
            connection.ended_here = True
            connection.socket.transport.abort()
            await self._ended()

    async def forget(self, choice: Random) -> None:
        """Comes back with less than it had been shown: the rest was not kept."""
        await self.vanish(choice)
        if self.stream.position is not None:
            kept = int(self.stream.position * (1 - choice.random() ** 6))
            self.stream.position = kept if choice.random() < 0.8 else None

    async def stop_reading(self, choice: Random) -> None:
        if self.connection is not None:
            self.connection.stopped = True
            self.connection.socket.transport.pause_reading()

    async def go_on_reading(self, choice: Random) -> None:
        if self.connection is not None:
            self._take_all(self.connection)

    async def say(self, choice: Random) -> None:
        """A burst of messages by the socket; alone and offline, one by REST."""
        if self.connection is None:
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
        if not self.narrow or self.connection is None:
            return
        await self.stop_reading(choice)
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

    async def _listen(self, connection: Connection) -> None:
        with self.world.noticing(self):
            try:
                while True:
                    event = json.loads(await connection.socket.recv())
                    self.trace.append({key: event[key] for key in TRACED if key in event})
                    self._hear(connection, event)
            except ConnectionClosed as end:
                self._explain(connection, end.rcvd.code if end.rcvd else None)
            finally:
                connection.socket.transport.abort()
                self.connection = None

    def _hear(self, connection: Connection, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "welcome":
            uninvited = self.private and connection.was_out and connection.ins == self.standing.ins
            require(not uninvited, "who is out was let in")
            require(self.world.epoch in (None, event["epoch"]), "the lineage has changed")
            self.world.epoch = event["epoch"]
            self.stream.opened(event["last_seq"], event["reset"])
            if not self.private and connection.outs == self.standing.outs:
                self.standing.out = False
        elif kind == "message":
            self._check_silence(connection, Name(event["sender"]["id"], event["client_id"]))
            self.stream.shown(event["seq"])
            self.room.shown(event)
            if event["sender"]["id"] == self.person.id:
                require(event["client_id"] not in self.fresh, f"{event['client_id']} came before its ack")
        elif kind == "ack":
            self.fresh.discard(event["client_id"])
            self.room.acknowledged(Name(self.person.id, event["client_id"]), event["seq"], event["id"])
            self.pending.pop(event["client_id"], None)
        elif kind == "error":
            require(self._may_be_refused(connection), f"refused: {event}")

    def _check_silence(self, connection: Connection, name: Name) -> None:
        """What was sent after a removal was answered is not for those who were removed."""
        if not self.private or connection.outs >= len(self.standing.silent_from):
            return
        said_before = list(self.room.said)[: self.standing.silent_from[connection.outs]]
        require(name in said_before, f"{name} was shown to somebody who was out")

    def _may_be_refused(self, connection: Connection) -> bool:
        return connection.was_out or self.standing.out or connection.outs != self.standing.outs

    def _explain(self, connection: Connection, code: int | None) -> None:
        """A connection ends for a reason that its client knows."""
        self.trace.append(f"closed: {code}")
        self.world.ends[code] += 1
        explained = (
            connection.ended_here
            or (code is None and connection.life != self.world.life)
            or (code in ENDS_OF_SLOW_READERS and connection.stopped)
            or (code == 4001 and self.room.bytes_after(self.stream.position) > A_LOT)
            or (code in (1008, 4403) and self._may_be_refused(connection))
        )
        require(explained, f"closed with {code}")

    def _take_all(self, connection: Connection) -> None:
        transport = connection.socket.transport
        if not transport.is_closing():
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            transport.resume_reading()

    async def _ended(self) -> None:
        assert self.listening is not None
        async with asyncio.timeout(PATIENCE):
            await self.listening

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
        if self.connection is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self.connection.socket.send(json.dumps({"content": content, "client_id": client_id}))
        except TimeoutError:
            require(False, f"nothing was taken for {PATIENCE} s")
        except GONE:
            pass  # it stays pending

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

    async def _wire(self) -> socket.socket:
        wire = socket.socket()
        wire.setblocking(False)
        if self.narrow:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            await asyncio.get_running_loop().sock_connect(wire, ("127.0.0.1", self.world.server.port))
        except OSError:
            wire.close()
            raise
        return wire
