"""HTTP as bytes: for requests that no well-behaved client would send."""

import json
import socket
from typing import Any, NamedTuple

from .server import Server
from .waiting import PATIENCE


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]  # names in lower case; of a repeated one, the last
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection. `receive_buffer`: how much the kernel keeps of what was not read, in bytes, about."""

    def __init__(self, server: Server, receive_buffer: int | None = None):
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", server.port))
        self._reader = self.socket.makefile("rb")

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self.socket.close()

    def send(self, data: bytes | str) -> "Wire":
        """Sends what it can: a server that has refused already may have closed."""
        try:
            self.socket.sendall(data.encode() if isinstance(data, str) else data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def half_close(self) -> "Wire":
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return self

    def answer(self, head: bool = False) -> Answer | None:
        """The next answer; None when the server has closed instead. `head`: it has no body whatever it declares."""
        try:
            line = self._reader.readline()
            if not line:
                return None
            version, status, _ = line.split(b" ", 2)
            assert version == b"HTTP/1.1", line
            headers = {}
            while field := self._reader.readline().strip():
                name, _, value = field.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            length = 0 if head or int(status) in (204, 304) or int(status) < 200 else int(headers["content-length"])
            body = self._reader.read(length)
            assert len(body) == length, "the answer is cut"
            return Answer(int(status), headers, body)
        except ConnectionResetError:
            return None

    def read(self, size: int) -> bytes:
        """Exactly so many bytes."""
        data = self._reader.read(size)
        assert len(data) == size, f"the connection ended after {data!r}"
        return data

    def is_closed(self) -> bool:
        """Waits for the end of the connection; False when more came instead."""
        try:
            return self._reader.read(1) == b""
        except ConnectionResetError:
            return True
