"""Fixtures: one server for the whole run, own ones for tests that stop, kill or configure it, and people."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from support.client import Client, Person, connect
from support.postgres import PgBouncer, Postgres
from support.postgres import shared as shared_postgres
from support.server import BINARY, Server

HERE = Path(__file__).parent


def pytest_configure() -> None:
    if not BINARY.is_file():
        pytest.exit(f"{BINARY} is not there: build it, or name another in IZPOCHAT_BINARY", returncode=2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What judges the whole run comes last, and knows whether it is one."""
    items.sort(key=lambda item: item.path.name == "test_openapi.py")
    chosen = (
        config.option.keyword or config.option.markexpr or config.option.lf or any("::" in name for name in config.args)
    )
    config.whole_run = not chosen and {item.path for item in items} == set(HERE.glob("test_*.py"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of the whole run. A test shares it, so it leaves it running and its settings alone."""
    shared = Server(tmp_path_factory.mktemp("shared")).start()
    yield shared
    shared.stop()


@pytest.fixture(scope="session")
def http(server: Server) -> Iterator[httpx.Client]:
    with connect(server) as pool:
        yield pool


@pytest.fixture
def anyone(server: Server, http: httpx.Client) -> Client:
    """Nobody in particular: calls without a login."""
    return Client(server, http)


@pytest.fixture
def person(server: Server, http: httpx.Client) -> Callable[..., Person]:
    """Makes people, each with an account and a login: `person("ana")`."""
    return lambda name="ana": Person(server, name, http)


@pytest.fixture
def ana(person: Callable[..., Person]) -> Person:
    return person("ana")


@pytest.fixture
def ben(person: Callable[..., Person]) -> Person:
    return person("ben")


@pytest.fixture
def eva(person: Callable[..., Person]) -> Person:
    return person("eva")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers of the test's own: `own_server(APP_NAME="Taller")`. They are stopped, in order, at its end."""
    started: list[Server] = []
    numbers = itertools.count(1)

    def start(**settings: str) -> Server:
        started.append(Server(tmp_path / f"server{next(numbers)}", settings).start())
        return started[-1]

    yield start
    for own in started:
        own.stop()


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """The PostgreSQL of the whole run, started by the first test that asks for it. Each server has a database of its own
    on it: `postgres.new_database()`. Who stops or kills it starts it again."""
    return shared_postgres()


@pytest.fixture
def database(postgres: Postgres) -> str:
    """The name of an empty database on `postgres`."""
    return postgres.new_database()


@pytest.fixture
def pgbouncer(postgres: Postgres) -> Iterator[PgBouncer]:
    """A pooler in transaction mode before `postgres`."""
    pooler = PgBouncer(postgres).start()
    yield pooler
    pooler.close()
