"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# How long anything may take before it counts as a hang. Generous: a sanitized binary on a busy machine passes too.
PATIENCE = 20.0


def wait_until(condition: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """Asks again and again until `condition` is truthy and returns that; fails after `patience` seconds."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience} s in vain: {what}")
        time.sleep(0.005)
