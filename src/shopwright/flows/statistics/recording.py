"""Record what visitors do, and forget who they were once that is counted.

Rules
- VISIT-7: neither agents nor names are kept: whether it is a bot is decided when a step is recorded, and with a vault a visitor is a keyed hash,
  which nobody can tell the host's name for them from;
- VISIT-8: what is kept of a visitor is forgotten some time after their last step; what was counted stays. Who comes back later is a new visitor.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from shopwright.errors import InvalidValue
from shopwright.flows.checking import moment, takes
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted, operation
from shopwright.flows.statistics.commands import RecordVisits
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Changeset, Drop, Match, Operation, Query, Record, Where
from shopwright.statistics.visits import StepSeen, VisitStep
from shopwright.wire.statistics_kinds import VISITS, KnownVisitor

PAGE = 200


@takes(RecordVisits)
def record_visits(ports: Ports, command: RecordVisits, *, at: datetime) -> int:
    """Record the steps of a batch, once; how many those are."""
    records = tuple([Record(VISITS, fitted(f"{command.key}/{number}"), 1, _seen(ports, step)) for number, step in enumerate(command.steps, 1)])
    ports.storage.commit(Changeset(operation(ports, command, str(len(records))), at, records=records))
    return len(records)


def _seen(ports: Ports, step: VisitStep) -> StepSeen:
    visitor = step.visitor if ports.vault is None else ports.vault.lookups("visitor", step.visitor)[0]
    is_bot = ports.statistics.visits.is_bot(step.agent)
    return StepSeen(visitor=visitor, at=step.at, channel=step.channel, step=step.step, is_bot=is_bot)


def forget_visitors(ports: Ports, *, at: datetime, after: timedelta = timedelta(days=2), limit: int = 10_000) -> int:
    """Forget visitors whose last step is so long ago (VISIT-8), `limit` of them at most; how many those were.

    Raises `InvalidValue` for less than two days, in which they may still be counted, and a limit below 1.
    """
    check_integer("limit", limit, least=1)
    now = moment(at)
    if type(after) is not timedelta or after < timedelta(days=2):
        raise InvalidValue(f"expected after as a timedelta of 2 days or more, got {after!r}")
    gone, where = 0, (Where("last_at", Match.AT_MOST, now - after),)
    while gone < limit:
        page = ports.storage.find(Query(KnownVisitor, where=where, order_by="last_at", limit=min(PAGE, limit - gone))).items
        if not page:
            break
        named = "|".join([f"{it.value.id}:{it.version}" for it in page])
        op = Operation(f"visitors/{sha256(named.encode()).hexdigest()}", "forget")
        ports.storage.commit(Changeset(op, now, drops=tuple([Drop(KnownVisitor, it.value.id) for it in page])))
        gone += len(page)
    return gone
