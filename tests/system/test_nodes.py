"""Several servers on one PostgreSQL: one chat."""

import asyncio
import random
import signal
import statistics
import time
from collections.abc import Callable, Iterator

import pytest

from support.client import Person
from support.load import LAST, Load, judge, page, read, write_by_rest, write_by_socket
from support.postgres import Postgres
from support.server import Server

SOON = 5.0  # seconds: "within about a second", on a machine that has much else to do
USUALLY = 1.5  # the same, of most deliveries: a machine may stumble, but not at every second one

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def nodes(postgres: Postgres, database: str, tmp_path) -> Iterator[Callable[..., list[Server]]]:
    """Starts `count` servers on one database: `nodes(2)`."""
    started: list[Server] = []

    def start(count: int, **settings: str) -> list[Server]:
        given = {"DATABASE_URL": postgres.url(database), "SECRET_KEY": "k" * 64} | settings
        for number in range(count):
            started.append(Server(tmp_path / f"node{number}", given).start())
        return started

    yield start
    for node in started:
        node.stop()


def test_what_is_written_on_one_reaches_the_other_soon_and_once(nodes):
    a, b = nodes(2)
    ana, ben = Person(a, "ana"), Person(a, "ben")
    room = ana.make_room()
    with ben.at(b).open(room) as there, ana.open(room) as here:
        began = time.monotonic()
        here.say("hola", client_id="c-1")
        assert here.until("message")["content"] == "hola"
        message = there.until("message")
        assert time.monotonic() - began < SOON
        assert (message["seq"], message["content"], message["sender"]["id"]) == (1, "hola", ana.id)
        there.say("¿qué tal?")
        assert there.until("message")["seq"] == 2
        assert here.until("message")["content"] == "¿qué tal?"
        assert not [event for event in there.fence() if event["type"] == "message"]


def test_most_messages_are_on_the_other_within_about_a_second(nodes, capsys):
    a, b = nodes(2)
    ana, ben = Person(a, "ana"), Person(a, "ben")
    room = ana.make_room()
    delays = []
    with ben.at(b).open(room) as there:
        for i in range(11):  # each just after the other server has looked: it waits as long as it can be
            ana.say(room, f"{i}")
            began = time.monotonic()
            assert there.until("message")["content"] == f"{i}"
            delays.append(time.monotonic() - began)
    usual = statistics.median(delays)
    with capsys.disabled():
        print(f"\nnodes: a message at a time is on the other after {usual:.3f} s, at most {max(delays):.3f} s")
    assert usual < USUALLY, delays


def test_writers_on_three_servers_make_one_order_that_everybody_sees(nodes, capsys):
    servers = nodes(3)
    people = [Person(servers[0], f"p{i}") for i in range(7)]
    rooms = [people[0].make_room("con mucho tráfico"), people[0].make_room("tranquila")]
    load = Load()

    async def scenario() -> None:
        async with asyncio.TaskGroup() as group:
            writers = [
                group.create_task(write_by_socket(load, server, rooms[0], person))
                for server, person in zip(servers, people, strict=False)
            ]
            writers.append(group.create_task(write_by_socket(load, servers[0], rooms[1], people[3])))
            writers.append(group.create_task(write_by_rest(load, servers[1], rooms[0], people[4])))
            writers.append(group.create_task(write_by_rest(load, servers[2], rooms[1], people[5])))
            for server in servers:
                for room in rooms:
                    group.create_task(read(load, server, room, people[6]))
                group.create_task(read(load, server, rooms[0], people[6], stays=7))
                group.create_task(page(load, server, rooms[0], people[6], size=5))
            await load.more(2000, 60)
            load.ending.set()
            await asyncio.gather(*writers)
            for room, server in zip(rooms, servers, strict=False):
                load.sent += 1
                await asyncio.to_thread(people[6].at(server).say, room, LAST)

    asyncio.run(scenario())
    judge(load, people[0], rooms)
    assert not load.refused
    assert load.breaks == 0
    slowest = statistics.quantiles(load.delays, n=100)[98]
    with capsys.disabled():
        usual = statistics.median(load.delays)
        print(f"\nnodes: {len(load.shown)} messages, to a reader p50 {usual:.3f} s, p99 {slowest:.3f} s")
    assert slowest < SOON


def test_a_reader_who_changes_servers_resumes_where_they_stood(nodes):
    a, b = nodes(2)
    ana, ben = Person(a, "ana"), Person(a, "ben")
    room = ana.make_room()
    with ben.at(b).open(room) as there:
        for i in range(3):
            ana.say(room, f"{i}")
        seen = [message["seq"] for message in there.messages(3)]
        epoch = there.welcome["epoch"]
    ana.say(room, "3")
    with ben.open(room, after_seq=seen[-1], epoch=epoch) as here:
        assert not here.welcome["reset"]
        assert here.until("message")["content"] == "3"
    pages = [m["content"] for skip in (0, 2) for m in ben.at(b).history(room, after_seq=skip, limit=2)]
    assert pages == ["0", "1", "2", "3"]


def test_a_repeat_on_another_server_gets_the_first_message(nodes):
    a, b = nodes(2)
    ana = Person(a)
    room = ana.make_room()
    first = ana.say(room, "hola", client_id="c-1")
    again = ana.at(b).post(f"/api/rooms/{room}/messages", 200, json={"content": "hola", "client_id": "c-1"}).json()
    assert (again["id"], again["seq"]) == (first["id"], 1)


def test_who_is_removed_on_one_stops_receiving_on_the_other(nodes):
    a, b = nodes(2)
    ana, ben = Person(a, "ana"), Person(a, "ben")
    room = ana.make_room(is_private=True)
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    elsewhere = ben.at(b)
    with elsewhere.open(room) as socket, elsewhere.open_all() as all_rooms:
        assert all_rooms.subscribe(room)[0]["status"] == "complete"
        began = time.monotonic()
        ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
        assert socket.closed()[0] == 4403
        assert time.monotonic() - began < SOON
        assert all_rooms.until("membership")["room_id"] == room
        ana.say(room, "solo para miembros")
        assert not [event for event in all_rooms.fence() if event["type"] == "message"]
    elsewhere.get(f"/api/rooms/{room}", 404)


def test_who_is_added_on_one_learns_of_it_on_the_other(nodes):
    a, b = nodes(2)
    ana, ben = Person(a, "ana"), Person(a, "ben")
    room = ana.make_room(is_private=True)
    with ben.at(b).open_all() as there:
        ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
        assert there.until("membership")["room_id"] == room
        assert there.subscribe(room)[0]["status"] == "complete"
        ana.put(f"/api/rooms/{room}", 200, json={"name": "otra"})
        assert there.until("room_updated")["room"]["name"] == "otra"


def test_a_room_made_private_or_deleted_on_one_is_so_on_the_other(nodes):
    a, b = nodes(2)
    ana, ben, eva = (Person(a, name) for name in ("ana", "ben", "eva"))
    room = ana.make_room()
    ben.join(room)
    with eva.at(b).open_all() as stranger, ben.at(b).open(room) as member:
        assert stranger.subscribe(room)[0]["status"] == "complete"
        ana.put(f"/api/rooms/{room}", 200, json={"is_private": True})
        assert stranger.until("membership")["room_id"] == room
        ana.delete(f"/api/rooms/{room}", 200)
        assert member.closed()[0] == 4404


def test_a_login_that_ends_on_one_ends_on_the_other(nodes):
    a, b = nodes(2)
    ana = Person(a)
    room = ana.make_room()
    with ana.at(b).open(room) as there:
        ana.post("/api/users/logout", 200)
        assert there.closed()[0] == 4401


def test_what_a_killed_server_had_committed_is_shown_by_the_others(nodes, capsys):
    """One server is killed again and again under load: between a commit and what would have followed it, too."""
    kills = 8
    a, b = nodes(2)
    people = [Person(b, f"p{i}") for i in range(5)]
    rooms = [people[0].make_room()]
    load = Load()
    choice = random.Random(4711)

    async def scenario() -> None:
        async with asyncio.TaskGroup() as group:
            writers = [
                group.create_task(write_by_socket(load, a, rooms[0], people[0])),
                group.create_task(write_by_socket(load, a, rooms[0], people[1])),
                group.create_task(write_by_socket(load, b, rooms[0], people[2])),
                group.create_task(write_by_rest(load, a, rooms[0], people[3])),
            ]
            readers = [group.create_task(read(load, b, rooms[0], people[4]))]
            for _ in range(kills):
                await load.more(choice.randrange(20, 120))
                a.kill()
                await load.more(10)  # by the writer on the other
                await asyncio.to_thread(a.start)
            await load.more(50)
            load.ending.set()
            await asyncio.gather(*writers)
            load.sent += 1
            await asyncio.to_thread(people[4].say, rooms[0], LAST)
            await asyncio.gather(*readers)

    asyncio.run(scenario())
    judge(load, people[0], rooms)
    with capsys.disabled():
        print(f"\nnodes: {kills} kills, {len(load.shown)} messages shown, none lost")


def test_a_server_that_was_stopped_for_a_while_brings_what_it_missed(nodes):
    a, b = nodes(2)
    ana, ben = Person(a, "ana"), Person(a, "ben")
    room = ana.make_room()
    with ben.at(b).open(room) as there:
        b.signal(signal.SIGSTOP)
        try:
            for i in range(50):
                ana.say(room, f"{i}")
        finally:
            b.signal(signal.SIGCONT)
        assert [message["content"] for message in there.messages(50)] == [f"{i}" for i in range(50)]


def test_what_the_servers_tell_each_other_does_not_pile_up(nodes, postgres, database):
    """A new member leaves a row for the others; who is one already, and a message, leave none."""
    a, _ = nodes(2)
    ana, ben = Person(a, "ana"), Person(a, "ben")
    room = ana.make_room()
    ben.join(room)
    ben.join(room)
    ana.say(room, "hola")
    with postgres.connect(database) as connection:
        rows = connection.execute("SELECT room_id, user_id FROM room_news ORDER BY id").fetchall()
    assert rows == [(room, ana.id), (room, ben.id)]
