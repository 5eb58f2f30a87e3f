"""Our side of the rest of an order's life: pay by card, ship, hand over, deliver, complete, refund a part."""

from __future__ import annotations

from typing import Any

from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.flows import commands as c
from shopwright.members.actors import staff
from shopwright.money import Money
from shopwright.orders.order import Order
from shopwright.payments.outcomes import Done, Totals
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.ports.storage import Storage
from shopwright.shop import Shop
from tests.benchmarks import life, ours, work
from tests.benchmarks.sides import Bench

CLERK = staff("clerk")


class YesGateway:
    """A provider that says yes at once, so that no time of it is measured."""

    name = "fake"
    capabilities = FakeGateway().capabilities

    def start(self, request: StartPayment) -> Done:
        """Captured."""
        return Done("ref", Totals.of(work.CURRENCY, authorized=request.amount.minor, captured=request.amount.minor), work.AT)

    def refund(self, request: RefundPart) -> Done:
        """Given back."""
        taken = request.of_total.minor
        return Done("ref", Totals.of(work.CURRENCY, authorized=taken, captured=taken, refunded=request.amount.minor), work.AT)


def bench(storage: Storage) -> Bench:
    """`prepare` places an order, `run` lives its life."""
    ours.fill(storage)
    shop = Shop(storage, gateways=(YesGateway(),))  # type: ignore[arg-type]  # what a life asks of the port

    def prepare(turn: int) -> Order:
        return done(shop.orders.place(ours.command(work.wanted(turn)), at=work.AT))

    return Bench(run=lambda order: live(shop, order), prepare=prepare, tell=told, close=storage.close)


def live(shop: Shop, order: Order) -> Order:
    """Every step is one command with a key of its own."""
    facts: dict[str, Any] = {"by": CLERK, "order_id": order.id}
    done(shop.payments.pay(c.PayOrder(key=f"{order.id}-pay", **facts), at=work.AT))
    shipped = done(shop.shipping.ship(c.ShipOrder(key=f"{order.id}-ship", **facts), at=work.AT))
    facts_of_shipment = {**facts, "shipment_id": shipped.shipments[0].id}
    done(shop.shipping.dispatch(c.DispatchShipment(key=f"{order.id}-dispatch", **facts_of_shipment), at=work.AT))
    done(shop.shipping.deliver(c.DeliverShipment(key=f"{order.id}-deliver", **facts_of_shipment), at=work.AT))
    done(shop.orders.complete(c.CompleteOrder(key=f"{order.id}-complete", **facts), at=work.AT))
    refund = c.RefundOrder(key=f"{order.id}-refund", **facts, amount=Money(life.REFUND, work.CURRENCY), reason=life.REASON)
    return done(shop.payments.refund(refund, at=work.AT))


def done(order: object) -> Order:
    """The order; nothing is refused here."""
    assert isinstance(order, Order), order
    return order


def told(order: Order) -> dict[str, Any]:
    """How it ended, as all sides put it."""
    payment = order.payments[0]
    delivered = sum(line.buckets.delivered for line in order.lines)
    return life.told(state=str(order.state), captured=payment.captured, refunded=payment.refunded, delivered=delivered)
