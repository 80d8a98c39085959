"""Messages by REST and by WebSocket: one history, one order, nothing twice."""

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from support.client import TIME, Person
from support.server import Server

LONGEST = 10_000


def event_of(message):
    """The event by which sockets hear of a message that REST shows as `message`."""
    sender = {key: message["sender"][key] for key in ("id", "username", "full_name")}
    fields = {key: message[key] for key in ("id", "seq", "content", "room_id", "file_id")}
    return fields | {"type": "message", "timestamp": message["created_at"], "sender": sender}


def test_a_posted_message_is_answered_whole(ana):
    room = ana.make_room("Cocina")
    message = ana.say(room, "  hola  ")
    assert isinstance(message["id"], int)
    assert TIME.fullmatch(message["created_at"])
    shown = {
        key: message[key]
        for key in ("seq", "client_id", "content", "sender_id", "room_id", "file_id", "file", "sender")
    }
    assert shown == {
        "seq": 1,
        "client_id": None,
        "content": "hola",
        "sender_id": ana.id,
        "room_id": room,
        "file_id": None,
        "file": None,
        "sender": ana.user,
    }
    assert "members" not in message["room"]
    assert {key: message["room"][key] for key in ("id", "name", "is_private", "owner_id", "owner")} == {
        "id": room,
        "name": "Cocina",
        "is_private": False,
        "owner_id": ana.id,
        "owner": ana.user,
    }
    assert ana.history(room) == [message]


def test_every_socket_hears_rest_and_websocket_alike_in_one_order(ana, ben, eva):
    room = ana.make_room()
    sockets = [ana.open(room), ben.open(room), ben.open(room), eva.open(room)]
    each = 25

    def write_by_socket(socket):
        for n in range(each):
            socket.say(f"socket {n}", client_id=f"s{n}")

    def write_by_rest(somebody):
        for n in range(each):
            somebody.say(room, f"rest {n}")

    with ThreadPoolExecutor(4) as pool:
        jobs = [
            pool.submit(write_by_socket, sockets[0]),
            pool.submit(write_by_socket, sockets[1]),
            pool.submit(write_by_rest, ana),
            pool.submit(write_by_rest, eva),
        ]
        for job in jobs:
            job.result()
    heard = [socket.messages(4 * each) for socket in sockets]
    history = ana.history(room, after_seq=0, limit=200)
    assert [message["seq"] for message in history] == list(range(1, 4 * each + 1))
    assert [message["id"] for message in history] == sorted(message["id"] for message in history)
    for stream in heard:
        assert [event.items() >= event_of(message).items() for event, message in zip(stream, history, strict=True)] == [
            True
        ] * 4 * each
    for sender in (ana.id, ben.id):
        mine = [m["content"] for m in history if m["sender_id"] == sender and m["content"].startswith("socket")]
        assert mine == [f"socket {n}" for n in range(each)], "one sender's messages keep their order"
    for socket in sockets:
        socket.close()


def test_the_message_event_has_what_clients_show(ana, ben):
    room = ana.make_room()
    chat = ben.open(room)
    ana.say(room, "con nombre", client_id="c-1")
    event = chat.receive("message")
    [message] = ana.history(room)
    assert event.items() >= event_of(message).items()
    assert event["client_id"] == message["client_id"] == "c-1"
    chat.close()


def test_seq_counts_each_room_by_itself(ana):
    rooms = [ana.make_room(), ana.make_room()]
    seqs = [[ana.say(room, "hola")["seq"] for room in rooms] for _ in range(3)]
    assert seqs == [[1, 1], [2, 2], [3, 3]]


def test_history_is_newest_first_in_pages_and_by_cursors(ana):
    room = ana.make_room()
    ids = [ana.say(room, f"mensaje {n}")["id"] for n in range(1, 8)]

    def page(**query):
        return [message["id"] for message in ana.history(room, **query)]

    newest_first = ids[::-1]
    assert page() == newest_first
    assert page(limit=3) == newest_first[:3]
    assert page(skip=2, limit=3) == newest_first[2:5]
    assert page(skip=100) == []
    assert page(before=ids[4], limit=2) == [ids[3], ids[2]]
    assert page(before=ids[0]) == []
    assert page(after=ids[1], limit=3) == ids[2:5], "after an id: the oldest first"
    assert page(after_seq=2, limit=3) == ids[2:5]
    assert page(after_seq=0) == ids
    assert page(after_seq=7) == page(after=ids[-1]) == []


def test_a_page_has_50_messages_and_at_most_200(ana):
    room = ana.make_room()
    with ana.open(room) as chat:
        for n in range(205):
            chat.say(f"mensaje {n}")
        chat.messages(205)
    assert len(ana.history(room)) == 50
    assert len(ana.history(room, limit=201)) == len(ana.history(room, limit=10**9)) == 200
    assert [m["content"] for m in ana.history(room, after_seq=0, limit=200)] == [f"mensaje {n}" for n in range(200)]


def test_a_repeated_client_id_is_the_first_message_again(ana, ben):
    room = ana.make_room()
    witness = ben.open(room)
    first = ana.say(room, "una vez", client_id="mio-1")
    again = ana.post(f"/api/rooms/{room}/messages", 200, json={"content": " una vez ", "client_id": "mio-1"}).json()
    assert again == first
    ana.post(
        f"/api/rooms/{room}/messages", 409, "client_id_conflict", json={"content": "otra cosa", "client_id": "mio-1"}
    )
    second = ana.say(room, "dos", client_id="mio-2")
    assert second["seq"] == 2, "neither a repeat nor a conflict burns a number"
    assert [event["content"] for event in witness.messages(2)] == ["una vez", "dos"]
    assert [message["id"] for message in ana.history(room)] == [second["id"], first["id"]]
    witness.close()


def test_a_client_id_belongs_to_its_sender_and_room(ana, ben):
    rooms = [ana.make_room(), ana.make_room()]
    made = [
        ana.say(rooms[0], "a", client_id="x"),
        ana.say(rooms[1], "b", client_id="x"),
        ben.say(rooms[0], "c", client_id="x"),
    ]
    assert len({message["id"] for message in made}) == 3


def test_one_client_id_by_rest_and_by_socket_is_one_message(ana):
    room = ana.make_room()
    first = ana.say(room, "una vez", client_id="mio-1")
    with ana.open(room) as chat:
        chat.say("una vez", client_id="mio-1")
        ack = chat.receive("ack")
        assert (ack["id"], ack["seq"], ack["client_id"]) == (first["id"], first["seq"], "mio-1")
        chat.say("otra cosa", client_id="mio-1")
        assert chat.receive("error")["code"] == "client_id_conflict"
        assert chat.fence() == []
    assert len(ana.history(room)) == 1


def move_messages(own: Server, days: int) -> None:
    """Makes the one message that is there so much younger."""
    if url := own.settings.get("DATABASE_URL"):
        with psycopg.connect(url) as database:
            moved = "UPDATE messages SET created_at = created_at + make_interval(days => %s)"
            assert database.execute(moved, (days,)).rowcount == 1
        return
    with contextlib.closing(sqlite3.connect(own.data / "izpochat.db")) as database, database:
        moved = "UPDATE messages SET created_at = created_at + ?"
        assert database.execute(moved, (days * 86_400_000_000,)).rowcount == 1


@pytest.mark.parametrize("days", [-400, 2])
def test_a_repeat_after_days_is_the_first_message_again(own_server, days):
    """The message is as old as that (or from a time when the clock was wrong), and the server another process."""
    own = own_server()
    eva = Person(own)
    room = eva.make_room()
    first = eva.say(room, "una vez", client_id="mio-1")
    own.stop()
    move_messages(own, days)
    own.start()
    for chat in (eva.open(room), eva.open_all()):
        chat.say("una vez", client_id="mio-1", room_id=room)
        ack = chat.until("ack")
        assert (ack["id"], ack["seq"]) == (first["id"], first["seq"])
        chat.close()
    again = eva.post(f"/api/rooms/{room}/messages", 200, json={"content": "una vez", "client_id": "mio-1"}).json()
    assert (again["id"], again["seq"]) == (first["id"], first["seq"])
    assert again["created_at"][:10] != first["created_at"][:10]
    assert eva.say(room, "dos", client_id="mio-2")["seq"] == 2


def test_a_race_of_one_client_id_is_one_message(ana):
    room = ana.make_room()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: ana.post(f"/api/rooms/{room}/messages", json={"content": "a la vez", "client_id": "carrera"}),
                range(16),
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(ana.history(room)) == 1


@pytest.mark.parametrize("client_id", ["x", "ñ" * 64, "con espacios y 😀", "2b1c…"])
def test_client_ids(ana, client_id):
    assert ana.say(ana.make_room(), "hola", client_id=client_id)["client_id"] == client_id


@pytest.mark.parametrize("client_id", ["x" * 65, 5, [], {"a": 1}, "a\u0000b", "a\ud800b"])
def test_bad_client_ids(ana, client_id):
    room = ana.make_room()
    ana.post(f"/api/rooms/{room}/messages", 422, json={"content": "hola", "client_id": client_id})
    with ana.open(room) as chat:
        chat.say("hola", client_id=client_id)
        chat.receive("error")
        assert chat.fence() == []
    assert ana.history(room) == []


TEXTS = {
    "short": "a",
    "longest": "ñ" * LONGEST,
    "longest of emoji": "😀" * LONGEST,
    "family and flags": "👨‍👩‍👧‍👦 🇪🇸 👍🏽",
    "combining marks": "e\u0301" + "\u0327" * 20,
    "many lines": "una\ndos\r\n\ttres",
    "markup": "<script>alert('x')</script> & \"quotes\" \\ /",
    "sql": "'; DROP TABLE messages; --",
    "control": "a\u0001\u001b[31mb\u007f",
    "right to left": "שלום \u202eabc\u202c مرحبا",
    "line separators": "a\u2028b\u2029c",
    "private use and the last code points": "\ue000\ufffd\uffff\U0010ffff",
    "percent": "%s %n %00 {0} ${x}",
}


@pytest.mark.parametrize("content", TEXTS.values(), ids=TEXTS.keys())
def test_text_comes_back_as_it_was_sent(ana, content):
    room = ana.make_room()
    with ana.open(room) as chat:
        ana.say(room, content)
        chat.say(content)
        assert [event["content"] for event in chat.messages(2)] == [content] * 2
    assert [message["content"] for message in ana.history(room)] == [content] * 2


@pytest.mark.parametrize("space", [" ", "\n\t", "\u00a0", "\u2003", "\u3000"])
def test_space_around_a_message_is_trimmed_and_does_not_count(ana, space):
    room = ana.make_room()
    assert ana.say(room, f"{space * 50}dos palabras{space * 50}")["content"] == "dos palabras"
    assert ana.say(room, space * 10 + "x" * LONGEST + space * 10)["content"] == "x" * LONGEST


BAD_TEXTS = [
    ('""', "empty_message"),
    ('"  \\n\\t \\u00a0\\u3000"', "empty_message"),
    (f'"{"x" * (LONGEST + 1)}"', "message_too_long"),
    (f'"{"😀" * (LONGEST + 1)}"', "message_too_long"),
    ('"a\\u0000b"', None),
    ('"\\ud800"', None),
    ('"a\\udc00b"', None),
    ('"\\udc00\\ud800"', None),
    ("null", None),
    ("5", None),
    ("true", None),
    ('["hola"]', None),
    ('{"a": "hola"}', None),
]


@pytest.mark.parametrize(("content", "code"), BAD_TEXTS, ids=[content[:20] for content, _ in BAD_TEXTS])
def test_bad_text_is_refused_by_rest_and_by_socket(ana, content, code):
    room = ana.make_room()
    refused = ana.post(
        f"/api/rooms/{room}/messages",
        422,
        content=f'{{"content": {content}}}',
        headers={"Content-Type": "application/json"},
    ).json()
    assert isinstance(refused["detail"], list)
    with ana.open(room) as chat:
        chat.send_raw(f'{{"type": "message", "content": {content}}}')
        error = chat.receive("error")
        assert error["message"]
        assert code is None or error["code"] == code
        chat.say("y sigue abierto")
        assert chat.receive("message")["seq"] == 1, "what is refused takes no number"


def test_a_surrogate_pair_in_escapes_is_one_character(ana):
    room = ana.make_room()
    said = ana.post(f"/api/rooms/{room}/messages", 201, content=b'{"content": "\\ud83d\\ude00"}').json()
    assert said["content"] == "😀"


def test_bytes_that_are_no_utf8_are_refused(ana):
    room = ana.make_room()
    for text in (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"):
        ana.post(f"/api/rooms/{room}/messages", 422, content=b'{"content": "a' + text + b'"}')
    assert ana.history(room) == []


def test_a_file_that_is_not_there(ana):
    room = ana.make_room()
    ana.post(f"/api/rooms/{room}/messages", 404, "file_not_found", json={"content": "mira", "file_id": 999999999})
    for bad in ("abc", [], 1.5, {}):
        ana.post(f"/api/rooms/{room}/messages", 422, "validation_error", json={"content": "mira", "file_id": bad})
    with ana.open(room) as chat:
        chat.say("mira", file_id=999999999)
        assert chat.receive("error")["code"] == "file_not_found"
    assert ana.say(room, "sin archivo", file_id=None)["file_id"] is None


def test_messages_survive_a_restart(own_server):
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    said = [ana.say(room, f"mensaje {n}", client_id=str(n)) for n in range(3)]
    own.restart()
    assert ana.history(room, after_seq=0) == said
    assert (
        ana.post(f"/api/rooms/{room}/messages", 200, json={"content": "mensaje 1", "client_id": "1"}).json() == said[1]
    )
    following = ana.say(room, "después")
    assert (following["seq"], following["id"] > said[-1]["id"]) == (4, True)
