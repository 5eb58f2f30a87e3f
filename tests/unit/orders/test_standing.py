"""What the machines mean together: a word for each axis, from tables in which the first condition that holds decides."""

from __future__ import annotations

import pytest

from shopwright import orders
from shopwright.errors import InvalidValue
from shopwright.orders import Order, Standing, Terms, paying
from shopwright.orders import events as e
from shopwright.orders.standing import FULFILLMENT, ORDER, PAYMENT, FulfillmentStanding, PaymentStanding, standings
from shopwright.payments import events as p
from shopwright.payments.outcomes import ActionRequired, Redirect
from shopwright.testing.builders import (
    CLERK,
    NOON,
    a_tender,
    a_voucher,
    an_order,
    canceled,
    completed,
    delivered,
    paid,
    planned,
    shipped,
    sold,
)

F, P, S = FulfillmentStanding, PaymentStanding, Standing


def started() -> Order:
    return orders.start(an_order(), "p1", at=NOON).order


def awaiting() -> Order:
    order = started()
    action = ActionRequired("r", Redirect("https://pay.example"))
    return paying.answer(order, order.payments[0], action, key=order.payments[0].key, at=NOON).order


def silent() -> Order:
    order = started()
    return paying.unanswered(order, order.payments[0], key=order.payments[0].key, why="timeout", at=NOON).order


def refunded(order: Order, amount: int) -> Order:
    return orders.repay(order, "p1", amount, by=CLERK, at=NOON).order


def charged_back(order: Order | None = None) -> Order:
    return orders.evolve(order or paid(an_order()), p.PaymentChargedBack(payment_id="p1", amount=1, at=NOON))


def promised() -> Order:
    return paid(an_order(tenders=(a_tender(4500, capture=False),)))


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (an_order(), P.UNPAID),
        (started(), P.PENDING),
        (awaiting(), P.PENDING),
        (silent(), P.UNANSWERED),
        (promised(), P.AUTHORIZED),
        (an_order(on_delivery=True), P.ON_DELIVERY),
        (orders.record(an_order(tenders=(a_voucher(500), a_tender(4000))), "p1", 500, at=NOON).order, P.PARTLY_PAID),
        (paid(an_order()), P.PAID),
        (orders.record(an_order(tenders=(a_voucher(4500),), terms=Terms(tolerance=5)), "p1", 4495, at=NOON).order, P.PAID),
        (orders.record(an_order(tenders=(a_voucher(4500),)), "p1", 4600, at=NOON).order, P.OVERPAID),
        (orders.lose(shipped(paid(an_order())), "s1", at=NOON).order, P.OVERPAID),
        (refunded(paid(an_order()), 700), P.PARTLY_REFUNDED),
        (refunded(canceled(paid(an_order())), 4500), P.REFUNDED),
        (canceled(paid(an_order())), P.REFUND_DUE),
        (orders.refund(paid(an_order()), 1, reason="r", by=CLERK, at=NOON).order, P.REFUND_DUE),
        (canceled(an_order()), P.VOIDED),
        (charged_back(), P.CHARGED_BACK),
        (an_order(sold("TEA", 1, 0)), P.FREE),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_the_word_for_the_money(order: Order, word: PaymentStanding) -> None:
    assert standings(order).payment is word


def part(order: Order) -> Order:
    return shipped(order, units=((1, 1),))


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (an_order(), F.NOT_SHIPPED),
        (planned(paid(an_order())), F.PREPARING),
        (part(paid(an_order())), F.PARTLY_SHIPPED),
        (shipped(paid(an_order())), F.SHIPPED),
        (delivered(paid(an_order()), units=((1, 1),)), F.PARTLY_DELIVERED),
        (delivered(paid(an_order())), F.DELIVERED),
        (orders.take_back(shipped(paid(an_order())), "s1", at=NOON).order, F.RETURNED),
        (orders.lose(shipped(paid(an_order())), "s1", at=NOON).order, F.LOST),
        (canceled(an_order()), F.CALLED_OFF),
        (paid(an_order(sold("SONG", ships=False))), F.DELIVERED),
        (an_order(sold("SONG", ships=False)), F.NOT_SHIPPED),
        (paid(an_order(sold("TEA"), sold("SONG", ships=False))), F.NOT_SHIPPED),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_the_word_for_the_goods(order: Order, word: FulfillmentStanding) -> None:
    assert standings(order).fulfillment is word


@pytest.mark.parametrize(
    ("order", "word"),
    [
        (an_order(), S.AWAITING_PAYMENT),
        (paid(an_order()), S.READY_TO_SHIP),
        (planned(paid(an_order())), S.PREPARING),
        (part(paid(an_order())), S.PARTLY_SHIPPED),
        (shipped(paid(an_order())), S.IN_TRANSIT),
        (delivered(paid(an_order())), S.DELIVERED),
        (orders.take_back(shipped(paid(an_order())), "s1", at=NOON).order, S.RETURNED),
        (orders.lose(shipped(paid(an_order())), "s1", at=NOON).order, S.LOST),
        (completed(an_order()), S.COMPLETED),
        (canceled(an_order()), S.CANCELED),
        (canceled(paid(an_order())), S.CANCELED_REFUND_DUE),
        (canceled(shipped(paid(an_order())), goods_out=True), S.CANCELED_GOODS_OUT),
        (charged_back(), S.AWAITING_PAYMENT),
        (charged_back(part(paid(an_order()))), S.AWAITING_PAYMENT),
        (charged_back(shipped(paid(an_order()))), S.IN_TRANSIT),
        (charged_back(delivered(paid(an_order()))), S.DELIVERED),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_the_word_for_the_order(order: Order, word: Standing) -> None:
    assert standings(order).order is word


@pytest.mark.parametrize(("table", "words"), [(PAYMENT, P), (FULFILLMENT, F), (ORDER, S)], ids=["money", "goods", "order"])
def test_every_word_stands_in_its_table_once(table: tuple[tuple[object, object], ...], words: type) -> None:
    named = [row[0] for row in table]

    assert (sorted(named), len(named)) == (sorted(words), len(set(named)))


def test_an_order_in_review_says_so_and_one_that_was_sent_back_too() -> None:
    reviewed = paid(an_order(terms=Terms(approval=orders.ApprovalRule(nobody=True))))
    back = orders.evolve(reviewed, e.OrderSentBack(by=CLERK, note="?", at=NOON))

    assert [orders.standing(it) for it in (reviewed, back)] == [S.IN_REVIEW, S.SENT_BACK]


def test_only_an_order_stands_anywhere() -> None:
    for tell in (orders.standing, standings):
        with pytest.raises(InvalidValue, match=r"^expected an Order, got str$"):
            tell("placed")
