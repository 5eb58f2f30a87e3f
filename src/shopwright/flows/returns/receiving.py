"""Goods on their way back, received, missed and inspected.

Refusals: `case_not_found`, and those of `shopwright.returns.receiving`.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.ports import Ports
from shopwright.flows.returns.commands import InspectReturn, MissReturn, ReceiveReturn, SendReturn
from shopwright.flows.returns.saving import change
from shopwright.refusals import Refusal
from shopwright.returns import receiving
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision


@takes(SendReturn)
def send_return(ports: Ports, command: SendReturn, *, at: datetime) -> Case | Refusal:
    """The goods are on their way. Refused with `case_not_found` or `case_goods_not_awaited`."""

    def decide(case: Case) -> CaseDecision | Refusal:
        return receiving.send(case, carrier=command.carrier, tracking_number=command.tracking_number, by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(ReceiveReturn)
def receive_return(ports: Ports, command: ReceiveReturn, *, at: datetime) -> Case | Refusal:
    """Goods have come. Refused with `case_not_found`, `case_goods_not_awaited`, `case_line_unknown` or `case_units_above`."""
    return change(ports, command, lambda case: receiving.receive(case, command.units, by=command.by, at=at), at=at)


@takes(MissReturn)
def miss_return(ports: Ports, command: MissReturn, *, at: datetime) -> Case | Refusal:
    """What has not come will not come. Refused with `case_not_found`."""
    return change(ports, command, lambda case: receiving.miss(case, by=command.by, at=at), at=at)


@takes(InspectReturn)
def inspect_return(ports: Ports, command: InspectReturn, *, at: datetime) -> Case | Refusal:
    """How the goods that came were found. Refused with `case_not_found`, `case_line_unknown` or `case_units_above`."""
    return change(ports, command, lambda case: receiving.inspect(case, command.findings, by=command.by, at=at), at=at)
