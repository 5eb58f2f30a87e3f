"""Look how a payment stands at its gateway, without asking for anything."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from shopwright.flows.ports import Ports
from shopwright.flows.saving import take_next
from shopwright.orders import paying
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.payments.errors import GatewayError, Indeterminate
from shopwright.payments.events import PaymentChargedBack
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Done, Outcome
from shopwright.payments.payment import Payment

LOOKS = 3
"""How often a gateway is asked how a payment stands while others change its order."""


def looked_at(ports: Ports, order: Order, payment: Payment, *, at: datetime) -> Order | None:
    """Ask how a payment stands and take that in; `None` when no answer came.

    An answer that is older than the order may lag behind what somebody else has heard meanwhile: then the gateway is asked again. So
    it is after a dispute was heard of, for somebody else may have heard just now that it was won.
    """
    for _ in range(LOOKS):
        outcome = _standing(ports, order, payment)
        if outcome is None:
            return None
        taken = take_next(ports, order, partial(_stands, seen=order.event_count, payment_id=payment.id, outcome=outcome, at=at), at=at)
        if taken.order.event_count == order.event_count or (taken.events and not any(isinstance(it, PaymentChargedBack) for it in taken.events)):
            return taken.order
        order = taken.order
    return None


def _stands(now: Order, *, seen: int, payment_id: str, outcome: Outcome, at: datetime) -> Decision:
    current = now.payment(payment_id)
    assert current is not None, "payments never leave their order"
    if now.event_count != seen:
        return Decision(now)
    answered = paying.answer(now, current, outcome, key="", at=at)
    return answered if answered.order.payments != now.payments else Decision(now)


def _standing(ports: Ports, order: Order, payment: Payment) -> Outcome | None:
    try:
        gateway = ports.reached_gateway(payment.tender.gateway)
        told = gateway.query(reference=payment.reference) if payment.reference else gateway.query(key=OperationKey(payment.key))
        return in_currency(told, order)
    except GatewayError:
        return None


def in_currency(outcome: Outcome, order: Order) -> Outcome:
    """The same answer; raises `Indeterminate` for totals in another currency than was asked, of which nothing can be told."""
    if isinstance(outcome, Done) and outcome.totals.currency != order.currency:
        raise Indeterminate(f"the gateway answered in {outcome.totals.currency} about a payment in {order.currency}")
    return outcome
