"""Points that go from one account to another: so many of them, converted where the kinds differ, or all that there is when two members are one.

    sent, received = transfer(anns, bobs, 300, transfer_id="gift-7", cause=Cause(), at=now)
    gone, there = merge(guests, anns, cause=Cause(), at=now)

Rules
- POINTS-15: a transfer takes points as a redemption does, and gives each part as a lot of its own with the times it had: nobody gains time by it;
- POINTS-16: a conversion is told as two whole numbers, so many points for so many; no point is lost to rounding, since only multiples are converted,
  and the parts share what comes out by their sizes, the remainder by the largest remainders;
- POINTS-17: a merge loses no point and makes none: lots keep their ids and times, holds stay holds, what either owes is filled by what either has;
- merging twice changes nothing; both legs are entries, one in each account, and belong into one changeset.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import MOST, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty import entries as e
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.ledger import Posted, absorbed, let_go, require_points, taken
from shopwright.loyalty.lots import DebitOrder, Lot, Lots, cut, in_order, together, total
from shopwright.money import allocate
from shopwright.periods import aware
from shopwright.refusals import Refusal


@frozen
class Rate:
    """What a conversion gives: each `take` points of one kind become `give` of another."""

    take: int = field(default=1, validator=whole(least=1, most=1_000_000_000))
    give: int = field(default=1, validator=whole(least=1, most=1_000_000_000))


EVEN = Rate()


def transfer(
    sender: Account,
    receiver: Account,
    points: int,
    *,
    transfer_id: str,
    rate: Rate = EVEN,
    order: DebitOrder = DebitOrder.EXPIRING_FIRST,
    cause: Cause,
    at: datetime,
) -> tuple[Posted, Posted] | Refusal:
    """Send points to another account; both as they stand afterwards, the sender first. The lots there are called `<transfer_id>/1` and so on.

    Refused with `points_indivisible` (facts: `points`, `take`) for what is no multiple of what the rate takes, and with `points_short`. Raises
    `InvalidValue` for one account as both, for one that was merged, and where the receiver would hold more than 64 bits count.
    """
    require_points(points)
    _require_two(sender, receiver)
    if points % rate.take:
        return Refusal("points_indivisible", f"points are converted in multiples of {rate.take}, got {points}", {"points": points, "take": rate.take})
    found = taken(sender, points, order, cause=cause, at=aware(at))
    if isinstance(found, Refusal):
        return found
    ready, parts = found
    lots = _converted(parts, points // rate.take * rate.give, transfer_id)
    _require_room(receiver, total(lots))
    fills = absorbed(receiver, lots, at)
    sent = ready.then(e.PointsSent(transfer_id=transfer_id, to=receiver.id, parts=parts, cause=cause, at=at))
    told = e.PointsReceived(transfer_id=transfer_id, sender=sender.id, lots=lots, absorbed=fills, cause=cause, at=at)
    return sent, Posted(receiver).then(told)


def merge(account: Account, into: Account, *, cause: Cause, at: datetime) -> tuple[Posted, Posted] | Refusal:
    """Put all that is in an account into another; both as they stand afterwards. Nothing happens where that was done before.

    Refused with `hold_exists` (fact: `hold`) while both have a hold of one id that has not lapsed. Raises `InvalidValue` for one account as both, for
    one that was merged into a third, and for a lot that is in both.
    """
    if account.merged_into and account.merged_into == into.id:
        return Posted(account), Posted(into)
    _require_two(account, into)
    both = {held.id for held in account.holds} & {held.id for held in into.holds}
    gone, there = _without_lapsed(account, both, cause=cause, at=aware(at)), _without_lapsed(into, both, cause=cause, at=at)
    for held in gone.account.holds:
        if there.account.hold(held.id) is not None:
            return Refusal("hold_exists", f"both accounts have a hold {held.id}", {"hold": held.id})
    _require_apart(gone.account, there.account)
    _require_room(there.account, total(gone.account.lots))
    lots, holds, deficit = gone.account.lots, gone.account.holds, gone.account.deficit
    fills = _fills(together(there.account.lots, lots), deficit + there.account.deficit, at)
    left = e.AccountMerged(into=into.id, lots=lots, holds=holds, deficit=deficit, cause=cause, at=at)
    came = e.AccountTakenOver(sender=account.id, lots=lots, holds=holds, deficit=deficit, absorbed=fills, cause=cause, at=at)
    return gone.then(left), there.then(came)


def _converted(parts: Lots, points: int, transfer_id: str) -> Lots:
    """The parts as lots of their own that sum to so many points (POINTS-16)."""
    shares = [(part, share) for part, share in zip(parts, allocate(points, [part.points for part in parts]), strict=True) if share]
    return tuple(
        [
            Lot(f"{transfer_id}/{n}", share, part.earned_at, available_from=part.available_from, expires_at=part.expires_at, rank=part.rank)
            for n, (part, share) in enumerate(shares, 1)
        ]
    )


def _fills(lots: Lots, owed: int, at: datetime) -> Lots:
    """What of the lots of both fills what both owe: what can be spent before what waits, what expires first before what lasts."""
    good = [lot for lot in in_order(lots, DebitOrder.EXPIRING_FIRST) if not lot.has_lapsed(at)]
    return cut(sorted(good, key=lambda lot: lot.is_pending(at)), owed)


def _without_lapsed(account: Account, ids: set[str], *, cause: Cause, at: datetime) -> Posted:
    """The account without those of these holds that have lapsed: their points are free anyway."""
    ready = Posted(account)
    for held in account.holds:
        if held.id in ids and held.has_lapsed(at):
            ready = let_go(ready, held, cause=cause, at=at)
    return ready


def _require_two(one: Account, other: Account) -> None:
    if one.id == other.id:
        raise InvalidValue(f"expected two accounts, got {one.id} as both")
    for account in (one, other):
        if account.merged_into:
            raise InvalidValue(f"account {account.id} was merged into {account.merged_into}; use that one")


def _require_apart(one: Account, other: Account) -> None:
    ids = [{part.id for part in (*it.lots, *[part for held in it.holds for part in held.parts])} for it in (one, other)]
    if both := ids[0] & ids[1]:
        raise InvalidValue(f"accounts {one.id} and {other.id} both have lots {', '.join(sorted(both))}; give each credit an id of its own")


def _require_room(account: Account, more: int) -> None:
    if total(account.lots) + more > MOST:
        raise InvalidValue(f"account {account.id} cannot hold more than {MOST} points; got {more} more")
