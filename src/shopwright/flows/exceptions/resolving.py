"""Who works on an exception, and how it ended. Both are the staff's: a customer who asks gets `order_not_found`."""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.exceptions.commands import AssignException, ResolveException
from shopwright.flows.noting import noted
from shopwright.flows.ports import Ports
from shopwright.flows.saving import change, not_found
from shopwright.members.actors import ActorKind
from shopwright.orders import excepting
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


@takes(AssignException)
def assign_exception(ports: Ports, command: AssignException, *, at: datetime) -> Order | Refusal:
    """Somebody takes an exception on. Refused with `order_not_found`, `exception_unknown` or `exception_resolved`."""
    if command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)
    return change(ports, command, lambda it: excepting.assign(it, command.exception, owner=command.owner_id, by=command.by, at=at), at=at)


@takes(ResolveException)
def resolve_exception(ports: Ports, command: ResolveException, *, at: datetime) -> Order | Refusal:
    """An exception is no more.

    Refused with `order_not_found`, `exception_unknown`, `exception_resolved`, `resolution_unfit` or `card_number_given`.
    """
    if command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)

    def decide(order: Order) -> Decision | Refusal:
        note = noted(ports, order, command.note, at=at)
        return excepting.resolve(order, command.exception, how=command.how, by=command.by, at=at, note=note)

    return change(ports, command, decide, at=at)
