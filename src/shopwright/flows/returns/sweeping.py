"""What becomes of cases as time passes: those whose customer had time until now and did nothing expire, and carriers are asked again about labels
that they have not answered for, or told that nobody needs them. A host runs it with the sweep of orders.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.returns.labeling import tell_carrier
from shopwright.flows.returns.saving import changes_of
from shopwright.flows.saving import fitted
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Changeset, Committed, Match, Operation, Query, Stored, Where
from shopwright.returns.applying import expire
from shopwright.returns.case import Case

Progress = Callable[[str, int], None]
"""Told the name of the job and how many cases it has looked at so far."""


def sweep_cases(ports: Ports, *, at: datetime, limit: int = 10_000, progress: Progress | None = None) -> int:
    """Close what is due (`expire`), then go on with open labels (CASELABEL-2), `limit` cases at most of each; how many were closed.

    Safe to run at the same time in several workers; a case that somebody is just changing is left for the next run. Raises `InvalidValue` for a
    limit below 1 and a progress that cannot be called.
    """
    check_integer("limit", limit, least=1)
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    at, seen, closed, after = moment(at), 0, 0, ""
    while True:
        where = (Where("due_at", Match.AT_MOST, at),)
        page = ports.storage.find(Query(Case, where=where, order_by="due_at", limit=min(200, limit - seen), after=after))
        for stored in page.items:
            seen, closed = seen + 1, closed + _closed(ports, stored, at)
            if progress is not None:
                progress("cases", seen)
        if not page.next or seen >= limit:
            break
        after = page.next
    _go_on_with_labels(ports, at, limit, progress)
    return closed


def _go_on_with_labels(ports: Ports, at: datetime, limit: int, progress: Progress | None) -> None:
    """Bring labels that carriers were asked for to their end, and void those of cases that are over (CASELABEL-2, CASELABEL-3)."""
    seen, after = 0, ""
    while not ports.storage.is_joined:
        where = (Where("label_at", Match.AT_MOST, at),)
        page = ports.storage.find(Query(Case, where=where, order_by="label_at", limit=min(200, limit - seen), after=after))
        for stored in page.items:
            seen += 1
            tell_carrier(ports, stored.value, at=at)
            if progress is not None:
                progress("labels", seen)
        if not page.next or seen >= limit:
            return
        after = page.next


def _closed(ports: Ports, stored: Stored[Case], at: datetime) -> bool:
    case = stored.value
    op = Operation(fitted(f"{case.id}/{case.event_count}/expire"), "expire", case.id)
    decision = expire(case, at=at)
    if not decision.events:
        return False
    made = changes_of(ports, stored, decision)
    try:
        result = ports.storage.commit(Changeset(op, at, puts=made.puts, records=made.records))
    except VersionConflict:
        return False
    return isinstance(result, Committed) and not result.repeated
