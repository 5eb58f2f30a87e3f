"""Taking points back that were earned, and giving points back that were spent; each reads what was frozen then, and no rule of today.

Rules
- POINTS-7: a reversal takes what is left of that very lot first, pending or not; then what of it had expired, which costs nobody anything; then
  other lots, and at last a deficit, as far as the recourse goes;
- POINTS-8: all reversals of one credit together never take more than it gave, and all restorings of one redemption never more than it spent;
- POINTS-9: points that come back go to the lots they came from, with the time those have, the last that were taken first: whoever redeems and
  cancels gains no time;
- a reversal or restoring under a key that was used before changes nothing; the same key with another number of points raises `KeyConflict`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.edges import MOST, identifier, members, of, text, whole
from shopwright.errors import InvalidValue, KeyConflict
from shopwright.loyalty import entries as e
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause
from shopwright.loyalty.ledger import Posted, absorbed, expire
from shopwright.loyalty.lots import DebitOrder, Lot, Lots, cut, in_order, less, total
from shopwright.periods import aware


class Recourse(StrEnum):
    """How far a reversal goes."""

    ONLY_PENDING = "only_pending"
    """Only what of that lot cannot be spent yet."""
    WITHIN_BALANCE = "within_balance"
    """Whatever is there, of any lot."""
    UNLIMITED = "unlimited"
    """All of it; what is not there is owed, and filled by the next credits."""


@frozen
class Done:
    """What was done under a key: how many points were asked for, how many it came to, and how many of those had expired before."""

    key: str = field(validator=identifier())
    asked: int = field(validator=whole(least=1))
    points: int = field(validator=whole(least=0))
    lapsed: int = field(default=0, validator=whole(least=0))


@frozen(kw_only=True)
class Earning:
    """One credit and what became of it: `lines` is what each line of an order earned, by its number; they sum to the lot where there are any.

    `lot` is as it was credited; `account_id` names the account it was credited to, where it is kept in a store.
    """

    lot: Lot = field(validator=of(Lot))
    lines: tuple[tuple[int, int], ...] = field(default=(), validator=members(tuple))
    reversals: tuple[Done, ...] = field(default=(), validator=members(Done))
    expired: int = field(default=0, validator=whole(least=0))
    account_id: str = field(default="", validator=text())

    def __attrs_post_init__(self) -> None:
        summed = sum([points for _, points in self.lines])
        if self.lines and summed != self.lot.points:
            raise InvalidValue(f"earning {self.lot.id}: its lines must sum to {self.lot.points} points, got {summed}")

    @property
    def reversible(self) -> int:
        """How many points can still be taken back."""
        return self.lot.points - sum([done.points for done in self.reversals])

    def share(self, line_no: int, units: int, *, of: int, gone: int = 0) -> int:
        """What so many units of a line earned, of which so many are gone already: whatever the steps, they sum to the line."""
        if not 0 <= gone <= gone + units <= of:
            raise InvalidValue(f"line {line_no} of earning {self.lot.id}: expected {gone} and {units} units to be within its {of}")
        earned = dict(self.lines).get(line_no, 0)
        return earned * (gone + units) // of - earned * gone // of if units else 0

    def after(self, entries: Iterable[e.PointsEntry]) -> Earning:
        """The same, knowing what of its points these entries wrote off."""
        parts = [part for entry in entries if isinstance(entry, e.PointsExpired) for part in entry.parts]
        return evolve(self, expired=self.expired + total([part for part in parts if part.id == self.lot.id]))


@frozen(kw_only=True)
class Redemption:
    """Points that were spent, and what of them came back; `account_id` names the account, where it is kept in a store."""

    id: str = field(validator=identifier())
    parts: Lots = field(validator=members(Lot, least=1))
    restorings: tuple[Done, ...] = field(default=(), validator=members(Done))
    account_id: str = field(default="", validator=text())

    @property
    def left(self) -> Lots:
        """The parts that can still come back, the last that were taken first."""
        backwards = self.parts[::-1]
        return less(backwards, cut(backwards, sum([done.points for done in self.restorings])))


def redemption_in(posted: Posted) -> Redemption:
    """The redemption among these entries, to be kept for its restoring. Raises `InvalidValue` where there is none."""
    for entry in posted.entries:
        if isinstance(entry, e.PointsRedeemed):
            return Redemption(id=entry.redemption_id, parts=entry.parts, account_id=posted.account.id)
    raise InvalidValue(f"expected a redemption among the entries of account {posted.account.id}, got none")


def reverse(account: Account, earning: Earning, points: int, *, key: str, recourse: Recourse, cause: Cause, at: datetime) -> tuple[Posted, Earning]:
    """Take points of a credit back: at most those that are left of it to take, as far as the recourse goes (POINTS-7, POINTS-8).

    Raises `KeyConflict` for a key that stands for another number of points, and `InvalidValue` for a number below one.
    """
    if _is_done(earning.reversals, key, points):
        return Posted(account), earning
    parts, lapsed, owed = _taken(account, earning, min(points, earning.reversible), recourse, aware(at))
    counted = total(parts) + lapsed + owed
    after = evolve(earning, reversals=(*earning.reversals, Done(key, points, counted, lapsed)))
    if not counted:
        return Posted(account), after
    entry = e.PointsReversed(lot_id=earning.lot.id, key=key, desired=points, parts=parts, owed=owed, lapsed=lapsed, cause=cause, at=at)
    return Posted(account).then(entry), after


def restore(
    account: Account, redemption: Redemption, points: int, *, key: str, cause: Cause, at: datetime, reinstate: timedelta | None = None
) -> tuple[Posted, Redemption]:
    """Give spent points back, at most those that are left to come back (POINTS-8, POINTS-9).

    With `reinstate`, points whose time is over meanwhile can be spent for so long from now; without, they come back as expired. Raises as `reverse`.
    """
    if _is_done(redemption.restorings, key, points):
        return Posted(account), redemption
    parts = cut(redemption.left, points)
    after = evolve(redemption, restorings=(*redemption.restorings, Done(key, points, total(parts))))
    if not parts:
        return Posted(account), after
    ready = Posted(account)
    if reinstate is not None and any(part.has_lapsed(aware(at)) for part in parts):
        ready = expire(account, cause=cause, at=at)  # so that no lot that is over lends its time to what comes back
        parts = tuple([evolve(part, expires_at=at + reinstate) if part.has_lapsed(at) else part for part in parts])
    fills = absorbed(ready.account, parts, aware(at))
    entry = e.PointsRestored(redemption_id=redemption.id, key=key, parts=parts, absorbed=fills, cause=cause, at=at)
    return ready.then(entry), after


def _taken(account: Account, earning: Earning, desired: int, recourse: Recourse, at: datetime) -> tuple[Lots, int, int]:
    """The parts of lots that a reversal takes, what of it had expired, and what is owed."""
    own = account.lot(earning.lot.id)
    if recourse is Recourse.ONLY_PENDING:
        return (cut((own,), desired) if own is not None and own.is_pending(at) else ()), 0, 0
    parts = cut(() if own is None else (own,), desired)
    rest = desired - total(parts)
    lapsed = min(rest, earning.expired - sum([done.lapsed for done in earning.reversals]))
    others = [lot for lot in in_order(account.lots, DebitOrder.EXPIRING_FIRST) if lot.id != earning.lot.id and not lot.has_lapsed(at)]
    others.sort(key=lambda lot: lot.is_pending(at))
    more = cut(others, rest - lapsed)
    return (*parts, *more), lapsed, rest - lapsed - total(more) if recourse is Recourse.UNLIMITED else 0


def _is_done(before: Iterable[Done], key: str, points: int) -> bool:
    if points.__class__ is not int or not 0 < points <= MOST:
        raise InvalidValue(f"expected a number of points from 1 to {MOST}, got {points!r}")
    done = next((it for it in before if it.key == key), None)
    if done is not None and done.asked != points:
        raise KeyConflict(f"the key {key} stands for {done.asked} points, got {points}; give another step a key of its own")
    return done is not None
