"""A rehearsal as text for a terminal: what would have become of the payments, and how each rule did."""

from __future__ import annotations

from collections.abc import Sequence

from shopwright.payments.risk.rehearsing import Rehearsal
from shopwright.payments.risk.verdicts import Verdict

_MEANS = {
    Verdict.ALLOW: "taken",
    Verdict.BLOCK: "refused",
    Verdict.CHALLENGE: "asked for a proof",
    Verdict.REVIEW: "looked at by a person",
}


def table(report: Rehearsal) -> str:
    """The text, without a line end behind it. `fraud` counts what turned out to be one, `alone` payments whose verdict was the rule's alone."""
    if not report.payments:
        return "no payments"
    frauds = dict(report.frauds)
    verdicts = [("would be", "payments", "", "fraud")]
    verdicts += [(_MEANS[it], f"{count:,}", _part(count, report.payments), f"{frauds.get(it, 0):,}") for it, count in report.verdicts]
    verdicts.append(("all", f"{report.payments:,}", "", f"{sum(frauds.values()):,}"))
    rules = [("rule", "fired", "", "fraud", "", "alone", "could not tell")]
    for it in sorted(report.rules, key=lambda rule: (-rule.fired, rule.rule)):
        hit = _part(it.frauds, it.fired)
        rules.append((it.rule, f"{it.fired:,}", _part(it.fired, report.payments), f"{it.frauds:,}", hit, f"{it.alone:,}", f"{it.unknown:,}"))
    return f"{_grid(verdicts)}\n\n{_grid(rules)}"


def _part(count: int, of: int) -> str:
    return f"{count * 1_000 // of / 10:.1f} %" if of else ""


def _grid(rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width; all but the first are set to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [[cell.rjust(widths[place]) if place else cell.ljust(widths[place]) for place, cell in enumerate(row)] for row in rows]
    return "\n".join("  ".join(cells).rstrip() for cells in lines)
