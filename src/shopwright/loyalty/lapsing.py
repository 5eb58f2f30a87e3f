"""Write off what has lapsed, in steps of a bounded size: bookkeeping that changes no answer, but that lapsed holds are let go in the end.

Rules
- POINTS-14: a lapsed hold can be redeemed for a day more (`PATIENCE`) where nobody needs its points; then it is let go;
- a step writes off at most so many lots, so that no account is too large for one changeset.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shopwright.loyalty import entries as e
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.ledger import Posted, let_go
from shopwright.loyalty.lots import DebitOrder, in_order
from shopwright.periods import aware

PATIENCE = timedelta(days=1)
"""How long a lapsed hold is kept for whoever comes late."""

MOST = 200
"""How many lots a step writes off."""


def next_lapse(account: Account) -> datetime | None:
    """When there is something to write off next: the first lot that expires, or the first hold that is let go; `None` where nothing ever is."""
    lots = [lot.expires_at for lot in account.lots if lot.expires_at is not None]
    return min([*lots, *[hold.until + PATIENCE for hold in account.holds]], default=None)


def write_off(account: Account, *, cause: Cause, at: datetime, most: int = MOST) -> Posted:
    """Let go the holds whose time is over for long, and write off lots whose time is over, at most so many; nothing where there are none."""
    ready = Posted(account)
    for held in sorted(account.holds, key=lambda it: (it.until, it.id)):
        if held.until + PATIENCE <= aware(at):
            ready = let_go(ready, held, cause=cause, at=at)
    parts = tuple([lot for lot in in_order(ready.account.lots, DebitOrder.EXPIRING_FIRST) if lot.has_lapsed(at)])[:most]
    return ready.then(e.PointsExpired(parts=parts, cause=cause, at=at)) if parts else ready
