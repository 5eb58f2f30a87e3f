"""A storage with something that happens at a chosen commit: somebody else is faster, a lock, a lost connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shopwright.ports.storage import Changeset, Storage


class Interrupted:
    """Answers as its storage does, until it is told what happens at one of the next commits."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.commits = 0
        self._happens: Callable[[], Any] | None = None
        self._at, self._every = 0, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def before_commit(self, number: int, happens: Callable[[], Any], *, every: bool = False) -> None:
        """`happens` is called right before the commit of this number, counted from the next one as 1; with `every=True` before each from
        that one on. It may commit itself, and is not interrupted.
        """
        self._at, self._happens, self._every = self.commits + number, happens, every

    def commit(self, change: Changeset) -> Any:
        """Commit, after what happens."""
        self.commits += 1
        happens, due = self._happens, self.commits == self._at or (self._every and self.commits > self._at)
        if happens is not None and due:
            self._happens = None  # while it happens
            try:
                happens()
            finally:
                self._happens = happens
        return self._storage.commit(change)
