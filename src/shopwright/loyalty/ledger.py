"""What can be done to a points account: each verb looks at the account and answers with it as it stands afterwards and the entries to append.

    posted = hold(account, "order-7", 300, until=in_an_hour, order=DebitOrder.EXPIRING_FIRST, cause=Cause(), at=now)
    if isinstance(posted, Refusal): ...
    account, entries = posted.account, posted.entries

Rules
- POINTS-2: what can be spent is decided by the clock of the command: a lot whose time is over is not spent, written off or not;
- POINTS-4: every debit names the parts of lots it took, and their points sum to the debit;
- POINTS-5: points that were held before their time was over may still be redeemed under that hold; what comes back has lapsed;
- POINTS-6: a lapsed hold counts as free, gives its points up when they are needed, and can be redeemed until then;
- what comes in, or comes back, fills a deficit first (POINTS-3).

That a command is done once is for whoever stores the entries, under the key of the command. Raises `InvalidValue` for ids that are taken and
for numbers of points below one. Refusals: `points_short` (facts: `wanted`, `free`), `hold_unknown` (fact: `hold`), `lot_unknown` (fact: `lot`),
`lot_lapsed` (fact: `lot`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce

from attrs import frozen

from shopwright.edges import MOST
from shopwright.errors import InvalidValue
from shopwright.loyalty import entries as e
from shopwright.loyalty.account import Account, evolve
from shopwright.loyalty.entries import Cause, Hold, PointsEntry
from shopwright.loyalty.lots import DebitOrder, Lot, Lots, cut, in_order, less, spendable, total
from shopwright.periods import aware
from shopwright.refusals import Refusal


@frozen
class Posted:
    """The account after the entries; the entries are what is new, in their order."""

    account: Account
    entries: tuple[PointsEntry, ...] = ()

    def then(self, *entries: PointsEntry) -> Posted:
        """This with more entries."""
        return Posted(reduce(evolve, entries, self.account), self.entries + entries)


def posted(account: Account, entry: PointsEntry) -> Posted:
    """The account after one entry, and the entry."""
    return Posted(evolve(account, entry), (entry,))


def earn(account: Account, lot: Lot, *, cause: Cause, at: datetime, desired: int | None = None) -> Posted:
    """Credit a lot; `desired` is what a rule would have given without its caps."""
    aware(at)
    _require_new(account, lot.id)
    if total(account.lots) + lot.points > MOST:
        raise InvalidValue(f"account {account.id} cannot hold more than {MOST} points; got {lot.points} more")
    fills = cut((lot,), account.deficit) if account.deficit else ()
    wanted = lot.points if desired is None else desired
    return posted(account, e.PointsEarned(lot=lot, desired=wanted, absorbed=fills, cause=cause, at=at))


def activate(account: Account, lot_id: str, *, available_from: datetime, expires_at: datetime | None, cause: Cause, at: datetime) -> Posted | Refusal:
    """Let points that wait for a word be spent from a moment on. Nothing happens to a lot that does not wait. Refused with `lot_unknown`."""
    lot = account.lot(lot_id)
    if lot is None:
        return _unknown_lot(lot_id)
    if lot.available_from is not None:
        return Posted(account)
    Lot(lot.id, lot.points, lot.earned_at, available_from=available_from, expires_at=expires_at)  # the same must be a lot still
    entry = e.PointsActivated(lot_id=lot_id, available_from=available_from, expires_at=expires_at, cause=cause, at=aware(at))
    return posted(account, entry)


def hold(
    account: Account, hold_id: str, points: int, *, until: datetime, cause: Cause, at: datetime, order: DebitOrder = DebitOrder.EXPIRING_FIRST
) -> Posted | Refusal:
    """Keep points for somebody until a moment. Refused with `points_short`."""
    require_points(points)
    if aware(until) <= aware(at):
        raise InvalidValue(f"expected a hold to end after {at}, got {until}")
    if account.hold(hold_id) is not None:
        raise InvalidValue(f"account {account.id} has a hold {hold_id} already; give each hold an id of its own")
    found = taken(account, points, order, cause=cause, at=at)
    if isinstance(found, Refusal):
        return found
    ready, parts = found
    return ready.then(e.PointsHeld(hold=Hold(id=hold_id, until=until, parts=parts), cause=cause, at=at))


def release(account: Account, hold_id: str, *, cause: Cause, at: datetime) -> Posted | Refusal:
    """Give the points of a hold back to their lots. Refused with `hold_unknown`."""
    held = account.hold(hold_id)
    if held is None:
        return _unknown_hold(hold_id)
    return posted(account, _released(account, held, cause=cause, at=aware(at)))


def redeem(
    account: Account, redemption_id: str, points: int, *, cause: Cause, at: datetime, order: DebitOrder = DebitOrder.EXPIRING_FIRST
) -> Posted | Refusal:
    """Spend points at once. Refused with `points_short`."""
    require_points(points)
    found = taken(account, points, order, cause=cause, at=aware(at))
    if isinstance(found, Refusal):
        return found
    ready, parts = found
    return ready.then(e.PointsRedeemed(redemption_id=redemption_id, parts=parts, cause=cause, at=at))


def redeem_held(account: Account, hold_id: str, points: int, *, redemption_id: str, cause: Cause, at: datetime) -> Posted | Refusal:
    """Spend held points, all or fewer; the rest goes back to its lots. Refused with `hold_unknown`, or with `points_short` for more than are held."""
    require_points(points)
    held = account.hold(hold_id)
    if held is None:
        return _unknown_hold(hold_id)
    if held.points < points:
        return _short(points, held.points)
    parts = cut(held.parts, points)
    fills = absorbed(account, less(held.parts, parts), aware(at))
    entry = e.PointsRedeemed(redemption_id=redemption_id, parts=parts, hold_id=hold_id, absorbed=fills, cause=cause, at=at)
    return posted(account, entry)


def expire(account: Account, *, cause: Cause, at: datetime) -> Posted:
    """Write off the lots whose time is over; nothing where there is none. Points under a hold stay with it."""
    lapsed = tuple([lot for lot in account.lots if lot.has_lapsed(aware(at))])
    return posted(account, e.PointsExpired(parts=lapsed, cause=cause, at=at)) if lapsed else Posted(account)


def extend(account: Account, lot_id: str, *, expires_at: datetime | None, cause: Cause, at: datetime) -> Posted | Refusal:
    """Let a lot expire later, or never (`None`).

    Refused with `lot_unknown`, or with `lot_lapsed` when its time is over. Raises `InvalidValue` for a moment before the one it has.
    """
    lot = account.lot(lot_id)
    if lot is None:
        return _unknown_lot(lot_id)
    if lot.has_lapsed(aware(at)):
        return Refusal("lot_lapsed", f"the points {lot_id} have expired", {"lot": lot_id})
    if lot.expires_at is None or (expires_at is not None and aware(expires_at) < lot.expires_at):
        raise InvalidValue(f"expected lot {lot_id} to expire later than {lot.expires_at or 'never'}, got {expires_at}")
    return posted(account, e.ExpiryExtended(lot_id=lot_id, expires_at=expires_at, cause=cause, at=at))


def absorbed(account: Account, parts: Iterable[Lot], at: datetime) -> Lots:
    """What of parts that come back fills the deficit: those that are not over, as far as it goes (POINTS-3)."""
    return cut([part for part in parts if not part.has_lapsed(at)], account.deficit)


def let_go(ready: Posted, held: Hold, *, cause: Cause, at: datetime) -> Posted:
    """This with a hold released, whether its time is over or not."""
    return ready.then(_released(ready.account, held, cause=cause, at=at))


def taken(account: Account, points: int, order: DebitOrder, *, cause: Cause, at: datetime) -> tuple[Posted, Lots] | Refusal:
    """The parts that so many points are, and the account that has them in its lots, lapsed holds released as far as that needs (POINTS-6)."""
    ready, parts = Posted(account), _first(account, points, order, at)
    there = total(parts)
    if there < points and account.holds:
        for held in sorted([held for held in account.holds if held.has_lapsed(at)], key=lambda it: (it.until, it.id)):
            ready = let_go(ready, held, cause=cause, at=at)
            parts = _first(ready.account, points, order, at)
            there = total(parts)
            if there == points:
                break
    return (ready, parts) if there == points else _short(points, there)


def _first(account: Account, points: int, order: DebitOrder, at: datetime) -> Lots:
    """The first so many points that can be spent; all where they are fewer."""
    return cut(spendable(in_order(account.lots, order), at), points)


def _released(account: Account, held: Hold, *, cause: Cause, at: datetime) -> e.PointsReleased:
    fills = absorbed(account, held.parts, at)
    return e.PointsReleased(hold_id=held.id, lapsed=held.has_lapsed(at), absorbed=fills, cause=cause, at=at)


def _require_new(account: Account, lot_id: str) -> None:
    if lot_id in [lot.id for lot in account.lots] or (account.holds and any(part.id == lot_id for hold in account.holds for part in hold.parts)):
        raise InvalidValue(f"account {account.id} has a lot {lot_id} already; give each credit an id of its own")


def require_points(points: int) -> None:
    """Raises `InvalidValue` for what is no number of points."""
    if points.__class__ is not int or not 0 < points <= MOST:
        raise InvalidValue(f"expected a number of points from 1 to {MOST}, got {points!r}")


def _short(wanted: int, free: int) -> Refusal:
    return Refusal("points_short", f"{wanted} points are wanted and {free} are free", {"wanted": wanted, "free": free})


def _unknown_hold(hold_id: str) -> Refusal:
    return Refusal("hold_unknown", f"there is no hold {hold_id}", {"hold": hold_id})


def _unknown_lot(lot_id: str) -> Refusal:
    return Refusal("lot_unknown", f"there are no open points {lot_id}", {"lot": lot_id})
