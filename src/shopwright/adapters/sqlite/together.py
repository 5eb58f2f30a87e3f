"""Writes many changesets in one transaction of the file, each in a savepoint: one of them is undone alone, and all wait for the disk once.

Rules
- each is written after the ones before it, straight ahead or with care, so each is answered as if it had been alone;
- what is refused, stale or in conflict is undone to its savepoint, and the others stand;
- when the transaction itself fails, nothing of any of them is there, and all hear of it; when the disk is full, each is tried alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Hashable, Sequence
from functools import partial

from attrs import frozen

from shopwright.adapters.batching import Batches
from shopwright.adapters.sqlite.committing import NotStraight, Prepared, Refused, write_straight, write_with_care
from shopwright.adapters.sqlite.connections import Connections
from shopwright.adapters.sqlite.engine import Engine
from shopwright.errors import Conflict, Misuse, NotSupportedHere, StorageFull
from shopwright.ports.quota_ways import QuotaWay, QuotaWays
from shopwright.ports.storage import Committed
from shopwright.refusals import Refusal

Outcome = Committed | Refusal | Exception


@frozen
class Together:
    """Which changesets of a storage are written in batches, and the batches that its threads share."""

    ways: QuotaWays
    batches: Batches[Prepared, Committed | Refusal]


def touched(_prepared: Prepared) -> frozenset[Hashable]:
    """Nothing: in one transaction each sees what those before it wrote."""
    return frozenset()


def batches(connections: Connections, engine: Engine, ways: QuotaWays) -> Batches[Prepared, Committed | Refusal]:
    """What threads of one storage share; raises `NotSupportedHere` for a way that a file has no use for."""
    if ways.uses(QuotaWay.HOLD_FIRST):
        raise NotSupportedHere("a file has one writer at a time, so nothing is gained by hold_first; let its keys go batched, or in_transaction")
    return Batches(partial(write, connections, engine), touched=touched, most=ways.batch)


def write(connections: Connections, engine: Engine, batch: Sequence[Prepared]) -> list[Outcome]:
    """The outcome of each, in their order."""
    try:
        return _written(connections, engine, batch)
    except StorageFull as full:  # one of them may be too large and the others not
        return [full] if len(batch) == 1 else [outcome for prepared in batch for outcome in write(connections, engine, [prepared])]


def _written(connections: Connections, engine: Engine, batch: Sequence[Prepared]) -> list[Outcome]:
    with connections.writing() as cursor:
        engine.check_schema(cursor)
        return [_write_one(cursor, prepared) for prepared in batch]


def _write_one(cursor: sqlite3.Cursor, prepared: Prepared) -> Outcome:
    cursor.execute("SAVEPOINT one")
    try:
        outcome: Outcome = write_straight(cursor, prepared)
    except NotStraight:
        cursor.execute("ROLLBACK TO one")
        outcome = _with_care(cursor, prepared)
    cursor.execute("RELEASE one")
    return outcome


def _with_care(cursor: sqlite3.Cursor, prepared: Prepared) -> Outcome:
    try:
        return write_with_care(cursor, prepared)
    except Refused as refused:
        outcome: Outcome = refused.refusal
    except (Conflict, Misuse) as error:
        outcome = error
    cursor.execute("ROLLBACK TO one")
    return outcome
