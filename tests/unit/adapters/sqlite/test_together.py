"""Changesets that share a transaction of the file are each answered as if they had been alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.sqlite.committing import Prepared
from shopwright.adapters.sqlite.together import write
from shopwright.errors import KeyConflict, NotSupportedHere, StorageFull, VersionConflict
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.quotas import CommitHold, Take
from shopwright.ports.storage import Changeset, Committed, Stored
from shopwright.refusals import Refusal
from shopwright.testing.clock import NOON
from shopwright.testing.samples import SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import LATER, a_change, counts, done, every_record, hold, noted, put, stocked, texts


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqliteStorage]:
    opened = SqliteStorage.open(tmp_path / "shop.db", kinds=SAMPLE_KINDS, upgrade=True, ways=QuotaWays({"tea": "batched"}))
    yield opened
    opened.close()


def written(storage: SqliteStorage, *changes: Changeset) -> list[Any]:
    """The outcomes of a batch."""
    return list(write(storage._connections, storage._engine, [Prepared(storage._engine, "", change) for change in changes]))


def test_each_of_a_batch_sees_what_those_before_it_wrote_and_hears_its_own_answer(storage: SqliteStorage) -> None:
    stocked(storage, tea=5)
    outcomes = written(
        storage,
        a_change(put(Note("n-1", title="first")), noted(1), Take("tea", 2), key="k", command="c", answer="yes"),
        a_change(put(Note("n-1", title="stale")), Take("tea", 1)),
        a_change(put(Note("n-1", title="second"), expected=1), noted(2), hold("h", ("tea", 2))),
        a_change(Take("tea", 2)),
        a_change(put(Note("n-1", title="first")), noted(1), Take("tea", 2), key="k", command="c"),
        a_change(Take("tea", 1), key="k", command="another"),
        a_change(CommitHold("h"), Take("tea", 1)),
    )
    stale, short, conflict = outcomes[1], outcomes[3], outcomes[5]
    assert (type(stale), type(conflict)) == (VersionConflict, KeyConflict)
    assert isinstance(short, Refusal)
    assert (short.code, dict(short.facts)) == ("quota_exhausted", {"key": "tea", "wanted": 2, "free": 1})
    assert [outcomes[place] for place in (0, 2, 4, 6)] == [Committed("yes"), Committed(""), Committed("yes", repeated=True), Committed("")]
    assert (storage.load(Note, "n-1"), counts(storage, "tea")) == (Stored(Note("n-1", title="second"), 2), (5, 5, 0))
    assert texts(every_record(storage)) == ["n-1 1", "n-1 2"]


def test_lapsed_holds_are_reclaimed_in_a_batch(storage: SqliteStorage) -> None:
    stocked(storage, tea=2)
    done(storage, hold("h", ("tea", 2)))
    outcomes = written(storage, a_change(Take("tea", 1), at=LATER), a_change(CommitHold("h")), a_change(Take("tea", 1)))
    assert [outcome.code if isinstance(outcome, Refusal) else "done" for outcome in outcomes] == ["done", "hold_lapsed", "done"]
    assert counts(storage, "tea", at=NOON) == (2, 2, 0)


def test_when_the_disk_is_full_for_a_batch_each_of_it_is_tried_alone(storage: SqliteStorage) -> None:
    stocked(storage, tea=9)
    with storage._connections.writing() as cursor:
        (pages,) = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count={pages + 20}")  # for this connection alone, which is replaced once it has met the end
    large = put(Note("large", tags=("y" * 100_000,)))
    with pytest.raises(StorageFull):
        storage.commit(a_change(large))
    with storage._connections.writing() as cursor:
        cursor.execute(f"PRAGMA max_page_count={pages + 20}")
    assert written(storage, a_change(Take("tea", 1)), a_change(large, Take("tea", 1)), a_change(Take("tea", 1))) == [Committed("")] * 3
    assert (storage.load(Note, "large"), counts(storage, "tea")) == (Stored(large.value, 1), (9, 3, 0))


def test_a_file_has_no_use_for_holding_first(tmp_path: Path) -> None:
    with pytest.raises(NotSupportedHere, match="a file has one writer at a time"):
        SqliteStorage.open(tmp_path / "shop.db", kinds=SAMPLE_KINDS, upgrade=True, ways=QuotaWays({"tea": "hold_first"}))


def test_in_a_hosts_transaction_batched_keys_are_refused_and_others_are_not(storage: SqliteStorage, tmp_path: Path) -> None:
    stocked(storage, tea=1, milk=1)
    done(storage, hold("h", ("tea", 1)))
    host = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    host.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotSupportedHere, match="the quota tea is batched, which is done in transactions of its own"):
        storage.joined(host).scoped("tenant").commit(a_change(Take("tea", 1)))
    done(storage.joined(host), Take("milk", 1), CommitHold("h"))
    host.execute("COMMIT")
    host.close()
    assert (counts(storage, "milk"), counts(storage, "tea")) == ((1, 1, 0), (1, 1, 0))
