"""Report what was counted: read the tallies of the days that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.money import exponent
from shopwright.ports.storage import Match, Query, Where
from shopwright.statistics.reports import By, Report, check_by, dimension_of, report_of
from shopwright.statistics.tallies import Dimension
from shopwright.wire.statistics_kinds import DayTally, shelf

PAGE = 1_000


def report(ports: Ports, *, since: date, until: date, by: Sequence[By] = (By.DAY,), currency: str = "") -> Report:
    """What was counted from one day to another, both of them too. Without a `currency` it is the only one that something was counted in.

    Raises `InvalidValue` for days that are none or stand the wrong way round, for what no report is by, for what is no currency, and where there are
    several currencies.
    """
    for day in (since, until):
        if type(day) is not date:
            raise InvalidValue(f"expected a day as a date such as date(2026, 3, 1), got {day!r}")
    if until < since:
        raise InvalidValue(f"expected a report to end on the day that it begins or later, got {since} to {until}; swap the two")
    rows_by = check_by(by)
    if currency:
        exponent(currency)
    found = list(_found(ports, Dimension.SHOP, since, until))
    if dimension_of(rows_by) is not Dimension.SHOP:
        found += _found(ports, dimension_of(rows_by), since, until)
    named = currency or _only({it.place.currency for it in found} - {""})
    cells = [(it.place, it.tally) for it in found]
    return report_of(cells, since=since, until=until, zone=ports.statistics.zone, currency=named, by=rows_by)


def _found(ports: Ports, dimension: Dimension, since: date, until: date) -> Iterator[DayTally]:
    book, after = ports.statistics.book, ""
    where = (Where("shelf", Match.AT_LEAST, shelf(book, dimension, since)), Where("shelf", Match.AT_MOST, shelf(book, dimension, until)))
    while True:
        page = ports.storage.find(Query(DayTally, where=where, order_by="shelf", limit=PAGE, after=after))
        yield from [stored.value for stored in page.items]
        if not page.next:
            return
        after = page.next


def _only(currencies: set[str]) -> str:
    if len(currencies) > 1:
        raise InvalidValue(f"a report is of one currency, and these were counted: {', '.join(sorted(currencies))}; name one of them")
    return next(iter(currencies), "")
