"""A checkout that somebody else has lived through, and what its provider pushed: to be heard by a shop that knows no more than that it has asked.

The shop that hears keeps the same order, under the same id, on a storage of its own. Its line to the provider can be cut, so that nothing but what is
pushed tells it anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import evolve, frozen

from shopwright import CapturePayment, Money, Order, PayOrder, RefundOrder, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.simulators import Simulation
from shopwright.flows.commands import RefreshPayments
from shopwright.payments.errors import Indeterminate
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import Operation
from shopwright.ports.gateway import PaymentGateway
from shopwright.ports.storage import Storage
from shopwright.testing import FrozenClock
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.checkout.selling import ANN, CLERK, TOTAL, an_order, stocked
from tests.checkout.world import simulated

BACK = (3_000, 1_250)
PAGE = "https://mall.example/back"
DEAF = frozenset({"start", "capture", "void", "refund", "query", "query_refund"})
Amounts = tuple[int, int, int]


class Line:
    """A gateway whose line to the provider can be cut; `before_start` happens when the provider has answered and the shop has not heard it yet."""

    def __init__(self, gateway: PaymentGateway) -> None:
        self._gateway, self.is_cut = gateway, False
        self.before_start: Callable[[], Any] = lambda: None

    def __getattr__(self, name: str) -> Any:
        if name in DEAF and self.is_cut:
            return self._nothing
        return getattr(self._gateway, name)

    def start(self, request: Any) -> Any:
        """Begin a payment, and let happen what happens meanwhile."""
        if self.is_cut:
            return self._nothing()
        answer = self._gateway.start(request)
        self.before_start()
        return answer

    def _nothing(self, *_: Any, **__: Any) -> Any:
        raise Indeterminate("the line is cut")


@frozen
class Lived:
    """A checkout from beginning to end: what was pushed of it, and what moved."""

    simulation: Simulation
    clock: FrozenClock
    capture: bool
    begin: Any
    order_id: str
    truth: Amounts

    @property
    def pushed(self) -> tuple[RawNotification, ...]:
        """All of it, signed now."""
        return tuple(self.simulation.pushed())

    def hearer(self, storage: Storage | None = None, *, deaf: bool = True) -> Hearer:
        """A shop that has asked for the same payment, and heard nothing yet."""
        return Hearer(self, storage or MemoryStorage(KINDS), deaf=deaf)


class Hearer:
    """A shop with the same order on a storage of its own."""

    def __init__(self, lived: Lived, storage: Storage, *, deaf: bool) -> None:
        self.lived, self.line = lived, Line(lived.simulation.gateway())
        self.line.is_cut = deaf
        self.clock = FrozenClock(lived.begin)
        self.shop = _shop(storage, self.line, self.clock, lived.simulation.currency)
        self.order_id = accepted(self.shop.orders.place(an_order(lived.simulation, capture=lived.capture))).id
        assert self.order_id == lived.order_id

    def pay(self) -> None:
        """Ask for the payment."""
        accepted(self.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=self.order_id, return_url=PAGE)))

    def hear(self, pushed: Sequence[RawNotification]) -> list[int]:
        """Receive what was pushed; the answers."""
        self.clock.set(self.lived.clock.now())
        return [self.shop.payments.receive(self.lived.simulation.name, raw).status for raw in pushed]

    def look(self) -> None:
        """Ask the provider how it stands."""
        self.clock.set(self.lived.clock.now())
        accepted(self.shop.payments.refresh(RefreshPayments(key="look", by=ANN, order_id=self.order_id)))

    def reconnect(self) -> None:
        """The line is whole again."""
        self.line.is_cut = False

    @property
    def order(self) -> Order:
        """As it stands."""
        return accepted(self.shop.orders.get(self.order_id))

    @property
    def amounts(self) -> Amounts:
        """What the shop knows: authorized or taken, taken, given back."""
        payment = self.order.payments[0]
        return max(payment.authorized, payment.captured), payment.captured, payment.refunded


def _shop(storage: Storage, gateway: Any, clock: FrozenClock, currency: str) -> Shop:
    return stocked(Shop(storage, gateways=[gateway], clock=clock, ids=SeededIds(7)), currency)


@contextmanager
def lived(name: str) -> Iterator[Lived]:
    """A checkout through the simulation of this name: promised and taken where there are promises, and given back in two parts."""
    clock = FrozenClock()
    with simulated(name, clock) as simulation:
        begin = clock.now()
        gateway = simulation.gateway()
        capture = Operation.AUTHORIZE not in gateway.capabilities.operations
        shop = _shop(MemoryStorage(KINDS), gateway, clock, simulation.currency)
        order = accepted(shop.orders.place(an_order(simulation, capture=capture)))
        order = accepted(shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id, return_url=PAGE)))
        payment = order.payments[0]
        assert payment.action is not None
        simulation.come(payment.reference, payment.action)
        simulation.approve(payment.reference)
        order = accepted(shop.payments.refresh(RefreshPayments(key="look", by=ANN, order_id=order.id)))
        if not capture:
            accepted(shop.payments.capture(CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")))
        for amount in BACK:
            money = Money(amount, simulation.currency)
            accepted(shop.payments.refund(RefundOrder(key=f"back {amount}", by=CLERK, order_id=order.id, amount=money, reason="a chip")))
        simulation.ripen()
        yield Lived(simulation, clock, capture, begin, order.id, (TOTAL, TOTAL, sum(BACK)))


def later(raw: RawNotification, **by: float) -> RawNotification:
    """The same bytes, arriving at another time."""
    moved = FrozenClock(raw.received_at)
    return evolve(raw, received_at=moved.advance(**by))
