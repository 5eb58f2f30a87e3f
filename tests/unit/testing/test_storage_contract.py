"""The storage kit itself: a storage that breaks one promise fails it. Each broken storage below has one small, likely mistake."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shopwright.adapters import memory
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import VersionConflict
from shopwright.ports.counting import Hold
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import START, Answer, Changeset, Committed, Loaded, Page, Position, Put, Query, Recorded, Stored
from shopwright.refusals import Refusal
from shopwright.testing.samples import SAMPLE_KINDS
from shopwright.testing.storage_contract import DurableStorageContract, StorageContract, storage_machine


class LastWriterWins(MemoryStorage):
    """Forgets to compare versions."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        puts = []
        for put in change.puts:
            stored = self.load(type(put.value), put.id)
            puts.append(Put(put.id, put.value, stored.version if stored else 0))
        return super().commit(evolve(change, puts=tuple(puts)))


class RefusalsAreStored(MemoryStorage):
    """Remembers a refusal as the operation's answer."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        outcome = super().commit(change)
        if isinstance(outcome, Refusal):
            super().commit(evolve(change, puts=(), moves=(), records=(), drops=()))
        return outcome


class RepeatsAreFresh(MemoryStorage):
    """Answers a repeat, but does not say that it is one."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        outcome = super().commit(change)
        return evolve(outcome, repeated=False) if isinstance(outcome, Committed) else outcome


class LapsedHoldsStayHeld(MemoryStorage):
    """Counts a lapsed hold as held when read."""

    def quota(self, keys: Any, *, at: Any) -> dict[str, Quota]:
        return super().quota(keys, at=at - timedelta(days=100_000))


class ReclaimedHoldsRevive(MemoryStorage):
    """Forgets that a hold was reclaimed, so its id can be used and its commit is unknown."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        outcome = super().commit(change)
        shelf = self._shelf
        for hold in [hold for hold in shelf.holds.values() if hold.reclaimed_at]:
            memory._write_hold(shelf, hold.id, None)
        return outcome


class HoldsEndOneTickLate(MemoryStorage):
    """Takes the end of a hold for its last moment, not for the first one after it."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        outcome = super().commit(change)
        for id, hold in self._shelf.holds.items():
            self._shelf.holds[id] = Hold(hold.id, hold.items, hold.until + timedelta(microseconds=1), hold.reclaimed_at)
        return outcome


class ScopesLeak(MemoryStorage):
    """Gives every tenant the same shelf."""

    def scoped(self, scope: str) -> MemoryStorage:
        super().scoped(scope)
        return self


class OneKindIsEnough(MemoryStorage):
    """Loads the documents of the first kind alone."""

    def load_each(self, wanted: Mapping[type, Collection[str]]) -> Loaded:
        first, *_ = wanted
        return super().load_each({kind: ids if kind is first else () for kind, ids in wanted.items()})


class PagesByOffset(MemoryStorage):
    """Never has a next page."""

    def find(self, query: Query[Any]) -> Page[Stored[Any]]:
        return Page(super().find(query).items)


class PositionsAreIncluded(MemoryStorage):
    """Begins a page with the record that ended the one before."""

    def read(self, stream: str, *, after: Position = START, limit: int = 100, key: str | None = None) -> Sequence[Recorded]:
        before = Position(f"{int(after) - 1:020d}") if after else START
        return super().read(stream, after=before, limit=limit, key=key)


class AnswersAreCut(MemoryStorage):
    """Keeps the first 255 characters of an answer."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        return super().commit(evolve(change, operation=evolve(change.operation, answer=change.operation.answer[:255])))


class ConflictsAreStored(MemoryStorage):
    """Remembers the operation of a changeset that conflicted."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        try:
            return super().commit(change)
        except VersionConflict:
            self._shelf.operations.setdefault(change.operation.key, (change.operation.fingerprint, Answer("", change.at)))
            raise


BROKEN = {
    LastWriterWins: "test_a_put_that_names_another_version_conflicts_and_changes_nothing",
    RefusalsAreStored: "test_refusals_are_not_stored",
    RepeatsAreFresh: "test_a_repeat_gives_the_first_answer_and_writes_nothing",
    LapsedHoldsStayHeld: "test_a_hold_lapses_at_its_very_end",
    ReclaimedHoldsRevive: "test_releasing_a_reclaimed_hold_does_nothing",
    HoldsEndOneTickLate: "test_a_hold_lapses_at_its_very_end",
    ScopesLeak: "test_what_one_scope_wrote_no_other_finds",
    OneKindIsEnough: "test_documents_of_several_kinds_are_loaded_at_once",
    PagesByOffset: "test_rows_that_arrive_before_the_place_where_a_reader_stands_do_not_shift_its_pages",
    PositionsAreIncluded: "test_after_the_last_record_there_is_nothing_until_the_next_one",
    AnswersAreCut: "test_an_answer_may_have_2000_characters_in_any_script_and_no_more",
    ConflictsAreStored: "test_conflicts_are_not_stored",
}
SEEN_BY_THE_MACHINE = [
    LastWriterWins,
    RefusalsAreStored,
    RepeatsAreFresh,
    LapsedHoldsStayHeld,
    ReclaimedHoldsRevive,
    HoldsEndOneTickLate,
    PagesByOffset,
]


def promise(name: str, storage: MemoryStorage) -> None:
    """Run one test of the kit on this storage, without parameters or with one that fits."""
    arguments = {"test_a_put_that_names_another_version_conflicts_and_changes_nothing": (0,)}.get(name, ())
    getattr(StorageContract(), name)(storage, *arguments)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_storage_that_breaks_a_promise_fails_its_test(broken):
    promise(BROKEN[broken], MemoryStorage(SAMPLE_KINDS))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        promise(BROKEN[broken], broken(SAMPLE_KINDS))


@pytest.mark.parametrize("broken", SEEN_BY_THE_MACHINE, ids=lambda broken: broken.__name__)
def test_the_state_machine_finds_what_the_sentences_find(broken):
    options = settings(max_examples=300, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(storage_machine(lambda: broken(SAMPLE_KINDS)), settings=options)


def test_no_promise_hides_another_of_the_same_name():
    defined = [name for part in DurableStorageContract.__mro__ for name in vars(part) if name.startswith("test_")]
    assert sorted(defined) == sorted(set(defined))


def test_a_kit_without_a_storage_says_what_to_write():
    with pytest.raises(NotImplementedError, match="def make_storage"):
        StorageContract().make_storage(SAMPLE_KINDS)
