"""A mall whose orders have come so far, and what must hold of it: for tests of what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from attrs import evolve

from shopwright import Coupon, Order, Product, Refusal, Via, accepted
from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.kept_prices import ListBook, PastLists, PastPrices, SkuPrices
from shopwright.credit.account import CreditAccount
from shopwright.credit.payments import CreditPayment
from shopwright.flows import commands as c
from shopwright.flows.commands import OrderCommand
from shopwright.inventory.cart_holds import CartHold
from shopwright.inventory.place_stock import PlaceStock
from shopwright.inventory.sold import SoldGoods
from shopwright.inventory.transfers import StockTransfer
from shopwright.loyalty import Account, Earning, Redemption
from shopwright.members.codes import OneTimeCode, SentCodes
from shopwright.members.contacts import ContactClaim
from shopwright.members.member import Member, MemberAlias, MemberBlock
from shopwright.orders import fold
from shopwright.ports.storage import START as BEGINNING
from shopwright.ports.storage import Query
from shopwright.returns.case import Case
from shopwright.returns.order_cases import OrderCases
from shopwright.wire.catalog_kinds import CATALOG, Refiling
from shopwright.wire.credit_kinds import CREDIT
from shopwright.wire.kinds import EVENTS, POINTS, LooseMoney
from shopwright.wire.member_kinds import MEMBERS, PROFILES
from shopwright.wire.return_kinds import CASES
from shopwright.wire.statistics_kinds import VISITS, DayTally, KnownVisitor
from shopwright.wire.stock_kinds import STOCK
from shopwright.wire.subscription_kinds import Backlog, Subscription
from tests.flows.mall import Mall, an_order, paid, placed
from tests.flows.verbs import COMMANDED, a_command

STAGES: dict[str, Callable[[Mall], Order]] = {
    "placed": lambda mall: placed(mall.shop),
    "awaiting the buyer": lambda mall: paid(mall.shop, an_order(token="tok_redirect")),
    "declined": lambda mall: paid(mall.shop, an_order(token="tok_declined")),
    "without an answer": lambda mall: paid(mall.shop, an_order(token="tok_not_sent")),
    "promised": lambda mall: paid(mall.shop, an_order(capture=False)),
    "confirmed": lambda mall: paid(mall.shop),
    "on delivery": lambda mall: placed(mall.shop, an_order(via=Via.ON_DELIVERY)),
    "planned": lambda mall: do(mall, c.ShipOrder, paid(mall.shop), carrier="", wanted=None, units=()),
    "half shipped": lambda mall: do(mall, c.DispatchShipment, do(mall, c.ShipOrder, paid(mall.shop))),
    "shipped": lambda mall: do(mall, c.DispatchShipment, STAGES["planned"](mall)),
    "lost": lambda mall: do(mall, c.LoseShipment, STAGES["shipped"](mall)),
    "delivered": lambda mall: do(mall, c.DeliverShipment, STAGES["shipped"](mall)),
    "completed": lambda mall: do(mall, c.CompleteOrder, STAGES["delivered"](mall)),
    "canceled": lambda mall: do(mall, c.CancelOrder, paid(mall.shop)),
}


def do(mall: Mall, kind: type[OrderCommand], order: Order, **facts: Any) -> Order:
    """One more step of an order that must succeed."""
    verb = next(verb for verb in COMMANDED if verb.command is kind)
    return accepted(verb.of(mall.shop)(evolve(a_command(kind, order_id=order.id, key=f"{kind.__name__}-before"), **facts)))


def world(mall: Mall) -> dict[str, Any]:
    """All that could have been written, in the shop and outside of it."""
    storage = mall.storage
    people = (Member, MemberAlias, MemberBlock, ContactClaim, OneTimeCode, SentCodes)
    stock = (PlaceStock, StockTransfer, SoldGoods, CartHold)
    catalog = (Product, ProductGroup, CategoryTree, AttributeSchema, Refiling, ListBook, SkuPrices, PastLists, PastPrices)
    kept = (Case, OrderCases, DayTally, KnownVisitor)
    money = (CreditAccount, CreditPayment, LooseMoney, Account, Earning, Redemption)
    kinds = (Order, *kept, *money, *catalog, Coupon, Subscription, Backlog, *stock, *people)
    return {
        "documents": [storage.find(Query(kind, limit=1_000)).items for kind in kinds],
        "events": storage.read(EVENTS, after=BEGINNING, limit=1_000),
        "entries": storage.read(POINTS, after=BEGINNING, limit=1_000),
        "credit": storage.read(CREDIT, after=BEGINNING, limit=1_000),
        "catalog": storage.read(CATALOG, after=BEGINNING, limit=1_000),
        "cases": storage.read(CASES, after=BEGINNING, limit=1_000),
        "visits": storage.read(VISITS, after=BEGINNING, limit=1_000),
        "stock": storage.read(STOCK, after=BEGINNING, limit=1_000),
        "members": [storage.read(stream, after=BEGINNING, limit=1_000) for stream in (MEMBERS, PROFILES)],
        "told": dict(mall.post.delivered),
        "heard": dict(mall.ear.heard),
        "quotas": storage.quota(("stock/TEA", "stock/CUP", "coupon/SPRING", "coupon/MAY"), at=mall.clock.now()),
        "money": mall.provider.movements(),
        "bookings": mall.desk.bookings(),
    }


def unchanged(mall: Mall, act: Callable[[], Any], expected: type[Exception] | str, match: str | None = None) -> None:
    """The act is refused with this code, or raises this, and the world is as it was before."""
    before = world(mall)
    if isinstance(expected, str):
        answer = act()
        assert isinstance(answer, Refusal), answer
        assert answer.code == expected
    else:
        with pytest.raises(expected, match=match):
            act()
    assert world(mall) == before


def assert_legal(mall: Mall, order: Order) -> None:
    """What holds of every order: it is the sum of its history, no unit is lost, and its money is what the provider says."""
    assert fold(event.value for event in mall.shop.orders.history(order.id)) == order
    assert all(sum(attrs.astuple(line.buckets)) == line.quantity for line in order.lines)
    moved = [it for it in mall.provider.movements() if it.reference in {payment.reference for payment in order.payments}]
    taken = sum(it.amount.minor * {"captured": 1, "refunded": -1}.get(it.kind, 0) for it in moved)
    asked = [payment for payment in order.payments if payment.tender.via is Via.GATEWAY]
    assert sum(it.captured - it.refunded + it.refunded_by_hand for it in asked) == taken
