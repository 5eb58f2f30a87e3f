"""Instants, days and months, where a mall's calendar meets the clocks of a place.

Rules
- a time without a zone is refused; an instant is handed back in UTC, whatever zone it came in, so that instants compare as such;
- a window is half-open: its start belongs to it, its end does not, and windows that touch do not overlap;
- a day or a month belongs to a zone and is as long as it is there: 23 to 25 hours when clocks change, none at all where a place
  skipped a day to cross the date line;
- steps of days and months keep the time on the wall; a month that is too short ends the step on its last day (31 January and one
  month is 28 or 29 February), so steps are taken from the first date, never from one another;
- a time on the wall that comes twice is the first one, and one that is skipped moves forward by what the clocks skip
  (02:30 becomes 03:30), unless the caller says otherwise with `Twice` and `Skipped`.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import Enum
from functools import lru_cache
from reprlib import repr as shown
from typing import TypeVar

from attrs import field, frozen

from shopwright.errors import InvalidValue

Zone = str | tzinfo
"""A name of the IANA database such as `Europe/Berlin`, or a `tzinfo`."""

_LONGEST_TEXT = 60
_SECOND = timedelta(seconds=1)
_Day = TypeVar("_Day", date, datetime)


class Twice(Enum):
    """Which one is meant when clocks go back and a time on the wall comes twice."""

    FIRST = "first"
    SECOND = "second"
    REFUSE = "refuse"
    """Neither: raise `InvalidValue`."""


class Skipped(Enum):
    """What is meant when clocks go forward and a time on the wall never comes."""

    FORWARD = "forward"
    """As much later as the clocks skip: 02:30 becomes 03:30."""
    FIRST_AFTER = "first_after"
    """The first moment after the skip: 02:30 becomes 03:00."""
    REFUSE = "refuse"
    """Nothing: raise `InvalidValue`."""
    LEAVE_OUT = "leave_out"
    """No occurrence, of times that come again; a single time cannot be left out, and raises `InvalidValue`."""


def aware(at: datetime, name: str = "at") -> datetime:
    """The same datetime; raises `InvalidValue`, naming the field, when it has no zone or is no datetime."""
    if at.__class__ is datetime and at.tzinfo is UTC:
        return at
    _require_datetime(at, name)
    if at.utcoffset() is None:
        raise InvalidValue(f"{name} must be a datetime with a time zone, got {at!r}; give it one, such as datetime.now(UTC)")
    return at


def utc(at: datetime, name: str = "at") -> datetime:
    """The same instant in UTC; raises `InvalidValue` as `aware` does, and for one outside the years 1 to 9999."""
    if at.__class__ is datetime and at.tzinfo is UTC:
        return at
    try:
        return aware(at, name).astimezone(UTC)
    except OverflowError:
        raise InvalidValue(f"{name} must be in the years 1 to 9999 in UTC, got {at!r}") from None


def zone_of(zone: Zone) -> tzinfo:
    """The zone of this name; raises `InvalidValue` for a name that the IANA database does not know."""
    if isinstance(zone, tzinfo):
        return zone
    if zone == "UTC":
        return UTC
    try:
        return _named(zone)
    except (KeyError, ValueError, TypeError, OSError):
        raise InvalidValue(f"unknown time zone {shown(zone)}; expected a name of the IANA database such as 'Europe/Berlin'") from None


@lru_cache(maxsize=1_000)
def _named(zone: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(zone)


def zone_name(zone: Zone) -> str:
    """The name of a zone, to be stored; raises `InvalidValue` for one that the IANA database does not know, or that has no name there."""
    known = zone_of(zone)
    name = "UTC" if known is UTC else getattr(known, "key", None)
    if not isinstance(name, str):
        raise InvalidValue(f"expected a zone with a name of the IANA database such as 'Europe/Berlin', got {zone!r}")
    return name


def _start(at: datetime | None) -> datetime | None:
    return None if at is None else utc(at, "the start of a window")


def _end(at: datetime | None) -> datetime | None:
    return None if at is None else utc(at, "the end of a window")


@frozen
class Window:
    """A stretch of time with its start and without its end; `None` leaves a side open.

    Both are kept in UTC. Raises `InvalidValue` when the end comes before the start; where they are equal, nothing is inside.
    """

    start: datetime | None = field(default=None, converter=_start)
    end: datetime | None = field(default=None, converter=_end)

    def __attrs_post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InvalidValue(f"expected a window to end at or after its start, got {self}; swap the two")

    @property
    def empty(self) -> bool:
        """Whether no instant is inside."""
        return self.start is not None and self.start == self.end

    @property
    def length(self) -> timedelta | None:
        """How long it is; `None` when a side is open."""
        return None if self.start is None or self.end is None else self.end - self.start

    def contains(self, at: datetime) -> bool:
        """Whether the instant is inside."""
        at = utc(at)
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def overlaps(self, other: Window) -> bool:
        """Whether some instant is inside both; windows that only touch have none."""
        return self.intersection(other) is not None

    def intersection(self, other: Window) -> Window | None:
        """What is inside both; `None` when nothing is."""
        starts = [at for at in (self.start, other.start) if at is not None]
        ends = [at for at in (self.end, other.end) if at is not None]
        start, end = max(starts, default=None), min(ends, default=None)
        if self.empty or other.empty or (start is not None and end is not None and end <= start):
            return None
        return Window(start, end)

    def __str__(self) -> str:
        start, end = (at.isoformat() if at else "" for at in (self.start, self.end))
        return f"[{start}, {end})"


def instant(wall: datetime, zone: Zone, *, twice: Twice = Twice.FIRST, skipped: Skipped = Skipped.FORWARD) -> datetime:
    """When clocks of the zone show this time on the wall, in UTC; raises `InvalidValue` for a `wall` that has a zone already."""
    _require_datetime(wall, "wall")
    if wall.tzinfo is not None:
        raise InvalidValue(f"expected a time on the wall without a zone, got {wall!r}; an aware datetime is an instant already")
    _require_choice(twice, Twice, "twice")
    _require_choice(skipped, Skipped, "skipped")
    local = wall.replace(tzinfo=zone_of(zone), fold=0)
    at = utc(local, "wall")
    if _wall(at, local) != wall:
        return _after_skip(local, skipped)
    if twice is Twice.FIRST:
        return at
    second = utc(local.replace(fold=1), "wall")
    if twice is Twice.REFUSE and second != at:
        raise InvalidValue(f"{wall.isoformat(' ')} comes twice in {local.tzinfo}; say twice=Twice.FIRST or Twice.SECOND")
    return second


def parse_local(text: str, zone: Zone, *, twice: Twice = Twice.FIRST, skipped: Skipped = Skipped.FORWARD) -> datetime:
    """The instant of a date and time as a place wrote it, such as `2018-01-31 23:59:00`, in UTC.

    The text is ISO 8601 with a time of day and without an offset; anything else raises `InvalidValue`.
    """
    wall = None
    if text.__class__ is str and len(text) <= _LONGEST_TEXT and ":" in text:
        try:
            wall = datetime.fromisoformat(text)
        except ValueError:
            wall = None
    if wall is None:
        raise InvalidValue(f"expected a date and a time such as '2018-01-31 23:59:00', got {shown(text)}")
    return instant(wall, zone, twice=twice, skipped=skipped)


def day_of(at: datetime, zone: Zone) -> date:
    """The date on the calendar of the zone at this instant."""
    return _local(at, zone).date()


def wall_at(at: datetime, zone: Zone) -> datetime:
    """What clocks of the zone show at this instant: a naive datetime."""
    return _local(at, zone).replace(tzinfo=None, fold=0)


def start_of_day(day: date, zone: Zone) -> datetime:
    """The first instant of the day in the zone, in UTC; not always midnight, since some places skip it when clocks change."""
    _require_date(day)
    return instant(datetime(day.year, day.month, day.day), zone, skipped=Skipped.FIRST_AFTER)  # noqa: DTZ001 -- a time on the wall


def day(day: date, zone: Zone) -> Window:
    """The whole day in the zone."""
    start = start_of_day(day, zone)
    return Window(start, start_of_day(_moved(day, days=1), zone))


def month(year: int, month: int, zone: Zone) -> Window:
    """The whole month in the zone; raises `InvalidValue` for a month that is not 1 to 12."""
    _count(year, "year")
    _count(month, "month")
    try:
        first = date(year, month, 1)
    except (OverflowError, ValueError):
        raise InvalidValue(f"expected a year from 1 to 9999 and a month from 1 to 12, got {shown(year)} and {shown(month)}") from None
    return Window(start_of_day(first, zone), start_of_day(_moved(first, months=1), zone))


def days_after(at: datetime, days: int, zone: Zone, *, twice: Twice = Twice.FIRST, skipped: Skipped = Skipped.FORWARD) -> datetime:
    """The same time on the wall so many days later on the calendar of the zone, in UTC; fewer than zero is earlier."""
    return _stepped(at, zone, twice, skipped, days=_count(days, "days"))


def months_after(at: datetime, months: int, zone: Zone, *, twice: Twice = Twice.FIRST, skipped: Skipped = Skipped.FORWARD) -> datetime:
    """The same day and time on the wall so many months later, or the last day of a month that is too short, in UTC."""
    return _stepped(at, zone, twice, skipped, months=_count(months, "months"))


def add_months(day: date, months: int) -> date:
    """The date so many months later, or the last day of a month that is too short; fewer than zero is earlier."""
    _require_date(day)
    year, month = divmod(12 * day.year + day.month - 1 + _count(months, "months"), 12)
    try:
        return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        raise InvalidValue(f"expected a date in the years 1 to 9999, got {day.isoformat()} and {months} months") from None


def _stepped(at: datetime, zone: Zone, twice: Twice, skipped: Skipped, *, days: int = 0, months: int = 0) -> datetime:
    if not days and not months:
        return utc(at)
    wall = wall_at(at, zone)
    return instant(_moved(wall, days=days, months=months), zone, twice=twice, skipped=skipped)


def _moved(start: _Day, *, days: int = 0, months: int = 0) -> _Day:
    from dateutil.relativedelta import relativedelta

    try:
        return start + relativedelta(days=days, months=months)
    except (OverflowError, ValueError):
        raise InvalidValue(f"expected a date in the years 1 to 9999, got {start.isoformat()} and {days} days, {months} months") from None


def _local(at: datetime, zone: Zone) -> datetime:
    try:
        return aware(at).astimezone(zone_of(zone))
    except OverflowError:
        raise InvalidValue(f"at must be in the years 1 to 9999 in {zone}, got {at!r}") from None


def _wall(at: datetime, local: datetime) -> datetime:
    """What clocks show at this instant where `local` is."""
    return at.astimezone(local.tzinfo).replace(tzinfo=None)


def _after_skip(local: datetime, skipped: Skipped) -> datetime:
    from dateutil.tz import resolve_imaginary

    if skipped is Skipped.REFUSE or skipped is Skipped.LEAVE_OUT:
        wall = local.replace(tzinfo=None).isoformat(" ")
        raise InvalidValue(f"{wall} never comes in {local.tzinfo}, where clocks skip it; say skipped=Skipped.FORWARD or Skipped.FIRST_AFTER")
    moved = resolve_imaginary(local)
    forward = utc(moved, "wall")
    if skipped is Skipped.FORWARD:
        return forward
    # The clocks changed at most one skip before that, and on a full second.
    reach = (moved - local) // _SECOND
    earliest = forward.replace(microsecond=0) - timedelta(seconds=reach)
    before = earliest.astimezone(local.tzinfo).utcoffset()
    seconds = bisect_left(range(reach), True, key=lambda second: (earliest + second * _SECOND).astimezone(local.tzinfo).utcoffset() != before)
    return earliest + timedelta(seconds=seconds)


def _require_datetime(at: object, name: str) -> None:
    if not isinstance(at, datetime):
        raise InvalidValue(f"{name} must be a datetime, got {shown(at)} ({type(at).__name__})")


def _require_date(day: object) -> None:
    if not isinstance(day, date) or isinstance(day, datetime):
        raise InvalidValue(f"expected a date, got {shown(day)} ({type(day).__name__}); day_of(at, zone) makes one of an instant")


def _require_choice(value: object, choices: type[Enum], name: str) -> None:
    if not isinstance(value, choices):
        allowed = ", ".join(str(choice) for choice in choices)
        raise InvalidValue(f"expected {name} to be one of {allowed}, got {shown(value)}")


def _count(value: int, name: str) -> int:
    if value.__class__ is not int:
        raise InvalidValue(f"expected {name} to be an int, got {shown(value)} ({type(value).__name__})")
    return value
