"""Every statement that a shop waits for finds its rows by an index, whatever the tables hold."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from shopwright.adapters.postgres.finding import find_of
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.ports.quotas import Grant
from shopwright.ports.storage import Match, Query, Where
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note
from shopwright.testing.storage_contract.steps import done, hold, noted, put


@pytest.fixture
def filled(storage: PostgresStorage, admin: Any, schema: str) -> PostgresStorage:
    """Some of everything, and statistics about it, so that the planner has a choice."""
    notes = [put(Note(f"n-{number:04}", f"t-{number % 50}", number % 7, NOON + timedelta(hours=number), slug=f"s-{number}")) for number in range(400)]
    done(storage, *notes, *(noted(number) for number in range(1, 200)))
    done(storage, *(Grant(f"k-{number}", 1_000) for number in range(200)))
    done(storage, *(hold(f"h-{number}", (f"k-{number}", 1), (f"k-{number + 1}", 1)) for number in range(150)))
    admin.execute(f"analyze {schema}.note, {schema}.record, {schema}.quota, {schema}.hold, {schema}.hold_item, {schema}.operation")
    return storage


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (Query(Note), "note_pkey"),
        (Query(Note, (Where("title", Match.EQUAL, "t-7"),)), "note_by_title"),
        (Query(Note, (Where("slug", Match.IN, ("s-1", "s-2")),)), "note_by_slug"),
        (Query(Note, order_by="written_at", descending=True), "note_by_written_at"),
        (Query(Note, (Where("written_at", Match.ABOVE, NOON),), order_by="written_at", limit=5), "note_by_written_at"),
    ],
)
def test_a_query_uses_a_declared_index_and_sorts_at_most_what_it_found(filled: PostgresStorage, query: Query[Any], index: str) -> None:
    find = find_of(query, filled.kinds, filled._engine, "")
    plan = explained(filled, find.sql, find.values)
    assert index in plan
    assert "Seq Scan" not in plan
    if query.order_by:
        assert "Sort" not in plan


def test_a_later_page_begins_in_the_index_and_not_before_it(filled: PostgresStorage) -> None:
    query = Query(Note, order_by="written_at", limit=10)
    later = Query(Note, order_by="written_at", limit=10, after=filled.find(query).next)
    find = find_of(later, filled.kinds, filled._engine, "")
    plan = explained(filled, find.sql, find.values)
    assert re.search(r"Index Cond: .*ROW\(written_at, id\) >", plan), plan


def test_streams_quotas_and_lapsed_holds_are_read_by_key(filled: PostgresStorage) -> None:
    sql, now = filled._engine.sql, NOON
    for text, values, index in (
        (sql.records, ("", "notes", 10, 0, 100), "record_by_position"),
        (sql.records_of_key, ("", "notes", "n-1", 0, 0, 100), "record_by_number"),
        (sql.quota, (now, "", ["k-1", "k-2"]), "hold_item_pkey"),
        (sql.quota, (now, "", ["k-1", "k-2"]), "quota_pkey"),
        (sql.lapsed, (["k-1"], "", now, 50), "hold_item_pkey"),
        (sql.answered, ("", "operation-1"), "operation_pkey"),
        (sql.hold_lock, ("", ["h-1"]), "hold_by_id"),
        (sql.quota_lock, ("", ["k-1"]), "quota_pkey"),
    ):
        plan = explained(filled, text, values)
        assert index in plan, plan
        assert "Seq Scan" not in plan, plan


def test_a_record_is_found_by_its_number_in_a_shop_that_has_no_statistics_yet(storage: PostgresStorage) -> None:
    plan = explained(storage, storage._engine.sql.record_taken, ("", "notes", "n-1", 1))
    assert re.search(r"record_by_number.*\n *Index Cond: \(\(key = .* AND \(number = ", plan), plan


def explained(storage: PostgresStorage, text: str, values: tuple[Any, ...]) -> str:
    """The plan as a storage's own connection makes it."""
    with storage._lender.lent() as cursor:
        return "\n".join(line for (line,) in cursor.execute("explain " + text, values, prepare=False).fetchall())
