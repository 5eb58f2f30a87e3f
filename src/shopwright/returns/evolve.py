"""A case after one more event. `evolve` never refuses, so that history always replays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce

from attrs import evolve as changed

from shopwright.errors import InvalidValue
from shopwright.returns import events as e
from shopwright.returns import label
from shopwright.returns.case import Case, CaseLine
from shopwright.returns.states import FINAL, TRANSITIONS, CaseState
from shopwright.returns.words import Condition, Disposition, Finding


def fold(events: Iterable[e.CaseEvent]) -> Case:
    """The case that a history tells of. Raises `InvalidValue` for a history that does not begin with `CaseOpened`."""
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, e.CaseOpened):
        raise InvalidValue(f"the history of a case begins with CaseOpened; got {'nothing' if first is None else type(first).__name__}")
    return reduce(evolve, stream, begin(first))


def begin(event: e.CaseOpened) -> Case:
    """The case as it stands right after it was opened."""
    lines = tuple(
        CaseLine(no=no, wish=wish, terms=terms, evidence=wish.evidence)
        for no, (wish, terms) in enumerate(zip(event.wishes, event.terms, strict=True), 1)
    )
    return Case(
        id=event.case_id,
        number=event.number,
        order_id=event.order_id,
        buyer_id=event.buyer_id,
        currency=event.currency,
        state=CaseState.APPLIED,
        lines=lines,
        opened_at=event.at,
        changed_at=event.at,
    )


def evolve(case: Case, event: e.CaseEvent) -> Case:
    """The case after one more event."""
    count = case.event_count + 1
    if isinstance(event, e.QuarantineEnded):
        ended = dict(event.units)
        lines = _each(case, lambda line: changed(line, quarantined=max(0, line.quarantined - ended.get(line.no, 0))))
        return changed(case, event_count=count, changed_at=event.at, lines=lines)
    if isinstance(event, e.LabelNews):
        return changed(_labeled(case, event), event_count=count, changed_at=event.at)
    state = TRANSITIONS[case.state].get(type(event))
    if state is None:
        return changed(case, event_count=count)
    after = _told(case, event)
    closed = event.at if state in FINAL else None
    return changed(after, event_count=count, state=state, changed_at=event.at, closed_at=closed)


def _labeled(case: Case, event: e.LabelNews) -> Case:
    """The label after what was told of it, in whatever state the case is; goods that the shop's own carrier has let no case expire (LABEL-5)."""
    if case.label is None:
        return case
    after = changed(case, label=label.evolve(case.label, event))
    return changed(after, due_at=None) if after.label is not None and after.label.moved and case.open else after


def _told(case: Case, event: e.CaseEvent) -> Case:
    """What the event says, the state aside."""
    match event:
        case e.MoreAsked():
            return changed(case, due_at=event.due_at)
        case e.MoreGiven():
            return changed(case, due_at=None, lines=_each(case, lambda line: _with_evidence(line, event)))
        case e.CaseApproved():
            granted = {it.no: it for it in event.granted}
            lines = _each(case, lambda line: changed(line, granted=granted.get(line.no)))
            return changed(case, lines=lines, due_at=event.due_at, approved_by_rule=event.rule)
        case e.CaseRejected():
            return changed(case, rejected_for=event.why, due_at=None)
        case e.ReturnLabelAsked():
            return changed(case, label=label.asked(event), labels=case.labels + 1)
        case e.GoodsSent():
            return changed(case, carrier=event.carrier, tracking_number=event.tracking_number)
        case e.GoodsReceived():
            come = dict(event.units)
            return changed(case, due_at=None, lines=_each(case, lambda line: _received(line, come.get(line.no, 0))))
        case e.GoodsMissing():
            return changed(case, due_at=None, lines=_each(case, _missed))
        case e.GoodsInspected():
            return changed(case, lines=_each(case, lambda line: _inspected(line, event.findings)))
        case e.CaseResolved():
            return changed(case, lines=_each(case, lambda line: _resolved(line, event)), due_at=None)
        case _:
            return changed(case, due_at=None)


def _each(case: Case, change: Callable[[CaseLine], CaseLine]) -> tuple[CaseLine, ...]:
    return tuple(change(line) for line in case.lines)


def _with_evidence(line: CaseLine, event: e.MoreGiven) -> CaseLine:
    return changed(line, evidence=(*line.evidence, *[it for no, it in event.evidence if no == line.no]))


def _received(line: CaseLine, units: int) -> CaseLine:
    """What has come is not lost: what still does not come is to be missed anew."""
    if not units:
        return line
    findings = tuple(it for it in line.findings if it.condition is not Condition.LOST)
    return changed(line, received=line.received + units, findings=findings)


def _missed(line: CaseLine) -> CaseLine:
    """What has not come is found to be lost."""
    missing = line.wish.units - line.received - line.found(Condition.LOST)
    if not line.goods_back or missing <= 0:
        return line
    lost = Finding(no=line.no, units=missing, condition=Condition.LOST, disposition=Disposition.WRITE_OFF)
    return changed(line, findings=(*line.findings, lost))


def _inspected(line: CaseLine, findings: tuple[Finding, ...]) -> CaseLine:
    return changed(line, findings=(*line.findings, *[it for it in findings if it.no == line.no]))


def _resolved(line: CaseLine, event: e.CaseResolved) -> CaseLine:
    outcomes = tuple(it for it in event.outcomes if it.no == line.no)
    after = changed(line, outcomes=outcomes)
    return changed(after, quarantined=min(line.disposed(Disposition.QUARANTINE), after.given_up - after.restocked))
