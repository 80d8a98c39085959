"""The socket of all rooms: subscribing, coming back, what arrives without asking, and what must not arrive."""

import threading

import pytest

from support.chat import TIME, Chat
from support.client import Person


def test_hello_comes_first_and_says_what_a_client_needs(ana):
    with ana.open_all() as chat:
        assert chat.hello["user_id"] == ana.id
        assert chat.hello["heartbeat_seconds"] == 25
        assert chat.hello["epoch"] and chat.hello["connection_id"]
        assert TIME.fullmatch(chat.hello["server_time"])
        with ana.open_all() as other:
            assert other.hello["connection_id"] != chat.hello["connection_id"]


def test_the_token_may_be_offered_as_a_subprotocol_or_in_the_header(ana, server):
    with Chat(server, None, subprotocols=["izpochat", f"bearer.{ana.token}"]) as chat:
        assert chat.receive("hello")["user_id"] == ana.id
    with Chat(server, None, headers={"Authorization": f"Bearer {ana.token}"}) as chat:
        assert chat.receive("hello")["user_id"] == ana.id


@pytest.mark.parametrize("token", [None, "a.b.c"])
def test_a_bad_token_is_told_before_the_close(server, token):
    chat = Chat(server, None, token=token)
    assert chat.receive("error")["code"] in ("invalid_token", "not_authenticated")
    assert chat.closed()[0] == 1008


def test_a_login_that_ends_closes_it_although_it_follows_no_room(ana):
    other = ana.again()
    chat = other.open_all()
    other.post("/api/users/logout", 200)
    assert chat.closed()[0] == 4401


def test_a_plain_get_is_told_to_upgrade(anyone):
    anyone.get("/api/ws", 426, "upgrade_required")


def test_without_a_position_only_what_is_new_comes(ana):
    room = ana.make_room()
    ana.say(room, "antes")
    with ana.open_all() as chat:
        (answer,) = chat.subscribe(room)
        assert (answer["status"], answer["up_to"]) == ("complete", 1)
        ana.say(room, "después")
        assert chat.receive("message")["content"] == "después"


def test_what_was_missed_comes_before_the_answer_and_then_what_is_new(ana):
    room = ana.make_room()
    for n in range(1, 6):
        ana.say(room, f"mensaje {n}")
    with ana.open_all() as chat:
        chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 2, "epoch": chat.hello["epoch"]}])
        events = chat.events_until(lambda event: event["type"] == "users_online")
        assert [event["type"] for event in events] == ["message"] * 3 + ["subscribed", "users_online"]
        assert [event["seq"] for event in events[:3]] == [3, 4, 5]
        assert (events[3]["status"], events[3]["up_to"]) == ("complete", 5)
        assert (events[4]["room_id"], events[4]["users"], events[4]["count"]) == (room, [ana.id], 1)
        ana.say(room, "mensaje 6")
        assert chat.receive("message")["seq"] == 6


def test_both_sockets_show_a_message_alike(ana):
    room = ana.make_room()
    with ana.open(room) as old, ana.open_all() as new:
        new.subscribe(room)
        ana.say(room, "hola", client_id="c1")
        assert old.receive("message") == new.receive("message")


def test_a_thousand_missed_are_sent_one_more_is_told_to_load(ana):
    room = ana.make_room()
    with ana.open(room) as writer:
        for n in range(1001):
            writer.say(f"mensaje {n}")
        writer.messages(1001)
    with ana.open_all() as chat:
        chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 1}])
        events = chat.events_until(lambda event: event["type"] == "subscribed")
        assert [event["seq"] for event in events[:-1]] == list(range(2, 1002))
        assert events[-1]["status"] == "complete"
    with ana.open_all() as chat:
        (answer,) = chat.subscribe(room, after_seq=0)
        assert (answer["status"], answer["from_seq"], answer["up_to"], answer["reset"]) == ("truncated", 1, 1001, False)
        ana.say(room, "sigue")
        assert chat.receive("message")["seq"] == 1002


@pytest.mark.parametrize("position", [{"after_seq": 50}, {"after_seq": 1, "epoch": "de-otra-base"}, {"after_seq": -1}])
def test_a_position_of_nowhere_means_reload(ana, position):
    room = ana.make_room()
    ana.say(room, "hola")
    with ana.open_all() as chat:
        (answer,) = chat.subscribe(room, **position)
        assert (answer["status"], answer["reset"], answer["from_seq"]) == ("truncated", True, 1)
        ana.say(room, "después")
        assert chat.receive("message")["seq"] == 2


def test_unknown_private_and_forbidden_rooms_look_the_same(ana, ben):
    private = ana.make_room(is_private=True)
    removed = ana.make_room()
    ana.delete(f"/api/rooms/{removed}/members/{ben.id}", 200)
    gone = ana.make_room()
    ana.delete(f"/api/rooms/{gone}", 200)
    with ben.open_all() as chat:
        answers = chat.subscribe(private, removed, gone, 999_999_999, 0, -1)
        for answer in answers:
            assert set(answer) == {"type", "timestamp", "room_id", "status"} and answer["status"] == "forbidden"
        for room in (private, removed):
            ana.say(room, "secreto")
        assert chat.fence() == []


def test_following_makes_no_member_and_shows_nobody(ana, ben):
    room = ana.make_room()
    with ana.open_all() as owner, ben.open_all() as reader:
        owner.subscribe(room)
        reader.subscribe(room)
        assert [user["id"] for user in ana.get(f"/api/rooms/{room}/members", 200).json()] == [ana.id]
        assert ana.get(f"/api/ws/rooms/{room}/online", 200).json()["count"] == 1
        reader.send(type="typing", room_id=room, typing=True)
        refused = reader.receive("error")
        assert (refused["code"], refused["room_id"]) == ("not_a_member", room)
        ana.say(room, "hola")
        assert reader.receive("message")["content"] == "hola"
        assert [event["type"] for event in owner.fence()] == ["message"], "no user_joined, no typing"


def test_who_posts_becomes_a_member_and_is_shown(ana, ben):
    room = ana.make_room()
    with ana.open_all() as owner, ben.open_all() as reader:
        owner.subscribe(room)
        reader.subscribe(room)
        reader.say("hola", room_id=room, client_id="c1")
        events = {event["type"]: event for event in reader.events_until(lambda event: event["type"] == "message")}
        assert events["membership"]["action"] == "added"
        assert events["membership"]["room"]["id"] == room
        assert events["ack"] | {"room_id": room, "client_id": "c1", "seq": 1} == events["ack"]
        assert owner.until("member_added", room_id=room)["user"]["id"] == ben.id
        assert owner.until("user_joined", room_id=room)["user_id"] == ben.id
        reader.send(type="typing", room_id=room, typing=True)
        assert owner.until("typing", room_id=room, user_id=ben.id)["typing"] is True


def test_posting_to_a_room_that_is_not_followed_works_as_over_rest(ana):
    room = ana.make_room()
    with ana.open_all() as chat:
        chat.say("sin seguirla", room_id=room, client_id="c1")
        assert chat.receive("ack")["seq"] == 1
        assert chat.fence() == []


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": "message", "content": "hola"}, "invalid_room_id"),
        ({"type": "message", "content": "hola", "room_id": "7"}, "invalid_room_id"),
        ({"type": "message", "content": "hola", "room_id": 999_999_999}, "room_not_found"),
        ({"type": "typing", "typing": True}, "invalid_room_id"),
        ({"type": "typing", "room_id": 999_999_999, "typing": True}, "not_a_member"),
        ({"type": "subscribe"}, "validation_error"),
        ({"type": "subscribe", "rooms": 7}, "validation_error"),
        ({"type": "subscribe", "rooms": [7]}, "validation_error"),
        ({"type": "subscribe", "rooms": [{}]}, "invalid_room_id"),
        ({"type": "unsubscribe"}, "validation_error"),
        ({"type": "unsubscribe", "room_ids": ["siete"]}, "invalid_room_id"),
        ({"type": "dance"}, "unknown_event_type"),
    ],
)
def test_a_bad_event_is_answered_and_the_socket_stays(ana, event, code):
    with ana.open_all() as chat:
        chat.send(**event, client_id="c1")
        error = chat.receive("error")
        assert error["message"] and error["code"] == code
        assert chat.fence() == []


def test_a_refused_message_names_its_room_and_itself(ana):
    room = ana.make_room()
    with ana.open_all() as chat:
        chat.say("", room_id=room, client_id="c1")
        error = chat.receive("error")
        assert (error["code"], error["room_id"], error["client_id"]) == ("empty_message", room, "c1")


def test_the_socket_of_one_room_does_not_subscribe(ana):
    room = ana.make_room()
    with ana.open(room) as chat:
        chat.send(type="subscribe", rooms=[{"room_id": room}])
        assert chat.receive("error")["code"] == "unknown_event_type"


def test_after_unsubscribing_nothing_comes_and_others_see_it(ana, ben):
    room = ana.make_room()
    ben.join(room)
    with ana.open_all() as chat, ben.open_all() as witness:
        chat.subscribe(room)
        witness.subscribe(room)
        chat.send(type="unsubscribe", room_ids=[room])
        chat.fence()
        assert witness.until("user_left", room_id=room)["user_id"] == ana.id
        ana.say(room, "no lo oyes")
        assert chat.fence() == []


def test_a_removed_member_gets_nothing_more(ana, ben):
    room = ana.make_room(is_private=True)
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    with ana.open_all() as owner, ben.open_all() as chat:
        owner.subscribe(room)
        chat.subscribe(room)
        owner.until("user_joined", user_id=ben.id)
        ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
        ana.say(room, "ya no estás")
        removed = chat.receive("membership")
        assert (removed["room_id"], removed["action"]) == (room, "removed")
        assert chat.fence() == []
        assert owner.until("member_removed", room_id=room)["user_id"] == ben.id
        chat.say("sigo aquí", room_id=room, client_id="c1")
        assert chat.receive("error")["code"] == "room_not_found"
        assert chat.subscribe(room)[0]["status"] == "forbidden"
        ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
        assert chat.receive("membership")["action"] == "added"
        chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 0}])
        assert chat.receive("message")["content"] == "ya no estás"


def test_a_removal_while_much_is_replayed_ends_the_replay(ana, ben, server):
    """More than the kernel and the outbox hold: the replay waits for its slow reader when the removal comes."""
    room = ana.make_room(is_private=True)
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    with ana.open(room) as writer:
        for _ in range(300):
            writer.say("😀" * 10_000)
            writer.until("message")
    chat = Chat(server, None, token=ben.token, reads_slowly=True)
    chat.receive("hello")
    chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 0}])
    assert chat.receive("message")["seq"] == 1
    ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
    events = chat.events_until(lambda event: event["type"] == "membership")
    assert events[-2]["type"] == "subscribed" and events[-2]["status"] == "forbidden"
    assert 0 < len(events) < 290, "what was on its way, and no more"
    assert chat.fence() == []
    chat.close()


def test_leaving_is_told_to_the_other_devices_of_the_user(ana, ben):
    room = ana.make_room()
    ben.join(room)
    with ben.open_all() as phone, ben.again().open_all() as laptop:
        phone.subscribe(room)
        ben.post(f"/api/rooms/{room}/leave", 200)
        for device in (phone, laptop):
            told = device.receive("membership")
            assert (told["room_id"], told["action"]) == (room, "removed")


def test_new_memberships_come_without_asking(ana, ben):
    with ben.open_all() as chat:
        made = ben.make_room("propia")
        assert chat.receive("membership")["room"]["name"] == "propia"
        private = ana.make_room("privada", is_private=True)
        ana.post(f"/api/rooms/{private}/members", 201, json={"user_id": ben.id})
        added = chat.receive("membership")
        assert (added["room_id"], added["action"]) == (private, "added")
        shown = ben.get(f"/api/rooms/{private}", 200).json()
        assert added["room"] == {key: shown[key] for key in added["room"]}
        assert added["room"]["owner"]["email"] is None
        public = ana.make_room("pública")
        ben.join(public)
        assert chat.receive("membership")["room_id"] == public
        assert made != public


def test_a_changed_room_is_told_to_its_members_and_followers_only(ana, ben, eva):
    room = ana.make_room("antes")
    ben.join(room)
    with ben.open_all() as member, eva.open_all() as follower, eva.again().open_all() as stranger:
        follower.subscribe(room)
        ana.put(f"/api/rooms/{room}", 200, json={"name": "después"})
        for chat in (member, follower):
            assert chat.receive("room_updated")["room"]["name"] == "después"
        ana.post(f"/api/rooms/{room}/owner", 200, json={"user_id": ben.id})
        assert member.receive("room_updated")["room"]["owner_id"] == ben.id
        assert stranger.fence() == []


def test_a_room_that_becomes_private_is_lost_to_its_followers(ana, ben, eva):
    room = ana.make_room()
    ben.join(room)
    with ben.open_all() as member, eva.open_all() as follower:
        member.subscribe(room)
        follower.subscribe(room)
        ana.put(f"/api/rooms/{room}", 200, json={"is_private": True})
        assert member.receive("room_updated")["room"]["is_private"] is True
        assert follower.receive("membership")["action"] == "removed"
        ana.say(room, "entre nosotros")
        assert member.receive("message")["content"] == "entre nosotros"
        assert follower.fence() == []


def test_a_deleted_room_is_told_once_and_the_socket_stays(ana, ben, eva):
    room, other = ana.make_room(), ana.make_room()
    ben.join(room)
    with ana.open_all() as owner, ben.open_all() as member, eva.open_all() as follower, ben.open(room) as old:
        owner.subscribe(room, other)
        follower.subscribe(room)
        ana.delete(f"/api/rooms/{room}", 200)
        for chat in (owner, member, follower):
            assert chat.until("room_deleted")["room_id"] == room
            assert [event for event in chat.fence() if event["type"] == "room_deleted"] == []
        assert old.closed()[0] == 4404
        ana.say(other, "la otra sigue")
        assert owner.until("message")["room_id"] == other


def test_two_rooms_interleave_each_in_its_own_order(ana, ben):
    rooms = [ana.make_room(), ana.make_room()]
    for room in rooms:
        ben.join(room)

    def write(room: int) -> None:
        with ben.open(room) as writer:
            for n in range(200):
                writer.say(f"mensaje {n}")
            writer.messages(200)

    with ana.open_all() as chat:
        chat.subscribe(*rooms)
        writers = [threading.Thread(target=write, args=(room,)) for room in rooms]
        for writer in writers:
            writer.start()
        seen: dict[int, list[int]] = {room: [] for room in rooms}
        while sum(map(len, seen.values())) < 400:
            event = chat.until("message")
            seen[event["room_id"]].append(event["seq"])
        for writer in writers:
            writer.join()
        assert all(numbers == list(range(1, 201)) for numbers in seen.values())


def test_coming_back_again_and_again_misses_and_repeats_nothing(ana, ben):
    rooms = [ana.make_room(), ana.make_room(), ana.make_room()]
    enough = threading.Event()

    def write() -> None:
        with ben.open_all() as chat:
            chat.subscribe(*rooms)
            while not enough.is_set():
                for room in rooms:
                    chat.say("y otro más", room_id=room)
                chat.messages(len(rooms))

    writer = threading.Thread(target=write)
    writer.start()
    seen = dict.fromkeys(rooms, 0)
    try:
        for _ in range(100):
            with ana.open_all() as chat:
                chat.send(
                    type="subscribe",
                    rooms=[
                        {"room_id": room, "after_seq": seen[room], "epoch": chat.hello["epoch"]} for room in rooms
                    ],
                )
                beyond = dict.fromkeys(rooms, 0)
                while min(beyond.values()) < 2:
                    event = chat.receive()
                    if event["type"] == "message":
                        seen[event["room_id"]] += 1
                        assert event["seq"] == seen[event["room_id"]]
                        beyond[event["room_id"]] += 1
    finally:
        enough.set()
        writer.join()


def test_two_hundred_rooms_come_back_in_one_go(ana):
    rooms = [ana.make_room(f"sala {n}") for n in range(200)]
    ana.say(rooms[100], "mientras no estabas")
    with ana.open_all() as chat:
        chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 0} for room in rooms])
        answers = []
        while len(answers) < 200:
            event = chat.receive()
            if event["type"] == "subscribed":
                answers.append(event["room_id"])
                assert event["status"] == "complete"
            elif event["type"] == "message":
                assert event["room_id"] == rooms[100] and len(answers) == 100
        assert answers == rooms


def test_the_socket_is_read_while_much_is_replayed(ana):
    """To a reader that is slower than the replay, which is more than the kernel keeps: the ping comes before its end."""
    room = ana.make_room()
    with ana.open(room) as writer:
        for n in range(900):
            writer.say("texto " * 1500)
        writer.messages(900)
    chat = ana.open_all(reads_slowly=True)
    chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 0}])
    chat.send(type="ping")
    before = chat.events_until(lambda event: event["type"] == "pong")
    after = chat.events_until(lambda event: event["type"] == "subscribed")
    kinds = [event["type"] for event in before + after]
    assert kinds.count("message") == 900 and kinds[-1] == "subscribed"
    chat.ask_to_close()
    assert chat.closed()[0] == 1000


def test_no_more_rooms_than_the_limit(own_server):
    ana = Person(own_server(MAX_SUBSCRIPTIONS="3"))
    rooms = [ana.make_room(f"sala {n}") for n in range(4)]
    with ana.open_all() as chat:
        chat.send(type="subscribe", rooms=[{"room_id": room} for room in rooms])
        refused = chat.receive("error")
        assert (refused["code"], refused["room_id"]) == ("too_many_subscriptions", rooms[3])
        for room in rooms[:3]:
            assert chat.until("subscribed")["room_id"] == room
        chat.subscribe(rooms[0])
        chat.send(type="unsubscribe", room_ids=[rooms[0]])
        assert chat.subscribe(rooms[3])[0]["status"] == "complete"


@pytest.mark.parametrize("again_by", ["rest", "one room", "all rooms"])
@pytest.mark.parametrize("first_by", ["rest", "one room", "all rooms"])
def test_a_repeat_gets_the_first_message_again_however_it_is_sent(ana, first_by, again_by):
    room = ana.make_room()

    def send(way: str) -> tuple[int, int]:
        if way == "rest":
            answer = ana.post(f"/api/rooms/{room}/messages", json={"content": "una vez", "client_id": "c1"}).json()
            return answer["id"], answer["seq"]
        with ana.open(room) if way == "one room" else ana.open_all() as chat:
            chat.say("una vez", room_id=room, client_id="c1")
            ack = chat.until("ack", client_id="c1")
            return ack["id"], ack["seq"]

    first = send(first_by)
    ana.say(room, "entretanto")
    assert send(again_by) == first
    assert len(ana.history(room)) == 2


def test_before_a_stop_both_sockets_are_told_when_to_come_back(own_server):
    own = own_server()
    ana = Person(own)
    sockets = [ana.open_all(), ana.open(ana.make_room())]
    own.stop()
    for chat in sockets:
        assert chat.until("reconnect")["delay_ms"] >= 0
        assert chat.closed()[0] == 1012


@pytest.mark.parametrize("token", ["%FF", "%00"])
def test_a_token_that_is_no_text_is_422(anyone, token):
    answer = anyone.get(f"/api/ws?token={token}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "token"]
