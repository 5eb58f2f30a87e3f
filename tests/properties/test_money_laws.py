"""The laws of money: what the allocator, the rounding policies and sums promise for every input."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.money import LARGEST, SMALLEST, Money, Rounding, allocate, currencies, divide, exponent, portion, share, total

amounts = st.one_of(st.integers(-200, 200), st.integers(SMALLEST, LARGEST))
small = st.integers(-(10**12), 10**12)
codes = st.sampled_from([currency.code for currency in currencies()])
weight = st.one_of(st.integers(0, 5), st.integers(0, 200_000), st.integers(0, 2**63))
weights = st.lists(weight, min_size=1, max_size=12).filter(any)
roundings = st.sampled_from(Rounding)

PYTHON_NAMES = {
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.CEILING: decimal.ROUND_CEILING,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
}


# --- the allocator ----------------------------------------------------------------------------------------------------------------


@given(amounts, weights)
def test_parts_sum_to_the_total(amount, weights):
    assert sum(allocate(amount, weights)) == amount


@given(amounts, weights)
def test_there_is_a_part_per_weight_and_none_of_the_opposite_sign(amount, weights):
    parts = allocate(amount, weights)
    assert len(parts) == len(weights)
    assert all(part * amount >= 0 for part in parts)


@given(amounts, weights)
def test_a_zero_weight_gets_zero(amount, weights):
    assert [part for part, weight in zip(allocate(amount, weights), weights, strict=True) if weight == 0] == [0] * weights.count(0)


@given(amounts, weights)
@example(2, [1, 3])
def test_each_part_is_less_than_one_unit_from_exact(amount, weights):
    whole = sum(weights)
    exact = [Fraction(amount * weight, whole) for weight in weights]
    assert all(abs(part - share) < 1 for part, share in zip(allocate(amount, weights), exact, strict=True))


@given(amounts, weights)
def test_no_other_split_to_the_unit_is_nearer(amount, weights):
    """The least sum of squared distances to the exact shares is what largest remainder is."""
    whole = sum(weights)
    parts = allocate(abs(amount), weights)
    owed = [Fraction(abs(amount) * weight, whole) - part for part, weight in zip(parts, weights, strict=True)]
    assert max(owed) - min(owed) <= 1


@given(amounts, weights, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_nothing_but_who_is_who_among_equals(amount, weights, random):
    shuffled = random.sample(weights, len(weights))
    assert sorted(zip(weights, allocate(amount, weights), strict=True)) == sorted(zip(shuffled, allocate(amount, shuffled), strict=True))


@given(amounts, st.lists(st.integers(0, 10**6), min_size=1, max_size=12, unique=True).filter(any), st.randoms(use_true_random=False))
def test_lines_of_different_weight_keep_their_parts_in_any_order(amount, weights, random):
    shuffled = random.sample(weights, len(weights))
    by_weight = dict(zip(weights, allocate(amount, weights), strict=True))
    assert allocate(amount, shuffled) == tuple(by_weight[weight] for weight in shuffled)


@given(amounts, weight.filter(bool), st.integers(1, 12))
def test_equal_weights_differ_by_one_unit_at_most_and_the_earlier_is_never_the_poorer(amount, weight, size):
    parts = [abs(part) for part in allocate(amount, [weight] * size)]
    assert parts == sorted(parts, reverse=True)
    assert parts[0] - parts[-1] <= 1


@given(amounts, weights)
def test_a_larger_weight_never_gets_less(amount, weights):
    pairs = sorted(zip(weights, (abs(part) for part in allocate(amount, weights)), strict=True))
    assert all(poorer <= richer for (less, poorer), (more, richer) in pairwise(pairs) if less < more)


@given(amounts, weights, st.integers(1, 10**6))
def test_only_the_ratio_of_weights_counts(amount, weights, scale):
    assert allocate(amount, [weight * scale for weight in weights]) == allocate(amount, weights)


@given(amounts, weights)
def test_a_negative_total_mirrors_the_positive_one(amount, weights):
    assert allocate(-amount, weights) == tuple(-part for part in allocate(amount, weights))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=12))
def test_weights_that_sum_to_the_total_are_the_parts(weights):
    assert allocate(sum(weights), weights) == tuple(weights)


@given(st.integers(SMALLEST, LARGEST), codes, weights)
def test_money_is_split_as_its_minor_units_are(minor, code, weights):
    assert Money(minor, code).allocate(weights) == tuple(Money(part, code) for part in allocate(minor, weights))


# --- rounding ---------------------------------------------------------------------------------------------------------------------


@given(st.integers(-(10**15), 10**15), st.integers(0, 6), roundings)
def test_every_policy_rounds_decimals_as_python_does(value, places, rounding):
    expected = Decimal(value).scaleb(-places).quantize(Decimal(1), rounding=PYTHON_NAMES[rounding])
    assert divide(value, 10**places, rounding) == expected


@given(amounts, st.integers(1, 10**9), roundings)
def test_a_rounded_quotient_is_less_than_one_from_exact_and_a_nearest_one_at_most_half(numerator, denominator, rounding):
    away = abs(Fraction(numerator, denominator) - divide(numerator, denominator, rounding))
    assert away < 1
    if rounding.name.startswith("HALF"):
        assert away <= Fraction(1, 2)


@given(small, small, st.integers(1, 10**6), roundings)
def test_rounding_keeps_the_order(one, other, denominator, rounding):
    low, high = sorted((one, other))
    assert divide(low, denominator, rounding) <= divide(high, denominator, rounding)


@given(small, st.integers(1, 10**6), st.sampled_from([Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.HALF_DOWN, Rounding.UP, Rounding.DOWN]))
def test_policies_that_look_at_zero_mirror(numerator, denominator, rounding):
    assert divide(-numerator, denominator, rounding) == -divide(numerator, denominator, rounding)


@given(small, st.integers(1, 10**6))
def test_floor_and_ceiling_mirror_each_other(numerator, denominator):
    assert divide(-numerator, denominator, Rounding.FLOOR) == -divide(numerator, denominator, Rounding.CEILING)


@given(small, st.integers(0, 20_000), roundings)
def test_a_share_in_basis_points_is_that_portion(minor, basis_points, rounding):
    assert share(minor, basis_points, rounding) == portion(minor, Fraction(basis_points, 10_000), rounding)


# --- amounts ----------------------------------------------------------------------------------------------------------------------


@given(st.integers(SMALLEST, LARGEST), codes)
def test_an_amount_is_read_back_from_its_text_and_from_its_decimal(minor, code):
    money = Money(minor, code)
    assert Money.parse(str(money)) == money
    assert Money.of(money.decimal, code) == money
    assert money.decimal == Decimal(minor).scaleb(-exponent(code), decimal.Context(prec=30))


@given(small, small, small, codes)
def test_sums_group_and_turn_as_numbers_do(one, two, three, code):
    first, second, third = (Money(minor, code) for minor in (one, two, three))
    assert (first + second) + third == first + (second + third) == total([third, second, first], currency=code)
    assert first - second == -(second - first)
    assert first + Money.zero(code) == first


@given(small, st.integers(-1000, 1000), codes)
def test_a_product_is_a_repeated_sum(minor, times, code):
    assert Money(minor, code) * times == Money(minor * times, code) == -(Money(minor, code) * -times)


@given(small, small, codes)
def test_amounts_are_ordered_as_their_minor_units_are(one, other, code):
    first, second = Money(one, code), Money(other, code)
    assert (first < second, first <= second, first > second, first >= second, first == second) == (
        *(one < other, one <= other, one > other),
        *(one >= other, one == other),
    )


@given(amounts, amounts, codes)
def test_a_sum_either_fits_in_64_bits_or_is_refused(one, other, code):
    if SMALLEST <= one + other <= LARGEST:
        assert (Money(one, code) + Money(other, code)).minor == one + other
    else:
        with pytest.raises(InvalidValue, match="within 64 bits"):
            Money(one, code) + Money(other, code)


@given(st.text(max_size=50), codes)
def test_any_text_is_an_amount_or_is_refused(text, code):
    assume(len(text) < 45)
    try:
        money = Money.of(text, code)
    except InvalidValue:
        return
    assert Money.of(str(money.decimal), code) == money
