"""Which of the promotions that apply are taken: four strategies, of which one is proved to be the best.

Rules
- `PRIORITY` takes each that may stand beside those before it, in their order; `BEST_SINGLE` the one that gives most; `GREEDY` again and again the
  one that adds most; `EXACT` the best legal set there is;
- exact is branch and bound over the promotions in the order they are taken: what a set gives so far never changes any more, and what the rest
  could give at most (each by its `most`, with the limits of groups and counts, and all together by what is left) tells where not to look;
- it looks at no more than `nodes` sets; when they run out, the best so far is taken, `proved` is false, and `bound` is more than any set can give.

A promotion that would give nothing in its place is never taken: no use of it is wasted.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from shopwright.edges import of, whole
from shopwright.promotions.amounts import amount_for
from shopwright.promotions.basket import Basket
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion, Stacking, is_legal, stand_together
from shopwright.promotions.sets import Applied, gives_nothing, rank, take, worth
from shopwright.promotions.taking import Tab


class Strategy(StrEnum):
    """How promotions are chosen."""

    PRIORITY = "priority"
    BEST_SINGLE = "best_single"
    GREEDY = "greedy"
    EXACT = "exact"


@frozen
class Search:
    """A strategy and, for `EXACT`, how many sets it may look at."""

    strategy: Strategy = field(default=Strategy.EXACT, validator=of(Strategy))
    nodes: int = field(default=20_000, validator=whole(least=1))


@frozen(slots=False)
class Found:
    """The set that was taken, what it is worth in minor units, and how surely: `bound` is what no legal set exceeds where `proved` says so."""

    applied: tuple[Applied, ...]
    worth: int
    proved: bool
    nodes: int
    bound: int


@frozen
class Options:
    """What is searched: the promotions that apply, in the order they are taken, on one basket; `coded` are the ids of those that use a code."""

    basket: Basket
    promotions: tuple[Promotion, ...]
    stacking: Stacking
    coded: frozenset[str] = frozenset()

    def tried(self, chosen: Sequence[Promotion]) -> tuple[int, tuple[Applied, ...]]:
        """What these promotions are worth together, and what each gives; they are in the order they are taken."""
        tab = Tab(self.basket)
        applied = tuple([take(promotion, tab) for promotion in chosen])
        return sum(worth(each, self.basket) for each in applied), applied


def search(given: Options, how: Search) -> Found:
    """The promotions that are taken."""
    match how.strategy:
        case Strategy.PRIORITY:
            return _by_priority(given)
        case Strategy.BEST_SINGLE:
            return _best_single(given)
        case Strategy.GREEDY:
            return _greedy(given)
        case Strategy.EXACT:
            return _exact(given, most=how.nodes)


def _by_priority(given: Options) -> Found:
    chosen: list[Promotion] = []
    tab = Tab(given.basket)
    applied: list[Applied] = []
    for promotion in given.promotions:
        if not is_legal((*chosen, promotion), given.stacking):
            continue
        ahead = tab.copy()
        taken = take(promotion, ahead)
        if not gives_nothing(taken):
            tab = ahead
            chosen.append(promotion)
            applied.append(taken)
    total = sum(worth(each, given.basket) for each in applied)
    return Found(tuple(applied), total, False, len(given.promotions), _rest(given))


def _best_single(given: Options) -> Found:
    best: tuple[Any, int, tuple[Applied, ...]] = (rank(0, (), given.coded), 0, ())
    for promotion in given.promotions:
        if is_legal((promotion,), given.stacking):
            best = min(best, _ranked(given, (promotion,)), key=lambda it: it[0])
    return Found(best[2], best[1], False, len(given.promotions), _rest(given))


def _greedy(given: Options) -> Found:
    best: tuple[Any, int, tuple[Applied, ...]] = (rank(0, (), given.coded), 0, ())
    chosen: tuple[int, ...] = ()
    nodes = 0
    while True:
        grown: list[tuple[tuple[Any, int, tuple[Applied, ...]], tuple[int, ...]]] = []
        for place in range(len(given.promotions)):
            if place in chosen:
                continue
            places = tuple(sorted((*chosen, place)))
            promotions = tuple([given.promotions[each] for each in places])
            if is_legal(promotions, given.stacking):
                nodes += 1
                grown.append((_ranked(given, promotions), places))
        better = min(grown, key=lambda pair: pair[0][0], default=None)
        if better is None or better[0][0] >= best[0]:
            return Found(best[2], best[1], False, nodes, _rest(given))
        best, chosen = better


def _ranked(given: Options, promotions: tuple[Promotion, ...]) -> tuple[Any, int, tuple[Applied, ...]]:
    total, applied = given.tried(promotions)
    return rank(total, promotions, given.coded), total, applied


@frozen
class _Node:
    """A set that was begun: the promotions before `place` are decided."""

    place: int
    tab: Tab
    worth: int
    chosen: tuple[int, ...]
    applied: tuple[Applied, ...]
    bound: int


def _exact(given: Options, *, most: int) -> Found:
    """Branch and bound, beginning with what greedy finds."""
    start = _greedy(given)
    best_rank = rank(start.worth, [it.promotion for it in start.applied], given.coded)
    best: tuple[int, tuple[Applied, ...]] = (start.worth, start.applied)
    limits = _Limits(given)
    stack = [_Node(0, Tab(given.basket), 0, (), (), limits.bound(0, (), 0, Tab(given.basket)))]
    nodes = 0
    while stack and nodes < most:
        node = stack.pop()
        if node.bound < best[0]:
            continue
        nodes += 1
        here = rank(node.worth, [it.promotion for it in node.applied], given.coded)
        if here < best_rank:
            best_rank, best = here, (node.worth, node.applied)
        stack += reversed(_children(given, limits, node, best[0]))
    open_bounds = [node.bound for node in stack if node.bound >= best[0]]
    return Found(best[1], best[0], not open_bounds, nodes, max(open_bounds, default=best[0]))


def _children(given: Options, limits: _Limits, node: _Node, best: int) -> list[_Node]:
    """The sets with one promotion more, each a later one than the last; those that look best first are looked at first."""
    grown = []
    for place in range(node.place, len(given.promotions)):
        if not limits.allows(node.chosen, place):
            continue
        tab = node.tab.copy()
        applied = take(given.promotions[place], tab)
        if gives_nothing(applied):
            continue
        chosen, total = (*node.chosen, place), node.worth + worth(applied, given.basket)
        bound = limits.bound(place + 1, chosen, total, tab)
        if bound >= best:
            grown.append(_Node(place + 1, tab, total, chosen, (*node.applied, applied), bound))
    return sorted(grown, key=lambda child: child.bound, reverse=True)


class _Limits:
    """What may still be added to a set, and what that could give at most."""

    def __init__(self, given: Options) -> None:
        self.given = given
        promotions = given.promotions
        self.money = [sum(effect.most(given.basket) for effect in it.effects) for it in promotions]
        self.extra = [_extra(it, given.basket) for it in promotions]
        self.beside = [{place for place, other in enumerate(promotions) if other is not it and stand_together(it, other)} for it in promotions]

    def allows(self, chosen: tuple[int, ...], place: int) -> bool:
        """Whether this promotion may stand beside those."""
        promotions = self.given.promotions
        return all(place in self.beside[each] for each in chosen) and is_legal([promotions[each] for each in (*chosen, place)], self.given.stacking)

    def bound(self, first: int, chosen: tuple[int, ...], total: int, tab: Tab) -> int:
        """What no set can exceed that goes on from here."""
        allowed = [place for place in range(first, len(self.money)) if all(place in self.beside[each] for each in chosen)]
        money = min(self._together(self.money, allowed, chosen), sum(map(tab.room, range(len(tab.left)))) + tab.shipping)
        return total + money + self._together(self.extra, allowed, chosen)

    def _together(self, values: list[int], allowed: list[int], chosen: tuple[int, ...]) -> int:
        """The most that so many of them as the rules allow can give."""
        stacking, promotions = self.given.stacking, self.given.promotions
        groups: dict[str, list[int]] = {}
        for place in allowed:
            groups.setdefault(promotions[place].group, []).append(values[place])
        kept: list[int] = []
        for group, some in groups.items():
            limit = stacking.limit_of(group) if group else None
            taken = sum(promotions[each].group == group for each in chosen)
            kept += some if limit is None else sorted(some, reverse=True)[: max(0, limit - taken)]
        if stacking.most is not None:
            kept = sorted(kept, reverse=True)[: max(0, stacking.most - len(chosen))]
        return sum(kept)


def _extra(promotion: Promotion, basket: Basket) -> int:
    effects = [effect for effect in promotion.effects if isinstance(effect, Extra)]
    return sum(amount_for(effect.worth, currency=basket.currency, channel=basket.channel) or 0 for effect in effects)


def _rest(given: Options) -> int:
    """What no legal set can exceed, before anything is chosen."""
    return _Limits(given).bound(0, (), 0, Tab(given.basket))
