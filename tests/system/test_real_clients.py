"""Clients that know nothing of these tests."""

import json
import shutil
import subprocess

import pytest


def curl(server, *arguments):
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", *arguments], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_main_path_with_curl(server):
    as_json = ["-H", "Content-Type: application/json"]
    account = {"username": "curl.tester", "email": "curl@example.test", "password": "contraseña de curl"}
    user = json.loads(curl(server, f"{server.url}/api/users/register", *as_json, "-d", json.dumps(account)))
    assert user["username"] == "curl.tester"
    login = json.loads(curl(server, f"{server.url}/api/users/login/", *as_json, "-d", json.dumps(account)))
    bearer = ["-H", f"Authorization: Bearer {login['access_token']}"]
    room = json.loads(curl(server, f"{server.url}/api/rooms", *bearer, *as_json, "-d", '{"name":"Sala de curl"}'))
    said = json.loads(
        curl(
            server,
            f"{server.url}/api/rooms/{room['id']}/messages",
            *bearer,
            "-d",
            '{"content":"sin tipo de contenido"}',
        )
    )
    history = json.loads(curl(server, f"{server.url}/api/rooms/{room['id']}/messages/?limit=5", *bearer))
    assert history == [said]
    headers = curl(server, "--head", f"{server.url}/health")
    assert headers.startswith("HTTP/1.1 200")
