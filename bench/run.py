#!/usr/bin/env python3
"""Runs the named workloads against the release binary and, where there is one, a reference.

The server has CPU 0, the load generator CPU 1. Server and reference are both up, and take turns of a fraction of a
second; each pair of turns gives one ratio, so that it compares what the machine gave both. Everything stays on the
loopback and is bounded in time. See bench/README.md.
"""

import argparse
import contextlib
import dataclasses
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
import typing

import files
from postgres import BareInserts, BareLoad, OnPostgres, TenRooms
from servers import BUILD, LOADER_CPU, ROOT, SERVER_CPU, Izpo, Load, Nginx, Raw

CPU, RATE, TIME, TAIL = "server_cpu_us_each", "per_second", "p50_us", "p99_us"
NAMES = {CPU: "CPU", RATE: "rate", TIME: "p50", TAIL: "p99"}


@dataclasses.dataclass
class Workload:
    load: typing.Callable  # (server) -> Load
    compared: str
    reference: typing.Callable | None = None  # () -> server
    ours: typing.Callable = Izpo
    load_reference: typing.Callable | None = None  # where it differs
    seconds: float = 0  # of a turn, where --seconds would be wrong
    turns: int = 0  # of a round, likewise
    goal: str = ""  # of the ratio, where it names nothing else
    also_compared: tuple = ()


def stored():
    return Raw(220)


def not_stored():
    return Raw(105, stored=False)


def fanout(sockets, per_tick):
    """Ten users with as many sockets each."""
    return lambda server: Load(server, "fanout", "--per-tick", per_tick,
                               paths=(server.seats(1, 10) * (sockets // 10)))


def typing_notices(sockets, rooms):
    """Its sender is a user apart, since no socket of a sender is told. Everybody follows all rooms, on one socket."""
    def load(server):
        sender, *others = server.seats_of_all_rooms(rooms, 11)
        return Load(server, "typing", paths=[sender, *(others * (sockets // 10))])
    return load


def sends(senders, *options):
    return lambda server: Load(server, "sends", *options, paths=server.seats(senders, 1))


def room_list(server):
    """100 public rooms of 10 members each: about 190 KB."""
    people = [user for user, _ in server.logins(1000)]
    for first in range(0, 1000, 10):
        server.room(people[first:first + 10])
    server.analyze()
    return Load(server, "get", "--path", "/api/rooms/", "--token", server.token, "--connections", 16)


def me(server):
    return Load(server, "get", "--path", "/api/users/me", "--token", server.token, "--connections", 16)


def history_of(messages):
    """The newest 50, about 35 KB, of a room with so many messages."""
    def load(server):
        path = "/history"
        if isinstance(server, Izpo):
            room = server.room([1])
            server.fill(room, messages)
            path = f"/api/rooms/{room}/messages"
        return Load(server, "get", "--path", path, "--token", server.token, "--connections", 16)
    return load


def pages(server):
    """Of each of ten rooms, the newest 50 messages and the 50 before its own in the middle."""
    options = []
    for room, middle in server.middles:
        for page in ("", f"?before={middle}"):
            options += ["--path", f"/api/rooms/{room}/messages{page}"]
    return Load(server, "get", *options, "--token", server.token, "--connections", 16)


def resumes(server):
    """16 sockets of all rooms, each of which comes back to one of ten rooms after the other and has missed 50 messages."""
    seat = f"/api/ws?token={server.token} {','.join(server.rooms)}"
    return Load(server, "resumes", "--after-seq", server.messages // 10 - 50, paths=[seat] * 16)


def few_messages():
    return TenRooms(10_000, beside=[10_000_000])


def joins(members, joining=50):
    return lambda server: Load(server, "joins", "--joining", joining, paths=server.seats(1, members + joining))


def one_loop():
    return Izpo(name="one loop", cpus=f"{SERVER_CPU},{LOADER_CPU}")


def two_loops():
    return Izpo(name="two loops", loops=2, cpus=f"{SERVER_CPU},{LOADER_CPU}")


WORKLOADS = {
    "fanout-100": Workload(fanout(100, 1), CPU, stored, goal="at most 1.25"),
    "fanout-100x4": Workload(fanout(100, 4), CPU, stored, goal="at most 1.15"),
    "fanout-1000": Workload(fanout(1000, 1), CPU, stored, goal="at most 1.10"),
    "typing-100": Workload(typing_notices(100, 600), CPU, not_stored, goal="at most 1.10, below 1.00 with io_uring"),
    "typing-1000": Workload(typing_notices(1000, 120), CPU, not_stored, goal="at most 1.10, below 1.00 with io_uring"),
    "sends-1": Workload(sends(1), RATE, stored, goal="p50 less than 1 ms above the reference"),
    "sends-8": Workload(sends(8), RATE, stored),
    "sends-64": Workload(sends(64), RATE, stored),
    "sends-64-ids": Workload(sends(64, "--client-ids"), RATE, stored),
    "sends-64x8": Workload(sends(64, "--in-flight", 8), RATE, stored,
                           goal="at least 40,000 messages/s, p99 under 20 ms"),
    "sends-64x8-ids": Workload(sends(64, "--in-flight", 8, "--client-ids"), RATE, stored),
    "me": Workload(me, RATE, lambda: Raw(250)),
    "me-nginx": Workload(me, RATE, Nginx, goal="at least 0.40"),
    "history": Workload(history_of(10_000), RATE, lambda: Raw(35_000)),
    "history-1m": Workload(history_of(1_000_000), RATE, lambda: Izpo(name="room of 100 messages"),
                           load_reference=history_of(100), goal="at least 4,000 answers/s, 0.80 to 1.20"),
    "joins": Workload(joins(10_000), CPU, lambda: Izpo(name="room of 100"), lambda: Izpo(name="room of 10,000"),
                      load_reference=joins(100), turns=1, goal="at most 2.00",
                      also_compared=(TIME,)),
    "room-list": Workload(room_list, RATE, goal="at least 500/s"),
    "postgres-sends-1": Workload(sends(1, "--client-ids"), RATE, lambda: BareInserts(1), OnPostgres, BareLoad,
                                 goal="p50 less than 1 ms above the reference"),
    # In half a second there are thirty commits of each writer, and the slowest one is its p99.
    "postgres-sends-64x8": Workload(sends(64, "--in-flight", 8, "--client-ids"), RATE, lambda: BareInserts(512),
                                    OnPostgres, BareLoad, seconds=3, turns=4, goal="at least 0.40, p99 under 30 ms",
                                    also_compared=(TAIL,)),
    "postgres-history": Workload(history_of(10_000), RATE, ours=OnPostgres),
    "postgres-history-1m": Workload(history_of(1_000_000), RATE, lambda: OnPostgres(name="room of 10,000 messages"),
                                    OnPostgres, history_of(10_000)),
    "postgres-history-10m": Workload(pages, TIME, few_messages, lambda: TenRooms(10_000_000),
                                     goal="at most 1.20"),
    "postgres-resumes-10m": Workload(resumes, TIME, few_messages, lambda: TenRooms(10_000_000),
                                     goal="at most 1.20"),
    "postgres-room-list": Workload(room_list, RATE, ours=OnPostgres, goal="at least 500/s"),
    "downloads-10k": Workload(files.small_downloads, RATE, lambda: files.NginxFiles(10_000),
                              lambda: files.IzpoFiles(10_000), goal="at least 0.40"),
    "scaling": Workload(fanout(1000, 4), CPU, one_loop, two_loops, goal="at most 1.10"),
}


def row(name, server, runs, compared):
    values = [run[compared] for run in runs]
    middle = {key: statistics.median(run[key] for run in runs) for key in (RATE, CPU, TIME, TAIL)}
    bound = " (the load generator was the limit)" if any(run["loader_bound"] for run in runs) else ""
    print(f"| {name} | {server} | {middle[RATE]:,.0f} {runs[0]['unit']}/s | {middle[CPU]:,.2f} | "
          f"{middle[TIME]:,.0f} / {middle[TAIL]:,.0f} | {spread(values)}{bound} |", flush=True)


def spread(values):
    """The middle half: what is outside of it, the machine's neighbours did."""
    if len(values) < 4:
        return f"{min(values):,.2f}–{max(values):,.2f}"
    low, _, high = statistics.quantiles(values, n=4)
    return f"{low:,.2f}–{high:,.2f}"


def wanted(name, goal):
    if goal:
        print(f"| {name} | wanted | {goal} | | | |", flush=True)


def measure(name, workload, options):
    ours, reference = [], []
    for _ in range(options.rounds):
        with contextlib.ExitStack() as stack:
            sides = [(workload.ours, workload.load, ours)]
            if workload.reference:
                sides.insert(0, (workload.reference, workload.load_reference or workload.load, reference))
            up = []
            for make, load, runs in sides:
                server = make()
                stack.callback(server.stop)
                loader = load(server)
                stack.callback(loader.stop)
                loader.turn(0.2)  # warm
                up.append((server, loader, runs))
            for turn in range(workload.turns or options.turns):
                for server, loader, runs in up if turn % 2 == 0 else reversed(up):
                    before = server.loop_cpu() if isinstance(server, Izpo) else {}
                    result = loader.turn(workload.seconds or options.seconds)
                    if before:
                        result["loops"] = {loop: cpu - before[loop] for loop, cpu in server.loop_cpu().items()}
                    runs.append(result | {"server": server.name})
    if reference:
        row(name, reference[0]["server"], reference, workload.compared)
    row(name, ours[0]["server"], ours, workload.compared)
    for compared in (workload.compared, *workload.also_compared) if reference else ():
        ratios = [mine[compared] / theirs[compared] for mine, theirs in zip(ours, reference)]
        print(f"| {name} | ratio of {NAMES[compared]} | **{statistics.median(ratios):.2f}** | | | {spread(ratios)} |",
              flush=True)
    wanted(name, workload.goal)
    if len(ours[0]["loops"]) > 1:
        shares = [min(run["loops"].values()) / sum(run["loops"].values()) for run in ours]
        print(f"| {name} | the lesser loop's share of the work | {statistics.median(shares):.2f} | | | {spread(shares)} |",
              flush=True)


def start_and_rest(_):
    """From exec to the first 200 of /health on an existing data directory, and the memory of an idle server."""
    server = Izpo()
    times = []
    try:
        for _ in range(20):
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(30)
            times.append(server.start() * 1000)
        time.sleep(2)
        print(f"| start | izpochat | median {statistics.median(times):.1f} ms of 20 | | | {spread(times)} |")
        print(f"| start | izpochat, at rest | {server.resident() / 1024:.1f} MB resident | | | |", flush=True)
    finally:
        server.stop()


def idle(name, seats):
    """10,000 sockets in 1,000 rooms, with nothing but heartbeats for two of their intervals."""
    def run(options):
        sockets = 10_000
        server = Izpo()
        try:
            paths = seats(server, sockets // 10)
            before = server.resident()
            load = Load(server, "idle", paths=paths)
            after = server.resident()
            result = load.turn(options.idle_seconds)
            load.stop()
            print(f"| {name} | izpochat | {(after - before) / sockets:.2f} KB resident a socket | "
                  f"{result[CPU]:.2f} a second | | |", flush=True)
            wanted(name, "at most 3 KB, and 3 µs a second")
        finally:
            server.stop()
    return run


def of_one_room(server, rooms):
    return server.seats(rooms, 10)


def of_all_rooms(server, rooms):
    return [line for _ in range(rooms) for line in server.seats_of_all_rooms(1, 10)]


def room(options):
    """10,000 members in one room, and a message a second."""
    server = Izpo()
    try:
        load = Load(server, "room", paths=server.seats(1, 10_000))
        row("room-10000", "izpochat", [load.turn(options.room_seconds)], TIME)
        wanted("room-10000", "p99 under 250,000 µs")
        load.stop()
    finally:
        server.stop()


ALONE = {"uploads-50m": files.uploads, "downloads-50m": files.downloads,
         "downloads-10k-chat": files.beside_small_downloads,
         "room-10000": room, "idle-10000": idle("idle-10000", of_one_room),
         "idle-10000-all": idle("idle-10000-all", of_all_rooms), "start": start_and_rest}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="*",
                        help=f"of {', '.join([*WORKLOADS, *ALONE])}; compare: all that have a reference; default: all")
    parser.add_argument("--rounds", type=int, default=3, help="how often server and reference are started anew")
    parser.add_argument("--turns", type=int, default=6, help="of each in a round")
    parser.add_argument("--seconds", type=float, default=0.5, help="of a turn")
    parser.add_argument("--idle-seconds", type=float, default=50, help="of idle-10000")
    parser.add_argument("--room-seconds", type=float, default=20, help="of room-10000")
    parser.add_argument("--against", metavar="BINARY", help="another build of the server is the reference")
    parser.add_argument("--against-setting", metavar="NAME=VALUE", action="append", default=[],
                        help="the server with this setting is the reference; may be repeated")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and stop what was started
    chosen = [name for name in options.workload if name != "compare"]
    if not chosen:
        chosen = [*WORKLOADS] if options.workload else [*WORKLOADS, *ALONE]
    unknown = {*chosen} - {*WORKLOADS, *ALONE}
    if unknown:
        parser.error(f"no such workload: {', '.join(sorted(unknown))}")
    if shutil.which("taskset") is None or os.cpu_count() < 2:
        sys.exit("bench: needs taskset (util-linux) and two CPUs")
    if options.against or options.against_setting:
        binary = options.against or BUILD / "izpochat"
        settings = dict(setting.split("=", 1) for setting in options.against_setting)
        other = " ".join(["other build"] * bool(options.against) + options.against_setting)
        for workload in WORKLOADS.values():
            workload.goal = ""
            workload.reference = lambda: Izpo(binary=binary, name=other, settings=settings)
            workload.load_reference = None
    revision = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    print(f"{cpu}, {os.cpu_count()} CPUs, Linux {os.uname().release}, commit {revision.stdout.strip()}, "
          f"{options.rounds} rounds of {options.turns} turns of {options.seconds:g} s\n")
    print("| workload | server | median | server CPU µs each | p50 / p99 µs | spread |\n|---|---|---|---|---|---|",
          flush=True)
    for name in chosen:
        if name in ALONE:
            ALONE[name](options)
        else:
            measure(name, WORKLOADS[name], options)


main()
