"""Writes one changeset statement by statement, deciding with care: where functions are not allowed, and where the commit
function met something that was not as hoped.

Rules
- the lock order is the port's: operation, documents, records, then holds by id, then quotas by (rank, key);
- holds and quotas are locked as they stand, `shopwright.ports.counting` decides over them, and what changed is written back;
- lapsed holds are locked with the others, before any quota, so that reclaiming keeps the order; it is part of the transaction,
  so a refusal undoes it;
- of the lapsed holds on a key only the first few are locked; when that was not enough, the attempt is made again with more.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import psycopg
from attrs import frozen

from shopwright.adapters.postgres.calls import Document, Entry, Prepared
from shopwright.adapters.postgres.conflicts import answer_of, stale_document, stale_record
from shopwright.adapters.postgres.connections import Cursor
from shopwright.adapters.postgres.sessions import Session, Statement
from shopwright.adapters.postgres.statements import DocumentStatements, Statements
from shopwright.adapters.tables import utc_text
from shopwright.ports.counting import Counter, Draft, Hold, settle
from shopwright.ports.edge import as_utc
from shopwright.ports.quotas import CommitHold, Give, Grant, QuotaMove, ReleaseHold, Reserve, Take
from shopwright.ports.storage import Changeset, Committed, Operation
from shopwright.refusals import Refusal

FEW = 50
"""How many lapsed holds on a key the first attempt locks."""

Ranks = dict[tuple[str, str], int]


class Again(Exception):
    """Somebody else changed what this attempt stood on; make another."""


@frozen
class Books:
    """Counters and holds as they are locked; the `Books` of `shopwright.ports.counting`."""

    counters: dict[str, Counter]
    holds: dict[str, Hold]

    def counter(self, key: str) -> Counter | None:
        """The counter of a key."""
        return self.counters.get(key)

    def hold(self, id: str) -> Hold | None:
        """A hold by its id."""
        return self.holds.get(id)

    def holds_on(self, key: str) -> Iterable[Hold]:
        """The holds that were locked and have this key."""
        return [hold for hold in self.holds.values() if any(item == key for item, _ in hold.items)]


class Careful:
    """One attempt to write one changeset; `lapsed` is how many lapsed holds on each key it may reclaim."""

    def __init__(self, session: Session, sql: Statements, documents: dict[str, DocumentStatements], ready: Prepared, ranks: Ranks) -> None:
        self._session, self._sql, self._documents = session, sql, documents
        self._ready, self._ranks = ready, ranks

    def write(self, *, lapsed: int) -> Committed | Refusal:
        """Write it all, or undo it all and say why not; raises `VersionConflict`, `KeyConflict` and `Again`."""
        try:
            outcome = self._written(lapsed)
        except BaseException:
            self._session.undone()
            raise
        if isinstance(outcome, Refusal):
            more = outcome.code == "quota_exhausted" and self._has_more_lapsed(lapsed)
            self._session.undone()
            return self.write(lapsed=max(FEW, lapsed * 10)) if more else outcome
        return outcome

    def _written(self, lapsed: int) -> Committed | Refusal:
        done = self._write_facts()
        if done is not None:
            self._session.undone()
            return done
        moves = _in_utc(self._ready.change)
        ids = {move.hold for move in moves if isinstance(move, Reserve | CommitHold | ReleaseHold)} | self._reclaimable(lapsed)
        holds = self._locked_holds(sorted(ids))
        keys = _keys(moves) | {key for hold in holds.values() for key, _ in hold.items}
        books = Books(self._locked_counters(sorted(keys)), holds)
        draft = settle(books, moves, at=as_utc("at", self._ready.change.at))
        if isinstance(draft, Refusal):
            return draft
        self._session.end(self._changes(books, draft))
        return Committed(self._ready.change.operation.answer)

    def _write_facts(self) -> Committed | None:
        """Operation, documents and records; a `Committed` when the operation was done before."""
        ready, operation, cursors = self._ready, self._ready.change.operation, list[Cursor]()
        add = (self._sql.operation_add, (ready.scope, operation.key, operation.fingerprint, operation.answer, ready.at))
        writes = [self._document(document) for document in ready.documents] + [self._record(entry) for entry in ready.entries]
        failed: psycopg.errors.UniqueViolation | None = None
        try:
            self._session.start([add, *writes], cursors)
        except psycopg.errors.UniqueViolation as error:
            failed = error
        counts = [cursor.rowcount for cursor in cursors]
        if counts[0] == 0:
            return self._repeated(operation)
        for document, count in zip(ready.documents, counts[1:], strict=False):
            if count == 0 and document.expected is not None:
                raise stale_document(document)
        if failed is not None:
            raise failed
        for entry, count in zip(ready.entries, counts[1 + len(ready.documents) :], strict=True):
            if count == 0:
                raise stale_record(entry)
        return None

    def _repeated(self, operation: Operation) -> Committed:
        self._session.undone()
        row = self._session.run([(self._sql.answered, (self._ready.scope, operation.key))])[0].fetchone()
        if row is None:
            raise Again("the operation was pruned meanwhile")
        return answer_of(operation, row[0], row[1])

    def _document(self, document: Document) -> Statement:
        sql, scope = self._documents[document.table.name], self._ready.scope
        if document.expected is None:
            return sql.drop, (scope, document.id)
        new = (document.table.kind.shape, document.body, *document.values)
        if document.expected == 0:
            return sql.insert, (scope, document.id, *new)
        return sql.update, (*new, scope, document.id, document.expected)

    def _record(self, entry: Entry) -> Statement:
        ready = self._ready
        return self._sql.record_add, {
            "scope": ready.scope,
            "operation": ready.change.operation.key,
            "stream": entry.stream,
            "ordinal": entry.ordinal,
            "key": entry.key,
            "number": entry.number,
            "type": entry.type,
            "shape": entry.shape,
            "body": entry.body,
        }

    def _reclaimable(self, limit: int) -> set[str]:
        """The first lapsed holds on each key that the moves draw on."""
        keys = sorted(_drawn_on(self._ready.change))
        if not limit or not keys:
            return set()
        rows = self._session.run([(self._sql.lapsed, (keys, self._ready.scope, self._ready.at, limit))])[0].fetchall()
        return {hold for _, hold in rows}

    def _has_more_lapsed(self, limit: int) -> bool:
        """Whether some key that the moves draw on has more lapsed holds than were looked at."""
        keys = sorted(_drawn_on(self._ready.change))
        rows = self._session.run([(self._sql.lapsed, (keys, self._ready.scope, self._ready.at, limit + 1))])[0].fetchall()
        found = [key for key, _ in rows]
        return any(found.count(key) > limit for key in keys)

    def _locked_holds(self, ids: list[str]) -> dict[str, Hold]:
        if not ids:
            return {}
        rows = self._session.run([(self._sql.hold_lock, (self._ready.scope, ids))])[0].fetchall()
        return {
            id: Hold(id, tuple(zip(keys, quantities, strict=True)), _utc(until), None if reclaimed is None else _utc(reclaimed))
            for id, until, reclaimed, keys, quantities in rows
        }

    def _locked_counters(self, keys: list[str]) -> dict[str, Counter]:
        if not keys:
            return {}
        scope = self._ready.scope
        rows = self._session.run([(self._sql.quota_lock, (scope, keys))])[0].fetchall()
        granting = {move.key for move in self._ready.change.moves if isinstance(move, Grant)}
        self._ranks.update({(scope, key): rank for key, rank, *_ in rows if rank or key in granting})
        return {key: Counter(granted, used, held, rank) for key, rank, granted, used, held in rows}

    def _changes(self, books: Books, draft: Draft) -> list[Statement]:
        scope, changes = self._ready.scope, list[Statement]()
        for id in sorted(draft.holds):
            changes += self._hold_changes(books.holds.get(id), draft.holds[id], id)
        for key in sorted(draft.counters, key=lambda key: (draft.counters[key].rank, key)):
            counter = draft.counters[key]
            if key in books.counters:
                changes.append((self._sql.quota_set, (counter.granted, counter.used, counter.held, scope, key)))
            else:
                changes.append((self._sql.quota_add, (scope, key, counter.rank, counter.granted, counter.used, counter.held)))
        return changes

    def _hold_changes(self, before: Hold | None, after: Hold | None, id: str) -> list[Statement]:
        scope, sql, changes = self._ready.scope, self._sql, list[Statement]()
        if before is not None:
            changes.append((sql.items_end, (scope, [key for key, _ in before.items], utc_text(before.until), id)))
        if after is None:
            return [*changes, (sql.hold_end, (scope, id))] if before is not None else changes
        items = sorted(after.items, key=lambda item: (self._ranks.get((scope, item[0]), 0), item[0]))
        keys, quantities, until = [key for key, _ in items], [quantity for _, quantity in items], utc_text(after.until)
        if before is None:
            changes.append((sql.hold_add, (scope, id, until, keys, quantities)))
        else:
            reclaimed = None if after.reclaimed_at is None else utc_text(after.reclaimed_at)
            changes.append((sql.hold_set, (until, keys, quantities, reclaimed, scope, id)))
        if after.reclaimed_at is None:
            changes.append((sql.items_add, (scope, until, id, keys, quantities)))
        return changes


def _in_utc(change: Changeset) -> list[QuotaMove]:
    return [Reserve(move.hold, move.items, as_utc("until", move.until)) if isinstance(move, Reserve) else move for move in change.moves]


def _keys(moves: Iterable[QuotaMove]) -> set[str]:
    keys: set[str] = set()
    for move in moves:
        if isinstance(move, Reserve):
            keys.update(key for key, _ in move.items)
        elif isinstance(move, Grant | Take | Give):
            keys.add(move.key)
    return keys


def _drawn_on(change: Changeset) -> set[str]:
    """The keys that the moves take something from."""
    drawn: set[str] = set()
    for move in change.moves:
        match move:
            case Take(key=key):
                drawn.add(key)
            case Grant(key=key, quantity=quantity) if quantity < 0:
                drawn.add(key)
            case Reserve(items=items):
                drawn.update(key for key, _ in items)
            case _:
                pass
    return drawn


def _utc(naive: datetime) -> datetime:
    return naive.replace(tzinfo=UTC)
