"""A storage joined to a host's transaction keeps what the port promises to one caller; a connection has one thread, so nobody races."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.testing.samples import SAMPLE_KINDS
from shopwright.testing.storage_contract.documents import ChangesetPromises, DocumentPromises, ErasurePromises, UniqueIndexPromises
from shopwright.testing.storage_contract.edges import EdgePromises
from shopwright.testing.storage_contract.queries import PagePromises, QueryPromises
from shopwright.testing.storage_contract.quotas import LapsePromises, QuotaPromises
from shopwright.testing.storage_contract.streams import OperationPromises, PrunePromises, ScopePromises, StreamPromises


class TestJoinedSqliteStorage(
    DocumentPromises,
    UniqueIndexPromises,
    ErasurePromises,
    ChangesetPromises,
    QueryPromises,
    PagePromises,
    QuotaPromises,
    LapsePromises,
    StreamPromises,
    OperationPromises,
    PrunePromises,
    ScopePromises,
    EdgePromises,
):
    @pytest.fixture
    def storage(self, tmp_path: Path):
        storage = SqliteStorage.open(tmp_path / "host.db", kinds=SAMPLE_KINDS, upgrade=True)
        host = sqlite3.connect(tmp_path / "host.db", isolation_level=None)
        host.execute("begin immediate")
        yield storage.joined(host)
        assert host.in_transaction, "only the host ends its transaction"
        host.close()
        storage.close()
