"""A town around a shop, for tests that want to harm it: a provider, a carrier and a letter bag on the outside, somebody who meddles
between any two calls, and the laws that must hold whatever happens.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from shopwright import Cart, CartLine, Coupon, Money, Order, Product, PutCoupon, PutProduct, ReceiveStock, Shop, Terms, accepted
from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway, FakeProvider
from shopwright.adapters.fake_gateway.book import Account
from shopwright.adapters.flat_rate import FlatRate
from shopwright.adapters.flat_rate.desk import CarrierDesk
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.ports.storage import Query, Storage
from shopwright.testing.clock import FrozenClock
from shopwright.testing.faults import Crash, Faults
from shopwright.testing.ids import SeededIds
from tests.flows.giving import MUG
from tests.flows.mall import CLERK, START

SKUS, COUPONS, STOCK, USES = ("TEA", "CUP"), ("SPRING", "GIFT"), 5, 2
QUOTAS = ("stock/TEA", "stock/CUP", "stock/MUG", "coupon/SPRING")


class Meddling(Faults):
    """Faults that, beside dying at a call, let somebody else act just before or after it."""

    def __init__(self) -> None:
        super().__init__()
        self._between: tuple[int | str, bool, Callable[[], Any]] | None = None

    def meddle_at(self, call: int | str, act: Callable[[], Any], *, after: bool) -> None:
        """Let this happen once, before the call of this number or name is made, or after it and before anybody hears its answer."""
        self.heal()
        self._between = (call, after, act)

    def die_at(self, call: str, *, after: bool) -> None:
        """Die at the next call of this name."""
        self.meddle_at(call, die, after=after)

    def heal(self) -> None:
        """Nobody dies and nobody meddles any more."""
        super().heal()
        self._between = None

    def call(self, name: str, act: Callable[[], Any]) -> Any:
        """Make one call, with what was to happen around it."""
        planned = self._between
        if planned is None or planned[0] not in {len(self.calls) + 1, name}:
            return super().call(name, act)
        self._between = None
        _, after, meddle = planned
        if not after:
            meddle()
        try:
            return super().call(name, act)
        finally:
            if after:
                meddle()


def die() -> None:
    """The process ends here."""
    raise Crash("here")


class Watched:
    """A gateway that is handed on to, and fails a test in which one key is ever used for two different questions."""

    def __init__(self, gateway: Any, asked: dict[str, tuple[Any, ...]]) -> None:
        self._gateway, self._asked = gateway, asked

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        if name not in {"start", "capture", "void", "refund"}:
            return found

        def ask(*args: Any, **facts: Any) -> Any:
            key = args[0] if isinstance(args[0], OperationKey) else args[0].key
            question = (name, args, tuple(facts.items()))
            assert self._asked.setdefault(key.value, question) == question, f"{key} was asked for two things"
            return found(*args, **facts)

        return ask


class Town:
    """What survives a shop (storage, provider, carrier, clock, letters on their way), and two shops over it: `shop` is meddled
    with, `other` is not.
    """

    def __init__(
        self,
        storage: Storage,
        terms: Terms,
        *,
        able: Capabilities = EVERYTHING,
        gateway: Callable[[FakeGateway], Any] = lambda it: it,
        ways: Mapping[str, Any] | None = None,
        stock: int = STOCK,
    ) -> None:
        self.ways, self.stock = ways or {}, stock
        self.storage, self.terms, self.clock, self.ids = storage, terms, FrozenClock(START), SeededIds(7)
        self.provider = FakeProvider(clock=self.clock, capabilities=able)
        self.provider_page = FakeGateway(provider=self.provider)
        self.desk = CarrierDesk(clock=self.clock)
        self.meddling = Meddling()
        self.bag: list[RawNotification] = []
        self.parcels: list[RawNotification] = []
        self.asked: dict[str, tuple[Any, ...]] = {}
        self._gateway = Watched(gateway(self.provider_page), self.asked)
        self.shop, self.other = self.opened(self.meddling.wrap), self.opened(lambda port: port)
        _stocked(self.other, stock)

    def opened(self, wrap: Callable[[Any], Any]) -> Shop:
        """One more shop in this town."""
        return Shop(
            wrap(self.storage),
            gateways=[wrap(self._gateway)],
            carriers=[wrap(FlatRate(rate=Money(350, "EUR"), desk=self.desk))],
            terms=self.terms,
            clock=self.clock,
            ids=self.ids,
            **self.ways,
        )

    def orders(self) -> tuple[Order, ...]:
        """Every order in the store."""
        return tuple(stored.value for stored in self.storage.find(Query(Order, limit=100)).items)

    def accounts(self) -> tuple[Account, ...]:
        """Every payment as the provider knows it."""
        with self.provider.open() as book:
            return book.accounts()

    def refunds_of(self, order: Order) -> int:
        """What the provider has given back, or is giving back, because the shop asked for it for this order."""
        with self.provider.open() as book:
            mine = [entry for entry in book.entries() if entry.verb == "refund" and entry.key.startswith(order.id)]
        return sum(entry.amount for entry in mine if entry.state in {"done", "pending"})

    def collect(self) -> None:
        """What provider and carrier push is on its way."""
        self.bag += self.provider.notifications()
        self.parcels += self.desk.notifications()

    def deliver_all(self, *, again: bool = True) -> None:
        """Every letter arrives, those that have arrived before too."""
        self.collect()
        money = self.provider.notifications(again=True) if again else self.bag
        goods = self.desk.notifications(again=True) if again else self.parcels
        self.bag, self.parcels = [], []
        for raw in money:
            self.other.payments.receive("fake", raw)
        for raw in goods:
            self.other.shipping.receive("flat_rate", raw)

    def heal(self, *, letters: bool = True) -> None:
        """The outside answers every question, all letters arrive (or none ever does), and time passes until nothing is left to do."""
        self.meddling.heal()
        for span in (timedelta(minutes=3), timedelta(minutes=40), timedelta(days=1), timedelta(days=8), timedelta(days=8)):
            self.provider.advance()
            for _ in range(4):
                if letters:
                    self.deliver_all()
                self.clock.advance(timedelta(minutes=3))
                self.other.orders.sweep()
            self.clock.advance(span)
            self.other.orders.sweep()
        if letters:
            self.deliver_all()


def _stocked(shop: Shop, stock: int) -> None:
    sold = (Product(sku=sku, title=sku.title(), seller_id="house", prices=(Money(price, "EUR"),)) for sku, price in (("TEA", 1000), ("CUP", 2500)))
    for product in (*sold, MUG):
        accepted(shop.goods.put(PutProduct(key=f"put-{product.sku}", by=CLERK, product=product)))
        accepted(shop.goods.receive(ReceiveStock(key=f"receive-{product.sku}", by=CLERK, sku=product.sku, quantity=stock)))
    spring, gift = Coupon(code="SPRING", percent=1000, limited=True), Coupon(code="GIFT", percent=10_000)
    accepted(shop.goods.put_coupon(PutCoupon(key="put-spring", by=CLERK, coupon=spring, more_uses=USES)))
    accepted(shop.goods.put_coupon(PutCoupon(key="put-gift", by=CLERK, coupon=gift)))


def a_cart(teas: int, cups: int, coupon: str) -> Cart:
    """So many teas and cups."""
    lines = tuple(CartLine(sku, quantity) for sku, quantity in (("TEA", teas), ("CUP", cups)) if quantity)
    return Cart("EUR", lines, coupon_code=coupon)


def claimed(orders: tuple[Order, ...], *states: str) -> Counter[str]:
    """What orders claim, by quota key."""
    found: Counter[str] = Counter()
    for order in orders:
        if order.claim.state in states:
            found.update(dict(order.claim.items))
    return found
