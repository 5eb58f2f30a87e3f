"""Tiers of many members: ours against a statement in SQL and a loop over the same rows, and ours over a million against ours over ten thousand.

All read one table of SQLite, and every member's tier must be equal. By hand there are two sums and the name of a tier; ours is any policy, from the
facts: since when and why, what undone orders did, when the tier is lost, what is missing to keep it and to the next. A million members are a
stream: the same time for each of them, and the same memory, as for ten thousand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.benchmarks import our_tiers, tier_work
from tests.benchmarks.by_hand import tiers
from tests.benchmarks.rows import Measure, Row, compared, skipped
from tests.benchmarks.session import QUICK, Race, Session, Unequal
from tests.benchmarks.sides import CPU, Bench, Local, Side

JOB = "tiers in a batch"
MEMBERS, FEW, MANY = 2_000, 10_000, 1_000_000
PEER = f"ours, {FEW:,} members"
TIME, MEMORY = f"{MANY:,} members, one of them", f"{MANY:,} members, peak memory"


def rows(session: Session) -> list[Row]:
    """Against what is written by hand, and against ourselves with fewer members."""
    return [*against_hands(session), *growing(session)]


def against_hands(session: Session) -> list[Row]:
    """Two thousand members, with the table read in the timed part by all."""
    path = tier_work.fill(session.path("tiers.sqlite"), MEMBERS)
    peers: dict[str, Callable[[], Side]] = {
        "SQL by hand, tiers alone": lambda: Local("SQL by hand", batch(path, tiers.in_sql)),
        "Python by hand, tiers alone": lambda: Local("Python by hand", batch(path, tiers.in_python)),
    }
    return session.run(Race(JOB, f"{MEMBERS:,} members, one of them", "µs", lambda: Local("ours", batch(path, our_tiers.placed)), peers, check=1))


def batch(path: Path, placed: Callable[[Path], Iterator[tuple[str, str]]]) -> Bench:
    """All members of a table."""
    return Bench(run=lambda turn: list(placed(path)), tell=tier_work.told, per=MEMBERS, clock=CPU)


@frozen
class Run:
    """What a process of its own told of one run over so many members."""

    members: int
    told: dict[str, Any]
    seconds: float
    mb: float

    @property
    def time(self) -> Measure:
        """Microseconds for a member."""
        each = self.seconds / self.members * 1e6
        return Measure(each, each, self.members)

    @property
    def memory(self) -> Measure:
        """Megabytes at the peak."""
        return Measure(self.mb, self.mb, self.members)


def growing(session: Session) -> list[Row]:
    """A million members against ten thousand, each in a process of its own, once; and a million by hand for the same tiers."""
    if session.plan is QUICK:
        why = "a million members take a minute; a full run has this row"
        return [skipped(JOB, PEER, TIME, "µs", why), skipped(JOB, PEER, MEMORY, "MB", why)]
    few, many = (run(session, members) for members in (FEW, MANY))
    return [
        compared(JOB, PEER, TIME, "µs", many.time, few.time),
        compared(JOB, PEER, MEMORY, "MB", many.memory, few.memory),
    ]


def run(session: Session, members: int) -> Run:
    """So many members; raises `Unequal` where a tier is not what the statement in SQL says."""
    session.say(f"{JOB}: filling a table for {members:,} members")
    path = tier_work.fill(session.path("tiers.sqlite"), members)
    done = subprocess.run([sys.executable, "-m", "tests.benchmarks.tier_worker", str(path)], stdout=subprocess.PIPE, text=True, check=True)
    answer = json.loads(done.stdout)
    by_hand = tier_work.told(tiers.in_sql(path))
    path.unlink()
    if answer["told"] != by_hand or answer["progress"] != members // 10_000:
        raise Unequal(f"{JOB}, {members:,} members: ours tells {answer}, and by hand it is {by_hand}")
    return Run(members, answer["told"], answer["seconds"], answer["mb"])
