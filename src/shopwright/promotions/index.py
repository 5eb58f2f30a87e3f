"""Which promotions a basket can touch: they are looked up by what must be in it, so that a basket does not pay for those that exist.

Rules
- of the ways in which a promotion could be looked up (each part of an `All`, what its effects mean), the one is taken that the fewest have in common:
  a code before a category, and a category before a sales channel of which there are two;
- a promotion that could touch anything is looked at for every basket.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from shopwright.promotions.basket import Basket, Key
from shopwright.promotions.conditions import All, CartQuantity, CartTotal
from shopwright.promotions.matching import Every, Keys
from shopwright.promotions.promotion import Promotion


class Index:
    """Promotions by what must be found in a basket, told by their places."""

    def __init__(self, promotions: Sequence[Promotion]) -> None:
        every = [_ways(promotion) for promotion in promotions]
        shared = Counter(key for ways in every for way in ways for key in way)
        self._anywhere: list[int] = []
        self._by_key: dict[Key, list[int]] = {}
        for place, ways in enumerate(every):
            if not ways:
                self._anywhere.append(place)
                continue
            for key in min(ways, key=lambda way: sum([shared[key] for key in way])):
                self._by_key.setdefault(key, []).append(place)

    def touched(self, basket: Basket) -> list[int]:
        """The places of the promotions that can touch this basket, in ascending order."""
        places = set(self._anywhere)
        by_key = self._by_key
        if by_key:
            for key in basket.keys:
                found = by_key.get(key)
                if found is not None:
                    places.update(found)
        return sorted(places)


def _ways(promotion: Promotion) -> list[frozenset[Key]]:
    """The sets of keys of each of which at least one must be in a basket."""
    ways = list(_ways_of(promotion.when))
    of_effects = [effect.keys for effect in promotion.effects]
    known = [keys for keys in of_effects if keys is not None]
    if len(known) == len(of_effects):
        ways.append(frozenset(chain.from_iterable(known)))
    return ways


def _ways_of(part: object) -> Iterator[frozenset[Key]]:
    if isinstance(part, All | Every):
        for each in part.of:
            yield from _ways_of(each)
        return
    keys: Keys = getattr(part, "keys", None)
    if keys is None:
        return
    if isinstance(part, CartTotal | CartQuantity):
        yield from _ways_of(part.lines)
    else:
        yield keys
