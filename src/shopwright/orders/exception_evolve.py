"""How exceptions change an order. It never refuses, so that history always replays: what is resolved stays as it is."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve as evolved

from shopwright.changing import changed
from shopwright.orders import exception_events as x
from shopwright.orders.events import ExceptionNoted
from shopwright.orders.excepted import Compensation, ExceptionNote
from shopwright.orders.exception_events import How
from shopwright.orders.exceptions import LATE
from shopwright.orders.order import Order

EXCEPTIONS = (
    ExceptionNoted,
    x.ExceptionAssigned,
    x.ExceptionResolved,
    x.PromiseMoved,
    x.CustomerTold,
    x.CompensationOwed,
    x.CompensationGiven,
    x.ExceptionPutOff,
)


def evolve_excepted(order: Order, event: ExceptionNoted | x.ExceptionEvent) -> Order:
    """The order after an event of an exception; one that it does not have is passed over."""
    count = order.event_count + 1
    if isinstance(event, ExceptionNoted):
        return changed(order, event_count=count, exceptions=(*order.exceptions, _noted(event)))
    if isinstance(event, x.PromiseMoved):
        return changed(order, event_count=count, promised_at=event.promised_at)
    place = event.exception - 1
    if place >= len(order.exceptions):
        return changed(order, event_count=count)
    notes = order.exceptions
    return changed(order, event_count=count, exceptions=(*notes[:place], _followed(notes[place], event), *notes[place + 1 :]))


def _noted(event: ExceptionNoted) -> ExceptionNote:
    note = ExceptionNote(event.code, event.facts, event.at)
    if event.on_record:
        return evolved(note, resolved_at=event.at, how=How.ON_RECORD)
    return evolved(note, look_at=event.at) if event.code == LATE and note.fact("promised_at") else note


def _followed(note: ExceptionNote, event: x.ExceptionEvent) -> ExceptionNote:
    match event:
        case x.ExceptionAssigned():
            return evolved(note, owner=event.owner) if note.is_open else note
        case x.ExceptionResolved():
            return evolved(note, resolved_at=event.at, how=event.how) if note.is_open else note
        case x.CustomerTold():
            return evolved(note, told_at=event.at)
        case x.CompensationOwed():
            owed = Compensation(rule=event.rule, gives=event.gives, amount=event.amount, batch=event.batch)
            return evolved(note, compensations=(*note.compensations, owed))
        case x.CompensationGiven():
            given = [evolved(it, given_at=event.at, refused=event.refused) if it.rule == event.rule else it for it in note.compensations]
            return evolved(note, compensations=tuple(given))
        case x.ExceptionPutOff():
            return evolved(note, look_at=event.until)
        case x.PromiseMoved():
            return note
    assert_never(event)
