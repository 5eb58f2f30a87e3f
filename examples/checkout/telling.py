"""A checkout as a table for a terminal, and several of them as a picture of the money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from script import Checkout

import shopwright as sw

WIDTH, ROW, LEFT, TOP = 900, 26, 190, 60
COLORS = {"taken": "#2a6f97", "given back": "#e07a5f", "fee": "#8d99ae", "kept": "#588157"}


def table(found: Checkout) -> Iterator[str]:
    """The lines of a table: each step, and then the books."""
    yield f"{found.name}, in {found.currency}"
    yield f"  {'step':<16} {'payment':<16} {'shop: taken':>12} {'back':>9} {'other side: taken':>19} {'back':>9}"
    for step in found.steps:
        ours, theirs = [_plain(it, found) for it in step.ours], [_plain(it, found) for it in step.theirs]
        yield f"  {step.name:<16} {step.state:<16} {ours[0]:>12} {ours[1]:>9} {theirs[0]:>19} {theirs[1]:>9}"
    report = found.report
    if report is None:
        yield "  reconcile        the gateway keeps no ledger"
        return
    for it in report.sums:
        facts = f"ours {_plain(it.ours, found)}, theirs {_plain(it.theirs, found)}, fees {_plain(it.fees, found)}"
        yield f"  reconcile        {report.lines} lines, {report.matched} matched, {report.broken} breaks: {facts}"
    for found_break in report.breaks:
        yield f"    {found_break.kind} {found_break.what} {found_break.ours} {found_break.theirs}"


def _plain(minor: int, found: Checkout) -> str:
    return str(sw.Money(minor, found.currency)).rpartition(" ")[0] or str(sw.Money(minor, found.currency))


def picture(checkouts: Sequence[Checkout]) -> str:
    """An SVG: for each gateway a bar of what was taken, what went back, what the provider kept, and what is left."""
    height = TOP + len(checkouts) * (5 * ROW) + 20
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        '<text x="20" y="30" font-size="18">Where the money of one checkout went</text>',
    ]
    for number, it in enumerate(checkouts):
        drawn += _bars(it, TOP + number * 5 * ROW)
    return "\n".join([*drawn, "</svg>", ""])


def _bars(found: Checkout, top: int) -> Iterator[str]:
    """A waterfall: each bar begins where the one before it has ended."""
    taken, back = found.steps[-1].ours
    fee = 0 if found.report is None else sum([it.fees for it in found.report.sums])
    scale = (WIDTH - LEFT - 150) / taken
    bars = (("taken", 0, taken), ("given back", taken - back, back), ("fee", taken - back - fee, fee), ("kept", 0, taken - back - fee))
    yield f'<text x="20" y="{top + ROW}" font-size="15" font-weight="bold">{escape(found.name)}</text>'
    equal = "books are equal" if found.is_equal else "books differ"
    yield f'<text x="20" y="{top + 2 * ROW}" fill="{COLORS["kept"] if found.is_equal else COLORS["given back"]}">{equal}</text>'
    for row, (name, begin, amount) in enumerate(bars):
        x, y, width = LEFT + begin * scale, top + row * ROW + 8, max(1.0, amount * scale)
        yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 6}" fill="{COLORS[name]}"/>'
        told = escape(f"{name} {sw.Money(amount, found.currency)}")
        yield f'<text x="{LEFT + taken * scale + 10:.1f}" y="{y + 15}">{told}</text>'
