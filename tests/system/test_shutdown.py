"""Stopping: what was begun is finished, sockets are told to come back, and nothing is lost."""

import json
import os
import signal
import socket

import pytest
from websockets.exceptions import ConnectionClosed

from support.client import Person
from support.raw import Wire
from support.waiting import wait_until


def refuses(server):
    """Whether nobody listens any more."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_sigterm_finishes_what_was_begun_and_sends_sockets_away(own_server):
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    sockets = [ana.open(room) for _ in range(20)]
    body = json.dumps({"content": "a medias"})
    with Wire(own) as begun, Wire(own) as idle:
        begun.send(
            f"POST /api/rooms/{room}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\n"
            f"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        assert begun.answer().status == 100, "the server waits for the body: the request has begun"
        idle.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.answer().status == 200

        own.signal(signal.SIGTERM)
        wait_until(lambda: refuses(own), "the listener to close")
        assert idle.is_closed(), "who is idle is let go"
        answer = begun.send(body).answer()
        assert (answer.status, answer.json()["content"]) == (201, "a medias")
        assert answer.headers["connection"].lower() == "close"
        assert begun.is_closed()
    for chat in sockets:
        assert chat.closed()[0] == 1012
    assert own.wait() == 0

    own.start()
    assert [message["content"] for message in ana.history(room)] == ["a medias"]


def test_sigint_stops_too(own_server):
    own = own_server()
    own.signal(signal.SIGINT)
    assert own.wait() == 0


def test_what_was_acknowledged_before_the_stop_is_there_after_it(own_server):
    own = own_server()
    ana = Person(own)
    room = ana.make_room()
    chat = ana.open(room)
    for n in range(200):
        chat.say(f"mensaje {n}", client_id=str(n))
    chat.until("ack", client_id="20")
    own.signal(signal.SIGTERM)
    shown = 21
    with pytest.raises(ConnectionClosed) as end:
        while True:
            shown += chat.receive()["type"] == "ack"
    assert end.value.rcvd is not None and end.value.rcvd.code == 1012
    assert own.wait() == 0
    own.start()
    kept = [message["content"] for message in ana.history(room, after_seq=0, limit=200)]
    assert kept == [f"mensaje {n}" for n in range(len(kept))]
    assert len(kept) >= shown


def test_a_second_signal_does_not_wait_for_slow_clients(own_server):
    own = own_server()
    ana = Person(own)
    with Wire(own) as stuck:
        stuck.send(
            f"POST /api/rooms/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ana.token}\r\n"
            "Expect: 100-continue\r\nContent-Length: 100\r\n\r\n"
        )
        assert stuck.answer().status == 100
        own.signal(signal.SIGTERM)
        wait_until(lambda: refuses(own), "the listener to close")
        own.signal(signal.SIGTERM)
        own.wait()
    own.start()
    ana.get("/api/users/me", 200)


def test_a_stop_leaves_no_open_database_behind(own_server):
    """A clean close folds SQLite's write-ahead log into the database: nothing is left to recover."""
    own = own_server()
    ana = Person(own)
    ana.say(ana.make_room(), "hola")
    own.stop()
    left = [name for name in os.listdir(own.data) if name.endswith("-wal") and (own.data / name).stat().st_size > 0]
    assert left == []
    own.start()


def test_a_client_that_vanishes_is_no_trouble_for_the_log_or_the_exit(own_server):
    own = own_server()
    ana = Person(own)
    chats = [ana.open(ana.make_room()) for _ in range(5)]
    for chat in chats:
        chat.socket.socket.shutdown(socket.SHUT_RDWR)
    own.stop()
    assert "internal" not in own.log().lower()
    own.start()
