"""What a member has done, and what of it a tier counts: sums over spans, requirements met or not, and what is missing.

Rules
- TIERS-3: what was undone is taken off the deed it undoes, at that deed's time, from the moment at which it was undone;
- the order in which facts arrive changes nothing: they are told apart by their ids and their times.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, members, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty.tiers import AllOf, AtLeast, Basis, Requirement, Span, TierPolicy, since


@frozen(kw_only=True)
class Deed:
    """Something that counts: an order, a check-in; `spend` in minor units of the program's currency."""

    id: str = field(validator=identifier())
    at: datetime = field(validator=aware)
    spend: int = field(default=0, validator=whole(least=0))
    orders: int = field(default=0, validator=whole(least=0))
    points: int = field(default=0, validator=whole(least=0))


@frozen(kw_only=True)
class Undone:
    """So much of a deed was undone: money that went back, an order that was returned."""

    id: str = field(validator=identifier())
    of: str = field(validator=identifier())
    at: datetime = field(validator=aware)
    spend: int = field(default=0, validator=whole(least=0))
    orders: int = field(default=0, validator=whole(least=0))
    points: int = field(default=0, validator=whole(least=0))


@frozen(kw_only=True)
class TierGrant:
    """Somebody gave a member a tier by hand, from a moment until another (`None`: for good), with the reason."""

    tier: str = field(validator=identifier())
    start: datetime = field(validator=aware)
    end: datetime | None = field(default=None, validator=maybe(aware))
    reason: str = field(validator=text(least=1, most=1_000))

    def is_on(self, at: datetime) -> bool:
        """Whether it counts."""
        return self.start <= at and (self.end is None or at < self.end)


@frozen(kw_only=True)
class MemberFacts:
    """All that tiers know of a member. Raises `InvalidValue` for two deeds, or two undoings, of one id."""

    joined: datetime = field(validator=aware)
    deeds: tuple[Deed, ...] = field(default=(), validator=members(Deed))
    undone: tuple[Undone, ...] = field(default=(), validator=members(Undone))
    grants: tuple[TierGrant, ...] = field(default=(), validator=members(TierGrant))

    def __attrs_post_init__(self) -> None:
        for told in (self.deeds, self.undone):
            ids = [it.id for it in told]
            if len(set(ids)) < len(ids):
                raise InvalidValue(f"expected each fact once, got {', '.join(sorted({id for id in ids if ids.count(id) > 1}))} twice")

    def sum(self, basis: Basis, start: datetime, end: datetime, *, with_returns: bool = True) -> int:
        """So much of something from a moment until another, both counted, less what was undone by then (TIERS-3)."""
        name = basis.value
        if not self.undone or not with_returns:
            return sum([getattr(deed, name) for deed in self.deeds if start <= deed.at <= end])
        counted = {deed.id: getattr(deed, name) for deed in self.deeds if start <= deed.at <= end}
        for undone in self.undone:
            if undone.of in counted and undone.at <= end:
                counted[undone.of] = max(0, counted[undone.of] - getattr(undone, name))
        return sum(counted.values())


@frozen(kw_only=True)
class Missing:
    """What is missing of one requirement."""

    basis: Basis
    over: Span
    needed: int
    there: int

    @property
    def amount(self) -> int:
        """How much is missing, zero where nothing is."""
        return max(0, self.needed - self.there)

    @property
    def part(self) -> Fraction:
        """Which part of what is needed is missing: what makes orders comparable with money."""
        return Fraction(self.amount, self.needed)


@frozen
class Counting:
    """The facts of a member as a policy counts them at a moment; `tier_since` is when the member's tier began."""

    facts: MemberFacts
    policy: TierPolicy
    at: datetime
    tier_since: datetime
    with_returns: bool = True

    def missing(self, requirement: Requirement | None) -> tuple[Missing, ...]:
        """What is missing, nothing where it is met; of alternatives the one of which the smallest part is missing."""
        if requirement is None:
            return ()
        if isinstance(requirement, AtLeast):
            there = self._there(requirement)
            lacks = Missing(basis=requirement.basis, over=requirement.over, needed=requirement.amount, there=there)
            return (lacks,) if lacks.amount else ()
        each = [self.missing(part) for part in requirement.parts]
        if isinstance(requirement, AllOf):
            return tuple([lacks for told in each for lacks in told])
        return min(each, key=_size)

    def meets(self, requirement: Requirement | None) -> bool:
        """Whether nothing is missing: what `missing` tells, without saying what."""
        if requirement is None:
            return True
        if isinstance(requirement, AtLeast):
            return self._there(requirement) >= requirement.amount
        met = (self.meets(part) for part in requirement.parts)
        return all(met) if isinstance(requirement, AllOf) else any(met)

    def deserved(self) -> int:
        """The place of the highest tier whose requirement is met."""
        tiers = self.policy.tiers
        return next(place for place in range(len(tiers) - 1, -1, -1) if self.meets(tiers[place].requires))

    def granted(self) -> int:
        """The place of the highest tier that was given by hand, the lowest where none was."""
        return max([0, *[self.policy.place(grant.tier) for grant in self.facts.grants if grant.is_on(self.at)]])

    def _there(self, asked: AtLeast) -> int:
        start = since(asked.over, at=self.at, zone=self.policy.zone, joined=self.facts.joined, tier_since=self.tier_since)
        return self.facts.sum(asked.basis, start, self.at, with_returns=self.with_returns)


def _size(lacks: Iterable[Missing]) -> tuple[Fraction, int]:
    """How far away something is: the largest part that is missing, then in how many things."""
    parts = [it.part for it in lacks]
    return max(parts, default=Fraction(0)), len(parts)
