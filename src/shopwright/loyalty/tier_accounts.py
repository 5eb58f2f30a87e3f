"""What a shop keeps of a member for its tiers: the facts that can still count, where the member stands, and the whole history.

    account = open_account("ann", policy, joined_at=now)
    account = take_in(account, policy, deeds=(deed,), at=now)
    account.standing.tier, account.history, account.next_at

Rules
- TIERS-8: facts may arrive in any order, and late: the history is told anew from the last base, and is what it would be had they come in time;
- TIERS-9: deeds that no span can count any more are summed up, so that a member of many years is no larger than one of a few, and no tier changes
  by it; what is dated before the base counts from the base on;
- a policy of a new version counts from the moment at which an account is looked at under it; what was history before stays;
- before `next_at` nobody need look at an account, unless something new is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from attrs import evolve, field, frozen

from shopwright.edges import aware, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty.qualifying import Deed, MemberFacts, TierGrant, Undone
from shopwright.loyalty.tier_batches import changes_at
from shopwright.loyalty.tiering import Interval, Standing, TierCause, TierDecision, evaluate, intervals, joined, walked
from shopwright.loyalty.tiers import Lifetime, TierPolicy, since

CARRIED = "carried"
"""The id of the deed that older ones were summed up in, and of what of them was undone."""

MANY = 64
"""From so many facts on, old ones are summed up."""

LATE = timedelta(days=90)
"""How late a fact may arrive and still be told in its place in the history."""


@frozen(kw_only=True)
class TierAccount:
    """A member's tiers; `id` is the member's.

    The history before `base` is `past`; what follows is told from `facts`. `orders` are those that were placed and not canceled, and
    `last_order_at` is when the last was placed. `carried_until` is from when on deeds are kept one by one, and `ends_at` when the
    tier ends at the earliest if nothing more is done. `told_end` and `told_lapse` are what the member was last reminded of: an end, and a last order.
    What was `merged_into` another account counts there.
    """

    id: str = field(validator=text(least=1))
    facts: MemberFacts = field(validator=of(MemberFacts))
    base: Standing = field(validator=of(Standing))
    past: tuple[Interval, ...] = field(default=(), validator=members(Interval))
    carried_until: datetime | None = field(default=None, validator=maybe(aware))
    standing: Standing = field(validator=of(Standing))
    history: tuple[Interval, ...] = field(validator=members(Interval))
    next_at: datetime | None = field(default=None, validator=maybe(aware))
    ends_at: datetime | None = field(default=None, validator=maybe(aware))
    policy_version: int = field(default=1, validator=whole(least=1))
    orders: int = field(default=0, validator=whole())
    last_order_at: datetime | None = field(default=None, validator=maybe(aware))
    told_end: datetime | None = field(default=None, validator=maybe(aware))
    told_lapse: datetime | None = field(default=None, validator=maybe(aware))
    merged_into: str = ""


def open_account(id: str, policy: TierPolicy, *, joined_at: datetime) -> TierAccount:
    """Where everybody begins."""
    standing = joined(policy, at=joined_at)
    history = intervals([(standing.tier, standing.since, standing.cause)])
    facts = MemberFacts(joined=joined_at)
    return TierAccount(id=id, facts=facts, base=standing, standing=standing, history=history, policy_version=policy.version)


def take_in(
    account: TierAccount, policy: TierPolicy, *, deeds: Iterable[Deed] = (), undone: Iterable[Undone] = (), at: datetime
) -> TierAccount:
    """The account with these facts; those that it knows by their ids change nothing. What was undone comes with, or after, the deed that it is of."""
    facts = account.facts
    for deed in deeds:
        if all(deed.id != known.id for known in facts.deeds):
            facts = _with_deed(facts, deed, account.carried_until)
    kept = {deed.id for deed in facts.deeds}
    for it in undone:
        if all(it.id != known.id for known in facts.undone):
            there = it if it.of in kept or account.carried_until is None else evolve(it, of=CARRIED)
            facts = evolve(facts, undone=(*facts.undone, there))
    told = evolve(account, facts=facts)
    many = len(facts.deeds) + len(facts.undone) > MANY
    return look(sum_up(told, policy, before=at - LATE) if many else told, policy, at=at)


def give_tier(account: TierAccount, policy: TierPolicy, grant: TierGrant, *, at: datetime) -> TierAccount:
    """The account with a tier that was given by hand. Raises `InvalidValue` for a tier that the policy does not have."""
    policy.place(grant.tier)
    facts = evolve(account.facts, grants=(*account.facts.grants, grant))
    return look(evolve(account, facts=facts), policy, at=at)


def end_grants(account: TierAccount, policy: TierPolicy, *, at: datetime) -> TierAccount:
    """The account with every tier that was given by hand at an end now; what was given for later is given no more."""
    grants = [evolve(it, end=at) if it.is_on(at) else it for it in account.facts.grants if it.start <= at]
    return look(evolve(account, facts=evolve(account.facts, grants=tuple(grants))), policy, at=at)


def merge_accounts(gone: TierAccount, into: TierAccount, policy: TierPolicy, *, at: datetime) -> tuple[TierAccount, TierAccount]:
    """Both accounts after the one went into the other: what the one did counts from now on, and the history of the other stays."""
    into = look(into, policy, at=at)
    ours, theirs = into.facts, gone.facts
    began = min(ours.joined, theirs.joined)
    plain, old = [it for it in theirs.deeds if it.id != CARRIED], [evolve(it, at=began) for it in theirs.deeds if it.id == CARRIED]
    kept = {it.id for it in ours.deeds}
    facts = MemberFacts(
        joined=began,
        deeds=(*[_at_joining(it, began) for it in ours.deeds], *[it for it in plain if it.id not in kept]),
        undone=(*[_at_joining(it, began) for it in ours.undone], *[it for it in theirs.undone if it.id != CARRIED]),
        grants=(*ours.grants, *theirs.grants),
    )
    if old:
        back = [evolve(it, at=began, id="carried/theirs") for it in theirs.undone if it.id == CARRIED]
        facts = _summed_up(facts, [evolve(it, id="carried/theirs") for it in old], [evolve(it, of="carried/theirs") for it in back])
    carried = [it for it in (into.carried_until, gone.carried_until) if it is not None]
    last = [it for it in (into.last_order_at, gone.last_order_at) if it is not None]
    after = evolve(
        into,
        facts=facts,
        past=into.history[:-1],
        base=into.standing,
        carried_until=max(carried, default=None),
        orders=into.orders + gone.orders,
        last_order_at=max(last, default=None),
    )
    empty = MemberFacts(joined=theirs.joined)
    left = evolve(gone, facts=empty, orders=0, last_order_at=None, next_at=None, ends_at=None, merged_into=into.id)
    return left, look(after, policy, at=at)


_F = TypeVar("_F", Deed, Undone)


def _at_joining(fact: _F, joined: datetime) -> _F:
    """What was summed up stands at the moment of joining."""
    return evolve(fact, at=joined) if fact.id == CARRIED else fact


def look(account: TierAccount, policy: TierPolicy, *, at: datetime) -> TierAccount:
    """The account as it stands at a moment, its history told from the base (TIERS-8)."""
    if policy.version != account.policy_version:
        account = evolve(account, past=account.history[:-1], base=account.standing, policy_version=policy.version)
    stands = list(walked(account.base, account.facts, policy, max(at, account.standing.seen)))
    begun = [(it.tier, it.start, it.cause) for it in account.past] + [(it.tier, it.since, it.cause) for it in stands]
    now = stands[-1]
    ahead = changes_at(now, account.facts, policy)
    falls = ahead is not None and policy.place(now.tier) > 0 and _falls(now, account.facts, policy, ahead)
    return evolve(account, standing=now, history=intervals(begun), next_at=ahead, ends_at=ahead if falls else None)


def _falls(standing: Standing, facts: MemberFacts, policy: TierPolicy, ahead: datetime) -> bool:
    """Whether the change ahead is for the worse."""
    return policy.place(evaluate(standing, facts, policy, at=ahead).tier.id) < policy.place(standing.tier)


def decide(account: TierAccount, policy: TierPolicy, *, at: datetime) -> TierDecision:
    """Where a member stands at a moment, what keeps the tier and what leads on. Raises `InvalidValue` for a moment before the last look."""
    if policy.version != account.policy_version:
        account = look(account, policy, at=at)
    return evaluate(account.standing, account.facts, policy, at=at)


def _with_deed(facts: MemberFacts, deed: Deed, carried_until: datetime | None) -> MemberFacts:
    if carried_until is None or deed.at >= carried_until:
        return evolve(facts, deeds=(*facts.deeds, deed))
    return _summed_up(facts, [deed], [])


def sum_up(account: TierAccount, policy: TierPolicy, *, before: datetime) -> TierAccount:
    """The account with its base moved up to a moment, and the deeds summed up that no span can count from then on (TIERS-9)."""
    base_at = before
    if base_at <= account.base.seen or policy.version != account.policy_version:
        return account
    stands = list(walked(account.base, account.facts, policy, base_at))
    base = stands[-1]
    told = intervals([*[(it.tier, it.start, it.cause) for it in account.past], *[(it.tier, it.since, it.cause) for it in stands]])
    starts = [
        since(span, at=base_at, zone=policy.zone, joined=account.facts.joined, tier_since=base.since)
        for span in policy.spans
        if not isinstance(span, Lifetime)
    ]
    kept_from = min([base_at, *starts])
    old = [deed for deed in account.facts.deeds if deed.at < kept_from]
    gone = {deed.id for deed in old}
    undone = [it for it in account.facts.undone if it.of in gone and it.at <= base_at]
    facts = _summed_up(account.facts, old, undone)
    return evolve(account, facts=facts, base=base, past=told[:-1], carried_until=kept_from)


def _summed_up(facts: MemberFacts, old: list[Deed], undone: list[Undone]) -> MemberFacts:
    """The facts with these deeds, and what of them was undone, in one deed at the moment of joining, where only spans without an end count it."""
    old = [*old, *[it for it in facts.deeds if it.id == CARRIED and it not in old]]
    undone = [*undone, *[it for it in facts.undone if it.id == CARRIED and it not in undone]]
    out = {deed.id for deed in old}
    counted = [deed for deed in old if deed.at >= facts.joined]
    left = {deed.id: deed for deed in counted}
    gross = Deed(
        id=CARRIED,
        at=facts.joined,
        spend=sum([deed.spend for deed in counted]),
        orders=sum([deed.orders for deed in counted]),
        points=sum([deed.points for deed in counted]),
    )
    done = {it.id for it in undone}
    back = Undone(
        id=CARRIED,
        of=CARRIED,
        at=facts.joined,
        spend=_most(undone, left, "spend"),
        orders=_most(undone, left, "orders"),
        points=_most(undone, left, "points"),
    )
    later = [evolve(it, of=CARRIED) if it.of in out else it for it in facts.undone if it.id not in done]
    return evolve(facts, deeds=(gross, *[it for it in facts.deeds if it.id not in out]), undone=(back, *later))


def _most(undone: list[Undone], deeds: dict[str, Deed], basis: str) -> int:
    """How much of these deeds was undone, of each no more than there was."""
    gone: dict[str, int] = {}
    for it in undone:
        gone[it.of] = gone.get(it.of, 0) + getattr(it, basis)
    return sum([min(amount, getattr(deeds[id], basis)) for id, amount in gone.items() if id in deeds])


def changed_tier(before: TierAccount | None, after: TierAccount) -> tuple[str, TierCause] | None:
    """The tier from which a member has come, and why, where these two are of different tiers."""
    if before is None or before.standing.tier == after.standing.tier:
        return None
    return before.standing.tier, after.standing.cause


def tier_now(account: TierAccount, policy: TierPolicy, *, at: datetime) -> str:
    """The tier at a moment by the clock, whether somebody has looked since or not. Raises `InvalidValue` for a moment before the history."""
    if policy.version == account.policy_version and (account.next_at is None or at < account.next_at):
        standing = account.standing
        return standing.tier if standing.since <= at else _told_at(account, at)
    return decide(account, policy, at=max(at, account.standing.seen)).standing.tier


def _told_at(account: TierAccount, at: datetime) -> str:
    for it in reversed(account.history):
        if it.start <= at:
            return it.tier
    raise InvalidValue(f"the history of {account.id} begins at {account.history[0].start}, got {at}")
