"""REST clients. Every answer is held to the server's description, and none may be a 500."""

import itertools
import json
from typing import Any

import httpx

from .chat import TIME as TIME
from .chat import Chat
from .description import description
from .server import Server
from .waiting import PATIENCE

_numbers = itertools.count(1)


def connect(server: Server, from_address: str | None = None) -> httpx.Client:
    """A pool of connections that follows no redirect and no proxy. `from_address`: any of 127/8, to be somebody else."""
    return httpx.Client(
        base_url=server.url,
        timeout=PATIENCE,
        follow_redirects=False,
        transport=httpx.HTTPTransport(local_address=from_address, verify=False),
    )


def encoded(value: Any) -> bytes:
    """As browsers encode JSON: text as it is, and only lone surrogates as escapes."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(value).encode()


class Client:
    """Calls of somebody; without a token, of nobody."""

    def __init__(self, server: Server, http: httpx.Client | None = None, headers: dict[str, str] | None = None):
        self.server = server
        self.http = http or connect(server)
        self.headers = dict(headers or {})

    def call(
        self, method: str, path: str, expect: int | None = None, code: str | None = None, **request: Any
    ) -> httpx.Response:
        """`expect`: the status it must have; `code`: that of the error in the body."""
        headers = self.headers | request.pop("headers", {})
        if "json" in request:
            request["content"] = encoded(request.pop("json"))
            headers.setdefault("Content-Type", "application/json")
        answer = self.http.request(method, path, headers=headers, **request)
        said = f"{method} {path} → {answer.status_code} {answer.text[:2000]}"
        assert answer.status_code != 500, said
        assert expect is None or answer.status_code == expect, f"expected {expect}: {said}"
        description().judge(
            method, answer.request.url.path, answer.status_code, answer.headers.get("content-type", ""), answer.content
        )
        assert code is None or answer.json()["code"] == code, f"expected {code}: {said}"
        return answer

    def get(self, path: str, expect: int | None = None, code: str | None = None, **request: Any) -> httpx.Response:
        return self.call("GET", path, expect, code, **request)

    def post(self, path: str, expect: int | None = None, code: str | None = None, **request: Any) -> httpx.Response:
        return self.call("POST", path, expect, code, **request)

    def put(self, path: str, expect: int | None = None, code: str | None = None, **request: Any) -> httpx.Response:
        return self.call("PUT", path, expect, code, **request)

    def delete(self, path: str, expect: int | None = None, code: str | None = None, **request: Any) -> httpx.Response:
        return self.call("DELETE", path, expect, code, **request)


class Person(Client):
    """Somebody with an account, logged in. The number in the name makes it nobody else's."""

    def __init__(self, server: Server, name: str = "ana", http: httpx.Client | None = None):
        super().__init__(server, http)
        self.username = f"{name}.{next(_numbers)}"
        self.email = f"{self.username}@example.test"
        self.password = f"contraseña de {self.username}"
        self.user = self.post("/api/users/register", 201, json=self.registration()).json()
        self.id: int = self.user["id"]
        self.token = ""
        self.refresh_token = ""
        self.log_in()

    def registration(self) -> dict[str, Any]:
        return {
            "username": self.username,
            "email": self.email,
            "password": self.password,
            "full_name": "Persona de Prueba",
        }

    def log_in(self) -> None:
        self.take_login(
            self.post("/api/users/login", 200, json={"username": self.username, "password": self.password}).json()
        )

    def take_login(self, login: dict[str, Any]) -> None:
        self.token = login["access_token"]
        self.refresh_token = login["refresh_token"]
        self.headers["Authorization"] = f"Bearer {self.token}"

    def again(self) -> "Person":
        """The same person on another device: a login of its own."""
        other = object.__new__(Person)
        other.__dict__ = self.__dict__ | {"headers": {}}
        other.log_in()
        return other

    def at(self, server: Server) -> "Person":
        """The same login, on another server."""
        other = object.__new__(Person)
        other.__dict__ = self.__dict__ | {"server": server, "http": connect(server)}
        return other

    def make_room(self, name: str = "sala", **fields: Any) -> int:
        return self.post("/api/rooms/", 201, json={"name": name, **fields}).json()["id"]

    def join(self, room: int) -> None:
        self.post(f"/api/rooms/{room}/join", 200)

    def say(self, room: int, content: str, **fields: Any) -> dict[str, Any]:
        return self.post(f"/api/rooms/{room}/messages", 201, json={"content": content, **fields}).json()

    def history(self, room: int, **query: Any) -> list[dict[str, Any]]:
        return self.get(f"/api/rooms/{room}/messages", 200, params=query).json()

    def open_all(self, **query: Any) -> Chat:
        """The socket of all rooms, past its hello (kept in `hello`)."""
        chat = Chat(self.server, None, token=self.token, **query)
        chat.hello = chat.receive("hello")
        return chat

    def open(self, room: int, **query: Any) -> Chat:
        """A socket in the room, past its welcome (kept in `welcome` and `online`)."""
        chat = Chat(self.server, room, token=self.token, **query)
        chat.greet()
        return chat
