"""Logins: their tokens, how they are renewed, and how they end everywhere at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import tokens
from support.client import Client, Person
from support.server import Server

KEY = "una-clave-solo-para-pruebas-con-mas-de-32-bytes"


def bearer(token):
    return {"headers": {"Authorization": f"Bearer {token}"}}


def refresh(client, token, expect=200, code=None):
    return client.post("/api/users/refresh", expect, code, json={"refresh_token": token}).json()


def test_the_token_names_the_user_by_id(ana):
    claims = tokens.claims_of(ana.token)
    assert claims["sub"] == str(ana.id)
    assert claims["exp"] - claims["iat"] == 30 * 60
    assert tokens.header_of(ana.token)["alg"] == "HS256"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer x",
        "Bearer a.b.c",
        "Basic YW5hOmFuYQ==",
        "Token abc",
        "bearer\tx",
        "Bearer " + "x" * 5000,
    ],
)
def test_a_bad_token_is_401(anyone, value):
    answer = anyone.get("/api/users/me", 401, headers={"Authorization": value})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_scheme_is_named_in_any_case(anyone, ana):
    for scheme in ("bearer", "BEARER"):
        anyone.get("/api/users/me", 200, headers={"Authorization": f"{scheme} {ana.token}"})


def test_a_bad_token_is_401_even_where_one_is_optional(anyone):
    anyone.get("/api/rooms/", 200)
    anyone.get("/api/rooms/", 401, "invalid_token", **bearer("a.b.c"))


def test_a_token_in_the_url_is_for_the_socket_and_who_is_online_only(anyone, ana):
    room = ana.make_room()
    anyone.get(f"/api/ws/rooms/{room}/online", 200, params={"token": ana.token})
    anyone.get(f"/api/ws/rooms/{room}/online", 401, params={"token": "a.b.c"})
    anyone.get("/api/users/me", 401, params={"token": ana.token})
    anyone.get(f"/api/rooms/{room}", 401, params={"token": ana.token})


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    """A server whose key the test knows."""
    own = Server(tmp_path_factory.mktemp("keyed"), {"SECRET_KEY": KEY}).start()
    yield own
    own.stop()


@pytest.fixture(scope="module")
def victim(keyed):
    return Person(keyed, "victima")


def test_a_token_signed_again_with_the_same_key_is_good(victim):
    """Shows that the forgeries below fail for what they change, not for how they are made."""
    Client(victim.server).get(
        "/api/users/me",
        200,
        **bearer(tokens.signed(tokens.header_of(victim.token), tokens.claims_of(victim.token), KEY)),
    )


NOW = int(time.time())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"exp": NOW - 1}, "token_expired"),
        ({"exp": NOW - 10**6, "iat": NOW - 2 * 10**6}, "token_expired"),
        ({"exp": None}, "invalid_token"),
        ({"exp": "tomorrow"}, "invalid_token"),
        ({"iat": NOW + 3600, "exp": NOW + 7200}, "invalid_token"),
        ({"iat": None}, "invalid_token"),
        ({"typ": "refresh"}, "invalid_token"),
        ({"typ": None}, "invalid_token"),
        ({"sub": None}, "invalid_token"),
        ({"sub": "ana"}, "invalid_token"),
        ({"sub": "1 OR 1=1"}, "invalid_token"),
        ({"sub": "9" * 30}, None),
        ({"sub": "999999"}, None),
    ],
)
def test_a_well_signed_token_with_other_claims_is_refused(victim, change, code):
    claims = {name: value for name, value in (tokens.claims_of(victim.token) | change).items() if value is not None}
    forged = tokens.signed(tokens.header_of(victim.token), claims, KEY)
    Client(victim.server).get("/api/users/me", 401, code, **bearer(forged))


def test_only_the_configured_algorithm_is_taken(victim):
    claims = tokens.claims_of(victim.token)
    forgeries = [
        tokens.unsigned(claims),
        tokens.signed({"alg": "none", "typ": "JWT"}, claims, KEY),
        tokens.signed({"alg": "HS512", "typ": "JWT"}, claims, KEY, "sha512"),
        tokens.signed({"alg": "HS384", "typ": "JWT"}, claims, KEY, "sha384"),
        tokens.signed({"alg": "HS256", "typ": "JWT"}, claims, "otra clave cualquiera de mas de 32 bytes"),
        tokens.signed({"alg": "RS256", "typ": "JWT"}, claims, KEY),
        tokens.signed({"alg": "HS256", "typ": "JWT"}, claims, ""),
        victim.token[:-3],
        victim.token + "x",
        victim.token.rpartition(".")[0] + ".",
        victim.token.rpartition(".")[0],
    ]
    for forged in forgeries:
        Client(victim.server).get("/api/users/me", 401, "invalid_token", **bearer(forged))


def test_another_server_does_not_know_the_token(anyone, victim):
    anyone.get("/api/users/me", 401, "invalid_token", **bearer(victim.token))


def test_another_algorithm_can_be_set(own_server):
    ana = Person(own_server(ALGORITHM="HS512", ACCESS_TOKEN_EXPIRE_MINUTES="5"))
    assert tokens.header_of(ana.token)["alg"] == "HS512"
    claims = tokens.claims_of(ana.token)
    assert claims["exp"] - claims["iat"] == 300
    ana.get("/api/users/me", 200)


def test_refresh_gives_a_new_pair(ana, anyone):
    pair = refresh(anyone, ana.refresh_token)
    assert pair["token_type"] == "bearer"
    assert pair["expires_in"] == 30 * 60
    assert pair["refresh_token"] != ana.refresh_token
    anyone.get("/api/users/me", 200, **bearer(pair["access_token"]))
    refresh(anyone, pair["refresh_token"])


def test_using_an_old_refresh_token_ends_the_whole_login(ana, anyone):
    """Two holders of one token: one of them is a thief, and nobody can tell which."""
    elsewhere = ana.again()
    room = ana.make_room()
    stolen = ana.refresh_token
    ana.take_login(refresh(anyone, stolen))
    chat, other_chat = ana.open(room), elsewhere.open(room)
    refresh(anyone, stolen, 401, "invalid_refresh_token")
    assert chat.closed()[0] == 4401
    ana.get("/api/users/me", 401)
    refresh(anyone, ana.refresh_token, 401)
    elsewhere.get("/api/users/me", 200)
    other_chat.say("la otra sigue")
    other_chat.until("message")
    other_chat.close()


def test_a_race_for_one_refresh_token_has_at_most_one_winner(ana, anyone):
    token = ana.refresh_token
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: anyone.post("/api/users/refresh", json={"refresh_token": token}), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 5


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ñ" * 40, "A" * 43, "A" * 10000])
def test_an_unknown_refresh_token_is_refused(anyone, token):
    assert anyone.post("/api/users/refresh", json={"refresh_token": token}).status_code in (401, 422)


def test_an_access_token_does_not_refresh_nor_a_refresh_token_open(ana, anyone):
    refresh(anyone, ana.token, 401, "invalid_refresh_token")
    anyone.get("/api/users/me", 401, **bearer(ana.refresh_token))


def test_logout_ends_this_login_and_its_sockets(ana, anyone):
    elsewhere = ana.again()
    room = ana.make_room()
    chat, other_chat = ana.open(room), elsewhere.open(room)
    ana.post("/api/users/logout", 200)
    assert chat.closed()[0] == 4401
    ana.get("/api/users/me", 401)
    refresh(anyone, ana.refresh_token, 401, "invalid_refresh_token")
    elsewhere.get("/api/users/me", 200)
    other_chat.fence()
    other_chat.close()


def test_a_new_password_ends_the_other_logins(ana, anyone):
    elsewhere = ana.again()
    room = ana.make_room()
    chat, other_chat = ana.open(room), elsewhere.open(room)
    old = ana.password
    ana.put("/api/users/me/password", 200, json={"current_password": old, "new_password": "otra contraseña"})
    assert other_chat.closed()[0] == 4401
    elsewhere.get("/api/users/me", 401)
    refresh(anyone, elsewhere.refresh_token, 401)
    ana.get("/api/users/me", 200)
    chat.fence()
    chat.close()
    anyone.post("/api/users/login", 401, json={"username": ana.username, "password": old})
    anyone.post("/api/users/login", 200, json={"username": ana.username, "password": "otra contraseña"})


def test_a_new_password_needs_the_current_one(ana):
    ana.put(
        "/api/users/me/password",
        400,
        "wrong_current_password",
        json={"current_password": "no es esta", "new_password": "otra contraseña"},
    )
    for new in ("corta", "x" * 129, None, 12345678):
        ana.put("/api/users/me/password", 422, json={"current_password": ana.password, "new_password": new})
    ana.log_in()


def test_a_socket_lives_as_long_as_its_login_not_as_its_url(ana, server):
    """The token of the URL is looked at when the socket opens; a renewed login keeps it open."""
    chat = ana.open(ana.make_room())
    ana.take_login(refresh(ana, ana.refresh_token))
    chat.fence()
    chat.close()
