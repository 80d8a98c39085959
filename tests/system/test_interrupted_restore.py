"""A restore that is killed leaves what nobody takes for an installation, and is done again into the same directory."""

import fcntl
import io
import os
import random
import signal
import sqlite3
import struct
import subprocess
import tarfile
import termios
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support.client import Person
from support.server import BINARY, Server, environment, free_port, run
from support.waiting import PATIENCE, wait_until

# Of SQLite; PostgreSQL is restored by its own tools.
pytestmark = pytest.mark.skipif(os.environ.get("IZPO_TEST_DATABASE", "sqlite") != "sqlite", reason="restores of SQLite")

STAGING = "restore.unfinished"
LOCK = "izpochat.db.lock"


@dataclass
class Backup:
    """A backup of an installation in which somebody has said something, with files."""

    archive: Path
    ana: Person
    room: int
    files: dict[int, bytes]

    def judge(self, server: Server) -> None:
        """All of it is at this server, which is not running yet."""
        server.start()
        ana = self.ana.at(server)  # with the login of before
        try:
            history = ana.history(self.room, after_seq=0)
            assert [message["file"]["id"] for message in history] == list(self.files)
            for id, bytes_ in self.files.items():
                assert ana.get(f"/api/uploads/{id}/download", 200).content == bytes_
            assert ana.say(self.room, "y sigue")["seq"] == len(history) + 1
        finally:
            server.stop()
        assert not (server.data / STAGING).exists()


@pytest.fixture(scope="module")
def backup(tmp_path_factory) -> Backup:
    directory = tmp_path_factory.mktemp("backup")
    own = Server(directory).start()
    ana = Person(own)
    room = ana.make_room()
    texts = [os.urandom(size).hex().encode() for size in (5, 150_000, 350_000, 10)]
    files = {
        ana.post("/api/uploads/", 201, files={"file": ("notas.txt", text, "text/plain")}).json()["id"]: text
        for text in texts
    }
    for id in files:
        ana.say(room, f"archivo {id}", file_id=id)
    done = own.run("backup", str(directory / "backup.tar"))
    assert done.returncode == 0, done.stderr
    own.stop()
    return Backup(directory / "backup.tar", ana, room, files)


def begin(archive: Path, data: Path, **settings: str) -> subprocess.Popen:
    return subprocess.Popen(
        [BINARY, "restore", archive],
        env=environment({"DATA_DIR": str(data)} | settings),
        cwd=data.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Halted:
    """A restore that has read so many bytes of its archive, and waits for more."""

    def __init__(self, backup: Backup, data: Path, count: int, **settings: str):
        pipe = data.parent / "pipe"
        os.mkfifo(pipe)
        self.process = begin(pipe, data, **settings)
        self.feed = pipe.open("wb", buffering=0)
        self.feed.write(backup.archive.read_bytes()[:count])
        wait_until(lambda: self.unread() == 0, "it to have read that")
        pipe.unlink()

    def unread(self) -> int:
        return struct.unpack("i", fcntl.ioctl(self.feed, termios.FIONREAD, bytes(4)))[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)
        self.feed.close()


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def tree(directory: Path) -> set[Path]:
    return set(directory.rglob("*"))


def refused(result: subprocess.CompletedProcess, *words: str) -> None:
    assert (result.returncode, result.stdout) == (1, ""), (result.stdout, result.stderr)
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and all(word in lines[0] for word in words), result.stderr


def is_no_installation(server: Server) -> None:
    """Whatever would open it says why it does not, and how to go on; nothing is made."""
    before = tree(server.data)
    for command in (
        ["serve", "--port", str(free_port())],
        ["migrate"],
        ["backup", "x.tar"],
        ["copy", "--to", "postgresql://u:p@127.0.0.1/x"],
        ["copy", "--from", f"sqlite:///{server.data}/izpochat.db", "--to", "postgresql://u:p@127.0.0.1/x"],
        ["new-epoch"],
        ["user", "list"],
    ):
        refused(server.run(*command), str(server.data), "did not end", "`izpochat restore`")
    assert tree(server.data) - {server.data / LOCK} == before - {server.data / LOCK}


def restored(backup: Backup, server: Server) -> None:
    done = server.run("restore", str(backup.archive))
    assert done.returncode == 0, done.stderr
    assert names(server.data) == {"izpochat.db", LOCK, "secret.key", "blobs"}


@pytest.mark.parametrize("part", [0, 0.2, 0.5, 0.9, 0.999])
def test_killed_while_it_unpacks(backup, tmp_path, part):
    copy = Server(tmp_path / "copy")
    Halted(backup, copy.data, int(part * backup.archive.stat().st_size)).kill()
    assert names(copy.data) == {STAGING, LOCK}
    is_no_installation(copy)
    restored(backup, copy)
    backup.judge(copy)


# What a restore has not moved into place yet.
@pytest.mark.parametrize("staged", [["blobs", "secret.key", "izpochat.db"], ["secret.key", "izpochat.db"], ["izpochat.db"]])
def test_killed_while_it_moves_everything_into_place(backup, tmp_path, staged):
    copy = Server(tmp_path / "copy")
    restored(backup, copy)
    (copy.data / STAGING).mkdir()
    for name in staged:
        (copy.data / name).rename(copy.data / STAGING / name)
    is_no_installation(copy)
    restored(backup, copy)
    backup.judge(copy)


def test_killed_when_everything_is_in_place(backup, tmp_path):
    copy = Server(tmp_path / "copy")
    restored(backup, copy)
    (copy.data / STAGING).mkdir()
    refused(copy.run("restore", str(backup.archive)), "not empty")
    assert "up to date" in copy.run("migrate").stdout
    backup.judge(copy)


def test_killed_at_any_moment(backup, tmp_path, capsys):
    """Again and again into one directory, until one has come to its end."""
    copy = Server(tmp_path / "copy")
    began = time.monotonic()
    restored(backup, Server(tmp_path / "unhurried"))
    usual = time.monotonic() - began
    choice = random.Random(4711)
    kills = 0
    while not (copy.data / "izpochat.db").exists():
        process = begin(backup.archive, copy.data)
        patience = usual * choice.uniform(0, 1) * (1 + kills / 20)  # so that there is an end
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            kills += 1
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, -signal.SIGKILL), errors
        if (copy.data / STAGING).exists() and not (copy.data / "izpochat.db").exists():
            refused(copy.run("serve", "--port", str(free_port())), "did not end")
        elif copy.data.exists():
            assert names(copy.data) <= {LOCK} or (copy.data / "izpochat.db").exists()
    with capsys.disabled():
        print(f"\nrestore: killed {kills} times", end="")
    backup.judge(copy)


# Only what a restore has left is removed


@pytest.mark.parametrize("name", ["letter.txt", "blobs", "secret.key", "izpochat.db-wal"])
def test_what_is_anybody_elses_is_kept(backup, tmp_path, name):
    copy = Server(tmp_path / "copy")
    Halted(backup, copy.data, backup.archive.stat().st_size // 2).kill()
    (copy.data / name).write_text("mine")
    before = tree(copy.data)
    refused(copy.run("restore", str(backup.archive)), "not empty")
    assert tree(copy.data) == before and (copy.data / name).read_text() == "mine"


def test_files_and_key_without_a_database_are_kept(backup, tmp_path):
    """The database was taken away from an installation whose restore was killed at its very end."""
    copy = Server(tmp_path / "copy")
    restored(backup, copy)
    (copy.data / STAGING).mkdir()
    (copy.data / "izpochat.db").unlink()
    before = tree(copy.data)
    refused(copy.run("restore", str(backup.archive)), "not empty")
    assert tree(copy.data) == before


def test_an_archive_that_is_refused_then_leaves_nothing(backup, tmp_path):
    copy = Server(tmp_path / "copy")
    Halted(backup, copy.data, backup.archive.stat().st_size // 2).kill()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(backup.archive.read_bytes()[:-2000])
    refused(copy.run("restore", str(cut)), "cut.tar")
    assert names(copy.data) == {LOCK}


def test_one_that_still_runs_is_left_alone(backup, tmp_path):
    one, other = ({"DATABASE_URL": f"sqlite:///{tmp_path}/{name}.db"} for name in ("one", "other"))
    copy = Server(tmp_path / "copy", one)
    running = Halted(backup, copy.data, backup.archive.stat().st_size // 2, **one)
    before = tree(copy.data)
    refused(copy.run("restore", str(backup.archive)), "process", "one.db")
    refused(Server(copy.directory, other).run("restore", str(backup.archive)), "another restore", str(copy.data))
    refused(copy.run("migrate"), "did not end")
    assert tree(copy.data) == before
    running.feed.write(backup.archive.read_bytes()[backup.archive.stat().st_size // 2 :])
    running.feed.close()
    _, errors = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode == 0, errors
    backup.judge(copy)


# The database on another file system


def with_much_text(archive: Path, into: Path) -> int:
    """The backup with a message of many megabytes; returns the size of its database."""
    with tarfile.open(archive) as opened:
        files = {member.name: opened.extractfile(member).read() for member in opened if member.name != "SHA256SUMS"}
    database = into.with_suffix(".db")
    database.write_bytes(files["izpochat.db"])
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE messages SET content = ? WHERE id = (SELECT min(id) FROM messages)", ["x" * (64 << 20)])
    connection.close()
    files["izpochat.db"] = database.read_bytes()
    files["SHA256SUMS"] = "".join(f"{sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
    with tarfile.open(into, "w") as opened:
        for name, bytes_ in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(bytes_)
            opened.addfile(member, io.BytesIO(bytes_))
    return len(files["izpochat.db"])


def test_a_database_that_is_copied_has_its_name_when_it_is_whole(backup, tmp_path):
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    large = tmp_path / "large.tar"
    size = with_much_text(backup.archive, large)
    with TemporaryDirectory(dir=shared) as place:
        database = Path(place) / "chat.db"
        settings = {"DATABASE_URL": f"sqlite:///{database}"}
        process = begin(large, tmp_path / "data", **settings)
        deadline = time.monotonic() + PATIENCE
        while names(Path(place)) <= {"chat.db.lock"}:
            assert process.poll() is None and time.monotonic() < deadline, "it copies the database"
        process.kill()
        process.communicate(timeout=PATIENCE)
        if database.exists():
            assert database.stat().st_size == size
        else:
            refused(run("migrate", directory=tmp_path, settings=settings), "did not end")
            again = run("restore", str(large), directory=tmp_path, settings=settings)
            assert again.returncode == 0, again.stderr
        assert names(tmp_path / "data") - {STAGING} == {"blobs", "secret.key"}
        copy = Server(tmp_path, settings)
        backup.judge(copy)
        assert not [name for name in names(Path(place)) if name.endswith(".restore")]
