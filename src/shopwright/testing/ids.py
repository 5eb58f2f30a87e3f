"""Ids that are the same in every run: chance from a seed."""

from __future__ import annotations

from datetime import datetime
from random import Random
from threading import Lock

from shopwright.ids import new_id


class SeededIds:
    """Implements `shopwright.ports.clock.IdSource` with the same ids for the same seed; safe to share between threads."""

    def __init__(self, seed: int = 0) -> None:
        self._random, self._lock = Random(seed), Lock()

    def new_id(self, at: datetime) -> str:
        """An id of 26 characters that sorts by `at`."""
        return new_id(at=at, rng=self.randbytes)

    def randbytes(self, count: int, /) -> bytes:
        """The next bytes of the seed's sequence."""
        with self._lock:
            return self._random.randbytes(count)
