"""Cursors: opaque, of one query, and refused when damaged."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.ports.storage import Match, Query, Where
from shopwright.testing.samples import NOTE, SECRET, Note, Secret
from shopwright.wire.cursors import cursor, position

AT = datetime(2026, 3, 1, 12, 0, 0, 7, tzinfo=UTC)
names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=200)


def by(order_by: str | None, *, descending: bool = False) -> Query[Note]:
    return Query(Note, order_by=order_by, descending=descending)


@given(title=names, id=names)
def test_a_cursor_of_text_leads_back_to_its_place(title, id):
    query = by("title")
    assert position(NOTE, evolve(query, after=cursor(NOTE, query, value=title, id=id))) == (title, id)


@given(stars=st.integers(-(2**63), 2**63 - 1), id=names)
def test_a_cursor_of_an_integer_leads_back_to_its_place(stars, id):
    query = by("stars", descending=True)
    assert position(NOTE, evolve(query, after=cursor(NOTE, query, value=stars, id=id))) == (stars, id)


def test_a_cursor_of_a_time_leads_back_to_the_instant():
    query = by("written_at")
    local = AT.astimezone(timezone(timedelta(hours=8)))
    assert position(NOTE, evolve(query, after=cursor(NOTE, query, value=local, id="n-1"))) == (AT, "n-1")


def test_a_cursor_without_an_order_is_the_id_alone():
    assert position(NOTE, evolve(by(None), after=cursor(NOTE, by(None), value=None, id="n-1"))) == (None, "n-1")


def test_without_a_cursor_there_is_no_position():
    assert position(NOTE, by("title")) is None


def test_a_cursor_survives_a_change_of_its_conditions():
    query = by("stars")
    narrower = evolve(query, where=(Where("stars", Match.ABOVE, 1),), limit=7, after=cursor(NOTE, query, value=3, id="n-1"))
    assert position(NOTE, narrower) == (3, "n-1")


@pytest.mark.parametrize("other", [by(None), by("title"), by("stars", descending=True)])
def test_a_cursor_of_another_order_is_refused(other):
    after = cursor(NOTE, by("stars"), value=3, id="n-1")
    with pytest.raises(InvalidValue, match="no cursor of this query of note"):
        position(NOTE, evolve(other, after=after))


def test_a_cursor_of_another_kind_is_refused():
    after = cursor(NOTE, by(None), value=None, id="n-1")
    with pytest.raises(InvalidValue, match="no cursor of this query of secret"):
        position(SECRET, Query(Secret, after=after))


@given(data=st.data())
def test_a_cursor_with_any_letter_changed_is_refused(data):
    after = cursor(NOTE, by("title"), value="茶", id="n-1")
    at = data.draw(st.integers(0, len(after) - 1))
    damaged = after[:at] + data.draw(st.characters().filter(lambda letter: letter != after[at])) + after[at + 1 :]
    with pytest.raises(InvalidValue, match="no cursor"):
        position(NOTE, evolve(by("title"), after=damaged))


@given(after=st.text(min_size=1))
def test_text_that_is_no_cursor_is_refused(after):
    with pytest.raises(InvalidValue, match="no cursor"):
        position(NOTE, evolve(by("title"), after=after))


@pytest.mark.parametrize("after", [None, 7, b"AAAA", ["x"]])
def test_what_is_no_text_is_refused(after):
    with pytest.raises(InvalidValue, match="no cursor"):
        position(NOTE, evolve(by("title"), after=after))
