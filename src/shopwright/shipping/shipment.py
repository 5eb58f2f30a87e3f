"""A shipment: units of one order that travel together, and what the carrier says of them."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from attrs import frozen

from shopwright.changing import changed
from shopwright.shipping import events as e
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.states import TRANSITIONS, ShipmentState
from shopwright.shipping.tracking import TrackEvent, history


# Not slotted, like the order: it is made anew by every event (`shopwright.changing`).
@frozen(kw_only=True, slots=False)
class Shipment:
    """Units on one way; `units` are pairs of line number and quantity, `cost` is in minor units of `cost_currency`.

    An empty `carrier` means that the shop brings the goods itself. `booking_key` is open while a booking has no known end;
    `voided` tells that the carrier was told that a canceled shipment is not coming. `place` is where it leaves from, where that is known.
    """

    id: str
    units: tuple[tuple[int, int], ...]
    carrier: str
    state: ShipmentState
    booking_key: str = ""
    origin: Party | None = None
    parcels: tuple[Parcel, ...] = ()
    label_format: str = ""
    reference: str = ""
    tracking_numbers: tuple[str, ...] = ()
    cost: int = 0
    cost_currency: str = ""
    voided: bool = False
    scans: tuple[TrackEvent, ...] = ()
    dispatched_at: datetime | None = None
    delivered_at: datetime | None = None
    place: str = ""


def to_void(shipment: Shipment) -> bool:
    """Whether a carrier still expects a shipment that was canceled."""
    return shipment.state is ShipmentState.CANCELED and bool(shipment.reference) and bool(shipment.carrier) and not shipment.voided


def planned(event: e.ShipmentPlanned) -> Shipment:
    """The shipment that a plan begins."""
    return Shipment(id=event.shipment_id, units=event.units, carrier=event.carrier, state=ShipmentState.PLANNED, place=event.place)


def evolve(shipment: Shipment, event: e.ShipmentEvent) -> Shipment:
    """The shipment after one more event. It never refuses, so that history always replays."""
    state = TRANSITIONS[shipment.state].get(type(event), shipment.state)
    match event:
        case e.BookingAttempted():
            return changed(shipment, booking_key=event.key, origin=event.origin, parcels=event.parcels, label_format=event.label_format)
        case e.ShipmentBooked():
            return changed(
                shipment,
                state=state,
                booking_key="",
                reference=event.reference,
                tracking_numbers=event.tracking_numbers,
                cost=event.cost,
                cost_currency=event.currency,
            )
        case e.BookingVoided():
            return changed(shipment, voided=True)
        case e.BookingFailed():
            return changed(shipment, booking_key="")
        case e.ShipmentTracked():
            return changed(shipment, scans=history((*shipment.scans, *event.scans)))
        case e.ShipmentDispatched():
            return changed(shipment, state=state, dispatched_at=event.at) if moves(shipment, event) else shipment
        case e.ShipmentDelivered():
            return changed(shipment, state=state, delivered_at=event.at) if moves(shipment, event) else shipment
        case e.ShipmentPlanned() | e.ShipmentTroubled() | e.ShipmentReturning() | e.ShipmentReturned() | e.ShipmentLost() | e.ShipmentCanceled():
            return changed(shipment, state=state)
    assert_never(event)


def moves(shipment: Shipment, event: e.ShipmentEvent) -> bool:
    """Whether the event moves the shipment to another state."""
    return type(event) in TRANSITIONS[shipment.state]
