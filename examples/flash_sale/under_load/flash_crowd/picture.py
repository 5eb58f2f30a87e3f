"""A rush as a picture: each visit a dot where it came and how long it waited, and below who was served of those who came first, and last.

Needs matplotlib (`pip install shopwright[pictures]`), which is loaded when a picture is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flash_crowd.buying import Ended, Outcome
from flash_crowd.fairness import Fairness

COLORS = {Ended.SERVED: "#1f77b4", Ended.SOLD_OUT: "#c8c8c8", Ended.HAS_THEIRS: "#ff7f0e"}


def draw(outcomes: Sequence[Outcome], found: Fairness, path: Path, *, title: str) -> None:
    """Write the picture as SVG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "shopwright", "svg.fonttype": "none"}):
        figure = Figure(figsize=(10, 7), layout="constrained")
        above, below = figure.subplots(2, 1, height_ratios=(3, 1))
        _draw_visits(above, outcomes)
        _draw_tenths(below, found)
        figure.suptitle(title)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": "shopwright"})


def _draw_visits(axes: Any, outcomes: Sequence[Outcome]) -> None:
    for ended in Ended:
        drawn = [it for it in outcomes if it.ended is ended]
        times, waits = [it.came for it in drawn], [1_000 * it.waited for it in drawn]
        axes.scatter(times, waits, s=8, color=COLORS[ended], label=f"{ended.value} ({len(drawn):,})", linewidths=0)
    axes.set_xlabel("came, seconds after the opening")
    axes.set_ylabel("waited, milliseconds")
    axes.set_ylim(bottom=0)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="upper right")


def _draw_tenths(axes: Any, found: Fairness) -> None:
    axes.bar(range(1, 11), [100 * share for share in found.by_tenth], color=COLORS[Ended.SERVED])
    axes.set_xticks(range(1, 11))
    axes.set_ylim(0, 100)
    axes.set_xlabel("tenth of the visits, in the order in which they came")
    axes.set_ylabel("served, %")
    axes.grid(visible=True, axis="y", alpha=0.3)
