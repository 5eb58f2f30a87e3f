"""The desk of exceptions: one inbox of what is wrong with orders, and the ways out of it."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.exceptions import commands as c
from shopwright.flows.exceptions.looking import Inbox, InboxFilter, inbox
from shopwright.flows.sweeping import Progress
from shopwright.orders.order import Order
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Exceptions(Desk):
    """What is wrong with orders."""

    def inbox(self, wanted: InboxFilter | None = None, *, limit: int = 50, after: str = "", at: datetime | None = None) -> Inbox:
        """What is open, of at most `limit` orders, those that wait longest first. Raises `InvalidValue` for a wrong limit or cursor."""
        return inbox(self.ports, InboxFilter() if wanted is None else wanted, at=self._at(at), limit=limit, after=after)

    def assign(self, command: c.AssignException, *, at: datetime | None = None) -> Order | Refusal:
        """Somebody works on an exception from now on."""
        return flows.assign_exception(self.ports, command, at=self._at(at))

    def resolve(self, command: c.ResolveException, *, at: datetime | None = None) -> Order | Refusal:
        """An exception is no more."""
        return flows.resolve_exception(self.ports, command, at=self._at(at))

    def report_wrong(self, command: c.ReportWrong, *, at: datetime | None = None) -> Order | Refusal:
        """Something that the customer told is wrong: the order is held until it is corrected."""
        return flows.report_wrong(self.ports, command, at=self._at(at))

    def report_missing(self, command: c.ReportMissing, *, at: datetime | None = None) -> Order | Refusal:
        """Units are not on the shelf: they are held back, and the others can be shipped."""
        return flows.report_missing(self.ports, command, at=self._at(at))

    def cancel_units(self, command: c.CancelUnits, *, at: datetime | None = None) -> Order | Refusal:
        """Call open units off, and give back what was paid for them."""
        return flows.cancel_units(self.ports, command, at=self._at(at))

    def move_promise(self, command: c.MovePromise, *, at: datetime | None = None) -> Order | Refusal:
        """Promise an order for another time."""
        return flows.move_promise(self.ports, command, at=self._at(at))

    def reship(self, command: c.ReshipUnits, *, at: datetime | None = None) -> Order | Refusal:
        """Deliver units once more at no charge."""
        return flows.reship_units(self.ports, command, at=self._at(at))

    def sweep_late(self, *, at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None) -> flows.LateSwept:
        """Note the orders that are late by now, tell their customers, and give what is owed for it by `Shop(late=LateTerms(...))`."""
        return flows.sweep_late(self.ports, at=self._at(at), limit=limit, progress=progress)
