"""Fulfillment: planning shipments, handing them over, and following them to the door.

Rules
- ORDER-14: an order that is held plans nothing and hands nothing over. What a carrier reports all the same has happened: it is taken in.

Refusal codes: `order_held`, `order_unpaid`, `units_not_open`, `units_withheld`, `units_awaited`, `units_not_at_place`, `shipment_unknown`,
`booking_open`. Verbs raise `IllegalTransition` when the order or the shipment is in a state that does not allow them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import field, frozen

from shopwright.edges import members, of, text
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import ExceptionNoted
from shopwright.orders.order import Order
from shopwright.orders.reviewing import unpaid
from shopwright.orders.setting_aside import chosen
from shopwright.orders.states import OrderState, allowed
from shopwright.orders.withholding import free_of
from shopwright.refusals import Fact, Refusal
from shopwright.shipping import events as s
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.shipment import Shipment, moves
from shopwright.shipping.states import STILL_HERE, TRANSITIONS, VERBS, ShipmentState
from shopwright.shipping.states import allowed as allowed_for_shipment
from shopwright.shipping.tracking import TrackEvent, TrackStatus, history

Units = tuple[tuple[int, int], ...]


@frozen(kw_only=True)
class BookingWanted:
    """What a carrier is asked to take: these parcels from here, with labels in this format."""

    origin: Party = field(validator=of(Party))
    parcels: tuple[Parcel, ...] = field(validator=members(Parcel, least=1))
    label_format: str = field(default="pdf", validator=text(least=1))


def plan_shipment(
    order: Order, *, units: Units | None = None, carrier: str = "", place: str = "", at: datetime
) -> Decision | Refusal:
    """Set units aside to travel together: pairs of line number and quantity, or all that are open; of an order with a plan, all that are there, or
    all that leave from a `place`.

    An order is split by planning several shipments. Refused with `order_held`, `order_unpaid`, `units_not_open` or `units_withheld`, and where it
    has a plan with `units_awaited` and `units_not_at_place` (`shopwright.orders.setting_aside`).
    """
    if order.state is not OrderState.CONFIRMED:
        raise IllegalTransition("ship", "an order", order.state, allowed(order.state))
    if refusal := _held(order, at):
        return refusal
    if not order.secured:
        return unpaid(order)
    if units and (refusal := _check_units(order, units)):
        return refusal
    aside = chosen(order, units, place, at=at)
    if isinstance(aside, Refusal):
        return aside
    if refusal := _check_units(order, aside.units):
        return refusal
    event = s.ShipmentPlanned(shipment_id=f"s{len(order.shipments) + 1}", units=aside.units, carrier=carrier, at=at, place=aside.place)
    return decided(order, event)


def _held(order: Order, at: datetime) -> Refusal | None:
    if not (held := order.held(at)):
        return None
    reasons = ", ".join(sorted({hold.reason.value for hold in held}))
    return Refusal("order_held", f"order {order.number} is held: {reasons}", {"reasons": reasons})


def _check_units(order: Order, units: Units) -> Refusal | None:
    if len({line_no for line_no, _ in units}) < len(units):
        raise InvalidValue(f"a line may be named once in a shipment; got {units!r}")
    for line_no, quantity in units:
        line = order.line(line_no)
        if type(quantity) is not int or quantity < 1:
            raise InvalidValue(f"a shipped quantity is 1 or more; got {quantity!r} of line {line_no}")
        if line is None or line.buckets.open < quantity:
            here = 0 if line is None else line.buckets.open
            return Refusal("units_not_open", f"line {line_no} has {here} open units", {"line_no": line_no, "wanted": quantity, "open": here})
        if (here := free_of(order, line)) < quantity:
            facts: dict[str, Fact] = {"line_no": line_no, "wanted": quantity, "free": here}
            return Refusal("units_withheld", f"{here} units of line {line_no} can be shipped; others are not on the shelf", facts)
    if not units:
        return Refusal("units_not_open", f"order {order.number} has no open units", {"line_no": 0, "wanted": 0, "open": 0})
    return None


def _with(order: Order, shipment_id: str, event: type, act: Callable[[Shipment], Decision | Refusal]) -> Decision | Refusal:
    shipment = order.shipment(shipment_id)
    if shipment is None:
        return Refusal("shipment_unknown", f"order {order.number} has no shipment {shipment_id!r}", {"shipment": shipment_id})
    if event not in TRANSITIONS[shipment.state]:
        raise IllegalTransition(VERBS[event], "a shipment", shipment.state, allowed_for_shipment(shipment.state))
    return act(shipment)


def dispatch(order: Order, shipment_id: str, *, at: datetime) -> Decision | Refusal:
    """A shipment leaves the shop's hands. Refused with `order_held` or `shipment_unknown`."""
    if refusal := _held(order, at):
        return refusal
    return _with(order, shipment_id, s.ShipmentDispatched, lambda it: decided(order, s.ShipmentDispatched(shipment_id=it.id, at=at)))


def deliver(order: Order, shipment_id: str, *, at: datetime) -> Decision | Refusal:
    """A shipment has arrived. Refused with `shipment_unknown`."""
    return _with(order, shipment_id, s.ShipmentDelivered, lambda it: decided(order, s.ShipmentDelivered(shipment_id=it.id, at=at)))


def lose(order: Order, shipment_id: str, *, at: datetime) -> Decision | Refusal:
    """Nobody expects a shipment any more. Refused with `shipment_unknown`."""
    return _with(order, shipment_id, s.ShipmentLost, lambda it: decided(order, s.ShipmentLost(shipment_id=it.id, at=at)))


def take_back(order: Order, shipment_id: str, *, at: datetime) -> Decision | Refusal:
    """A shipment is back with the shop. Refused with `shipment_unknown`."""
    return _with(order, shipment_id, s.ShipmentReturned, lambda it: decided(order, s.ShipmentReturned(shipment_id=it.id, at=at)))


def unplan(order: Order, shipment_id: str, *, at: datetime) -> Decision | Refusal:
    """Take a shipment apart that has not left: its units are open again, and its carrier is told. Refused with `shipment_unknown`."""
    return _with(order, shipment_id, s.ShipmentCanceled, lambda it: decided(order, s.ShipmentCanceled(shipment_id=it.id, at=at)))


def attempt_booking(order: Order, shipment_id: str, wanted: BookingWanted, *, key: str, at: datetime) -> Decision | Refusal:
    """Store that a carrier is about to be asked, and for what.

    Refused with `shipment_unknown`, or with `booking_open` while the end of an earlier question is not known.
    """
    event = s.BookingAttempted(
        shipment_id=shipment_id, key=key, origin=wanted.origin, parcels=wanted.parcels, label_format=wanted.label_format, at=at
    )

    def booked(shipment: Shipment) -> Decision | Refusal:
        if shipment.booking_key:
            return Refusal("booking_open", f"shipment {shipment.id} waits for its carrier's answer", {"shipment": shipment.id})
        return decided(order, event)

    return _with(order, shipment_id, s.ShipmentBooked, booked)


_MEANING: dict[TrackStatus, Callable[[str, TrackEvent], s.ShipmentEvent]] = {
    TrackStatus.ATTEMPT_FAILED: lambda id, scan: s.ShipmentTroubled(shipment_id=id, why=scan.status.value, at=scan.at),
    TrackStatus.EXCEPTION: lambda id, scan: s.ShipmentTroubled(shipment_id=id, why=scan.status.value, at=scan.at),
    TrackStatus.DAMAGED: lambda id, scan: s.ShipmentTroubled(shipment_id=id, why=scan.status.value, at=scan.at),
    TrackStatus.DELIVERED: lambda id, scan: s.ShipmentDelivered(shipment_id=id, at=scan.at),
    TrackStatus.RETURNING: lambda id, scan: s.ShipmentReturning(shipment_id=id, at=scan.at),
    TrackStatus.RETURNED: lambda id, scan: s.ShipmentReturned(shipment_id=id, at=scan.at),
    TrackStatus.LOST: lambda id, scan: s.ShipmentLost(shipment_id=id, at=scan.at),
}

ASTRAY = "canceled_shipment_moves"
"""The code of the exception noted when a carrier moves what was canceled."""

_ON_THE_WAY = frozenset(
    {TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT, TrackStatus.OUT_FOR_DELIVERY, TrackStatus.CUSTOMS, TrackStatus.READY_FOR_COLLECTION}
)


def track(order: Order, shipment_id: str, scans: tuple[TrackEvent, ...], *, at: datetime) -> Decision | Refusal:
    """Take in a carrier's scans, in any order and as often as they come; what is known already changes nothing."""
    shipment = order.shipment(shipment_id)
    if shipment is None:
        return Refusal("shipment_unknown", f"order {order.number} has no shipment {shipment_id!r}", {"shipment": shipment_id})
    known = {scan.event_id or scan for scan in shipment.scans}
    fresh = tuple(scan for scan in history(scans) if (scan.event_id or scan) not in known)
    if not fresh:
        return Decision(order)
    decision = decided(order, s.ShipmentTracked(shipment_id=shipment_id, scans=fresh, at=at))
    for scan in fresh:
        decision = _follow(decision, shipment_id, scan)
    return decision


def _follow(decision: Decision, shipment_id: str, scan: TrackEvent) -> Decision:
    """The moves that one scan implies, if the shipment's state allows them; a scan that lags behind moves nothing."""
    shipment = decision.order.shipment(shipment_id)
    assert shipment is not None, "shipments never leave their order"
    meaning = _MEANING.get(scan.status)
    moving = scan.status in _ON_THE_WAY or meaning is not None
    if moving and shipment.state is ShipmentState.CANCELED:
        return _astray(decision, shipment_id, scan)
    if moving and shipment.state in STILL_HERE:
        decision = decision.then(s.ShipmentDispatched(shipment_id=shipment_id, at=scan.at))
        shipment = decision.order.shipment(shipment_id)
        assert shipment is not None, "shipments never leave their order"
    if meaning is None:
        return decision
    event = meaning(shipment_id, scan)
    return decision.then(event) if moves(shipment, event) else decision


def _astray(decision: Decision, shipment_id: str, scan: TrackEvent) -> Decision:
    """A carrier moves a shipment that was canceled: noted once, for a person to clear up."""
    if any(note.code == ASTRAY and ("shipment", shipment_id) in note.facts for note in decision.order.exceptions):
        return decision
    facts = (("shipment", shipment_id), ("status", scan.status.value))
    return decision.then(ExceptionNoted(code=ASTRAY, facts=facts, at=scan.at))
