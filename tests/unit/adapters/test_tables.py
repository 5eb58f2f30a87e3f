"""Tables, columns and their values follow from the kinds alone; what an upgrade has to do follows from comparing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.adapters.postgres import views as postgres_views
from shopwright.adapters.sqlite import views as sqlite_views
from shopwright.adapters.tables import (
    FIXED_VIEWS,
    Difference,
    Installed,
    InstalledIndex,
    InstalledKind,
    compare,
    from_utc_text,
    index_name,
    table_of,
    tables_of,
    utc_text,
)
from shopwright.errors import InvalidValue, SchemaMismatch, UnknownIndex
from shopwright.ports.kinds import Index, IndexType, Kind, Kinds
from shopwright.testing.clock import NOON
from shopwright.testing.samples import NOTE, SAMPLE_KINDS, SECRET, Note

INSTALLED = Installed(
    3,
    tuple(
        InstalledKind(kind.name, 1, tuple(InstalledIndex(index.name, str(index.type), index.unique, ready=True) for index in kind.indexes))
        for kind in SAMPLE_KINDS.documents
    ),
)


def test_a_kind_is_a_table_and_its_indexes_are_typed_columns():
    table = table_of(NOTE)
    assert table.name == "note"
    assert [(column.name, str(column.type), column.unique) for column in table.columns] == [
        ("title", "text", False),
        ("stars", "integer", False),
        ("written_at", "time", False),
        ("slug", "text", True),
        ("serial", "integer", True),
    ]
    assert index_name(table, table.column("slug")) == "note_by_slug"
    with pytest.raises(UnknownIndex, match="no index 'color'"):
        table.column("color")


def test_a_plug_ins_kind_keeps_its_name_in_the_table():
    assert table_of(Kind("acme.gift-card", Note)).name == "acme_gift_card"


def test_columns_hold_what_the_document_answers_and_times_as_text():
    note = Note("n-1", title="Tea", stars=5, written_at=NOON)
    assert table_of(NOTE).values(note) == ("Tea", 5, "2026-03-01T12:00:00.000000Z", None, None)


@pytest.mark.parametrize(("type_", "answer"), [(IndexType.TEXT, 5), (IndexType.INTEGER, "5"), (IndexType.INTEGER, True), (IndexType.TIME, "now")])
def test_an_index_that_answers_another_type_is_named(type_, answer):
    table = table_of(Kind("note", Note, indexes=(Index("odd", type_, lambda _: answer),)))
    with pytest.raises(InvalidValue, match="index odd of note must be"):
        table.values(Note("n-1"))


@pytest.mark.parametrize("name", ["order-lines", "payments", "quota.standing", "hold_item", "shopwright.note"])
def test_a_kind_may_not_be_named_as_what_every_store_has(name):
    with pytest.raises(InvalidValue, match=f"cannot be named '{name}'.*choose another name"):
        table_of(Kind(name, Note))


def test_the_names_of_views_are_those_that_both_adapters_make():
    assert {view.name for view in sqlite_views.VIEWS} == {view.name for view in postgres_views.VIEWS} == FIXED_VIEWS


@pytest.mark.parametrize("name", ["id", "scope", "version", "shape", "body"])
def test_an_index_may_not_hide_a_column_of_every_document(name):
    with pytest.raises(InvalidValue, match=f"need names of their own, not {name}"):
        table_of(Kind("note", Note, indexes=(Index(name, IndexType.TEXT, lambda note: note.title),)))


def test_two_kinds_may_not_share_a_table():
    kinds = Kinds(documents=(evolve(NOTE, name="a.b"), evolve(SECRET, name="a-b")))
    with pytest.raises(InvalidValue, match=r"would share the table a_b; rename one"):
        tables_of(kinds)


def test_tables_come_in_the_order_of_their_names():
    assert [table.name for table in tables_of(SAMPLE_KINDS)] == ["note", "secret"]


zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31), timezones=zones)  # the strategy adds a zone


@given(moments, moments)
def test_moments_as_text_sort_as_they_follow_and_come_back_exactly(one, other):
    texts = utc_text(one), utc_text(other)
    assert (texts[0] < texts[1], texts[0] == texts[1]) == (one < other, one == other)
    assert [from_utc_text(text) for text in texts] == [one, other]
    assert {len(text) for text in texts} == {27}
    assert from_utc_text(texts[0]).tzinfo is UTC


def test_a_store_that_is_as_it_should_be_has_no_difference():
    assert compare(INSTALLED, SAMPLE_KINDS, newest=3) == Difference()
    Difference().refuse("anywhere")


@pytest.mark.parametrize(
    ("installed", "difference"),
    [
        (evolve(INSTALLED, migration=2), Difference(older=("its migration is 2, this release has 3",))),
        (evolve(INSTALLED, migration=4), Difference(newer=("its migration is 4, this release has 3",))),
        (evolve(INSTALLED, kinds=INSTALLED.kinds[:1]), Difference(older=("it has no table for kind secret",))),
        (evolve(INSTALLED, kinds=(*INSTALLED.kinds, InstalledKind("acme", 9))), Difference()),
    ],
)
def test_a_store_is_older_or_newer_by_its_migrations_and_tables(installed, difference):
    assert compare(installed, SAMPLE_KINDS, newest=3) == difference


def test_an_index_of_another_type_is_another_index():
    by_text = evolve(NOTE, indexes=(Index("stars", IndexType.TEXT, lambda note: str(note.stars)), *NOTE.indexes[2:], NOTE.indexes[0]))
    assert compare(INSTALLED, Kinds(documents=(by_text,)), newest=3) == Difference(older=("kind note lacks the index stars",))


def test_an_index_taken_away_is_newer_unless_the_shape_tells_that_it_was_us():
    fewer = evolve(NOTE, indexes=NOTE.indexes[1:])
    newer = Difference(newer=("kind note has the index title, which this release does not declare",))
    assert compare(INSTALLED, Kinds(documents=(fewer,)), newest=3) == newer
    reshaped = evolve(fewer, shape=2, lifts=(lambda body: body,))
    assert compare(INSTALLED, Kinds(documents=(reshaped,)), newest=3) == Difference(older=("kind note has shape 1 there and 2 here",))


def test_what_is_newer_is_told_before_what_is_older():
    with pytest.raises(SchemaMismatch, match="the database here is newer than this release: b; run the release that upgraded it, or a newer one"):
        Difference(older=("a",), newer=("b",)).refuse("here")
    with pytest.raises(SchemaMismatch, match="the database here is older than this release: a; run `shopwright db upgrade here`"):
        Difference(older=("a",)).refuse("here")


def test_what_is_still_being_filled_is_known_by_kind_and_index():
    secret = INSTALLED.kinds[1]
    filling = evolve(secret, indexes=(evolve(secret.indexes[0], ready=False),))
    assert evolve(INSTALLED, kinds=(INSTALLED.kinds[0], filling)).building == {("secret", "owner")}
