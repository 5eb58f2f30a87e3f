"""What an edit does about money (EDIT-4, 5 and 8 of `shopwright.orders.editing`): give back, lower and raise tenders, add some, and hold."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from attrs import evolve as changed

from shopwright.members.actors import SYSTEM, Actor, ActorKind
from shopwright.orders import events as e
from shopwright.orders.decision import Decision
from shopwright.orders.earning import earning_anew
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.order import Order
from shopwright.orders.refunds import granted_above_owed
from shopwright.orders.reviewing import advance, review_reasons
from shopwright.orders.states import OrderState
from shopwright.orders.tendering import NEVER_ASKED, retender
from shopwright.payments.events import PaymentVerb, PaymentVoided
from shopwright.payments.payment import Payment, Tender, Via, planned
from shopwright.refusals import Refusal

HOLD_ID = "edited"
"""The hold of a confirmed order that grew by an edit and is above a limit of its approval rule (EDIT-8)."""


def follow_money(
    before: Order,
    decision: Decision,
    tenders: tuple[Tender, ...],
    *,
    steps: tuple[tuple[str, int], ...],
    own: Collection[str],
    by: Actor,
    at: datetime,
) -> Decision | Refusal:
    """The decision with what follows from it for the money. Refused with `edit_capture_open` and the codes of `shopwright.orders.retender`."""
    if no := too_much_taken(before, decision.order):
        return no
    decision = granted_above_owed(decision, why="edited", by=by, at=at, most=max(0, before.owed - decision.order.owed))
    decision = _fitted(decision, raised=not tenders, own=own, by=by, at=at)
    if tenders:
        more = retender(decision.order, tenders, by=by, at=at, steps=steps)
        if isinstance(more, Refusal):
            return more
        decision = decision.then(*more.events)
    if decision.order.state is OrderState.SENT_BACK and by.kind is ActorKind.CUSTOMER:
        decision = decision.then(e.OrderCorrected(by=by, ship_to=decision.order.ship_to, at=at))
    decision = decision.then(*earning_anew(decision.order, at=at))
    decision = _watched(before, decision, at=at)
    return decision.then(*advance(decision.order, at=at).events)


def too_much_taken(before: Order, after: Order) -> Refusal | None:
    """The refusal of what would make an order cheaper than what is being taken for it just now (EDIT-11); `None` where it would not."""
    taking = sum([it.asked(PaymentVerb.CAPTURE) for it in before.payments])
    if not taking or after.owed >= min(before.owed, before.kept + taking):
        return None
    message = f"{taking} of order {before.number} is being taken just now; what it costs less can be told once that is known"
    return Refusal("edit_capture_open", message, {"taking": taking, "currency": before.currency})


def _fitted(decision: Decision, *, raised: bool, own: Collection[str], by: Actor, at: datetime) -> Decision:
    """Tenders that nobody was asked for yet, lowered to what is still owed, the last one first, or the last one raised."""
    order = decision.order
    above = sum([it.prospect for it in order.payments]) - order.going_back - order.owed
    for payment in reversed([it for it in order.payments if it.state in NEVER_ASKED and not it.attempts]):
        if above > 0:
            off = min(above, payment.tender.amount)
            above -= off
            decision = _instead(decision, payment, payment.tender.amount - off, by=by, at=at)
        elif above < 0 and raised and payment.tender.via is not Via.EXTERNAL and payment.tender.gateway not in own:
            return _instead(decision, payment, payment.tender.amount - above, by=by, at=at)
    return decision


def _instead(decision: Decision, payment: Payment, amount: int, *, by: Actor, at: datetime) -> Decision:
    """The same tender for another amount, in place of one that nobody was asked for."""
    decision = decision.then(PaymentVoided(payment_id=payment.id, key="", amount=0, at=at))
    if not amount:
        return decision
    again = planned(f"p{len(decision.order.payments) + 1}", changed(payment.tender, amount=amount), step=payment.step)
    return decision.then(e.PaymentAdded(payment=again, by=by, at=at))


def _watched(before: Order, decision: Decision, *, at: datetime) -> Decision:
    order = decision.order
    grown = order.total.minor > before.total.minor or sum([it.quantity for it in order.lines]) > sum([it.quantity for it in before.lines])
    if order.state is not OrderState.CONFIRMED or not (grown and review_reasons(order)) or any(hold.id == HOLD_ID for hold in order.holds):
        return decision
    return decision.then(e.HoldPlaced(hold=Hold(id=HOLD_ID, reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=at), at=at))
