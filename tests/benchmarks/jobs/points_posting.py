"""Points posted on SQLite at the same durability as by eventsourcing: as many entries in a commit on both sides, and an fsync for each
commit, in time by the wall. Rows that say NORMAL wait for no disk, and are in processor time.

Ours reads the account from the store for every posting, decides by the clock which lots may be spent, and writes the account, the entry with the
lots that it took, and the operation that makes a repeat harmless. Theirs keeps a balance in an aggregate, which its cache has in memory, and writes
the event; no lots, nothing that expires, no repeat that is told from a new command. The row of commands has ours at the desk of points, which also
keeps what a return needs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.benchmarks import our_points, points_work
from tests.benchmarks.rows import Row, skipped
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import Bench, Local, Remote, Side

JOB, PEER, UNIT = "points, posting", "eventsourcing", "commits/s"
CHECKED = {1: 70, 100: 10}
"""How many commits are checked, by their size: so many that every account earns and spends."""


def rows(session: Session) -> list[Row]:
    """One entry in a commit, a hundred, and one command at the desk, each with an fsync for every commit and without."""
    told = []
    for durability in ("full", "normal"):
        for size, what, opened in (
            (1, "1 entry per commit", partial(our_points.postings, size=1)),
            (100, "100 entries per commit", partial(our_points.postings, size=100)),
            (1, "1 command per commit", our_points.commands),
        ):
            scale = f"SQLite, {durability.upper()}, {what}"
            if session.plan is QUICK and size == 1 and durability == "full":
                told.append(skipped(JOB, PEER, scale, UNIT, "both wait for the disk alone, which takes seconds; a full run has this row"))
                continue
            told += session.run(race(session, size, scale, durability, opened))
    return told


def race(session: Session, size: int, scale: str, durability: str, opened: Callable[[Path, str], Bench]) -> Race:
    """Both sides must hold what was worked out apart from them."""

    def ours() -> Side:
        return Local("ours", opened(session.path("points.sqlite"), durability))

    def theirs() -> Side:
        path = str(session.path("events.sqlite"))
        return Remote(PEER, "tests.benchmarks.peers.event_sourced", path=path, size=size, durability=durability)

    checked = CHECKED[size]
    return Race(JOB, scale, UNIT, ours, {PEER: theirs}, checked, [[None] * checked, points_work.booked(checked, size)])
