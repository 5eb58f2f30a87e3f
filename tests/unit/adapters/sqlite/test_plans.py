"""Every statement of the port finds its rows by an index: no table is scanned, and no page is sorted."""

from __future__ import annotations

import pytest

from shopwright.adapters.sqlite import statements as sql
from shopwright.adapters.sqlite.finding import find_of
from shopwright.adapters.sqlite.statements import DocumentStatements
from shopwright.adapters.tables import table_of
from shopwright.ports.storage import Match, Query, Where
from shopwright.testing.clock import NOON
from shopwright.testing.samples import NOTE, SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import done, put
from shopwright.wire.cursors import cursor
from tests.unit.adapters.sqlite.notebooks import a_note, a_notebook, raw


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file with enough in it for plans to matter."""
    folder = tmp_path_factory.mktemp("plans")
    storage = a_notebook(folder, durability="normal")
    done(storage, *(put(a_note(number, slug=f"slug-{number}", written_at=NOON)) for number in range(300)))
    storage.close()
    return folder


def plan(folder, statement: str, values) -> list[str]:
    connection = raw(folder)
    try:
        return [detail for *_, detail in connection.execute(f"explain query plan {statement}", values)]
    finally:
        connection.close()


def plan_of(folder, query: Query) -> list[str]:
    find = find_of(query, SAMPLE_KINDS, DocumentStatements(table_of(NOTE)), "")
    return plan(folder, find.sql, find.values)


def behind(query: Query, value) -> Query:
    """The same query, one page on."""
    return Query(query.kind, query.where, query.order_by, query.descending, query.limit, cursor(NOTE, query, value=value, id="n-0100"))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("index", "value"), [("title", "title 0100"), ("stars", 3), ("written_at", NOON)])
def test_a_page_along_an_index_walks_that_index(folder, index, value, descending):
    query = Query(Note, order_by=index, descending=descending)
    assert plan_of(folder, query) == [f"SEARCH note USING INDEX note_by_{index} (scope=? AND {index}>?)"]
    (step,) = plan_of(folder, behind(query, value))
    assert step.startswith(f"SEARCH note USING INDEX note_by_{index} (scope=? AND ")
    assert f"({index},id){'<' if descending else '>'}(?,?)" in step


def test_a_page_by_id_walks_the_primary_key(folder):
    query = Query(Note)
    assert plan_of(folder, query) == ["SEARCH note USING INDEX sqlite_autoindex_note_1 (scope=?)"]
    assert plan_of(folder, behind(query, None)) == ["SEARCH note USING INDEX sqlite_autoindex_note_1 (scope=? AND id>?)"]


def test_equality_on_an_index_with_order_by_id_needs_no_sorting(folder):
    assert plan_of(folder, Query(Note, (Where("stars", Match.EQUAL, 3),))) == ["SEARCH note USING INDEX note_by_stars (scope=? AND stars=?)"]


@pytest.mark.parametrize("match", [Match.AT_LEAST, Match.ABOVE, Match.AT_MOST, Match.BELOW])
def test_a_range_in_the_order_of_its_index_needs_no_sorting(folder, match):
    (step,) = plan_of(folder, Query(Note, (Where("written_at", match, NOON),), order_by="written_at"))
    assert step.startswith("SEARCH note USING INDEX note_by_written_at (scope=? AND written_at>?")


def test_a_unique_index_is_searched_and_walked(folder):
    assert plan_of(folder, Query(Note, (Where("slug", Match.EQUAL, "slug-7"),))) == ["SEARCH note USING INDEX note_by_slug (scope=? AND slug=?)"]
    assert plan_of(folder, Query(Note, order_by="slug")) == [
        "SEARCH note USING INDEX note_by_slug (scope=? AND slug>?)",
        "USE TEMP B-TREE FOR RIGHT PART OF ORDER BY",  # of one row for each value
    ]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order_by", [None, "written_at"])
@pytest.mark.parametrize("where", [Where("title", Match.EQUAL, "title 0001"), Where("title", Match.IN, ("title 0001", "title 0002"))])
def test_named_values_are_found_by_their_index_whatever_the_order(folder, where, order_by, descending):
    assert plan_of(folder, Query(Note, (where,), order_by, descending))[0] == "SEARCH note USING INDEX note_by_title (scope=? AND title=?)"


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (sql.OPERATION_LOAD, ("", "k")),
        (sql.OPERATION_PRUNE, ("", "2025", 10)),
        (sql.RECORDS, ("", "notes", 5, 10)),
        (sql.RECORDS_OF_KEY, ("", "notes", "n-1", 5, 10)),
        (sql.RECORD_IS_THERE, ("", "notes", "n-1", 5)),
        (sql.RECORD_LAST, ("", "notes", "n-1")),
        (sql.QUOTA_STANDING, ("2025", "", "[]")),
        (sql.QUOTA_HOLD, (1, "", "tea", 1)),
        (sql.HOLD_END, ("", "h")),
        (sql.HOLD_PRUNE, ("", "2025", 10)),
        (sql.HOLDS_LAPSED, ("", "tea", "2025")),
        (sql.HOLD_ITEM_END, ("", "tea", "2025", "h")),
    ],
)
def test_every_fixed_statement_searches_and_never_scans_or_sorts(folder, statement, values):
    steps = plan(folder, statement, values)
    assert any(step.startswith("SEARCH") for step in steps)
    assert [step for step in steps if step.startswith("SCAN") and "json_each" not in step] == []
    assert [step for step in steps if "TEMP B-TREE" in step] == []


def test_many_documents_are_loaded_by_the_primary_key(folder):
    for places, values in ((1, ("n-0001",)), (4, ("n-0001", "n-0002", "n-0003", "n-0003")), (0, ('["n-0001"]',))):
        steps = plan(folder, DocumentStatements(table_of(NOTE)).load_many(places), ("", *values))
        assert "SEARCH note USING INDEX sqlite_autoindex_note_1 (scope=? AND id=?)" in steps
