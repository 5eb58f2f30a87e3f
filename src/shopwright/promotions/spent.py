"""What earlier orders have used of the limits of promotions, counted in memory: for whoever walks through orders without a storage.

Rules
- an order is priced as a shop prices it: a promotion of which too little is left is not there, and the others are searched again without it;
- days only go forward, so of the limits per day the present one is kept;
- memory grows with the promotions and, where uses are limited per member, with the members that used one; never with the orders.
"""

from __future__ import annotations

from shopwright.promotions.basket import Basket
from shopwright.promotions.engine import Engine, Outcome
from shopwright.promotions.limits import Claim, Use, claims, promotion_of
from shopwright.promotions.sets import birthday_year, codes_used


class Spent:
    """How much of each limit is used up."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}
        self._days: dict[str, str] = {}

    def of(self, claim: Claim) -> int:
        """What is used of the limit that this claim is on."""
        return self._used.get(claim.key, 0)

    def suffices(self, claim: Claim) -> bool:
        """Whether enough is left for this claim."""
        return self.of(claim) + claim.quantity <= claim.limit

    def use(self, claim: Claim) -> None:
        """Count it."""
        promotion, what = promotion_of(claim.key), kind_of(claim)
        if what == "day" and self._days.get(promotion) != claim.key:
            self._used.pop(self._days.get(promotion, ""), None)
            self._days[promotion] = claim.key
        self._used[claim.key] = self.of(claim) + claim.quantity


def kind_of(claim: Claim) -> str:
    """Which limit a claim is on: `total`, `member`, `code`, `day`, `birthday`, `units`, `units-of` (a member) or `budget`."""
    return claim.key.split("/")[2]


def claims_on(outcome: Outcome, basket: Basket) -> tuple[Claim, ...]:
    """What an outcome needs of the limits of the promotions in it."""
    found: list[Claim] = []
    for applied in outcome.applied:
        promotion = applied.promotion
        if not promotion.limits.are_none:
            codes = codes_used(promotion, basket.codes)
            touched = {place for taken in applied.taken for place, part in enumerate(taken.parts) if part}
            units = sum(basket.lines[place].quantity for place in touched)
            year = birthday_year(promotion.when, basket.buyer, basket.at) if promotion.limits.per_birthday is not None else None
            use = Use(promotion.id, applied.amount, basket.currency, basket.channel, basket.buyer.id, codes, basket.at, units, year)
            found += claims(promotion.limits, use)
    return tuple(found)


def evaluated(engine: Engine, basket: Basket, spent: Spent) -> tuple[Outcome, tuple[Claim, ...], tuple[Claim, ...]]:
    """What the promotions do to a basket with what is left of their limits; what that needs of them; and the claims that fell short."""
    exhausted: frozenset[str] = frozenset()
    short: tuple[Claim, ...] = ()
    while True:
        outcome = engine.evaluate(basket, exhausted=exhausted, reasons=False)
        wanted = claims_on(outcome, basket)
        failed = tuple([claim for claim in wanted if not spent.suffices(claim)])
        if not failed:
            return outcome, wanted, short
        short += failed
        exhausted |= {promotion_of(claim.key) for claim in failed}
