"""Reports: what was counted between two days, in rows by whatever somebody wants to see, with rates, as text and as cells.

Rules
- STAT-16: both days of a report count; weeks are those of ISO 8601 and months those of the calendar, as far as they lie between the two;
- STAT-17: a report is of one currency; visits have none and stand in every report, in the rows of days and channels;
- STAT-18: the total of a report by categories or sellers is that of the shop, so that an order with two of them counts once in it (STAT-8);
- STAT-19: a row stands for whatever something was counted of, and rows are in the order of their keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction

from attrs import field, frozen

from shopwright.edges import of
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.statistics.counting import Place
from shopwright.statistics.tallies import NOTHING, Dimension, Tally


class By(StrEnum):
    """What a report has rows by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    CHANNEL = "channel"
    CATEGORY = "category"
    SELLER = "seller"


_TIMES = frozenset({By.DAY, By.WEEK, By.MONTH})
_DIMENSIONS = {By.CATEGORY: Dimension.CATEGORY, By.SELLER: Dimension.SELLER}


@frozen
class Row:
    """What was counted for one key: as many texts as the report is by."""

    key: tuple[str, ...]
    tally: Tally


@frozen(kw_only=True)
class Report:
    """What was counted from the day `since` to the day `until`, both of them too, by the calendar of the zone; amounts in minor units of the
    currency.
    """

    since: date = field(validator=of(date))
    until: date = field(validator=of(date))
    zone: str
    currency: str
    by: tuple[By, ...]
    rows: tuple[Row, ...]
    total: Tally

    def row(self, *key: str) -> Tally:
        """What was counted for a key; nothing where it has no row."""
        return next((it.tally for it in self.rows if it.key == key), NOTHING)

    def as_table(self) -> str:
        """The report as text for a terminal, without a line end behind it."""
        lines = [self.heads(), *[self.cells(row.key, row.tally) for row in self.rows], self.cells(("total",), self.total)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
        said = len(self.by) or 1
        return "\n".join(["  ".join([_aligned(text, widths[at], at < said) for at, text in enumerate(line)]).rstrip() for line in lines])

    def heads(self) -> tuple[str, ...]:
        """What the cells of a row are."""
        return (*([by.value for by in self.by] or [""]), *[name for name, _ in COLUMNS])

    def cells(self, key: tuple[str, ...], tally: Tally) -> tuple[str, ...]:
        """A row as text: amounts in units of the currency, rates in percent, a dash where there is nothing to tell."""
        said = len(self.by) or 1
        return (*key, *[""] * (said - len(key)), *[_told(getattr(tally, name), kind, self.currency) for name, kind in COLUMNS])


class Told(StrEnum):
    """How a number is told."""

    COUNT = "count"
    AMOUNT = "amount"
    RATE = "rate"


COLUMNS = (
    ("placed", Told.COUNT),
    ("canceled", Told.COUNT),
    ("units", Told.COUNT),
    ("gross", Told.AMOUNT),
    ("discounts", Told.AMOUNT),
    ("net", Told.AMOUNT),
    ("total", Told.AMOUNT),
    ("refunds", Told.AMOUNT),
    ("average_value", Told.AMOUNT),
    ("cancellation_rate", Told.RATE),
    ("return_rate", Told.RATE),
    ("on_time_rate", Told.RATE),
    ("visits", Told.COUNT),
    ("conversion_rate", Told.RATE),
)
"""What a row of text tells, in its order."""


def check_by(by: Sequence[By]) -> tuple[By, ...]:
    """What a report is by; raises `InvalidValue` for what it cannot be by."""
    if isinstance(by, str) or not isinstance(by, tuple | list) or not all(isinstance(it, By) for it in by):
        raise InvalidValue(f"expected by as a tuple of By, got {by!r}; allowed: {', '.join(By)}")
    if len(set(by)) < len(by) or len(_TIMES & set(by)) > 1 or len(_DIMENSIONS.keys() & set(by)) > 1:
        told = "a report is by one of day, week and month, by channel, and by one of category and seller, each once"
        raise InvalidValue(f"{told}; got {', '.join(by)}")
    return tuple(by)


def dimension_of(by: tuple[By, ...]) -> Dimension:
    """What the rows of a report are made of."""
    return next((_DIMENSIONS[it] for it in by if it in _DIMENSIONS), Dimension.SHOP)


def report_of(cells: Iterable[tuple[Place, Tally]], *, since: date, until: date, zone: str, currency: str, by: tuple[By, ...]) -> Report:
    """The report over what was counted, of which other days, currencies and dimensions are left out."""
    dimension, total = dimension_of(by), NOTHING
    rows: dict[tuple[str, ...], Tally] = {}
    for place, tally in cells:
        if not since <= place.day <= until or place.currency not in ("", currency):
            continue
        if place.dimension is Dimension.SHOP:
            total = total.plus(tally)
        if place.dimension is dimension:
            key = tuple([_key(it, place) for it in by])
            rows[key] = rows.get(key, NOTHING).plus(tally)
    found = tuple([Row(key, rows[key]) for key in sorted(rows) if rows[key] != NOTHING]) if by else ()
    return Report(since=since, until=until, zone=zone, currency=currency, by=by, rows=found, total=total)


def _key(by: By, place: Place) -> str:
    match by:
        case By.DAY:
            return place.day.isoformat()
        case By.WEEK:
            year, week, _ = place.day.isocalendar()
            return f"{year:04}-W{week:02}"
        case By.MONTH:
            return f"{place.day:%Y-%m}"
        case By.CHANNEL:
            return place.channel
        case By.CATEGORY | By.SELLER:
            return place.name


def _told(number: int | Fraction | None, kind: Told, currency: str) -> str:
    if number is None:
        return "-"
    if kind is Told.RATE:
        return f"{round(number * 10_000) / 100:.2f} %"
    if kind is Told.AMOUNT:
        return str(Money(round(number), currency).decimal) if currency else "-"
    return str(number)


def _aligned(text: str, width: int, is_left: bool) -> str:
    return text.ljust(width) if is_left else text.rjust(width)
