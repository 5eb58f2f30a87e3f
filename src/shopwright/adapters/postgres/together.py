"""Writes many changesets of one scope in one transaction, and finds out which of them must be written alone.

Rules
- all are written in one call, in the lock order of the port as if they were one changeset, with one quota move for each key that they draw on;
- a call that met anything that was not as hoped wrote nothing; whoever was in the way is written alone, the others together once more;
- when a quota is too small for all, those keep it who came first;
- each is answered as if it had been written alone: by its answer, its refusal or its error;
- an outage is told to all that are not answered yet, for nobody knows what they wrote.
"""

from __future__ import annotations

import json
import time
from collections.abc import Hashable, Mapping, Sequence

import psycopg
from attrs import evolve

from shopwright.adapters.postgres import faults
from shopwright.adapters.postgres.calls import Entry, Field, Prepared, Step, holds_and_steps, joined, move_fields
from shopwright.adapters.postgres.committing import PAUSES, commit
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.lenders import OwnConnections
from shopwright.errors import Outage
from shopwright.ports.quota_ways import drawn_by, holds_of
from shopwright.ports.storage import Committed
from shopwright.refusals import Refusal

TRIES = 4
"""How often those that are left are written together, before each is written alone."""

Outcome = Committed | Refusal | Exception
Ranks = Mapping[tuple[str, str], int]


def touched(ready: Prepared) -> frozenset[Hashable]:
    """What no two changesets of one transaction may both write: an operation, a document, the records about something, a hold."""
    things: set[Hashable] = {("operation", ready.change.operation.key)}
    things.update(("document", document.table.name, document.id) for document in ready.documents)
    things.update(("record", entry.stream, entry.key) for entry in ready.entries)
    things.update(("hold", hold) for hold in holds_of(ready.change.moves))
    return frozenset(things)


def batch_argument(batch: Sequence[Prepared], *, ranks: Ranks, synchronous_commit: str | None, lock_timeout: int | None) -> str:
    """The argument of the batch function; `batch` touches nothing twice and has one scope."""
    timeout = None if lock_timeout is None else str(lock_timeout)
    fields: list[Field] = [batch[0].scope, max(ready.at for ready in batch), synchronous_commit, timeout, str(len(batch))]
    for ready in sorted(batch, key=lambda ready: ready.change.operation.key):
        operation = ready.change.operation
        fields += (operation.key, operation.fingerprint, operation.answer, ready.at)
    documents = sorted((each for ready in batch for each in ready.documents), key=lambda each: (each.table.kind.name, each.id))
    fields.append(str(len(documents)))
    for document in documents:
        fields += document.fields()
    entries = sorted(numbered(batch), key=lambda pair: (pair[0].stream, pair[0].key, pair[0].number))
    fields.append(str(len(entries)))
    for entry, at in entries:
        fields += (*entry.fields(), at)
    holds, steps = holds_and_steps(batch[0].scope, tuple(move for ready in batch for move in ready.change.moves), ranks)
    return joined(fields + move_fields(holds, added_up(steps)))


def numbered(batch: Sequence[Prepared]) -> list[tuple[Entry, str]]:
    """All records with the times of their changesets, numbered through: a stream shows them in the order of the batch."""
    told: list[tuple[Entry, str]] = []
    for ready in batch:
        before = len(told)
        told += [(evolve(entry, ordinal=before + entry.ordinal), ready.at) for entry in ready.entries]
    return told


def added_up(steps: list[Step]) -> list[Step]:
    """One step for each key that is only drawn on; a key that is granted or given back too keeps its steps in their turns."""
    sums: dict[str, Step] = {}
    mixed = {key for _, key, _, granted, used, _ in steps if granted or used < 0}
    for step in steps:
        key = step[1]
        if key in mixed:
            continue
        rank, _, turn, _, used, held = sums.get(key, (step[0], key, step[2], 0, 0, 0))
        sums[key] = (rank, key, turn, 0, used + step[4], held + step[5])
    return sorted([*sums.values(), *(step for step in steps if step[1] in mixed)])


def write(lender: OwnConnections, engine: Engine, batch: Sequence[Prepared]) -> list[Outcome]:
    """The outcome of each, in their order."""
    outcomes: dict[int, Outcome] = {}
    left, later = list(range(len(batch))), list[int]()
    for _ in range(TRIES):
        if len(left) < 2:
            break
        try:
            in_the_way = _together(lender, engine, [batch[place] for place in left])
        except Outage as outage:
            return [outcomes.get(place) or type(outage)(*outage.args) for place in range(len(batch))]
        if in_the_way is None:
            outcomes.update({place: Committed(batch[place].change.operation.answer) for place in left})
            left = []
        elif in_the_way:
            later += [left[which] for which in sorted(in_the_way)]
            left = [place for which, place in enumerate(left) if which not in in_the_way]
        else:
            first = left.pop(0)
            outcomes[first] = _alone(lender, engine, batch[first])
    return _the_rest(lender, engine, batch, sorted(left + later), outcomes)


def _the_rest(lender: OwnConnections, engine: Engine, batch: Sequence[Prepared], left: list[int], outcomes: dict[int, Outcome]) -> list[Outcome]:
    for place in left:
        outcomes[place] = outcome = _alone(lender, engine, batch[place])
        if isinstance(outcome, Outage):
            return [outcomes.get(each) or type(outcome)(*outcome.args) for each in range(len(batch))]
    return [outcomes[place] for place in range(len(batch))]


def _alone(lender: OwnConnections, engine: Engine, ready: Prepared) -> Outcome:
    try:
        return commit(lender, engine, ready)
    except Exception as error:  # noqa: BLE001  # each caller gets the error of its own changeset
        return error


def _together(lender: OwnConnections, engine: Engine, batch: Sequence[Prepared]) -> set[int] | None:
    """`None` when all was written, else which of them were in the way; none of them when it cannot be told."""
    text = batch_argument(batch, ranks=engine.ranks, synchronous_commit=lender.synchronous_commit, lock_timeout=lender.lock_timeout)
    for pause in PAUSES:
        if pause:
            time.sleep(pause)
        with lender.lent() as cursor:
            try:
                lender.ask(cursor, engine.call_batch, text)
            except psycopg.Error as error:
                if faults.state(error) in faults.MEANT:
                    return _in_the_way(faults.raised(error), batch)
                if not faults.worth_repeating(error):
                    raise
            else:
                return None
    return set()


def _in_the_way(raised: faults.Raised, batch: Sequence[Prepared]) -> set[int]:
    match raised.state, raised.message:
        case faults.NOT_STRAIGHT, "operation":
            return {place for place, ready in enumerate(batch) if ready.change.operation.key == raised.detail}
        case faults.STALE_DOCUMENT, _:
            told = tuple(json.loads(raised.detail))
            return {place for place, ready in enumerate(batch) if told in {(each.table.kind.name, each.id) for each in ready.documents}}
        case faults.STALE_RECORD, _:
            return {_of_record(batch, int(raised.detail))}
        case faults.REFUSED, "quota_exhausted":
            key, _, free = json.loads(raised.detail)
            return _beyond(batch, key, free)
        case _:
            return set()


def _of_record(batch: Sequence[Prepared], ordinal: int) -> int:
    for place, ready in enumerate(batch):
        if ordinal <= len(ready.entries):
            return place
        ordinal -= len(ready.entries)
    raise AssertionError("the function told of a record that it was not given")


def _beyond(batch: Sequence[Prepared], key: str, free: int) -> set[int]:
    """Those that draw on a key when those before them have left too little."""
    late: set[int] = set()
    for place, ready in enumerate(batch):
        wanted = drawn_by(ready.change.moves, key)
        if wanted > free:
            late.add(place)
        elif wanted:
            free -= wanted
    return late
