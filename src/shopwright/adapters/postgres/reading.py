"""The reads of the storage port, over whatever connection is lent to them.

Rules
- every read is one statement, so it sees one snapshot, and a later read sees every commit before it;
- except that a stream shows a record only once every transaction that began before it has ended: whoever commits late cannot slip
  in behind a reader. So one long transaction, in any database of the server, delays all readers of streams, and nothing else;
- the records of one aggregate (`key=`) need not wait: their numbers have no gaps, so none can come late;
- bodies are decoded after the connection was given back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from shopwright.adapters.loading import loaded
from shopwright.adapters.postgres.committing import Lender
from shopwright.adapters.postgres.conflicts import key_conflict
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.filling import fill_outdated
from shopwright.adapters.postgres.finding import find_of, next_of
from shopwright.errors import InvalidValue, UndecodableDocument
from shopwright.ports.edge import as_utc, check_ids, check_limit, check_operation, check_text
from shopwright.ports.kinds import Kinds, RecordType
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import START, Answer, Loaded, Operation, Page, Position, Query, Recorded, Stored

T = TypeVar("T")

_POSITION = re.compile(r"[0-9a-f]{24}")


class PostgresReads:
    """Reads of one scope."""

    def __init__(self, engine: Engine, lender: Lender, scope: str) -> None:
        self._engine, self._lender, self._scope = engine, lender, scope

    @property
    def kinds(self) -> Kinds:
        """What this storage keeps."""
        return self._engine.kinds

    @property
    def is_joined(self) -> bool:
        """Whether it works inside a host's transaction."""
        return not self._lender.repeats

    def answered(self, operation: Operation) -> Answer | None:
        """What this operation answered, if it was done; raises `KeyConflict` when the key was used for another command."""
        check_operation(operation)
        rows = self._rows(self._engine.sql.answered, (self._scope, operation.key))
        if not rows:
            return None
        fingerprint, text, at = rows[0]
        if fingerprint != operation.fingerprint:
            raise key_conflict(operation)
        return Answer(text, at.replace(tzinfo=UTC))

    def load(self, kind: type[T], id: str) -> Stored[T] | None:
        """The newest committed version of a document, or `None`."""
        check_text("document id", id)
        statements = self._engine.statements(kind)
        rows = self._texts(statements.load, self._scope, id)
        if not rows:
            return None
        version, shape, body = rows[0]
        return Stored(self._engine.codec.load(statements.table.kind, int(shape), body), int(version))

    def load_many(self, kind: type[T], ids: Collection[str]) -> dict[str, Stored[T]]:
        """The documents that exist among these ids, by id, from one snapshot."""
        return dict(self.load_each({kind: ids}).of(kind))

    def load_each(self, wanted: Mapping[type, Collection[str]]) -> Loaded:
        """The documents that exist among these ids of each kind, from one snapshot, in one round trip."""
        texts: list[str] = []
        values: list[str] = []
        for type_, ids in wanted.items():
            statements, checked = self._engine.statements(type_), check_ids("ids", ids)
            if checked:
                texts.append(statements.load_many)
                values += (self._scope, _array(checked))
        rows = self._texts(" union all ".join(texts), *values) if texts else ()
        return loaded(wanted, self._engine.codec, [(name, id, int(version), int(shape), body) for name, id, version, shape, body in rows])

    def find(self, query: Query[T]) -> Page[Stored[T]]:
        """One page, from one snapshot that holds all earlier commits; raises `UnknownIndex`."""
        find = find_of(query, self.kinds, self._engine, self._scope)
        with self._lender.lent() as cursor:
            self._engine.check_ready(cursor, find.kind, find.indexes)
            if find.table in self._engine.mixed and find.indexes:
                fill_outdated(self._lender.session(cursor), cursor, self._engine, find.table)
            rows = cursor.execute(find.sql, find.values, prepare=False).fetchall()  # planned for these very values
        load = self._engine.codec.load
        items = tuple([Stored(load(find.kind, shape, body), version) for _, version, shape, body, _ in rows[: query.limit]])
        return Page(items, next_of(find, rows))

    def quota(self, keys: Collection[str], *, at: datetime) -> dict[str, Quota]:
        """Every key asked for, as it stands at this time; a key that was never granted stands at zero."""
        wanted, now = check_ids("quota keys", keys), as_utc("at", at)
        rows = self._rows(self._engine.sql.quota, (now, self._scope, list(wanted))) if wanted else []
        found = {key: Quota(key, granted, used, held) for key, granted, used, held in rows}
        return {key: found.get(key) or Quota(key, 0, 0, 0) for key in wanted}

    def read(self, stream: str, *, after: Position = START, limit: int = 100, key: str | None = None) -> Sequence[Recorded]:
        """The next records of a stream, or of one aggregate in it; none that commits later ever comes before one read here."""
        check_text("stream", stream)
        check_limit(limit)
        if key is not None:
            check_text("record key", key)
        place = _place(after)
        if key is None:
            rows = self._rows(self._engine.sql.records, (self._scope, stream, *place, limit))
        else:
            rows = self._rows(self._engine.sql.records_of_key, (self._scope, stream, key, *place, limit))
        return tuple([self._recorded(stream, *row) for row in rows])

    def _recorded(self, stream: str, tx: int, ordinal: int, key: str, number: int, at: datetime, type: str, shape: int, body: str) -> Recorded:
        declared = self.kinds.named(type)
        if not isinstance(declared, RecordType):
            raise UndecodableDocument(f"stream {stream} holds a {type}, which is registered as a document kind; register it as a record type")
        value = self._engine.codec.load(declared, shape, body)
        return Recorded(Position(f"{tx:016x}{ordinal:08x}"), stream, key, number, at.replace(tzinfo=UTC), value)

    def _texts(self, text: str, *values: str) -> Sequence[Sequence[Any]]:
        with self._lender.lent() as cursor:
            return self._lender.rows(cursor, text, *values)

    def _rows(self, text: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lender.lent() as cursor:
            return cursor.execute(text, values).fetchall()


def _array(texts: Iterable[str]) -> str:
    """At least one text, as the literal of an array."""
    escaped = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(escaped) + '"}'


def _place(position: Position) -> tuple[int, int]:
    if position == START:
        return 0, 0
    if not _POSITION.fullmatch(str(position)):
        raise InvalidValue(f"expected a position that this storage gave, or START, got {position!r}")
    return int(position[:16], 16), int(position[16:], 16)
