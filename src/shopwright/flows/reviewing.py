"""Review: a person confirms, rejects or sends back; the customer corrects; holds come and go."""

from __future__ import annotations

from datetime import datetime

from shopwright import orders
from shopwright.flows.addressing import sealed_address
from shopwright.flows.booking import tell_carriers
from shopwright.flows.checking import takes
from shopwright.flows.commands import ConfirmOrder, CorrectOrder, HoldOrder, LiftHold, NoteException, RejectOrder, SendBackOrder
from shopwright.flows.noting import noted
from shopwright.flows.ports import Ports
from shopwright.flows.saving import change
from shopwright.flows.settling import settle
from shopwright.flows.vault.sealing import kept_box
from shopwright.members.sealing import kept_as
from shopwright.orders import excepting
from shopwright.orders.decision import Decision
from shopwright.orders.events import CancelReason
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


@takes(ConfirmOrder)
def confirm(ports: Ports, command: ConfirmOrder, *, at: datetime) -> Order | Refusal:
    """Approve an order. Refused with `order_not_found` or `order_unpaid`. Raises `IllegalTransition`."""
    return change(ports, command, lambda order: orders.confirm(order, by=command.by, at=at), at=at)


@takes(RejectOrder)
def reject(ports: Ports, command: RejectOrder, *, at: datetime) -> Order | Refusal:
    """Reject an order: cancel it and give money back. Refused with `order_not_found` or `order_shipped`. Raises `IllegalTransition`."""
    order = change(
        ports,
        command,
        lambda order: orders.cancel(order, reason=CancelReason.REJECTED, by=command.by, at=at, note=noted(ports, order, command.note, at=at)),
        at=at,
    )
    return order if isinstance(order, Refusal) else settle(ports, tell_carriers(ports, order, at=at), at=at)


@takes(SendBackOrder)
def send_back(ports: Ports, command: SendBackOrder, *, at: datetime) -> Order | Refusal:
    """Ask the customer to correct an order. Refused with `order_not_found`. Raises `IllegalTransition` unless it is in review."""

    def decide(order: Order) -> Decision:
        return orders.send_back(order, note=noted(ports, order, command.note, at=at), by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(CorrectOrder)
def correct(ports: Ports, command: CorrectOrder, *, at: datetime) -> Order | Refusal:
    """Correct an order that was sent back. Refused with `order_not_found`. Raises `IllegalTransition`."""

    def decide(order: Order) -> Decision:
        to = command.ship_to
        if ports.vault is not None:
            to = sealed_address(kept_box(ports, order.buyer_id, at=at), order.id, to)
        return orders.correct(order, ship_to=to, by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(HoldOrder)
def hold(ports: Ports, command: HoldOrder, *, at: datetime) -> Order | Refusal:
    """Keep an order from shipping. Refused with `order_not_found`, `order_closed` or `order_hold_exists`."""

    def decide(order: Order) -> Decision | Refusal:
        note, sealed = kept_as(noted(ports, order, command.note, at=at))
        held = orders.Hold(
            id=command.hold_id, reason=command.reason, by=command.by, at=at, expires_at=command.expires_at, note=note, sealed_note=sealed
        )
        return orders.hold(order, held, at=at)

    return change(ports, command, decide, at=at)


@takes(LiftHold)
def lift(ports: Ports, command: LiftHold, *, at: datetime) -> Order | Refusal:
    """End a hold; money that was held back for a review is then taken. Refused with `order_not_found` or `order_hold_unknown`."""
    order = change(ports, command, lambda order: orders.lift(order, command.hold_id, by=command.by, at=at), at=at)
    if isinstance(order, Refusal) or not any(payment.held_back for payment in order.payments):
        return order
    return settle(ports, order, at=at)


@takes(NoteException)
def note(ports: Ports, command: NoteException, *, at: datetime) -> Order | Refusal:
    """Note by code that something about an order is not as it should be; what stands there already is not noted again (EXCEPT-3).

    Refused with `order_not_found`.
    """

    def decide(order: Order) -> Decision:
        return excepting.note(order, command.code, command.facts, at=at, on_record=command.on_record)

    return change(ports, command, decide, at=at)
