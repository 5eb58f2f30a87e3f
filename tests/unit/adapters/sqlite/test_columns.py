"""The index columns of a document: written where they change and nowhere else, and always what its indexes answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright.adapters.tables import table_of
from shopwright.errors import VersionConflict
from shopwright.ports.storage import Committed
from shopwright.testing.clock import NOON
from shopwright.testing.samples import NOTE, Note
from shopwright.testing.storage_contract.steps import a_change, done, put
from tests.unit.adapters.sqlite.notebooks import a_notebook, rows

COLUMNS = table_of(NOTE).columns
notes = st.builds(
    Note,
    st.just("n-1"),
    title=st.sampled_from(["", "tea", "milk"]),
    stars=st.none() | st.integers(0, 2),
    written_at=st.none() | st.sampled_from([NOON, NOON + timedelta(hours=1)]),
    slug=st.none() | st.sampled_from(["a", "b"]),
    serial=st.none() | st.integers(1, 2),
)


@settings(max_examples=40)
@given(st.lists(notes, min_size=1, max_size=6))
def test_they_hold_what_the_indexes_answer_whatever_was_there_before(tmp_path_factory, history):
    folder = tmp_path_factory.mktemp("notes")
    storage = a_notebook(folder, durability="normal")
    for version, note in enumerate(history):
        assert isinstance(storage.commit(a_change(put(note, expected=version))), Committed)
    storage.close()
    names = ", ".join(column.name for column in COLUMNS)
    assert rows(folder, f"select version, {names} from note") == [(len(history), *table_of(NOTE).values(history[-1]))]


@pytest.fixture
def told(tmp_path):
    """A notebook with one note, and what its writing connection is told to do from then on."""
    storage, told = a_notebook(tmp_path), list[str]()
    done(storage, put(Note("n-1", title="tea", stars=3)))
    storage._connections._writer.set_trace_callback(told.append)
    yield storage, told
    storage.close()


def updates(told: list[str]) -> list[str]:
    return [sql.partition(" where ")[0] for sql in told if sql.startswith("update")]


def test_a_column_that_stays_is_not_written(told):
    storage, said = told
    done(storage, put(Note("n-1", title="tea", stars=4), expected=1))
    (update,) = updates(said)
    assert '"stars" = 4' in update
    assert '"title" =' not in update


def test_a_column_that_is_no_longer_answered_is_emptied(told):
    storage, said = told
    done(storage, put(Note("n-1", title="tea"), expected=1))
    (update,) = updates(said)
    assert '"stars" = NULL' in update


def test_a_document_at_another_version_is_not_written(told):
    storage, said = told
    note = Note("n-1", title="milk")
    with pytest.raises(VersionConflict, match="version 1, expected 2"):
        storage.commit(a_change(put(note, expected=2)))
    assert updates(said) == []
    assert storage.load(Note, "n-1").value == evolve(note, title="tea", stars=3)
