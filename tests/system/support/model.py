"""What the server promises about a room, as a model that is small enough to be read.

Everything that any client is told goes into it. What cannot be true together with what was told before, or was never
said by anybody, is a `Contradiction`.
"""

from typing import Any, NamedTuple


class Contradiction(AssertionError):
    """The server said what cannot be."""


def require(promise: bool, what: str) -> None:
    if not promise:
        raise Contradiction(what)


class Name(NamedTuple):
    """Of a message, given by its sender before it is sent: however often it is sent, it is one message."""

    sender: int
    client_id: str


class Room:
    """One room, through all lives of the server: its one order, as far as anybody was told of it."""

    def __init__(self, id: int):
        self.id = id
        self.said: dict[Name, str] = {}  # what people sent, in the order of sending; any of it may still be lost
        self.order: dict[int, tuple[Name, int]] = {}  # seq → which message, and its id
        self.number: dict[Name, int] = {}  # and back

    def say(self, sender: int, content: str) -> str:
        """Somebody is about to send something new; its client_id."""
        client_id = f"m{len(self.said)}"
        self.said[Name(sender, client_id)] = content
        return client_id

    def acknowledged(self, name: Name, seq: int, id: int) -> None:
        """From now on this message has this place, for everybody and for ever."""
        require(name in self.said, f"{name} was never sent")
        require(self.number.setdefault(name, seq) == seq, f"{name} is {seq}, and was {self.number[name]}")
        first = self.order.setdefault(seq, (name, id))
        require(first == (name, id), f"{seq} is {(name, id)}, and was {first}")

    def shown(self, message: dict[str, Any]) -> None:
        """A message as REST and the sockets show it."""
        name = Name(message["sender"]["id"], message["client_id"])
        require(message["room_id"] == self.id, f"{name} belongs to room {message['room_id']}, not {self.id}")
        require(name in self.said, f"{name} was never sent")
        require(message["content"] == self.said[name], f"{name} was sent with another content")
        self.acknowledged(name, message["seq"], message["id"])

    def page(self, messages: list[dict[str, Any]], after: int, limit: int, known: int) -> None:
        """A page of the history, oldest first. `known`: the last number anybody had been told when it was asked for."""
        for seq, message in enumerate(messages, after + 1):
            require(message["seq"] == seq, f"the history has {message['seq']} in the place of {seq}")
            self.shown(message)
        least = min(limit, known - after)
        require(len(messages) >= least, f"after {after} there are {known - after}, and {len(messages)} were given")

    def last(self) -> int:
        """The highest number that anybody was told."""
        return max(self.order, default=0)

    def bytes_after(self, position: int | None) -> int:
        """How much has been said that has no number up to this one."""
        shown = position or 0
        return sum(
            len(content.encode()) for name, content in self.said.items() if not 0 < self.number.get(name, 0) <= shown
        )

    def complete(self) -> None:
        """Nothing is under way, and all was read: every message that was ever sent is there once, in one order."""
        require(sorted(self.order) == list(range(1, len(self.order) + 1)), "the numbers have gaps")
        ids = [self.order[seq][1] for seq in sorted(self.order)]
        require(ids == sorted(set(ids)), "the ids do not ascend")
        missing = self.said.keys() - self.number.keys()
        require(not missing, f"never stored: {sorted(missing)[:5]}")


class Stream:
    """What one client is shown of a room, through all its connections: every message once, in order."""

    def __init__(self) -> None:
        self.position: int | None = 0  # the last number it has; None: whatever comes next is its first

    def opened(self, last: int, reset: bool) -> None:
        """A connection begins where the last one ended."""
        require(not reset, f"at {self.position} of {last} it was told to begin anew")
        if self.position is None:
            self.position = last
        require(self.position <= last, f"it had {self.position}, and the room has {last}")

    def shown(self, seq: int) -> None:
        require(self.position is not None, f"{seq} came before the connection was opened")
        require(seq == self.position + 1, f"{seq} came after {self.position}")
        self.position = seq
