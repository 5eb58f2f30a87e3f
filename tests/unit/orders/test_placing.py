"""Placing: what is frozen, what is due, and what cannot be placed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright import orders
from shopwright.edges import MOST
from shopwright.errors import InvalidValue
from shopwright.orders import ApprovalRule, OrderState, Terms
from shopwright.orders.events import Claim, ClaimState
from shopwright.orders.standing import PaymentStanding, standings
from shopwright.payments.payment import Tender, Via
from shopwright.pricing import disagreements, replay
from shopwright.promotions.coupons import Coupon
from shopwright.refusals import Refusal
from shopwright.testing.builders import ANN, NOON, a_decision, a_placement, a_quote, a_tender, a_voucher, an_order, canceled, cash, paid, sold


def test_an_order_freezes_its_quote_line_by_line_with_the_trace_of_its_price() -> None:
    """ORDER-2"""
    quote = a_quote(coupon=Coupon("SPRING", percent=1000))
    (placed, *_) = a_decision(quote=quote, tenders=(a_tender(4050),)).events

    columns = ("sku", "seller_id", "quantity", "unit_price", "subtotal", "discount", "shipping", "tax", "total", "adjustments")
    assert [[getattr(line, name) for name in columns] for line in placed.lines] == [[getattr(line, name) for name in columns] for line in quote.lines]
    assert (placed.trace, placed.coupon_code, placed.coupon_version) == (quote.trace, "SPRING", 1)
    assert disagreements(placed, replay(placed, at=NOON)) == ()


def test_an_unpaid_order_is_due_within_its_window_and_holds_its_goods() -> None:
    """ORDER-4"""
    order = an_order(terms=Terms(payment_window=timedelta(hours=2)))

    assert (order.state, order.due_at) == (OrderState.PLACED, NOON + timedelta(hours=2))
    assert order.claim == Claim(ClaimState.HELD, (("stock/CUP", 1), ("stock/TEA", 2)))


def test_a_paid_order_is_no_longer_due() -> None:
    """ORDER-4"""
    order = paid(an_order())

    assert (order.state, order.due_at, order.claim.state) == (OrderState.CONFIRMED, None, ClaimState.USED)


def test_an_order_in_review_is_no_longer_due_though_it_claims_nothing() -> None:
    """ORDER-4: an order whose stock is not counted."""
    order = paid(an_order(sold("TEA", tracked=False), terms=Terms(approval=ApprovalRule(nobody=True))))

    assert (order.state, order.claim, order.due_at) == (OrderState.IN_REVIEW, Claim(), None)


@pytest.mark.parametrize("tenders", [(), (a_tender(0),)], ids=["no tender", "a tender of nothing"])
def test_a_free_order_is_confirmed_at_once_and_asks_nobody_for_money(tenders: tuple[Tender, ...]) -> None:
    order = an_order(sold("TEA", 1, 0), tenders=tenders)

    assert (order.state, order.due_at, order.claim.state, standings(order).payment) == (
        OrderState.CONFIRMED,
        None,
        ClaimState.USED,
        PaymentStanding.FREE,
    )
    assert orders.next_step(order, at=NOON) is None
    assert standings(canceled(order)).payment is PaymentStanding.FREE


def test_an_order_paid_at_the_door_is_confirmed_at_once() -> None:
    order = an_order(on_delivery=True)

    assert (order.state, order.due_at, order.payments[0].state, order.expected) == (OrderState.CONFIRMED, None, "on_delivery", 4500)


def test_tenders_that_do_not_pay_the_total_are_refused() -> None:
    outcome = orders.place(a_quote(), a_placement(4499), terms=Terms(), claims=(), by=ANN, at=NOON)

    assert outcome == Refusal(
        "tenders_mismatch", "the tenders add up to 4499 and the order to 4500", {"total": 4500, "tenders": 4499, "currency": "EUR"}
    )


@pytest.mark.parametrize("amount", [1, 4499, 9000])
def test_tenders_of_an_import_are_kept_as_they_are(amount: int) -> None:
    outcome = orders.place(a_quote(), a_placement(amount, exact_tenders=False), terms=Terms(), claims=(), by=ANN, at=NOON)

    assert [payment.tender.amount for payment in outcome.order.payments] == [amount]


def test_payments_are_numbered_and_wait_for_who_moves_the_money() -> None:
    order = an_order(tenders=(a_voucher(500), cash(500), a_tender(3500)))

    assert [(it.id, it.tender.via, it.state) for it in order.payments] == [
        ("p1", Via.EXTERNAL, "due"),
        ("p2", Via.ON_DELIVERY, "on_delivery"),
        ("p3", Via.GATEWAY, "due"),
    ]


def test_an_order_takes_at_most_99_tenders() -> None:
    with pytest.raises(InvalidValue, match=r"^an order takes at most 99 tenders; got 100$"):
        a_placement(tenders=(a_voucher(45),) * 100)


def test_the_tenders_of_an_order_add_up_to_what_every_store_keeps() -> None:
    with pytest.raises(InvalidValue, match=r"^the tenders of an order add up to 64 bits of minor units at most; got 2 of more$"):
        a_placement(tenders=(a_voucher(MOST), a_voucher(1)))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"id": "short"}, "Placement.id must have 26 to 26 characters, got 5"),
        ({"number": ""}, "Placement.number must have 1 to 60 characters, got 0"),
        ({"buyer_id": "a\x00b"}, "Placement.buyer_id must not hold U"),
        ({"ship_to": "Hamburg"}, "Placement.ship_to must be Address, got str"),
        ({"tenders": (5,)}, "Placement.tenders must be Tender, got int"),
        ({"promised_at": NOON.replace(tzinfo=None)}, "Placement.promised_at must be a datetime with a time zone"),
        ({"exact_tenders": 1}, "Placement.exact_tenders must be bool, got int"),
    ],
)
def test_a_placement_checks_what_it_is_told(facts: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message.replace(".", r"\.")):
        a_placement(**facts)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"payment_window": timedelta(0)}, "terms need a payment window above zero"),
        ({"complete_after": timedelta(days=-1)}, "zero or more for complete_after"),
        ({"tolerance": -1}, r"Terms.tolerance must be between 0 and"),
        ({"capture": "later"}, r"Terms.capture must be CaptureWhen, got str"),
        ({"payment_window": 30}, r"Terms.payment_window must be timedelta, got int"),
    ],
)
def test_terms_check_what_they_are_told(facts: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        Terms(**facts)


@pytest.mark.parametrize(("currency", "price", "total"), [("JPY", 1500, "1500 JPY"), ("KWD", 1500, "1.500 KWD"), ("EUR", 1500, "15.00 EUR")])
def test_orders_in_currencies_with_no_and_with_three_decimals(currency: str, price: int, total: str) -> None:
    """A whole life in yen and in dinars (acceptance scenario 12)."""
    order = paid(an_order(sold("TEA", 3, price // 3), currency=currency))
    part = orders.refund(order, 1, reason="kindness", by=ANN, at=NOON).order

    assert (str(order.total), order.paid, part.refund_outstanding, part.owed) == (total, 1500, 1, 1499)
    assert canceled(part).refund_outstanding == 1500
