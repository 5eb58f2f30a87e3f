"""Exceptions: noted, taken on by somebody, resolved.

Rules
- EXCEPT-2: what is noted on record tells what was, and waits for nobody: histories of other systems are brought in so;
- EXCEPT-3: the same code with the same facts is not noted again while it is open; once it is resolved, it is another exception;
- EXCEPT-4: a person resolves an exception in one of the ways that the table lists for its code; what is resolved is resolved once;
- EXCEPT-10: what a gateway refuses once more, for whatever reason, is not noted again for its payment while that is open.

Refusal codes, in order: `exception_unknown`, `exception_resolved`, `resolution_unfit`.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.members.actors import Actor
from shopwright.members.sealing import Sealed, kept_as
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import ExceptionNoted, HoldLifted
from shopwright.orders.excepted import ExceptionNote
from shopwright.orders.exception_events import ExceptionAssigned, ExceptionResolved, How
from shopwright.orders.exceptions import meaning_of
from shopwright.orders.order import Order
from shopwright.refusals import Fact, Refusal

Facts = tuple[tuple[str, Fact], ...]


def hold_of(exception: int) -> str:
    """The id of the hold that an exception has placed."""
    return f"exception_{exception}"


def note(order: Order, code: str, facts: Facts, *, at: datetime, on_record: bool = False) -> Decision:
    """Note by code that something about an order is not as it should be; nothing is decided where that stands there already (EXCEPT-3)."""
    return (
        Decision(order)
        if not on_record and is_noted(order, code, facts)
        else decided(order, ExceptionNoted(code=code, facts=facts, at=at, on_record=on_record))
    )


def exception_since(order: Order) -> datetime | None:
    """Since when the oldest of its open exceptions waits; `None` where none does."""
    return min([note.at for _, note in order.open_exceptions], default=None) if order.exceptions else None


def is_noted(order: Order, code: str, facts: Facts) -> bool:
    """Whether this is open."""
    return any((it.code, it.facts) == (code, facts) for _, it in order.open_exceptions)


def stands(order: Order, code: str, about: str, value: Fact) -> bool:
    """Whether something of this code is open about this payment or shipment, whatever else is told of it (EXCEPT-10)."""
    return any(it.code == code and it.fact(about) == value for _, it in order.open_exceptions)


def open_exception(order: Order, exception: int) -> ExceptionNote | Refusal:
    """The exception of this number. Refused with `exception_unknown` and `exception_resolved`."""
    if exception > len(order.exceptions):
        return Refusal("exception_unknown", f"order {order.number} has no exception {exception}", {"exception": exception})
    found = order.exceptions[exception - 1]
    if found.how is not None:
        facts: dict[str, Fact] = {"exception": exception, "how": found.how.value}
        return Refusal("exception_resolved", f"exception {exception} of order {order.number} is resolved: {found.how}", facts)
    return found


def assign(order: Order, exception: int, *, owner: str, by: Actor, at: datetime) -> Decision | Refusal:
    """Somebody takes an exception on; an empty owner gives it back to everybody. Refused with `exception_unknown` and `exception_resolved`."""
    found = open_exception(order, exception)
    if isinstance(found, Refusal):
        return found
    return Decision(order) if found.owner == owner else decided(order, ExceptionAssigned(exception=exception, owner=owner, by=by, at=at))


def resolve(order: Order, exception: int, *, how: How, by: Actor, at: datetime, note: str | Sealed = "") -> Decision | Refusal:
    """An exception is no more (EXCEPT-4). Refused with `exception_unknown`, `exception_resolved` and `resolution_unfit`."""
    found = open_exception(order, exception)
    if isinstance(found, Refusal):
        return found
    ends = meaning_of(found.code).ends
    if how not in ends:
        allowed = ", ".join(sorted(ends))
        facts: dict[str, Fact] = {"code": found.code, "how": how.value, "allowed": allowed}
        return Refusal("resolution_unfit", f"{found.code} does not end as {how}; allowed: {allowed}", facts)
    text, sealed = kept_as(note)
    decision = decided(order, ExceptionResolved(exception=exception, how=how, by=by, at=at, note=text, sealed_note=sealed))
    held = any(hold.id == hold_of(exception) for hold in order.holds)
    return decision.then(HoldLifted(hold_id=hold_of(exception), by=by, at=at)) if held else decision
