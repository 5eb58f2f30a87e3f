"""The reads of the storage port, over whatever connection is lent to them.

Rules
- every read is one statement, so it sees one snapshot, and a later read sees every commit before it;
- bodies are decoded after the connection was given back;
- a position is the row's number as text of one width, so that positions compare as they follow.
"""

from __future__ import annotations

import json
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, TypeVar

from shopwright.adapters.loading import loaded
from shopwright.adapters.sqlite import statements as sql
from shopwright.adapters.sqlite.engine import Engine
from shopwright.adapters.sqlite.finding import find_of, next_of
from shopwright.adapters.tables import from_utc_text, utc_text
from shopwright.errors import InvalidValue, KeyConflict, UndecodableDocument
from shopwright.ports.edge import as_utc, check_ids, check_integer, check_limit, check_operation, check_text
from shopwright.ports.kinds import Kinds, RecordType
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import START, Answer, Loaded, Operation, Page, Position, Query, Recorded, Stored

T = TypeVar("T")

_as_json = json.JSONEncoder(ensure_ascii=False).encode
_WIDTH = 19
_MOST_PLACES = 64  # more ids than that are quicker told as one JSON array
_POSITION = re.compile(r"[0-9]{19}")


def answer_of(operation: Operation, row: tuple[str, str, str]) -> Answer:
    """The stored answer of an operation; raises `KeyConflict` when its key stands for another command."""
    fingerprint, text, at = row
    if fingerprint != operation.fingerprint:
        raise KeyConflict(f"the operation key {operation.key!r} was used for another command at {at}; mint a new key for a new command")
    return Answer(text, from_utc_text(at))


class SqliteReads(ABC):
    """Reads of one scope."""

    is_joined: bool = False

    def __init__(self, engine: Engine, scope: str) -> None:
        self._engine = engine
        self._scope = scope

    @abstractmethod
    def _reading(self) -> AbstractContextManager[sqlite3.Cursor]:
        """The connection that is lent to a read."""

    def _look(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """All rows of a read of a few rows."""
        with self._reading() as cursor:
            return cursor.execute(statement, values).fetchall()

    @property
    def kinds(self) -> Kinds:
        """What this storage keeps."""
        return self._engine.kinds

    def answered(self, operation: Operation) -> Answer | None:
        """What this operation answered, if it was done; raises `KeyConflict` when the key was used for another command."""
        check_operation(operation)
        rows = self._look(sql.OPERATION_LOAD, (self._scope, operation.key))
        return answer_of(operation, rows[0]) if rows else None

    def load(self, kind: type[T], id: str) -> Stored[T] | None:
        """The newest committed version of a document, or `None`."""
        check_text("document id", id)
        statements = self._engine.statements(kind)
        rows = self._look(statements.load, (self._scope, id))
        if not rows:
            return None
        ((version, shape, body),) = rows
        return Stored(self._engine.codec.load(statements.table.kind, shape, body), version)

    def load_many(self, kind: type[T], ids: Collection[str]) -> dict[str, Stored[T]]:
        """The documents that exist among these ids, by id, from one snapshot."""
        return dict(self.load_each({kind: ids}).of(kind))

    def load_each(self, wanted: Mapping[type, Collection[str]]) -> Loaded:
        """The documents that exist among these ids of each kind, from one snapshot."""
        asked: list[tuple[type, int]] = []
        values: list[str] = []
        for type_, ids in wanted.items():
            checked = check_ids("ids", ids)
            if checked:
                given = _places(checked)
                asked.append((type_, len(given)))
                values += (self._scope, *(given or (_as_json(checked),)))
        rows = self._look(self._engine.load_each(tuple(asked)), values) if asked else []
        return loaded(wanted, self._engine.codec, rows)

    def find(self, query: Query[T]) -> Page[Stored[T]]:
        """One page, from one snapshot that holds all earlier commits; raises `UnknownIndex`."""
        find = find_of(query, self.kinds, self._engine.statements(query.kind), self._scope)
        with self._reading() as cursor:
            self._engine.check_ready(cursor, find.kind, find.indexes)
            rows = cursor.execute(find.sql, find.values).fetchall()
        load = self._engine.codec.load
        items = tuple(Stored(load(find.kind, shape, body), version) for _, version, shape, body, _ in rows[: query.limit])
        return Page(items, next_of(find, rows))

    def quota(self, keys: Collection[str], *, at: datetime) -> dict[str, Quota]:
        """Every key asked for, as it stands at this time; a key that was never granted stands at zero."""
        wanted = check_ids("quota keys", keys)
        now = utc_text(as_utc("at", at))
        rows = self._look(sql.QUOTA_STANDING, (now, self._scope, _as_json(wanted)))
        found = {key: Quota(key, granted, used, held) for key, granted, used, held in rows}
        return {key: found.get(key) or Quota(key, 0, 0, 0) for key in wanted}

    def read(self, stream: str, *, after: Position = START, limit: int = 100, key: str | None = None) -> Sequence[Recorded]:
        """The next records of a stream, or of one aggregate in it; none that commits later ever comes before one read here."""
        check_text("stream", stream)
        check_limit(limit)
        behind = _number_of(after)
        if key is not None:
            check_text("record key", key)
        with self._reading() as cursor:
            if key is None:
                rows = cursor.execute(sql.RECORDS, (self._scope, stream, behind, limit)).fetchall()
            else:
                rows = cursor.execute(sql.RECORDS_OF_KEY, (self._scope, stream, key, behind, limit)).fetchall()
        return tuple(self._recorded(stream, *row) for row in rows)

    def _recorded(self, stream: str, position: int, key: str, number: int, at: str, type: str, shape: int, body: str) -> Recorded:
        declared = self.kinds.named(type)
        if not isinstance(declared, RecordType):
            raise UndecodableDocument(f"stream {stream} holds a {type}, which is registered as a document kind; register it as a record type")
        value = self._engine.codec.load(declared, shape, body)
        return Recorded(Position(f"{position:0{_WIDTH}}"), stream, key, number, from_utc_text(at), value)


def _places(ids: tuple[str, ...]) -> tuple[str, ...]:
    """The ids, the last of them repeated up to a power of two, so that few statements serve all; nothing when they are too many."""
    if len(ids) > _MOST_PLACES:
        return ()
    return ids + ids[-1:] * ((1 << (len(ids) - 1).bit_length()) - len(ids))


def _number_of(position: Position) -> int:
    if position == START:
        return 0
    if not _POSITION.fullmatch(position):
        raise InvalidValue(f"expected a position that this storage gave, or START, got {position!r}")
    number = int(position)
    check_integer("position", number, least=0)
    return number
