"""The desk of exceptions: one inbox of what is wrong with orders, and the ways out of it."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.exceptions import commands as c
from shopwright.flows.exceptions.looking import Inbox, InboxFilter, inbox
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
