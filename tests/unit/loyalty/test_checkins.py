"""Daily check-ins: days where the member lives, streaks of dates, and rewards in cycles."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.loyalty.checkins import AfterCycle, CheckedIn, CheckInRule, Streak, check_in
from shopwright.refusals import Refusal

WEEK = CheckInRule(id="daily", rewards=(1, 1, 2, 2, 3, 3, 10))
BERLIN = "Europe/Berlin"


def wall(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def after(*moments: datetime, rule: CheckInRule = WEEK, zone: str = BERLIN) -> CheckedIn:
    streak = Streak()
    for moment in moments:
        told = check_in(streak, rule, zone=zone, at=moment)
        assert isinstance(told, CheckedIn), told
        streak = told.streak
    return told


@pytest.mark.parametrize("first", ["2026-03-27", "2026-10-23"])
def test_a_streak_is_of_dates_and_goes_on_when_clocks_change(first):  # CHECKIN-1
    """Streaks were lost where a day has 23 or 25 hours: HabitRPG/habitica#4211, #3231."""
    days = [date.fromisoformat(first) + timedelta(days=number) for number in range(4)]
    late, early = [wall(f"{day}T23:59") for day in days], [wall(f"{day}T00:01") for day in days]

    assert [after(*late).streak.length, after(*early).streak.length, after(late[0], early[1], late[2], early[3]).streak.length] == [4, 4, 4]


def test_a_day_has_one_check_in_and_its_own_key():
    once = after(wall("2026-03-01T08:00"))

    assert (once.key, once.points) == ("check-in/2026-03-01", 1)
    assert check_in(once.streak, WEEK, zone=BERLIN, at=wall("2026-03-01T23:00")) == Refusal(
        "checked_in_already", "there is a check-in for 2026-03-01 already", {"day": "2026-03-01"}
    )


def test_who_flies_over_the_date_line_has_no_day_twice_and_who_says_so_gains_none():  # CHECKIN-2
    once = after(wall("2026-03-01T23:00", "Asia/Tokyo"), zone="Asia/Tokyo").streak

    west = check_in(once, WEEK, zone="America/Los_Angeles", at=wall("2026-03-01T20:00", "America/Los_Angeles"))
    east = check_in(once, WEEK, zone="Pacific/Auckland", at=wall("2026-03-01T23:01", "Asia/Tokyo"))
    later = check_in(once, WEEK, zone="Pacific/Auckland", at=once.last_at + timedelta(hours=20))

    assert west == Refusal("checked_in_already", "there is a check-in for 2026-03-01 already", {"day": "2026-03-01"})
    assert isinstance(east, Refusal)
    assert (east.code, east.fact("again_at")) == ("check_in_too_soon", "2026-03-02T19:00:00+09:00")
    assert isinstance(later, CheckedIn)
    assert later.streak.length == 2


@pytest.mark.parametrize(("then", "points"), [(AfterCycle.AGAIN, [3, 3, 10, 1, 1]), (AfterCycle.STAYS, [3, 3, 10, 10, 10])])
def test_rewards_go_in_cycles_and_begin_again_or_stay(then, points):
    rule, days = evolve(WEEK, after=then), [wall(f"2026-03-{day:02}T12:00") for day in range(1, 10)]

    assert [after(*days[:number], rule=rule).points for number in (5, 6, 7, 8, 9)] == points


def test_a_missed_day_ends_a_streak_unless_a_freeze_is_left():  # CHECKIN-3
    days = [wall(f"2026-03-{day:02}T12:00") for day in (1, 2, 3, 5, 6)]
    rule = evolve(WEEK, freeze_every=3, most_freezes=1)

    without, with_one = after(*days), after(*days, rule=rule)

    assert (without.streak.length, without.streak.longest, with_one.streak.length, with_one.streak.freezes) == (2, 3, 5, 0)
    assert after(*days[:4], rule=rule).frozen_days == 1
    again = check_in(with_one.streak, rule, zone=BERLIN, at=wall("2026-03-09T12:00"))
    assert isinstance(again, CheckedIn)
    assert (again.streak.length, again.frozen_days) == (1, 0)


def test_a_streak_stands_until_it_cannot_be_gone_on_with():
    streak = after(wall("2026-03-01T12:00"), wall("2026-03-02T12:00")).streak

    assert [streak.on(date(2026, 3, day)) for day in (2, 3, 4)] == [2, 2, 0]
    assert [evolve(streak, freezes=1).on(date(2026, 3, day)) for day in (4, 5)] == [2, 0]
    assert Streak().on(date(2026, 3, 1)) == 0


@given(st.lists(st.tuples(st.integers(0, 60 * 24 * 12), st.sampled_from((BERLIN, "Asia/Tokyo", "America/Los_Angeles"))), max_size=12))
def test_no_day_is_counted_twice_and_no_streak_is_longer_than_its_days(moves):
    streak, days, start = Streak(), [], datetime(2026, 3, 26, tzinfo=UTC)
    for minutes, zone in sorted(moves):
        told = check_in(streak, WEEK, zone=zone, at=start + timedelta(minutes=minutes))
        if isinstance(told, CheckedIn):
            streak = told.streak
            days.append(told.day)

    assert days == sorted(set(days))
    assert streak.length == next((n for n in range(len(days)) if days and (days[-1] - days[-1 - n]).days != n), len(days))


def test_a_rule_with_a_reward_below_zero_is_refused():
    with pytest.raises(InvalidValue, match="of zero points or more, got -1"):
        CheckInRule(id="daily", rewards=(1, -1))
    with pytest.raises(InvalidValue, match="Nowhere"):
        check_in(Streak(), WEEK, zone="Nowhere/At-all", at=wall("2026-03-01T12:00"))
