"""Ship: set units aside, hand them over, follow them to the door. Booking with carriers is in `shopwright.flows.booking`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shopwright import orders
from shopwright.flows.addressing import told_of_nobody
from shopwright.flows.booking import tell_carriers, tracking_id, unaddressed
from shopwright.flows.checking import raw_notification, takes
from shopwright.flows.commands import (
    DeliverShipment,
    DispatchShipment,
    LoseShipment,
    ShipmentCommand,
    ShipOrder,
    TakeBackShipment,
    TrackShipment,
    UnplanShipment,
)
from shopwright.flows.ports import Ports
from shopwright.flows.returns.labeling import news_of_return
from shopwright.flows.saving import advance, change, read
from shopwright.flows.settling import settle
from shopwright.members.actors import SYSTEM
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.orders.paying import next_key
from shopwright.payments.errors import GatewayError
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.refusals import Refusal
from shopwright.shipping.rates import Problem
from shopwright.shipping.tracking import TrackEvent
from shopwright.wire.kinds import TrackingNumber


@takes(ShipOrder)
def ship(ports: Ports, command: ShipOrder, *, at: datetime) -> Order | Refusal:
    """Set units aside to travel together, and book their transport if a carrier is named.

    Refused with `order_not_found`, `order_held`, `order_unpaid`, `units_not_open`, `units_awaited`, `units_not_at_place` or, for a carrier,
    `address_incomplete` and `personal_data_erased`. Raises `IllegalTransition` unless the order is confirmed, and `InvalidValue` for a carrier that
    the shop does not have. A carrier that offers nothing or says no leaves the shipment planned, with an exception `booking_failed` noted.
    """
    if command.carrier:
        ports.carrier(command.carrier)

    def decide(order: Order) -> Decision | Refusal:
        planned = orders.plan_shipment(order, units=command.units or None, carrier=command.carrier, place=command.place, at=at)
        if isinstance(planned, Refusal) or command.wanted is None:
            return planned
        if refusal := unaddressed(ports, order):
            return refusal
        shipment = planned.order.shipments[-1]
        booking = orders.attempt_booking(planned.order, shipment.id, command.wanted, key=next_key(planned.order), at=at)
        return booking if isinstance(booking, Refusal) else Decision(booking.order, (*planned.events, *booking.events))

    order = change(ports, command, decide, at=at)
    return order if isinstance(order, Refusal) else tell_carriers(ports, order, at=at)


def _about(ports: Ports, command: ShipmentCommand, verb: Callable[..., Decision | Refusal], *, at: datetime) -> Order | Refusal:
    order = change(ports, command, lambda order: verb(order, command.shipment_id, at=at), at=at)
    return order if isinstance(order, Refusal) else settle(ports, order, at=at)


@takes(UnplanShipment)
def unplan(ports: Ports, command: UnplanShipment, *, at: datetime) -> Order | Refusal:
    """Take a shipment apart that has not left; a carrier that has booked it is told.

    Refused with `order_not_found` or `shipment_unknown`. Raises `IllegalTransition` once it has left.
    """
    order = change(ports, command, lambda order: orders.unplan(order, command.shipment_id, at=at), at=at)
    return order if isinstance(order, Refusal) else tell_carriers(ports, order, at=at)


@takes(DispatchShipment)
def dispatch(ports: Ports, command: DispatchShipment, *, at: datetime) -> Order | Refusal:
    """A shipment has left; money that is taken on dispatch is taken now.

    Refused with `order_not_found`, `order_held` or `shipment_unknown`. Raises `IllegalTransition`.
    """
    return _about(ports, command, orders.dispatch, at=at)


@takes(DeliverShipment)
def deliver(ports: Ports, command: DeliverShipment, *, at: datetime) -> Order | Refusal:
    """A shipment has arrived. Refused with `order_not_found` or `shipment_unknown`. Raises `IllegalTransition`."""
    return _about(ports, command, orders.deliver, at=at)


@takes(TakeBackShipment)
def take_back(ports: Ports, command: TakeBackShipment, *, at: datetime) -> Order | Refusal:
    """A shipment is back. Refused with `order_not_found` or `shipment_unknown`. Raises `IllegalTransition`."""
    return _about(ports, command, orders.take_back, at=at)


@takes(LoseShipment)
def lose(ports: Ports, command: LoseShipment, *, at: datetime) -> Order | Refusal:
    """A shipment is given up for lost. Refused with `order_not_found` or `shipment_unknown`. Raises `IllegalTransition`."""
    return _about(ports, command, orders.lose, at=at)


@takes(TrackShipment)
def track(ports: Ports, command: TrackShipment, *, at: datetime) -> Order | Refusal:
    """Ask the carrier where a shipment is, and take the scans in. A carrier that does not answer changes nothing.

    Refused with `order_not_found` or `shipment_unknown`.
    """
    stored = read(ports, command.order_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    shipment = stored.value.shipment(command.shipment_id)
    if shipment is None:
        return Refusal("shipment_unknown", f"there is no shipment {command.shipment_id!r}", {"shipment": command.shipment_id})
    if not shipment.carrier or not shipment.tracking_numbers:
        return stored.value
    try:
        tracks = ports.reached_carrier(shipment.carrier).track(shipment.tracking_numbers)
    except GatewayError:
        return stored.value
    scans = tuple(scan for track in tracks.values() if not isinstance(track, Problem) for scan in track.events)
    return _take_in(ports, stored.value, shipment.id, scans, at=at)


def _take_in(ports: Ports, order: Order, shipment_id: str, scans: tuple[TrackEvent, ...], *, at: datetime) -> Order:
    told = scans if order.ship_to.sealed is None else told_of_nobody(ports, order, scans)
    order = advance(ports, order, lambda now: orders.track(now, shipment_id, told, at=at), at=at)
    return settle(ports, order, at=at)


def receive_tracking(ports: Ports, carrier: str, raw: RawNotification, *, at: datetime) -> Ack:
    """Verify and take in what a carrier pushed; the answer to give it.

    Scans that are known change nothing. A tracking number that nobody knows yet is answered with `retry_later`. Raises
    `BadNotification` when it is not the carrier's, and `InvalidValue` for a carrier that the shop does not have.
    """
    notification = ports.carrier(carrier).parse_notification(raw_notification(raw))
    known = True
    for track in notification.tracks:
        found = ports.storage.load(TrackingNumber, tracking_id(carrier, track.number))
        if found is not None and found.value.case_id:
            news_of_return(ports, found.value.case_id, track.number, track.events, at=at)
            continue
        stored = None if found is None else read(ports, found.value.order_id, SYSTEM)
        if found is None or stored is None or isinstance(stored, Refusal):
            known = False
            continue
        _take_in(ports, stored.value, found.value.shipment_id, track.events, at=at)
    return notification.ok if known else notification.retry_later
