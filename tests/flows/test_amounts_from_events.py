"""The audit of a payment: each of its amounts, and its pending twin, is the sum of its events and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shopwright import CancelOrder, CapturePayment, Money, Order, RefundOrder, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.payments import events as e
from shopwright.payments.events import PaymentVerb
from shopwright.payments.operations import OperationKey
from shopwright.ports.storage import START
from shopwright.wire.kinds import EVENTS, KINDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid

V = PaymentVerb
ENDS = (
    e.PaymentDeclined,
    e.AttemptFailed,
    e.AttemptClosed,
    e.PaymentAuthorized,
    e.PaymentCaptured,
    e.PaymentVoided,
    e.PaymentRefunded,
    e.PaymentActionRequired,
)


def audited(events: list[Any]) -> dict[str, int]:
    """What the events say, added up by a second hand."""

    def sum_of(kind: type) -> int:
        return sum(event.amount for event in events if isinstance(event, kind))

    def pending(verb: PaymentVerb) -> int:
        ended = {event.key for event in events if isinstance(event, ENDS)}
        return sum(event.amount for event in events if isinstance(event, e.PaymentAttempted) and event.verb is verb and event.key not in ended)

    return {
        "authorized": sum_of(e.PaymentAuthorized),
        "captured": sum_of(e.PaymentCaptured),
        "voided": sum_of(e.PaymentVoided),
        "refunded": sum_of(e.PaymentRefunded) - sum_of(e.PaymentRefundFailed),
        "charged_back": sum_of(e.PaymentChargedBack) - sum_of(e.ChargebackReversed),
        **{f"pending {verb}": pending(verb) for verb in V},
    }


def told(order: Order) -> dict[str, int]:
    """What the payment says of itself."""
    (payment,) = order.payments
    names = ("authorized", "captured", "voided", "refunded", "charged_back")
    return {**{name: getattr(payment, name) for name in names}, **{f"pending {verb}": payment.asked(verb) for verb in V}}


def _refund(mall: Mall, order: Order, amount: int) -> None:
    sorry = RefundOrder(key=f"r{amount}", by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="kindness")
    accepted(mall.shop.payments.refund(sorry))


def _hear(mall: Mall) -> None:
    for raw in mall.provider.notifications():
        mall.shop.payments.receive("fake", raw)


def _unanswered_start(mall: Mall) -> dict[str, int]:
    mall.provider.script("start", *["lost_not_applied"] * 9)
    mall.provider.script("query", *["lost_not_applied"] * 9)
    paid(mall.shop)
    return {"pending start": 4900}


def _unanswered_capture(mall: Mall) -> dict[str, int]:
    order = paid(mall.shop, an_order(capture=False))
    mall.provider.script("capture", *["lost_not_applied"] * 9)
    mall.provider.script("query", *["lost_not_applied"] * 9)
    accepted(mall.shop.payments.capture(CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")))
    return {"authorized": 4900, "pending capture": 4900}


def _unanswered_void(mall: Mall) -> dict[str, int]:
    order = paid(mall.shop, an_order(capture=False))
    mall.provider.script("void", *["lost_not_applied"] * 9)
    mall.provider.script("query", *["lost_not_applied"] * 9)
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    return {"authorized": 4900, "pending void": 4900}


def _voided(mall: Mall) -> dict[str, int]:
    order = paid(mall.shop, an_order(capture=False))
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    return {"authorized": 4900, "voided": 4900}


def _slow_refund(mall: Mall) -> dict[str, int]:
    order = paid(mall.shop, an_order(token="tok_ok+refund_slow"))
    _refund(mall, order, 700)
    return {"authorized": 4900, "captured": 4900, "pending refund": 700}


def _late_failure(mall: Mall) -> dict[str, int]:
    order = paid(mall.shop, an_order(token="tok_ok"))
    _refund(mall, order, 700)
    mall.provider.script("refund", *["declined"] * 9)
    with mall.provider.open() as book:
        (key,) = (entry.key for entry in book.entries() if entry.verb == "refund")
    mall.provider.fail_refund(OperationKey(key))
    _hear(mall)
    return {"authorized": 4900, "captured": 4900}


def _disputed(mall: Mall) -> dict[str, int]:
    order = paid(mall.shop)
    _refund(mall, order, 700)
    reference = order.payments[0].reference
    mall.provider.charge_back(reference, Money(900, "EUR"))
    mall.provider.reverse_chargeback(reference, Money(300, "EUR"))
    _hear(mall)
    return {"authorized": 4900, "captured": 4900, "refunded": 700, "charged_back": 600}


def _paid_too_late(mall: Mall) -> dict[str, int]:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    accepted(mall.shop.payments.refresh(c.RefreshPayments(key="look", by=ANN, order_id=order.id)))
    return {"authorized": 4900, "captured": 4900, "refunded": 4900}


LIVES: dict[str, Callable[[Mall], dict[str, int]]] = {
    "a start without an answer": _unanswered_start,
    "a capture without an answer": _unanswered_capture,
    "a void without an answer": _unanswered_void,
    "voided": _voided,
    "a refund on its way": _slow_refund,
    "a refund that came back": _late_failure,
    "disputed and won in part": _disputed,
    "closed against a late payment": _paid_too_late,
}


@pytest.mark.parametrize("life", sorted(LIVES))
def test_each_amount_and_its_pending_twin_is_the_sum_of_the_events(life: str) -> None:
    """PAY-3"""
    mall = Mall(MemoryStorage(KINDS))
    expected = LIVES[life](mall)
    (order,) = mall.orders()
    events = [it.value for it in mall.storage.read(EVENTS, after=START, limit=1_000) if it.key == order.id]

    assert told(order) == audited(events)
    assert {name: amount for name, amount in told(order).items() if amount} == expected
