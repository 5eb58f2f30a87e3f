"""Reports over what was counted: which days, in which rows, and how they read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shopwright.errors import InvalidValue
from shopwright.statistics.counting import Place
from shopwright.statistics.reports import COLUMNS, By, Report, Row, check_by, report_of
from shopwright.statistics.tallies import NOTHING, Dimension, Tally
from shopwright.statistics.terms import StatisticsTerms

EVE, DAY, NEXT = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)
SHOP, CATEGORY = Dimension.SHOP, Dimension.CATEGORY
CELLS = (
    (Place(EVE, "EUR", "web"), Tally(placed=1, gross=100)),
    (Place(DAY, "EUR", "web"), Tally(placed=2, gross=300)),
    (Place(NEXT, "EUR", "app"), Tally(placed=1, gross=500)),
    (Place(NEXT, "JPY", "app"), Tally(placed=7, gross=9_000)),
    (Place(NEXT, "", "app"), Tally(visits=4, visitors=3)),
    (Place(NEXT, "EUR", "app", CATEGORY, "drinks"), Tally(placed=1, gross=200)),
    (Place(NEXT, "EUR", "app", CATEGORY, "dishes"), Tally(placed=1, gross=300)),
)


def report(*by: By, **facts: Any) -> Report:
    """A report over all of it, in euros."""
    return report_of(CELLS, **{"since": EVE, "until": NEXT, "zone": "UTC", "currency": "EUR", "by": by, **facts})


def rows(found: Report) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """Orders, gross sales and visits of each row."""
    return {row.key: (row.tally.placed, row.tally.gross, row.tally.visits) for row in found.rows}


def test_both_days_of_a_report_count_and_no_others() -> None:
    """STAT-16"""
    assert rows(report(By.DAY, since=DAY, until=DAY)) == {("2026-03-01",): (2, 300, 0)}
    assert report(By.DAY, since=EVE, until=DAY).total == Tally(placed=3, gross=400)


def test_weeks_and_months_are_those_of_the_calendar() -> None:
    """STAT-16"""
    assert rows(report(By.WEEK)) == {("2026-W09",): (3, 400, 0), ("2026-W10",): (1, 500, 4)}
    assert rows(report(By.MONTH)) == {("2026-02",): (1, 100, 0), ("2026-03",): (3, 800, 4)}
    first = report_of(
        [(Place(date(2027, 1, 1), "EUR", ""), Tally(placed=1))], since=EVE, until=date(2027, 1, 1), zone="UTC", currency="EUR", by=(By.WEEK,)
    )
    assert [row.key for row in first.rows] == [("2026-W53",)]


def test_a_report_is_of_one_currency_and_visits_stand_in_all() -> None:
    """STAT-17"""
    assert rows(report(By.CHANNEL, currency="JPY")) == {("app",): (7, 9_000, 4)}
    assert rows(report(By.DAY, By.CHANNEL))["2026-03-02", "app"] == (1, 500, 4)


def test_the_total_by_categories_is_that_of_the_shop() -> None:
    """STAT-18"""
    found = report(By.CATEGORY)
    assert rows(found) == {("dishes",): (1, 300, 0), ("drinks",): (1, 200, 0)}
    assert (found.total.placed, found.total.gross, found.total.visits) == (4, 900, 4)


def test_a_row_stands_for_what_was_counted_in_the_order_of_keys() -> None:
    """STAT-19"""
    cells = ((Place(NEXT, "EUR", ""), Tally(placed=1)), (Place(DAY, "EUR", ""), NOTHING), (Place(EVE, "EUR", ""), Tally(refunds=5)))
    found = report_of(cells, since=EVE, until=NEXT, zone="UTC", currency="EUR", by=(By.DAY,))
    assert found.rows == (Row(("2026-02-28",), Tally(refunds=5)), Row(("2026-03-02",), Tally(placed=1)))
    assert (found.row("2026-02-28"), found.row("2026-03-01")) == (Tally(refunds=5), NOTHING)


def test_a_report_by_nothing_is_its_total() -> None:
    found = report()
    assert (found.rows, found.total.placed) == ((), 4)


def test_a_report_reads_as_a_table() -> None:
    lines = report(By.CHANNEL).as_table().splitlines()
    assert [line.split() for line in lines] == [
        ["channel", *[name for name, _ in COLUMNS]],
        "app 1 0 0 5.00 0.00 5.00 5.00 0.00 5.00 0.00 % - - 4 25.00 %".split(),
        "web 3 0 0 4.00 0.00 4.00 4.00 0.00 1.33 0.00 % - - 0 -".split(),
        "total 4 0 0 9.00 0.00 9.00 9.00 0.00 2.25 0.00 % - - 4 100.00 %".split(),
    ]
    assert report_of((), since=EVE, until=NEXT, zone="UTC", currency="", by=()).cells(("total",), NOTHING)[:5] == ("total", "0", "0", "0", "-")


@pytest.mark.parametrize("by", ["day", (By.DAY, By.DAY), (By.DAY, By.WEEK), (By.CATEGORY, By.SELLER), ("day",), None, 7], ids=str)
def test_what_a_report_cannot_be_by_is_refused(by: Any) -> None:
    with pytest.raises(InvalidValue, match=r"allowed: day|each once"):
        check_by(by)


@pytest.mark.parametrize("facts", [{"zone": "Mars/Olympus"}, {"zone": 7}, {"edition": 0}, {"visits": None}], ids=str)
def test_terms_that_make_no_sense_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="StatisticsTerms"):
        StatisticsTerms(**facts)


def test_another_zone_and_another_edition_are_other_books() -> None:
    """COUNT-3"""
    assert len({StatisticsTerms().book, StatisticsTerms(edition=2).book, StatisticsTerms(zone="Europe/Berlin").book}) == 3
