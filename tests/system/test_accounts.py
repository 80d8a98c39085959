"""Registering, one's own profile, and what others see of it."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from support.client import TIME, Person

numbers = count(1)


def form(**fields):
    """A registration that is good but for `fields`."""
    n = next(numbers)
    return {"username": f"cuenta{n}", "email": f"cuenta{n}@example.test", "password": "contraseña larga"} | fields


def types_by_field(answer):
    return {entry["loc"][-1]: entry["type"] for entry in answer.json()["detail"]}


def test_register_answers_with_the_user(anyone):
    sent = form(full_name="Ana Prueba")
    user = anyone.post("/api/users/register", 201, json=sent).json()
    assert isinstance(user["id"], int)
    assert {key: user[key] for key in ("username", "email", "full_name", "is_active", "updated_at")} == {
        "username": sent["username"],
        "email": sent["email"],
        "full_name": "Ana Prueba",
        "is_active": True,
        "updated_at": None,
    }
    assert TIME.fullmatch(user["created_at"])
    assert "password" not in str(user)


def test_full_name_may_be_missing_or_null(anyone):
    assert anyone.post("/api/users/register", 201, json=form()).json()["full_name"] is None
    assert anyone.post("/api/users/register", 201, json=form(full_name=None)).json()["full_name"] is None


def test_login_by_username_and_by_email(anyone):
    sent = form()
    anyone.post("/api/users/register", 201, json=sent)
    for name in (sent["username"], sent["email"], sent["email"].upper(), sent["username"].upper()):
        login = anyone.post("/api/users/login", 200, json={"username": name, "password": sent["password"]}).json()
        assert login["token_type"] == "bearer"
        assert login["expires_in"] == 30 * 60
        me = anyone.get("/api/users/me", 200, headers={"Authorization": f"Bearer {login['access_token']}"}).json()
        assert me["username"] == sent["username"]


def test_taken_names_are_refused_in_words_old_clients_compare(anyone):
    first = form()
    anyone.post("/api/users/register", 201, json=first)
    for language in ("es", "en"):
        headers = {"Accept-Language": language}
        email = anyone.post(
            "/api/users/register", 400, "email_taken", json=form(email=first["email"]), headers=headers
        ).json()
        assert email["detail"] == "Email already registered"
        name = anyone.post(
            "/api/users/register", 400, "username_taken", json=form(username=first["username"]), headers=headers
        ).json()
        assert name["detail"] == "Username already taken"
        both = anyone.post("/api/users/register", 400, json=first, headers=headers).json()
        assert both["detail"] == "Email already registered", "the e-mail is looked at first"


def test_taken_names_carry_a_translated_message(anyone):
    first = form()
    anyone.post("/api/users/register", 201, json=first)
    messages = {
        anyone.post("/api/users/register", 400, json=first, headers={"Accept-Language": language}).json()["message"]
        for language in ("es", "en")
    }
    assert len(messages) == 2


@pytest.mark.parametrize(
    ("taken", "alike"),
    [
        ("pepa.grillo", "PEPA.Grillo"),
        ("paco_casa", "p\u0430co_casa"),  # Cyrillic а
        ("alba-luz", "ａｌｂａ-ｌｕｚ"),  # fullwidth: the same under NFKC
        ("zoe\u0301.tres", "zo\u00e9.tres"),  # decomposed and composed
        ("Straße.uno", "strasse.uno"),
    ],
)
def test_names_that_look_the_same_are_taken(anyone, taken, alike):
    anyone.post("/api/users/register", 201, json=form(username=taken))
    anyone.post("/api/users/register", 400, "username_taken", json=form(username=alike))


def test_an_email_is_taken_whatever_its_case(anyone):
    anyone.post("/api/users/register", 201, json=form(email="Mayus@Example.test"))
    anyone.post("/api/users/register", 400, "email_taken", json=form(email="mayus@example.TEST"))


@pytest.mark.parametrize("username", ["abc", "José_Ñandú", "маша", "李小龙", "नमस्ते", "a.b-c_d9", "ñ" * 50])
def test_usernames_of_any_script(anyone, username):
    assert anyone.post("/api/users/register", 201, json=form(username=username)).json()["username"] == username


@pytest.mark.parametrize(
    ("username", "type"),
    [
        ("ab", "string_too_short"),
        ("", "string_too_short"),
        ("x" * 51, "string_too_long"),
        ("ana@casa", None),
        ("ana casa", None),
        ("ana\u200bcasa", None),  # zero width
        ("ana\u202ecasa", None),  # bidi override
        ("ana\x07casa", None),
        ("ana\x00casa", None),
        ("ana😀casa", None),
        ("ana/casa", None),
        ("<script>", None),
        (None, None),
        (7, "string_type"),
        (["ana"], "string_type"),
        ({"a": 1}, "string_type"),
    ],
)
def test_bad_usernames(anyone, username, type):
    found = types_by_field(anyone.post("/api/users/register", 422, json=form(username=username)))
    assert "username" in found
    assert type is None or found["username"] == type


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ana",
        "ana@",
        "@example.test",
        "a@b@example.test",
        "a b@example.test",
        "ana@example..test",
        "ana\r\n@example.test",
        "x" * 65 + "@example.test",
        "ana@" + "x" * 250 + ".test",
        "ana@-.test",
        None,
        5,
    ],
)
def test_bad_emails(anyone, email):
    assert "email" in types_by_field(anyone.post("/api/users/register", 422, json=form(email=email)))


@pytest.mark.parametrize(
    ("password", "type"),
    [
        ("siete77", "string_too_short"),
        ("", "string_too_short"),
        ("ñ" * 129, "string_too_long"),
        (None, None),
        (12345678, "string_type"),
    ],
)
def test_bad_passwords(anyone, password, type):
    found = types_by_field(anyone.post("/api/users/register", 422, json=form(password=password)))
    assert "password" in found
    assert type is None or found["password"] == type


@pytest.mark.parametrize("password", ["ocho8888", "😀" * 8, "ñ" * 128, "   espacios   "])
def test_good_passwords(anyone, password):
    sent = form(password=password)
    anyone.post("/api/users/register", 201, json=sent)
    anyone.post("/api/users/login", 200, json={"username": sent["username"], "password": password})


def test_full_name_has_at_most_100_characters(anyone):
    anyone.post("/api/users/register", 201, json=form(full_name="é" * 100))
    assert types_by_field(anyone.post("/api/users/register", 422, json=form(full_name="é" * 101))) == {
        "full_name": "string_too_long"
    }


def test_every_missing_field_is_named_at_once(anyone):
    detail = anyone.post("/api/users/register", 422, "validation_error", json={}).json()["detail"]
    assert {(tuple(entry["loc"]), entry["type"]) for entry in detail} == {
        (("body", field), "missing") for field in ("username", "email", "password")
    }


def test_unknown_fields_are_ignored(anyone):
    user = anyone.post(
        "/api/users/register", 201, json=form(id=1, is_active=False, is_admin=True, extra={"a": [1]})
    ).json()
    assert user["is_active"] is True
    assert user["id"] != 1 or user["username"] == "cuenta1"


def test_a_race_for_one_name_has_one_winner(anyone):
    sent = form()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(
                lambda n: (
                    anyone.post("/api/users/register", json=sent | {"email": f"carrera{n}.{sent['email']}"}).status_code
                ),
                range(8),
            )
        )
    assert sorted(statuses) == [201] + [400] * 7


def test_me(ana):
    me = ana.get("/api/users/me", 200).json()
    assert me == ana.user


def test_the_profile_changes_field_by_field(ana):
    before = ana.get("/api/users/me", 200).json()
    after = ana.put("/api/users/me", 200, json={"full_name": "Otra Persona"}).json()
    assert after == before | {"full_name": "Otra Persona", "updated_at": after["updated_at"]}
    assert TIME.fullmatch(after["updated_at"])
    assert ana.put("/api/users/me", 200, json={"full_name": None}).json()["full_name"] == "Otra Persona", (
        "null: no change"
    )
    assert ana.put("/api/users/me", 200, json={"full_name": ""}).json()["full_name"] is None
    renamed = ana.put(
        "/api/users/me", 200, json={"username": f"nueva.{ana.username}", "email": f"nuevo.{ana.email}"}
    ).json()
    assert (renamed["username"], renamed["email"]) == (f"nueva.{ana.username}", f"nuevo.{ana.email}")
    assert ana.get("/api/users/me", 200).json() == renamed


def test_an_empty_or_null_profile_change_changes_nothing(ana):
    for nothing in ({}, {"username": None, "email": None}):
        changed = ana.put("/api/users/me", 200, json=nothing).json()
        assert (changed["username"], changed["email"]) == (ana.username, ana.email)


def test_a_profile_change_keeps_the_rules(ana, ben):
    ana.put("/api/users/me", 400, "username_taken", json={"username": ben.username})
    ana.put("/api/users/me", 400, "email_taken", json={"email": ben.email})
    assert types_by_field(ana.put("/api/users/me", 422, json={"username": "x", "email": "y"})).keys() == {
        "username",
        "email",
    }
    ana.put("/api/users/me", 200, json={"username": ana.username.upper()})


def test_a_token_never_changes_its_person(ana, anyone, server, http):
    """The token names the id: whoever takes the name that another gave up does not become them."""
    old_name = ana.username
    ana.put("/api/users/me", 200, json={"username": f"{old_name}.x", "email": f"x.{ana.email}"})
    taker = anyone.post("/api/users/register", 201, json=form(username=old_name, email=ana.email)).json()
    assert ana.get("/api/users/me", 200).json()["id"] == ana.id != taker["id"]


def test_email_is_shown_to_its_owner_only(ana, ben):
    room = ana.make_room()
    ben.join(room)
    ana.say(room, "hola")
    shown = [
        ben.get(f"/api/users/{ana.id}", 200).json(),
        ben.get(f"/api/users/username/{ana.username}", 200).json(),
        ben.get(f"/api/rooms/{room}", 200).json()["owner"],
        *(user for user in ben.get(f"/api/rooms/{room}", 200).json()["members"] if user["id"] == ana.id),
        *(user for user in ben.get(f"/api/rooms/{room}/members", 200).json() if user["id"] == ana.id),
        ben.history(room)[0]["sender"],
        ben.history(room)[0]["room"]["owner"],
        *(user for user in ben.get("/api/users/", 200, params={"after": ana.id - 1, "limit": 1}).json()),
    ]
    assert len(shown) == 8
    for user in shown:
        assert user == ana.user | {"email": None}
    assert ana.get(f"/api/users/{ana.id}", 200).json() == ana.user
    assert ana.get(f"/api/rooms/{room}", 200).json()["owner"]["email"] == ana.email


def test_users_are_listed_in_order_and_in_pages(ana, person):
    people = [ana] + [person() for _ in range(4)]
    ids = [somebody.id for somebody in people]

    def page(**query):
        return [user["id"] for user in ana.get("/api/users/", 200, params=query).json()]

    assert ids == sorted(ids)
    assert page(after=ids[0], limit=3) == ids[1:4]
    assert page(after=ids[-1]) == []
    assert page(before=ids[3], limit=2) == [ids[2], ids[1]]
    first_two = page(skip=0, limit=2)
    assert page(skip=1, limit=1) == first_two[1:]
    assert len(page(limit=1000)) <= 200


def test_users_by_id_and_by_name(ana, ben):
    assert ana.get(f"/api/users/{ben.id}", 200).json() == ben.user | {"email": None}
    assert ana.get(f"/api/users/username/{ben.username.upper()}", 200).json()["id"] == ben.id
    ana.get("/api/users/999999999", 404, "user_not_found")
    ana.get("/api/users/username/nadie.con.este.nombre", 404, "user_not_found")
    ana.get("/api/users/abc", 422, "validation_error")


def test_a_name_with_reserved_characters_is_found_percent_encoded(anyone, ana):
    anyone.post("/api/users/register", 201, json=form(username="ñandú_único"))
    assert ana.get("/api/users/username/%C3%B1and%C3%BA_%C3%BAnico", 200).json()["username"] == "ñandú_único"


def test_my_rooms_and_files(ana, ben):
    mine, private, other = ana.make_room("una"), ana.make_room("dos", is_private=True), ben.make_room("tres")
    assert [room["id"] for room in ana.get("/api/users/me/rooms", 200).json()] == [mine, private]
    ana.join(other)
    assert [room["id"] for room in ana.get("/api/users/me/rooms", 200).json()] == [mine, private, other]
    assert [room["id"] for room in ana.get("/api/users/me/rooms", 200, params={"skip": 1, "limit": 1}).json()] == [
        private
    ]
    assert ana.get("/api/users/me/files", 200).json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/users/me"),
        ("PUT", "/api/users/me"),
        ("GET", "/api/users/"),
        ("GET", "/api/users/1"),
        ("GET", "/api/users/username/ana"),
        ("GET", "/api/users/me/rooms"),
        ("GET", "/api/users/me/files"),
        ("PUT", "/api/users/me/password"),
        ("POST", "/api/users/logout"),
    ],
)
def test_without_a_login_there_is_nothing_to_see(anyone, method, path):
    answer = anyone.call(method, path, 401, "not_authenticated", json={})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_people_survive_a_restart(own_server):
    own = own_server()
    ana = Person(own)
    own.restart()
    assert ana.get("/api/users/me", 200).json() == ana.user, "the key is kept: tokens too"
    ana.log_in()
