"""Builders for points accounts: a lot on one line, an account that earned some."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shopwright.loyalty import Account, Cause, Lot, Posted, earn
from shopwright.refusals import Refusal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WHY = Cause(source="order-1")


def a_lot(id: str, points: int, *, waits: int | None = 0, lasts: int | None = None, rank: int = 0) -> Lot:
    """So many points earned at noon, to be spent after so many days (`None`: after a word) and lost after so many more."""
    since = None if waits is None else NOON + waits * DAY
    return Lot(id, points, NOON, available_from=since, expires_at=None if lasts is None else NOON + lasts * DAY, rank=rank)


def an_account(*lots: Lot) -> Account:
    """An account that earned these lots."""
    account = Account("member-1")
    for lot in lots:
        account = earn(account, lot, cause=WHY, at=NOON).account
    return account


def done(posted: Posted | Refusal) -> Account:
    """The account after what was posted."""
    assert isinstance(posted, Posted), posted
    return posted.account


def told(account: Account) -> dict[str, int]:
    """The open lots by id."""
    return {lot.id: lot.points for lot in account.lots}
