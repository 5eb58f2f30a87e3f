"""Which of the promotions that apply may stand together, worked out once for a basket, so that a search asks in the time of a few numbers.

Rules
- the answers are those of `promotion.is_legal`, for promotions that are added one at a time;
- a set of promotions is one integer with a bit for each, by their places;
- promotions that touch no line in common, may stand together and count towards no limit in common are searched apart (`apart`): what one of them
  does never changes what the other gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from shopwright.promotions.basket import Basket
from shopwright.promotions.effects import Aim
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.taking import SHIPPING

EVERY_AIM = frozenset(Aim)

Counts = tuple[int, ...]
"""How much of each limit a set uses up."""


class Standing:
    """The promotions that apply, by their places in the order they are taken: what stands against what, and what is counted.

    `limits` are the numbers of promotions that may stand together in a group, with an aim, and in all; `counted` are the places of those limits
    that each promotion counts towards. Where all may stand together, it `is_free`.
    """

    def __init__(self, promotions: Sequence[Promotion], stacking: Stacking) -> None:
        self.promotions = promotions
        self.against = _against(promotions)
        self.limits = [*[it.most for it in stacking.groups], *[it.most for it in stacking.aims], *([] if stacking.most is None else [stacking.most])]
        groups = {it.name: place for place, it in enumerate(stacking.groups)}
        aims = {it.aim: place for place, it in enumerate(stacking.aims, len(groups))}
        all_of_them = () if stacking.most is None else (len(self.limits) - 1,)
        self.counted = [
            (*[found for found in (groups.get(it.group), aims.get(it.aim)) if found is not None], *all_of_them) if self.limits else ()
            for it in promotions
        ]
        self.is_free = not self.limits and not any(self.against)
        self.none: Counts = (0,) * len(self.limits)

    def allows(self, chosen: int, counts: Counts, place: int) -> bool:
        """Whether this promotion may stand beside those that were chosen."""
        if self.against[place] & chosen:
            return False
        limits = self.limits
        return not limits or all(counts[which] < limits[which] for which in self.counted[place])

    def with_one_more(self, counts: Counts, place: int) -> Counts:
        """The counts when this promotion is chosen too."""
        counted = self.counted[place]
        return tuple([count + (which in counted) for which, count in enumerate(counts)]) if counted else counts

    def apart(self, basket: Basket) -> list[list[int]]:
        """The promotions in parts that have nothing to do with each other, each in the order they are taken."""
        if len(self.promotions) < 2 or any(it.exclusive for it in self.promotions):
            return [list(range(len(self.promotions)))]
        parts = _Parts(len(self.promotions))
        of_limit: dict[int, int] = {}
        of_lines: dict[tuple[int, ...], int] = {}
        of_line: dict[int, int] = {}
        for place, promotion in enumerate(self.promotions):
            for which in self.counted[place]:
                parts.join(place, of_limit.setdefault(which, place))
            for effect in promotion.effects:
                parts.join(place, of_lines.setdefault(touched(effect, basket), place))
            for other in bits(self.against[place]):
                parts.join(place, other)
        for lines, place in of_lines.items():
            for line in lines:
                parts.join(place, of_line.setdefault(line, place))
        return parts.told()


def touched(effect: object, basket: Basket) -> tuple[int, ...]:
    """The places of the lines that an effect touches, and of shipping; all of them where it does not tell."""
    touches = getattr(effect, "touches", None)
    found: tuple[int, ...] = tuple(range(SHIPPING, len(basket.lines))) if touches is None else touches(basket)
    return found


def bits(chosen: int) -> Iterator[int]:
    """The places of a set, in ascending order."""
    while chosen:
        lowest = chosen & -chosen
        yield lowest.bit_length() - 1
        chosen ^= lowest


def _against(promotions: Sequence[Promotion]) -> list[int]:
    """For each promotion the set of those it may not stand beside."""
    if not any(it.exclusive or it.excludes or it.beside != EVERY_AIM for it in promotions):
        return [0] * len(promotions)
    everyone = (1 << len(promotions)) - 1
    named, aimed = _by_name(promotions, lambda it: {it.id, *it.tags}), _by_name(promotions, lambda it: (it.aim,))
    excluding, shutting_out = _by_name(promotions, lambda it: it.excludes), _by_name(promotions, lambda it: EVERY_AIM - it.beside)
    alone = sum(1 << place for place, it in enumerate(promotions) if it.exclusive)
    against = []
    for place, it in enumerate(promotions):
        others = everyone if it.exclusive else alone
        for names, by_name in ((it.excludes, named), ({it.id, *it.tags}, excluding), (EVERY_AIM - it.beside, aimed), ({it.aim}, shutting_out)):
            for name in names if by_name else ():
                others |= by_name.get(name, 0)
        against.append(others & ~(1 << place))
    return against


def _by_name(promotions: Sequence[Promotion], names_of: Callable[[Promotion], Iterable[Any]]) -> dict[Any, int]:
    """The promotions that have each of these names, as sets."""
    found: dict[Any, int] = {}
    for place, it in enumerate(promotions):
        for name in names_of(it):
            found[name] = found.get(name, 0) | 1 << place
    return found


class _Parts:
    """Places that are joined step by step."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def join(self, one: int, other: int) -> None:
        """Put the parts of these two together."""
        self._above[self._top(one)] = self._top(other)

    def told(self) -> list[list[int]]:
        """The parts, by their first places."""
        parts: dict[int, list[int]] = {}
        for place in range(len(self._above)):
            parts.setdefault(self._top(place), []).append(place)
        return list(parts.values())

    def _top(self, place: int) -> int:
        above = self._above
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place
