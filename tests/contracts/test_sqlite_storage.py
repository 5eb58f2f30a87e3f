"""The SQLite storage keeps every promise of the port, at both durabilities, between processes, and when its writer is killed."""

from __future__ import annotations

from functools import partial
from itertools import count
from pathlib import Path

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.ports.kinds import Kinds
from shopwright.ports.quota_ways import QuotaWays
from shopwright.testing import DurableStorageContract
from shopwright.testing.samples import SAMPLE_KINDS
from tests.surroundings import tries


def open_again(path: Path, durability: str, ways: QuotaWays | None) -> SqliteStorage:
    """What another process does."""
    return SqliteStorage.open(path, kinds=SAMPLE_KINDS, durability=durability, ways=ways)


class TestSqliteStorage(DurableStorageContract):
    durability = "full"
    ways: QuotaWays | None = None

    @pytest.fixture(autouse=True)
    def _in_a_folder(self, tmp_path: Path):
        self.paths = (tmp_path / f"shop-{number}.db" for number in count(1))

    def make_storage(self, kinds: Kinds) -> SqliteStorage:
        self.path = next(self.paths)
        return SqliteStorage.open(self.path, kinds=kinds, durability=self.durability, upgrade=True, ways=self.ways)

    def opener(self, storage: SqliteStorage):
        return partial(open_again, self.path, self.durability, self.ways)


class TestSqliteStorageAtNormalDurability(TestSqliteStorage):
    durability = "normal"
    kills, histories = tries(3, full=8), tries(12, full=30)


class TestSqliteStorageInBatches(TestSqliteStorage):
    """What waits in one process is written in one transaction."""

    ways = QuotaWays({"*": "batched"})
    kills, histories = tries(3, full=8), tries(12, full=30)


@pytest.mark.full
class TestSqliteStorageForMinutes(TestSqliteStorage):
    kills = 200
    processes = 8
    hot_units = 10_000
    histories = 500
