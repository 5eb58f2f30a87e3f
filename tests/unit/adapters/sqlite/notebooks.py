"""Notebooks: a storage of notes in a folder, in this release and in those before and after it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from attrs import evolve

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.ports.kinds import Index, IndexType, Kind, Kinds
from shopwright.testing.samples import NOTE, NOTED, SAMPLE_KINDS, SECRET, Note

BY_TAGS = Index("tags", IndexType.INTEGER, lambda note: len(note.tags) or None)
BY_TITLE_ONCE = Index("title_once", IndexType.TEXT, lambda note: note.title, unique=True)


def a_notebook(folder: Path, *, kinds: Kinds = SAMPLE_KINDS, **settings) -> SqliteStorage:
    """A storage in this folder, brought up to these kinds."""
    return SqliteStorage.open(folder / "notes.db", kinds=kinds, upgrade=True, **settings)


def notes_with(*indexes: Index, without: tuple[str, ...] = (), shape: int = 1) -> Kinds:
    """The kinds of a release whose notes have other indexes or another shape."""
    kept = tuple(index for index in NOTE.indexes if index.name not in without)
    lifts = tuple(lambda body: body for _ in range(shape - 1))
    return Kinds(documents=(evolve(NOTE, indexes=(*kept, *indexes), shape=shape, lifts=lifts), SECRET), records=(NOTED,))


def only(*documents: Kind) -> Kinds:
    """These kinds of documents and the records of the samples."""
    return Kinds(documents=documents, records=(NOTED,))


def a_note(number: int, **fields) -> Note:
    """One of many notes."""
    return Note(f"n-{number:04}", title=f"title {number:04}", stars=number % 5, **fields)


def raw(folder: Path) -> sqlite3.Connection:
    """A connection of somebody else's to the same file."""
    return sqlite3.connect(folder / "notes.db", isolation_level=None)


def rows(folder: Path, sql: str) -> list[tuple]:
    """What somebody else reads in the file."""
    connection = raw(folder)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
