"""Sums over time in bounded memory: the longer the time, the coarser the steps.

Rules
- there are never more than 400 steps: when more would be needed, steps become longer (an hour, six, a day, then twice as long each time) and what
  was summed is put together; no amount is lost by that;
- steps begin at whole multiples of their length since 1970 in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

Course = tuple[tuple[datetime, int], ...]
"""The beginning of each step in which there was something, and its sum."""

MOST_STEPS = 400
"""The most steps."""

_START = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


class Courses:
    """What came at which time, for several names; times must not go backward."""

    def __init__(self) -> None:
        self._hours = 1
        self._first: datetime | None = None
        self._sums: dict[str, dict[int, int]] = {}

    def add(self, name: str, amount: int, *, at: datetime) -> None:
        """So much more at this time."""
        self._first = self._first or at
        while self._number(at) - self._number(self._first) >= MOST_STEPS:
            self._widen()
        sums = self._sums.setdefault(name, {})
        number = self._number(at)
        sums[number] = sums.get(number, 0) + amount

    @property
    def step(self) -> timedelta:
        """How long a step is."""
        return self._hours * _HOUR

    def of(self, name: str) -> Course:
        """The sums of a name, in the order of time."""
        return tuple([(_START + number * self.step, amount) for number, amount in sorted(self._sums.get(name, {}).items())])

    def _number(self, at: datetime) -> int:
        return (at - _START) // self.step

    def _widen(self) -> None:
        before = self._hours
        self._hours = {1: 6, 6: 24}.get(before, before * 2)
        for name, sums in self._sums.items():
            wider: dict[int, int] = {}
            for number, amount in sums.items():
                place = number * before // self._hours
                wider[place] = wider.get(place, 0) + amount
            self._sums[name] = wider
