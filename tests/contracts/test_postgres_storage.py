"""The PostgreSQL storage keeps every promise of the port, with its commit function and without, and as if behind a pooler."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import ClassVar

import pytest

from shopwright.ports.kinds import Kinds
from shopwright.ports.quota_ways import QuotaWays
from shopwright.testing import DurableStorageContract
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import SAMPLE_KINDS
from tests.surroundings import peer, tries

peer("psycopg")

from shopwright.adapters.postgres.storage import PostgresStorage  # noqa: E402  # only where the driver is

numbers = count(1)
FEWER = tries(3, full=8), tries(12, full=30)
"""How many kills and histories the other ways of a commit are tried with."""


def open_again(conninfo: str, schema: str, **options: object) -> PostgresStorage:
    """What another process does."""
    return PostgresStorage.open(conninfo, kinds=SAMPLE_KINDS, schema=schema, **options)


class TestPostgresStorage(DurableStorageContract):
    """A commit is one call of the generated function."""

    options: ClassVar[dict[str, object]] = {}

    @pytest.fixture(autouse=True)
    def _on_a_server(self, postgres_server: LocalPostgres) -> Iterator[None]:
        self.server = postgres_server
        self.schemas: list[str] = []
        yield
        with peer("psycopg").connect(postgres_server.conninfo, autocommit=True) as admin:
            for schema in self.schemas:
                admin.execute(f"drop schema {schema} cascade")

    def make_storage(self, kinds: Kinds) -> PostgresStorage:
        self.schemas.append(f"contract_{next(numbers)}")
        return PostgresStorage.open(self.server.conninfo, kinds=kinds, schema=self.schemas[-1], upgrade=True, **self.options)

    def opener(self, storage: PostgresStorage) -> partial[PostgresStorage]:
        return partial(open_again, self.server.conninfo, self.schemas[-1], **self.options)


class TestPostgresStorageWithoutFunctions(TestPostgresStorage):
    """A commit is a few statements, decided in Python."""

    options: ClassVar[dict[str, object]] = {"functions": False}
    kills, histories = FEWER


class TestPostgresStorageInBatches(TestPostgresStorage):
    """What waits in one process is written in one transaction."""

    options: ClassVar[dict[str, object]] = {"ways": QuotaWays({"*": "batched"})}
    kills, histories = FEWER


class TestPostgresStorageHoldingFirst(TestPostgresStorage):
    """Every key counts as hot: it is held first, in a transaction that waits for no disk."""

    options: ClassVar[dict[str, object]] = {"ways": QuotaWays({"*": "hold_first"})}
    kills, histories = FEWER


@pytest.mark.full
class TestPostgresStorageForMinutes(TestPostgresStorage):
    kills = 200
    processes = 8
    hot_units = 10_000
    histories = 500
