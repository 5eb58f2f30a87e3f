"""A promotion: when it applies, what it gives, and what it may stand beside.

Rules
- a promotion is one condition tree and one or more effects, taken in their order; a change makes a new `version`;
- its time is half-open, and one that is archived keeps its place in past orders and applies to nothing;
- two promotions may stand together when neither is exclusive, neither excludes the other by id or tag, and each allows the aim of the other;
- what is legal stays legal when a promotion is taken away: groups and counts only ever say "at most".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.promotions.basket import Key, as_names, names
from shopwright.promotions.conditions import ALWAYS, Birthday, Condition, asked, is_condition
from shopwright.promotions.effects import Aim, Effect, is_effects
from shopwright.promotions.limits import NO_LIMITS, Limits
from shopwright.promotions.matching import Keys


class PromotionState(StrEnum):
    """Whether a promotion is in force; when, its times say."""

    ENABLED = "enabled"
    ARCHIVED = "archived"


def _as_aims(given: Any) -> frozenset[Aim]:
    try:
        return frozenset(given)
    except TypeError:
        raise InvalidValue(f"expected some of {', '.join(aim.name for aim in Aim)}, got {given!r}") from None


def _aims(instance: Any, attribute: Any, value: Any) -> None:
    members(Aim)(instance, attribute, tuple(value))


@frozen(kw_only=True, slots=False)
class Promotion:
    """One promotion. Within its `lane` promotions are taken by aim, then by `priority` (the lower the earlier), then by id.

    `group` counts towards a limit of its stacking rules; `excludes` are ids or tags of promotions it does not stand beside, and `beside` the
    aims that it does. Raises `InvalidValue` for wrong types, an end that is not after its start, and a limit per birthday without a `Birthday`.
    """

    id: str = field(validator=identifier(most=100))
    effects: tuple[Effect, ...] = field(validator=is_effects)
    when: Condition = field(default=ALWAYS, validator=is_condition)
    title: str = field(default="", validator=text())
    version: int = field(default=1, validator=whole(least=1))
    state: PromotionState = field(default=PromotionState.ENABLED, validator=of(PromotionState))
    starts: datetime | None = field(default=None, validator=maybe(aware))
    ends: datetime | None = field(default=None, validator=maybe(aware))
    limits: Limits = field(default=NO_LIMITS, validator=of(Limits))
    lane: str = field(default="cart", validator=identifier(most=100))
    priority: int = field(default=0, validator=whole())
    group: str = field(default="", validator=text())
    exclusive: bool = field(default=False, validator=of(bool))
    tags: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    excludes: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    beside: frozenset[Aim] = field(default=frozenset(Aim), converter=_as_aims, validator=_aims)

    def __attrs_post_init__(self) -> None:
        if "/" in self.id:
            raise InvalidValue(f"the id of a promotion is part of keys and must not hold '/', got {self.id!r}; use '-'")
        if self.starts is not None and self.ends is not None and self.ends <= self.starts:
            raise InvalidValue(f"promotion {self.id} must end after it starts, got {self.starts.isoformat()} to {self.ends.isoformat()}")
        if self.limits.per_birthday is not None and not asked(self.when, Birthday):
            raise InvalidValue(f"promotion {self.id} is limited per birthday and asks for none; give its `when` a Birthday, or limit it per_member")

    @cached_property
    def aim(self) -> Aim:
        """What it is about: the first aim among its effects."""
        return min(effect.aim for effect in self.effects)

    @cached_property
    def extras(self) -> int:
        """How many of its effects give what is no money."""
        return sum(effect.aim is Aim.EXTRA for effect in self.effects)

    @cached_property
    def keys(self) -> Keys:
        """What at least one of must be found in a basket for it to apply and to do anything; `None` for anything."""
        found: set[Key] = set()
        for effect in self.effects:
            if effect.keys is None:
                return self.when.keys
            found |= effect.keys
        of_effects = frozenset(found)
        return of_effects if self.when.keys is None or len(of_effects) < len(self.when.keys) else self.when.keys


@frozen
class Group:
    """At most so many promotions of a group stand together."""

    name: str = field(validator=identifier())
    most: int = field(default=1, validator=whole(least=1))


@frozen
class AimLimit:
    """At most so many promotions with this aim stand together."""

    aim: Aim = field(validator=of(Aim))
    most: int = field(default=1, validator=whole(least=1))


@frozen
class Stacking:
    """The rules for a set of promotions: the lanes in the order they are taken, and how many may stand together."""

    lanes: tuple[str, ...] = field(default=("catalog", "cart"), validator=members(str, least=1))
    groups: tuple[Group, ...] = field(default=(), validator=members(Group))
    aims: tuple[AimLimit, ...] = field(default=(), validator=members(AimLimit))
    most: int | None = field(default=None, validator=maybe(whole(least=1)))

    def __attrs_post_init__(self) -> None:
        for what, given in (("lane", self.lanes), ("group", [it.name for it in self.groups]), ("aim", [it.aim.name for it in self.aims])):
            twice = sorted(name for name, times in Counter(given).items() if times > 1)
            if twice:
                raise InvalidValue(f"stacking rules must name each {what} once, got {', '.join(twice)} more than once")

    def limit_of(self, group: str) -> int | None:
        """How many of a group may stand together; `None` for any number."""
        return next((it.most for it in self.groups if it.name == group), None)


def in_order(promotions: Iterable[Promotion], stacking: Stacking) -> tuple[Promotion, ...]:
    """The promotions in the order in which they are taken; raises `InvalidValue` for what is no promotion, an id that comes twice, and a
    lane that the rules do not name.
    """
    every = tuple(promotions)
    for given in every:
        if not isinstance(given, Promotion):
            raise InvalidValue(f"expected promotions, got {type(given).__name__}; make each with Promotion(id=..., effects=(...))")
    twice = sorted(id for id, times in Counter(it.id for it in every).items() if times > 1)
    if twice:
        raise InvalidValue(f"promotions must have ids of their own, got {', '.join(twice)} more than once")
    lanes = {lane: place for place, lane in enumerate(stacking.lanes)}
    for promotion in every:
        if promotion.lane not in lanes:
            raise InvalidValue(f"promotion {promotion.id} is in the lane {promotion.lane!r}; the stacking rules have {', '.join(stacking.lanes)}")
    return tuple(sorted(every, key=lambda it: (lanes[it.lane], it.aim, it.priority, it.id)))


def stand_together(one: Promotion, other: Promotion) -> bool:
    """Whether these two may stand together, whatever else does."""
    if one.exclusive or other.exclusive:
        return False
    if one.id in other.excludes or other.id in one.excludes or not one.tags.isdisjoint(other.excludes) or not other.tags.isdisjoint(one.excludes):
        return False
    return other.aim in one.beside and one.aim in other.beside


def is_legal(promotions: Sequence[Promotion], stacking: Stacking) -> bool:
    """Whether all of these may stand together."""
    if stacking.most is not None and len(promotions) > stacking.most:
        return False
    groups = Counter(it.group for it in promotions if it.group)
    if any(groups[limit.name] > limit.most for limit in stacking.groups):
        return False
    aims = Counter(it.aim for it in promotions)
    if any(aims[limit.aim] > limit.most for limit in stacking.aims):
        return False
    return all(stand_together(one, other) for place, one in enumerate(promotions) for other in promotions[:place])
