"""A shop that gives one mug away, with points and a coupon to come: what came before an order of it."""

from __future__ import annotations

from datetime import timedelta

from shopwright import Order, Product, PutProduct, ReceiveStock, accepted
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift
from tests.flows.mall import CLERK, Mall, an_order, placed

THANKS = Promotion(id="thanks", effects=(Extra(gifts=(Gift("MUG"),), points=50, coupons=("next-time",)),))
GIVING = {"promotions": (THANKS,)}
"""What else such a shop is made of."""

MUG = Product(sku="MUG", title="A mug", seller_id="house", prices=())
"""Given, never sold."""


def one_mug(mall: Mall) -> None:
    """There is one to give away."""
    accepted(mall.shop.goods.put(PutProduct(key="mug", by=CLERK, product=MUG)))
    accepted(mall.shop.goods.receive(ReceiveStock(key="one mug", by=CLERK, sku="MUG", quantity=1)))


def with_gift(mall: Mall) -> Order:
    """An order that has it."""
    one_mug(mall)
    return placed(mall.shop)


def late_for_the_gift(mall: Mall) -> Order:
    """An order that had it, until its hold lapsed and another order took it."""
    order = with_gift(mall)
    mall.clock.advance(timedelta(minutes=31))
    placed(mall.shop, an_order(key="faster"))
    return order
