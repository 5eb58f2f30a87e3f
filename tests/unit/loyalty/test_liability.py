"""Points in the books: the numbers of the standard's own example and of a handbook's variants of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.loyalty.liability import Cohort, Deferral, deferral, report


def a_cohort(deferred: int, redeemed: int, expected: int) -> Cohort:
    return Cohort(id="2026-01", deferred=deferred, given=10_000, redeemed=redeemed, expected=expected)


def test_the_numbers_of_ifrs_15_example_52():
    assert deferral(100_000, goods_alone=100_000, points_alone=9_500) == Deferral(goods=91_324, points=8_676)

    first, second = a_cohort(8_676, 4_500, 9_500), a_cohort(8_676, 8_500, 9_700)

    assert (first.recognized, second.recognized - first.recognized, second.liability) == (4_110, 3_493, 1_073)


@pytest.mark.parametrize(("expected", "second"), [(9_900, 3_552), (9_200, 4_140)])
def test_the_numbers_of_kpmg_example_10_with_other_expectations(expected, second):
    before, after = a_cohort(9_000, 4_500, 9_700), a_cohort(9_000, 8_500, expected)

    assert (before.recognized, after.recognized - before.recognized) == (4_175, second)


@given(st.integers(0, 10**9), st.integers(1, 10**6), st.data())
def test_what_is_recognized_and_what_is_owed_sum_to_what_was_deferred(deferred, points, data):
    redeemed = data.draw(st.integers(0, points))
    expired = data.draw(st.integers(0, points - redeemed))
    expected = data.draw(st.integers(redeemed, points - expired))
    cohort = Cohort(id="c", deferred=deferred, given=points, redeemed=redeemed, expired=expired, expected=expected)

    assert (cohort.recognized + cohort.liability, cohort.outstanding) == (deferred, points - redeemed - expired)
    assert 0 <= cohort.breakage <= cohort.recognized <= deferred
    assert redeemed < expected or not cohort.liability


def test_a_report_sums_its_cohorts():
    told = report((a_cohort(8_676, 4_500, 9_500), Cohort(id="2026-02", deferred=500, given=600, expected=600, pending=200)))

    assert (told.outstanding, told.pending, told.recognized, told.liability, told.breakage) == (6_100, 200, 4_110, 5_066, 206)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: a_cohort(1, 5, 4), "from 5 to 10000, got 4"),
        (lambda: a_cohort(1, 5, 10_001), "got 10001"),
        (lambda: Cohort(id="c", deferred=1, given=5, expected=5, pending=6), "at most the 5 outstanding"),
        (lambda: report((a_cohort(1, 1, 1), a_cohort(1, 1, 1))), "each cohort once"),
    ],
)
def test_what_cannot_be_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()
