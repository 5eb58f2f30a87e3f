"""Tiers as tables: what each asks for, over which span of time, and what it gives.

Rules
- TIERS-1: the tiers of a policy stand from the lowest to the highest; the lowest asks for nothing, so everybody has one;
- TIERS-2: a threshold is met by exactly its amount;
- spending is in minor units of the program's one currency; whole numbers throughout.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache

from attrs import field, frozen

from shopwright.edges import MOST, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty.expiry import EndOf, first_of, last_of
from shopwright.periods import Zone, add_months, day_of, zone_of
from shopwright.periods import start_of_day as _start_of_day


class Basis(StrEnum):
    """What is counted."""

    SPEND = "spend"
    ORDERS = "orders"
    POINTS = "points"
    """Points that qualify: those that were earned, whether they were spent or not."""


@frozen
class Lifetime:
    """Everything since a member joined."""


@frozen
class Calendar:
    """The week, month or longer that it is now."""

    unit: EndOf = field(default=EndOf.YEAR, validator=of(EndOf))


@frozen
class Rolling:
    """The last so many months and days, whole days on the calendar of the program."""

    months: int = field(default=0, validator=whole(least=0, most=1_200), kw_only=True)
    days: int = field(default=0, validator=whole(least=0, most=36_600), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.months and not self.days:
            raise InvalidValue("expected a rolling span of some months or days, got none")


@frozen
class MemberYear:
    """The year since the last anniversary of joining; who joined on 29 February has it on the 28th in other years."""


@frozen
class SinceTier:
    """The time since the member's tier began."""


Span = Lifetime | Calendar | Rolling | MemberYear | SinceTier
_SPANS = (Lifetime, Calendar, Rolling, MemberYear, SinceTier)


@frozen
class AtLeast:
    """So much of something over a span."""

    basis: Basis = field(validator=of(Basis))
    amount: int = field(validator=whole(least=1, most=MOST))
    over: Span = field(default=Lifetime(), validator=of(*_SPANS))


def _are_requirements(instance: object, attribute: object, value: object) -> None:
    members(AtLeast, AllOf, AnyOf, least=1)(instance, attribute, value)


@frozen
class AllOf:
    """All of these."""

    parts: tuple[Requirement, ...] = field(validator=_are_requirements)


@frozen
class AnyOf:
    """At least one of these."""

    parts: tuple[Requirement, ...] = field(validator=_are_requirements)


Requirement = AtLeast | AllOf | AnyOf


@frozen(kw_only=True)
class Benefits:
    """What a tier gives. Rates are basis points: a `points_rate` of 15,000 gives half as many points again.

    `free_shipping_from` is in minor units of the program's currency; `None` gives none. `price_list` names the member prices, `birthday_gift` and
    `coupons` what the host's promotions call by these names.
    """

    points_rate: int = field(default=10_000, validator=whole(least=0, most=1_000_000))
    free_shipping_from: int | None = field(default=None, validator=maybe(whole(least=0)))
    price_list: str = field(default="", validator=text())
    birthday_gift: str = field(default="", validator=text())
    coupons: tuple[str, ...] = field(default=(), validator=members(str))
    priority_support: bool = field(default=False, validator=of(bool))


@frozen(kw_only=True)
class Tier:
    """A tier: what it asks for (`None` for nothing) and what it gives, under a version that is told wherever it is used."""

    id: str = field(validator=identifier())
    title: str = field(default="", validator=text())
    version: int = field(default=1, validator=whole(least=1))
    requires: Requirement | None = field(default=None, validator=maybe(of(AtLeast, AllOf, AnyOf)))
    gives: Benefits = field(default=Benefits(), validator=of(Benefits))


class Upgrade(StrEnum):
    """When a tier that was reached begins."""

    AT_ONCE = "at_once"
    NEXT_PERIOD = "next_period"


class Keep(StrEnum):
    """How long a tier is kept after it was last deserved."""

    NOT = "not"
    PERIOD_END = "period_end"
    NEXT_PERIOD_END = "next_period_end"
    YEAR = "year"
    """Twelve months from the day it was last deserved."""


class Drop(StrEnum):
    """Where a tier that was not kept falls."""

    TO_DESERVED = "to_deserved"
    ONE_STEP = "one_step"


class Returns(StrEnum):
    """What it does to a tier that deeds are undone."""

    COUNT = "count"
    """They no longer count; the tier is kept as long as ever."""
    DROP_AT_ONCE = "drop_at_once"
    """Whoever would not be in the tier but for what was undone leaves it at once."""
    DROP_TO_BEFORE = "drop_to_before"
    """The same, but never below the tier from which they rose."""


@frozen(kw_only=True, slots=False)
class TierPolicy:
    """The tiers and how members move between them; `period` is the program's, on the calendar of its zone. A change takes a new `version`, and
    counts from then on: what was decided stays.

    Raises `InvalidValue` for no tiers, an id that stands twice, a lowest tier that asks for something or a higher one that asks for nothing, and for
    tiers that would end as they begin: not kept, and begun with the next period, or counting since they began.
    """

    tiers: tuple[Tier, ...] = field(validator=members(Tier, least=1))
    zone: Zone
    period: EndOf = field(default=EndOf.YEAR, validator=of(EndOf))
    upgrade: Upgrade = field(default=Upgrade.AT_ONCE, validator=of(Upgrade))
    keep: Keep = field(default=Keep.NEXT_PERIOD_END, validator=of(Keep))
    drop: Drop = field(default=Drop.TO_DESERVED, validator=of(Drop))
    returns: Returns = field(default=Returns.COUNT, validator=of(Returns))
    grace_days: int = field(default=0, validator=whole(least=0, most=3_660))
    version: int = field(default=1, validator=whole(least=1))

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        ids = [tier.id for tier in self.tiers]
        if len(set(ids)) < len(ids):
            raise InvalidValue(f"expected each tier once, got {', '.join(ids)}")
        if self.tiers[0].requires is not None or any(tier.requires is None for tier in self.tiers[1:]):
            raise InvalidValue(f"expected the lowest tier, {ids[0]}, to ask for nothing and every other to ask for something (TIERS-1)")
        if self.upgrade is Upgrade.NEXT_PERIOD and self.keep is Keep.NOT:
            raise InvalidValue("expected tiers that begin with the next period to be kept; give keep=Keep.PERIOD_END, or upgrade=Upgrade.AT_ONCE")
        if self.keep is Keep.NOT and any(isinstance(span, SinceTier) for tier in self.tiers for span in spans_of(tier.requires)):
            raise InvalidValue("expected tiers that count since the tier began to be kept, for they begin with nothing; give keep=Keep.PERIOD_END")

    @cached_property
    def spans(self) -> frozenset[Span]:
        """The spans over which its tiers count."""
        return frozenset([span for tier in self.tiers for span in spans_of(tier.requires)])

    @cached_property
    def units(self) -> frozenset[EndOf]:
        """The periods of the calendar that its tiers count over, and its own."""
        return frozenset([self.period, *[span.unit for span in self.spans if isinstance(span, Calendar)]])

    def place(self, tier: str) -> int:
        """Where a tier stands, the lowest at 0. Raises `InvalidValue` for one that is not there."""
        for place, known in enumerate(self.tiers):
            if known.id == tier:
                return place
        raise InvalidValue(f"there is no tier {tier}; allowed: {', '.join(known.id for known in self.tiers)}")

    def kept_until(self, at: datetime) -> datetime:
        """Until when a tier is kept that was last deserved at this moment."""
        if self.keep is Keep.NOT and not self.grace_days:
            return at
        return start_of_day(self._first_day_after(day_of(at, self.zone)) + timedelta(days=self.grace_days), self.zone)

    def _first_day_after(self, day: date) -> date:
        """The first day on which a tier that was last deserved on a day is kept no more, but for days of grace."""
        if self.keep is Keep.NOT:
            return day + timedelta(days=1)
        if self.keep is Keep.YEAR:
            return add_months(day, 12)
        after = last_of(day, self.period) + timedelta(days=1)
        return after if self.keep is Keep.PERIOD_END else last_of(after, self.period) + timedelta(days=1)

    def period_start(self, at: datetime) -> datetime:
        """When the period that it is now began."""
        return start_of_day(first_of(day_of(at, self.zone), self.period), self.zone)


def bases_of(policy: TierPolicy) -> frozenset[Basis]:
    """What the tiers of a policy count."""
    return frozenset([basis for tier in policy.tiers for basis in _bases(tier.requires)])


def _bases(requirement: Requirement | None) -> Iterator[Basis]:
    if isinstance(requirement, AtLeast):
        yield requirement.basis
    elif requirement is not None:
        for part in requirement.parts:
            yield from _bases(part)


def spans_of(requirement: Requirement | None) -> Iterator[Span]:
    """The spans over which a requirement counts."""
    if isinstance(requirement, AtLeast):
        yield requirement.over
    elif requirement is not None:
        for part in requirement.parts:
            yield from spans_of(part)


@lru_cache(maxsize=10_000)
def start_of_day(day: date, zone: Zone) -> datetime:
    """The first instant of the day in the zone: of a million members many ask for the same few days."""
    return _start_of_day(day, zone)


@lru_cache(maxsize=1_000)
def day_at(at: datetime, zone: Zone) -> date:
    """The day in the zone: a million members are looked at at one moment."""
    return day_of(at, zone)


def since(span: Span, *, at: datetime, zone: Zone, joined: datetime, tier_since: datetime) -> datetime:
    """From when on a span counts."""
    day = day_at(at, zone)
    match span:
        case Lifetime():
            return joined
        case Calendar(unit=unit):
            return start_of_day(first_of(day, unit), zone)
        case Rolling():
            return rolled(day, span, zone)
        case MemberYear():
            return start_of_day(_anniversary(day_of(joined, zone), day), zone)
        case SinceTier():
            return tier_since


@lru_cache(maxsize=10_000)
def rolled(day: date, span: Rolling, zone: Zone) -> datetime:
    """From when on a rolling span counts on a day."""
    return start_of_day(add_months(day, -span.months) - timedelta(days=span.days), zone)


@lru_cache(maxsize=10_000)
def _anniversary(joined: date, day: date) -> date:
    """The last anniversary on or before a day; the day of joining where there was none."""
    years = max(0, day.year - joined.year)
    this = add_months(joined, 12 * years)
    return this if this <= day or not years else add_months(joined, 12 * (years - 1))
