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
from typing import Any

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
Write = tuple[DocumentStatements, Put | Drop, Row]


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
        self.documents = _documents(engine, scope, change)
        self.records = [_record(engine, scope, record, self.at) for record in change.records]


def _documents(engine: Engine, scope: str, change: Changeset) -> list[Write]:
    writes: list[Write] = []
    for kind, write in documents_in_order(change, engine.kinds):
        statements = engine.statements(kind.type)
        if isinstance(write, Drop):
            writes.append((statements, write, (scope, write.id)))
            continue
        new = (write.expected + 1, kind.shape, engine.codec.dump(write.value), *statements.table.values(write.value))
        writes.append((statements, write, (*new, scope, write.id, write.expected) if write.expected else (scope, write.id, *new)))
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
        for statements, write, row in prepared.documents:
            cursor.execute(_statement(statements, write), row)
            if not cursor.rowcount and isinstance(write, Put):
                raise NotStraight
        _check_predecessors(cursor, prepared.records)
        _write_records(cursor, prepared.records)
    except sqlite3.IntegrityError as error:
        raise NotStraight from error
    return Committed(prepared.change.operation.answer)


def _statement(statements: DocumentStatements, write: Put | Drop) -> str:
    if isinstance(write, Drop):
        return statements.drop
    return statements.update if write.expected else statements.insert


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
    statements, write, row = told
    if isinstance(write, Put):
        _check_version(cursor, scope, statements, write)
        _check_unique(cursor, scope, statements, write)
    cursor.execute(_statement(statements, write), row)


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
