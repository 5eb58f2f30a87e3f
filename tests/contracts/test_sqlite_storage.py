"""The SQLite storage keeps every promise of the port, at both durabilities, between processes, and when its writer is killed."""

from __future__ import annotations

from functools import partial
from itertools import count
from pathlib import Path

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.ports.kinds import Kinds
from shopwright.testing import DurableStorageContract
from shopwright.testing.samples import SAMPLE_KINDS


def open_again(path: Path, durability: str) -> SqliteStorage:
    """What another process does."""
    return SqliteStorage.open(path, kinds=SAMPLE_KINDS, durability=durability)


class TestSqliteStorage(DurableStorageContract):
    durability = "full"

    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path):
        self.paths = (tmp_path / f"shop-{number}.db" for number in count(1))

    def make_storage(self, kinds: Kinds) -> SqliteStorage:
        self.path = next(self.paths)
        return SqliteStorage.open(self.path, kinds=kinds, durability=self.durability, upgrade=True)

    def opener(self, storage: SqliteStorage):
        return partial(open_again, self.path, self.durability)


class TestSqliteStorageAtNormalDurability(TestSqliteStorage):
    durability = "normal"


@pytest.mark.full
class TestSqliteStorageForMinutes(TestSqliteStorage):
    kills = 200
    processes = 8
    hot_units = 10_000
    histories = 500
