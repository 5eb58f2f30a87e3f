"""More tenders for an order that is placed: after a decline, for what an edit or a chargeback left open, or in place of what was not paid.

Rules
- ORDER-15: tenders may be added up to what is owed and not yet in prospect; a tender counts as a prospect until it is declined or
  given up, so that nobody is asked for the same money twice;
- ORDER-24: what was granted to go back pays for nothing any more, from the moment of the grant: it is in no prospect;
- a tender is replaced only while no money of it is promised or taken and no question about it is open: one that the buyer left is
  voided at its gateway, and should it be paid after all, the surplus can go back.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.members.actors import SYSTEM, Actor
from shopwright.orders import events as e
from shopwright.orders.decision import Decision
from shopwright.orders.earning import earning_anew
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.order import Order
from shopwright.orders.paying import next_key
from shopwright.orders.placing import MAX_TENDERS
from shopwright.orders.refunds import unknown
from shopwright.orders.reviewing import advance
from shopwright.orders.states import OrderState
from shopwright.payments import verbs
from shopwright.payments.events import PaymentVerb, PaymentVoided
from shopwright.payments.payment import Payment, Tender, Via, planned_with
from shopwright.payments.states import WAITING, PaymentState
from shopwright.refusals import Fact, Refusal

NEVER_ASKED = frozenset({PaymentState.DUE, PaymentState.ON_DELIVERY})
HOLD_ID = "paid_on_delivery"
"""The hold of a confirmed order that changes to payment on delivery where the approval rule wants a person to look at that."""


def retender(
    order: Order,
    tenders: tuple[Tender, ...],
    *,
    replaces: tuple[str, ...] = (),
    by: Actor,
    at: datetime,
    steps: tuple[tuple[str, int], ...] = (),
) -> Decision | Refusal:
    """Add tenders to an order, `replaces` being the ids of payments that they stand in for (ORDER-15); `steps` as in `Placement`.

    Refused with `payment_unknown`, with `payment_in_use` for a payment that cannot be replaced, or with `tenders_above_owed` (also
    when the order is canceled, for then nothing is owed). Raises `InvalidValue` for no tender, for one of nothing, and beyond 99.
    """
    if not tenders or any(not tender.amount for tender in tenders) or len(order.payments) + len(tenders) > MAX_TENDERS:
        raise InvalidValue(f"expected tenders above zero, {MAX_TENDERS} of an order at most; got {len(tenders)} for {len(order.payments)} payments")
    replaced = set(replaces)
    for id in replaces:
        payment = order.payment(id)
        if payment is None:
            return unknown(order, id)
        if not _replaceable(payment):
            return Refusal("payment_in_use", f"payment {id} is {payment.state}", {"payment": id, "state": payment.state.value})
    open_amount = order.owed - sum(payment.prospect for payment in order.payments if payment.id not in replaced) + order.going_back
    offered = sum(tender.amount for tender in tenders)
    if offered > open_amount:
        facts: dict[str, Fact] = {"open": max(0, open_amount), "tenders": offered, "currency": order.currency}
        return Refusal("tenders_above_owed", f"the tenders add up to {offered}; {max(0, open_amount)} is open", facts)
    decision = _given_up(Decision(order), replaced, at)
    decision = _watched(_added(decision, tenders, steps, by, at), tenders, at)
    decision = decision.then(*earning_anew(decision.order, at=at))
    more = advance(decision.order, at=at)
    return Decision(more.order, (*decision.events, *more.events))


def _replaceable(payment: Payment) -> bool:
    settled = payment.open_authorization or payment.captured or payment.attempts
    return not settled and payment.state in NEVER_ASKED | WAITING | {PaymentState.DECLINED, PaymentState.VOIDED}


def _given_up(decision: Decision, replaced: set[str], at: datetime) -> Decision:
    for payment in decision.order.payments:
        if payment.id not in replaced:
            continue
        if payment.state in NEVER_ASKED:
            decision = decision.then(PaymentVoided(payment_id=payment.id, key="", amount=0, at=at))
        elif payment.state in WAITING:
            key = next_key(decision.order)
            decision = decision.then(verbs.attempt(payment, PaymentVerb.VOID, key=key, amount=payment.tender.amount, at=at))
    return decision


def _added(decision: Decision, tenders: tuple[Tender, ...], steps: tuple[tuple[str, int], ...], by: Actor, at: datetime) -> Decision:
    payments = planned_with(tenders, steps, first=len(decision.order.payments) + 1)
    return decision.then(*[e.PaymentAdded(payment=payment, by=by, at=at) for payment in payments])


def _watched(decision: Decision, tenders: tuple[Tender, ...], at: datetime) -> Decision:
    """A confirmed order that is now paid on delivery is held where its approval rule would have sent it to review (ORDER-6)."""
    order = decision.order
    passed_by = order.state is OrderState.CONFIRMED and not order.terms.approval.on_delivery
    if not passed_by or all(tender.via is not Via.ON_DELIVERY for tender in tenders) or any(hold.id == HOLD_ID for hold in order.holds):
        return decision
    return decision.then(e.HoldPlaced(hold=Hold(id=HOLD_ID, reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=at), at=at))
