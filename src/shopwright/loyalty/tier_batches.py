"""Tiers of many members: a stream in, a stream out, whatever their number; and when to look at a member again.

    for seen in evaluate_many(rows, policy, at=now, progress=print): ...

Rules
- each member is looked at by itself and forgotten, so a million take no more room than one;
- before the moment that `changes_at` tells, nobody need look at a member of whom nothing new is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from attrs import field, frozen

from shopwright.edges import of, text
from shopwright.errors import InvalidValue
from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.qualifying import MemberFacts
from shopwright.loyalty.tiering import Standing, TierDecision, evaluate, walked
from shopwright.loyalty.tiers import Calendar, Keep, MemberYear, Rolling, TierPolicy, Upgrade

Progress = Callable[[int], None]
"""Told how many members were looked at so far."""


@frozen(kw_only=True)
class Ranked:
    """A member as a batch reads it: where it stood when somebody looked last, and what it has done."""

    id: str = field(validator=text(least=1))
    standing: Standing = field(validator=of(Standing))
    facts: MemberFacts = field(validator=of(MemberFacts))


def evaluate_many(
    members: Iterable[Ranked], policy: TierPolicy, *, at: datetime, progress: Progress | None = None, every: int = 10_000
) -> Iterator[tuple[str, TierDecision]]:
    """Where each of these members stands at a moment, by id, in their order; `progress` is told after each `every` of them, and at the end.

    Raises `InvalidValue` for an `every` below 1, and at its turn for a member who was looked at after this moment.
    """
    if every < 1:
        raise InvalidValue(f"expected to tell the progress every 1 or more members, got {every}")
    seen = 0
    for seen, member in enumerate(members, 1):
        yield member.id, evaluate(member.standing, member.facts, policy, at=at)
        if progress is not None and seen % every == 0:
            progress(seen)
    if progress is not None and seen % every:
        progress(seen)


def changes_at(standing: Standing, facts: MemberFacts, policy: TierPolicy) -> datetime | None:
    """When the tier changes next if nothing more is done after the last look; `None` where it never does."""
    ahead = _last_fact(facts)
    if policy.upgrade is Upgrade.AT_ONCE and not policy.place(standing.tier) and ahead <= standing.seen:
        return None  # with nothing new, what counts only grows less
    until = max(ahead, standing.seen, standing.kept_until or standing.seen) + reach(policy)
    return next((it.since for it in walked(standing, facts, policy, until) if it.tier != standing.tier), None)


def reach(policy: TierPolicy) -> timedelta:
    """How long after a deed it can still make a difference, but for spans without an end; whole days, never too few."""
    spans = [_longest(span.unit) if isinstance(span, Calendar) else 367 for span in policy.spans if isinstance(span, Calendar | MemberYear)]
    spans += [31 * span.months + span.days + 4 for span in policy.spans if isinstance(span, Rolling)]
    kept = {Keep.NOT: 1, Keep.PERIOD_END: 1, Keep.NEXT_PERIOD_END: 2, Keep.YEAR: 1}[policy.keep]
    keeping = 367 if policy.keep is Keep.YEAR else kept * _longest(policy.period)
    return timedelta(days=max(spans, default=0) + keeping + _longest(policy.period) + policy.grace_days + 2)


_DAYS = {EndOf.DAY: 1, EndOf.WEEK: 7, EndOf.MONTH: 31, EndOf.QUARTER: 92, EndOf.HALF_YEAR: 184, EndOf.YEAR: 366}


def _longest(unit: EndOf) -> int:
    return _DAYS[unit] + 1


def _last_fact(facts: MemberFacts) -> datetime:
    moments = [facts.joined, *[deed.at for deed in facts.deeds], *[undone.at for undone in facts.undone]]
    moments += [moment for grant in facts.grants for moment in (grant.start, grant.end) if moment is not None]
    return max(moments)
