"""The PostgreSQL and the PgBouncer that other tests rely on: what they promise, and that nothing of them stays."""

import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from support.postgres import KEEPER, Postgres
from support.waiting import wait_until


def count(connection: psycopg.Connection) -> int:
    return connection.execute("SELECT count(*) FROM kept").fetchone()[0]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_was_committed_is_there_after_every_end(postgres, database):
    with postgres.connect(database) as connection:
        connection.execute("CREATE TABLE kept (id int)")
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
    for number, end in enumerate((postgres.stop, lambda: postgres.stop("immediate"), postgres.kill), 1):
        with postgres.connect(database) as connection:
            connection.execute("INSERT INTO kept VALUES (1)")
            end()
            with pytest.raises(psycopg.OperationalError):
                count(connection)
        with pytest.raises(psycopg.OperationalError):
            postgres.connect(database)
        postgres.start()
        with postgres.connect(database) as connection:
            assert count(connection) == number


def test_a_connection_is_terminated_alone(postgres, database):
    with postgres.connect(database) as first, postgres.connect(database) as second:
        assert postgres.backends(database) == sorted([first.info.backend_pid, second.info.backend_pid])
        postgres.terminate(first.info.backend_pid)
        with pytest.raises(psycopg.OperationalError):
            first.execute("SELECT 1")
        second.execute("SELECT 1")


def test_the_pooler_is_one_in_transaction_mode(pgbouncer, postgres, database):
    url = pgbouncer.url(database)
    with psycopg.connect(url) as first, psycopg.connect(url) as second:
        for connection in (first, second, first, second):
            connection.execute("SELECT 1")
            connection.commit()
        assert len(postgres.backends(database)) == 1
    with pytest.raises(psycopg.OperationalError, match="unsupported startup parameter"):
        psycopg.connect(url, options="-c statement_timeout=1000")
    pgbouncer.restart()
    psycopg.connect(url).close()
    pgbouncer.kill()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    pgbouncer.start()
    psycopg.connect(url).close()


def test_certificates_are_checked_to_the_name():
    own = Postgres("--tls", "--set", "max_connections=20")
    try:
        secure = {"sslmode": "verify-full", "sslrootcert": str(own.ca)}
        with psycopg.connect(own.url("postgres"), **secure) as connection:
            assert connection.execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone() == (True,)
            assert connection.execute("SHOW max_connections").fetchone() == ("20",)
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            psycopg.connect(own.url("postgres"), sslmode="verify-full", sslrootcert="/etc/ssl/certs/ca-certificates.crt")
    finally:
        own.close()
    assert not own.directory.exists()


@pytest.mark.parametrize("killed", ["keeper", "whoever called the keeper"])
def test_nothing_stays_when_somebody_is_killed(killed):
    holder = subprocess.Popen(
        ["/usr/bin/python3", "-c", "import subprocess, sys; k = subprocess.Popen(sys.argv[1], stdin=subprocess.PIPE);"
         "print(k.pid, flush=True); k.wait()", KEEPER],
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    keeper = int(holder.stdout.readline())
    [directory] = {line for line in holder.stdout.readline().split('"') if "izpochat-postgres-" in line}
    postmaster = int((Path(directory) / "data" / "postmaster.pid").read_text().split()[0])
    assert runs(postmaster)
    os.kill(keeper if killed == "keeper" else holder.pid, signal.SIGKILL)
    wait_until(lambda: not runs(postmaster), "PostgreSQL to end")
    if killed == "keeper":
        subprocess.run(["rm", "-r", directory], check=True)  # nobody is left to do it
    else:
        wait_until(lambda: not Path(directory).exists(), "its files to go")
    holder.kill()
    holder.wait()
    holder.stdout.close()
