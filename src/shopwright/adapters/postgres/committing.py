"""Commits one changeset: in one call where that passes, with care where it does not, again where somebody else was in the way.

Rules
- the call either wrote everything or nothing; its errors tell which of the answers of the port it is;
- a lost deadlock or serialization wrote nothing, so it is tried again a few times, then it is `StorageBusy`; inside a host's
  transaction it is not tried again, for the host's part of it is lost too;
- a lost connection leaves open whether the write landed: that is `StorageUnavailable`, and the caller runs the operation again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import psycopg
from attrs import frozen

from shopwright.adapters.postgres import faults
from shopwright.adapters.postgres.calls import Entry, Prepared, argument
from shopwright.adapters.postgres.careful import FEW, Again, Careful
from shopwright.adapters.postgres.conflicts import key_conflict, stale_document, stale_record, taken_index
from shopwright.adapters.postgres.connections import Cursor
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.sessions import Session
from shopwright.errors import StorageBusy
from shopwright.ports.refused import quota_exhausted, quota_not_taken
from shopwright.ports.storage import Committed
from shopwright.refusals import Refusal

PAUSES = (0.0, 0.001, 0.005, 0.02, 0.1)
"""Seconds before each further attempt."""


class Lender(Protocol):
    """Where connections come from: the storage's own, or a host's one in the middle of its transaction."""

    @property
    def repeats(self) -> bool:
        """Whether a lost deadlock may be tried again here."""
        ...

    @property
    def functions(self) -> bool:
        """Whether the commit function may be called."""
        ...

    @property
    def synchronous_commit(self) -> str | None:
        """What the transaction must set, `None` when the server's own setting will do."""
        ...

    @property
    def lock_timeout(self) -> int | None:
        """Milliseconds that the transaction must set, `None` where the host decides or the connection was told."""
        ...

    def lent(self) -> AbstractContextManager[Cursor]:
        """A cursor for a while; what the driver raises meanwhile is translated."""
        ...

    def session(self, cursor: Cursor) -> Session:
        """A transaction on it."""
        ...

    def rows(self, cursor: Cursor, text: str, *values: str) -> Sequence[Sequence[Any]]:
        """All rows of a statement whose parameters are texts; numbers among them as such or as texts."""
        ...

    def call(self, cursor: Cursor, engine: Engine, argument: str) -> str | None:
        """Call the commit function; when it raises a `psycopg.Error` or `RaisedWithin`, nothing of it is left."""
        ...

    def close(self) -> None:
        """Let go of what is not a host's."""
        ...


@frozen
class NotStraight:
    """The call was undone; `lapsed` is how many lapsed holds the careful attempt begins with."""

    lapsed: int


def commit(lender: Lender, engine: Engine, ready: Prepared) -> Committed | Refusal:
    """Write all of it or nothing; raises as the port says."""
    last: Exception | None = None
    for pause in PAUSES:
        if pause:  # even a sleep of nothing gives the processor away
            time.sleep(pause)
        with lender.lent() as cursor:
            try:
                return _attempt(lender, cursor, engine, ready)
            except Again as again:
                last = again
            except psycopg.Error as error:
                if not (lender.repeats and faults.worth_repeating(error)):
                    raise
                last = error
    assert last is not None
    raise StorageBusy(
        f"{engine.place}: others were faster {len(PAUSES)} times ({faults.told(last)}); nothing was written; run the command again"
    ) from last


def _attempt(lender: Lender, cursor: Cursor, engine: Engine, ready: Prepared) -> Committed | Refusal:
    outcome = _straight(lender, cursor, engine, ready) if lender.functions else NotStraight(0)
    if not isinstance(outcome, NotStraight):
        return outcome
    try:
        careful = Careful(lender.session(cursor), engine.sql, engine.documents, ready, engine.ranks)
        return careful.write(lapsed=outcome.lapsed)
    except psycopg.errors.UniqueViolation as error:
        return _taken(cursor, engine, ready, faults.raised(error))


def _straight(lender: Lender, cursor: Cursor, engine: Engine, ready: Prepared) -> Committed | Refusal | NotStraight:
    text = argument(ready, ranks=engine.ranks, synchronous_commit=lender.synchronous_commit, lock_timeout=lender.lock_timeout)
    return called(lender, cursor, engine, ready, text)


def called(lender: Lender, cursor: Cursor, engine: Engine, ready: Prepared, text: str) -> Committed | Refusal | NotStraight:
    """Call the commit function with this argument, once, and say what it answered in the words of the port."""
    try:
        told = lender.call(cursor, engine, text)
    except (psycopg.Error, faults.RaisedWithin) as error:
        raised = faults.raised(error)
        if raised.state not in faults.MEANT:
            raise
        return _meaning(raised, cursor, engine, ready)
    if told is None:
        return Committed(ready.change.operation.answer)
    if told == "conflict":
        raise key_conflict(ready.change.operation)
    return Committed(told.removeprefix("repeated"), repeated=True)


def _meaning(raised: faults.Raised, cursor: Cursor, engine: Engine, ready: Prepared) -> Refusal | NotStraight:
    """What the function raised, in the words of the port."""
    match raised.state:
        case faults.STALE_DOCUMENT:
            kind, id = json.loads(raised.detail)
            raise stale_document(next(each for each in ready.documents if (each.table.kind.name, each.id) == (kind, id))) from None
        case faults.STALE_RECORD:
            raise stale_record(next(entry for entry in ready.entries if entry.ordinal == int(raised.detail))) from None
        case faults.REFUSED:
            key, wanted, there = json.loads(raised.detail)
            if raised.message == "quota_not_taken":
                return quota_not_taken(key=key, wanted=wanted, used=there)
            return quota_exhausted(key=key, wanted=wanted, free=there)
        case faults.UNIQUE_VIOLATION:
            return _taken(cursor, engine, ready, raised)
        case _:
            return NotStraight(FEW if raised.message == "lapsed holds" else 0)


def _taken(cursor: Cursor, engine: Engine, ready: Prepared, raised: faults.Raised) -> Refusal:
    """Something is there already: a record of that number, or the value of a unique index; or it is gone again."""
    if raised.constraint == "record_by_number":
        raise stale_record(_first_taken(cursor, engine, ready)) from None
    refusal = taken_index(cursor, ready, engine.documents)
    if refusal is None:
        raise Again("a value of a unique index was taken, and is free again")
    return refusal


def _first_taken(cursor: Cursor, engine: Engine, ready: Prepared) -> Entry:
    for entry in ready.entries:
        row = cursor.execute(engine.sql.record_taken, (ready.scope, entry.stream, entry.key, entry.number)).fetchone()
        if row is not None and row[0]:
            return entry
    return ready.entries[0]
