"""What quota moves do, as pure arithmetic: the specification that every store follows, in SQL or by calling `settle`.

Rules
- moves apply in their order, and the items of a reserve in theirs; the first refusal refuses all of them;
- when a take, a reserve or a negative grant would fall short of a key, lapsed holds on that key (`until <= at`) are reclaimed
  whole, the one that ended first before the others and by id among equals, no more of them than needed;
- a committed or released hold is gone; a reclaimed one stays as a mark, so that it never revives, until it is pruned.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from attrs import evolve, frozen

from shopwright.edges import MOST
from shopwright.errors import InvalidValue
from shopwright.ports.quotas import CommitHold, Give, Grant, QuotaMove, ReleaseHold, Reserve, Take
from shopwright.ports.refused import hold_exists, hold_lapsed, hold_unknown, quota_exhausted, quota_not_taken
from shopwright.refusals import Refusal


@frozen
class Counter:
    """One quota as it is kept: `held` counts every hold that was not reclaimed, lapsed or not."""

    granted: int = 0
    used: int = 0
    held: int = 0
    rank: int = 0

    @property
    def free(self) -> int:
        """What is free before any lapsed hold is reclaimed."""
        return self.granted - self.used - self.held


@frozen
class Hold:
    """One hold as it is kept; `reclaimed_at` is the time of the changeset that took its quantities away."""

    id: str
    items: tuple[tuple[str, int], ...]
    until: datetime
    reclaimed_at: datetime | None = None

    def lapsed(self, at: datetime) -> bool:
        """Whether its quantities may be reclaimed now."""
        return self.reclaimed_at is None and self.until <= at


class Books(Protocol):
    """Counters and holds as they stand before the moves."""

    def counter(self, key: str) -> Counter | None:
        """The counter of a key, `None` when it was never granted."""
        ...

    def hold(self, id: str) -> Hold | None:
        """A hold that is live, lapsed or reclaimed."""
        ...

    def holds_on(self, key: str) -> Iterable[Hold]:
        """Every hold with a quantity of this key, in any order."""
        ...


class Draft:
    """Books with moves written on top: what to store once all of them have passed.

    `counters` and `holds` have what changed; a hold that is gone stands as `None`.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self.counters: dict[str, Counter] = {}
        self.holds: dict[str, Hold | None] = {}

    def counter(self, key: str) -> Counter:
        """The counter as the moves so far left it; one that was never granted stands at zero."""
        return self.counters.get(key) or self._books.counter(key) or Counter()

    def has(self, key: str) -> bool:
        """Whether the key was ever granted."""
        return key in self.counters or self._books.counter(key) is not None

    def hold(self, id: str) -> Hold | None:
        """The hold as the moves so far left it."""
        return self.holds[id] if id in self.holds else self._books.hold(id)

    def lapsed(self, key: str, at: datetime) -> list[Hold]:
        """The holds on this key that may be reclaimed, in the order in which they are."""
        kept = [hold for hold in self._books.holds_on(key) if hold.id not in self.holds]
        made = [hold for hold in self.holds.values() if hold is not None and any(item == key for item, _ in hold.items)]
        return sorted((hold for hold in kept + made if hold.lapsed(at)), key=lambda hold: (hold.until, hold.id))

    def add(self, key: str, *, granted: int = 0, used: int = 0, held: int = 0) -> None:
        """Change one counter."""
        counter = self.counter(key)
        self.counters[key] = evolve(counter, granted=counter.granted + granted, used=counter.used + used, held=counter.held + held)

    def short(self, key: str, wanted: int, at: datetime) -> Refusal | None:
        """Reclaim until this much is free, looking at holds only if too little is; the refusal when it cannot be."""
        if self.counter(key).free >= wanted:
            return None
        for hold in self.lapsed(key, at):
            self._reclaim(hold, at)
            if self.counter(key).free >= wanted:
                return None
        free = self.counter(key).free
        return quota_exhausted(key=key, wanted=wanted, free=free)

    def _reclaim(self, hold: Hold, at: datetime) -> None:
        for key, quantity in hold.items:
            self.add(key, held=-quantity)
        self.holds[hold.id] = evolve(hold, reclaimed_at=at)


def settle(books: Books, moves: Iterable[QuotaMove], *, at: datetime) -> Draft | Refusal:
    """What the books are after these moves, or the first refusal; the books themselves are left alone.

    Raises `InvalidValue` when a grant would leave 64 bits.
    """
    draft = Draft(books)
    for move in moves:
        refusal = _apply(draft, move, at)
        if refusal is not None:
            return refusal
    return draft


def _apply(draft: Draft, move: QuotaMove, at: datetime) -> Refusal | None:
    match move:
        case Grant():
            return _grant(draft, move, at)
        case Take(key=key, quantity=quantity):
            refusal = draft.short(key, quantity, at)
            if refusal is None:
                draft.add(key, used=quantity)
            return refusal
        case Give(key=key, quantity=quantity):
            used = draft.counter(key).used
            if used < quantity:
                return quota_not_taken(key=key, wanted=quantity, used=used)
            draft.add(key, used=-quantity)
            return None
        case Reserve():
            return _reserve(draft, move, at)
        case CommitHold(hold=id):
            return _end(draft, id, used=True)
        case ReleaseHold(hold=id):
            return _end(draft, id, used=False)


def _grant(draft: Draft, move: Grant, at: datetime) -> Refusal | None:
    refusal = draft.short(move.key, -move.quantity, at) if move.quantity < 0 else None
    if refusal is not None:
        return refusal
    granted = draft.counter(move.key).granted + move.quantity
    if granted > MOST:
        raise InvalidValue(f"{move.key} would be granted {granted}; integers must fit in 64 bits")
    if not draft.has(move.key):
        draft.counters[move.key] = Counter(rank=move.rank)
    draft.add(move.key, granted=move.quantity)
    return None


def _reserve(draft: Draft, move: Reserve, at: datetime) -> Refusal | None:
    if draft.hold(move.hold) is not None:
        return hold_exists(hold=move.hold)
    for key, quantity in move.items:
        refusal = draft.short(key, quantity, at)
        if refusal is not None:
            return refusal
        draft.add(key, held=quantity)
    draft.holds[move.hold] = Hold(move.hold, move.items, move.until)
    return None


def _end(draft: Draft, id: str, *, used: bool) -> Refusal | None:
    hold = draft.hold(id)
    if hold is None:
        return hold_unknown(hold=id)
    if hold.reclaimed_at is not None:
        return hold_lapsed(hold=id) if used else None
    for key, quantity in hold.items:
        draft.add(key, held=-quantity, used=quantity if used else 0)
    draft.holds[id] = None
    return None
