"""Labels of shipments, kept beside their order: sealed for the buyer where the shop has a vault, since each shows who lives where.

Rules
- a label is sealed for its buyer, its shipment and its place among the labels;
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
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.shipment import Shipment
from shopwright.wire.kinds import SealedLabel, ShipmentLabels


def labels_of(ports: Ports, order: Order, shipment: Shipment, booking: Booking, *, at: datetime) -> ShipmentLabels:
    """The labels of a booking as they are kept."""
    if ports.vault is None:
        return ShipmentLabels(order.id, shipment.id, booking.labels)
    known = order.ship_to.sealed
    theirs = kept_box(ports, order.buyer_id, at=at) if known is None else box(ports, order.buyer_id)
    if known is not None and known.key_id != theirs.key.id:
        return ShipmentLabels(order.id, shipment.id)
    sealed = (
        SealedLabel(label.format, label.tracking_number, theirs.seal_bytes(_field(order.id, shipment.id, place), label.content))
        for place, label in enumerate(booking.labels)
    )
    return ShipmentLabels(order.id, shipment.id, sealed=tuple(sealed))


def kept_labels(ports: Ports, order_id: str, shipment_id: str, *, by: Actor) -> tuple[Label, ...] | Refusal:
    """The labels of a shipment, opened. Refused with `order_not_found`, `shipment_unknown` and `personal_data_erased`."""
    stored = read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    if stored.value.shipment(shipment_id) is None:
        return Refusal("shipment_unknown", f"there is no shipment {shipment_id!r}", {"shipment": shipment_id})
    kept = ports.storage.load(ShipmentLabels, f"{order_id}/{shipment_id}")
    if kept is None or not kept.value.sealed:
        return () if kept is None else kept.value.labels
    theirs, opened = box(ports, stored.value.buyer_id), []
    for place, label in enumerate(kept.value.sealed):
        content = theirs.open_bytes(_field(order_id, shipment_id, place), label.content)
        if isinstance(content, Refusal):
            return content
        opened.append(Label(format=label.format, content=content, tracking_number=label.tracking_number))
    return tuple(opened)


def _field(order_id: str, shipment_id: str, place: int) -> str:
    return f"shipment.label/{order_id}/{shipment_id}/{place}"
