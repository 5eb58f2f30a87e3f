"""Holds the hot keys of a changeset in a short transaction of their own, then writes the changeset without touching their quotas.

Rules
- the first transaction counts the hot keys under a hold with a name of its own and a short end, and waits for no disk, so the next
  writer of the same key waits for as little as can be;
- the second one, as durable as any commit, writes everything and puts the changeset's hold in the place of that one: what is held of a hot key
  is as much as before, so its quota is not written and nobody waits for the disk with its lock;
- the log of the server is one sequence: once the second transaction is on disk, so is the first;
- who dies between the two leaves a hold that lapses by the clock like any other; whoever is refused gives it back at once;
- whatever is not as hoped, in either of them, ends in the ordinary commit, which decides: so nobody is refused or told otherwise than alone.

Only what a changeset reserves can be held first. Taking, giving back, granting and ending a hold are written in the transaction.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg

from shopwright.adapters.postgres import committing, faults
from shopwright.adapters.postgres.calls import Field, HoldFields, Prepared, fact_fields, holds_and_steps, joined, move_fields
from shopwright.adapters.postgres.careful import Again
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.lenders import OwnConnections
from shopwright.adapters.tables import utc_text
from shopwright.errors import Outage
from shopwright.ports.edge import as_utc
from shopwright.ports.quota_ways import QuotaWay, QuotaWays, keys_of
from shopwright.ports.quotas import QuotaMove, ReleaseHold, Reserve
from shopwright.ports.storage import Committed
from shopwright.refusals import Refusal

_LATEST = datetime.max.replace(tzinfo=UTC)

_NOT_STRAIGHT = committing.NotStraight(0)


def commit(lender: OwnConnections, engine: Engine, ready: Prepared, ways: QuotaWays) -> Committed | Refusal:
    """Write all of it or nothing; raises as the port says."""
    first = _first(ready, ways)
    if first is None or not _moved(lender, engine, ready, first):
        return committing.commit(lender, engine, ready)
    try:
        outcome = _turned(lender, engine, ready, first)
    except Outage:
        raise  # it may have been written; if it was not, the hold lapses
    except BaseException:
        _give_up(lender, engine, ready, first)
        raise
    if isinstance(outcome, Committed) and not outcome.repeated:
        return outcome
    _give_up(lender, engine, ready, first)
    return committing.commit(lender, engine, ready) if isinstance(outcome, committing.NotStraight) else outcome


def _first(ready: Prepared, ways: QuotaWays) -> Reserve | None:
    """The hold to begin with; none when a hot key is moved in another way too."""
    hot: dict[str, int] = {}
    for move in ready.change.moves:
        keys = [key for key in keys_of(move) if ways.way(key) is QuotaWay.HOLD_FIRST]
        if keys and not isinstance(move, Reserve):
            return None
        if isinstance(move, Reserve):
            for key, quantity in move.items:
                if key in keys:
                    hot[key] = hot.get(key, 0) + quantity
    return Reserve(f"first/{uuid4().hex}", tuple(hot.items()), _until(ready, ways.hold_for)) if hot else None


def _until(ready: Prepared, hold_for: timedelta) -> datetime:
    at = as_utc("at", ready.change.at)
    return at + hold_for if at < _LATEST - hold_for else _LATEST


def _moved(lender: OwnConnections, engine: Engine, ready: Prepared, move: QuotaMove) -> bool:
    """Whether the move was made, in a transaction that waits for no disk; when not, nothing was."""
    fields: list[Field] = [ready.scope, utc_text(as_utc("at", ready.change.at)), "off", _timeout(lender), "0"]
    text = joined(fields + move_fields(*holds_and_steps(ready.scope, (move,), engine.ranks)))
    with lender.lent() as cursor:
        try:
            lender.ask(cursor, engine.call_moves, text)
        except psycopg.Error as error:
            if faults.state(error) in faults.MEANT or faults.worth_repeating(error):
                return False
            raise
    return True


def _turned(lender: OwnConnections, engine: Engine, ready: Prepared, first: Reserve) -> Committed | Refusal | committing.NotStraight:
    """Write everything but the quotas that were held first; their hold makes way for the changeset's own."""
    fields = fact_fields(ready, synchronous_commit=lender.synchronous_commit, lock_timeout=lender.lock_timeout)
    held = {key for key, _ in first.items}
    holds, steps = holds_and_steps(ready.scope, ready.change.moves, engine.ranks)
    turned: HoldFields = (first.hold, ["turn", first.hold, "0"])
    fields += move_fields(sorted([*holds, turned], key=lambda pair: pair[0]), [step for step in steps if step[1] not in held])
    with lender.lent() as cursor:
        try:
            return committing.called(lender, cursor, engine, ready, joined(fields))
        except Again:
            return _NOT_STRAIGHT
        except psycopg.Error as error:
            if not faults.worth_repeating(error):
                raise
            return _NOT_STRAIGHT


def _give_up(lender: OwnConnections, engine: Engine, ready: Prepared, first: Reserve) -> None:
    """Give back what was held first; where that fails, the clock does it."""
    with suppress(Outage):
        _moved(lender, engine, ready, ReleaseHold(first.hold))


def _timeout(lender: OwnConnections) -> str | None:
    return None if lender.lock_timeout is None else str(lender.lock_timeout)
