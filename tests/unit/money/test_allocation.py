from __future__ import annotations

from decimal import Decimal

import pytest

from shopwright.errors import InvalidValue
from shopwright.money import allocate


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, (1, 1, 1), (34, 33, 33)),
        (-100, (1, 1, 1), (-34, -33, -33)),
        (101, (1, 1, 1), (34, 34, 33)),
        (100, (50, 30, 20), (50, 30, 20)),
        (5, (3, 7), (1, 4)),
        (1, (0, 1, 0), (0, 1, 0)),
        (7, (0, 0, 5), (0, 0, 7)),
        (0, (1, 2), (0, 0)),
        (0, (0, 0), (0, 0)),
        (0, (), ()),
        (1000, [1999, 2599, 499], (392, 510, 98)),
        (2**63, (2**70, 2**70), (2**62, 2**62)),
    ],
)
def test_a_total_is_split_by_largest_remainder(total, weights, parts):
    assert allocate(total, weights) == parts


def test_of_equal_remainders_the_larger_weight_gets_the_unit_wherever_it_stands():
    assert (allocate(2, (1, 3)), allocate(2, (3, 1))) == ((0, 2), (2, 0))


def test_of_equal_weights_the_earlier_gets_the_unit():
    assert allocate(2, (1, 1, 1, 1)) == (1, 1, 0, 0)


def test_a_part_may_shrink_when_the_total_grows():
    assert (allocate(10, (6, 6, 2)), allocate(11, (6, 6, 2))) == ((4, 4, 2), (5, 5, 1))


@pytest.mark.parametrize("weights", [(), (0,), (0, 0)])
@pytest.mark.parametrize("total", [5, -5])
def test_something_needs_a_weight_to_carry_it(total, weights):
    with pytest.raises(InvalidValue, match="cannot allocate 5: expected at least one weight above zero"):
        allocate(total, weights)


@pytest.mark.parametrize("weight", [-1, 1.0, True, "1", None, Decimal(1)])
def test_a_weight_that_is_no_int_from_zero_up_is_refused_with_its_place(weight):
    with pytest.raises(InvalidValue, match=r"expected weights to be ints from zero up, got .* at position 1$"):
        allocate(5, (1, weight))


@pytest.mark.parametrize("total", [1.0, True, "1", None, Decimal(1)])
def test_a_total_that_is_no_int_is_refused(total):
    with pytest.raises(InvalidValue, match="expected the total to be an int of minor units"):
        allocate(total, (1, 1))
