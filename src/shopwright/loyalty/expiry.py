"""When points expire: rules that reckon on the calendar of the program.

Rules
- POINTS-10: points are good through the last instant of their last day in the program's zone, so they expire when the next day begins there;
- a month after 31 January is the last day of February; days are calendar days, 23 to 25 hours where clocks change;
- a rule may round its last day up to the end of a week (Sunday), month, quarter, half year or year.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import add_months, day_of, start_of_day, zone_name


class EndOf(StrEnum):
    """What a last day is rounded up to the end of."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS = {EndOf.MONTH: 1, EndOf.QUARTER: 3, EndOf.HALF_YEAR: 6, EndOf.YEAR: 12}


@frozen
class ExpiresAfter:
    """So many months and days after the day that counts, rounded up to the end of something."""

    zone: str = field(converter=zone_name)
    months: int = field(default=0, validator=whole(least=0, most=1_200), kw_only=True)
    days: int = field(default=0, validator=whole(least=0, most=36_600), kw_only=True)
    end_of: EndOf = field(default=EndOf.DAY, validator=of(EndOf), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.months and not self.days and self.end_of is EndOf.DAY:
            raise InvalidValue("expected points to last some months or days, or to the end of something; got neither")

    def expires_at(self, since: datetime) -> datetime:
        """The first moment at which points that count from `since` are no longer good."""
        last = add_months(day_of(since, self.zone), self.months) + timedelta(days=self.days)
        return start_of_day(last_of(last, self.end_of) + timedelta(days=1), self.zone)


@frozen
class ExpiresOn:
    """On one day of every year, 31 December if nothing else is said; points younger than `least_days` wait for the next year's."""

    zone: str = field(converter=zone_name)
    month: int = field(default=12, validator=whole(least=1, most=12), kw_only=True)
    day: int = field(default=31, validator=whole(least=1, most=31), kw_only=True)
    least_days: int = field(default=0, validator=whole(least=0, most=36_600), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _on(2_024, self.month, self.day)

    def expires_at(self, since: datetime) -> datetime:
        """The first moment at which points that count from `since` are no longer good."""
        least = day_of(since, self.zone) + timedelta(days=self.least_days)
        last = _on(least.year, self.month, self.day)
        return start_of_day((last if last >= least else _on(least.year + 1, self.month, self.day)) + timedelta(days=1), self.zone)


Expiry = ExpiresAfter | ExpiresOn


def expires_at(expiry: Expiry | None, since: datetime) -> datetime | None:
    """When points that count from `since` expire; never without a rule."""
    return None if expiry is None else expiry.expires_at(since)


def _on(year: int, month: int, day: int) -> date:
    """The day of a year; 29 February is the 28th where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        if (month, day) == (2, 29):
            return date(year, 2, 28)
        raise InvalidValue(f"expected a day of the year, got month {month} and day {day}") from None


def first_of(day: date, end_of: EndOf) -> date:
    """The first day of the week, month or longer that a day is in."""
    if end_of is EndOf.DAY:
        return day
    if end_of is EndOf.WEEK:
        return day - timedelta(days=day.weekday())
    months = _MONTHS[end_of]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def last_of(day: date, end_of: EndOf) -> date:
    """The last day of the week, month or longer that a day is in."""
    first = first_of(day, end_of)
    if end_of is EndOf.DAY:
        return first
    return first + timedelta(days=6) if end_of is EndOf.WEEK else add_months(first, _MONTHS[end_of]) - timedelta(days=1)
