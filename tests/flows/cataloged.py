"""A catalog at a mall, for the tests of all flows: what commands about it are made of, what crashes, and what is wrong."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from attrs import evolve

from shopwright import Money, accepted, customer, flows
from shopwright.catalog.attributes import Attribute, AttributeSchema, AttributeType, AttributeUse
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.kept_prices import ListBook, PastLists, PastPrices, SkuPrices
from shopwright.catalog.languages import Texts
from shopwright.catalog.price_lists import ListedPrice, PriceBreak, PriceList
from shopwright.catalog.products import Product
from shopwright.catalog.variants import Option, Variant
from shopwright.errors import InvalidValue, UnknownIndex
from shopwright.flows.catalog import commands as k
from shopwright.flows.commands import Command
from shopwright.periods import Window
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Storage, Where
from shopwright.wire.catalog_kinds import CATALOG, CATEGORIES, Refiling
from shopwright.wire.catalog_writing import write_catalog
from tests.flows.bad_case import Bad
from tests.flows.mall import CLERK, START, Mall

POT = ProductGroup(
    id="pot",
    seller_id="house",
    titles=Texts({"en": "Tea pot", "de": "Teekanne"}),
    status=Status.ACTIVE,
    categories=("pots",),
    options=(Option("size", ("S", "L")),),
    variants=tuple([Variant(f"POT-{size}", {"size": size}, prices=(Money(price, "EUR"),)) for size, price in (("S", 1900), ("L", 2900))]),
)
"""A pot in two sizes."""

COLORS = AttributeSchema(
    (Attribute("color", AttributeType.CHOICE, choices=("red", "blue")),),
    (AttributeUse("color", "pots", required=True),),
    CategoryTree({"pots": "kitchen"}),
)
"""Pots must have a color, out of two."""

RETAIL = PriceList("retail", "EUR", channel="web", tier="gold", window=Window(START))
TEA_PRICE = ListedPrice("retail", "TEA", (PriceBreak(1, 980), PriceBreak(10, 900)))

CATALOG_PARTS: dict[type[Command], dict[str, Any]] = {
    k.PutGroup: {"group": POT},
    k.ArchiveGroup: {"group_id": "pot"},
    k.PutCategories: {"parents": {"pots": "kitchen"}},
    k.MoveCategory: {"name": "pots", "under": "garden"},
    k.MergeCategory: {"name": "pots", "into": "kettles"},
    k.PutAttributes: {"schema": COLORS},
    k.PutPriceList: {"price_list": RETAIL},
    k.RemovePriceList: {"list_id": "retail"},
    k.PutPrices: {"prices": (TEA_PRICE,)},
    k.RemovePrices: {"list_id": "retail", "skus": ("TEA",)},
}
"""What a good command of each kind has, beside its key and who asks."""


def put(mall: Mall, group: ProductGroup = POT, *, key: str = "put-pot") -> ProductGroup:
    """A group in the catalog of the mall."""
    return accepted(mall.shop.catalog.put(k.PutGroup(key=key, by=CLERK, group=group)))


def filed(mall: Mall, parents: Any = (("kitchen", "home"), ("pots", "kitchen")), *, key: str = "filed") -> CategoryTree:
    """Pots stand in the kitchen, and the kitchen at home."""
    return accepted(mall.shop.catalog.put_categories(k.PutCategories(key=key, by=CLERK, parents=parents)))


def _pot_in_the_kitchen(mall: Mall) -> None:
    filed(mall)
    put(mall)


def _archive(mall: Mall, _: Any) -> Any:
    return mall.shop.catalog.archive(k.ArchiveGroup(key="deed", by=CLERK, group_id="pot"))


def _moved(mall: Mall, _: Any) -> Any:
    return mall.shop.catalog.move_category(k.MoveCategory(key="deed", by=CLERK, name="kitchen", under="garden"))


def _merged(mall: Mall, _: Any) -> Any:
    return mall.shop.catalog.merge_category(k.MergeCategory(key="deed", by=CLERK, name="pots", into="kettles"))


def send(mall: Mall, kind: type[Command], **facts: Any) -> Any:
    """A good command of this kind, but for these facts, at the desk of the catalog."""
    return getattr(mall.shop.catalog, _VERBS[kind])(kind(**{"key": "deed", "by": CLERK, **CATALOG_PARTS[kind], **facts}))


_VERBS: dict[type[Command], str] = {
    k.PutPriceList: "put_price_list",
    k.RemovePriceList: "remove_price_list",
    k.PutPrices: "put_prices",
    k.RemovePrices: "remove_prices",
}


def _with_list(mall: Mall) -> None:
    send(mall, k.PutPriceList, key="list")


def _with_prices(mall: Mall) -> None:
    _with_list(mall)
    send(mall, k.PutPrices, key="prices")


def lines(*groups: ProductGroup) -> io.StringIO:
    """A file of these groups."""
    return io.StringIO("".join(write_catalog(groups, form="jsonl")), newline="")


def _brought(mall: Mall, _: Any) -> Any:
    cups = [evolve(POT, id=f"cup{n}", options=(), variants=(Variant(f"CUP-{n}", prices=(Money(n, "EUR"),)),)) for n in range(3)]
    return mall.shop.catalog.bring_in(lines(*cups, evolve(POT, brand="Loom")), form="jsonl", key="deed", batch=2)


def _half_moved(mall: Mall) -> None:
    """The tree is another, and its groups have not followed yet."""
    put(mall)
    puts = (Put(CATEGORIES, CategoryTree({"pots": "kitchen"})), Put(CATEGORIES, Refiling(("pots",))))
    accepted(mall.storage.commit(Changeset(Operation("half", "x"), START, puts=puts)))


CATALOG_DEEDS: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Callable[[Mall, Any], Any]], ...] = (
    ("put a group", flows.put_group, lambda mall: None, lambda mall, _: put(mall)),
    ("change a group", flows.put_group, put, lambda mall, _: put(mall, evolve(POT, variants=POT.variants[:1]), key="deed")),
    ("archive a group", flows.archive_group, put, _archive),
    ("put categories", flows.put_categories, put, lambda mall, _: filed(mall)),
    ("move a category", flows.move_category, _pot_in_the_kitchen, _moved),
    ("merge a category", flows.merge_category, _pot_in_the_kitchen, _merged),
    ("refile", flows.refile, _half_moved, lambda mall, _: mall.shop.catalog.refile()),
    ("put a price list", flows.put_price_list, lambda mall: None, lambda mall, _: send(mall, k.PutPriceList)),
    ("remove a price list", flows.remove_price_list, _with_prices, lambda mall, _: send(mall, k.RemovePriceList)),
    ("put prices", flows.put_prices, _with_list, lambda mall, _: send(mall, k.PutPrices)),
    ("remove prices", flows.remove_prices, _with_prices, lambda mall, _: send(mall, k.RemovePrices)),
    ("import groups", flows.import_groups, put, _brought),
    ("put attributes", flows.put_attributes, put, lambda mall, _: colored(mall)),
)
"""For every flow of the catalog: what came before, and the deed that crashes and is sent again."""


def colored(mall: Mall) -> None:
    """Pots must have a color, out of two."""
    accepted(mall.shop.catalog.put_attributes(k.PutAttributes(key="colors", by=CLERK, schema=COLORS)))


def _put(**facts: Any) -> Callable[[Mall], Any]:
    return lambda mall: mall.shop.catalog.put(k.PutGroup(**{"key": "k", "by": CLERK, "group": POT, **facts}))


def _filed(parents: Any) -> Callable[[Mall], Any]:
    return lambda mall: mall.shop.catalog.put_categories(k.PutCategories(key="k", by=CLERK, parents=parents))


def _sold_elsewhere(mall: Mall) -> None:
    put(mall, evolve(POT, id="kettle"))


def _archived(**facts: Any) -> Callable[[Mall], Any]:
    return lambda mall: mall.shop.catalog.archive(k.ArchiveGroup(**{"key": "k", "by": CLERK, "group_id": "pot", **facts}))


CATALOG_CASES: dict[str, list[Bad]] = {
    "catalog.put": [
        Bad("by a customer", _put(by=customer("ann")), InvalidValue, "is for staff and the shop itself"),
        Bad("no group", _put(group="pot"), InvalidValue, "group"),
        Bad("a sku of another group", _put(), "sku_taken", before=_sold_elsewhere),
        Bad("without its color", _put(), "attribute_invalid", "color of pot", before=colored),
        Bad("a color that is none", _put(group=evolve(POT, attributes={"color": "pink"})), "attribute_invalid", "red, blue", before=colored),
    ],
    "catalog.put_categories": [
        Bad("none", _filed({}), InvalidValue, "one category or more"),
        Bad("a circle", _filed({"a": "b", "b": "a"}), "category_circle"),
        Bad("a name that is none", _filed({"a": " "}), InvalidValue, "parents"),
    ],
    "catalog.move_category": [
        Bad(
            "below itself",
            lambda mall: mall.shop.catalog.move_category(k.MoveCategory(key="k", by=CLERK, name="home", under="pots")),
            "category_circle",
            before=filed,
        ),
    ],
    "catalog.merge_category": [
        Bad("into itself", lambda mall: mall.shop.catalog.merge_category(k.MergeCategory(key="k", by=CLERK, name="a", into="a")), "category_circle"),
    ],
    "catalog.refile": [Bad("no time", lambda mall: mall.shop.catalog.refile(at="now"), InvalidValue, "at must be")],  # type: ignore[arg-type]
    "catalog.categories": [Bad("too much", lambda mall: mall.shop.catalog.categories("all"), TypeError, "positional")],  # type: ignore[call-arg]
    "catalog.attributes": [Bad("too much", lambda mall: mall.shop.catalog.attributes("all"), TypeError, "positional")],  # type: ignore[call-arg]
    "catalog.put_attributes": [
        Bad("by a customer", lambda mall: k.PutAttributes(key="k", by=customer("ann"), schema=COLORS), InvalidValue, "is for staff"),
    ],
    "catalog.bring_in": [
        Bad("no form", lambda mall: mall.shop.catalog.bring_in([], form="xml", key="k"), InvalidValue, "csv, jsonl"),  # type: ignore[arg-type]
        Bad("no key", lambda mall: mall.shop.catalog.bring_in([], form="csv", key=""), InvalidValue, "key"),
        Bad("no batch", lambda mall: mall.shop.catalog.bring_in([], form="csv", key="k", batch=0), InvalidValue, "batches of one"),
        Bad("by a customer", lambda mall: mall.shop.catalog.bring_in([], form="csv", key="k", by=customer("ann")), InvalidValue, "for staff"),
    ],
    "catalog.check": [
        Bad("no form", lambda mall: mall.shop.catalog.check([], form="xml"), InvalidValue, "csv, jsonl"),  # type: ignore[arg-type]
    ],
    "catalog.write_out": [
        Bad("no form", lambda mall: mall.shop.catalog.write_out(form="xml"), InvalidValue, "csv, jsonl"),  # type: ignore[arg-type]
    ],
    "catalog.put_price_list": [
        Bad("no list", lambda mall: send(mall, k.PutPriceList, price_list="retail"), InvalidValue, "price_list"),
    ],
    "catalog.remove_price_list": [Bad("no such list", lambda mall: send(mall, k.RemovePriceList), "price_list_unknown")],
    "catalog.put_prices": [
        Bad("of no list", lambda mall: send(mall, k.PutPrices), "price_list_unknown"),
        Bad("twice", lambda mall: send(mall, k.PutPrices, prices=(TEA_PRICE, TEA_PRICE)), InvalidValue, "each sku of a list once"),
        Bad("none", lambda mall: send(mall, k.PutPrices, prices=()), InvalidValue, "must be 1 to 1000"),
    ],
    "catalog.remove_prices": [Bad("of no sku", lambda mall: send(mall, k.RemovePrices, skus=()), InvalidValue, "must be 1 to 1000")],
    "catalog.price_lists": [Bad("no sku", lambda mall: mall.shop.catalog.price_lists([""]), InvalidValue, "skus")],
    "catalog.archive": [
        Bad("what is not there", _archived(), "group_unknown", "pot"),
        Bad("no id", _archived(group_id=""), InvalidValue, "group_id"),
        Bad("an empty draft", _archived(group_id="d"), "group_unfinished", before=lambda mall: put(mall, ProductGroup(id="d", seller_id="house"))),
    ],
    "catalog.get": [Bad("what is not there", lambda mall: mall.shop.catalog.get("pot"), "group_unknown")],
    "catalog.many": [Bad("no id", lambda mall: mall.shop.catalog.many([""]), InvalidValue, "ids")],
    "catalog.find": [
        Bad("products", lambda mall: mall.shop.catalog.find(Query(Product)), InvalidValue, "ProductGroup"),  # type: ignore[arg-type]
        Bad("no index", lambda mall: mall.shop.catalog.find(Query(ProductGroup, (Where("brand", Match.EQUAL, "x"),))), UnknownIndex, "brand"),
    ],
    "catalog.changes": [Bad("no limit", lambda mall: mall.shop.catalog.changes(limit=0), InvalidValue, "limit")],
}
"""What is wrong for one verb alone."""


def catalog_of(storage: Storage) -> dict[str, Any]:
    """All that is kept of the catalog: documents with their versions, and what was told."""
    kinds = (ProductGroup, Product, CategoryTree, AttributeSchema, Refiling, ListBook, SkuPrices, PastLists, PastPrices)
    kept: dict[str, Any] = {kind.__name__: storage.find(Query(kind, limit=1_000)).items for kind in kinds}
    kept["told"] = [record.value for record in storage.read(CATALOG, limit=1_000)]
    return kept
