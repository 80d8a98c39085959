"""What one user may take of the server, and what the others notice of it: nothing."""

import time

from websockets.exceptions import ConnectionClosed

from support.chat import Chat
from support.client import Person
from support.waiting import wait_until


def test_too_many_messages_over_rest_are_told_when_to_come_back(own_server):
    own = own_server(MESSAGES_PER_SECOND="1", MESSAGE_BURST="3")
    ana, ben = Person(own, "ana"), Person(own, "ben")
    room, other_room = ana.make_room(), ana.make_room()
    ben.join(room)
    for n in range(3):
        ana.say((room, other_room)[n % 2], f"mensaje {n}")
    refused = ana.post(f"/api/rooms/{room}/messages", 429, "rate_limited", json={"content": "demasiado"})
    assert refused.headers["Retry-After"] == "1"
    ben.say(room, "yo sí puedo")
    assert [message["content"] for message in ana.history(room)] == ["yo sí puedo", "mensaje 2", "mensaje 0"]


def test_rest_and_sockets_share_one_budget(own_server):
    own = own_server(MESSAGES_PER_SECOND="1", MESSAGE_BURST="4")
    ana = Person(own)
    room = ana.make_room()
    phone, laptop = ana.open(room), ana.open(room)
    phone.say("uno", client_id="1")
    phone.until("ack", client_id="1")
    laptop.say("dos", client_id="2")
    laptop.until("ack", client_id="2")
    ana.say(room, "tres")
    phone.say("cuatro", client_id="4")
    phone.until("ack", client_id="4")
    laptop.say("cinco", client_id="5")
    error = laptop.until("error")
    assert (error["code"], error["client_id"]) == ("rate_limited", "5")
    ana.post(f"/api/rooms/{room}/messages", 429, "rate_limited", json={"content": "cinco"})


def test_a_client_that_waits_as_it_was_told_gets_everything_through(own_server):
    own = own_server(MESSAGES_PER_SECOND="10", MESSAGE_BURST="1")
    ana = Person(own)
    room = ana.make_room()
    chat = ana.open(room)
    refusals = 0
    for n in range(10):
        while True:
            chat.say(f"mensaje {n}", client_id=str(n))
            answer = chat.events_until(lambda event: event["type"] in ("ack", "error"))[-1]
            if answer["type"] == "ack":
                break
            assert (answer["code"], answer["client_id"], answer["room_id"]) == ("rate_limited", str(n), room)
            assert 0 < answer["retry_after_ms"] <= 100
            refusals += 1
            time.sleep(answer["retry_after_ms"] / 1000)
    assert refusals > 0
    assert [message["content"] for message in ana.history(room, after_seq=0)] == [f"mensaje {n}" for n in range(10)]


def test_a_flood_ends_the_connection_and_nobody_else_notices(own_server):
    own = own_server(MESSAGES_PER_SECOND="5", MESSAGE_BURST="20")
    ana, ben = Person(own, "ana"), Person(own, "ben")
    room = ana.make_room()
    flooding, witness = ana.open(room), ben.open(room)
    try:
        for n in range(5000):
            flooding.say(f"mensaje {n}")
    except ConnectionClosed:
        pass
    assert flooding.closed()[0] == 4429
    witness.say("¿qué ha sido eso?", client_id="b")
    seen = witness.events_until(lambda event: event.get("content") == "¿qué ha sido eso?")
    assert len([event for event in seen if event["type"] == "message"]) < 100
    assert not any(event["type"] == "error" for event in seen)
    again = ana.open(room)
    assert again.fence() == [], "one comes back, a little quieter"


def test_a_user_has_so_many_sockets_and_no_more(own_server):
    own = own_server(MAX_SOCKETS_PER_USER="3")
    ana, ben = Person(own, "ana"), Person(own, "ben")
    rooms = [ana.make_room() for _ in range(3)]
    sockets = [ana.open(room) for room in rooms]
    too_many = Chat(own, rooms[0], token=ana.token)
    assert too_many.receive("error")["code"] == "rate_limited"
    assert too_many.closed()[0] == 4429
    ben.open(rooms[0])
    assert sockets[0].receive("user_joined")["user_id"] == ben.id, "the first ones are none the worse"
    sockets.pop().close()
    wait_until(lambda: gets_in(own, rooms[0], ana), "the place to be free again")


def test_a_room_has_so_many_sockets_and_no_more(own_server):
    own = own_server(MAX_SOCKETS_PER_ROOM="2")
    ana, ben = Person(own, "ana"), Person(own, "ben")
    room, other_room = ana.make_room(), ana.make_room()
    first, _ = ana.open(room), ana.open(room)
    too_many = Chat(own, room, token=ben.token)
    assert too_many.receive("error")["code"] == "rate_limited"
    assert too_many.closed()[0] == 4429
    ben.open(other_room)
    first.close()
    wait_until(lambda: gets_in(own, room, ben), "the place to be free again")


def gets_in(server, room, person):
    with Chat(server, room, token=person.token) as chat:
        return chat.receive()["type"] == "welcome"
