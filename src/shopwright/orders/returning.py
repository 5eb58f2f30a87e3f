"""Goods that come back from the buyer, and goods that go out once more at no charge. Why, and what money goes back, is told by `shopwright.returns`.

Rules
- ORDER-22: only units that are with the buyer come back from there; those that are for sale again are no longer claimed, all others
  stay claimed;
- ORDER-23: what is delivered once more takes stock anew and costs nothing: units whose money went back are not delivered once more; a completed order
  is reopened for it.

Refusal codes, in order: `units_unknown`, `units_not_there`, `units_sourced`, `order_unpaid`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.inventory.keys import is_stock, place_and_sku, stock_key
from shopwright.members.actors import Actor
from shopwright.orders import events as e
from shopwright.orders.decision import Decision, decided, require
from shopwright.orders.lines import Bucket, OrderLine
from shopwright.orders.order import Order
from shopwright.orders.reviewing import unpaid
from shopwright.orders.states import OrderState
from shopwright.refusals import Fact, Refusal

Units = tuple[tuple[int, int], ...]

REOPENED_FROM = frozenset({Bucket.DELIVERED, Bucket.RETURNED, Bucket.LOST})
"""Where units can be that are delivered once more."""


def return_units(order: Order, units: Units, *, restocked: Units = (), at: datetime) -> Decision | Refusal:
    """Units have come back from the buyer; `restocked` are those of them that are for sale again (ORDER-22).

    Refused with `units_unknown` and `units_not_there`. Raises `InvalidValue` for no units, and for more that are restocked than came back.
    """
    _demand(units)
    come = dict(units)
    if any(count > come.get(line_no, 0) for line_no, count in restocked):
        raise InvalidValue(f"only units that come back can be restocked; got {restocked!r} of {units!r}")
    if refusal := _not_there(order, units, Bucket.DELIVERED, {line.line_no: line.buckets.delivered for line in order.lines}):
        return refusal
    return decided(order, e.UnitsReturned(units=units, items=without(order, restocked), at=at))


def restock(order: Order, units: Units, *, at: datetime) -> Decision:
    """Units that were back and kept aside are for sale again: nothing is decided where the order claims no stock for them."""
    _demand(units)
    items = without(order, units)
    return decided(order) if items == order.claim.items else decided(order, e.ClaimReduced(items=items, at=at))


def reopen_units(order: Order, units: Units, *, source: Bucket, by: Actor, at: datetime) -> Decision | Refusal:
    """Deliver units once more (ORDER-23). `source` is where they are: delivered, returned or lost.

    Refused with `units_unknown`, with `units_not_there` where fewer are there of which no money went back, with `units_sourced` in an order that is
    shipped by a plan of places, and with `order_unpaid` where the money for lost units went back. Raises `IllegalTransition` for an order that
    is neither confirmed nor completed, and `InvalidValue` for no units and another source.
    """
    _demand(units)
    if source not in REOPENED_FROM:
        raise InvalidValue(f"units are delivered once more from {', '.join(sorted(REOPENED_FROM))}; got {source!r}")
    if order.state is not OrderState.CONFIRMED:
        require(order, e.OrderReopened)
    if refusal := _not_there(order, units, source, {line.line_no: kept_paid(order, line, source) for line in order.lines}):
        return refusal
    if order.sourcing is not None:
        message = f"order {order.number} is shipped by a plan of places, which has no units for goods that go out once more; place an order for them"
        return Refusal("units_sourced", message, {"order": order.number})
    decision = decided(order) if order.state is OrderState.CONFIRMED else decided(order, e.OrderReopened(by=by, at=at))
    after = decision.then(e.UnitsReopened(units=units, source=source, items=_with(order, units), at=at))
    return unpaid(after.order) if after.order.surplus < min(0, order.surplus) - order.terms.tolerance else after


def _demand(units: Units) -> None:
    if not units or len({line_no for line_no, _ in units}) < len(units) or any(type(count) is not int or count < 1 for _, count in units):
        raise InvalidValue(f"expected pairs of a line number and 1 unit or more, each line once; got {units!r}")


def _not_there(order: Order, units: Units, source: Bucket, free: Mapping[int, int]) -> Refusal | None:
    for line_no, wanted in units:
        if line_no not in free:
            return Refusal("units_unknown", f"order {order.number} has no line {line_no}", {"line_no": line_no})
        if wanted > (there := free[line_no]):
            facts: dict[str, Fact] = {"line_no": line_no, "wanted": wanted, "there": there, "source": source.value}
            return Refusal("units_not_there", f"{there} units of line {line_no} are {source.value} and can be had; {wanted} are wanted", facts)
    return None


def kept_paid(order: Order, line: OrderLine, source: Bucket) -> int:
    """How many units are there of which no money went back."""
    settled = sum([it.units for it in order.settled if it.line_no == line.line_no])
    gone = line.buckets.returned + line.buckets.lost
    if source is Bucket.DELIVERED:
        return line.buckets.delivered - max(0, settled - gone)
    there = line.buckets.returned if source is Bucket.RETURNED else line.buckets.lost
    return max(0, min(there, gone - settled))


def without(order: Order, units: Units) -> tuple[tuple[str, int], ...]:
    """What an order claims once these units of it are for sale again: taken off the last place first, where there are several."""
    left = dict(order.claim.items)
    for line_no, count in units:
        line = order.line(line_no)
        for sku, back in () if line is None else line.from_stock(count):
            for key in [key for key in reversed(left) if is_stock(key) and place_and_sku(key)[1] == sku]:
                off = min(back, left[key])
                left[key] -= off
                back -= off  # noqa: PLW2901  # what is still to be taken off
    return tuple([(key, count) for key, count in left.items() if count])


def _with(order: Order, units: Units) -> tuple[tuple[str, int], ...]:
    items = dict(order.claim.items)
    for line_no, count in units:
        line = order.line(line_no)
        for sku, more in () if line is None else line.from_stock(count):
            items[stock_key(sku)] = items.get(stock_key(sku), 0) + more
    return tuple(items.items())
