"""Lines and buckets: units are conserved, and shares add up."""

from __future__ import annotations

import pytest

from shopwright.orders.evolve import moved
from shopwright.orders.lines import Bucket, Buckets
from shopwright.testing.builders import an_order, sold


def test_units_move_from_one_bucket_to_another() -> None:
    """ORDER-1"""
    assert Buckets(open=3).moved(2, Bucket.OPEN, Bucket.ALLOCATED) == Buckets(open=1, allocated=2)


@pytest.mark.parametrize(("quantity", "expected"), [(5, Buckets(allocated=3)), (0, Buckets(open=3)), (-1, Buckets(open=3))])
def test_units_move_at_most_as_far_as_they_are_there(quantity: int, expected: Buckets) -> None:
    """ORDER-1: an impossible history makes and loses no units."""
    assert Buckets(open=3).moved(quantity, Bucket.OPEN, Bucket.ALLOCATED) == expected


def test_moving_units_to_where_they_are_changes_nothing() -> None:
    assert Buckets(open=3).moved(2, Bucket.OPEN, Bucket.OPEN) == Buckets(open=3)


def test_buckets_tell_how_many_units_there_are_are_unfinished_have_left_and_are_gone() -> None:
    buckets = Buckets(open=1, allocated=2, shipped=4, delivered=8, returned=16, lost=32, canceled=64)

    assert (buckets.total, buckets.unfinished, buckets.left, buckets.gone) == (127, 7, 60, 112)


def test_units_of_lines_that_are_not_there_are_passed_over() -> None:
    lines = an_order(sold("TEA", 2), sold("CUP", 1)).lines

    assert moved(lines, ((2, 1), (9, 1)), Bucket.OPEN, Bucket.CANCELED)[1].buckets == Buckets(canceled=1)


def test_the_shares_of_units_that_do_not_divide_add_up_to_the_line() -> None:
    """ORDER-3: three units for 10.00."""
    (line,) = an_order(sold("TEA", 3, 333)).lines
    owed = [moved((line,), ((1, gone),), Bucket.OPEN, Bucket.CANCELED)[0].owed for gone in range(4)]

    assert owed == [999, 666, 333, 0]


@pytest.mark.parametrize("bucket", [Bucket.CANCELED, Bucket.LOST, Bucket.RETURNED])
def test_units_that_are_gone_are_not_owed(bucket: Bucket) -> None:
    """ORDER-3"""
    (line,) = an_order(sold("TEA", 2, 1000)).lines

    assert moved((line,), ((1, 1),), Bucket.OPEN, bucket)[0].owed == 1000
