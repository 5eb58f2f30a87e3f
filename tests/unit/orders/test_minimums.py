"""From how much of goods on the discounts of an order were given: of coupons from what is frozen, of promotions by their versions."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.money import Money, Rounding
from shopwright.orders.events import OrderPlaced
from shopwright.orders.minimums import minimums_of
from shopwright.orders.refund_policy import BelowMinimum, DiscountStep, Minimum, RefundPolicy
from shopwright.promotions.conditions import All, AnyOf, CartQuantity, CartTotal
from shopwright.promotions.coupons import Coupon
from shopwright.promotions.effects import Cap, Percent
from shopwright.promotions.extras import By, Ladder, Rung
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Promotion
from shopwright.testing.builders import Sold, a_decision, an_order, sold
from tests.unit.orders.refunding import come, given_back

FROM_300 = CartTotal(least=(Money(30_000, "EUR"),))
TENTH = Promotion(id="tenth", when=FROM_300, effects=(Percent(1_000),))
SIX = sold("TEA", 6, 5_000)


def placed(*promotions: Promotion, coupon: Coupon | None = None) -> OrderPlaced:
    return placed_with(SIX, *promotions, coupon=coupon)


def placed_with(goods: Sold, *promotions: Promotion, coupon: Coupon | None = None) -> OrderPlaced:
    event = a_decision(goods, promotions=promotions, coupon=coupon).events[0]
    assert isinstance(event, OrderPlaced)
    return event


def test_the_minimum_of_a_coupon_is_frozen_with_the_price() -> None:
    assert minimums_of(placed(coupon=Coupon("TEN", percent=1_000, minimums=(Money(30_000, "EUR"),)))) == (Minimum(rule="TEN", least=30_000),)
    assert minimums_of(placed(coupon=Coupon("TEN", percent=1_000))) == ()


def test_the_minimum_of_a_promotion_is_that_of_the_version_that_the_order_was_placed_under() -> None:
    assert minimums_of(placed(TENTH), (TENTH,)) == (Minimum(rule="tenth", least=30_000),)
    assert minimums_of(placed(TENTH), (evolve(TENTH, version=2),)) == minimums_of(placed(TENTH)) == ()


def test_a_minimum_among_conditions_that_must_all_hold_counts_and_one_of_several_does_not() -> None:
    both, either = All((FROM_300, CartQuantity(least=2))), AnyOf((FROM_300, CartQuantity(least=2)))

    assert [minimums_of(placed(it), (it,)) for it in (evolve(TENTH, when=both), evolve(TENTH, when=either))] == [
        (Minimum(rule="tenth", least=30_000),),
        (),
    ]


LADDER = Promotion(
    id="more",
    when=CartTotal(least=(Money(8_000, "EUR"),)),
    effects=(
        Ladder(
            By.SPEND,
            (
                Rung(spend=Money(5_000, "EUR"), off=Money(200, "EUR")),
                Rung(spend=Money(10_000, "EUR"), percent=1_000),
                Rung(spend=Money(25_000, "EUR"), percent=2_000),
                Rung(spend=Money(90_000, "EUR"), percent=3_000),
            ),
        ),
    ),
)


def test_a_ladder_gave_its_discount_from_the_step_on_that_was_reached_and_gives_less_by_its_steps() -> None:
    """REFUND-11"""
    steps = (
        DiscountStep(least=8_000, amount=200, rounding=Rounding.HALF_UP),
        DiscountStep(least=10_000, percent=1_000, rounding=Rounding.HALF_UP),
        DiscountStep(least=25_000, percent=2_000, rounding=Rounding.HALF_UP),
        DiscountStep(least=90_000, percent=3_000, rounding=Rounding.HALF_UP),
    )
    assert minimums_of(placed(LADDER), (LADDER,)) == (Minimum(rule="more", least=25_000, steps=steps),)


def test_a_ladder_with_a_cap_or_of_certain_goods_or_of_units_has_no_minimum_but_that_of_its_condition() -> None:
    """REFUND-11"""
    (ladder,) = LADDER.effects
    assert isinstance(ladder, Ladder)
    others = (
        evolve(ladder, cap=Cap(per_order=Money(4_000, "EUR"))),
        evolve(ladder, lines=Named("sku", "TEA")),
        Ladder(By.QUANTITY, (Rung(2, percent=1_000),)),
    )
    for other in others:
        promotion = evolve(LADDER, effects=(other,))
        assert minimums_of(placed(promotion), (promotion,)) == (Minimum(rule="more", least=8_000),)


def test_a_step_is_a_percent_or_an_amount() -> None:
    with pytest.raises(InvalidValue, match="a percent or an amount"):
        DiscountStep(least=1, percent=1, amount=1)


@given(
    price=st.integers(1, 9_999),
    units=st.integers(2, 9),
    away=st.integers(1, 8),
    spends=st.lists(st.integers(1, 60_000), min_size=1, max_size=4, unique=True),
)
def test_what_stays_below_the_step_of_a_ladder_costs_what_it_would_have_cost_alone(price: int, units: int, away: int, spends: list[int]) -> None:
    """REFUND-4, REFUND-11: or what it cost before, where that is more, and never more than all of it did"""
    rungs = tuple(Rung(spend=Money(spend, "EUR"), percent=700 * number) for number, spend in enumerate(sorted(spends), 1))
    more = Promotion(id="more", effects=(Ladder(By.SPEND, rungs),))
    goods, stays = sold("TEA", units, price), units - min(away, units - 1)
    known = minimums_of(placed_with(goods, more), (more,))
    order = come(goods, promotions=(more,))

    kept = given_back(order, (1, units - stays)).owed
    after = given_back(order, (1, units - stays), policy=RefundPolicy(below_minimum=BelowMinimum.RE_EVALUATE), minimums=known).owed

    alone = an_order(sold("TEA", stays, price), promotions=(more,)).total.minor
    below = any(stays * price < it.least for it in known)
    assert after == (min(order.total.minor, max(kept, alone)) if below else kept)
