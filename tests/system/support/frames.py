"""WebSocket frames and upgrades as bytes: for what no client library would do."""

import json
import os
import struct
from typing import Any

from .client import Person
from .raw import Wire

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA

# RFC 6455 §1.3: the key of the example and the answer to it.
KEY, ACCEPT = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def upgrade(person: Person, room: int, **changes: str | None) -> str:
    """A good request but for `changes`, by field; None leaves one out."""
    fields = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"GET /api/ws/{room}?token={person.token} HTTP/1.1", *lines, "", ""])


def client_frame(payload: bytes, opcode: int, fin: bool = True) -> bytes:
    """As a client sends it: masked (§5.3)."""
    mask = os.urandom(4)
    assert len(payload) < 126
    head = struct.pack("!BB", (0x80 if fin else 0) | opcode, 0x80 | len(payload))
    return head + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))


def text_frame(text: str, fin: bool = True, opcode: int = TEXT) -> bytes:
    return client_frame(text.encode(), opcode, fin)


def read_frame(wire: Wire) -> tuple[int, bytes]:
    """Opcode and payload of the next frame; a server's is never masked (§5.1)."""
    head, length = wire.read(2)
    assert not length & 0x80
    if length == 126:
        (length,) = struct.unpack("!H", wire.read(2))
    return head & 0x0F, wire.read(length)


def read_event(wire: Wire) -> dict[str, Any]:
    opcode, payload = read_frame(wire)
    assert opcode == TEXT
    return json.loads(payload)
