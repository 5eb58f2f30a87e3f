"""The kit put together: what an adapter's test class inherits."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shopwright.ports.kinds import Kinds
from shopwright.ports.storage import Storage
from shopwright.testing.samples import SAMPLE_KINDS
from shopwright.testing.storage_contract.documents import ChangesetPromises, DocumentPromises, ErasurePromises, UniqueIndexPromises
from shopwright.testing.storage_contract.edges import EdgePromises
from shopwright.testing.storage_contract.queries import PagePromises, QueryPromises
from shopwright.testing.storage_contract.quotas import LapsePromises, QuotaPromises
from shopwright.testing.storage_contract.streams import OperationPromises, PrunePromises, ScopePromises, StreamPromises


class StorageContract(
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
    """Every promise that a storage keeps within one process."""

    def make_storage(self, kinds: Kinds) -> Storage:
        """A new, empty storage for these kinds."""
        raise NotImplementedError(f"{type(self).__name__} must make its storage: def make_storage(self, kinds)")

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """The storage of one test."""
        storage = self.make_storage(SAMPLE_KINDS)
        yield storage
        storage.close()
