"""The search index on PostgreSQL's full text search keeps the contract of every search index."""

from __future__ import annotations

from itertools import count

import pytest

from shopwright.testing import DurableSearchIndexContract


class TestPostgresSearch(DurableSearchIndexContract):
    @pytest.fixture(autouse=True)
    def _database(self, postgres_database):
        self.database, self.numbers = postgres_database, count()

    def make_index(self):
        from shopwright.adapters.search_postgres import PostgresSearch

        return PostgresSearch(self.database, schema=f"search_{next(self.numbers)}")

    def open_index(self):
        from shopwright.adapters.search_postgres import PostgresSearch

        return PostgresSearch(self.database, schema="search")
