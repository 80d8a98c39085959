"""permessage-deflate, as clients with a zlib of their own see it."""

import json

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.sync.client import connect

from support.client import Person
from support.server import Server
from support.waiting import PATIENCE

TEXT = "una y otra vez " * 200


@pytest.fixture(scope="module")
def compressing(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("compressing"), {"WEBSOCKET_COMPRESSION": "true"}).start()
    yield server
    server.stop()


def open_socket(server, person, room, **offer):
    """A socket that offers compression, past its welcome; the answer to the offer."""
    socket = connect(
        f"{server.ws_url}/api/ws/{room}?token={person.token}",
        compression=None,
        extensions=[ClientPerMessageDeflateFactory(**offer)],
        close_timeout=PATIENCE,
        max_size=None,
    )
    assert [json.loads(socket.recv(PATIENCE))["type"] for _ in range(2)] == ["welcome", "users_online"]
    return socket, socket.response.headers.get("Sec-WebSocket-Extensions")


def next_message(socket):
    while (event := json.loads(socket.recv(PATIENCE)))["type"] != "message":
        pass
    return event


def test_compressing_and_plain_sockets_hear_the_same(compressing):
    ana, ben = Person(compressing, "ana"), Person(compressing, "ben")
    room = ana.make_room()
    small, agreed = open_socket(compressing, ana, room)
    assert agreed == "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    with ben.open(room) as plain, small:
        for _ in range(3):
            small.send(json.dumps({"content": TEXT}))
            assert next_message(small) == plain.until("message")
        plain.say(TEXT)
        assert next_message(small) == plain.until("message")


def test_a_smaller_window_of_the_server_is_declined(compressing):
    ana = Person(compressing, "ana")
    room = ana.make_room()
    socket, agreed = open_socket(compressing, ana, room, server_max_window_bits=10)
    assert agreed is None
    with socket:
        socket.send(json.dumps({"content": TEXT}))
        assert next_message(socket)["content"] == TEXT.strip()


def test_a_bomb_closes_with_1009(compressing):
    ana = Person(compressing, "ana")
    socket, _ = open_socket(compressing, ana, ana.make_room())
    with socket, pytest.raises(ConnectionClosed) as end:
        socket.send(json.dumps({"content": "0" * 50_000_000}))
        while True:
            socket.recv(PATIENCE)
    assert end.value.rcvd.code == 1009


def test_it_is_off_unless_it_is_set(server, ana):
    room = ana.make_room()
    socket, agreed = open_socket(server, ana, room)
    assert agreed is None
    socket.close()
