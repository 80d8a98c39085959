"""The description of the API is true. The last test judges the whole run, so this file runs last."""

import functools
import json
import re

import pytest

from support.description import description
from support.events import events
from support.server import ROOT

PUBLIC = {"/", "/health", "/docs", "/redoc", "/openapi.json", "/docs/events", "/asyncapi.json"}


def test_the_server_serves_the_committed_description(anyone):
    served = anyone.get("/openapi.json", 200).json()
    assert served == description().document
    assert served == json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert served["openapi"].startswith("3.1")


def test_every_operation_is_explained_and_names_its_errors():
    seen = set()
    for path, operations in description().document["paths"].items():
        for method, operation in operations.items():
            name = f"{method} {path}"
            assert operation["summary"], name
            assert operation["operationId"] not in seen, name
            seen.add(operation["operationId"])
            for status, response in operation["responses"].items():
                assert "$ref" in response or response["description"], (name, status)
            if operation.get("security"):
                assert "401" in operation["responses"] or "426" in operation["responses"], name


def test_every_operation_of_the_contract_is_described():
    """What clients rely on; more may be there."""
    described = {
        (method.upper(), path) for path, operations in description().document["paths"].items() for method in operations
    }
    described = {(method, re.sub(r"\{[^}]+\}", "{}", path.rstrip("/") or "/")) for method, path in described}
    for line in CONTRACT.split("\n"):
        method, path = line.split()
        assert (method, path) in described, line


CONTRACT = """GET /
GET /health
POST /api/users/register
POST /api/users/login
POST /api/users/refresh
POST /api/users/logout
PUT /api/users/me/password
GET /api/users/me
PUT /api/users/me
GET /api/users
GET /api/users/{}
GET /api/users/username/{}
GET /api/users/me/rooms
GET /api/users/me/files
GET /api/rooms
POST /api/rooms
GET /api/rooms/{}
PUT /api/rooms/{}
DELETE /api/rooms/{}
POST /api/rooms/{}/join
POST /api/rooms/{}/leave
GET /api/rooms/{}/members
POST /api/rooms/{}/members
DELETE /api/rooms/{}/members/{}
POST /api/rooms/{}/owner
GET /api/rooms/{}/messages
POST /api/rooms/{}/messages
POST /api/uploads
POST /api/uploads/multiple
GET /api/uploads
GET /api/uploads/{}
GET /api/uploads/{}/download
DELETE /api/uploads/{}
GET /api/uploads/types/allowed
GET /api/users/me/usage
GET /api/ws/rooms/{}/online
GET /api/ws/{}"""


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/events"])
def test_the_pages_need_no_other_host(anyone, path):
    page = anyone.get(path, 200)
    assert page.headers["Content-Type"].startswith("text/html")
    wanted = re.findall(r"""(?:src|href)=["']([^"'#]+)["']""", page.text)
    assert wanted, "a page without a script shows nothing"
    for link in wanted:
        assert not re.match(r"(?:https?:)?//", link), link
        if not link.startswith("data:"):
            anyone.get(link if link.startswith("/") else f"/{link}", 200)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src" in policy and "http" not in policy and "*" not in policy


def test_errors_of_every_operation_have_the_one_shape():
    """Each declared error points to a schema with detail, code and request_id."""
    document = description().document
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if status == "default" or int(status) >= 400:
                    response = description().resolve(response["$ref"]) if "$ref" in response else response
                    schema = response["content"]["application/json"]["schema"]
                    text = json.dumps(description().resolve(schema["$ref"]) if "$ref" in schema else schema)
                    assert all(f'"{field}"' in text for field in ("detail", "code", "request_id")), (
                        method,
                        path,
                        status,
                    )


def test_every_operation_and_every_declared_status_was_exercised(request):
    """By any test of this run, by whichever client. A status that nothing can cause should not be declared."""
    if not request.config.whole_run:
        pytest.skip("judges a run of all the tests only")
    missing = description().declared() - description().exercised
    assert not missing, "never exercised:\n" + "\n".join(
        f"  {method.upper()} {path} {status}" for method, path, status in sorted(missing)
    )

def test_the_server_serves_the_committed_events(anyone):
    served = anyone.get("/asyncapi.json", 200).json()
    assert served == events().document
    assert served["asyncapi"].startswith("3.")
    assert served["info"]["version"] == description().document["info"]["version"]


def test_the_objects_of_the_events_are_those_of_rest():
    shared = events().document["components"]["schemas"]
    for name in ("User", "RoomBrief"):
        assert shared[name] == description().document["components"]["schemas"][name]


def test_every_reference_of_the_events_leads_somewhere():
    text = json.dumps(events().document)
    references = set(re.findall(r'"\$ref": "#/([^"]+)"', text))
    assert references
    for reference in references:
        functools.reduce(lambda node, step: node[step], reference.split("/"), events().document)


def test_the_events_are_shown_without_a_script(anyone):
    page = anyone.get("/docs/events", 200)
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    for channel in events().document["channels"]:
        for direction in ("send", "receive"):
            for name, payload in events().described(channel, direction).items():
                assert f">{name}</h4>" in page.text
                for field in payload["properties"]:
                    assert f"<code>{field}</code>" in page.text, (name, field)


def test_every_event_was_seen(request):
    """On both sockets, by any test of this run."""
    if not request.config.whole_run:
        pytest.skip("judges a run of all the tests only")
    for channel in ("all_rooms", "one_room"):
        missing = {name for name in events().described(channel, "send") if (channel, name) not in events().seen}
        assert not missing, f"no test saw on {channel}: {sorted(missing)}"
