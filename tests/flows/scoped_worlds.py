"""One database for many runs of a state machine, each in a scope of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.wire.kinds import KINDS


class _Shared:
    """A storage that many worlds share, and that none of them closes."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    def __getattr__(self, name: str) -> Any:
        return (lambda: None) if name == "close" else getattr(self._storage, name)


@contextmanager
def scoped_worlds(where: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], Any]]:
    """How each run gets an empty storage, on SQLite or on the PostgreSQL of the tests."""
    with TemporaryDirectory() as folder:
        shared: Any
        if where == "sqlite":
            shared = SqliteStorage.open(Path(folder) / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
        else:
            from shopwright.adapters.postgres.storage import PostgresStorage

            shared = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
        numbers = count(1)
        yield lambda: _Shared(shared.scoped(f"world-{next(numbers)}"))
        shared.close()
