"""When the shop asks again what became of an order's open questions, so that those that nobody answers do not keep it from the others.

Rules
- ORDER-18: a question is asked again `PATIENCE` after it was asked first, and each time that nobody answers twice as long is waited, up to `LONGEST`;
- whatever is heard of its payments or shipments meanwhile, or asked anew, begins that anew;
- an order that waits for an answer is not called off as unpaid before it is asked about again;
- ORDER-19: an order whose payment waits for its buyer is not called off for `LONGEST` while its gateway does not tell whether it was made;
- after `ALARM` times it is noted as an exception, `unresolved`, for a person to look at; what a provider is still working on is no cause for that;
- ORDER-20: what a provider is still working on after `STUCK` is noted once as `payment_stuck`: a refund that the buyer's bank does not take, say,
  which somebody has to settle at the provider's desk.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import ExceptionNoted, RecoveryDelayed
from shopwright.orders.judging import review_ends_at
from shopwright.orders.order import Order
from shopwright.orders.paying import next_step
from shopwright.shipping.shipment import to_void

PATIENCE = timedelta(minutes=2)
"""How long somebody may take to put a question; after that it is recovery's turn."""

LONGEST = timedelta(hours=6)
"""The longest that is waited before the same is asked again."""

ALARM = 6
"""How often in a row nobody answers until a person is told: about two hours."""


STUCK = timedelta(days=3)
"""How long a provider may work on a question until a person is told."""


def unresolved_since(order: Order) -> datetime | None:
    """Since when it waits for an answer from outside, or has money or bookings that do not follow it yet; `None` when all is known and done."""
    waits = [attempt.at for _, attempt in order.open_attempts]
    since = order.closed_at or order.placed_at
    if order.shipments and any(shipment.booking_key or to_void(shipment) for shipment in order.shipments):
        waits.append(since)
    if not waits and next_step(order, at=since) is not None:
        waits.append(since)
    return min(waits, default=None)


def recover_at(order: Order) -> datetime | None:
    """When recovery goes on with it; `None` where there is nothing to recover."""
    since = unresolved_since(order)
    if since is None:
        return None
    return since + PATIENCE if order.recovery is None else max(since + PATIENCE, order.recovery.until)


def expire_at(order: Order) -> datetime | None:
    """When it is called off unless it is paid by then (ORDER-4), or asked about again where nobody answered; or when the time of a review ends."""
    if order.holds and (ends := review_ends_at(order)) is not None:
        return ends if order.due_at is None else min(ends, order.due_at)
    if order.due_at is None or order.recovery is None or not any(attempt.unanswered for _, attempt in order.open_attempts):
        return order.due_at
    return max(order.due_at, order.recovery.until)


def delay(order: Order, *, at: datetime) -> Decision:
    """Nobody told what became of it: ask again later; nothing is decided where nothing is open, or where somebody has put it off already."""
    due = recover_at(order)
    if due is None or due > at:
        return Decision(order)
    tries = 1 if order.recovery is None else order.recovery.tries + 1
    wait = min(PATIENCE * 2 ** min(tries, 16), LONGEST)
    decision = decided(order, RecoveryDelayed(tries=tries, until=at + wait, at=at))
    asked = [attempt for _, attempt in order.open_attempts if not attempt.pending]
    booked = [shipment for shipment in order.shipments if shipment.booking_key]
    decision = _stuck(decision, at=at)
    if tries != ALARM or not (asked or booked):
        return decision
    facts = (("payments", len(asked)), ("bookings", len(booked)), ("tries", tries))
    return decision.then(ExceptionNoted(code="unresolved", facts=facts, at=at))


def _stuck(decision: Decision, *, at: datetime) -> Decision:
    """The same, with what a provider has worked on for too long noted, once for each question."""
    known = {dict(note.facts).get("key") for note in decision.order.exceptions if note.code == "payment_stuck"}
    for payment, attempt in decision.order.open_attempts:
        if attempt.pending and attempt.key not in known and at - attempt.at >= STUCK:
            facts = (("payment", payment.id), ("verb", attempt.verb.value), ("key", attempt.key), ("amount", attempt.amount))
            decision = decision.then(ExceptionNoted(code="payment_stuck", facts=facts, at=at))
    return decision
