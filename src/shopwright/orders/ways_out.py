"""Ways out of exceptions: what is reported, and what is decided about units that cannot be delivered as they were promised.

Rules
- EXCEPT-8: who reports wrong information holds the order with it; hold and exception end together, whichever is ended first;
- EXCEPT-9: a way out that names the exception it is taken for resolves it in the same step, once;
- units that are called off one by one cost their share of the line (ORDER-3), and an order of which nothing is left by that is canceled;
- while a gateway is asked to take money that would then be too much, none of them is called off (EDIT-11).

Refusal codes, in order: `order_closed`, `units_unknown`, `units_not_open`, `edit_capture_open`, and those of `shopwright.orders.excepting`.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.members.actors import Actor
from shopwright.members.sealing import Sealed, kept_as
from shopwright.orders import events as e
from shopwright.orders.closing import call_off, cancel
from shopwright.orders.decision import Decision, decided
from shopwright.orders.edit_money import too_much_taken
from shopwright.orders.excepting import hold_of, is_noted, resolve
from shopwright.orders.exception_events import How, PromiseMoved
from shopwright.orders.exceptions import INFORMATION_WRONG, OUT_OF_STOCK
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.lines import Bucket
from shopwright.orders.order import Order
from shopwright.orders.returning import reopen_units
from shopwright.orders.states import FINAL, OrderState, allowed
from shopwright.orders.withholding import free_of
from shopwright.refusals import Fact, Refusal

Units = tuple[tuple[int, int], ...]


def report_wrong(order: Order, about: str, *, note: str | Sealed = "", by: Actor, at: datetime) -> Decision | Refusal:
    """Something that the customer told is wrong: noted, and held (EXCEPT-8). Refused with `order_closed`; what is reported is not reported again."""
    if order.state in FINAL:
        return _closed(order)
    facts = (("about", about),)
    if is_noted(order, INFORMATION_WRONG, facts):
        return Decision(order)
    text, sealed = kept_as(note)
    held = Hold(id=hold_of(len(order.exceptions) + 1), reason=HoldReason.ADDRESS_WRONG, by=by, at=at, note=text, sealed_note=sealed)
    return decided(order, e.ExceptionNoted(code=INFORMATION_WRONG, facts=facts, at=at), e.HoldPlaced(hold=held, at=at))


def report_missing(order: Order, line_no: int, units: int, *, at: datetime) -> Decision | Refusal:
    """Units of a line are not on the shelf: noted, and held back (EXCEPT-7). Refused with `order_closed`, `units_unknown` and `units_not_open`."""
    if order.state in FINAL:
        return _closed(order)
    line = order.line(line_no)
    if line is None:
        return Refusal("units_unknown", f"order {order.number} has no line {line_no}", {"line_no": line_no})
    if (free := free_of(order, line)) < units:
        return _not_open(line_no, units, free)
    facts: tuple[tuple[str, Fact], ...] = (("line_no", line_no), ("sku", line.sku), ("units", units))
    return decided(order, e.ExceptionNoted(code=OUT_OF_STOCK, facts=facts, at=at))


def cancel_units(order: Order, units: Units, *, exception: int, by: Actor, at: datetime) -> Decision | Refusal:
    """Call open units of lines off: their stock and their share of the price go back, and the others stay sold.

    Refused with `units_unknown`, `units_not_open`, `edit_capture_open` and those of a resolution. Raises `IllegalTransition` unless the order is
    confirmed.
    """
    if order.state is not OrderState.CONFIRMED:
        raise IllegalTransition("cancel units", "an order", order.state, allowed(order.state))
    for line_no, wanted in units:
        line = order.line(line_no)
        if line is None:
            return Refusal("units_unknown", f"order {order.number} has no line {line_no}", {"line_no": line_no})
        if line.buckets.open < wanted:
            return _not_open(line_no, wanted, line.buckets.open)
    called_off = dict(units)
    if all(line.buckets.canceled + called_off.get(line.line_no, 0) == line.quantity for line in order.lines):
        decision = cancel(order, reason=e.CancelReason.OUT_OF_STOCK, by=by, at=at)
        assert isinstance(decision, Decision), "an order of which nothing has left can be canceled"
    else:
        decision = call_off(order, units, why=f"canceled: {e.CancelReason.OUT_OF_STOCK}", by=by, at=at)
        if no := too_much_taken(order, decision.order):
            return no
    return _ended(decision, exception, How.CANCELED, by=by, at=at)


def move_promise(order: Order, promised_at: datetime, *, exception: int, by: Actor, at: datetime) -> Decision | Refusal:
    """It arrives at another time than was promised. Refused with `order_closed` and those of a resolution; raises `InvalidValue` for a past time."""
    if promised_at <= at:
        raise InvalidValue(f"a promise is moved to a time to come; got {promised_at} at {at}")
    if order.state in FINAL:
        return _closed(order)
    return _ended(decided(order, PromiseMoved(promised_at=promised_at, by=by, at=at)), exception, How.BACKORDERED, by=by, at=at)


def reship(order: Order, units: Units, *, source: Bucket, exception: int, by: Actor, at: datetime) -> Decision | Refusal:
    """Deliver units once more at no charge (ORDER-23), where they are lost, back, or with the buyer in pieces. Refused as `reopen_units` is."""
    decision = reopen_units(order, units, source=source, by=by, at=at)
    return decision if isinstance(decision, Refusal) else _ended(decision, exception, How.RESHIPPED, by=by, at=at)


def _ended(decision: Decision, exception: int, how: How, *, by: Actor, at: datetime) -> Decision | Refusal:
    """The same, with its exception resolved, where it is taken for one (EXCEPT-9)."""
    if not exception:
        return decision
    ended = resolve(decision.order, exception, how=how, by=by, at=at)
    return ended if isinstance(ended, Refusal) else Decision(ended.order, (*decision.events, *ended.events))


def _closed(order: Order) -> Refusal:
    return Refusal("order_closed", f"order {order.number} is {order.state}", {"state": order.state.value})


def _not_open(line_no: int, wanted: int, here: int) -> Refusal:
    return Refusal("units_not_open", f"line {line_no} has {here} open units", {"line_no": line_no, "wanted": wanted, "open": here})
