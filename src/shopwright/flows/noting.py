"""Notes that people type about an order: sealed for the buyer where the shop has a vault, since nobody knows what stands in them.

Rules
- what is asked of the customer (an order that was sent back), why an order was canceled, held or edited, and how an exception ended are notes;
- a customer is shown what was asked of them, staff all of it;
- a note whose buyer was erased is there without its text.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.flows.ports import Ports
from shopwright.flows.relaying import history
from shopwright.flows.saving import read
from shopwright.flows.vault.sealing import Box, box, kept_box
from shopwright.members.actors import Actor, ActorKind
from shopwright.members.sealing import Sealed
from shopwright.orders.edit_events import OrderEdited
from shopwright.orders.events import HoldPlaced, OrderCanceled, OrderSentBack
from shopwright.orders.exception_events import ExceptionResolved
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


@frozen(kw_only=True)
class OrderNote:
    """Something that somebody wrote about an order. `about` names the event; `text` is `None` where the buyer was erased."""

    about: str
    text: str | None
    by: Actor
    at: datetime


def noted(ports: Ports, order: Order, note: str, *, at: datetime) -> str | Sealed:
    """A note as it is kept."""
    if ports.vault is None or not note:
        return note
    return kept_box(ports, order.buyer_id, at=at).seal(_field(order.id), note)


def notes(ports: Ports, order_id: str, *, by: Actor) -> tuple[OrderNote, ...] | Refusal:
    """What was written about an order, oldest first. Refused with `order_not_found`. Raises `VaultMissing` for sealed ones without a vault."""
    stored = read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    told = [(recorded.value, it) for recorded in history(ports, order_id) for it in (written(recorded.value),) if it is not None]
    if by.kind is ActorKind.CUSTOMER:
        told = [(event, it) for event, it in told if isinstance(event, OrderSentBack)]
    sealed = any(it.sealed is not None for _, it in told)
    theirs = box(ports, stored.value.buyer_id) if sealed else None
    return tuple(OrderNote(about=_ABOUT[type(event)], text=opened_note(theirs, order_id, it), by=it.by, at=event.at) for event, it in told)


@frozen
class Written:
    """A note as it stands in its event."""

    text: str
    sealed: Sealed | None
    by: Actor


_ABOUT: dict[type, str] = {
    OrderEdited: "edited",
    OrderSentBack: "sent_back",
    OrderCanceled: "canceled",
    HoldPlaced: "held",
    ExceptionResolved: "resolved",
}


def written(event: object) -> Written | None:
    """The note of an event, `None` where there is none."""
    match event:
        case OrderSentBack() | OrderCanceled() | OrderEdited() | ExceptionResolved():
            found = Written(event.note, event.sealed_note, event.by)
        case HoldPlaced(hold=hold):
            found = Written(hold.note, hold.sealed_note, hold.by)
        case _:
            return None
    return found if found.text or found.sealed else None


def opened_note(theirs: Box | None, order_id: str, note: Written) -> str | None:
    """A note in the open; `None` where its buyer was erased."""
    if note.sealed is None or theirs is None:
        return note.text
    opened = theirs.open(_field(order_id), note.sealed)
    return None if isinstance(opened, Refusal) else opened


def _field(order_id: str) -> str:
    return f"order.note/{order_id}"
