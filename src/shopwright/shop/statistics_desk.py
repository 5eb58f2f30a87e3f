"""The desks of what a shop counts: its statistics, and the visits that they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from attrs import frozen

from shopwright import flows
from shopwright.flows.statistics.commands import RecordVisits
from shopwright.flows.statistics.reporting import report
from shopwright.shop.desks import Desk
from shopwright.statistics.reports import By, Report


@frozen
class Statistics(Desk):
    """Orders, sales and visits by day, channel, category and seller, as the `StatisticsTerms` of the shop count them."""

    def follow(self, *, at: datetime | None = None, limit: int = 500) -> int:
        """Count what happened since the last time, `limit` records of each stream at most; how many those were, 0 when there is nothing new."""
        return flows.follow_statistics(self.ports, at=self._at(at), limit=limit)

    def report(self, *, since: date, until: date, by: Sequence[By] = (By.DAY,), currency: str = "") -> Report:
        """What was counted from one day to another, both of them too; see `shopwright.flows.statistics.reporting.report`."""
        return report(self.ports, since=since, until=until, by=by, currency=currency)


@frozen
class Visits(Desk):
    """Who looks around in the shop, as its host tells it."""

    def record(self, command: RecordVisits, *, at: datetime | None = None) -> int:
        """Record a batch of steps, once; how many those are."""
        return flows.record_visits(self.ports, command, at=self._at(at))

    def forget(self, *, after: timedelta = timedelta(days=2), at: datetime | None = None, limit: int = 10_000) -> int:
        """Forget visitors who were not seen for so long; how many those were."""
        return flows.forget_visitors(self.ports, at=self._at(at), after=after, limit=limit)
