"""A whole installation moves from SQLite to PostgreSQL: what was there is there, row for row, and people go on."""

import os
import signal
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from support.blobs import blob_with
from support.client import Person
from support.postgres import PgBouncer, Postgres
from support.proxy import Proxy
from support.schema import postgres_schema
from support.server import BINARY, Server, environment, run
from support.waiting import PATIENCE, wait_until

# Of SQLite; what is said of PostgreSQL brings its own.
pytestmark = pytest.mark.skipif(os.environ.get("IZPO_TEST_DATABASE", "sqlite") != "sqlite", reason="copies of SQLite")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KEY = "of-the-tests-" + "0123456789abcdef" * 2


def done(result: subprocess.CompletedProcess) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def refused(result: subprocess.CompletedProcess, *words: str, status: int = 1) -> None:
    assert result.returncode == status, result.stdout + result.stderr
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("izpochat: "), result.stderr
    for word in words:
        assert word in lines[0], lines[0]


def plain(value: object) -> object:
    """A value of PostgreSQL as SQLite has it."""
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(microseconds=1)
    return int(value) if isinstance(value, bool) else value


def rows_of_both(file: Path, connection: psycopg.Connection) -> dict[str, tuple[list, list]]:
    """Every table but schema_migrations, read by others than the program: the rows in SQLite and in PostgreSQL."""
    tables = {}
    with sqlite3.connect(file) as old:
        for name, table in postgres_schema(connection).items():
            if name == "schema_migrations":
                continue
            columns = ", ".join(table["columns"])
            query = f"SELECT {columns} FROM {name} ORDER BY {', '.join(table['primary key'])}"
            new = [tuple(map(plain, row)) for row in connection.execute(query).fetchall()]
            tables[name] = (old.execute(query).fetchall(), new)
    return tables


class Installation:
    """A stopped server on SQLite in which much has happened."""

    menu, secret, gone = b"lunes: sopa\n" * 1000, b"solo para dos", b"ya no"

    def __init__(self, server: Server):
        self.server, self.data = server, server.data
        self.file = server.data / "izpochat.db"
        ana, ben, eva = (Person(server, name) for name in ("ana", "ben", "eva"))
        self.ana, self.ben, self.eva = ana, ben, eva
        ana.put("/api/users/me", 200, json={"full_name": "Ana 👩‍🍳 Ñandú"})
        self.public, self.private = ana.make_room("Cocina"), ben.make_room("Secreta", is_private=True)
        self.removed = eva.make_room("Borrada")
        for person in (ben, eva):
            person.join(self.public)
        ben.post(f"/api/rooms/{self.private}/members", 201, json={"user_id": ana.id})
        ben.post(f"/api/rooms/{self.private}/members", 201, json={"user_id": eva.id})
        ben.delete(f"/api/rooms/{self.private}/members/{eva.id}", 200)
        eva.say(self.removed, "nadie lo lee ya")
        eva.delete(f"/api/rooms/{self.removed}", 200)
        upload = lambda who, name, bytes_: who.post("/api/uploads/", 201, files={"file": (name, bytes_, "text/plain")}).json()  # noqa: E731
        self.files = [upload(ana, "menú.txt", self.menu), upload(ben, "plan.txt", self.secret)]
        lost = upload(ana, "perdido.txt", self.gone)
        for number in range(60):
            who = (ana, ben, eva)[number % 3]
            client = {"client_id": f"c-{number}"} if number % 2 else {}
            who.say(self.public, f"mensaje {number} 🐦\t\u2028«ñ»\n" + "x" * number, **client)
        ana.say(self.public, "el menú", file_id=self.files[0]["id"])
        ana.say(self.public, "perdido", file_id=lost["id"])
        ben.say(self.private, "el plan", file_id=self.files[1]["id"])
        with ana.open(self.public) as chat:
            self.epoch = chat.welcome["epoch"]
        ana.delete(f"/api/uploads/{lost['id']}", 200)
        self.traded = eva.refresh_token
        eva.take_login(eva.post("/api/users/refresh", 200, json={"refresh_token": eva.refresh_token}).json())
        ended = ben.again()
        ended.post("/api/users/logout", 200, json={"refresh_token": ended.refresh_token})
        self.ended = ended
        self.menu_blob, self.secret_blob = (
            blob_with(self.data, bytes_).relative_to(self.data) for bytes_ in (self.menu, self.secret)
        )
        self.before = self.seen_at(server)
        server.stop()

    def seen_at(self, server: Server) -> dict:
        """What each of them is shown over REST."""
        seen = {}
        for person in (self.ana, self.ben, self.eva):
            here = person.at(server)
            paths = ["/api/users/me", "/api/users/me/rooms", "/api/users/me/files", "/api/users/me/usage", "/api/rooms/", "/api/users/"]
            for room in (self.public, self.private, self.removed):
                paths += [f"/api/rooms/{room}", f"/api/rooms/{room}/members", f"/api/rooms/{room}/messages?after_seq=0&limit=200"]
            for path in paths:
                answer = here.get(path)
                shown = comparable(answer.json()) if answer.status_code == 200 else answer.json()["code"]
                seen[person.username, path] = shown
        return seen

    def copy(self, url: str, *options: str, **settings: str) -> subprocess.CompletedProcess:
        return run(
            "copy", "--to", url, *options, directory=self.server.directory, settings={"DATA_DIR": str(self.data)} | settings
        )

    def serve(self, url: str, directory: Path, data: Path | None = None) -> Server:
        """A server on PostgreSQL as the summary of a copy says, started."""
        data = data or self.data
        key = (data / "secret.key").read_text().strip()
        server = Server(directory, {"DATABASE_URL": url, "SECRET_KEY": key})
        server.data = data
        return server.start()

    def change(self, *statements: str) -> None:
        with sqlite3.connect(self.file) as connection:
            for statement in statements:
                connection.execute(statement)


def comparable(value: object) -> object:
    """Without the links to files, which have another port on each server."""
    if isinstance(value, dict):
        return {name: comparable(part) for name, part in value.items() if not name.endswith("_url")}
    return [comparable(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def busy(own_server) -> Installation:
    return Installation(own_server())


@pytest.fixture
def small(tmp_path) -> Installation:
    """An installation of few rows, of which no server was ever asked anything."""
    small = object.__new__(Installation)
    small.server = Server(tmp_path / "small")
    small.data = small.server.data
    small.file = small.data / "izpochat.db"
    done(small.server.run("migrate"))
    small.change(
        "INSERT INTO users VALUES (3, 'ana', 'ana', 'ana', 'a@x', 'a@x', 'none', NULL, 1, 1, NULL)",
        "INSERT INTO rooms VALUES (5, 'sala', NULL, 0, 3, 2, -1, NULL, 0)",
        "INSERT INTO messages VALUES (7, 5, 3, 1, 1, 1, NULL, 'c', 'hola'), (9, 5, 3, 2, 2, 1, NULL, NULL, '')",
    )
    return small


# What is there afterwards


def test_everybody_goes_on_in_postgresql(busy, postgres, database, tmp_path):
    report = done(busy.copy(postgres.url(database)))
    for count in ("3 users", "4 logins", "5 refresh tokens", "6 memberships", "3 files", "63 messages"):
        assert count in report
    assert f"SECRET_KEY=\"$(cat {busy.data}/secret.key)\"" in report
    with postgres.connect(database) as connection:
        tables = rows_of_both(busy.file, connection)
    assert len(tables) >= 9 and all(old for name, (old, _) in tables.items() if name != "room_news")
    for name, (old, new) in tables.items():
        assert new == old, name

    server = busy.serve(postgres.url(database), tmp_path / "new")
    try:
        assert busy.seen_at(server) == busy.before
        ana, ben, eva = (person.at(server) for person in (busy.ana, busy.ben, busy.eva))
        # Logins: the access token and the refresh token of before; what was ended or traded stays so.
        busy.ended.at(server).post("/api/users/refresh", 401, json={"refresh_token": busy.ended.refresh_token})
        ben.take_login(ben.post("/api/users/refresh", 200, json={"refresh_token": ben.refresh_token}).json())
        ben.log_in()
        # Sockets: from where they were, everything once, in the same epoch.
        history = ana.history(busy.public, after_seq=0, limit=200)
        with ana.open(busy.public, after_seq=20, epoch=busy.epoch) as chat:
            assert chat.welcome["reset"] is False and chat.welcome["epoch"] == busy.epoch
            again = chat.messages(len(history) - 20)
            assert [(event["seq"], event["id"], event["content"]) for event in again] == [
                (message["seq"], message["id"], message["content"]) for message in history[20:]
            ]
            # What was sent before is not sent twice; what is new has the next numbers.
            sent = {"content": history[1]["content"], "client_id": "c-1"}
            same = ben.post(f"/api/rooms/{busy.public}/messages", 200, json=sent).json()
            assert (same["id"], same["seq"]) == (history[1]["id"], history[1]["seq"])
            new = ben.say(busy.public, "y sigue")
            with sqlite3.connect(busy.file) as old:
                [(last,)] = old.execute("SELECT seq FROM sqlite_sequence WHERE name = 'messages'").fetchall()
                [(last_seq,)] = old.execute("SELECT last_seq FROM rooms WHERE id = ?", [busy.public]).fetchall()
            assert (new["seq"], new["id"]) == (last_seq + 1, last + 1)
            assert chat.until("message")["id"] == new["id"]
        assert ana.make_room("nueva") == busy.removed + 1
        assert Person(server, "nueva").id == busy.eva.id + 1
        # Files, and their links.
        for person, file, bytes_ in ((ana, busy.files[0], busy.menu), (ben, busy.files[1], busy.secret)):
            assert person.get(f"/api/uploads/{file['id']}/download", 200).content == bytes_
        eva.get(f"/api/uploads/{busy.files[1]['id']}/download", 404)
        # A traded token that comes again ends its login, as it would have before.
        eva.post("/api/users/refresh", 401, json={"refresh_token": busy.traded})
        eva.post("/api/users/refresh", 401, json={"refresh_token": eva.refresh_token})
    finally:
        server.stop()


def test_files_and_key_come_to_another_directory(busy, postgres, database, tmp_path):
    new = tmp_path / "new data"
    draft = new / "blobs" / "tmp" / "copy"
    half = new / busy.secret_blob
    for path in (draft, half):  # what a copy that was killed may leave, and a disk that forgot
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(busy.secret[:5])
    report = done(busy.copy(postgres.url(database), "--to-data-dir", str(new)))
    assert f"copied 2 files (11.7 KiB) and the key to {new}" in report
    assert (new / busy.menu_blob).read_bytes() == busy.menu
    assert half.read_bytes() == busy.secret
    assert not draft.exists()
    assert (new / "secret.key").read_bytes() == (busy.data / "secret.key").read_bytes()
    assert (new / "secret.key").stat().st_mode & 0o777 == 0o600

    again = done(busy.copy(postgres.url(database), "--to-data-dir", str(new)))
    assert "nothing to copy" in again and "copied 0 files (0 bytes), 2 were there and the key" in again
    server = busy.serve(postgres.url(database), tmp_path / "new", new)
    try:
        ana = busy.ana.at(server)
        assert ana.get(f"/api/uploads/{busy.files[0]['id']}/download", 200).content == busy.menu
    finally:
        server.stop()


def test_bytes_that_were_lost_are_told(busy, postgres, tmp_path):
    (busy.data / busy.menu_blob).unlink()
    (busy.data / busy.secret_blob).write_bytes(b"otra cosa")
    stays = busy.copy(postgres.url(postgres.new_database()))
    assert "1 of 2 files have no bytes" in stays.stderr and stays.returncode == 0
    moves = busy.copy(postgres.url(postgres.new_database()), "--to-data-dir", str(tmp_path / "new"))
    assert moves.returncode == 0 and "copied 0 files" in moves.stdout
    lines = [line for line in moves.stderr.splitlines() if "a file" in line]
    assert len(lines) == 2 and any("is missing" in line for line in lines) and any("is damaged" in line for line in lines)
    assert not (tmp_path / "new" / busy.secret_blob).exists()


def test_ids_of_rows_that_are_gone_are_not_given_again(small, postgres, database, tmp_path):
    small.change("DELETE FROM messages WHERE id = 9", "UPDATE sqlite_sequence SET seq = 50 WHERE name = 'rooms'")
    done(small.copy(postgres.url(database)))
    with postgres.connect(database) as connection:
        for table, last in (("users", 3), ("rooms", 50), ("messages", 9)):
            query = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))"
            assert connection.execute(query).fetchall() == [(last + 1,)], table


def test_the_tables_are_made_as_ever(small, postgres, database, tmp_path):
    """References and indexes are laid aside on the way: they are all there again, also where they were before."""
    other, used = postgres.new_database(), postgres.new_database()
    for name in (other, used):
        done(run("migrate", directory=tmp_path, settings={"DATABASE_URL": postgres.url(name), "SECRET_KEY": KEY}))
    for name in (database, used):
        done(small.copy(postgres.url(name)))
        with postgres.connect(name) as copied, postgres.connect(other) as made:
            assert postgres_schema(copied) == postgres_schema(made)
        [new, old] = (postgres.dump(database, "--schema-only") for database in (name, other))
        assert sorted(new.splitlines()) == sorted(old.splitlines())


def test_the_settings_may_say_both_ends(small, postgres, database):
    settings = {"DATABASE_URL": postgres.url(database), "SECRET_KEY": KEY}
    directory = small.server.directory
    report = done(run("copy", directory=directory, settings=settings))
    assert "2 messages" in report and "--to" not in report and "keep SECRET_KEY" in report
    again = done(run("copy", "--from", "sqlite:///data/izpochat.db", directory=directory, settings=settings))
    assert "nothing to copy" in again
    elsewhere = run("copy", "--from", f"sqlite:///{small.file}", directory=directory.parent, settings=settings)
    assert f"the data directory is still {small.data}" in done(elsewhere)


def test_a_key_of_the_settings_stays_with_the_settings(busy, postgres, database):
    done_ = busy.copy(postgres.url(database), SECRET_KEY=KEY)
    assert "keep SECRET_KEY" in done(done_) and "is not the key in" in done_.stderr
    key = (busy.data / "secret.key").read_text().strip()
    assert not any(secret in done_.stdout + done_.stderr for secret in (KEY, key, postgres.password))


def test_files_in_a_bucket_stay_there(busy, postgres, database, tmp_path):
    new = tmp_path / "new"
    report = done(busy.copy(postgres.url(database), "--to-data-dir", str(new), GCS_BUCKET_NAME="files"))
    assert "files stay in the bucket files" in report and "copied 0 files (0 bytes) and the key" in report
    assert not (new / busy.menu_blob).exists() and (new / "secret.key").exists()


def test_what_a_killed_server_had_confirmed_is_copied(own_server, postgres, database, tmp_path):
    """It is in the log beside the database."""
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    said = [ana.say(room, f"mensaje {number}")["id"] for number in range(20)]
    own.kill()
    assert (own.data / "izpochat.db-wal").stat().st_size > 0
    assert "20 messages" in done(own.run("copy", "--to", postgres.url(database)))
    with postgres.connect(database) as connection:
        assert [id for (id,) in connection.execute("SELECT id FROM messages ORDER BY id")] == said


def test_through_a_pooler_in_transaction_mode(small, postgres, database, pgbouncer: PgBouncer):
    assert "2 messages" in done(small.copy(pgbouncer.url(database)))
    assert "nothing to copy" in done(small.copy(pgbouncer.url(database)))


# What is refused, and changes nothing


def test_ends_that_are_none_are_refused(small, postgres, database, tmp_path):
    url, good = postgres.url(database), f"sqlite:///{small.file}"
    refused(small.copy("sqlite:///other.db"), "--to", "PostgreSQL", status=2)
    refused(small.copy("postgresql://u:hunter2@127.0.0.1:port/x"), "--to", status=2)
    refused(small.copy(url, "--from", url), "--from", "SQLite", status=2)
    refused(run("copy", directory=tmp_path, settings={}), "--to is missing", status=2)
    refused(small.copy(url, "--from", "sqlite:///no.db"), "no.db", "--from")
    refused(run("copy", "--to", url, directory=tmp_path, settings={}), "data/izpochat.db", "--data-dir")
    (tmp_path / "text.db").write_text("no es una base de datos" * 100)
    refused(small.copy(url, "--from", f"sqlite:///{tmp_path}/text.db"), "text.db", "not a database")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE users (id INTEGER)")
    refused(small.copy(url, "--from", f"sqlite:///{tmp_path}/other.db"), "other.db", "no database of IzpoChat")
    refused(small.copy(url.replace(database, "no_such"), "--from", good), "no database no_such", "--to")
    wrong = small.copy(url.replace(url.split(":")[2].split("@")[0], "hunter2"))
    refused(wrong, "the password is wrong", "--to")
    assert "hunter2" not in wrong.stderr and postgres.password not in wrong.stderr
    assert postgres.dump(database) == postgres.dump(postgres.new_database())


def test_another_version_is_refused(small, postgres, database):
    url = postgres.url(database)
    small.change("INSERT INTO schema_migrations VALUES (9999, '9999_future', 'x', 1)")
    refused(small.copy(url), "izpochat.db", "newer than this program")
    small.change("DELETE FROM schema_migrations WHERE number IN (9999, 5)")
    refused(small.copy(url), "earlier version", "izpochat migrate")
    small.change("DROP INDEX messages_file", "CREATE INDEX messages_file ON messages (file_id) WHERE file_id IS NOT NULL")
    done(small.server.run("migrate"))
    done(small.copy(url))
    with postgres.connect(database) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, '9999_future', 'x', 1)")
    refused(small.copy(url), "newer than this program")


def test_a_server_on_either_end_is_refused(busy, postgres, database, tmp_path):
    busy.server.start()
    refused(busy.copy(postgres.url(database)), "already serves", "izpochat.db", "stop it")
    busy.server.stop()
    there = Server(tmp_path / "there", {"DATABASE_URL": postgres.url(database), "SECRET_KEY": KEY}).start()
    try:
        wait_until(lambda: postgres.backends(database), "the server to have asked something")
        refused(busy.copy(postgres.url(database)), "a server runs on")
    finally:
        there.stop()
    done(busy.copy(postgres.url(database)))


def test_a_database_with_other_data_is_refused(small, postgres, database):
    url = postgres.url(database)
    done(small.copy(url))
    with postgres.connect(database) as connection:
        for change, back in (
            ("UPDATE messages SET content = 'otro' WHERE id = 7", "UPDATE messages SET content = 'hola' WHERE id = 7"),
            ("UPDATE users SET created_at = created_at + interval '1 us'", "UPDATE users SET created_at = created_at - interval '1 us'"),
            ("UPDATE messages SET client_id = '' WHERE id = 9", "UPDATE messages SET client_id = NULL WHERE id = 9"),
            ("UPDATE installation SET epoch = upper(epoch) || 'x'", None),
        ):
            connection.execute(change)
            before = postgres.dump(database)
            refused(small.copy(url), "is not empty", "1 users, 1 rooms, 2 messages")
            assert postgres.dump(database) == before
            if back:
                connection.execute(back)
                assert "nothing to copy" in done(small.copy(url))


def test_databases_of_others_are_refused(small, postgres):
    old, other, tool = (postgres.new_database() for _ in range(3))
    latin = postgres.new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with postgres.connect(old) as connection:
        connection.execute("CREATE TABLE users (id serial PRIMARY KEY, username varchar, hashed_password varchar)")
        connection.execute("CREATE TABLE user_rooms (user_id int, room_id int)")
    with postgres.connect(other) as connection:
        connection.execute("CREATE TABLE rooms (name text); CREATE TABLE schema_migrations (version text)")
    with postgres.connect(tool) as connection:
        connection.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
    for name, *words in (
        (old, "FastAPI version"),
        (other, "another program", "rooms", "schema_migrations"),
        (tool, "schema_migrations", "in the way", "rename", "search_path"),
        (latin, "LATIN1", "UTF8"),
    ):
        before = postgres.dump(name)
        refused(small.copy(postgres.url(name)), name, *words)
        assert postgres.dump(name) == before


def test_a_missing_right_is_named(small, postgres):
    for right in ("CREATE ON SCHEMA public", "USAGE, CREATE ON SCHEMA public", "TEMPORARY ON DATABASE {name}"):
        name = postgres.new_database()
        with postgres.admin(name) as admin:
            admin.execute(f"ALTER DATABASE {name} OWNER TO postgres; GRANT CREATE ON SCHEMA public TO PUBLIC")
            admin.execute(f"REVOKE {right.format(name=name)} FROM PUBLIC")
            grant = f"GRANT {right.format(name=name)} TO {postgres.role}"
            refused(small.copy(postgres.url(name)), name, grant, "superuser")
            admin.execute(grant)
        done(small.copy(postgres.url(name)))


def test_what_postgresql_cannot_keep_is_named(small, postgres, database):
    before = postgres.dump(database)
    for broken, where in (
        ("UPDATE messages SET content = CAST(x'61006200' AS TEXT) WHERE id = 9", "messages 9: content"),
        ("UPDATE users SET full_name = CAST(x'ff' AS TEXT)", "users 3: full_name"),
        ("UPDATE rooms SET created_at = -9223372036854775808", "rooms 5: created_at"),
    ):
        small.change(broken)
        refused(small.copy(postgres.url(database)), where)
        small.change("UPDATE messages SET content = ''", "UPDATE users SET full_name = NULL", "UPDATE rooms SET created_at = 1")
    small.change("UPDATE messages SET sender_id = 99 WHERE id = 7")
    refused(small.copy(postgres.url(database)), "23503", "messages_sender_id_fkey")
    assert postgres.dump(database) == before


def test_rows_that_come_back_changed_are_noticed(small, postgres, database, tmp_path):
    done(run("migrate", directory=tmp_path, settings={"DATABASE_URL": postgres.url(database), "SECRET_KEY": KEY}))
    with postgres.connect(database) as connection:
        connection.execute(
            "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.content = upper(NEW.content); RETURN NEW; END';"
            "CREATE TRIGGER shouted BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION shout()"
        )
    before = postgres.dump(database)
    refused(small.copy(postgres.url(database)), "messages", "is not what it was given")
    assert postgres.dump(database) == before


def test_another_key_is_not_replaced(busy, postgres, database, tmp_path):
    new = tmp_path / "new"
    new.mkdir()
    (new / "secret.key").write_text("0" * 64 + "\n")
    refused(busy.copy(postgres.url(database), "--to-data-dir", str(new)), "secret.key", "another key")
    assert postgres.dump(database) == postgres.dump(postgres.new_database())


# Interruptions


class Halted:
    """A copy as a process of its own, which stands still (SIGSTOP) in the middle: PostgreSQL has a statement of it that
    begins so, and its answer does not come through."""

    def __init__(self, installation: Installation, postgres: Postgres, database: str, station: str):
        self.proxy = Proxy(postgres.port, station.encode())
        self.process = start_copy(installation, postgres.url(database, self.proxy.port))
        assert self.proxy.was_cut.wait(PATIENCE), station
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)

    def go_on(self, number: int = signal.SIGCONT) -> tuple[int, list[str]]:
        """With this signal before anything else; its code, and what it said."""
        self.process.send_signal(number)
        with self.proxy:
            self.proxy.mend()
            self.process.send_signal(signal.SIGCONT)
            _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors.splitlines()


def start_copy(installation: Installation, url: str) -> subprocess.Popen:
    return subprocess.Popen(
        [BINARY, "copy", "--to", url],
        env=environment({"DATA_DIR": str(installation.data)}),
        cwd=installation.server.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def waits_for_others(postgres: Postgres, database: str) -> bool:
    with postgres.admin() as admin:
        asks = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event = 'advisory'"
        return admin.execute(asks, [database]).fetchone() == (1,)


# The tables are made, half of them are filled, all are filled, all is done but the end.
STATIONS = ("TRUNCATE", "COPY messages", "ANALYZE", "COPY (SELECT id, room_id", "COPY (SELECT id, node")


@pytest.mark.parametrize("station", STATIONS)
def test_a_copy_that_is_killed_changes_nothing_and_is_done_again(small, postgres, database, station):
    before = postgres.dump(database)
    code, _ = Halted(small, postgres, database, station).go_on(signal.SIGKILL)
    assert code == -signal.SIGKILL
    wait_until(lambda: not postgres.backends(database), "PostgreSQL to notice")
    assert postgres.dump(database) == before
    assert "2 messages" in done(small.copy(postgres.url(database)))
    with postgres.connect(database) as connection:
        for name, (old, new) in rows_of_both(small.file, connection).items():
            assert new == old, name


def test_a_copy_that_is_killed_is_done_again_before_postgresql_has_noticed(small, postgres, database):
    halted = Halted(small, postgres, database, "COPY messages")
    halted.process.kill()
    halted.process.communicate(timeout=60)
    again = start_copy(small, postgres.url(database))
    wait_until(lambda: waits_for_others(postgres, database), "the second to wait for the first")
    with halted.proxy:
        halted.proxy.mend()
        report, errors = again.communicate(timeout=60)
    assert again.returncode == 0 and "2 messages" in report, errors


def test_a_copy_that_is_killed_while_it_commits_has_happened_or_not(small, postgres, database):
    Halted(small, postgres, database, "COMMIT\0").go_on(signal.SIGKILL)
    wait_until(lambda: not postgres.backends(database), "PostgreSQL to notice")
    assert "nothing to copy" in done(small.copy(postgres.url(database)))


@pytest.mark.parametrize(("station", "number"), [("COPY messages", signal.SIGTERM), ("COPY (SELECT id, room_id", signal.SIGINT)])
def test_a_signal_ends_it_with_one_line(small, postgres, database, station, number):
    before = postgres.dump(database)
    assert Halted(small, postgres, database, station).go_on(number) == (1, ["izpochat: interrupted"])
    wait_until(lambda: not postgres.backends(database), "PostgreSQL to have ended it")
    assert postgres.dump(database) == before


def test_a_signal_ends_it_while_another_migrates(small, postgres, database):
    with postgres.connect(database) as other, other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(5204116903)")
        copy = start_copy(small, postgres.url(database))
        wait_until(lambda: waits_for_others(postgres, database), "the copy to wait")
        copy.terminate()
        _, errors = copy.communicate(timeout=60)
        assert (copy.returncode, errors) == (1, "izpochat: interrupted\n")
        wait_until(lambda: len(postgres.backends(database)) == 1, "PostgreSQL to have ended it too")
    done(small.copy(postgres.url(database)))


def test_a_database_that_goes_away_is_one_line(small, postgres, database):
    before = postgres.dump(database)
    halted = Halted(small, postgres, database, "COPY messages")
    postgres.terminate(*postgres.backends(database))
    code, errors = halted.go_on()
    assert code == 1 and len([line for line in errors if line.startswith("izpochat: ")]) == 1, errors
    assert postgres.dump(database) == before
    done(small.copy(postgres.url(database)))


def test_many_pieces_are_copied(small, postgres, database):
    """More than one piece of COPY's, and than the network holds."""
    with sqlite3.connect(small.file) as connection:
        connection.executemany(
            "INSERT INTO messages VALUES (?, 5, 3, ?, ?, 1, NULL, ?, ?)",
            ((number, number, number, f"c{number}", f"mensaje {number} " + "ñ" * 200) for number in range(10, 20_010)),
        )
    assert "20002 messages" in done(small.copy(postgres.url(database)))
    assert "nothing to copy" in done(small.copy(postgres.url(database)))
    with postgres.connect(database) as connection:
        old, new = rows_of_both(small.file, connection)["messages"]
    assert new == old
