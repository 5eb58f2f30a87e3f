"""Promotions that another makes pointless: it applies whenever they do, in their place, and gives at least as much.

Rules
- only two that may not stand together shadow each other, and only where the effects are alike but for how much they give;
- the other must be able to take the place of the one in every set, so that nothing else takes less for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, fields

from shopwright.promotions.amounts import Amounts
from shopwright.promotions.effects import AcrossOff, EachOff, FixedPrice, OnceOff, Percent
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.linting.clauses import Truth
from shopwright.promotions.linting.findings import Code, Finding, Live, Severity
from shopwright.promotions.linting.meeting import alike
from shopwright.promotions.linting.reach import Question, may_be
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.search import Strategy

_RATED = {Percent: "percent", EachOff: "amounts", AcrossOff: "amounts", OnceOff: "amounts", FixedPrice: "prices"}
"""The effects of which one can give more than another, and the field that says how much."""


def shadowed(live: Live, strategy: Strategy) -> Iterator[Finding]:
    """Each promotion that is made pointless, with the first that makes it so."""
    like = alike(live.promotions, lambda it: (it.lane, it.aim, tuple(map(_shape, it.effects))))
    for one in live.promotions:
        other = next((it for it in live.in_place_of(one, like) if _shadows(it, one, live, strategy)), None)
        if other is not None:
            message = f"whenever it applies, {other.id} applies too, may not stand beside it, and gives at least as much"
            remedy = "archive one of them, or give it a condition of its own"
            yield Finding(Code.SHADOWED, Severity.WARNING, (one.id, other.id), f"{message}; {remedy}")


def _shape(effect: Any) -> Any:
    """What effects that give as much or less have in common."""
    rated = _RATED.get(type(effect))
    if rated is not None:
        return type(effect), tuple([getattr(effect, it.name) for it in fields(type(effect)) if it.name != rated])
    try:
        hash(effect)
    except TypeError:  # a plug-in's, that is only to be compared
        return type(effect)
    return effect


def _shadows(other: Promotion, one: Promotion, live: Live, strategy: Strategy) -> bool:
    earlier = live.places[other.id] < live.places[one.id]
    if strategy is Strategy.PRIORITY and not earlier:
        return False
    if not _gives_as_much(other, one) or not _stands_wherever(other, one, live) or not _applies_whenever(other, one):
        return False
    # Of two that shadow each other the one that is taken later is told.
    return earlier or not (_gives_as_much(one, other) and _applies_whenever(one, other))


def _applies_whenever(other: Promotion, one: Promotion) -> bool:
    """Whether the other applies to every basket to which this one does."""
    if other.starts is not None and (one.starts is None or one.starts < other.starts):
        return False
    if other.ends is not None and (one.ends is None or one.ends > other.ends):
        return False
    if other.when == one.when:
        return True
    return not may_be(Question(((one.when, Truth.TRUE), (other.when, Truth.NOT_TRUE)), one.starts, one.ends))


def _stands_wherever(other: Promotion, one: Promotion, live: Live) -> bool:
    """Whether the other can take the place of this one in every set, without that anything else takes less."""
    if other.group != one.group and live.stacking.limit_of(other.group) is not None:
        return False
    places = live.places[one.id], live.places[other.id]
    companions = live.everyone & ~live.apart[places[0]] & ~(1 << places[0] | 1 << places[1])
    if companions & live.apart[places[1]]:
        return False
    if not any(isinstance(it, ShippingOff) for it in one.effects):
        companions &= live.of_goods
    return not companions >> min(places) + 1


def _gives_as_much(other: Promotion, one: Promotion) -> bool:
    """Whether the effects are alike but for how much they give, of which the other gives at least as much."""
    if len(other.effects) != len(one.effects):
        return False
    return all(_at_least(mine, theirs) for mine, theirs in zip(one.effects, other.effects, strict=True))


def _at_least(mine: Any, theirs: Any) -> bool:
    if mine == theirs:
        return True
    if getattr(mine, "lines", None) != getattr(theirs, "lines", None):
        return False
    name = _RATED.get(type(mine))
    if name is None or type(theirs) is not type(mine) or evolve(mine, **{name: getattr(theirs, name)}) != theirs:
        return False
    less, more = getattr(mine, name), getattr(theirs, name)
    if name == "percent":
        return bool(less <= more)
    return _cover(less, more, cheaper=name == "prices")


def _cover(less: Amounts, more: Amounts, *, cheaper: bool) -> bool:
    """Whether the amounts are of the same currencies and channels, and in each at least as good."""
    mine, theirs = ({(it.money.currency, it.channel): it.money.minor for it in some} for some in (less, more))
    if mine.keys() != theirs.keys():
        return False
    return all(theirs[place] <= amount if cheaper else theirs[place] >= amount for place, amount in mine.items())
