"""Tags of orders. They are the staff's: a customer who puts one on gets `order_not_found`."""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.finding.commands import TagOrder
from shopwright.flows.ports import Ports
from shopwright.flows.saving import change, not_found
from shopwright.members.actors import ActorKind
from shopwright.orders import tagging
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


@takes(TagOrder)
def tag_order(ports: Ports, command: TagOrder, *, at: datetime) -> Order | Refusal:
    """Put tags on an order and take others off. Refused with `order_not_found`, `tags_exceeded` or `card_number_given`."""
    if command.by.kind is ActorKind.CUSTOMER:
        return not_found(command.order_id)
    return change(ports, command, lambda it: tagging.tag(it, add=command.add, remove=command.remove, by=command.by, at=at), at=at)
