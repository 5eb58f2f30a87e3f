"""Labels of shipments and of ways back, kept beside their order: sealed for the buyer where the shop has a vault, since each shows who lives where.

Rules
- a label is sealed for its buyer, its shipment or its way back, and its place among the labels;
- a label that comes when the buyer was erased meanwhile is not kept.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.ports import Ports
from shopwright.flows.saving import read
from shopwright.flows.vault.sealing import box, kept_box
from shopwright.members.actors import Actor
from shopwright.orders.order import Order
from shopwright.refusals import Refusal
from shopwright.returns.case import Case
from shopwright.returns.label_states import LabelState
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.shipment import Shipment
from shopwright.wire.kinds import ReturnLabels, SealedLabel, ShipmentLabels


def labels_of(ports: Ports, order: Order, shipment: Shipment, booking: Booking, *, at: datetime) -> ShipmentLabels:
    """The labels of a booking as they are kept."""
    labels, sealed = _kept(ports, order, _of_shipment(order.id, shipment.id), booking, at=at)
    return ShipmentLabels(order.id, shipment.id, labels, sealed)


def return_labels_of(ports: Ports, order: Order, case: Case, key: str, booking: Booking, *, at: datetime) -> ReturnLabels:
    """The labels of a way back as they are kept."""
    labels, sealed = _kept(ports, order, _of_case(case.id, key), booking, at=at)
    return ReturnLabels(case.id, key, labels, sealed)


def _kept(ports: Ports, order: Order, about: str, booking: Booking, *, at: datetime) -> tuple[tuple[Label, ...], tuple[SealedLabel, ...]]:
    """Labels in the open, or sealed; neither where the buyer was erased meanwhile."""
    if ports.vault is None:
        return booking.labels, ()
    known = order.ship_to.sealed
    theirs = kept_box(ports, order.buyer_id, at=at) if known is None else box(ports, order.buyer_id)
    if known is not None and known.key_id != theirs.key.id:
        return (), ()
    sealed = (
        SealedLabel(label.format, label.tracking_number, theirs.seal_bytes(f"{about}/{place}", label.content))
        for place, label in enumerate(booking.labels)
    )
    return (), tuple(sealed)


def kept_labels(ports: Ports, order_id: str, shipment_id: str, *, by: Actor) -> tuple[Label, ...] | Refusal:
    """The labels of a shipment, opened. Refused with `order_not_found`, `shipment_unknown` and `personal_data_erased`."""
    stored = read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    if stored.value.shipment(shipment_id) is None:
        return Refusal("shipment_unknown", f"there is no shipment {shipment_id!r}", {"shipment": shipment_id})
    kept = ports.storage.load(ShipmentLabels, f"{order_id}/{shipment_id}")
    return () if kept is None else _opened(ports, stored.value.buyer_id, _of_shipment(order_id, shipment_id), kept.value)


def kept_return_labels(ports: Ports, case: Case) -> tuple[Label, ...] | Refusal:
    """The labels of a case's way back, opened; none that are void. Refused with `personal_data_erased`."""
    label = case.label
    kept = None if label is None or label.dropped or label.state is not LabelState.BOOKED else ports.storage.load(ReturnLabels, case.id)
    if label is None or kept is None or kept.value.key != label.key:
        return ()
    return _opened(ports, case.buyer_id, _of_case(case.id, label.key), kept.value)


def _opened(ports: Ports, buyer_id: str, about: str, kept: ShipmentLabels | ReturnLabels) -> tuple[Label, ...] | Refusal:
    if not kept.sealed:
        return kept.labels
    theirs, opened = box(ports, buyer_id), []
    for place, label in enumerate(kept.sealed):
        content = theirs.open_bytes(f"{about}/{place}", label.content)
        if isinstance(content, Refusal):
            return content
        opened.append(Label(format=label.format, content=content, tracking_number=label.tracking_number))
    return tuple(opened)


def _of_shipment(order_id: str, shipment_id: str) -> str:
    return f"shipment.label/{order_id}/{shipment_id}"


def _of_case(case_id: str, key: str) -> str:
    return f"return.label/{case_id}/{key}"
