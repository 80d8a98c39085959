"""A WebSocket client of the chat."""

import json
import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from .description import description
from .events import events
from .server import Server
from .waiting import PATIENCE

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

Event = dict[str, Any]


class Chat:
    """One socket; of all rooms when `room` is None. `query` goes into the URL: `token`, `after_seq`, `epoch`; whatever
    is None stays out of it.

    `reads_slowly`: takes nothing from the network before somebody receives it, and lets the kernel keep little."""

    def __init__(
        self,
        server: Server,
        room: int | str | None,
        headers: dict[str, str] | None = None,
        reads_slowly: bool = False,
        subprotocols: list[str] | None = None,
        **query: Any,
    ):
        path = "/api/ws" if room is None else f"/api/ws/{room}"
        given = urlencode({name: value for name, value in query.items() if value is not None})
        wire = socket.socket()
        if reads_slowly:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect(("127.0.0.1", server.port))
        self.socket = connect(
            f"{server.ws_url}{path}" + (f"?{given}" if given else ""),
            sock=wire,
            additional_headers=headers,
            subprotocols=subprotocols,
            open_timeout=PATIENCE,
            close_timeout=PATIENCE,
            ping_interval=None,
            max_size=None,
            max_queue=1 if reads_slowly else None,
        )
        description().judge("GET", path, self.socket.response.status_code, "", b"")
        self.channel = "all_rooms" if room is None else "one_room"
        self.welcome: Event = {}
        self.online: Event = {}
        self.hello: Event = {}

    def __enter__(self) -> "Chat":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def greet(self) -> None:
        """Takes the two events that every socket begins with."""
        self.welcome = self.receive("welcome")
        self.online = self.receive("users_online")

    def send(self, **event: Any) -> None:
        self.send_raw(json.dumps(event))

    def send_raw(self, text: str | bytes) -> None:
        self.socket.send(text)

    def say(self, content: str, **fields: Any) -> None:
        self.send(type="message", content=content, **fields)

    def ask_to_close(self) -> None:
        """Sends the close frame and waits for nothing: `close()` reads nothing meanwhile, so that what comes before the
        answer would fill a slow reader's network."""
        with self.socket.protocol_mutex:
            self.socket.protocol.send_close(1000)
            self.socket.send_data()

    def receive(self, type: str | None = None) -> Event:
        """The very next event, which must be of that type."""
        text = self.socket.recv(timeout=PATIENCE)
        assert isinstance(text, str), "an event is a text frame"
        event = json.loads(text)
        assert TIME.fullmatch(event["timestamp"]), event
        events().judge(self.channel, event)
        assert type is None or event["type"] == type, f"expected {type}: {event}"
        return event

    def events_until(self, wanted: Callable[[Event], bool]) -> list[Event]:
        """All events up to the first wanted one, that included."""
        events = [self.receive()]
        while not wanted(events[-1]):
            events.append(self.receive())
        return events

    def until(self, type: str, **fields: Any) -> Event:
        """The next event of that type with those fields, whatever comes before."""
        return self.events_until(lambda event: event["type"] == type and fields.items() <= event.items())[-1]

    def messages(self, count: int) -> list[Event]:
        """The next `count` messages, past events of other types."""
        return [self.until("message") for _ in range(count)]

    def subscribe(self, *rooms: int, **position: Any) -> list[Event]:
        """On the socket of all rooms: asks for them, each from the same position, and takes everything that comes up to
        the last answer. The answers, in the order of `rooms`."""
        self.send(type="subscribe", rooms=[{"room_id": room, **position} for room in rooms])
        answers = {}
        while len(answers) < len(rooms):
            answer = self.until("subscribed")
            answers[answer["room_id"]] = answer
            if answer["status"] != "forbidden":
                self.until("users_online", room_id=answer["room_id"])
        return [answers[room] for room in rooms]

    def fence(self) -> list[Event]:
        """What had come by now: everything before the answer to a ping."""
        self.send(type="ping")
        return self.events_until(lambda event: event["type"] == "pong")[:-1]

    def closed(self) -> tuple[int, str]:
        """Waits for the server to close; its code and reason. What came before the close is dropped."""
        try:
            while True:
                self.socket.recv(timeout=PATIENCE)
        except ConnectionClosed as end:
            assert end.rcvd is not None, f"cut without a close frame: {end}"
            return end.rcvd.code, end.rcvd.reason

    def close(self) -> None:
        self.socket.close()
