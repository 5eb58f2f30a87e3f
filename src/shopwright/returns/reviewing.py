"""The shop's side of a case before goods come: to ask for more, to approve, to reject.

Rules
- RETURN-7: an approval grants something for each line, once; nothing comes back for goods that the customer does not have;
- where nothing has to come back the case can be resolved at once, else the goods are awaited for `ReturnTerms.send_within`.

Refusal codes: `case_line_unknown`, `case_goods_unseen`.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.members.actors import Actor
from shopwright.members.sealing import Sealed, kept_as
from shopwright.refusals import Refusal
from shopwright.returns import events as e
from shopwright.returns.case import Case, CaseLine
from shopwright.returns.decision import CaseDecision, decided, line_unknown, require
from shopwright.returns.rules import ReturnTerms
from shopwright.returns.words import UNSEEN, Granted


def ask(case: Case, terms: ReturnTerms, *, note: str | Sealed, by: Actor, at: datetime) -> CaseDecision:
    """Ask the customer for more; `note` says what. Raises `IllegalTransition`, and `InvalidValue` for an empty note."""
    require(case, e.MoreAsked)
    if not note:
        raise InvalidValue("the note says what the customer is asked for; got an empty one")
    text, sealed = kept_as(note)
    return decided(case, e.MoreAsked(by=by, due_at=at + terms.answer_within, at=at, note=text, sealed_note=sealed))


def approve(case: Case, terms: ReturnTerms, *, granted: tuple[Granted, ...] = (), by: Actor, at: datetime) -> CaseDecision | Refusal:
    """Grant something for each line; without `granted` what was wished.

    Refused with `case_line_unknown` and `case_goods_unseen`. Raises `IllegalTransition`, and `InvalidValue` unless each line is
    granted something once.
    """
    require(case, e.CaseApproved)
    given = granted or tuple(as_wished(line) for line in case.lines)
    for grant in given:
        line = case.line(grant.no)
        if line is None:
            return line_unknown(case, grant.no)
        if grant.goods_back and line.wish.why in UNSEEN:
            facts = {"no": line.no, "why": line.wish.why.value}
            return Refusal("case_goods_unseen", f"the customer does not have the goods of line {line.no}: they are {line.wish.why.value}", facts)
    if sorted(grant.no for grant in given) != [line.no for line in case.lines]:
        raise InvalidValue(f"an approval grants something for each of the {len(case.lines)} lines, once; reject a line with Resolution.REJECT")
    return approved(CaseDecision(case), given, terms, by=by, rule="person", at=at)


def as_wished(line: CaseLine) -> Granted:
    """What grants a line what its customer wished. Raises `InvalidValue` for wishes that only a person can put a number to."""
    return Granted(no=line.no, resolution=line.wish.resolution, goods_back=line.wish.returns, sku=line.wish.sku)


def approved(decision: CaseDecision, granted: tuple[Granted, ...], terms: ReturnTerms, *, by: Actor, rule: str, at: datetime) -> CaseDecision:
    """This decision, with the approval."""
    due_at = at + terms.send_within if any(grant.goods_back for grant in granted) else None
    return decision.then(e.CaseApproved(granted=granted, by=by, rule=rule, due_at=due_at, at=at))


def reject(case: Case, *, why: str, note: str | Sealed = "", by: Actor, at: datetime) -> CaseDecision:
    """Grant nothing. Raises `IllegalTransition`."""
    require(case, e.CaseRejected)
    text, sealed = kept_as(note)
    return decided(case, e.CaseRejected(why=why, by=by, at=at, note=text, sealed_note=sealed))
