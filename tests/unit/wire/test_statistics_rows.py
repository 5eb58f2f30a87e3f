"""Reports as CSV."""

from __future__ import annotations

import csv
from datetime import date

from shopwright.statistics.counting import Place
from shopwright.statistics.reports import By, Report, report_of
from shopwright.statistics.tallies import Dimension, Tally
from shopwright.wire.statistics_rows import COLUMNS, report_lines

DAY = date(2026, 3, 1)
SHOP = Tally(placed=3, canceled=1, gross=10_000, called_off=2_500, shipping=400, visits=7)


def told(report: Report) -> list[dict[str, str]]:
    """The rows of the file."""
    return list(csv.DictReader(report_lines(report)))


def report(*by: By, currency: str = "EUR", name: str = "") -> Report:
    cells = ((Place(DAY, currency, ""), SHOP), (Place(DAY, currency, "", Dimension.SELLER, name), SHOP))
    return report_of(cells, since=DAY, until=DAY, zone="UTC", currency=currency, by=by)


def test_counts_are_whole_amounts_are_decimals_and_rates_have_six_digits() -> None:
    """EXPORT-4"""
    row, total = told(report(By.DAY))
    assert (list(row)[:2], set(row) - {"day", "currency"}) == (["day", "currency"], set(COLUMNS))
    names = ("placed", "gross", "net", "total", "average_value", "cancellation_rate", "conversion_rate", "on_time_rate")
    assert [row[name] for name in names] == ["3", "100.00", "75.00", "79.00", "33.33", "0.333333", "0.428571", ""]
    assert (row["day"], total["day"], total["placed"]) == ("2026-03-01", "total", "3")


def test_amounts_have_the_digits_of_the_currency() -> None:
    """EXPORT-4"""
    assert told(report(currency="JPY"))[0]["gross"] == "10000"
    assert told(report(currency="KWD"))[0]["gross"] == "10.000"


def test_no_spreadsheet_runs_the_name_of_a_seller() -> None:
    """EXPORT-2, EXPORT-4"""
    row, _ = told(report(By.SELLER, By.DAY, name="=cmd"))
    assert (row["seller"], row["day"]) == ("'=cmd", "2026-03-01")
