"""What an order comes to in the statistics, at each stage of its life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

from attrs import evolve

from shopwright import orders
from shopwright.orders import Order
from shopwright.orders.lines import Bucket
from shopwright.orders.refunds import goodwill
from shopwright.orders.returning import reopen_units, return_units
from shopwright.pricing.facts import FlatShipping
from shopwright.refusals import accepted
from shopwright.statistics.sales import Part, parts_of
from shopwright.statistics.tallies import Dimension, Tally
from shopwright.testing.builders import CLERK, NOON, an_order, canceled, delivered, paid, shipped, sold
from tests.unit.orders.refunding import BOOK, LAMP, ON_TOP, TENTH, WITHIN, come, given_back, taxed

FILED = {1: "drinks", 2: "dishes"}


def parts(order: Order, *, zone: str = "UTC", **facts: Any) -> dict[tuple[str, str], Tally]:
    """What an order comes to, by dimension and name."""
    found = parts_of(order, **{"categories": FILED, "returned": {}, "zone": zone, **facts})
    return {(it.dimension.value, it.name): it.tally for it in found}


def shop(order: Order, **facts: Any) -> Tally:
    """What an order comes to for its channel."""
    return parts(order, **facts)["shop", ""]


PLACED = Tally(placed=1, units=3, gross=4_500)


def test_an_order_counts_once_it_is_placed_paid_or_not() -> None:
    """STAT-7"""
    assert shop(an_order()) == PLACED
    assert shop(paid(an_order())) == evolve(PLACED, confirmed=1)


def test_an_order_counts_once_in_each_category_and_seller_of_its_lines() -> None:
    """STAT-8"""
    goods = (sold("TEA", 2, 1_000), sold("CUP", 1, 2_500, seller_id="potter"), sold("SOUP", 1, 400))
    assert parts(an_order(*goods), categories={**FILED, 3: "drinks"}) == {
        ("shop", ""): Tally(placed=1, units=4, gross=4_900),
        ("category", "drinks"): Tally(placed=1, units=3, gross=2_400),
        ("category", "dishes"): Tally(placed=1, units=1, gross=2_500),
        ("seller", "house"): Tally(placed=1, units=3, gross=2_400),
        ("seller", "potter"): Tally(placed=1, units=1, gross=2_500),
    }


def test_a_line_without_a_category_counts_under_none() -> None:
    assert Part(Dimension.CATEGORY, "", PLACED) in parts_of(an_order(), categories={}, returned={}, zone="UTC")


def test_all_that_is_left_of_a_canceled_order_is_called_off_with_its_shipping() -> None:
    """STAT-9, STAT-10"""
    order = canceled(paid(an_order(shipping=FlatShipping("post", 400))))
    assert shop(order) == evolve(PLACED, confirmed=1, canceled=1, called_off=4_500, shipping=400, shipping_off=400)
    assert shop(order).total == order.owed == 0


def test_units_that_were_lost_are_given_back_by_their_share() -> None:
    """STAT-9"""
    order = shipped(paid(an_order(sold("TEA", 3, 1_000))))
    order = accepted(orders.lose(order, "s1", at=NOON)).order
    assert (shop(order).given_back, shop(order).called_off, shop(order).total) == (3_000, 0, 0)


def test_goodwill_is_allowed_on_the_lines_by_what_is_owed_on_them() -> None:
    """STAT-9"""
    order = accepted(goodwill(come(), 450, reason="it came late", by=CLERK, at=NOON)).order
    assert {name: tally.allowed for (dimension, name), tally in parts(order).items() if dimension == "category"} == {"drinks": 200, "dishes": 250}
    assert (shop(order).allowed, shop(order).net) == (450, 4_050)


def test_taxes_on_top_and_shipping_go_back_with_the_goods() -> None:
    """STAT-10"""
    order = come(LAMP, BOOK, quote=taxed(LAMP, BOOK, taxes=ON_TOP, coupon=TENTH, shipping=600))
    before = shop(order)
    assert before.total == order.owed == order.total.minor
    assert (before.gross, before.discounts, before.shipping, before.taxes > 0, before.taxes_within) == (10_998, 1_100, 600, True, 0)

    order = given_back(order, (2, 2))
    order = accepted(return_units(order, ((2, 2),), at=NOON)).order
    after = shop(order, returned={2: 2})
    assert after.total == order.owed
    assert (after.given_back > 0, after.shipping_off > 0, after.taxes_off > 0, after.units_returned) == (True, True, True, 2)


def test_taxes_within_prices_are_told_of_what_is_owed() -> None:
    """STAT-10"""
    order = come(BOOK, quote=taxed(BOOK, taxes=WITHIN))
    assert (shop(order).taxes, shop(order).taxes_within, shop(order).total) == (0, 196, 3_000)
    assert shop(canceled(an_order(BOOK, quote=taxed(BOOK, taxes=WITHIN)))).taxes_within == 0


PROMISED = datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
"""An hour before midnight in Greenwich, and the day after in Berlin."""


def test_an_order_that_arrives_on_the_promised_day_of_the_zone_is_in_time() -> None:
    """STAT-11"""
    order = paid(an_order(promised_at=PROMISED))
    there = delivered(order, at=PROMISED + timedelta(minutes=90))
    assert (shop(there).arrived, shop(there).timed, shop(there).on_time) == (1, 1, 0)
    assert shop(there, zone="Europe/Berlin").on_time == 1
    assert shop(there).on_time_rate == Fraction(0)


def test_an_order_has_arrived_when_none_of_its_units_is_still_to_come() -> None:
    """STAT-11"""
    order = delivered(paid(an_order(promised_at=PROMISED)), units=((1, 1),))
    assert (shop(order).arrived, shop(order).units_arrived) == (0, 1)
    late = delivered(order, at=PROMISED + timedelta(days=2))
    assert (shop(late).arrived, shop(late).on_time, shop(late).units_arrived) == (1, 0, 3)
    assert shop(canceled(order, goods_out=True)).arrived == 1


def test_an_order_without_a_promise_has_no_time_to_keep() -> None:
    """STAT-11"""
    assert (shop(come()).arrived, shop(come()).timed, shop(come()).on_time_rate) == (1, 0, None)


def test_what_never_arrived_has_not_come_back() -> None:
    """STAT-12"""
    turned = accepted(orders.take_back(shipped(paid(an_order())), "s1", at=NOON)).order
    assert (shop(turned).units_arrived, shop(turned).units_returned, shop(turned).arrived) == (0, 0, 0)
    came = accepted(orders.take_back(come(), "s1", at=NOON)).order
    assert (shop(came).units_arrived, shop(came).units_returned) == (3, 3)


def test_goods_that_go_out_once_more_arrive_once_more() -> None:
    """STAT-12"""
    order = accepted(reopen_units(come(), ((2, 1),), source=Bucket.DELIVERED, by=CLERK, at=NOON)).order
    assert (shop(order).arrived, shop(order).units_arrived, shop(order).units) == (0, 3, 3)
    assert (shop(delivered(order)).arrived, shop(delivered(order)).units_arrived) == (1, 4)


def test_goods_that_do_not_travel_arrive_when_they_are_handed_over() -> None:
    """STAT-12"""
    order = paid(an_order(sold("SONG", 2, 100, ships=False)))
    assert (shop(order).units_arrived, shop(order).arrived) == (2, 1)
