"""When a promotion is on: between two instants, or again and again by a rule on the clocks of a place.

Rules
- a window is half-open: it is on at its start, and no longer at its end;
- a recurring window means the clocks on the wall: `22:00 for eight hours` ends at 06:00, also in the night in which clocks change;
- a start that comes twice is the first or the second as the window says, and so is an end; one that clocks skip moves or is left out, also as
  the window says, and lasts as long on the wall as any other; an end that clocks skip is the moment after the skip;
- occurrences that start at one instant are one; where several are on, the one that started last is meant, and a window closes when none is on;
- a day in `except_on` has no start, by the date on the wall, and is counted by `COUNT` all the same;
- an answer costs the same however old the rule is: nothing walks from the first occurrence.

Windows are pure values: ask them once per cart, and hand the answer on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from heapq import heappop, heappush
from reprlib import repr as shown

from attrs import field, frozen

from shopwright.edges import aware, maybe, of
from shopwright.errors import InvalidValue
from shopwright.periods import Recurrence, Skipped, Twice, instant, parse_rule, start_of_day, utc, wall_at, zone_of
from shopwright.periods.recurrence import FIRST_YEAR, LAST_YEAR

LONGEST = timedelta(days=366)
"""How long one occurrence of a recurring window may last."""
MOST_EXCEPTIONS = 1_000
"""How many days a recurring window may leave out."""
LONGEST_STRETCH = 400
"""Through how many occurrences that touch or overlap the end of a window is looked for."""

_A_DAY = timedelta(days=1)
# Clocks are less than a day away from UTC, and change by a day at most, where a place crosses the date line.
_NEAR = timedelta(days=2)
_EARLIEST, _LATEST = datetime(FIRST_YEAR - 2, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 3, 1, 1, tzinfo=UTC)
_STARTS_SKIPPED = (Skipped.FORWARD, Skipped.FIRST_AFTER, Skipped.LEAVE_OUT)
_STARTS_TWICE = (Twice.FIRST, Twice.SECOND)


@frozen
class DateWindow:
    """On from `starts` until `ends`; `None` leaves a side open.

    Raises `InvalidValue` for times without a zone and for an end that is not after the start.
    """

    starts: datetime | None = field(default=None, validator=maybe(aware))
    ends: datetime | None = field(default=None, validator=maybe(aware))

    def __attrs_post_init__(self) -> None:
        if self.starts is not None and self.ends is not None and self.ends <= self.starts:
            raise InvalidValue(f"a window must end after it starts, got {self.starts.isoformat()} to {self.ends.isoformat()}")

    @classmethod
    def of_days(cls, first: date, last: date, *, zone: str) -> DateWindow:
        """Whole days on the calendar of a zone, the last one included."""
        if last < first:
            raise InvalidValue(f"expected the last day at or after the first, got {first} to {last}; swap the two")
        return cls(start_of_day(first, zone), start_of_day(last + _A_DAY, zone))

    def is_open(self, at: datetime) -> bool:
        """Whether it is on."""
        at = utc(at)
        return (self.starts is None or self.starts <= at) and (self.ends is None or at < self.ends)

    def opened_at(self, at: datetime) -> datetime | None:
        """When it came on, if it is on; `None` when it is not, and when it always was."""
        return self.starts if self.is_open(at) else None

    def next_start(self, at: datetime) -> datetime | None:
        """When it comes on, if that is still to come."""
        return self.starts if self.starts is not None and utc(at) < self.starts else None

    def next_end(self, at: datetime) -> datetime | None:
        """When it goes off, if that is still to come."""
        return self.ends if self.ends is not None and utc(at) < self.ends else None


def _rule_text(rule: object) -> str:
    return parse_rule(rule).text


def _first_text(first: datetime | date | str) -> str:
    """The one form of a first time: ISO 8601 without a zone. Stores keep no naive times, but any text."""
    wall: date | None = None
    if isinstance(first, date):
        wall = first
    elif isinstance(first, str):
        try:
            wall = datetime.fromisoformat(first)
        except ValueError:
            wall = None
    if isinstance(wall, date) and not isinstance(wall, datetime):
        wall = datetime(wall.year, wall.month, wall.day)  # noqa: DTZ001 -- a time on the wall
    if wall is None or wall.tzinfo is not None or wall.microsecond or not FIRST_YEAR <= wall.year <= LAST_YEAR:
        expected = f"a day, or a time on the wall without a zone and on a full second, in the years {FIRST_YEAR} to {LAST_YEAR}"
        raise InvalidValue(f"expected first to be {expected}, got {shown(first)}")
    return wall.replace(fold=0).isoformat()


def _days(days: Iterable[date]) -> tuple[date, ...]:
    given = tuple(days)
    anything: tuple[object, ...] = given
    wrong = [day for day in anything if not isinstance(day, date) or isinstance(day, datetime)]
    if wrong or len(given) > MOST_EXCEPTIONS:
        got = shown(wrong[0]) if wrong else f"{len(given)} days"
        raise InvalidValue(f"expected except_on to be at most {MOST_EXCEPTIONS} dates on the wall, got {got}")
    return tuple(sorted(set(given)))


@frozen
class Recurring:
    """On for `duration` from each occurrence of a rule on, by the clocks of a zone.

    `rule` is an RRULE of RFC 5545 as `periods.parse_rule` reads it; `first` is the time on the wall (or the day) that the rule counts from, and
    is kept as text. `duration` is measured on the wall: above zero, 366 days at most. `skipped` and `twice` say what a start is that
    clocks skip or show twice; `REFUSE` is no answer here, for a rule cannot be refused years later. Raises `InvalidValue` for anything else.
    """

    rule: str = field(converter=_rule_text)
    first: str = field(converter=_first_text, kw_only=True)
    duration: timedelta = field(validator=of(timedelta), kw_only=True)
    zone: str = field(validator=of(str), kw_only=True)
    skipped: Skipped = field(default=Skipped.FORWARD, validator=of(Skipped), kw_only=True)
    twice: Twice = field(default=Twice.FIRST, validator=of(Twice), kw_only=True)
    except_on: tuple[date, ...] = field(default=(), converter=_days, kw_only=True)

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        if not timedelta(0) < self.duration <= LONGEST:
            raise InvalidValue(f"expected a recurring window to last more than nothing and {LONGEST.days} days at most, got {self.duration}")
        for name, given, allowed in (("skipped", self.skipped, _STARTS_SKIPPED), ("twice", self.twice, _STARTS_TWICE)):
            if given not in allowed:
                raise InvalidValue(f"expected {name} of a recurring window to be one of {', '.join(map(str, allowed))}, got {given}")

    def is_open(self, at: datetime) -> bool:
        """Whether an occurrence is on."""
        return self.opened_at(at) is not None

    def opened_at(self, at: datetime) -> datetime | None:
        """When the occurrence that is on started, in UTC, the last one of several; `None` when none is on. A key for once per occurrence."""
        return _Occurrences.of(self).opened_at(_within(at))

    def next_start(self, at: datetime) -> datetime | None:
        """When the next occurrence after `at` starts, in UTC, whether one is on or not; `None` when none is left."""
        at = _within(at)
        return next(_Occurrences.of(self).starts_after(at), None)

    def next_end(self, at: datetime) -> datetime | None:
        """When the window closes that is on, or the next one to come, in UTC: the first instant after `at` at which it goes off.

        `None` when there is none left, and when one occurrence runs into the next 400 times over.
        """
        occurrences = _Occurrences.of(self)
        at = _within(at)
        following = occurrences.starts_after(at)
        opened = occurrences.opened_at(at) or next(following, None)
        if opened is None:
            return None
        end = occurrences.end(opened)
        for _ in range(LONGEST_STRETCH):
            start = next(following, None)
            if start is None or end < start:
                return end
            end = max(end, occurrences.end(start))
        return None


def _within(at: datetime) -> datetime:
    """The instant in UTC, no farther from the years of rules than it takes to see that nothing is on."""
    return min(max(utc(at), _EARLIEST), _LATEST)


@frozen
class _Occurrences:
    """The occurrences of a recurring window as instants.

    Later times on the wall are later instants but for those that clocks skip, which move forward by what is skipped at most, and for those
    that come twice, which are as far apart as the clocks went back. So a look that far to either side sees every candidate.
    """

    recurrence: Recurrence
    duration: timedelta
    zone: tzinfo
    skipped: Skipped
    twice: Twice
    except_on: frozenset[date]
    until: datetime | None

    @classmethod
    def of(cls, window: Recurring) -> _Occurrences:
        rule = parse_rule(window.rule)
        return cls(
            recurrence=Recurrence(rule, datetime.fromisoformat(window.first)),
            duration=window.duration,
            zone=zone_of(window.zone),
            skipped=window.skipped,
            twice=window.twice,
            except_on=frozenset(window.except_on),
            until=rule.until_instant,
        )

    def opened_at(self, at: datetime) -> datetime | None:
        """The start of the last occurrence that is on."""
        start = self.last_start(at)
        return start if start is not None and at < self.end(start) else None

    def last_start(self, at: datetime) -> datetime | None:
        """The last start at or before an instant."""
        latest, enough = None, None
        looked_from = at if self.until is None else min(at, self.until)
        for wall in self.recurrence.before(wall_at(looked_from, self.zone) + self._change(looked_from)):
            if enough is not None and wall < enough:
                break
            start = self._start(wall)
            if start is None or at < start:
                continue
            if latest is None:
                enough = wall - self._change(start)
            latest = start if latest is None else max(latest, start)
        return latest

    def starts_after(self, at: datetime) -> Iterator[datetime]:
        """The starts after an instant, in order, each once."""
        told, moved = at, list[datetime]()
        for wall in self.recurrence.after(wall_at(at, self.zone) - self._change(at)):
            start = self._start(wall)
            if start is None:
                # No clock is two days ahead, so what follows is past the end too.
                if self.until is not None and self.until + _NEAR < wall.replace(tzinfo=UTC):
                    break
                continue
            heappush(moved, start)
            if wall_at(start, self.zone) != wall:
                continue
            # Nothing that follows starts before one whose time was not skipped.
            while moved and moved[0] <= start:
                found = heappop(moved)
                if told < found:
                    told = found
                    yield found
        for found in sorted(set(moved)):
            if told < found:
                yield found

    def end(self, start: datetime) -> datetime:
        """The end of the occurrence with this start."""
        return instant(wall_at(start, self.zone) + self.duration, self.zone, twice=self.twice, skipped=Skipped.FIRST_AFTER)

    def _change(self, at: datetime) -> timedelta:
        """By how much clocks change near this instant. There is one change at most: no zone ever had two of them in less than six days."""
        after, before = ((at + side).astimezone(self.zone).utcoffset() or timedelta(0) for side in (_NEAR, -_NEAR))
        return abs(after - before)

    def _start(self, wall: datetime) -> datetime | None:
        """When an occurrence starts; `None` when it is left out."""
        if wall.date() in self.except_on:
            return None
        start = wall.replace(tzinfo=self.zone, fold=self.twice is Twice.SECOND).astimezone(UTC)
        if wall_at(start, self.zone) != wall:
            if self.skipped is Skipped.LEAVE_OUT:
                return None
            start = instant(wall, self.zone, skipped=self.skipped)
        return None if self.until is not None and self.until < start else start
