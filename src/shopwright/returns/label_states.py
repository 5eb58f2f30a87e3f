"""The machine of a return label: what a carrier is asked for, and what becomes of it.

Rules
- the table is all there is: an event that a state does not list leaves the state as it is, so that history always replays;
- a label that is `asked` has no known end: the carrier is asked again, under the same key, until it has one;
- tables only grow.
"""

from __future__ import annotations

from enum import StrEnum

from shopwright.returns import events as e


class LabelState(StrEnum):
    """Where a return label stands."""

    ASKED = "asked"
    """A carrier is, or was, asked; nobody knows what came of it."""
    BOOKED = "booked"
    FAILED = "failed"
    """The carrier said no; another one can be asked."""
    VOID = "void"
    KEPT = "kept"
    """It should be void, and the carrier would not cancel it any more."""


S = LabelState

TRANSITIONS: dict[LabelState, dict[type, LabelState]] = {
    S.ASKED: {e.ReturnLabelBooked: S.BOOKED, e.ReturnLabelFailed: S.FAILED},
    S.BOOKED: {e.ReturnLabelVoided: S.VOID, e.ReturnLabelKept: S.KEPT},
    S.FAILED: {},
    S.VOID: {},
    S.KEPT: {},
}

AT_WORK = frozenset({S.ASKED, S.BOOKED})
"""States in which no other label is booked."""
