"""A rehearsal as a picture: how often each rule held, and how often at what turned out to be fraud, beside what would have become of the payments.

Needs the extra `pictures` (matplotlib), which is loaded when a picture is drawn. The same rehearsal gives the same picture, byte for byte.
"""

from __future__ import annotations

from typing import IO, Any

from shopwright.cli.simulation_picture import check_pictures
from shopwright.payments.risk.rehearsing import Rehearsal

MOST_RULES = 30
"""How many rules are drawn: those that held most often."""

_FRAUD, _OTHER = "#c0392b", "#7f8c8d"


def draw(report: Rehearsal, out: IO[bytes]) -> None:
    """Write the picture as SVG. Raises `InvalidValue` where matplotlib is missing."""
    check_pictures()
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    frauds = dict(report.frauds)
    verdicts = [(it.value, count, frauds.get(it, 0)) for it, count in report.verdicts]
    held = sorted([(it.rule, it.fired, it.frauds) for it in report.rules if it.fired], key=lambda bar: (-bar[1], bar[0]))[:MOST_RULES]
    with rc_context({"svg.hashsalt": "shopwright", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 3.2 + 0.3 * max(len(held), 4)), layout="constrained")
        left, right = figure.subplots(1, 2)
        _bars(left, verdicts, f"Verdicts on {report.payments:,} payments")
        _bars(right, held, "How often rules held")
        left.legend(loc="lower right")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "shopwright"})


def _bars(axes: Any, bars: list[tuple[str, int, int]], title: str) -> None:
    names = [name.replace("$", r"\$") for name, _, _ in bars]
    axes.barh(names, [count - fraud for _, count, fraud in bars], left=[fraud for _, _, fraud in bars], color=_OTHER, label="others")
    axes.barh(names, [fraud for _, _, fraud in bars], color=_FRAUD, label="fraud")
    axes.invert_yaxis()
    axes.set_title(title)
    axes.grid(visible=True, axis="x", alpha=0.3)
