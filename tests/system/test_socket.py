"""The chat's WebSocket: what it says first, who is there, what it answers, and that nothing is missed or seen twice."""

import json
import threading

import pytest
from websockets.exceptions import ConnectionClosed

from support.chat import Chat
from support.client import Person


def test_the_welcome_comes_first_then_who_is_online(ana, server):
    room = ana.make_room()
    ana.say(room, "hola")
    chat = Chat(server, room, token=ana.token)
    welcome = chat.receive("welcome")
    assert welcome["message"]
    assert {key: welcome[key] for key in ("room_id", "user_id", "last_seq", "reset")} == {
        "room_id": room,
        "user_id": ana.id,
        "last_seq": 1,
        "reset": False,
    }
    assert isinstance(welcome["epoch"], str) and welcome["epoch"]
    online = chat.receive("users_online")
    assert (online["users"], online["count"]) == ([ana.id], 1)
    chat.close()


def test_the_token_may_come_in_the_header_too(ana, server):
    chat = Chat(server, ana.make_room(), headers={"Authorization": f"Bearer {ana.token}"})
    chat.greet()
    chat.close()


def test_a_trailing_slash_is_the_same_socket(ana, server):
    chat = Chat(server, f"{ana.make_room()}/", token=ana.token)
    chat.greet()
    chat.close()


@pytest.mark.parametrize("token", [None, "", "a.b.c", "x" * 4000])
def test_a_bad_token_is_told_before_the_close(ana, server, token):
    """A browser sees nothing of a refused upgrade, so it is accepted, explained and closed."""
    chat = Chat(server, ana.make_room(), token=token)
    error = chat.receive("error")
    assert error["message"]
    assert error["code"] in ("invalid_token", "not_authenticated")
    code, reason = chat.closed()
    assert code == 1008
    assert reason


@pytest.mark.parametrize("room", ["999999999", "0", "-1", "abc", "9" * 30])
def test_an_unknown_room_is_told_before_the_close(ana, server, room):
    chat = Chat(server, room, token=ana.token)
    error = chat.receive("error")
    assert error["message"]
    assert chat.closed()[0] == 1008


def test_a_plain_get_is_told_to_upgrade(ana):
    answer = ana.get(f"/api/ws/{ana.make_room()}", 426, "upgrade_required")
    assert answer.headers["Upgrade"].lower() == "websocket"


def test_who_comes_and_goes_is_told_once_a_person(ana, ben):
    room = ana.make_room()
    witness = ana.open(room)
    first = ben.open(room)
    joined = witness.receive("user_joined")
    assert (joined["user_id"], joined["username"]) == (ben.id, ben.username)
    assert sorted(first.online["users"]) == [ana.id, ben.id]
    second = ben.open(room)
    assert second.online["count"] == 2, "people, not sockets"
    first.close()
    second.say("sigo aquí")
    assert witness.receive("message")["content"] == "sigo aquí", (
        "no joined for the second socket, no left for the first"
    )
    second.close()
    left = witness.receive("user_left")
    assert (left["user_id"], left["username"]) == (ben.id, ben.username)
    witness.close()


def test_who_is_online_can_be_asked(ana, ben):
    room = ana.make_room()
    sockets = [ana.open(room), ben.open(room), ben.open(room)]
    online = ana.get(f"/api/ws/rooms/{room}/online", 200).json()
    assert online == {
        "room_id": room,
        "count": 2,
        "online_users": [{key: person.user[key] for key in ("id", "username", "full_name")} for person in (ana, ben)],
    }
    for socket in sockets:
        socket.close()


def test_a_cut_connection_leaves_too(ana, ben):
    room = ana.make_room()
    witness = ana.open(room)
    lost = ben.open(room)
    witness.receive("user_joined")
    lost.socket.socket.shutdown(2)
    assert witness.receive("user_left")["user_id"] == ben.id
    witness.close()


def test_typing_reaches_everybody_but_the_sender(ana, ben, eva):
    room = ana.make_room()
    writer, second_of_writer, other, third = ana.open(room), ana.open(room), ben.open(room), eva.open(room)
    for typing in (True, False):
        writer.send(type="typing", typing=typing)
        for reader in (other, third):
            event = reader.until("typing")
            assert (event["user_id"], event["username"], event["typing"]) == (ana.id, ana.username, typing)
    writer.say("escrito")
    for own in (writer, second_of_writer):
        assert "typing" not in [event["type"] for event in own.events_until(lambda event: event["type"] == "message")]
    for socket in (writer, second_of_writer, other, third):
        socket.close()


def test_a_ping_is_answered_to_its_socket_only(ana, ben):
    room = ana.make_room()
    asking, other = ana.open(room), ben.open(room)
    asking.receive("user_joined")
    asking.send(type="ping")
    assert asking.receive("pong")["user_id"] == ana.id
    asking.say("después")
    assert other.receive("message")["content"] == "después"
    asking.close()
    other.close()


def test_control_pings_are_answered(ana):
    with ana.open(ana.make_room()) as chat:
        assert chat.socket.ping(b"izpo").wait(20)


def test_a_message_needs_no_type(ana):
    room = ana.make_room()
    with ana.open(room) as chat:
        chat.send(content="sin tipo")
        assert chat.receive("message")["content"] == "sin tipo"
        chat.send(type=None, content="tipo nulo")
        assert chat.receive("message")["content"] == "tipo nulo"


def test_the_ack_comes_before_the_echo_and_to_its_socket_only(ana):
    room = ana.make_room()
    sender, other = ana.open(room), ana.open(room)
    for n in range(20):
        sender.say(f"mensaje {n}", client_id=f"c{n}")
    acked = {}
    for event in sender.events_until(lambda event: event["type"] == "message" and event["content"] == "mensaje 19"):
        if event["type"] == "ack":
            acked[event["client_id"]] = (event["id"], event["seq"])
        else:
            assert acked[event["client_id"]] == (event["id"], event["seq"]), "acked before, as the same message"
    assert len(acked) == 20
    assert {event["type"] for event in other.events_until(lambda event: event.get("content") == "mensaje 19")} == {
        "message"
    }
    sender.close()
    other.close()


def test_a_message_without_client_id_gets_no_ack(ana):
    with ana.open(ana.make_room()) as chat:
        chat.say("hola")
        chat.receive("message")
        assert chat.fence() == []


BAD_EVENTS = [
    ("", None),
    ("hola", "invalid_json"),
    ("{", "invalid_json"),
    ('{"type": "message", "content": "hola"', "invalid_json"),
    ('{"type": "message", "content": "hola"} extra', "invalid_json"),
    ("[]", None),
    ("[" * 10_000, None),
    ('{"a":' * 10_000, None),
    ("null", None),
    ("5", None),
    ('"message"', None),
    ("{}", None),
    ('{"type": "dance"}', "unknown_event_type"),
    ('{"type": 5, "content": "hola"}', None),
    ('{"type": ["message"], "content": "hola"}', None),
    ('{"type": "message"}', None),
    ('{"type": "message", "content": ""}', "empty_message"),
    ('{"type": "message", "content": "hola", "file_id": "abc"}', None),
    ('{"type": "message", "content": "hola", "file_id": 1e400}', None),
    ('{"type": "message", "content": "hola", "file_id": 99999999999999999999999999}', None),
    ('{"type": "message", "content": NaN}', "invalid_json"),
    ("\x00", "invalid_json"),
    ("x" * 131_000, "invalid_json"),
]


@pytest.mark.parametrize(("text", "code"), BAD_EVENTS, ids=[text[:24] for text, _ in BAD_EVENTS])
def test_a_bad_event_is_answered_and_the_socket_stays(ana, text, code):
    room = ana.make_room()
    with ana.open(room) as chat:
        chat.send_raw(text)
        error = chat.receive("error")
        assert error["message"]
        assert error["code"] if code is None else error["code"] == code
        chat.say("sigue abierto")
        assert chat.receive("message")["seq"] == 1


def test_unknown_fields_of_an_event_are_ignored(ana):
    with ana.open(ana.make_room()) as chat:
        chat.send(type="message", content="hola", id=7, seq=99, sender={"id": 1}, file={"id": 3}, extra=[None])
        event = chat.receive("message")
        assert (event["content"], event["seq"], event["sender"]["id"]) == ("hola", 1, ana.id)


def test_a_binary_message_is_refused(ana):
    """Either answer is right: an error that keeps the socket, or the close code for it (RFC 6455 §7.4.1)."""
    with ana.open(ana.make_room()) as chat:
        chat.send_raw(b'{"content": "hola"}')
        try:
            assert chat.receive("error")["code"] == "text_frames_only"
        except ConnectionClosed as end:
            assert end.rcvd.code == 1003


def test_a_message_over_the_limit_closes_with_1009(ana):
    with ana.open(ana.make_room()) as chat:
        chat.send_raw("x" * (128 * 1024 + 1))
        assert chat.closed()[0] == 1009


def test_text_that_is_no_utf8_closes_with_1007(ana):
    with ana.open(ana.make_room()) as chat:
        chat.socket.send(b'{"content": "\xff"}', text=True)
        assert chat.closed()[0] == 1007


def test_a_fragmented_message_is_one_message(ana):
    with ana.open(ana.make_room()) as chat:
        chat.socket.send(iter(['{"content": "a ', "tro", 'zos"}']))
        assert chat.receive("message")["content"] == "a trozos"


def test_a_replay_gives_what_was_missed_then_goes_on_live(ana):
    room = ana.make_room()
    for n in range(1, 6):
        ana.say(room, f"mensaje {n}")
    chat = ana.open(room, after_seq=2)
    assert (chat.welcome["last_seq"], chat.welcome["reset"]) == (5, False)
    ana.say(room, "mensaje 6")
    replayed = chat.messages(4)
    assert [event["seq"] for event in replayed] == [3, 4, 5, 6]
    assert [event["content"] for event in replayed] == [f"mensaje {n}" for n in range(3, 7)]
    chat.close()


def test_replayed_and_live_events_are_alike(ana, ben):
    room = ana.make_room()
    live = ben.open(room)
    ana.say(room, "hola", client_id="c1")
    with ben.open(room, after_seq=0) as late:
        assert late.receive("message") == live.receive("message")
    live.close()


def test_with_nothing_missed_a_replay_is_empty(ana):
    room = ana.make_room()
    ana.say(room, "hola")
    for after_seq in (1, None):
        with ana.open(room, after_seq=after_seq) as chat:
            assert chat.fence() == []


def test_a_long_replay_is_whole(ana):
    room = ana.make_room()
    with ana.open(room) as chat:
        for n in range(1500):
            chat.say(f"mensaje {n}")
        chat.messages(1500)
    with ana.open(room, after_seq=0) as chat:
        assert [event["seq"] for event in chat.messages(1500)] == list(range(1, 1501))
        assert chat.fence() == []


def test_pings_and_a_close_are_answered_while_much_is_replayed(ana, ben, server):
    """To a reader that is slower than the replay: it would wait for both until the last message."""
    room = ana.make_room()
    with ana.open(room) as chat:
        for _ in range(900):
            chat.say("texto " * 1500)
        chat.messages(900)
    slow = Chat(server, room, token=ben.token, after_seq=0, reads_slowly=True)
    slow.greet()
    slow.send(type="ping")
    assert len(slow.events_until(lambda event: event["type"] == "pong")) < 900
    slow.ask_to_close()
    assert slow.closed()[0] == 1000
    assert ben.id not in {user["id"] for user in ana.get(f"/api/ws/rooms/{room}/online", 200).json()["online_users"]}


def test_coming_back_again_and_again_while_others_write_misses_and_repeats_nothing(ana, ben):
    """Every opening falls between messages: some are read from the store, some arrive meanwhile, some after."""
    room = ana.make_room()
    enough = threading.Event()

    def write():
        with ben.open(room) as chat:
            while not enough.is_set():
                for _ in range(5):
                    chat.say("y otro más")
                chat.messages(5)

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    try:
        for _ in range(150):
            with ana.open(room, after_seq=len(seen)) as chat:
                while len(seen) < chat.welcome["last_seq"] + 3:
                    seen.append(chat.until("message")["seq"])
                    assert seen[-1] == len(seen)
    finally:
        enough.set()
        writer.join()
    assert [message["seq"] for message in ana.history(room, limit=1)] >= seen[-1:]


def test_a_number_beyond_the_rooms_last_means_reload(ana):
    room = ana.make_room()
    ana.say(room, "hola")
    with ana.open(room, after_seq=50) as chat:
        assert (chat.welcome["reset"], chat.welcome["last_seq"]) == (True, 1)
        ana.say(room, "después")
        assert chat.until("message", seq=2)["content"] == "después"


def test_another_lineage_means_reload(ana):
    room = ana.make_room()
    ana.say(room, "hola")
    with ana.open(room) as chat:
        epoch = chat.welcome["epoch"]
    with ana.open(room, after_seq=1, epoch=epoch) as chat:
        assert chat.welcome["reset"] is False
    with ana.open(room, after_seq=0, epoch="de-otra-base") as chat:
        assert chat.welcome["reset"] is True
        assert chat.welcome["epoch"] == epoch


def test_the_lineage_outlives_a_restart(own_server):
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    with ana.open(room) as chat:
        epoch = chat.welcome["epoch"]
    own.restart()
    with ana.open(room) as chat:
        assert chat.welcome["epoch"] == epoch


@pytest.mark.parametrize(
    "query", [{"after_seq": "abc"}, {"after_seq": "-1"}, {"after_seq": "9" * 30}, {"after_seq": ""}]
)
def test_a_bad_replay_number_is_no_crash(ana, server, query):
    chat = Chat(server, ana.make_room(), token=ana.token, **query)
    first = chat.receive()
    assert first["type"] in ("welcome", "error")
    if first["type"] == "error":
        assert chat.closed()[0] == 1008
    chat.close()


def test_two_sockets_of_one_user_both_work(ana):
    room = ana.make_room()
    one, two = ana.open(room), ana.open(room)
    one.say("de una")
    two.say("de dos")
    heard = [[event["content"] for event in socket.messages(2)] for socket in (one, two)]
    assert heard[0] == heard[1]
    assert sorted(heard[0]) == ["de dos", "de una"]
    one.close()
    two.say("sola")
    assert two.receive("message")["content"] == "sola"
    two.close()


def test_rooms_do_not_hear_each_other(ana):
    here, there = ana.open(ana.make_room()), ana.make_room()
    ana.say(there, "allí")
    assert here.fence() == []
    here.close()


def test_the_close_handshake_is_answered(ana):
    chat = ana.open(ana.make_room())
    chat.socket.close(1000, "adiós")
    assert chat.socket.protocol.close_code == 1000


def test_a_reader_that_does_not_read_is_let_go_and_holds_up_nobody(ana, ben, server):
    """More than the kernel and the outbox hold: the slow socket is closed (or cut, when no close frame fits any more)
    and comes back with its last number; the others hear everything meanwhile."""
    room = ana.make_room()
    text, count = "😀" * 10_000, 300
    slow = Chat(server, room, token=ben.token, reads_slowly=True)
    slow.greet()
    with ana.open(room) as quick:
        for _ in range(count):
            quick.say(text)
            quick.until("message")
    seen = 0
    with pytest.raises(ConnectionClosed) as end:
        while True:
            event = slow.receive()
            if event["type"] == "message":
                assert event["seq"] == seen + 1
                seen += 1
    assert end.value.rcvd is None or end.value.rcvd.code == 4001
    assert 0 < seen < count
    with ben.open(room, after_seq=seen) as back:
        assert [event["seq"] for event in back.messages(count - seen)] == list(range(seen + 1, count + 1))


def test_events_are_compact_json_objects(ana):
    with ana.open(ana.make_room()) as chat:
        chat.say("hola")
        raw = chat.socket.recv(timeout=20)
        assert json.loads(raw)["type"] == "message"
        assert "\n" not in raw
