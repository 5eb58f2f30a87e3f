"""How an edit changes an order. It never refuses, so that history always replays."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve as evolved

from shopwright.changing import changed
from shopwright.orders.edit_events import AddressChanged, EditEvent, LinesAdded, LinesRepriced, OrderEdited
from shopwright.orders.events import Claim, ClaimState
from shopwright.orders.order import Order
from shopwright.orders.states import OrderState

EDITS = (OrderEdited, AddressChanged, LinesAdded, LinesRepriced)


def evolve_edited(order: Order, event: EditEvent) -> Order:
    """The order after an event of an edit."""
    count = order.event_count + 1
    match event:
        case OrderEdited():
            return changed(order, event_count=count)
        case AddressChanged():
            return changed(order, event_count=count, ship_to=event.ship_to)
        case LinesAdded():
            return _added(order, event, count)
        case LinesRepriced():
            return _repriced(order, event, count)
    assert_never(event)


def _added(order: Order, event: LinesAdded, count: int) -> Order:
    plan, more = order.sourcing, event.sourced
    together = more if plan is None else plan if more is None else evolved(plan, parts=(*plan.parts, *more.parts))
    lines = (*order.lines, *event.lines)
    return changed(order, event_count=count, lines=lines, claim=_claiming(order, event.items), sourcing=together)


def _repriced(order: Order, event: LinesRepriced, count: int) -> Order:
    """Other amounts on the same lines; where their units are does not change."""
    there = {line.line_no: line for line in event.lines}
    return changed(
        order,
        event_count=count,
        lines=tuple([changed(there[it.line_no], buckets=it.buckets) if it.line_no in there else it for it in order.lines]),
        claim=_claiming(order, event.items),
        coupon_code=event.coupon_code,
        coupon_version=event.coupon_version,
        shipping_method=event.shipping_method,
    )


def _claiming(order: Order, items: tuple[tuple[str, int], ...]) -> Claim:
    """The claim with these items; one that claimed nothing holds them while the order waits for its money, and else uses them."""
    if order.claim.state is not ClaimState.NONE or not items:
        return evolved(order.claim, items=items)
    waits = order.state is OrderState.PLACED and order.due_at is not None
    return Claim(ClaimState.HELD if waits else ClaimState.USED, items)
