"""A buyer pays again, a person pays back, a parcel is taken apart: through a shop, with its gateway and its carrier."""

from __future__ import annotations

import pytest

from shopwright import CancelOrder, Money, Order, PayOrder, RecordPayment, ShipOrder, Tender, Via, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.orders import standings
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, WANTED, Mall, an_order, paid, placed, refused


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def add(mall: Mall, order: Order, amount: int = 4900, *, replaces: tuple[str, ...] = (), key: str = "add", by: object = ANN) -> object:
    card = Tender(method="other card", amount=amount, gateway="fake", source="tok_ok")
    return mall.shop.payments.add(c.AddPayment(key=key, by=by, order_id=order.id, tenders=(card,), replaces=replaces))


def pay(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.payments.pay(PayOrder(key="pay again", by=ANN, order_id=order.id)))


def test_a_buyer_whose_card_was_declined_pays_by_another(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_declined"))
    after = pay(mall, accepted(add(mall, order)))

    assert (after.state, [it.state for it in after.payments]) == ("confirmed", ["declined", "captured"])
    assert sum(movement.amount.minor for movement in mall.provider.charges()) == 4900


def test_a_page_that_the_buyer_left_is_closed_so_that_nobody_pays_twice(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    after = pay(mall, accepted(add(mall, order, replaces=("p1",))))

    assert (after.state, [it.state for it in after.payments], after.paid) == ("confirmed", ["voided", "captured"], 4900)


def test_a_tender_is_added_once_under_its_key_and_never_above_what_is_open(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_declined"))

    assert accepted(add(mall, order)) == accepted(add(mall, order))
    assert refused(add(mall, order, 1, key="more")) == "tenders_above_owed"
    assert refused(add(mall, order, 1, key="more", replaces=("p9",))) == "payment_unknown"


def test_nobody_adds_a_tender_to_an_order_of_somebody_else(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_declined"))

    assert refused(add(mall, order, by=customer("bob"))) == "order_not_found"


def test_cash_for_a_canceled_order_is_given_back_by_hand(mall: Mall) -> None:
    order = placed(mall.shop, an_order(via=Via.ON_DELIVERY))
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    cash = RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4900, "EUR"))
    due = accepted(mall.shop.payments.record(cash))
    repaid = accepted(mall.shop.payments.repay(_repay(order, 4900)))

    assert [standings(it).payment for it in (due, repaid)] == ["refund_due", "refunded"]
    assert refused(mall.shop.payments.repay(_repay(order, 1, key="more"))) == "refund_above_paid"
    assert refused(mall.shop.payments.repay(_repay(order, 1, "USD", key="dollars"))) == "payment_currency"


def _repay(order: Order, amount: int, currency: str = "EUR", *, key: str = "back") -> c.RepayOrder:
    return c.RepayOrder(key=key, by=CLERK, order_id=order.id, payment_id="p1", amount=Money(amount, currency), reference="in cash")


def test_a_parcel_that_has_not_left_is_taken_apart_at_its_carrier_and_shipped_anew(mall: Mall) -> None:
    order = paid(mall.shop)
    booked = ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)
    accepted(mall.shop.shipping.ship(booked))
    apart = accepted(mall.shop.shipping.unplan(c.UnplanShipment(key="apart", by=CLERK, order_id=order.id, shipment_id="s1")))
    again = accepted(mall.shop.shipping.ship(ShipOrder(key="again", by=CLERK, order_id=order.id)))

    assert (apart.shipments[0].state, apart.shipments[0].voided) == ("canceled", True)
    assert [(it.id, it.state) for it in again.shipments] == [("s1", "canceled"), ("s2", "planned")]
