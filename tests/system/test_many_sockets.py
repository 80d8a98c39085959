"""A thousand sockets in one room: all hear everything, in order, and all are told when the server stops.

`IZPO_SOCKETS` says how many.
"""

import asyncio
import json
import os
import time

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from support.client import Person
from support.waiting import PATIENCE

SOCKETS = int(os.environ.get("IZPO_SOCKETS", "1000"))
SOCKETS_A_PERSON = 50
OPENING = 50  # at once
MESSAGES = 20
TEXT = "de uno para todos " * 20


async def open_socket(person: Person, room: int, gate: asyncio.Semaphore, compresses: bool) -> ClientConnection:
    async with gate:
        return await connect(
            f"{person.server.ws_url}/api/ws/{room}?token={person.token}",
            compression="deflate" if compresses else None,
            open_timeout=4 * PATIENCE,
            ping_interval=None,
            max_queue=None,
            proxy=None,
        )


async def listen(socket: ClientConnection, heard: list[int]) -> int | None:
    """Notes the number of every message, until the close; its code."""
    try:
        while True:
            event = json.loads(await socket.recv())
            assert event["type"] != "error", event
            if event["type"] == "message":
                assert event["content"].startswith("de uno")
                heard.append(event["seq"])
    except ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else None


async def all_hear(people: list[Person], room: int, stop) -> list[tuple[list[int], int | None]]:
    gate = asyncio.Semaphore(OPENING)
    owners = [people[number % len(people)] for number in range(SOCKETS)]
    sockets = await asyncio.gather(
        *(open_socket(owner, room, gate, number % 2 == 0) for number, owner in enumerate(owners))
    )
    heard: list[list[int]] = [[] for _ in sockets]
    listeners = [asyncio.create_task(listen(socket, seqs)) for socket, seqs in zip(sockets, heard, strict=True)]
    for number in range(MESSAGES):
        await sockets[number].send(json.dumps({"content": TEXT}))
    end = time.monotonic() + 4 * PATIENCE
    while not all(len(seqs) == MESSAGES for seqs in heard):
        await asyncio.sleep(0.01)
        ended = [(number, listener.result()) for number, listener in enumerate(listeners) if listener.done()]
        assert not ended, f"closed before the stop, by number and code: {ended}"
        missing = {number: len(seqs) for number, seqs in enumerate(heard) if len(seqs) < MESSAGES}
        assert time.monotonic() < end, f"of {MESSAGES} messages these sockets heard: {missing}"
    stopping = asyncio.create_task(asyncio.to_thread(stop))
    codes = await asyncio.gather(*listeners)
    await stopping
    return list(zip(heard, codes, strict=True))


@pytest.mark.parametrize("io_uring", ["auto", "off"])
def test_a_thousand_sockets_hear_everything_and_are_told_of_the_stop(own_server, io_uring):
    server = own_server(WEBSOCKET_COMPRESSION="true", IO_URING=io_uring)
    people = [Person(server, "ana") for _ in range(max(1, SOCKETS // SOCKETS_A_PERSON))]
    room = people[0].make_room()
    found = asyncio.run(all_hear(people, room, server.stop))
    assert all(seqs == list(range(1, MESSAGES + 1)) for seqs, _ in found), "all, once, in order"
    assert {code for _, code in found} == {1012}
