"""Rooms: making, seeing, changing, joining, leaving, handing over, deleting."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.client import TIME


def room_of(client, room):
    return client.get(f"/api/rooms/{room}", 200).json()


def test_a_new_room_belongs_to_its_maker(ana):
    room = ana.post("/api/rooms/", 201, json={"name": "Cocina", "description": "Recetas y fogones"}).json()
    assert isinstance(room["id"], int)
    assert {
        key: room[key]
        for key in (
            "name",
            "description",
            "is_private",
            "owner_id",
            "updated_at",
            "owner",
            "members",
            "member_count",
            "members_truncated",
            "is_member",
        )
    } == {
        "name": "Cocina",
        "description": "Recetas y fogones",
        "is_private": False,
        "owner_id": ana.id,
        "updated_at": None,
        "owner": ana.user,
        "members": [ana.user],
        "member_count": 1,
        "members_truncated": False,
        "is_member": True,
    }
    assert TIME.fullmatch(room["created_at"])
    assert room_of(ana, room["id"]) == room


def test_what_is_not_said_has_its_default(ana):
    for body in ({"name": "sala"}, {"name": "sala", "description": None, "is_private": None}):
        room = ana.post("/api/rooms/", 201, json=body).json()
        assert (room["description"], room["is_private"]) == (None, False)


@pytest.mark.parametrize(
    ("body", "field", "type"),
    [
        ({}, "name", "missing"),
        ({"name": ""}, "name", "string_too_short"),
        ({"name": " \t\u00a0\u3000 "}, "name", "string_too_short"),
        ({"name": "x" * 101}, "name", "string_too_long"),
        ({"name": None}, "name", "string_type"),
        ({"name": 5}, "name", "string_type"),
        ({"name": "a\u0000b"}, "name", None),
        ({"name": "sala", "description": "x" * 1001}, "description", "string_too_long"),
        ({"name": "sala", "description": 5}, "description", "string_type"),
        ({"name": "sala", "is_private": "quizás"}, "is_private", "bool_parsing"),
        ({"name": "sala", "is_private": []}, "is_private", "bool_type"),
    ],
)
def test_bad_rooms(ana, body, field, type):
    [entry] = ana.post("/api/rooms/", 422, "validation_error", json=body).json()["detail"]
    assert entry["loc"] == ["body", field]
    assert type is None or entry["type"] == type


def test_lengths_count_code_points(ana):
    room = ana.post("/api/rooms/", 201, json={"name": "😀" * 100, "description": "ñ" * 1000}).json()
    assert (room["name"], room["description"]) == ("😀" * 100, "ñ" * 1000)


@pytest.mark.parametrize(
    ("id", "status"),
    [
        ("0", 400),
        ("-1", 400),
        ("999999999", 404),
        ("abc", 422),
        ("1.5", 422),
        ("9" * 30, None),
        ("-" + "9" * 30, None),
        ("%00", None),
    ],
)
def test_room_ids_that_are_none(ana, id, status):
    for method, path in [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/join"),
        ("POST", "/leave"),
        ("GET", "/members"),
        ("GET", "/messages"),
        ("POST", "/messages"),
        ("POST", "/members"),
        ("POST", "/owner"),
        ("DELETE", f"/members/{ana.id}"),
    ]:
        bodies = {"/messages": {"content": "hola"}, "/members": {"user_id": ana.id}, "/owner": {"user_id": ana.id}}
        body = bodies.get(path, {"name": "otra"}) if method in ("POST", "PUT") else None
        answer = ana.call(method, f"/api/rooms/{id}{path}", json=body)
        assert answer.status_code in ((status,) if status else (400, 404, 422)), (method, path, answer.text)


def test_only_the_owner_changes_a_room(ana, ben):
    room = ana.make_room("antes", description="de antes")
    changed = ana.put(f"/api/rooms/{room}", 200, json={"name": "después"}).json()
    assert (changed["name"], changed["description"]) == ("después", "de antes")
    assert TIME.fullmatch(changed["updated_at"])
    assert ana.put(f"/api/rooms/{room}", 200, json={"description": "nueva"}).json()["name"] == "después"
    assert room_of(ben, room)["description"] == "nueva"
    for joined in (False, True):
        if joined:
            ben.join(room)
        ben.put(f"/api/rooms/{room}", 403, "not_room_owner", json={"name": "mía"})
        ben.delete(f"/api/rooms/{room}", 403, "not_room_owner")
        ben.post(f"/api/rooms/{room}/owner", 403, "not_room_owner", json={"user_id": ben.id})
        ben.post(f"/api/rooms/{room}/members", 403, "not_room_owner", json={"user_id": ben.id})
        ben.delete(f"/api/rooms/{room}/members/{ana.id}", 403, "not_room_owner")
    assert room_of(ana, room)["name"] == "después"


def test_a_change_keeps_the_rules_and_an_empty_one_changes_nothing(ana):
    room = ana.make_room("sala", description="algo")
    for bad in ({"name": ""}, {"name": "x" * 101}, {"description": "x" * 1001}, {"is_private": "quizás"}):
        ana.put(f"/api/rooms/{room}", 422, "validation_error", json=bad)
    same = ana.put(f"/api/rooms/{room}", 200, json={}).json()
    assert (same["name"], same["description"], same["is_private"]) == ("sala", "algo", False)
    same = ana.put(f"/api/rooms/{room}", 200, json={"name": None, "is_private": None}).json()
    assert (same["name"], same["is_private"]) == ("sala", False)


def test_the_public_list_is_in_order_in_pages_and_says_who_is_a_member(ana, ben, anyone):
    rooms = [ana.make_room(f"pública {n}") for n in range(4)]
    hidden = ana.make_room("privada", is_private=True)
    ben.join(rooms[1])

    def page(client, **query):
        return client.get("/api/rooms/", 200, params=query).json()

    listed = page(ben, after=rooms[0] - 1)
    assert [room["id"] for room in listed] == rooms
    assert [room["is_member"] for room in listed] == [False, True, False, False]
    assert [room["is_member"] for room in page(anyone, after=rooms[0] - 1)] == [False] * 4
    assert [room["id"] for room in page(anyone, before=rooms[2], limit=2)] == [rooms[1], rooms[0]]
    assert hidden not in [room["id"] for room in page(ana, after=rooms[0] - 1)]
    everything = [room["id"] for room in page(anyone, limit=200)]
    assert everything == sorted(everything)
    assert [room["id"] for room in page(anyone, skip=1, limit=2)] == everything[1:3]
    assert len(page(anyone, limit=10**6)) <= 200


def test_nobody_sees_emails_in_the_public_list(ana, anyone):
    room = ana.make_room()
    [listed] = anyone.get("/api/rooms/", 200, params={"after": room - 1, "limit": 1}).json()
    assert listed["owner"] == ana.user | {"email": None}
    assert all(member["email"] is None for member in listed["members"])


def test_joining_and_leaving(ana, ben):
    room = ana.make_room()
    joined = ben.post(f"/api/rooms/{room}/join", 200).json()
    assert joined == {"message": "Te has unido a la sala exitosamente", "room_id": room}
    assert ben.post(f"/api/rooms/{room}/join", 200).json()["room_id"] == room, "joining twice is no error"
    seen = room_of(ben, room)
    assert (seen["member_count"], seen["is_member"], [user["id"] for user in seen["members"]]) == (
        2,
        True,
        [ana.id, ben.id],
    )
    assert ben.post(f"/api/rooms/{room}/leave", 200).json()["room_id"] == room
    assert room_of(ben, room)["is_member"] is False
    ben.post(f"/api/rooms/{room}/leave", 400, "not_a_member")
    ana.post(f"/api/rooms/{room}/leave", 400, "owner_cannot_leave")


def test_a_join_and_a_leave_at_once_end_in_one_of_both_states(ana, ben):
    room = ana.make_room()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(lambda n: ben.post(f"/api/rooms/{room}/{'join' if n % 2 else 'leave'}").status_code, range(40))
        )
    assert set(statuses) <= {200, 400}
    seen = room_of(ana, room)
    assert seen["member_count"] == len(seen["members"]) == 1 + room_of(ben, room)["is_member"]


def test_a_public_room_can_be_read_by_any_login(ana, ben, anyone):
    room = ana.make_room()
    ana.say(room, "hola")
    for path in ("", "/members", "/messages"):
        ben.get(f"/api/rooms/{room}{path}", 200)
        anyone.get(f"/api/rooms/{room}{path}", 401, "not_authenticated")
    assert ben.get(f"/api/ws/rooms/{room}/online", 200).json() == {"room_id": room, "online_users": [], "count": 0}
    assert room_of(ben, room)["is_member"] is False, "reading makes nobody a member"


def test_posting_makes_a_member(ana, ben):
    room = ana.make_room()
    ben.say(room, "hola")
    assert room_of(ben, room)["is_member"] is True


def test_opening_the_socket_makes_a_member(ana, ben):
    room = ana.make_room()
    ben.open(room).close()
    assert room_of(ben, room)["is_member"] is True


def test_members_are_listed_in_pages(ana, person):
    room = ana.make_room()
    others = [person() for _ in range(3)]
    for other in others:
        other.join(room)
    ids = [ana.id] + [other.id for other in others]

    def page(**query):
        return [user["id"] for user in ana.get(f"/api/rooms/{room}/members", 200, params=query).json()]

    assert page() == ids
    assert page(skip=1, limit=2) == ids[1:3]
    assert page(after=ids[1], limit=1) == [ids[2]]
    assert page(before=ids[3], limit=2) == [ids[2], ids[1]]


def test_a_crowded_room_shows_100_members_the_owner_and_the_caller_among_them(anyone, person):
    """The owner and the caller have the highest ids here: a plain cut would lose both."""
    crowd = [
        {"username": f"gente{n}", "email": f"gente{n}@example.test", "password": "contraseña de todos"}
        for n in range(100)
    ]
    crowd_ids = [anyone.post("/api/users/register", 201, json=account).json()["id"] for account in crowd]
    caller, owner = person("oyente"), person("dueña")
    room = owner.make_room()
    for member in [*crowd_ids, caller.id]:
        owner.post(f"/api/rooms/{room}/members", 201, json={"user_id": member})
    seen = room_of(caller, room)
    shown = [user["id"] for user in seen["members"]]
    assert (len(shown), len(set(shown)), seen["member_count"], seen["members_truncated"]) == (100, 100, 102, True)
    assert {owner.id, caller.id} <= set(shown)
    assert len(caller.get(f"/api/rooms/{room}/members", 200, params={"limit": 200}).json()) == 102


def test_a_room_is_handed_over_to_a_member(ana, ben, eva):
    room = ana.make_room(is_private=True)
    ana.post(f"/api/rooms/{room}/owner", 404, "member_not_found", json={"user_id": ben.id})
    ana.post(f"/api/rooms/{room}/owner", 404, json={"user_id": 999999999})
    ana.post(f"/api/rooms/{room}/owner", 422, "validation_error", json={})
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    handed = ana.post(f"/api/rooms/{room}/owner", 200, json={"user_id": ben.id}).json()
    assert (handed["owner_id"], handed["owner"]["id"]) == (ben.id, ben.id)
    ana.put(f"/api/rooms/{room}", 403, "not_room_owner", json={"name": "otra"})
    ben.put(f"/api/rooms/{room}", 200, json={"name": "otra"})
    ben.post(f"/api/rooms/{room}/leave", 400, "owner_cannot_leave")
    ana.post(f"/api/rooms/{room}/leave", 200)
    ana.get(f"/api/rooms/{room}", 404)


def test_a_deleted_room_is_gone_for_all(ana, ben):
    room = ana.make_room()
    ana.say(room, "adiós")
    sockets = [ana.open(room), ben.open(room)]
    assert ana.delete(f"/api/rooms/{room}", 200).json()["message"]
    for socket in sockets:
        assert socket.closed()[0] == 4404
    for person in (ana, ben):
        for path in ("", "/messages", "/members"):
            person.get(f"/api/rooms/{room}{path}", 404, "room_not_found")
        person.post(f"/api/rooms/{room}/messages", 404, "room_not_found", json={"content": "¿hola?"})
        person.post(f"/api/rooms/{room}/join", 404, "room_not_found")
        assert room not in [mine["id"] for mine in person.get("/api/users/me/rooms", 200).json()]
    ana.delete(f"/api/rooms/{room}", 404, "room_not_found")
    assert ana.make_room() > room, "an id is never given twice"
