"""Access tokens taken apart and put together, to try what a forger would."""

import base64
import hmac
import json
from typing import Any


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def header_of(token: str) -> dict[str, Any]:
    return json.loads(_decode(token.split(".")[0]))


def claims_of(token: str) -> dict[str, Any]:
    return json.loads(_decode(token.split(".")[1]))


def signed(header: dict[str, Any], claims: dict[str, Any], key: str, digest: str = "sha256") -> str:
    body = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
    return f"{body}.{_encode(hmac.new(key.encode(), body.encode(), digest).digest())}"


def unsigned(claims: dict[str, Any]) -> str:
    return f"{_encode(json.dumps({'alg': 'none', 'typ': 'JWT'}).encode())}.{_encode(json.dumps(claims).encode())}."
