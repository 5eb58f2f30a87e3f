"""Rules by number that a shop shows best as a whole; the others stand with the tests of the package that keeps them."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import ApprovalRule, CancelOrder, Cart, CartLine, CompleteOrder, Money, PayOrder, PutProduct, ShipOrder, Tender, Terms, Via, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.catalog.products import Product
from shopwright.flows import commands as c
from shopwright.orders.holds import HoldReason
from shopwright.payments.events import PaymentAttempted
from shopwright.pricing.facts import NoShipping
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed, refused


def a_mall(**terms: object) -> Mall:
    return Mall(MemoryStorage(KINDS), terms=Terms(**terms))


@pytest.mark.parametrize(
    ("rule", "state", "reasons"),
    [
        (ApprovalRule(max_total=4900, max_quantity=3), "confirmed", ()),
        (ApprovalRule(max_total=4899), "in_review", ("total_above_limit",)),
        (ApprovalRule(max_quantity=2), "in_review", ("quantity_above_limit",)),
        (ApprovalRule(max_total=0, max_quantity=0, nobody=True), "in_review", ("every_order", "total_above_limit", "quantity_above_limit")),
    ],
)
def test_an_order_is_confirmed_by_rule_only_when_it_meets_every_limit(rule: ApprovalRule, state: str, reasons: tuple[str, ...]) -> None:
    """ORDER-6."""
    order = paid(a_mall(approval=rule).shop)

    assert (order.state, order.review_reasons) == (state, reasons)


@pytest.mark.parametrize(("given", "state"), [(4900, "confirmed"), (4898, "confirmed"), (4897, "placed")])
def test_an_order_counts_as_paid_when_no_more_is_missing_than_its_terms_tolerate(given: int, state: str) -> None:
    """ORDER-7."""
    shop = a_mall(tolerance=2).shop
    tender = Tender(method="bank", amount=given, via=Via.EXTERNAL)
    order = accepted(shop.orders.place(evolve(an_order(), tenders=(tender,), exact_tenders=False)))

    order = accepted(shop.payments.record(c.RecordPayment(key="r", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(given, "EUR"))))

    assert order.state == state


def test_cancel_calls_off_what_has_not_left_and_gives_back_no_more_than_is_then_too_much() -> None:
    """ORDER-8 and ORDER-9."""
    mall = a_mall()
    order = paid(mall.shop)
    accepted(mall.shop.shipping.ship(ShipOrder(key="s", by=CLERK, order_id=order.id, units=((1, 1),))))
    accepted(mall.shop.shipping.dispatch(c.DispatchShipment(key="d", by=CLERK, order_id=order.id, shipment_id="s1")))

    after = accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=ANN, order_id=order.id)))

    kept = -(-order.lines[0].total // 2)
    assert (after.state, after.paid, after.owed) == ("confirmed", kept, kept)
    assert sum(movement.amount.minor for movement in mall.provider.refunds()) == 4900 - kept


def test_goods_that_do_not_travel_are_with_the_buyer_once_the_order_is_confirmed() -> None:
    """ORDER-13."""
    shop = a_mall().shop
    song = Product(sku="SONG", title="Song", seller_id="house", prices=(Money(99, "EUR"),), tracked=False, ships=False)
    accepted(shop.goods.put(PutProduct(key="song", by=CLERK, product=song)))
    tender = Tender(method="card", amount=99, gateway="fake", source="tok_ok")
    order = paid(shop, evolve(an_order(), cart=Cart("EUR", (CartLine("SONG", 1),)), shipping=NoShipping(), tenders=(tender,)))

    assert order.lines[0].buckets.delivered == 1
    assert accepted(shop.orders.complete(CompleteOrder(key="done", by=CLERK, order_id=order.id))).state == "completed"


def test_an_order_that_is_held_hands_nothing_over() -> None:
    """ORDER-14."""
    shop = a_mall().shop
    order = paid(shop)
    accepted(shop.shipping.ship(ShipOrder(key="s", by=CLERK, order_id=order.id)))
    accepted(shop.orders.hold(c.HoldOrder(key="h", by=CLERK, order_id=order.id, hold_id="h", reason=HoldReason.ADDRESS_WRONG)))

    assert refused(shop.shipping.ship(ShipOrder(key="s2", by=CLERK, order_id=order.id))) == "order_held"
    assert refused(shop.shipping.dispatch(c.DispatchShipment(key="d", by=CLERK, order_id=order.id, shipment_id="s1"))) == "order_held"


def test_after_a_decline_another_tender_may_be_added_up_to_what_is_owed() -> None:
    """ORDER-15."""
    shop = a_mall().shop
    order = paid(shop, an_order(token="tok_declined"))
    other = Tender(method="card", amount=4900, gateway="fake", source="tok_ok")

    assert order.state == "placed"
    accepted(shop.payments.add(c.AddPayment(key="again", by=ANN, order_id=order.id, tenders=(other,))))
    assert refused(shop.payments.add(c.AddPayment(key="twice", by=ANN, order_id=order.id, tenders=(other,)))) == "tenders_above_owed"
    assert accepted(shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))).state == "confirmed"


def test_an_attempt_is_stored_under_its_key_before_the_gateway_is_called_and_keeps_it() -> None:
    """PAY-2."""
    mall = a_mall()
    order = placed(mall.shop)
    command = PayOrder(key="pay", by=ANN, order_id=order.id)
    mall.faults.heal()
    accepted(mall.shop.payments.pay(command))
    asked = mall.faults.calls.index("FakeGateway.start") + 1

    again = a_mall()
    order = placed(again.shop)
    command = evolve(command, order_id=order.id)
    again.faults.crash_at(asked, after=False)
    with pytest.raises(Crash):
        again.shop.payments.pay(command)
    again.faults.heal()
    stored = accepted(again.reopened().orders.get(order.id)).payments[0].attempts[0].key
    accepted(again.shop.payments.pay(command))

    attempts = [event.value.key for event in again.shop.orders.history(order.id) if isinstance(event.value, PaymentAttempted)]
    assert attempts == [stored] == [f"{order.id}_1"]


def test_amounts_are_the_differences_of_what_a_provider_tells_and_late_news_changes_nothing() -> None:
    """PAY-3 and PAY-4."""
    mall = a_mall()
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)
    mall.provider.charge_back(order.payments[0].reference, Money(900, "EUR"))
    newest_first = list(reversed(mall.provider.notifications(duplicate=2)))

    for raw in newest_first:
        mall.shop.payments.receive("fake", raw)

    payment = accepted(mall.shop.orders.get(order.id)).payments[0]
    assert (payment.captured, payment.charged_back, payment.refunded) == (4900, 900, 0)
