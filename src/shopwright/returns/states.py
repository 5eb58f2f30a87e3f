"""The machine of a case: goods that a customer is not content with, from the application to the resolution.

Theory of operation. A customer applies; the shop asks for more, approves or rejects. What was approved without goods to come back is resolved at
once; otherwise the goods travel, are received, perhaps in several parcels, and inspected, and then the case is resolved: units and money move on the
order, in the same step. Return, claim, exchange and reship are not machines of their own: what a case is follows from what its lines were granted.

Rules
- the table is all there is: an event that a state does not list leaves the state as it is, so that history always replays;
- `resolved`, `rejected`, `withdrawn` and `expired` are final; units that such a case did not resolve may be asked for in another one;
- goods that were approved and never came expire; goods that are here never do, for somebody has to decide about them;
- tables only grow.
"""

from __future__ import annotations

from enum import StrEnum

from shopwright.returns import events as e


class CaseState(StrEnum):
    """Where a case stands."""

    APPLIED = "applied"
    ASKED = "asked"
    APPROVED = "approved"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    INSPECTED = "inspected"
    RESOLVED = "resolved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


S = CaseState

TRANSITIONS: dict[CaseState, dict[type, CaseState]] = {
    S.APPLIED: {e.MoreAsked: S.ASKED, e.CaseApproved: S.APPROVED, e.CaseRejected: S.REJECTED, e.CaseWithdrawn: S.WITHDRAWN},
    S.ASKED: {
        e.MoreGiven: S.APPLIED,
        e.CaseApproved: S.APPROVED,
        e.CaseRejected: S.REJECTED,
        e.CaseWithdrawn: S.WITHDRAWN,
        e.CaseExpired: S.EXPIRED,
    },
    S.APPROVED: {
        e.ReturnLabelAsked: S.APPROVED,
        e.GoodsSent: S.IN_TRANSIT,
        e.GoodsReceived: S.RECEIVED,
        e.CaseResolved: S.RESOLVED,
        e.CaseWithdrawn: S.WITHDRAWN,
        e.CaseExpired: S.EXPIRED,
    },
    S.IN_TRANSIT: {e.GoodsReceived: S.RECEIVED, e.GoodsMissing: S.INSPECTED, e.CaseWithdrawn: S.WITHDRAWN, e.CaseExpired: S.EXPIRED},
    S.RECEIVED: {e.GoodsReceived: S.RECEIVED, e.GoodsInspected: S.INSPECTED},
    S.INSPECTED: {
        e.GoodsReceived: S.RECEIVED,
        e.GoodsInspected: S.INSPECTED,
        e.GoodsMissing: S.INSPECTED,
        e.CaseResolved: S.RESOLVED,
    },
    S.RESOLVED: {},
    S.REJECTED: {},
    S.WITHDRAWN: {},
    S.EXPIRED: {},
}

FINAL = frozenset({S.RESOLVED, S.REJECTED, S.WITHDRAWN, S.EXPIRED})
"""States that nothing leads out of."""

VERBS: dict[type, str] = {
    e.MoreAsked: "ask",
    e.MoreGiven: "answer",
    e.CaseApproved: "approve",
    e.CaseRejected: "reject",
    e.ReturnLabelAsked: "label",
    e.GoodsSent: "send",
    e.GoodsReceived: "receive",
    e.GoodsMissing: "miss",
    e.GoodsInspected: "inspect",
    e.CaseResolved: "resolve",
    e.CaseWithdrawn: "withdraw",
    e.CaseExpired: "expire",
}


def allowed(state: CaseState) -> tuple[str, ...]:
    """The verbs that a state allows."""
    return tuple(VERBS[event] for event in TRANSITIONS[state])
