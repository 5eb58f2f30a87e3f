"""How exceptions change an order. It never refuses, so that history always replays: what is resolved stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from attrs import evolve as changed

from shopwright.orders.events import ExceptionNoted
from shopwright.orders.excepted import ExceptionNote
from shopwright.orders.exception_events import ExceptionAssigned, ExceptionEvent, ExceptionResolved, How, PromiseMoved
from shopwright.orders.order import Order

if TYPE_CHECKING:
    from attrs import evolve as order_with
else:
    from shopwright.orders.order import order_with

EXCEPTIONS = (ExceptionNoted, ExceptionAssigned, ExceptionResolved, PromiseMoved)


def evolve_excepted(order: Order, event: ExceptionNoted | ExceptionEvent) -> Order:
    """The order after an event of an exception; one that it does not have is passed over."""
    count = order.event_count + 1
    if isinstance(event, ExceptionNoted):
        return order_with(order, event_count=count, exceptions=(*order.exceptions, _noted(event)))
    if isinstance(event, PromiseMoved):
        return order_with(order, event_count=count, promised_at=event.promised_at)
    place = event.exception - 1
    if place >= len(order.exceptions):
        return order_with(order, event_count=count)
    notes = order.exceptions
    return order_with(order, event_count=count, exceptions=(*notes[:place], _followed(notes[place], event), *notes[place + 1 :]))


def _noted(event: ExceptionNoted) -> ExceptionNote:
    note = ExceptionNote(event.code, event.facts, event.at)
    return changed(note, resolved_at=event.at, how=How.ON_RECORD) if event.on_record else note


def _followed(note: ExceptionNote, event: ExceptionAssigned | ExceptionResolved) -> ExceptionNote:
    if not note.is_open:
        return note
    match event:
        case ExceptionAssigned():
            return changed(note, owner=event.owner)
        case ExceptionResolved():
            return changed(note, resolved_at=event.at, how=event.how)
    assert_never(event)
