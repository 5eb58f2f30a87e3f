"""Carriers that say no, say nothing, or answer late: a transport is booked once, canceled once, and nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, ShipOrder, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.flat_rate import FlatRate, Tariff
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import VersionConflict
from shopwright.payments.errors import InvalidState, Misconfigured
from shopwright.payments.notifications import Ack
from shopwright.ports.carrier import TrackNotification
from shopwright.shipping.events import BookingVoided
from shopwright.shipping.tracking import Track
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS, ShipmentLabels, TrackingNumber
from tests.flows.bad_cases import a_notification
from tests.flows.mall import CLERK, WANTED, Mall, an_order, paid
from tests.flows.troubles import Interrupted


class Odd(FlatRate):
    """A flat-rate carrier of which a test replaces one answer: by an error, or by what a function makes of it."""

    def __init__(self, mall: Mall, **answers: Exception | Callable[[Any], Any]) -> None:
        super().__init__(rate=Money(350, "EUR"), desk=mall.desk)
        self._answers = answers

    def _answer(self, verb: str, ask: Callable[[], Any]) -> Any:
        instead = self._answers.get(verb)
        if isinstance(instead, Exception):
            raise instead
        return ask() if instead is None else instead(ask())

    def find_booking(self, key: Any) -> Any:
        """As usual, or what the test says."""
        return self._answer("find_booking", lambda: FlatRate.find_booking(self, key))

    def book(self, *args: Any, **facts: Any) -> Any:
        """As usual, or what the test says."""
        return self._answer("book", lambda: FlatRate.book(self, *args, **facts))

    def void(self, *args: Any) -> Any:
        """As usual, or what the test says."""
        return self._answer("void", lambda: FlatRate.void(self, *args))


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def opened(mall: Mall, carrier: Any, **ways: Any) -> Shop:
    """The shop with this carrier alone."""
    mall.shop = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], carriers=[carrier], clock=mall.clock, ids=SeededIds(77), **ways)
    return mall.shop


def ship(mall: Mall, order: Order, key: str = "ship") -> Order:
    return accepted(mall.shop.shipping.ship(ShipOrder(key=key, by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))


def cancel(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=order.id)))


def swept(mall: Mall) -> Order:
    """The one order after a sweep some time later."""
    mall.clock.advance(timedelta(hours=1))
    mall.shop.orders.sweep()
    (order,) = mall.orders()
    return order


def codes(order: Order) -> list[str]:
    return [note.code for note in order.exceptions]


def test_a_carrier_that_says_no_leaves_the_shipment_planned_and_the_no_noted(mall: Mall) -> None:
    opened(mall, Odd(mall, book=InvalidState("the depot is full")))

    order = ship(mall, paid(mall.shop))

    assert (order.shipments[0].state, order.shipments[0].booking_key, codes(order)) == ("planned", "", ["booking_failed"])
    assert dict(order.exceptions[0].facts) == {"shipment": "s1", "why": "the depot is full"}
    assert mall.desk.bookings() == ()


def test_a_carrier_without_a_rate_leaves_the_shipment_planned_and_that_noted(mall: Mall) -> None:
    carrier = FlatRate(tariff=Tariff(rate=Money(350, "EUR"), max_weight_g=1), desk=mall.desk)
    opened(mall, carrier)

    order = ship(mall, paid(mall.shop))

    assert (order.shipments[0].state, codes(order)) == ("planned", ["booking_failed"])


@pytest.mark.parametrize("trouble", ["lost_applied", "lost_not_applied", "not_sent", "throttled"])
def test_a_carrier_that_says_nothing_is_found_out_later_and_has_booked_once(mall: Mall, trouble: str) -> None:
    mall.desk.script("book", trouble)
    order = ship(mall, paid(mall.shop))
    assert (order.shipments[0].state, bool(order.shipments[0].booking_key)) == ("planned", True)

    order = swept(mall)
    assert (order.shipments[0].state, order.shipments[0].booking_key, len(mall.desk.bookings())) == ("booked", "", 1)


def test_an_error_of_the_look_up_says_nothing_about_the_booking(mall: Mall) -> None:
    mall.desk.script("book", "lost_applied")
    order = ship(mall, paid(mall.shop))
    opened(mall, Odd(mall, find_booking=Misconfigured("the password has expired")))
    assert swept(mall).shipments == order.shipments

    mall.reopened()
    assert (swept(mall).shipments[0].state, len(mall.desk.bookings())) == ("booked", 1)


def test_a_booking_that_was_lost_is_found_and_voided_once_its_order_is_canceled(mall: Mall) -> None:
    mall.desk.script("book", "lost_applied")
    order = cancel(mall, ship(mall, paid(mall.shop)))

    assert [(it.state, it.voided, it.booking_key) for it in order.shipments] == [("canceled", True, "")]


def test_a_booking_that_never_was_ends_with_its_order(mall: Mall) -> None:
    mall.desk.script("book", "lost_not_applied")
    order = cancel(mall, ship(mall, paid(mall.shop)))

    assert [(it.state, it.voided, it.booking_key) for it in order.shipments] == [("canceled", False, "")]
    assert (codes(order), mall.desk.bookings()) == ([], ())


@pytest.mark.parametrize("error", [Misconfigured("the password has expired"), None])
def test_a_void_without_an_answer_is_asked_for_again(mall: Mall, error: Exception | None) -> None:
    order = ship(mall, paid(mall.shop))
    if error is None:
        mall.desk.script("void", "not_sent")
    else:
        opened(mall, Odd(mall, void=error))
    assert [it.voided for it in cancel(mall, order).shipments] == [False]

    mall.reopened()
    assert [it.voided for it in swept(mall).shipments] == [True]


def test_a_carrier_that_has_picked_up_already_voids_nothing_and_is_not_asked_again(mall: Mall) -> None:
    order = ship(mall, paid(mall.shop))
    opened(mall, Odd(mall, void=InvalidState("it was picked up")))
    cancel(mall, order)

    mall.clock.advance(timedelta(hours=1))
    assert mall.shop.orders.sweep().recovered == 0
    told = [event.value for event in mall.shop.orders.history(order.id) if isinstance(event.value, BookingVoided)]
    assert [it.void for it in told] == [False]


def test_news_of_a_tracking_number_that_nobody_knows_is_asked_for_again(mall: Mall) -> None:
    carrier = Odd(mall)
    carrier.parse_notification = lambda raw: TrackNotification((Track(number="R" * 200),), Ack(200), Ack(503))  # type: ignore[method-assign]
    opened(mall, carrier)

    assert mall.shop.shipping.receive("flat_rate", a_notification()).status == 503


def test_two_orders_that_get_one_tracking_number_at_once_are_both_booked() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage)  # type: ignore[arg-type]  # it answers as a storage does
    opened(mall, Odd(mall, book=lambda booking: evolve(booking, tracking_numbers=("R1",))))
    first, second = paid(mall.shop), paid(mall.shop, an_order(key="o2"))

    storage.before_commit(2, lambda: ship(mall, second, "ship-2"))
    assert ship(mall, first).shipments[0].state == "booked"

    assert all(order.shipments[0].tracking_numbers == ("R1",) for order in mall.orders())
    assert storage.load(TrackingNumber, "flat_rate/R1").value.order_id == first.id
    assert all(storage.load(ShipmentLabels, f"{order.id}/s1") is not None for order in (first, second))


def test_a_tracking_number_that_others_keep_taking_is_told_after_some_tries_and_the_booking_goes_on_later() -> None:
    storage = Interrupted(MemoryStorage(KINDS))
    mall = Mall(storage)  # type: ignore[arg-type]  # it answers as a storage does
    order = paid(mall.shop)

    def conflict() -> None:
        raise VersionConflict("somebody else has it")

    storage.before_commit(2, conflict, every=True)
    with pytest.raises(VersionConflict):
        ship(mall, order)
    storage.before_commit(0, conflict)
    assert (ship(mall, order).shipments[0].state, len(mall.desk.bookings())) == ("booked", 1)
