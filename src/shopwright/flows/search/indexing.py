"""What the search index keeps of product groups, read from the catalog and the stock as they stand.

Rules
- goods are found that are for sale: drafts and archived groups are not in the index;
- goods are in stock when one of their variants can be had: its stock is not counted, some of it is free at any place, or its components are;
- after a batch was kept its groups are read once more, and kept again where somebody changed one meanwhile: whoever is last to write has read last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from shopwright.catalog.bundles import sets_from
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.products import Product, from_stock
from shopwright.catalog.search_documents import SearchDocument, search_document
from shopwright.errors import InvalidValue
from shopwright.flows.ports import Ports
from shopwright.inventory.keys import place_and_sku, place_key
from shopwright.ports.edge import check_ids
from shopwright.ports.search import Searching
from shopwright.ports.storage import Stored
from shopwright.wire.catalog_kinds import CATEGORIES


def searching(ports: Ports) -> Searching:
    """The index of the shop; raises `InvalidValue` where it has none."""
    if ports.search is None:
        raise InvalidValue("this shop has no search index; give it one, such as Shop(storage, search=SqliteSearch('search.sqlite'))")
    return ports.search


def keep_groups(ports: Ports, ids: Collection[str], *, at: datetime) -> int:
    """Bring the index to what the catalog says of these groups; how many of them are found there now."""
    index = searching(ports).index
    rest: Collection[str] = check_ids("ids of groups", ids)
    found: set[str] = set()
    while rest:
        groups = ports.storage.load_many(ProductGroup, rest)
        documents = documents_of(ports, [stored.value for stored in groups.values()], at=at)
        shown = {document.id for document in documents}
        index.put(documents)
        index.drop([id for id in rest if id not in shown])
        found = (found - set(rest)) | shown
        rest = _changed(groups, ports.storage.load_many(ProductGroup, rest))
    return len(found)


def _changed(before: Mapping[str, Stored[ProductGroup]], now: Mapping[str, Stored[ProductGroup]]) -> list[str]:
    return [id for id, stored in now.items() if id not in before or before[id].version != stored.version]


def documents_of(ports: Ports, groups: Iterable[ProductGroup], *, at: datetime) -> list[SearchDocument]:
    """What can be found of these groups, those that are for sale."""
    shown = [group for group in groups if group.status is Status.ACTIVE]
    if not shown:
        return []
    skus = [variant.sku for group in shown for variant in group.variants]
    loaded = ports.storage.load_each({Product: skus, CategoryTree: (CATEGORIES,)})
    products = {sku: stored.value for sku, stored in loaded.of(Product).items()}
    stored = loaded.of(CategoryTree).get(CATEGORIES)
    free = _free(ports, list(products.values()), at=at)
    popular = searching(ports).popularity([group.id for group in shown])
    return [
        search_document(
            group,
            tree=None if stored is None else stored.value,
            in_stock=any(_can_be_had(products.get(variant.sku), free) for variant in group.variants),
            popularity=popular.get(group.id, 0),
        )
        for group in shown
    ]


def _free(ports: Ports, products: Sequence[Product], *, at: datetime) -> dict[str, int]:
    """How many of each sku that these products come from are free, at all places together."""
    places = ("",) if ports.places is None else ports.places.names
    skus = {sku for product in products for sku, _ in from_stock(product, 1)}
    keys = [place_key(place, sku) for sku in skus for place in places]
    free: dict[str, int] = {}
    for key, quota in (ports.storage.quota(keys, at=at) if keys else {}).items():
        _, sku = place_and_sku(key)
        free[sku] = free.get(sku, 0) + max(0, quota.free)
    return free


def _can_be_had(product: Product | None, free: Mapping[str, int]) -> bool:
    if product is None or not product.active:
        return False
    if not product.tracked:
        return True
    return sets_from(product.components, free) > 0 if product.components else free.get(product.sku, 0) > 0
