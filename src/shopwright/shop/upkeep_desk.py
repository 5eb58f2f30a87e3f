"""The desk of upkeep: what a host calls again and again, so that the shop does what is due."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.sweeping import Progress
from shopwright.shop.desks import Desk


@frozen
class Upkeep(Desk):
    """What a shop does by itself as time passes."""

    def sweep(self, *, at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None) -> flows.SweptShop:
        """Do all that is due by now, of orders, cases and late orders, at most `limit` of each. A host calls it every minute or so, in any worker."""
        return flows.sweep_shop(self.ports, at=self._at(at), limit=limit, progress=progress)
