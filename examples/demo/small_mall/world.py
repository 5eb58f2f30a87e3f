"""The shop and the people around it: its clerk, the provider that takes its money, the carrier that takes its parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from shopwright import ApprovalRule, Money, Order, PutCoupon, PutProduct, ReceiveStock, Refusal, Shop, Terms, accepted, staff
from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider
from shopwright.adapters.flat_rate import CarrierDesk, FlatRate
from shopwright.ports.storage import Storage
from shopwright.testing.clock import FrozenClock
from shopwright.testing.ids import SeededIds
from small_mall.goods import COUPONS, CURRENCY, SHELVES

T = TypeVar("T")
OPENING = datetime(2026, 3, 2, 6, tzinfo=UTC)
CLERK = staff("clerk-1")
TERMS = Terms(approval=ApprovalRule(max_total=18_000))
"""Orders above 180.00 are looked at by a person."""


class World:
    """One shop on one storage, with a clock that moves when `days` says so."""

    def __init__(self, storage: Storage) -> None:
        self.clock = FrozenClock(OPENING)
        self.provider = FakeProvider(clock=self.clock)
        self.desk = CarrierDesk(clock=self.clock)
        self.refusals: Counter[str] = Counter()
        self.shop = Shop(
            storage,
            gateways=(FakeGateway(self.provider),),
            carriers=(FlatRate(rate=Money.of("3.50", CURRENCY), desk=self.desk),),
            terms=TERMS,
            clock=self.clock,
            ids=SeededIds(7),
        )
        self._keys = 0

    def key(self, what: str) -> str:
        """A key of its own for each command, the same in every run."""
        self._keys += 1
        return f"demo/{self._keys}/{what}"

    def heard(self, answer: T | Refusal) -> T | None:
        """The answer, or nothing when the shop said no; what it said is counted."""
        if isinstance(answer, Refusal):
            self.refusals[answer.code] += 1
            return None
        return answer

    def now(self, order: Order) -> Order:
        """An order as it stands by now."""
        return accepted(self.shop.orders.get(order.id))

    def stock_up(self) -> None:
        """Put everything on sale before the first buyer comes."""
        for shelf in SHELVES:
            sku = shelf.product.sku
            accepted(self.shop.goods.put(PutProduct(key=self.key("put"), by=CLERK, product=shelf.product)))
            accepted(self.shop.goods.receive(ReceiveStock(key=self.key("receive"), by=CLERK, sku=sku, quantity=shelf.stock)))
        for coupon, uses in COUPONS:
            accepted(self.shop.goods.put_coupon(PutCoupon(key=self.key("coupon"), by=CLERK, coupon=coupon, more_uses=uses)))

    def post(self) -> None:
        """Bring the shop what provider and carrier have to tell, some of it twice."""
        for raw in self.provider.notifications(duplicate=2):
            self.shop.payments.receive("fake", raw)
        for pushed in self.desk.notifications():
            self.shop.shipping.receive("flat_rate", pushed)


Act = Callable[[World], None]
