"""Smaller pictures of images: what they are, that their maker is held within limits, and that nothing depends on it."""

import contextlib
import io
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from PIL import Image

from support.client import Person
from support.samples import SVG, png_that_claims, sample
from support.waiting import wait_until

TYPES = {"jpg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
NONE = (None, None)


def picture(kind, size=(2000, 1500), exif=None):
    """A photo, as far as a scaler can tell."""
    image = Image.radial_gradient("L").resize(size)
    out = io.BytesIO()
    Image.merge("RGB", (image, image.rotate(90).resize(size), image)).save(out, kind, **({"exif": exif} if exif else {}))
    return out.getvalue()


def upload(somebody, name, data):
    return somebody.post("/api/uploads/", 201, files={"file": (name, data)}).json()


def urls(file):
    return file.get("thumbnail_url"), file.get("preview_url")


def seen(url):
    """The picture behind a link."""
    answer = httpx.get(url, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp"), answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    image = Image.open(io.BytesIO(answer.content))
    image.load()
    assert image.format == "WEBP"
    return image


def refused(url):
    answer = httpx.get(url, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (404, "thumbnail_not_available")


def program(directory, text, name="vipsthumbnail"):
    """A program in place of vipsthumbnail."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text("#!/bin/bash\n" + text)
    path.chmod(0o755)
    return str(path)


REAL = shutil.which("vipsthumbnail")


@pytest.mark.parametrize("extension", TYPES)
def test_images_of_every_type_have_two_smaller_pictures(ana, extension):
    file = upload(ana, f"foto.{extension}", picture(TYPES[extension]))
    small, large = urls(file)
    assert small.startswith(file["public_url"]) and large.startswith(file["public_url"])
    assert seen(small).size == (320, 240)
    assert seen(large).size == (1280, 960)
    assert ana.get(f"/api/uploads/{file['id']}", 200).json() == file


def test_a_small_image_stays_as_large_as_it_is(ana):
    for url in urls(upload(ana, "icono.png", sample("png"))):
        assert seen(url).size == (64, 48)


def test_a_photo_is_turned_and_does_not_say_where_it_was_taken(ana):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (19.0, 25.0, 57.0)
    exif[0x010F] = "Cámara Inventada"
    file = upload(ana, "foto.jpg", picture("JPEG", (800, 600), exif))
    assert (file["width"], file["height"]) == (600, 800)
    small = seen(file["thumbnail_url"])
    assert small.size == (240, 320)
    left = small.getexif()
    assert 0x010F not in left and not left.get_ifd(0x8825) and left.get(0x0112, 1) == 1


def test_everybody_who_sees_the_file_sees_its_pictures(ana, ben):
    room = ana.make_room()
    file = upload(ana, "foto.png", picture("PNG", (640, 480)))
    with ben.open(room) as chat:
        ana.post(f"/api/rooms/{room}/messages", 201, json={"content": "", "file_id": file["id"]})
        event = chat.until("message")
    assert urls(event["file"]) == urls(file) == urls(ben.history(room)[0]["file"])
    assert seen(event["file"]["thumbnail_url"]).size == (320, 240)
    ana.delete(f"/api/uploads/{file['id']}", 200)
    assert httpx.get(file["thumbnail_url"]).status_code == 404


def test_the_link_is_the_right_and_the_size_one_of_two(ana):
    file = upload(ana, "foto.png", picture("PNG", (640, 480)))
    small = file["thumbnail_url"]
    at = small.index("-") + 3
    forged = small[:at] + ("A" if small[at] != "A" else "B") + small[at + 1 :]
    assert httpx.get(forged).status_code == 404
    refused(file["public_url"] + "?size=321")
    refused(file["public_url"] + "?size=-1")
    assert httpx.get(file["public_url"] + "?size=x").status_code == 422
    text = upload(ana, "notas.txt", b"hola")
    assert urls(text) == NONE
    refused(text["public_url"] + "?size=320")


def test_pictures_are_cacheable(ana):
    small = upload(ana, "foto.png", sample("png"))["thumbnail_url"]
    first = httpx.get(small, timeout=60)
    assert "immutable" in first.headers["Cache-Control"]
    again = httpx.get(small, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_bomb_and_an_svg_have_none(ana):
    for name, data in (("grande.png", png_that_claims(30_000, 30_000)), ("dibujo.svg", SVG)):
        file = upload(ana, name, data)
        assert urls(file) == NONE
        refused(file["public_url"] + "?size=320")


def test_an_image_that_is_an_svg_inside_is_not_rendered(ana):
    """libvips goes by the content, not by the name: only what it trusts may read it. The bytes are a GIF's to
    everybody else."""
    file = upload(ana, "raro.gif", sample("gif") + SVG)
    assert seen(file["thumbnail_url"]).size == (64, 48)


def test_one_picture_is_made_once_however_many_ask(own_server, tmp_path):
    counting = program(tmp_path / "bin", f'echo >>"${{0%/*}}/runs"\nsleep 0.3\nexec {REAL} "$@"\n')
    server = own_server(THUMBNAIL_PROGRAM=counting)
    ana = Person(server)
    file = upload(ana, "foto.png", picture("PNG", (640, 480)))
    with ThreadPoolExecutor(20) as pool:
        images = list(pool.map(seen, [file["thumbnail_url"]] * 20))
    assert {image.size for image in images} == {(320, 240)}
    runs = tmp_path / "bin" / "runs"
    assert runs.read_text() == "\n"
    server.restart()
    assert seen(ana.get(f"/api/uploads/{file['id']}", 200).json()["thumbnail_url"]).size == (320, 240)
    assert runs.read_text() == "\n", "it was kept"


def test_half_a_picture_that_a_crash_left_is_made_anew(own_server):
    server = own_server()
    ana = Person(server)
    file = upload(ana, "foto.png", picture("PNG", (640, 480)))
    seen(file["thumbnail_url"])
    (kept,) = (server.data / "thumbnails").glob("??/*-320.webp")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100])
    assert seen(file["thumbnail_url"]).size == (320, 240)
    assert kept.read_bytes() == whole


def test_pictures_of_bytes_that_nobody_has_are_removed(own_server):
    server = own_server()
    ana = Person(server)
    for name, size in (("queda.png", (640, 480)), ("va.png", (480, 640))):
        seen(upload(ana, name, picture("PNG", size))["thumbnail_url"])
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "izpochat.db")) as database:
        database.execute("DELETE FROM file_uploads WHERE original_filename = 'va.png'")
        database.commit()
    server.start()
    pictures = server.data / "thumbnails"
    wait_until(lambda: len(list(pictures.glob("??/*.webp"))) == 1, "the other's picture to be removed")


BAD_PROGRAMS = {
    "hangs": ("exec sleep 1000", "it took longer than 1 s"),
    "turns in circles": ("while :; do :; done", ("it took longer than 1 s", "ended by signal")),
    "crashes": ("kill -SEGV $$", "ended by signal 11"),
    "fails": ("exit 3", "ended with 3"),
    "says nothing": ("exit 0", "not a whole WebP"),
    "says nonsense": ("echo RIFF nonsense", "not a whole WebP"),
    "never stops talking": ("exec yes", "it wrote too much"),
    "wants all memory": ("exec tail -c +0 /dev/zero | tail", ("ended with", "ended by signal", "it took longer")),
    "closes its output and stays": ("exec >&-\nexec sleep 1000", "it took longer than 1 s"),
}


@pytest.mark.parametrize("what", BAD_PROGRAMS)
def test_a_bad_program_costs_only_the_picture(own_server, tmp_path, what):
    text, logged = BAD_PROGRAMS[what]
    counting = program(tmp_path / "bin", f'echo >>"${{0%/*}}/runs"\n{text}\n')
    server = own_server(THUMBNAIL_PROGRAM=counting, THUMBNAIL_TIMEOUT_SECONDS="1")
    ana = Person(server)
    file = upload(ana, "foto.png", sample("png"))
    refused(file["thumbnail_url"])
    log = server.log()
    assert any(line in log for line in ([logged] if isinstance(logged, str) else logged)), log[-2000:]
    refused(file["thumbnail_url"])
    assert (tmp_path / "bin" / "runs").read_text() == "\n", "what failed is not tried again at once"
    assert httpx.get(file["public_url"]).content == sample("png")


def test_the_program_has_a_clean_environment_and_no_way_out(own_server, tmp_path):
    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

    with HTTPServer(("127.0.0.1", 0), Door) as door:
        threading.Thread(target=door.serve_forever, daemon=True).start()
        looking = program(
            tmp_path / "bin",
            f"""here=${{0%/*}}
env | grep -vE '^(_|SHLVL|PWD)=' | sort >$here/env
ls -l /proc/self/fd | wc -l >$here/descriptors
ulimit -v >$here/memory
if (exec 3<>/dev/tcp/127.0.0.1/{door.server_port}) 2>/dev/null; then echo out; else echo shut; fi >$here/network
exec {REAL} "$@"
""",
        )
        ana = Person(own_server(THUMBNAIL_PROGRAM=looking, SECRET_KEY="e" * 64))
        assert seen(upload(ana, "foto.png", sample("png"))["thumbnail_url"]).size == (64, 48)
        door.shutdown()
    found = {path.name: path.read_text() for path in (tmp_path / "bin").iterdir() if path.name != "vipsthumbnail"}
    assert found["network"] == "shut\n"
    assert "SECRET" not in found["env"] and found["env"].count("\n") == 5, found["env"]
    assert int(found["memory"]) == 1 << 20, "in KiB"
    # A line for the total; the three it has, and the one by which `ls` looks.
    assert int(found["descriptors"]) == 5


@pytest.mark.parametrize(
    "settings, logged", [({"THUMBNAIL_PROGRAM": "/nada/vipsthumbnail"}, True), ({"THUMBNAILS": "off"}, False)]
)
def test_without_the_program_everything_else_is_as_always(own_server, settings, logged):
    server = own_server(**settings)
    assert ("images have no thumbnails" in server.log()) == logged
    ana = Person(server)
    file = upload(ana, "foto.png", sample("png"))
    assert urls(file) == NONE and (file["width"], file["height"]) == (64, 48)
    refused(file["public_url"] + "?size=320")
    assert httpx.get(file["public_url"]).content == sample("png")


def test_a_stop_does_not_wait_for_a_picture(own_server, tmp_path):
    hanging = program(tmp_path / "bin", 'echo >"${0%/*}/runs"\nexec sleep 1000\n')
    server = own_server(THUMBNAIL_PROGRAM=hanging, THUMBNAIL_TIMEOUT_SECONDS="600")
    file = upload(Person(server), "foto.png", sample("png"))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(httpx.get, file["thumbnail_url"], timeout=60)
        wait_until((tmp_path / "bin" / "runs").exists, "the program to run")
        server.stop()
        asked.exception()
