"""The description of the events (AsyncAPI) as a judge: every event that a test sees is held to it, and what came is
remembered, so that the last test can name what no test ever saw."""

import functools
import json
from typing import Any

import jsonschema
import jsonschema.protocols

from .server import ROOT

Event = dict[str, Any]


class Events:
    def __init__(self, document: dict[str, Any]):
        self.document = document
        self.seen: set[tuple[str, str]] = set()

    def described(self, channel: str, direction: str) -> dict[str, dict[str, Any]]:
        """By its type, the payload's schema of every event of a channel that the server does `send` or `receive`."""
        operation = self.document["operations"][f"{channel}_{direction}"]
        keys = [reference["$ref"].rpartition("/")[2] for reference in operation["messages"]]
        messages = [self.document["components"]["messages"][key] for key in keys]
        return {message["name"]: message["payload"] for message in messages}

    def judge(self, channel: str, event: Event) -> None:
        """Fails when an event from the server is not as described: also when it has a field that is not."""
        schemas = self.described(channel, "send")
        assert event["type"] in schemas, f"{channel} does not describe {event}"
        schema = schemas[event["type"]]
        undescribed = set(event) - set(schema["properties"])
        assert not undescribed, f"{channel} does not describe {undescribed} of {event}"
        error = next(iter(self._validator(channel, event["type"]).iter_errors(event)), None)
        assert error is None, f"{event} is not as described: {error}"
        self.seen.add((channel, event["type"]))

    @functools.cache
    def _validator(self, channel: str, type: str) -> jsonschema.protocols.Validator:
        schema = self.described(channel, "send")[type]
        # The schema's references point into the document: it is judged as part of it.
        return jsonschema.Draft202012Validator({**schema, "components": self.document["components"]})


@functools.cache
def events() -> Events:
    return Events(json.loads((ROOT / "docs" / "asyncapi.json").read_text()))
