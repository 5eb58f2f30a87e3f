"""Keep every member's tier: follow what happens to orders, give tiers by hand, and look at those whose time has come.

Rules
- an order's history is counted as far as it has come, in one changeset with how far that was: events that come twice, late or in another order
  count once and lead to the same tiers;
- the first order that is placed makes a member known here; who is none (`People`) is passed over;
- a change of tier is told in the stream `growth` in the same changeset;
- a tier is told by the clock, whether a sweep has been there or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from attrs import evolve, frozen

from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment, takes
from shopwright.flows.growth_commands import EndTierGrants, GrantTier
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import history, relay
from shopwright.flows.saving import TRIES, fitted, operation, tries
from shopwright.loyalty.growth import Growth
from shopwright.loyalty.growth_events import TierChanged
from shopwright.loyalty.qualifying import Deed, TierGrant, Undone
from shopwright.loyalty.tier_accounts import TierAccount, decide, end_grants, give_tier, look, open_account, take_in
from shopwright.loyalty.tiering import Interval, TierDecision
from shopwright.loyalty.tiers import TierPolicy
from shopwright.orders.deeds import deeds_of
from shopwright.orders.events import OrderCanceled, OrderPlaced
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Record, Recorded, Stored, Where
from shopwright.refusals import Refusal
from shopwright.wire.growth_kinds import GROWTH, CountedOrder

CONSUMER = "tiers"

Progress = Callable[[int], None]
"""Told how many members were looked at so far."""


@frozen
class _Ranks:
    """A growth program that has tiers."""

    growth: Growth
    policy: TierPolicy


def _ranks(ports: Ports) -> _Ranks:
    growth = ports.growth
    if growth is None or growth.tiers is None:
        raise InvalidValue("this shop has no tiers; give it Shop(growth=Growth(tiers=...))")
    return _Ranks(growth, growth.tiers)


def follow_tiers(ports: Ports, *, at: datetime, limit: int = 1_000) -> int:
    """Count what happened to orders since the last time, at most `limit` events; returns how many were read."""
    _ranks(ports)
    at = moment(at)

    def deliver(recorded: Sequence[Recorded]) -> None:
        for order_id in dict.fromkeys(it.key for it in recorded):
            count_order(ports, order_id, at=at)

    return relay(ports, CONSUMER, deliver, at=at, limit=limit)


def count_order(ports: Ports, order_id: str, *, at: datetime) -> None:
    """Count what is new in the history of one order."""
    ranks = _ranks(ports)
    for left in tries(ports):
        try:
            _counted(ports, ranks, order_id, at=at)
        except VersionConflict:
            if not left:
                raise
            continue
        return


def _counted(ports: Ports, ranks: _Ranks, order_id: str, *, at: datetime) -> None:
    told = [it.value for it in history(ports, order_id)]
    placed = next((it for it in told if isinstance(it, OrderPlaced)), None)
    stored = ports.storage.load(CountedOrder, order_id)
    seen = 0 if stored is None else stored.value.event_count
    if placed is None or len(told) <= seen:
        return
    account = _account(ports, ranks, placed.buyer_id, since=placed.at)
    if account is None:
        return
    growth = ranks.growth
    facts = deeds_of(told, currency=growth.currency, counts=growth.counts, leave_out=growth.leave_out)
    new = [fact for number, fact in facts if number > seen]
    before = account.value
    after = evolve(before, orders=before.orders + sum([_orders(it) for it in told[seen:]]), last_order_at=_last_order(before, placed, seen))
    deeds = [it for it in new if isinstance(it, Deed)]
    undone = [it for it in new if isinstance(it, Undone)]
    if not new and after == before:
        return
    after = take_in(after, ranks.policy, deeds=deeds, undone=undone, at=max(at, before.standing.seen))
    mark = Put(order_id, CountedOrder(id=order_id, member_id=before.id, event_count=len(told)), 0 if stored is None else stored.version)
    op = Operation(fitted(f"tiers/{order_id}/{len(told)}"), "count")
    _commit(ports, op, before, Put(before.id, after, account.version), (mark,), at=at)


def _orders(event: object) -> int:
    return isinstance(event, OrderPlaced) - isinstance(event, OrderCanceled)


def _last_order(account: TierAccount, placed: OrderPlaced, seen: int) -> datetime | None:
    if seen or (account.last_order_at is not None and account.last_order_at >= placed.at):
        return account.last_order_at
    return placed.at


def _account(ports: Ports, ranks: _Ranks, member_id: str, *, since: datetime) -> Stored[TierAccount] | None:
    """A member's account, a fresh one of version 0 where there is none; `None` for who is no member."""
    stored = ports.storage.load(TierAccount, member_id)
    if stored is not None:
        return stored
    person = ports.people.person(member_id)
    if person is None:
        return None
    return Stored(open_account(member_id, ranks.policy, joined_at=person.joined_at or since), 0)


def _commit(ports: Ports, op: Operation, before: TierAccount, put: Put, puts: tuple[Put, ...], *, at: datetime) -> None:
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
    ranks, op = _ranks(ports), operation(ports, command, command.member_id)
    for left in tries(ports):
        stored = _account(ports, ranks, command.member_id, since=at)
        if stored is None:
            return unknown_member(command.member_id)
        if ports.storage.answered(op) is not None:
            return stored.value
        after = change(stored.value, ranks.policy)
        try:
            _commit(ports, op, stored.value, Put(after.id, after, stored.version), (), at=at)
        except VersionConflict:
            if not left:
                raise
            continue
        return after
    raise VersionConflict(f"the tiers of {command.member_id!r} changed {TRIES} times; try again")


def unknown_member(member_id: str) -> Refusal:
    """The refusal for who is no member of the shop, or is blocked."""
    return Refusal("member_unknown", f"there is no member {member_id!r}", {"member": member_id})


def sweep_tiers(ports: Ports, *, at: datetime, limit: int = 1_000_000, progress: Progress | None = None) -> int:
    """Look at the members whose tier changes by now, at most `limit`; returns how many tiers changed. Safe to run in several workers at once."""
    check_integer("limit", limit, least=1)
    ranks, at = _ranks(ports), moment(at)
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


def _looked(ports: Ports, ranks: _Ranks, stored: Stored[TierAccount], *, at: datetime) -> bool:
    before = stored.value
    after = look(before, ranks.policy, at=max(at, before.standing.seen))
    op = Operation(fitted(f"tiers/{before.id}/look/{stored.version}"), "look")
    try:
        _commit(ports, op, before, Put(before.id, after, stored.version), (), at=at)
    except VersionConflict:
        return False  # somebody else was there; the next sweep finds it if it is still due
    return before.standing.tier != after.standing.tier


def tier_of(ports: Ports, member_id: str, *, at: datetime) -> TierDecision | Refusal:
    """Where a member stands, when the tier ends, and what is missing to the next. Refused with `member_unknown`."""
    ranks = _ranks(ports)
    stored = _account(ports, ranks, member_id, since=at)
    if stored is None:
        return unknown_member(member_id)
    return decide(stored.value, ranks.policy, at=max(moment(at), stored.value.standing.seen))


def tier_history(ports: Ports, member_id: str, *, at: datetime) -> tuple[Interval, ...] | Refusal:
    """All tiers of a member until a moment, without a gap. Refused with `member_unknown`."""
    ranks = _ranks(ports)
    stored = _account(ports, ranks, member_id, since=at)
    if stored is None:
        return unknown_member(member_id)
    return look(stored.value, ranks.policy, at=max(moment(at), stored.value.standing.seen)).history
