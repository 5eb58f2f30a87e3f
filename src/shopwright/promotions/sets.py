"""What a set of promotions gives together, and which of two sets is better.

Rules
- promotions are taken in one order (lane, aim, priority, id), each from what those before it have left;
- the better set is worth more; of two that are worth alike the one that gives more extras (gifts, points, coupons), then the one with fewer
  codes, then with fewer promotions, then the one that uses up what ends sooner, then the one with the first ids: so there is always exactly one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from shopwright.promotions.amounts import amount_for
from shopwright.promotions.basket import Basket, Buyer
from shopwright.promotions.conditions import Birthday, Code, Issued, asked
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Tab, Taken

_NEVER = datetime.max.replace(tzinfo=UTC)


@frozen(slots=False)
class Applied:
    """A promotion that was taken, with what each of its effects gave, per line in the order of the basket."""

    promotion: Promotion
    taken: tuple[Taken, ...]

    @property
    def amount(self) -> int:
        """All the money it took off, in minor units."""
        return sum(each.amount for each in self.taken)


def take(promotion: Promotion, tab: Tab) -> Applied:
    """Take a promotion: the tab has less left afterwards."""
    taken = []
    for effect in promotion.effects:
        given = effect.take(tab)
        tab.take(given)
        taken.append(given)
    return Applied(promotion, tuple(taken))


def worth(applied: Applied, basket: Basket) -> int:
    """What a promotion that was taken is worth: its money, and what the shop reckons its extras at."""
    extra = 0
    for effect in applied.promotion.effects if applied.promotion.extras else ():
        if isinstance(effect, Extra):
            extra += amount_for(effect.worth, currency=basket.currency, channel=basket.channel) or 0
    return applied.amount + extra


def gives_nothing(applied: Applied) -> bool:
    """Whether a promotion that was taken gave nothing at all, so that no use of it should be wasted."""
    return all(each.is_nothing for each in applied.taken)


def uses_code(promotion: Promotion, basket: Basket) -> bool:
    """Whether one of the codes that were typed is among what the promotion asks for."""
    return bool(codes_used(promotion, basket.codes))


def codes_used(promotion: Promotion, typed: Collection[str]) -> frozenset[str]:
    """The codes that were typed and that the promotion asks for."""
    words = [*(it.codes for it in asked(promotion.when, Code)), *(it.codes for it in asked(promotion.when, Issued))]
    return frozenset([code for codes in words for code in codes if code in typed])


def birthday_year(condition: Any, buyer: Buyer, at: datetime) -> int | None:
    """The year of the birthday whose window in this condition is on for a buyer; `None` where none is, or nobody knows."""
    years = (it.window.opened(buyer.born, zone=buyer.zone, at=at) for it in asked(condition, Birthday) if buyer.born is not None)
    return next((year for year in years if year is not None), None)


def rank(worth: int, promotions: Sequence[Promotion], coded: frozenset[str]) -> tuple[Any, ...]:
    """How good a set is, as a key: the least is the best."""
    ends = sorted(it.ends or _NEVER for it in promotions)
    extras = sum([it.extras for it in promotions])
    return -worth, -extras, sum([it.id in coded for it in promotions]), len(promotions), ends, sorted([it.id for it in promotions])
