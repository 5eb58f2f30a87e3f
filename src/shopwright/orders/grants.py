"""What stands of the promises of an order: points, their multiplication, coupons. Derived, never set by hand.

Rules
- GRANT-1: what is promised is frozen when the order is placed: open until it completes, then due, and called off when it is canceled;
- GRANT-2: each promise has a key of its own that never changes, so that a ledger that writes under it books each promise once, however often
  it is told.

No ledger is here: whoever keeps points or hands out coupons reads `promises` after an event of an order and does what is due. A shop with a points
program has one that does (`shopwright.flows.points.booking`).
"""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from shopwright.orders.order import Order
from shopwright.orders.states import OrderState
from shopwright.pricing.gifts import Grant


class PromiseState(StrEnum):
    """What stands of a promise."""

    OPEN = "open"
    DUE = "due"
    CALLED_OFF = "called_off"


@frozen
class Promise:
    """A grant of an order, under the key that a ledger books it with, and what stands of it."""

    key: str
    grant: Grant
    state: PromiseState


_STATES = {OrderState.COMPLETED: PromiseState.DUE, OrderState.CANCELED: PromiseState.CALLED_OFF}


def promises(order: Order) -> tuple[Promise, ...]:
    """What an order promises besides goods, in the order in which it was frozen (GRANT-1); the key is `<order id>/grant/<number>` (GRANT-2)."""
    state = _STATES.get(order.state, PromiseState.OPEN)
    return tuple([Promise(f"{order.id}/grant/{number}", grant, state) for number, grant in enumerate(order.grants, 1)])
