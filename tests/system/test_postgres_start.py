"""`izpochat` on PostgreSQL: what a start says when it cannot be, and what a URL may hold."""

import hashlib
import os
import re
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.sql import Literal

from support import fastapi
from support.client import Client, Person
from support.postgres import PgBouncer, Postgres
from support.proxy import Proxy
from support.schema import postgres_schema
from support.server import ROOT, Server, free_port, run
from support.waiting import wait_until

KEY = {"SECRET_KEY": "of-the-tests-" + "0123456789abcdef" * 2}


def start(directory: Path, url: str, **settings: str) -> subprocess.CompletedProcess:
    port = str(free_port())
    return run("serve", directory=directory, settings=KEY | {"DATABASE_URL": url, "PORT": port, "DATA_DIR": "data"} | settings)


def migrate(directory: Path, url: str, *options: str) -> subprocess.CompletedProcess:
    settings = KEY | {"DATABASE_URL": url, "DATA_DIR": str(directory / "data")}
    return run("migrate", *options, directory=directory, settings=settings)


def refused(result: subprocess.CompletedProcess, *words: str, status: int = 1) -> str:
    """The one line that it ended with, which has all of `words`."""
    assert result.returncode == status, result.stderr
    lines = [line for line in result.stderr.splitlines() if line.startswith("izpochat: ")]
    assert len(lines) == 1, result.stderr
    for word in words:
        assert word in lines[0], lines[0]
    return result.stderr


class Refusing:
    """A port that ends every connection at once, and notes when."""

    def __init__(self, port: int, moments: list[float]):
        self.moments = moments
        self.listener = socket.create_server(("127.0.0.1", port))
        self.thread = threading.Thread(target=self._accept)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self.moments.append(time.monotonic())
            near.close()


@pytest.fixture
def serving(tmp_path):
    """Starts a server on a URL; it is stopped at the end."""
    started: list[Server] = []

    def serve(url: str, **settings: str) -> Server:
        started.append(Server(tmp_path / f"server{len(started)}", KEY | {"DATABASE_URL": url} | settings).start())
        return started[-1]

    yield serve
    for own in started:
        own.stop()


def test_what_cannot_be_connected_to_is_one_line_that_says_why(tmp_path, postgres, database):
    good = postgres.url(database)
    secret = quote(postgres.password, safe="")
    nobody = free_port()
    wrong = {
        good.replace(secret, "hunter2"): ("the user or the password is wrong", "28P01"),
        good.replace(postgres.role, "nobody", 1): ("the user or the password is wrong", "28P01"),
        good.removesuffix(database): (f"there is no database {postgres.role}", "3D000"),
        good.replace("127.0.0.1", "no-such-host.invalid"): ("there is no such host", "no-such-host.invalid"),
        good.replace(str(postgres.port), str(nobody)): ("is PostgreSQL running", str(nobody)),
        postgres.url("no_such_database"): ("there is no database no_such_database", "3D000"),
        good + "?sslmode=require": ("TLS", "sslmode"),
    }
    for url, words in wrong.items():
        output = refused(start(tmp_path, url), *words)
        assert postgres.password not in output and secret not in output and "hunter2" not in output


def test_a_missing_right_is_named(tmp_path, postgres, database):
    with postgres.admin(database) as admin:
        admin.execute(f"ALTER DATABASE {database} OWNER TO postgres")
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    refused(start(tmp_path, postgres.url(database)), "42501", "GRANT CREATE ON SCHEMA")
    refused(migrate(tmp_path, postgres.url(database)), "42501", f"GRANT CREATE ON SCHEMA public TO {postgres.role}", "superuser")
    with postgres.admin(database) as admin:
        admin.execute(f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
    refused(start(tmp_path, postgres.url(database)), "GRANT CONNECT ON DATABASE")


def test_a_schema_that_the_user_does_not_see_is_named(tmp_path, postgres, database):
    url = postgres.url(database)
    commands = (lambda: start(tmp_path, url), lambda: migrate(tmp_path, url), lambda: migrate(tmp_path, url, "--dry-run"))
    with postgres.admin(database) as admin:
        admin.execute(f"ALTER DATABASE {database} OWNER TO postgres")
        admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for command in commands:
            refused(command(), f"GRANT USAGE, CREATE ON SCHEMA public TO {postgres.role}", "search_path", "superuser")
        admin.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {postgres.role}")
        admin.execute(f"ALTER ROLE {postgres.role} IN DATABASE {database} SET search_path = chat")
        for command in commands:
            refused(command(), "search_path", "superuser")
        admin.execute(f"CREATE SCHEMA chat AUTHORIZATION {postgres.role}")
    assert "applied 0001_initial" in migrate(tmp_path, url).stdout


def test_what_is_to_be_run_can_be_copied_for_any_user_name(tmp_path, postgres, database):
    name = "O'Chat\"-" + database
    quoted = '"' + name.replace('"', '""') + '"'
    url = postgres.url(database).replace(postgres.role, quote(name, safe=""), 1)
    with postgres.admin(database) as admin:
        admin.execute(f"CREATE ROLE {quoted} LOGIN PASSWORD {Literal(postgres.password).as_string(admin)}")
        admin.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        line = refused(migrate(tmp_path, url), "42501", "superuser")
        [statement] = re.findall(r"run (GRANT .*)", line)
        assert statement == f"GRANT CREATE ON SCHEMA public TO {quoted}"
        admin.execute(statement)
        assert "applied 0001_initial" in migrate(tmp_path, url).stdout


def test_text_that_is_not_utf8_is_refused(tmp_path, postgres):
    latin = postgres.new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    before = postgres.dump(latin)
    for result in (
        start(tmp_path, postgres.url(latin)),
        migrate(tmp_path, postgres.url(latin)),
        migrate(tmp_path, postgres.url(latin), "--dry-run"),
    ):
        refused(result, latin, "LATIN1", "CREATE DATABASE", "ENCODING 'UTF8' TEMPLATE template0")
    assert postgres.dump(latin) == before


def test_tables_of_another_program_are_named_and_left_alone(tmp_path, postgres):
    for table in ("schema_migrations (version varchar(128) PRIMARY KEY)", "sessions (sid varchar PRIMARY KEY)"):
        name = postgres.new_database()
        with postgres.connect(name) as connection:
            connection.execute(f"CREATE TABLE {table}")
        before = postgres.dump(name)
        for result in (
            start(tmp_path, postgres.url(name)),
            migrate(tmp_path, postgres.url(name)),
            migrate(tmp_path, postgres.url(name), "--dry-run"),
        ):
            refused(result, name, table.split()[0], "in the way", "rename", "search_path")
        assert postgres.dump(name) == before


def test_a_schema_of_an_earlier_version_is_brought_up_to_date_by_a_start(serving, tmp_path, postgres, database):
    """With rows in it, from 0003 on, which knew no other servers and called the digest sha256."""
    files = sorted((ROOT / "migrations").glob("000[123]_*.postgres.sql"))
    assert len(files) == 3
    with postgres.connect(database) as connection, connection.transaction():
        connection.execute(
            "CREATE TABLE schema_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, "
            "applied_at BIGINT NOT NULL)"
        )
        for number, file in enumerate(files, 1):
            connection.execute(file.read_text())
            row = (number, file.name.removesuffix(".postgres.sql"), hashlib.sha256(file.read_bytes()).hexdigest(), 1)
            connection.execute("INSERT INTO schema_migrations VALUES (%s, %s, %s, %s)", row)
        connection.execute(
            "INSERT INTO users (username, username_key, username_skeleton, email, email_key, hashed_password, created_at) "
            f"VALUES ('ana', 'ana', 'ana', 'ana@example.test', 'ana@example.test', '{fastapi.BCRYPT}', now());"
            "INSERT INTO rooms (name, owner_id, last_seq, created_at) VALUES ('sala', 1, 2, now());"
            "INSERT INTO user_rooms (room_id, user_id, joined_at) VALUES (1, 1, now());"
            "INSERT INTO file_uploads (original_filename, stored_filename, file_size, content_type, public_url, uploader_id, "
            "uploaded_at, sha256) VALUES ('plano.png', 'a.png', 1, 'image/png', 'https://x.test/a.png', 1, now(), 'abc');"
            "INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, file_id, content) "
            "VALUES (1, 1, 1, 1, now(), NULL, 'hola'), (1, 1, 2, 2, now(), 1, 'el plano')"
        )
        epoch = connection.execute("SELECT epoch FROM installation").fetchone()

    server = serving(postgres.url(database))
    client = Client(server)
    token = client.post("/api/users/login", 200, json={"username": "ana", "password": fastapi.PASSWORD}).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    said = client.post("/api/rooms/1/messages", 201, json={"content": "y sigue"}).json()
    assert (said["id"], said["seq"]) == (3, 3)
    history = client.get("/api/rooms/1/messages", 200).json()
    assert [message["content"] for message in history] == ["y sigue", "el plano", "hola"]
    assert history[1]["file"]["original_filename"] == "plano.png"
    new = postgres.new_database()
    migrate(tmp_path, postgres.url(new))
    with postgres.connect(database) as old, postgres.connect(new) as made:
        assert postgres_schema(old) == postgres_schema(made)
        assert old.execute("SELECT digest FROM file_uploads").fetchall() == [("abc",)]
        assert old.execute("SELECT epoch FROM installation").fetchone() == epoch
    assert "up to date" in migrate(tmp_path, postgres.url(database)).stdout


def test_a_bad_url_and_a_missing_key_are_wrong_settings(tmp_path, postgres, database):
    for url in (
        "postgresql://u:p%zz-hunter2@127.0.0.1/x",
        "postgresql://u:hunter2@127.0.0.1:port/x",
        "postgresql://u:a@hunter2@127.0.0.1/x",
        "postgresql://u:4711/hunter2@127.0.0.1/x",
        "postgresql://u:hunter2?b@127.0.0.1/x",
        "postgres:hunter2",
    ):
        output = refused(start(tmp_path, url), "DATABASE_URL", "postgresql://", status=2)
        assert "hunter2" not in output
    refused(start(tmp_path, postgres.url(database), SECRET_KEY=""), "SECRET_KEY", "must be set with PostgreSQL", status=2)


def test_a_database_of_the_fastapi_version_is_left_alone(tmp_path, postgres, database):
    with postgres.connect(database) as connection:
        connection.execute("CREATE TABLE users (id serial PRIMARY KEY, username varchar)")
        connection.execute("CREATE TABLE user_rooms (user_id int, room_id int)")
    before = postgres.dump(database)
    refused(start(tmp_path, postgres.url(database)), "izpochat migrate")
    assert postgres.dump(database) == before


def test_tls_is_checked_as_far_as_sslmode_says(tmp_path):
    secure = Postgres("--tls")
    good = secure.url(secure.new_database())
    checked = f"{good}?sslmode=verify-full&sslrootcert={quote(str(secure.ca), safe='')}"
    server = Server(tmp_path / "server", KEY | {"DATABASE_URL": checked}).start()
    try:
        Person(server, "ana")
        refused(start(tmp_path, f"{good}?sslmode=verify-full&sslrootcert=/no/such/ca.crt"), "TLS")
        refused(start(tmp_path, f"{good}?sslmode=verify-full&sslrootcert=system"), "TLS", "certificate verify failed")
    finally:
        server.stop()
        secure.close()


def test_other_forms_of_a_url(serving, postgres):
    url = postgres.url(postgres.new_database())
    forms = {
        url.replace("postgresql://", "postgres://"): (),
        url.replace("postgresql://", "postgresql+psycopg2://"): (),
        url.replace("127.0.0.1", f"127.0.0.1:{free_port()},127.0.0.1"): (),
        url + "?schema=public&connection_limit=3&options=-c%20search_path%3Dpublic": ("schema", "connection_limit"),
        url + "?pgbouncer=true&options=-c%20x%3Dy": ("pgbouncer", "options is dropped"),
    }
    for form, notes in forms.items():
        server = serving(form)
        Person(server, "ana")
        for note in notes:
            assert note in server.log()
        assert postgres.password not in server.log()


def test_of_several_hosts_a_silent_one_keeps_nobody_from_the_others(serving, postgres):
    """One whose packets are lost, before the start and later, as a primary that failed is for a while."""
    url = postgres.url(postgres.new_database())
    with Proxy(postgres.port) as first:
        server = serving(url.replace("127.0.0.1", f"127.0.0.1:{first.port},127.0.0.1"))
        ana = Person(server, "ana")
        first.cut()
        wait_until(lambda: ana.get("/api/users/me").status_code == 200 and ana.post(
            "/api/rooms/", json={"name": "sala"}).status_code == 201, "the second host to be asked", 30)
        server.stop()
        server = serving(url.replace("127.0.0.1", f"127.0.0.1:{first.port},127.0.0.1"))
        Person(server, "eva")


def test_a_server_has_few_connections_however_many_clients(serving, postgres):
    database = postgres.new_database()
    server = serving(postgres.url(database), DATABASE_CONNECTIONS="3")
    ana = Person(server, "ana")
    room = ana.make_room()
    sockets = [ana.open(room) for _ in range(30)]
    for socket in sockets[:10]:
        socket.say("hola")
    with ThreadPoolExecutor(20) as pool:
        pages = list(pool.map(lambda _: ana.history(room, limit=50), range(200)))
    assert len(pages[-1]) > 0
    with postgres.admin() as admin:
        count = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [database]).fetchone()[0]
    assert 1 <= count <= 3 + 2
    for socket in sockets:
        socket.close()


def test_while_it_is_away_it_is_asked_now_and_then(serving, postgres):
    """However many requests come: the pauses grow to two seconds, and everybody is told when to come back."""
    with Proxy(postgres.port) as proxy:
        server = serving(postgres.url(postgres.new_database(), proxy.port))
        ana = Person(server, "ana")
    asked: list[float] = []
    with Refusing(proxy.port, asked):
        wait_until(lambda: ana.get("/api/rooms/").status_code == 503, "PostgreSQL to be missed")
        end = time.monotonic() + 8
        while time.monotonic() < end:
            assert ana.get("/api/rooms/", 503, "storage_unavailable").headers["Retry-After"] == "1"
            time.sleep(0.02)
    late = [moment for moment in asked if moment > end - 4]
    pools = os.cpu_count() + 1  # one of each loop, and that of the writers; at least a second from one try to the next
    assert 1 <= len(late) <= 4 * pools, f"{len(asked)} tries, {len(late)} of them in the last 4 s"


def test_a_host_that_is_silent_is_named(tmp_path, postgres, database):
    with Proxy(postgres.port) as silent:
        silent.cut()
        url = postgres.url(database).replace(str(postgres.port), str(silent.port))
        refused(start(tmp_path, url + "?connect_timeout=2"), "no answer in time", str(silent.port))


def test_a_pooler_in_transaction_mode_is_told_of_or_noticed(serving, postgres, pgbouncer: PgBouncer):
    url = pgbouncer.url(postgres.new_database())
    for form in (url + "?pgbouncer=true", url, url + "?options=-c%20search_path%3Dpublic"):
        server = serving(form, DATABASE_CONNECTIONS="8")
        assert ("options is dropped" in server.log()) == ("options" in form)
        people = [Person(server, f"p{i}") for i in range(6)]
        room = people[0].post("/api/rooms/", 201, json={"name": "sala"}).json()["id"]
        for person in people:
            for number in range(5):
                person.post(f"/api/rooms/{room}/messages", 201, json={"content": f"{number}"})
        assert len(people[0].get(f"/api/rooms/{room}/messages", 200).json()) == 30


def test_users_are_managed_and_tables_made_by_the_commands_too(tmp_path, postgres, database):
    settings = KEY | {"DATABASE_URL": postgres.url(database), "DATA_DIR": str(tmp_path / "data")}
    assert "applied 0001_initial" in run("migrate", directory=tmp_path, settings=settings).stdout
    assert "up to date" in run("migrate", directory=tmp_path, settings=settings).stdout
    made = run("user", "create", "ana", "--email", "ana@example.com", "--password-stdin", directory=tmp_path, settings=settings,
               stdin="correcto-caballo\n")  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "ana@example.com" in run("user", "list", directory=tmp_path, settings=settings).stdout


def test_it_goes_on_by_itself_when_the_database_comes_back(serving, postgres, database):
    server = serving(postgres.url(database))
    ana = Person(server, "ana")
    room = ana.post("/api/rooms/", 201, json={"name": "sala"}).json()["id"]
    postgres.terminate(*postgres.backends(database))
    ana.post(f"/api/rooms/{room}/messages", 201, json={"content": "after", "client_id": "1"})
    postgres.stop()
    try:
        answer = ana.post(f"/api/rooms/{room}/messages", 503, json={"content": "lost", "client_id": "2"})
        assert int(answer.headers["Retry-After"]) >= 1
    finally:
        postgres.start()

    def goes_on() -> bool:
        answer = ana.post(f"/api/rooms/{room}/messages", json={"content": "lost", "client_id": "2"})
        return answer.status_code in (200, 201)

    wait_until(goes_on, "a message to be stored again")
    contents = [message["content"] for message in ana.get(f"/api/rooms/{room}/messages", 200).json()]
    assert contents == ["lost", "after"]
