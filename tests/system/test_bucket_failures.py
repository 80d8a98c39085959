"""A bucket that fails, in every way that Google's storage may, and what users are told then."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from support import fake_storage as fake
from support.client import Person
from support.fake_storage import CHUNK_UNIT, FakeStorage
from support.raw import Wire
from support.server import Server, run
from support.waiting import wait_until

CHUNK = 2 * CHUNK_UNIT
LARGE = b"".join(b"%d;una linea\n" % number for number in range(80_000))  # between two and three chunks
assert 2 * CHUNK < len(LARGE) < 3 * CHUNK


@pytest.fixture(scope="module")
def shared_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeStorage]:
    made = FakeStorage(tmp_path_factory.mktemp("storage"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(shared_storage: FakeStorage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    own = Server(tmp_path_factory.mktemp("bucket"), shared_storage.settings(THREADS="1")).start()
    yield own
    own.stop()
    log = own.log()
    assert not any(secret in log for secret in ("secret-token", "upload-secret", "Bearer ", "PRIVATE KEY", "eyJ")), log


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    from support.client import connect

    with connect(server) as pool:
        yield pool


@pytest.fixture
def storage(shared_storage: FakeStorage) -> Iterator[FakeStorage]:
    """The storage, with every failure of a test taken in that test."""
    shared_storage.seen.clear()
    shared_storage.failures.clear()
    yield shared_storage
    assert shared_storage.all_taken(), shared_storage.failures


def upload(somebody, data=LARGE, expect=201, code=None, name="a.csv"):
    return somebody.post("/api/uploads/", expect, code, files={"file": (name, data)}).json()


def stored(storage, file):
    return storage.objects[file["stored_filename"]].data


def log_of(server):
    return server.log().splitlines()


@pytest.mark.parametrize("failure", [
    fake.says(503, "Backend Error"),
    fake.says(429, "rate limited", "rateLimitExceeded"),
    fake.says(500),
    fake.says(408),
    fake.cuts_connection,
], ids=["503", "429", "500", "408", "cut"])
@pytest.mark.parametrize("kind", ["begin", "chunk", "read"])
def test_what_may_pass_is_tried_again(storage, ana, kind, failure):
    storage.fail(kind, failure, failure)
    file = upload(ana)
    assert stored(storage, file) == LARGE
    assert httpx.get(file["public_url"]).content == LARGE
    if failure is not fake.cuts_connection:  # libcurl itself repeats what a kept connection did not take
        assert storage.seen["ask"] == (2 if kind == "chunk" else 0)


@pytest.mark.parametrize("failure", [
    fake.cuts_in_mid_chunk(0),
    fake.cuts_in_mid_chunk(1),
    fake.loses_answer,
    fake.takes_part(1),
], ids=["nothing of a chunk", "part of a chunk", "the answer lost", "part taken"])
@pytest.mark.parametrize("before", [0, 1, 2], ids=["first", "second", "last"])
def test_an_upload_goes_on_where_the_storage_is(storage, ana, before, failure):
    if before == 2 and failure is not fake.loses_answer:
        pytest.skip("the last chunk is shorter")
    storage.fail("chunk", *[lambda call: call.act()] * before, failure)
    file = upload(ana)
    assert stored(storage, file) == LARGE
    assert storage.seen["begin"] == 1


def test_a_refused_access_token_is_renewed_once(storage, ana):
    storage.fail("chunk", fake.says(401, "Invalid Credentials", "authError"))
    before = len(storage.tokens)
    file = upload(ana)
    assert stored(storage, file) == LARGE
    assert storage.seen["token"] == 1 and len(storage.tokens) == before + 1
    # And all tokens at once, in the middle of a download.
    storage.tokens.clear()
    assert httpx.get(file["public_url"]).content == LARGE
    assert storage.seen["token"] == 2


def test_a_token_that_cannot_be_had_is_said_and_nothing_is_lost(storage, server, ana):
    storage.tokens.clear()
    storage.fail("token", *[fake.refuses_token("invalid_grant", "Invalid JWT Signature.")] * 2)
    upload(ana, b"hola", 503, "storage_unavailable", "a.txt")
    assert any("it was revoked, or its account is gone" in line for line in log_of(server))
    storage.failures.clear()
    assert stored(storage, upload(ana, b"hola", name="a.txt")) == b"hola"


def test_a_storage_that_stays_away_is_a_503(storage, server, ana):
    objects = dict(storage.objects)
    storage.fail("begin", *[fake.says(503)] * 5)
    upload(ana, expect=503, code="storage_unavailable")
    storage.fail("chunk", fake.says(503))
    storage.fail("ask", *[fake.says(503)] * 4)
    upload(ana, expect=503, code="storage_unavailable")
    wait_until(lambda: storage.seen["cancel"] == 1, "the session to be cancelled")
    assert storage.objects == objects
    assert ana.get("/api/users/me/usage", 200).json()["files"] == 0
    file = upload(ana)
    storage.fail("read", *[fake.says(503)] * 5)
    ana.get(f"/api/uploads/{file['id']}/download", 503, "storage_unavailable")


def test_a_full_bucket_is_a_507(storage, ana):
    storage.fail("begin", fake.says(403, "The quota is exceeded", "quotaExceeded"))
    upload(ana, expect=507, code="storage_full")


def test_a_right_that_was_taken_away_is_a_503_at_once(storage, server, ana):
    storage.fail("begin", fake.says(403, f"{fake.ACCOUNT} does not have storage.objects.create access", "forbidden"))
    upload(ana, expect=503, code="storage_unavailable")
    assert any("does not have storage.objects.create access" in line for line in log_of(server))
    assert storage.seen["begin"] == 1


def test_a_session_that_was_forgotten_is_a_503(storage, ana):
    storage.fail("chunk", lambda call: call.act(), fake.says(410, "Gone"))
    upload(ana, expect=503, code="storage_unavailable")
    assert storage.seen["chunk"] == 2


def test_what_was_damaged_on_its_way_in_is_not_kept(storage, server, ana):
    objects = dict(storage.objects)
    storage.fail("chunk", lambda call: call.act(), lambda call: call.act(), fake.damages)
    upload(ana, expect=503, code="storage_unavailable")
    assert storage.seen["remove"] == 1 and storage.objects == objects
    assert any("CRC-32C" in line for line in log_of(server))
    assert ana.get("/api/uploads/", 200).json() == []


def test_what_was_damaged_on_its_way_out_is_not_given(storage, ana):
    small = upload(ana, b"hola", name="a.txt")
    storage.fail("read", fake.damages)
    ana.get(f"/api/uploads/{small['id']}/download", 503, "storage_unavailable")
    large = upload(ana)
    storage.fail("read", lambda call: call.act(), fake.damages)
    with pytest.raises(httpx.RemoteProtocolError):  # the answer has begun: it is cut before its end
        httpx.get(large["public_url"])
    assert httpx.get(large["public_url"]).content == LARGE


def test_bytes_that_are_gone_are_a_404(storage, ana):
    file = upload(ana, b"hola", name="a.txt")
    del storage.objects[file["stored_filename"]]
    ana.get(f"/api/uploads/{file['id']}/download", 404, "file_not_found")


def test_an_object_that_was_replaced_is_not_mixed_with_the_old_one(storage, ana):
    file = upload(ana)

    def replaced(call):
        storage.put(file["stored_filename"], b"x" * len(LARGE))
        return call.act()

    storage.fail("read", lambda call: call.act(), replaced)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(file["public_url"])


def test_a_client_that_vanishes_leaves_neither_object_nor_session(storage, server, ana):
    objects, sessions = dict(storage.objects), set(storage.sessions)
    head = (
        f"POST /api/uploads/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\nContent-Length: 9000000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    )
    with Wire(server) as wire:
        wire.send(head).send(LARGE)
        wait_until(lambda: storage.seen["chunk"] >= 1, "the first chunk")
    wait_until(lambda: storage.sessions.keys() <= sessions, "the session to be cancelled")
    assert storage.objects == objects


def test_a_slow_storage_holds_nobody_else(storage, server, ana, anyone):
    held = threading.Event()

    def slow(call):
        answer = call.act()
        assert held.wait(20)
        return answer

    storage.fail("chunk", slow)
    uploading = threading.Thread(target=upload, args=(ana.again(),))
    uploading.start()
    wait_until(lambda: storage.seen["chunk"] == 1, "the chunk that is held")
    room = ana.make_room()
    with ana.open(room) as chat:
        chat.say("hola")
        assert chat.until("message")["content"] == "hola"
    file = upload(ana, b"hola", name="a.txt")  # and another upload passes it
    assert httpx.get(file["public_url"]).content == b"hola"
    assert uploading.is_alive()
    held.set()
    uploading.join(20)
    assert not uploading.is_alive() and len(ana.get("/api/uploads/", 200).json()) == 2


def test_what_nobody_has_is_collected_and_nothing_of_others(storage, server, ana):
    file = upload(ana, b"hola", name="a.txt")
    epoch = storage.objects[file["stored_filename"]].resource["metadata"]["izpochat-database"]
    old = {"timeCreated": "2025-01-01T00:00:00.000Z"}

    def put(name, mark=None, **more):
        storage.put(name, b"x", **({"metadata": {"izpochat-database": mark}} if mark else {})).resource.update(more)
        return name

    orphans = [put(f"2025/01/{day:02}/huerfano.txt", epoch, **old) for day in range(1, 8)]
    others = [
        put("2025/01/01/de-otro.txt", "another database", **old),
        put("2025/01/01/sin-marca.txt", **old),
        put("informes/2025.pdf", epoch, **old),
        put("2025/01/01/reciente.txt", epoch),
    ]
    storage.objects[file["stored_filename"]].resource.update(old)
    storage.page_size = 3
    server.restart()
    wait_until(lambda: not any(name in storage.objects for name in orphans), "the orphans to go")
    assert all(name in storage.objects for name in [*others, file["stored_filename"]])
    storage.page_size = 1000


def test_one_that_is_stored_again_while_it_is_looked_at_stays(storage, server):
    file = upload(Person(server), b"hola", name="a.txt")
    epoch = storage.objects[file["stored_filename"]].resource["metadata"]["izpochat-database"]
    mark = {"metadata": {"izpochat-database": epoch}}
    name = "2025/02/02/otra-vez.txt"
    storage.put(name, b"x", **mark).resource["timeCreated"] = "2025-01-01T00:00:00Z"

    answers = []

    def stored_again(call):
        storage.put(name, b"y", **mark)
        answers.append(call.act())
        return answers[0]

    storage.fail("remove", stored_again)
    server.restart()
    wait_until(lambda: answers, "the removal")
    assert answers[0].status == 412 and storage.objects[name].data == b"y"
    del storage.objects[name]


# The start


@pytest.fixture
def own_storage(tmp_path) -> Iterator[FakeStorage]:
    made = FakeStorage(tmp_path)
    yield made
    made.close()


def refused_start(storage, tmp_path, **settings):
    """The one line with which the server does not start."""
    ended = run("serve", "--port", "0", directory=tmp_path, settings=storage.settings(**settings))
    assert ended.returncode == 1, ended
    lines = [line for line in ended.stderr.splitlines() if "applied migration" not in line]
    assert len(lines) == 1 and not any(secret in lines[0] for secret in ("PRIVATE", "secret", "eyJ")), ended.stderr
    return lines[0]


def test_the_start_says_that_there_is_no_such_bucket(own_storage, tmp_path):
    line = refused_start(own_storage, tmp_path, GCS_BUCKET_NAME="otro")
    assert 'there is no bucket "otro"' in line and "GCS_BUCKET_NAME" in line


@pytest.mark.parametrize(("content", "said"), [
    (None, "No such file"),
    (b"", "is empty"),
    (b"{", "is not JSON"),
    (b'{"type": "authorized_user", "refresh_token": "secret"}', "a person's login"),
    (b'{"type": "external_account"}', "not a service account's key"),
    (b'{"type": "service_account", "client_email": "a@b", "private_key": "-----BEGIN PRIVATE KEY-----\\nsecret"}',
     '"private_key" that is none'),
])
def test_the_start_says_what_is_wrong_with_the_key_file(own_storage, tmp_path, content, said):
    path = tmp_path / "otra.json"
    if content is not None:
        path.write_bytes(content)
    line = refused_start(own_storage, tmp_path, GOOGLE_APPLICATION_CREDENTIALS=str(path))
    assert said in line and f'GOOGLE_APPLICATION_CREDENTIALS="{path}"' in line and "name the JSON key file" in line


def test_the_start_says_that_the_key_was_revoked(own_storage, tmp_path):
    own_storage.fail("token", fake.refuses_token("invalid_grant", "Invalid JWT Signature."))
    line = refused_start(own_storage, tmp_path)
    assert f"Google refuses the key of {fake.ACCOUNT}" in line and "make a new key" in line


def test_the_start_says_that_the_clock_is_wrong(own_storage, tmp_path):
    text = (
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
        "Check your iat and exp values in the JWT claim."
    )
    own_storage.fail("token", fake.refuses_token("invalid_grant", text, date=time.time() - 7200))
    line = refused_start(own_storage, tmp_path)
    assert "this machine's clock is wrong by 7" in line and "set the clock" in line


def test_the_start_says_which_rights_are_missing(own_storage, tmp_path):
    own_storage.permissions -= {"storage.objects.create", "storage.objects.delete"}
    line = refused_start(own_storage, tmp_path)
    assert f"{fake.ACCOUNT} lacks storage.objects.create, storage.objects.delete" in line and "roles/storage" in line


def test_the_start_says_that_the_bucket_is_not_for_this_account(own_storage, tmp_path):
    own_storage.fail("list", fake.says(403, f"{fake.ACCOUNT} does not have storage.objects.list access to it.", "forbidden"))
    line = refused_start(own_storage, tmp_path)
    assert f"Google refuses {fake.ACCOUNT} the bucket" in line and "does not have storage.objects.list access" in line


def test_the_start_says_that_direct_links_need_a_key(own_storage, tmp_path):
    line = refused_start(own_storage, tmp_path, GOOGLE_APPLICATION_CREDENTIALS="", GCS_DIRECT_DOWNLOADS="yes")
    assert "GCS_DIRECT_DOWNLOADS" in line and "GOOGLE_APPLICATION_CREDENTIALS" in line


def test_the_start_says_that_there_is_no_account_at_all(own_storage, tmp_path):
    line = refused_start(own_storage, tmp_path, GOOGLE_APPLICATION_CREDENTIALS="", GCE_METADATA_HOST="127.0.0.1:1")
    assert "set GOOGLE_APPLICATION_CREDENTIALS" in line


def test_a_machine_of_googles_needs_no_key(own_storage, own_server):
    own = own_server(**own_storage.settings(GOOGLE_APPLICATION_CREDENTIALS="", GCE_METADATA_HOST=own_storage.host))
    file = upload(Person(own))
    assert stored(own_storage, file) == LARGE and own_storage.seen["metadata"] == 1
    assert httpx.get(file["public_url"]).content == LARGE


def test_a_stop_does_not_wait_for_a_storage_that_hangs(own_storage, own_server):
    own = own_server(**own_storage.settings())
    ana, held = Person(own), threading.Event()

    def hang(call):
        held.wait(60)
        return call.cut()

    own_storage.fail("chunk", hang)
    uploading = threading.Thread(target=upload, args=(ana, LARGE, 503, "shutting_down"))
    uploading.start()
    wait_until(lambda: own_storage.seen["chunk"] == 1, "the chunk that hangs")
    own.stop()
    uploading.join(20)
    wait_until(lambda: own_storage.seen["cancel"] == 1, "the session to be cancelled")
    held.set()


def test_chat_goes_on_while_the_storage_cannot_be_reached(own_storage, own_server):
    own = own_server(**own_storage.settings(GCS_ENDPOINT="http://127.0.0.1:1"))
    ana = Person(own)
    assert ana.say(ana.make_room(), "hola")["content"] == "hola"
    upload(ana, b"hola", 503, "storage_unavailable", "a.txt")
    warned = [line for line in log_of(own) if "files can be neither stored nor read now" in line]
    assert len(warned) == 1 and "127.0.0.1:1 cannot be reached" in warned[0]

