"""Rows of results: one comparison each, as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import asdict, frozen

from tests.benchmarks.goals import GOALS
from tests.benchmarks.sides import Slice

SECONDS_OF = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
"""Units of time."""

LESS_IS_BETTER = {*SECONDS_OF, "MB"}
"""Any other unit is a rate, of which more is better."""


@frozen
class Measure:
    """What one side showed: the median of its slices and the tenth percentile of its latencies, in the unit, and how much work was timed."""

    value: float
    p10: float
    n: int


def measure(slices: Sequence[Slice], unit: str) -> Measure:
    """Sum slices up. A rate stays a rate, and its p10 is a latency in milliseconds; a time is per piece of work."""
    scale = SECONDS_OF.get(unit)
    rate = statistics.median(one.rate for one in slices)
    latencies = sorted(latency / one.per for one in slices for latency in one.latencies)
    p10 = latencies[len(latencies) // 10]
    done = sum(len(one.latencies) * one.per for one in slices)
    return Measure(rate if scale is None else 1 / rate / scale, p10 / (scale or SECONDS_OF["ms"]), done)


@frozen
class Row:
    """One comparison. `ratio` above 1 means that we are faster; `note` tells why a row has no numbers."""

    job: str
    peer: str
    scale: str
    ours: float | None
    peer_value: float | None
    unit: str
    ratio: float | None
    goal: float | None
    n: int
    ours_p10: float | None = None
    peer_p10: float | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        """Whether the row is below its goal."""
        return self.goal is not None and self.ratio is not None and self.ratio < self.goal


def goal_of(job: str, peer: str, scale: str) -> float | None:
    """The floor of this row's ratio, when it has one."""
    goal = GOALS.get((job, peer, scale))
    return goal.ratio if goal else None


def compared(job: str, peer: str, scale: str, unit: str, ours: Measure, other: Measure) -> Row:
    """The row of two measures."""
    ratio = other.value / ours.value if unit in LESS_IS_BETTER else ours.value / other.value
    numbers = [_three(number) for number in (ours.value, other.value, ratio)]
    goal = goal_of(job, peer, scale)
    return Row(job, peer, scale, numbers[0], numbers[1], unit, numbers[2], goal, ours.n, _three(ours.p10), _three(other.p10))


def skipped(job: str, peer: str, scale: str, unit: str, why: str) -> Row:
    """The row of a comparison that could not be made."""
    return Row(job, peer, scale, None, None, unit, None, goal_of(job, peer, scale), 0, note=f"skipped: {why}")


def _three(value: float) -> float:
    """Four significant digits: more would be noise."""
    return float(f"{value:.4g}")


def write_json(rows: Iterable[Row], place: Path) -> None:
    """All rows as a JSON list."""
    place.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


HEADS = ("job", "scale", "against", "ours", "theirs", "unit", "ratio", "goal", "p10 ours", "p10 theirs", "n", "")


def table(rows: Iterable[Row]) -> str:
    """All rows as text, one line each."""
    cells = [HEADS, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADS))]
    left = {0, 1, 2, 5, 11}
    lines = [
        "  ".join(cell.ljust(width) if column in left else cell.rjust(width) for column, (cell, width) in enumerate(zip(line, widths, strict=True)))
        for line in cells
    ]
    return "\n".join(line.rstrip() for line in [lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    verdict = row.note or ("BELOW ITS GOAL" if row.missed else "")
    ours, peer, ratio, goal, *p10 = map(_shown, (row.ours, row.peer_value, row.ratio, row.goal, row.ours_p10, row.peer_p10))
    return row.job, row.scale, row.peer, ours, peer, row.unit, ratio, goal, *p10, str(row.n), verdict


def _shown(number: float | None) -> str:
    if number is None:
        return "-"
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}" if number >= 100 else f"{number:.3f}".rstrip("0").rstrip(".")
