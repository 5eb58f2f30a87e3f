"""Shops of a test: each in a schema of its own on the server of the test run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import SAMPLE_KINDS
from tests.surroundings import peer

psycopg = peer("psycopg")

from shopwright.adapters.postgres.storage import PostgresStorage  # noqa: E402  # only where the driver is

_numbers = count(1)

Opener = Callable[..., PostgresStorage]


@pytest.fixture
def admin(postgres_server: LocalPostgres) -> Iterator[Any]:
    """A connection of somebody else's."""
    with psycopg.connect(postgres_server.conninfo, autocommit=True) as connection:
        yield connection


@pytest.fixture
def schema(admin: Any) -> Iterator[str]:
    """The name of a schema that is not there yet."""
    name = f"unit_{next(_numbers)}"
    yield name
    admin.execute(f"drop schema if exists {name} cascade")


@pytest.fixture
def open_shop(postgres_server: LocalPostgres, schema: str) -> Iterator[Opener]:
    """Opens the storage of this test, as often as asked; the first one upgrades unless told otherwise."""
    opened: list[PostgresStorage] = []

    def opener(**options: Any) -> PostgresStorage:
        given = {"kinds": SAMPLE_KINDS, "schema": schema, "upgrade": True, **options}
        storage = PostgresStorage.open(given.pop("conninfo", postgres_server.conninfo), **given)
        opened.append(storage)
        return storage

    yield opener
    for storage in opened:
        storage.close()


@pytest.fixture
def storage(open_shop: Opener) -> PostgresStorage:
    """A new, empty storage."""
    return open_shop()


def leaving(admin: Any, schema: str) -> None:
    """Let the server end the connection of whoever puts a note, in the middle of the commit."""
    body = "begin perform pg_terminate_backend(pg_backend_pid()); return new; end"
    admin.execute(f"create function {schema}.leave() returns trigger language plpgsql as $$ {body} $$")
    admin.execute(f"create trigger leave before insert on {schema}.note for each row execute function {schema}.leave()")


def staying(admin: Any, schema: str) -> None:
    """Let it be again."""
    admin.execute(f"drop trigger leave on {schema}.note")
