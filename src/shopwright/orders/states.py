"""The order machine, one of several small ones: the order itself, each payment, each shipment.

Theory of operation. An order is placed, perhaps looked at by a person, confirmed, and at last completed or canceled. Whether it
is paid is told by its payments (`shopwright.payments.states`), whether it has arrived by its shipments
(`shopwright.shipping.states`), and what all of that means together is derived in `shopwright.orders.standing`, never set by hand.
A hold is not a state: an order may have many, each with a reason, an actor and an expiry, and they stop shipping, not time.

Rules
- the table is all there is: an event that a state does not list leaves the state as it is, so that history always replays;
- only the verbs (`shopwright.orders`) refuse;
- `completed` and `canceled` are final for the order; its money may still move (a late payment, a refund, a chargeback) and goods
  may still come back; only where goods are to be delivered once more is a completed order reopened;
- tables only grow.
"""

from __future__ import annotations

from enum import StrEnum

from shopwright.orders import events as e


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    IN_REVIEW = "in_review"
    SENT_BACK = "sent_back"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    CANCELED = "canceled"


S = OrderState

TRANSITIONS: dict[OrderState, dict[type, OrderState]] = {
    S.PLACED: {e.ReviewRequested: S.IN_REVIEW, e.OrderConfirmed: S.CONFIRMED, e.OrderCanceled: S.CANCELED},
    S.IN_REVIEW: {e.OrderConfirmed: S.CONFIRMED, e.OrderSentBack: S.SENT_BACK, e.OrderCanceled: S.CANCELED},
    S.SENT_BACK: {e.OrderCorrected: S.IN_REVIEW, e.OrderCanceled: S.CANCELED},
    S.CONFIRMED: {e.OrderCompleted: S.COMPLETED, e.OrderCanceled: S.CANCELED},
    S.COMPLETED: {e.OrderReopened: S.CONFIRMED},
    S.CANCELED: {},
}

FINAL = frozenset({S.COMPLETED, S.CANCELED})
"""States that an order is at rest in: nothing but reopening leads out of them."""

VERBS: dict[type, str] = {
    e.ReviewRequested: "request review",
    e.OrderConfirmed: "confirm",
    e.OrderSentBack: "send back",
    e.OrderCorrected: "correct",
    e.OrderCompleted: "complete",
    e.OrderReopened: "reopen",
    e.OrderCanceled: "cancel",
}


def allowed(state: OrderState) -> tuple[str, ...]:
    """The verbs that a state allows."""
    return tuple(VERBS[event] for event in TRANSITIONS[state])
