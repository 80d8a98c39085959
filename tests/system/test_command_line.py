"""The program's commands, its settings, and what it refuses to start with: one line that says what to do."""

import json
import socket
import sqlite3

import pytest

from support import tokens
from support.chat import Chat
from support.client import Client, Person
from support.server import ROOT, Server, free_port, run
from support.waiting import wait_until


def refused(result, status, *words):
    """The command ended with `status` and one line on standard error that has the words."""
    assert result.returncode == status, (result.stdout, result.stderr)
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, result.stderr
    assert all(word in lines[0] for word in words), lines[0]
    return lines[0]


def serve(directory, *arguments, **settings):
    """A start that is expected to fail: it must end by itself."""
    return run("serve", "--port", str(free_port()), *arguments, directory=directory, settings=settings)


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("HOST", "not an address"),
        ("ALGORITHM", "none"),
        ("ALGORITHM", "RS256"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "media hora"),
        ("DEBUG", "quizás"),
        ("LOG_LEVEL", "loud"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "nonsense"),
        ("PUBLIC_URL", "not a url"),
        ("ALLOWED_ORIGINS", "[broken"),
        ("THREADS", "-2"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(tmp_path, name, value):
    settings = {name: value} if name not in ("PORT", "HOST") else {}
    arguments = ["--data-dir", "data"] + ([f"--{name.lower()}", value] if not settings else [])
    result = run("serve", *arguments, directory=tmp_path, settings={"PORT": str(free_port())} | settings)
    refused(result, 2, name)
    assert not (tmp_path / "data").exists(), "nothing was begun"


def test_a_wrong_setting_in_the_dotenv_file_is_named_too(tmp_path):
    (tmp_path / ".env").write_text("ACCESS_TOKEN_EXPIRE_MINUTES=mucho\n")
    refused(serve(tmp_path), 2, "ACCESS_TOKEN_EXPIRE_MINUTES", ".env")


@pytest.mark.parametrize(
    "key",
    ["tu_secret_key_muy_seguro_cambia_esto_por_algo_unico", "clave_super_segura_para_produccion", "corta", "x" * 31],
)
def test_known_and_short_keys_are_refused_and_never_printed(tmp_path, key):
    line = refused(serve(tmp_path, SECRET_KEY=key), 2, "SECRET_KEY")
    assert key not in line
    refused(serve(tmp_path, "--host", "0.0.0.0", SECRET_KEY=key, DEBUG="true"), 2, "SECRET_KEY")


def test_a_weak_key_is_let_pass_for_development_on_loopback(own_server):
    own_server(SECRET_KEY="corta", DEBUG="true")


def test_the_environment_wins_over_the_dotenv_file(tmp_path):
    (tmp_path / ".env").write_text("APP_NAME=\"Del archivo\"\nexport ACCESS_TOKEN_EXPIRE_MINUTES='7' # minutos\n")
    for settings, name in (({}, "Del archivo"), ({"APP_NAME": "Del entorno"}, "Del entorno")):
        own = Server(tmp_path, settings).start()
        try:
            assert Client(own).get("/health", 200).json()["service"] == name
            claims = tokens.claims_of(Person(own).token)
            assert claims["exp"] - claims["iat"] == 7 * 60
        finally:
            own.stop()


def test_settings_are_printed_with_type_default_and_sentence_but_no_secret(tmp_path):
    key = "una-clave-secreta-que-nadie-debe-ver-jamás"
    printed = run("settings", directory=tmp_path, settings={"SECRET_KEY": key})
    assert printed.returncode == 0
    for name in (
        "DATABASE_URL",
        "SECRET_KEY",
        "ALGORITHM",
        "ACCESS_TOKEN_EXPIRE_MINUTES",
        "GCS_BUCKET_NAME",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "ALLOWED_ORIGINS",
        "APP_NAME",
        "DEBUG",
        "PUBLIC_URL",
        "MAX_FILE_SIZE",
    ):
        assert name in printed.stdout
    assert "HS256" in printed.stdout and "30" in printed.stdout
    assert key not in printed.stdout


def test_the_committed_page_of_settings_is_what_the_program_prints(tmp_path):
    printed = run("settings", "--format", "markdown", directory=tmp_path)
    assert printed.stdout == (ROOT / "docs" / "settings.md").read_text()


def test_the_committed_description_is_what_the_program_prints(tmp_path):
    printed = run("openapi", directory=tmp_path)
    assert printed.returncode == 0
    assert json.loads(printed.stdout) == json.loads((ROOT / "docs" / "openapi.json").read_text())


# The command line itself


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "--help"], ["user", "--help"], ["user", "create", "--help"], ["--version"]]
)
def test_help_and_version(tmp_path, arguments):
    printed = run(*arguments, directory=tmp_path)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert "izpochat" in printed.stdout.lower()


@pytest.mark.parametrize(
    "arguments",
    [[], ["dance"], ["serve", "--dance"], ["user"], ["user", "create"], ["user", "deactivate"], ["serve", "extra"]],
)
def test_a_wrong_command_line_is_one_line(tmp_path, arguments):
    refused(run(*arguments, directory=tmp_path), 2, "izpochat")


def test_health_asks_the_running_server(own_server):
    own = own_server()
    assert own.run("health", "--port", str(own.port)).returncode == 0
    own.stop()
    assert own.run("health", "--port", str(own.port)).returncode == 1
    own.start()


# Starting


def test_a_second_server_on_the_same_data_is_refused(own_server):
    own = own_server()
    refused(own.run("serve", "--port", str(free_port())), 1, str(own.data))
    Client(own).get("/health", 200)


def test_a_taken_port_is_one_line(own_server, tmp_path):
    own = own_server()
    other = ["--data-dir", str(tmp_path / "otro")]
    assert run("migrate", *other, directory=tmp_path).returncode == 0
    refused(run("serve", "--port", str(own.port), *other, directory=tmp_path), 1, str(own.port))


def test_a_data_directory_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("I am a file")
    refused(serve(tmp_path, "--data-dir", str(tmp_path / "file")), 1, str(tmp_path / "file"))
    refused(serve(tmp_path, "--data-dir", str(tmp_path / "file" / "below")), 1, "below")


def test_a_database_that_is_none_is_one_line(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "izpochat.db").write_bytes(b"this is no database at all, it is a letter to a friend" * 100)
    refused(serve(tmp_path, "--data-dir", "data"), 1, "izpochat.db")


def test_the_data_are_for_their_owner_only(own_server):
    own = own_server()
    assert own.data.stat().st_mode & 0o077 == 0
    assert (own.data / "secret.key").stat().st_mode & 0o777 == 0o600


def test_the_first_line_says_where_it_serves(own_server):
    own = own_server()
    assert any(f"http://127.0.0.1:{own.port}" in line for line in own.log().splitlines())


def test_ipv6(tmp_path):
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
    own = Server(tmp_path / "v6", {})
    own.host = "::1"
    own.start()
    own.stop()


# Migrations


def test_migrate_says_what_it_did_and_is_safe_to_repeat(tmp_path):
    first = run("migrate", directory=tmp_path)
    again = run("init-db", directory=tmp_path)
    assert first.returncode == again.returncode == 0, (first.stderr, again.stderr)
    assert "0001" in first.stdout
    assert "0001" not in again.stdout and again.stdout.strip(), "nothing to do, and says so"
    own = Server(tmp_path, {}).start()
    own.stop()


def test_migrate_on_a_running_installation(own_server):
    own = own_server()
    ana = Person(own)
    assert own.run("migrate").returncode == 0
    ana.get("/api/users/me", 200)


def test_a_database_of_a_newer_version_is_refused(own_server):
    own = own_server()
    own.stop()
    database = sqlite3.connect(own.data / "izpochat.db")
    [table] = [
        name
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%migration%'"
        )
    ]
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    last = dict(zip(columns, database.execute(f"SELECT * FROM {table} ORDER BY 1 DESC LIMIT 1").fetchone()))
    newer = {name: value + 1000 if name in ("version", "number", "id") else value for name, value in last.items()}
    newer |= {"name": "9999_del_futuro"} if "name" in newer else {}
    with database:
        database.execute(
            f"INSERT INTO {table} ({', '.join(newer)}) VALUES ({', '.join('?' * len(newer))})", list(newer.values())
        )
    for command in ("serve", "migrate"):
        refused(own.run(command), 1, "newer")
    with database:
        database.execute(f"DELETE FROM {table} WHERE name = '9999_del_futuro'")
    database.close()
    own.start()


# Accounts from the command line


def test_an_account_is_made_listed_and_used(own_server):
    own = own_server()
    done = own.run(
        "user",
        "create",
        "operadora",
        "--email",
        "operadora@example.test",
        "--full-name",
        "La Operadora",
        "--password-stdin",
        stdin="contraseña de operadora\n",
    )
    assert done.returncode == 0, done.stderr
    listed = own.run("user", "list")
    assert "operadora" in listed.stdout and "operadora@example.test" in listed.stdout
    client = Client(own)
    client.post("/api/users/login", 200, json={"username": "operadora", "password": "contraseña de operadora"})
    again = own.run(
        "user", "create", "operadora", "--email", "otra@example.test", "--password-stdin", stdin="contraseña larga\n"
    )
    refused(again, 1)


def test_a_made_password_is_printed_once_and_works(own_server):
    own = own_server()
    done = own.run("user", "create", "operadora", "--email", "operadora@example.test", "--make-password")
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    client = Client(own)
    statuses = [
        client.post("/api/users/login", json={"username": "operadora", "password": word}).status_code
        for word in words[-3:]
    ]
    assert 200 in statuses, done.stdout
    assert words[-1] not in own.log()


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        (["create", "x", "--email", "x@example.test", "--password-stdin"], "contraseña larga\n"),
        (["create", "operadora", "--email", "no es", "--password-stdin"], "contraseña larga\n"),
        (["create", "operadora", "--email", "x@example.test", "--password-stdin"], "corta\n"),
        (["deactivate", "nadie"], ""),
        (["activate", "nadie"], ""),
        (["set-password", "nadie", "--make-password"], ""),
    ],
)
def test_what_the_rules_forbid_is_forbidden_here_too(own_server, arguments, stdin):
    own = own_server()
    refused(own.run("user", *arguments, stdin=stdin), 1)


def test_a_password_is_never_guessed(own_server):
    """Neither an empty standard input nor a missing terminal makes one."""
    own = own_server()
    create = ["user", "create", "operadora", "--email", "x@example.test"]
    refused(own.run(*create, "--password-stdin", stdin=""), 2, "password")
    refused(own.run(*create), 2, "password")
    assert "operadora" not in own.run("user", "list").stdout


def test_deactivating_takes_effect_on_the_running_server_within_seconds(own_server):
    own = own_server()
    ana, ben = Person(own), Person(own, "ben")
    room = ana.make_room()
    chat, other = ana.open(room), ben.open(room)
    assert own.run("user", "deactivate", ana.username).returncode == 0
    assert chat.closed()[0] == 4401
    wait_until(lambda: ana.get("/api/users/me").status_code == 401, "the token to end", patience=5)
    ana.post("/api/users/refresh", 401, json={"refresh_token": ana.refresh_token})
    ana.post("/api/users/login", 400, "inactive_user", json={"username": ana.username, "password": ana.password})
    refused_chat = Chat(own, room, token=ana.token)
    assert refused_chat.closed()[0] == 1008
    other.until("user_left", user_id=ana.id)
    other.close()
    assert ben.get(f"/api/users/{ana.id}", 200).json()["is_active"] is False

    assert own.run("user", "activate", ana.username).returncode == 0
    ana.log_in()
    ana.get("/api/users/me", 200)


def test_a_password_set_from_outside_ends_the_logins(own_server):
    own = own_server()
    ana = Person(own)
    chat = ana.open(ana.make_room())
    done = own.run("user", "set-password", ana.username, "--password-stdin", stdin="contraseña nueva\n")
    assert done.returncode == 0, done.stderr
    assert chat.closed()[0] == 4401
    wait_until(lambda: ana.get("/api/users/me").status_code == 401, "the token to end", patience=5)
    ana.password = "contraseña nueva"
    ana.log_in()


def test_accounts_are_managed_while_no_server_runs_too(own_server):
    own = own_server()
    ana = Person(own)
    own.stop()
    assert own.run("user", "deactivate", ana.username).returncode == 0
    own.start()
    ana.get("/api/users/me", 401)
