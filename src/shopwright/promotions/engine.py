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

from collections.abc import Iterable
from enum import StrEnum

from attrs import evolve, frozen

from shopwright.promotions.basket import ATTRIBUTES, Basket, Key, canonical
from shopwright.promotions.conditions import AROUND, Unmet, around
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion, PromotionState, Stacking, in_order, is_legal
from shopwright.promotions.search import Found, Options, Search, search
from shopwright.promotions.sets import Applied, gives_nothing, uses_code
from shopwright.promotions.taking import Gift, Taken


class Skip(StrEnum):
    """Why a promotion was not taken, in the order in which it is looked at."""

    ARCHIVED = "archived"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    EXHAUSTED = "exhausted"
    """Its uses or its budget are used up, as the caller says."""
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


@frozen
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
        self.extras = tuple([it.id for it in self.promotions if any(isinstance(effect, Extra) for effect in it.effects)])
        """The ids of those that give what is no money: gifts, points, coupons."""
        self._anywhere: list[int] = []
        self._by_key: dict[Key, list[int]] = {}
        for place, promotion in enumerate(self.promotions):
            keys = promotion.keys
            if keys is None:
                self._anywhere.append(place)
            for key in keys or ():
                self._by_key.setdefault(key, []).append(place)

    def evaluate(self, basket: Basket, *, exhausted: frozenset[str] = frozenset()) -> Outcome:
        """What the promotions do to this basket; `exhausted` are the ids of those whose limits leave no use."""
        order = canonical(basket.lines)
        own = evolve(basket, lines=tuple([basket.lines[place] for place in order]))
        good, skipped = self._sorted_out(own, exhausted)
        given = Options(own, tuple(good), self.stacking, frozenset(it.id for it in good if uses_code(it, own)))
        found = search(given, self.how)
        skipped += _left_out(given, found)
        return _outcome(found, skipped, order)

    def why_not(self, basket: Basket, *, exhausted: frozenset[str] = frozenset()) -> tuple[Skipped, ...]:
        """Every promotion that is not taken, also those that this basket does not touch at all, each with its reason."""
        outcome = self.evaluate(basket, exhausted=exhausted)
        told = {it.promotion.id: it for it in outcome.skipped}
        taken = {it.promotion.id for it in outcome.applied}
        rest = [it for it in self.promotions if it.id not in told and it.id not in taken]
        untouched = [_not_now(it, basket, exhausted) or Skipped(it, Skip.NO_EFFECT) for it in rest]
        every = {**told, **{it.promotion.id: it for it in untouched}}
        return tuple([every[it.id] for it in self.promotions if it.id in every])

    def _sorted_out(self, basket: Basket, exhausted: frozenset[str]) -> tuple[list[Promotion], list[Skipped]]:
        good, skipped = [], []
        for place in self._touched(basket):
            promotion = self.promotions[place]
            no = _not_now(promotion, basket, exhausted)
            if no is None:
                good.append(promotion)
            else:
                skipped.append(no)
        return good, skipped

    def _touched(self, basket: Basket) -> list[int]:
        """The places of the promotions that can touch this basket."""
        places = set(self._anywhere)
        for key in _keys_of(basket):
            places.update(self._by_key.get(key, ()))
        return sorted(places)


def _keys_of(basket: Basket) -> set[Key]:
    keys: set[Key] = {("code", code) for code in basket.codes}
    for what in AROUND:
        keys.update((what, value) for value in around(basket, what) or ())
    for line in basket.lines:
        for attribute, name in ATTRIBUTES.items():
            value = getattr(line, name)
            keys.update((attribute, each) for each in (value if isinstance(value, frozenset) else (value,)))
    return keys


def _not_now(promotion: Promotion, basket: Basket, exhausted: frozenset[str]) -> Skipped | None:
    """Why a promotion does not apply to a basket, whatever else does."""
    if promotion.state is PromotionState.ARCHIVED:
        return Skipped(promotion, Skip.ARCHIVED)
    if promotion.starts is not None and basket.at < promotion.starts:
        return Skipped(promotion, Skip.NOT_STARTED)
    if promotion.ends is not None and basket.at >= promotion.ends:
        return Skipped(promotion, Skip.ENDED)
    if promotion.id in exhausted:
        return Skipped(promotion, Skip.EXHAUSTED)
    unmet = promotion.when.unmet(basket)
    if unmet is None:
        return None
    return Skipped(promotion, Skip.UNKNOWN if unmet.is_unknown else Skip.CONDITION, unmet)


def _left_out(given: Options, found: Found) -> list[Skipped]:
    """Why those that apply were not taken."""
    taken = [it.promotion for it in found.applied]
    ids = {it.id for it in taken}
    left: list[Skipped] = []
    for promotion in given.promotions:
        if promotion.id in ids:
            continue
        (alone,) = given.tried((promotion,))[1]
        if gives_nothing(alone):
            left.append(Skipped(promotion, Skip.NO_EFFECT))
        elif is_legal((*taken, promotion), given.stacking):
            left.append(Skipped(promotion, Skip.NOT_BETTER))
        else:
            left.append(Skipped(promotion, Skip.EXCLUDED, beside=_in_the_way(promotion, taken, given.stacking)))
    return left


def _in_the_way(promotion: Promotion, taken: list[Promotion], stacking: Stacking) -> tuple[str, ...]:
    """Those that were taken and may not stand beside it; all of them where only their number is in the way."""
    alone = tuple([it.id for it in taken if not is_legal((it, promotion), stacking)])
    return alone or tuple([it.id for it in taken])


def _outcome(found: Found, skipped: list[Skipped], order: tuple[int, ...]) -> Outcome:
    """The outcome with its parts in the order of the basket that was given."""
    applied = tuple([Applied(it.promotion, tuple([_placed(taken, order) for taken in it.taken])) for it in found.applied])
    parts = [0] * len(order)
    for each in applied:
        for taken in each.taken:
            for place, part in enumerate(taken.parts):
                parts[place] += part
    shipping = sum(taken.shipping for each in applied for taken in each.taken)
    return Outcome(applied, tuple(skipped), tuple(parts), shipping, found.worth, found.proved, found.nodes, found.bound)


def _placed(taken: Taken, order: tuple[int, ...]) -> Taken:
    return evolve(taken, parts=_moved(taken.parts, order), used=_moved(taken.used, order))


def _moved(own: tuple[int, ...], order: tuple[int, ...]) -> tuple[int, ...]:
    """What stands in the engine's order, in the order of the basket."""
    if not own:
        return own
    moved = [0] * len(own)
    for place, amount in zip(order, own, strict=True):
        moved[place] = amount
    return tuple(moved)
