"""The servers that are measured, each started on a loopback port and a directory of its own, and the load generator."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
SERVER_CPU, LOADER_CPU = "0", "1"
SECRET = "un-secreto-solo-para-el-banco-de-pruebas"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Raw:
    """The bare epoll reference. `stored`: it appends and fdatasyncs; otherwise it writes nothing."""

    name = "raw"

    def __init__(self, frame=220, stored=True):
        self.directory = tempfile.TemporaryDirectory(dir=ROOT / "build")
        log = ["--log", f"{self.directory.name}/log"] if stored else []
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, BUILD / "bench" / "bench_raw_server", "--frame", str(frame), *log],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.token = ""

    def seats(self, rooms, users):
        """The paths of `users` sockets in each of `rooms` rooms."""
        return [f"/room{number}" for number in range(rooms) for _ in range(users)]

    def seats_of_all_rooms(self, _, users):
        """As of one room: it knows no subscriptions."""
        return self.seats(1, users)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.process.stdout.close()
        self.directory.cleanup()


def nginx_program():
    """The one on PATH, or Debian's, unpacked under build/: installed, it would be started on port 80."""
    if found := shutil.which("nginx"):
        return found
    into = ROOT / "build" / "nginx"
    program = into / "usr" / "sbin" / "nginx"
    if not program.exists():
        into.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-qq", "nginx"], cwd=into, check=True, stderr=subprocess.DEVNULL)
        subprocess.run(["dpkg", "-x", next(into.glob("nginx_*.deb")), "."], cwd=into, check=True)
    return program


class Nginx:
    """`return 200` of one nginx process, or another answer."""

    name = "nginx"

    def __init__(self, body=250, answer=None):
        self.directory = tempfile.TemporaryDirectory(dir=ROOT / "build")
        self.port = free_port()
        self.token = ""
        configuration = pathlib.Path(self.directory.name) / "nginx.conf"
        configuration.write_text(f"""
            daemon off; master_process off; pid {self.directory.name}/pid; error_log stderr warn;
            events {{ worker_connections 1024; }}
            http {{
              access_log off; keepalive_requests 1000000000; default_type application/json;
              client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
              server {{ listen 127.0.0.1:{self.port}; {answer or f'return 200 "{"x" * body}";'} }}
            }}""")
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CPU, nginx_program(), "-p", self.directory.name,
                                         "-e", "stderr", "-c", configuration])
        for _ in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.01)
        sys.exit("bench: nginx did not start")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.directory.cleanup()


class Izpo:
    """The server, with one loop on one core unless it is told otherwise, on a data directory of its own."""

    def __init__(self, binary=BUILD / "izpochat", name="izpochat", loops=1, cpus=SERVER_CPU, settings=None):
        self.binary, self.name, self.cpus = binary, name, cpus
        self.directory = tempfile.TemporaryDirectory(dir=ROOT / "build")
        self.environment = os.environ | {
            "THREADS": str(loops), "ACCESS_LOG": "false", "LOG_LEVEL": "warning", "SECRET_KEY": SECRET,
            "MAX_CONNECTIONS": "19000",
            "MESSAGES_PER_SECOND": "0", "MAX_SOCKETS_PER_USER": "19000"} | (settings or {})
        self.port = free_port()
        self.start()
        self.token = self.logins(1)[0][1]

    def start(self):
        began = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", self.cpus, self.binary, "serve", "--port", str(self.port),
             "--data-dir", f"{self.directory.name}/data"], env=self.environment, cwd=self.directory.name)
        while time.monotonic() - began < 10:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).status == 200:
                    return time.monotonic() - began
            time.sleep(0.001)
        sys.exit("bench: the server did not start")

    def database(self):
        return contextlib.closing(
            sqlite3.connect(f"{self.directory.name}/data/izpochat.db", timeout=30, isolation_level=None))

    def logins(self, count):
        """`count` new users, each with a login: (id, access token). Written straight into the database, since a
        password's hash is made to take its time."""
        now = time.time_ns() // 1000
        with self.database() as database:
            database.execute("BEGIN IMMEDIATE")
            first = database.execute("SELECT coalesce(max(id), 0) + 1 FROM users").fetchone()[0]
            users = range(first, first + count)
            database.executemany(
                "INSERT INTO users (id, username, username_key, username_skeleton, email, email_key, hashed_password, "
                "created_at) VALUES (?1, ?2, ?2, ?2, ?3, ?3, '!', ?4)",
                [(user, f"banco{user}", f"banco{user}@example.org", now) for user in users])
            sessions = [database.execute(
                "INSERT INTO sessions (user_id, created_at, expires_at) VALUES (?, ?, ?)",
                (user, now, now + 86_400_000_000)).lastrowid for user in users]
            database.execute("COMMIT")
        return [(user, token(user, session)) for user, session in zip(users, sessions)]

    def room(self, members):
        """A room with these users in it; the first owns it."""
        now = time.time_ns() // 1000
        with self.database() as database:
            database.execute("BEGIN IMMEDIATE")
            room = database.execute("INSERT INTO rooms (name, owner_id, created_at) VALUES ('banco', ?, ?)",
                                    (members[0], now)).lastrowid
            database.executemany("INSERT INTO user_rooms (room_id, user_id, joined_at) VALUES (?, ?, ?)",
                                 [(room, member, now) for member in members])
            database.execute("COMMIT")
        return room

    def seats(self, rooms, users):
        """The paths of `users` sockets, of a user each, in each of `rooms` rooms."""
        people = self.logins(rooms * users)
        paths = []
        for number in range(rooms):
            inside = people[number * users:(number + 1) * users]
            room = self.room([user for user, _ in inside])
            paths += [f"/api/ws/{room}?token={access}" for _, access in inside]
        return paths

    def seats_of_all_rooms(self, rooms, users):
        """The lines of sockets of all rooms, of a user each, who are all in the same `rooms` rooms."""
        people = self.logins(users)
        numbers = ",".join(str(self.room([user for user, _ in people])) for _ in range(rooms))
        return [f"/api/ws?token={access} {numbers}" for _, access in people]

    def analyze(self):
        """What a database looks after by itself in time."""

    def fill(self, room, messages):
        """Puts messages of 200 bytes into an empty room of the first user, past the server: it reads them at its
        next look."""
        with self.database() as database:
            database.execute("PRAGMA synchronous = OFF")
            database.execute("BEGIN IMMEDIATE")
            database.execute("""
                WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?2)
                INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, content)
                SELECT ?1, 1, seq, seq, 1790000000000000 + seq, printf('%200d', seq) FROM n""", (room, messages))
            database.execute("UPDATE rooms SET last_seq = ?2 WHERE id = ?1", (room, messages))
            database.execute("COMMIT")

    def resident(self):
        """Resident memory in KB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    def loop_cpu(self):
        """CPU seconds of each loop's thread."""
        times = {}
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            name = (task / "comm").read_text().strip()
            if name.startswith("loop-"):
                times[name] = int((task / "schedstat").read_text().split()[0]) / 1e9
        return times

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.directory.cleanup()


def token(user, session):
    """An access token as the server signs them."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    now = int(time.time())
    body = part({"alg": "HS256", "typ": "JWT"}) + "." + part(
        {"sub": str(user), "sid": session, "typ": "access", "iat": now, "exp": now + 3600, "jti": f"{session}"})
    mac = hmac.new(SECRET.encode(), body.encode(), hashlib.sha256).digest()
    return body + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


class Load:
    """A running load generator, connected to `server`."""

    def __init__(self, server, command, *options, paths=None):
        self.file = None
        arguments = list(map(str, options))
        if paths is not None:
            self.file = tempfile.NamedTemporaryFile("w", dir=ROOT / "build")
            self.file.write("\n".join(paths) + "\n")
            self.file.flush()
            arguments += ["--paths", self.file.name]
        self.process = subprocess.Popen(
            ["taskset", "-c", LOADER_CPU, BUILD / "bench" / "bench_loader", "--port", str(server.port),
             "--pid", str(server.process.pid), command, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.line()

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench: the load generator failed")
        return line

    def turn(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        return json.loads(self.line())

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        if self.file:
            self.file.close()
