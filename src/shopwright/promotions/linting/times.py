"""Whether there is a moment at which some windows are on and others off.

Rules
- a moment is looked for from the first possible one on: where a window that must be on is off, its next start is next, and where one that must be
  off is on, its next end; so whatever is found first is the first there is;
- a search of more than 400 steps is given up, and the answer is that there may be such a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from shopwright.promotions.windows import DateWindow, Recurring

FIRST, END = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Between which a basket can be."""
MOST_STEPS = 400

AnyWindow = DateWindow | Recurring


def moment(on: Sequence[AnyWindow], off: Sequence[AnyWindow], *, starts: datetime | None, ends: datetime | None) -> datetime | None:
    """The first moment from `starts` until `ends` at which these are on and those off; one that was not looked at to the end counts as one."""
    at, end = max(starts or FIRST, FIRST), min(ends or END, END)
    for _ in range(MOST_STEPS):
        if at >= end:
            return None
        following = _following(on, off, at)
        if following is None or following == at:
            return following
        at = following
    return at


def _following(on: Sequence[AnyWindow], off: Sequence[AnyWindow], at: datetime) -> datetime | None:
    """This moment when all is well, else the next at which it could be; `None` when it never will be."""
    for window in on:
        if not window.is_open(at):
            return window.next_start(at)
    for window in off:
        if window.is_open(at):
            # An end that is not known may be too far to be looked for: then the moment counts as one.
            return window.next_end(at) or (None if isinstance(window, DateWindow) else at)
    return at
