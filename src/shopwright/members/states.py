"""The member machine: whether somebody may buy, and whether there is still somebody.

Rules
- the table is all there is: an event that a state does not list leaves the state as it is, so that history always replays;
- whether a contact is verified is told by the contact, never by the state: a member may have some of each;
- who is blocked keeps their rights: profile, consents, export and erasure go on; only orders are refused;
- tables only grow.
"""

from __future__ import annotations

from enum import StrEnum

from shopwright.members import events as e


class MemberState(StrEnum):
    """How a member stands."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    MERGED = "merged"
    ERASED = "erased"


S = MemberState

TRANSITIONS: dict[MemberState, dict[type, MemberState]] = {
    S.ACTIVE: {e.MemberBlocked: S.BLOCKED, e.MemberMerged: S.MERGED, e.MemberErased: S.ERASED},
    S.BLOCKED: {e.MemberUnblocked: S.ACTIVE, e.MemberMerged: S.MERGED, e.MemberErased: S.ERASED},
    S.MERGED: {e.MemberErased: S.ERASED},
    S.ERASED: {},
}

VERBS: dict[type, str] = {e.MemberBlocked: "block", e.MemberUnblocked: "unblock", e.MemberMerged: "merge", e.MemberErased: "erase"}


def allowed(state: MemberState) -> tuple[str, ...]:
    """The verbs that a state allows."""
    return tuple(VERBS[event] for event in TRANSITIONS[state])
