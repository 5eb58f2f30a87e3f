"""Book transport with carriers, and tell them when it is canceled.

Rules
- a booking's key is stored before the carrier is asked, and kept until its end is known; what may have been asked before is looked
  up by that key first;
- a carrier that gives no verdict leaves the booking open; the same command again, or `recover`, goes on from there;
- inside a host's transaction nobody is asked; the sweep does it once the host has committed;
- a canceled shipment that a carrier has booked is voided there, once, also when the booking landed only after it was canceled.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shopwright.errors import InvalidValue
from shopwright.flows.addressing import opened_address, party, without_personal
from shopwright.flows.labeling import labels_of
from shopwright.flows.ports import Ports
from shopwright.flows.saving import advance, fitted
from shopwright.flows.trying import tried
from shopwright.members.addresses import Address
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import ExceptionNoted, OrderEvent
from shopwright.orders.order import Order
from shopwright.payments.errors import GatewayError, GatewayKeyConflict, Indeterminate, Misconfigured, NotSent, Throttled
from shopwright.payments.operations import OperationKey
from shopwright.ports.carrier import Carrier
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.refusals import Refusal
from shopwright.shipping import events as s
from shopwright.shipping.bookings import Booking
from shopwright.shipping.rates import RateRequest
from shopwright.shipping.shipment import Shipment, to_void
from shopwright.shipping.states import ShipmentState
from shopwright.wire.kinds import TrackingNumber

QUOTE_WITHIN = timedelta(seconds=10)
"""How long a carrier may think about a quote."""

_SILENCE = (Indeterminate, NotSent, Throttled)


def book_open(ports: Ports, order: Order, *, at: datetime) -> Order:
    """Bring every open booking of an order to its end: find it by its key, or order it."""
    for shipment in () if ports.storage.is_joined else order.shipments:
        if shipment.booking_key:
            order = _book(ports, order, shipment, at=at)
    return order


def _book(ports: Ports, order: Order, shipment: Shipment, *, at: datetime) -> Order:
    key = OperationKey(shipment.booking_key)
    try:
        carrier = ports.reached_carrier(shipment.carrier)
        booking = carrier.find_booking(key)
    except GatewayError:
        return order  # an error of the look-up says nothing about what was asked
    if booking is None and shipment.state is ShipmentState.PLANNED:
        to = opened_address(ports, order)
        if isinstance(to, Refusal):
            return _failed(ports, order, shipment, to.message, at=at)
        try:
            booking = _ordered(carrier, to, shipment, key, at=at)
        except (*_SILENCE, GatewayKeyConflict):
            return order
        except GatewayError as error:
            return _failed(ports, order, shipment, str(error) if order.ship_to.sealed is None else without_personal(str(error), to), at=at)
    if booking is None:
        return _failed(ports, order, shipment, "the carrier offers no rate for it", at=at)
    _keep_labels(ports, order, shipment, booking, at=at)
    return advance(ports, order, lambda now: _booked(now, shipment.id, booking, at), at=at)


def _ordered(carrier: Carrier, to: Address, shipment: Shipment, key: OperationKey, *, at: datetime) -> Booking | None:
    assert shipment.origin is not None, "an open booking says what is wanted"
    request = RateRequest(origin=shipment.origin, destination=party(to), parcels=shipment.parcels, ship_at=at)
    rate = carrier.quote(request, deadline=QUOTE_WITHIN).cheapest
    return None if rate is None else carrier.book(key, request, rate, label_format=shipment.label_format)


def unaddressed(ports: Ports, order: Order) -> Refusal | None:
    """Why no carrier could take anything to this order's address; `None` when one could."""
    to = opened_address(ports, order)
    if isinstance(to, Refusal):
        return to
    try:
        party(to)
    except InvalidValue as error:
        return Refusal("address_incomplete", f"no carrier can be asked: {error}", {"order": order.id})
    return None


def _booked(order: Order, shipment_id: str, booking: Booking, at: datetime) -> Decision:
    shipment = order.shipment(shipment_id)
    if shipment is None or shipment.reference:
        return Decision(order)
    event = s.ShipmentBooked(
        shipment_id=shipment_id,
        reference=booking.reference,
        tracking_numbers=booking.tracking_numbers,
        cost=booking.cost.minor,
        currency=booking.cost.currency,
        at=at,
    )
    return decided(order, event)


def _failed(ports: Ports, order: Order, shipment: Shipment, why: str, *, at: datetime) -> Order:
    def decide(now: Order) -> Decision:
        current = now.shipment(shipment.id)
        if current is None or current.booking_key != shipment.booking_key:
            return Decision(now)
        events: tuple[OrderEvent, ...] = (s.BookingFailed(shipment_id=shipment.id, key=shipment.booking_key, why=why[:500], at=at),)
        if current.state is ShipmentState.PLANNED:
            events += (ExceptionNoted(code="booking_failed", facts=(("shipment", shipment.id), ("why", why[:200])), at=at),)
        return decided(now, *events)

    return advance(ports, order, decide, at=at)


def _keep_labels(ports: Ports, order: Order, shipment: Shipment, booking: Booking, *, at: datetime) -> None:
    """Labels, and which shipment each tracking number means, are kept beside the order before the order says that it is booked.

    Carriers use numbers again after months: a number means the shipment that had it last.
    """
    ids = {tracking_id(shipment.carrier, number): number for number in booking.tracking_numbers}
    labels = Put(f"{order.id}/{shipment.id}", labels_of(ports, order, shipment, booking, at=at))
    op = Operation(f"labels/{shipment.booking_key}", "labels", order.id)

    def attempt() -> None:
        used = ports.storage.load_many(TrackingNumber, ids)
        versions = {id: stored.version for id, stored in used.items()}
        puts = [Put(id, TrackingNumber(shipment.carrier, number, order.id, shipment.id), versions.get(id, 0)) for id, number in ids.items()]
        ports.storage.commit(Changeset(op, at, puts=(labels, *puts)))

    tried(ports.storage, attempt)


def tracking_id(carrier: str, number: str) -> str:
    """Under which id it is kept what a carrier's tracking number means."""
    return fitted(f"{carrier}/{number}")


def tell_carriers(ports: Ports, order: Order, *, at: datetime) -> Order:
    """Void at their carriers the bookings of shipments that were canceled, open ones first brought to their end."""
    order = book_open(ports, order, at=at)
    for shipment in () if ports.storage.is_joined else order.shipments:
        if to_void(shipment):
            order = _void(ports, order, shipment, at=at)
    return order


def _void(ports: Ports, order: Order, shipment: Shipment, *, at: datetime) -> Order:
    key = OperationKey(f"{order.id}_v{shipment.id}"[:32])
    try:
        void = ports.reached_carrier(shipment.carrier).void(key, shipment.reference)
    except (*_SILENCE, Misconfigured):
        return order
    except GatewayError:
        void = False

    def decide(now: Order) -> Decision:
        current = now.shipment(shipment.id)
        if current is None or not to_void(current):
            return Decision(now)
        return decided(now, s.BookingVoided(shipment_id=shipment.id, void=void, at=at))

    return advance(ports, order, decide, at=at)
