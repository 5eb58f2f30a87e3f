"""The desk of the catalog: what the shop shows and sells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.catalog.groups import ProductGroup
from shopwright.errors import InvalidValue
from shopwright.flows.catalog import commands as c
from shopwright.flows.catalog.keeping import group_unknown
from shopwright.flows.catalog.looking import Changed, changes
from shopwright.ports.edge import check_ids
from shopwright.ports.storage import START, Page, Position, Query, Stored
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Catalog(Desk):
    """Product groups: what people see as one product, with the variants that they buy."""

    def put(self, command: c.PutGroup, *, at: datetime | None = None) -> ProductGroup | Refusal:
        """Put a product group into the catalog, or change it."""
        return flows.put_group(self.ports, command, at=self._at(at))

    def archive(self, command: c.ArchiveGroup, *, at: datetime | None = None) -> ProductGroup | Refusal:
        """Take a product group off sale for good."""
        return flows.archive_group(self.ports, command, at=self._at(at))

    def get(self, group_id: str) -> ProductGroup | Refusal:
        """A product group by its id. Refused with `group_unknown`."""
        stored = self.ports.storage.load(ProductGroup, group_id)
        return group_unknown(group_id) if stored is None else stored.value

    def many(self, ids: Iterable[str]) -> dict[str, ProductGroup]:
        """The product groups that there are among these ids. Raises `InvalidValue` for what is no id."""
        found = self.ports.storage.load_many(ProductGroup, check_ids("ids", ids))
        return {id: stored.value for id, stored in found.items()}

    def find(self, query: Query[ProductGroup]) -> Page[Stored[ProductGroup]]:
        """Product groups by the indexes of their kind, page by page. Raises `InvalidValue` for a query for anything else, and `UnknownIndex`."""
        if getattr(query, "kind", None) is not ProductGroup:
            raise InvalidValue(f"expected a Query(ProductGroup, ...), got {query!r}")
        return self.ports.storage.find(query)

    def changes(self, *, after: Position = START, limit: int = 100) -> tuple[Changed, ...]:
        """What happened to the catalog, oldest first; the position of the last one is the next page's `after`."""
        return changes(self.ports, after=after, limit=limit)
