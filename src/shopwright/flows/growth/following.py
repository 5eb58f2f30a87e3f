"""Count for tiers what happens in a shop: to orders, to points, and to members who turn out to be one.

Rules
- an order's history is counted as far as it has come, in one changeset with how far that was: events that come twice, late or in another order
  count once and lead to the same tiers; points are counted entry by entry, in the same way;
- the first order that is placed makes a member known here; who is none (`People`) is passed over, and counted once they are;
- points count that were earned, as they are earned, whether they were spent or not; what is sent or received counts nothing;
- of two members who are one the tiers of both are one: what the other did counts from then on, and the history stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from attrs import evolve

from shopwright.flows.checking import moment
from shopwright.flows.growth.ranking import Ranks, account_of, commit_account, ranks_of
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import history, relay
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tried
from shopwright.loyalty.entries import PointsEarned, PointsReversed
from shopwright.loyalty.lots import total
from shopwright.loyalty.naming import kind_of, member_of
from shopwright.loyalty.qualifying import Deed, Undone
from shopwright.loyalty.tier_accounts import TierAccount, merge_accounts, take_in
from shopwright.loyalty.tiers import Basis, bases_of
from shopwright.members.events import GuestAdopted, MemberMerged
from shopwright.orders.deeds import deeds_of
from shopwright.orders.events import OrderCanceled, OrderPlaced
from shopwright.orders.order import Order
from shopwright.ports.storage import Match, Operation, Put, Query, Recorded, Where
from shopwright.wire.growth_kinds import CountedOrder, CountedPoints
from shopwright.wire.kinds import EVENTS, POINTS
from shopwright.wire.member_kinds import MEMBERS

CONSUMER = "tiers"


def follow_tiers(ports: Ports, *, at: datetime, limit: int = 1_000) -> int:
    """Count what happened since the last time, at most `limit` events of each stream; returns how many were read."""
    ranks, at = ranks_of(ports), moment(at)

    def orders(recorded: Sequence[Recorded]) -> None:
        for order_id in dict.fromkeys(it.key for it in recorded):
            count_order(ports, order_id, at=at)

    def points(recorded: Sequence[Recorded]) -> None:
        for account_id in dict.fromkeys(it.key for it in recorded):
            count_points(ports, account_id, [it for it in recorded if it.key == account_id], at=at)

    def members(recorded: Sequence[Recorded]) -> None:
        for it in recorded:
            _follow_member(ports, it, at=at)

    read = relay(ports, CONSUMER, orders, at=at, stream=EVENTS, limit=limit)
    read += relay(ports, CONSUMER, members, at=at, stream=MEMBERS, limit=limit)
    if Basis.POINTS in bases_of(ranks.policy):
        read += relay(ports, CONSUMER, points, at=at, stream=POINTS, limit=limit)
    return read


def count_order(ports: Ports, order_id: str, *, at: datetime) -> None:
    """Count what is new in the history of one order."""
    ranks = ranks_of(ports)
    tried(ports.storage, lambda: _count_order(ports, ranks, order_id, at=at))


def _count_order(ports: Ports, ranks: Ranks, order_id: str, *, at: datetime) -> None:
    told = [it.value for it in history(ports, order_id)]
    placed = next((it for it in told if isinstance(it, OrderPlaced)), None)
    stored = ports.storage.load(CountedOrder, order_id)
    seen = 0 if stored is None else stored.value.event_count
    if placed is None or len(told) <= seen:
        return
    account = account_of(ports, ranks, placed.buyer_id, since=placed.at)
    if account is None:
        return
    growth, before = ranks.growth, account.value
    facts = deeds_of(told, currency=growth.currency, counts=growth.counts, leave_out=growth.leave_out)
    new = [fact for number, fact in facts if number > seen]
    after = evolve(before, orders=before.orders + sum([_orders(it) for it in told[seen:]]), last_order_at=_last_order(before, placed, seen))
    if not new and after == before:
        return
    after = _with(after, ranks, new, at=at)
    mark = Put(order_id, CountedOrder(id=order_id, member_id=before.id, event_count=len(told)), 0 if stored is None else stored.version)
    op = Operation(fitted(f"tiers/{order_id}/{len(told)}"), "count")
    commit_account(ports, op, before, Put(before.id, after, account.version), (mark,), at=at)


def _with(account: TierAccount, ranks: Ranks, facts: Sequence[Deed | Undone], *, at: datetime) -> TierAccount:
    deeds = [it for it in facts if isinstance(it, Deed)]
    undone = [it for it in facts if isinstance(it, Undone)]
    return take_in(account, ranks.policy, deeds=deeds, undone=undone, at=max(at, account.standing.seen))


def _orders(event: object) -> int:
    return isinstance(event, OrderPlaced) - isinstance(event, OrderCanceled)


def _last_order(account: TierAccount, placed: OrderPlaced, seen: int) -> datetime | None:
    if seen or (account.last_order_at is not None and account.last_order_at >= placed.at):
        return account.last_order_at
    return placed.at


def count_points(ports: Ports, account_id: str, entries: Sequence[Recorded], *, at: datetime) -> None:
    """Count the points that were earned by these entries of one account, as far as they were not counted before."""
    ranks = ranks_of(ports)
    if kind_of(account_id) == ranks.growth.points:
        tried(ports.storage, lambda: _count_points(ports, ranks, account_id, entries, at=at))


def _count_points(ports: Ports, ranks: Ranks, account_id: str, entries: Sequence[Recorded], *, at: datetime) -> None:
    stored = ports.storage.load(CountedPoints, account_id)
    seen = 0 if stored is None else stored.value.entry_count
    new = [fact for it in entries if it.number > seen for fact in _earned(it)]
    account = account_of(ports, ranks, member_of(account_id), since=entries[0].at) if new else None
    if account is None:
        return
    last = entries[-1].number
    mark = Put(account_id, CountedPoints(id=account_id, entry_count=last), 0 if stored is None else stored.version)
    after = _with(account.value, ranks, new, at=at)
    op = Operation(fitted(f"tiers/{account_id}/{last}"), "count")
    commit_account(ports, op, account.value, Put(after.id, after, account.version), (mark,), at=at)


def _earned(recorded: Recorded) -> Iterator[Deed | Undone]:
    entry = recorded.value
    if isinstance(entry, PointsEarned):
        yield Deed(id=fitted(f"points/{entry.lot.id}"), at=entry.at, points=entry.lot.points)
    elif isinstance(entry, PointsReversed):
        points = total(entry.parts) + entry.owed + entry.lapsed
        yield Undone(id=fitted(f"{recorded.key}/{recorded.number}"), of=fitted(f"points/{entry.lot_id}"), at=entry.at, points=points)


def _follow_member(ports: Ports, recorded: Recorded, *, at: datetime) -> None:
    event = recorded.value
    if isinstance(event, MemberMerged):
        merge_tiers(ports, recorded.key, event.into, at=at)
    elif isinstance(event, GuestAdopted):
        merge_tiers(ports, event.guest_id, recorded.key, at=at)
        for order_id in _orders_of(ports, event.guest_id):
            count_order(ports, order_id, at=at)


def _orders_of(ports: Ports, buyer_id: str) -> Iterator[str]:
    after, where = "", (Where("buyer_id", Match.EQUAL, buyer_id),)
    while True:
        page = ports.storage.find(Query(Order, where=where, limit=200, after=after))
        yield from [stored.value.id for stored in page.items]
        if not page.next:
            return
        after = page.next


def merge_tiers(ports: Ports, gone_id: str, into_id: str, *, at: datetime) -> None:
    """Put what one member did into the account of another who is the same person; nothing happens where it was done before."""
    ranks = ranks_of(ports)

    def step() -> None:
        gone, into = ports.storage.load(TierAccount, gone_id), account_of(ports, ranks, into_id, since=at)
        if gone is None or gone.value.merged_into or into is None or into.value.id == gone_id:
            return
        left, after = merge_accounts(gone.value, into.value, ranks.policy, at=max(at, into.value.standing.seen))
        op = Operation(fitted(f"tiers/{gone_id}/into/{into_id}"), "merge")
        commit_account(ports, op, into.value, Put(after.id, after, into.version), (Put(gone_id, left, gone.version),), at=at)

    tried(ports.storage, step)
