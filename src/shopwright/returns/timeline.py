"""What happened to a case, told in the story of its order: who did what, when and why, for staff and for the customer.

Rules
- TIME-4: every event of a case has a line here, and shows of itself what is told below and nothing else: no key, no evidence, no address of anybody;
- the customer's story leaves out how goods were found, what became of them, and who of the staff it was, as that of an order does;
- lines are those of the order: what is told of a line of a case is told of the line that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from shopwright.members.actors import Actor, ActorKind
from shopwright.orders.timeline import CARRIER, SHOP, Line, Moment, code_of
from shopwright.refusals import Fact
from shopwright.returns import events as e
from shopwright.returns.case import Case

LINES: Mapping[type, Line] = {
    e.CaseOpened: Line("opened case {case}: {wishes}", "opened case {case}: {wishes}"),
    e.MoreAsked: Line("asked for more about case {case}", "asked for more about case {case}"),
    e.MoreGiven: Line("answered about case {case}", "answered about case {case}"),
    e.CaseApproved: Line("approved case {case} ({rule}): {granted}", "approved case {case}: {granted}"),
    e.CaseRejected: Line("rejected case {case} ({why})", "rejected case {case} ({why})"),
    e.GoodsSent: Line("sent the goods of case {case}: {carrier} {tracking_number}", "sent the goods of case {case}: {carrier} {tracking_number}"),
    e.GoodsReceived: Line("received goods of case {case}: {units}", "received goods of case {case}: {units}"),
    e.GoodsMissing: Line("gave up goods of case {case} that did not come", "goods of case {case} did not come"),
    e.GoodsInspected: Line("inspected goods of case {case}: {findings}", "inspected goods of case {case}"),
    e.CaseResolved: Line("resolved case {case}: {outcomes}", "resolved case {case}: {outcomes}"),
    e.CaseWithdrawn: Line("withdrew case {case}", "withdrew case {case}"),
    e.CaseExpired: Line("closed case {case}: nothing came in time", "closed case {case}: nothing came in time"),
    e.QuarantineEnded: Line("ended the quarantine of goods of case {case}: {units}, restocked: {restocked}"),
    e.ReturnLabelAsked: Line("asks a carrier for a label for case {case}"),
    e.ReturnLabelBooked: Line(
        "takes goods of case {case} back: {tracking_numbers}", "takes goods of case {case} back: {tracking_numbers}", who=CARRIER
    ),
    e.ReturnLabelFailed: Line("refused a label for case {case}", who=CARRIER),
    e.ReturnLabelDropped: Line("wants no label of case {case} any more"),
    e.ReturnLabelVoided: Line("gave up the label of case {case}", "the label of case {case} is void", who=CARRIER),
    e.ReturnLabelKept: Line("would not give up the label of case {case}", who=CARRIER),
    e.ReturnParcelScanned: Line("scanned goods of case {case}: {scans}", "scanned goods of case {case}: {scans}", who=CARRIER),
}
"""How each event of a case is told. One that is not here cannot be told, which a test holds."""

_FOR_STAFF_ALONE = frozenset({"rule", "findings", "restocked"})


def moment(event: e.CaseEvent, case: Case) -> Moment:
    """An event of a case as staff are told it."""
    line, by = LINES[type(event)], getattr(event, "by", None)
    who, actor = (by.kind.value, by.id) if isinstance(by, Actor) else (line.who, "")
    facts = tuple(sorted([("case", case.number), *_facts(event, case)]))
    return Moment(at=event.at, what=code_of(type(event)), who=who, actor=actor, facts=facts, currency=case.currency, words=line.words)


def for_customer(event: e.CaseEvent, case: Case) -> Moment | None:
    """An event of a case as its customer is told it; `None` for what is none of theirs."""
    line = LINES[type(event)]
    if not line.customer:
        return None
    told = moment(event, case)
    is_theirs = told.who == ActorKind.CUSTOMER.value
    return Moment(
        at=told.at,
        what=told.what,
        who=told.who if is_theirs or told.who == CARRIER else SHOP,
        actor=told.actor if is_theirs else "",
        facts=tuple([(name, fact) for name, fact in told.facts if name not in _FOR_STAFF_ALONE]),
        currency=told.currency,
        words=line.customer,
    )


def _facts(event: e.CaseEvent, case: Case) -> list[tuple[str, Fact]]:
    match event:
        case e.CaseOpened():
            return [("wishes", _listed(f"{it.units} of line {it.line_no} {it.why.value}, {it.resolution.value}" for it in event.wishes))]
        case e.CaseApproved():
            granted = _listed(f"{it.resolution.value} for line {_line(case, it.no)}" for it in event.granted)
            return [("granted", granted), ("rule", event.rule)]
        case e.CaseRejected():
            return [("why", event.why)]
        case e.GoodsSent():
            return [("carrier", event.carrier), ("tracking_number", event.tracking_number)]
        case e.GoodsReceived():
            return [("units", _units(case, event.units))]
        case e.GoodsInspected():
            found = (f"{it.units} of line {_line(case, it.no)} {it.condition.value}, {it.disposition.value}" for it in event.findings)
            return [("findings", _listed(found))]
        case e.CaseResolved():
            return [("outcomes", _listed(f"{it.units} of line {_line(case, it.no)} {it.resolution.value}" for it in event.outcomes))]
        case e.QuarantineEnded():
            return [("units", _units(case, event.units)), ("restocked", event.restocked)]
        case e.ReturnLabelBooked():
            return [("tracking_numbers", _listed(event.tracking_numbers))]
        case e.ReturnParcelScanned():
            return [("scans", _listed(it.status.value for it in event.scans))]
        case _:
            return []


def _line(case: Case, no: int) -> int:
    """The line of the order that a line of its case is about."""
    line = case.line(no)
    return no if line is None else line.wish.line_no


def _units(case: Case, units: Iterable[tuple[int, int]]) -> str:
    return _listed(f"{count} of line {_line(case, no)}" for no, count in units)


def _listed(parts: Iterable[Any]) -> str:
    return "; ".join(str(part) for part in parts)
