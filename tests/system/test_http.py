"""HTTP itself, byte by byte: what is well-formed works, what is not is refused in the shape of every other error, and
nothing makes the server hang, crash or lose count of where a request ends."""

import json
import re

import jsonschema
import pytest

from support.client import Client
from support.description import ERROR_SHAPE
from support.raw import Wire
from support.waiting import wait_until

HOST = "Host: localhost\r\n"


def request(line, *fields, body=""):
    return f"{line} HTTP/1.1\r\n{HOST}" + "".join(f"{field}\r\n" for field in fields) + f"\r\n{body}"


def with_length(line, body, *fields):
    return request(line, "Content-Type: application/json", f"Content-Length: {len(body.encode())}", *fields, body=body)


@pytest.fixture
def wire(server):
    with Wire(server) as connection:
        yield connection


def test_a_connection_is_kept_for_the_next_request(wire):
    for _ in range(3):
        assert wire.send(request("GET /health")).answer().status == 200


def test_a_connection_is_closed_when_asked(wire):
    answer = wire.send(request("GET /health", "Connection: close")).answer()
    assert (answer.status, answer.headers["connection"].lower()) == (200, "close")
    assert wire.is_closed()


def test_http_1_0_closes_after_the_answer(wire):
    assert wire.send("GET /health HTTP/1.0\r\n\r\n").answer().status == 200
    assert wire.is_closed()


def test_pipelined_requests_are_answered_in_order(wire, ana):
    token = f"Authorization: Bearer {ana.token}"
    room = ana.make_room()
    wire.send(
        request("GET /api/users/me", token)
        + "".join(
            with_length(f"POST /api/rooms/{room}/messages", json.dumps({"content": f"tubería {n}"}), token)
            for n in range(20)
        )
        + request("GET /nada")
        + request("GET /health")
    )
    assert wire.answer().json()["id"] == ana.id
    assert [wire.answer().json()["content"] for _ in range(20)] == [f"tubería {n}" for n in range(20)]
    assert [wire.answer().status for _ in range(2)] == [404, 200]


def test_a_request_may_come_one_byte_at_a_time(wire, ana):
    text = with_length(
        f"POST /api/rooms/{ana.make_room()}/messages", '{"content":"gota a gota"}', f"Authorization: Bearer {ana.token}"
    )
    for byte in text.encode():
        wire.send(bytes([byte]))
    assert wire.answer().json()["content"] == "gota a gota"


def test_a_chunked_body_is_a_body(wire, ana):
    room = ana.make_room()
    for chunks in (['{"content":"a trozos"}'], ['{"con', 'tent":', '"a trozos"}'], list('{"content":"a trozos"}')):
        body = "".join(f"{len(chunk):x};ext=1\r\n{chunk}\r\n" for chunk in chunks) + "0\r\nTrailer: x\r\n\r\n"
        wire.send(
            request(
                f"POST /api/rooms/{room}/messages",
                f"Authorization: Bearer {ana.token}",
                "Transfer-Encoding: chunked",
                body=body,
            )
        )
        answer = wire.answer()
        assert (answer.status, answer.json()["content"]) == (201, "a trozos")
    assert wire.send(request("GET /health")).answer().status == 200


def test_continue_is_sent_only_for_a_body_that_is_wanted(server, ana):
    path, body = f"/api/rooms/{ana.make_room()}/messages", '{"content":"hola"}'
    expect = ("Expect: 100-continue", f"Content-Length: {len(body)}")
    with Wire(server) as wanted:
        wanted.send(request(f"POST {path}", f"Authorization: Bearer {ana.token}", *expect))
        assert wanted.answer().status == 100
        assert wanted.send(body).answer().status == 201
    with Wire(server) as unwanted:
        assert unwanted.send(request(f"POST {path}", *expect)).answer().status == 401


def test_head_is_get_without_the_body(wire):
    get = wire.send(request("GET /health")).answer()
    head = wire.send(request("HEAD /health")).answer(head=True)
    assert (head.status, head.headers["content-length"]) == (200, str(len(get.body)))
    assert wire.send(request("HEAD /nada")).answer(head=True).status == 404
    assert wire.send(request("GET /health")).answer().body == get.body, "no body was left behind"


MALFORMED = {
    "no HTTP": "hola\r\n\r\n",
    "no path": "GET\r\n\r\n",
    "no version": "GET /health\r\nHost: x\r\n\r\n",
    "another version": f"GET /health HTTP/3.0\r\n{HOST}\r\n",
    "a space in the path": f"GET /he alth HTTP/1.1\r\n{HOST}\r\n",
    "a name without a colon": f"GET /health HTTP/1.1\r\n{HOST}Nada\r\n\r\n",
    "a space before the colon": f"GET /health HTTP/1.1\r\n{HOST}Accept : x\r\n\r\n",
    "a folded field": f"GET /health HTTP/1.1\r\n{HOST}Accept: a\r\n b\r\n\r\n",
    "a NUL in a field": f"GET /health HTTP/1.1\r\n{HOST}Accept: a\0b\r\n\r\n",
    "a NUL in the path": f"GET /hea\0lth HTTP/1.1\r\n{HOST}\r\n",
    "an empty name": f"GET /health HTTP/1.1\r\n{HOST}: x\r\n\r\n",
    "a name that is no token": f"GET /health HTTP/1.1\r\n{HOST}A(c): x\r\n\r\n",
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100 + b"\r\n\r\n",
    "control bytes": b"\x01\x02\x03\x04\r\n\r\n",
    "a length that is none": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: abc\r\n\r\n",
    "a negative length": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: -1\r\n\r\n",
    "a length of 30 digits": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: {'9' * 30}\r\n\r\n",
}

# Two readers of these could disagree where the request ends (RFC 9112 §6.3, §11.2).
SMUGGLING = {
    "length and chunks": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{{}}",
    "a list of lengths": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: 2, 40\r\n\r\n{{}}",
    "a signed length": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: +2\r\n\r\n{{}}",
    "a hexadecimal length": f"POST /api/users/login HTTP/1.1\r\n{HOST}Content-Length: 0x2\r\n\r\n{{}}",
    "unknown coding": f"POST /api/users/login HTTP/1.1\r\n{HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked not last": f"POST /api/users/login HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": f"POST /api/users/login HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is none": f"POST /api/users/login HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
    "a chunk size of 30 digits": f"POST /api/users/login HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{'f' * 30}\r\n\r\n",
    "a negative chunk": f"POST /api/users/login HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n-2\r\n{{}}\r\n0\r\n\r\n",
    "a chunk longer than its size": f"POST /api/users/login HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n1\r\n{{}}{{}}\r\n0\r\n\r\n",
    "two hosts": f"GET /health HTTP/1.1\r\n{HOST}Host: other\r\n\r\n",
}


@pytest.mark.parametrize("text", [*MALFORMED.values(), *SMUGGLING.values()], ids=[*MALFORMED, *SMUGGLING])
def test_what_is_not_http_is_refused_and_the_connection_ends(wire, text):
    smuggled = request("GET /api/rooms/")
    answer = wire.send(text).send(smuggled).half_close().answer()
    assert answer is not None, "refused without a word"
    assert 400 <= answer.status < 500 or answer.status in (501, 505), answer
    jsonschema.validate(answer.json(), ERROR_SHAPE)
    assert wire.answer() is None, "what follows a broken request is not a request"


def test_a_truncated_request_ends_the_connection(server):
    whole = with_length("POST /api/users/login", '{"username":"x","password":"y"}')
    for cut in (1, 10, 30, 60, len(whole) - 10, len(whole) - 1):
        with Wire(server) as wire:
            answer = wire.send(whole[:cut]).half_close().answer()
            assert answer is None or 400 <= answer.status < 500
            assert answer is None or wire.is_closed()


def test_a_connection_that_says_nothing_is_no_trouble(server, anyone):
    for linger in (b"", b"\r\n", b"\r\n\r\n"):
        with Wire(server) as wire:
            wire.send(linger).half_close()
            assert wire.answer() is None
    anyone.get("/health", 200)


@pytest.mark.parametrize(
    "fields",
    [
        "X-Big: " + "x" * 100_000 + "\r\n",
        "".join(f"X-{n}: {'y' * 90}\r\n" for n in range(1000)),
        "Cookie: " + "a=b; " * 20_000 + "\r\n",
    ],
    ids=["one of 100 KB", "1000 of them", "cookies"],
)
def test_headers_over_the_limit_are_refused(wire, fields):
    answer = wire.send(f"GET /health HTTP/1.1\r\n{HOST}{fields}\r\n").answer()
    assert answer is not None and answer.status == 431
    assert answer.json()["code"] == "headers_too_large"
    assert wire.is_closed()


def test_headers_under_the_limit_are_taken(wire):
    assert wire.send(request("GET /health", "X-Big: " + "x" * 8_000)).answer().status == 200


def test_a_path_over_the_limit_is_refused(wire):
    answer = wire.send(request(f"GET /{'x' * 100_000}")).answer()
    assert answer is not None and answer.status in (414, 431)
    jsonschema.validate(answer.json(), ERROR_SHAPE)


def test_a_body_over_the_limit_is_refused_before_it_is_read(server):
    for declared in (2**21, 2**33, 2**62):
        with Wire(server) as wire:
            answer = wire.send(request("POST /api/users/login", f"Content-Length: {declared}")).answer()
            assert (answer.status, answer.json()["code"]) == (413, "body_too_large")


def test_a_chunked_body_over_the_limit_is_refused(wire):
    wire.send(request("POST /api/users/login", "Transfer-Encoding: chunked"))
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    for _ in range(40):
        wire.send(chunk)
    answer = wire.answer()
    assert answer is None or answer.status == 413


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/health", {"GET"}),
        ("POST", "/", {"GET"}),
        ("GET", "/api/users/login", {"POST"}),
        ("PATCH", "/api/rooms/", {"GET", "POST"}),
        ("POST", "/api/rooms/1", {"GET", "PUT", "DELETE"}),
        ("GET", "/api/rooms/1/join", {"POST"}),
        ("PUT", "/api/rooms/1/messages", {"GET", "POST"}),
        ("POST", "/api/users/me", {"GET", "PUT"}),
        ("TRACE", "/api/users/me", {"GET", "PUT"}),
        ("DANCE", "/api/users/me", {"GET", "PUT"}),
    ],
)
def test_another_method_is_405_and_says_which_are_there(anyone, method, path, allowed):
    answer = anyone.call(method, path, 405, "method_not_allowed")
    listed = {name.strip() for name in answer.headers["Allow"].split(",")}
    assert allowed <= listed <= allowed | {"HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    "path",
    [
        "/nada",
        "/api",
        "/api/",
        "/api/nada",
        "/api/rooms/1/nada",
        "/api/users/me/nada",
        "/API/ROOMS",
        "/api//rooms",
        "/%2e%2e/etc/passwd",
        "/api/rooms/1/messages/1",
        "/.env",
        "/data/izpochat.db",
        "/static/../data/secret.key",
        "/static/%2e%2e/data/izpochat.db",
        "/static/..%2fdata%2fizpochat.db",
        "/static//etc/passwd",
        "/static/",
        "/static/.hidden",
        "/\u00f1",
        "/%ff",
        "/%",
        "/%zz",
    ],
)
def test_an_unknown_path_is_404(server, path):
    with Wire(server) as wire:
        answer = wire.send(request(f"GET {path}")).answer()
        assert answer.status in ((404,) if "%" not in path and "ñ" not in path else (400, 404)), path
        jsonschema.validate(answer.json(), ERROR_SHAPE)


def test_a_trailing_slash_is_never_a_redirect(ana, anyone):
    room = ana.make_room()
    ana.say(room, "hola")
    for path in (
        "/health",
        "/api/rooms",
        f"/api/rooms/{room}",
        f"/api/rooms/{room}/members",
        f"/api/rooms/{room}/messages",
        "/api/users",
        "/api/users/me",
        f"/api/users/{ana.id}",
        f"/api/users/username/{ana.username}",
        "/api/users/me/rooms",
        "/api/users/me/files",
        f"/api/ws/rooms/{room}/online",
    ):
        assert ana.get(path, 200).json() == ana.get(path + "/", 200).json()
    login = {"username": ana.username, "password": ana.password}
    for path in ("/api/users/login", "/api/users/login/"):
        anyone.post(path, 200, json=login)
    ana.post(f"/api/rooms/{room}/join/", 200)
    ana.post(f"/api/rooms/{room}/messages/", 201, json={"content": "con barra"})


def test_a_query_does_not_change_the_path(ana):
    ana.get("/api/users/me?x=1&x=2&&=&y", 200)
    ana.get("/api/users/me/?", 200)
    ana.get("/api/users/me?" + "a" * 2000, 200)


def test_a_percent_encoded_path_is_the_path(ana):
    room = ana.make_room()
    ana.get(f"/api/%72ooms/{room}", 200)


def test_every_answer_has_a_request_id(anyone):
    ids = {anyone.get("/health", 200).headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    error = anyone.get("/nada", 404)
    assert error.headers["X-Request-ID"] == error.json()["request_id"]
    assert anyone.get("/health", headers={"X-Request-ID": "mia-123"}).headers["X-Request-ID"] == "mia-123"
    for odd in ("x" * 1000, "a b", "<script>", 'a"b'):
        assert anyone.get("/health", headers={"X-Request-ID": odd}).headers["X-Request-ID"] != odd


def test_a_wrong_content_type_is_tolerated_when_the_body_is_json(ana, anyone):
    body = json.dumps({"username": ana.username, "password": ana.password})
    for content_type in (None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"):
        headers = {"Content-Type": content_type} if content_type else {}
        anyone.post("/api/users/login", 200, content=body, headers=headers)


def test_the_root_speaks_json_to_clients_and_html_to_browsers(anyone):
    root = anyone.get("/", 200).json()
    assert root["docs"] == "/docs" and root["status"] == "running" and root["message"] and root["version"]
    assert anyone.get("/", 200, headers={"Accept": "application/json"}).json() == root
    page = anyone.get("/", 200, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.headers["Content-Type"].startswith("text/html")


def test_the_web_client_is_served_whole_and_asks_no_other_host(anyone):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = anyone.get("/rooms/7", 200, headers=browser)
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert any(link.endswith(".js") for link in links)
    for link in links:
        assert link.startswith("/assets/"), link
        asset = anyone.get(link, 200, headers={"Accept-Encoding": "br"})
        assert "immutable" in asset.headers["Cache-Control"]
    assert "<script>" not in page.text
    assert "https:" not in page.headers["Content-Security-Policy"]
    anyone.get("/rooms/7", 404)


def test_health_names_the_service(anyone, own_server):
    assert anyone.get("/health", 200).json()["status"] == "healthy"
    assert Client(own_server(APP_NAME="Taller de pruebas")).get("/health", 200).json() == {
        "status": "healthy",
        "service": "Taller de pruebas",
    }


def test_static_files_are_those_of_the_working_directory(server, anyone):
    (server.directory / "static").mkdir(exist_ok=True)
    (server.directory / "static" / "hola.txt").write_text("¡hola!", encoding="utf-8")
    (server.directory / "static" / ".oculto").write_text("secreto")
    found = anyone.get("/static/hola.txt", 200)
    assert found.text == "¡hola!"
    assert found.headers["Content-Type"].startswith("text/plain")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    anyone.get("/static/.oculto", 404)
    (server.directory / "static" / "fuera").symlink_to("/etc/passwd")
    anyone.get("/static/fuera", 404)
    anyone.get("/static/nada.txt", 404)


def test_more_connections_than_allowed_are_told_to_come_back(own_server):
    own = own_server(MAX_CONNECTIONS="8")
    held = [Wire(own) for _ in range(8)]
    for wire in held:
        assert wire.send(request("GET /health")).answer().status == 200
    with Wire(own) as surplus:
        answer = surplus.send(request("GET /health")).answer()
        assert (answer.status, answer.json()["code"]) == (503, "overloaded")
        assert int(answer.headers["retry-after"]) > 0
        assert surplus.is_closed()
    held.pop().__exit__()
    wait_until(lambda: is_served(own), "the place that was given back")
    for wire in held:
        assert wire.send(request("GET /health")).answer().status == 200, "who was there stayed"
        wire.__exit__()


def is_served(server):
    with Wire(server) as wire:
        answer = wire.send(request("GET /health")).answer()
        return answer is not None and answer.status == 200


# CORS

ORIGIN = "https://cliente.example"


def test_a_preflight_is_answered_on_every_path(anyone):
    for path in (
        "/",
        "/health",
        "/api/rooms/",
        "/api/rooms/1/messages",
        "/api/users/login",
        "/api/no/such/path",
        "/api/ws/1",
    ):
        answer = anyone.call(
            "OPTIONS",
            path,
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "authorization, x-odd",
            },
        )
        assert answer.status_code in (200, 204), path
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert all(name in allowed for name in ("authorization", "content-type", "x-odd"))
        assert "origin" in answer.headers["Vary"].lower()


def test_answers_and_errors_carry_the_cors_headers(anyone, ana, server):
    for method, path in [
        ("GET", "/health"),
        ("GET", "/nada"),
        ("DELETE", "/health"),
        ("GET", "/api/users/me"),
        ("POST", "/api/users/login"),
        ("GET", "/api/rooms/0"),
    ]:
        answer = anyone.call(method, path, headers={"Origin": ORIGIN})
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN, (method, path)
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "origin" in answer.headers["Vary"].lower()
    assert "Access-Control-Allow-Origin" not in anyone.get("/health").headers


def test_only_the_set_origins_are_allowed(own_server):
    for value in (f"{ORIGIN}, https://otro.example", json.dumps([ORIGIN, "https://otro.example"])):
        client = Client(own_server(ALLOWED_ORIGINS=value))
        for origin in (ORIGIN, "https://otro.example"):
            assert client.get("/health", headers={"Origin": origin}).headers["Access-Control-Allow-Origin"] == origin
        for origin in (
            "https://malo.example",
            "null",
            ORIGIN + ".malo.example",
            ORIGIN.replace("https", "http"),
            ORIGIN + ":8443",
        ):
            assert "Access-Control-Allow-Origin" not in client.get("/health", headers={"Origin": origin}).headers
            preflight = client.call(
                "OPTIONS", "/api/rooms/", headers={"Origin": origin, "Access-Control-Request-Method": "GET"}
            )
            assert "Access-Control-Allow-Origin" not in preflight.headers
