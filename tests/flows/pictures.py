"""The world of a mall as a picture that two runs can be compared by, once it has come to rest."""

from __future__ import annotations

from collections import Counter
from typing import Any

from shopwright import standing
from shopwright.loyalty.rewards import CouponReward
from shopwright.members.codes import OneTimeCode
from shopwright.members.contacts import ContactClaim
from shopwright.members.member import Member, MemberAlias, MemberBlock
from shopwright.orders import fold, promises
from shopwright.orders.credit_notes import CreditNote
from shopwright.orders.events import ClaimState
from shopwright.ports.storage import Query
from shopwright.promotions.coupons import coupon_key
from shopwright.wire.member_kinds import MEMBERS, PROFILES
from tests.flows.carted import carts_of
from tests.flows.cased import cases_of
from tests.flows.cataloged import catalog_of
from tests.flows.coded import CODE
from tests.flows.counted import tallies_of
from tests.flows.credited import credit_of
from tests.flows.found import index_of
from tests.flows.grown import grown
from tests.flows.mall import Mall
from tests.flows.pointed import points_of
from tests.flows.risk.scenes import trails_of
from tests.flows.scenarios import Scenario
from tests.flows.stocked import stock_of
from tests.flows.subscribed import subscriptions_of
from tests.flows.viewed import views_kept


def repeated(mall: Mall, scenario: Scenario, subject: Any) -> dict[str, Any]:
    """The world once the command, sent again and again as an impatient caller would, changes nothing any more."""
    before: dict[str, Any] = {}
    for _ in range(10):
        scenario.act(mall, subject)
        after = picture(mall)
        if after == before and not any(order.open_attempts for order in mall.orders()):
            return after
        before = after
    return before


def picture(mall: Mall) -> dict[str, Any]:
    """The world without the names that chance gave it: orders, money on both sides, goods, bookings."""
    orders = mall.orders()
    for order in orders:
        assert fold(event.value for event in mall.shop.orders.history(order.id)) == order
    claimed: Counter[str] = Counter()
    for order in orders:
        if order.claim.state in (ClaimState.HELD, ClaimState.USED):
            claimed.update(dict(order.claim.items))
    keys = ("stock/TEA", "stock/CUP", "stock/MUG", "coupon/SPRING", "coupon/JUNE", coupon_key(CODE), "promotion/flash/units")
    quotas = mall.storage.quota(keys, at=mall.clock.now())
    assert {key: quota.used + quota.held for key, quota in quotas.items()} == {key: claimed[key] for key in quotas}
    return {
        "orders": [
            (order.state, standing(order), order.total, order.paid, order.refund_outstanding, _money(order), _goods(order)) for order in orders
        ],
        "promises": [[(it.grant, it.state) for it in promises(order)] for order in orders],
        "heard": [(notice.type, notice.number) for notice in mall.ear.heard.values()],
        "subscriptions": subscriptions_of(mall),
        "holds": [[hold.id for hold in order.holds] for order in orders],
        "exceptions": [[note.code for note in order.exceptions] for order in orders],
        "provider": sorted((movement.kind, movement.amount.minor) for movement in mall.provider.movements()),
        "grown": grown(mall.storage),
        "catalog": catalog_of(mall.storage),
        "members": _members(mall),
        "codes": _codes(mall),
        "told": sorted((it.channel, it.template) for it in mall.post.delivered.values()),
        "bookings": len(mall.desk.bookings()),
        "points": points_of(mall),
        "credit": credit_of(mall),
        "counted": tallies_of(mall),
        "views": views_kept(mall),
        "notes": [(it.value.number, it.value.refund, it.value.taxes) for it in mall.storage.find(Query(CreditNote, limit=100)).items],
        "stock": stock_of(mall),
        "index": index_of(mall),
        "carts": carts_of(mall),
        "cases": cases_of(mall),
        "judged": trails_of(mall),
        "rewards": [stored.value for stored in mall.storage.find(Query(CouponReward, limit=100)).items],
        "quotas": {key: (quota.granted, quota.used, quota.held) for key, quota in quotas.items()},
    }


def _money(order: Any) -> list[tuple[Any, ...]]:
    return [(it.state, it.authorized, it.captured, it.voided, it.refunded, len(it.attempts)) for it in order.payments]


def _goods(order: Any) -> list[tuple[Any, ...]]:
    return [(it.state, it.units, it.voided, bool(it.booking_key)) for it in order.shipments] + [line.buckets for line in order.lines]


def _members(mall: Mall) -> list[tuple[Any, ...]]:
    """Members without what is sealed, and without the ids that chance gave them; whose contacts, guests and blocks are."""
    found = [stored.value for stored in mall.storage.find(Query(Member, limit=100)).items]
    mine = {member.id: member for member in found}
    for member in found:
        assert len(mall.storage.read(MEMBERS, key=member.id)) == member.event_count
        assert len(mall.storage.read(PROFILES, key=member.id)) == member.kept_count
    kept = [(kind.__name__, it.value.member_id) for kind in (ContactClaim, MemberAlias, MemberBlock) for it in mall.storage.find(Query(kind)).items]
    assert all(member_id in mine for _, member_id in kept)
    return [*(_member(member) for member in sorted(found, key=lambda it: it.id)), *Counter(kind for kind, _ in kept).items()]


def _member(member: Member) -> tuple[Any, ...]:
    contacts = [(it.id, it.channel, it.verified_at is not None, it.replaces) for it in member.contacts]
    fields, booked = [it.name for it in member.profile], [it.id for it in member.addresses]
    return (member.state, contacts, fields, booked, member.consents, member.aliases, member.merged_into, member.event_count, member.kept_count)


def _codes(mall: Mall) -> list[tuple[Any, ...]]:
    found = [it.value for it in mall.storage.find(Query(OneTimeCode, limit=100)).items]
    return sorted((it.purpose, it.contact, it.serial, it.attempts, it.used_at is not None) for it in found)
