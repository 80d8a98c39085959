"""A PostgreSQL of the tests' own, and PgBouncer before it. See tests/support/keep_postgres for how it is kept."""

import atexit
import functools
import json
import os
import pwd
import secrets
import signal
import subprocess
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psycopg

from .server import ROOT, free_port
from .waiting import PATIENCE, wait_until

KEEPER = ROOT / "tests" / "support" / "keep_postgres"


class Postgres:
    """`role` is who owns the databases, no superuser; `admin` makes a connection of the superuser. Every method
    returns when it is done. Takes the options of the keeper: `Postgres("--tls", "--set", "wal_level=minimal")`."""

    role = "izpochat"

    def __init__(self, *options: str):
        self.keeper = subprocess.Popen(
            [KEEPER, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        first = self.keeper.stdout.readline()
        assert first, "PostgreSQL could not be started: its keeper says why"
        description = json.loads(first)
        self.host = "127.0.0.1"
        self.port: int = description["port"]
        self.directory = Path(description["directory"])
        self.ca = self.directory / "ca.crt"  # with --tls
        self.password: str = description["password"]

    def close(self) -> None:
        self.keeper.stdin.close()
        self.keeper.stdout.close()
        assert self.keeper.wait(PATIENCE) == 0

    # Databases

    def new_database(self, options: str = "") -> str:
        """The name of a new, empty database that belongs to `role`; `options` are those of CREATE DATABASE."""
        name = f"chat_{secrets.token_hex(6)}"
        with self.admin() as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {self.role} {options}")
        return name

    def url(self, database: str, port: int | None = None) -> str:
        """As DATABASE_URL takes it; `port` is that of a pooler."""
        return f"postgresql://{self.role}:{quote(self.password, safe='')}@{self.host}:{port or self.port}/{database}"

    def connect(self, database: str) -> psycopg.Connection:
        """As `role`, every statement a transaction of its own unless `with connection.transaction()`."""
        return psycopg.connect(self.url(database), autocommit=True)

    def admin(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user="postgres",
            password=self.password,
            dbname=database,
            autocommit=True,
        )

    def dump(self, database: str, *options: str) -> str:
        """What pg_dump writes: schema and rows, in an order that does not change by itself."""
        done = subprocess.run(
            ["pg_dump", "--no-password", *options, self.url(database)], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        # Newer releases guard every dump with a word made up on the spot.
        return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))

    # Faults

    def stop(self, mode: str = "fast") -> None:
        """`fast`, or `immediate`, which ends without a checkpoint."""
        self._tell(f"stop {mode}")

    def start(self) -> None:
        """Returns when it takes connections."""
        self._tell("start")

    def restart(self, mode: str = "fast") -> None:
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """SIGKILL to all its processes."""
        self._tell("kill")

    def backends(self, database: str) -> list[int]:
        """The process of every connection to `database`."""
        with self.admin() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() ORDER BY pid", [database]
            )
            return [pid for (pid,) in rows]

    def terminate(self, *backends: int) -> None:
        """Ends connections as an administrator does."""
        with self.admin() as connection:
            for backend in backends:
                connection.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    def _tell(self, command: str) -> None:
        self.keeper.stdin.write(command + "\n")
        self.keeper.stdin.flush()
        answer = self.keeper.stdout.readline().strip()
        assert answer == "ok", f"{command}: {answer or 'the keeper is gone'}"


@functools.cache
def shared() -> Postgres:
    """The one of the whole run, started when it is first asked for and gone with this process."""
    one = Postgres()
    atexit.register(one.close)
    return one


class PgBouncer:
    """In transaction mode unless said otherwise, with Debian's defaults: it refuses `options` and does not know of
    prepared statements. Reach a database through it by `url(database)`."""

    def __init__(self, postgres: Postgres, pool_mode: str = "transaction", **settings: str | int):
        self.postgres = postgres
        self.port = free_port()
        self.directory = postgres.directory / f"pgbouncer-{self.port}"
        self.log = self.directory / "log"
        self.process: subprocess.Popen | None = None
        self.directory.mkdir()
        options = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": self.directory / "users",
            "pool_mode": pool_mode,
            "default_pool_size": 4,
            "max_client_conn": 200,
            "logfile": self.log,
        } | settings
        lines = [f"{name} = {value}" for name, value in options.items()]
        target = f"* = host={postgres.host} port={postgres.port}"
        self._write("pgbouncer.ini", "\n".join(["[databases]", target, "[pgbouncer]", *lines, ""]))
        self._write("users", "".join(f'"{name}" "{postgres.password}"\n' for name in (postgres.role, "postgres")))
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self.directory, *self.directory.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def start(self) -> Self:
        user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(
            ["setpriv", *user, "--pdeathsig=KILL", "--", "/usr/sbin/pgbouncer", "--quiet", self.directory / "pgbouncer.ini"],
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
        )
        wait_until(self._listens, "PgBouncer to take connections")
        return self

    def stop(self) -> None:
        """At once: its connections, on both sides, end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        if self.process is not None:
            self.stop()

    def url(self, database: str) -> str:
        return self.postgres.url(database, self.port)

    def _write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text, encoding="utf-8")

    def _end(self, number: int) -> None:
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self.process = None

    def _listens(self) -> bool:
        if (code := self.process.poll()) is not None:
            raise AssertionError(f"PgBouncer ended with {code}:\n{self.log.read_text()[-2000:]}")
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=PATIENCE).close()
        except psycopg.OperationalError:
            return False
        return True
