"""Folding histories: what they begin with, and that nothing in them is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopwright.errors import InvalidValue
from shopwright.orders import events as e
from shopwright.orders import evolve, fold
from shopwright.payments.events import PaymentCaptured
from shopwright.shipping import events as s
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing.builders import CLERK, NOON, a_decision, an_order, delivered, paid, shipped

DAY = timedelta(days=1)


def test_a_history_begins_with_the_placing() -> None:
    with pytest.raises(InvalidValue, match=r"^a history begins with OrderPlaced; got nothing$"):
        fold([])
    with pytest.raises(InvalidValue, match=r"^a history begins with OrderPlaced; got OrderCompleted$"):
        fold([e.OrderCompleted(by=CLERK, at=NOON)])


def test_an_order_that_was_just_placed_is_what_its_first_event_says() -> None:
    decision = a_decision()

    assert fold(decision.events) == decision.order


def test_a_second_placing_changes_nothing_but_the_count() -> None:
    decision = a_decision()
    after = evolve(decision.order, decision.events[0])

    assert (after.event_count, after.lines) == (decision.order.event_count + 1, decision.order.lines)


@pytest.mark.parametrize(
    "event",
    [
        PaymentCaptured(payment_id="p9", key="", reference="", amount=5, at=NOON),
        s.ShipmentDelivered(shipment_id="s9", at=NOON),
        e.UnitsCanceled(units=((9, 1),), at=NOON),
        e.HoldLifted(hold_id="h9", by=CLERK, at=NOON),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_not_part_of_the_order_is_passed_over(event: e.OrderEvent) -> None:
    order = an_order()
    after = evolve(order, event)

    assert (after.payments, after.shipments, after.lines, after.holds) == (order.payments, order.shipments, order.lines, order.holds)


def test_more_units_than_there_are_can_be_planned_by_no_history() -> None:
    """ORDER-1"""
    order = evolve(an_order(), s.ShipmentPlanned(shipment_id="s1", units=((1, 99),), carrier="", at=NOON))

    assert [(line.buckets.open, line.buckets.allocated) for line in order.lines] == [(0, 2), (1, 0)]


def test_an_order_is_delivered_when_its_last_shipment_is_though_an_earlier_one_is_scanned_again() -> None:
    order = delivered(paid(an_order()), units=((1, 2),), at=NOON + DAY)
    order = delivered(order, at=NOON + 3 * DAY)
    scan = TrackEvent(at=NOON, status=TrackStatus.IN_TRANSIT)
    after = evolve(order, s.ShipmentTracked(shipment_id="s1", scans=(scan,), at=NOON + 4 * DAY))

    assert (order.delivered_at, after.delivered_at) == (NOON + 3 * DAY, NOON + 3 * DAY)


def test_a_delivery_that_is_heard_of_late_takes_no_time_back() -> None:
    order = delivered(paid(an_order()), units=((1, 2),), at=NOON + 3 * DAY)
    order = shipped(order, at=NOON)

    assert evolve(order, s.ShipmentDelivered(shipment_id="s2", at=NOON + DAY)).delivered_at == NOON + 3 * DAY


def test_events_know_their_zone() -> None:
    with pytest.raises(InvalidValue, match=r"OrderCompleted\.at must be a datetime with a time zone"):
        e.OrderCompleted(by=CLERK, at=NOON.replace(tzinfo=None))
