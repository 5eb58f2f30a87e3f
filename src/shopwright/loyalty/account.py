"""A points account: the open lots of one member in one kind of points. It is what its entries make of it, and never larger than what is open.

Rules
- POINTS-1: the changes of all entries sum to the points in lots, plus those in holds, less the deficit;
- POINTS-3: a deficit is filled by whatever comes in or comes back next, before anything of it can be spent;
- reading a balance looks at open lots and holds, however long the history is;
- `evolve` decides nothing, so that history always replays to the same account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import reduce
from operator import ge
from typing import Any, assert_never

from attrs import evolve as changed
from attrs import field, frozen

from shopwright.edges import MOST, identifier, members, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty import entries as e
from shopwright.loyalty.lots import Lot, Lots, less, place_in_account, together, total


def _stand_in_order(instance: Any, attribute: Any, value: Any) -> None:
    members(Lot)(instance, attribute, value)
    places = [place_in_account(lot) for lot in value]
    if any(map(ge, places, places[1:])) or len({lot.id for lot in value}) < len(value):
        ids = ", ".join([lot.id for lot in value])
        raise InvalidValue(f"account {instance.id}: expected each lot once, by rank, then oldest first, then by id; got {ids}")


@frozen
class Account:
    """What is open of the points of one account; `id` is the host's, such as a member and a kind of points.

    `lots` stand by rank, then oldest first, then by id. `deficit` is what was taken back and not there any more, in points: the next credits
    fill it. `merged_into` names the account that this one went into, where it did: then nothing is in it any more.
    """

    id: str = field(validator=identifier())
    lots: Lots = field(default=(), validator=_stand_in_order)
    holds: tuple[e.Hold, ...] = field(default=(), validator=members(e.Hold))
    deficit: int = field(default=0, validator=whole(least=0, most=MOST))
    entry_count: int = field(default=0, validator=whole(least=0))
    merged_into: str = field(default="", validator=text())

    @property
    def points(self) -> int:
        """All points, spendable or not, less the deficit: what the changes of all entries sum to (POINTS-1)."""
        return total(self.lots) + sum([hold.points for hold in self.holds]) - self.deficit

    def hold(self, id: str) -> e.Hold | None:
        """The hold of this id."""
        return next((hold for hold in self.holds if hold.id == id), None)

    def lot(self, id: str) -> Lot | None:
        """What is left of a lot, beside what of it is held."""
        return next((lot for lot in self.lots if lot.id == id), None)

    def balance(self, at: datetime) -> Balance:
        """How the account stands at a moment."""
        open_holds = [hold for hold in self.holds if not hold.has_lapsed(at)]
        free = [part for hold in self.holds if hold.has_lapsed(at) for part in hold.parts]
        everything = (*self.lots, *free)
        return Balance(
            available=total([lot for lot in everything if lot.is_spendable(at)]),
            pending=total([lot for lot in everything if lot.is_pending(at)]),
            held=sum([hold.points for hold in open_holds]),
            lapsed=total([lot for lot in everything if lot.has_lapsed(at)]),
            deficit=self.deficit,
        )


@frozen(kw_only=True)
class Balance:
    """How an account stands, in points: what can be spent, what waits, what is held, what has lapsed without an entry yet, and what is owed."""

    available: int
    pending: int
    held: int
    lapsed: int
    deficit: int


def evolve(account: Account, entry: e.PointsEntry) -> Account:
    """The account after one more entry."""
    match entry:
        case e.PointsEarned():
            return _credited(account, (entry.lot,), entry.absorbed)
        case e.PointsActivated():
            return _with_lot(account, entry.lot_id, lambda lot: changed(lot, available_from=entry.available_from, expires_at=entry.expires_at))
        case e.PointsHeld():
            return _after(account, lots=less(account.lots, entry.hold.parts), holds=(*account.holds, entry.hold))
        case e.PointsReleased():
            return _returned(account, entry.hold_id, (), entry.absorbed)
        case e.PointsRedeemed():
            if entry.hold_id:
                return _returned(account, entry.hold_id, entry.parts, entry.absorbed)
            return _after(account, lots=less(account.lots, entry.parts))
        case e.PointsRestored():
            return _credited(account, entry.parts, entry.absorbed)
        case e.PointsReversed():
            return _after(account, lots=less(account.lots, entry.parts), deficit=account.deficit + entry.owed)
        case e.PointsExpired():
            return _after(account, lots=less(account.lots, entry.parts))
        case e.ExpiryExtended():
            return _with_lot(account, entry.lot_id, lambda lot: changed(lot, expires_at=entry.expires_at))
        case e.PointsSent():
            return _after(account, lots=less(account.lots, entry.parts))
        case e.PointsReceived():
            return _credited(account, entry.lots, entry.absorbed)
        case e.AccountMerged():
            return changed(_after(account, lots=(), holds=(), deficit=0), merged_into=entry.into)
        case e.AccountTakenOver():
            lots = less(together(account.lots, entry.lots), entry.absorbed)
            return _after(account, lots=lots, holds=account.holds + entry.holds, deficit=account.deficit + entry.deficit - total(entry.absorbed))
    assert_never(entry)


def fold(id: str, entries: Iterable[e.PointsEntry]) -> Account:
    """The account that a history tells of."""
    return reduce(evolve, entries, Account(id))


# The slots themselves: they fill the account after an entry without asking every lot again what it was asked before.
_new = object.__new__
_slots: Any = Account
_set_id, _set_lots, _set_holds = _slots.id.__set__, _slots.lots.__set__, _slots.holds.__set__
_set_deficit, _set_count, _set_merged = _slots.deficit.__set__, _slots.entry_count.__set__, _slots.merged_into.__set__


def _after(account: Account, *, lots: Lots, holds: tuple[e.Hold, ...] | None = None, deficit: int | None = None) -> Account:
    """The account after one more entry. Lots and holds come from the account or from the entry, so they are not asked again what they are."""
    if deficit is not None and not 0 <= deficit <= MOST:
        raise InvalidValue(f"account {account.id}: expected a deficit from 0 to {MOST} points, got {deficit}")
    after = _new(Account)
    _set_id(after, account.id)
    _set_lots(after, lots)
    _set_holds(after, account.holds if holds is None else holds)
    _set_deficit(after, account.deficit if deficit is None else deficit)
    _set_count(after, account.entry_count + 1)
    _set_merged(after, account.merged_into)
    return after


def _with_lot(account: Account, lot_id: str, change: Callable[[Lot], Lot]) -> Account:
    """The account with a lot changed, also where parts of it are held."""

    def told(lots: Lots) -> Lots:
        return tuple([change(lot) if lot.id == lot_id else lot for lot in lots])

    return _after(account, lots=told(account.lots), holds=tuple([changed(hold, parts=told(hold.parts)) for hold in account.holds]))


def _credited(account: Account, parts: Lots, absorbed: Lots, holds: tuple[e.Hold, ...] | None = None) -> Account:
    """The account with these parts in its lots, but those that fill the deficit."""
    if not absorbed:
        return _after(account, lots=together(account.lots, parts), holds=holds)
    return _after(account, lots=together(account.lots, less(parts, absorbed)), holds=holds, deficit=account.deficit - total(absorbed))


def _returned(account: Account, hold_id: str, used: Lots, absorbed: Lots) -> Account:
    """The account without a hold, and with what of it was not used back in its lots, but what fills the deficit."""
    held = account.hold(hold_id)
    back = () if held is None else less(held.parts, used)
    return _credited(account, back, absorbed, tuple([hold for hold in account.holds if hold.id != hold_id]))
