"""The ends of an order: what completes, what can be called off, and what is given back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright import orders
from shopwright.members.actors import SYSTEM
from shopwright.orders import CancelReason, CaptureWhen, Decision, Order, OrderState, Standing, Terms, standing
from shopwright.orders import events as e
from shopwright.orders.events import ClaimState
from shopwright.orders.lines import Buckets
from shopwright.payments.events import PaymentVoided
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refusal
from shopwright.shipping.events import ShipmentCanceled
from shopwright.testing.builders import ANN, CLERK, NOON, a_tender, a_voucher, an_order, canceled, completed, delivered, paid, planned, shipped, sold

WEEK = timedelta(days=7)


def test_a_delivered_and_paid_order_completes() -> None:
    """ORDER-10"""
    order = delivered(paid(an_order()))

    assert orders.complete(order, by=CLERK, at=NOON) == Decision(order).then(e.OrderCompleted(by=CLERK, at=NOON))
    assert (completed(an_order()).closed_at, completed(an_order()).state) == (NOON, OrderState.COMPLETED)


@pytest.mark.parametrize("prepare", [lambda it: it, planned, shipped], ids=["open", "allocated", "shipped"])
def test_an_order_does_not_complete_while_units_are_here_or_on_their_way(prepare: object) -> None:
    """ORDER-10"""
    order = prepare(paid(an_order()))

    assert orders.complete(order, by=CLERK, at=NOON) == Refusal(
        "order_unfinished", f"3 units of order {order.number} are not delivered", {"units": 3}
    )
    assert orders.complete_due_at(order) is None


@pytest.mark.parametrize(("missing", "tolerance", "ends"), [(0, 0, True), (2, 2, True), (3, 2, False), (1, 0, False)])
def test_an_order_completes_when_no_more_is_missing_than_its_terms_tolerate(missing: int, tolerance: int, ends: bool) -> None:
    """ORDER-10, ORDER-5"""
    order = delivered(an_order(on_delivery=True, terms=Terms(tolerance=tolerance)))
    order = orders.record(order, "p1", 4500 - missing, at=NOON).order
    outcome = orders.complete(order, by=CLERK, at=NOON)

    assert (outcome.code if isinstance(outcome, Refusal) else outcome.order.state) == ("completed" if ends else "order_unpaid")
    assert orders.complete_due_at(order) == (NOON + WEEK if ends else None)


def test_an_order_that_was_only_promised_the_money_does_not_complete() -> None:
    order = delivered(paid(an_order(tenders=(a_tender(4500, capture=False),))))

    assert orders.complete(order, by=CLERK, at=NOON).code == "order_unpaid"


def test_goods_that_do_not_travel_arrive_with_the_confirmation_and_the_order_completes_by_itself() -> None:
    """ORDER-13, ORDER-5"""
    order = paid(an_order(sold("SONG", 2, ships=False)), at=NOON)

    assert (order.lines[0].buckets, order.delivered_at, orders.complete_due_at(order)) == (Buckets(delivered=2), NOON, NOON + WEEK)
    assert standing(order) is Standing.DELIVERED
    assert orders.complete(order, by=SYSTEM, at=NOON + WEEK).order.state is OrderState.COMPLETED


def test_an_order_of_which_nothing_has_left_is_canceled_with_all_it_claims() -> None:
    """ORDER-8, ORDER-9, ORDER-12"""
    order = planned(paid(an_order(coupon=Coupon("SPRING", percent=1000), tenders=(a_tender(4050),))))
    outcome = orders.cancel(order, reason=CancelReason.CUSTOMER, by=ANN, at=NOON, note="sorry")

    assert outcome.events == (
        ShipmentCanceled(shipment_id="s1", at=NOON),
        e.UnitsCanceled(units=((1, 2), (2, 1)), at=NOON),
        e.OrderCanceled(reason=CancelReason.CUSTOMER, by=ANN, at=NOON, note="sorry"),
        e.ClaimChanged(state=ClaimState.RELEASED, at=NOON),
        e.RefundGranted(amount=4050, reason="canceled: customer", by=ANN, at=NOON),
    )
    assert (standing(outcome.order), outcome.order.owed, outcome.order.cancel_reason) == (Standing.CANCELED_REFUND_DUE, 0, CancelReason.CUSTOMER)


def test_an_order_that_nobody_paid_gives_up_its_payments_and_owes_nothing() -> None:
    """ORDER-8"""
    order = an_order(tenders=(a_voucher(500), a_tender(4000)))
    outcome = orders.cancel(order, reason=CancelReason.PAYMENT_EXPIRED, by=SYSTEM, at=NOON)

    assert outcome.events[-2:] == (
        PaymentVoided(payment_id="p2", key="", amount=0, at=NOON),
        e.ClaimChanged(state=ClaimState.RELEASED, at=NOON),
    )
    assert (standing(outcome.order), outcome.order.due_at, {it.state for it in outcome.order.payments}) == (Standing.CANCELED, None, {"voided"})


def test_of_an_order_that_has_left_in_part_the_rest_is_called_off() -> None:
    """ORDER-8, ORDER-9, ORDER-12: the coupon stays used, and the stock of the rest is free again."""
    order = shipped(paid(an_order(coupon=Coupon("SPRING", percent=1000), tenders=(a_tender(4050),))), units=((1, 1),))
    outcome = orders.cancel(order, reason=CancelReason.CUSTOMER, by=ANN, at=NOON)

    assert outcome.events == (
        e.UnitsCanceled(units=((1, 1), (2, 1)), at=NOON),
        e.ClaimReduced(items=(("stock/TEA", 1), ("coupon/SPRING", 1)), at=NOON),
        e.RefundGranted(amount=3150, reason="canceled: customer", by=ANN, at=NOON),
    )
    assert (outcome.order.state, outcome.order.owed, outcome.order.surplus) == (OrderState.CONFIRMED, 900, 0)


def test_an_order_that_has_left_cannot_be_called_off() -> None:
    """ORDER-8"""
    order = shipped(paid(an_order()))

    assert orders.cancel(order, reason=CancelReason.CUSTOMER, by=ANN, at=NOON) == Refusal(
        "order_shipped", f"order {order.number} has left; what comes back is a return", {"state": "confirmed"}
    )


def test_an_order_may_be_canceled_though_goods_are_out_and_they_may_come_back() -> None:
    """ORDER-8, ORDER-12: what is out stays claimed until somebody counts it in."""
    order = canceled(shipped(paid(an_order()), units=((1, 2),)), goods_out=True, reason=CancelReason.FRAUD)

    assert (standing(order), order.claim.state, order.claim.items) == (Standing.CANCELED_GOODS_OUT, ClaimState.USED, (("stock/TEA", 2),))
    assert (order.refund_outstanding, order.owed) == (4500, 0)
    assert standing(orders.take_back(order, "s1", at=NOON).order) is Standing.CANCELED_REFUND_DUE


def test_an_order_that_has_not_left_is_simply_canceled_though_goods_might_have_been_out() -> None:
    outcome = orders.cancel(paid(an_order()), reason=CancelReason.OTHER, by=CLERK, at=NOON, goods_out=True)

    assert (outcome.events[1].goods_out, outcome.order.claim.state) == (False, ClaimState.RELEASED)


def test_a_cancellation_without_a_refund_keeps_the_money_and_says_that_a_refund_is_due() -> None:
    order = canceled(paid(an_order()), refund=False)

    assert (order.refund_granted, order.paid, standing(order)) == (0, 4500, Standing.CANCELED_REFUND_DUE)
    granted = orders.refund(order, 4500, reason="after all", by=CLERK, at=NOON).order
    assert (granted.refund_outstanding, granted.allowances) == (4500, 0)


def test_a_promise_is_given_up_when_its_order_is_canceled_and_nothing_is_granted() -> None:
    order = canceled(paid(an_order(tenders=(a_tender(4500, capture=False),))))

    assert (order.refund_granted, orders.next_step(order, at=NOON).verb) == (0, "void")


def test_two_lines_of_one_sku_give_their_stock_back_together() -> None:
    """ORDER-12"""
    twice = an_order(sold("TEA", 1), sold("TEA", 2))
    order = canceled(shipped(paid(twice), units=((1, 1),)))

    assert (twice.claim.items, order.claim.items) == ((("stock/TEA", 3),), (("stock/TEA", 1),))


def test_goods_whose_stock_is_not_counted_give_nothing_back() -> None:
    """ORDER-12"""
    order = canceled(shipped(paid(an_order(sold("TEA", 2, tracked=False))), units=((1, 1),)))

    assert (order.claim.state, order.claim.items, order.refund_granted) == (ClaimState.NONE, (), 1000)


def test_downloads_that_were_handed_over_stay_with_the_buyer_when_the_rest_is_called_off() -> None:
    """ORDER-8, ORDER-13"""
    order = canceled(paid(an_order(sold("TEA"), sold("SONG", 1, 300, ships=False))))

    assert (order.state, order.owed, order.refund_granted) == (OrderState.CONFIRMED, 300, 1000)
    assert orders.complete(order, by=CLERK, at=NOON).order.state is OrderState.COMPLETED


@pytest.mark.parametrize("paid_before", [True, False])
def test_calling_off_the_rest_of_a_promised_order_takes_what_is_left_to_pay_and_no_more(paid_before: bool) -> None:
    terms = Terms(capture=CaptureWhen.ON_DISPATCH)
    order = shipped(paid(an_order(tenders=(a_tender(4500, capture=False),), terms=terms)), units=((1, 1),))
    if paid_before:
        order = orders.evolve(order, orders.next_step(order, at=NOON))
    order = canceled(order)
    step = orders.next_step(order, at=NOON)

    assert (order.owed, order.refund_granted) == (1000, 0)
    assert step is None if paid_before else (step.verb, step.amount, step.final) == ("capture", 1000, True)


def test_an_order_partly_refunded_can_be_canceled_and_gives_back_the_rest_once() -> None:
    """Acceptance scenario 6."""
    order = orders.refund(paid(an_order()), 700, reason="late", by=CLERK, at=NOON).order
    after = canceled(order)

    assert (after.refund_granted, after.surplus, after.claim.state) == (4500, 0, ClaimState.RELEASED)


def test_what_was_allowed_is_owed_no_more_so_that_the_order_can_complete() -> None:
    """ORDER-11: a chipped cup."""
    order = orders.refund(delivered(paid(an_order())), 700, reason="a chipped cup", by=CLERK, at=NOON).order

    assert (order.owed, order.allowances, order.secured) == (3800, 700, True)
    assert _state(orders.complete(order, by=CLERK, at=NOON)) == "completed"


def _state(outcome: Decision | Refusal) -> str:
    return outcome.code if isinstance(outcome, Refusal) else str(outcome.order.state)


def test_a_lost_parcel_can_be_refunded_and_the_rest_completes() -> None:
    """ORDER-11: what was paid above what is owed goes first."""
    order: Order = delivered(paid(an_order()), units=((1, 2),))
    order = orders.lose(shipped(order), "s2", at=NOON).order
    refunded = orders.refund(order, 2500, reason="lost", by=CLERK, at=NOON).order

    assert (order.owed, order.surplus, refunded.allowances, refunded.owed) == (2000, 2500, 0, 2000)
    assert _state(orders.complete(refunded, by=CLERK, at=NOON)) == "completed"
