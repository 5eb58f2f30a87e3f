"""The two sources that a shell draws from, so that nothing below it ever asks a machine for the time or for chance."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time to the shell; flows hand it on as `at=`."""

    def now(self) -> datetime:
        """The present moment, aware, as UTC, to the microsecond. It may go backwards: the machine's clock may."""
        ...


class IdSource(Protocol):
    """Makes ids that were never made before, by anybody, and the chance that readable numbers are made from."""

    def new_id(self, at: datetime) -> str:
        """An id of 26 characters that sorts by `at`."""
        ...

    def randbytes(self, count: int, /) -> bytes:
        """So many bytes of chance: what `shopwright.ids` takes as `rng=`."""
        ...
