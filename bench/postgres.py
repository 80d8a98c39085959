"""The server on a PostgreSQL of the benchmark's own, and what that PostgreSQL does for a client with nothing else to do."""

import atexit
import functools
import json
import os
import re
import subprocess
import time

from servers import BUILD, LOADER_CPU, ROOT, SERVER_CPU, Izpo, token


@functools.cache
def keeper():
    """One for the whole run, with fsync on, on both CPUs, in build/, which is on the disk that is measured. As one that has
    run for a while it writes over old segments of its log, 2 GB of them; a new one is 16 MB to fill, and a stall."""
    process = subprocess.Popen(
        ["taskset", "-c", f"{SERVER_CPU},{LOADER_CPU}", ROOT / "tests/support/keep_postgres", "--in", ROOT / "build",
         "--set", "shared_buffers=512MB", "--set", "min_wal_size=3GB", "--set", "max_wal_size=4GB"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(lambda: (process.stdin.close(), process.wait(60)))
    url = json.loads(process.stdout.readline())["url"]
    psql(url.replace("//izpochat:", "//postgres:"), "GRANT pg_checkpoint TO izpochat;"
         + "SELECT pg_logical_emit_message(FALSE, '', ''); SELECT pg_switch_wal();" * 128 + "CHECKPOINT")
    return url


def psql(url, text):
    """What the statements of `text` return, a line each row, columns apart by |."""
    done = subprocess.run(["psql", url, "-qAtX", "-v", "ON_ERROR_STOP=1"], input=text, text=True, check=True,
                          stdout=subprocess.PIPE)
    return done.stdout.split()


def new_database():
    name = f"bench_{time.monotonic_ns()}"
    psql(keeper(), f"CREATE DATABASE {name}")
    return re.sub(r"/[^/]*$", f"/{name}", keeper())


class OnPostgres(Izpo):
    def __init__(self, name="izpochat on PostgreSQL", url=None, **options):
        self.url = url or new_database()
        super().__init__(name=name, settings={"DATABASE_URL": self.url}, **options)

    def logins(self, count):
        rows = psql(self.url, f"""
            WITH made AS (INSERT INTO users (username, username_key, username_skeleton, email, email_key,
                                             hashed_password, created_at)
                SELECT n, n, n, n, n, '!', now()
                FROM (SELECT 'banco' || (SELECT coalesce(max(id), 0) FROM users) + i AS n
                      FROM generate_series(1, {count}) i) names RETURNING id)
            INSERT INTO sessions (user_id, created_at, expires_at)
            SELECT id, now(), now() + interval '1 day' FROM made ORDER BY id RETURNING user_id, id""")
        return [(user, token(user, session)) for user, session in (map(int, row.split("|")) for row in rows)]

    def room(self, members):
        return int(psql(self.url, f"""
            WITH made AS (INSERT INTO rooms (name, owner_id, created_at) VALUES ('banco', {members[0]}, now()) RETURNING id),
            inside AS (INSERT INTO user_rooms (room_id, user_id, joined_at)
                SELECT made.id, unnest(ARRAY{list(members)}::bigint[]), now() FROM made)
            SELECT id FROM made""")[0])

    def analyze(self):
        psql(self.url, "VACUUM ANALYZE users, rooms, user_rooms")

    def fill(self, room, messages):
        psql(self.url, f"""
            INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, content)
            SELECT {room}, 1, n, n, now(), lpad(n::text, 200) FROM generate_series(1, {messages}) n;
            UPDATE rooms SET last_seq = {messages} WHERE id = {room};
            VACUUM ANALYZE messages""")


class TenRooms(OnPostgres):
    """`messages` of 200 bytes in ten rooms, written into one after the other as time went. They are put into a database
    once, however often it is served, and before anything is measured, since many take long."""

    filled = {}  # number of messages: URL

    def __init__(self, messages, beside=()):
        for others in beside:
            if others not in self.filled:
                TenRooms(others).stop()
        super().__init__(name=f"{messages:,} messages in ten rooms", url=self.filled.get(messages))
        self.messages = messages
        if messages not in self.filled:
            self.fill_all()
            self.filled[messages] = self.url
        self.rooms = psql(self.url, "SELECT id FROM rooms ORDER BY id")
        # Of each room, the id of the message in the middle.
        self.middles = [row.split("|") for row in psql(self.url, f"""
            SELECT r.id, (SELECT m.id FROM messages m WHERE m.room_id = r.id AND m.seq = {messages // 20})
            FROM rooms r ORDER BY r.id""")]

    def fill_all(self):
        rooms = [self.room([1]) for _ in range(10)]
        each = self.messages // 10
        # Without references, which would be looked at for each row, and are for writers only.
        psql(self.url, f"""
            ALTER TABLE messages DROP CONSTRAINT messages_room_id_fkey, DROP CONSTRAINT messages_sender_id_fkey,
                DROP CONSTRAINT messages_file_id_fkey;
            INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, content)
            SELECT room, 1, n, n, now() - make_interval(secs => {each} - n), lpad(n::text, 200)
            FROM generate_series(1, {each}) n CROSS JOIN LATERAL unnest(ARRAY{rooms}::bigint[]) room;
            UPDATE rooms SET last_seq = {each};
            VACUUM ANALYZE messages;
            CHECKPOINT""")
        os.sync()  # what was written is on the disk before anything is measured


class BareInserts:
    """`batch` messages a statement, each statement a transaction, on one connection, one after the other."""

    name = "batched inserts on one connection"

    def __init__(self, batch):
        self.behind = OnPostgres()  # which makes the tables, the rooms and the people
        people = [user for user, _ in self.behind.logins(64)]
        rooms = [self.behind.room([user]) for user in people]
        self.command = ["taskset", "-c", SERVER_CPU, BUILD / "bench" / "bench_postgres_inserts", "--url", self.behind.url,
                        "--batch", str(batch), "--first-room", str(rooms[0]), "--first-user", str(people[0])]

    def stop(self):
        self.behind.stop()


class BareLoad:
    def __init__(self, server):
        self.process = subprocess.Popen(server.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def turn(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
