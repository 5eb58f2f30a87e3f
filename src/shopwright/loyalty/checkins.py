"""Daily check-ins: one for each of a member's days, streaks of days, and rewards that go in cycles.

Rules
- CHECKIN-1: a day is a date on the calendar where the member lives, at the moment of the check-in; a streak is of dates that follow each other,
  and never of hours, which clocks add and take away;
- CHECKIN-2: dates only move forward, and after a change of zone some hours must pass: whoever flies west has no day twice, and whoever says to
  have moved gains none;
- CHECKIN-3: a missed day ends a streak, unless a freeze is left for each day that was missed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import aware as is_aware
from shopwright.edges import identifier, maybe, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import aware, day_of, zone_of
from shopwright.refusals import Refusal


class AfterCycle(StrEnum):
    """What follows the last reward of a cycle."""

    AGAIN = "again"
    """The first."""
    STAYS = "stays"
    """The last, for as long as the streak holds."""


@frozen(kw_only=True)
class CheckInRule:
    """The points of each day of a cycle, and what holds a streak together.

    A freeze is given for every `freeze_every` days of a streak (0: never), up to `most_freezes`. `least_hours` must pass after a check-in in
    another zone. Raises `InvalidValue` for a cycle without a day.
    """

    id: str = field(validator=identifier())
    version: int = field(default=1, validator=whole(least=1))
    rewards: tuple[int, ...] = field(validator=members(int, least=1))
    after: AfterCycle = field(default=AfterCycle.AGAIN, validator=of(AfterCycle))
    freeze_every: int = field(default=0, validator=whole(least=0))
    most_freezes: int = field(default=0, validator=whole(least=0))
    least_hours: int = field(default=20, validator=whole(least=0, most=48))

    def __attrs_post_init__(self) -> None:
        for points in self.rewards:
            if points.__class__ is not int or points < 0:
                raise InvalidValue(f"expected rewards of zero points or more, got {points!r}")

    def reward(self, length: int) -> tuple[int, int]:
        """The day of the cycle on the so-manieth day of a streak, from 1 on, and its points."""
        days = len(self.rewards)
        day = (length - 1) % days + 1 if self.after is AfterCycle.AGAIN else min(length, days)
        return day, self.rewards[day - 1]


@frozen(kw_only=True)
class Streak:
    """How many days in a row somebody has checked in, `longest` the most ever; `last_at` and `zone` are of the last check-in."""

    length: int = field(default=0, validator=whole(least=0))
    longest: int = field(default=0, validator=whole(least=0))
    freezes: int = field(default=0, validator=whole(least=0))
    last: date | None = field(default=None, validator=maybe(of(date)))
    last_at: datetime | None = field(default=None, validator=maybe(is_aware))
    zone: str = ""

    def on(self, day: date) -> int:
        """How long the streak stands on a day, should nothing more be done: zero once it cannot be gone on with."""
        return self.length if self.last is not None and (day - self.last).days <= 1 + self.freezes else 0


@frozen(kw_only=True)
class CheckedIn:
    """A check-in: the member's day, the streak with it, the day of the cycle and its points, and how many freezes it took to go on."""

    day: date
    streak: Streak
    cycle_day: int
    points: int
    frozen_days: int = 0

    @property
    def key(self) -> str:
        """What makes it one: whoever stores it under the member and this key has each day once."""
        return f"check-in/{self.day.isoformat()}"


def check_in(streak: Streak, rule: CheckInRule, *, zone: str, at: datetime) -> CheckedIn | Refusal:
    """Check in on the member's day.

    Refused with `checked_in_already` (fact: `day`) on a day that is not after the last one, and with `check_in_too_soon` (fact: `again_at`)
    after a change of zone. Raises `InvalidValue` for an unknown zone and a time without one.
    """
    zone_of(zone)
    day = day_of(aware(at), zone)
    if streak.last is not None and day <= streak.last:
        return Refusal("checked_in_already", f"there is a check-in for {streak.last.isoformat()} already", {"day": streak.last.isoformat()})
    if streak.last_at is not None and streak.zone != zone:
        again = streak.last_at + timedelta(hours=rule.least_hours)
        if at < again:
            then = again.isoformat()
            return Refusal("check_in_too_soon", f"after a change of zone the next check-in is at {then}", {"again_at": then})
    missed = 0 if streak.last is None else (day - streak.last).days - 1
    goes_on = streak.last is not None and missed <= streak.freezes
    length = streak.length + 1 if goes_on else 1
    left = streak.freezes - missed if goes_on else streak.freezes
    given = 1 if rule.freeze_every and length % rule.freeze_every == 0 else 0
    cycle_day, points = rule.reward(length)
    after = Streak(
        length=length,
        longest=max(length, streak.longest),
        freezes=max(left, min(left + given, rule.most_freezes)),
        last=day,
        last_at=at,
        zone=zone,
    )
    return CheckedIn(day=day, streak=after, cycle_day=cycle_day, points=points, frozen_days=missed if goes_on else 0)
