"""A shipment after its events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shopwright.shipping import events as e
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.shipment import Shipment, evolve, moves, planned, to_void
from shopwright.shipping.states import ShipmentState
from shopwright.shipping.tracking import TrackEvent, TrackStatus

NOON, HOUR = datetime(2026, 3, 2, 12, tzinfo=UTC), timedelta(hours=1)
PLAN = e.ShipmentPlanned(shipment_id="s1", units=((1, 2),), carrier="post", at=NOON)
ASKED = e.BookingAttempted(
    shipment_id="s1",
    key="k1",
    origin=Party(name="Mall", lines=(), city="Bremen", country="DE"),
    parcels=(Parcel(weight_g=1, length_mm=1, width_mm=1, height_mm=1),),
    label_format="pdf",
    at=NOON,
)
BOOKED = e.ShipmentBooked(shipment_id="s1", reference="b1", tracking_numbers=("t1",), cost=350, currency="EUR", at=NOON)
CANCELED, VOIDED = e.ShipmentCanceled(shipment_id="s1", at=NOON), e.BookingVoided(shipment_id="s1", void=False, at=NOON)


def after(*events: e.ShipmentEvent) -> Shipment:
    shipment = planned(PLAN)
    for event in events:
        shipment = evolve(shipment, event)
    return shipment


def test_a_plan_begins_a_shipment() -> None:
    assert after() == Shipment(id="s1", units=((1, 2),), carrier="post", state=ShipmentState.PLANNED)


def test_a_booking_is_open_until_its_end_is_known() -> None:
    assert (after(ASKED).booking_key, after(ASKED).parcels, after(ASKED).label_format) == ("k1", ASKED.parcels, "pdf")
    assert after(ASKED, e.BookingFailed(shipment_id="s1", key="k1", why="no", at=NOON)).booking_key == ""
    booked = after(ASKED, BOOKED)
    assert (booked.booking_key, booked.state, booked.reference, booked.tracking_numbers, booked.cost) == (
        "",
        ShipmentState.BOOKED,
        "b1",
        ("t1",),
        350,
    )


def test_a_booking_that_ends_after_the_shipment_has_left_moves_it_nowhere() -> None:
    shipment = after(ASKED, e.ShipmentDispatched(shipment_id="s1", at=NOON), BOOKED)

    assert (shipment.state, shipment.reference) == (ShipmentState.IN_TRANSIT, "b1")


@pytest.mark.parametrize(
    ("events", "expects"),
    [
        ((), False),
        ((ASKED, BOOKED), False),
        ((ASKED, BOOKED, CANCELED), True),
        ((ASKED, CANCELED, BOOKED), True),
        ((ASKED, BOOKED, CANCELED, VOIDED), False),
        ((CANCELED,), False),
    ],
)
def test_a_carrier_expects_what_it_has_booked_until_it_is_told_otherwise(events: tuple[e.ShipmentEvent, ...], expects: bool) -> None:
    assert to_void(after(*events)) is expects


def test_the_first_word_on_when_it_left_and_arrived_stands() -> None:
    left = (e.ShipmentDispatched(shipment_id="s1", at=NOON + HOUR), e.ShipmentDispatched(shipment_id="s1", at=NOON))
    there = (e.ShipmentDelivered(shipment_id="s1", at=NOON + 3 * HOUR), e.ShipmentDelivered(shipment_id="s1", at=NOON))
    shipment = after(*left, *there)

    assert (shipment.dispatched_at, shipment.delivered_at) == (NOON + HOUR, NOON + 3 * HOUR)


def test_scans_are_kept_once_in_the_order_of_their_times() -> None:
    late, early = (TrackEvent(at=NOON + hours * HOUR, status=TrackStatus.IN_TRANSIT, event_id=str(hours)) for hours in (2, 1))
    track = [e.ShipmentTracked(shipment_id="s1", scans=scans, at=NOON) for scans in ((late,), (early, late))]

    assert after(*track).scans == (early, late)


def test_an_event_moves_only_where_the_table_says() -> None:
    delivered = e.ShipmentDelivered(shipment_id="s1", at=NOON)

    assert [moves(after(), delivered), moves(after(e.ShipmentDispatched(shipment_id="s1", at=NOON)), delivered)] == [False, True]
    assert after(delivered) == after()
