"""One checkout, whoever is paid through: pay, the buyer acts, notify, capture, refund in part twice, ask again, reconcile.

No line here knows the name of a gateway. What they differ in they say themselves: in what a payment asks of its buyer, and in their capabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from attrs import frozen
from sides import Side

import shopwright as sw
from shopwright.flows.commands import RefreshPayments
from shopwright.payments.operations import Operation
from shopwright.payments.outcomes import Done
from shopwright.settlement.books import BooksReport
from shopwright.testing import FrozenClock

PRICE, TEAS, BACK = 4_000, 3, (3_000, 1_250)
DAY = timedelta(days=1)


@frozen(kw_only=True)
class Step:
    """What the script did, and how much was taken and given back by then: as the shop has booked it, and as the other side has."""

    name: str
    state: str
    ours: tuple[int, int]
    theirs: tuple[int, int]


@frozen(kw_only=True)
class Checkout:
    """A checkout from its first step to its books; `report` is `None` where the gateway keeps no ledger."""

    name: str
    currency: str
    steps: tuple[Step, ...]
    report: BooksReport | None

    @property
    def is_equal(self) -> bool:
        """Whether both sides agree after each step that ends with money, and in their books."""
        agreed = self.steps[-1].ours == self.steps[-1].theirs == (PRICE * TEAS, sum(BACK))
        return agreed and (self.report is None or self.report.is_balanced)


def checkout(shop: sw.Shop, side: Side, clock: FrozenClock) -> Checkout:
    """Sell three teas through this side, and give some of the money back."""
    steps = tuple(_steps(shop, side, clock))
    clock.advance(side.books_after + timedelta(minutes=5))
    keeps = Operation.LEDGER in shop.ports.gateway(side.name).capabilities.operations
    report = shop.payments.reconcile(side.name, clock.now() - 3 * DAY, clock.now()) if keeps else None
    return Checkout(name=side.name, currency=side.currency, steps=steps, report=report)


def _steps(shop: sw.Shop, side: Side, clock: FrozenClock) -> Iterator[Step]:
    clerk, ann = sw.staff("clerk"), sw.customer("ann")
    tea = sw.Product(sku="TEA", title="Tea", seller_id="house", prices=(sw.Money(PRICE, side.currency),))
    sw.accepted(shop.goods.put(sw.PutProduct(key="put", by=clerk, product=tea)))
    sw.accepted(shop.goods.receive(sw.ReceiveStock(key="in", by=clerk, sku="TEA", quantity=9)))
    side.meet(shop)

    order = sw.accepted(shop.orders.place(_command(side)))
    id = order.id

    def step(name: str) -> Step:
        return _step(name, sw.accepted(shop.orders.get(id)), side)

    asked = sw.accepted(shop.payments.pay(sw.PayOrder(key="pay", by=ann, order_id=id, return_url="https://mall.example/thanks")))
    yield step("pay")
    side.pay(asked.payments[0])
    yield step("the buyer acts")
    _notified(shop, side)
    yield step("notify")
    payment = sw.accepted(shop.orders.get(id)).payments[0]
    if payment.open_authorization:
        sw.accepted(shop.payments.capture(sw.CapturePayment(key="take", by=clerk, order_id=id, payment_id=payment.id)))
    yield step("capture")
    for number, amount in enumerate(BACK, 1):
        clock.advance(minutes=10)
        back = sw.RefundOrder(key=f"back-{number}", by=clerk, order_id=id, amount=sw.Money(amount, side.currency), reason="came late")
        sw.accepted(shop.payments.refund(back))
        side.ripen()
        _notified(shop, side)
        yield step(f"refund {number}")
    sw.accepted(shop.payments.refresh(RefreshPayments(key="look", by=clerk, order_id=id)))
    stands = shop.ports.gateway(side.name).query(reference=payment.reference)
    assert isinstance(stands, Done), f"a payment that was made is done, {side.name} says {stands}"
    assert stands.totals.captured == order.total, f"{side.name} says that {stands.totals.captured} were taken"
    yield step("query")


def _command(side: Side) -> sw.PlaceOrder:
    return sw.PlaceOrder(
        key="order",
        by=sw.customer("ann"),
        buyer_id="ann",
        cart=sw.Cart(side.currency, (sw.CartLine("TEA", TEAS),)),
        ship_to=sw.Address("Ann Lee", ("1 Harbor Street",), "Hamburg", country="DE"),
        tenders=(side.tender(PRICE * TEAS),),
    )


def _notified(shop: sw.Shop, side: Side) -> None:
    """The other side tells everything there is to tell: twice, and the last first, as providers do."""
    for raw in (*reversed(side.pushed()), *side.pushed()):
        answer = shop.payments.receive(side.name, raw)
        assert answer.status < 300, f"{side.name} was answered with {answer.status}"


def _step(name: str, order: sw.Order, side: Side) -> Step:
    payment = order.payments[0]
    theirs = side.truth(payment.reference) if payment.reference else (0, 0)
    return Step(name=name, state=payment.state.value, ours=(payment.captured, payment.refunded), theirs=theirs)
