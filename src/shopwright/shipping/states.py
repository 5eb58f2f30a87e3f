"""The shipment machine: some units of one order, on one way.

Rules
- the table is all there is: an event that a state does not list leaves the state as it is, so that history always replays;
- scans of a carrier arrive late, twice and out of order: `ShipmentTracked` keeps them and never moves the state by itself, the
  moves that they imply are events of their own;
- a parcel that was delivered can still come back, and one that was given up for lost can still turn up;
- tables only grow.
"""

from __future__ import annotations

from enum import StrEnum

from shopwright.shipping import events as e


class ShipmentState(StrEnum):
    """Where a shipment stands."""

    PLANNED = "planned"
    BOOKED = "booked"
    IN_TRANSIT = "in_transit"
    TROUBLED = "troubled"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    CANCELED = "canceled"


S = ShipmentState

TRANSITIONS: dict[ShipmentState, dict[type, ShipmentState]] = {
    S.PLANNED: {e.ShipmentBooked: S.BOOKED, e.ShipmentDispatched: S.IN_TRANSIT, e.ShipmentCanceled: S.CANCELED},
    S.BOOKED: {e.ShipmentDispatched: S.IN_TRANSIT, e.ShipmentCanceled: S.CANCELED},
    S.IN_TRANSIT: {
        e.ShipmentTroubled: S.TROUBLED,
        e.ShipmentDelivered: S.DELIVERED,
        e.ShipmentReturning: S.RETURNING,
        e.ShipmentReturned: S.RETURNED,
        e.ShipmentLost: S.LOST,
    },
    S.TROUBLED: {
        e.ShipmentDelivered: S.DELIVERED,
        e.ShipmentReturning: S.RETURNING,
        e.ShipmentReturned: S.RETURNED,
        e.ShipmentLost: S.LOST,
    },
    S.DELIVERED: {e.ShipmentReturning: S.RETURNING, e.ShipmentReturned: S.RETURNED},
    S.RETURNING: {e.ShipmentReturned: S.RETURNED, e.ShipmentLost: S.LOST},
    S.RETURNED: {},
    S.LOST: {e.ShipmentDelivered: S.DELIVERED, e.ShipmentReturned: S.RETURNED},
    S.CANCELED: {},
}

STILL_HERE = frozenset({S.PLANNED, S.BOOKED})
"""States in which the goods have not left the shop's hands."""

FINAL = frozenset({S.RETURNED, S.CANCELED})
"""States that nothing leads out of."""

VERBS: dict[type, str] = {
    e.ShipmentBooked: "book",
    e.ShipmentDispatched: "dispatch",
    e.ShipmentTroubled: "trouble",
    e.ShipmentDelivered: "deliver",
    e.ShipmentReturning: "turn back",
    e.ShipmentReturned: "take back",
    e.ShipmentLost: "lose",
    e.ShipmentCanceled: "cancel",
}


def allowed(state: ShipmentState) -> tuple[str, ...]:
    """The verbs that a state allows."""
    return tuple(VERBS[event] for event in TRANSITIONS[state])
