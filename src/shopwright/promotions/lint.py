"""The linter: what a promotion set would do that nobody wants, found before a customer does.

    for finding in lint(promotion_set, at=now):
        print(finding)

Rules
- a finding has a stable code; `docs/reference/lint.md` tells of each the exact condition and the remedy;
- that something can never be is only said where it is proved: of every basket, whatever is in it and whenever it is;
- for the conditions and predicates of Shopwright that is exact; a plug-in's condition may always hold and may always fail, unless it declares
  `may_hold`: a condition of Shopwright that holds whenever it does;
- archived promotions, and those that can never apply, are not held against others.

Nothing here reads a clock: `at` says from when on the set is meant to be good; without it no promotion has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.promotions.linting.alone import never, unbounded
from shopwright.promotions.linting.findings import Code, Finding, Good, Live, Severity
from shopwright.promotions.linting.pairs import overlapping, ties
from shopwright.promotions.linting.prices import below_cost, free
from shopwright.promotions.linting.shadows import shadowed
from shopwright.promotions.promotion import PromotionState, in_order
from shopwright.promotions.promotion_set import PromotionSet
from shopwright.promotions.search import Strategy

__all__ = ["Code", "Finding", "Good", "Progress", "Severity", "findings_of", "lint"]

Progress = Callable[[int, int], None]
"""Told how many steps are done, and of how many."""

_PASSES = 5
"""How often each promotion that is in force is looked at."""


def lint(
    given: PromotionSet,
    *,
    at: datetime | None = None,
    goods: Sequence[Good] = (),
    limited: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> tuple[Finding, ...]:
    """All that is found, in the order of the promotions and then of the codes.

    `goods` are looked at for prices below cost, and `limited` are the ids of promotions whose uses or budget a quota bounds. `progress` is told
    how far it is, for sets that take seconds. Raises `InvalidValue` for a progress that cannot be called.
    """
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    steps = _Steps(progress, (1 + _PASSES) * len(given.promotions) + len(goods))
    found: list[Finding] = []
    good = []
    for promotion in in_order(given.promotions, given.stacking):
        steps.tick()
        problem = None if promotion.state is PromotionState.ARCHIVED else never(promotion, at)
        if problem is not None:
            found.append(problem)
        if problem is not None or promotion.state is PromotionState.ARCHIVED:
            steps.total -= _PASSES
        else:
            good.append(promotion)
    found += findings_of(Live(tuple(good), given.stacking, at, steps.tick), given.how.strategy, goods=goods, limited=limited)
    places = {promotion.id: place for place, promotion in enumerate(given.promotions)}
    codes = list(Code)
    return tuple(sorted(found, key=lambda it: (places[it.promotions[0]], codes.index(it.code), it.promotions)))


def findings_of(live: Live, strategy: Strategy, *, goods: Sequence[Good] = (), limited: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """What is wrong with promotions that can apply, each and together, in no order."""
    yield from shadowed(live, strategy)
    yield from overlapping(live)
    yield from ties(live)
    yield from free(live)
    yield from below_cost(live, goods)
    for promotion in live.promotions:
        live.tick()
        yield from unbounded(promotion, limited=limited)


class _Steps:
    """How far it is."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def tick(self) -> None:
        """One step more is done."""
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)
