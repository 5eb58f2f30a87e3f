"""The desk of the catalog: groups and products together, what is told of each change, and nothing twice."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import Money, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.events import GroupArchived, GroupPut, GroupRefiled
from shopwright.catalog.groups import Status
from shopwright.catalog.products import Product
from shopwright.catalog.terms import CatalogTerms
from shopwright.catalog.variants import Variant
from shopwright.flows.catalog.commands import ArchiveGroup
from shopwright.flows.cataloging import KeptCatalog
from shopwright.ports.storage import Changeset, Operation, Put, Query
from shopwright.wire.catalog_kinds import CATEGORIES
from shopwright.wire.kinds import KINDS
from tests.flows.cataloged import POT, colored, put
from tests.flows.mall import CLERK, START, Mall

CATALOG_IN_GERMAN = {"catalog": CatalogTerms(languages=("de",))}


@pytest.fixture(params=["memory", "sqlite"])
def mall(request, tmp_path):
    storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.db", kinds=KINDS, upgrade=True)
    yield Mall(storage, ways=CATALOG_IN_GERMAN)
    storage.close()


def told(shop: Shop):
    return [change.event for change in shop.catalog.changes()]


def filed(mall, tree):
    """The tree of categories becomes this."""
    stored = mall.storage.load(CategoryTree, CATEGORIES)
    version = 0 if stored is None else stored.version
    accepted(mall.storage.commit(Changeset(Operation(f"tree-{version}", "x"), START, puts=(Put(CATEGORIES, tree, version),))))


def test_a_group_is_put_with_its_products_and_is_told_once(mall):
    assert put(mall) == POT
    assert put(mall) == POT

    pots = mall.storage.load_many(Product, ["POT-S", "POT-L"])
    assert {sku: (it.value.title, it.value.prices, it.value.categories) for sku, it in pots.items()} == {
        "POT-S": ("Teekanne (S)", (Money(1900, "EUR"),), ("pots",)),
        "POT-L": ("Teekanne (L)", (Money(2900, "EUR"),), ("pots",)),
    }
    assert accepted(mall.shop.catalog.get("pot")) == POT
    assert told(mall.shop) == [GroupPut(group_id="pot", created=True, by="staff:clerk", at=START)]


def test_a_group_that_is_there_just_so_is_not_told_again_under_another_key(mall):
    put(mall)
    put(mall, key="again")

    assert len(told(mall.shop)) == 1
    assert mall.shop.catalog.find(Query(type(POT))).items[0].version == 1


def test_products_stand_in_the_categories_above_those_of_their_group(mall):
    filed(mall, CategoryTree({"pots": "kitchen"}))
    put(mall)
    filed(mall, CategoryTree({"pots": "kitchen", "kitchen": "home"}))
    put(mall, key="again")

    assert mall.storage.load(Product, "POT-S").value.categories == ("home", "kitchen", "pots")
    assert told(mall.shop)[1:] == [GroupRefiled(group_id="pot", by="staff:clerk", at=START)]


def test_what_is_archived_is_sold_no_more(mall):
    put(mall)
    command = ArchiveGroup(key="gone", by=CLERK, group_id="pot")

    archived = accepted(mall.shop.catalog.archive(command))
    assert archived == evolve(POT, status=Status.ARCHIVED)
    assert accepted(mall.shop.catalog.archive(command)) == archived
    assert [it.value.active for it in mall.storage.load_many(Product, ["POT-S", "POT-L"]).values()] == [False, False]
    assert told(mall.shop)[1:] == [GroupArchived(group_id="pot", by="staff:clerk", at=START)]


def test_attributes_are_kept_in_the_form_that_the_schema_has_for_them(mall):
    colored(mall)

    assert put(mall, evolve(POT, attributes={"color": "red"})).attributes == (("color", "red"),)


def test_what_an_import_keeps_is_told_as_what_the_desk_keeps(mall):
    put(mall)
    other = evolve(POT, id="kettle", variants=(Variant("KETTLE", prices=(Money(1, "EUR"),)),), options=())
    kept = KeptCatalog(mall.storage, key="spring", at=START, languages=("de",), by="system:import")
    kept.keep([POT, other])

    assert told(mall.shop)[1:] == [GroupPut(group_id="kettle", created=True, by="system:import", at=START)]
    assert mall.shop.catalog.many(["pot", "kettle", "none"]) == {"pot": POT, "kettle": other}
