"""The kit put together: what an adapter's test class inherits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from shopwright.ports.kinds import Kinds
from shopwright.ports.storage import Storage
from shopwright.testing.samples import SAMPLE_KINDS
from shopwright.testing.storage_contract.crashes import CrashPromises
from shopwright.testing.storage_contract.documents import ChangesetPromises, DocumentPromises, ErasurePromises, UniqueIndexPromises
from shopwright.testing.storage_contract.edges import EdgePromises
from shopwright.testing.storage_contract.machine import storage_machine
from shopwright.testing.storage_contract.processes import ProcessPromises
from shopwright.testing.storage_contract.queries import PagePromises, QueryPromises
from shopwright.testing.storage_contract.quotas import LapsePromises, QuotaPromises
from shopwright.testing.storage_contract.races import RacePromises
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
    RacePromises,
):
    """Every promise that a storage keeps within one process."""

    histories = 30
    """How many histories the state machine tries."""

    def make_storage(self, kinds: Kinds) -> Storage:
        """A new, empty storage for these kinds."""
        raise NotImplementedError(f"{type(self).__name__} must make its storage: def make_storage(self, kinds)")

    def test_every_history_has_the_outcome_that_it_has_on_the_reference(self, storage: Storage) -> None:
        scopes = count(1)  # a scope of its own is a new, empty storage for each history
        machine = storage_machine(lambda: storage.scoped(f"history-{next(scopes)}"))
        options = settings(max_examples=self.histories, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
        run_state_machine_as_test(machine, settings=options)

    def test_a_storage_may_be_closed_twice(self) -> None:
        storage = self.make_storage(SAMPLE_KINDS)
        storage.close()
        storage.close()

    @pytest.fixture
    def storage(self) -> Iterator[Storage]:
        """The storage of one test."""
        storage = self.make_storage(SAMPLE_KINDS)
        yield storage
        storage.close()


class DurableStorageContract(StorageContract, ProcessPromises, CrashPromises):
    """Every promise, of a storage that outlives its process too: other processes open it, and some of them are killed.

    `processes`, `hot_units` and `kills` say how hard it is tried; a run that may take minutes gives larger ones.
    """

    def opener(self, storage: Storage) -> Callable[[], Storage]:
        """What opens the same store in another process: a callable that can be pickled, such as a `functools.partial` of a function."""
        raise NotImplementedError(f"{type(self).__name__} must tell how another process opens the store: def opener(self, storage)")
