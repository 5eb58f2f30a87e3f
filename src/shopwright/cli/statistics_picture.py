"""A report as a picture: net sales and orders from day to day, or from week to week or month to month.

Needs the extra `pictures` (matplotlib), which is loaded when a picture is drawn. The same report gives the same picture, byte for byte.
"""

from __future__ import annotations

from typing import IO

from shopwright.cli.simulation_picture import check_pictures
from shopwright.errors import InvalidValue
from shopwright.money import exponent
from shopwright.statistics.reports import By, Report

TIMES = (By.DAY, By.WEEK, By.MONTH)
MOST_NAMES = 16
"""How many times are named below a picture: of more, every so many."""

_SALES, _ORDERS = "#2e86ab", "#c0392b"


def check_drawn(by: tuple[By, ...]) -> None:
    """Raise `InvalidValue` unless a report by this is drawn, and pictures can be."""
    if len(by) != 1 or by[0] not in TIMES:
        raise InvalidValue(f"a report is drawn by one of {', '.join(TIMES)} alone, got {', '.join(by) or 'nothing'}")
    check_pictures()


def draw(report: Report, out: IO[bytes]) -> None:
    """Write the picture as SVG. Raises `InvalidValue` for a report by anything but one time, and where matplotlib is missing."""
    check_drawn(report.by)
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    unit = 10 ** exponent(report.currency) if report.currency else 1
    times = [row.key[0] for row in report.rows]
    places = range(len(times))
    with rc_context({"svg.hashsalt": "shopwright", "svg.fonttype": "none"}):
        figure = Figure(figsize=(11, 5), layout="constrained")
        sales = figure.subplots()
        orders = sales.twinx()
        sales.bar(places, [row.tally.net / unit for row in report.rows], color=_SALES, label="net sales")
        orders.plot(places, [row.tally.placed for row in report.rows], color=_ORDERS, marker=".", label="orders placed")
        every = max(1, -(-len(times) // MOST_NAMES))
        sales.set_xticks(places[::every], times[::every], rotation=30, ha="right")
        sales.set_title(f"{report.total.placed:,} orders from {report.since} to {report.until} ({report.zone})")
        sales.set_ylabel(f"net sales in {report.currency}" if report.currency else "net sales")
        orders.set_ylabel("orders placed")
        orders.set_ylim(bottom=0)
        sales.grid(visible=True, axis="y", alpha=0.3)
        figure.legend(loc="outside upper right")
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": "shopwright"})
