"""The points of all accounts for the books of the shop, counted from their entries by when they were earned.

Rules
- the whole stream of points is read once, in pages; what is kept meanwhile is the cohorts and the lots that wait;
- reading ends at the first page that is not full, so that it ends however busy the shop is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shopwright.flows.ports import Ports
from shopwright.flows.sweeping import Progress
from shopwright.loyalty.cohorts import Counted, count
from shopwright.loyalty.entries import PointsEntry
from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.naming import POINTS as POINTS_KIND
from shopwright.loyalty.naming import kind_of
from shopwright.periods import Zone
from shopwright.ports.storage import START
from shopwright.wire.kinds import POINTS

PAGE = 1_000


def counted_points(
    ports: Ports,
    *,
    as_of: datetime,
    zone: Zone,
    unit: EndOf = EndOf.MONTH,
    points: str = POINTS_KIND,
    known_at: datetime | None = None,
    progress: Progress | None = None,
) -> tuple[Counted, ...]:
    """Points of one kind by when they were earned, as they were at a moment; see `shopwright.loyalty.cohorts.count`.

    `progress` is told `"points"` and how many entries were read so far.
    """
    return count(_entries(ports, points, progress), as_of=as_of, zone=zone, unit=unit, known_at=known_at)


def _entries(ports: Ports, points: str, progress: Progress | None) -> Iterator[tuple[str, PointsEntry]]:
    after, read, full = START, 0, True
    while full:
        page = ports.storage.read(POINTS, after=after, limit=PAGE)
        yield from [(recorded.key, recorded.value) for recorded in page if kind_of(recorded.key) == points]
        after, read, full = page[-1].position if page else after, read + len(page), len(page) == PAGE
        if progress is not None:
            progress("points", read)
