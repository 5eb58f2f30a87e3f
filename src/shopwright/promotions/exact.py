"""The best set of a part of the promotions: grown one by one as far as that makes it better, then by branch and bound, with a proof.

Rules
- the sets are grown in the order the promotions are taken, so what a set gives never changes when it grows;
- a set that could not become better than the best so far is not grown (`shopwright.promotions.bounds`);
- a set in which a promotion gives nothing is not looked at: the same set without it is the better one;
- each set that is tried in the branch and bound counts as a node; what is left to look at when they run out says how far from the best one may be;
- growing ends after 20,000 promotions were taken, or as many as there may be nodes: each of hundreds that all add up is not tried in each set that
  it could make. Then the set that takes each in its order is tried too, and goes on where it is better.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import Any

from attrs import frozen

from shopwright.promotions.bounds import Bounds, Part
from shopwright.promotions.sets import Applied, gives_nothing, rank, take, worth
from shopwright.promotions.standing import Counts
from shopwright.promotions.taking import Tab


@frozen(slots=False)
class Best:
    """A set with what each of its promotions gives; `places` are in the order they are taken."""

    worth: int
    places: tuple[int, ...]
    applied: tuple[Applied, ...]
    rank: tuple[Any, ...]


NO_SET = Best(0, (), (), rank(0, (), frozenset()))
"""No promotion at all."""


@frozen
class Proof:
    """The best set that was found, after so many sets; `proved` when no other can be better, and none is worth more than `bound`."""

    best: Best
    nodes: int
    proved: bool
    bound: int


@frozen(slots=False)
class _Node:
    """A set that was begun: the promotions of the part before `index` are decided."""

    index: int
    tab: Tab
    worth: int
    chosen: int
    counts: Counts
    places: tuple[int, ...]
    applied: tuple[Applied, ...]
    extras: int
    coded: int
    bound: int


GROWTH = 20_000
"""How many promotions may at least be taken while a set is grown."""


def one_more(bounds: Bounds, places: Sequence[int], before: Best, steps: int = GROWTH) -> tuple[Best, int, int]:
    """The best set with one promotion more, or the same when none makes it better, how many were tried, and how many of the steps are left.

    Those that could give most are tried first, so that few of many are. Without steps left no more are tried.
    """
    tabs, worths = _steps(bounds, before)
    best, tried = before, 0
    for less, place, at in _candidates(bounds, places, before, worths):
        if -less < best.worth:
            break
        grown_places = (*before.places[:at], place, *before.places[at:])
        if -less == best.worth and bounds.rank(-less, grown_places) >= best.rank:
            continue
        if steps <= 0:
            break
        steps -= len(grown_places) - at
        tried += 1
        grown = _continued(bounds, grown_places, before.applied[:at], tabs[at], worths[at])
        if grown is not None and grown.rank < best.rank:
            best = grown
    return best, tried, steps


def _candidates(bounds: Bounds, places: Sequence[int], before: Best, worths: Sequence[int]) -> list[tuple[int, int, int]]:
    """Those that may be added to a set, as what it could be worth then (negative, so that the best come first), the place, and where in the set."""
    standing, most = bounds.standing, bounds.most
    chosen, counts = 0, standing.none
    for place in before.places:
        chosen, counts = chosen | 1 << place, standing.with_one_more(counts, place)
    later = [*accumulate([most[place] for place in reversed(before.places)], initial=0)][::-1]
    others = list(map(add, worths, later))
    may = [place for place in places if not chosen >> place & 1 and (standing.is_free or standing.allows(chosen, counts, place))]
    return sorted([(-others[at := bisect(before.places, place)] - most[place], place, at) for place in may])


def _steps(bounds: Bounds, best: Best) -> tuple[list[Tab], list[int]]:
    """What is left, and what was given, before each promotion of a set and after the last."""
    tabs, worths = [bounds.tab], [0]
    for applied in best.applied:
        tab = tabs[-1].copy()
        for taken in applied.taken:
            tab.take(taken)
        tabs.append(tab)
        worths.append(worths[-1] + worth(applied, bounds.basket))
    return tabs, worths


def _continued(bounds: Bounds, places: tuple[int, ...], before: tuple[Applied, ...], tab: Tab, total: int) -> Best | None:
    """The set of these places, of which the first gave what is told; `None` when one of the others gives nothing."""
    tab, applied = tab.copy(), list(before)
    for place in places[len(before) :]:
        given = take(bounds.promotions[place], tab)
        if gives_nothing(given):
            return None
        applied.append(given)
        total += worth(given, bounds.basket)
    return Best(total, places, tuple(applied), bounds.rank(total, places))


def grown_best(bounds: Bounds, places: Sequence[int], steps: int = GROWTH) -> tuple[Best, int]:
    """The set that is grown again and again by the promotion that makes it best, and how many were tried."""
    best, nodes = NO_SET, 0
    while steps > 0:
        better, tried, steps = one_more(bounds, places, best, steps)
        nodes += tried
        if better is best and steps > 0:
            return best, nodes
        best = better
    return min(best, in_their_order(bounds, places), key=lambda it: it.rank), nodes + 1


def in_their_order(bounds: Bounds, places: Sequence[int]) -> Best:
    """The set that takes each that may stand beside those before it and gives something."""
    standing = bounds.standing
    tab, chosen, counts, total = bounds.tab.copy(), 0, standing.none, 0
    kept: list[int] = []
    applied: list[Applied] = []
    for place in places:
        if not standing.allows(chosen, counts, place):
            continue
        ahead = tab.copy()
        given = take(bounds.promotions[place], ahead)
        if not gives_nothing(given):
            tab, chosen, counts = ahead, chosen | 1 << place, standing.with_one_more(counts, place)
            total += worth(given, bounds.basket)
            kept.append(place)
            applied.append(given)
    return Best(total, tuple(kept), tuple(applied), bounds.rank(total, kept))


def best_of(bounds: Bounds, places: Sequence[int], most: int) -> Proof:
    """Branch and bound over a part, beginning with the set that is grown, looking at no more than so many sets."""
    if len(places) == 1 and most:
        only = _continued(bounds, tuple(places), (), bounds.tab, 0)
        best = only if only is not None and only.rank < NO_SET.rank else NO_SET
        return Proof(best, 1, True, best.worth)
    best, _ = grown_best(bounds, places, max(GROWTH, most))
    part = Part(bounds, places)
    tab, none = bounds.tab, bounds.standing.none
    stack = [_Node(0, tab, 0, 0, none, (), (), 0, 0, part.at_most(0, 0, none, tab))]
    nodes = 0
    while stack and nodes < most:
        node = stack.pop()
        if _is_behind(part, node, best):
            continue
        grown: list[_Node] = []
        for index in range(node.index, len(part.places)):
            if nodes == most:
                stack.append(node)
                break
            child = _grown(part, node, index)
            if child is None:
                continue
            nodes += 1
            if child.worth >= best.worth:
                best = min(best, _ended(bounds, child), key=lambda it: it.rank)
            if not _is_behind(part, child, best):
                grown.append(child)
        stack += sorted(grown, key=lambda child: child.bound)
    open_bounds = [node.bound for node in stack if not _is_behind(part, node, best)]
    return Proof(best, nodes, not open_bounds, max([best.worth, *open_bounds]))


def _is_behind(part: Part, node: _Node, best: Best) -> bool:
    """Whether no set that grows from this one is better than the best."""
    if node.bound != best.worth:
        return node.bound < best.worth
    return part.ranks_behind(node.index, node.extras, node.coded, len(node.places), best.rank)


def _grown(part: Part, node: _Node, index: int) -> _Node | None:
    """The set with one promotion more; `None` when that may not stand beside the others or gives nothing."""
    bounds, place = part.bounds, part.places[index]
    if not bounds.standing.allows(node.chosen, node.counts, place):
        return None
    tab = node.tab.copy()
    promotion = bounds.promotions[place]
    applied = take(promotion, tab)
    if gives_nothing(applied):
        return None
    chosen, counts = node.chosen | 1 << place, bounds.standing.with_one_more(node.counts, place)
    total = node.worth + worth(applied, bounds.basket)
    return _Node(
        index + 1,
        tab,
        total,
        chosen,
        counts,
        (*node.places, place),
        (*node.applied, applied),
        node.extras + bounds.extras[place],
        node.coded + (promotion.id in bounds.coded),
        total + part.at_most(index + 1, chosen, counts, tab),
    )


def _ended(bounds: Bounds, node: _Node) -> Best:
    return Best(node.worth, node.places, node.applied, bounds.rank(node.worth, node.places))
