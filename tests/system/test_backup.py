"""Backup while the server works, restore, and every way in which either must refuse."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from support.blobs import blob_with
from support.client import Person
from support.server import BINARY, Server, environment, run
from support.waiting import PATIENCE, wait_until

# Of SQLite; what is said of PostgreSQL brings its own.
pytestmark = pytest.mark.skipif(os.environ.get("IZPO_TEST_DATABASE", "sqlite") != "sqlite", reason="backups of SQLite")

WRITERS = 4


class Writer(threading.Thread):
    """Somebody who writes one message after the other, and a file now and then, until told to stop."""

    def __init__(self, server: Server, person: Person, room: int):
        super().__init__()
        self.server, self.room = server, room
        self.headers = {"Authorization": f"Bearer {person.token}"}
        self.confirmed: list[dict] = []
        self.files: list[tuple[dict, bytes]] = []
        self.wrong: list[str] = []
        self.done = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self.server.url, headers=self.headers, timeout=PATIENCE) as http:
            for number in range(10**6):
                if self.done.is_set():
                    return
                if number % 20 == 0:
                    bytes_ = f"el archivo {number} de la sala {self.room}\n".encode() * 1000
                    answer = http.post("/api/uploads/", files={"file": ("notas.txt", bytes_, "text/plain")})
                    if answer.status_code == 201:
                        self.files.append((answer.json(), bytes_))
                else:
                    answer = http.post(f"/api/rooms/{self.room}/messages", json={"content": f"mensaje {number}"})
                    if answer.status_code == 201:
                        self.confirmed.append(answer.json())
                if answer.status_code != 201:
                    self.wrong.append(f"{answer.status_code} {answer.text}")


def restored(archive: Path, directory: Path, **settings: str) -> Server:
    """A server, not started, on what the archive restores to."""
    server = Server(directory, settings)
    done = server.run("restore", str(archive))
    assert done.returncode == 0, done.stderr
    return server


def refused(result: subprocess.CompletedProcess, *words: str) -> None:
    assert result.returncode == 1, (result.stdout, result.stderr)
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and all(word in lines[0] for word in words), result.stderr


def backup(server: Server, archive: Path) -> Path:
    done = server.run("backup", str(archive))
    assert done.returncode == 0, done.stderr
    return archive


def everything(person: Person, room: int) -> list[dict]:
    messages: list[dict] = []
    while page := person.history(room, after_seq=messages[-1]["seq"] if messages else 0, limit=200):
        messages += page
    return messages


@pytest.fixture
def small(own_server, tmp_path) -> tuple[Server, Person, int, Path]:
    """A stopped server, its user with a message and a file in a room, and the backup of it."""
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    uploaded = ana.post("/api/uploads/", 201, files={"file": ("notas.txt", b"lunes: sopa\n", "text/plain")}).json()
    ana.say(room, "el plan", file_id=uploaded["id"])
    archive = backup(own, tmp_path / "backup.tar")
    own.stop()
    return own, ana, room, archive


# Backup


def test_what_was_confirmed_before_a_backup_under_load_is_in_it(own_server, tmp_path, capsys):
    own = own_server()
    people = [Person(own, f"p{number}") for number in range(WRITERS)]
    writers = [Writer(own, person, person.make_room()) for person in people]
    for writer in writers:
        writer.start()
    archives = []
    try:
        for number in range(3):
            most = max(len(writer.confirmed) for writer in writers) + 150
            wait_until(lambda most=most: max(len(writer.confirmed) for writer in writers) >= most, "some load")
            before = [(list(writer.confirmed), list(writer.files)) for writer in writers]
            archives.append((backup(own, tmp_path / f"backup{number}.tar"), before))
    finally:
        for writer in writers:
            writer.done.set()
        for writer in writers:
            writer.join()
    assert not any(writer.wrong for writer in writers), [writer.wrong[:3] for writer in writers]
    epoch = people[0].open(writers[0].room).welcome["epoch"]

    for archive, before in archives:
        copy = restored(archive, tmp_path / f"{archive.stem}-restored").start()
        try:
            checked = 0
            for person, writer, (confirmed, files) in zip(people, writers, before, strict=True):
                again = person.__class__.__new__(person.__class__)
                again.__dict__ = person.__dict__ | {"server": copy, "http": httpx.Client(base_url=copy.url)}
                found = everything(again, writer.room)  # with the token of before: the key is the same
                assert [message["seq"] for message in found] == list(range(1, len(found) + 1))
                by_seq = {message["seq"]: message for message in found}
                for message in confirmed:
                    assert by_seq[message["seq"]]["content"] == message["content"]
                    assert by_seq[message["seq"]]["id"] == message["id"]
                for uploaded, bytes_ in files:
                    assert again.get(f"/api/uploads/{uploaded['id']}/download", 200).content == bytes_
                every = again.get("/api/users/me/files", 200, params={"limit": 200}).json()
                for file in every:  # also those of whose upload nobody had heard when the backup began
                    assert len(again.get(f"/api/uploads/{file['id']}/download", 200).content) == file["file_size"]
                checked += len(confirmed) + len(files)
                chat = again.open(writer.room, after_seq=confirmed[-1]["seq"], epoch=epoch)
                assert chat.welcome["reset"] is True and chat.welcome["epoch"] != epoch
                now = again.open(writer.room, after_seq=len(found), epoch=chat.welcome["epoch"])
                assert now.welcome["reset"] is False
            with capsys.disabled():
                print(f"\n{archive.name}: {checked} messages and files of before the backup, all there", end="")
        finally:
            copy.stop()


def test_a_backup_is_one_private_tar_that_other_tools_read(small, tmp_path):
    own, _, _, archive = small
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["backup.tar"], "nothing else is left"
    subprocess.run(["tar", "-xf", archive], cwd=tmp_path, check=True)
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)
    assert (tmp_path / "secret.key").read_bytes() == (own.data / "secret.key").read_bytes()
    about = json.loads((tmp_path / "izpochat-backup.json").read_text())
    assert about["format"] == 1 and about["program"].startswith("izpochat ")
    assert blob_with(tmp_path, b"lunes: sopa\n").name == blob_with(own.data, b"lunes: sopa\n").name


def test_a_key_of_the_settings_stays_with_the_settings(own_server, tmp_path):
    own = own_server(SECRET_KEY="una clave de los ajustes, que es bastante larga")
    ana = Person(own)
    done = own.run("backup", str(tmp_path / "backup.tar"))
    assert done.returncode == 0 and "SECRET_KEY" in done.stderr
    with tarfile.open(tmp_path / "backup.tar") as archive:
        assert "secret.key" not in archive.getnames()
    copy = Server(tmp_path / "copy", own.settings)
    assert "SECRET_KEY" in copy.run("restore", str(tmp_path / "backup.tar")).stdout
    copy.start()
    ana.server, ana.http = copy, httpx.Client(base_url=copy.url)
    ana.get("/api/users/me", 200)
    copy.stop()


def test_a_backup_replaces_nothing(small, tmp_path):
    own, _, _, archive = small
    before = archive.read_bytes()
    refused(own.run("backup", str(archive)), str(archive), "exists")
    assert archive.read_bytes() == before
    refused(own.run("backup", str(own.data / "izpochat.db")), "exists")


def test_a_backup_that_cannot_be_made_leaves_nothing(small, tmp_path):
    own, _, _, archive = small
    refused(own.run("backup", str(tmp_path / "no" / "such" / "backup.tar")), str(tmp_path / "no"))
    refused(run("backup", "x.tar", "--data-dir", "nothing", directory=tmp_path), "nothing", "--data-dir")
    full = tmp_path / "full"
    full.mkdir()
    database = len(contents(archive)["izpochat.db"]) // 1024
    for kilobytes in (database // 2, database + 1):  # ends the copy of the database, ends the archive
        result = subprocess.run(
            ["bash", "-c", f'ulimit -f {kilobytes} && exec "$0" backup "$1"', BINARY, full / "backup.tar"],
            env=environment({"DATA_DIR": str(own.data)}),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        refused(result, str(full))
        assert list(full.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ["backup", "x.tar"],
        ["copy", "--to", "postgresql://u:p@127.0.0.1/x"],
        ["copy", "--from", "sqlite:///DATA/izpochat.db", "--to", "postgresql://u:p@127.0.0.1/x"],
        ["restore", "x.tar"],
        ["new-epoch"],
        ["user", "list"],
    ],
)
def test_who_may_not_enter_the_data_directory_is_told_so(command):
    with tempfile.TemporaryDirectory() as place:  # unlike tmp_path, another user may go there
        data, program = Path(place) / "data", Path(place) / "izpochat"
        shutil.copy(BINARY, program)
        assert run("migrate", "--data-dir", str(data), directory=Path(place)).returncode == 0
        Path(place).chmod(0o755)
        program.chmod(0o755)
        data.chmod(0)  # to root this says nothing: so as somebody else
        other = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        result = subprocess.run(
            [program, *(word.replace("DATA", str(data)) for word in command)],
            env=environment({"DATA_DIR": str(data), "LLVM_PROFILE_FILE": "/dev/null"}),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            **other,
        )
        refused(result, str(data / "izpochat.db"), "Permission denied")


class SlowBackup:
    """A backup that has copied the database and stands still within its first blob."""

    def __init__(self, server: Server, archive: Path):
        self.archive = archive
        self.blob = server.data / "blobs" / "00" / "00" / ("0" * 64)
        self.blob.parent.mkdir(parents=True, exist_ok=True)
        with self.blob.open("wb") as file:
            file.truncate(512 << 20)  # a hole: it is read, but takes no room
        self.process = subprocess.Popen(
            [BINARY, "backup", archive],
            env=environment(server.settings | {"DATA_DIR": str(server.data)}),
            cwd=server.directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + PATIENCE
        while max((path.stat().st_size for path in self.drafts() if ".db." not in path.name), default=0) < 1 << 20:
            assert self.process.poll() is None and time.monotonic() < deadline, "the backup begins to write"
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        assert max(path.stat().st_size for path in self.drafts()) < 500 << 20, "it stands in the middle"
        self.blob.unlink()  # it stays readable for who has it open

    def drafts(self) -> list[Path]:
        return list(self.archive.parent.glob(f"{self.archive.name}.*"))

    def go_on(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGCONT)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


def test_a_backup_that_is_interrupted_leaves_nothing(small, tmp_path):
    own, *_ = small
    target = tmp_path / "target"
    target.mkdir()
    slow = SlowBackup(own, target / "backup.tar")
    assert len(slow.drafts()) == 2
    slow.process.terminate()
    code, errors = slow.go_on()
    assert code == 1 and errors.splitlines()[-1] == "izpochat: interrupted"
    assert list(target.iterdir()) == []


def test_a_file_deleted_and_collected_during_a_backup_is_deleted_in_it(own_server, tmp_path):
    """Its bytes are gone before the backup comes to them, although the database was copied before: a long backup."""
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    gone, lost, kept = (
        ana.post("/api/uploads/", 201, files={"file": (f"{text}.txt", text, "text/plain")}).json()
        for text in (b"ido", b"perdido", b"guardado")
    )
    ana.say(room, "mira", file_id=gone["id"])
    slow = SlowBackup(own, tmp_path / "backup.tar")
    ana.delete(f"/api/uploads/{gone['id']}", 200)
    missing = blob_with(own.data, b"perdido")
    for path in (blob_with(own.data, b"ido"), missing):  # one as the collection does it, one as an accident
        path.unlink()
    code, errors = slow.go_on()
    assert code == 0, errors
    [line] = [line for line in errors.splitlines() if "no bytes" in line]  # beside the progress of a slow machine
    assert missing.name in line, "only what was lost is told"
    own.stop()

    strange = tmp_path / "backup-of-a-hole.tar"
    with tarfile.open(tmp_path / "backup.tar") as archive:  # the hole was no file of anybody's, and not what it is called
        members = [(member, archive.extractfile(member).read()) for member in archive if "0" * 64 not in member.name]
    rewrite(strange, {member.name: bytes_ for member, bytes_ in members if member.name != "SHA256SUMS"})
    copy = restored(strange, tmp_path / "copy").start()
    ana.server, ana.http = copy, httpx.Client(base_url=copy.url)
    [message] = ana.history(room)
    assert message["file"] is None and message["file_deleted"] is True
    assert ana.get(f"/api/uploads/{kept['id']}/download", 200).content == b"guardado"
    ana.get(f"/api/uploads/{lost['id']}", 200)
    ana.get(f"/api/uploads/{lost['id']}/download", 404)
    copy.stop()


# Restore


def rewrite(path: Path, files: dict[str, bytes], sums: str | None = None) -> Path:
    """An archive of these files with checksums that are right, as somebody would make it who means harm."""
    if sums is None:
        sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    with tarfile.open(path, "w") as archive:
        for name, bytes_ in (files | {"SHA256SUMS": sums.encode()}).items():
            member = tarfile.TarInfo(name)
            member.size = len(bytes_)
            archive.addfile(member, io.BytesIO(bytes_))
    return path


def contents(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened if member.name != "SHA256SUMS"}


def refuses(archive: Path, directory: Path, *words: str) -> None:
    """The restore fails with one line and leaves nothing."""
    directory.mkdir(exist_ok=True)
    refused(run("restore", str(archive), "--data-dir", "data", directory=directory), *words)
    assert list(directory.iterdir()) == []


def test_a_restore_only_goes_into_an_empty_directory(small, tmp_path):
    own, ana, _, archive = small
    refused(own.run("restore", str(archive)), str(own.data), "not empty")
    own.start()
    refused(own.run("restore", str(archive)), "process", str(own.data / "izpochat.db"))
    ana.get("/api/users/me", 200)
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter.txt").write_text("mine")
    refused(run("restore", str(archive), "--data-dir", str(other), directory=tmp_path), "not empty")
    assert [path.name for path in other.iterdir()] == ["letter.txt"], "and nothing is left in it"
    elsewhere = {"DATABASE_URL": f"sqlite:///{own.data / 'izpochat.db'}", "DATA_DIR": str(tmp_path / "new")}
    refused(run("restore", str(archive), directory=tmp_path, settings=elsewhere), "izpochat.db")


def test_an_empty_mount_and_another_place_for_the_database_are_fine(small, tmp_path):
    _, ana, room, archive = small
    copy = Server(tmp_path / "mounted", {"DATABASE_URL": f"sqlite:///{tmp_path / 'elsewhere' / 'chat.db'}"})
    (copy.data / "lost+found").mkdir(parents=True)
    done = copy.run("restore", str(archive))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "elsewhere" / "chat.db").is_file()
    copy.start()
    ana.server, ana.http = copy, httpx.Client(base_url=copy.url)
    assert len(ana.history(room)) == 1
    copy.stop()


@pytest.mark.parametrize("command", [["gzip"], ["xz"], ["zstd", "--rm"]])
def test_a_compressed_backup_is_restored_too(small, tmp_path, command):
    _, ana, room, archive = small
    subprocess.run([*command, archive], check=True, capture_output=True)
    [compressed] = tmp_path.glob("backup.tar.*")
    copy = restored(compressed, tmp_path / "copy").start()
    ana.server, ana.http = copy, httpx.Client(base_url=copy.url)
    assert len(ana.history(room)) == 1
    copy.stop()


def test_a_file_of_before_that_is_called_by_its_sha256_is_restored(small, tmp_path):
    _, ana, room, archive = small
    files = contents(archive)
    [blob] = [name for name, bytes_ in files.items() if bytes_ == b"lunes: sopa\n"]
    name = hashlib.sha256(files[blob]).hexdigest()
    files[f"blobs/{name[:2]}/{name[2:4]}/{name}"] = files.pop(blob)
    database = tmp_path / "of-before.db"
    database.write_bytes(files["izpochat.db"])
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE file_uploads SET blob = ?, digest = ?", (name, name))
        connection.commit()
    files["izpochat.db"] = database.read_bytes()
    copy = restored(rewrite(tmp_path / "of-before.tar", files), tmp_path / "copy").start()
    ana.server, ana.http = copy, httpx.Client(base_url=copy.url)
    [message] = ana.history(room)
    answer = ana.get(f"/api/uploads/{message['file']['id']}/download", 200)
    assert answer.content == b"lunes: sopa\n" and answer.headers["ETag"] == f'"{name[:32]}"'
    copy.stop()


def test_an_archive_that_was_cut_off_is_refused(small, tmp_path):
    *_, archive = small
    whole = archive.read_bytes()
    with tarfile.open(archive) as opened:
        end = next(member.offset for member in opened if member.name == "SHA256SUMS")
    kept = Counter()
    for length in (0, 100, 512, 5000, len(whole) // 2, end - 512, end, end + 512, end + 520):
        cut = tmp_path / "cut.tar"
        cut.write_bytes(whole[:length])
        refuses(cut, tmp_path / "cut", "cut.tar")
        kept[length] += 1
    assert len(kept) == 9
    whole_again = tmp_path / "whole.tar"
    whole_again.write_bytes(whole)
    restored(whole_again, tmp_path / "whole")


def test_an_archive_in_which_any_part_is_damaged_is_refused(small, tmp_path):
    *_, archive = small
    whole = archive.read_bytes()
    with tarfile.open(archive) as opened:
        places = {member.name: (member.offset_data, member.size) for member in opened}
    assert len(places) == 5, "about, blob, database, key, sums"
    for name, (start, size) in places.items():
        for at in (start, start + size // 2, start + size - 1):
            damaged = tmp_path / "damaged.tar"
            damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
            refuses(damaged, tmp_path / "damaged", "damaged.tar")
    header = places["secret.key"][0] - 512
    damaged.write_bytes(whole[:header] + b"S" + whole[header + 1 :])
    refuses(damaged, tmp_path / "damaged", "damaged.tar")


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "blobs/../../evil",
        "/tmp/izpochat-evil",
        "evil",
        "blobs/evil",
        "blobs/ab/cd/" + "0" * 64,
        f"blobs/00/00/../00/{'0' * 64}",
        "restore.sh",
        "izpochat.db-wal",
        "./izpochat.db",
    ],
)
def test_names_that_no_backup_has_are_never_written(small, tmp_path, name):
    *_, archive = small
    evil = rewrite(tmp_path / "evil.tar", contents(archive) | {name: b"evil"})
    refuses(evil, tmp_path / "directory", "evil.tar")
    assert not list(tmp_path.rglob("evil")) and not Path("/tmp/izpochat-evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_links_and_the_like_are_refused(small, tmp_path, kind):
    *_, archive = small
    files = contents(archive)
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as opened:
        link = tarfile.TarInfo("secret.key")
        link.type, link.linkname = kind, "../../outside"
        opened.addfile(link)
        for name, bytes_ in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(bytes_)
            opened.addfile(member, io.BytesIO(bytes_))
    refuses(evil, tmp_path / "directory", "evil.tar")
    assert not (tmp_path / "outside").exists()


def test_what_is_no_backup_is_refused(small, tmp_path):
    own, _, _, archive = small
    files = contents(archive)
    [blob] = [name for name, bytes_ in files.items() if bytes_ == b"lunes: sopa\n"]
    letter = tmp_path / "letter.txt"
    letter.write_text("no es un archivo tar\n" * 100)
    refuses(letter, tmp_path / "d", "letter.txt")
    refuses(tmp_path / "missing.tar", tmp_path / "d", "missing.tar", "No such file")
    refuses(tmp_path, tmp_path / "d", str(tmp_path))
    without = {name: bytes_ for name, bytes_ in files.items() if name != "izpochat.db"}
    refuses(rewrite(tmp_path / "a.tar", without), tmp_path / "d", "no backup")
    without = {name: bytes_ for name, bytes_ in files.items() if name != "izpochat-backup.json"}
    refuses(rewrite(tmp_path / "b.tar", without), tmp_path / "d", "no backup")
    newer = files | {"izpochat-backup.json": b'{"format":2}'}
    refuses(rewrite(tmp_path / "c.tar", newer), tmp_path / "d", "newer version")
    refuses(rewrite(tmp_path / "d.tar", files | {blob: b"otra cosa"}), tmp_path / "d", "damaged", Path(blob).name)
    refuses(rewrite(tmp_path / "e.tar", files, sums=""), tmp_path / "d", "checksums")
    page = 4096
    database = bytearray(files["izpochat.db"])
    database[3 * page : 5 * page] = os.urandom(2 * page)
    refuses(rewrite(tmp_path / "f.tar", files | {"izpochat.db": bytes(database)}), tmp_path / "d", "f.tar", "damaged")


# The epoch alone


def test_a_new_epoch_makes_clients_load_again(own_server):
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    ana.say(room, "uno")
    before = ana.open(room).welcome
    refused(own.run("new-epoch"), "process")
    own.stop()
    assert own.run("new-epoch").returncode == 0
    own.start()
    again = ana.open(room, after_seq=1, epoch=before["epoch"]).welcome
    assert again["reset"] is True and again["epoch"] != before["epoch"]
    assert ana.open(room, after_seq=1, epoch=again["epoch"]).welcome["reset"] is False


def test_postgresql_is_backed_up_by_its_own_tools_and_begins_an_epoch(postgres, database, tmp_path):
    key = {"SECRET_KEY": "la clave de las pruebas de copia, larga"}
    own = Server(tmp_path / "own", key | {"DATABASE_URL": postgres.url(database)}).start()
    ana = Person(own)
    room = ana.make_room()
    ana.say(room, "uno")
    before = ana.open(room).welcome
    refused(own.run("backup", "x.tar"), "pg_dump")
    refused(own.run("restore", "x.tar"), "pg_restore")
    dump = tmp_path / "izpochat.dump"
    subprocess.run(["pg_dump", "--format=custom", f"--file={dump}", postgres.url(database)], check=True)
    ana.say(room, "dos, que se pierde")
    own.stop()

    url = postgres.url(postgres.new_database())
    subprocess.run(["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", dump], check=True)
    copy = Server(tmp_path / "copy", key | {"DATABASE_URL": url})
    done = copy.run("new-epoch")
    assert done.returncode == 0, done.stderr
    copy.start()
    ana.server, ana.http = copy, httpx.Client(base_url=copy.url)
    again = ana.open(room, after_seq=2, epoch=before["epoch"]).welcome
    assert again["reset"] is True and again["last_seq"] == 1 and again["epoch"] != before["epoch"]
    assert ana.say(room, "otra dos")["seq"] == 2
    copy.stop()
