"""Nasty input on every operation that the server describes: each gets a 4xx in the right shape, none a 500, a hang or a
crash. The operations come from the description itself, so that a new one is tried without being named here."""

import json
import re

import pytest

from support.description import description

NASTY_BODIES = {
    "nothing": b"",
    "no JSON": b"hola",
    "a brace": b"{",
    "half an object": b'{"name": "sa',
    "two objects": b"{}{}",
    "a trailing comma": b'{"name": "sala",}',
    "single quotes": b"{'name': 'sala'}",
    "a comment": b'{"name": "sala" /* x */}',
    "NaN": b'{"name": NaN}',
    "bare bytes": b"\xff\xfe\x00\x01",
    "bad UTF-8 in a string": b'{"name": "a\xc3(b"}',
    "a bare NUL": b'{"name": "a\x00b"}',
    "UTF-16": '{"name": "sala"}'.encode("utf-16"),
    "deep lists": b"[" * 100_000,
    "deep closed lists": b'{"name": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "deep objects": b'{"name":' * 50_000,
    "null": b"null",
    "a list": b"[]",
    "a string": b'"name"',
    "a number": b"5",
    "a huge number": b"1" + b"0" * 10_000,
    "true": b"true",
}

NASTY_VALUES = [
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e400",
    "9" * 30,
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"' + "x" * 200_000 + '"',
    "[]",
    "{}",
    "[[[]]]",
    '{"$ne": null}',
    '"\' OR 1=1 --"',
    '"%s%n%x"',
    '"../../etc/passwd"',
    '"\\u202e\\u200b"',
]

NASTY_NUMBERS = {
    "-1": 422,
    "abc": 422,
    "1.5": 422,
    "": 422,
    "1e3": 422,
    "0x10": 422,
    "null": 422,
    "true": 422,
    "1;2": 422,
    "9" * 30: None,
    "-" + "9" * 30: None,
    "9223372036854775808": None,
    "%00": None,
    "1 ": None,
    " 1": None,
    "+1": None,
    "\u0661": None,
    "%ff": None,
}

NASTY_IDS = [
    "0",
    "-1",
    "no-number",
    "1.5",
    "9" * 30,
    "-" + "9" * 30,
    "9223372036854775808",
    "%00",
    "%ff",
    "1%2f2",
    "..%2f1",
    "%20",
    "null",
    "1%00",
    "'%20OR%201=1",
    "%F0%9F%98%80",
    "a" * 3000,
]


def operations(wanted):
    return [
        pytest.param(method, path, operation, id=f"{method} {path}")
        for path, operations_of_path in description().document["paths"].items()
        for method, operation in operations_of_path.items()
        if wanted(path, operation)
    ]


def takes_json(path, operation):
    return "application/json" in operation.get("requestBody", {}).get("content", {})


def parameters(operation, place):
    found = [resolved(parameter) for parameter in operation.get("parameters", [])]
    return [parameter["name"] for parameter in found if parameter["in"] == place]


def resolved(part):
    return description().resolve(part["$ref"]) if "$ref" in part else part


def body_schema(operation):
    return resolved(operation["requestBody"]["content"]["application/json"]["schema"])


@pytest.fixture
def fill(ana):
    """Puts real ids into a path's parameters, so that what is refused is the rest."""
    room = ana.make_room()
    return lambda path: re.sub(r"\{[^}]+\}", lambda found: str(ana.id if "user" in found[0] else room), path)


def is_refused(answer, status=None):
    assert 400 <= answer.status_code < 500, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    )
    assert status is None or answer.status_code == status, answer.text[:500]


@pytest.mark.parametrize(("method", "path", "operation"), operations(takes_json))
def test_a_nasty_body_is_422(ana, fill, method, path, operation):
    optional = not operation["requestBody"].get("required", True)
    for name, body in NASTY_BODIES.items():
        if name == "nothing" and optional:
            continue
        answer = ana.call(method.upper(), fill(path), content=body, headers={"Content-Type": "application/json"})
        is_refused(answer, 422)
        [entry, *_] = answer.json()["detail"]
        assert entry["loc"][0] == "body", (name, entry)
    if body_schema(operation).get("required"):
        is_refused(ana.call(method.upper(), fill(path), json={}), 422)


@pytest.mark.parametrize(("method", "path", "operation"), operations(takes_json))
def test_a_nasty_value_in_any_field_is_no_crash(ana, fill, method, path, operation):
    if path.endswith("/login") or path.endswith("/password"):
        pytest.skip("guessing is slowed: tried below, once a field")
    for field in body_schema(operation)["properties"]:
        for value in NASTY_VALUES:
            answer = ana.call(
                method.upper(),
                fill(path),
                content=f'{{"{field}": {value}}}',
                headers={"Content-Type": "application/json"},
            )
            assert answer.status_code < 500, (field, value[:50], answer.text[:500])


def test_nasty_values_where_one_logs_in(anyone):
    for value in NASTY_VALUES:
        both = f'{{"username": {value}, "password": {value}}}'
        answer = anyone.post("/api/users/login", content=both, headers={"Content-Type": "application/json"})
        assert answer.status_code in (401, 422, 429), (value[:50], answer.text[:500])


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    operations(lambda path, operation: {"skip", "limit"} & set(parameters(operation, "query"))),
)
def test_a_nasty_page_is_422(ana, fill, method, path, operation):
    for name in parameters(operation, "query"):
        if name == "token":
            continue
        for value, status in NASTY_NUMBERS.items():
            answer = ana.call(method.upper(), f"{fill(path)}?{name}={value}")
            # No id is negative, but one may ask for what comes before or after one.
            if status and not (value == "-1" and name in ("before", "after", "after_seq")):
                is_refused(answer, status)
                assert answer.json()["detail"][0]["loc"] == ["query", name]
            assert answer.status_code in (200, 400, 422), (name, value, answer.text[:500])


@pytest.mark.parametrize(("method", "path", "operation"), operations(lambda path, operation: "{" in path))
def test_a_nasty_id_is_a_4xx(ana, fill, method, path, operation):
    body = {"json": {}} if "requestBody" in operation else {}
    for name in re.findall(r"\{[^}]+\}", path):
        for value in NASTY_IDS:
            is_refused(ana.call(method.upper(), fill(path.replace(name, value)), **body))


@pytest.mark.parametrize(("method", "path", "operation"), operations(lambda path, operation: operation.get("security")))
def test_every_guarded_operation_wants_a_login(anyone, fill, method, path, operation):
    if {} in operation["security"]:
        pytest.skip("a login is optional here")
    body = {"json": {}} if "requestBody" in operation else {}
    answer = anyone.call(method.upper(), fill(path), **body)
    if answer.status_code == 426:
        return  # the socket tells it after the upgrade
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path", "operation"), operations(takes_json))
def test_a_body_of_2_mib_is_413(ana, fill, method, path, operation):
    answer = ana.call(method.upper(), fill(path), content=b'{"x": "' + b"x" * 2**21 + b'"}')
    is_refused(answer, 413)


def test_a_body_where_none_is_wanted_is_no_trouble(ana):
    room = ana.make_room()
    for body in (b"", b"{", b"x" * 1000, json.dumps({"a": 1}).encode()):
        ana.post(f"/api/rooms/{room}/join", 200, content=body)
        ana.call("GET", f"/api/rooms/{room}", 200, content=body)


def test_repeated_keys_and_parameters_are_no_trouble(ana):
    room = ana.post(
        "/api/rooms/", content=b'{"name": "una", "name": "otra"}', headers={"Content-Type": "application/json"}
    )
    assert room.status_code in (201, 422)
    assert ana.get("/api/rooms/?limit=1&limit=2").status_code in (200, 422)


def test_numbers_as_text_are_taken_as_old_clients_send_them(ana, ben):
    room = ana.make_room()
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": str(ben.id)})
    ana.post("/api/rooms/", 201, json={"name": "sala", "is_private": "true"})
