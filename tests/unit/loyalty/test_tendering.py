"""What points pay: an exact rate, and what an order takes of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.loyalty.tendering import PointsTender, Usable

CENT = PointsTender()
"""A point is a cent."""
RATE = PointsTender(points=100, worth=250, least=200, multiple=50, most_share=5_000)
"""Two points are five cents; an order takes 200 in steps of 50, for half of it at most."""

TENDERS = st.builds(
    PointsTender,
    points=st.integers(1, 300),
    worth=st.integers(1, 300),
    least=st.integers(0, 500),
    multiple=st.integers(1, 60),
    most_share=st.integers(1, 10_000),
)


def test_amounts_and_points_are_exchanged_exactly_or_not_at_all():  # PAY-5
    assert (CENT.step, CENT.points_for(4_900), CENT.amount_for(4_900)) == (1, 4_900, 4_900)
    assert (RATE.step, RATE.taken_by, RATE.points_for(125), RATE.amount_for(51)) == (5, 125, 50, 125)
    for amount in (7, -5, True):
        with pytest.raises(InvalidValue, match="a multiple of 5 minor units"):
            RATE.points_for(amount)


def test_what_can_be_used_is_rounded_down_to_what_an_order_takes():  # PAY-6
    assert RATE.usable(available=1_234, payable=9_900) == Usable(1_200, 3_000)
    assert RATE.usable(available=10_000, payable=9_900) == Usable(1_950, 4_875)
    assert RATE.usable(available=249, payable=9_900) == Usable(200, 500)
    assert RATE.usable(available=199, payable=9_900) == Usable(0, 0)
    assert RATE.usable(available=10_000, payable=0) == CENT.usable(available=0, payable=100) == Usable(0, 0)


@pytest.mark.parametrize(
    ("amount", "payable", "code", "facts"),
    [
        (130, 9_900, "points_tender_step", {"amount": 130, "step": 125}),
        (375, 9_900, "points_tender_minimum", {"points": 150, "least": 200}),
        (5_000, 9_900, "points_tender_share", {"amount": 5_000, "most": 4_950}),
    ],
)
def test_what_an_order_does_not_take_is_refused_with_the_reason(amount, payable, code, facts):  # PAY-6
    no = RATE.refused(amount, payable=payable)
    assert no is not None
    assert (no.code, dict(no.facts)) == (code, facts)


@given(TENDERS, st.integers(0, 20_000), st.integers(0, 20_000))
def test_what_can_be_used_is_taken_and_one_step_more_is_not(tender: PointsTender, available: int, payable: int):  # PAY-5, PAY-6
    most = tender.usable(available=available, payable=payable)

    assert most.points <= available
    assert tender.amount_for(most.points) == most.amount <= payable
    if most.amount:
        assert tender.refused(most.amount, payable=payable) is None
        more = most.amount + tender.taken_by
        assert tender.points_for(more) > available or tender.refused(more, payable=payable) is not None


@pytest.mark.parametrize("facts", [{"points": 0}, {"most_share": 0}, {"most_share": 10_001}, {"hold_for": timedelta(0)}, {"reinstate": timedelta(0)}])
def test_what_cannot_be_is_told(facts):
    with pytest.raises(InvalidValue):
        evolve(CENT, **facts)
