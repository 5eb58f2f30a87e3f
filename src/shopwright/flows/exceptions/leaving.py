"""What is reported as wrong, and the ways out: units called off, another promise, goods sent once more. Money and carriers follow as of any order."""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.booking import tell_carriers
from shopwright.flows.checking import takes
from shopwright.flows.exceptions.commands import CancelUnits, MovePromise, ReportMissing, ReportWrong, ReshipUnits
from shopwright.flows.noting import noted
from shopwright.flows.ports import Ports
from shopwright.flows.saving import change, not_found
from shopwright.flows.settling import settle
from shopwright.members.actors import ActorKind
from shopwright.orders import ways_out
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


@takes(ReportWrong)
def report_wrong(ports: Ports, command: ReportWrong, *, at: datetime) -> Order | Refusal:
    """Something that the customer told is wrong: noted, and held. Refused with `order_not_found`, `order_closed` or `card_number_given`."""

    def decide(order: Order) -> Decision | Refusal:
        note = noted(ports, order, command.note, at=at)
        return ways_out.report_wrong(order, command.about.value, note=note, by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(ReportMissing)
def report_missing(ports: Ports, command: ReportMissing, *, at: datetime) -> Order | Refusal:
    """Units are not on the shelf: noted, and held back. Refused with `order_not_found`, `order_closed`, `units_unknown` or `units_not_open`."""
    if command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)
    return change(ports, command, lambda it: ways_out.report_missing(it, command.line_no, command.units, at=at), at=at)


@takes(CancelUnits)
def cancel_units(ports: Ports, command: CancelUnits, *, at: datetime) -> Order | Refusal:
    """Call open units off, and give back what was paid for them.

    Refused with `order_not_found`, `units_unknown`, `units_not_open`, `edit_capture_open`, `exception_unknown`, `exception_resolved` or
    `resolution_unfit`. Raises `IllegalTransition` unless the order is confirmed.
    """
    if command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)

    def decide(order: Order) -> Decision | Refusal:
        return ways_out.cancel_units(order, command.units, exception=command.exception, by=command.by, at=at)

    order = change(ports, command, decide, at=at)
    return order if isinstance(order, Refusal) else settle(ports, tell_carriers(ports, order, at=at), at=at)


@takes(MovePromise)
def move_promise(ports: Ports, command: MovePromise, *, at: datetime) -> Order | Refusal:
    """Promise an order for another time.

    Refused with `order_not_found`, `order_closed`, `exception_unknown`, `exception_resolved` or `resolution_unfit`. Raises `InvalidValue` for a time
    that has passed.
    """
    if command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)

    def decide(order: Order) -> Decision | Refusal:
        return ways_out.move_promise(order, command.promised_at, exception=command.exception, by=command.by, at=at)

    return change(ports, command, decide, at=at)


@takes(ReshipUnits)
def reship_units(ports: Ports, command: ReshipUnits, *, at: datetime) -> Order | Refusal:
    """Deliver units once more at no charge.

    Refused with `order_not_found`, `units_unknown`, `units_not_there`, `units_sourced`, `order_unpaid`, `quota_exhausted`, `exception_unknown`,
    `exception_resolved` or `resolution_unfit`. Raises `IllegalTransition` for an order that is neither confirmed nor completed.
    """
    if command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)

    def decide(order: Order) -> Decision | Refusal:
        return ways_out.reship(order, command.units, source=command.source, exception=command.exception, by=command.by, at=at)

    return change(ports, command, decide, at=at)
