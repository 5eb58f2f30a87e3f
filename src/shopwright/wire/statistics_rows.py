"""Reports as CSV for spreadsheets and other programs: a line for each row, with all that was counted and the rates.

Rules
- EXPORT-4: counts are whole, amounts decimal text with the digits of the currency, and rates decimal text with six digits, or empty where there is
  nothing to rate; the total is the last line, under the key `total`; texts are what EXPORT-2 makes of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attrs import fields

from shopwright.money import Money
from shopwright.statistics.reports import Report
from shopwright.statistics.tallies import Tally
from shopwright.wire.order_rows import csv_line, safe_cell

AMOUNTS = frozenset(
    "gross discounts called_off given_back allowed net shipping shipping_off taxes taxes_off taxes_within total refunds average_value".split()
)
"""What is an amount, in minor units."""

RATES = ("cancellation_rate", "return_rate", "on_time_rate", "conversion_rate", "cart_rate", "checkout_rate")
"""What is a share of one."""

COLUMNS = (*[it.name for it in fields(Tally)], "net", "total", "average_value", *RATES)
"""The columns behind the key, in their order; new ones come at the end."""


def report_lines(report: Report) -> Iterator[str]:
    """The lines of a CSV file, the header first."""
    keys = [it.value for it in report.by] or ["key"]
    yield csv_line([*keys, "currency", *COLUMNS])
    for row in report.rows:
        yield _line(report, [safe_cell(text) for text in row.key], row.tally)
    yield _line(report, ["total", *[""] * (len(keys) - 1)], report.total)


def _line(report: Report, key: list[str], tally: Tally) -> str:
    return csv_line([*key, report.currency, *[_told(name, getattr(tally, name), report.currency) for name in COLUMNS]])


def _told(name: str, number: int | Fraction | None, currency: str) -> str:
    if number is None:
        return ""
    if name in AMOUNTS:
        return str(Money(round(number), currency).decimal) if currency else ""
    if name in RATES:
        return f"{round(number * 1_000_000) / 1_000_000:.6f}"
    return str(number)
