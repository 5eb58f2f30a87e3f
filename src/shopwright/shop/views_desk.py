"""The desk of saved views: what staff look for again and again."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.finding.looking import FoundOrders
from shopwright.flows.finding.view_commands import RemoveView, SaveView
from shopwright.flows.finding.views import open_view, views_of
from shopwright.members.actors import SYSTEM, Actor
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk
from shopwright.wire.view_kinds import SavedView


@frozen
class Views(Desk):
    """Filters of orders that staff keep under a name, for themselves or for all of the staff."""

    def save(self, command: SaveView, *, at: datetime | None = None) -> tuple[SavedView, ...] | Refusal:
        """Keep a filter under a name; all views of that owner as they stand then."""
        return flows.save_view(self.ports, command, at=self._at(at))

    def remove(self, command: RemoveView, *, at: datetime | None = None) -> tuple[SavedView, ...] | Refusal:
        """Forget a view; the other views of that owner."""
        return flows.remove_view(self.ports, command, at=self._at(at))

    def mine(self, *, by: Actor) -> tuple[SavedView, ...]:
        """Somebody's own views, by name. Raises `InvalidValue` for a customer."""
        return views_of(self.ports, by)[0]

    def shared(self, *, by: Actor = SYSTEM) -> tuple[SavedView, ...]:
        """The views that all of the staff share, by name. Raises `InvalidValue` for a customer."""
        return views_of(self.ports, by)[1]

    def open(self, name: str, *, by: Actor, at: datetime | None = None, limit: int = 50, after: str = "") -> FoundOrders | Refusal:
        """A page of the orders that a view shows now: one's own of this name, else the shared one. Refused with `view_not_found`."""
        return open_view(self.ports, name, by=by, at=self._at(at), limit=limit, after=after)
