"""The trace of a price as a table for the terminal, and as plain data: both say what the entries say, in their order, and can be diffed.

print(trace_table(quote.trace, currency=quote.currency))
json.dumps(trace_data(quote.trace))
"""

from __future__ import annotations

from shopwright.money import Money
from shopwright.pricing.trace import TraceStep, explain
from shopwright.promotions.telling import printable, width
from shopwright.refusals import Fact

Plain = Fact | list[int] | dict[str, Fact]

_HEAD = ("step", "rule", "version", "amount", "then", "why")
_RIGHT = frozenset({"version", "amount", "then"})


def trace_table(trace: tuple[TraceStep, ...], *, currency: str) -> str:
    """A row for each entry, in columns of plain text: step, rule and version, what it changed, what the price came to, and why in words.

    Empty for an empty trace. Raises what `Money` raises for a currency that nobody knows.
    """
    if not trace:
        return ""
    rows = [_HEAD, *[_row(entry, said, currency) for entry, said in zip(trace, explain(trace, currency=currency), strict=False)]]
    widths = [max(width(row[column]) for row in rows) for column in range(len(_HEAD))]
    return "\n".join("  ".join(map(_cell, _HEAD, row, widths)).rstrip() for row in rows)


def _row(entry: TraceStep, said: str, currency: str) -> tuple[str, ...]:
    step, rule = entry.step.replace("_", " "), entry.rule or "-"
    amount = str(Money(entry.amount, currency)) if entry.amount else "-"
    version = str(entry.rule_version) if entry.rule_version else "-"
    return tuple(map(printable, (step, rule, version, amount, str(Money(entry.after, currency)), said)))


def _cell(name: str, text: str, column: int) -> str:
    space = " " * (column - width(text))
    return space + text if name in _RIGHT else text + space


def trace_data(trace: tuple[TraceStep, ...]) -> list[dict[str, Plain]]:
    """Each entry as plain data; amounts are minor units. Keys and their order are the same every time, and nothing is left out for being empty."""
    return [
        {
            "step": entry.step,
            "code": entry.code,
            "rule": entry.rule,
            "version": entry.rule_version,
            "before": entry.before,
            "amount": entry.amount,
            "after": entry.after,
            "parts": list(entry.parts),
            "rounding": entry.rounding,
            "note": entry.note,
            "line": entry.line_no,
            "facts": dict(sorted(entry.facts)),
        }
        for entry in trace
    ]
