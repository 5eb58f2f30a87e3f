"""Orders that earn and are paid with points, for the tests of all flows: what crashes, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import CancelOrder, CapturePayment, Cart, Money, Order, PayOrder, RefundOrder, ShipOrder, accepted, customer, flows
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.points.commands import ExchangePoints
from shopwright.loyalty.rewards import Prize
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from tests.flows.coded import BOOK, FIVE
from tests.flows.mall import ANN, CLERK, Mall, paid, placed
from tests.flows.paying_points import ANNS, PAYING, mixed, with_points

THANKS = Promotion(id="thanks", effects=(Extra(points=50, coupons=("next-time",)),))
PRIZE = Prize(id="five-off", version=2, points=6, batch="once")
EARNING_WAYS: dict[str, Any] = {"loyalty": evolve(PAYING, most_per_day=20, prizes=(PRIZE,)), "promotions": (THANKS, FIVE), "codes": BOOK}
"""What else a shop is made of whose orders earn and are paid with points; a day's cap is less than an order earns."""


def _placed(mall: Mall, *, capture: bool = True) -> Order:
    with_points(mall)
    return placed(mall.shop, mixed(capture=capture))


def _paid(mall: Mall, *, capture: bool = True) -> Order:
    with_points(mall)
    return paid(mall.shop, mixed(capture=capture))


def _completed(mall: Mall) -> Order:
    order = _paid(mall)
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    accepted(mall.shop.shipping.dispatch(c.DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))
    accepted(mall.shop.shipping.deliver(c.DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")))
    return accepted(mall.shop.orders.complete(c.CompleteOrder(key="complete", by=CLERK, order_id=order.id)))


def _followed_and_back(mall: Mall) -> Order:
    order = _completed(mall)
    mall.shop.loyalty.follow()
    return accepted(_refund(mall, order))


def _pay(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))


def _refund(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.refund(RefundOrder(key="back", by=CLERK, order_id=order.id, amount=Money(3_600, "EUR"), reason="too late"))


def _cancel(mall: Mall, order: Order) -> Any:
    return mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id))


def _capture(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.capture(CapturePayment(key="capture", by=CLERK, order_id=order.id, payment_id="p1"))


def _sweep(mall: Mall, order: Order) -> Any:
    mall.clock.advance(timedelta(days=30))
    return mall.shop.orders.sweep()


def _follow(mall: Mall, order: Order) -> Any:
    return mall.shop.loyalty.follow()


def _exchange(mall: Mall, order: Order) -> Any:
    return mall.shop.points.exchange(ExchangePoints(key="exchange", by=ANN, account_id=ANNS, prize=PRIZE.id, redemption_id="mine"))


EARNED_DEEDS: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Callable[[Mall, Any], Any]], ...] = (
    ("pay with points", flows.pay, _placed, _pay),
    ("pay with points that are promised", flows.pay, lambda mall: _placed(mall, capture=False), _pay),
    ("capture points", flows.capture, lambda mall: _paid(mall, capture=False), _capture),
    ("cancel an order that is paid with points", flows.cancel, _paid, _cancel),
    ("cancel an order that points are promised for", flows.cancel, lambda mall: _paid(mall, capture=False), _cancel),
    ("refund points and money", flows.refund, _paid, _refund),
    ("sweep an order that points were to pay", flows.sweep, _placed, _sweep),
    ("follow an order that earns", flows.follow_points, _completed, _follow),
    ("exchange points for a coupon", flows.exchange_points, _placed, _exchange),
    ("follow an order that goes back", flows.follow_points, _followed_and_back, _follow),
)
"""For each way in which points and orders meet: what came before, and the deed that crashes and is sent again."""

_BOB = customer("bob")

EARNED_CASES: dict[str, list[tuple[Any, ...]]] = {
    "loyalty.offer": [("a cart of nothing there", lambda mall: mall.shop.loyalty.offer(evolve(mixed(), cart=Cart("EUR", ()))), "cart_empty")],
    "loyalty.follow": [
        ("no limit", lambda mall: mall.shop.loyalty.follow(limit=0), InvalidValue, "limit"),
        ("too many at once", lambda mall: mall.shop.loyalty.follow(limit=1_001), InvalidValue, "limit"),
    ],
    "loyalty.coupons": [
        ("nobody", lambda mall: mall.shop.loyalty.coupons(""), InvalidValue, "buyer id"),
        ("nobody asks", lambda mall: mall.shop.loyalty.coupons("ann", by=None), InvalidValue, "customer"),
        ("no limit", lambda mall: mall.shop.loyalty.coupons("ann", limit=0), InvalidValue, "limit"),
    ],
}
"""What is wrong for each verb of the desk of a program."""
