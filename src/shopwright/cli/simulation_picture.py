"""A simulation as a picture: what each promotion has cost so far, over time, and where it was used up.

Needs the extra `pictures` (matplotlib), which is loaded when a picture is drawn. The same simulation gives the same picture, byte for byte.
"""

from __future__ import annotations

from datetime import datetime
from importlib.util import find_spec
from itertools import accumulate
from typing import IO, Any

from attrs import frozen

from shopwright.errors import InvalidValue
from shopwright.money import exponent
from shopwright.promotions.simulation import PromotionTally, Simulation

MOST_LINES, MOST_USED_UP = 8, 4
"""How many promotions have a line of their own: those that cost most, and some that were used up; the others share one."""


@frozen
class Line:
    """What is drawn of a promotion: its name, the times and what it has cost by then (minor units), and when it was used up."""

    name: str
    points: tuple[tuple[datetime, int], ...]
    used_up: tuple[datetime, int] | None = None


def check_pictures() -> None:
    """Raise `InvalidValue` unless pictures can be drawn."""
    if find_spec("matplotlib") is None:
        raise InvalidValue("pictures need matplotlib; install it with `pip install 'shopwright[pictures]'`, or leave out --picture")


def lines_of(found: Simulation) -> tuple[Line, ...]:
    """What is drawn: the dearest promotions first, then the others as one."""
    costly = sorted([it for it in found.promotions if it.cost], key=lambda it: (-it.cost, it.id))
    cheaper_used_up = [it for it in costly[MOST_LINES:] if it.exhausted_at is not None][:MOST_USED_UP]
    own = costly[:MOST_LINES] + cheaper_used_up
    rest = [it for it in costly if it not in own]
    lines = [_line(tally, found) for tally in own]
    if rest:
        sums: dict[datetime, int] = {}
        for tally in rest:
            for at, cost in tally.course:
                sums[at] = sums.get(at, 0) + cost
        lines.append(Line(f"{len(rest)} others", _risen(tuple(sorted(sums.items())), found)))
    return tuple(lines)


def draw(found: Simulation, out: IO[bytes]) -> None:
    """Write the picture as SVG. Raises `InvalidValue` where matplotlib is missing."""
    check_pictures()
    from matplotlib import colormaps, rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "shopwright", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 6), layout="constrained")
        axes = figure.subplots()
        axes.set_prop_cycle(color=[colormaps["tab20"](number) for number in range(20)])
        unit = 10 ** exponent(found.currency) if found.currency else 1
        for line in lines_of(found):
            _draw_line(axes, line, unit)
        axes.set_title(f"Cost of promotions over {found.orders:,} orders")
        axes.set_ylabel(f"cost so far in {found.currency}" if found.currency else "cost so far")
        axes.grid(visible=True, alpha=0.3)
        axes.tick_params(axis="x", rotation=30)
        if axes.get_legend_handles_labels()[1]:
            axes.legend(loc="upper left")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "shopwright"})


def _line(tally: PromotionTally, found: Simulation) -> Line:
    points = _risen(tally.course, found)
    used_up = tally.exhausted_at
    spent = sum(cost for at, cost in tally.course if used_up is not None and at <= used_up)
    return Line(tally.title or tally.id, points, None if used_up is None else (used_up, spent))


def _risen(course: tuple[tuple[datetime, int], ...], found: Simulation) -> tuple[tuple[datetime, int], ...]:
    """The sums up to each step, drawn at its end, from nothing before the first to the last order."""
    assert found.last_at is not None
    sums = accumulate(cost for _, cost in course)
    points = [(min(at + found.step, found.last_at), total) for (at, _), total in zip(course, sums, strict=True)]
    return ((course[0][0], 0), *points, (found.last_at, points[-1][1]))


def _draw_line(axes: Any, line: Line, unit: int) -> None:
    times, costs = [at for at, _ in line.points], [cost / unit for _, cost in line.points]
    (drawn,) = axes.plot(times, costs, label=_plain(line.name))
    if line.used_up is not None:
        at, cost = line.used_up
        axes.plot([at], [cost / unit], marker="X", markersize=10, linestyle="none", color=drawn.get_color())
        axes.annotate(f"used up {at:%Y-%m-%d}", (at, cost / unit), textcoords="offset points", xytext=(6, -12), color=drawn.get_color())


def _plain(name: str) -> str:
    """A name that is drawn as it is: no mathematics between dollar signs, and not hidden for its first underscore."""
    shown = f" {name}" if name.startswith("_") else name
    return shown.replace("$", r"\$")
