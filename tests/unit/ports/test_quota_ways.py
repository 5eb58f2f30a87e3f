"""Which way a quota goes is told by the first pattern that fits, and a changeset goes the way of its hottest key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright.errors import InvalidValue, NotSupportedHere
from shopwright.ports.quota_ways import QuotaWay, QuotaWays, drawn_by, holds_of
from shopwright.ports.quotas import CommitHold, Give, Grant, ReleaseHold, Reserve, Take
from shopwright.testing.clock import NOON

WAYS = QuotaWays({"stock/flash-*": "batched", "stock/flash": QuotaWay.IN_TRANSACTION, "stock/*": "hold_first"})


@pytest.mark.parametrize(
    ("key", "way"),
    [
        ("stock/flash-tea", QuotaWay.BATCHED),
        ("stock/flash-", QuotaWay.BATCHED),
        ("stock/flash", QuotaWay.IN_TRANSACTION),
        ("stock/flashy", QuotaWay.HOLD_FIRST),
        ("stock/tea", QuotaWay.HOLD_FIRST),
        ("coupon/SAVE", QuotaWay.IN_TRANSACTION),
    ],
)
def test_the_first_pattern_that_fits_a_key_decides(key: str, way: QuotaWay) -> None:
    assert WAYS.way(key) is way


@pytest.mark.parametrize(
    ("moves", "way"),
    [
        ((), QuotaWay.IN_TRANSACTION),
        ((Take("coupon/SAVE", 1),), QuotaWay.IN_TRANSACTION),
        ((Reserve("h", (("coupon/SAVE", 1), ("stock/tea", 1)), NOON),), QuotaWay.HOLD_FIRST),
        ((Reserve("h", (("stock/tea", 1),), NOON), Grant("stock/flash-tea", 1)), QuotaWay.BATCHED),
        ((CommitHold("h"),), QuotaWay.BATCHED),
        ((ReleaseHold("h"), Give("stock/tea", 1)), QuotaWay.BATCHED),
    ],
)
def test_a_changeset_goes_the_way_of_its_hottest_key_and_the_end_of_a_hold_counts_as_hot_where_keys_are_batched(moves, way: QuotaWay) -> None:
    assert WAYS.way_of(moves) is way


def test_the_end_of_a_hold_goes_in_the_transaction_where_nothing_is_batched() -> None:
    assert QuotaWays({"*": "hold_first"}).way_of((CommitHold("h"), ReleaseHold("i"))) is QuotaWay.IN_TRANSACTION


def test_inside_a_hosts_transaction_only_keys_that_go_another_way_are_refused() -> None:
    WAYS.check_within((CommitHold("h"), Take("coupon/SAVE", 1)))
    with pytest.raises(NotSupportedHere, match="the quota stock/tea is hold_first, which is done in transactions of its own"):
        WAYS.check_within((Take("coupon/SAVE", 1), Reserve("h", (("stock/tea", 1),), NOON)))


def test_what_moves_draw_is_what_they_take_and_hold_and_take_away() -> None:
    moves = (Reserve("h", (("tea", 2), ("milk", 1)), NOON), Take("tea", 3), Grant("tea", -4), Grant("tea", 50), Give("tea", 60), CommitHold("i"))
    assert (drawn_by(moves, "tea"), drawn_by(moves, "milk"), drawn_by(moves, "salt")) == (9, 1, 0)
    assert holds_of(moves) == {"h", "i"}


@pytest.mark.parametrize("told", [{"": "batched"}, {"a*b": "batched"}, {"stock/*": "fast"}, ("stock/*", "batched"), {"x" * 202: "batched"}])
def test_patterns_and_ways_that_mean_nothing_are_invalid(told) -> None:
    with pytest.raises(InvalidValue):
        QuotaWays(told)


@pytest.mark.parametrize("told", [{"batch": 0}, {"batch": 257}, {"hold_for": timedelta(0)}, {"hold_for": timedelta(days=2)}])
def test_batches_and_holds_have_bounds(told) -> None:
    with pytest.raises(InvalidValue):
        QuotaWays({}, **told)
