"""A client written for the server that this one replaces: only its base URL has changed. It knows nothing of refresh
tokens, seq or client_id, sends fields that nobody reads, and compares words."""

import json

import httpx
import pytest
from websockets.sync.client import connect

ANA = {
    "username": "ana_antigua",
    "email": "ana.antigua@example.test",
    "password": "contraseña vieja",
    "full_name": "Ana Antigua",
}
BEN = {"username": "ben_antiguo", "email": "ben.antiguo@example.test", "password": "contraseña vieja", "full_name": ""}


class OldClient:
    """The calls of the old JavaScript client, by its habits: trailing slashes here, none there."""

    def __init__(self, base):
        self.base = base
        self.http = httpx.Client(base_url=base, trust_env=False, follow_redirects=False, timeout=20)
        self.token = None

    def request(self, method, path, body=None):
        headers = {"Content-Type": "application/json", "Origin": "http://localhost:3000"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return self.http.request(method, path, headers=headers, content=json.dumps(body) if body is not None else None)

    def json(self, method, path, body=None):
        answer = self.request(method, path, body)
        assert answer.is_success, (method, path, answer.status_code, answer.text)
        return answer.json()

    def log_in(self, account):
        answer = self.json(
            "POST", "/api/users/login", {"username": account["username"], "password": account["password"]}
        )
        assert answer["token_type"] == "bearer"
        self.token = answer["access_token"]

    def socket(self, room):
        return connect(f"{self.base.replace('http', 'ws')}/api/ws/{room}?token={self.token}", proxy=None)


@pytest.fixture
def client(server):
    return OldClient(server.url)


def test_an_evening_of_two_old_clients(server):
    ana, ben = OldClient(server.url), OldClient(server.url)
    for client, account in ((ana, ANA), (ben, BEN)):
        user = client.json("POST", "/api/users/register", account)
        assert {"id", "username", "email", "full_name", "is_active", "created_at", "updated_at"} <= user.keys()
        client.log_in(account)
    me = ana.json("GET", "/api/users/me")
    assert me["email"] == ANA["email"]

    # The form sends every field it has, whatever the server reads.
    room = ana.json(
        "POST",
        "/api/rooms/",
        {
            "name": "Sala de siempre",
            "description": "",
            "is_private": None,
            "is_public": True,
            "max_members": 50,
            "tags": [],
        },
    )
    assert {
        "id",
        "name",
        "description",
        "is_private",
        "owner_id",
        "created_at",
        "updated_at",
        "owner",
        "members",
    } <= room.keys()
    assert room["is_private"] is False
    assert any(listed["id"] == room["id"] for listed in paged(ben, "/api/rooms/"))

    joined = ben.json("POST", f"/api/rooms/{room['id']}/join")
    assert joined == {"message": "Te has unido a la sala exitosamente", "room_id": room["id"]}
    assert [user["username"] for user in ben.json("GET", f"/api/rooms/{room['id']}/members/")] == [
        ANA["username"],
        BEN["username"],
    ]

    with ana.socket(room["id"]) as ana_socket, ben.socket(room["id"]) as ben_socket:
        for socket in (ana_socket, ben_socket):
            assert next_of(socket, "welcome")["room_id"] == room["id"]
        ana_socket.send(
            json.dumps({"content": "¡hola!", "file": None, "file_id": None, "user": me, "room_id": room["id"]})
        )
        for socket in (ana_socket, ben_socket):
            event = next_of(socket, "message")
            assert (event["content"], event["sender"]["username"]) == ("¡hola!", ANA["username"])
        ben_socket.send(json.dumps({"type": "typing", "typing": True}))
        assert next_of(ana_socket, "typing")["username"] == BEN["username"]
        # The fallback of the old client when its socket is busy: REST, with the room in the body and a whole file object.
        ben.json(
            "POST",
            f"/api/rooms/{room['id']}/messages",
            {"content": "por REST", "room_id": room["id"], "file": {"id": 3, "name": "x"}},
        )
        assert next_of(ana_socket, "message")["content"] == "por REST"

    history = ana.json("GET", f"/api/rooms/{room['id']}/messages/?skip=0&limit=50")
    assert [message["content"] for message in history] == ["por REST", "¡hola!"], "newest first: the client reverses it"
    assert {"id", "content", "sender_id", "room_id", "file_id", "created_at", "sender", "room", "file"} <= history[
        0
    ].keys()
    ben.json("POST", f"/api/rooms/{room['id']}/leave")
    assert ben.json("GET", "/api/users/me/rooms") == []


def paged(client, path):
    """As old clients page: by skip, until a page is short."""
    found = []
    while page := client.json("GET", f"{path}?skip={len(found)}&limit=100"):
        found += page
    return found


def next_of(socket, type):
    while True:
        event = json.loads(socket.recv(timeout=20))
        if event["type"] == type:
            return event


def test_the_words_that_old_clients_compare(client):
    account = {**ANA, "username": "ana_antigua_2", "email": "ana.antigua.2@example.test"}
    client.json("POST", "/api/users/register", account)
    taken = client.request("POST", "/api/users/register", account)
    assert (taken.status_code, taken.json()["detail"]) == (400, "Email already registered")
    taken = client.request("POST", "/api/users/register", account | {"email": "otra@example.test"})
    assert (taken.status_code, taken.json()["detail"]) == (400, "Username already taken")
    wrong = client.request("POST", "/api/users/login", {"username": account["username"], "password": "otra cosa"})
    assert wrong.status_code == 401 and isinstance(wrong.json()["detail"], str)


def test_validation_errors_have_the_shape_that_old_forms_show(client):
    answer = client.request("POST", "/api/users/register", {"username": "ab", "email": "no es", "password": "corta"})
    assert answer.status_code == 422
    by_field = {entry["loc"][-1]: entry for entry in answer.json()["detail"]}
    assert by_field.keys() == {"username", "email", "password"}
    assert all(isinstance(entry["msg"], str) and isinstance(entry["type"], str) for entry in by_field.values())
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000", (
        "else the browser shows no error at all"
    )


def test_a_browser_on_another_origin_may_call(client):
    preflight = client.http.request(
        "OPTIONS",
        "/api/rooms/",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert preflight.status_code in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
