"""What to say when a changeset meets something that is already there: an operation, a newer version, a taken value.

Rules
- each is told as the port says: a repeated operation answers, a conflict raises, a taken value of a unique index is refused;
- the database only told that some unique index was in the way; which put of the changeset it was is looked up afterwards, each
  in its turn, so that the answer is the one of any other store.
"""

from __future__ import annotations

from shopwright.adapters.postgres.calls import Document, Entry, Prepared
from shopwright.adapters.postgres.connections import Cursor
from shopwright.adapters.postgres.statements import DocumentStatements
from shopwright.adapters.tables import Table
from shopwright.errors import KeyConflict, VersionConflict
from shopwright.ports.refused import index_taken
from shopwright.ports.storage import Changeset, Committed, Operation
from shopwright.refusals import Refusal


def answer_of(operation: Operation, fingerprint: str, answer: str) -> Committed:
    """The stored answer of an operation that was done before; raises `KeyConflict` when its key stands for another command."""
    if fingerprint != operation.fingerprint:
        raise key_conflict(operation)
    return Committed(answer, repeated=True)


def key_conflict(operation: Operation) -> KeyConflict:
    """What to raise for a key that stands for another command."""
    return KeyConflict(f"operation key {operation.key!r} was used for another command; use a new key for a new command")


def stale_document(document: Document) -> VersionConflict:
    """What to raise for a put whose version has moved on."""
    name = document.table.kind.name
    if document.expected == 0:
        return VersionConflict(f"{name} {document.id!r} is there already, expected none; read it again and decide again")
    return VersionConflict(f"{name} {document.id!r} is not at version {document.expected} any more; read it again and decide again")


def stale_record(entry: Entry) -> VersionConflict:
    """What to raise for a record whose number is taken, or whose predecessor is missing."""
    return VersionConflict(f"{entry.number} is not the next record about {entry.key!r} in {entry.stream!r}; read it again and decide again")


def taken_index(cursor: Cursor, ready: Prepared, documents: dict[str, DocumentStatements]) -> Refusal | None:
    """Which put has a value of a unique index that another document has, each looked at in its turn after those before it."""
    taken: dict[tuple[str, str, object], str | None] = {}
    for document in ready.documents:
        sql, table = documents[document.table.name], document.table
        unique = [column for column in table.columns if column.unique]
        row = cursor.execute(sql.unique_values, (ready.scope, document.id)).fetchone()
        for column, value in zip(unique, row or (), strict=False):
            taken[table.name, column.name, value] = None
        told = dict(zip(table.columns, document.values, strict=False))
        for column in unique:
            value = told.get(column)
            if value is None:
                continue
            place = (table.name, column.name, value)
            if place not in taken:
                owner = cursor.execute(sql.owners[column], (ready.scope, value)).fetchone()
                taken[place] = owner[0] if owner else None
            if taken[place] not in {None, document.id}:
                return _index_taken(ready.change, table, column.index.name, document.id)
            taken[place] = document.id
    return None


def _index_taken(change: Changeset, table: Table, index: str, id: str) -> Refusal:
    document = next(put.value for put in change.puts if put.id == id and type(put.value) is table.kind.type)
    value = table.kind.index(index).value(document)
    assert value is not None
    return index_taken(kind=table.kind.name, index=index, value=value)
