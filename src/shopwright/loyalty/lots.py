"""Lots: points that were earned together. All arithmetic on them is here; what happens to them is told by `shopwright.loyalty.entries`.

Rules
- points are whole numbers; a lot holds at least one, and what holds none is not there;
- a lot can be spent from `available_from` until `expires_at`, by the clock and not by a job: the first moment counts, the last does not (POINTS-2);
- a part of a lot is a lot with the same facts and fewer points, so that points which come back find their own time to expire.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

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


def in_order(lots: Iterable[Lot], order: DebitOrder) -> Lots:
    """The lots as they are spent."""
    if order is DebitOrder.OLDEST_FIRST:
        return tuple(sorted(lots, key=lambda lot: (lot.rank, lot.earned_at, lot.id)))
    return tuple(sorted(lots, key=lambda lot: (lot.rank, lot.expires_at or _NEVER, lot.earned_at, lot.id)))


def total(lots: Iterable[Lot]) -> int:
    """How many points these are."""
    return sum([lot.points for lot in lots])


def cut(lots: Iterable[Lot], points: int) -> Lots:
    """The first so many points of these lots, as parts of them; all where they are fewer."""
    parts: list[Lot] = []
    for lot in lots:
        if points <= 0:
            break
        parts.append(lot if lot.points <= points else evolve(lot, points=points))
        points -= lot.points
    return tuple(parts)


def less(lots: Iterable[Lot], parts: Iterable[Lot]) -> Lots:
    """The lots without these parts of them. Raises `InvalidValue` for a part that is not there."""
    gone: dict[str, int] = {}
    for part in parts:
        gone[part.id] = gone.get(part.id, 0) + part.points
    left = [(lot, lot.points - gone.pop(lot.id, 0)) for lot in lots]
    short = [lot.id for lot, points in left if points < 0] + list(gone)
    if short:
        raise InvalidValue(f"expected no more points to leave a lot than it holds; short are {', '.join(short)}")
    return tuple([lot if lot.points == points else evolve(lot, points=points) for lot, points in left if points])


def together(lots: Iterable[Lot], parts: Iterable[Lot]) -> Lots:
    """The lots with these parts back in them, by id; a lot that is gone is there again with the facts of its part."""
    found = {lot.id: lot for lot in lots}
    for part in parts:
        there = found.get(part.id)
        found[part.id] = part if there is None else evolve(there, points=there.points + part.points)
    return tuple([found[id] for id in sorted(found)])


