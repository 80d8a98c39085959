"""The service of packaging/compose.yaml as an engine would start it, and a PostgreSQL for it."""

import contextlib
import json
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import yaml

ROOT = Path(__file__).resolve().parents[2]


def service(name: str) -> dict:
    return yaml.safe_load((ROOT / "packaging" / "compose.yaml").read_text())["services"][name]


def environment_of(service: dict, dotenv: dict[str, str]) -> dict[str, str]:
    """Its `environment` with ${NAME:-other} and ${NAME:?what is wrong} replaced by what `dotenv` has."""

    def value(variable: re.Match) -> str:
        name, way, other = variable.groups()
        if found := dotenv.get(name):
            return found
        if way == "?":
            raise SystemExit(f"{name}: {other}")
        return other

    return {
        key: re.sub(r"\$\{(\w+):([-?])([^}]*)\}", value, text) for key, text in service["environment"].items()
    }


@contextlib.contextmanager
def postgres() -> Iterator[tuple[str, int]]:
    """A private one with a user and a database `izpochat`: the password, which like compose.yaml's has nothing to
    encode, and the port on 127.0.0.1. Gone afterwards."""
    keeper = subprocess.Popen(
        [ROOT / "tests" / "support" / "keep_postgres"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        url = json.loads(keeper.stdout.readline())["url"]
        password = secrets.token_hex(16)
        for statement in (f"ALTER ROLE izpochat PASSWORD '{password}'", "CREATE DATABASE izpochat"):
            subprocess.run(["psql", url, "-qXc", statement], check=True)
            url = url.replace(urlsplit(url).password, password)
        yield password, urlsplit(url).port
    finally:
        keeper.stdin.close()
        keeper.wait(60)
