"""The SQLite storage keeps every promise of the port, at both durabilities, and inside a host's transaction."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.ports.kinds import Kinds
from shopwright.testing import StorageContract


class TestSqliteStorage(StorageContract):
    durability = "full"

    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path):
        self.paths = (tmp_path / f"shop-{number}.db" for number in count(1))

    def make_storage(self, kinds: Kinds) -> SqliteStorage:
        return SqliteStorage.open(next(self.paths), kinds=kinds, durability=self.durability, upgrade=True)


class TestSqliteStorageAtNormalDurability(TestSqliteStorage):
    durability = "normal"
