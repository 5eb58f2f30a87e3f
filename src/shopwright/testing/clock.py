"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shopwright.ports.edge import as_utc

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""Where a frozen clock stands unless the test says otherwise."""


class FrozenClock:
    """Implements `shopwright.ports.clock.Clock`: tells the same time until it is moved, forward or back."""

    def __init__(self, at: datetime = NOON) -> None:
        self._now = as_utc("at", at)

    def now(self) -> datetime:
        """The time that was set last."""
        return self._now

    def advance(self, span: timedelta | None = None, /, **parts: float) -> datetime:
        """Move on by a span, or by the parts of one (`advance(minutes=5)`); a negative one goes back. Returns the new time."""
        self._now += span if span is not None else timedelta(**parts)
        return self._now

    def set(self, at: datetime) -> None:
        """Jump to this time."""
        self._now = as_utc("at", at)
