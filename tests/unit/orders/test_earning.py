"""What an order earns, what its account must show of it, and what is taken back as units and money go back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.loyalty.earning import EarnBasis, EarnRule
from shopwright.loyalty.order_points import EarnRate, RateOf
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.tendering import PointsTender
from shopwright.orders import Order, cancel, complete, lose, refund, retender, take_back
from shopwright.orders.earning import Booking, bookings, earning_anew, frozen_points
from shopwright.orders.events import CancelReason, EarningChanged
from shopwright.payments.payment import Tender
from shopwright.pricing import Grant, GrantKind
from shopwright.pricing.facts import FlatShipping
from shopwright.refusals import accepted
from shopwright.testing.builders import (
    CLERK,
    NOON,
    a_gift,
    a_quote,
    a_tender,
    an_order,
    canceled,
    completed,
    delivered,
    paid,
    shipped,
    sold,
)

PROGRAM = PointsProgram(currency="EUR", rules=(EarnRule(id="euro"),), tender=PointsTender(), window=timedelta(days=14))
LATER = NOON + timedelta(days=1)


def points(amount: int) -> Tender:
    """A tender of points."""
    return a_tender(amount, "points", gateway="points", source="points/ann")


def earning(*goods, program: PointsProgram = PROGRAM, tenders: tuple[Tender, ...] | None = None, **facts) -> Order:
    """An order that earns, two teas and a cup for 45.00 unless goods are given."""
    quote = facts.pop("quote", None) or a_quote(*goods, **{name: facts.pop(name) for name in ("shipping", "currency", "promotions") if name in facts})
    frozen = frozen_points(program, quote, tenders or (), tier=facts.pop("tier", None), left=facts.pop("left", None))
    return an_order(quote=quote, tenders=tenders, points=frozen, **facts)


def gone(order: Order) -> list[int]:
    """What is taken back of each booking."""
    return [booking.gone for booking in bookings(order)]


def test_what_an_order_earns_is_frozen_with_the_rule_its_version_the_base_and_each_line():
    order = earning(shipping=FlatShipping("post", 400))
    (earned,) = order.points.earned

    assert (earned.rule, earned.rule_version, earned.base, earned.desired, earned.granted) == ("euro", 1, 4_500, 45, 45)
    assert earned.lines == ((1, 20), (2, 25))


def test_shipping_earns_where_the_rule_says_so_and_goods_that_are_excluded_earn_nothing():
    with_shipping = evolve(PROGRAM, rules=(EarnRule(id="euro", basis=EarnBasis.WITH_SHIPPING),))
    excluded = evolve(PROGRAM, excluded=("CUP",))

    assert earning(program=with_shipping, shipping=FlatShipping("post", 400)).points.granted == 49
    assert earning(program=excluded).points.earned[0].lines == ((1, 20), (2, 0))


def test_an_order_in_another_currency_and_one_without_a_rule_earn_nothing_but_what_was_promised():
    promised = evolve(a_quote(currency="USD"), grants=(Grant(GrantKind.POINTS, 50, "thanks", 1),))
    order = completed(earning(quote=promised), at=LATER)

    assert earning(currency="USD").points is None
    assert earning(program=evolve(PROGRAM, rules=())).points is None
    assert [(booking.key, booking.points) for booking in bookings(order)] == [(f"{order.id}/grant/1", 50)]


def test_promotions_multiply_with_their_reason():
    quote = evolve(a_quote(), grants=(Grant(GrantKind.POINTS_RATE, 20_000, "double", 4),))
    order = earning(quote=quote)

    assert order.points.rates == (EarnRate(RateOf.PROMOTION, "double", 4, 20_000),)
    assert order.points.granted == 90


def test_what_is_paid_with_points_earns_none():  # EARN-2
    assert earning(tenders=(points(500), a_tender(4_000))).points.granted == 40


def test_an_order_earns_anew_when_points_that_were_to_pay_are_replaced_and_no_more_once_it_is_confirmed():  # EARN-8
    order = earning(tenders=(points(500), a_tender(4_000)))
    decision = accepted(retender(order, (a_tender(500),), replaces=("p1",), by=CLERK, at=NOON))
    (changed,) = [event for event in decision.events if isinstance(event, EarningChanged)]
    back = accepted(retender(decision.order, (points(4_000),), replaces=("p2",), by=CLERK, at=NOON)).order

    assert changed.earned == decision.order.points.earned
    assert [order.points.granted, decision.order.points.granted, back.points.granted] == [40, 45, 5]
    assert earning_anew(evolve(paid(order), payments=()), at=LATER) == ()


def test_nothing_is_booked_before_an_order_is_confirmed_and_it_opens_when_it_has_been_complete_for_the_window():
    order = earning()
    there = paid(order)
    (pending,) = bookings(there)
    (open_,) = bookings(completed(there, at=LATER))

    assert bookings(order) == ()
    assert pending == Booking(
        key=f"{order.id}/earn/euro",
        points=45,
        desired=45,
        lines=((1, 20), (2, 25)),
        gone=0,
        rule="euro",
        version=1,
        earned_at=NOON,
        available_from=None,
        expires_at=None,
    )
    assert open_ == evolve(pending, available_from=LATER + timedelta(days=14))


def test_points_of_promotions_are_booked_once_complete_and_shared_by_what_is_paid_for_lines():
    order = paid(earning(quote=a_quote(promotions=(a_gift("MUG", points=50),))))
    closed = completed(order, at=LATER)
    promised = bookings(closed)[1]

    assert [booking.key for booking in bookings(order)] == [f"{order.id}/earn/euro"]
    assert (promised.key, promised.points, promised.lines) == (f"{order.id}/grant/1", 50, ((1, 22), (2, 28), (3, 0)))
    assert (promised.rule, promised.available_from) == ("gift-MUG", LATER + timedelta(days=14))
    assert gone(accepted(refund(closed, 4_500, reason="back", by=CLERK, at=LATER)).order) == [45, 50]


def test_units_that_are_canceled_lost_or_returned_take_their_share_of_the_frozen_lines():
    there = shipped(paid(earning()), units=((1, 1),))
    back = accepted(take_back(there, "s1", at=LATER)).order
    lost = accepted(lose(there, "s1", at=LATER)).order
    called_off = accepted(cancel(there, reason=CancelReason.CUSTOMER, by=CLERK, at=LATER))

    assert [gone(it) for it in (there, back, lost)] == [[0], [10], [10]]
    assert gone(called_off.order)[0] >= 35


def test_an_order_that_is_canceled_earns_nothing_whatever_of_it_was_delivered():
    assert gone(canceled(paid(earning()))) == [45]


def test_money_that_goes_back_takes_its_share_though_the_goods_stay_unless_the_program_says_otherwise():  # EARN-7
    def refunded(program: PointsProgram) -> Order:
        return accepted(refund(paid(earning(program=program)), 1_500, reason="late", by=CLERK, at=LATER)).order

    assert [gone(refunded(PROGRAM)), gone(refunded(evolve(PROGRAM, refunds_take=False)))] == [[15], [0]]


def test_what_was_paid_above_the_price_goes_back_without_points():
    order = paid(earning(tenders=(a_tender(5_000),), exact_tenders=False))
    assert gone(accepted(refund(order, 500, reason="too much", by=CLERK, at=LATER)).order) == [0]


@pytest.mark.parametrize("first", ["goods", "money"])
def test_goods_and_their_money_are_one_return_in_either_order(first):  # EARN-7
    order = shipped(paid(earning(sold("TEA", 4, 1_000))), units=((1, 1),))
    if first == "goods":
        order = accepted(take_back(order, "s1", at=LATER)).order
        order = accepted(refund(order, 1_000, reason="back", by=CLERK, at=LATER)).order
    else:
        order = accepted(refund(order, 1_000, reason="back", by=CLERK, at=LATER)).order
        order = accepted(take_back(order, "s1", at=LATER)).order

    assert gone(order) == [10]


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=6))
def test_refunds_of_any_size_never_take_more_than_was_earned_and_all_of_it_takes_all(parts: list[int]):  # EARN-7
    order, taken = paid(earning()), [0]
    for part in (*parts, 4_500):
        left = 4_500 - order.refund_granted
        if left:
            order = accepted(refund(order, min(part, left), reason="back", by=CLERK, at=LATER)).order
        taken.append(gone(order)[0])

    assert taken == sorted(taken)
    assert taken[-1] == 45


def test_completing_changes_nothing_of_what_is_earned():
    order = delivered(paid(earning()))
    assert accepted(complete(order, by=CLERK, at=LATER)).order.points == order.points
