from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import Rounding, divide, portion, share

QUARTERS = (-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("rounding", "quarters"),
    [
        (Rounding.HALF_UP, (-2, -1, -1, -1, -1, 0, 0, 0, 1, 1, 1, 1, 2)),
        (Rounding.HALF_EVEN, (-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2)),
        (Rounding.HALF_DOWN, (-1, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 1)),
        (Rounding.UP, (-2, -2, -1, -1, -1, -1, 0, 1, 1, 1, 1, 2, 2)),
        (Rounding.DOWN, (-1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1)),
        (Rounding.CEILING, (-1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2)),
        (Rounding.FLOOR, (-2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1)),
    ],
)
def test_quarters_round_as_the_policy_says(rounding, quarters):
    assert tuple(divide(quarter, 4, rounding) for quarter in QUARTERS) == quarters


@pytest.mark.parametrize("rounding", Rounding)
def test_division_is_exact_far_beyond_what_a_float_holds(rounding):
    assert divide(3 * (10**30 + 1), 3, rounding) == 10**30 + 1


@pytest.mark.parametrize(("numerator", "denominator"), [(1.0, 2), (True, 2), ("1", 2), (1, 2.0), (1, True), (1, None), (Decimal(1), 2)])
def test_division_of_anything_but_ints_is_refused(numerator, denominator):
    with pytest.raises(InvalidValue, match=r"expected the (numerator|denominator) to be an int"):
        divide(numerator, denominator, Rounding.UP)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_that_is_not_above_zero_is_refused(denominator):
    with pytest.raises(InvalidValue, match=f"expected a denominator above zero, got {denominator}"):
        divide(1, denominator, Rounding.UP)


@pytest.mark.parametrize("rounding", ["HALF_UP", None, 1])
def test_a_policy_that_is_none_is_refused_even_where_nothing_needs_rounding(rounding):
    for numerator in (1, 2):
        with pytest.raises(InvalidValue, match=r"expected a Rounding, got .*; allowed: HALF_UP, HALF_EVEN"):
            divide(numerator, 2, rounding)


def test_a_share_is_counted_in_basis_points():
    assert share(1999, 1500, Rounding.HALF_UP) == 300
    assert share(1999, 10_000, Rounding.HALF_UP) == 1999
    assert share(-1999, 1500, Rounding.FLOOR) == -300
    assert share(1999, 0, Rounding.UP) == 0


@pytest.mark.parametrize(("minor", "basis_points", "name"), [(1.5, 1, "amount"), (True, 1, "amount"), (1, 0.15, "rate"), (1, Fraction(1), "rate")])
def test_a_share_of_or_by_anything_but_ints_is_refused(minor, basis_points, name):
    with pytest.raises(InvalidValue, match=f"expected the {name} to be an int"):
        share(minor, basis_points, Rounding.UP)


def test_a_portion_takes_rates_finer_than_basis_points():
    assert portion(10_000, Fraction("0.08875"), Rounding.HALF_UP) == 888
    assert portion(10_000, Fraction("0.08875"), Rounding.HALF_EVEN) == 888
    assert portion(999, 1, Rounding.HALF_UP) == 999


@pytest.mark.parametrize(("minor", "rate", "name"), [(1.5, Fraction(1), "amount"), (1, 0.1, "rate"), (1, True, "rate"), (1, "0.1", "rate")])
def test_a_portion_by_an_inexact_rate_is_refused(minor, rate, name):
    with pytest.raises(InvalidValue, match=f"expected the {name} to be"):
        portion(minor, rate, Rounding.UP)
