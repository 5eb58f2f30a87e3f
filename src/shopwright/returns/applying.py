"""The customer's side of a case: to apply, to answer, to withdraw; and what comes of it when nobody does anything.

Rules
- RETURN-5: units that one case is about are in no other, nor are those that the customer kept and was given something for; what was replaced or
  repaired may be asked for anew;
- what can be asked for of a line is what was delivered, and what was given up for lost; the reason `lost` is for the latter alone;
- RETURN-6: a case that only asks for what rules grant, of less worth than they let pass without a person, is approved as it is opened.

Refusal codes, in the order in which they are asked: `return_units_above`, those of `shopwright.returns.rules`; of an answer `case_line_unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.members.actors import SYSTEM, Actor
from shopwright.members.sealing import Sealed, kept_as
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.refusals import Fact, Refusal
from shopwright.returns import events as e
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision, decided, line_unknown, require
from shopwright.returns.evolve import begin
from shopwright.returns.reviewing import approved
from shopwright.returns.rules import GoodsFacts, ReturnRule, ReturnTerms, approved_by_itself, frozen_terms, granted_by, judged
from shopwright.returns.words import Evidence, Granted, Why, Wish


@frozen(kw_only=True)
class Grounds:
    """What an application is judged by: the terms, what is known of the goods by sku, and how many units of each line other cases have (RETURN-5)."""

    terms: ReturnTerms
    goods: Mapping[str, GoodsFacts]
    taken: Mapping[int, int]


def apply(
    order: Order, wishes: tuple[Wish, ...], grounds: Grounds, *, nth: int, by: Actor, at: datetime, note: str | Sealed = ""
) -> CaseDecision | Refusal:
    """Open the `nth` case of an order. Raises `InvalidValue` for no wishes, or for two about the same line with the same reason."""
    if not wishes:
        raise InvalidValue("a case is about 1 line or more; got no wishes")
    if len({(wish.line_no, wish.why) for wish in wishes}) < len(wishes):
        raise InvalidValue("a case has one wish for a line and a reason; put the units together")
    if refusal := _units_refused(order, wishes, grounds.taken):
        return refusal
    rules = []
    for wish in wishes:
        line = _line(order, wish)
        rule = judged(grounds.terms, wish, grounds.goods[line.sku], since=window_begins(order, wish), at=at)
        if isinstance(rule, Refusal):
            return rule
        rules.append(rule)
    text, sealed = kept_as(note)
    opened = e.CaseOpened(
        case_id=case_id(order, nth),
        number=f"{order.number}-C{nth}",
        order_id=order.id,
        buyer_id=order.buyer_id,
        currency=order.currency,
        wishes=wishes,
        terms=tuple(frozen_terms(rule, wish) for rule, wish in zip(rules, wishes, strict=True)),
        by=by,
        at=at,
        note=text,
        sealed_note=sealed,
    )
    decision = CaseDecision(begin(opened), (opened,))
    return _approved_by_itself(decision, order, tuple(rules), grounds, at=at)


def case_id(order: Order, nth: int) -> str:
    """The id of the `nth` case of an order."""
    return f"{order.id}/c{nth}"


def _approved_by_itself(decision: CaseDecision, order: Order, rules: tuple[ReturnRule, ...], grounds: Grounds, *, at: datetime) -> CaseDecision:
    """The same, approved where its rules let it pass (RETURN-6)."""
    lines = decision.case.lines
    worth = sum([_worth(_line(order, line.wish), line.wish.units) for line in lines])
    granted: list[Granted] = []
    for line, rule in zip(lines, rules, strict=True):
        grant = granted_by(rule, line.no, line.wish, grounds.goods[_line(order, line.wish).sku])
        if grant is None:
            return decision
        granted.append(grant)
    if not approved_by_itself(rules, worth):
        return decision
    return approved(decision, tuple(granted), grounds.terms, by=SYSTEM, rule="rules", at=at)


def _worth(line: OrderLine, units: int) -> int:
    return line.total * units // line.quantity


def _line(order: Order, wish: Wish) -> OrderLine:
    line = order.line(wish.line_no)
    assert line is not None, "wishes about other lines were refused"
    return line


def _units_refused(order: Order, wishes: tuple[Wish, ...], taken: Mapping[int, int]) -> Refusal | None:
    for line_no in dict.fromkeys(wish.line_no for wish in wishes):
        lost = sum(wish.units for wish in wishes if wish.line_no == line_no and wish.why is Why.LOST)
        wanted = sum(wish.units for wish in wishes if wish.line_no == line_no)
        line = order.line(line_no)
        free = 0 if line is None else line.buckets.delivered + line.buckets.lost - taken.get(line_no, 0)
        gone = 0 if line is None else line.buckets.lost
        if wanted > free or lost > gone:
            facts: dict[str, Fact] = {"line_no": line_no, "wanted": wanted, "left": max(0, free), "lost": gone}
            message = (
                f"{wanted} units of line {line_no} are asked for; {max(0, free)} were delivered or lost and are in no other case, {gone} of them lost"
            )
            return Refusal("return_units_above", message, facts)
    return None


def window_begins(order: Order, wish: Wish) -> datetime | None:
    """When the window of a wish begins (RETURN-4); `None` where the goods never came."""
    if wish.why is Why.LOST:
        return None
    came = [it.delivered_at for it in order.shipments if it.delivered_at is not None and wish.line_no in dict(it.units)]
    return max(came, default=order.delivered_at)


def answer(
    case: Case, *, evidence: tuple[tuple[int, Evidence], ...] = (), note: str | Sealed = "", by: Actor, at: datetime
) -> CaseDecision | Refusal:
    """Give what was asked for. Refused with `case_line_unknown`. Raises `IllegalTransition` where nothing was asked, `InvalidValue` for nothing."""
    require(case, e.MoreGiven)
    if not evidence and not note:
        raise InvalidValue("an answer has a note or evidence; got neither")
    for no, _ in evidence:
        if case.line(no) is None:
            return line_unknown(case, no)
    text, sealed = kept_as(note)
    return decided(case, e.MoreGiven(evidence=evidence, by=by, at=at, note=text, sealed_note=sealed))


def withdraw(case: Case, *, by: Actor, at: datetime) -> CaseDecision:
    """Want it no more. Raises `IllegalTransition` once goods are here, or it is over."""
    require(case, e.CaseWithdrawn)
    return decided(case, e.CaseWithdrawn(by=by, at=at))


def expire(case: Case, *, at: datetime) -> CaseDecision:
    """Close a case whose customer had time until now and did nothing; nothing is decided before that."""
    if not case.open or case.due_at is None or case.due_at > at:
        return CaseDecision(case)
    require(case, e.CaseExpired)
    return decided(case, e.CaseExpired(at=at))
