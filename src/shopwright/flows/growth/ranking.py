"""Tell every member's tier, give tiers by hand, and look at those whose time has come. What orders count is for `following.py`.

Rules
- a change of tier is told in the stream `growth` in the same changeset;
- a tier is told by the clock, whether a sweep has been there or not;
- who has gone on under another id is told by that; who is no member (`People`) has no tier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from attrs import frozen

from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment, takes
from shopwright.flows.growth.commands import EndTierGrants, GrantTier
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted, operation
from shopwright.flows.trying import tried
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.growth_events import TierChanged
from shopwright.loyalty.qualifying import TierGrant
from shopwright.loyalty.tier_accounts import TierAccount, decide, end_grants, give_tier, look, open_account
from shopwright.loyalty.tier_batches import Ranked, evaluate_many
from shopwright.loyalty.tiering import Interval, TierDecision
from shopwright.loyalty.tiers import TierPolicy
from shopwright.members.member import MemberAlias
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Record, Stored, Where
from shopwright.refusals import Refusal
from shopwright.wire.growth_kinds import GROWTH

Progress = Callable[[int], None]
"""Told how many members were looked at so far."""


@frozen
class Ranks:
    """A growth program that has tiers."""

    growth: Growth
    policy: TierPolicy


def ranks_of(ports: Ports) -> Ranks:
    """The growth program of a shop with its tiers. Raises `InvalidValue` where it has none."""
    growth = ports.growth
    if growth is None or growth.tiers is None:
        raise InvalidValue("this shop has no tiers; give it Shop(growth=Growth(tiers=...))")
    return Ranks(growth, growth.tiers)


def account_of(ports: Ports, ranks: Ranks, member_id: str, *, since: datetime) -> Stored[TierAccount] | None:
    """A member's account, a fresh one of version 0 where there is none; `None` for who is no member."""
    member_id = owner_of(ports, member_id)
    stored = ports.storage.load(TierAccount, member_id)
    if stored is not None and not stored.value.merged_into:
        return stored
    person = ports.people.person(member_id)
    if person is None or stored is not None:
        return None
    return Stored(open_account(member_id, ranks.policy, joined_at=person.joined_at or since), 0)


def owner_of(ports: Ports, id: str) -> str:
    """Under which id a member goes on: of a guest who became one, or of a record that was merged."""
    alias = ports.storage.load(MemberAlias, id)
    return id if alias is None else alias.value.member_id


def commit_account(ports: Ports, op: Operation, before: TierAccount, put: Put, puts: tuple[Put, ...], *, at: datetime) -> None:
    """Write an account, and with it that the tier is another if it is."""
    after: TierAccount = put.value
    records: tuple[Record, ...] = ()
    if before.standing.tier != after.standing.tier:
        now = after.standing
        event = TierChanged(member_id=after.id, before=before.standing.tier, tier=now.tier, cause=now.cause, since=now.since, at=at)
        records = (Record(GROWTH, fitted(f"{event.key}/{op.key}"), 1, event),)
    ports.storage.commit(Changeset(op, at, puts=(put, *puts), records=records))


@takes(GrantTier)
def grant_tier(ports: Ports, command: GrantTier, *, at: datetime) -> TierAccount | Refusal:
    """Give a member a tier by hand. Refused with `member_unknown`, and with `grant_over` (fact: `until`) where it would be over already.

    Raises `InvalidValue` for a tier that the shop does not have.
    """
    if command.until is not None and command.until <= at:
        until = command.until.isoformat()
        return Refusal("grant_over", f"a tier cannot be given until {until}, which is over", {"until": until})
    grant = TierGrant(tier=command.tier, start=at, end=command.until, reason=command.reason)
    return _by_hand(ports, command, lambda account, policy: give_tier(account, policy, grant, at=at), at=at)


@takes(EndTierGrants)
def end_tier_grants(ports: Ports, command: EndTierGrants, *, at: datetime) -> TierAccount | Refusal:
    """End every tier that a member was given by hand. Refused with `member_unknown`."""
    return _by_hand(ports, command, lambda account, policy: end_grants(account, policy, at=at), at=at)


def _by_hand(
    ports: Ports, command: GrantTier | EndTierGrants, change: Callable[[TierAccount, TierPolicy], TierAccount], *, at: datetime
) -> TierAccount | Refusal:
    ranks, op = ranks_of(ports), operation(ports, command, command.member_id)

    def attempt() -> TierAccount | Refusal:
        stored = account_of(ports, ranks, command.member_id, since=at)
        if stored is None:
            return unknown_member(command.member_id)
        if ports.storage.answered(op) is not None:
            return stored.value
        after = change(stored.value, ranks.policy)
        commit_account(ports, op, stored.value, Put(after.id, after, stored.version), (), at=at)
        return after

    return tried(ports.storage, attempt)


def unknown_member(member_id: str) -> Refusal:
    """The refusal for who is no member of the shop, or is blocked."""
    return Refusal("member_unknown", f"there is no member {member_id!r}", {"member": member_id})


def sweep_tiers(ports: Ports, *, at: datetime, limit: int = 1_000_000, progress: Progress | None = None) -> int:
    """Look at the members whose tier changes by now, at most `limit`; returns how many tiers changed. Safe to run in several workers at once."""
    check_integer("limit", limit, least=1)
    ranks, at = ranks_of(ports), moment(at)
    changed = 0
    for seen, stored in enumerate(_due(ports, at, limit), 1):
        changed += _looked(ports, ranks, stored, at=at)
        if progress is not None:
            progress(seen)
    return changed


def _due(ports: Ports, at: datetime, limit: int) -> Iterable[Stored[TierAccount]]:
    after, seen = "", 0
    while seen < limit:
        where = (Where("next_at", Match.AT_MOST, at),)
        page = ports.storage.find(Query(TierAccount, where=where, order_by="next_at", limit=min(200, limit - seen), after=after))
        yield from page.items
        seen += len(page.items)
        if not page.next:
            return
        after = page.next


def _looked(ports: Ports, ranks: Ranks, stored: Stored[TierAccount], *, at: datetime) -> bool:
    before = stored.value
    after = look(before, ranks.policy, at=max(at, before.standing.seen))
    op = Operation(fitted(f"tiers/{before.id}/look/{stored.version}"), "look")
    try:
        commit_account(ports, op, before, Put(before.id, after, stored.version), (), at=at)
    except VersionConflict:
        return False  # somebody else was there; the next sweep finds it if it is still due
    return before.standing.tier != after.standing.tier


def tier_of(ports: Ports, member_id: str, *, at: datetime) -> TierDecision | Refusal:
    """Where a member stands, when the tier ends, and what is missing to the next. Refused with `member_unknown`."""
    ranks = ranks_of(ports)
    stored = account_of(ports, ranks, member_id, since=at)
    if stored is None:
        return unknown_member(member_id)
    return decide(stored.value, ranks.policy, at=max(moment(at), stored.value.standing.seen))


def tier_history(ports: Ports, member_id: str, *, at: datetime) -> tuple[Interval, ...] | Refusal:
    """All tiers of a member until a moment, without a gap. Refused with `member_unknown`."""
    ranks = ranks_of(ports)
    stored = account_of(ports, ranks, member_id, since=at)
    if stored is None:
        return unknown_member(member_id)
    return look(stored.value, ranks.policy, at=max(moment(at), stored.value.standing.seen)).history


def tiers_of_all(ports: Ports, *, at: datetime, progress: Progress | None = None) -> Iterator[tuple[str, TierDecision]]:
    """Where every member with an account stands, one after the other in constant memory; nothing is written."""
    ranks, at = ranks_of(ports), moment(at)
    return evaluate_many(_ranked(ports, ranks, at), ranks.policy, at=at, progress=progress)


def _ranked(ports: Ports, ranks: Ranks, at: datetime) -> Iterator[Ranked]:
    after = ""
    while True:
        page = ports.storage.find(Query(TierAccount, limit=1_000, after=after))
        for stored in page.items:
            account = stored.value
            if account.policy_version != ranks.policy.version:
                account = look(account, ranks.policy, at=max(at, account.standing.seen))
            if not account.merged_into and account.standing.seen <= at:
                yield Ranked(id=account.id, standing=account.standing, facts=account.facts)
        if not page.next:
            return
        after = page.next
