"""`import shopwright` against `import attrs`, its one eager dependency: timed inside a fresh process, with bytecode already written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from tests.benchmarks.rows import Row, compared, measure
from tests.benchmarks.session import Session
from tests.benchmarks.sides import Slice

TIMED = "import time; begun = time.perf_counter(); import {}; print(time.perf_counter() - begun)"


def rows(session: Session) -> list[Row]:
    """One row; a slice is one process."""
    slices: dict[str, list[Slice]] = {"shopwright": [], "attrs": []}
    turns = {module: turn(module) for module in slices}
    for warm in turns.values():
        warm()
    session.alternate(turns, slices, rounds=3 * session.plan.rounds)
    ours, theirs = (measure(slices[module], "ms") for module in ("shopwright", "attrs"))
    return [compared("import", "attrs", "fresh process, warm bytecode", "ms", ours, theirs)]


def turn(module: str) -> Callable[[], Slice]:
    """Import it in a fresh interpreter; the interpreter's own start is not counted."""

    def once() -> Slice:
        done = subprocess.run([sys.executable, "-c", TIMED.format(module)], capture_output=True, text=True, check=True)
        return Slice((float(done.stdout),))

    return once
