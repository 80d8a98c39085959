"""A connection of a person's, through all its ends and beginnings: the socket of one room, or that of all rooms."""

import asyncio
import json
import socket
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from .client import Person
from .model import require
from .waiting import PATIENCE

if TYPE_CHECKING:
    from .device import Device
    from .world import World

GONE = (OSError, websockets.WebSocketException)  # what a kill looks like from outside
ENDS_OF_SLOW_READERS = (None, 4001, 4003)  # cut, too slow, no sign of life
A_LOT = 512 * 1024  # bytes; the server keeps 1 MiB for a socket


@dataclass
class Connection:
    """One socket, and what explains its end."""

    socket: ClientConnection
    life: int  # of the server
    stopped: bool = False  # reading, at any time
    ended_here: bool = False


class Line:
    """`narrow`: the network takes little for it. `devices` are told what is heard: one, or one in each room."""

    def __init__(self, world: "World", person: Person, narrow: bool, all_rooms: bool):
        self.world, self.person, self.narrow, self.all_rooms = world, person, narrow, all_rooms
        self.devices: list[Device] = []
        self.connection: Connection | None = None
        self.opening = asyncio.Lock()

    async def open(self, choice: Random) -> None:
        async with self.opening:
            if self.connection is not None:
                return
            life, serving = self.world.life, self.world.serving.is_set()
            try:
                opened = await connect(
                    self._url(choice),
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
            self.connection = Connection(opened, life)
            self.listening = asyncio.create_task(self._listen(self.connection))
            for device in self.devices:
                device.connected()
            await self.subscribe(self.devices if self.all_rooms else [])
            for device in self.devices:
                await device.send_pending()

    async def subscribe(self, devices: list["Device"]) -> None:
        rooms = []
        for device in devices:
            device.opens()
            device.asked += 1
            position = {"after_seq": device.stream.position, "epoch": self.world.epoch}
            rooms.append({"room_id": device.room.id} | {key: at for key, at in position.items() if at is not None})
        if rooms:
            await self.send(type="subscribe", rooms=rooms)

    async def send(self, **event: Any) -> None:
        """What is not taken any more is lost."""
        if self.connection is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self.connection.socket.send(json.dumps(event))
        except TimeoutError:
            require(False, f"nothing was taken for {PATIENCE} s")
        except GONE:
            pass

    async def close(self) -> None:
        if (connection := self.connection) is not None:
            connection.ended_here = True
            self._take_all(connection)
            await connection.socket.close()
            await self._ended()

    async def vanish(self) -> None:
        if (connection := self.connection) is not None:
            connection.ended_here = True
            connection.socket.transport.abort()
            await self._ended()

    def stop_reading(self) -> None:
        """Not once the server's close was read: what then comes is the end of the stream, for which `websockets` waits."""
        if self.connection is not None and self.connection.socket.state is State.OPEN:
            self.connection.stopped = True
            self.connection.socket.transport.pause_reading()

    def go_on_reading(self) -> None:
        if self.connection is not None:
            self._take_all(self.connection)

    async def _listen(self, connection: Connection) -> None:
        with self.world.noticing(self.devices[0]):
            try:
                while True:
                    self._hear(json.loads(await connection.socket.recv()))
            except ConnectionClosed as end:
                self._explain(connection, end.rcvd.code if end.rcvd else None)
            finally:
                connection.socket.transport.abort()
                self.connection = None

    def _hear(self, event: dict[str, Any]) -> None:
        if epoch := event.get("epoch"):
            require(self.world.epoch in (None, epoch), "the lineage has changed")
            self.world.epoch = epoch
        if not self.all_rooms:
            return self.devices[0].hear(event)
        for device in self.devices:
            if device.room.id == event.get("room_id"):
                return device.hear(event)
        require(event["type"] != "error", f"refused: {event}")

    def _explain(self, connection: Connection, code: int | None) -> None:
        """A connection ends for a reason that its client knows."""
        self.world.ends[str(code or "cut")] += 1
        for device in self.devices:
            device.trace.append(f"closed: {code}")
        behind = sum(device.room.bytes_after(device.stream.position) for device in self.devices) if code == 4001 else 0
        explained = (
            connection.ended_here
            or (code is None and connection.life != self.world.life)
            or (code in ENDS_OF_SLOW_READERS and connection.stopped)
            or behind > A_LOT
            or (code in (1008, 4403) and not self.all_rooms and self.devices[0].may_be_refused())
        )
        require(explained, f"closed with {code}")

    def _take_all(self, connection: Connection) -> None:
        transport = connection.socket.transport
        if not transport.is_closing():
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            transport.resume_reading()

    async def _ended(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.listening

    def _url(self, choice: Random) -> str:
        if self.all_rooms:
            return f"{self.world.server.ws_url}/api/ws?token={self.person.token}"
        device = self.devices[0]
        device.opens()
        query = {"token": self.person.token, "after_seq": device.stream.position, "epoch": self.world.epoch}
        if choice.random() < 0.2:
            del query["epoch"]
        given = "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
        return f"{self.world.server.ws_url}/api/ws/{device.room.id}?{given}"

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
