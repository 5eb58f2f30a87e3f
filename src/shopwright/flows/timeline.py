"""The timeline of an order: its events, read from their stream page by page, as moments with the notes that belong to them.

    page = shop.orders.timeline(order_id, by=customer("ann"))
    print(page.text)

Rules
- who asks decides what is told: a customer the customer's story, everybody else the staff's (`shopwright.orders.timeline`, TIME-2); a host that shows
  the customer's to staff asks `as_customer=True`;
- a customer reads what was asked of them, staff every note; a note whose buyer was erased is not there;
- TIME-3: pages go by the positions in the streams: what is written meanwhile comes on a later page, and nothing comes twice or is passed over;
- what happened to the cases of an order stands between what happened to the order, by time (`shopwright.returns.timeline`, TIME-4).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.flows.noting import opened_note, written
from shopwright.flows.ports import Ports
from shopwright.flows.returns.noting import NOTED, has_note, opened
from shopwright.flows.returns.saving import cases_of
from shopwright.flows.saving import read
from shopwright.flows.vault.sealing import Box, box
from shopwright.members.actors import Actor, ActorKind
from shopwright.orders.events import OrderSentBack
from shopwright.orders.order import Order
from shopwright.orders.timeline import Moment, for_customer, moment
from shopwright.ports.storage import START, Position, Recorded
from shopwright.refusals import Refusal
from shopwright.returns import timeline as case_timeline
from shopwright.returns.applying import case_id
from shopwright.returns.case import Case
from shopwright.returns.events import CaseEvent
from shopwright.wire.kinds import EVENTS
from shopwright.wire.return_kinds import CASES

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
    teller = _Teller(ports, stored.value, hushed=as_customer or by.kind is ActorKind.CUSTOMER)
    sources = _sources(ports, stored.value, after, limit)
    moments: list[Moment] = []
    while len(moments) < limit:
        left = [it for it in sources if it.head is not None]
        if not left:
            return Timeline(stored.value.number, tuple(moments))
        source = min(left, key=_Source.at)
        told = teller.told(source.taken(), source.case)
        moments += [] if told is None else [told]
    return Timeline(stored.value.number, tuple(moments), _cursor(sources))


class _Source:
    """What happened to an order, or to one of its cases, read page by page and taken one by one."""

    def __init__(self, ports: Ports, stream: str, key: str, position: str, limit: int, case: Case | None = None) -> None:
        self.position, self.case = Position(position) if position else START, case
        self._read: Callable[[], Sequence[Recorded]] = lambda: ports.storage.read(stream, after=self.position, limit=limit, key=key)
        self._waiting = list(self._read())

    @property
    def head(self) -> Recorded | None:
        """What comes next; `None` at the end."""
        return self._waiting[0] if self._waiting else None

    def at(self) -> datetime:
        """When that was."""
        return self._waiting[0].at

    def taken(self) -> Any:
        """What comes next, taken."""
        recorded = self._waiting.pop(0)
        self.position = recorded.position
        if not self._waiting:
            self._waiting = list(self._read())
        return recorded.value


def _sources(ports: Ports, order: Order, after: str, limit: int) -> list[_Source]:
    """The order and its cases, each from where the page before ended."""
    ids = [case_id(order, nth) for nth in range(1, cases_of(ports, order.id).value.count + 1)]
    cases, positions = ports.storage.load_many(Case, ids), _positions(after)
    found = [_Source(ports, EVENTS, order.id, positions[0], limit)]
    for nth, id in enumerate(ids, 1):
        found.append(_Source(ports, CASES, id, positions[nth] if nth < len(positions) else "", limit, cases[id].value))
    return found


def _cursor(sources: list[_Source]) -> str:
    """Where a page ended: the position of the order, and of each case behind it."""
    positions = [it.position for it in sources]
    return positions[0] if len(positions) == 1 else json.dumps(positions)


def _positions(after: str) -> list[str]:
    """The positions in a cursor; one that names the order alone is its position."""
    if not after.startswith("["):
        return [after]
    try:
        found = json.loads(after)
    except ValueError:
        found = None
    if not isinstance(found, list) or not found or not all(isinstance(it, str) for it in found):
        raise InvalidValue(f"expected the next of a timeline, got {after[:60]!r}")
    return found


class _Teller:
    """Tells events of an order and of its cases, with notes where who asks may read them."""

    def __init__(self, ports: Ports, order: Order, *, hushed: bool) -> None:
        self._ports, self._order, self._hushed = ports, order, hushed
        self._theirs: Box | None = None

    def told(self, event: Any, case: Case | None) -> Moment | None:
        """An event as a moment; `None` for what is none of a customer's."""
        return self._of_order(event) if case is None else self._of_case(event, case)

    def _of_order(self, event: object) -> Moment | None:
        order = self._order
        told = for_customer(event, order.currency) if self._hushed else moment(event, order.currency)
        if told is None or (self._hushed and not isinstance(event, OrderSentBack)):
            return told
        note = written(event)
        return told if note is None else evolve(told, note=opened_note(self._box(), order.id, note))

    def _of_case(self, event: CaseEvent, case: Case) -> Moment | None:
        told = case_timeline.for_customer(event, case) if self._hushed else case_timeline.moment(event, case)
        if told is None or not has_note(event, hushed=self._hushed) or not isinstance(event, NOTED):
            return told
        return evolve(told, note=opened(self._box(), case.id, event))

    def _box(self) -> Box | None:
        """The box of the buyer, read once; `None` in a shop without a vault."""
        if self._theirs is None and self._ports.vault is not None:
            self._theirs = box(self._ports, self._order.buyer_id)
        return self._theirs
