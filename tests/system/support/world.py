"""A server with its people, rooms and devices, through all its lives."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import httpx

from .client import Person
from .device import Device, Standing
from .line import Line
from .model import Contradiction, Room, require
from .server import Server
from .waiting import PATIENCE

DEVICES_A_ROOM = 5  # on the socket of one room
LINES_OF_ALL_ROOMS = 3


class World:
    """Two public rooms and a private one, and devices in each, some of them with a narrow network. Most people have
    several devices, which hear the same, each in its own time."""

    def __init__(self, server: Server):
        self.server = server
        self.people = [Person(server, name) for name in ("ana", "ben", "eva", "leo", "mar", "luz", "paz", "sol")]
        self.owner = self.people[0]
        self.serving = asyncio.Event()
        self.serving.set()
        self.life = 1
        self.epoch: str | None = None
        self.wrong: list[str] = []
        self.ends: Counter[str] = Counter()  # how connections ended, by close code
        self.answers: Counter[str] = Counter()  # to subscriptions, by status
        self.http = httpx.AsyncClient(base_url=server.url, timeout=PATIENCE, trust_env=False)
        self._standings: dict[tuple[int, int], Standing] = {}
        self.rooms: list[Room] = []
        self.devices: list[Device] = []
        people = itertools.cycle(self.people)
        for name, private in (("plaza", False), ("taller", False), ("cuarto", True)):
            room = Room(self.owner.make_room(name, is_private=private))
            self.rooms.append(room)
            for number in range(DEVICES_A_ROOM):
                line = Line(self, next(people), narrow=number % 3 == 2, all_rooms=False)
                self.devices.append(Device(self, f"{name}{number}", line, room, private))

        secluded = self.rooms[-1]
        for person in self.people[1:]:
            self.owner.post(f"/api/rooms/{secluded.id}/members", 201, json={"user_id": person.id})
        for number, person in enumerate(self.people[:LINES_OF_ALL_ROOMS]):
            line = Line(self, person, narrow=number % 2 == 1, all_rooms=True)
            for room in self.rooms:
                self.devices.append(Device(self, f"todas{number}.{room.id}", line, room, room is secluded))

    def standing(self, person: Person, room: Room) -> Standing:
        return self._standings.setdefault((person.id, room.id), Standing())

    async def ask(self, method: str, path: str, person: Person, body: Any = None) -> tuple[int, Any]:
        """Asks until there is an answer, however often the server dies meanwhile; its status and JSON."""
        while True:
            await self.serving.wait()
            life = self.life
            try:
                answer = await self.http.request(method, path, headers=person.headers, json=body)
                return answer.status_code, answer.json()
            except httpx.TransportError as error:
                require(life != self.life, f"{method} {path} had no answer: {error!r}")

    async def kill(self, choice: Random) -> None:
        """The server dies in the midst of all that goes on, now and then twice, and lives again."""
        await asyncio.sleep(choice.uniform(0, 0.02))  # waits for nothing: it chooses the moment that is hit
        self.serving.clear()
        self.life += 1
        self.server.kill()
        if choice.random() < 0.2:
            self.server.spawn()
            await asyncio.sleep(choice.uniform(0, 0.05))  # the same: the moment of its start
            self.server.kill()
        await asyncio.to_thread(self.server.start)
        self.serving.set()

    async def settle(self) -> None:
        """Everybody comes back and has what was not acknowledged sent again. Then each has been shown everything, and
        the history is the same."""
        choice = Random(0)
        for device in self.devices:
            await device.go_on_reading(choice)
            if device.standing.out:
                await device.go_in(choice)
        await asyncio.gather(*(self._until_all_is_acknowledged(device) for device in self.devices))
        for room in self.rooms:
            await self._read_all(room)
            room.complete()
        await asyncio.gather(*(self._until_all_is_shown(device) for device in self.devices))

    async def _until_all_is_acknowledged(self, device: Device) -> None:
        with self.noticing(device):
            if device.pending:
                await device.close(Random(0))  # some were refused on it
            await self._until(device, lambda: not device.pending, "the acks of what it sent")

    async def _until_all_is_shown(self, device: Device) -> None:
        with self.noticing(device):
            if device.stream.position is None:
                await self._until(device, lambda: device.stream.position is not None, "its welcome")
            last = device.room.last()
            await self._until(device, lambda: device.stream.position == last, f"the messages up to {last}")

    async def _until(self, device: Device, done: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not done():
                    await device.come(Random(0))
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise Contradiction(f"at {device.stream.position} it waits in vain for {what}") from None

    async def _read_all(self, room: Room) -> None:
        limit, after = 200, 0
        while True:
            path = f"/api/rooms/{room.id}/messages?after_seq={after}&limit={limit}"
            status, page = await self.ask("GET", path, self.owner)
            require(status == 200, f"{path} was answered {status}")
            room.page(page, after, limit, room.last())
            after += len(page)
            if len(page) < limit:
                return

    @contextlib.contextmanager
    def noticing(self, device: Device) -> Iterator[None]:
        """Whatever goes wrong in here goes into `wrong`, with what the device did and heard last."""
        try:
            yield
        except Exception as error:  # a contradiction, or something that nobody thought of
            trace = "\n  ".join(str(entry) for entry in device.trace)
            what = str(error) if isinstance(error, Contradiction) else repr(error)
            self.wrong.append(f"{device.name} ({device.person.username}): {what}; its last steps:\n  {trace}")

    async def leave(self) -> None:
        for device in self.devices:
            await device.vanish(Random(0))
        await self.http.aclose()


