"""Views of orders that staff have saved: a document for each owner, and one for what all share."""

from __future__ import annotations

from datetime import timedelta

from attrs import frozen

from shopwright.orders.finding import OrderFilter
from shopwright.ports.kinds import Kind


@frozen(kw_only=True)
class SavedView:
    """A filter under a name. With `within`, only orders placed so long before the view is opened."""

    name: str
    wanted: OrderFilter
    within: timedelta | None = None


@frozen(kw_only=True)
class OrderViews:
    """The views of one owner, by name; the id of the document is the owner's, or that of the shared ones."""

    views: tuple[SavedView, ...] = ()


DOCUMENTS = (Kind("order_views", OrderViews),)
