"""Files in a bucket, on Google's storage as the emulator plays it: the whole path through the real server."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from support.bucket import BUCKET, Emulator
from support.client import Person
from support.fake_storage import FakeStorage
from support.samples import SAMPLES, SVG, mime, sample
from support.server import ROOT, Server
from support.waiting import wait_until

NAME = re.compile(r"\d{4}/\d\d/\d\d/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.\w+")
LARGE = b"".join(b"%d;una linea\n" % number for number in range(180_000))  # three chunks, and some more


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    made = Emulator()
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    own = Server(
        tmp_path_factory.mktemp("bucket"), {"GCS_BUCKET_NAME": BUCKET, "STORAGE_EMULATOR_HOST": emulator.url}
    ).start()
    yield own
    own.stop()


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    from support.client import connect

    with connect(server) as pool:
        yield pool


def upload(somebody, name, data):
    return somebody.post("/api/uploads/", 201, files={"file": (name, data)}).json()


def test_files_of_every_type_go_into_the_bucket_and_come_back(server, emulator, ana):
    for extension in SAMPLES:
        file = upload(ana, f"cosa ñ.{extension}", sample(extension))
        name = file["stored_filename"]
        assert NAME.fullmatch(name)
        kept = emulator.object(name)
        assert emulator.bytes(name) == sample(extension)
        assert kept["contentType"] == mime(extension) and not kept["acl"]
        assert kept["cacheControl"].startswith("private")
        answer = httpx.get(file["public_url"])
        assert answer.content == sample(extension) and answer.headers["content-type"].startswith(mime(extension))
    assert not (server.data / "blobs").exists()


def test_a_large_file_goes_in_chunks_and_comes_back_in_pieces(emulator, ana):
    file = upload(ana, "largo.csv", LARGE)
    assert file["file_size"] == len(LARGE)
    assert emulator.bytes(file["stored_filename"]) == LARGE
    url = file["public_url"]
    assert httpx.get(url).content == LARGE
    for first, last in ((0, 0), (5, 99), (1_000_000, 1_700_000), (len(LARGE) - 3, len(LARGE) - 1)):
        answer = httpx.get(url, headers={"Range": f"bytes={first}-{last}"})
        assert answer.status_code == 206 and answer.content == LARGE[first : last + 1]
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(LARGE)}"
    assert httpx.get(url, headers={"Range": f"bytes={len(LARGE)}-"}).status_code == 416
    etag = httpx.get(url, headers={"Range": "bytes=0-0"}).headers["etag"]
    part = {"Range": "bytes=0-9"}
    assert httpx.get(url, headers=part | {"If-Range": etag}).content == LARGE[:10]
    assert httpx.get(url, headers=part | {"If-Range": '"otro"'}).content == LARGE
    assert httpx.get(url, headers={"If-None-Match": etag}).status_code == 304
    head = httpx.head(url)
    assert head.headers["content-length"] == str(len(LARGE)) and head.headers["etag"] == etag


def test_many_at_once(emulator, ana):
    with ThreadPoolExecutor(8) as pool:
        files = list(pool.map(lambda n: upload(ana.again(), f"{n}.txt", LARGE[n : 600_000 + n]), range(8)))
        contents = list(pool.map(lambda file: httpx.get(file["public_url"]).content, files))
    for number, (file, content) in enumerate(zip(files, contents, strict=True)):
        assert content == emulator.bytes(file["stored_filename"]) == LARGE[number : 600_000 + number]


def test_what_is_refused_leaves_nothing_in_the_bucket(emulator, ana):
    before = emulator.names()
    ana.post("/api/uploads/", 400, "file_type_mismatch", files={"file": ("a.pdf", b"no es un PDF")})
    ana.post("/api/uploads/", 413, "file_too_large", files={"file": ("a.txt", b"a" * (50 << 20) + b"a")})
    assert emulator.names() == before


def test_files_outlive_the_server(server, ana):
    file = upload(ana, "a.txt", b"hola")
    server.restart()
    assert httpx.get(file["public_url"]).content == b"hola"


def test_files_of_an_earlier_version_are_read_through_the_server(server, emulator, ana):
    small, large, elsewhere = (upload(ana, name, data) for name, data in (
        ("foto.png", sample("png")), ("largo.csv", LARGE), ("otro.txt", b"otro")))
    server.stop()
    old = f"https://storage.googleapis.com/{BUCKET}/"
    with sqlite3.connect(server.data / "izpochat.db") as database:
        for file, url in ((small, old), (large, old), (elsewhere, "https://storage.googleapis.com/another/")):
            database.execute(
                "UPDATE file_uploads SET blob = NULL, digest = NULL, public_url = ? || stored_filename WHERE id = ?",
                (url, file["id"]),
            )
    server.start()

    def shown(file):
        return ana.get(f"/api/uploads/{file['id']}", 200).json()["public_url"]

    assert shown(elsewhere) == "https://storage.googleapis.com/another/" + elsewhere["stored_filename"]
    ana.get(f"/api/uploads/{elsewhere['id']}/download", 404, "file_not_found")
    assert shown(small).startswith(server.url + "/files/")
    answer = httpx.get(shown(small))
    assert answer.content == sample("png") and answer.headers["content-disposition"].startswith("inline")
    assert httpx.get(shown(small), headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert httpx.get(shown(large)).headers["etag"] != answer.headers["etag"]
    assert ana.get(f"/api/uploads/{large['id']}/download", 200).content == LARGE
    assert httpx.get(shown(large), headers={"Range": "bytes=7-9"}).content == LARGE[7:10]
    room = ana.make_room()
    assert ana.say(room, "mira", file_id=small["id"])["file"]["public_url"] == shown(small)

    ana.delete(f"/api/uploads/{small['id']}", 200)
    ana.delete(f"/api/uploads/{elsewhere['id']}", 200)
    assert small["stored_filename"] not in emulator.names()
    assert elsewhere["stored_filename"] in emulator.names()


def test_files_can_be_had_straight_from_the_bucket(emulator, tmp_path, own_server):
    fake = FakeStorage(tmp_path)
    fake.close()  # only its key is wanted
    own = own_server(
        GCS_BUCKET_NAME=BUCKET,
        STORAGE_EMULATOR_HOST=emulator.url,
        GOOGLE_APPLICATION_CREDENTIALS=str(fake.key_file),
        GCS_DIRECT_DOWNLOADS="true",
    )
    ana = Person(own)
    image, drawing = upload(ana, "plano.png", sample("png")), upload(ana, "dibujo ñ.svg", SVG)
    first = ana.get(image["public_url"].removeprefix(own.url), 307)
    link = first.headers["location"]
    assert link.startswith(f"{emulator.url}/{BUCKET}/{image['stored_filename']}?X-Goog-Algorithm=GOOG4-RSA-SHA256&")
    assert "X-Goog-Expires=900&" in link and first.headers["cache-control"] == "no-store"
    assert ana.get(f"/api/uploads/{image['id']}/download", 307).headers["location"] == link
    # A page of this server may ask no other host.
    own_page = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"}
    assert httpx.get(image["public_url"], headers=own_page).content == sample("png")
    assert httpx.get(image["public_url"], headers=own_page | {"Sec-Fetch-Dest": "document"}).status_code == 307
    answer = httpx.get(link)
    assert answer.content == sample("png")
    assert answer.headers["content-disposition"] == 'inline; filename="plano.png"'
    saved = httpx.get(drawing["public_url"], follow_redirects=True)
    assert saved.content == SVG
    assert saved.headers["content-disposition"].startswith('attachment; filename="dibujo _.svg"')
    assert link not in own.log() and "X-Goog-Signature" not in own.log()


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm: Google's client cannot be installed")
@pytest.mark.timeout(300)  # fetches the client from the npm registry, the first time
def test_googles_own_client_reads_what_was_stored(server, emulator, ana):
    files = {upload(ana, name, data)["stored_filename"]: data for name, data in (
        ("foto.jpg", sample("jpg")), ("largo.csv", LARGE))}
    read = subprocess.run(
        [ROOT / "tests" / "storage_client" / "run", BUCKET, *files],
        env=os.environ | {"STORAGE_EMULATOR_HOST": emulator.url},  # what npm needs to reach its registry too
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert read.returncode == 0, read.stderr
    for line, (name, data) in zip(read.stdout.splitlines(), files.items(), strict=True):
        said = json.loads(line)
        assert (said["name"], said["size"]) == (name, len(data))
        assert said["sha256"] == hashlib.sha256(data).hexdigest()
        assert said["contentType"] in ("image/jpeg", "text/csv")


def test_a_file_in_the_bucket_can_be_deleted(emulator, ana):
    file = upload(ana, "a.txt", b"hola")
    ana.delete(f"/api/uploads/{file['id']}", 200)
    assert httpx.get(file["public_url"]).status_code == 404
    # Its bytes stay for FILE_GRACE_MINUTES.
    assert file["stored_filename"] in emulator.names()
