"""Trails in the storage: read with their versions, written with what happened, so that of two that happen at once the second sees the first.

Rules
- RISK-12: whoever notes something reads the trails, adds to them and names the versions that were read; whoever was slower reads again, so no count
  is lost, and what was noted under its key is noted once;
- RISK-13: what is noted counts as no earlier than what stands on its trails already, as far as clocks of workers differ (`SKEW`), so that each sees
  all that was noted before it;
- a trail under an older key is brought under the first when it is touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from attrs import evolve, field, frozen

from shopwright.flows.ports import Ports
from shopwright.flows.risk.links import Hashed
from shopwright.payments.risk.velocities import Happening, Link, Trail, merged, noted, trail_id
from shopwright.ports.storage import Drop, Put, Stored

SKEW = timedelta(minutes=5)
"""How far the clocks of workers may differ."""

Links = tuple[tuple[Link, str], ...]


@frozen
class Trails:
    """Some trails as they were read, and as they are now."""

    read: dict[str, Stored[Trail]]
    now: dict[str, Trail]
    gone: tuple[str, ...] = field(default=())

    @property
    def puts(self) -> tuple[Put, ...]:
        """What has changed, to be written."""
        return tuple([Put(id, trail, self._version(id)) for id, trail in sorted(self.now.items()) if trail != self._before(id)])

    @property
    def drops(self) -> tuple[Drop, ...]:
        """What was brought under another key."""
        return tuple([Drop(Trail, id) for id in self.gone])

    def _version(self, id: str) -> int:
        return self.read[id].version if id in self.read else 0

    def _before(self, id: str) -> Trail | None:
        return self.read[id].value if id in self.read else None

    def moment(self, at: datetime) -> datetime:
        """This time, or that of the latest that is noted here, where clocks may differ by so much (RISK-13)."""
        latest = max([trail.happenings[-1].at for trail in self.now.values() if trail.happenings], default=at)
        return latest if at < latest <= at + SKEW else at

    def note(self, links: Links, asked: frozenset[Link], happening: Happening, *, keep: timedelta) -> None:
        """Note what happened on the trails of those links that are asked for."""
        for link, value in links:
            if link in asked:
                id = trail_id(link, value)
                self.now[id] = noted(self.now.get(id, Trail(id=id)), happening, keep=keep)


def trails(ports: Ports, links: Iterable[tuple[Link, str]], asked: frozenset[Link], *, fresh: tuple[Hashed, ...] = ()) -> Trails:
    """The trails of those links that are asked for, with what stands under older keys."""
    ids = {trail_id(link, value) for link, value in links if link in asked}
    older = {trail_id(it.link, old): trail_id(it.link, it.value) for it in fresh if it.link in asked for old in it.older}
    older = {old: new for old, new in older.items() if new in ids}
    read = ports.storage.load_many(Trail, sorted(ids | older.keys())) if ids else {}
    now = {id: read[id].value for id in ids if id in read}
    for old, new in older.items():
        if old in read:
            now[new] = merged(now.get(new, Trail(id=new)), evolve(read[old].value, id=new))
    return Trails(read, now, tuple(sorted(old for old in older if old in read)))


def links_of(happened_with: Links, distinct: frozenset[Link]) -> Links:
    """Those links that have to be remembered with what happened, since rules count them."""
    return tuple([(link, value) for link, value in happened_with if link in distinct])
