"""A coupon beside floor prices, told in the trace."""

from __future__ import annotations

from shopwright.money import Money
from shopwright.pricing import PriceFacts, price, replay
from shopwright.pricing.trace import explain
from shopwright.promotions import Coupon
from shopwright.refusals import Refusal
from tests.unit.pricing.builders import NOON, a_cart, a_product

CUP = a_product("CUP", 3_000)
MUG = a_product("MUG", 1_000, floors=(Money(950, "EUR"),))


def told(coupon: Coupon, *products, lines=(("MUG", 2), "CUP")):
    return price(a_cart(*lines, coupon_code=coupon.code), PriceFacts(products or (MUG, CUP), coupon), at=NOON)


def test_a_percentage_takes_of_a_line_no_more_than_is_above_its_floor() -> None:
    quote = told(Coupon("TEN", percent=1_000))

    assert [line.discount for line in quote.lines] == [100, 300]
    assert explain(quote.trace, currency="EUR")[1] == (
        "coupon TEN (version 1): 10 % of 50.00 EUR, rounded half_up, of which floor prices keep 1.00 EUR: -4.00 EUR "
        "(line 1 -1.00 EUR, line 2 -3.00 EUR)"
    )
    assert replay(quote, at=NOON) == quote


def test_of_a_fixed_amount_the_other_lines_carry_what_one_cannot() -> None:
    quote = told(Coupon("TEN", amounts=(Money(1_000, "EUR"),)))
    (entry,) = [entry for entry in quote.trace if entry.step == "coupon"]

    assert [line.discount for line in quote.lines] == [100, 900]
    assert (entry.code, entry.facts) == ("fixed_floored", (("fixed", 1_000), ("floor_1", 950), ("kept", 0)))
    assert replay(quote, at=NOON) == quote


def test_no_more_is_taken_than_all_lines_have_above_their_floors() -> None:
    quote = told(Coupon("ALL", amounts=(Money(9_900, "EUR"),)), MUG, a_product("CUP", 3_000, floors=(Money(2_999, "EUR"),)))

    assert [line.discount for line in quote.lines] == [100, 1]
    assert "no line below its floor price, which keep 48.99 EUR: -1.01 EUR" in explain(quote.trace, currency="EUR")[1]


def test_a_coupon_for_which_no_line_has_room_is_refused_and_not_wasted() -> None:
    facts = {"coupon": "TEN", "currency": "EUR", "subtotal": 2_000}

    at_the_floor = told(Coupon("TEN", percent=1_000), a_product("MUG", 1_000, floors=(Money(1_000, "EUR"),)), lines=(("MUG", 2),))

    assert at_the_floor == Refusal("coupon_no_effect", "coupon TEN would take nothing off 20.00 EUR", facts)


def test_a_line_that_is_sold_below_its_floor_stays_as_it_is() -> None:
    quote = told(Coupon("TEN", percent=1_000), a_product("MUG", 900, floors=(Money(950, "EUR"),)), CUP)

    assert [line.discount for line in quote.lines] == [0, 300]


def test_a_floor_of_another_currency_is_none() -> None:
    quote = told(Coupon("TEN", percent=1_000), a_product("MUG", 1_000, floors=(Money(950, "USD"),)), CUP)

    assert [line.discount for line in quote.lines] == [200, 300]


def test_of_two_lines_that_amount_to_the_same_the_one_with_more_room_carries_the_odd_cent() -> None:
    tight, free = a_product("MUG", 100, floors=(Money(95, "EUR"),)), a_product("CUP", 100)
    coupon = Coupon("ODD", amounts=(Money(11, "EUR"),))

    assert [line.discount for line in told(coupon, tight, free, lines=("MUG", "CUP")).lines] == [5, 6]
    assert [line.discount for line in told(coupon, tight, free, lines=("CUP", "MUG")).lines] == [6, 5]
