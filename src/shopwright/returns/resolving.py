"""The end of a case: what is done about each unit, on the case and on its order in one decision.

    resolved = resolve(case, order, by=clerk, at=now)
    resolved.case.events, resolved.order.events     # both are written in one changeset

Rules
- RETURN-1 and RETURN-2 (`shopwright.returns.case`);
- RETURN-8: unless somebody says otherwise, units for which what was granted is due get it, and any other that was found gets nothing;
- RETURN-9: goods that the customer gives up are returned on the order; those to be restocked are for sale again at once, those kept aside once
  `end_quarantine` says so, and what goes back to the customer stays the customer's;
- RETURN-10: money is told by the planner of refunds, from the frozen facts of the order, less the fee that is frozen on the line of the case; nobody
  owes a fee for units that were lost on a way back that the shop pays;
- RETURN-11: what is replaced goes out on the same order at no charge, from the same stock as any other unit;
- RETURN-12: what goods are exchanged for is a line of the same order at the price of the day, and what was paid for the goods pays for it first: only
  the difference goes back, or is missing, which keeps the order from shipping until it is paid.

Points and store credit are kept elsewhere: the decision says how much they are, and who writes it gives them in the same step.

Refusal codes, in order: `case_not_of_order`, `case_goods_awaited`, `case_line_unknown`, `case_units_above`, `case_exchange_unready`; those of
`shopwright.orders.returning`, of `plan_refund` and of `refund`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve, field, frozen

from shopwright.errors import InvalidValue
from shopwright.members.actors import Actor
from shopwright.orders.decision import Decision
from shopwright.orders.decision import decided as order_decided
from shopwright.orders.decision import require as require_order
from shopwright.orders.editing import Priced, added
from shopwright.orders.events import OrderReopened
from shopwright.orders.lines import Bucket
from shopwright.orders.order import Order
from shopwright.orders.planning import plan_refund, refund_planned
from shopwright.orders.refund_plan import RefundPlan
from shopwright.orders.refund_policy import Minimum
from shopwright.orders.refunds import refund
from shopwright.orders.returning import reopen_units, restock, return_units
from shopwright.orders.states import OrderState
from shopwright.refusals import Fact, Refusal
from shopwright.returns import events as e
from shopwright.returns.case import Case, CaseLine
from shopwright.returns.decision import CaseDecision, above_units, decided, line_unknown, require
from shopwright.returns.states import CaseState
from shopwright.returns.words import Outcome, Resolution, Why

Units = tuple[tuple[int, int], ...]


@frozen(kw_only=True)
class Resolved:
    """A case and its order after one step. `credit` is what of the money that was granted goes back as store credit, in minor units of the order;
    `points` are given besides. `plans` are what was planned for units that were given up, in turn.
    """

    case: CaseDecision
    order: Decision
    credit: int = 0
    points: int = 0
    plans: tuple[RefundPlan, ...] = ()


def resolve(
    case: Case,
    order: Order,
    outcomes: tuple[Outcome, ...] = (),
    *,
    minimums: Iterable[Minimum] = (),
    exchanged: Priced | None = None,
    by: Actor,
    at: datetime,
) -> Resolved | Refusal:
    """Do what is due (RETURN-8), or what `outcomes` say for each unit. `minimums` are those of the order's discounts, as in `plan_refund`, and
    `exchanged` is the price of what goods are exchanged for (`wanted_instead`).

    Refused with `case_not_of_order`, `case_goods_awaited`, `case_line_unknown`, `case_units_above` or `case_exchange_unready`, and with what the
    order refuses. Raises `IllegalTransition` unless the case is approved or inspected, and for what is to be replaced of an order that is canceled.
    """
    require(case, e.CaseResolved)
    if case.order_id != order.id:
        return _not_of(case, order)
    if refusal := _awaited(case):
        return refusal
    chosen = outcomes or all_due(case)
    if refusal := _refused(case, chosen) or _unpriced(order, chosen, exchanged):
        return refusal
    closed = decided(case, e.CaseResolved(outcomes=chosen, by=by, at=at))
    moved = _moved(_Step(case=closed, order=order_decided(order), minimums=tuple(minimums), exchanged=exchanged, by=by, at=at))
    if isinstance(moved, Refusal):
        return moved
    points = sum([it.amount for it in chosen if it.resolution is Resolution.POINTS])
    return Resolved(case=closed, order=moved.order, credit=moved.credit, points=points, plans=moved.plans)


def all_due(case: Case) -> tuple[Outcome, ...]:
    """What is done about every unit unless somebody says otherwise (RETURN-8)."""
    return tuple([it for line in case.lines for it in due(line)])


def wanted_instead(outcomes: Iterable[Outcome]) -> tuple[tuple[str, int], ...]:
    """What goods are exchanged for: skus with quantities, each once (RETURN-12)."""
    found: dict[str, int] = {}
    for it in outcomes:
        if it.resolution is Resolution.EXCHANGE:
            found[it.sku] = found.get(it.sku, 0) + it.units
    return tuple(found.items())


def due(line: CaseLine) -> tuple[Outcome, ...]:
    """What is done about the units of a line unless somebody says otherwise (RETURN-8)."""
    granted = line.granted
    if granted is None or not line.within_reach:
        return ()
    entitled = line.entitled
    found = []
    if entitled:
        found.append(Outcome(no=line.no, units=entitled, resolution=granted.resolution, amount=granted.amount, sku=granted.sku))
    if rest := line.within_reach - entitled:
        found.append(Outcome(no=line.no, units=rest, resolution=Resolution.REJECT))
    return tuple(found)


def end_quarantine(case: Case, order: Order, units: Units = (), *, restocked: bool, by: Actor, at: datetime) -> Resolved | Refusal:
    """Decide about units that were kept aside, pairs of the line of the case and how many, without any about all: for sale again, or written off.

    Refused with `case_not_of_order`, `case_line_unknown` and `case_units_above`. Raises `InvalidValue` where nothing is kept aside.
    """
    if case.order_id != order.id:
        return _not_of(case, order)
    chosen = units or tuple([(line.no, line.quarantined) for line in case.lines if line.quarantined])
    if not chosen or len(dict(chosen)) < len(chosen) or any(type(count) is not int or count < 1 for _, count in chosen):
        raise InvalidValue(f"expected lines of the case, each once, with 1 unit or more that is kept aside; got {chosen!r}")
    for no, count in chosen:
        line = case.line(no)
        if line is None:
            return line_unknown(case, no)
        if count > line.quarantined:
            return above_units(line, count, line.quarantined, "taken out of quarantine")
    ended = decided(case, e.QuarantineEnded(units=chosen, restocked=restocked, by=by, at=at))
    freed = restock(order, _by_order_line(case, chosen), at=at) if restocked else order_decided(order)
    return Resolved(case=ended, order=freed)


def _not_of(case: Case, order: Order) -> Refusal:
    return Refusal("case_not_of_order", f"case {case.number} is not about order {order.number}", {"case": case.number, "order": order.number})


def _awaited(case: Case) -> Refusal | None:
    """The refusal for goods that have to come back and did not, or were not looked at."""
    if not case.goods_back or (case.state is CaseState.INSPECTED and all(line.received == line.inspected for line in case.lines)):
        return None
    received, inspected = sum([it.received for it in case.lines]), sum([it.inspected for it in case.lines])
    facts: dict[str, Fact] = {"case": case.number, "received": received, "inspected": inspected}
    return Refusal("case_goods_awaited", f"goods of case {case.number} have to be received and inspected before it is resolved", facts)


def _refused(case: Case, outcomes: tuple[Outcome, ...]) -> Refusal | None:
    used: dict[int, int] = {}
    for outcome in outcomes:
        line = case.line(outcome.no)
        if line is None:
            return line_unknown(case, outcome.no)
        left = line.within_reach - used.get(line.no, 0)
        if outcome.units > left:
            return above_units(line, outcome.units, left, "resolved")
        used[line.no] = used.get(line.no, 0) + outcome.units
    return None


def _unpriced(order: Order, outcomes: tuple[Outcome, ...], exchanged: Priced | None) -> Refusal | None:
    """The refusal for goods that are exchanged for others of which nobody told the price, or which an order over cannot take on."""
    wanted = wanted_instead(outcomes)
    if not wanted:
        return None
    if order.state is not OrderState.CONFIRMED:
        require_order(order, OrderReopened)
    offered: dict[str, int] = {}
    for line in () if exchanged is None or exchanged.added is None else exchanged.added.lines:
        if line.given_by is None and line.ships:
            offered[line.sku] = offered.get(line.sku, 0) + line.quantity
    if offered == dict(wanted):
        return None
    skus = ", ".join(sku for sku, _ in wanted)
    return Refusal("case_exchange_unready", f"the price of {skus}, which goods are exchanged for, was not told, or they do not ship", {"skus": skus})


@frozen(kw_only=True)
class _Step:
    """A case that was resolved, and its order on the way there."""

    case: CaseDecision
    order: Decision
    minimums: tuple[Minimum, ...]
    exchanged: Priced | None
    by: Actor
    at: datetime
    credit: int = field(default=0)
    plans: tuple[RefundPlan, ...] = field(default=())

    @property
    def reason(self) -> str:
        return f"case {self.case.case.number}"

    def after(self, decision: Decision | Refusal) -> _Step | Refusal:
        """The step with what the order decided next."""
        return decision if isinstance(decision, Refusal) else evolve(self, order=self.order.then(*decision.events))


def _moved(step: _Step) -> _Step | Refusal:
    """Goods first, and what they are exchanged for, then the money, then what goes out again; each on the order as the one before left it."""
    for act in (_taken_back, _exchanged, _refunded, _refunded_in_part, _replaced):
        done = act(step)
        if isinstance(done, Refusal):
            return done
        step = done
    return step


def _taken_back(step: _Step) -> _Step | Refusal:
    """Goods that were given up are back (RETURN-9)."""
    case = step.case.case
    units = _by_order_line(case, tuple([(line.no, line.given_up) for line in case.lines]))
    if not units:
        return step
    restocked = _by_order_line(case, tuple([(line.no, line.restocked) for line in case.lines]))
    return step.after(return_units(step.order.order, units, restocked=restocked, at=step.at))


def _exchanged(step: _Step) -> _Step | Refusal:
    """Other goods are sold with the order, before the value of those that came back is reckoned (RETURN-12)."""
    if step.exchanged is None or not wanted_instead([it for line in step.case.case.lines for it in line.outcomes]):
        return step
    order = step.order.order
    decision = order_decided(order) if order.state is OrderState.CONFIRMED else order_decided(order, OrderReopened(by=step.by, at=step.at))
    return step.after(added(decision, step.exchanged, by=step.by, at=step.at))


def _refunded(step: _Step) -> _Step | Refusal:
    """The value of goods goes back, a plan for each fee and way (RETURN-10)."""
    case = step.case.case
    groups: dict[tuple[Resolution, int], list[tuple[int, int]]] = {}
    for line in case.lines:
        free = line.lost_for_shop
        for outcome in line.outcomes:
            if outcome.resolution in _GIVEN_BACK:
                lost = min(free, outcome.units)
                free -= lost
                for fee, units in ((0, lost), (line.terms.fee, outcome.units - lost)):
                    if units:
                        groups.setdefault((outcome.resolution, fee), []).append((line.no, units))
    for (resolution, fee), told in groups.items():
        order = step.order.order
        # What has to be back is back by RETURN-2; the planner could not tell these units from others of the line that the buyer was let keep.
        policy = evolve(order.terms.refunds, restocking=fee, received_only=False)
        wanted = _by_order_line(case, tuple(told))
        plan = plan_refund(order, wanted, reason=step.reason, by=step.by, at=step.at, policy=policy, minimums=step.minimums)
        if isinstance(plan, Refusal):
            return plan
        done = step.after(refund_planned(order, plan))
        if isinstance(done, Refusal):
            return done
        credit = plan.amount if resolution is Resolution.STORE_CREDIT else 0
        step = evolve(done, credit=done.credit + credit, plans=(*done.plans, plan))
    return step


_GIVEN_BACK = frozenset({Resolution.REFUND, Resolution.EXCHANGE, Resolution.STORE_CREDIT})
"""Resolutions by which the value of units is given back, on its way or for other goods."""


def _refunded_in_part(step: _Step) -> _Step | Refusal:
    parts = [(line.no, it.amount) for line in step.case.case.lines for it in line.outcomes if it.resolution is Resolution.PARTIAL_REFUND]
    of_lines = _by_order_line(step.case.case, tuple(parts))
    amount = sum([part for _, part in of_lines])
    if not amount:
        return step
    return step.after(refund(step.order.order, amount, reason=step.reason, by=step.by, at=step.at, of_lines=of_lines))


def _replaced(step: _Step) -> _Step | Refusal:
    """What is replaced goes out once more (RETURN-11), from where the case left its units."""
    case = step.case.case
    for source in (Bucket.RETURNED, Bucket.LOST, Bucket.DELIVERED):
        lines = [line for line in case.lines if _source(line) is source]
        units = _by_order_line(case, tuple([(it.no, it.units) for line in lines for it in line.outcomes if it.resolution is Resolution.REPLACE]))
        if not units:
            continue
        done = step.after(reopen_units(step.order.order, units, source=source, by=step.by, at=step.at))
        if isinstance(done, Refusal):
            return done
        step = done
    return step


def _source(line: CaseLine) -> Bucket:
    if line.goods_back:
        return Bucket.RETURNED
    return Bucket.LOST if line.wish.why is Why.LOST else Bucket.DELIVERED


def _by_order_line(case: Case, units: Units) -> Units:
    """Units of lines of the case as units of lines of the order, each once."""
    found: dict[int, int] = {}
    for no, count in units:
        line = case.line(no)
        if line is not None and count:
            found[line.wish.line_no] = found.get(line.wish.line_no, 0) + count
    return tuple(sorted(found.items()))
