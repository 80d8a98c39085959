#!/usr/bin/env python3
"""Runs the named workloads against the release binary and, where there is one, the raw reference server.

The server has CPU 0, the load generator CPU 1. Reference and server take turns within one run, so that a ratio compares
what the machine gave both. Everything stays on the loopback and is bounded in time. See bench/README.md.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
SERVER_CPU, LOADER_CPU = "0", "1"
PASSWORD = "una-clave-de-banco-de-pruebas"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Raw:
    """The bare epoll reference."""

    name = "raw"

    def __init__(self, frame=220):
        self.directory = tempfile.TemporaryDirectory(dir=ROOT / "build")
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, BUILD / "bench" / "bench_raw_server",
             "--log", f"{self.directory.name}/log", "--frame", str(frame)],
            stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.token = ""

    def room_paths(self, rooms, users):
        return [f"/room{number}" for number in range(rooms) for _ in range(users)]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.directory.cleanup()


class Nginx:
    """`return 200` of one nginx process."""

    name = "nginx"

    def __init__(self, body=250):
        self.directory = tempfile.TemporaryDirectory(dir=ROOT / "build")
        self.port = free_port()
        self.token = ""
        configuration = pathlib.Path(self.directory.name) / "nginx.conf"
        configuration.write_text(f"""
            daemon off; master_process off; pid {self.directory.name}/pid; error_log stderr warn;
            events {{ worker_connections 1024; }}
            http {{
              access_log off; keepalive_requests 1000000000; default_type application/json;
              server {{ listen 127.0.0.1:{self.port}; return 200 "{'x' * body}"; }}
            }}""")
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CPU, "nginx", "-c", configuration])
        for _ in range(1000):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.01)
        sys.exit("bench: nginx did not start")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.directory.cleanup()


class Izpo:
    """The server, one loop, on a data directory of its own."""

    name = "izpochat"

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(dir=ROOT / "build")
        self.port = free_port()
        self.start()
        self.users = 0
        self.token = self.new_user()

    def start(self):
        environment = os.environ | {"THREADS": "1", "ACCESS_LOG": "false", "LOG_LEVEL": "warning"}
        began = time.monotonic()
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, BUILD / "izpochat", "serve", "--port", str(self.port),
             "--data-dir", f"{self.directory.name}/data"],
            env=environment, cwd=self.directory.name)
        while time.monotonic() - began < 10:
            with contextlib.suppress(OSError):
                if urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5).status == 200:
                    return time.monotonic() - began
            time.sleep(0.001)
        sys.exit("bench: the server did not start")

    def call(self, method, path, body=None, token=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        data = None if body is None else json.dumps(body).encode()
        return json.load(urllib.request.urlopen(request, data, timeout=30))

    def new_user(self):
        self.users += 1
        name = f"banco{self.users}"
        self.call("POST", "/api/users/register",
                  {"username": name, "email": f"{name}@example.org", "password": PASSWORD})
        return self.call("POST", "/api/users/login", {"username": name, "password": PASSWORD})["access_token"]

    def room_paths(self, rooms, users):
        tokens = [self.new_user() for _ in range(users)]
        paths = []
        for _ in range(rooms):
            room = self.call("POST", "/api/rooms/", {"name": "banco"}, tokens[0])["id"]
            paths += [f"/api/ws/{room}?token={token}" for token in tokens]
        return paths

    def fill(self, room, messages):
        """Puts messages of 200 bytes into an empty room, past the server: it reads them at its next look."""
        with contextlib.closing(sqlite3.connect(f"{self.directory.name}/data/izpochat.db", timeout=60)) as database:
            database.execute("PRAGMA synchronous = OFF")
            database.execute("""
                WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ?2)
                INSERT INTO messages (room_id, sender_id, seq, change_seq, created_at, content)
                SELECT ?1, 1, seq, seq, 1790000000000000 + seq, printf('%200d', seq) FROM n""", (room, messages))
            database.execute("UPDATE rooms SET last_seq = ?2 WHERE id = ?1", (room, messages))
            database.commit()

    def resident(self):
        """Resident memory in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.directory.cleanup()


def load(server, command, *options):
    output = subprocess.run(
        ["taskset", "-c", LOADER_CPU, BUILD / "bench" / "bench_loader", command, "--port", str(server.port),
         "--pid", str(server.process.pid), *map(str, options)],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)


def with_paths(paths):
    return [part for path in paths for part in ("--path", path)]


def fanout(sockets, per_tick):
    def run(server, seconds):
        paths = with_paths(server.room_paths(1, 10))
        return load(server, "fanout", *paths, "--sockets", sockets, "--per-tick", per_tick, "--seconds", seconds)
    return run


def sends(senders, *options):
    def run(server, seconds):
        return load(server, "sends", *with_paths(server.room_paths(senders, 1)), "--seconds", seconds, *options)
    return run


def me(server, seconds):
    return load(server, "get", "--path", "/api/users/me", "--token", server.token, "--connections", 16,
                "--seconds", seconds)


def history(server, seconds):
    """The newest 50 of a room with 10,000 messages."""
    if server.name == "raw":
        path = "/history"
    else:
        room = server.call("POST", "/api/rooms/", {"name": "historia"}, server.token)["id"]
        load(server, "sends", "--path", f"/api/ws/{room}?token={server.token}", "--most", 10_000, "--seconds", 60)
        path = f"/api/rooms/{room}/messages"
    return load(server, "get", "--path", path, "--token", server.token, "--connections", 16, "--seconds", seconds)


class SmallRoom(Izpo):
    """The server again, for what must not cost more in a large room."""

    name = "izpochat, 100 messages"


def history_of(messages):
    """The newest 50, about 35 KB, of a room with so many messages; with 100 for the reference."""
    def run(server, seconds):
        room = server.call("POST", "/api/rooms/", {"name": "historia"}, server.token)["id"]
        server.fill(room, 100 if server.name == SmallRoom.name else messages)
        return load(server, "get", "--path", f"/api/rooms/{room}/messages", "--token", server.token,
                    "--connections", 16, "--seconds", seconds)
    return run


# name: (what is run, what is compared, the reference: the raw server's frame or body in bytes, or another server;
# None: there is none)
CPU, RATE = "server_cpu_us_each", "per_second"
WORKLOADS = {
    "fanout-100": (fanout(100, 1), CPU, 220),
    "fanout-100x4": (fanout(100, 4), CPU, 220),
    "fanout-1000": (fanout(1000, 1), CPU, 220),
    "sends-1": (sends(1), RATE, 220),
    "sends-8": (sends(8), RATE, 220),
    "sends-64": (sends(64), RATE, 220),
    "sends-64-ids": (sends(64, "--client-ids"), RATE, 220),
    "sends-64x8": (sends(64, "--in-flight", 8), RATE, 220),
    "sends-64x8-ids": (sends(64, "--in-flight", 8, "--client-ids"), RATE, 220),
    "me": (me, RATE, 250),
    "me-nginx": (me, RATE, Nginx),
    "history": (history, RATE, 25_000),
    "history-1m": (history_of(1_000_000), RATE, SmallRoom),
}


def measure(name, rounds, seconds):
    run, compared, reference = WORKLOADS[name]
    results = {}
    make_reference = (lambda: Raw(reference)) if isinstance(reference, int) else reference
    for _ in range(rounds):
        for make in ([make_reference] if reference else []) + [Izpo]:
            server = make()
            try:
                results.setdefault(server.name, []).append(run(server, seconds))
            finally:
                server.stop()
    for server, runs in results.items():
        values = [result[compared] for result in runs]
        bound = " (the load generator was the limit)" if any(result["loader_bound"] for result in runs) else ""
        middle = {key: statistics.median(result[key] for result in runs)
                  for key in ("per_second", "server_cpu_us_each", "p50_us", "p99_us")}
        print(f"| {name} | {server} | {middle['per_second']:,.0f} {runs[0]['unit']}/s | "
              f"{middle['server_cpu_us_each']:.2f} | {middle['p50_us']:,.0f} / {middle['p99_us']:,.0f} | "
              f"{min(values):,.2f}–{max(values):,.2f}{bound} |")
    ours = results.pop(Izpo.name)
    for others in results.values():
        ratios = [mine[compared] / other[compared] for mine, other in zip(ours, others)]
        print(f"| {name} | ratio of {'CPU' if compared == CPU else 'rate'} | **{statistics.median(ratios):.2f}** | | | "
              f"{min(ratios):.2f}–{max(ratios):.2f} |", flush=True)


def start_and_rest():
    """From exec to the first 200 of /health on an existing data directory, and the memory of an idle server."""
    server = Izpo()
    times = []
    try:
        for _ in range(20):
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(30)
            times.append(server.start() * 1000)
        time.sleep(2)
        print(f"| start | izpochat | median {statistics.median(times):.1f} ms of 20 | | | "
              f"{min(times):.1f}–{max(times):.1f} |")
        print(f"| idle | izpochat | {server.resident():.1f} MB resident | | | |", flush=True)
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="*", help=f"default: all of {', '.join([*WORKLOADS, 'start'])}")
    parser.add_argument("--rounds", type=int, default=3, help="how often reference and server take turns")
    parser.add_argument("--seconds", type=float, default=3, help="of each measured part")
    options = parser.parse_args()
    unknown = set(options.workload) - {*WORKLOADS, "start"}
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    if shutil.which("taskset") is None or os.cpu_count() < 2:
        sys.exit("bench: needs taskset (util-linux) and two CPUs")
    revision = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{cpu}, {os.cpu_count()} CPUs, Linux {os.uname().release}, commit {revision.stdout.strip()}, "
          f"{options.rounds} rounds of {options.seconds:g} s\n")
    print("| workload | server | median | server CPU µs each | p50 / p99 µs | spread |\n|---|---|---|---|---|---|", flush=True)
    for name in options.workload or [*WORKLOADS, "start"]:
        if name == "start":
            start_and_rest()
        else:
            measure(name, options.rounds, options.seconds)


main()
