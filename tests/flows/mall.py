"""A small mall for flow tests: two goods, a limited coupon, a gateway and a carrier, on any storage. What has to survive a crash
of the shop (the storage, the provider's and the carrier's side, the clock) is apart from the shop itself, which is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from attrs import evolve

from shopwright import (
    Address,
    ApprovalRule,
    Cart,
    CartLine,
    Coupon,
    FlatShipping,
    Money,
    Order,
    PayOrder,
    PlaceOrder,
    Product,
    PutCoupon,
    PutProduct,
    ReceiveStock,
    Refusal,
    Shop,
    Tender,
    Terms,
    Via,
    accepted,
    customer,
    staff,
)
from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider
from shopwright.adapters.flat_rate import FlatRate
from shopwright.adapters.flat_rate.desk import CarrierDesk
from shopwright.orders.fulfilling import BookingWanted
from shopwright.ports.buyers import Strangers
from shopwright.ports.storage import Query, Storage
from shopwright.ports.tax import EngineTaxes
from shopwright.shipping.parcels import Parcel, Party
from shopwright.testing.clock import FrozenClock
from shopwright.testing.faults import Faults
from shopwright.testing.ids import SeededIds
from tests.flows.ear import Ear
from tests.flows.grown import GROWN, Folk
from tests.flows.post import Post

T = TypeVar("T")
ANN, CLERK = customer("ann"), staff("clerk")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WANTED = BookingWanted(
    origin=Party(name="Mall", lines=("Dock 1",), city="Bremen", country="DE"),
    parcels=(Parcel(weight_g=500, length_mm=100, width_mm=100, height_mm=50),),
    label_format="txt",
)


class Mall:
    """The world around a shop, and shops in it."""

    def __init__(self, storage: Storage, *, terms: Terms | None = None, ways: Mapping[str, Any] | None = None) -> None:
        self.storage, self.clock, self.terms = storage, FrozenClock(START), terms or Terms()
        self.ways = {"growth": GROWN, "people": Folk(), "buyers": Strangers(), **(ways or {})}
        self.provider = FakeProvider(clock=self.clock)
        self.desk = CarrierDesk(clock=self.clock)
        self.post, self.ear = Post(), Ear()
        self.faults, self._seeds = Faults(), count()  # no process makes the ids of another
        self.shop = self.reopened()
        stock(self.shop)

    def reopened(self) -> Shop:
        """The shop as a new process would open it."""
        wrap, ways = self.faults.wrap, dict(self.ways)
        if isinstance(taxes := ways.get("taxes"), EngineTaxes):
            ways["taxes"] = evolve(taxes, engine=wrap(taxes.engine))
        self.shop = Shop(
            wrap(self.storage),
            gateways=[wrap(FakeGateway(provider=self.provider))],
            carriers=[wrap(FlatRate(rate=Money(350, "EUR"), desk=self.desk))],
            terms=self.terms,
            clock=self.clock,
            notifier=wrap(self.post),
            outlets=[wrap(self.ear)],
            ids=SeededIds(next(self._seeds)),
            **ways,
        )
        return self.shop

    def orders(self) -> tuple[Order, ...]:
        """Every order in the store."""
        return tuple(stored.value for stored in self.storage.find(Query(Order, limit=100)).items)


def stock(shop: Shop) -> None:
    """Put two goods and a coupon with one use into a shop."""
    for sku, price in (("TEA", 1000), ("CUP", 2500)):
        product = Product(sku=sku, title=sku.title(), seller_id="house", prices=(Money(price, "EUR"),))
        accepted(shop.goods.put(PutProduct(key=f"put-{sku}", by=CLERK, product=product)))
        accepted(shop.goods.receive(ReceiveStock(key=f"receive-{sku}", by=CLERK, sku=sku, quantity=10)))
    coupon = Coupon(code="SPRING", percent=1000, limited=True)
    accepted(shop.goods.put_coupon(PutCoupon(key="put-spring", by=CLERK, coupon=coupon, more_uses=5)))


def an_order(
    *, key: str = "o1", token: str = "tok_ok", capture: bool = True, via: Via = Via.GATEWAY, coupon: str = "", vouchers: tuple[int, ...] = ()
) -> PlaceOrder:
    """Two teas and a cup for Ann, 49.00 with shipping (44.50 with the coupon), paid by card unless said otherwise."""
    total = 4450 if coupon else 4900
    gateway = {"gateway": "fake", "source": token} if via is Via.GATEWAY else {}
    card = Tender(method="card" if via is Via.GATEWAY else "cash", amount=total - sum(vouchers), via=via, capture=capture, **gateway)
    external = tuple(Tender(method="voucher", amount=amount, via=Via.EXTERNAL) for amount in vouchers)
    return PlaceOrder(
        key=key,
        by=ANN,
        buyer_id="ann",
        cart=Cart("EUR", (CartLine("TEA", 2), CartLine("CUP", 1)), coupon_code=coupon),
        shipping=FlatShipping("post", 400),
        ship_to=Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE"),
        tenders=(*external, card),
    )


def placed(shop: Shop, command: PlaceOrder | None = None) -> Order:
    """An order that was placed and not paid."""
    return accepted(shop.orders.place(command or an_order()))


def paid(shop: Shop, command: PlaceOrder | None = None) -> Order:
    """An order that was placed and paid."""
    order = placed(shop, command)
    return accepted(shop.payments.pay(PayOrder(key=f"pay-{order.id}", by=ANN, order_id=order.id)))


def refused(answer: T | Refusal) -> str:
    """The code of a refusal."""
    assert isinstance(answer, Refusal), answer
    return answer.code


REVIEWED = Terms(approval=ApprovalRule(nobody=True))
