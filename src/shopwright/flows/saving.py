"""The write half of every flow: one decision becomes one changeset, once.

Rules
- the document, its events, its quota moves and the operation are one changeset;
- a stale version means that somebody else was faster: read again, decide again, a bounded number of times;
- a refusal or a misuse of a command that was done before is none: the command gets the order as it is now;
- a step without a key of its own that finds another taken from where it stood is decided again, as after a stale version;
- inside a host's transaction nothing is tried again, and observers hear through the stream alone, once the host has committed;
- uses that an order gives back after it was paid are part of the decision that undoes it (`orders.give_back`);
- an order whose hold was reclaimed before its money came takes the goods anew, and is canceled with a refund when they are gone; a gift that
  is gone is left out (GIFT-5).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import TypeGuard

from attrs import evolve, frozen

from shopwright import orders
from shopwright.errors import IllegalTransition, InvalidValue, VersionConflict
from shopwright.flows import claims
from shopwright.flows.commands import Command, GiveGoodwill, OrderCommand, PayOrder, PlaceOrder, RefundUnits
from shopwright.flows.crediting import noted_puts
from shopwright.flows.gifting import gone_since
from shopwright.flows.ports import Ports
from shopwright.flows.resourcing import planned_anew
from shopwright.flows.risk.remembering import remember
from shopwright.flows.trying import TRIES, tries
from shopwright.members.actors import SYSTEM, Actor
from shopwright.members.member import MemberAlias
from shopwright.orders.decision import Decision
from shopwright.orders.events import CancelReason, ClaimChanged, OrderConfirmed, OrderEvent, ReviewRequested, UnitsHandedOver
from shopwright.orders.order import Order
from shopwright.orders.terms import SERIES
from shopwright.payments.events import PaymentAttempted
from shopwright.ports.edge import TEXT_LIMIT
from shopwright.ports.quotas import QuotaMove
from shopwright.ports.storage import Changeset, Committed, Drop, Operation, Put, Record, Stored
from shopwright.refusals import Refusal
from shopwright.wire.kinds import EVENTS

Decide = Callable[[Order], Decision | Refusal]
OperationOf = Callable[[Order], Operation]


@frozen
class Taken:
    """A step that was taken: the order as it stands, and the events and the version that this very call has written, none if somebody else has."""

    order: Order
    events: tuple[OrderEvent, ...] = ()
    version: int = 0

    @property
    def asked(self) -> frozenset[str]:
        """The keys of the questions that this call has stored, so that nobody can have asked them yet."""
        return frozenset(event.key for event in self.events if isinstance(event, PaymentAttempted))


def not_found(order_id: str) -> Refusal:
    """The refusal for an order that is not there, or is not the actor's to see."""
    return Refusal("order_not_found", f"there is no order {order_id!r}", {"order": order_id})


def read(ports: Ports, order_id: str, by: Actor) -> Stored[Order] | Refusal:
    """An order for somebody who asks for it."""
    if not isinstance(by, Actor):
        raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
    stored = ports.storage.load(Order, order_id)
    if stored is None or not (by.sees(stored.value.buyer_id) or is_also(ports, stored.value.buyer_id, by)):
        return not_found(order_id)
    return stored


def is_also(ports: Ports, buyer_id: str, by: Actor) -> bool:
    """Whether a buyer's id is another one of the member who asks: a guest's that they were, or of a record that was merged into theirs."""
    alias = None if ports.vault is None else ports.storage.load(MemberAlias, buyer_id)
    return alias is not None and by.sees(alias.value.member_id)


def operation(ports: Ports, command: Command, answer: str) -> Operation:
    """The operation of a command: one step under one name, whatever the command, so that no key serves two of them. The context of a payment tells no
    command from another.
    """
    if isinstance(command, _WITH_CONTEXT) and command.context is not None:
        command = evolve(command, context=None)
    return Operation(f"{command.key}/1", ports.codec.fingerprint(command), answer)


_WITH_CONTEXT = (PayOrder, PlaceOrder)


def fitted(key: str) -> str:
    """The key, or one made from it where it is longer than a store keeps; different keys stay different."""
    return key if len(key) <= TEXT_LIMIT else f"{key[:120]}~{sha256(key.encode()).hexdigest()}"


def change(ports: Ports, command: OrderCommand, decide: Decide, *, at: datetime) -> Order | Refusal:
    """Read the order, decide, write; the order as it stands afterwards. Raises `IllegalTransition`, `KeyConflict` and `VersionConflict`."""
    taken = take(ports, command, decide, at=at)
    return taken if isinstance(taken, Refusal) else taken.order


def take(ports: Ports, command: OrderCommand, decide: Decide, *, at: datetime) -> Taken | Refusal:
    """As `change`, telling what was written."""
    op = operation(ports, command, command.order_id)
    named = named_series(command.series) if isinstance(command, RefundUnits | GiveGoodwill) else ""
    return _attempted(ports, command.order_id, command.by, decide, lambda order: op, at=at, series=named)


def named_series(series: str) -> str:
    """The series of credit notes that a command names; empty where it names none, so that that of the order's terms holds."""
    return "" if series == SERIES else series


def advance(ports: Ports, order: Order, decide: Decide, *, at: datetime, key: str = "") -> Order:
    """A step that the shop takes by itself. Without a `key` it is keyed by where the order stands when it is taken."""
    return take_next(ports, order, decide, at=at, key=key).order


def take_next(ports: Ports, order: Order, decide: Decide, *, at: datetime, key: str = "", version: int = 0) -> Taken:
    """As `advance`, telling what was written. With the `version` under which this very call has written it, the order is not read again unless
    somebody was there since.
    """

    def op(current: Order) -> Operation:
        return Operation(key or f"{current.id}/{current.event_count}", "step", current.id)

    if version and (taken := _straight_on(ports, Stored(order, version), decide, op(order), at=at)) is not None:
        return taken
    result = _attempted(ports, order.id, SYSTEM, decide, op, at=at, named=bool(key))
    return Taken(order) if isinstance(result, Refusal) else result


def _straight_on(ports: Ports, stored: Stored[Order], decide: Decide, op: Operation, *, at: datetime) -> Taken | None:
    """The next step of an order that was written a moment ago; `None` where it is to be read again, because nothing comes of it as it was."""
    try:
        decision = decide(stored.value)
        if isinstance(decision, Refusal) or not decision.events:
            return None
        decision = orders.watched(stored.value, orders.give_back(decision, at=at), at=at)
        taken = _written(ports, stored, decision, op, at=at)
    except (IllegalTransition, InvalidValue, VersionConflict):
        return None
    return taken if isinstance(taken, Taken) else None


def _attempted(
    ports: Ports, order_id: str, by: Actor, decide: Decide, op_of: OperationOf, *, at: datetime, named: bool = True, series: str = ""
) -> Taken | Refusal:
    for left in tries(ports.storage):
        stored = read(ports, order_id, by)
        if isinstance(stored, Refusal):
            return stored
        op = op_of(stored.value)
        try:
            decision = decide(stored.value)
        except (IllegalTransition, InvalidValue):
            if ports.storage.answered(op) is None:
                raise
            return Taken(stored.value)
        if isinstance(decision, Refusal):
            return decision if ports.storage.answered(op) is None else Taken(stored.value)
        if not decision.events:
            return Taken(stored.value)
        decision = orders.watched(stored.value, orders.give_back(decision, at=at), at=at)
        try:
            taken = _written(ports, stored, decision, op, series=series, at=at)
        except VersionConflict:
            if not left:
                raise
            continue
        if taken is not None:
            return taken
        if named:
            return _as_it_stands(ports, stored.value)
    raise VersionConflict(f"order {order_id!r} changed {TRIES} times while a step of it was decided; try again")


def _as_it_stands(ports: Ports, before: Order) -> Taken:
    again = ports.storage.load(Order, before.id)
    return Taken(before if again is None else again.value)


def _written(ports: Ports, stored: Stored[Order], decision: Decision, op: Operation, *, series: str = "", at: datetime) -> Taken | Refusal | None:
    """What came of it; `None` when the operation was there already, and nothing was written."""
    before = stored.value
    moves = claims.moves(before, decision.order)
    result = commit(ports, decision, op, expected=stored.version, moves=moves, at=at, series=series)
    if isinstance(result, Refusal) and result.code in _GONE:
        again = _planned_anew if before.sourcing is not None else _taken_anew
        decision, result = again(ports, stored, decision, op, at=at)
    if isinstance(result, Refusal):
        return result
    return None if result.repeated else Taken(decision.order, decision.events, stored.version + 1)


Written = tuple[Decision, Committed | Refusal]


def _taken_anew(ports: Ports, stored: Stored[Order], decision: Decision, op: Operation, *, at: datetime) -> Written:
    """The goods of a hold that was reclaimed, taken from where they were held; without the gifts that are gone, or not at all."""
    before = stored.value
    moves = claims.taken_anew(claims.moves(before, decision.order), before)
    result = commit(ports, decision, op, expected=stored.version, moves=moves, at=at)
    while _is_short(result) and (less := gone_since(before, decision, result, at=at)):
        decision, moves = less
        result = commit(ports, decision, op, expected=stored.version, moves=moves, at=at)
    if not _is_short(result):
        return decision, result
    decision = _sold_out(before, decision, at)
    return decision, commit(ports, decision, op, expected=stored.version, moves=(), at=at)


def _planned_anew(ports: Ports, stored: Stored[Order], decision: Decision, op: Operation, *, at: datetime) -> Written:
    """The same where the goods lie at several places: from where they were planned, then from wherever they are now (SOURCE-5)."""
    before = stored.value
    moves = claims.taken_anew(claims.moves(before, decision.order), before)
    result, found = commit(ports, decision, op, expected=stored.version, moves=moves, at=at), None
    for _ in range(TRIES):
        if not _is_short(result) or (found := planned_anew(ports, before, decision, at=at)) is None:
            break
        result = commit(ports, found.decision, op, expected=stored.version, moves=found.moves, at=at, puts=found.puts)
    if not _is_short(result):
        return (decision if found is None else found.decision), result
    canceled = _sold_out(before, decision, at)
    return canceled, commit(ports, canceled, op, expected=stored.version, moves=(), at=at)


def _is_short(result: Committed | Refusal) -> TypeGuard[Refusal]:
    return isinstance(result, Refusal) and result.code == "quota_exhausted"


_GONE = frozenset({"hold_lapsed", "hold_unknown"})
"""The hold was reclaimed, or reclaimed and pruned since."""


def _sold_out(before: Order, decision: Decision, at: datetime) -> Decision:
    """The money came, the goods are gone: what was decided about the money stands, and the order is canceled."""
    released = Decision(before).then(*(event for event in decision.events if not isinstance(event, _FOLLOWS)))
    canceled = orders.cancel(released.order, reason=CancelReason.OUT_OF_STOCK, by=SYSTEM, at=at)
    assert isinstance(canceled, Decision), "an order of which nothing has left can be canceled"
    return Decision(canceled.order, (*released.events, *canceled.events))


_FOLLOWS = (ClaimChanged, OrderConfirmed, ReviewRequested, UnitsHandedOver)
"""What follows for an order from being paid."""


def commit(
    ports: Ports,
    decision: Decision,
    op: Operation,
    *,
    expected: int,
    moves: tuple[QuotaMove, ...],
    at: datetime,
    puts: tuple[Put, ...] = (),
    drops: tuple[Drop, ...] = (),
    more: tuple[Record, ...] = (),
    series: str = "",
) -> Committed | Refusal:
    """One changeset for one decision, with `more` records of other streams, and its credit note where it gives something back, in this `series` or
    in that of the order's terms; observers hear of it once it is in the store.
    """
    order, events = decision.order, decision.events
    first = order.event_count - len(events) + 1
    noted = noted_puts(ports, decision, series=series, at=at)
    records = tuple(Record(EVENTS, order.id, first + n, event) for n, event in enumerate(events))
    change = Changeset(op, at, puts=(Put(order.id, order, expected), *noted, *puts), moves=moves, records=(*records, *more), drops=drops)
    result = ports.storage.commit(change)
    if isinstance(result, Committed) and not result.repeated and not ports.storage.is_joined:
        ports.observers.heard(order.id, events)
        if ports.risk is not None:
            remember(ports, order, events, first=first, at=at)
    return result
