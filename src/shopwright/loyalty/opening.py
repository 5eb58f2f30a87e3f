"""Opening balances: the lots that an account brings along from another system, and what is wrong with some of them.

Rules
- a lot of an opening balance keeps the times it had; what has lapsed already is not brought along;
- its id is unique in the shop and made from what the other system calls it, so that bringing the same lots again changes nothing.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import of, whole
from shopwright.loyalty.lots import Lot
from shopwright.loyalty.naming import an_account_id
from shopwright.refusals import Refusal


@frozen(kw_only=True)
class OpeningLot:
    """A lot that is brought along into an account; `line` says where it stood."""

    line: int = field(validator=whole(least=1))
    account_id: str = field(validator=an_account_id)
    lot: Lot = field(validator=of(Lot))


def opening_problem(opening: OpeningLot, *, at: datetime) -> Refusal | None:
    """Why a lot cannot be brought along now: `lot_lapsed`, or `lot_unearned` for one that is earned later (fact: `lot`)."""
    lot = opening.lot
    if lot.has_lapsed(at):
        return Refusal("lot_lapsed", f"the points {lot.id} have expired", {"lot": lot.id})
    if lot.earned_at > at:
        return Refusal("lot_unearned", f"the points {lot.id} are earned later, at {lot.earned_at.isoformat()}", {"lot": lot.id})
    return None

