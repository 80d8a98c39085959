"""What one user may take of the server, and what the others notice of it: nothing."""

from support.client import Person


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
