"""Files out: who may have them, by which link, in which pieces, and how a browser must treat them."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from support.client import Person
from support.raw import Wire
from support.samples import SAMPLES, SVG, sample
from support.waiting import wait_until

INLINE = {"pdf", "jpg", "jpeg", "png", "gif", "webp", "mp3", "wav", "ogg", "mp4", "avi", "mov"}


def upload(somebody, name, data):
    return somebody.post("/api/uploads/", 201, files={"file": (name, data)}).json()


def download(somebody, file, expect=200, code=None, **request):
    return somebody.get(f"/api/uploads/{file['id']}/download", expect, code, **request)


def path_of(url):
    return "/" + url.split("/", 3)[3]


def post(somebody, room, file, content=""):
    return somebody.post(f"/api/rooms/{room}/messages", 201, json={"content": content, "file_id": file["id"]}).json()


def test_a_file_is_its_uploaders_until_it_is_posted(ana, ben):
    file = upload(ana, "a.txt", b"hola")
    for path in ("", "/download"):
        ben.get(f"/api/uploads/{file['id']}{path}", 404, "file_not_found")
    ben.delete(f"/api/uploads/{file['id']}", 404, "file_not_found")
    room = ana.make_room()
    post(ana, room, file)
    assert download(ben, file).content == b"hola"
    shown = ben.get(f"/api/uploads/{file['id']}", 200).json()
    assert shown["uploader"]["username"] == ana.username and shown["uploader"]["email"] is None
    ben.delete(f"/api/uploads/{file['id']}", 403, "not_uploader")
    ana.get("/api/uploads/999999999", 404, "file_not_found")
    ana.get("/api/uploads/x", 422, "validation_error")
    ana.delete("/api/uploads/x", 422, "validation_error")
    ana.get("/api/uploads/x/download", 422, "validation_error")


def test_a_file_in_a_private_room_is_its_members(ana, ben, eva):
    room = ana.make_room(is_private=True)
    ana.post(f"/api/rooms/{room}/members", 201, json={"user_id": ben.id})
    file = upload(ana, "a.txt", b"hola")
    post(ana, room, file)
    assert download(ben, file).content == b"hola"
    download(eva, file, 404, "file_not_found")
    ana.delete(f"/api/rooms/{room}/members/{ben.id}", 200)
    download(ben, file, 404, "file_not_found")


def test_only_ones_own_file_can_be_posted(ana, ben):
    file = upload(ana, "a.txt", b"hola")
    room = ana.make_room()
    ben.post(f"/api/rooms/{room}/messages", 404, "file_not_found", json={"content": "mira", "file_id": file["id"]})
    with ben.open(room) as chat:
        chat.say("mira", file_id=file["id"])
        assert chat.until("error")["code"] == "file_not_found"


def test_a_message_shows_its_file_everywhere(ana, ben):
    room = ana.make_room()
    file = upload(ana, "plano.png", sample("png"))
    with ben.open(room) as chat:
        message = post(ana, room, file)
        event = chat.until("message")
    assert message["file"] == file and message["file_id"] == file["id"] and message["file_deleted"] is False
    assert message["content"] == ""
    fields = ("id", "original_filename", "public_url", "content_type", "file_size", "width", "height")
    fields += ("thumbnail_url", "preview_url")
    assert event["file"] == {field: file[field] for field in fields}
    assert ben.history(room)[0]["file"]["public_url"] == file["public_url"]
    with ben.open(room, after_seq=0) as chat:
        assert chat.until("message")["file"] == event["file"]
    assert httpx.get(event["file"]["public_url"]).content == sample("png")


def test_a_deleted_file_is_gone_and_its_message_says_so(ana, ben):
    room = ana.make_room()
    file = upload(ana, "a.txt", b"hola")
    post(ana, room, file, "mira")
    assert httpx.get(file["public_url"]).status_code == 200
    assert ana.delete(f"/api/uploads/{file['id']}", 200).json()["message"]
    ana.delete(f"/api/uploads/{file['id']}", 404, "file_not_found")
    assert httpx.get(file["public_url"]).status_code == 404
    download(ana, file, 404, "file_not_found")
    shown = ben.history(room)[0]
    assert (shown["content"], shown["file"], shown["file_id"], shown["file_deleted"]) == ("mira", None, file["id"], True)


def test_who_is_connected_is_told_that_a_file_is_gone(ana, ben):
    room, other = ana.make_room(), ana.make_room()
    file = upload(ana, "a.txt", b"hola")
    with ben.open(room) as here, ben.open_all() as everywhere:
        everywhere.subscribe(room, other)
        first = post(ana, room, file, "mira")
        post(ana, other, file)
        ana.delete(f"/api/uploads/{file['id']}", 200)
        for chat in (here, everywhere):
            event = chat.until("message_updated", room_id=room)
            assert (event["id"], event["seq"], event["change_seq"]) == (first["id"], 1, 2)
            assert (event["file_id"], event["file"], event["file_deleted"]) == (file["id"], None, True)
            assert (event["content"], event["sender"]["id"]) == ("mira", ana.id)
            assert event["created_at"] == first["created_at"]
        assert everywhere.until("message_updated", room_id=other)["content"] == ""
        ana.say(room, "sigue")
        for chat in (here, everywhere):
            assert chat.until("message", room_id=room)["seq"] == 3


def test_who_comes_back_learns_that_a_file_is_gone(server, ana, ben):
    room = ana.make_room()
    file = upload(ana, "a.txt", b"hola")
    ana.say(room, "uno")  # 1
    post(ana, room, file, "dos")  # 2
    ana.say(room, "tres")  # 3
    post(ana, room, file, "cuatro")  # 4
    ana.delete(f"/api/uploads/{file['id']}", 200)  # 5 and 6

    def told(events):
        return [
            (e["type"], e["seq"], e.get("change_seq"), e.get("file_deleted", False)) for e in events if "content" in e
        ]

    def told_after(seq, count):
        """The first `count` that come back, and whatever comes behind them."""
        with ben.open(room, after_seq=seq) as chat:
            first = [event for _ in range(count) for event in chat.events_until(lambda event: "content" in event)]
            return told(first + chat.fence())

    two_changes = [("message_updated", 2, 5, True), ("message_updated", 4, 6, True)]
    assert told_after(4, 2) == two_changes
    with ben.open_all() as chat:
        chat.send(type="subscribe", rooms=[{"room_id": room, "after_seq": 4}])
        events = chat.events_until(lambda event: event["type"] == "subscribed")
        assert told(events) == two_changes and events[-1]["up_to"] == 6
    # What is newer comes once, as it is now, and what is older as changed: in the order of their numbers.
    assert told_after(2, 3) == [
        ("message", 3, None, False),
        ("message", 4, None, True),
        ("message_updated", 2, 5, True),
    ]
    assert told_after(5, 1) == two_changes[1:]
    assert told_after(6, 0) == []

    page = ben.get(f"/api/rooms/{room}/messages", 200, params={"after_seq": 2, "limit": 3}).json()
    assert [(m["seq"], m["change_seq"], m["file_deleted"]) for m in page] == [
        (3, 3, False),
        (4, 6, True),
        (2, 5, True),
    ]


def test_a_link_is_absolute_by_the_name_the_client_used(server, ana):
    file = upload(ana, "ñ a.txt", b"hola")
    assert file["public_url"].startswith(server.url + "/files/")
    other = ana.get(f"/api/uploads/{file['id']}", 200, headers={"Host": "chat.example.test:81"}).json()["public_url"]
    assert other.startswith("http://chat.example.test:81/files/") and path_of(other) == path_of(file["public_url"])
    room = ana.make_room()
    with ana.open(room) as here, Chatting(ana, room, "localhost") as there:
        post(ana, room, file)
        assert here.until("message")["file"]["public_url"].startswith("http://127.0.0.1:")
        assert there.until("message")["file"]["public_url"].startswith("http://localhost:")


class Chatting:
    """A socket of somebody who reaches the server by another name."""

    def __init__(self, person, room, host):
        from support.chat import Chat

        server = person.server
        other = object.__new__(type(server))
        other.__dict__ = server.__dict__ | {"ws_url": server.ws_url.replace("127.0.0.1", host)}
        self.chat = Chat(other, room, token=person.token)
        self.chat.greet()

    def __enter__(self):
        return self.chat.__enter__()

    def __exit__(self, *error):
        return self.chat.__exit__(*error)


def test_with_a_public_url_every_link_starts_there(own_server):
    ana = Person(own_server(PUBLIC_URL="https://chat.example.test/x"))
    file = upload(ana, "a.txt", b"hola")
    assert file["public_url"].startswith("https://chat.example.test/x/files/")
    room = ana.make_room()
    with ana.open(room) as chat:
        post(ana, room, file)
        assert chat.until("message")["file"]["public_url"] == file["public_url"]


def test_a_link_with_one_letter_changed_opens_nothing(ana, anyone):
    file = upload(ana, "a.txt", b"hola")
    path = path_of(file["public_url"])
    identity, link, name = re.fullmatch(r"/files/(\d+)/([^/]+)/(.+)", path).groups()
    anyone.get(path, 200)
    other = upload(ana, "b.txt", b"otro")
    wrong = [f"/files/{other['id']}/{link}/{name}", f"/files/{identity}/{link}x/{name}", f"/files/{identity}/0/{name}"]
    wrong += [f"/files/{identity}/{link[:at]}{'A' if link[at] != 'A' else 'B'}{link[at + 1:]}/{name}" for at in range(len(link))]
    for path in wrong:
        anyone.get(path, 404, "file_not_found")
    anyone.get(f"/files/x/{link}/{name}", 422, "validation_error")
    assert anyone.get(f"/files/{identity}/{link}/otro%20nombre.txt", 200).content == b"hola"


def test_a_link_ends(own_server, anyone):
    server = own_server(FILE_URL_TTL="1")
    ana = Person(server)
    file = upload(ana, "a.txt", b"hola")
    wait_until(lambda: httpx.get(file["public_url"]).status_code == 404, "the link to end")
    ana.get(path_of(file["public_url"]), 404, "link_expired")
    fresh = wait_until_fresh(ana, file)
    assert fresh["public_url"] != file["public_url"]


def wait_until_fresh(somebody, file):
    return somebody.get(f"/api/uploads/{file['id']}", 200).json()


def test_a_link_can_be_for_ever(own_server):
    ana = Person(own_server(FILE_URL_TTL="0"))
    answer = httpx.get(upload(ana, "a.txt", b"hola")["public_url"])
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_links_are_the_same_within_a_window_and_cacheable(ana, anyone):
    file = upload(ana, "a.png", sample("png"))
    assert wait_until_fresh(ana, file)["public_url"] == file["public_url"]
    answer = anyone.get(path_of(file["public_url"]), 200)
    age = int(re.fullmatch(r"private, max-age=(\d+), immutable", answer.headers["Cache-Control"]).group(1))
    assert 5 * 24 * 3600 < age <= 7 * 24 * 3600
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("extension", SAMPLES)
def test_only_what_runs_nothing_is_shown_in_place(ana, anyone, extension):
    file = upload(ana, f"muestra.{extension}", sample(extension))
    answer = anyone.get(path_of(file["public_url"]), 200)
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    kind = "inline" if extension in INLINE else "attachment"
    assert headers["Content-Disposition"] == f'{kind}; filename="muestra.{extension}"'
    assert ("sandbox" in policy) == (kind == "attachment")
    assert headers["Content-Type"].split(";")[0] == file["content_type"]


def test_an_svg_with_a_script_is_only_saved(ana, anyone):
    file = upload(ana, "dibujo.svg", SVG)
    headers = anyone.get(path_of(file["public_url"]), 200).headers
    assert headers["Content-Disposition"].startswith("attachment") and "sandbox" in headers["Content-Security-Policy"]


def test_names_come_back_in_every_script(ana):
    file = upload(ana, 'plano "ñ" 日本; 50%.txt', b"hola")
    disposition = download(ana, file).headers["Content-Disposition"]
    plain = re.search(r'filename="([^"]*)"', disposition).group(1)
    assert plain.isascii() and plain.endswith(".txt")
    assert "filename*=UTF-8''plano%20%22%C3%B1%22%20%E6%97%A5%E6%9C%AC%3B%2050%25.txt" in disposition


LARGE = bytes(range(256)) * 4000 + b"fin"


@pytest.fixture(scope="module")
def large(server, http):
    ana = Person(server, http=http)
    body = LARGE.hex().encode()
    return ana, upload(ana, "largo.txt", body), body


@pytest.mark.parametrize(
    "wanted, first, last",
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=2048000-", 2_048_000, 2_048_005),
        ("bytes=-6", 2_048_000, 2_048_005),
        ("bytes=5-99999999999999999999", 5, 2_048_005),
        ("bytes=-99999999", 0, 2_048_005),
        ("BYTES=1-2", 1, 2),
    ],
)
def test_a_range_is_answered_with_that_part(large, wanted, first, last):
    ana, file, body = large
    for answer in (
        download(ana, file, 206, headers={"Range": wanted}),
        ana.get(path_of(file["public_url"]), 206, headers={"Range": wanted}),
    ):
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(body)}"
        assert answer.content == body[first : last + 1]


@pytest.mark.parametrize("wanted", ["bytes=5-4", "bytes=a-b", "lines=1-2", "bytes=", "bytes=-", "bytes=0-1,5-6", "5-6"])
def test_what_is_no_range_or_several_is_answered_whole(large, wanted):
    ana, file, body = large
    assert download(ana, file, 200, headers={"Range": wanted}).content == body


@pytest.mark.parametrize("wanted", ["bytes=2048006-", "bytes=99999999-", "bytes=-0"])
def test_a_range_past_the_end_is_416(large, wanted):
    ana, file, body = large
    for path in (f"/api/uploads/{file['id']}/download", path_of(file["public_url"])):
        answer = ana.get(path, 416, "range_not_satisfiable", headers={"Range": wanted})
        assert answer.headers["Content-Range"] == f"bytes */{len(body)}"


def test_copies_are_compared(large):
    ana, file, body = large
    whole = download(ana, file)
    etag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
    assert whole.headers["Accept-Ranges"] == "bytes"
    for path in (f"/api/uploads/{file['id']}/download", path_of(file["public_url"])):
        same = ana.get(path, 304, headers={"If-None-Match": etag})
        assert same.content == b"" and same.headers["ETag"] == etag
        ana.get(path, 304, headers={"If-Modified-Since": modified})
    assert download(ana, file, 200, headers={"If-None-Match": '"otra"'}).content == body
    some = {"Range": "bytes=0-3"}
    for good in (etag, modified):
        assert download(ana, file, 206, headers=some | {"If-Range": good}).content == body[:4]
    for old in ('"otra"', "W/" + etag, "Thu, 01 Jan 1970 00:00:00 GMT"):
        assert download(ana, file, 200, headers=some | {"If-Range": old}).content == body


def test_head_tells_without_the_bytes(large, server):
    ana, file, body = large
    with Wire(server) as wire:
        for size, field in ((len(body), ""), (len(body), "Range: bytes=0-3\r\n")):
            wire.send(f"HEAD {path_of(file['public_url'])} HTTP/1.1\r\nHost: x\r\n{field}\r\n")
            answer = wire.answer(head=True)
            assert answer.status == 200 and int(answer.headers["content-length"]) == size
            assert answer.headers["content-type"].startswith("text/plain")


def test_many_read_at_once_and_slowly(large):
    ana, file, body = large

    def read(_):
        with ana.http.stream("GET", path_of(file["public_url"])) as answer:
            return b"".join(answer.iter_bytes(10_000)) == body

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(32)))


def test_links_do_not_reach_the_log(own_server):
    server = own_server()
    ana = Person(server)
    file = upload(ana, "a.txt", b"hola")
    httpx.get(file["public_url"])
    link = path_of(file["public_url"]).split("/")[3]
    server.stop()
    assert "/files/" in server.log() and link not in server.log() and link.split("-")[1] not in server.log()
