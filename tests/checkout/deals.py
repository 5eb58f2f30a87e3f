"""What a shop does with a provider, one deal for each flow that asks one: what came before, and the command itself, which can be sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from attrs import frozen

from shopwright import CancelOrder, CapturePayment, Money, Order, RefundOrder, Shop, accepted, flows
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.simulators.face import Simulation
from shopwright.flows.commands import AddPayment, RefreshPayments
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.operations import Operation
from shopwright.ports.storage import Query, Storage
from shopwright.testing import FrozenClock
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.checkout.selling import ANN, CLERK, TOTAL, a_pay, an_order, stocked
from tests.checkout.wire import Wire, wired
from tests.checkout.world import simulated


class Trade:
    """A shop and its provider with a wire between them; `calm` is the shop as long as nothing goes wrong."""

    def __init__(self, simulation: Simulation, wire: Wire, clock: FrozenClock, storage: Storage) -> None:
        self.simulation, self.wire, self.clock, self.storage = simulation, wire, clock, storage
        self.ids = SeededIds(7)
        self.calm = self.shop()

    def shop(self, *, patience: timedelta | None = None) -> Shop:
        """One more shop over the wire."""
        gateway = self.wire.gateway(self.simulation, patience=patience)
        return Shop(self.storage, gateways=[gateway], clock=self.clock, ids=self.ids)

    @property
    def able(self) -> Capabilities:
        """What the gateway can do."""
        return self.simulation.gateway().capabilities

    def order(self) -> Order:
        """The one order there is, as it stands."""
        [stored] = self.storage.find(Query(Order)).items
        return stored.value

    def placed(self, *, capture: bool = True) -> Order:
        """An order that waits to be paid."""
        return accepted(self.calm.orders.place(an_order(self.simulation, capture=capture)))

    def waiting(self, *, capture: bool = True) -> Order:
        """An order whose buyer was shown what to do."""
        order = self.placed(capture=capture)
        return accepted(self.calm.payments.pay(a_pay(order)))

    def visited(self) -> Order:
        """An order whose buyer is with the provider, and undecided."""
        order = self.waiting()
        self.simulation.come(order.payments[0].reference, order.payments[0].action)
        return order

    def buyer_acts(self) -> None:
        """Every payment that asks its buyer for anything is paid."""
        for payment in self.order().payments:
            if payment.action is not None:
                self.simulation.come(payment.reference, payment.action)
                self.simulation.approve(payment.reference)

    def told(self) -> None:
        """Everything that the provider has to tell arrives, again."""
        for raw in self.simulation.pushed():
            self.calm.payments.receive(self.simulation.name, raw)

    def paid(self, *, capture: bool = True) -> Order:
        """An order that is paid, or promised."""
        self.waiting(capture=capture)
        self.buyer_acts()
        self.told()
        return self.order()


@contextmanager
def trading(name: str, storage: Storage | None = None) -> Iterator[Trade]:
    """A trade with the provider of this name, until the block ends."""
    clock = FrozenClock()
    with simulated(name, clock) as simulation, wired(simulation) as wire:
        trade = Trade(simulation, wire, clock, MemoryStorage(KINDS) if storage is None else storage)
        stocked(trade.calm, simulation.currency)
        yield trade


@frozen
class Deal:
    """`prepare` runs in peace; `act` is what the wire strikes, on a shop that is given; `needs` is what the gateway must be able to do."""

    name: str
    flow: Callable[..., Any]
    prepare: Callable[[Trade], Any]
    act: Callable[[Trade, Shop], Any]
    needs: frozenset[Operation] = frozenset()


def _pay(trade: Trade, shop: Shop) -> Any:
    return shop.payments.pay(a_pay(trade.order()))


def _capture(trade: Trade, shop: Shop) -> Any:
    return shop.payments.capture(CapturePayment(key="take", by=CLERK, order_id=trade.order().id, payment_id="p1"))


def _refund(trade: Trade, shop: Shop, key: str = "back", amount: int = 3_000) -> Any:
    money = Money(amount, trade.simulation.currency)
    return shop.payments.refund(RefundOrder(key=key, by=CLERK, order_id=trade.order().id, amount=money, reason="came late"))


def _refunded(trade: Trade) -> None:
    trade.paid()
    _refund(trade, trade.calm, "first", 1_250)
    trade.simulation.ripen()
    trade.told()


def _cancel(trade: Trade, shop: Shop) -> Any:
    return shop.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=trade.order().id))


def _refresh(trade: Trade, shop: Shop) -> Any:
    return shop.payments.refresh(RefreshPayments(key="look", by=CLERK, order_id=trade.order().id))


def _replace(trade: Trade, shop: Shop) -> Any:
    other = AddPayment(key="other", by=ANN, order_id=trade.order().id, tenders=(trade.simulation.tender(TOTAL),), replaces=("p1",))
    shop.payments.add(other)
    return shop.payments.pay(a_pay(trade.order(), "pay-other"))


def _receive(trade: Trade, shop: Shop) -> Any:
    return [shop.payments.receive(trade.simulation.name, raw) for raw in trade.simulation.pushed()]


def _unheard(trade: Trade) -> None:
    trade.waiting()
    trade.buyer_acts()


def _unheard_for_long(trade: Trade) -> None:
    _unheard(trade)
    trade.clock.advance(timedelta(hours=2))


def _paid_while_canceled(trade: Trade) -> None:
    """The order is canceled while nobody can reach the provider, and the buyer pays."""
    trade.visited()
    trade.wire.cut()
    trade.calm.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=trade.order().id))
    trade.wire.heal()
    trade.buyer_acts()


def _unknown(trade: Trade, act: Callable[[Trade, Shop], Any]) -> None:
    """Something was asked while the provider could not be reached, and nobody knows what became of it."""
    trade.wire.cut()
    act(trade, trade.calm)
    trade.wire.heal()
    trade.clock.advance(timedelta(minutes=3))


def _payment_unknown(trade: Trade) -> None:
    trade.placed()
    _unknown(trade, _pay)


def _refund_unknown(trade: Trade) -> None:
    trade.paid()
    _unknown(trade, _refund)


def _unpaid(trade: Trade) -> None:
    trade.visited()
    trade.clock.advance(timedelta(hours=2))


def _sweep(_trade: Trade, shop: Shop) -> Any:
    return shop.orders.sweep()


def _yesterdays(trade: Trade) -> None:
    trade.paid()
    _refund(trade, trade.calm)
    trade.simulation.ripen()
    trade.told()
    trade.clock.advance(trade.simulation.books_after)


def _reconcile(trade: Trade, shop: Shop) -> Any:
    now = trade.clock.now()
    return shop.payments.reconcile(trade.simulation.name, now - timedelta(days=3), now)


_CAN_PROMISE = frozenset({Operation.AUTHORIZE, Operation.CAPTURE})

DEALS = (
    Deal("pay", flows.pay, lambda trade: trade.placed(), _pay),
    Deal("promise", flows.pay, lambda trade: trade.placed(capture=False), _pay, _CAN_PROMISE),
    Deal("capture", flows.capture, lambda trade: trade.paid(capture=False), _capture, _CAN_PROMISE),
    Deal("refund", flows.refund, lambda trade: trade.paid(), _refund),
    Deal("refund a second time", flows.refund, _refunded, _refund),
    Deal("cancel and refund", flows.cancel, lambda trade: trade.paid(), _cancel),
    Deal("cancel a promise", flows.cancel, lambda trade: trade.paid(capture=False), _cancel, _CAN_PROMISE),
    Deal("cancel what nobody has come for", flows.cancel, lambda trade: trade.waiting(), _cancel),
    Deal("cancel while the buyer thinks", flows.cancel, lambda trade: trade.visited(), _cancel),
    Deal("replace a payment", flows.add_payment, lambda trade: trade.visited(), _replace),
    Deal("refresh", flows.refresh, _unheard, _refresh),
    Deal("find out about a payment", flows.refresh, _payment_unknown, _refresh),
    Deal("find out about a refund", flows.refresh, _refund_unknown, _refresh),
    Deal("receive what came in time", flows.receive, _unheard, _receive),
    Deal("receive money for a canceled order", flows.receive, _paid_while_canceled, _receive),
    Deal("sweep what was paid unheard", flows.sweep, _unheard_for_long, _sweep),
    Deal("sweep what nobody has paid", flows.sweep, _unpaid, _sweep),
    Deal("reconcile", flows.reconcile, _yesterdays, _reconcile, frozenset({Operation.LEDGER})),
)
