"""A storage in the memory of one process: the reference that every other storage is compared with, and the one for tests.

Rules
- it keeps every promise of the port except durability, under one lock;
- it keeps the values themselves, but refuses those that no other storage could encode;
- an attempt is checked as a whole, in the lock order of the port, and only then written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from attrs import Factory, define, evolve, frozen

from shopwright.errors import InvalidValue, KeyConflict, NotSupportedHere, StorageUnavailable, VersionConflict
from shopwright.ports.counting import Counter, Draft, Hold, settle
from shopwright.ports.edge import (
    as_utc,
    check_change,
    check_ids,
    check_limit,
    check_operation,
    check_query,
    check_text,
    documents_in_order,
    index_values,
)
from shopwright.ports.kinds import IndexValue, Kind, Kinds
from shopwright.ports.quotas import Quota, Reserve
from shopwright.ports.refused import index_taken
from shopwright.ports.storage import (
    START,
    Answer,
    Changeset,
    Committed,
    Drop,
    Loaded,
    Match,
    Operation,
    Page,
    Position,
    Put,
    Query,
    Record,
    Recorded,
    Stored,
    Where,
)
from shopwright.refusals import Refusal
from shopwright.wire.codec import Codec
from shopwright.wire.cursors import cursor, position

T = TypeVar("T")
UniqueKey = tuple[str, str, str | int | datetime]

_DIGITS = 20
_POSITION = re.compile(r"[0-9]{20}")


@frozen
class _Row:
    """A document as it is kept: with what it answers to its indexes."""

    value: Any
    version: int
    indexed: dict[str, IndexValue]

    @property
    def stored(self) -> Stored[Any]:
        return Stored(self.value, self.version)


@define
class _Shelf:
    """All that one scope keeps; the `Books` of its quotas. `streams` has each stream as a whole and by key."""

    documents: dict[str, dict[str, _Row]] = Factory(lambda: defaultdict(dict))
    unique: dict[UniqueKey, str] = Factory(dict)
    counters: dict[str, Counter] = Factory(dict)
    holds: dict[str, Hold] = Factory(dict)
    on_key: dict[str, set[str]] = Factory(lambda: defaultdict(set))
    streams: dict[tuple[str, str | None], list[Recorded]] = Factory(lambda: defaultdict(list))
    numbers: dict[tuple[str, str], int] = Factory(dict)
    operations: dict[str, tuple[str, Answer]] = Factory(dict)

    def counter(self, key: str) -> Counter | None:
        return self.counters.get(key)

    def hold(self, id: str) -> Hold | None:
        return self.holds.get(id)

    def holds_on(self, key: str) -> Iterable[Hold]:
        return [self.holds[id] for id in self.on_key.get(key, ())]


@define
class _Place:
    """What the views of all scopes share."""

    codec: Codec
    lock: Any = Factory(Lock)
    shelves: dict[str, _Shelf] = Factory(lambda: defaultdict(_Shelf))
    last_position: int = 0
    closed: bool = False


class MemoryStorage:
    """Implements `shopwright.ports.storage.Storage`; safe to share between threads."""

    is_joined = False

    def __init__(self, kinds: Kinds) -> None:
        self._place, self._scope = _Place(Codec(kinds)), ""

    @property
    def kinds(self) -> Kinds:
        """What this storage keeps."""
        return self._place.codec.kinds

    def scoped(self, scope: str) -> MemoryStorage:
        """The same store, seen by one tenant. Raises `NotSupportedHere` on a view that is scoped already."""
        check_text("scope", scope)
        if self._scope:
            raise NotSupportedHere(f"scopes do not nest: this view is scoped to {self._scope!r} already; scope the storage itself")
        view = MemoryStorage.__new__(MemoryStorage)
        view._place, view._scope = self._place, scope
        return view

    def close(self) -> None:
        """Every later call on this storage and its views raises `StorageUnavailable`; a scoped view only borrows and closes nothing."""
        if not self._scope:
            self._place.closed = True

    @property
    def _shelf(self) -> _Shelf:
        """What this scope keeps; the lock is held by the caller."""
        if self._place.closed:
            raise StorageUnavailable("this storage was closed; make another")
        return self._place.shelves[self._scope]

    def answered(self, operation: Operation) -> Answer | None:
        """What this operation answered; raises `KeyConflict`."""
        check_operation(operation)
        with self._place.lock:
            return _answered(self._shelf, operation)

    def load(self, kind: type[T], id: str) -> Stored[T] | None:
        """One document."""
        return self.load_many(kind, (id,)).get(id)

    def load_many(self, kind: type[T], ids: Collection[str]) -> dict[str, Stored[T]]:
        """Those of these documents that exist."""
        return dict(self.load_each({kind: ids}).of(kind))

    def load_each(self, wanted: Mapping[type, Collection[str]]) -> Loaded:
        """Those of these documents of each kind that exist."""
        asked = [(kind, self.kinds.document(kind).name, check_ids("ids", ids)) for kind, ids in wanted.items()]
        with self._place.lock:
            shelf = self._shelf.documents
            return Loaded({kind: {id: shelf[name][id].stored for id in ids if id in shelf[name]} for kind, name, ids in asked})

    def find(self, query: Query[T]) -> Page[Stored[T]]:
        """One page of documents."""
        kind, conditions = check_query(query, self.kinds)
        after = position(kind, query)
        with self._place.lock:
            rows = list(self._shelf.documents[kind.name].items())
        found = [(_place_of(query, id, row), row) for id, row in rows if _meets(row, conditions) and _is_ordered(query, row)]
        found.sort(key=lambda pair: pair[0], reverse=query.descending)
        if after is not None:
            found = [pair for pair in found if (pair[0] < after if query.descending else pair[0] > after)]
        page = found[: query.limit]
        items = tuple(row.stored for _, row in page)
        if len(found) <= query.limit:
            return Page(items)
        value, id = page[-1][0]
        return Page(items, cursor(kind, query, value=value, id=id))

    def quota(self, keys: Collection[str], *, at: datetime) -> dict[str, Quota]:
        """Every key as it stands at this time."""
        wanted, now = check_ids("quota keys", keys), as_utc("at", at)
        with self._place.lock:
            return {key: _as_read(self._shelf, key, now) for key in wanted}

    def read(self, stream: str, *, after: Position = START, limit: int = 100, key: str | None = None) -> Sequence[Recorded]:
        """The next records of a stream."""
        check_text("stream", stream)
        check_limit(limit)
        if key is not None:
            check_text("record key", key)
        if after != START and not _POSITION.fullmatch(after):
            raise InvalidValue(f"{after!r} is no position of this storage; give one that a record carried, or START")
        with self._place.lock:
            records = self._shelf.streams.get((stream, key), [])
            first = bisect_right(records, after, key=lambda record: record.position)
            return tuple(records[first : first + limit])

    def commit(self, change: Changeset) -> Committed | Refusal:
        """All of the changeset or nothing."""
        check_change(change, self.kinds)
        for value in (*(put.value for put in change.puts), *(record.value for record in change.records)):
            self._place.codec.dump(value)
        documents = [(kind, write, _indexed(kind, write)) for kind, write in documents_in_order(change, self.kinds)]
        with self._place.lock:
            shelf = self._shelf
            done = _answered(shelf, change.operation)
            if done is not None:
                return Committed(done.text, repeated=True)
            refusal = _check_documents(shelf, documents)
            if refusal is not None:
                return refusal
            _check_numbers(shelf, change.records)
            draft = settle(shelf, _in_utc(change), at=as_utc("at", change.at))
            if isinstance(draft, Refusal):
                return draft
            self._write(shelf, change, documents, draft)
            return Committed(change.operation.answer)

    def _write(self, shelf: _Shelf, change: Changeset, documents: list[_Write], draft: Draft) -> None:
        """Nothing below can fail."""
        at = as_utc("at", change.at)
        for kind, write, indexed in documents:
            _write_document(shelf, kind, write, indexed)
        for record in change.records:
            self._place.last_position += 1
            place = Position(f"{self._place.last_position:0{_DIGITS}d}")
            recorded = Recorded(place, record.stream, record.key, record.number, at, record.value)
            shelf.streams[record.stream, None].append(recorded)
            shelf.streams[record.stream, record.key].append(recorded)
            shelf.numbers[record.stream, record.key] = record.number
        shelf.counters.update(draft.counters)
        for id, hold in draft.holds.items():
            _write_hold(shelf, id, hold)
        shelf.operations[change.operation.key] = (change.operation.fingerprint, Answer(change.operation.answer, at))

    def prune(self, *, before: datetime, limit: int = 1_000) -> int:
        """Forget the operations of this scope, and its reclaimed holds, that are older than this."""
        then = as_utc("before", before)
        check_limit(limit)
        with self._place.lock:
            shelf = self._shelf
            operations = sorted((answer.at, key) for key, (_, answer) in shelf.operations.items() if answer.at < then)[:limit]
            holds = sorted((hold.reclaimed_at, id) for id, hold in shelf.holds.items() if hold.reclaimed_at is not None and hold.reclaimed_at < then)[
                :limit
            ]
            for _, key in operations:
                del shelf.operations[key]
            for _, id in holds:
                _write_hold(shelf, id, None)
            return len(operations) + len(holds)


_Write = tuple[Kind[Any], Put | Drop, dict[str, IndexValue]]


def _answered(shelf: _Shelf, operation: Operation) -> Answer | None:
    found = shelf.operations.get(operation.key)
    if found is None:
        return None
    fingerprint, answer = found
    if fingerprint != operation.fingerprint:
        raise KeyConflict(f"operation key {operation.key!r} was used for another command; use a new key for a new command")
    return answer


def _indexed(kind: Kind[Any], write: Put | Drop) -> dict[str, IndexValue]:
    return index_values(kind, write.value) if isinstance(write, Put) else {}


def _unique_keys(kind: Kind[Any], indexed: dict[str, IndexValue]) -> list[UniqueKey]:
    values = [(index.name, indexed.get(index.name)) for index in kind.indexes if index.unique]
    return [(kind.name, name, value) for name, value in values if value is not None]


def _check_documents(shelf: _Shelf, documents: list[_Write]) -> Refusal | None:
    """Each in its turn: first its version, then its unique indexes, against what the writes before it left."""
    taken: dict[UniqueKey, str | None] = {}
    for kind, write, indexed in documents:
        row = shelf.documents[kind.name].get(write.id)
        version = row.version if row else 0
        if isinstance(write, Put) and write.expected != version:
            raise VersionConflict(f"{kind.name} {write.id!r} is at version {version}, expected {write.expected}; read it again and decide again")
        for key in _unique_keys(kind, row.indexed if row else {}):
            taken[key] = None
        for key in _unique_keys(kind, indexed):
            if taken.get(key, shelf.unique.get(key)) not in {None, write.id}:
                return index_taken(kind=kind.name, index=key[1], value=key[2])
            taken[key] = write.id
    return None


def _check_numbers(shelf: _Shelf, records: tuple[Record, ...]) -> None:
    next_of: dict[tuple[str, str], int] = {}
    for record in records:
        about = (record.stream, record.key)
        expected = next_of.get(about, shelf.numbers.get(about, 0) + 1)
        if record.number != expected:
            raise VersionConflict(f"the next record about {record.key!r} in {record.stream!r} is {expected}, got {record.number}; read it again")
        next_of[about] = expected + 1


def _in_utc(change: Changeset) -> list[Any]:
    return [evolve(move, until=as_utc("until", move.until)) if isinstance(move, Reserve) else move for move in change.moves]


def _write_document(shelf: _Shelf, kind: Kind[Any], write: Put | Drop, indexed: dict[str, IndexValue]) -> None:
    rows = shelf.documents[kind.name]
    row = rows.pop(write.id, None)
    for key in _unique_keys(kind, row.indexed if row else {}):
        del shelf.unique[key]
    if isinstance(write, Put):
        rows[write.id] = _Row(write.value, write.expected + 1, indexed)
        shelf.unique.update((key, write.id) for key in _unique_keys(kind, indexed))


def _write_hold(shelf: _Shelf, id: str, hold: Hold | None) -> None:
    before = shelf.holds.pop(id, None)
    for key, _ in before.items if before else ():
        shelf.on_key[key].discard(id)
    if hold is not None:
        shelf.holds[id] = hold
        for key, _ in hold.items:
            shelf.on_key[key].add(id)


def _as_read(shelf: _Shelf, key: str, at: datetime) -> Quota:
    """The counter as a reader sees it: a lapsed hold counts as free."""
    counter = shelf.counters.get(key, Counter())
    lapsed = sum(quantity for hold in shelf.holds_on(key) if hold.lapsed(at) for item, quantity in hold.items if item == key)
    return Quota(key, counter.granted, counter.used, counter.held - lapsed)


def _meets(row: _Row, conditions: tuple[Where, ...]) -> bool:
    return all(_compares(row.indexed[where.index], where) for where in conditions)


def _compares(value: Any, where: Where) -> bool:
    wanted: Any = where.value
    if value is None:
        return False
    match where.match:
        case Match.EQUAL:
            return bool(value == wanted)
        case Match.IN:
            return value in wanted
        case Match.AT_LEAST:
            return bool(value >= wanted)
        case Match.ABOVE:
            return bool(value > wanted)
        case Match.AT_MOST:
            return bool(value <= wanted)
        case Match.BELOW:
            return bool(value < wanted)


def _is_ordered(query: Query[Any], row: _Row) -> bool:
    return query.order_by is None or row.indexed[query.order_by] is not None


def _place_of(query: Query[Any], id: str, row: _Row) -> tuple[Any, str]:
    return (row.indexed[query.order_by] if query.order_by else None, id)
