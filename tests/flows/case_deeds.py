"""What people do about goods that they are not content with, and about an order that is to be another: deeds beside those of `tests.flows.deeds`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from shopwright import Address, FlatShipping, Order
from shopwright.flows.editing.commands import EditOrder
from shopwright.flows.returns import commands as c
from shopwright.orders.edit_changes import AddLine, ChangeCoupon, ChangeQuantity, ChangeShipping
from shopwright.returns.case import Case
from shopwright.returns.words import Condition, Disposition, Finding, Granted, Outcome, Resolution, Why, Wish
from tests.flows.deeds import Deed
from tests.flows.labeled import BACK
from tests.flows.mall import ANN, CLERK

ELSEWHERE = Address("Ann Lee", ("2 Canal Lane",), "Bremen", country="DE")

SEEN = (
    (Why.CHANGED_MIND, Resolution.REFUND),
    (Why.DAMAGED, Resolution.REPLACE),
    (Why.CHANGED_MIND, Resolution.EXCHANGE),
    (Why.NOT_AS_DESCRIBED, Resolution.PARTIAL_REFUND),
    (Why.DEFECTIVE, Resolution.REPLACE),
    (Why.WRONG_GOODS, Resolution.EXCHANGE),
    (Why.MISSING, Resolution.REFUND),
    (Why.CHANGED_MIND, Resolution.STORE_CREDIT),
)
UNSEEN = ((Why.LOST, Resolution.REPLACE), (Why.LOST, Resolution.REFUND))


def _applied(order: Order, part: int, key: str) -> tuple[str, Any]:
    """What is wished of a unit that came or was lost; of another where there is none, which is refused."""
    lines = [line for line in order.lines if line.buckets.delivered or line.buckets.lost] or list(order.lines)
    line = lines[part // 8 % len(lines)]
    wishes = UNSEEN if line.buckets.lost and not line.buckets.delivered else SEEN
    why, resolution = wishes[part % len(wishes)]
    other = ("CUP" if line.sku == "TEA" else "TEA") if resolution is Resolution.EXCHANGE else ""
    wish = Wish(line_no=line.line_no, units=1, why=why, resolution=resolution, sku=other)
    return "returns.apply", c.ApplyForReturn(key=key, by=ANN, order_id=order.id, wishes=(wish,))


def _edited(order: Order, part: int, key: str) -> tuple[str, Any]:
    line = order.lines[part // 4 % len(order.lines)]
    quantity = line.quantity - line.buckets.canceled
    changes = (
        ChangeQuantity(line_no=line.line_no, quantity=max(0, quantity - 1)),
        AddLine("TEA"),
        AddLine("CUP"),
        ChangeCoupon(("SPRING", "")[part // 6 % 2]),
        ChangeShipping(FlatShipping("post", (900, 100)[part // 6 % 2])),
    )
    if part % 6 == len(changes):
        return "orders.edit", EditOrder(key=key, by=CLERK, order_id=order.id, ship_to=ELSEWHERE)
    change = changes[part % 6]
    return "orders.edit", EditOrder(key=key, by=CLERK, order_id=order.id, changes=(change,))


def _granted(case: Case, part: int) -> tuple[Granted, ...]:
    """What was wished, the money without the goods, or a part of it."""
    if any(line.wish.resolution is Resolution.PARTIAL_REFUND for line in case.lines) or part % 8 == 0:
        return tuple(Granted(no=line.no, resolution=Resolution.PARTIAL_REFUND, goods_back=False, amount=100) for line in case.lines)
    if part % 8 == 1:
        return tuple(Granted(no=line.no, resolution=Resolution.REFUND, goods_back=False) for line in case.lines)
    return ()


def _found(case: Case, part: int) -> tuple[Finding, ...]:
    conditions, becomes = tuple(Condition)[:4], tuple(Disposition)
    finding = Finding(no=1, units=1, condition=conditions[part // 5 % 4], disposition=becomes[part % len(becomes)])
    return (finding,) if part % 3 else ()


def _aside(case: Case) -> tuple[Finding, ...]:
    return tuple(Finding(no=line.no, units=1, condition=Condition.ACCEPTED, disposition=Disposition.QUARANTINE) for line in case.lines)


def _outcomes(case: Case, part: int) -> tuple[Outcome, ...]:
    if part % 8 > 1 or not case.lines[0].within_reach:
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
    "book_label": lambda case, n, a: c.BookReturnLabel(wanted=BACK, by=CLERK, **a),
    "void_label": lambda case, n, a: c.VoidReturnLabel(by=CLERK, **a),
    "track": lambda case, n, a: c.TrackReturn(by=CLERK, **a),
    "receive": lambda case, n, a: c.ReceiveReturn(by=CLERK, **a),
    "miss": lambda case, n, a: c.MissReturn(by=CLERK, **a),
    "inspect": lambda case, n, a: c.InspectReturn(findings=_found(case, n), by=CLERK, **a),
    "set_aside": lambda case, n, a: c.InspectReturn(findings=_aside(case), by=CLERK, **a),
    "resolve": lambda case, n, a: c.ResolveCase(outcomes=_outcomes(case, n), by=CLERK, **a),
    "end_quarantine": lambda case, n, a: c.EndQuarantine(restocked=bool(n % 2), by=CLERK, **a),
}
"""What somebody may ask of a case, at any time."""

VERBS = {"set_aside": "inspect"}

OF_ORDERS: dict[str, Callable[[Order, int, str], tuple[str, Any]]] = {"apply": _applied, "edit": _edited}


def about_case(case: Case, deed: Deed, key: str) -> tuple[str, Any]:
    """The command that a deed means for this case, and the verb of the shop that takes it."""
    return f"returns.{VERBS.get(deed.verb, deed.verb)}", OF_CASES[deed.verb](case, deed.part, {"key": key, "case_id": case.id})


def words_of(verb: str, command: Any, answer: Any) -> Iterator[str]:
    """What has happened by a command that was taken, in words that can be counted."""
    yield verb
    if isinstance(command, EditOrder):
        yield from (f"edit {type(change).__name__}" for change in command.changes)
    if isinstance(command, c.ApplyForReturn):
        yield from (f"wish {wish.resolution}" for wish in command.wishes)
    if isinstance(command, c.ResolveCase):
        yield from (f"outcome {outcome.resolution}" for line in answer.lines for outcome in line.outcomes)


EVERYTHING = frozenset(
    {
        *(f"returns.{VERBS.get(verb, verb)}" for verb in OF_CASES),
        *(f"edit {change.__name__}" for change in (AddLine, ChangeCoupon, ChangeQuantity, ChangeShipping)),
        *(f"outcome {it}" for it in (Resolution.REFUND, Resolution.REPLACE, Resolution.EXCHANGE, Resolution.STORE_CREDIT, Resolution.REJECT)),
        *(f"outcome {it}" for it in (Resolution.PARTIAL_REFUND,)),
    }
)
"""What has to happen in some life, so that the laws are held against it."""
