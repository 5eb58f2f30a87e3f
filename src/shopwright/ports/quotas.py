"""Bounded counters and the moves on them: stock, coupon uses, budgets and flash-sale quantities are all quotas.

Rules
- `granted - used - held` is never below zero, and is decided inside the write;
- a hold is a promise of some quantities until a moment; once that moment has passed it has lapsed and counts as free when read;
- a lapsed hold is reclaimed only when a move would fall short without it; until then it can still be committed;
- a reclaimed hold never revives: to commit it answers `hold_lapsed`, whatever the clock does;
- a hold is committed, released or reclaimed as a whole.

`shopwright.ports.counting` says the same as arithmetic, to the order in which lapsed holds are reclaimed.

Refusal codes of a commit: `quota_exhausted`, `quota_not_taken`, `hold_lapsed`, `hold_unknown`, `hold_exists`.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen


@frozen
class Quota:
    """One counter as it stands: all that was `granted`, what is `used`, and what live holds have `held` at the time of reading."""

    key: str
    granted: int
    used: int
    held: int

    @property
    def free(self) -> int:
        """What a take or a reserve could get now."""
        return self.granted - self.used - self.held


@frozen
class Grant:
    """Add to what there is (stock received, a limit raised); a negative quantity takes away what is still free.

    `rank` is fixed by the first grant of a key: writers lock higher ranks last, so give contended keys a high one.
    Refused with `quota_exhausted` when less than the negative quantity is free.
    """

    key: str
    quantity: int
    rank: int = 0


@frozen
class Take:
    """Use a quantity now, without a hold. Refused with `quota_exhausted` when less is free."""

    key: str
    quantity: int


@frozen
class Give:
    """Return a used quantity (a canceled order's stock, a coupon use). Refused with `quota_not_taken` when less is used."""

    key: str
    quantity: int


@frozen
class Reserve:
    """Hold quantities of several keys until a moment, all or none.

    Refused with `quota_exhausted` (facts: `key`, `wanted`, `free`) or, when there is a hold of this id, with `hold_exists`; a
    reclaimed one counts until it is pruned, a committed or released one is gone.
    """

    hold: str
    items: tuple[tuple[str, int], ...]
    until: datetime


@frozen
class CommitHold:
    """Turn a hold into use. Refused with `hold_lapsed` once it was reclaimed, with `hold_unknown` when there is none."""

    hold: str


@frozen
class ReleaseHold:
    """Give a hold up. Releasing a reclaimed hold does nothing; refused with `hold_unknown` when there is none."""

    hold: str


QuotaMove = Grant | Take | Give | Reserve | CommitHold | ReleaseHold
