"""Which units of an order that is shipped from several places can be set aside now, and from where.

Rules
- what leaves from a place is what was planned from there and has not left yet; goods whose stock is not counted leave from anywhere;
- a shipment for which nobody names a place is from the one place that has all of its units, and from no certain one where there are several.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.sourcing import Sourcing, ready_units
from shopwright.orders.withholding import free_of
from shopwright.refusals import Refusal
from shopwright.shipping.states import ShipmentState

Units = tuple[tuple[int, int], ...]


@frozen
class SetAside:
    """Units to travel together, pairs of line number and quantity, and the place they leave from."""

    units: Units
    place: str = ""


def units_at(order: Order, place: str, *, at: datetime) -> dict[int, int]:
    """How many units of each line can be set aside now, in all (`""`) or from one place; lines without any are left out."""
    found = {line.line_no: min(_open_at(order, line, place, at), free_of(order, line)) for line in order.lines if line.buckets.open}
    return {line_no: units for line_no, units in found.items() if units > 0}


def is_awaited(order: Order) -> bool:
    """Whether all units that are still to be sent wait for goods that are not there."""
    if order.sourcing is None or not order.sourcing.awaits:
        return False
    return all(_open_at(order, line, "", None) <= 0 for line in order.lines if line.buckets.open)


def chosen(order: Order, units: Units | None, place: str, *, at: datetime) -> SetAside | Refusal:
    """What is set aside: these units, or all that can be.

    Refused with `units_awaited` (facts: `line_no`, `wanted`, `ready`) for units that are not there yet or may not leave yet, and with
    `units_not_at_place` (facts: `line_no`, `place`, `wanted`, `there`) for more than leaves from the place.
    """
    if order.sourcing is None:
        return SetAside(units or tuple((line.line_no, free) for line in order.lines if (free := free_of(order, line))), place)
    ready = units_at(order, "", at=at)
    there = units_at(order, place, at=at) if place else ready
    picked = units or tuple(there.items()) or tuple((line.line_no, line.buckets.open) for line in order.lines if line.buckets.open)
    for line_no, wanted in picked:
        line = order.line(line_no)
        if line is None or free_of(order, line) < wanted:
            continue  # refused as for any order
        if place and ready.get(line_no, 0) >= wanted > there.get(line_no, 0):
            return _elsewhere(line_no, place, wanted, there.get(line_no, 0))
        if ready.get(line_no, 0) < wanted:
            return _awaited(line_no, wanted, ready.get(line_no, 0))
    return SetAside(picked, place or _from(order, order.sourcing, picked, at))


def _from(order: Order, plan: Sourcing, picked: Units, at: datetime) -> str:
    """The one place that has all of these units; empty where there are several, or none."""
    able = []
    for place in plan.places:
        there = units_at(order, place, at=at)
        if all(there.get(line_no, 0) >= wanted for line_no, wanted in picked):
            able.append(place)
    return able[0] if len(able) == 1 else ""


def _open_at(order: Order, line: OrderLine, place: str, at: datetime | None) -> int:
    plan, here = order.sourcing, line.buckets
    if plan is None or not line.from_stock(1):
        return here.open
    if not place:
        return min(here.open, ready_units(plan, line, at) - (line.quantity - here.open - here.canceled))
    out = dict.fromkeys(("", *plan.places), 0)
    for shipment in order.shipments:
        if shipment.state is not ShipmentState.CANCELED:
            out[shipment.place] = out.get(shipment.place, 0) + dict(shipment.units).get(line.line_no, 0)
    astray = out[""]
    for name in plan.places:
        ready = ready_units(plan, line, at, name)
        more = max(0, min(astray, ready - out[name]))
        astray -= more
        if name == place:
            return min(here.open, ready - out[name] - more)
    return 0


def _awaited(line_no: int, wanted: int, ready: int) -> Refusal:
    message = f"{wanted} units of line {line_no} are to leave and {ready} are there and may; the others are awaited"
    return Refusal("units_awaited", message, {"line_no": line_no, "wanted": wanted, "ready": ready})


def _elsewhere(line_no: int, place: str, wanted: int, there: int) -> Refusal:
    message = f"{wanted} units of line {line_no} are to leave from {place}, and {there} were planned from there"
    return Refusal("units_not_at_place", message, {"line_no": line_no, "place": place, "wanted": wanted, "there": there})
