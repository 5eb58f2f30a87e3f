"""What promotions could give at most: by it a search tells where it need not look.

Rules
- a bound is never below what any legal set gives: each promotion by the `most` of its effects, no more of a group or in all than the stacking
  rules allow, and all together no more than there is left;
- of sets that could only be worth as much as the best so far, those are left out that would still rank behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import Any

from shopwright.promotions.amounts import amount_for
from shopwright.promotions.basket import Basket
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.sets import rank
from shopwright.promotions.standing import Counts, Standing, touched
from shopwright.promotions.taking import SHIPPING, Tab


class Bounds:
    """What each of the promotions that apply could give at most: `money`, what its extras are worth, both together, and how many extras it has;
    `coded` are the ids of those that use a code, and `tab` is the basket before any promotion: to be copied.
    """

    def __init__(self, promotions: Sequence[Promotion], basket: Basket, stacking: Stacking, coded: frozenset[str]) -> None:
        self.promotions, self.basket, self.coded = promotions, basket, coded
        self.standing = Standing(promotions, stacking)
        self.tab = Tab(basket)
        self.groups, self.in_all = len(stacking.groups), stacking.most
        self.money = [it.effects[0].most(basket) if len(it.effects) == 1 else sum([each.most(basket) for each in it.effects]) for it in promotions]
        self.extras = [it.extras for it in promotions]
        self.extra = [_worth_of_extras(it, basket) if it.extras else 0 for it in promotions]

        self.most = list(map(add, self.money, self.extra))

    def rank(self, worth: int, places: Sequence[int]) -> tuple[Any, ...]:
        """How good the set of these promotions is if it is worth so much."""
        return rank(worth, [self.promotions[place] for place in places], self.coded)

    def of_all(self) -> int:
        """What no legal set can exceed."""
        places, none = range(len(self.promotions)), self.standing.none
        room = sum(map(self.tab.room, range(len(self.basket.lines)))) + self.basket.shipping
        return min(self.together(self.money, places, none), room) + self.together(self.extra, places, none)

    def together(self, values: Sequence[int], places: Sequence[int], counts: Counts) -> int:
        """The most that so many of these promotions as the rules allow can give."""
        if not self.standing.limits:
            return sum([values[place] for place in places])
        grouped: dict[int, list[int]] = {}
        kept: list[int] = []
        for place in places:
            group = next((which for which in self.standing.counted[place] if which < self.groups), None)
            (kept if group is None else grouped.setdefault(group, [])).append(values[place])
        for group, some in grouped.items():
            kept += sorted(some, reverse=True)[: max(0, self.standing.limits[group] - counts[group])]
        if self.in_all is not None:
            kept = sorted(kept, reverse=True)[: max(0, self.in_all - counts[-1])]
        return sum(kept)


class Part:
    """Some of the promotions, with what those from each place on could give at most."""

    def __init__(self, bounds: Bounds, places: Sequence[int]) -> None:
        self.bounds, self.places = bounds, places
        self.is_free = not bounds.standing.limits and not any(bounds.standing.against[place] for place in places)
        all_touched = set[int]().union(*{touched(effect, bounds.basket) for place in places for effect in bounds.promotions[place].effects})
        self.ships = SHIPPING in all_touched
        self.lines = sorted(all_touched - {SHIPPING})
        self._money, self._extra, self._extras = (_from_here([of[place] for place in places]) for of in (bounds.money, bounds.extra, bounds.extras))

    def at_most(self, index: int, chosen: int, counts: Counts, tab: Tab) -> int:
        """What those from this index on could give at most beside those that were chosen."""
        left, floors = tab.left, self.bounds.basket.floors
        room = sum([max(0, left[line] - floors[line]) for line in self.lines]) + (tab.shipping if self.ships else 0)
        if self.is_free:
            return min(self._money[index], room) + self._extra[index]
        bounds, against = self.bounds, self.bounds.standing.against
        allowed = [place for place in self.places[index:] if not against[place] & chosen]
        money = min(bounds.together(bounds.money, allowed, counts), room)
        return money + (bounds.together(bounds.extra, allowed, counts) if self._extra[index] else 0)

    def ranks_behind(self, index: int, extras: int, coded: int, size: int, best: tuple[Any, ...]) -> bool:
        """Whether a set that was begun with so many extras, codes and promotions ranks behind this one, if it grows and is worth no more."""
        return (-(extras + self._extras[index]), coded, size + 1) > best[1:4]


def _from_here(values: Sequence[int]) -> list[int]:
    """The sums of the values from each index on."""
    return [*accumulate(reversed(values), initial=0)][::-1]


def _worth_of_extras(promotion: Promotion, basket: Basket) -> int:
    effects = [effect for effect in promotion.effects if isinstance(effect, Extra)]
    return sum(amount_for(effect.worth, currency=basket.currency, channel=basket.channel) or 0 for effect in effects)
