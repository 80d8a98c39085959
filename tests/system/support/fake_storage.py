"""Google's side of the wire, as far as the server uses it, and its failures: the token endpoint, the metadata server and
the JSON API of one bucket.

It is stricter than the emulator: access tokens are asked for and end, an assertion's signature is checked by OpenSSL,
chunks must be multiples of 256 KiB, preconditions and generations count, lists come in pages."""

import base64
import json
import re
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import google_crc32c

BUCKET = "files"
CHUNK_UNIT = 256 * 1024
ACCOUNT = "chat@project.iam.gserviceaccount.com"
CUT = object()  # the answer of a handler that has closed the connection instead


@dataclass
class Answer:
    status: int
    body: dict | bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def refused(status: int, message: str, reason: str = "") -> Answer:
    """As the JSON API says it."""
    return Answer(status, {"error": {"code": status, "message": message, "errors": [{"message": message, "reason": reason}]}})


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.Checksum(data).digest()).decode()


@dataclass
class Object:
    data: bytes = field(repr=False)
    generation: int
    resource: dict


@dataclass
class Session:
    name: str
    resource: dict
    data: bytearray = field(default_factory=bytearray)
    object: Object | None = None


class Call:
    """A request as a failure sees it."""

    def __init__(self, fake: "FakeStorage", handler: "Handler", kind: str, act: Callable[[], object]):
        self.fake, self.handler, self.kind, self.act = fake, handler, kind, act

    def cut(self) -> object:
        """Closes the connection without an answer."""
        self.handler.close_connection = True
        self.handler.connection.close()
        return CUT


Failure = Callable[[Call], object]


def says(status: int, message: str = "", reason: str = "", **headers: str) -> Failure:
    def fail(call: Call) -> Answer:
        call.handler.body()
        answer = refused(status, message, reason)
        answer.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return answer

    return fail


def refuses_token(error: str, description: str, date: float | None = None) -> Failure:
    def fail(call: Call) -> Answer:
        call.handler.body()
        call.handler.date = date
        return Answer(400, {"error": error, "error_description": description})

    return fail


def cuts_connection(call: Call) -> object:
    return call.cut()


def cuts_in_mid_chunk(units: int) -> Failure:
    """Takes so many times 256 KiB of the body, and closes."""

    def fail(call: Call) -> object:
        session = call.fake.session_of(call.handler)
        session.data += call.handler.rfile.read(units * CHUNK_UNIT)
        return call.cut()

    return fail


def loses_answer(call: Call) -> object:
    """Does what it was asked, and closes without saying so."""
    call.act()
    return call.cut()


def takes_part(units: int) -> Failure:
    """Commits so many times 256 KiB of a chunk, and says so."""

    def fail(call: Call) -> Answer:
        session = call.fake.session_of(call.handler)
        session.data += call.handler.body()[: units * CHUNK_UNIT]
        return call.fake.progress(session)

    return fail


def damages(call: Call) -> object:
    """Stores other bytes than it was sent, or gives others than it stored."""
    answer = call.act()
    assert isinstance(answer, Answer)
    if isinstance(answer.body, bytes):
        answer.body = bytes([answer.body[0] ^ 1]) + answer.body[1:]
    else:
        answer.body = answer.body | {"crc32c": crc32c(b"other bytes")}
    return answer


class FakeStorage:
    """Listens on a free port of 127.0.0.1. `failures[kind]` are taken one after another by requests of that kind: token,
    metadata, list, permissions, begin, chunk, ask, cancel, read, stat, remove."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.lock = threading.Lock()
        self.objects: dict[str, Object] = {}
        self.sessions: dict[str, Session] = {}
        self.tokens: set[str] = set()
        self.token_lifetime = 3600
        self.permissions = {f"storage.objects.{right}" for right in ("create", "delete", "get", "list")}
        self.bucket = BUCKET
        self.page_size = 1000
        self.failures: dict[str, list[Failure]] = {}
        self.seen: Counter[str] = Counter()
        self.agents: set[str] = set()
        self.slow = 0.0  # seconds before each answer of the storage
        self._generation = time.time_ns()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": self}))
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = "http://" + self.host
        self.key_file = directory / "key.json"
        self._public_key = directory / "public.pem"
        self._make_key()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **more: str) -> dict[str, str]:
        return {
            "GCS_BUCKET_NAME": BUCKET,
            "GCS_ENDPOINT": self.url,
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.key_file),
        } | more

    def fail(self, kind: str, *failures: Failure) -> None:
        self.failures.setdefault(kind, []).extend(failures)

    def all_taken(self) -> bool:
        return not any(self.failures.values())

    # What it does

    def token(self, handler: "Handler") -> Answer:
        form = parse_qs(handler.body().decode())
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        signed, _, signature = form["assertion"][0].rpartition(".")
        header, claims = (json.loads(_unpadded(part)) for part in signed.split("."))
        assert header["alg"] == "RS256" and header["kid"] == "key1"
        assert claims["iss"] == ACCOUNT and claims["aud"] == self.url + "/token"
        assert claims["scope"] == "https://www.googleapis.com/auth/devstorage.read_write"
        assert abs(claims["iat"] - time.time()) < 60 and claims["exp"] - claims["iat"] == 3600
        self._verify(signed.encode(), _unpadded(signature))
        return self._new_token()

    def metadata(self, handler: "Handler") -> Answer:
        assert handler.headers["Metadata-Flavor"] == "Google"
        return self._new_token()

    def _new_token(self) -> Answer:
        token = f"secret-token-{len(self.tokens) + 1}-{time.time_ns()}"
        self.tokens.add(token)
        return Answer(200, {"access_token": token, "expires_in": self.token_lifetime, "token_type": "Bearer"})

    def list(self, handler: "Handler") -> Answer:
        query = handler.query
        names = sorted(name for name in self.objects if query.get("startOffset", "") <= name < query.get("endOffset", "~"))
        names = [name for name in names if name > query.get("pageToken", "")]
        page = names[: min(int(query["maxResults"]), self.page_size)]
        body: dict = {"items": [self.objects[name].resource for name in page]} if page else {}
        if len(page) < len(names):
            body["nextPageToken"] = page[-1]
        return Answer(200, body)

    def test_permissions(self, handler: "Handler") -> Answer:
        asked = parse_qs(urlsplit(handler.path).query)["permissions"]
        return Answer(200, {"permissions": [right for right in asked if right in self.permissions]})

    def begin(self, handler: "Handler") -> Answer:
        resource = json.loads(handler.body())
        name = handler.query["name"]
        assert handler.query["ifGenerationMatch"] == "0" and resource["name"] == name
        if name in self.objects:
            return refused(412, "At least one of the pre-conditions you specified did not hold.", "conditionNotMet")
        session = f"upload-secret-{len(self.sessions) + 1}"
        self.sessions[session] = Session(name, resource)
        return Answer(200, headers={"Location": f"{self.url}/upload/storage/v1/b/{BUCKET}/o?uploadType=resumable&upload_id={session}"})

    def session_of(self, handler: "Handler") -> Session:
        return self.sessions[handler.query["upload_id"]]

    @staticmethod
    def progress(session: Session) -> Answer:
        return Answer(308, headers={"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {})

    def chunk(self, handler: "Handler") -> Answer:
        body = handler.body()
        session = self.sessions.get(handler.query["upload_id"])
        if session is None:
            return refused(404, "No such upload")
        if session.object:
            return Answer(200, session.object.resource)
        said = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", handler.headers["Content-Range"])
        assert said
        total = None if said[3] == "*" else int(said[3])
        if said[1]:
            start, end = int(said[1]), int(said[2])
            known = len(session.data) - start  # what is sent again is not looked at, as Google says
            assert known >= 0, "something was left out"
            assert end - start + 1 == len(body)
            assert total is not None or len(body) % CHUNK_UNIT == 0
            session.data += body[known:]
        if total is None or len(session.data) < total:
            return self.progress(session)
        assert len(session.data) == total
        if session.name in self.objects:
            return refused(412, "At least one of the pre-conditions you specified did not hold.", "conditionNotMet")
        session.object = self.put(session.name, bytes(session.data), **session.resource)
        session.data = bytearray()
        return Answer(200, session.object.resource)

    def put(self, name: str, data: bytes, /, **resource: object) -> Object:
        self._generation += 1
        made = Object(data, self._generation, {})
        made.resource = dict(resource) | {
            "name": name,
            "size": str(len(data)),
            "crc32c": crc32c(data),
            "generation": str(made.generation),
            "timeCreated": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        self.objects[name] = made
        return made

    def cancel(self, handler: "Handler") -> Answer:
        self.sessions.pop(handler.query["upload_id"])
        return Answer(499)

    def read(self, handler: "Handler") -> Answer:
        found = self.objects.get(handler.name)
        if found is None or handler.query.get("generation", str(found.generation)) != str(found.generation):
            return refused(404, "No such object")
        headers = {
            "X-Goog-Generation": str(found.generation),
            "X-Goog-Hash": f"crc32c={found.resource['crc32c']}",
            "Content-Type": "application/octet-stream",
        }
        first, last = map(int, re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers["Range"]).groups())
        if first >= len(found.data):
            return Answer(416, headers=headers | {"Content-Range": f"bytes */{len(found.data)}"})
        piece = found.data[first : last + 1]
        place = f"bytes {first}-{first + len(piece) - 1}/{len(found.data)}"
        return Answer(206, piece, headers | {"Content-Range": place})

    def stat(self, handler: "Handler") -> Answer:
        found = self.objects.get(handler.name)
        return Answer(200, found.resource) if found else refused(404, "No such object")

    def remove(self, handler: "Handler") -> Answer:
        found = self.objects.get(handler.name)
        if found is None:
            return refused(404, "No such object")
        if handler.query.get("ifGenerationMatch", str(found.generation)) != str(found.generation):
            return refused(412, "conditionNotMet")
        del self.objects[handler.name]
        return Answer(204)

    # Its key

    def _make_key(self) -> None:
        private = self.directory / "private.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-out", private], check=True, capture_output=True)
        subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", self._public_key], check=True)
        self.key = {
            "type": "service_account",
            "private_key_id": "key1",
            "private_key": private.read_text(),
            "client_email": ACCOUNT,
            "token_uri": self.url + "/token",
        }
        self.key_file.write_text(json.dumps(self.key))

    def _verify(self, signed: bytes, signature: bytes) -> None:
        path = self.directory / "signature"
        path.write_bytes(signature)
        subprocess.run(
            ["openssl", "dgst", "-sha256", "-verify", self._public_key, "-signature", path],
            input=signed,
            check=True,
            capture_output=True,
        )


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Handler(BaseHTTPRequestHandler):
    fake: FakeStorage
    protocol_version = "HTTP/1.1"
    date: float | None = None

    def log_message(self, *_: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(timestamp if self.date is None else self.date)

    def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return self._body

    def kind(self) -> tuple[str, Callable[["Handler"], Answer]] | None:
        fake, path = self.fake, urlsplit(self.path).path
        if path == "/token":
            return "token", fake.token
        if path.startswith("/computeMetadata/"):
            return "metadata", fake.metadata
        if path == f"/upload/storage/v1/b/{BUCKET}/o":
            if self.command == "POST":
                return "begin", fake.begin
            if self.command == "DELETE":
                return "cancel", fake.cancel
            asks = self.headers["Content-Range"].startswith("bytes */")
            return "ask" if asks else "chunk", fake.chunk
        if path == f"/storage/v1/b/{BUCKET}/o":
            return "list", fake.list
        if path == f"/storage/v1/b/{BUCKET}/iam/testPermissions":
            return "permissions", fake.test_permissions
        if path.startswith(f"/storage/v1/b/{BUCKET}/o/"):
            self.name = unquote(path.split("/o/", 1)[1])
            if self.command == "DELETE":
                return "remove", fake.remove
            return ("read", fake.read) if self.query.get("alt") == "media" else ("stat", fake.stat)
        return None

    def answer(self) -> object:
        fake = self.fake
        self.__dict__.pop("_body", None)
        self.date = None
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        found = self.kind()
        if found is None:
            self.body()
            return refused(404, "The specified bucket does not exist.", "notFound")
        kind, act = found
        with fake.lock:
            fake.seen[kind] += 1
            failures = fake.failures.get(kind)
            failure = failures.pop(0) if failures else None
        if kind not in ("token", "metadata"):
            scheme, _, token = self.headers.get("Authorization", "").partition(" ")
            if failure is None and (scheme != "Bearer" or token not in fake.tokens):
                self.body()
                return refused(401, "Invalid Credentials", "authError")
            time.sleep(fake.slow)

        def locked() -> Answer:
            self.body()
            with fake.lock:
                return act(self)

        return failure(Call(fake, self, kind, locked)) if failure else locked()

    def handle_any(self) -> None:
        try:
            answer = self.answer()
        except AssertionError as error:
            answer = refused(400, f"the server broke a rule: {error!r}")
        if answer is CUT:
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any
