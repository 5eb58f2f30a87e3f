"""The days around a member's birthday, on the calendar of the place where the member lives.

Rules
- a window is named by the calendar year of its birthday, also where it crosses New Year: a quota under member and year gives once a year,
  whatever the member makes of the birth date later, for an edited date has a birthday in the same years;
- days are whole days in the member's zone, 23 to 25 hours when clocks change; a day that a place skipped to cross the date line has no hours;
- who was born on 29 February has a birthday in every year: in the others on 28 February or 1 March, as the window says;
- the day of birth itself is no birthday; where the year of birth is not known, every year has one.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from reprlib import repr as shown

from attrs import field, frozen

from shopwright.edges import of, whole
from shopwright.errors import InvalidValue
from shopwright.periods import Window, Zone, day_of, start_of_day

Birth = date | tuple[int, int]
"""A date of birth, or its month and day where the year is not told."""

MOST_DAYS = 364
"""How many days a window may have beside the birthday: with more, two years' windows would overlap."""

_YEARS = range(2, 9998)
_LEAP_YEAR = 2000


class LeapDay(Enum):
    """When a birthday on 29 February is in a year without that day."""

    FEB_28 = "feb_28"
    MAR_1 = "mar_1"


@frozen
class BirthdayWindow:
    """On from so many days before a birthday until so many days after it, the birthday between them.

    Raises `InvalidValue` for days below zero and for more than 364 of them together.
    """

    days_before: int = field(default=0, validator=whole(least=0, most=MOST_DAYS), kw_only=True)
    days_after: int = field(default=0, validator=whole(least=0, most=MOST_DAYS), kw_only=True)
    leap: LeapDay = field(default=LeapDay.FEB_28, validator=of(LeapDay), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.days_before + self.days_after > MOST_DAYS:
            got = f"{self.days_before} before and {self.days_after} after"
            raise InvalidValue(f"a birthday window must have at most {MOST_DAYS} days beside the birthday, got {got}; two years would overlap")

    def opened(self, birth: Birth, *, zone: Zone, at: datetime) -> int | None:
        """The calendar year of the birthday whose window is on at this instant: the key of what a member gets once a year; `None` when none is."""
        born = _born(birth)
        today = day_of(at, zone)
        for year in _from(born, today.year - 1):
            first, last = self._days(born, year)
            if today < first:
                break
            if today <= last:
                return year
        return None

    def next_opening(self, birth: Birth, *, zone: Zone, at: datetime) -> datetime | None:
        """When the next window after this instant opens, in UTC; `None` past the years that a calendar has."""
        born = _born(birth)
        for year in _from(born, day_of(at, zone).year - 1):
            window = self._window(born, zone, year)
            if window.start is not None and at < window.start and not window.empty:
                return window.start
        return None

    def window(self, birth: Birth, *, zone: Zone, year: int) -> Window | None:
        """The window around the birthday of a calendar year, half-open and in UTC; `None` in the year of birth, and before it."""
        born = _born(birth)
        return self._window(born, zone, year) if year in _from(born, year) else None

    def _window(self, born: _Born, zone: Zone, year: int) -> Window:
        first, last = self._days(born, year)
        return Window(start_of_day(first, zone), start_of_day(last + timedelta(days=1), zone))

    def _days(self, born: _Born, year: int) -> tuple[date, date]:
        """The first and the last day."""
        birthday = _birthday(born, year, self.leap)
        return birthday - timedelta(days=self.days_before), birthday + timedelta(days=self.days_after)


@frozen
class _Born:
    month: int
    day: int
    year: int | None


def birthday(birth: Birth, *, year: int, leap: LeapDay) -> date:
    """The birthday in a calendar year; raises `InvalidValue` for what is no birth date and for a year that is not 2 to 9997."""
    if year.__class__ is not int or year not in _YEARS:
        raise InvalidValue(f"expected a year from {_YEARS[0]} to {_YEARS[-1]}, got {shown(year)}")
    return _birthday(_born(birth), year, leap)


def _birthday(born: _Born, year: int, leap: LeapDay) -> date:
    if (born.month, born.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28) if leap is LeapDay.FEB_28 else date(year, 3, 1)
    return date(year, born.month, born.day)


def is_birth(birth: object) -> bool:
    """Whether this is a date of birth, or a month and a day of a leap year."""
    try:
        _born(birth)
    except InvalidValue:
        return False
    return True


def _born(birth: object) -> _Born:
    if isinstance(birth, date) and not isinstance(birth, datetime):
        return _Born(birth.month, birth.day, birth.year)
    if isinstance(birth, tuple) and len(birth) == 2 and all(part.__class__ is int for part in birth):
        month, day = birth
        try:
            date(_LEAP_YEAR, month, day)
        except (ValueError, OverflowError):
            raise InvalidValue(f"expected a month and a day that a leap year has, such as (2, 29), got {shown(birth)}") from None
        return _Born(month, day, None)
    raise InvalidValue(f"expected a birth date, or a pair of month and day such as (2, 29), got {shown(birth)}")


def _from(born: _Born, year: int) -> Iterator[int]:
    """The years in which there is a birthday, from a year on."""
    since = year if born.year is None else max(year, born.year + 1)
    return (each for each in _YEARS[max(0, since - _YEARS[0]) :])
