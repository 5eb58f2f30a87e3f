"""Give units back as a plan tells it, or something out of goodwill, each with its credit note.

Rules
- what `plan_refund` shows is what `refund_units` does: both ask the planner, and with `as_of` the flow refuses once the order has moved (REFUND-5);
- the order, its events, the credit note and the number that it took are one changeset, so that no number is lost and no note without its refund
  (REFUND-6); money follows once that is written;
- minimums of discounts are read only where the policy asks for them: from what was frozen, and from promotions of the very versions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from attrs import evolve

from shopwright import orders
from shopwright.errors import VersionConflict
from shopwright.flows import claims
from shopwright.flows.checking import takes
from shopwright.flows.commands import GiveGoodwill, OrderCommand, RefundUnits
from shopwright.flows.paying import wrong_currency
from shopwright.flows.ports import Ports
from shopwright.flows.relaying import history
from shopwright.flows.saving import commit, operation, read
from shopwright.flows.settling import settle
from shopwright.flows.trying import TRIES, tries
from shopwright.members.actors import Actor
from shopwright.orders.credit_notes import CreditNote, CreditNoteBook, note_of_goodwill, note_of_plan
from shopwright.orders.decision import Decision
from shopwright.orders.events import OrderPlaced
from shopwright.orders.minimums import minimums_of
from shopwright.orders.order import Order
from shopwright.orders.refund_plan import RefundPlan
from shopwright.orders.refund_policy import BelowMinimum, Minimum, RefundPolicy
from shopwright.ports.storage import Match, Put, Query, Stored, Where
from shopwright.refusals import Fact, Refusal

Noted = tuple[Decision, CreditNote | None]
Decide = Callable[[Order, str], Noted | Refusal]


@takes(RefundUnits)
def plan_refund(ports: Ports, command: RefundUnits, *, at: datetime) -> RefundPlan | Refusal:
    """What `refund_units` would do now; nothing is written.

    Refused with `order_not_found`, `refund_plan_stale`, `units_unknown`, `units_not_left`, `units_not_back` or `card_number_given`.
    """
    stored = read(ports, command.order_id, command.by)
    return stored if isinstance(stored, Refusal) else _planned(ports, stored.value, command, at=at)


@takes(RefundUnits)
def refund_units(ports: Ports, command: RefundUnits, *, at: datetime) -> Order | Refusal:
    """Give units back: the order says so, a credit note is issued, and the money goes on the ways it came.

    Refused with `order_not_found`, `refund_plan_stale`, `units_unknown`, `units_not_left`, `units_not_back` or `card_number_given`.
    """

    def decide(order: Order, number: str) -> Noted | Refusal:
        plan = _planned(ports, order, command, at=at)
        if isinstance(plan, Refusal):
            return plan
        done = orders.refund_planned(order, plan)
        return done if isinstance(done, Refusal) else (done, note_of_plan(order, plan, number=number, at=at))

    return _given(ports, command, command.series, decide, at=at)


@takes(GiveGoodwill)
def give_goodwill(ports: Ports, command: GiveGoodwill, *, at: datetime) -> Order | Refusal:
    """Give money back for no unit, with a reason and a credit note.

    Refused with `order_not_found`, `payment_currency`, `goodwill_above_limit`, `refund_above_paid` or `card_number_given`.
    """

    def decide(order: Order, number: str) -> Noted | Refusal:
        if refusal := wrong_currency(order, command.amount):
            return refusal
        amount = command.amount.minor
        done = orders.goodwill(order, amount, reason=command.reason, by=command.by, at=at)
        if isinstance(done, Refusal):
            return done
        return done, note_of_goodwill(order, amount, reason=command.reason, number=number, at=at)

    return _given(ports, command, command.series, decide, at=at)


def credit_notes(ports: Ports, order_id: str, *, by: Actor) -> tuple[CreditNote, ...] | Refusal:
    """The credit notes of an order, in the order in which they were issued. Refused with `order_not_found`."""
    stored = read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    found: list[CreditNote] = []
    query = Query(CreditNote, where=(Where("order_id", Match.EQUAL, order_id),), order_by="issued_at", limit=1_000)
    while True:
        page = ports.storage.find(query)
        found += [it.value for it in page.items]
        if not page.next:
            return tuple(found)
        query = evolve(query, after=page.next)


def _planned(ports: Ports, order: Order, command: RefundUnits, *, at: datetime) -> RefundPlan | Refusal:
    if command.as_of is not None and command.as_of != order.event_count:
        facts: dict[str, Fact] = {"order": order.number, "planned": command.as_of, "now": order.event_count}
        return Refusal("refund_plan_stale", f"order {order.number} has moved since this refund was planned; plan it again", facts)
    policy = command.policy or order.terms.refunds
    known = minimums(ports, order, policy)
    return orders.plan_refund(order, command.units, reason=command.reason, by=command.by, at=at, policy=policy, minimums=known)


def minimums(ports: Ports, order: Order, policy: RefundPolicy) -> tuple[Minimum, ...]:
    """The minimums of an order's discounts, where the policy asks for them."""
    if policy.below_minimum is BelowMinimum.KEEP:
        return ()
    placed = next((it.value for it in history(ports, order.id) if isinstance(it.value, OrderPlaced)), None)
    promotions = () if ports.promotions is None else tuple(ports.promotions.by_id.values())
    return () if placed is None else minimums_of(placed, promotions)


def _given(ports: Ports, command: OrderCommand, series: str, decide: Decide, *, at: datetime) -> Order | Refusal:
    """Read, decide, write as one changeset, and let the money follow; a command that was done before gets the order as it is now."""
    op = operation(ports, command, command.order_id)
    for left in tries(ports.storage):
        stored = read(ports, command.order_id, command.by)
        if isinstance(stored, Refusal):
            return stored
        if ports.storage.answered(op) is not None:
            return settle(ports, stored.value, at=at)
        book = ports.storage.load(CreditNoteBook, series) or Stored(CreditNoteBook(series=series), 0)
        taken = book.value.next()
        noted = decide(stored.value, taken.number())
        if isinstance(noted, Refusal):
            return noted
        decision, note = orders.watched(stored.value, orders.give_back(noted[0], at=at), at=at), noted[1]
        puts = () if note is None else (Put(note.number, note), Put(series, taken, book.version))
        moves = claims.moves(stored.value, decision.order)
        try:
            result = commit(ports, decision, op, expected=stored.version, moves=moves, at=at, puts=puts)
        except VersionConflict:
            if not left:
                raise
            continue
        if isinstance(result, Refusal):
            return result
        return settle(ports, _as_written(ports, decision.order) if result.repeated else decision.order, at=at)
    raise VersionConflict(f"order {command.order_id!r} changed {TRIES} times while a refund of it was decided; try again")


def _as_written(ports: Ports, order: Order) -> Order:
    stored = ports.storage.load(Order, order.id)
    return order if stored is None else stored.value
