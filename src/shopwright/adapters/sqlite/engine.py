"""What all views of one file share: its kinds, its codec, its statements, and what is known of its schema.

Rules
- the schema is looked at when the storage opens, and again whenever somebody changed a table: a file that has become newer is
  written to no more;
- an index that was not ready is looked up again by each query that wants it, until it is ready.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from copy import copy
from functools import cache
from typing import Any, TypeVar

from shopwright.adapters.sqlite.schema import NEWEST, installed_or_raise, schema_version
from shopwright.adapters.sqlite.statements import DocumentStatements
from shopwright.adapters.tables import compare, tables_of
from shopwright.errors import UnknownIndex
from shopwright.ports.kinds import Kind
from shopwright.wire.codec import Codec

T = TypeVar("T")


class Engine:
    """Statements and schema knowledge for one file; safe between threads."""

    def __init__(self, codec: Codec, place: str) -> None:
        self.codec = codec
        self.kinds = codec.kinds
        self.place = place
        self._documents = {table.kind.type: DocumentStatements(table) for table in tables_of(codec.kinds)}
        self.load_each = cache(self._load_each)
        self._schema_version: int | None = None
        self._building: frozenset[tuple[str, str]] = frozenset()

    def elsewhere(self) -> Engine:
        """The same kinds and statements for another connection, whose schema is still to be looked at."""
        other = copy(self)
        other._schema_version = None
        return other

    def statements(self, type: type) -> DocumentStatements:
        """The statements of the kind that stores this type; raises `UnknownKind`."""
        found = self._documents.get(type)
        return found if found is not None else self._documents[self.kinds.document(type).type]

    def _load_each(self, asked: tuple[tuple[type, int], ...]) -> str:
        """The statement that reads documents of several kinds, by type and places for ids; raises `UnknownKind`."""
        return " union all ".join([self.statements(type_).load_many(places) for type_, places in asked])

    def check_schema(self, cursor: sqlite3.Cursor) -> None:
        """Raise `SchemaMismatch` or `StorageCorrupted` unless the file is what this release and these kinds need."""
        version = schema_version(cursor)
        if version != self._schema_version:
            self._look(cursor)
            self._schema_version = version

    def _look(self, cursor: sqlite3.Cursor) -> None:
        there = installed_or_raise(cursor, self.place)
        compare(there, self.kinds, newest=NEWEST).refuse(self.place)
        self._building = there.building

    def check_ready(self, cursor: sqlite3.Cursor, kind: Kind[Any], indexes: Iterable[str]) -> None:
        """Raise `UnknownIndex` when one of these indexes is still being filled."""
        wanted = {(kind.name, index) for index in indexes}
        if not wanted & self._building:
            return
        self._look(cursor)
        waiting = ", ".join(sorted(name for _, name in wanted & self._building))
        if waiting:
            raise UnknownIndex(f"the backfill of index {waiting} of {kind.name} is not done; run `shopwright db upgrade {self.place}` to its end")
