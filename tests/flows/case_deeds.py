"""What people do about goods that they are not content with, and about an order that is to be another: deeds beside those of `tests.flows.deeds`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shopwright import Order
from shopwright.flows.editing.commands import EditOrder
from shopwright.flows.returns import commands as c
from shopwright.orders.edit_changes import AddLine, ChangeQuantity
from shopwright.returns.case import Case
from shopwright.returns.words import Condition, Disposition, Finding, Granted, Outcome, Resolution, Why, Wish
from tests.flows.deeds import Deed
from tests.flows.mall import ANN, CLERK

WISHES = (
    (Why.CHANGED_MIND, Resolution.REFUND),
    (Why.DAMAGED, Resolution.REPLACE),
    (Why.LOST, Resolution.REPLACE),
    (Why.LOST, Resolution.REFUND),
    (Why.MISSING, Resolution.REFUND),
    (Why.NOT_AS_DESCRIBED, Resolution.PARTIAL_REFUND),
    (Why.CHANGED_MIND, Resolution.STORE_CREDIT),
)


def _applied(order: Order, part: int, key: str) -> tuple[str, Any]:
    why, resolution = WISHES[part % len(WISHES)]
    line = order.lines[part // len(WISHES) % len(order.lines)]
    wish = Wish(line_no=line.line_no, units=1, why=why, resolution=resolution)
    return "returns.apply", c.ApplyForReturn(key=key, by=ANN, order_id=order.id, wishes=(wish,))


def _edited(order: Order, part: int, key: str) -> tuple[str, Any]:
    line = order.lines[part // 4 % len(order.lines)]
    quantity = line.quantity - line.buckets.canceled
    change = (ChangeQuantity(line_no=line.line_no, quantity=max(0, quantity - 1)), AddLine("TEA"), AddLine("CUP"), AddLine("TEA"))[part % 4]
    return "orders.edit", EditOrder(key=key, by=CLERK, order_id=order.id, changes=(change,))


def _granted(case: Case, part: int) -> tuple[Granted, ...]:
    """What was wished, the money without the goods, or a part of it."""
    part %= 4
    if part == 0:
        return tuple(Granted(no=line.no, resolution=Resolution.PARTIAL_REFUND, goods_back=False, amount=100) for line in case.lines)
    if part == 1:
        return tuple(Granted(no=line.no, resolution=Resolution.REFUND, goods_back=False) for line in case.lines)
    return ()


def _found(case: Case, part: int) -> tuple[Finding, ...]:
    conditions, becomes = tuple(Condition)[:4], tuple(Disposition)
    finding = Finding(no=1, units=1, condition=conditions[part // 2 % 4], disposition=becomes[part % len(becomes)])
    return (finding,) if part % 2 else ()


def _outcomes(case: Case, part: int) -> tuple[Outcome, ...]:
    if part % 3 == 0 or not case.lines[0].within_reach:
        return ()
    return (Outcome(no=1, units=case.lines[0].within_reach, resolution=(Resolution.REJECT, Resolution.REFUND)[part % 2]),)


Build = Callable[[Case, int, dict[str, Any]], Any]

OF_CASES: dict[str, Build] = {
    "ask": lambda case, n, a: c.AskForMore(note="which one?", by=CLERK, **a),
    "answer": lambda case, n, a: c.AnswerCase(note="the blue one", by=ANN, **a),
    "approve": lambda case, n, a: c.ApproveCase(granted=_granted(case, n), by=CLERK, **a),
    "reject": lambda case, n, a: c.RejectCase(why="not ours", by=CLERK, **a),
    "withdraw": lambda case, n, a: c.WithdrawCase(by=ANN, **a),
    "send": lambda case, n, a: c.SendReturn(by=ANN, **a),
    "receive": lambda case, n, a: c.ReceiveReturn(by=CLERK, **a),
    "miss": lambda case, n, a: c.MissReturn(by=CLERK, **a),
    "inspect": lambda case, n, a: c.InspectReturn(findings=_found(case, n), by=CLERK, **a),
    "resolve": lambda case, n, a: c.ResolveCase(outcomes=_outcomes(case, n), by=CLERK, **a),
    "end_quarantine": lambda case, n, a: c.EndQuarantine(restocked=bool(n % 2), by=CLERK, **a),
}
"""What somebody may ask of a case, at any time."""

OF_ORDERS: dict[str, Callable[[Order, int, str], tuple[str, Any]]] = {"apply": _applied, "edit": _edited}


def about_case(case: Case, deed: Deed, key: str) -> tuple[str, Any]:
    """The command that a deed means for this case, and the verb of the shop that takes it."""
    return f"returns.{deed.verb}", OF_CASES[deed.verb](case, deed.part, {"key": key, "case_id": case.id})
