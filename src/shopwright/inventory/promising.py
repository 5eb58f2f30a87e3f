"""When goods that are not there will be: each promise gets a moment from what is on its way, the oldest promise first.

Rules
- units that come in go to promises in the order in which those were made (STOCK-4);
- a promise is due when its last unit is there, and never before the goods may leave;
- what is on its way and late counts as coming now: nobody is told a moment that is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen

from shopwright.edges import MOST, aware, whole
from shopwright.inventory.stock import Stock
from shopwright.inventory.stock_lots import units_of


@frozen
class Incoming:
    """Units that are expected at a moment."""

    units: int = field(validator=whole(least=1, most=MOST))
    due_at: datetime = field(validator=aware)


@frozen(kw_only=True)
class DueDate:
    """When a promise can leave; `None` where not enough is on its way."""

    promise_id: str
    due_at: datetime | None


def due_dates(stock: Stock, incoming: Iterable[Incoming], *, at: datetime) -> tuple[DueDate, ...]:
    """When each promise can leave, in the order in which they get units."""
    least = max(at, stock.keeping.releases_at or at)
    coming = [(units_of(stock.sellable(at)), least)]
    coming += [(it.units, max(least, it.due_at)) for it in sorted(incoming, key=lambda it: it.due_at)]
    wanted, found = 0, []
    for promised in stock.in_line(at):
        wanted += promised.units
        found.append(DueDate(promise_id=promised.id, due_at=_when(coming, wanted)))
    return tuple(found)


def due_date_of(stock: Stock, units: int, incoming: Iterable[Incoming], *, at: datetime) -> datetime | None:
    """When so many more units could leave, behind all promises and what is kept for safety; `None` where not enough is on its way."""
    least = max(at, stock.keeping.releases_at or at)
    coming = [(units_of(stock.sellable(at)), least)]
    coming += [(it.units, max(least, it.due_at)) for it in sorted(incoming, key=lambda it: it.due_at)]
    return _when(coming, units + stock.position(at).held + stock.keeping.safety)


def _when(coming: Iterable[tuple[int, datetime]], wanted: int) -> datetime | None:
    there = 0
    for units, due_at in coming:
        there += units
        if there >= wanted:
            return due_at
    return None
