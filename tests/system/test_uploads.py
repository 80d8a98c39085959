"""Files in: what is taken, what is refused and how, and that nothing is left of what was not."""

import io
import json
import os
import resource
import shutil
import subprocess
import time

import httpx
import pytest
import requests

from support.client import Person
from support.raw import Wire
from support.samples import SAMPLES, mime, png_that_claims, sample, turned_jpeg, zip_bomb
from support.server import Server
from support.waiting import wait_until

MB = 1 << 20


def upload(somebody, name, data, expect=201, code=None, **request):
    return somebody.post("/api/uploads/", expect, code, files={"file": (name, data)}, **request)


def bytes_of(somebody, file):
    return somebody.get(f"/api/uploads/{file['id']}/download", 200).content


def form(name, data, field="file", boundary="frontera"):
    """A multipart body as bytes; `name` as it goes over the wire."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="'.encode()
    return head + name + b'"\r\n\r\n' + data + f"\r\n--{boundary}--\r\n".encode()


def post_raw(somebody, body, boundary="frontera", path="/api/uploads/", **request):
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return somebody.post(path, content=body, headers=headers, **request)


def blobs(server):
    """The files that the server keeps, but for what is being written."""
    return sorted(path.name for path in (server.data / "blobs").glob("??/??/*"))


def temporary(server):
    return list((server.data / "blobs" / "tmp").iterdir())


@pytest.mark.parametrize("extension", SAMPLES)
def test_every_allowed_type_comes_back_byte_for_byte(ana, extension):
    data = sample(extension)
    file = upload(ana, f"muestra.{extension}", data).json()
    assert file["original_filename"] == f"muestra.{extension}"
    assert file["content_type"] == mime(extension)
    assert file["file_size"] == len(data)
    assert file["uploader_id"] == ana.id and file["uploader"]["username"] == ana.username
    assert file["stored_filename"].endswith(f".{extension}")
    assert bytes_of(ana, file) == data
    assert ana.get(f"/api/uploads/{file['id']}", 200).json() == file
    assert httpx.get(file["public_url"]).content == data


@pytest.mark.parametrize("extension", ["png", "jpg", "gif", "webp"])
def test_images_have_their_size(ana, extension):
    file = upload(ana, f"foto.{extension}", sample(extension)).json()
    assert (file["width"], file["height"]) == (64, 48)


def test_a_photo_on_its_side_has_the_size_that_is_shown(ana):
    file = upload(ana, "foto.jpg", turned_jpeg()).json()
    assert (file["width"], file["height"]) == (48, 64)
    assert upload(ana, "notas.txt", b"hola").json()["width"] is None


def test_an_enormous_image_and_a_bomb_are_only_bytes(ana):
    file = upload(ana, "grande.png", png_that_claims(30_000, 30_000)).json()
    assert (file["width"], file["height"]) == (30_000, 30_000)
    bomb = zip_bomb()
    assert bytes_of(ana, upload(ana, "nada.zip", bomb).json()) == bomb


@pytest.mark.parametrize(
    "name, data, found",
    [
        ("plano.pdf", b"Esto es un texto.\n", "text/plain"),
        ("foto.png", SAMPLES["jpg"][1], "image/jpeg"),
        ("informe.docx", SAMPLES["zip"][1], "application/zip"),
        ("notas.txt", SAMPLES["png"][1], "image/png"),
        ("cancion.mp3", SAMPLES["pdf"][1], "application/pdf"),
        ("pelicula.mp4", SAMPLES["zip"][1], "application/zip"),
        ("datos.csv", bytes(1000), "application/octet-stream"),
        ("una.txt", b"\0", "application/octet-stream"),
    ],
)
def test_a_lie_is_refused_with_both_names(ana, name, data, found):
    answer = upload(ana, name, data() if callable(data) else data, 400, "file_type_mismatch").json()
    assert answer["found_type"] == found
    assert answer["named_type"] == mime(name.rsplit(".")[-1])
    assert answer["named_type"] in answer["detail"] and found in answer["detail"]


@pytest.mark.parametrize("name", ["juego.exe", "pagina.html", "sin_extension", ".png.js", "guion.sh", "foto.png.exe"])
def test_other_types_are_refused(ana, name):
    answer = upload(ana, name, b"hola", 400, "file_type_not_allowed").json()
    assert answer["filename"] == name


def test_a_polyglot_is_served_as_what_its_name_says(ana):
    file = upload(ana, "raro.gif", sample("gif") + b"<script>alert(1)</script>").json()
    answer = httpx.get(file["public_url"])
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("informe final (2).txt", "informe final (2).txt"),
        ("ñandú 日本語 😀.txt", "ñandú 日本語 😀.txt"),
        ("../../etc/cron.d/malo.txt", "malo.txt"),
        ("C:\\fotos\\playa.txt", "playa.txt"),
        ("a\u202egpj.txt", "a_gpj.txt"),
    ],
)
def test_names_are_kept_as_typed_and_never_a_path(ana, sent, kept):
    answer = post_raw(ana, form(sent.encode(), b"hola"), expect=201)
    assert answer.json()["original_filename"] == kept


def test_a_name_with_a_nul_or_in_latin_1_can_be_read(ana):
    assert post_raw(ana, form(b"a\0b.txt", b"hola"), expect=201).json()["original_filename"] == "a_b.txt"
    assert post_raw(ana, form("año.txt".encode("latin-1"), b"hola"), expect=201).json()["original_filename"] == "año.txt"


def test_three_hundred_emoji_are_cut_before_the_extension(ana):
    file = post_raw(ana, form(("😀" * 300 + ".txt").encode(), b"hola"), expect=201).json()
    assert file["original_filename"] == "😀" * 251 + ".txt"


def test_nothing_is_not_a_file(ana):
    upload(ana, "vacio.txt", b"", 400, "empty_file")
    answer = ana.post("/api/uploads/", 422, "validation_error", files={"otro": ("a.txt", b"hola")})
    assert answer.json()["detail"][0]["loc"] == ["body", "file"]
    ana.post("/api/uploads/", 422, "validation_error", data={"file": "hola"})
    ana.post("/api/uploads/", 422, "validation_error", json={"file": "hola"})
    ana.post("/api/uploads/multiple", 422, "validation_error", files={"file": ("a.txt", b"hola")})


def test_who_is_nobody_uploads_nothing(anyone):
    anyone.post("/api/uploads/", 401, "not_authenticated", files={"file": ("a.txt", b"hola")})
    anyone.post("/api/uploads/multiple", 401, "not_authenticated", files={"files": ("a.txt", b"hola")})
    for method, path in (("GET", "/api/uploads/"), ("GET", "/api/uploads/1"), ("GET", "/api/uploads/1/download"),
                         ("DELETE", "/api/uploads/1"), ("GET", "/api/users/me/usage")):  # fmt: skip
        anyone.call(method, path, 401, "not_authenticated")


BROKEN = {
    "never ends": b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhola' + b"x" * 100_000,
    "no boundary": b"x" * 100_000,
    "a part with no name": b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
    "a part with no head": b"--b\r\n\r\nx\r\n--b--",
    "a header of 1 MB": b"--b\r\nX: " + b"x" * MB + b"\r\n\r\nx\r\n--b--",
    "10,000 parts": b"".join(b'--b\r\nContent-Disposition: form-data; name="n%d"\r\n\r\nx\r\n' % n for n in range(10_000))
    + b"--b--",
    "an open quote": b'--b\r\nContent-Disposition: form-data; name="file\r\n\r\nx\r\n--b--',
    "nothing": b"",
}


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("path", ["/api/uploads/", "/api/uploads/multiple"])
def test_broken_forms_are_refused(ana, what, path):
    post_raw(ana, BROKEN[what], "b", path, expect=400, code="malformed_form")


def test_fifty_megabytes_and_not_a_byte_more(ana):
    most = b"a" * (50 * MB)
    file = upload(ana, "justo.txt", most).json()
    assert file["file_size"] == 50 * MB
    answer = upload(ana, "pasado.txt", most + b"a", 413, "file_too_large", headers={"Accept-Language": "en"}).json()
    assert answer["max_file_size"] == 50 * MB and answer["max_file_size_mb"] == 50 and answer["max_files"] == 10
    assert "50 MB" in answer["detail"]
    # And when nothing says beforehand how much comes.
    pieces = (b"a" * MB for _ in range(52))
    body = (piece for part in ([form(b"a.txt", b"").split(b"\r\n--frontera--")[0]], pieces) for piece in part)
    post_raw(ana, body, expect=413, code="file_too_large")
    ana.delete(f"/api/uploads/{file['id']}", 200)


def test_several_files_each_with_its_own_outcome(ana):
    files = [("a.txt", b"uno"), ("b.pdf", b"no es un pdf"), ("c.png", sample("png")), ("d.exe", b"MZ"), ("e.txt", b"")]
    answer = ana.post("/api/uploads/multiple", 201, files=[("files", file) for file in files]).json()
    assert [file["original_filename"] for file in answer["uploaded_files"]] == ["a.txt", "c.png"]
    assert (answer["total_uploaded"], answer["total_files"]) == (2, 5)
    assert [(error["filename"], error["code"]) for error in answer["errors"]] == [
        ("b.pdf", "file_type_mismatch"),
        ("d.exe", "file_type_not_allowed"),
        ("e.txt", "empty_file"),
    ]
    assert bytes_of(ana, answer["uploaded_files"][1]) == sample("png")
    all_well = ana.post("/api/uploads/multiple", 201, files=[("files", ("a.txt", b"uno"))]).json()
    assert not all_well["errors"]


def test_eleven_files_are_too_many_and_none_is_kept(ana):
    ten = [("files", (f"{n}.txt", b"hola")) for n in range(10)]
    answer = ana.post("/api/uploads/multiple", 201, files=ten).json()
    assert answer["total_uploaded"] == 10
    before = ana.get("/api/uploads/", 200).json()
    answer = ana.post("/api/uploads/multiple", 400, "too_many_files", files=[*ten, ten[0]]).json()
    assert answer["max_files"] == 10
    assert ana.get("/api/uploads/", 200).json() == before


def test_one_too_large_among_several_is_refused_alone(own_server):
    ana = Person(own_server(MAX_FILE_SIZE="100000"))
    files = [("files", ("a.txt", b"a" * 100_000)), ("files", ("b.txt", b"b" * 100_001)), ("files", ("c.txt", b"c"))]
    answer = ana.post("/api/uploads/multiple", 201, files=files).json()
    assert [file["original_filename"] for file in answer["uploaded_files"]] == ["a.txt", "c.txt"]
    assert answer["errors"][0]["code"] == "file_too_large"
    ana.post("/api/uploads/multiple", 413, "file_too_large", files=[("files", ("b.txt", b"b" * 3_000_000))])


def test_lists_show_ones_own_files(ana, ben):
    mine = [upload(ana, f"{n}.txt", b"hola").json()["id"] for n in range(3)]
    upload(ben, "otro.txt", b"hola")
    for path in ("/api/uploads/", "/api/users/me/files"):
        assert [file["id"] for file in ana.get(path, 200).json()] == mine
        assert [file["id"] for file in ana.get(path, 200, params={"skip": 1, "limit": 1}).json()] == mine[1:2]
        ana.get(path, 422, "validation_error", params={"limit": 0})


def test_what_may_be_uploaded_is_told(anyone):
    told = anyone.get("/api/uploads/types/allowed", 200).json()
    assert set(told["allowed_types"]) == {kind for kind, _ in SAMPLES.values()}
    assert (told["max_file_size_mb"], told["max_size_mb"], told["max_files"]) == (50, 50, 10)
    assert set(told["categories"]) == {"documents", "images", "audio", "video", "archives"}
    assert sorted(sum(told["categories"].values(), [])) == sorted(told["allowed_types"])


def test_the_quota_is_kept_and_told(own_server):
    ana = Person(own_server(USER_QUOTA="1000"))
    assert ana.get("/api/users/me/usage", 200).json() == {"used": 0, "files": 0, "quota": 1000}
    first = upload(ana, "a.txt", b"a" * 600).json()
    answer = upload(ana, "b.txt", b"b" * 401, 413, "quota_exceeded").json()
    assert (answer["used"], answer["quota"]) == (600, 1000)
    upload(ana, "b.txt", b"b" * 400)
    assert ana.get("/api/users/me/usage", 200).json() == {"used": 1000, "files": 2, "quota": 1000}
    ana.delete(f"/api/uploads/{first['id']}", 200)
    assert ana.get("/api/users/me/usage", 200).json()["used"] == 400


def test_equal_files_are_kept_once_and_are_two(own_server):
    server = own_server()
    ana, ben = Person(server), Person(server, "ben")
    one, other = (upload(somebody, "a.txt", b"igual").json() for somebody in (ana, ben))
    assert one["id"] != other["id"] and one["stored_filename"] != other["stored_filename"]
    assert len(blobs(server)) == 1
    ana.delete(f"/api/uploads/{one['id']}", 200)
    assert bytes_of(ben, other) == b"igual"


def test_a_client_that_vanishes_leaves_nothing(own_server):
    server = own_server()
    ana = Person(server)
    with Wire(server) as wire:
        wire.send(
            f"POST /api/uploads/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\nContent-Length: 9000000\r\n"
            "Content-Type: multipart/form-data; boundary=frontera\r\n\r\n"
        )
        wire.send(form(b"a.txt", b"a" * 5_000_000)[:5_000_000])
        wait_until(lambda: temporary(server), "the upload to begin")
    wait_until(lambda: not temporary(server), "the upload to be forgotten")
    assert blobs(server) == [] and ana.get("/api/uploads/", 200).json() == []


def test_who_asks_first_is_told_before_sending(server, ana):
    def head(token, size, path="/api/uploads/"):
        return (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {size}\r\n"
            "Expect: 100-continue\r\nContent-Type: multipart/form-data; boundary=frontera\r\n\r\n"
        )

    body = form(b"a.txt", b"hola")
    with Wire(server) as wire:
        assert wire.send(head(ana.token, len(body))).answer().status == 100
        assert wire.send(body).answer().status == 201
    for refused in (head("nadie", len(body)), head(ana.token, 60 * MB)):
        with Wire(server) as wire:
            assert wire.send(refused).answer().status in (401, 413)


def test_other_clients_upload_too(server, ana, tmp_path):
    path = tmp_path / "plano ñ.png"
    path.write_bytes(sample("png"))
    headers = {"Authorization": f"Bearer {ana.token}"}
    with path.open("rb") as file:
        by_requests = requests.post(f"{server.url}/api/uploads/", headers=headers, files={"file": file})
    assert by_requests.status_code == 201 and by_requests.json()["original_filename"] == "plano ñ.png"
    big = io.BytesIO(b"a" * (51 * MB))
    big.name = "grande.txt"
    assert requests.post(f"{server.url}/api/uploads/", headers=headers, files={"file": big}).status_code == 413

    printed = subprocess.run(
        ["curl", "-s", f"{server.url}/api/uploads/", "-H", f"Authorization: Bearer {ana.token}", "-F", f"file=@{path}"],
        capture_output=True,
        check=True,
    ).stdout
    assert json.loads(printed)["original_filename"] == "plano ñ.png"


def test_a_full_disk_is_507_and_nothing_is_half_written(tmp_path):
    """A small file system of its own for the data."""
    directory = tmp_path / "server"
    (directory / "data").mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(directory / "data")]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a tmpfs")
    server = Server(directory)
    try:
        ana = Person(server.start())
        small = upload(ana, "cabe.txt", b"a" * MB).json()
        upload(ana, "no_cabe.txt", b"b" * (20 * MB), 507, "storage_full")
        wait_until(lambda: not temporary(server), "the upload to be forgotten")
        assert len(blobs(server)) == 1 and bytes_of(ana, small) == b"a" * MB
        upload(ana, "tambien.txt", b"c" * MB)
    finally:
        server.stop()
        subprocess.run(["umount", str(directory / "data")], check=True)


def test_a_file_size_limit_is_507_too(own_server):
    """As a quota of the operating system: no right to mount is needed."""
    server = own_server()
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (3 * MB, 3 * MB))
    ana = Person(server)
    upload(ana, "no_cabe.txt", b"b" * (4 * MB), 507, "storage_full")
    wait_until(lambda: not temporary(server), "the upload to be forgotten")
    assert blobs(server) == []
    upload(ana, "cabe.txt", b"b" * MB)


def test_bytes_that_nobody_has_go_after_the_grace(own_server):
    server = own_server(FILE_GRACE_MINUTES="5")
    ana = Person(server)
    kept = upload(ana, "queda.txt", b"queda").json()
    gone = upload(ana, "va.txt", b"se va").json()
    ana.delete(f"/api/uploads/{gone['id']}", 200)
    assert len(blobs(server)) == 2
    server.stop()
    # What a crash left: bytes without a row, and one that was being written. All stored long ago.
    orphan = server.data / "blobs" / "00" / "11" / ("0011" + "2" * 60)
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"nadie")
    (server.data / "blobs" / "tmp" / "medio").write_bytes(b"medio")
    foreign = server.data / "blobs" / "00" / "nota.txt"
    foreign.write_bytes(b"de otro")
    long_ago = time.time() - 3600
    for path in (server.data / "blobs").glob("??/??/*"):
        os.utime(path, (long_ago, long_ago))
    server.start()
    wait_until(lambda: not orphan.exists(), "the orphan to be collected")
    assert len(blobs(server)) == 2, "a file that was deleted just now keeps its bytes for the grace"
    assert not temporary(server) and foreign.exists()
    assert bytes_of(ana, kept) == b"queda"
