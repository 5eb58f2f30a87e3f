"""PostgreSQL keeps every promise of the storage port, with the commit function and without it."""

from __future__ import annotations

from itertools import count

import pytest

from shopwright.ports.kinds import Kinds
from shopwright.testing import StorageContract
from shopwright.testing.postgres import LocalPostgres
from tests.surroundings import peer

peer("psycopg")

from shopwright.adapters.postgres.storage import PostgresStorage  # noqa: E402  # only where the driver is

_numbers = count(1)


class TestPostgresStorage(StorageContract):
    """One call of the generated function."""

    functions = True

    @pytest.fixture(autouse=True)
    def _server(self, postgres_server: LocalPostgres) -> None:
        self.server = postgres_server

    def make_storage(self, kinds: Kinds) -> PostgresStorage:
        schema = f"contract_{next(_numbers)}"
        return PostgresStorage.open(self.server.conninfo, kinds=kinds, schema=schema, upgrade=True, functions=self.functions)


class TestPostgresStorageWithoutFunctions(TestPostgresStorage):
    """Statement by statement."""

    functions = False
