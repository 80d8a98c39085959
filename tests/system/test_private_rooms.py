"""A private room does not exist for others: on every path the answer is the one for a room that never was."""

import pytest

from support.chat import Chat

NOWHERE = 999999999


def said(answer):
    """Everything of an answer that could tell something."""
    body = {key: value for key, value in answer.json().items() if key != "request_id"}
    headers = {
        key: value for key, value in answer.headers.items() if key not in ("date", "x-request-id", "content-length")
    }
    return answer.status_code, body, headers


@pytest.fixture
def room(ana):
    room = ana.make_room("secreta", is_private=True)
    ana.say(room, "un secreto")
    return room


PATHS = [
    ("GET", "/api/rooms/{room}", None),
    ("PUT", "/api/rooms/{room}", {"name": "mía"}),
    ("DELETE", "/api/rooms/{room}", None),
    ("POST", "/api/rooms/{room}/join", None),
    ("POST", "/api/rooms/{room}/leave", None),
    ("GET", "/api/rooms/{room}/members", None),
    ("POST", "/api/rooms/{room}/members", {"user_id": 1}),
    ("POST", "/api/rooms/{room}/members", {"username": "nadie.con.este.nombre"}),
    ("DELETE", "/api/rooms/{room}/members/1", None),
    ("POST", "/api/rooms/{room}/owner", {"user_id": 1}),
    ("GET", "/api/rooms/{room}/messages", None),
    ("GET", "/api/rooms/{room}/messages?after_seq=0", None),
    ("POST", "/api/rooms/{room}/messages", {"content": "hola"}),
    ("POST", "/api/rooms/{room}/messages", {"content": "hola", "client_id": "c1"}),
    ("GET", "/api/ws/rooms/{room}/online", None),
]


@pytest.mark.parametrize(("method", "path", "body"), PATHS)
def test_a_stranger_cannot_tell_it_from_no_room(ana, ben, room, method, path, body):
    hidden = ben.call(method, path.format(room=room), 404, "room_not_found", json=body)
    nothing = ben.call(method, path.format(room=NOWHERE), 404, json=body)
    assert said(hidden) == said(nothing)


@pytest.mark.parametrize(("method", "path", "body"), PATHS)
def test_who_was_removed_cannot_tell_it_either(ana, ben, room, method, path, body):
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    ben.get(f"/api/rooms/{room}", 200)
    ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
    hidden = ben.call(method, path.format(room=room), 404, json=body)
    assert said(hidden) == said(ben.call(method, path.format(room=NOWHERE), 404, json=body))


@pytest.mark.parametrize(("method", "path", "body"), PATHS)
def test_without_a_login_there_is_only_401(anyone, room, method, path, body):
    hidden = anyone.call(method, path.format(room=room), 401, "not_authenticated", json=body)
    assert said(hidden) == said(anyone.call(method, path.format(room=NOWHERE), 401, json=body))


def test_its_socket_does_not_open_for_others(ana, ben, room, server):
    ends = []
    for number in (room, NOWHERE):
        socket = Chat(server, number, token=ben.token)
        error = socket.receive("error")
        ends.append(({key: value for key, value in error.items() if key != "timestamp"}, socket.closed()))
    assert ends[0] == ends[1]
    assert ends[0][0]["code"] == "room_not_found"
    assert ends[0][1][0] == 1008


def test_it_is_in_no_list_of_others(ana, ben, anyone, room):
    for client in (ana, ben, anyone):
        assert room not in [
            listed["id"] for listed in client.get("/api/rooms/", 200, params={"after": room - 1}).json()
        ]
    assert room not in [mine["id"] for mine in ben.get("/api/users/me/rooms", 200).json()]
    assert room in [mine["id"] for mine in ana.get("/api/users/me/rooms", 200).json()]


def test_its_members_use_it(ana, ben, room):
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    seen = ben.get(f"/api/rooms/{room}", 200).json()
    assert (seen["is_private"], seen["is_member"], seen["member_count"]) == (True, True, 2)
    assert ben.history(room)[0]["content"] == "un secreto"
    ben.say(room, "guardado")
    with ben.open(room) as chat:
        assert chat.welcome["last_seq"] == 2
        assert ben.get(f"/api/ws/rooms/{room}/online", 200).json()["count"] == 1
    ben.post(f"/api/rooms/{room}/join", 200)


def test_who_leaves_it_does_not_come_back_alone(ana, ben, room):
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    chat = ben.open(room)
    ben.post(f"/api/rooms/{room}/leave", 200)
    assert chat.closed()[0] == 4403
    ben.post(f"/api/rooms/{room}/join", 404, "room_not_found")
    ben.get(f"/api/rooms/{room}/messages", 404, "room_not_found")


def test_a_room_that_becomes_private_keeps_its_members_and_hides_from_the_rest(ana, ben, eva):
    room = ana.make_room()
    ben.join(room)
    eva.get(f"/api/rooms/{room}", 200)
    ana.put(f"/api/rooms/{room}", 200, json={"is_private": True})
    eva.get(f"/api/rooms/{room}", 404, "room_not_found")
    ben.get(f"/api/rooms/{room}", 200)
    ana.put(f"/api/rooms/{room}", 200, json={"is_private": False})
    eva.get(f"/api/rooms/{room}", 200)
