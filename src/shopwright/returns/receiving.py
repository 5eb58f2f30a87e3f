"""Goods on their way back: sent, received in one parcel or several, missed, and inspected.

Rules
- RETURN-1 and RETURN-2 (`shopwright.returns.case`);
- only units that came can be inspected; what was missed and comes after all is received like anything else.

Refusal codes: `case_line_unknown`, `case_units_above`, `case_goods_not_awaited`.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.members.actors import Actor
from shopwright.refusals import Refusal
from shopwright.returns import events as e
from shopwright.returns.case import Case, CaseLine
from shopwright.returns.decision import CaseDecision, above_units, decided, line_unknown, require
from shopwright.returns.words import Condition, Disposition, Finding

Units = tuple[tuple[int, int], ...]


def send(case: Case, *, carrier: str = "", tracking_number: str = "", by: Actor, at: datetime) -> CaseDecision | Refusal:
    """The customer has sent the goods. Refused with `case_goods_not_awaited`. Raises `IllegalTransition`."""
    require(case, e.GoodsSent)
    if not case.goods_back:
        return Refusal("case_goods_not_awaited", f"nothing has to come back for case {case.number}", {"case": case.number})
    return decided(case, e.GoodsSent(carrier=carrier, tracking_number=tracking_number, by=by, at=at))


def receive(case: Case, units: Units = (), *, by: Actor, at: datetime) -> CaseDecision | Refusal:
    """Units have come, pairs of the line of the case and how many; without any, all that are awaited.

    Refused with `case_goods_not_awaited`, `case_line_unknown` and `case_units_above`. Raises `IllegalTransition`.
    """
    require(case, e.GoodsReceived)
    come = units or tuple((line.no, _awaited(line)) for line in case.lines if _awaited(line))
    if not come:
        return Refusal("case_goods_not_awaited", f"nothing more has to come back for case {case.number}", {"case": case.number})
    _once(come)
    for no, count in come:
        line = case.line(no)
        if line is None:
            return line_unknown(case, no)
        if count > _awaited(line):
            return above_units(line, count, _awaited(line), "received")
    return decided(case, e.GoodsReceived(units=come, by=by, at=at))


def _awaited(line: CaseLine) -> int:
    """How many units of a line may still come."""
    return line.wish.units - line.received if line.goods_back else 0


def _once(units: Units) -> None:
    if len({no for no, _ in units}) < len(units) or any(type(count) is not int or count < 1 for _, count in units):
        raise InvalidValue(f"expected pairs of a line of the case and 1 unit or more, each line once; got {units!r}")


def miss(case: Case, *, by: Actor, at: datetime) -> CaseDecision:
    """What has not come will not come. Raises `IllegalTransition` unless goods are on their way, or some are here and inspected."""
    require(case, e.GoodsMissing)
    return decided(case, e.GoodsMissing(by=by, at=at))


def inspect(case: Case, findings: tuple[Finding, ...] = (), *, by: Actor, at: datetime) -> CaseDecision | Refusal:
    """Say how the units that came are; without findings, all as they were sold and for sale again.

    Refused with `case_line_unknown` and `case_units_above`. Raises `IllegalTransition`, and `InvalidValue` for units found lost, which are missed.
    """
    require(case, e.GoodsInspected)
    found = findings or tuple(_as_sold(line) for line in case.lines if line.received > line.inspected)
    if any(finding.condition is Condition.LOST for finding in found):
        raise InvalidValue("only units that came are inspected; say that others are lost with `miss`")
    looked = dict.fromkeys((finding.no for finding in found), 0)
    for finding in found:
        line = case.line(finding.no)
        if line is None:
            return line_unknown(case, finding.no)
        left = line.received - line.inspected - looked[line.no]
        if finding.units > left:
            return above_units(line, finding.units, left, "inspected")
        looked[line.no] += finding.units
    return decided(case, e.GoodsInspected(findings=found, by=by, at=at))


def _as_sold(line: CaseLine) -> Finding:
    left = line.received - line.inspected
    return Finding(no=line.no, units=left, condition=Condition.ACCEPTED, disposition=Disposition.RESTOCK)
