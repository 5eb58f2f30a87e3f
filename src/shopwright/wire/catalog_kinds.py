"""What a shop keeps of its catalog beside products: kinds, record types, and the stream that tells of changes, under names that never change.

Rules
- the tree of categories and the attributes with their uses are one document each;
- each record of the stream `catalog` is the only one under its key, such as `group/<id>/<version>`: the version of the document that the same
  changeset writes, so that what was there before the stream began can be changed all the same.
"""

from __future__ import annotations

from typing import get_args

from attrs import frozen

from shopwright.catalog.attributes import AttributeSchema
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.events import CatalogEvent
from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.kept_prices import ListBook, PastLists, PastPrices, SkuPrices
from shopwright.members.actors import SYSTEM, Actor
from shopwright.ports.kinds import Index, IndexType, Kind, RecordType

CATALOG = "catalog"
"""The stream of what happens to product groups, categories, attributes and price lists: what an index of a search follows."""

CATEGORIES, ATTRIBUTES = "categories", "attributes"
"""The ids of the one tree and the one schema of a shop. The schema is kept without its tree."""

PRICE_LISTS = "price_lists"
"""The id of the one book of price lists of a shop, and of what they were before. Prices are kept by sku."""



@frozen
class Refiling:
    """What a change of the categories has left to do: the groups in these categories, and those in one that was merged into another."""

    names: tuple[str, ...] = ()
    merged: tuple[str, str] | None = None
    by: Actor = SYSTEM

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return not self.names and self.merged is None


DOCUMENTS = (
    Kind(
        "product_group",
        ProductGroup,
        indexes=(
            Index("seller_id", IndexType.TEXT, lambda group: group.seller_id),
            Index("status", IndexType.TEXT, lambda group: group.status.value),
        ),
    ),
    Kind("category_tree", CategoryTree),
    Kind("attribute_schema", AttributeSchema),
    Kind("category_refiling", Refiling),
    Kind("price_lists", ListBook),
    Kind("sku_prices", SkuPrices),
    Kind("past_price_lists", PastLists),
    Kind("past_prices", PastPrices),
)

RECORDS = tuple(RecordType(event.__name__, event) for event in get_args(CatalogEvent))
