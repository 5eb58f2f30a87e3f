"""What a shop keeps of its statistics: the tallies of days, what was counted of each order and visitor, and the stream of visits."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from shopwright.ports.kinds import Index, IndexType, Kind, RecordType
from shopwright.statistics.counting import CountedSale, Place
from shopwright.statistics.tallies import Dimension, Tally
from shopwright.statistics.visits import StepSeen, VisitorSeen

VISITS = "visits"
"""The stream of what visitors do: each step once, under a key of its own, as its first and only record."""


@frozen(kw_only=True)
class DayTally:
    """What was counted in one place by the terms that `book` stands for."""

    id: str
    book: str
    place: Place
    tally: Tally


@frozen(kw_only=True)
class KnownVisitor:
    """What is kept of a visitor until they are forgotten."""

    id: str
    seen: VisitorSeen


def shelf(book: str, dimension: Dimension, day: date) -> str:
    """What the tallies of a day are found by, so that those between two days stand together."""
    return f"{book}/{dimension.value}/{day.isoformat()}"


DOCUMENTS = (
    Kind("day_tally", DayTally, indexes=(Index("shelf", IndexType.TEXT, lambda it: shelf(it.book, it.place.dimension, it.place.day)),)),
    Kind("counted_sale", CountedSale),
    Kind("known_visitor", KnownVisitor, indexes=(Index("last_at", IndexType.TIME, lambda it: it.seen.last_at),), erasable=True),
)

RECORDS = (RecordType("StepSeen", StepSeen),)
