"""The server under load while its database has trouble: what was confirmed is there once and in order, sockets stay
open, senders are told within the timeout, and it goes on by itself when the trouble is over."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from support.client import Person
from support.load import LAST, Load, judge, read, write_by_rest, write_by_socket
from support.postgres import PgBouncer, Postgres
from support.proxy import Proxy
from support.server import Server
from support.waiting import PATIENCE

# Seconds in which a send must be answered, refusal or not. The server's own patience with its database is below 10.
ANSWER = 15.0

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """One that may be stopped and killed."""
    own = Postgres()
    yield own
    own.close()


@pytest.fixture
def serve(tmp_path) -> Iterator[Callable[[str], Server]]:
    started: list[Server] = []

    def start(url: str, **settings: str) -> Server:
        given = {"DATABASE_URL": url, "SECRET_KEY": "k" * 64} | settings
        started.append(Server(tmp_path / f"server{len(started)}", given).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


class UnderLoad:
    """A server with writers and readers, until `end`."""

    def __init__(self, server: Server):
        self.server = server
        self.people = [Person(server, f"p{i}") for i in range(5)]
        self.rooms = [self.people[0].make_room("con mucho tráfico"), self.people[0].make_room("tranquila")]
        self.load = Load()

    @asynccontextmanager
    async def running(self, *also_by_rest: int) -> AsyncIterator[Load]:
        """What happens inside happens under load; then everything is written to its end, and judged. In the rooms
        `also_by_rest` somebody writes over REST too."""
        busy, calm = self.rooms
        load, server, people = self.load, self.server, self.people
        async with asyncio.TaskGroup() as group:
            writers = [
                group.create_task(write_by_socket(load, server, busy, people[0])),
                group.create_task(write_by_socket(load, server, busy, people[1])),
                group.create_task(write_by_socket(load, server, calm, people[2])),
                group.create_task(write_by_rest(load, server, calm, people[3])),
            ]
            writers += [group.create_task(write_by_rest(load, server, room, people[3])) for room in also_by_rest]
            for room in self.rooms:
                group.create_task(read(load, server, room, people[4]))
            await load.more(100)
            yield load
            await load.more(100, 2 * PATIENCE)  # it has recovered by itself
            load.ending.set()
            await asyncio.gather(*writers)
            for room in self.rooms:
                load.sent += 1
                await asyncio.to_thread(people[4].say, room, LAST)
        await asyncio.to_thread(judge, load, people[0], self.rooms)
        assert load.breaks == 0, "sockets stay open"
        assert load.slowest_answer < ANSWER


async def in_thread(*steps: Callable[[], None]) -> None:
    for step in steps:
        await asyncio.to_thread(step)


def report(capsys, what: str, load: Load) -> None:
    with capsys.disabled():
        print(
            f"\n{what}: {load.sent} sent, refused {dict(load.refused)}, slowest answer {load.slowest_answer:.1f} s",
            flush=True,
        )


def test_stopped_and_started(own_postgres, serve, capsys):
    """Also while it is away: senders are refused with a code, REST with 503 and Retry-After."""
    loaded = UnderLoad(serve(own_postgres.url(own_postgres.new_database())))

    async def scenario() -> None:
        async with loaded.running() as load:
            for mode in ("fast", "immediate"):
                before = sum(load.refused.values())
                await in_thread(lambda mode=mode: own_postgres.stop(mode))
                await asyncio.wait_for(refused(load, before + 10), PATIENCE)
                await in_thread(own_postgres.start)
                await load.more(50)

    asyncio.run(scenario())
    report(capsys, "stopped and started", loaded.load)
    assert loaded.load.refused["storage_unavailable"]


async def refused(load: Load, count: int) -> None:
    while sum(load.refused.values()) < count:
        await asyncio.sleep(0.02)


def test_killed_again_and_again(own_postgres, serve, capsys):
    loaded = UnderLoad(serve(own_postgres.url(own_postgres.new_database())))

    async def scenario() -> None:
        async with loaded.running() as load:
            for _ in range(4):
                await in_thread(own_postgres.kill, own_postgres.start)
                await load.more(50)

    asyncio.run(scenario())
    report(capsys, "killed 4 times", loaded.load)


def test_its_connections_ended_one_by_one(postgres, database, serve, capsys):
    loaded = UnderLoad(serve(postgres.url(database)))

    async def scenario() -> None:
        async with loaded.running() as load:
            ended = 0
            while ended < 30:
                for backend in await asyncio.to_thread(postgres.backends, database):
                    await asyncio.to_thread(postgres.terminate, backend)
                    ended += 1
                    await load.more(5)

    asyncio.run(scenario())
    report(capsys, "30 connections ended", loaded.load)


def test_the_pooler_restarted(postgres, database, serve, capsys):
    pooler = PgBouncer(postgres).start()
    try:
        loaded = UnderLoad(serve(pooler.url(database)))

        async def scenario() -> None:
            async with loaded.running() as load:
                for stop in (pooler.stop, pooler.kill):
                    await in_thread(stop, pooler.start)
                    await load.more(50)

        asyncio.run(scenario())
        report(capsys, "pooler restarted and killed", loaded.load)
    finally:
        pooler.close()


def test_a_lock_held_and_the_network_cut(postgres, serve, capsys):
    """Side by side, each on its own database and server: one room's row locked for 20 s by somebody else, and a
    network that takes everything and delivers nothing for 10 s."""
    locked_database, cut_database = postgres.new_database(), postgres.new_database()
    with Proxy(postgres.port) as proxy:
        locked = UnderLoad(serve(postgres.url(locked_database)))
        cut = UnderLoad(serve(postgres.url(cut_database, proxy.port)))

        async def lock() -> None:
            busy, _ = locked.rooms
            async with locked.running(busy) as load:

                def hold() -> None:
                    with psycopg.connect(postgres.url(locked_database)) as connection:
                        connection.execute("SELECT 1 FROM rooms WHERE id = %s FOR UPDATE", [busy])
                        time.sleep(20)  # the fault itself

                await asyncio.to_thread(hold)
                assert load.refused["storage_unavailable"], "who waited was told"
                assert load.refused_by_rest[busy, 503], "over REST too, and when to come again (the judge sees to it)"

        async def cut_network() -> None:
            async with cut.running() as load:
                proxy.cut()
                await asyncio.sleep(10)  # the fault itself
                proxy.mend()
                assert load.refused["storage_unavailable"], "who waited was told"

        async def both() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(lock())
                group.create_task(cut_network())

        asyncio.run(both())
    report(capsys, "lock held for 20 s", locked.load)
    report(capsys, "network cut for 10 s", cut.load)


def test_its_disk_full(serve, capsys):
    """Its files are on a small file system, which something else fills."""
    with SmallDisk() as disk:
        own = Postgres("--in", str(disk.path), "--set", "wal_keep_size=0", "--set", "max_wal_size=64MB")
        try:
            loaded = UnderLoad(serve(own.url(own.new_database())))

            async def scenario() -> None:
                async with loaded.running() as load:
                    disk.fill()
                    await asyncio.wait_for(refused(load, 10), 2 * PATIENCE)
                    disk.free()
                    # PostgreSQL may have stopped itself when it could not write its log; who runs it starts it again.
                    await in_thread(lambda: revive(own))

            asyncio.run(scenario())
            report(capsys, "disk full", loaded.load)
        finally:
            own.close()


def revive(postgres: Postgres) -> None:
    try:
        postgres.admin().close()
    except psycopg.OperationalError:
        postgres.kill()
        postgres.start()


class SmallDisk:
    """A file system of its own, in memory, which can be filled to the last byte."""

    def __init__(self, megabytes: int = 192):
        self.path = Path(tempfile.mkdtemp(prefix="izpochat-disk-"))  # where PostgreSQL's user may go, unlike tmp_path
        self.path.chmod(0o755)
        self.size = megabytes
        self.ballast = self.path / "ballast"

    def __enter__(self) -> "SmallDisk":
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={self.size}m,mode=0777", "tmpfs", self.path],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            pytest.skip(f"needs the right to mount a file system: {done.stderr.strip()}")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", self.path], check=True)
        self.path.rmdir()

    def fill(self) -> None:
        with self.ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def free(self) -> None:
        os.unlink(self.ballast)
