"""The workloads of files: 20 uploads of 50 MB at once, downloads of 50 MB, and what a chat beside them feels.

The client is on the load generator's CPU. It sends by sendfile and lets the kernel drop what it receives, so that the
server's CPU is the limit. Server and reference take turns, as everywhere."""

import contextlib
import itertools
import json
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from servers import BUILD, LOADER_CPU, ROOT, SERVER_CPU, Izpo, Load, Nginx

MB = 1_000_000
FILE = 50 * MB
AT_ONCE = 20
DOWNLOADS = 4  # connections


class Receiver:
    """The bare reference of uploads."""

    def __init__(self, *options):
        self.name = " ".join(["raw", *options])
        self.directory = tempfile.TemporaryDirectory(dir=ROOT / "build")
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, BUILD / "bench" / "bench_file_receiver", self.directory.name,
             *options],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.token = ""

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.process.stdout.close()
        self.directory.cleanup()


class NginxFiles(Nginx):
    """nginx with one file of so many bytes: `path`."""

    name = "nginx"

    def __init__(self, size):
        self.root = tempfile.TemporaryDirectory(dir=ROOT / "build")
        (pathlib.Path(self.root.name) / "file.txt").write_bytes(b"a" * size)
        # nginx opens it for each request, as a server that asks who may does.
        super().__init__(answer=f"root {self.root.name}; sendfile on; tcp_nopush on; default_type text/plain;")
        self.path = "/file.txt"

    def stop(self):
        super().stop()
        self.root.cleanup()


class IzpoFiles(Izpo):
    """The server with one uploaded file, at the path of its link."""

    def __init__(self, size):
        super().__init__()
        with connected(self) as link:
            answer = upload(link, self.token, size, lambda body: body.write(b"a" * size))
        self.path = "/" + json.loads(answer)["public_url"].split("/", 3)[3]


@contextlib.contextmanager
def connected(server):
    with socket.create_connection(("127.0.0.1", server.port)) as link:
        yield link


def answer_of(link):
    """The status and the body of an answer with a Content-Length."""
    with link.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        length = 0
        while (line := stream.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, stream.read(length)


def upload(link, token, size, send_body):
    """One file by multipart/form-data. Gives the answer's body."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    tail = b"\r\n--b--\r\n"
    link.sendall((f"POST /api/uploads/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
                  "Content-Type: multipart/form-data; boundary=b\r\n"
                  f"Content-Length: {len(head) + size + len(tail)}\r\n\r\n").encode() + head)
    with link.makefile("wb", buffering=0) as body:
        send_body(body)
    link.sendall(tail)
    status, answer = answer_of(link)
    if status != 201:
        sys.exit(f"bench: an upload was answered with {status}: {answer[:300]}")
    return answer


class Peak:
    """The most memory a process had resident while this was entered, in MB above what it had before."""

    def __init__(self, process):
        self.directory = pathlib.Path(f"/proc/{process.pid}")

    def _status(self, field):
        text = (self.directory / "status").read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(field)) / 1024

    def __enter__(self):
        (self.directory / "clear_refs").write_text("5")  # the peak begins anew (proc(5))
        self.before = self._status("VmRSS")
        return self

    def __exit__(self, *_):
        self.growth = self._status("VmHWM") - self.before


def all_at_once(work, count):
    """Runs work(number) in so many threads; the seconds until the last has ended."""
    failures = []

    def guarded(number):
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - also sys.exit
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(f"bench: {failures[0]!r}")
    return time.monotonic() - began


UPLOADS = itertools.count()


def upload_all(server, source):
    """20 uploads of 50 MB, whose bytes differ from all others: equal files would be kept once. MB a second."""
    def one(_):
        own = b"%032d" % next(UPLOADS)
        with connected(server) as link, open(source, "rb") as file:
            def send(body):
                body.write(own)
                link.sendfile(file, 0, FILE - len(own))
            upload(link, server.token, FILE, send)
    return AT_ONCE * FILE / MB / all_at_once(one, AT_ONCE)


def download_for(server, seconds):
    """Downloads over a few connections, one after the other on each. MB a second."""
    received = [0] * DOWNLOADS
    end = time.monotonic() + seconds

    def one(number):
        buffer = bytearray(1 << 20)
        with connected(server) as link:
            while time.monotonic() < end:
                link.sendall(f"GET {server.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
                head = b""
                while b"\r\n\r\n" not in head:
                    head += link.recv(1)
                if b" 200 " not in head.split(b"\r\n")[0] + b" ":
                    sys.exit(f"bench: a download was answered with {head[:100]}")
                left = FILE
                while left > 0:
                    # The kernel drops it: nothing is copied to this process (tcp(7), MSG_TRUNC).
                    count = link.recv_into(buffer, min(left, len(buffer)), socket.MSG_TRUNC)
                    if count == 0:
                        sys.exit("bench: a download was cut off")
                    left -= count
                    received[number] += count
    took = all_at_once(one, DOWNLOADS)
    return sum(received) / MB / took


def spread(values):
    return f"{min(values):,.2f}–{max(values):,.2f}"


def row(name, server, values, unit):
    print(f"| {name} | {server} | {statistics.median(values):,.0f} {unit} | | | {spread(values)} |", flush=True)


def compare(name, ours, theirs, reference, more):
    row(name, reference, theirs, "MB/s")
    row(name, "izpochat", ours, "MB/s")
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    print(f"| {name} | ratio of rate | **{statistics.median(ratios):.2f}** | | | {spread(ratios)} |", flush=True)
    for line in more:
        print(line, flush=True)


def chat_beside(name, server, work):
    """What a room of 100 others feels meanwhile: a message a second, and each delivery timed."""
    load = Load(server, "room", paths=server.seats(1, 100))
    load.turn(1)
    stop = threading.Event()

    def keep_on():
        while not stop.is_set():
            work()

    busy = threading.Thread(target=keep_on)
    busy.start()
    result = load.turn(8)
    stop.set()
    busy.join()
    load.stop()
    return f"| {name} | chat of 100 others meanwhile | | | {result['p50_us']:,.0f} / {result['p99_us']:,.0f} | |"


def uploads(options):
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(tempfile.NamedTemporaryFile(dir=ROOT / "build"))
        source.write(b"a line of a text that is long enough to be a file\n" * (FILE // 50))
        source.flush()
        raw, hashing = Receiver(), Receiver("blake3")
        stack.callback(raw.stop)
        stack.callback(hashing.stop)
        server = Izpo(settings={"USER_QUOTA": "0"})
        stack.callback(server.stop)
        upload_all(raw, source.name), upload_all(server, source.name)  # warm
        ours, theirs, hashed, growth = [], [], [], []
        for turn in range(options.rounds):
            def mine():
                with Peak(server.process) as peak:
                    ours.append(upload_all(server, source.name))
                growth.append(peak.growth)
            def other():
                theirs.append(upload_all(raw, source.name))
                hashed.append(upload_all(hashing, source.name))
            for side in (mine, other) if turn % 2 else (other, mine):
                side()
        compare("uploads-50m", ours, hashed, hashing.name, [])
        compare("uploads-50m", ours, theirs, raw.name, [
            f"| uploads-50m | izpochat, peak of the memory above what it had | {max(growth):.1f} MB | | | {spread(growth)} |",
            chat_beside("uploads-50m", server, lambda: upload_all(server, source.name))])


def downloads(options):
    with contextlib.ExitStack() as stack:
        nginx = NginxFiles(FILE)
        stack.callback(nginx.stop)
        server = IzpoFiles(FILE)
        stack.callback(server.stop)
        ours, theirs = [], []
        for side in (nginx, server):
            download_for(side, 0.2)
        for turn in range(options.rounds * options.turns):
            for side, rates in ((server, ours), (nginx, theirs)) if turn % 2 else ((nginx, theirs), (server, ours)):
                rates.append(download_for(side, options.seconds))
        compare("downloads-50m", ours, theirs, nginx.name,
                [chat_beside("downloads-50m", server, lambda: download_for(server, 1))])


def beside_small_downloads(options):
    server = IzpoFiles(10_000)
    load = small_downloads(server)
    try:
        print(chat_beside("downloads-10k", server, lambda: load.turn(1)), flush=True)
    finally:
        load.stop()
        server.stop()


def small_downloads(server):
    return Load(server, "get", "--path", server.path, "--token", server.token or "x", "--connections", 16)
