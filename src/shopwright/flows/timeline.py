"""The timeline of an order: its events, read from their stream page by page, as moments with the notes that belong to them.

    page = shop.orders.timeline(order_id, by=customer("ann"))
    print(page.text)

Rules
- who asks decides what is told: a customer the customer's story, everybody else the staff's (`shopwright.orders.timeline`, TIME-2); a host that shows
  the customer's to staff asks `as_customer=True`;
- a customer reads what was asked of them, staff every note; a note whose buyer was erased is not there;
- TIME-3: pages go by the position in the stream: what is written meanwhile comes on a later page, and nothing comes twice or is passed over.
"""

from __future__ import annotations

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.noting import opened_note, written
from shopwright.flows.ports import Ports
from shopwright.flows.saving import read
from shopwright.flows.vault.sealing import Box, box
from shopwright.members.actors import Actor, ActorKind
from shopwright.orders.events import OrderSentBack
from shopwright.orders.order import Order
from shopwright.orders.timeline import Moment, for_customer, moment
from shopwright.ports.storage import START, Position
from shopwright.refusals import Refusal
from shopwright.wire.kinds import EVENTS

MOST_MOMENTS = 500


@frozen
class Timeline:
    """A page of the story of an order, oldest first; `next` is where the next page begins, empty at the end."""

    number: str
    moments: tuple[Moment, ...]
    next: str = ""

    @property
    def text(self) -> str:
        """The page as text, a line for each moment."""
        return "\n".join(moment.text for moment in self.moments)


def timeline(ports: Ports, order_id: str, *, by: Actor, as_customer: bool = False, after: str = "", limit: int = 100) -> Timeline | Refusal:
    """What happened to an order. Refused with `order_not_found`. Raises `InvalidValue` for a limit below 1 or above 500."""
    stored = read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    if type(limit) is not int or not 1 <= limit <= MOST_MOMENTS:
        raise InvalidValue(f"the limit of a timeline is an integer from 1 to {MOST_MOMENTS}, got {limit!r}")
    order, hushed = stored.value, as_customer or by.kind is ActorKind.CUSTOMER
    position, theirs = Position(after) if after else START, None
    moments: list[Moment] = []
    while len(moments) < limit:
        found = ports.storage.read(EVENTS, after=position, limit=limit - len(moments), key=order_id)
        for recorded in found:
            if written(recorded.value) is not None and ports.vault is not None and theirs is None:
                theirs = box(ports, order.buyer_id)
            told = _told(order, recorded.value, theirs, hushed=hushed)
            moments += [] if told is None else [told]
        if not found:
            return Timeline(order.number, tuple(moments))
        position = found[-1].position
    return Timeline(order.number, tuple(moments), position)


def _told(order: Order, event: object, theirs: Box | None, *, hushed: bool) -> Moment | None:
    told = for_customer(event, order.currency) if hushed else moment(event, order.currency)
    if told is None or (hushed and not isinstance(event, OrderSentBack)):
        return told
    note = written(event)
    return told if note is None else evolve(told, note=opened_note(theirs, order.id, note))
