"""Points by the time at which they were earned: how many were given, redeemed, expired and wait still, for the books of the shop.

    counts = count(entries, as_of=end_of_year, zone=BERLIN)
    books = report(cohort(it, deferred=deferred[it.id], redeemed_of_10_000=8_500) for it in counts)

Rules
- POINTS-13: whatever takes points takes them from the cohort whose lots they were in; what a reversal takes, and what fills a deficit, counts there
  as never given, so that over all cohorts what is outstanding, less all deficits, is what the accounts hold;
- points that go from one account to another count as never given there, and as given here, when they were earned;
- entries come in any number from many accounts, each account's in its own order; what is kept meanwhile is the cohorts and the lots that wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import assert_never

from attrs import evolve, frozen

from shopwright.errors import InvalidValue
from shopwright.loyalty import entries as e
from shopwright.loyalty.expiry import EndOf, first_of
from shopwright.loyalty.liability import Cohort
from shopwright.loyalty.lots import Lot, Lots
from shopwright.periods import Zone, aware, day_of, zone_of

ALL = 10_000
"""A rate of redemption of all points, in basis points."""


@frozen(kw_only=True)
class Counted:
    """The points that were earned in one span, which is named by its first day, such as `2026-03-01`."""

    id: str
    given: int = 0
    redeemed: int = 0
    expired: int = 0
    pending: int = 0

    @property
    def outstanding(self) -> int:
        """How many are in accounts still."""
        return self.given - self.redeemed - self.expired


class _Tally:
    """What was counted so far: by cohort, and the lots that may still wait at the moment that is asked for."""

    def __init__(self, zone: Zone, unit: EndOf, as_of: datetime) -> None:
        self.zone, self.unit, self.as_of = zone, unit, as_of
        self.given, self.redeemed, self.expired = Counter[str](), Counter[str](), Counter[str]()
        self.waiting: dict[tuple[str, str], Lot] = {}

    def add(self, account_id: str, entry: e.PointsEntry) -> None:
        """Count one more entry of an account."""
        match entry:
            case e.PointsEarned():
                self._move(self.given, (entry.lot,))
                if entry.lot.available_from is None or entry.lot.available_from > self.as_of:
                    self.waiting[account_id, entry.lot.id] = entry.lot
                self._taken(account_id, entry.absorbed)
            case e.PointsActivated():
                waiting = self.waiting.pop((account_id, entry.lot_id), None)
                if waiting is not None and entry.available_from > self.as_of:
                    self.waiting[account_id, entry.lot_id] = evolve(waiting, available_from=entry.available_from, expires_at=entry.expires_at)
            case e.PointsRedeemed():
                self._move(self.redeemed, entry.parts)
                self._taken(account_id, entry.absorbed)
            case e.PointsRestored():
                self._move(self.redeemed, entry.parts, sign=-1)
                self._taken(account_id, entry.absorbed)
            case e.PointsReversed():
                self._taken(account_id, entry.parts)
            case e.PointsReleased():
                self._taken(account_id, entry.absorbed)
            case e.PointsExpired():
                self._move(self.expired, entry.parts)
                self._wait_no_more(account_id, entry.parts)
            case e.ExpiryExtended():
                waiting = self.waiting.get((account_id, entry.lot_id))
                if waiting is not None:
                    self.waiting[account_id, entry.lot_id] = evolve(waiting, expires_at=entry.expires_at)
            case e.PointsSent():
                self._taken(account_id, entry.parts)
            case e.PointsReceived():
                self._move(self.given, entry.lots)
                self._taken(account_id, entry.absorbed)
            case e.AccountMerged():
                self._taken(account_id, _all_parts(entry))
            case e.AccountTakenOver():
                self._taken_over(account_id, entry)
            case e.PointsHeld():
                pass
            case _:
                assert_never(entry)

    def _taken_over(self, account_id: str, entry: e.AccountTakenOver) -> None:
        self._move(self.given, _all_parts(entry))
        for lot in entry.lots:
            if lot.available_from is None or lot.available_from > self.as_of:
                self.waiting[account_id, lot.id] = lot
        self._taken(account_id, entry.absorbed)

    def told(self) -> Iterator[Counted]:
        """The cohorts, the oldest first."""
        pending = Counter[str]()
        self._move(pending, tuple([lot for lot in self.waiting.values() if lot.is_pending(self.as_of)]))
        for id in sorted(self.given):
            yield Counted(id=id, given=self.given[id], redeemed=self.redeemed[id], expired=self.expired[id], pending=pending[id])

    def _move(self, to: Counter[str], parts: Lots, *, sign: int = 1) -> None:
        for part in parts:
            to[first_of(day_of(part.earned_at, self.zone), self.unit).isoformat()] += sign * part.points

    def _taken(self, account_id: str, parts: Lots) -> None:
        """Points that count as never given (POINTS-13)."""
        self._move(self.given, parts, sign=-1)
        self._wait_no_more(account_id, parts)

    def _wait_no_more(self, account_id: str, parts: Lots) -> None:
        for part in parts:
            lot = self.waiting.pop((account_id, part.id), None)
            if lot is not None and lot.points > part.points:
                self.waiting[account_id, part.id] = evolve(lot, points=lot.points - part.points)


def _all_parts(entry: e.AccountMerged | e.AccountTakenOver) -> Lots:
    return (*entry.lots, *[part for hold in entry.holds for part in hold.parts])


def count(
    entries: Iterable[tuple[str, e.PointsEntry]], *, as_of: datetime, zone: Zone, unit: EndOf = EndOf.MONTH, known_at: datetime | None = None
) -> tuple[Counted, ...]:
    """The points of all these accounts by when they were earned, as they were at a moment, by what was known at another.

    Each entry comes with the id of its account; `unit` is how long a cohort's span is, on the calendar of the zone. The oldest cohort is first.
    """
    zone_of(zone)
    tally = _Tally(zone, unit, aware(as_of))
    known = None if known_at is None else aware(known_at)
    for account_id, entry in entries:
        if entry.at <= as_of and (known is None or (entry.cause.recorded_at or entry.at) <= known):
            tally.add(account_id, entry)
    return tuple(tally.told())


def cohort(counted: Counted, *, deferred: int, redeemed_of_10_000: int) -> Cohort:
    """A cohort in the books: `deferred` minor units were put aside for its points, of which so many in ten thousand are thought to be redeemed.

    What is thought gives way to what is known: no fewer than were redeemed, and no more than were not lost. Raises `InvalidValue` for no such rate.
    """
    if redeemed_of_10_000.__class__ is not int or not 0 <= redeemed_of_10_000 <= ALL:
        raise InvalidValue(f"expected how many of 10,000 points are redeemed in the end, from 0 to 10000, got {redeemed_of_10_000!r}")
    thought = counted.given * redeemed_of_10_000 // ALL
    expected = max(counted.redeemed, min(thought, counted.given - counted.expired))
    return Cohort(
        id=counted.id,
        deferred=deferred,
        given=counted.given,
        redeemed=counted.redeemed,
        expired=counted.expired,
        pending=counted.pending,
        expected=expected,
    )
