"""The straight attempt and the careful one write the same rows; the straight one never decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.adapters.sqlite.committing import Prepared, Refused, write_with_care
from shopwright.errors import UndecodableDocument, VersionConflict
from shopwright.ports.quotas import CommitHold, Give, Grant, ReleaseHold, Reserve, Take
from shopwright.ports.storage import Committed
from shopwright.testing.clock import NOON
from shopwright.testing.samples import Note
from shopwright.testing.storage_contract.steps import LATER, a_change, counts, done, hold, noted, put, refused, stocked
from tests.unit.adapters.sqlite.notebooks import a_notebook, raw, rows

TABLES = ("operation", "note", "secret", "record", "quota", "hold", "hold_item")

keys = st.sampled_from(["tea", "milk"])
holds = st.sampled_from(["h-1", "h-2", "h-3"])
quantities = st.integers(1, 4)
moments = st.integers(0, 6).map(lambda minutes: NOON + timedelta(minutes=minutes))
items = st.dictionaries(keys, quantities, min_size=1).map(lambda wanted: tuple(wanted.items()))
moves = st.one_of(
    st.builds(Grant, keys, st.integers(-3, 6).filter(bool)),
    st.builds(Take, keys, quantities),
    st.builds(Give, keys, quantities),
    st.builds(Reserve, holds, items, moments),
    st.builds(CommitHold, holds),
    st.builds(ReleaseHold, holds),
)
histories = st.lists(st.tuples(moments, st.lists(moves, min_size=1, max_size=4)), min_size=1, max_size=12)


def commit_with_care(storage, change):
    """What `commit` answers when it never goes straight ahead."""
    try:
        with storage._connections.writing() as cursor:
            return write_with_care(cursor, Prepared(storage._engine, "", change))
    except Refused as refused:
        return refused.refusal


def everything(folder) -> dict[str, list[tuple]]:
    return {table: sorted(rows(folder, f"select * from {table}"), key=repr) for table in TABLES}


@settings(max_examples=40)
@given(histories)
def test_both_attempts_answer_and_write_the_same_whatever_the_history(tmp_path_factory, history):
    straight, careful = tmp_path_factory.mktemp("straight"), tmp_path_factory.mktemp("careful")
    one, other = a_notebook(straight, durability="normal"), a_notebook(careful, durability="normal")
    for at, moved in history:
        change = a_change(*moved, at=at)
        assert commit_with_care(other, change) == one.commit(change)
    one.close()
    other.close()
    assert everything(straight) == everything(careful)


@pytest.fixture
def storage(tmp_path):
    """A notebook with five of tea."""
    storage = a_notebook(tmp_path)
    stocked(storage, tea=5)
    yield storage
    storage.close()


def test_a_changeset_that_ends_one_hold_and_reclaims_another_writes_both(storage, tmp_path):
    done(storage, hold("old", ("tea", 2)), hold("mine", ("tea", 2), until=LATER + timedelta(days=1)))
    done(storage, ReleaseHold("mine"), hold("new", ("tea", 5), until=LATER + timedelta(days=1)), at=LATER)
    assert rows(tmp_path, "select id, reclaimed is not null from hold order by id") == [("new", 0), ("old", 1)]
    assert rows(tmp_path, "select hold, quantity from hold_item") == [("new", 5)]
    assert counts(storage, "tea", at=LATER) == (5, 0, 5)


def test_records_about_several_notes_may_stand_mixed_in_one_changeset(storage):
    done(storage, noted(1, key="a"), noted(1, key="b"), noted(2, key="a"), noted(2, key="b"))
    assert [(record.key, record.number) for record in storage.read("notes")] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_a_record_that_leaves_a_gap_is_a_conflict(storage):
    done(storage, noted(1))
    with pytest.raises(VersionConflict, match="the next record about 'n-1' in 'notes' is 2, got 3"):
        done(storage, noted(3))


def test_of_many_lapsed_holds_only_those_that_are_needed_are_reclaimed_and_the_first_first(storage, tmp_path):
    done(storage, *(hold(f"h-{number}", ("tea", 1), until=NOON + timedelta(seconds=number)) for number in range(5)))
    done(storage, Take("tea", 2), at=LATER)
    assert rows(tmp_path, "select id from hold where reclaimed is not null order by id") == [("h-0",), ("h-1",)]


def test_a_refusal_reclaims_nothing(storage, tmp_path):
    done(storage, hold("old", ("tea", 2)))
    assert refused(storage, Take("tea", 6), at=LATER).fact("free") == 5
    assert rows(tmp_path, "select id from hold where reclaimed is not null") == []


def test_the_careful_attempt_commits_what_the_straight_one_would_have(storage):
    assert commit_with_care(storage, a_change(put(Note("n-1", slug="one")), noted(1), key="k", answer="yes")) == Committed("yes")
    assert commit_with_care(storage, a_change(put(Note("n-1", slug="one")), noted(1), key="k", answer="yes")) == Committed("yes", repeated=True)
    assert storage.load(Note, "n-1").value == Note("n-1", slug="one")


def test_a_record_whose_type_became_a_document_is_not_read_as_one(storage, tmp_path):
    done(storage, noted(1))
    connection = raw(tmp_path)
    connection.execute("update record set type = 'note'")
    connection.close()
    with pytest.raises(UndecodableDocument, match="holds a note, which is registered as a document kind"):
        storage.read("notes")
