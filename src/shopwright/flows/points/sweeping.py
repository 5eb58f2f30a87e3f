"""Write off points whose time is over, and let go what was held for too long. A host runs it every hour or day, in as many workers as it likes: what
can be spent follows from the clock, whether this has run or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from shopwright import loyalty
from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.points.saving import TRIES, Kept, changes_of, written
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.sweeping import Progress
from shopwright.loyalty.account import Account
from shopwright.loyalty.entries import Cause, PointsExpired
from shopwright.loyalty.reversing import Earning
from shopwright.ports.edge import check_integer
from shopwright.ports.storage import Match, Operation, Query, Where

WRITTEN_OFF = Cause(reason="their time was over")

PAGE = 200


def expire_points(ports: Ports, *, at: datetime, limit: int = 10_000, progress: Progress | None = None) -> int:
    """Write off what has lapsed in at most `limit` accounts, the longest lapsed first; how many points that were.

    Each step is a changeset of its own, keyed by where its account stands: whatever crashes in between, no point is written off twice, and what
    is left is found by the next sweep. Raises `InvalidValue` for a limit below 1 and a progress that cannot be called.
    """
    check_integer("limit", limit, least=1)
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    at, points = moment(at), 0
    for seen, id in enumerate(_lapsing(ports, at), 1):
        with suppress(VersionConflict):  # somebody keeps changing it; the next sweep finds it again
            points += _written_off(ports, id, at)
        if progress is not None:
            progress("points", seen)
        if seen >= limit:
            break
    return points


def _lapsing(ports: Ports, at: datetime) -> Iterator[str]:
    after, where = "", (Where("lapses_at", Match.AT_MOST, at),)
    while True:
        page = ports.storage.find(Query(Account, where=where, order_by="lapses_at", limit=PAGE, after=after))
        yield from [stored.value.id for stored in page.items]
        if not page.next:
            return
        after = page.next


def _written_off(ports: Ports, id: str, at: datetime) -> int:
    """Write off what has lapsed in one account, step by step."""
    points, conflicts = 0, 0
    while True:
        stored = ports.storage.load(Account, id)
        posted = loyalty.write_off(Account(id) if stored is None else stored.value, cause=WRITTEN_OFF, at=at)
        if stored is None or not posted.entries:
            return points
        lots = {part.id for entry in posted.entries if isinstance(entry, PointsExpired) for part in entry.parts}
        earnings = ports.storage.load_many(Earning, lots) if lots else {}
        versions = {id: it.version for id, it in earnings.items()}
        after = [it.value.after(posted.entries) for it in earnings.values()]
        changes = changes_of(Kept(stored.value, stored.version), posted, *after, versions=versions)
        op = Operation(fitted(f"points/{id}/{stored.value.entry_count}"), "write off", id)
        try:
            if written(ports, changes, op, at=at) is True:
                points -= sum([entry.change for entry in posted.entries])
        except VersionConflict:
            conflicts += 1
            if conflicts >= TRIES or ports.storage.is_joined:
                raise
