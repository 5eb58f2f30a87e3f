"""Tallies and the rates that are made of them."""

from __future__ import annotations

from fractions import Fraction

from shopwright.statistics.tallies import NOTHING, Tally

MARCH = Tally(
    placed=4, confirmed=3, canceled=1, arrived=3, timed=3, on_time=2, units=9, units_arrived=7, units_returned=2, gross=10_000, discounts=1_000,
    called_off=2_000, given_back=1_500, allowed=300, shipping=800, shipping_off=200, taxes=900, taxes_off=350, visits=50,
    cart_visits=10, checkout_visits=5,
)  # fmt: skip


def test_net_and_total_sales_are_what_is_left_of_gross_sales() -> None:
    """STAT-2"""
    assert (MARCH.net, MARCH.total) == (10_000 - 1_000 - 2_000 - 1_500 - 300, 5_200 + 600 + 550)


def test_the_average_value_is_before_anything_was_called_off() -> None:
    """STAT-3"""
    assert MARCH.average_value == Fraction(9_000, 4)


def test_rates_are_exact_shares_of_what_they_are_about() -> None:
    """STAT-4"""
    assert (MARCH.cancellation_rate, MARCH.return_rate, MARCH.on_time_rate) == (Fraction(1, 4), Fraction(2, 7), Fraction(2, 3))


def test_a_conversion_rate_is_of_visits_and_may_be_above_one() -> None:
    """STAT-5"""
    assert (MARCH.conversion_rate, MARCH.cart_rate, MARCH.checkout_rate) == (Fraction(4, 50), Fraction(1, 5), Fraction(1, 10))
    assert Tally(placed=3, visits=2).conversion_rate == Fraction(3, 2)
    assert Tally(placed=3).conversion_rate is None


def test_a_rate_over_nothing_is_none() -> None:
    """STAT-6"""
    rates = ("average_value", "cancellation_rate", "return_rate", "on_time_rate", "conversion_rate", "cart_rate", "checkout_rate")
    assert [getattr(NOTHING, name) for name in rates] == [None] * len(rates)


def test_the_rate_of_several_tallies_is_made_of_their_sums() -> None:
    """STAT-1"""
    one, other = Tally(placed=1, canceled=1), Tally(placed=3)
    assert one.plus(other).cancellation_rate == Fraction(1, 4)
    assert (one.plus(other).minus(other), one.minus(one)) == (one, NOTHING)
