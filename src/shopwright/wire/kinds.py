"""What a shop keeps: the document kinds and record types of the core, under names that never change.

A plug-in adds its own with `KINDS.plus(...)`. The names of events are those of their classes.
"""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from attrs import frozen

from shopwright.catalog.products import Product
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import PointsEntry
from shopwright.loyalty.granted import GrantedSoFar
from shopwright.loyalty.lapsing import next_lapse
from shopwright.loyalty.naming import member_of
from shopwright.loyalty.payments import PointsPayment
from shopwright.loyalty.reversing import Earning, Redemption
from shopwright.loyalty.rewards import CouponGiven, CouponReward, HandedOut
from shopwright.members.sealing import PersonalKey, PersonErased, Sealed
from shopwright.orders.closing import complete_due_at
from shopwright.orders.disputing import answer_due_at
from shopwright.orders.events import OrderEvent
from shopwright.orders.excepting import exception_since
from shopwright.orders.lateness import late_at
from shopwright.orders.order import Order
from shopwright.orders.recovering import expire_at, recover_at
from shopwright.orders.standing import standing
from shopwright.ports.kinds import Index, IndexType, Kind, Kinds, RecordType
from shopwright.promotions.coupons import Coupon
from shopwright.shipping.bookings import Label
from shopwright.wire import (
    catalog_kinds,
    credit_kinds,
    finding_kinds,
    goods_kinds,
    growth_kinds,
    member_kinds,
    refund_kinds,
    return_kinds,
    risk_kinds,
    settlement_kinds,
    statistics_kinds,
    stock_kinds,
    subscription_kinds,
    view_kinds,
)

EVENTS = "events"
"""The stream of everything that happens to orders: the outbox that consumers read."""

POINTS = "points"
"""The stream of everything that happens to points: the entries of each account, under its id."""


@frozen
class Consumer:
    """How far a consumer has read a stream."""

    name: str
    stream: str
    position: str


@frozen
class TrackingNumber:
    """Which shipment of which order a carrier's tracking number belongs to, or which case on its way back; its id is `<carrier>/<number>`."""

    carrier: str
    number: str
    order_id: str
    shipment_id: str
    case_id: str = ""


@frozen
class SealedLabel:
    """A label whose content, name and address, is sealed for the buyer."""

    format: str
    tracking_number: str
    content: Sealed


@frozen
class ShipmentLabels:
    """The labels of a booked shipment; its id is `<order id>/<shipment id>`. With a vault they are `sealed`, and `labels` is empty."""

    order_id: str
    shipment_id: str
    labels: tuple[Label, ...] = ()
    sealed: tuple[SealedLabel, ...] = ()


@frozen
class ReturnLabels:
    """The newest labels for the goods of a case on their way back; its id is that of the case. Sealed as those of a shipment are."""

    case_id: str
    key: str
    labels: tuple[Label, ...] = ()
    sealed: tuple[SealedLabel, ...] = ()


@frozen(kw_only=True)
class LooseMoney:
    """Money that belongs to no order that could be placed: imported as it is, to be cleared up by a person.

    `amount` is in minor units of `currency`; `reason` is a code.
    """

    id: str
    source: str
    method: str
    amount: int
    currency: str
    reason: str
    at: datetime
    facts: tuple[tuple[str, str | int | bool], ...] = ()


def _hold_ends_at(order: Order) -> datetime | None:
    return min((hold.expires_at for hold in order.holds if hold.expires_at is not None), default=None) if order.holds else None


ORDER = Kind(
    "order",
    Order,
    indexes=(
        Index("number", IndexType.TEXT, lambda order: order.number, unique=True),
        Index("buyer_id", IndexType.TEXT, lambda order: order.buyer_id),
        Index("placed_at", IndexType.TIME, lambda order: order.placed_at),
        Index("state", IndexType.TEXT, lambda order: str(order.state)),
        Index("standing", IndexType.TEXT, lambda order: str(standing(order))),
        Index("external_id", IndexType.TEXT, lambda order: order.external_id or None, unique=True),
        Index("due_at", IndexType.TIME, expire_at),
        Index("complete_at", IndexType.TIME, complete_due_at),
        Index("hold_ends_at", IndexType.TIME, _hold_ends_at),
        Index("recover_at", IndexType.TIME, recover_at),
        Index("dispute_due_at", IndexType.TIME, answer_due_at),
        Index("exception_since", IndexType.TIME, exception_since),
        Index("late_at", IndexType.TIME, late_at),
    ),
)

REWARDS = "rewards"
"""The stream of what orders promised and is due: one record for each coupon, under the key of its promise."""

POINTS_ACCOUNT = Kind(
    "points_account",
    Account,
    indexes=(
        Index("member_id", IndexType.TEXT, lambda account: (not account.merged_into and member_of(account.id)) or None),
        Index("lapses_at", IndexType.TIME, next_lapse),
    ),
)

KINDS = Kinds(
    documents=(
        ORDER,
        Kind("product", Product, indexes=(Index("seller_id", IndexType.TEXT, lambda product: product.seller_id),)),
        *catalog_kinds.DOCUMENTS,
        Kind("coupon", Coupon),
        Kind("consumer", Consumer),
        Kind("tracking_number", TrackingNumber),
        Kind("shipment_labels", ShipmentLabels),
        Kind("return_labels", ReturnLabels),
        Kind("coupon_reward", CouponReward, indexes=(Index("buyer_id", IndexType.TEXT, lambda reward: reward.buyer_id),)),
        Kind("codes_handed_out", HandedOut),
        Kind("points_granted", GrantedSoFar),
        Kind("points_payment", PointsPayment, indexes=(Index("account_id", IndexType.TEXT, lambda payment: payment.account_id),)),
        Kind("loose_money", LooseMoney, indexes=(Index("reason", IndexType.TEXT, lambda money: money.reason),)),
        *goods_kinds.DOCUMENTS,
        *growth_kinds.DOCUMENTS,
        *member_kinds.DOCUMENTS,
        *stock_kinds.DOCUMENTS,
        *settlement_kinds.DOCUMENTS,
        *risk_kinds.DOCUMENTS,
        *credit_kinds.DOCUMENTS,
        *refund_kinds.DOCUMENTS,
        *return_kinds.DOCUMENTS,
        *subscription_kinds.DOCUMENTS,
        *statistics_kinds.DOCUMENTS,
        *finding_kinds.DOCUMENTS,
        *view_kinds.DOCUMENTS,
        Kind("personal_key", PersonalKey, indexes=(Index("master", IndexType.TEXT, lambda key: key.master),), erasable=True),
        POINTS_ACCOUNT,
        Kind("points_earning", Earning),
        Kind("points_redemption", Redemption),
    ),
    records=(
        *(RecordType(event.__name__, event) for event in get_args(OrderEvent)),
        RecordType("PersonErased", PersonErased),
        *growth_kinds.RECORDS,
        RecordType("CouponGiven", CouponGiven),
        *(RecordType(entry.__name__, entry) for entry in get_args(PointsEntry)),
        *member_kinds.RECORDS,
        *catalog_kinds.RECORDS,
        *stock_kinds.RECORDS,
        *credit_kinds.RECORDS,
        *return_kinds.RECORDS,
        *statistics_kinds.RECORDS,
    ),
)
