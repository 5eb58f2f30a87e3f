"""Which promotions could meet in one basket, found without looking at every two of them.

Rules
- a set of promotions is one integer with a bit for each, by their places, so that a thousand of them are put aside in one step;
- two are put aside where it is plain that they never meet: they ask for different names of one thing, or are good at different times;
- those that are left may meet or not: that is for whoever asks to find out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from shopwright.promotions.linting.asking import MANY, Asked, Looks
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.standing import Standing, bits

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_CHECKPOINTS = 512
"""How many moments are kept at most at which it is known who has begun: between two of them everyone counts as begun."""


class Meeting:
    """Promotions by what they ask for, told by their places."""

    def __init__(self, given: Sequence[Asked]) -> None:
        self._given = given
        self.everyone = (1 << len(given)) - 1
        self._named: dict[str, dict[str, int]] = {}
        self._asking: dict[str, int] = {}
        for place, it in enumerate(given):
            for thing, names in it.names.items():
                self._asking[thing] = self._asking.get(thing, 0) | 1 << place
                by_name = self._named.setdefault(thing, {})
                for name in names:
                    by_name[name] = by_name.get(name, 0) | 1 << place
        self._begun = _Moments([it.starts or _FIRST for it in given])
        self._over = _Moments([it.ends or _LAST for it in given])

    def with_(self, place: int) -> int:
        """Those that could meet this one."""
        given = self._given[place]
        found = self._at_the_time_of(given)
        for thing, names in given.names.items():
            if thing not in MANY:
                found &= self._asking_one_of(thing, names)
        return found & ~(1 << place)

    def wherever(self, place: int, looks: Looks) -> int:
        """Those that could apply to every basket to which this one does, whose condition looks at no more than is told.

        Whoever asks for something else, or for something that this one does not look at, fails on a basket to which this one applies.
        """
        given = self._given[place]
        found = self._at_the_time_of(given)
        for thing in self._asking:
            seen = looks.of(thing) if thing in MANY else given.names.get(thing) or looks.of(thing, in_full=False)
            if seen is not None:
                found &= self._asking_one_of(thing, seen)
        return found & ~(1 << place)

    def _asking_one_of(self, thing: str, names: frozenset[str]) -> int:
        """Those that ask for one of these, or for none in particular."""
        found = self.everyone & ~self._asking[thing]
        by_name = self._named[thing]
        for name in names:
            found |= by_name.get(name, 0)
        return found

    def _at_the_time_of(self, given: Asked) -> int:
        return self.everyone & self._begun.before(given.ends or _LAST) & ~self._over.surely_until(given.starts or _FIRST)


class _Moments:
    """Who has a moment before another, as sets that are kept for some of the moments only."""

    def __init__(self, moments: Sequence[datetime]) -> None:
        in_order = sorted(range(len(moments)), key=moments.__getitem__)
        each = max(1, -(-len(moments) // _CHECKPOINTS))
        self._kept: list[int] = [0]
        self._last: list[datetime] = []
        found = 0
        for number, place in enumerate(in_order, 1):
            found |= 1 << place
            if number % each == 0 or number == len(moments):
                self._kept.append(found)
                self._last.append(moments[place])

    def before(self, moment: datetime) -> int:
        """All whose moment is before this one, and some that are not."""
        return self._kept[min(bisect_left(self._last, moment) + 1, len(self._last))]

    def surely_until(self, moment: datetime) -> int:
        """Some of those whose moment is this one or before it, and no other."""
        return self._kept[bisect_right(self._last, moment)]


def apart(promotions: Sequence[Promotion], stacking: Stacking) -> list[int]:
    """For each promotion those that may not stand beside it when the two are alone."""
    standing = Standing(promotions, stacking)
    alone = [place for place, most in enumerate(standing.limits) if most == 1]
    counted: dict[int, int] = dict.fromkeys(alone, 0)
    for place, limits in enumerate(standing.counted):
        for which in limits:
            if which in counted:
                counted[which] |= 1 << place
    found = []
    for place, limits in enumerate(standing.counted):
        others = standing.against[place]
        for which in limits:
            others |= counted.get(which, 0)
        found.append(others & ~(1 << place))
    return found


def alike(promotions: Sequence[Promotion], by: Callable[[Promotion], Any]) -> list[int]:
    """For each promotion all that are the same in this."""
    found: dict[Any, int] = {}
    kinds = [by(it) for it in promotions]
    for place, kind in enumerate(kinds):
        found[kind] = found.get(kind, 0) | 1 << place
    return [found[kind] for kind in kinds]


def earlier(chosen: int, place: int) -> Iterator[int]:
    """The places of a set before this one, in ascending order."""
    return bits(chosen & ((1 << place) - 1))
