"""The argument of the commit function carries any text, and the function's name tells what it was made for."""

from __future__ import annotations

import re

import pytest

from shopwright.adapters.postgres.calls import argument, prepared
from shopwright.adapters.postgres.functions import commit_functions, layout_of
from shopwright.adapters.postgres.storage import PostgresStorage
from shopwright.adapters.tables import table_of, tables_of
from shopwright.ports.quotas import CommitHold, Grant, Take
from shopwright.ports.storage import Changeset, Committed, Operation, Stored
from shopwright.testing.clock import NOON
from shopwright.testing.samples import NOTE, SAMPLE_KINDS, Note
from shopwright.testing.storage_contract.steps import a_change, counts, done, hold, noted, put
from shopwright.wire.codec import Codec

CONTROLS = "".join(map(chr, range(1, 32)))


def fields_of(change: Changeset) -> list[str | None]:
    """The fields as the function takes them apart."""
    tables = tables_of(SAMPLE_KINDS)
    ready = prepared("", change, SAMPLE_KINDS, {table.kind.type: table for table in tables}, Codec(SAMPLE_KINDS))
    text = argument(ready, ranks={}, synchronous_commit=None, lock_timeout=5_000)
    return [None if field == text[1] else field for field in text[2:].split(text[0])]


def test_the_fields_are_those_that_the_module_tells() -> None:
    change = Changeset(Operation("o-1", "f", "a"), NOON, puts=(put(Note("n-1", "tea"), expected=3),), moves=(Take("tea", 2),), records=(noted(4),))
    assert fields_of(change) == [
        *("", "o-1", "f", "a", "2026-03-01T12:00:00.000000Z", None, "5000"),
        *("1", "note", "n-1", "3", "1", '{"id":"n-1","title":"tea"}', "tea", None, None, None, None),
        *("1", "1", "notes", "n-1", "4", "0", "noted", "1", '{"text":"n-1 4"}'),
        "0",
        *("1", "tea", "0", "0", "0", "2", "0"),
    ]


@pytest.mark.parametrize("text", ["\x1e", "\x1f", "\x1e\x1f", CONTROLS, "\x1f" * 3, "a\x1eb", "~", "null", "\\N"])
def test_any_text_travels_as_it_is(storage: PostgresStorage, text: str) -> None:
    note = Note(text, text, slug=text)
    done(storage, Grant(text, 5), put(note), noted(1, key=text, stream=text, text=text))
    done(storage, hold(text, (text, 2)))
    change = Changeset(Operation(text, text, text), NOON, moves=(CommitHold(text),))
    assert storage.scoped(text).load(Note, text) is None
    assert storage.commit(change) == Committed(text)
    assert storage.commit(change) == Committed(text, repeated=True)
    assert storage.load(Note, text) == Stored(note, 1)
    assert counts(storage, text) == (5, 2, 0)
    assert [record.value.text for record in storage.read(text, key=text)] == [text]


def test_a_changeset_that_uses_every_control_character_still_has_separators() -> None:
    fields = fields_of(a_change(*(put(Note(chr(code), slug=f"{chr(code)}{code}")) for code in range(1, 0x120))))
    assert fields.count("note") == 0x11F


def test_the_name_of_the_function_follows_its_text() -> None:
    tables = tables_of(SAMPLE_KINDS)
    one = commit_functions('"shop"', tables, ahead=0)
    assert one == commit_functions('"shop"', tables, ahead=0)
    assert one.name != commit_functions('"shop"', tables, ahead=1).name != commit_functions('"other"', tables, ahead=0).name
    assert one.name != commit_functions('"shop"', tables[:1], ahead=0).name
    assert all(re.fullmatch(r"[a-z0-9_]{1,63}", name) for name in (one.name, one.within))


def test_the_layout_of_a_table_changes_with_its_indexes_and_with_nothing_else() -> None:
    from attrs import evolve

    assert layout_of(table_of(NOTE)) == layout_of(table_of(evolve(NOTE, shape=2, lifts=(lambda body: body,), indexes=NOTE.indexes[::-1])))
    assert layout_of(table_of(NOTE)) != layout_of(table_of(evolve(NOTE, indexes=NOTE.indexes[:-1])))
    assert 0 <= layout_of(table_of(NOTE)) < 2**31
