"""The upgrade to a WebSocket (RFC 6455 §4.2), byte by byte, and what comes with it."""

import asyncio
import json
import struct

import pytest
from websockets.asyncio.client import connect

from support.frames import ACCEPT, KEY, read_event, read_frame, text_frame, upgrade
from support.raw import Wire
from support.waiting import PATIENCE

@pytest.fixture
def wire(server):
    with Wire(server) as connection:
        yield connection


def test_the_key_is_answered_as_the_rfc_has_it(ana, wire):
    answer = wire.send(upgrade(ana, ana.make_room())).answer()
    assert answer.status == 101
    assert answer.headers["sec-websocket-accept"] == ACCEPT
    assert answer.headers["upgrade"].lower() == "websocket"
    assert answer.headers["connection"].lower() == "upgrade"
    assert "sec-websocket-extensions" not in answer.headers, "nothing was agreed that was not offered"
    assert read_event(wire)["type"] == "welcome"


@pytest.mark.parametrize(
    "changes",
    [
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "keep-alive, upgrade", "Upgrade": "WebSocket"},
        {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits, x-unknown"},
        {"Origin": "https://elsewhere.example"},
    ],
)
def test_what_browsers_and_proxies_add_is_no_trouble(ana, wire, changes):
    answer = wire.send(upgrade(ana, ana.make_room(), **changes)).answer()
    assert answer.status == 101
    assert read_event(wire)["type"] == "welcome"


@pytest.mark.parametrize(
    "changes",
    [
        {"Sec_WebSocket_Key": None},
        {"Sec_WebSocket_Key": ""},
        {"Sec_WebSocket_Key": "too short"},
        {"Sec_WebSocket_Key": "x" * 24},
        {"Sec_WebSocket_Version": None},
        {"Sec_WebSocket_Version": "8"},
        {"Upgrade": None},
        {"Upgrade": "h2c"},
        {"Connection": "keep-alive"},
    ],
)
def test_half_an_upgrade_is_none(ana, wire, changes):
    answer = wire.send(upgrade(ana, ana.make_room(), **changes)).answer()
    assert answer.status in (400, 426)
    if answer.status == 426:
        assert answer.headers["sec-websocket-version"] == "13"


def test_frames_that_come_with_the_request_are_not_lost(ana, wire):
    room = ana.make_room()
    early = text_frame('{"content":"uno"}') + text_frame('{"content":', fin=False) + text_frame('"dos"}', opcode=0x0)
    wire.send(upgrade(ana, room).encode() + early)
    assert wire.answer().status == 101
    events = [read_event(wire) for _ in range(4)]
    assert [event["type"] for event in events] == ["welcome", "users_online", "message", "message"]
    assert [event["content"] for event in events[2:]] == ["uno", "dos"]


def test_an_unmasked_frame_is_a_protocol_error(ana, wire):
    assert wire.send(upgrade(ana, ana.make_room())).answer().status == 101
    wire.send(b"\x81\x02{}")
    opcode, payload = 0, b""
    while opcode != 0x8:
        opcode, payload = read_frame(wire)
    assert struct.unpack("!H", payload[:2]) == (1002,)
    assert wire.is_closed()


def test_a_half_closed_socket_ends(ana, ben, wire):
    room = ana.make_room()
    witness = ben.open(room)
    assert wire.send(upgrade(ana, room)).answer().status == 101
    witness.until("user_joined", user_id=ana.id)
    wire.half_close()
    witness.until("user_left", user_id=ana.id)
    witness.close()


def test_two_hundred_sockets_hear_the_same_in_the_same_order(ana, ben, server):
    room, said = ana.make_room(), 20
    ben.join(room)

    async def hear(person):
        url = f"{server.ws_url}/api/ws/{room}?token={person.token}&after_seq=0"
        async with connect(url, proxy=None, max_queue=None) as socket:
            heard = []
            while len(heard) < said:
                event = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
                if event["type"] == "message":
                    heard.append((event["seq"], event["id"], event["content"]))
            return heard

    async def all_hear():
        hearing = [asyncio.create_task(hear((ana, ben)[n % 2])) for n in range(200)]
        for n in range(said):
            await asyncio.to_thread(ana.say, room, f"mensaje {n}")
        return await asyncio.gather(*hearing)

    heard = asyncio.run(all_hear())
    history = [(message["seq"], message["id"], message["content"]) for message in ana.history(room, after_seq=0)]
    assert len(history) == said
    assert all(each == history for each in heard)
