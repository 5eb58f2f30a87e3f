"""What an order earns: the base, the rounding, the rates, the caps, and what each line earned."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.loyalty.earning import EarnBasis, Earned, EarnLine, EarnRule, Rates, earn_on

ONE = EarnRule(id="one-for-a-euro")
LINES = (
    EarnLine(line_no=1, listed=1_000, discount=100, shipping=90, tax=144),
    EarnLine(line_no=2, listed=550, shipping=50, tax=88),
    EarnLine(line_no=3, listed=5_000, earns=False),
)


@pytest.mark.parametrize(
    ("basis", "with_tax", "points"),
    [(EarnBasis.LISTED, True, 15), (EarnBasis.PAID, True, 14), (EarnBasis.WITH_SHIPPING, True, 15), (EarnBasis.PAID, False, 12)],
)
def test_the_rule_says_what_earns(basis, with_tax, points):
    """Users and maintainers disagreed about what earns points: odoo/odoo#114004."""
    assert earn_on(evolve(ONE, basis=basis, with_tax=with_tax), LINES).granted == points


def test_points_are_rounded_down_once_for_the_order_or_for_each_line():  # EARN-1
    lines = tuple(EarnLine(line_no=number, listed=199) for number in range(1, 5))

    assert [earn_on(evolve(ONE, by_line=by_line), lines).lines for by_line in (False, True)] == [
        ((1, 2), (2, 2), (3, 2), (4, 1)),
        ((1, 1), (2, 1), (3, 1), (4, 1)),
    ]


def test_what_was_paid_with_points_earns_none():  # EARN-2
    assert earn_on(ONE, LINES, paid_with_points=450).lines == ((1, 6), (2, 4), (3, 0))
    assert earn_on(ONE, LINES, paid_with_points=99_999) == Earned(
        rule="one-for-a-euro", rule_version=1, base=0, desired=0, granted=0, lines=((1, 0), (2, 0), (3, 0))
    )


@pytest.mark.parametrize(("rates", "points"), [(Rates.PRODUCT, 43), (Rates.HIGHEST, 29)])
def test_rates_are_multiplied_or_the_highest_is_taken(rates, points):  # EARN-3
    assert earn_on(evolve(ONE, rates=rates), LINES, rates=(15_000, 20_000)).granted == points
    assert earn_on(evolve(ONE, rates=rates), LINES).granted == 14


def test_a_cap_grants_what_is_left_of_it_and_tells_what_was_desired():  # EARN-4
    capped, shared = earn_on(evolve(ONE, most=9), LINES), earn_on(ONE, LINES, left=0)

    assert (capped.desired, capped.granted, capped.lines) == (14, 9, ((1, 6), (2, 3), (3, 0)))
    assert (shared.desired, shared.granted) == (14, 0)


def test_below_the_least_nothing_is_earned():
    assert [earn_on(evolve(ONE, least=least), LINES).granted for least in (1_450, 1_451)] == [14, 0]


amounts = st.integers(0, 10**7)


@given(
    st.lists(st.tuples(amounts, st.integers(0, 100), amounts, st.booleans()), min_size=1, max_size=8),
    st.builds(
        EarnRule,
        id=st.just("r"),
        points=st.integers(1, 20),
        per=st.integers(1, 1_000),
        basis=st.sampled_from(EarnBasis),
        by_line=st.booleans(),
        most=st.one_of(st.none(), st.integers(0, 10**6)),
    ),
    st.lists(st.integers(0, 30_000), max_size=3),
    amounts,
    st.one_of(st.none(), st.integers(0, 10**6)),
)
def test_lines_sum_to_the_order_and_no_cap_is_passed(given_lines, rule, rates, paid, left):  # EARN-1, EARN-4
    lines = [
        EarnLine(line_no=number, listed=listed, discount=listed * percent // 100, shipping=shipping, earns=earns)
        for number, (listed, percent, shipping, earns) in enumerate(given_lines, 1)
    ]
    told = earn_on(rule, lines, rates=rates, paid_with_points=paid, left=left)
    bare = earn_on(rule, lines, rates=rates, left=left)

    assert sum(points for _, points in told.lines) == told.granted <= told.desired
    assert all(told.granted <= cap for cap in (rule.most, left) if cap is not None)
    assert all(not points for (_, points), line in zip(told.lines, lines, strict=True) if not rule.base_of(line))
    assert told.desired <= bare.desired + len(lines) * rule.by_line


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: EarnLine(line_no=1, listed=5, discount=6), "at most the 5 of its goods, got 6"),
        (lambda: earn_on(ONE, (LINES[0], LINES[0])), "each line once"),
        (lambda: earn_on(ONE, LINES, paid_with_points=-1), "from zero up, got -1"),
        (lambda: earn_on(ONE, LINES, rates=(-1,)), "basis points from 0 up, got -1"),
        (lambda: EarnRule(id="r", most=-1), "from 0 up, or None, got -1"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()
