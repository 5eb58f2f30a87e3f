"""What a decision makes wrong with an order beside what it decides, and what it makes right again.

Rules
- EXCEPT-5: a parcel that is given up for lost is noted as `parcel_lost`, one that its carrier says is damaged as `parcel_damaged`, and one that comes
  back though it never arrived as `address_refused`, each once for a shipment, and of no canceled order;
- EXCEPT-6: an exception whose cause is gone is resolved by the shop, in the very step that ended it: `GONE` says for each code when that is;
- EXCEPT-11: a lost parcel is settled once all of its units are shipped once more or were given back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from shopwright.members.actors import SYSTEM
from shopwright.orders.decision import Decision
from shopwright.orders.events import ExceptionNoted
from shopwright.orders.excepted import ExceptionNote
from shopwright.orders.excepting import hold_of
from shopwright.orders.exception_events import ExceptionResolved, How
from shopwright.orders.exceptions import ADDRESS_REFUSED, INFORMATION_WRONG, LATE, OUT_OF_STOCK, PARCEL_DAMAGED, PARCEL_LOST
from shopwright.orders.lines import Bucket
from shopwright.orders.order import Order
from shopwright.orders.recovering import unresolved_since
from shopwright.orders.returning import kept_paid
from shopwright.orders.states import OrderState
from shopwright.shipping.shipment import Shipment
from shopwright.shipping.states import ShipmentState
from shopwright.shipping.tracking import TrackStatus


def watched(before: Order, decision: Decision, *, at: datetime) -> Decision:
    """The same decision, with the exceptions that it makes, and without those whose cause it ends."""
    after = decision.order
    if after.shipments is not before.shipments and after.state is not OrderState.CANCELED:
        for shipment in after.shipments:
            decision = _noticed(decision, before.shipment(shipment.id), shipment, at)
    for number, note in decision.order.open_exceptions:
        gone = GONE.get(note.code)
        if gone is not None and gone(decision.order, number, note):
            decision = decision.then(ExceptionResolved(exception=number, how=How.BY_ITSELF, by=SYSTEM, at=at))
    return decision


def _noticed(decision: Decision, was: Shipment | None, now: Shipment, at: datetime) -> Decision:
    if was is None or was == now:
        return decision
    for code, is_wrong in WRONG.items():
        known = any(note.code == code and note.fact("shipment") == now.id for note in decision.order.exceptions)
        if not known and is_wrong(now) and not is_wrong(was):
            decision = decision.then(ExceptionNoted(code=code, facts=(("shipment", now.id),), at=at))
    return decision


def _comes_back(shipment: Shipment) -> bool:
    return shipment.delivered_at is None and shipment.state in (ShipmentState.RETURNING, ShipmentState.RETURNED)


WRONG: Mapping[str, Callable[[Shipment], bool]] = {
    PARCEL_DAMAGED: lambda it: any(scan.status is TrackStatus.DAMAGED for scan in it.scans),
    PARCEL_LOST: lambda it: it.state is ShipmentState.LOST,
    ADDRESS_REFUSED: _comes_back,
}
"""What is wrong with a shipment (EXCEPT-5)."""


def moment_of(at: datetime | None) -> str:
    """A moment as a fact."""
    return "" if at is None else at.astimezone(UTC).isoformat()


def unfinished(order: Order) -> int:
    """How many units have neither arrived nor come to another end."""
    return sum([line.buckets.unfinished for line in order.lines])


def _is_on_time(order: Order, _number: int, note: ExceptionNote) -> bool:
    promise = note.fact("promised_at")
    return not unfinished(order) or bool(promise and promise != moment_of(order.promised_at))


def _is_found(order: Order, note: ExceptionNote) -> bool:
    shipment = order.shipment(str(note.fact("shipment")))
    return shipment is not None and shipment.state in (ShipmentState.DELIVERED, ShipmentState.RETURNED)


def _is_made_good(order: Order, note: ExceptionNote) -> bool:
    """Whether nothing of a lost shipment waits for anybody (EXCEPT-11). Of a line in two lost parcels both are open until all of it is settled."""
    shipment = order.shipment(str(note.fact("shipment")))
    if shipment is None or shipment.state is not ShipmentState.LOST:
        return False
    lines = [line for line_no, _ in shipment.units if (line := order.line(line_no)) is not None]
    return order.state is OrderState.CANCELED or not any(kept_paid(order, line, Bucket.LOST) for line in lines)


def _is_booked(order: Order, note: ExceptionNote) -> bool:
    shipment = order.shipment(str(note.fact("shipment")))
    return shipment is not None and shipment.state is not ShipmentState.PLANNED


def _has_left(order: Order, note: ExceptionNote) -> bool:
    line = order.line(int(note.fact("line_no") or 0))
    return line is not None and not line.buckets.open


def _is_answered(order: Order, note: ExceptionNote) -> bool:
    disputes = [it for payment in order.payments for it in payment.disputes if it.id == note.fact("dispute")]
    return bool(disputes) and not any(it.to_answer for it in disputes)


def _is_given_up(order: Order, note: ExceptionNote) -> bool:
    payment = order.payment(str(note.fact("payment")))
    return payment is not None and not payment.open_authorization


GONE: Mapping[str, Callable[[Order, int, ExceptionNote], bool]] = {
    INFORMATION_WRONG: lambda order, number, _note: not any(hold.id == hold_of(number) for hold in order.holds),
    LATE: _is_on_time,
    PARCEL_LOST: lambda order, _number, note: _is_found(order, note) or _is_made_good(order, note),
    OUT_OF_STOCK: lambda order, _number, note: _has_left(order, note),
    "booking_failed": lambda order, _number, note: _is_booked(order, note),
    "unresolved": lambda order, _number, _note: unresolved_since(order) is None,
    "payment_stuck": lambda order, _number, note: not any(attempt.key == note.fact("key") for _, attempt in order.open_attempts),
    "dispute_opened": lambda order, _number, note: _is_answered(order, note),
    "start_failed": lambda order, _number, note: bool(note.fact("payment")) and order.secured,
    "capture_failed": lambda order, _number, note: bool(note.fact("payment")) and order.kept + order.terms.tolerance >= order.owed,
    "void_failed": lambda order, _number, note: _is_given_up(order, note),
    "refund_failed": lambda order, _number, note: bool(note.fact("payment")) and not order.refund_outstanding,
}
"""When an exception is none any more (EXCEPT-6): of those that have no line here, only a person can tell."""
