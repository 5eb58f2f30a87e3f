"""What the library itself costs per order: placing one on SQLite, less every second inside the driver, against encoding that order with cattrs.

The measure is a multiple of something that no library of this kind can do without, so it means the same on any machine. It is taken twice:
against a loop of nothing but encoding, which finds the processor's caches warm, and against encoding each order right after it was placed, as
a shop would have to.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.benchmarks import our_values, timed_sqlite
from tests.benchmarks.peers import plain_cattrs
from tests.benchmarks.rows import Row
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import CPU, Bench, Local, Remote

PER = 5
JUDGED = "stdlib json"
"""The library of the rows that have a goal: a quick run has no other."""


def rows(session: Session) -> list[Row]:
    """One row per JSON library, which is the same on both sides."""
    libraries = [library for library in plain_cattrs.MODULES if library == JUDGED or session.plan is not QUICK]
    return [row for library in libraries for row in session.run(race(session, library))]


def race(session: Session, library: str) -> Race:
    """Each side in a process of its own, where orjson can be hidden."""

    def side(name: str, timed: str) -> Remote:
        return Remote(name, __name__, path=str(session.path(f"{timed}.sqlite")), library=library, timed=timed)

    return Race(
        "overhead of place-order",
        f"SQLite, 5 lines, {library}",
        "µs",
        lambda: side("ours", "library"),
        {
            "encoding it with cattrs": lambda: Local("cattrs in a loop", looped(library)),
            "encoding it with cattrs, between orders": lambda: side("cattrs", "encoding"),
        },
        check=1,
    )


def looped(library: str) -> Bench:
    """The same order, encoded again and again."""
    from tests.benchmarks import ours

    encode, decode = plain_cattrs.pair(library)
    order = our_values.placed(0).order

    def run(turn: int) -> Any:
        text = None
        for _ in range(PER):
            text = encode(order)
        return text

    return Bench(run=run, tell=lambda text: ours.told(decode(text)), per=PER, clock=CPU)


def open_bench(path: str, library: str, timed: str) -> Bench:
    """Place orders, and take the driver's time off; or encode each order that was placed."""
    if library == "stdlib json":
        sys.modules["orjson"] = None  # type: ignore[assignment]  # to Python this means: not installed
    timed_sqlite.install()
    from tests.benchmarks import ours

    bench = ours.on_sqlite(Path(path), "normal")
    if timed == "library":
        return Bench(bench.run, bench.tell, bench.prepare, close=bench.close, clock=CPU, elsewhere=lambda: timed_sqlite.spent)
    encode, decode = plain_cattrs.pair(library)
    return Bench(encode, lambda text: ours.told(decode(text)), lambda turn: bench.run(bench.prepare(turn)), close=bench.close, clock=CPU)
