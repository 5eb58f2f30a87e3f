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

from collections.abc import Sequence
from datetime import datetime

from shopwright.promotions.linting.alone import never, unbounded
from shopwright.promotions.linting.findings import Code, Finding, Good, Live, Severity
from shopwright.promotions.linting.pairs import overlapping, shadowed, ties
from shopwright.promotions.linting.prices import below_cost, free
from shopwright.promotions.promotion import PromotionState, in_order
from shopwright.promotions.promotion_set import PromotionSet

__all__ = ["Code", "Finding", "Good", "Severity", "lint"]


def lint(
    given: PromotionSet, *, at: datetime | None = None, goods: Sequence[Good] = (), limited: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """All that is found, in the order of the promotions and then of the codes.

    `goods` are looked at for prices below cost, and `limited` are the ids of promotions whose uses or budget a quota bounds.
    """
    found: list[Finding] = []
    good = []
    for promotion in in_order(given.promotions, given.stacking):
        if promotion.state is PromotionState.ARCHIVED:
            continue
        problem = never(promotion, at)
        if problem is None:
            good.append(promotion)
        else:
            found.append(problem)
    live = Live(tuple(good), given.stacking, at)
    found += shadowed(live, given.how.strategy)
    found += overlapping(live)
    found += ties(live)
    found += free(live)
    found += below_cost(live, goods)
    for promotion in good:
        found += unbounded(promotion, limited=limited)
    places = {promotion.id: place for place, promotion in enumerate(given.promotions)}
    codes = list(Code)
    return tuple(sorted(found, key=lambda it: (places[it.promotions[0]], codes.index(it.code), it.promotions)))
