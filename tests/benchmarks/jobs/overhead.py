"""What the library itself costs per order: placing one on SQLite, less every second inside the driver, against encoding that order with cattrs.

The measure is a multiple of something that no library of this kind can do without, so it means the same on any machine.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.benchmarks import our_values, timed_sqlite
from tests.benchmarks.peers import plain_cattrs
from tests.benchmarks.rows import Row
from tests.benchmarks.session import Race, Session
from tests.benchmarks.sides import CPU, Bench, Local, Remote

PER = 5


def rows(session: Session) -> list[Row]:
    """One row per JSON library, which is the same on both sides."""
    return [row for library in plain_cattrs.MODULES for row in session.run(race(session, library))]


def race(session: Session, library: str) -> Race:
    """Our side in a process of its own, where orjson can be hidden."""
    path = str(session.path("overhead.sqlite"))
    return Race(
        "overhead of place-order",
        f"SQLite, 5 lines, {library}",
        "µs",
        lambda: Remote("ours", __name__, path=path, library=library),
        {"encoding it with cattrs": lambda: Local("cattrs", encoding(library))},
        check=1,
    )


def open_bench(path: str, library: str) -> Bench:
    """Place orders, and take the driver's time off."""
    if library == "stdlib json":
        sys.modules["orjson"] = None  # type: ignore[assignment]  # to Python this means: not installed
    timed_sqlite.install()
    from tests.benchmarks import ours

    bench = ours.on_sqlite(Path(path), "normal")
    return Bench(bench.run, bench.tell, bench.prepare, close=bench.close, clock=CPU, elsewhere=lambda: timed_sqlite.spent)


def encoding(library: str) -> Bench:
    """The same order, encoded."""
    from tests.benchmarks import ours

    encode, decode = plain_cattrs.pair(library)
    order = our_values.placed(0).order

    def run(turn: int) -> Any:
        text = None
        for _ in range(PER):
            text = encode(order)
        return text

    return Bench(run=run, tell=lambda text: ours.told(decode(text)), per=PER, clock=CPU)
