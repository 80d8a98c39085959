"""People read Spanish unless they ask for English; codes, and words that clients compare, stay."""

import pytest

from support.chat import Chat


def in_language(client, language, method, path, **request):
    headers = {"Accept-Language": language} if language else {}
    return client.call(method, path, headers=headers, **request)


REFUSALS = [
    ("GET", "/nada", None),
    ("DELETE", "/health", None),
    ("GET", "/api/users/me", None),
    ("POST", "/api/users/login", {"username": "nadie.con.este.nombre", "password": "no es esta"}),
    ("POST", "/api/users/refresh", {"refresh_token": "no es ninguna"}),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSALS)
def test_errors_speak_both_languages(anyone, method, path, body):
    spanish, default, english = (
        in_language(anyone, language, method, path, json=body).json() for language in ("es", None, "en")
    )
    assert spanish["detail"] == default["detail"] != english["detail"]
    assert spanish["code"] == default["code"] == english["code"]


@pytest.mark.parametrize(
    ("accept", "english"),
    [
        ("en", True),
        ("en-US,en;q=0.9", True),
        ("EN-gb", True),
        ("es;q=0.5, en;q=0.8", True),
        ("en;q=0.5, es;q=0.8", False),
        ("es-MX,es;q=0.9,en;q=0.8", False),
        ("fr", False),
        ("fr, en;q=0.3", True),
        ("*", False),
        ("en;q=0", False),
        ("", False),
        (",,;;q=", False),
        ("x" * 5000, False),
    ],
)
def test_the_language_is_the_one_asked_for(anyone, accept, english):
    texts = {language: in_language(anyone, language, "GET", "/nada").json()["detail"] for language in ("es", "en")}
    assert in_language(anyone, accept, "GET", "/nada").json()["detail"] == texts["en" if english else "es"]


def test_validation_errors_speak_both_languages(anyone):
    spanish, english = (
        in_language(
            anyone,
            language,
            "POST",
            "/api/users/register",
            json={"username": "ab", "email": "no es", "password": "corta"},
        ).json()
        for language in ("es", "en")
    )
    for one, other in zip(spanish["detail"], english["detail"], strict=True):
        assert (one["loc"], one["type"]) == (other["loc"], other["type"])
        assert one["msg"] != other["msg"]


def test_successes_speak_both_languages(ana, ben):
    joined = {
        language: in_language(ana, language, "POST", f"/api/rooms/{ben.make_room()}/join").json()["message"]
        for language in ("es", "en")
    }
    assert joined["es"] == "Te has unido a la sala exitosamente" != joined["en"]


def test_the_socket_speaks_both_languages(ana, server):
    room = ana.make_room()
    welcomes, errors, refusals = set(), set(), set()
    for language in ("es", "en"):
        headers = {"Accept-Language": language}
        chat = Chat(server, room, headers=headers, token=ana.token)
        chat.greet()
        chat.send(type="dance")
        error = chat.receive("error")
        assert error["code"] == "unknown_event_type"
        welcomes.add(chat.welcome["message"])
        errors.add(error["message"])
        refused = Chat(server, room, headers=headers, token="a.b.c")
        refusals.add(refused.receive("error")["message"])
        refused.closed()
        chat.close()
    assert len(welcomes) == len(errors) == len(refusals) == 2


def test_caches_know_that_the_language_matters(anyone):
    assert "accept-language" in anyone.get("/nada").headers["Vary"].lower()
