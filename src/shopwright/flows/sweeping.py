"""What a shop does by itself as time passes: expire, complete, lift, recover. A host runs `sweep` every minute or so, in as many
workers as it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from attrs import frozen

from shopwright import orders
from shopwright.errors import IllegalTransition, InvalidValue, VersionConflict
from shopwright.flows import paying
from shopwright.flows.awaiting import fill_awaited
from shopwright.flows.booking import tell_carriers
from shopwright.flows.checking import moment
from shopwright.flows.ports import Ports
from shopwright.flows.saving import advance
from shopwright.flows.settling import settle
from shopwright.members.actors import SYSTEM
from shopwright.orders.decision import Decision
from shopwright.orders.events import CancelReason
from shopwright.orders.judging import review_ends_at
from shopwright.orders.order import Order
from shopwright.orders.recovering import LONGEST, delay, recover_at
from shopwright.orders.reviewing import lift_expired
from shopwright.orders.states import OrderState
from shopwright.payments.errors import ReconciliationRequired
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Match, Query, Where
from shopwright.refusals import Refusal

Progress = Callable[[str, int], None]
"""Told the name of a job and how many orders it has handled so far."""


@frozen
class Swept:
    """How many orders each job has handled, and how many units that had been promised before they were there were filled."""

    expired: int = 0
    completed: int = 0
    lifted: int = 0
    recovered: int = 0
    filled: int = 0


def sweep(ports: Ports, *, at: datetime, limit: int = 10_000, progress: Progress | None = None) -> Swept:
    """Do all that is due: recover open questions, cancel unpaid orders, complete delivered ones, end expired holds, and give goods that have come in
    to those who wait for them.

    Each job handles at most `limit` orders. Safe to run at the same time in several workers: each step is taken once. Raises
    `InvalidValue` for a limit below 1 and a progress that cannot be called.
    """
    check_integer("limit", limit, least=1)
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    at = moment(at)
    return Swept(
        recovered=_each(ports, "recover_at", at, _recovered, at, limit, progress),
        expired=_each(ports, "due_at", at, _expired, at, limit, progress),
        completed=_each(ports, "complete_at", at, _completed, at, limit, progress),
        lifted=_each(ports, "hold_ends_at", at, _lifted, at, limit, progress),
        filled=fill_awaited(ports, at=at, limit=limit, progress=progress).units,
    )


Job = Callable[[Ports, Order, datetime], bool]


def _each(ports: Ports, index: str, until: datetime, job: Job, at: datetime, limit: int, progress: Progress | None) -> int:
    done = 0
    for seen, order in enumerate(_found(ports, index, until), 1):
        done += _unless_changing(ports, order, job, at)
        if progress is not None:
            progress(index, seen)
        if seen >= limit:
            break
    return done


def _unless_changing(ports: Ports, order: Order, job: Job, at: datetime) -> bool:
    """Whether the job is done; where somebody keeps changing the order it is not, and the next sweep finds it again."""
    try:
        return job(ports, order, at)
    except VersionConflict:
        return False
    except ReconciliationRequired as error:
        if isinstance(error.__cause__, VersionConflict):
            return False
        raise


def _found(ports: Ports, index: str, until: datetime) -> Iterator[Order]:
    after = ""
    while True:
        where = (Where(index, Match.AT_MOST, until),)
        page = ports.storage.find(Query(Order, where=where, order_by=index, limit=200, after=after))
        yield from (stored.value for stored in page.items)
        if not page.next:
            return
        after = page.next


def _expired(ports: Ports, order: Order, at: datetime) -> bool:
    """Cancel an order that was not paid in time (ORDER-4); what its gateways say last counts first, and is waited for (ORDER-19)."""
    asked, all_told = paying.asked_about(ports, order, at=at)
    order = settle(ports, asked, at=at)
    if (ends := review_ends_at(order)) is not None and ends <= at:
        return _unreviewed(ports, order, at)
    if order.due_at is None or any(attempt.unanswered for _, attempt in order.open_attempts):
        return False
    if not all_told and at - order.due_at < LONGEST:
        return False

    def decide(now: Order) -> Decision | Refusal:
        if now.state is not OrderState.PLACED or now.secured or now.due_at is None or at < now.due_at:
            return Decision(now)
        return orders.cancel(now, reason=CancelReason.PAYMENT_EXPIRED, by=SYSTEM, at=at)

    after = settle(ports, tell_carriers(ports, advance(ports, order, decide, at=at), at=at), at=at)
    return after.cancel_reason is CancelReason.PAYMENT_EXPIRED


def _unreviewed(ports: Ports, order: Order, at: datetime) -> bool:
    """Cancel an order whose payment nobody has looked at in time (RISK-11)."""

    def decide(now: Order) -> Decision | Refusal:
        ends = review_ends_at(now)
        return Decision(now) if ends is None or at < ends else orders.cancel(now, reason=CancelReason.PAYMENT_EXPIRED, by=SYSTEM, at=at)

    after = settle(ports, tell_carriers(ports, advance(ports, order, decide, at=at), at=at), at=at)
    return after.state is OrderState.CANCELED


def _completed(ports: Ports, order: Order, at: datetime) -> bool:
    """Complete an order some days after it was delivered (ORDER-5)."""

    def decide(now: Order) -> Decision | Refusal:
        due = orders.complete_due_at(now)
        return Decision(now) if due is None or at < due or now.held(at) else orders.complete(now, by=SYSTEM, at=at)

    try:
        after = advance(ports, order, decide, at=at)
    except IllegalTransition:
        return False
    return settle(ports, after, at=at).state is OrderState.COMPLETED


def _lifted(ports: Ports, order: Order, at: datetime) -> bool:
    return advance(ports, order, lambda now: lift_expired(now, at=at), at=at).event_count > order.event_count


def _recovered(ports: Ports, order: Order, at: datetime) -> bool:
    """Whether all of it is known now; what nobody has told is put off (ORDER-18), so that the next sweep begins with others."""
    after = paying.recover(ports, tell_carriers(ports, order, at=at), at=at)
    return recover_at(advance(ports, after, lambda now: delay(now, at=at), at=at)) is None
