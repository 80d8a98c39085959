"""The server's own description (OpenAPI) as a judge: every answer a test sees is held to it, and what was exercised is
remembered, so that the last test can name what no test ever did."""

import functools
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema.protocols

from . import server

METHODS = ("get", "post", "put", "patch", "delete")

# What may become of any request, whatever it asks for: described once, as each operation's default answer.
ANYWHERE = {
    "malformed_request",
    "request_timeout",
    "headers_too_large",
    "rate_limited",
    "overloaded",
    "shutting_down",
    "storage_unavailable",
    "storage_full",
}

ERROR_SHAPE = {
    "type": "object",
    "required": ["detail", "code", "request_id"],
    "properties": {
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "request_id": {"type": "string", "minLength": 1},
        "detail": {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["loc", "msg", "type"],
                        "properties": {
                            "loc": {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}},
                            "msg": {"type": "string", "minLength": 1},
                            "type": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
                        },
                    },
                },
            ]
        },
    },
}


class Description:
    def __init__(self, document: dict[str, Any]):
        self.document = document
        self.exercised: set[tuple[str, str, int]] = set()
        # Fixed paths before those with parameters: /users/me is not /users/{id}.
        self._templates = sorted(
            (
                (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path.rstrip("/") or "/") + "/?"), path)
                for path in document["paths"]
            ),
            key=lambda entry: entry[1].count("{"),
        )

    def declared(self) -> set[tuple[str, str, int]]:
        return {
            (method, path, int(status))
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
            if method in METHODS
            for status in operation["responses"]
            if status != "default"
        }

    def template(self, path: str) -> str | None:
        return next((template for pattern, template in self._templates if pattern.fullmatch(path)), None)

    def judge(self, method: str, path: str, status: int, content_type: str, body: bytes) -> None:
        """Fails when an answer is not as described. `path` is without the query."""
        method = method.lower()
        is_json = content_type.split(";")[0].strip() == "application/json"
        if status >= 400 and method != "head":
            assert is_json, f"an error must be JSON: {method} {path} {status} {content_type}"
            jsonschema.validate(json.loads(body), ERROR_SHAPE)
        template = self.template(path)
        operation = self.document["paths"].get(template, {}).get(method) if template else None
        if operation is None:
            return
        self.exercised.add((method, template, status))
        declared = str(status) if str(status) in operation["responses"] else "default"
        if declared == "default":
            code = json.loads(body)["code"] if is_json and status >= 400 else None
            assert code in ANYWHERE, f"{method} {template} does not declare its answer {status}: {body!r}"
        if is_json and (validator := self._validator(template, method, declared)):
            error = next(iter(validator.iter_errors(json.loads(body))), None)
            assert error is None, f"{method} {template} {status} is not as described: {error}"

    @functools.cache
    def _validator(self, template: str, method: str, status: str) -> jsonschema.protocols.Validator | None:
        response = self.document["paths"][template][method]["responses"][status]
        if "$ref" in response:
            response = self.resolve(response["$ref"])
        schema = response.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        # The schema's references point into the document: it is judged as part of it.
        return jsonschema.Draft202012Validator({**schema, "components": self.document.get("components", {})})

    def resolve(self, reference: str) -> Any:
        node = self.document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node


@functools.cache
def description() -> Description:
    printed = server.run("openapi", directory=Path("/"))
    if printed.returncode:
        return Description({"paths": {}})  # TEMP
    return Description(json.loads(printed.stdout))
