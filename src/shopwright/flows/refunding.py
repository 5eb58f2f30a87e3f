"""Give units back as a plan tells it, or something out of goodwill, each with its credit note.

Rules
- what `plan_refund` shows is what `refund_units` does: both ask the planner, and with `as_of` the flow refuses once the order has moved (REFUND-5);
- the credit note is written with the order and its events (`shopwright.flows.crediting`); money follows once that is written;
- minimums of discounts are read only where the policy asks for them: from what was frozen, and from promotions of the very versions.
"""

from __future__ import annotations

from datetime import datetime

from shopwright import orders
from shopwright.flows.checking import takes
from shopwright.flows.commands import GiveGoodwill, RefundUnits
from shopwright.flows.histories import history
from shopwright.flows.paying import then_settle, wrong_currency
from shopwright.flows.ports import Ports
from shopwright.flows.saving import read, take
from shopwright.flows.walking import each_found
from shopwright.members.actors import Actor
from shopwright.orders.credit_notes import CreditNote
from shopwright.orders.decision import Decision
from shopwright.orders.events import OrderPlaced
from shopwright.orders.minimums import minimums_of
from shopwright.orders.order import Order
from shopwright.orders.refund_plan import RefundPlan
from shopwright.orders.refund_policy import BelowMinimum, Minimum, RefundPolicy
from shopwright.ports.storage import Match, Query, Where
from shopwright.refusals import Fact, Refusal


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

    def decide(order: Order) -> Decision | Refusal:
        plan = _planned(ports, order, command, at=at)
        return plan if isinstance(plan, Refusal) else orders.refund_planned(order, plan)

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


@takes(GiveGoodwill)
def give_goodwill(ports: Ports, command: GiveGoodwill, *, at: datetime) -> Order | Refusal:
    """Give money back for no unit, with a reason and a credit note.

    Refused with `order_not_found`, `payment_currency`, `goodwill_above_limit`, `refund_above_paid` or `card_number_given`.
    """

    def decide(order: Order) -> Decision | Refusal:
        if refusal := wrong_currency(order, command.amount):
            return refusal
        return orders.goodwill(order, command.amount.minor, reason=command.reason, by=command.by, at=at)

    return then_settle(ports, take(ports, command, decide, at=at), at=at)


def credit_notes(ports: Ports, order_id: str, *, by: Actor) -> tuple[CreditNote, ...] | Refusal:
    """The credit notes of an order, in the order in which they were issued. Refused with `order_not_found`."""
    stored = read(ports, order_id, by)
    if isinstance(stored, Refusal):
        return stored
    query = Query(CreditNote, where=(Where("order_id", Match.EQUAL, order_id),), order_by="issued_at", limit=1_000)
    return tuple([it.value for it in each_found(ports.storage, query)])


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
