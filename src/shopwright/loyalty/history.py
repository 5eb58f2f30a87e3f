"""What the entries of an account tell: how it stood at a moment, what was known of it at another, what will expire, and a statement.

Rules
- POINTS-11: an entry that arrives late changes what was true at its time (`as_of`), and not what was known before it arrived (`known_at`);
- POINTS-12: what will expire by any horizon, and what never will, sum to what can be spent and what waits;
- an entry that does not say that it is late counts no earlier than those before it in its account: clocks of workers differ, their order does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.loyalty.account import Account, fold
from shopwright.loyalty.entries import PointsEntry
from shopwright.periods import Window, aware


def account_as_of(id: str, entries: Iterable[PointsEntry], *, as_of: datetime, known_at: datetime | None = None) -> Account:
    """The account as it was at a moment, by what was known at another (`None`: by all that is known)."""
    aware(as_of)
    known = None if known_at is None else aware(known_at)
    return fold(id, [entry for counts, knew, entry in _in_time(entries) if counts <= as_of and (known is None or knew <= known)])


def _in_time(entries: Iterable[PointsEntry]) -> Iterator[tuple[datetime, datetime, PointsEntry]]:
    """Each entry with when it counts and when it was known. None was known before the one that it follows, whatever the clocks of workers said, so
    that none takes points that are not told of yet.
    """
    latest: datetime | None = None
    for entry in entries:
        told = entry.cause.recorded_at or entry.at
        latest = told if latest is None else max(latest, told)
        yield (latest if entry.cause.recorded_at is None else entry.at), latest, entry


@frozen(kw_only=True)
class Expiring:
    """So many points that can be spent, or will be, expire at a moment; `None` is never."""

    at: datetime | None
    points: int


def expiring(account: Account, *, at: datetime) -> tuple[Expiring, ...]:
    """When the points that are good at a moment expire, the soonest first, those that never do last (POINTS-12); held ones are not among them."""
    found: dict[datetime | None, int] = {}
    for lot in account.lots:
        if not lot.has_lapsed(aware(at)):
            found[lot.expires_at] = found.get(lot.expires_at, 0) + lot.points
    dated = sorted([when for when in found if when is not None])
    never = [Expiring(at=None, points=found[None])] if None in found else []
    return (*[Expiring(at=when, points=found[when]) for when in dated], *never)


@frozen(kw_only=True)
class StatementLine:
    """An entry with what it changed and how many points there were after it."""

    entry: PointsEntry
    points: int
    after: int


@frozen(kw_only=True)
class Statement:
    """What happened to an account in a window: the points before it, each entry, and the points after it."""

    account_id: str
    window: Window
    before: int
    lines: tuple[StatementLine, ...]

    @property
    def after(self) -> int:
        """The points at the end of the window: those before it, and all that changed."""
        return self.lines[-1].after if self.lines else self.before


def statement(id: str, entries: Iterable[PointsEntry], window: Window) -> Statement:
    """What happened in a window, by the moments from which entries count. Raises `InvalidValue` for a window without an end."""
    if window.end is None:
        raise InvalidValue("expected a statement's window to have an end, got an open one")
    before, inside = 0, list[PointsEntry]()
    for entry in entries:  # of a long history only what is in the window is kept
        if window.start is not None and entry.at < window.start:
            before += entry.change
        elif entry.at < window.end:
            inside.append(entry)
    lines = list[StatementLine]()
    for entry in sorted(inside, key=lambda it: it.at):
        after = (lines[-1].after if lines else before) + entry.change
        lines.append(StatementLine(entry=entry, points=entry.change, after=after))
    return Statement(account_id=id, window=window, before=before, lines=tuple(lines))
