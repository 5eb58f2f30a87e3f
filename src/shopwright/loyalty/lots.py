"""Lots: points that were earned together. All arithmetic on them is here; what happens to them is told by `shopwright.loyalty.entries`.

Rules
- points are whole numbers; a lot holds at least one, and what holds none is not there;
- a lot can be spent from `available_from` until `expires_at`, by the clock and not by a job: the first moment counts, the last does not (POINTS-2);
- a part of a lot is a lot with the same facts and fewer points, so that points which come back find their own time to expire;
- the lots of an account stand by rank, then oldest first, then by id: what none of them ever changes, so that each is found where it stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from attrs import evolve, field, frozen

from shopwright.edges import MOST, aware, identifier, maybe, whole
from shopwright.errors import InvalidValue

Lots = tuple["Lot", ...]

_NEVER = datetime.max.replace(tzinfo=UTC)


@frozen
class Lot:
    """Points that were earned together, or a part of them.

    `available_from` is `None` while they wait for a word (`activate`), and `expires_at` where they never expire. A lot of a lower `rank` is
    spent before others: points of a campaign before points that were bought. Raises `InvalidValue` where it would expire before it can be spent.
    """

    id: str = field(validator=identifier())
    points: int = field(validator=whole(least=1, most=MOST))
    earned_at: datetime = field(validator=aware)
    available_from: datetime | None = field(default=None, validator=maybe(aware), kw_only=True)
    expires_at: datetime | None = field(default=None, validator=maybe(aware), kw_only=True)
    rank: int = field(default=0, validator=whole(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.available_from is not None and self.available_from < self.earned_at:
            raise InvalidValue(f"lot {self.id}: points cannot be available from {self.available_from}, before they are earned at {self.earned_at}")
        least = self.available_from or self.earned_at
        if self.expires_at is not None and self.expires_at <= least:
            raise InvalidValue(f"lot {self.id}: points must expire after {least}, got {self.expires_at}; an expired credit is no credit")

    def has_lapsed(self, at: datetime) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= at

    def is_pending(self, at: datetime) -> bool:
        """Whether its time is still to come."""
        return not self.has_lapsed(at) and (self.available_from is None or at < self.available_from)

    def is_spendable(self, at: datetime) -> bool:
        """Whether it can be spent."""
        return self.available_from is not None and self.available_from <= at and not self.has_lapsed(at)


class DebitOrder(StrEnum):
    """Which lots are spent first; where all is equal the lower id, so that the same account always gives the same lots."""

    EXPIRING_FIRST = "expiring_first"
    """By rank, then what expires first, then what was earned first."""
    OLDEST_FIRST = "oldest_first"
    """By rank, then what was earned first."""


place_in_account = attrgetter("rank", "earned_at", "id")
"""What the lots of an account stand by."""


def in_order(lots: Lots, order: DebitOrder) -> Lots:
    """The lots of an account as they are spent."""
    if order is DebitOrder.OLDEST_FIRST:
        return lots
    return tuple(sorted(lots, key=lambda lot: (lot.rank, lot.expires_at or _NEVER)))  # sorting keeps what is equal as it stands


def spendable(lots: Iterable[Lot], at: datetime) -> Iterator[Lot]:
    """Those of the lots that can be spent at a moment, in their order."""
    return (lot for lot in lots if lot.is_spendable(at))


def total(lots: Iterable[Lot]) -> int:
    """How many points these are."""
    return sum([lot.points for lot in lots])


def cut(lots: Iterable[Lot], points: int) -> Lots:
    """The first so many points of these lots, as parts of them; all where they are fewer."""
    parts: list[Lot] = []
    for lot in lots:
        if points <= 0:
            break
        parts.append(lot if lot.points <= points else _part(lot, points))
        points -= lot.points
    return tuple(parts)


def less(lots: Lots, parts: Iterable[Lot]) -> Lots:
    """The lots without these parts of them, in their order. Raises `InvalidValue` for a part that is not there."""
    gone: dict[str, int] = {}
    for part in parts:
        gone[part.id] = gone.get(part.id, 0) + part.points
    left: list[Lot] = []
    for place, lot in enumerate(lots):
        if not gone:
            return (*left, *lots[place:])
        points = gone.get(lot.id)
        if points is None:
            left.append(lot)
        elif points <= lot.points:
            del gone[lot.id]
            if points < lot.points:
                left.append(_part(lot, lot.points - points))
    if gone:
        raise InvalidValue(f"expected no more points to leave a lot than it holds; short are {', '.join(gone)}")
    return tuple(left)


def together(lots: Lots, parts: Iterable[Lot]) -> Lots:
    """The lots of an account with these parts back in them; a lot that is gone is there again with the facts of its part.

    Where a lot was extended after some of its points had left it, all of them have the later time once they are together again.
    """
    found = list(lots)
    for part in parts:
        key = place_in_account(part)
        is_last = not found or place_in_account(found[-1]) < key  # as whatever is new
        place = len(found) if is_last else bisect_left(found, key, key=place_in_account)
        if place < len(found) and found[place].id == part.id:
            there = found[place]
            found[place] = evolve(there, points=there.points + part.points, expires_at=_later(there.expires_at, part.expires_at))
        else:
            found.insert(place, part)
    return tuple(found)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two times of expiry; never is later than any."""
    return None if one is None or other is None else max(one, other)


# The slots themselves: they fill a new part past the checks that its lot has passed, at a quarter of the price of `attrs.evolve`.
_new = object.__new__
_slots: Any = Lot
_set_id, _set_points, _set_rank = _slots.id.__set__, _slots.points.__set__, _slots.rank.__set__
_set_earned, _set_available, _set_expires = _slots.earned_at.__set__, _slots.available_from.__set__, _slots.expires_at.__set__


def _part(lot: Lot, points: int) -> Lot:
    """A part of a lot with so many of its points."""
    part = _new(Lot)
    _set_id(part, lot.id)
    _set_points(part, points)
    _set_rank(part, lot.rank)
    _set_earned(part, lot.earned_at)
    _set_available(part, lot.available_from)
    _set_expires(part, lot.expires_at)
    return part
