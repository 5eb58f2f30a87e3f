"""A points program: what it freezes on an order, how several rules go together, caps, and moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.loyalty.earning import EarnBasis, EarnLine, EarnRule
from shopwright.loyalty.expiry import ExpiresAfter
from shopwright.loyalty.granted import GrantedSoFar
from shopwright.loyalty.order_points import EarnRate, ExpiresFrom, GoneUnits, Opens, RateOf, Several, earned_by, taken_back
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.tiers import AtLeast, Basis, Benefits, Tier

ONE, TWO = EarnRule(id="one-for-a-euro"), EarnRule(id="two-from-twenty", points=2, least=2_000)
TIERS = (
    Tier(id="regular", gives=Benefits(points_rate=11_000)),
    Tier(id="gold", version=3, requires=AtLeast(Basis.SPEND, 100_000), gives=Benefits(points_rate=15_000)),
)
PROGRAM = PointsProgram(currency="EUR", rules=(ONE,), tiers=TIERS)
LINES = (EarnLine(line_no=1, listed=2_000), EarnLine(line_no=2, listed=1_000, earns=False))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_an_order_earns_by_the_tier_of_its_member_before_it_and_every_rate_has_its_reason():  # EARN-5
    double = EarnRate(RateOf.PROMOTION, "double", 2, 20_000)
    frozen = PROGRAM.freeze(LINES, tier="gold", promotions=(double,))

    assert frozen.rates == (EarnRate(RateOf.TIER, "gold", 3, 15_000), double)
    assert (frozen.desired, frozen.granted, frozen.earned[0].lines, frozen.barred) == (60, 60, ((1, 60), (2, 0)), (2,))


@pytest.mark.parametrize("tier", [None, "unheard-of", "regular"])
def test_whoever_is_in_no_known_tier_is_in_the_lowest(tier):  # EARN-5
    assert PROGRAM.freeze(LINES, tier=tier).rates == (EarnRate(RateOf.TIER, "regular", 1, 11_000),)


def test_without_tiers_no_tier_multiplies():
    assert evolve(PROGRAM, tiers=()).freeze(LINES, tier="gold").rates == ()


@pytest.mark.parametrize(
    ("several", "found"),
    [
        (Several.SUM, [("one-for-a-euro", 20), ("two-from-twenty", 40)]),
        (Several.BEST, [("two-from-twenty", 40)]),
        (Several.FIRST, [("one-for-a-euro", 20)]),
    ],
)
def test_several_rules_add_up_or_the_best_or_the_first_counts(several, found):  # EARN-6
    assert [(each.rule, each.granted) for each in earned_by((ONE, TWO), LINES, several=several)] == found


def test_of_two_rules_that_grant_as_much_the_one_told_first_counts():  # EARN-6
    same = evolve(ONE, id="same")
    assert [each.rule for each in earned_by((ONE, same), LINES, several=Several.BEST)] == ["one-for-a-euro"]
    assert [each.rule for each in earned_by((TWO, same), LINES[1:], several=Several.FIRST)] == ["two-from-twenty"]


def test_rules_that_add_up_share_what_is_left_of_the_caps():  # EARN-4
    assert [(each.desired, each.granted) for each in earned_by((ONE, TWO), LINES, left=30)] == [(20, 20), (40, 10)]


def test_what_is_left_of_caps_is_the_least_of_the_day_and_of_the_member():  # EARN-9
    program = evolve(PROGRAM, most_per_day=100, most_per_member=250)
    so_far = GrantedSoFar("points/ann").plus(60, on=date(2026, 3, 1)).plus(70, on=date(2026, 3, 2)).plus(20, on=date(2026, 3, 2))

    assert (so_far.ever, so_far.on(date(2026, 3, 2)), so_far.on(date(2026, 3, 3))) == (150, 90, 0)
    assert [program.left(today=today, ever=so_far.ever) for today in (90, 0, 200)] == [10, 100, 0]
    assert PROGRAM.left(today=5, ever=5) is None
    assert (PROGRAM.is_capped, program.is_capped) == (False, True)


def test_days_that_no_late_order_counts_on_are_forgotten():
    so_far = GrantedSoFar("points/ann").plus(1, on=date(2026, 1, 1)).plus(1, on=date(2026, 3, 2))
    assert so_far == GrantedSoFar("points/ann", 2, ((date(2026, 3, 2), 1),))


def test_points_open_after_the_window_and_expire_from_then_or_from_when_they_were_earned():
    program = evolve(PROGRAM, window=timedelta(days=14), expiry=ExpiresAfter("UTC", days=30))
    frozen, closed = program.freeze(LINES), NOON + timedelta(days=3)
    opens = closed + timedelta(days=14)

    assert frozen.available_from(completed_at=None, delivered_at=NOON) is None
    assert frozen.available_from(completed_at=closed, delivered_at=NOON) == opens
    assert frozen.expires_at(earned_at=NOON, available_from=None) is None
    assert frozen.expires_at(earned_at=NOON, available_from=opens) == datetime(2026, 4, 19, tzinfo=UTC)
    assert evolve(frozen, expires_from=ExpiresFrom.EARNED).expires_at(earned_at=NOON, available_from=None) == datetime(2026, 4, 2, tzinfo=UTC)


def test_a_window_may_count_from_the_delivery_or_the_end_where_nothing_was_delivered():
    frozen = evolve(PROGRAM, opens=Opens.DELIVERED, window=timedelta(days=1)).freeze(LINES)

    assert frozen.available_from(completed_at=None, delivered_at=NOON) == NOON + timedelta(days=1)
    assert frozen.available_from(completed_at=NOON, delivered_at=None) == NOON + timedelta(days=1)
    assert frozen.available_from(completed_at=None, delivered_at=None) is None


def test_units_and_the_money_for_them_are_one_return_in_whatever_order():  # EARN-7
    lines = ((1, 20), (2, 20))
    half = (GoneUnits(1, 2, 2), GoneUnits(2, 1, 0))

    assert [taken_back(lines, half), taken_back(lines, (), given_back=50, of=100), taken_back(lines, half, given_back=50, of=100)] == [20, 20, 20]
    assert taken_back(lines, half, given_back=80, of=100) == 32
    assert taken_back(lines, (), given_back=500, of=100) == 40
    assert taken_back(lines, (), given_back=5, of=0) == 0


@pytest.mark.parametrize(
    ("line", "basis", "with_tax", "base"),
    [
        (EarnLine(line_no=1, listed=1_000, tax=190, tax_on_top=True), EarnBasis.PAID, True, 1_190),
        (EarnLine(line_no=1, listed=1_000, tax=190, tax_on_top=True), EarnBasis.PAID, False, 1_000),
        (EarnLine(line_no=1, listed=1_190, shipping=119, tax=190, shipping_tax=19), EarnBasis.WITH_SHIPPING, False, 1_100),
        (EarnLine(line_no=1, listed=1_190, shipping=119, tax=190, shipping_tax=19), EarnBasis.PAID, False, 1_000),
        (EarnLine(line_no=1, listed=1_000, shipping=100, tax=190, shipping_tax=19, tax_on_top=True), EarnBasis.WITH_SHIPPING, True, 1_309),
    ],
)
def test_tax_is_in_the_base_or_not_whether_prices_hold_it_or_not(line, basis, with_tax, base):
    """Users and maintainers disagreed about what earns points: odoo/odoo#114004."""
    assert evolve(ONE, basis=basis, with_tax=with_tax).base_of(line) == base


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"rules": (ONE, ONE)}, "each rule once"),
        ({"rules": (evolve(ONE, id="x" * 101),)}, "at most 100 characters"),
        ({"points": "a/b"}, "a kind of points"),
        ({"window": timedelta(-1)}, "window of zero or more"),
        ({"zone": "Moon/Base"}, "Moon"),
    ],
)
def test_a_program_that_cannot_be_is_told(facts, message):
    with pytest.raises(InvalidValue, match=message):
        evolve(PROGRAM, **facts)
