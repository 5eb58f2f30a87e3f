"""Who is in which tier, since when and why: one look (`evaluate`), and the whole history from the facts alone (`replay`).

Rules
- TIERS-4: looking twice changes nothing, looking more often changes nothing, and the order in which facts arrive changes nothing;
- TIERS-5: a tier that is no longer deserved ends at the moment until which it is kept, however late somebody looks;
- TIERS-6: the history has no gap and no overlap, and each interval tells what began it;
- TIERS-7: what an order earns is by the tier before it, also where it is the very order that lifts the member (`tier_before`);
- a tier given by hand lasts as long as the grant, unless it is deserved as well.

Between the moments at which a fact, a span or a period turns something over nothing can change, so only those are looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.loyalty.expiry import first_of, last_of
from shopwright.loyalty.qualifying import Counting, MemberFacts, Missing
from shopwright.loyalty.tiers import Drop, MemberYear, Returns, Rolling, Tier, TierPolicy, Upgrade, day_at, rolled, start_of_day
from shopwright.periods import add_months, aware, day_of


class TierCause(StrEnum):
    """What began an interval."""

    JOINED = "joined"
    DESERVED = "deserved"
    GRANTED = "granted"
    NOT_KEPT = "not_kept"
    UNDONE = "undone"
    """Deeds that had lifted the member were undone."""


@frozen(kw_only=True)
class Standing:
    """The tier that somebody is in and the one before it, and until when it is kept once it is deserved no more.

    `seen` is when somebody looked last, and `earned` whether the tier was deserved then by what the member had done.
    """

    tier: str
    since: datetime
    cause: TierCause
    before: str
    seen: datetime
    earned: bool = False
    kept_until: datetime | None = None


@frozen(kw_only=True)
class Progress:
    """What is missing to a higher tier."""

    tier: str
    missing: tuple[Missing, ...]


@frozen(kw_only=True)
class TierDecision:
    """Where a member stands; `lost_at` is when the tier ends unless more is done, `missing` what of it is missing then, `next` the way up."""

    standing: Standing
    tier: Tier
    changed: bool
    lost_at: datetime | None
    missing: tuple[Missing, ...]
    next: Progress | None


@frozen(kw_only=True)
class Interval:
    """A time in one tier, with its start and without its end."""

    tier: str
    start: datetime
    end: datetime | None
    cause: TierCause


def joined(policy: TierPolicy, *, at: datetime) -> Standing:
    """Where everybody begins."""
    lowest = policy.tiers[0].id
    return Standing(tier=lowest, since=aware(at), cause=TierCause.JOINED, before=lowest, seen=at - _TICK)


def evaluate(standing: Standing, facts: MemberFacts, policy: TierPolicy, *, at: datetime) -> TierDecision:
    """Where a member stands at a moment, by the facts until then. Raises `InvalidValue` for a moment before somebody looked last."""
    return _told(standing, _last(walked(standing, facts, policy, at)), facts, policy, at)


def replay(facts: MemberFacts, policy: TierPolicy, *, at: datetime) -> tuple[Interval, ...]:
    """The history of a member until a moment, from the facts alone. Raises `InvalidValue` for a moment before the member joined."""
    return intervals((it.tier, it.since, it.cause) for it in walked(joined(policy, at=facts.joined), facts, policy, at))


def tier_at(history: tuple[Interval, ...], at: datetime) -> str:
    """The tier at a moment. Raises `InvalidValue` for one before the history."""
    return _interval(history, at, [it for it in history if it.start <= aware(at)]).tier


def tier_before(history: tuple[Interval, ...], at: datetime) -> str:
    """The tier just before a moment, which an order of that moment earns by (TIERS-7); the first one for the moment of joining."""
    return _interval(history, at, [it for it in history if it.start < aware(at)] or [it for it in history[:1] if it.start == at]).tier


def _interval(history: tuple[Interval, ...], at: datetime, begun: list[Interval]) -> Interval:
    if not begun:
        raise InvalidValue(f"expected a moment within the history, which begins at {history[0].start if history else 'no time'}, got {at}")
    return begun[-1]


_TICK, _DAY = timedelta(microseconds=1), timedelta(days=1)


def walked(standing: Standing, facts: MemberFacts, policy: TierPolicy, at: datetime) -> Iterator[Standing]:
    """The standing and those that follow, through every moment that can change something, to this one. Raises `InvalidValue` as `evaluate`."""
    if aware(at) < standing.seen:
        raise InvalidValue(f"expected a moment from {standing.seen} on, when the tier was looked at last, got {at}")
    now = standing
    yield now
    for moment in [*sorted({it for it in _moments(facts, policy, standing.seen, at) if standing.seen < it < at}), at]:
        for ended in _ended(now, facts, policy, moment):
            yield (now := ended)
        yield (now := _step(now, facts, policy, moment))
    yield from _ended(now, facts, policy, at)


def _last(stands: Iterator[Standing]) -> Standing:
    return deque(stands, maxlen=1)[0]


def _ended(standing: Standing, facts: MemberFacts, policy: TierPolicy, until: datetime) -> Iterator[Standing]:
    """What follows where a tier that is not deserved was kept until a moment that has come (TIERS-5)."""
    while not standing.earned and standing.kept_until is not None and standing.kept_until <= until:
        yield (standing := _step(standing, facts, policy, max(standing.kept_until, standing.seen)))


def _step(standing: Standing, facts: MemberFacts, policy: TierPolicy, at: datetime) -> Standing:
    """The standing at a moment, as nothing changed since it was seen last."""
    if standing.earned and standing.seen < at:
        standing = evolve(standing, kept_until=_later(standing.kept_until, policy.kept_until(at - _TICK)))
    counting = Counting(facts, policy, at, standing.since)
    now, deserved, granted = policy.place(standing.tier), counting.deserved(), counting.granted()
    reached = deserved if policy.upgrade is Upgrade.AT_ONCE else _reached(counting)
    if max(reached, granted) > now:
        return _risen(standing, counting, reached, granted)
    if max(deserved, granted) < now:
        return _no_longer(standing, counting, max(deserved, granted))
    earned = deserved >= now > 0
    over = not earned and standing.kept_until is not None and standing.kept_until <= at
    return evolve(standing, seen=at, earned=earned, kept_until=None if over else standing.kept_until)


def _reached(counting: Counting) -> int:
    """The place of the tier that was deserved when a period ended, at the moment the next one begins."""
    if counting.at != counting.policy.period_start(counting.at) or counting.at <= counting.facts.joined:
        return 0
    return evolve(counting, at=counting.at - _TICK).deserved()


def _risen(standing: Standing, counting: Counting, reached: int, granted: int) -> Standing:
    policy, at = counting.policy, counting.at
    place, by_hand = max(reached, granted), reached < granted
    return Standing(
        tier=policy.tiers[place].id,
        since=at,
        cause=TierCause.GRANTED if by_hand else TierCause.DESERVED,
        before=standing.tier,
        seen=at,
        earned=evolve(counting, tier_since=at).deserved() >= place,
        kept_until=None if by_hand else policy.kept_until(at),
    )


def _no_longer(standing: Standing, counting: Counting, target: int) -> Standing:
    """The standing of whoever does not deserve the tier any more."""
    policy, at, now = counting.policy, counting.at, counting.policy.place(standing.tier)
    if policy.returns is not Returns.COUNT and evolve(counting, with_returns=False).deserved() >= now:
        floor = policy.place(standing.before) if policy.returns is Returns.DROP_TO_BEFORE else 0
        if max(target, floor) < now:
            return _fallen(standing, counting, max(target, floor), TierCause.UNDONE)
    if standing.kept_until is not None and at < standing.kept_until:
        return evolve(standing, seen=at, earned=False)
    return _fallen(standing, counting, now - 1 if policy.drop is Drop.ONE_STEP else target, TierCause.NOT_KEPT)


def _fallen(standing: Standing, counting: Counting, place: int, cause: TierCause) -> Standing:
    policy, at = counting.policy, counting.at
    return Standing(
        tier=policy.tiers[place].id,
        since=at,
        cause=cause,
        before=standing.tier,
        seen=at,
        earned=evolve(counting, tier_since=at).deserved() >= place > 0,
        kept_until=policy.kept_until(at) if place else None,
    )


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _told(before: Standing, standing: Standing, facts: MemberFacts, policy: TierPolicy, at: datetime) -> TierDecision:
    counting, place = Counting(facts, policy, at, standing.since), policy.place(standing.tier)
    higher = policy.tiers[place + 1 : place + 2]
    return TierDecision(
        standing=standing,
        tier=policy.tiers[place],
        changed=standing.tier != before.tier,
        lost_at=_lost_at(standing, counting, place),
        missing=counting.missing(policy.tiers[place].requires),
        next=Progress(tier=higher[0].id, missing=counting.missing(higher[0].requires)) if higher else None,
    )


def _lost_at(standing: Standing, counting: Counting, place: int) -> datetime | None:
    """When a tier ends, if it is deserved no more from now on and no grant is renewed; `None` where it does not."""
    if not place:
        return None
    kept = _later(standing.kept_until, counting.policy.kept_until(counting.at)) if standing.earned else standing.kept_until
    ends = [it.end for it in counting.facts.grants if it.is_on(counting.at) and counting.policy.place(it.tier) >= place]
    if None in ends:
        return None
    return max([end for end in (kept, *ends) if end is not None], default=None)


def intervals(begun: Iterable[tuple[str, datetime, TierCause]]) -> tuple[Interval, ...]:
    """What began when as intervals; those that end when they begin are left out, and neighbors of one tier are one (TIERS-6)."""
    told: list[tuple[str, datetime, TierCause]] = []
    for tier, since, cause in begun:
        if told and told[-1][1] == since:
            told.pop()
        if not told or told[-1][0] != tier:
            told.append((tier, since, cause))
    ends = [since for _, since, _ in told[1:]]
    return tuple([Interval(tier=tier, start=since, end=end, cause=cause) for (tier, since, cause), end in zip(told, [*ends, None], strict=True)])


def _moments(facts: MemberFacts, policy: TierPolicy, after: datetime, until: datetime) -> Iterator[datetime]:
    """The moments after one and before another at which something can change: facts, and the days on which a span or a period turns over."""
    yield from [moment for moment in _told_moments(facts) if after < moment < until]
    zone, first, last = policy.zone, day_at(after, policy.zone), day_at(until, policy.zone)
    for span in policy.spans:
        if isinstance(span, Rolling):
            start, end = rolled(first - _DAY, span, zone), rolled(last, span, zone)  # of which deeds the span lets go in between
            for day in {day_of(deed.at, zone) for deed in facts.deeds if start <= deed.at < end}:
                yield start_of_day(_turns_on(day, span), zone)
    joined_on = day_of(facts.joined, zone)
    if MemberYear() in policy.spans:
        for year in range(max(joined_on.year + 1, first.year), last.year + 1):
            yield start_of_day(add_months(joined_on, 12 * (year - joined_on.year)), zone)
    for unit in policy.units:
        turn = first_of(max(first, joined_on), unit)
        while (turn := last_of(turn, unit) + _DAY) <= last:
            yield start_of_day(turn, zone)


def _told_moments(facts: MemberFacts) -> Iterator[datetime]:
    """The moments that the facts themselves tell."""
    yield from [deed.at for deed in facts.deeds]
    yield from [undone.at for undone in facts.undone]
    yield from [moment for grant in facts.grants for moment in (grant.start, grant.end) if moment is not None]


@lru_cache(maxsize=20_000)
def _turns_on(day: date, span: Rolling) -> date:
    """The first day on which a rolling span counts a day no more; the last days of short months pull it back, by no more than three days."""
    turns = add_months(day + timedelta(days=span.days), span.months)
    while add_months(turns, -span.months) - timedelta(days=span.days) <= day:
        turns += _DAY
    return turns
