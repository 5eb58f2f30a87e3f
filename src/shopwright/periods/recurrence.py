"""The occurrences of a recurrence rule, as times on the wall, found from any point without a walk from the first one.

Rules
- the calendar repeats: which days of a year a rule means follows from the weekday the year begins on and from where its leap days are, which
  makes 28 kinds of years; whether an interval counts is arithmetic on its number. So an old rule costs what a young one does;
- a day belongs to its calendar year, as with dateutil: `BYWEEKNO=1` may mean days at the end of December, counted in that year's interval;
- `BYSETPOS` picks from the whole interval, also from what is before the first time; what is before the first time is no occurrence;
- the first time is an occurrence only when the rule means it;
- `COUNT` alone is counted from the first time, at most 10,000 occurrences, once per process;
- the pattern of a rule repeats after some multiple of 400 years; a rule that meant nothing for so long means nothing ever, and so a rule
  that contradicts itself (30 February) is done in bounded time. Nothing comes after the year 9990.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby, islice
from math import gcd

from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.periods.rules import Frequency, Rule

FIRST_YEAR, LAST_YEAR = 1900, 9990
"""The years in which a rule may start, and after which none goes on."""

_END = datetime(LAST_YEAR + 1, 1, 1)  # noqa: DTZ001 -- a time on the wall
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# How many intervals there are in 400 years, after which the calendar repeats.
_INTERVALS = {Frequency.YEARLY: 400, Frequency.MONTHLY: 4_800, Frequency.WEEKLY: 20_871, Frequency.DAILY: 146_097, Frequency.HOURLY: 3_506_328}


@frozen(cache_hash=True)
class _Days:
    """Which days of a year a rule means, whatever its interval."""

    months: frozenset[int]
    weeks: frozenset[int]
    year_days: frozenset[int]
    month_days: frozenset[int]
    weekdays: frozenset[tuple[int, int]]
    by_year: bool
    """Whether numbered weekdays are counted through the year, not through the month."""
    week_start: int


@frozen
class Recurrence:
    """The occurrences of a rule from a first time on the wall on.

    `first` is naive, on a full second, in the years 1900 to 9990; it gives the time of day, the day of week, month or year that the rule
    leaves open, and what intervals are counted from. `UNTIL` as an instant is left to the caller, who knows the zone. Raises `InvalidValue`
    for another `first`.
    """

    rule: Rule
    first: datetime

    def __attrs_post_init__(self) -> None:
        if self.first.tzinfo is not None or self.first.microsecond or not FIRST_YEAR <= self.first.year <= LAST_YEAR:
            expected = f"a time on the wall without a zone, on a full second, in the years {FIRST_YEAR} to {LAST_YEAR}"
            raise InvalidValue(f"expected a rule to be counted from {expected}, got {self.first!r}")

    def after(self, wall: datetime) -> Iterator[datetime]:
        """The occurrences at or after this time on the wall, in order."""
        start, last = max(wall, self.first), self._last
        if last < start or not _is_ever(self.rule, self.first):
            return
        for found in _plan(self.rule, self.first).walls(start, 1):
            if found > last:
                return
            if found >= start:
                yield found

    def before(self, wall: datetime) -> Iterator[datetime]:
        """The occurrences at or before this time on the wall, the latest first."""
        start = min(wall, self._last)
        if start < self.first or not _is_ever(self.rule, self.first):
            return
        for found in _plan(self.rule, self.first).walls(start, -1):
            if found < self.first:
                return
            if found <= start:
                yield found

    @property
    def _last(self) -> datetime:
        """The end of the rule, inclusive."""
        if self.rule.count is not None:
            return _counted(self.rule, self.first)
        return self.rule.until or _END


@lru_cache(maxsize=1024)
def _counted(rule: Rule, first: datetime) -> datetime:
    """The last occurrence of a rule with `COUNT`."""
    found = (wall for wall in _plan(rule, first).walls(first, 1) if wall >= first)
    return next(islice(found, (rule.count or 1) - 1, None), _END)


@lru_cache(maxsize=1024)
def _is_ever(rule: Rule, first: datetime) -> bool:
    """Whether a rule means any time at all; to see that it does not takes longer than any other question, so it is asked once."""
    return any(first <= wall for wall in _plan(rule, first).walls(first, 1))


@frozen
class _Plan:
    """A rule with what its first time fills in. Intervals are numbered; every `interval`-th counts, `home` is the number of the first one."""

    frequency: Frequency
    interval: int
    home: int
    days: _Days
    hours: tuple[int, ...]
    """With `HOURLY`: the hours of a day that can count; else the day's begin."""
    times: tuple[int, ...]
    """Seconds of the day; with `HOURLY`, seconds of the hour."""
    positions: tuple[int, ...]
    earliest: int
    """The year before that of the first time: a week may begin in it."""

    def walls(self, start: datetime, step: int) -> Iterator[datetime]:
        """Occurrences from the interval of `start` on, upward (1) or downward (-1); some may be on the wrong side of `start`."""
        if not (self.times and self.hours):
            return
        day, quiet_since = start.toordinal(), start.year
        for ordinal, times in self._picked(day, step) if self.positions else self._timed(day, step):
            midnight = datetime.fromordinal(ordinal)
            if not times and abs(midnight.year - quiet_since) > self._cycle:
                return
            for seconds in times[::step]:
                quiet_since = midnight.year
                yield midnight + timedelta(seconds=seconds)

    @property
    def _cycle(self) -> int:
        """After how many years the days that the rule means come in the same pattern again, and one more for a year cut in two."""
        return 400 * (self.interval // gcd(self.interval, _INTERVALS[self.frequency])) + 1

    def _timed(self, start: int, step: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Days with their times in seconds."""
        for ordinal in self._ordinals(start, step):
            if self.frequency is not Frequency.HOURLY:
                yield ordinal, self.times
                continue
            hours = (hour for hour in self.hours if not (ordinal * 24 + hour - self.home) % self.interval)
            yield ordinal, tuple(hour * 3600 + seconds for hour in hours for seconds in self.times)

    def _picked(self, start: int, step: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Days with those of their times that `BYSETPOS` picks out of their interval; the days begin with the interval of `start`."""
        bounds = self._bounds(start)
        for _, group in groupby(self._ordinals(bounds[step < 0], step), key=self._number):
            days = list(group)[::step]
            size = len(days) * len(self.times)
            places = sorted({place for at in self.positions if 0 <= (place := at - 1 if at > 0 else size + at) < size})
            by_day = [(days[at], tuple(self.times[place % len(self.times)] for place in same)) for at, same in groupby(places, self._day_of)]
            yield from by_day[::step] or [(days[0], ())]

    def _day_of(self, place: int) -> int:
        return place // len(self.times)

    def _ordinals(self, start: int, step: int) -> Iterator[int]:
        """The days that the rule means, in intervals that count, from a day on; ends when the pattern has shown that none is left."""
        year = min(date.fromordinal(start).year, LAST_YEAR if step < 0 else MAXYEAR)
        quiet = 0
        while self.earliest <= year <= LAST_YEAR and quiet <= self._cycle:
            quiet += 1
            before = date(year, 1, 1).toordinal() - 1
            days = self._of_year(year, before)
            cut = bisect_left(days, start - before) if step > 0 else bisect_right(days, start - before)
            for day in days[cut:] if step > 0 else days[:cut][::-1]:
                if self._counts(before + day):
                    quiet = 0
                    yield before + day
            year += step

    def _of_year(self, year: int, before: int) -> tuple[int, ...]:
        """The days of a year that the rule means, counted from 1; `before` is the last day of the year before."""
        if self.frequency is Frequency.YEARLY and (year - self.home) % self.interval:
            return ()
        return _days_of(self.days, before % 7, isleap(year - 1), isleap(year), isleap(year + 1))

    def _counts(self, ordinal: int) -> bool:
        """Whether the interval that a day is in counts; with `HOURLY` that is asked of each hour."""
        return self.interval == 1 or self.frequency is Frequency.HOURLY or not (self._number(ordinal) - self.home) % self.interval

    def _number(self, ordinal: int) -> int:
        """The number of the interval that a day is in; with `HOURLY`, of the day."""
        return _number(self.frequency, ordinal, self.days.week_start)

    def _bounds(self, ordinal: int) -> tuple[int, int]:
        """The first and the last day of the interval that a day is in."""
        if self.frequency is Frequency.WEEKLY:
            first = ordinal - (ordinal - 1 - self.days.week_start) % 7
            return first, first + 6
        day = date.fromordinal(ordinal)
        if self.frequency is Frequency.MONTHLY:
            return day.replace(day=1).toordinal(), day.replace(day=monthrange(day.year, day.month)[1]).toordinal()
        return date(day.year, 1, 1).toordinal(), date(day.year, 12, 31).toordinal()


def _number(frequency: Frequency, ordinal: int, week_start: int) -> int:
    if frequency is Frequency.WEEKLY:
        return (ordinal - 1 - week_start) // 7
    if frequency <= Frequency.DAILY:
        return ordinal
    day = date.fromordinal(ordinal)
    return day.year if frequency is Frequency.YEARLY else day.year * 12 + day.month


@lru_cache(maxsize=1024)
def _plan(rule: Rule, first: datetime) -> _Plan:
    """What a rule means from this first time on; raises nothing, for a rule is checked when it is read."""
    hourly, daily = rule.frequency is Frequency.HOURLY, rule.frequency is Frequency.DAILY
    home = _number(rule.frequency, first.toordinal(), rule.week_start)
    if hourly:
        home = home * 24 + first.hour
    step = gcd(rule.interval, 24)
    times = tuple(
        hour * 3600 + minute * 60 + second
        for hour in ((0,) if hourly else sorted(rule.hours or {first.hour}))
        for minute in sorted(rule.minutes or {first.minute})
        for second in sorted(rule.seconds or {first.second})
    )
    if (hourly or daily) and rule.positions:
        # The interval is one day or hour, and the same times are picked out of every one.
        times = tuple(time for place, time in enumerate(times) if {place + 1, place - len(times)} & rule.positions)
    return _Plan(
        frequency=rule.frequency,
        interval=rule.interval,
        home=home,
        days=_meant(rule, first),
        hours=tuple(hour for hour in sorted(rule.hours or range(24)) if not (hour - first.hour) % step) if hourly else (0,),
        times=times,
        positions=() if hourly or daily else tuple(sorted(rule.positions)),
        earliest=first.year - 1,
    )


def _meant(rule: Rule, first: datetime) -> _Days:
    """The days of a rule, with what is left open filled in from the first time."""
    months, month_days, weekdays = rule.months, rule.month_days, rule.weekdays
    if not (rule.weeks or rule.year_days or month_days or weekdays):
        if rule.frequency is Frequency.YEARLY and not months:
            months = frozenset({first.month})
        if rule.frequency >= Frequency.MONTHLY:
            month_days = frozenset({first.day})
        if rule.frequency is Frequency.WEEKLY:
            weekdays = frozenset({(first.weekday(), 0)})
    return _Days(
        months=months,
        weeks=rule.weeks,
        year_days=rule.year_days,
        month_days=month_days,
        weekdays=weekdays,
        by_year=rule.frequency is Frequency.YEARLY and not rule.months,
        week_start=rule.week_start,
    )


@lru_cache(maxsize=4096)
def _days_of(days: _Days, begins_on: int, after_leap: bool, leap: bool, before_leap: bool) -> tuple[int, ...]:
    """The days of such a year that are meant, counted from 1. `begins_on` is the weekday of 1 January, 0 for Monday."""
    length = 365 + leap
    found, month_start = [], 0
    for month, usual in enumerate(_MONTH_LENGTHS, start=1):
        size = usual + (leap and month == 2)
        for day in range(1, size + 1):
            of_year = month_start + day
            place, span = (of_year, length) if days.by_year else (day, size)
            if (
                (not days.months or month in days.months)
                and _either(days.month_days, day, size)
                and _either(days.year_days, of_year, length)
                and _on_weekday(days.weekdays, (begins_on + of_year - 1) % 7, place, span)
                and (not days.weeks or not days.weeks.isdisjoint(_weeks_of(of_year, days.week_start, begins_on, (after_leap, leap, before_leap))))
            ):
                found.append(of_year)
        month_start += size
    return tuple(found)


def _either(wanted: frozenset[int], place: int, size: int) -> bool:
    """Whether a place is wanted, counted from the start or from the end."""
    return not wanted or place in wanted or place - size - 1 in wanted


def _on_weekday(wanted: frozenset[tuple[int, int]], weekday: int, place: int, size: int) -> bool:
    """Whether a weekday is wanted: every one, or this one by its number in the month or year of this size."""
    if not wanted or (weekday, 0) in wanted:
        return True
    return (weekday, (place - 1) // 7 + 1) in wanted or (weekday, -((size - place) // 7 + 1)) in wanted


def _weeks_of(of_year: int, week_start: int, begins_on: int, leaps: tuple[bool, bool, bool]) -> tuple[int, int]:
    """The number of the week that a day is in, from the start and from the end of the year that has most of the week."""
    length = 365 + leaps[1]
    middle = of_year - (begins_on + of_year - 1 - week_start) % 7 + 3
    if middle < 1:
        begins_on, middle, length = (begins_on - 365 - leaps[0]) % 7, middle + 365 + leaps[0], 365 + leaps[0]
    elif middle > length:
        begins_on, middle, length = (begins_on + length) % 7, middle - length, 365 + leaps[2]
    number = (middle - 1) // 7 + 1
    first_middle = (week_start + 3 - begins_on) % 7 + 1
    return number, number - ((length - first_middle) // 7 + 1) - 1
