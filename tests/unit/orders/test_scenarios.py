"""What went wrong in other shops, told as orders: the share of a canceled line, refunds and cancellations that meet, old promotions,
uses that come free again, captures that time out, returns of fewer than announced.
"""

from __future__ import annotations

from shopwright import orders
from shopwright.money import Money
from shopwright.orders import CaptureWhen, Terms, paying
from shopwright.orders.events import ClaimState
from shopwright.orders.lines import Buckets
from shopwright.promotions.coupons import Coupon
from shopwright.testing.builders import CLERK, NOON, a_done, a_tender, an_order, canceled, completed, delivered, paid, shipped, sold

TEN_OFF = Coupon("TEN", amounts=(Money(1000, "EUR"),))
LAMP_AND_BULB = (sold("LAMP", 1, 5000), sold("BULB", 1, 1000))


def test_a_canceled_line_gives_back_its_own_share_of_the_discount_and_the_other_keeps_its_price() -> None:
    """ORDER-2, ORDER-3: lines of 50 and 10 with 10 off; without the 50 the other costs 8.33, and 41.67 go back."""
    order = paid(an_order(*LAMP_AND_BULB, coupon=TEN_OFF))
    order = canceled(shipped(order, units=((2, 1),)))

    assert [line.total for line in order.lines] == [4167, 833]
    assert (order.owed, order.refund_granted, order.lines[1].buckets) == (833, 4167, Buckets(shipped=1))


def test_an_order_that_was_refunded_in_part_is_canceled_with_its_stock_given_back_once() -> None:
    order = orders.refund(paid(an_order()), 1000, reason="late", by=CLERK, at=NOON).order
    order = orders.evolve(order, orders.next_step(order, at=NOON))
    order = paying.answer(order, order.payments[0], a_done(order.payments[0], refunded=1000), key=order.payments[0].attempts[0].key, at=NOON).order
    after = canceled(order)

    assert (after.state, after.claim.state, after.refund_granted, after.refund_outstanding) == ("canceled", ClaimState.RELEASED, 4500, 3500)


def test_a_placed_order_keeps_its_discount_though_the_promotion_has_ended() -> None:
    """ORDER-2: nothing is read but the order, so that there is nothing that could end."""
    order = paid(an_order(*LAMP_AND_BULB, coupon=TEN_OFF))
    order = canceled(shipped(order, units=((1, 1),)))

    assert (order.owed, order.refund_granted, order.coupon_code) == (4167, 833, "TEN")


def test_the_use_of_a_coupon_is_free_again_once_its_order_is_canceled() -> None:
    """ORDER-12"""
    order = paid(an_order(*LAMP_AND_BULB, coupon=TEN_OFF))

    assert (("coupon/TEN", 1) in order.claim.items, canceled(order).claim.state) == (True, ClaimState.RELEASED)


def test_a_capture_that_timed_out_is_asked_for_again_under_the_same_key() -> None:
    """PAY-2"""
    order = shipped(paid(an_order(tenders=(a_tender(4500, capture=False),), terms=Terms(capture=CaptureWhen.ON_DISPATCH))))
    order = orders.evolve(order, orders.next_step(order, at=NOON))
    key = order.payments[0].attempts[0].key
    order = paying.unanswered(order, order.payments[0], key=key, why="timeout", at=NOON).order

    assert ([attempt.key for _, attempt in order.open_attempts], orders.next_step(order, at=NOON)) == ([key], None)
    done = paying.answer(order, order.payments[0], a_done(order.payments[0], captured=4500), key=key, at=NOON).order
    assert (done.paid, done.open_attempts) == (4500, ())


def test_of_three_units_announced_as_returns_only_the_two_that_came_are_given_back() -> None:
    """ORDER-3"""
    order = delivered(paid(an_order(sold("TEA", 3, 1000))), units=((1, 2),))
    order = delivered(order, units=((1, 1),))
    order = orders.take_back(order, "s1", at=NOON).order

    assert (order.lines[0].buckets, order.owed, order.surplus) == (Buckets(delivered=1, returned=2), 1000, 2000)
    assert orders.refund(order, 2000, reason="returned", by=CLERK, at=NOON).order.allowances == 0


def test_a_whole_life_in_yen_and_one_in_dinars() -> None:
    lives = [completed(an_order(sold("TEA", 3, 333), currency=currency)) for currency in ("JPY", "KWD")]

    assert [str(order.money(order.paid)) for order in lives] == ["999 JPY", "0.999 KWD"]
