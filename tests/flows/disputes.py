"""Disputes of a buyer in a small mall: how they come about, are heard of, answered and given up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shopwright import Money, Order, accepted
from shopwright.flows.disputing import AnswerDispute
from shopwright.payments.evidence import Evidence, EvidencePart
from tests.flows.mall import CLERK, Mall, paid

EVIDENCE = Evidence({EvidencePart.EXPLANATION: "it was delivered", EvidencePart.TRACKING_NUMBER: "FR0000001"})


def a_dispute_unheard(mall: Mall) -> Order:
    """An order whose buyer has disputed 10.00 of it, which the shop has not heard of."""
    order = paid(mall.shop)
    mall.provider.open_dispute(order.payments[0].reference, Money(1000, "EUR"))
    return order


def hear_of_it(mall: Mall, order: Order) -> Any:
    """All that the provider has ever told."""
    return [mall.shop.payments.receive("fake", raw) for raw in mall.provider.notifications(again=True)]


def a_disputed_order(mall: Mall) -> Order:
    """The same, and the shop knows."""
    order = a_dispute_unheard(mall)
    hear_of_it(mall, order)
    return accepted(mall.shop.orders.get(order.id))


def answer(order: Order, *, key: str = "answer", evidence: Evidence | None = EVIDENCE) -> AnswerDispute:
    """What a clerk answers."""
    dispute = order.payments[0].disputes[0].id
    return AnswerDispute(key=key, by=CLERK, order_id=order.id, payment_id="p1", dispute_id=dispute, evidence=evidence)


def answer_it(mall: Mall, order: Order) -> Any:
    """Evidence is given."""
    return mall.shop.payments.answer_dispute(answer(order))


def give_it_up(mall: Mall, order: Order) -> Any:
    """The shop gives up."""
    return mall.shop.payments.answer_dispute(answer(order, evidence=None))


def an_answered_dispute(mall: Mall) -> Order:
    """A disputed order whose dispute was answered."""
    return accepted(answer_it(mall, a_disputed_order(mall)))


def answered_again(mall: Mall) -> Any:
    """A second answer to the only dispute there is."""
    (order,) = mall.orders()
    return mall.shop.payments.answer_dispute(answer(order, key="again"))


def answered_late(mall: Mall) -> Any:
    """An answer after a month."""
    mall.clock.advance(timedelta(days=30))
    return answered_again(mall)
