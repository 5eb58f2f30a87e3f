"""The clock and the chance of this machine, for a shop that is open."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from shopwright.ids import new_id


class SystemClock:
    """The clock of the operating system; implements `shopwright.ports.clock.Clock`."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """Ids from the operating system's source of chance; implements `shopwright.ports.clock.IdSource`."""

    def new_id(self, at: datetime) -> str:
        """An id of 26 characters that sorts by `at`."""
        return new_id(at=at, rng=os.urandom)

    def randbytes(self, count: int, /) -> bytes:
        """So many bytes that nobody can foretell."""
        return os.urandom(count)
