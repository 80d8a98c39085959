"""What the log tells: enough to find a request again, and never a secret."""

import json

from support.chat import Chat
from support.client import Client, Person
from support.waiting import wait_until


def test_no_secret_reaches_the_log(own_server):
    own = own_server(LOG_LEVEL="debug")
    ana = Person(own)
    room = ana.make_room()
    secrets = {ana.password, ana.token, ana.refresh_token}
    ana.open(room).close()
    ana.get(f"/api/ws/rooms/{room}/online?token={ana.token}", 200)
    ana.get(f"/nada?token={ana.token}&password={'clave-en-la-url'}", 404)
    ana.take_login(ana.post("/api/users/refresh", 200, json={"refresh_token": ana.refresh_token}).json())
    secrets |= {ana.token, ana.refresh_token}
    ana.put(
        "/api/users/me/password", 200, json={"current_password": ana.password, "new_password": "la-nueva-contraseña"}
    )
    ana.post("/api/users/login", 401, json={"username": ana.username, "password": "contraseña-mal-puesta"})
    ana.post("/api/users/login", 422, content=b'{"username": "x", "password": "contra-rota')
    ana.post("/api/users/register", 422, json={"username": "x", "email": "x", "password": "contraseña-sin-cuenta"})
    secrets |= {"la-nueva-contraseña", "contraseña-mal-puesta", "contra-rota", "contraseña-sin-cuenta"}
    bad = Chat(own, room, token="un-token-que-no-vale")
    bad.closed()
    secrets |= {"un-token-que-no-vale"}
    ana.get("/api/users/me", 401, headers={"Authorization": "Bearer otro-token-que-no-vale"})
    secrets |= {"otro-token-que-no-vale"}
    key = next(path for path in own.data.iterdir() if "key" in path.name)
    secrets |= {key.read_text().strip()}
    own.stop()

    log = own.log()
    assert f"/api/ws/{room}" in log and "/api/users/login" in log, "the requests themselves are in the log"
    for secret in secrets:
        assert secret not in log
        assert json.dumps(secret)[1:-1] not in log
    assert key.stat().st_mode & 0o777 == 0o600
    own.start()


def test_a_request_is_found_by_its_id(own_server):
    own = own_server()
    asked = Client(own).get("/api/users/me", 401, headers={"X-Request-ID": "busca-esto-7"})
    assert asked.json()["request_id"] == "busca-esto-7"
    line = wait_until(
        lambda: next((line for line in own.log().splitlines() if "busca-esto-7" in line), None),
        "the request to be logged",
    )
    assert "GET" in line and "/api/users/me" in line and "401" in line


def test_nobody_writes_lines_of_their_own_into_the_log(own_server):
    own = own_server(LOG_LEVEL="debug")
    Client(own).get("/nada%0a%0d[error]%20inventado%1b[31m", headers={"User-Agent": "x\tinventado"})
    Client(own).get("/health", 200)
    own.stop()
    assert not [line for line in own.log().splitlines() if line.startswith("[error] inventado")]
    assert "\x1b[31m" not in own.log()
    own.start()


def test_a_log_for_machines_is_one_json_object_a_line(own_server):
    own = own_server(LOG_FORMAT="json")
    Client(own).get('/nada"con\\comillas', 404, headers={"X-Request-ID": "linea-json"})
    own.stop()
    records = [json.loads(line) for line in own.log().splitlines()]
    assert any("linea-json" in json.dumps(record) for record in records)
    own.start()


def test_requests_need_not_be_logged(own_server):
    own = own_server(ACCESS_LOG="false")
    Client(own).get("/api/users/me", 401)
    own.stop()
    assert "/api/users/me" not in own.log()
    own.start()
