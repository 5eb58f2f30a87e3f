"""The desk of the catalog: what the shop shows and sells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.kept_prices import ListBook, SkuPrices, asked
from shopwright.catalog.price_lists import PriceList, PriceLists
from shopwright.errors import InvalidValue
from shopwright.flows.catalog import commands as c
from shopwright.flows.catalog.bringing import check_groups, export_groups
from shopwright.flows.catalog.filing import Progress, stored_tree
from shopwright.flows.catalog.keeping import group_unknown, stored_schema
from shopwright.flows.catalog.looking import Changed, changes
from shopwright.members.actors import SYSTEM, Actor
from shopwright.ports.edge import check_ids
from shopwright.ports.storage import START, Page, Position, Query, Stored
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk
from shopwright.wire.catalog_files import Form
from shopwright.wire.catalog_groups import RowProblem
from shopwright.wire.catalog_importing import BATCH, ImportReport
from shopwright.wire.catalog_importing import Progress as FileProgress
from shopwright.wire.catalog_kinds import PRICE_LISTS


@frozen
class Catalog(Desk):
    """Product groups: what people see as one product, with the variants that they buy."""

    def put(self, command: c.PutGroup, *, at: datetime | None = None) -> ProductGroup | Refusal:
        """Put a product group into the catalog, or change it."""
        return flows.put_group(self.ports, command, at=self._at(at))

    def archive(self, command: c.ArchiveGroup, *, at: datetime | None = None) -> ProductGroup | Refusal:
        """Take a product group off sale for good."""
        return flows.archive_group(self.ports, command, at=self._at(at))

    def put_categories(self, command: c.PutCategories, *, at: datetime | None = None) -> CategoryTree | Refusal:
        """Put categories under others, with all that stands in them."""
        return flows.put_categories(self.ports, command, at=self._at(at))

    def move_category(self, command: c.MoveCategory, *, at: datetime | None = None) -> CategoryTree | Refusal:
        """Move a category with all that is under it and in it."""
        return flows.move_category(self.ports, command, at=self._at(at))

    def merge_category(self, command: c.MergeCategory, *, at: datetime | None = None) -> CategoryTree | Refusal:
        """Put all that stands in a category into another one."""
        return flows.merge_category(self.ports, command, at=self._at(at))

    def refile(self, *, at: datetime | None = None, progress: Progress | None = None) -> int:
        """Do what a change of the categories has left to do after a crash; how many groups were looked at."""
        return flows.refile(self.ports, at=self._at(at), progress=progress)

    def categories(self) -> CategoryTree:
        """The categories as they stand."""
        return stored_tree(self.ports)[0]

    def put_attributes(self, command: c.PutAttributes, *, at: datetime | None = None) -> AttributeSchema | Refusal:
        """Say which attributes there are, and which categories use them."""
        return flows.put_attributes(self.ports, command, at=self._at(at))

    def attributes(self) -> AttributeSchema:
        """The attributes as they stand, over the categories of the shop; without any where none were ever put."""
        return stored_schema(self.ports) or AttributeSchema(tree=self.categories())

    def put_price_list(self, command: c.PutPriceList, *, at: datetime | None = None) -> PriceList | Refusal:
        """Put a price list into the shop, or change it."""
        return flows.put_price_list(self.ports, command, at=self._at(at))

    def remove_price_list(self, command: c.RemovePriceList, *, at: datetime | None = None) -> ListBook | Refusal:
        """Ask a price list no more; the lists that are left."""
        return flows.remove_price_list(self.ports, command, at=self._at(at))

    def put_prices(self, command: c.PutPrices, *, at: datetime | None = None) -> int | Refusal:
        """What lists say of skus; how many skus those are."""
        return flows.put_prices(self.ports, command, at=self._at(at))

    def remove_prices(self, command: c.RemovePrices, *, at: datetime | None = None) -> int | Refusal:
        """Let a list say nothing of these skus any more; how many skus those are."""
        return flows.remove_prices(self.ports, command, at=self._at(at))

    def price_lists(self, skus: Iterable[str] = ()) -> PriceLists:
        """The price lists of the shop, with their prices of these skus. Raises `InvalidValue` for what is no sku."""
        found = self.ports.storage.load_each({ListBook: (PRICE_LISTS,), SkuPrices: check_ids("skus", skus)})
        book = found.of(ListBook).get(PRICE_LISTS)
        return asked(ListBook() if book is None else book.value, [stored.value for stored in found.of(SkuPrices).values()])

    def bring_in(
        self,
        lines: Iterable[str],
        *,
        form: Form,
        key: str,
        by: Actor = SYSTEM,
        at: datetime | None = None,
        batch: int = BATCH,
        progress: FileProgress | None = None,
        tell: Callable[[RowProblem], None] | None = None,
    ) -> ImportReport:
        """Keep what is new or has changed in a file; what became of it, with what is wrong by line. See `shopwright.flows.catalog.bringing`."""
        return flows.import_groups(
            self.ports, lines, form=form, key=key, by=by, at=self._at(at), batch=batch, progress=progress, tell=tell
        )

    def check(self, lines: Iterable[str], *, form: Form, progress: FileProgress | None = None) -> ImportReport:
        """What bringing a file in would say; nothing is kept."""
        return check_groups(self.ports, lines, form=form, progress=progress)

    def write_out(self, *, form: Form) -> Iterator[str]:
        """The lines of a file with all product groups, which `bring_in` brings back as they were."""
        return export_groups(self.ports, form=form)

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
