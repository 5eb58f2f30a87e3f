"""The kinds of lines that predicates can tell apart, and whether lines exist that amount to what is asked of them.

Rules
- two lines are of one kind when every predicate that is asked about says the same of both; a kind has a range of prices and a least quantity;
- a basket is so many units and so much money of each kind, which makes every bound on totals and quantities a linear one;
- a predicate of a plug-in may mean any line or none;
- more than 2,000 kinds are not looked at, and `None` is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, product
from typing import Any

from attrs import frozen

from shopwright.edges import MOST
from shopwright.promotions.amounts import amount_for
from shopwright.promotions.basket import MAX_LINES, MAX_QUANTITY
from shopwright.promotions.linting.linear import Row, has_solution
from shopwright.promotions.matching import ANYTHING, Anything, Either, Every, Except, LineMatch, Named, NotReduced, Priced, Quantity

MOST_KINDS = 2_000
_SMALL = 10**15
"""Amounts up to here fit together into any basket."""
_SETS = frozenset({"category", "tag"})
"""Attributes of which a line has any number of values."""


@frozen
class Market:
    """A currency and a channel, in which amounts are read."""

    currency: str
    channel: str

    def amount(self, given: Any) -> int | None:
        """The amount that counts here."""
        return amount_for(given, currency=self.currency, channel=self.channel)


@frozen
class Ask:
    """The lines that are meant have so many units, or amount to so much: both ends in it, `high` open where it is `None`."""

    lines: LineMatch
    of_money: bool
    low: int = 0
    high: int | None = None


@frozen
class _Kind:
    """Which of the predicates mean these lines, what a unit costs, and the least quantity of a line."""

    meant: tuple[bool, ...]
    cheapest: int
    dearest: int
    units: int


@frozen
class _Way:
    """What a dimension may be: which leaves hold there, and the range that makes them hold."""

    holds: tuple[tuple[Any, bool], ...]
    low: int = 0
    high: int = 0


def can_be(asks: Sequence[Ask], market: Market) -> bool | None:
    """Whether there is a basket of which all this is so; `None` for too many kinds of lines."""
    matches = list(dict.fromkeys((ANYTHING, *[ask.lines for ask in asks])))
    kinds = _kinds(matches, market)
    if kinds is None:
        return None
    all_asks = (*asks, Ask(ANYTHING, False, 1, MAX_LINES * MAX_QUANTITY), Ask(ANYTHING, True, 0, MOST))
    place = {match: number for number, match in enumerate(matches)}
    fitting = _merged([kind for kind in kinds if all(_fits(kind, ask, place[ask.lines]) for ask in all_asks)])
    found = _at_a_glance(asks, fitting, place)
    return found if found is not None else has_solution([_row(ask, place[ask.lines], fitting) for ask in all_asks])


def _merged(kinds: list[_Kind]) -> list[_Kind]:
    """Kinds that the same predicates mean as one: what units of them cost is a mix of the cheapest and the dearest of all."""
    found: dict[tuple[bool, ...], _Kind] = {}
    for kind in kinds:
        known = found.get(kind.meant, kind)
        found[kind.meant] = _Kind(kind.meant, min(known.cheapest, kind.cheapest), max(known.dearest, kind.dearest), min(known.units, kind.units))
    return list(found.values())


def _at_a_glance(asks: Sequence[Ask], kinds: list[_Kind], place: dict[LineMatch, int]) -> bool | None:
    """No, where something is asked for that no kind can be; yes, where only lower bounds are, and small ones; `None` where it must be reckoned."""
    units = 0
    for ask in asks:
        dearest = max((kind.dearest for kind in kinds if kind.meant[place[ask.lines]]), default=None)
        each = dearest if ask.of_money else dearest if dearest is None else 1
        if ask.low > 0 and not each:
            return False
        units += -(-ask.low // each) if each else 0
    if not kinds:
        return False
    return True if units < MAX_QUANTITY and all(ask.high is None and ask.low <= _SMALL for ask in asks) else None


def _fits(kind: _Kind, ask: Ask, place: int) -> bool:
    """Whether one line of this kind is not too much already."""
    least = kind.units * (kind.cheapest if ask.of_money else 1)
    return not kind.meant[place] or ask.high is None or least <= ask.high


def _row(ask: Ask, place: int, kinds: list[_Kind]) -> Row:
    """Units of each kind are a mix of its cheapest and its dearest: two unknowns for each kind."""
    parts = chain.from_iterable(((kind.cheapest, kind.dearest) if ask.of_money else (1, 1)) if kind.meant[place] else (0, 0) for kind in kinds)
    return Row(tuple(parts), ask.low, ask.high)


def _kinds(matches: list[LineMatch], market: Market) -> list[_Kind] | None:
    leaves = list(dict.fromkeys(chain.from_iterable(map(_leaves, matches))))
    prices = _ranges([it for it in leaves if isinstance(it, Priced)], lambda it: _price_range(it, market), 0, MOST)
    quantities = _ranges([it for it in leaves if isinstance(it, Quantity)], lambda it: (it.least, it.most), 1, MAX_QUANTITY)
    named: dict[str, list[Named]] = {}
    for leaf in leaves:
        if isinstance(leaf, Named):
            named.setdefault(leaf.attribute, []).append(leaf)
    free = [leaf for leaf in leaves if not isinstance(leaf, Named | Priced | Quantity | Anything)]
    dimensions = [prices, quantities, *[_named(attribute, some) for attribute, some in named.items()], *[_either_way(leaf) for leaf in free]]
    count = 1
    for dimension in dimensions:
        count *= len(dimension)
    if count > MOST_KINDS:
        return None
    found: dict[_Kind, None] = {}
    for ways in product(*dimensions):
        holds = dict(chain.from_iterable(way.holds for way in ways))
        price, quantity = ways[0], ways[1]
        found[_Kind(tuple([_holds(match, holds) for match in matches]), price.low, price.high, quantity.low)] = None
    return list(found)


def _leaves(match: Any) -> Iterable[Any]:
    if isinstance(match, Every | Either):
        return chain.from_iterable(map(_leaves, match.of))
    return _leaves(match.of) if isinstance(match, Except) else (match,)


def _holds(match: Any, leaves: dict[Any, bool]) -> bool:
    if isinstance(match, Every):
        return all(_holds(part, leaves) for part in match.of)
    if isinstance(match, Either):
        return any(_holds(part, leaves) for part in match.of)
    if isinstance(match, Except):
        return not _holds(match.of, leaves)
    return isinstance(match, Anything) or leaves[match]


def _price_range(leaf: Priced, market: Market) -> tuple[int | None, int | None] | None:
    low, high = market.amount(leaf.least), market.amount(leaf.most)
    return None if low is None and high is None else (low, high)


def _ranges(leaves: list[Any], range_of: Any, least: int, most: int) -> list[_Way]:
    """The ranges between the ends that leaves name."""
    ranges = {leaf: range_of(leaf) for leaf in leaves}
    cuts = {least}
    for found in ranges.values():
        if found is not None:
            cuts |= {found[0] or least} | ({found[1] + 1} if found[1] is not None else set())
    starts = sorted(cut for cut in cuts if least <= cut <= most)
    ways = []
    for low, following in zip(starts, [*starts[1:], most + 1], strict=True):
        holds = [(leaf, found is not None and (found[0] or 0) <= low and (found[1] is None or low <= found[1])) for leaf, found in ranges.items()]
        ways.append(_Way(tuple(holds), low, following - 1))
    return ways


def _named(attribute: str, leaves: list[Named]) -> list[_Way]:
    """What of an attribute's values a line can have: one at most, or any number of them."""
    if attribute not in _SETS:
        values = sorted(frozenset().union(*[leaf.values for leaf in leaves]))
        found = [tuple((leaf, value in leaf.values) for leaf in leaves) for value in values]
        return [_Way(holds) for holds in dict.fromkeys([*found, tuple((leaf, False) for leaf in leaves)])]
    if len(leaves) > 10:
        return [_Way(())] * (MOST_KINDS + 1)
    ways = []
    for truths in product((False, True), repeat=len(leaves)):
        gone = frozenset[str]().union(*[leaf.values for leaf, holds in zip(leaves, truths, strict=True) if not holds])
        if all(leaf.values - gone for leaf, holds in zip(leaves, truths, strict=True) if holds):
            ways.append(_Way(tuple(zip(leaves, truths, strict=True))))
    return ways


def _either_way(leaf: NotReduced | Any) -> list[_Way]:
    return [_Way(((leaf, False),)), _Way(((leaf, True),))]
