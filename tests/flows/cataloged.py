"""A catalog at a mall, for the tests of all flows: what commands about it are made of, what crashes, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve

from shopwright import Money, accepted, customer, flows
from shopwright.catalog.attributes import Attribute, AttributeSchema, AttributeType, AttributeUse
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup, Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.products import Product
from shopwright.catalog.variants import Option, Variant
from shopwright.errors import InvalidValue, UnknownIndex
from shopwright.flows.catalog import commands as k
from shopwright.flows.commands import Command
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Storage, Where
from shopwright.wire.catalog_kinds import ATTRIBUTES, CATALOG
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

CATALOG_PARTS: dict[type[Command], dict[str, Any]] = {
    k.PutGroup: {"group": POT},
    k.ArchiveGroup: {"group_id": "pot"},
}
"""What a good command of each kind has, beside its key and who asks."""


def put(mall: Mall, group: ProductGroup = POT, *, key: str = "put-pot") -> ProductGroup:
    """A group in the catalog of the mall."""
    return accepted(mall.shop.catalog.put(k.PutGroup(key=key, by=CLERK, group=group)))


def _archive(mall: Mall, _: Any) -> Any:
    return mall.shop.catalog.archive(k.ArchiveGroup(key="deed", by=CLERK, group_id="pot"))


CATALOG_DEEDS: tuple[tuple[str, Callable[..., Any], Callable[[Mall], Any], Callable[[Mall, Any], Any]], ...] = (
    ("put a group", flows.put_group, lambda mall: None, lambda mall, _: put(mall)),
    ("change a group", flows.put_group, put, lambda mall, _: put(mall, evolve(POT, variants=POT.variants[:1]), key="deed")),
    ("archive a group", flows.archive_group, put, _archive),
)
"""For every flow of the catalog: what came before, and the deed that crashes and is sent again."""


def colored(mall: Mall) -> None:
    """Pots must have a color, out of two."""
    schema = AttributeSchema((Attribute("color", AttributeType.CHOICE, choices=("red", "blue")),), (AttributeUse("color", "pots", required=True),))
    accepted(mall.storage.commit(Changeset(Operation("schema", "x"), START, puts=(Put(ATTRIBUTES, schema),))))


def _put(**facts: Any) -> Callable[[Mall], Any]:
    return lambda mall: mall.shop.catalog.put(k.PutGroup(**{"key": "k", "by": CLERK, "group": POT, **facts}))


def _archived(**facts: Any) -> Callable[[Mall], Any]:
    return lambda mall: mall.shop.catalog.archive(k.ArchiveGroup(**{"key": "k", "by": CLERK, "group_id": "pot", **facts}))


CATALOG_CASES: dict[str, list[Bad]] = {
    "catalog.put": [
        Bad("by a customer", _put(by=customer("ann")), InvalidValue, "is for staff and the shop itself"),
        Bad("no group", _put(group="pot"), InvalidValue, "group"),
        Bad("without its color", _put(), "attribute_invalid", "color of pot", before=colored),
        Bad("a color that is none", _put(group=evolve(POT, attributes={"color": "pink"})), "attribute_invalid", "red, blue", before=colored),
    ],
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
    kinds = (ProductGroup, Product, CategoryTree, AttributeSchema)
    kept: dict[str, Any] = {kind.__name__: storage.find(Query(kind, limit=1_000)).items for kind in kinds}
    kept["told"] = [record.value for record in storage.read(CATALOG, limit=1_000)]
    return kept
