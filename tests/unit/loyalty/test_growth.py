"""What members are given beside what orders earn: caps, periods, and rules that must not stand twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shopwright.errors import InvalidValue
from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.growth import Growth, RewardFor, RewardRule, Tally, capped
from shopwright.loyalty.growth_events import BirthdayDue

REVIEW = RewardRule(id="review", given_for=RewardFor.REVIEW, points=50, most=120)


@pytest.mark.parametrize(
    ("caps", "granted"),
    [
        ((), 50),
        (((None, Tally(id="t", granted=900)),), 50),
        (((120, Tally(id="t", granted=60)),), 50),
        (((120, Tally(id="t", granted=90)),), 30),
        (((120, Tally(id="t", granted=120)), (500, Tally(id="u"))), 0),
        (((120, Tally(id="t", granted=130)),), 0),
    ],
)
def test_a_reward_is_what_its_caps_leave_of_it(caps, granted):  # GROWTH-1
    assert capped(50, *caps) == granted


def test_a_period_is_named_by_the_day_it_begins_where_the_program_is():
    late = datetime(2026, 3, 31, 23, tzinfo=UTC)

    assert REVIEW.period_of(late, "UTC") == "2026-03-01"
    assert REVIEW.period_of(late, "Europe/Berlin") == "2026-04-01"
    assert RewardRule(id="r", given_for=RewardFor.REVIEW, points=1, period=EndOf.WEEK).period_of(late, "UTC") == "2026-03-30"


def test_each_reward_stands_once():
    with pytest.raises(InvalidValue, match="expected each reward once"):
        Growth(currency="EUR", rewards=(REVIEW, REVIEW))
    with pytest.raises(InvalidValue, match="gives nothing for birthday"):
        Growth(currency="EUR", rewards=(REVIEW,)).reward(RewardFor.BIRTHDAY)
    assert Growth(currency="EUR", rewards=(REVIEW,)).reward(RewardFor.REVIEW) == REVIEW


def test_a_birthday_is_told_under_the_member_and_the_year():  # GROWTH-2
    at = datetime(2026, 3, 1, tzinfo=UTC)

    assert BirthdayDue(member_id="ann", year=2026, tier="gold", gift="a-cake", at=at).key == BirthdayDue(member_id="ann", year=2026, at=at).key
