"""Which of the promotions that apply are taken: four strategies, of which one is proved to be the best.

Rules
- `PRIORITY` takes each that may stand beside those before it, in their order; `BEST_SINGLE` the one that gives most; `GREEDY` again and again the
  one that adds most; `EXACT` the best legal set there is;
- promotions that have nothing to do with each other are searched apart, for the best of all is the best of each part: the ways in which sets
  are compared all add up;
- exact (`shopwright.promotions.exact`) looks at no more than `nodes` sets; when they run out, the best so far is taken, `proved` is false, and
  `bound` is more than any set can give;
- growing one set from hundreds that all add up has an end too, for `GREEDY` and `EXACT`: it never gives less then than taking each in its order.

A promotion that would give nothing in its place is never taken: no use of it is wasted.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import of, whole
from shopwright.promotions.basket import Basket
from shopwright.promotions.bounds import Bounds
from shopwright.promotions.exact import NO_SET, Best, best_of, grown_best, in_their_order, one_more
from shopwright.promotions.promotion import Promotion, Stacking
from shopwright.promotions.sets import Applied, take, worth
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
    bounds = Bounds(given.promotions, given.basket, given.stacking, given.coded)
    every = range(len(given.promotions))
    match how.strategy:
        case Strategy.PRIORITY:
            return _found(bounds, [in_their_order(bounds, every)], len(every))
        case Strategy.BEST_SINGLE:
            best, nodes, _ = one_more(bounds, every, NO_SET, steps=len(every))
            return _found(bounds, [best], nodes)
        case Strategy.GREEDY:
            grown = [grown_best(bounds, places) for places in bounds.standing.apart(given.basket)]
            return _found(bounds, [best for best, _ in grown], sum([nodes for _, nodes in grown]))
        case Strategy.EXACT:
            return _exact(bounds, how.nodes)


def _exact(bounds: Bounds, most: int) -> Found:
    sets: list[Best] = []
    nodes, bound, proved = 0, 0, True
    for places in bounds.standing.apart(bounds.basket):
        found = best_of(bounds, places, most - nodes)
        sets.append(found.best)
        nodes += found.nodes
        bound += found.bound
        proved = proved and found.proved
    return Found(_applied(sets), sum([best.worth for best in sets]), proved, nodes, bound)


def _found(bounds: Bounds, sets: Sequence[Best], nodes: int) -> Found:
    """What was found without a proof."""
    return Found(_applied(sets), sum([best.worth for best in sets]), False, nodes, bounds.of_all())


def _applied(sets: Sequence[Best]) -> tuple[Applied, ...]:
    """What the sets of all parts give, in the order it is taken."""
    every = sorted([pair for best in sets for pair in zip(best.places, best.applied, strict=True)], key=lambda pair: pair[0])
    return tuple([applied for _, applied in every])
