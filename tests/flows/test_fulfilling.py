"""Review, holds, shipping, completion, cancellation and the sweep, through a shop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import (
    Address,
    CancelOrder,
    CompleteOrder,
    ConfirmOrder,
    DeliverShipment,
    DispatchShipment,
    HoldOrder,
    Order,
    ShipOrder,
    Terms,
    accepted,
    standing,
)
from shopwright.adapters.fake_gateway import EVERYTHING
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.sweeping import Swept
from shopwright.orders import standings
from shopwright.orders.holds import HoldReason
from shopwright.orders.lines import Buckets
from shopwright.orders.terms import CaptureWhen
from shopwright.ports.quotas import Quota
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.wire.kinds import KINDS, ShipmentLabels, TrackingNumber
from tests.flows.mall import ANN, CLERK, REVIEWED, WANTED, Mall, an_order, paid, placed, refused


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def _ship(mall: Mall, order: Order, *units: tuple[int, int], key: str = "ship") -> Order:
    return accepted(mall.shop.shipping.ship(ShipOrder(key=key, by=CLERK, order_id=order.id, units=units)))


def _dispatch(mall: Mall, order: Order, shipment: str) -> Order:
    return accepted(mall.shop.shipping.dispatch(DispatchShipment(key=f"out-{shipment}", by=CLERK, order_id=order.id, shipment_id=shipment)))


def _deliver(mall: Mall, order: Order, shipment: str) -> Order:
    return accepted(mall.shop.shipping.deliver(DeliverShipment(key=f"there-{shipment}", by=CLERK, order_id=order.id, shipment_id=shipment)))


def test_an_order_that_the_rule_does_not_pass_waits_for_a_person() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=REVIEWED)
    order = paid(mall.shop)

    assert (order.state, order.review_reasons) == ("in_review", ("every_order",))
    with pytest.raises(IllegalTransition, match="cannot ship an order that is in_review; allowed: cancel, confirm, send back"):
        mall.shop.shipping.ship(ShipOrder(key="s", by=CLERK, order_id=order.id))
    assert accepted(mall.shop.orders.confirm(ConfirmOrder(key="ok", by=CLERK, order_id=order.id))).state == "confirmed"


def test_an_order_that_was_sent_back_is_looked_at_again_once_it_was_corrected() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=REVIEWED)
    order = paid(mall.shop)
    accepted(mall.shop.orders.send_back(c.SendBackOrder(key="back", by=CLERK, order_id=order.id, note="which street?")))
    fixed = Address("Ann Lee", ("2 Harbor Street",), "Hamburg", country="DE")

    order = accepted(mall.shop.orders.correct(c.CorrectOrder(key="fix", by=ANN, order_id=order.id, ship_to=fixed)))

    assert (order.state, order.ship_to) == ("in_review", fixed)


def test_a_rejected_order_gives_money_and_goods_back() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=REVIEWED)
    order = paid(mall.shop)

    order = accepted(mall.shop.orders.reject(c.RejectOrder(key="no", by=CLERK, order_id=order.id, note="fraud")))

    assert (order.state, order.cancel_reason, order.paid) == ("canceled", "rejected", 0)
    assert mall.storage.quota(("stock/TEA",), at=mall.clock.now())["stock/TEA"] == Quota("stock/TEA", 10, 0, 0)


def test_holds_stand_beside_each_other_and_stop_shipping_until_the_last_is_gone(mall: Mall) -> None:
    order = paid(mall.shop)
    for id, reason, hours in (("a", HoldReason.ADDRESS_WRONG, None), ("b", HoldReason.STOCK, 2)):
        ends = None if hours is None else mall.clock.now() + timedelta(hours=hours)
        accepted(mall.shop.orders.hold(HoldOrder(key=id, by=CLERK, order_id=order.id, hold_id=id, reason=reason, expires_at=ends)))

    answer = mall.shop.shipping.ship(ShipOrder(key="s1", by=CLERK, order_id=order.id))
    assert refused(answer) == "order_held"
    assert dict(answer.facts) == {"reasons": "address_wrong, stock"}  # type: ignore[union-attr]  # refused() has looked
    accepted(mall.shop.orders.lift(c.LiftHold(key="lift", by=CLERK, order_id=order.id, hold_id="a")))
    assert refused(mall.shop.shipping.ship(ShipOrder(key="s2", by=CLERK, order_id=order.id))) == "order_held"
    mall.clock.advance(timedelta(hours=3))
    assert mall.shop.orders.sweep().lifted == 1
    assert _ship(mall, order, key="s3").shipments[0].state == "planned"


def test_an_order_is_split_over_shipments_and_every_unit_is_somewhere(mall: Mall) -> None:
    order = paid(mall.shop)
    order = _ship(mall, order, (1, 1), (2, 1), key="first")
    order = _dispatch(mall, order, "s1")
    assert [line.buckets for line in order.lines] == [Buckets(open=1, shipped=1), Buckets(shipped=1)]
    assert standing(order) == "partly_shipped"

    order = _ship(mall, order, key="second")
    assert refused(mall.shop.shipping.ship(ShipOrder(key="third", by=CLERK, order_id=order.id))) == "units_not_open"
    order = _deliver(mall, _dispatch(mall, order, "s2"), "s2")
    order = _deliver(mall, order, "s1")

    assert [line.buckets for line in order.lines] == [Buckets(delivered=2), Buckets(delivered=1)]
    assert accepted(mall.shop.orders.complete(CompleteOrder(key="done", by=CLERK, order_id=order.id))).state == "completed"


def test_a_carrier_books_labels_and_tells_when_it_has_arrived(mall: Mall) -> None:
    order = paid(mall.shop)
    order = accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))
    shipment = order.shipments[0]
    assert (shipment.state, shipment.cost, len(shipment.tracking_numbers)) == ("booked", 350, 1)
    number = shipment.tracking_numbers[0]
    found = mall.storage.load(TrackingNumber, f"flat_rate/{number}")
    assert found is not None
    assert found.value == TrackingNumber("flat_rate", number, order.id, "s1")
    labels = mall.storage.load(ShipmentLabels, f"{order.id}/s1")
    assert labels is not None
    assert [label.tracking_number for label in labels.value.labels] == [number]

    for hours, status in ((3, TrackStatus.PICKED_UP), (9, TrackStatus.ATTEMPT_FAILED), (30, TrackStatus.DELIVERED)):
        mall.desk.scan(number, TrackEvent(at=mall.clock.now() + timedelta(hours=hours), status=status, raw_code=status.value))
    mall.clock.advance(timedelta(hours=40))
    for raw in reversed(mall.desk.notifications(duplicate=2)):
        assert mall.shop.shipping.receive("flat_rate", raw).status == 200
    order = accepted(mall.shop.shipping.track(c.TrackShipment(key="look", by=ANN, order_id=order.id, shipment_id="s1")))

    assert (order.shipments[0].state, len(order.shipments[0].scans), standing(order)) == ("delivered", 4, "delivered")


def test_a_carrier_is_not_asked_for_an_address_without_a_country(mall: Mall) -> None:
    order = paid(mall.shop, evolve(an_order(), ship_to=Address("Ann")))

    answer = mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED))

    assert refused(answer) == "address_incomplete"
    assert accepted(mall.shop.orders.get(order.id)).shipments == ()


def test_money_is_taken_when_the_first_shipment_leaves_if_the_terms_say_so() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=Terms(capture=CaptureWhen.ON_DISPATCH))
    order = _ship(mall, paid(mall.shop, an_order(capture=False)))
    assert order.paid == 0

    assert _dispatch(mall, order, "s1").paid == 4900


AS_DISPATCHED = Terms(capture=CaptureWhen.AS_DISPATCHED)


def _captures(mall: Mall) -> list[int]:
    return [it.amount.minor for it in mall.provider.charges()]


def _part(mall: Mall, order: Order, *units: tuple[int, int]) -> Order:
    number = len(order.shipments) + 1
    order = accepted(mall.shop.shipping.ship(ShipOrder(key=f"ship-{number}", by=CLERK, order_id=order.id, units=units)))
    return _dispatch(mall, order, f"s{number}")


def test_money_is_taken_shipment_by_shipment_if_the_terms_say_so_and_adds_up() -> None:  # ORDER-21
    mall = Mall(MemoryStorage(KINDS), terms=AS_DISPATCHED)
    order = paid(mall.shop, an_order(capture=False))
    shares = [line.total for line in order.lines]

    first = _part(mall, order, (1, 1))
    assert (first.paid, first.payments[0].open_authorization) == (shares[0] - shares[0] // 2, 4900 - (shares[0] - shares[0] // 2))
    second = _part(mall, first, (2, 1))
    last = _part(mall, second, (1, 1))

    assert (second.paid, last.paid, last.payments[0].open_authorization) == (first.paid + shares[1], 4900, 0)
    assert _captures(mall) == [first.paid, shares[1], 4900 - first.paid - shares[1]]


def test_what_is_called_off_is_not_taken_and_the_last_part_releases_the_rest() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=AS_DISPATCHED)
    order = _part(mall, paid(mall.shop, an_order(capture=False)), (1, 1))
    canceled = accepted(mall.shop.orders.cancel(CancelOrder(key="rest", by=CLERK, order_id=order.id)))
    assert (canceled.paid, canceled.owed, _captures(mall)) == (order.paid, order.paid, [order.paid])
    assert canceled.refund_outstanding == 0


def test_terms_that_take_a_promise_in_parts_need_a_gateway_that_can() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=AS_DISPATCHED)
    mall.provider.capabilities = evolve(EVERYTHING, multi_capture=False)
    with pytest.raises(InvalidValue, match="takes a promise once"):
        mall.shop.orders.place(an_order(capture=False))
    assert paid(mall.shop, an_order()).paid == 4900


def test_an_order_completes_by_itself_some_days_after_it_was_delivered(mall: Mall) -> None:
    order = _deliver(mall, _dispatch(mall, _ship(mall, paid(mall.shop)), "s1"), "s1")
    mall.clock.advance(timedelta(days=6, hours=23))
    assert mall.shop.orders.sweep() == Swept()
    mall.clock.advance(timedelta(hours=1))

    assert mall.shop.orders.sweep() == Swept(completed=1)
    assert accepted(mall.shop.orders.get(order.id)).state == "completed"


def test_an_order_is_not_completed_while_goods_are_on_their_way(mall: Mall) -> None:
    order = _dispatch(mall, _ship(mall, paid(mall.shop)), "s1")

    assert refused(mall.shop.orders.complete(CompleteOrder(key="done", by=CLERK, order_id=order.id))) == "order_unfinished"


def test_an_unpaid_order_expires_and_gives_its_goods_back(mall: Mall) -> None:
    order = placed(mall.shop, an_order(coupon="SPRING"))
    mall.clock.advance(timedelta(minutes=30))

    assert mall.shop.orders.sweep() == Swept(expired=1)
    after = accepted(mall.shop.orders.get(order.id))
    assert (after.state, after.cancel_reason, standings(after).payment) == ("canceled", "payment_expired", "voided")
    quotas = mall.storage.quota(("stock/TEA", "coupon/SPRING"), at=mall.clock.now())
    assert [(quota.used, quota.held) for quota in quotas.values()] == [(0, 0), (0, 0)]


def test_an_order_that_was_paid_in_time_is_kept_though_the_shop_heard_late(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)
    mall.clock.advance(timedelta(hours=2))

    assert mall.shop.orders.sweep().expired == 0
    assert accepted(mall.shop.orders.get(order.id)).state == "confirmed"


def test_what_has_left_cannot_be_canceled_and_what_has_not_gives_its_share_back(mall: Mall) -> None:
    order = _dispatch(mall, _ship(mall, paid(mall.shop), (1, 1)), "s1")

    after = accepted(mall.shop.orders.cancel(CancelOrder(key="rest", by=ANN, order_id=order.id)))

    assert after.state == "confirmed"
    assert [line.buckets for line in after.lines] == [Buckets(shipped=1, canceled=1), Buckets(canceled=1)]
    assert after.paid == after.owed == sum(line.owed for line in after.lines)
    assert mall.storage.quota(("stock/TEA", "stock/CUP"), at=mall.clock.now()) == {
        "stock/TEA": Quota("stock/TEA", 10, 1, 0),
        "stock/CUP": Quota("stock/CUP", 10, 0, 0),
    }
    assert refused(mall.shop.orders.cancel(CancelOrder(key="all", by=ANN, order_id=order.id))) == "order_shipped"


def test_an_order_may_be_called_off_though_goods_are_out_and_says_so(mall: Mall) -> None:
    order = _dispatch(mall, _ship(mall, paid(mall.shop)), "s1")

    after = accepted(mall.shop.orders.cancel(CancelOrder(key="off", by=CLERK, order_id=order.id, goods_out=True, refund=False)))

    assert (after.state, after.paid, standings(after).payment, standing(after)) == ("canceled", 4900, "refund_due", "canceled_goods_out")


def test_a_canceled_booking_is_voided_at_its_carrier(mall: Mall) -> None:
    order = paid(mall.shop)
    order = accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))

    after = accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))

    assert (after.shipments[0].state, after.shipments[0].voided, after.state) == ("canceled", True, "canceled")


def test_exceptions_are_noted_by_code_with_their_facts(mall: Mall) -> None:
    order = paid(mall.shop)

    after = accepted(mall.shop.orders.note(c.NoteException(key="n", by=CLERK, order_id=order.id, code="odd_date", facts=(("days", 3),))))

    assert [(note.code, note.facts) for note in after.exceptions] == [("odd_date", (("days", 3),))]


def test_a_consumer_hears_every_event_once_per_position_and_goes_on_where_it_was(mall: Mall) -> None:
    order = paid(mall.shop)
    heard: list[tuple[str, int]] = []

    def deliver(events: object) -> None:
        heard.extend((event.key, event.number) for event in events)  # type: ignore[attr-defined]

    counts = [mall.shop.events.relay("mailer", deliver, limit=2) for _ in range(4)]

    assert sum(counts) == order.event_count
    assert heard == [(order.id, number) for number in range(1, order.event_count + 1)]


def test_a_delivery_that_fails_comes_again(mall: Mall) -> None:
    paid(mall.shop)

    def fail(_: object) -> None:
        raise ConnectionError("the mail server is down")

    with pytest.raises(ConnectionError):
        mall.shop.events.relay("mailer", fail)
    heard: list[object] = []
    assert mall.shop.events.relay("mailer", heard.extend) == len(heard) > 0
