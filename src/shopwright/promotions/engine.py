"""The engine: a set of promotions, compiled once, says of any basket what is taken off, by which promotions, and why not by the others.

    engine = Engine((Promotion(id="ten", effects=(Percent(1_000),)),))
    outcome = engine.evaluate(basket)
    outcome.discount, outcome.parts, engine.why_not(basket)

Rules
- promotions are looked up by what they can touch, so a basket pays for those that could apply and not for those that exist;
- the order of the lines, the codes and the promotions changes nothing: the engine has orders of its own;
- the engine never fails on a basket: what cannot be told skips the promotion and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from operator import add, itemgetter

from attrs import evolve, frozen

from shopwright.promotions.basket import Basket, arranged, canonical
from shopwright.promotions.compiled import Compiler
from shopwright.promotions.conditions import Unmet
from shopwright.promotions.index import Index
from shopwright.promotions.promotion import Promotion, PromotionState, Stacking, in_order, is_legal
from shopwright.promotions.search import Found, Options, Search, search
from shopwright.promotions.sets import Applied, gives_nothing, uses_code
from shopwright.promotions.standing import Standing
from shopwright.promotions.taking import Gift, Taken


class Skip(StrEnum):
    """Why a promotion was not taken, in the order in which it is looked at."""

    ARCHIVED = "archived"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    EXHAUSTED = "exhausted"
    """Its uses or its budget are used up, as the caller says."""
    GIFT_GONE = "gift_gone"
    """A gift of it cannot be given; `unmet` tells which and why. Where the promotion gives something else too, the gift alone is missing."""
    CONDITION = "condition"
    """A condition is not met; `unmet` tells which and how far."""
    UNKNOWN = "unknown"
    """Something that a condition needs is not known."""
    NO_EFFECT = "no_effect"
    """It applies and would take nothing, even alone."""
    EXCLUDED = "excluded"
    """It may not stand beside those that were taken; `beside` tells which of them are in its way."""
    NOT_BETTER = "not_better"
    """It could have been added and the outcome would not have been better."""


@frozen(slots=False)
class Skipped:
    """A promotion that was not taken."""

    promotion: Promotion
    reason: Skip
    unmet: Unmet | None = None
    beside: tuple[str, ...] = ()


@frozen(slots=False)
class Outcome:
    """What promotions do to a basket; amounts are minor units, and parts are per line in the order of the basket as it was given.

    `skipped` tells of the promotions that could have touched the basket; `Engine.why_not` tells of all.
    """

    applied: tuple[Applied, ...]
    skipped: tuple[Skipped, ...]
    parts: tuple[int, ...]
    shipping: int
    worth: int
    proved: bool
    nodes: int
    bound: int

    @property
    def discount(self) -> int:
        """All that is taken off the lines."""
        return sum(self.parts)

    @property
    def gifts(self) -> tuple[Gift, ...]:
        """What is given away."""
        return tuple([gift for applied in self.applied for taken in applied.taken for gift in taken.gifts])


class Engine:
    """Promotions, ready to be asked about baskets. Safe to share between threads: it is never changed after it was made.

    Raises `InvalidValue` for ids that come twice and lanes that the stacking rules do not name.
    """

    def __init__(self, promotions: Iterable[Promotion], *, stacking: Stacking | None = None, how: Search | None = None) -> None:
        self.stacking = stacking or Stacking()
        self.how = how or Search()
        self.promotions = in_order(promotions, self.stacking)
        self.by_id = {it.id: it for it in self.promotions}
        """The promotions by their ids."""
        self._index = Index(self.promotions)
        compiler = Compiler()
        self._checks = [compiler.holds(it.when) for it in self.promotions]
        self._always = [_is_always_in_force(it) for it in self.promotions]

    def evaluate(self, basket: Basket, *, exhausted: frozenset[str] = frozenset(), reasons: bool = True) -> Outcome:
        """What the promotions do to this basket; `exhausted` are the ids of those whose limits leave no use.

        Without `reasons` nothing is told of those that were not taken, which saves the time to find out why.
        """
        order = canonical(basket.lines)
        own = arranged(basket, order)
        good, skipped = self._sorted_out(own, exhausted, reasons=reasons)
        given = Options(own, tuple(good), self.stacking, frozenset(it.id for it in good if uses_code(it, own)) if own.codes else frozenset())
        found = search(given, self.how)
        if reasons:
            skipped += _left_out(given, found)
        return _outcome(found, skipped, order)

    def why_not(self, basket: Basket, *, exhausted: frozenset[str] = frozenset(), outcome: Outcome | None = None) -> tuple[Skipped, ...]:
        """Every promotion that is not taken, also those that this basket does not touch at all, each with its reason.

        `outcome` is what `evaluate` said of this basket and of what is `exhausted`, with its reasons: who has it saves a second search.
        """
        outcome = outcome or self.evaluate(basket, exhausted=exhausted)
        told = {it.promotion.id: it for it in outcome.skipped}
        taken = {it.promotion.id for it in outcome.applied}
        rest = [it for it in self.promotions if it.id not in told and it.id not in taken]
        untouched = [_not_in_force(it, basket, exhausted) or _not_met(it, basket) or Skipped(it, Skip.NO_EFFECT) for it in rest]
        every = {**told, **{it.promotion.id: it for it in untouched}}
        return tuple([every[it.id] for it in self.promotions if it.id in every])

    def _sorted_out(self, basket: Basket, exhausted: frozenset[str], *, reasons: bool) -> tuple[list[Promotion], list[Skipped]]:
        """Those that apply, and why the others that could touch the basket do not."""
        good, skipped = [], []
        for place in self._index.touched(basket):
            promotion = self.promotions[place]
            no = None if self._always[place] and promotion.id not in exhausted else _not_in_force(promotion, basket, exhausted)
            if no is None and self._checks[place](basket):
                good.append(promotion)
            elif reasons:
                no = no or _not_met(promotion, basket)
                skipped += [no] if no else []
        return good, skipped


def _is_always_in_force(promotion: Promotion) -> bool:
    """Whether nothing but its limits could end it for a basket."""
    anytime = promotion.starts is None and promotion.ends is None
    return anytime and promotion.state is PromotionState.ENABLED and not promotion.limits.need_a_member


def _not_in_force(promotion: Promotion, basket: Basket, exhausted: frozenset[str]) -> Skipped | None:
    """Why a promotion is nothing for now, whatever its condition says."""
    if promotion.state is PromotionState.ARCHIVED:
        return Skipped(promotion, Skip.ARCHIVED)
    if promotion.starts is not None and basket.at < promotion.starts:
        return Skipped(promotion, Skip.NOT_STARTED)
    if promotion.ends is not None and basket.at >= promotion.ends:
        return Skipped(promotion, Skip.ENDED)
    if promotion.id in exhausted:
        return Skipped(promotion, Skip.EXHAUSTED)
    if promotion.limits.need_a_member and not basket.buyer.id:
        return Skipped(promotion, Skip.UNKNOWN, Unmet("member", "a member", None))
    return None


def _not_met(promotion: Promotion, basket: Basket) -> Skipped | None:
    """Why its condition is not met."""
    unmet = promotion.when.unmet(basket)
    if unmet is None:
        return None
    return Skipped(promotion, Skip.UNKNOWN if unmet.is_unknown else Skip.CONDITION, unmet)


def _left_out(given: Options, found: Found) -> list[Skipped]:
    """Why those that apply were not taken."""
    taken = [it.promotion for it in found.applied]
    ids = {it.id for it in taken}
    standing = Standing(given.promotions, given.stacking)
    chosen, counts = 0, standing.none
    for place, promotion in enumerate(given.promotions):
        if promotion.id in ids:
            chosen, counts = chosen | 1 << place, standing.with_one_more(counts, place)
    left: list[Skipped] = []
    for place, promotion in enumerate(given.promotions):
        if promotion.id in ids:
            continue
        (alone,) = given.tried((promotion,))[1]
        if gives_nothing(alone):
            left.append(Skipped(promotion, Skip.NO_EFFECT))
        elif standing.allows(chosen, counts, place):
            left.append(Skipped(promotion, Skip.NOT_BETTER))
        else:
            left.append(Skipped(promotion, Skip.EXCLUDED, beside=_in_the_way(promotion, taken, given.stacking)))
    return left


def _in_the_way(promotion: Promotion, taken: list[Promotion], stacking: Stacking) -> tuple[str, ...]:
    """Those that were taken and may not stand beside it, or any one of which would have to go where only their number is in the way."""
    alone = [it.id for it in taken if not is_legal((it, promotion), stacking)]
    counted = [it.id for it in taken if is_legal([promotion, *(other for other in taken if other is not it)], stacking)]
    return tuple(alone or counted or [it.id for it in taken])


def _outcome(found: Found, skipped: list[Skipped], order: tuple[int, ...]) -> Outcome:
    """The outcome with its parts in the order of the basket that was given."""
    parts = [0] * len(order)
    for each in found.applied:
        for taken in each.taken:
            if taken.parts:
                parts = list(map(add, parts, taken.parts))
    shipping = sum(taken.shipping for each in found.applied for taken in each.taken)
    applied, told = found.applied, tuple(parts)
    if order != tuple(range(len(order))):
        back = itemgetter(*sorted(range(len(order)), key=order.__getitem__))
        applied, told = tuple([Applied(it.promotion, tuple([_placed(taken, back) for taken in it.taken])) for it in applied]), back(told)
    return Outcome(applied, tuple(skipped), told, shipping, found.worth, found.proved, found.nodes, found.bound)


def _placed(taken: Taken, back: Callable[[tuple[int, ...]], tuple[int, ...]]) -> Taken:
    """What stands in the engine's order, in the order of the basket."""
    return evolve(taken, parts=back(taken.parts) if taken.parts else (), used=back(taken.used) if taken.used else ())
