"""A database of the FastAPI version becomes one of ours: nothing that meant something is lost, and it is said what was
repaired."""

import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from support import fastapi
from support.client import Client
from support.schema import postgres_schema
from support.server import Server, run

KEY = {"SECRET_KEY": "of-the-tests-" + "0123456789abcdef" * 2}
MESSAGES = int(os.environ.get("IZPO_TAKE_OVER_MESSAGES", "20000"))


@pytest.fixture
def izpochat(postgres, database, tmp_path):
    """Runs a command on the database."""

    def command(*arguments: str, on: str = database, patience: float = 60) -> subprocess.CompletedProcess:
        settings = KEY | {"DATABASE_URL": postgres.url(on), "DATA_DIR": str(tmp_path / "data")}
        return run(*arguments, directory=tmp_path, settings=settings, patience=patience)

    return command


@pytest.fixture
def serving(postgres, database, tmp_path):
    server = Server(tmp_path / "server", KEY | {"DATABASE_URL": postgres.url(database)})
    yield server
    server.stop()


def old_database(postgres, database, *parts: str) -> None:
    with postgres.connect(database) as connection:
        fastapi.make_old(connection, *parts)


def query(postgres, database, text: str, *arguments) -> list[tuple]:
    with postgres.connect(database) as connection:
        return connection.execute(text, arguments).fetchall()


def done(result: subprocess.CompletedProcess) -> str:
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def refused(result: subprocess.CompletedProcess, *words: str) -> None:
    assert result.returncode == 1, result.stdout + result.stderr
    [line] = [line for line in result.stderr.splitlines() if line.startswith("izpochat: ")]
    for word in words:
        assert word in line, line


def log_in(server: Server, username: str, expect: int = 200) -> Client:
    client = Client(server)
    answer = client.post("/api/users/login", expect, json={"username": username, "password": fastapi.PASSWORD})
    if expect == 200:
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def me(server: Server, username: str) -> int:
    return log_in(server, username).get("/api/users/me", 200).json()["id"]


def test_people_go_on_where_they_were(postgres, database, izpochat, serving):
    old_database(postgres, database, fastapi.TIDY)
    refused(izpochat("serve", "--port", "0"), "migrate")
    report = done(izpochat("migrate"))
    assert "2 users, 2 rooms, 4 messages, 1 files" in report
    assert not re.search(r": \d+", report.split("\n", 1)[1].split("taken over")[0]), "nothing was to be repaired"
    serving.start()

    ana, ben = log_in(serving, "ana"), log_in(serving, "ben@example.test")
    assert ana.get("/api/users/me", 200).json()["full_name"] == "Ana María"
    assert [room["name"] for room in ana.get("/api/users/me/rooms", 200).json()] == ["General"]
    ana.get("/api/rooms/2", 404)
    history = ana.get("/api/rooms/1/messages", 200).json()
    assert [(message["id"], message["seq"], message["content"]) for message in history] == [
        (3, 3, "el plano"),
        (2, 2, "buenas"),
        (1, 1, "hola"),
    ]
    assert history[0]["file"]["public_url"] == "https://storage.example.test/cubo/2025/09/plano.png"
    assert [message["content"] for message in ben.get("/api/rooms/2/messages", 200).json()] == ["nadie más lo ve"]
    said = ben.post("/api/rooms/1/messages", 201, json={"content": "y sigue"}).json()
    assert (said["id"], said["seq"]) == (5, 4)
    new = {"username": "nueva", "email": "nueva@example.test", "password": fastapi.PASSWORD}
    assert Client(serving).post("/api/users/register", 201, json=new).json()["id"] == 3

    hashes = dict(query(postgres, database, "SELECT username, hashed_password FROM users"))
    assert all(hashed.startswith("$argon2id$") for hashed in hashes.values()), "hashed again at their login"
    log_in(serving, "ana")


def test_what_years_left_behind_is_kept_or_said(postgres, database, izpochat, serving):
    old_database(postgres, database, fastapi.TIDY, fastapi.NO_FOREIGN_KEYS, fastapi.AWKWARD)
    refused(izpochat("migrate"), "2 rooms", "2 messages", "--owner USERNAME")
    refused(izpochat("migrate", "--owner", "nadie"), "nadie")
    report = done(izpochat("migrate", "--owner", "ana"))
    for line in (
        "memberships of nobody, or in no room: 4",
        "memberships that stood there more than once: 3",
        "rooms without an owner: 2",
        "accounts without a username: 1",
        "accounts without an e-mail address: 1",
        "senders and uploaders who are gone: 2",
        "messages without a sender: 1",
        "rooms gone but for their messages: 1",
        "messages in no room: 1",
        "files stored under another's name: 1",
        "files that messages name and that are gone: 1",
        "messages without content: 1",
        "messages without a time: 2",
        "1 usernames differ",
        "1 usernames look like",
        "1 e-mail addresses are",
    ):
        assert line in report, report
    serving.start()

    # The exact name first, then the one that has it but for case; an address, and a name that is one.
    names = {
        "ana": 1,
        "Ana": 100,
        "ANA": 1,
        "аna": 101,
        "Eva Luisa": 102,
        "eva luisa": 102,
        "eva@example.test": 104,
        "ana@example.test": 1,
        "ANA@example.test": 100,
        "otra@example.test": 104,
    }
    assert {name: me(serving, name) for name in names} == names
    log_in(serving, "user-103", 401)
    log_in(serving, "deleted-8888", 401)

    ana = log_in(serving, "ana")
    history = ana.get("/api/rooms/100/messages", 200, params={"after_seq": 0}).json()
    assert [(message["seq"], message["id"], message["content"]) for message in history] == [
        (1, 109, "primero"),
        (2, 101, "segundo"),
        (3, 105, "tercero"),
        (4, 110, "sin hora"),
        (5, 111, ""),
        (6, 112, "de nadie"),
        (7, 113, "de quien se fue"),
        (8, 114, "con un archivo perdido"),
    ]
    assert history[0]["created_at"] == "2024-05-05T10:00:00.000001Z"
    assert history[3]["created_at"] == history[2]["created_at"]
    assert (history[7]["file_id"], history[7]["file"], history[7]["file_deleted"]) == (5555, None, True)
    assert (history[6]["sender"]["username"], history[6]["sender"]["is_active"]) == ("deleted-8888", False)
    assert ana.get("/api/rooms/6666/messages", 200).json()[0]["content"] == "sala perdida"
    assert ana.get("/api/rooms/100", 200).json()["owner_id"] == 1
    log_in(serving, "ben").get("/api/rooms/6666", 404)
    assert [room["id"] for room in log_in(serving, "Ana").get("/api/users/me/rooms", 200).json()] == [101, 102]

    said = ana.post("/api/rooms/100/messages", 201, json={"content": "después"}).json()
    assert (said["id"], said["seq"]) == (501, 9), "no number is given a second time"
    for room, last, highest, count in query(
        postgres, database, "SELECT r.id, r.last_seq, max(m.seq), count(*) FROM rooms r JOIN messages m ON m.room_id = r.id "
        "GROUP BY r.id"
    ):  # fmt: skip
        assert last == highest == count, room


def test_the_tables_are_then_as_if_they_had_been_made_here(postgres, database, izpochat):
    old_database(postgres, database, fastapi.TIDY)
    with postgres.connect(database) as connection:
        connection.execute("ALTER TABLE messages ALTER created_at TYPE timestamp, ADD COLUMN likes int DEFAULT 0")
        connection.execute("ALTER TABLE messages ENABLE ROW LEVEL SECURITY")
        connection.execute("CREATE POLICY everybody ON messages FOR SELECT USING (true)")
    assert "everybody on messages" in done(izpochat("migrate"))
    new = postgres.new_database()
    done(izpochat("migrate", on=new))
    with postgres.connect(database) as taken, postgres.connect(new) as made:
        ours, theirs = postgres_schema(made), postgres_schema(taken)
        likes = theirs["messages"]["columns"].pop("likes")
        assert likes["type"] == "integer", "what a team added stays"
        assert theirs == ours
        assert taken.execute("SELECT count(*) FROM pg_policy").fetchone() == (0,)
        sequences = "SELECT sequencename, data_type::text, cache_size FROM pg_sequences ORDER BY 1"
        assert taken.execute(sequences).fetchall() == made.execute(sequences).fetchall()
        # What reads the old columns still can.
        taken.execute(
            "SELECT m.id, m.content, m.sender_id, m.room_id, m.file_id, m.created_at, u.hashed_password, r.description, "
            "f.public_url, f.uploader_id, p.user_id FROM messages m JOIN users u ON u.id = m.sender_id "
            "JOIN rooms r ON r.id = m.room_id JOIN user_rooms p ON p.user_id = u.id AND p.room_id = r.id "
            "LEFT JOIN file_uploads f ON f.id = m.file_id"
        )


def test_a_rehearsal_says_the_same_and_changes_nothing(postgres, database, izpochat):
    old_database(postgres, database, fastapi.TIDY, fastapi.NO_FOREIGN_KEYS, fastapi.AWKWARD)
    before = postgres.dump(database)
    rehearsed = done(izpochat("migrate", "--dry-run", "--owner", "ana"))
    assert postgres.dump(database) == before
    assert "nothing was changed" in rehearsed
    taken = done(izpochat("migrate", "--owner", "ana"))
    assert taken.split("taken over")[0] == rehearsed.split("rehearsed")[0]
    assert taken.splitlines()[-1].startswith("taken over"), "there is nothing left to do, and nothing more to say"
    new = postgres.new_database()
    done(izpochat("migrate", on=new))
    applied = "SELECT number, name, sha256 FROM schema_migrations ORDER BY number"
    assert query(postgres, database, applied) == query(postgres, new, applied)
    after = postgres.dump(database)
    assert after != before

    # And what is done is done: again, or rehearsed again, it is nothing.
    for again in (izpochat("migrate"), izpochat("migrate", "--dry-run"), izpochat("migrate", "--owner", "ana")):
        assert "nothing to" in done(again)
    assert postgres.dump(database) == after


def test_two_at_once_take_it_over_once(postgres, database, izpochat):
    old_database(postgres, database, fastapi.TIDY)
    with ThreadPoolExecutor(2) as both:
        reports = [done(result) for result in both.map(lambda _: izpochat("migrate"), range(2))]
    assert sorted("taken over" in report for report in reports) == [False, True], reports
    assert query(postgres, database, "SELECT max(seq), count(*) FROM messages WHERE room_id = 1") == [(3, 3)]


def test_it_goes_through_a_pooler_too(postgres, pgbouncer, database, tmp_path):
    old_database(postgres, database, fastapi.TIDY)
    settings = KEY | {"DATABASE_URL": pgbouncer.url(database) + "?pgbouncer=true", "DATA_DIR": str(tmp_path / "data")}
    assert "taken over" in done(run("migrate", directory=tmp_path, settings=settings))
    assert "nothing to" in done(run("migrate", directory=tmp_path, settings=settings))


def test_what_is_in_the_way_is_named_and_nothing_happens(postgres, database, izpochat):
    old_database(postgres, database, fastapi.TIDY)
    with postgres.connect(database) as connection:
        connection.execute("CREATE VIEW active AS SELECT id, username FROM users WHERE is_active")
        connection.execute("ALTER TABLE rooms ADD COLUMN team int NOT NULL DEFAULT 1")
        connection.execute("ALTER TABLE rooms ALTER team DROP DEFAULT")
        connection.execute("CREATE TABLE sessions (id int)")
        connection.execute(
            "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER touched BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION touch()"
        )
        before = postgres.dump(database)
        refused(izpochat("migrate"), "view active", "rooms.team", "table sessions", "trigger touched on messages")
        assert postgres.dump(database) == before
        connection.execute("DROP VIEW active; DROP TABLE sessions; DROP TRIGGER touched ON messages")
        connection.execute("ALTER TABLE rooms ALTER team DROP NOT NULL")
        with connection.transaction():
            connection.execute("SELECT * FROM messages")
            refused(izpochat("migrate"), "in use", "stop the FastAPI version")
    done(izpochat("migrate"))


def test_every_name_of_ours_that_is_taken_is_in_the_way(postgres, database, izpochat):
    new = postgres.new_database()
    done(izpochat("migrate", on=new))
    old_database(postgres, database, fastapi.TIDY)
    with postgres.connect(new) as made, postgres.connect(database) as connection:
        names = postgres_schema(made).keys() - postgres_schema(connection).keys()
        assert {"schema_migrations", "room_news"} <= names
        for name in names:
            connection.execute(f"CREATE TABLE {name} (id int)")
        before = postgres.dump(database)
        for command in (["migrate", "--dry-run"], ["migrate"]):
            refused(izpochat(*command), *(f"the table {name}" for name in names))
            assert postgres.dump(database) == before
        for name in names:
            connection.execute(f"DROP TABLE {name}")
    done(izpochat("migrate"))


def test_a_migration_that_fails_after_it_undoes_all_of_it(postgres, database, izpochat, serving):
    """Tables that are ours by half are of use to neither version."""
    old_database(postgres, database, fastapi.TIDY)
    with postgres.connect(database) as connection:
        connection.execute("CREATE TYPE room_news AS ENUM ('sala')")  # in the way of the table that 0004 makes
        before = postgres.dump(database)
        for command in (["migrate", "--dry-run"], ["migrate"]):
            result = izpochat(*command)
            refused(result, "room_news")
            assert result.stdout == ""
            assert postgres.dump(database) == before
        connection.execute("DROP TYPE room_news")
    done(izpochat("migrate"))
    serving.start()
    assert me(serving, "ana") == 1


def test_another_tools_schema_migrations_is_in_the_way(postgres, database, izpochat):
    old_database(postgres, database, fastapi.TIDY)
    with postgres.connect(database) as connection:
        connection.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        before = postgres.dump(database)
        for command in (["serve", "--port", "0"], ["migrate", "--dry-run"], ["migrate"]):
            refused(izpochat(*command), "schema_migrations", "in the way", "rename")
            assert postgres.dump(database) == before
        connection.execute("ALTER TABLE schema_migrations RENAME TO dbmate_migrations")
        refused(izpochat("serve", "--port", "0"), "izpochat migrate")
        done(izpochat("migrate"))
        assert connection.execute("SELECT count(*) FROM dbmate_migrations").fetchone() == (0,)


def test_who_does_not_own_the_tables_is_told_what_to_run(postgres, database, izpochat):
    old_database(postgres, database, fastapi.TIDY)
    tables = ("users", "rooms", "user_rooms", "messages", "file_uploads")
    with postgres.admin(database) as admin:
        for table in tables:
            admin.execute(f"ALTER TABLE {table} OWNER TO postgres")
            refused(izpochat("migrate"), "42501", f"OWNER TO {postgres.role}", "superuser")
        admin.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {postgres.role}")
        for command in (["migrate", "--dry-run"], ["migrate"]):
            refused(izpochat(*command), "42501", "ALTER TABLE ", f" OWNER TO {postgres.role}", "superuser")
        for table in tables:
            admin.execute(f"ALTER TABLE {table} OWNER TO {postgres.role}")
    done(izpochat("migrate"))


def test_text_that_is_not_utf8_is_not_taken_over(postgres, izpochat):
    latin = postgres.new_database("ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    old_database(postgres, latin, fastapi.TIDY)
    before = postgres.dump(latin, "--encoding=UTF8")
    for command in (["serve", "--port", "0"], ["migrate", "--dry-run"], ["migrate"]):
        refused(izpochat(*command, on=latin), latin, "LATIN1", "ENCODING 'UTF8' TEMPLATE template0")
        assert postgres.dump(latin, "--encoding=UTF8") == before


def test_the_old_version_cannot_write_any_more(postgres, database, izpochat):
    """What it inserted would have no numbers and no keys: PostgreSQL refuses it, loudly."""
    old_database(postgres, database, fastapi.TIDY)
    done(izpochat("migrate"))
    with postgres.connect(database) as connection:
        for statement in (
            "INSERT INTO users (username, email, hashed_password, full_name, is_active) VALUES ('x', 'y', 'z', NULL, true)",
            "INSERT INTO rooms (name, description, is_private, owner_id) VALUES ('x', NULL, false, 1)",
            "INSERT INTO user_rooms (user_id, room_id) VALUES (1, 2)",
            "INSERT INTO messages (content, sender_id, room_id, file_id) VALUES ('x', 1, 1, NULL)",
            "INSERT INTO file_uploads (original_filename, stored_filename, file_size, content_type, public_url, uploader_id) "
            "VALUES ('x', 'x', 1, 'x', 'x', 1)",
        ):
            with pytest.raises(psycopg.errors.NotNullViolation):
                connection.execute(statement)


@pytest.mark.timeout(600)
def test_a_long_history_is_taken_over_in_a_minute(postgres, database, izpochat):
    """A million messages take less than a minute, and fewer the less, but for a few seconds that anything may take; how
    many it is here says IZPO_TAKE_OVER_MESSAGES."""
    old_database(postgres, database, fastapi.TIDY)
    with postgres.connect(database) as connection:
        connection.execute(
            "INSERT INTO messages (content, sender_id, room_id, created_at) SELECT 'mensaje número ' || n, 1 + n %% 2, 1, "
            "'2024-01-01Z'::timestamptz + n / 3 * interval '1 s' FROM generate_series(1, %s) n",
            [MESSAGES],
        )
    allowed = 5 + 60 * MESSAGES / 1_000_000
    start = time.monotonic()
    print(done(izpochat("migrate", patience=60 + 2 * allowed)))
    seconds = time.monotonic() - start
    print(f"messages={MESSAGES} seconds={seconds:.1f}")
    assert seconds < allowed
    wrong = "SELECT count(*) FROM (SELECT seq, row_number() OVER (ORDER BY created_at, id) AS place FROM messages WHERE room_id = 1) m"
    assert query(postgres, database, f"{wrong} WHERE seq <> place") == [(0,)]
    assert query(postgres, database, "SELECT last_seq FROM rooms WHERE id = 1") == [(MESSAGES + 3,)]
