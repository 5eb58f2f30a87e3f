"""A pooler in transaction mode may stand between: no statement relies on what an earlier one left in the session."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.ports.quotas import CommitHold, Grant, Quota, Take
from shopwright.ports.storage import Match, Query, Stored, Where
from shopwright.testing.clock import NOON
from shopwright.testing.postgres import LocalPostgres
from shopwright.testing.samples import Note, Secret
from shopwright.testing.storage_contract.steps import LATER, counts, done, every_record, hold, noted, put, refused
from tests.unit.adapters.postgres.conftest import Opener
from tests.unit.adapters.postgres.pooler import Pooler


@pytest.fixture
def pooler(postgres_server: LocalPostgres) -> Iterator[Pooler]:
    with tempfile.TemporaryDirectory() as folder, Pooler(postgres_server.folder, Path(folder)) as pooler:
        yield pooler


@pytest.fixture(params=[True, False], ids=["function", "statements"])
def behind(request: pytest.FixtureRequest, pooler: Pooler, open_shop: Opener) -> PostgresStorage:
    """A storage whose every transaction reaches another server process than the one before."""
    return open_shop(conninfo=pooler.conninfo, functions=request.param)


def test_every_promise_may_be_used_through_a_pooler(behind: PostgresStorage, pooler: Pooler) -> None:
    before = pooler.transactions
    done(behind, Grant("tea", 10), Grant("milk", 5, rank=2))
    for number in range(1, 8):
        done(behind, put(Note(f"n-{number}", "same", serial=number)), noted(number), Take("tea", 1))
    done(behind, hold("h-1", ("tea", 3), ("milk", 2)))
    assert refused(behind, Take("tea", 1)).code == "quota_exhausted"
    assert counts(behind, "milk") == (5, 0, 2)
    done(behind, Take("tea", 2), at=LATER)
    assert refused(behind, CommitHold("h-1"), at=LATER).code == "hold_lapsed"
    found = behind.find(Query(Note, (Where("title", Match.EQUAL, "same"),), order_by="serial", limit=3))
    assert [stored.value.serial for stored in found.items] == [1, 2, 3]
    assert [record.number for record in every_record(behind)] == list(range(1, 8))
    assert behind.quota(("tea",), at=LATER)["tea"] == Quota("tea", 10, 9, 0)
    assert behind.load(Note, "n-7") == Stored(Note("n-7", "same", serial=7), 1)
    assert pooler.transactions - before > 15


def test_a_pooler_is_noticed_and_statements_get_no_names(open_shop: Opener, pooler: Pooler, postgres_server: LocalPostgres) -> None:
    behind, direct = open_shop(conninfo=pooler.conninfo), open_shop()
    assert (_is_pooled(behind), _is_pooled(direct)) == (True, False)
    assert _is_pooled(open_shop(conninfo=postgres_server.conninfo, pooled=True)) is True
    for number in range(10):
        done(behind, put(Note(f"n-{number}")))
        assert behind.load(Note, f"n-{number}") is not None
    with behind._lender.lent() as cursor:
        for _ in range(3):
            assert cursor.execute("select name from pg_prepared_statements").fetchall() == []


def test_a_drop_and_an_index_that_is_taken_pass_a_pooler(behind: PostgresStorage) -> None:
    done(behind, put(Note("n-1", slug="tea")))
    taken = refused(behind, put(Note("n-2", slug="tea")))
    assert dict(taken.facts) == {"kind": "note", "index": "slug", "value": "tea"}
    assert behind.load(Secret, "s-1") is None
    assert behind.prune(before=NOON) == 0


def _is_pooled(storage: PostgresStorage) -> bool:
    with storage._lender.lent() as cursor:
        return cursor.connection.prepare_threshold is None
