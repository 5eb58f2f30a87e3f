"""SQLite's driver with a meter: how much processor time was spent inside it, so that what is left is the library's own time.

The meter's own time is taken off as well: reading the clock of a processor can cost as much as a small statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from statistics import median
from typing import Any

from tests.benchmarks.sides import CPU

spent = 0.0
_meter = 0.0

TRIES = 1_001


def metered(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method of the driver, with its seconds added to the meter."""
    clock = CPU

    def call(*args: Any, **kwargs: Any) -> Any:
        global spent
        begun = clock()
        try:
            return method(*args, **kwargs)
        finally:
            spent += clock() - begun + _meter

    return call


class MeteredCursor(sqlite3.Cursor):
    """A cursor on the meter."""

    execute = metered(sqlite3.Cursor.execute)
    executemany = metered(sqlite3.Cursor.executemany)
    fetchone = metered(sqlite3.Cursor.fetchone)
    fetchall = metered(sqlite3.Cursor.fetchall)


class MeteredConnection(sqlite3.Connection):
    """A connection whose cursors are on the meter."""

    def cursor(self, factory: type[sqlite3.Cursor] = MeteredCursor) -> sqlite3.Cursor:  # type: ignore[override]  # narrower, as we ask for no other
        return super().cursor(factory)

    execute = metered(sqlite3.Connection.execute)


def cost() -> float:
    """What one metered call takes beyond what it puts on the meter, in seconds."""
    nothing = metered(lambda: None)
    took = []
    for _ in range(TRIES):
        before, begun = spent, CPU()
        nothing()
        took.append(CPU() - begun - (spent - before))
    return median(took)


def install() -> None:
    """From now on this process opens metered connections."""
    global _meter
    _meter = cost()
    connect = sqlite3.connect
    sqlite3.connect = lambda *args, **kwargs: connect(*args, **{"factory": MeteredConnection, **kwargs})  # type: ignore[assignment]
