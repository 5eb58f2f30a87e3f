"""Writes one changeset inside a transaction: first straight ahead, and when anything is not as hoped, once more with care.

Rules
- straight ahead means a handful of conditional statements whose row counts must be as expected; they decide nothing, and
  when one of them falls short, everything they wrote is rolled back;
- with care means in the lock order of the port: operation, documents by (kind, id), streams, and quotas by the arithmetic of
  `shopwright.ports.counting`; that attempt finds the refusal, the conflict or the lapsed holds to reclaim;
- bodies are encoded and values are checked before the transaction begins, so that the lock is held as briefly as can be.
"""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from shopwright.adapters.sqlite import statements as sql
from shopwright.adapters.sqlite.engine import Engine
from shopwright.adapters.sqlite.moving import move_straight, settle_and_write
from shopwright.adapters.sqlite.reading import answer_of
from shopwright.adapters.sqlite.statements import DocumentStatements
from shopwright.adapters.tables import utc_text
from shopwright.errors import VersionConflict
from shopwright.ports.edge import as_utc, check_change, documents_in_order
from shopwright.ports.refused import index_taken
from shopwright.ports.storage import Changeset, Committed, Drop, Put, Record
from shopwright.refusals import Refusal


class NotStraight(Exception):
    """Something was not as the straight attempt hoped; roll it back and try with care."""


class Refused(Exception):
    """Carries a refusal out of the transaction, which is rolled back."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.code)


Row = tuple[Any, ...]


class Write(NamedTuple):
    """A put or a drop with what it writes: version, shape and body, and what the index columns hold."""

    statements: DocumentStatements
    put: Put | Drop
    new: Row = ()
    columns: Row = ()


class Prepared:
    """A checked changeset with every parameter ready."""

    __slots__ = ("at", "change", "documents", "operation", "records", "scope")

    def __init__(self, engine: Engine, scope: str, change: Changeset) -> None:
        check_change(change, engine.kinds)
        self.change = change
        self.scope = scope
        self.at = utc_text(as_utc("at", change.at))
        operation = change.operation
        self.operation = (scope, operation.key, operation.fingerprint, operation.answer, self.at)
        self.documents = _documents(engine, change)
        self.records = [_record(engine, scope, record, self.at) for record in change.records]


def _documents(engine: Engine, change: Changeset) -> list[Write]:
    writes: list[Write] = []
    for kind, write in documents_in_order(change, engine.kinds):
        statements = engine.statements(kind.type)
        if isinstance(write, Drop):
            writes.append(Write(statements, write))
            continue
        new = (write.expected + 1, kind.shape, engine.codec.dump(write.value))
        writes.append(Write(statements, write, new, statements.table.values(write.value)))
    return writes


def _record(engine: Engine, scope: str, record: Record, at: str) -> Row:
    declared = engine.kinds.record(type(record.value))
    return scope, record.stream, record.key, record.number, at, declared.name, declared.shape, engine.codec.dump(record.value)


def write_straight(cursor: sqlite3.Cursor, prepared: Prepared) -> Committed:
    """Write everything, hoping for the best; raises `NotStraight` when it is not to be had."""
    try:
        cursor.execute(sql.OPERATION_ADD, prepared.operation)
        if not cursor.rowcount:
            raise NotStraight
        for move in prepared.change.moves:
            if not move_straight(cursor, prepared.scope, move):
                raise NotStraight
        for write in prepared.documents:
            if not _written(cursor, prepared.scope, write):
                raise NotStraight
        _check_predecessors(cursor, prepared.records)
        _write_records(cursor, prepared.records)
    except sqlite3.IntegrityError as error:
        raise NotStraight from error
    return Committed(prepared.change.operation.answer)


def _written(cursor: sqlite3.Cursor, scope: str, write: Write) -> bool:
    """Write a document, and of its index columns those that change, for each costs a page; whether it was at the version that was expected."""
    statements, put, new, columns = write
    if isinstance(put, Drop):
        cursor.execute(statements.drop, (scope, put.id))
        return True
    if not put.expected:
        places = tuple([place for place, value in enumerate(columns) if value is not None])
        cursor.execute(statements.insert(places), (scope, put.id, *new, *[columns[place] for place in places]))
        return True
    where = (scope, put.id, put.expected)
    there = cursor.execute(statements.indexed, where).fetchone()
    if there is None:
        return False
    places = tuple([place for place, value in enumerate(columns) if value != there[place]])
    cursor.execute(statements.update(places), (*new, *[columns[place] for place in places], *where))
    return True


def _check_predecessors(cursor: sqlite3.Cursor, records: list[Row]) -> None:
    """Each record follows one that is there or stands in the same changeset; that it is not taken the unique index tells."""
    seen: set[Row] = set()
    for scope, stream, key, number, *_ in records:
        if number > 1 and (stream, key) not in seen and cursor.execute(sql.RECORD_IS_THERE, (scope, stream, key, number - 1)).fetchone() is None:
            raise NotStraight
        seen.add((stream, key))


def _write_records(cursor: sqlite3.Cursor, records: list[Row]) -> None:
    if len(records) == 1:
        cursor.execute(sql.RECORD_ADD, records[0])
    elif records:
        cursor.executemany(sql.RECORD_ADD, records)


def write_with_care(cursor: sqlite3.Cursor, prepared: Prepared) -> Committed:
    """Check and write in lock order; raises `Refused`, `VersionConflict` or `KeyConflict`."""
    operation = prepared.change.operation
    done = cursor.execute(sql.OPERATION_LOAD, (prepared.scope, operation.key)).fetchone()
    if done is not None:
        return Committed(answer_of(operation, done).text, repeated=True)
    cursor.execute(sql.OPERATION_ADD, prepared.operation)
    for write in prepared.documents:
        _write_document(cursor, prepared.scope, write)
    _check_numbers(cursor, prepared.scope, prepared.change.records)
    refusal = settle_and_write(cursor, prepared.scope, prepared.change, prepared.at)
    if refusal is not None:
        raise Refused(refusal)
    _write_records(cursor, prepared.records)
    return Committed(operation.answer)


def _write_document(cursor: sqlite3.Cursor, scope: str, told: Write) -> None:
    if isinstance(told.put, Put):
        _check_version(cursor, scope, told.statements, told.put)
        _check_unique(cursor, scope, told.statements, told.put)
    _written(cursor, scope, told)


def _check_version(cursor: sqlite3.Cursor, scope: str, statements: DocumentStatements, put: Put) -> None:
    there = cursor.execute(statements.version, (scope, put.id)).fetchone()
    version = there[0] if there else 0
    if version != put.expected:
        name = statements.table.kind.name
        raise VersionConflict(f"{name} {put.id!r} is at version {version}, expected {put.expected}; read it again and decide again")


def _check_unique(cursor: sqlite3.Cursor, scope: str, statements: DocumentStatements, put: Put) -> None:
    for column, kept in zip(statements.table.columns, statements.table.values(put.value), strict=True):
        if not column.unique or kept is None:
            continue
        owner = cursor.execute(statements.owner(column), (scope, kept)).fetchone()
        if owner is not None and owner[0] != put.id:
            value = column.index.value(put.value)
            assert value is not None
            raise Refused(index_taken(kind=statements.table.kind.name, index=column.index.name, value=value))


def _check_numbers(cursor: sqlite3.Cursor, scope: str, records: tuple[Record, ...]) -> None:
    """The first record about each aggregate must follow the last one there; within a changeset the edge saw to it."""
    seen: set[tuple[str, str]] = set()
    for record in records:
        about = (record.stream, record.key)
        if about in seen:
            continue
        seen.add(about)
        expected = cursor.execute(sql.RECORD_LAST, (scope, *about)).fetchone()[0] + 1
        if record.number != expected:
            raise VersionConflict(f"the next record about {record.key!r} in {record.stream!r} is {expected}, got {record.number}; read it again")
