"""The rest of an order's life, pay, ship, hand over, deliver, complete and refund, against hand-written SQL that keeps the same facts."""

from __future__ import annotations

from tests.benchmarks import life, our_life, ours
from tests.benchmarks.by_hand import life_postgres, life_sqlite
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import Local

CHECKED = 3


def rows(session: Session) -> list[Row]:
    """One row per database."""
    peer = "SQL by hand, same strategy"
    sqlite = Race(
        "rest of life",
        "SQLite, FULL, 5 lines",
        "orders/s",
        lambda: Local("ours", our_life.bench(ours.sqlite(session.path("ours.sqlite"), "full"))),
        {peer: lambda: Local("by hand", life_sqlite.open_bench(session.path("by-hand.sqlite"), "full"))},
        CHECKED,
        life.expected(CHECKED),
    )
    postgres = Race(
        "rest of life",
        "PostgreSQL, FULL, 5 lines",
        "orders/s",
        lambda: Local("ours", our_life.bench(ours.postgres(session.database()))),
        {peer: lambda: Local("by hand", life_postgres.open_bench(session.database()))},
        CHECKED,
        life.expected(CHECKED),
    )
    return [*session.run(sqlite), *session.run(postgres)]
