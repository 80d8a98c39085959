"""Who belongs to a room by its owner's will."""

import pytest

from support.chat import Chat


def add(owner, room, **who):
    return owner.post(f"/api/rooms/{room}/members", 201, json=who).json()


def refused(server, somebody, room):
    """How a socket of somebody in the room ends that may not be opened."""
    socket = Chat(server, room, token=somebody.token)
    return socket.receive("error")["code"], socket.closed()[0]


def test_a_member_is_added_by_id_or_by_name(ana, ben, eva):
    room = ana.make_room(is_private=True)
    assert add(ana, room, user_id=ben.id) == ben.user | {"email": None}
    assert add(ana, room, username=eva.username.upper())["id"] == eva.id
    assert {user["id"] for user in eva.get(f"/api/rooms/{room}/members", 200).json()} == {ana.id, ben.id, eva.id}
    add(ana, room, user_id=ben.id)
    assert ana.get(f"/api/rooms/{room}", 200).json()["member_count"] == 3, (
        "adding twice is no error and changes nothing"
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"user_id": 999999999}, 404),
        ({"username": "nadie.con.este.nombre"}, 404),
        ({}, 422),
        ({"user_id": "abc"}, 422),
        ({"user_id": None, "username": None}, 422),
        ({"username": 5}, 422),
        ({"user_id": int("9" * 30)}, None),
    ],
)
def test_only_somebody_can_be_added(ana, body, status):
    answer = ana.post(f"/api/rooms/{ana.make_room()}/members", json=body)
    assert answer.status_code in ((status,) if status else (404, 422))


@pytest.mark.parametrize("is_private", [False, True])
def test_a_removed_members_sockets_close_at_once(ana, ben, eva, is_private):
    room = ana.make_room(is_private=is_private)
    add(ana, room, user_id=ben.id)
    add(ana, room, user_id=eva.id)
    other_room = ben.make_room()
    sockets, elsewhere, witness = [ben.open(room), ben.again().open(room)], ben.open(other_room), eva.open(room)
    assert ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200).json()["message"]
    for socket in sockets:
        assert socket.closed()[0] == 4403
    witness.until("user_left", user_id=ben.id)
    assert ben.id not in [user["id"] for user in ana.get(f"/api/rooms/{room}/members", 200).json()]
    ana.say(room, "sin ben")
    assert witness.until("message")["content"] == "sin ben"
    elsewhere.fence()
    witness.close()
    elsewhere.close()


def test_who_was_removed_from_a_public_room_reads_it_but_takes_no_part(ana, ben, server):
    room = ana.make_room()
    ben.join(room)
    ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
    ben.get(f"/api/rooms/{room}", 200)
    ben.get(f"/api/rooms/{room}/messages", 200)
    ben.post(f"/api/rooms/{room}/join", 403, "removed_from_room")
    ben.post(f"/api/rooms/{room}/messages", 403, "removed_from_room", json={"content": "hola"})
    assert refused(server, ben, room) == ("removed_from_room", 1008)
    ben.post(f"/api/rooms/{room}/leave", 400, "not_a_member")
    ben.post(f"/api/rooms/{room}/join", 403, "removed_from_room")
    assert ben.get(f"/api/rooms/{room}", 200).json()["is_member"] is False
    assert ana.history(room) == []


def test_a_stranger_can_be_kept_out_of_a_public_room(ana, ben):
    """Removing somebody who is no member yet keeps them from joining."""
    room = ana.make_room()
    ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
    ben.post(f"/api/rooms/{room}/join", 403, "removed_from_room")


def test_who_is_added_again_takes_part_again(ana, ben):
    room = ana.make_room()
    ben.join(room)
    ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
    add(ana, room, username=ben.username)
    ben.post(f"/api/rooms/{room}/join", 200)
    ben.say(room, "de vuelta")
    with ben.open(room) as chat:
        assert chat.welcome["last_seq"] == 1
    ben.post(f"/api/rooms/{room}/leave", 200)
    ben.join(room)


def test_the_owner_cannot_be_removed(ana, ben):
    room = ana.make_room()
    ana.delete(f"/api/rooms/{room}/members/{ana.id}", 400, "owner_cannot_be_removed")
    ana.delete(f"/api/rooms/{room}/members/999999999", 404, "user_not_found")
    ana.delete(f"/api/rooms/{room}/members/abc", 422, "validation_error")
    assert ana.get(f"/api/rooms/{room}", 200).json()["is_member"] is True


def test_leaving_closes_ones_sockets_in_the_room(ana, ben):
    room, other = ana.make_room(), ana.make_room()
    chat, elsewhere, witness = ben.open(room), ben.open(other), ana.open(room)
    ben.post(f"/api/rooms/{room}/leave", 200)
    assert chat.closed()[0] == 4403
    witness.until("user_left", user_id=ben.id)
    elsewhere.fence()
    elsewhere.close()
    witness.close()


def test_an_open_socket_cannot_write_after_a_removal(ana, ben):
    """Removal and message race: whatever was shown before the removal stays, nothing comes after it."""
    for _ in range(10):
        room = ana.make_room()
        chat = ben.open(room)
        chat.say("antes o nunca")
        ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
        after_removal = [message["content"] for message in ana.history(room)]
        assert chat.closed()[0] == 4403
        assert [message["content"] for message in ana.history(room)] == after_removal
