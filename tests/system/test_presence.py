"""Who is online and who is typing, as the others in the room see it."""

import time

from support.client import Person


def types(events):
    return [event["type"] for event in events]


def test_a_reconnect_is_not_shown(own_server):
    own = own_server(PRESENCE_GRACE_SECONDS="3600")
    ana, ben = Person(own, "ana"), Person(own, "ben")
    room = ana.make_room()
    ben.join(room)
    witness = ana.open(room)
    lost = ben.open(room)
    witness.receive("user_joined")
    for cut in (True, False, True):
        if cut:
            lost.socket.socket.shutdown(2)
        lost.close()
        online = ana.get(f"/api/ws/rooms/{room}/online", 200).json()
        assert online["count"] == 2, "whoever is away for a moment is still there"
        lost = ben.open(room)
        assert sorted(lost.online["users"]) == sorted([ana.id, ben.id]), "who comes back is told all the same"
    lost.say("he vuelto")
    assert types(witness.events_until(lambda event: event["type"] == "message")) == ["message"]


def test_who_stays_away_has_left(own_server):
    own = own_server(PRESENCE_GRACE_SECONDS="1")
    ana, ben = Person(own, "ana"), Person(own, "ben")
    room = ana.make_room()
    witness = ana.open(room)
    ben.open(room).close()
    gone = time.monotonic()
    assert witness.receive("user_joined")["user_id"] == ben.id
    assert witness.receive("user_left")["user_id"] == ben.id
    assert time.monotonic() - gone > 0.5, "not at once"
    assert ana.get(f"/api/ws/rooms/{room}/online", 200).json()["count"] == 1


def test_who_leaves_the_room_or_is_removed_is_gone_at_once(own_server):
    own = own_server(PRESENCE_GRACE_SECONDS="3600")
    ana, ben, eva = Person(own, "ana"), Person(own, "ben"), Person(own, "eva")
    room = ana.make_room()
    witness = ana.open(room)
    of_ben, of_eva = ben.open(room), eva.open(room)
    witness.until("user_joined", user_id=eva.id)
    ben.post(f"/api/rooms/{room}/leave", 200)
    assert witness.receive("user_left")["user_id"] == ben.id
    ana.delete(f"/api/rooms/{room}/members/{eva.id}", 200)
    assert witness.receive("user_left")["user_id"] == eva.id
    assert (of_ben.closed()[0], of_eva.closed()[0]) == (4403, 4403)


def test_typing_ends_by_itself(ana, ben):
    room = ana.make_room()
    reader, writer = ana.open(room), ben.open(room)
    writer.send(type="typing", typing=True)
    assert reader.until("typing")["typing"] is True
    begun = time.monotonic()
    assert reader.receive("typing")["typing"] is False
    assert 4 < time.monotonic() - begun < 12
    assert writer.fence() == []


def test_typing_ends_with_the_socket(own_server):
    own = own_server(PRESENCE_GRACE_SECONDS="3600")
    ana, ben = Person(own, "ana"), Person(own, "ben")
    room = ana.make_room()
    reader, writer = ana.open(room), ben.open(room)
    writer.send(type="typing", typing=True)
    assert reader.until("typing")["typing"] is True
    writer.close()
    event = reader.receive("typing")
    assert (event["user_id"], event["typing"], event["room_id"]) == (ben.id, False, room)


def test_a_flood_of_typing_is_not_passed_on(ana, ben):
    room = ana.make_room()
    reader, writer = ana.open(room), ben.open(room)
    begun = time.monotonic()
    for n in range(2000):
        writer.send(type="typing", typing=n % 2 == 0)
    writer.say("escrito")
    told = reader.events_until(lambda event: event["type"] == "message")
    assert told[0]["type"] == "user_joined"
    shown = types(told).count("typing")
    assert shown <= 2 + 2 * (time.monotonic() - begun), "two events a second at most"
