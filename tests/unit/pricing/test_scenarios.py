"""Carts that other shops got wrong by a cent, or by more."""

from __future__ import annotations

from itertools import permutations

import pytest

from shopwright.money import Money
from shopwright.pricing import FlatShipping, PriceFacts, price
from shopwright.promotions import Coupon
from tests.unit.pricing.builders import NOON, a_cart, column, goods, priced


@pytest.mark.parametrize(("off", "total"), [(2000, 7168), (8000, 1168), (10_000, 0)])
def test_a_fixed_discount_over_three_small_things_and_a_large_one_is_exact_in_any_order_of_lines(off, total):
    coupon = Coupon("OFF", amounts=(Money(off, "EUR"),))
    products = goods(1056, 6000)
    for lines in permutations([("P1", 1), ("P1", 1), ("P1", 1), ("P2", 1)]):
        quote = price(a_cart(*lines, coupon_code="off"), PriceFacts(products, coupon), at=NOON)
        assert (quote.subtotal, quote.subtotal - quote.discount, quote.total) == (9168, total, total)
        assert sum(column(quote, "total")) == total
        assert min(column(quote, "total")) >= 0


@pytest.mark.parametrize("quantity", [1, 25, 1000, 999_999])
def test_the_error_of_a_percentage_does_not_grow_with_the_quantity(quantity):
    quote = priced(39_900, quantities=[quantity], coupon=Coupon("TEN", percent=1000))
    assert (quote.subtotal, quote.discount, quote.total) == (39_900 * quantity, 3990 * quantity, 35_910 * quantity)


def test_twenty_five_lines_of_one_and_one_line_of_twenty_five_cost_the_same():
    coupon = Coupon("ODD", percent=333)
    apart, together = priced(*[39_901] * 25, coupon=coupon), priced(39_901, quantities=[25], coupon=coupon)
    assert (apart.discount, apart.total) == (together.discount, together.total) == (33_218, 964_307)


@pytest.mark.parametrize(
    ("currency", "unit", "discount", "total"),
    [("JPY", 1999, 300, "5997 JPY"), ("EUR", 1999, 300, "59.97 EUR"), ("KWD", 12_345, 1852, "35.483 KWD")],
)
def test_currencies_of_none_two_and_three_decimals_are_priced_in_their_own_smallest_unit(currency, unit, discount, total):
    quote = priced(unit, quantities=[3], currency=currency, coupon=Coupon("FIVE", percent=500), shipping=FlatShipping("post", 300))
    assert (quote.discount, str(Money(quote.total, currency))) == (discount, total)
