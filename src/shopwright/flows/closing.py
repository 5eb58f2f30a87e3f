"""Close an order: complete it, or call it off and let the money follow."""

from __future__ import annotations

from datetime import datetime

from shopwright import orders
from shopwright.flows.booking import tell_carriers
from shopwright.flows.checking import takes
from shopwright.flows.commands import CancelOrder, CompleteOrder
from shopwright.flows.noting import noted
from shopwright.flows.ports import Ports
from shopwright.flows.saving import change
from shopwright.flows.settling import settle
from shopwright.orders.decision import Decision
from shopwright.orders.order import Order
from shopwright.refusals import Refusal


@takes(CompleteOrder)
def complete(ports: Ports, command: CompleteOrder, *, at: datetime) -> Order | Refusal:
    """Close an order of which nothing more is expected.

    Refused with `order_not_found`, `order_unfinished` or `order_unpaid`. Raises `IllegalTransition` unless it is confirmed.
    """
    order = change(ports, command, lambda order: orders.complete(order, by=command.by, at=at), at=at)
    return order if isinstance(order, Refusal) else settle(ports, order, at=at)


@takes(CancelOrder)
def cancel(ports: Ports, command: CancelOrder, *, at: datetime) -> Order | Refusal:
    """Call an order off, or what is left of it: stock and coupon are given back, carriers told, promises voided, money returned.

    Refused with `order_not_found` or `order_shipped`. Raises `IllegalTransition` when it is completed or canceled.
    """

    def decide(order: Order) -> Decision | Refusal:
        note = noted(ports, order, command.note, at=at)
        return orders.cancel(order, reason=command.reason, by=command.by, at=at, note=note, goods_out=command.goods_out, refund=command.refund)

    order = change(ports, command, decide, at=at)
    if isinstance(order, Refusal):
        return order
    return settle(ports, tell_carriers(ports, order, at=at), at=at)
