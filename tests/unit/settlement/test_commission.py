"""What the mall keeps of a sale, and what goes back of it."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.settlement import Commission, CommissionRate, commission

TEN = CommissionRate(id="books", percent=1_000)


def test_tezgah_144_what_goes_back_is_at_the_rate_of_the_sale_and_not_of_today():
    """A commission was given back at another rate than it was taken at: productdevbook/tezgah#144."""
    sold = commission(10_000, TEN)
    dearer = evolve(TEN, percent=2_000, version=2)

    assert (sold.amount, sold.back(4_000), commission(4_000, dearer).amount) == (1_000, 400, 800)


@pytest.mark.parametrize(
    ("rate", "base", "amount"),
    [
        (TEN, 995, 100),
        (evolve(TEN, fixed=30), 1_000, 130),
        (evolve(TEN, least=50), 100, 50),
        (evolve(TEN, most=70), 1_000, 70),
        (evolve(TEN, fixed=30), 20, 20),
        (TEN, 0, 0),
    ],
)
def test_a_commission_is_a_part_and_a_fixed_amount_between_bounds_and_never_more_than_the_base(rate, base, amount):
    assert commission(base, rate) == Commission(rate="books", rate_version=1, base=base, amount=amount)


@given(st.integers(0, 10**9), st.integers(0, 10_000), st.data())
def test_any_steps_of_returns_bring_back_exactly_what_was_taken(base, percent, data):  # SETTLE-1
    taken = commission(base, CommissionRate(id="r", percent=percent))
    before, back = 0, []
    while before < base:
        part = data.draw(st.integers(1, base - before)) if len(back) < 5 else base - before
        back.append(taken.back(part, before=before))
        before += part

    assert sum(back) == (taken.amount if base else 0)
    assert all(part >= 0 for part in back)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: commission(-1, TEN), "from zero up, got -1"),
        (lambda: commission(100, TEN).back(60, before=50), "no more than the 100"),
        (lambda: CommissionRate(id="r", least=5, most=4), "no less than at least 5"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()
