"""The refund planner: which money goes back for units of an order, told before it happens, and then done as it was told.

    plan = plan_refund(order, ((1, 2),), reason="too small", by=clerk, at=now)
    done = refund_planned(order, plan)

Rules
- REFUND-2: what goes back is told by the frozen facts of the order alone, and is never more than what was paid for the units, nor than the shop has
  of the buyer's money above what is still owed, and can give back now: what is disputed stays until that is decided;
- REFUND-3: a plan is shown as it would be done: it is the very events, and what the order makes of them; nothing of it is reckoned twice;
- REFUND-5: a plan is done only to the order that it was made for, as it stood then.

Refusals, in order: `units_unknown` for a line that is not there, `units_not_left` for more units than have left and were not given back before (what
has not left is called off), `units_not_back` where the policy wants them to be back first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.members.actors import Actor
from shopwright.orders import events as e
from shopwright.orders.consequences import commissions_back, points_back, uses_back
from shopwright.orders.decision import Decision, decided
from shopwright.orders.order import Order
from shopwright.orders.plan_lines import planned_lines
from shopwright.orders.refund_plan import KeptOfSale, RefundPlan, Units, Why
from shopwright.orders.refund_policy import Minimum, RefundPolicy
from shopwright.orders.refunds import refundable, ways
from shopwright.refusals import Fact, Refusal


def plan_refund(
    order: Order,
    units: Units,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    policy: RefundPolicy | None = None,
    minimums: Iterable[Minimum] = (),
    commissions: Iterable[KeptOfSale] = (),
) -> RefundPlan | Refusal:
    """What goes back for units: pairs of line number and quantity, each line once. Nothing is changed by it.

    Without a `policy` that of the order's terms holds. `minimums` are those of its discounts (`shopwright.orders.minimums.minimums_of`),
    `commissions` what was kept of its lines. Refused with `units_unknown`, `units_not_left` or `units_not_back`. Raises `InvalidValue` for no
    units, for quantities below 1 and for a line that is named twice.
    """
    policy = order.terms.refunds if policy is None else policy
    if refusal := _units_wrong(order, units, policy):
        return refusal
    made = planned_lines(order, units, policy, tuple(minimums))
    settled = e.UnitsSettled(lines=made.settled, reason=reason, by=by, at=at)
    after = decided(order, settled)
    value = sum([it.amount for it in made.settled])
    amount = min(value, max(0, after.order.surplus), refundable(order))
    if amount:
        after = after.then(e.RefundGranted(amount=amount, reason=reason, by=by, at=at))
    back = ways(after.order)
    return RefundPlan(
        order_id=order.id,
        order_number=order.number,
        event_count=order.event_count,
        currency=order.currency,
        units=tuple(sorted(units)),
        policy=policy,
        reason=reason,
        by=by,
        at=at,
        lines=made.lines,
        value=value,
        amount=amount,
        earlier=sum([it.amount for it in back]) - amount,
        ways=back,
        points=points_back(order, after.order),
        uses=uses_back(after, back, at=at),
        commissions=commissions_back(order, made.lines, tuple(commissions)),
        events=tuple([it for it in after.events if isinstance(it, e.UnitsSettled | e.RefundGranted)]),
        why=_told(order, value, amount),
    )


def refund_planned(order: Order, plan: RefundPlan) -> Decision | Refusal:
    """Do what a plan says. Refused with `refund_plan_stale` when it was made for another order, or this one has moved since (REFUND-5)."""
    if (plan.order_id, plan.event_count) != (order.id, order.event_count):
        facts: dict[str, Fact] = {"order": order.number, "planned": plan.event_count, "now": order.event_count}
        return Refusal("refund_plan_stale", f"order {order.number} has moved since this refund was planned; plan it again", facts)
    return decided(order, *plan.events)


def _units_wrong(order: Order, units: Units, policy: RefundPolicy) -> Refusal | None:
    if not units or len({line_no for line_no, _ in units}) < len(units):
        raise InvalidValue(f"a refund names units of one line or more, each line once; got {units!r}")
    facts: dict[str, Fact]
    settled = {it.line_no: it.units for it in order.settled}
    for line_no, wanted in units:
        if type(wanted) is not int or wanted < 1:
            raise InvalidValue(f"a quantity that is given back is 1 or more; got {wanted!r} of line {line_no!r}")
        line = order.line(line_no)
        if line is None:
            return Refusal("units_unknown", f"order {order.number} has no line {line_no}", {"line_no": line_no})
        left = line.buckets.left - settled.get(line_no, 0)
        back = line.buckets.returned + line.buckets.lost - settled.get(line_no, 0)
        if wanted > left:
            facts = {"line_no": line_no, "wanted": wanted, "there": left}
            return Refusal("units_not_left", f"{left} units of line {line_no} have left and were not given back", facts)
        if policy.received_only and wanted > back:
            facts = {"line_no": line_no, "wanted": wanted, "there": max(0, back)}
            return Refusal("units_not_back", f"{max(0, back)} units of line {line_no} are back", facts)
    return None


def _told(order: Order, value: int, amount: int) -> tuple[Why, ...]:
    why = Why("refund", amount, f"{order.money(amount)} goes back")
    if amount == value:
        return (why,)
    rest = value - amount
    return why, Why("set_off", rest, f"{order.money(rest)} does not go back: it is not paid, was given back before, or is disputed")
