"""A catalog on a storage: groups and products together, and a repeat that writes nothing."""

from __future__ import annotations

import io

import pytest
from attrs import evolve

from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog import Product
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import ProductGroup
from shopwright.catalog.products import Component
from shopwright.errors import VersionConflict
from shopwright.flows.cataloging import KeptCatalog
from shopwright.money import Money
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.wire.catalog_importing import ImportReport, import_catalog
from shopwright.wire.catalog_writing import write_catalog
from shopwright.wire.kinds import KINDS
from tests.flows.mall import START
from tests.unit.wire.test_catalog_files import DRAFT, SET, SHIRT

TREE = CategoryTree({"shirts": "clothing"})


@pytest.fixture(params=["memory", "sqlite"])
def storage(request, tmp_path):
    opened = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.db", kinds=KINDS, upgrade=True)
    yield opened
    opened.close()


def bring(storage, *groups, at=START):
    kept = KeptCatalog(storage, key="spring", at=at, tree=TREE, languages=("en",))
    text = "".join(write_catalog(groups, form="jsonl"))
    return import_catalog(io.StringIO(text, newline=""), form="jsonl", known=kept.known, keep=kept.keep, batch=2)


def products(storage):
    """The products by sku: title, whether it is active, and version."""
    found = storage.load_many(Product, ["S", "M", "L", "SET x 2"])
    return {sku: (it.value.title, it.value.active, it.value.version) for sku, it in found.items()}


def test_groups_come_back_from_the_storage_as_they_were_and_carts_know_their_products(storage):
    assert bring(storage, SHIRT, SET, DRAFT) == ImportReport(created=3)

    groups = storage.load_many(ProductGroup, ["shirt", "set", "draft"])
    assert {id: stored.value for id, stored in groups.items()} == {"shirt": SHIRT, "set": SET, "draft": DRAFT}
    assert products(storage) == {"S": ("Shirt (S)", True, 1), "M": ("Shirt (M)", True, 1), "SET x 2": ("set", False, 1)}
    assert storage.load(Product, "S").value == Product(
        "S",
        "Shirt (S)",
        "own",
        SHIRT.variants[0].prices,
        weight_g=180,
        brand="Loom",
        categories=("a|b", "clothing", "shirts"),
        tags=("summer",),
        floors=(Money(2000, "EUR"),),
        tax_class="clothing",
        channels=("web",),
        group_id="shirt",
    )


def test_the_same_catalog_twice_writes_nothing(storage):
    bring(storage, SHIRT, SET, DRAFT)
    before = storage.load_many(ProductGroup, ["shirt", "set", "draft"]), storage.load_many(Product, ["S", "M", "SET x 2"])

    assert bring(storage, SHIRT, SET, DRAFT) == ImportReport(unchanged=3)
    assert (storage.load_many(ProductGroup, ["shirt", "set", "draft"]), storage.load_many(Product, ["S", "M", "SET x 2"])) == before


def test_only_the_products_that_change_get_another_version_and_a_variant_that_goes_is_no_longer_sold(storage):
    bring(storage, SHIRT)
    fewer = evolve(SHIRT, media=(), variants=SHIRT.variants[1:])

    assert bring(storage, fewer) == ImportReport(changed=1)
    assert products(storage) == {"S": ("Shirt (S)", False, 2), "M": ("Shirt (M)", True, 1)}
    bring(storage, SHIRT)
    assert products(storage) == {"S": ("Shirt (S)", True, 3), "M": ("Shirt (M)", True, 1)}
    bring(storage, fewer)
    assert products(storage)["S"] == ("Shirt (S)", False, 4)


@pytest.mark.parametrize("order", [1, -1])
def test_a_sku_that_moves_to_another_group_stays_for_sale(storage, order):
    bring(storage, SHIRT)
    fewer = evolve(SHIRT, media=(), variants=SHIRT.variants[1:])
    other = evolve(SHIRT, id="blouse", titles=evolve(SHIRT.titles, said={"en": "Blouse"}), media=(), variants=SHIRT.variants[:1])

    for group in (fewer, other)[::order]:
        bring(storage, group)

    assert products(storage)["S"][:2] == ("Blouse (S)", True)


def test_two_groups_of_a_batch_hand_a_sku_over(storage):
    bring(storage, SHIRT)
    fewer = evolve(SHIRT, media=(), variants=SHIRT.variants[1:])
    other = evolve(SHIRT, id="blouse", media=(), variants=SHIRT.variants[:1])

    assert bring(storage, other, fewer) == ImportReport(created=1, changed=1)
    assert products(storage) == {"S": ("Shirt (S)", True, 2), "M": ("Shirt (M)", True, 1)}


def test_a_batch_is_written_whole_or_not_at_all(storage):
    class Late(MemoryStorage):
        """Somebody else changes a product before each commit."""

        def commit(self, change):
            there = storage.load(Product, "S")
            count = there.version if there else 0
            product = Product("S", f"Title {count}", "own", ())
            storage.commit(Changeset(Operation(f"rival-{count}", "x"), START, puts=(Put("S", product, count),)))
            return storage.commit(change)

        def load_many(self, kind, ids):
            return storage.load_many(kind, ids)

    with pytest.raises(VersionConflict):
        KeptCatalog(Late(KINDS), key="spring", at=START).keep([SHIRT, SET])
    assert (storage.load(ProductGroup, "shirt"), storage.load(Product, "M"), storage.load(Product, "SET x 2")) == (None, None, None)


def test_a_rival_who_is_faster_once_only_makes_it_decide_again(storage):
    class Late(MemoryStorage):
        """Somebody else makes a product before the first commit."""

        def commit(self, change):
            if storage.load(Product, "S") is None:
                storage.commit(Changeset(Operation("rival", "x"), START, puts=(Put("S", Product("S", "Mine", "own", ()), 0),)))
            return storage.commit(change)

        def load_many(self, kind, ids):
            return storage.load_many(kind, ids)

    KeptCatalog(Late(KINDS), key="spring", at=START, languages=("en",)).keep([SHIRT])

    assert products(storage)["S"] == ("Shirt (S)", True, 2)


def test_components_of_bundles_are_kept(storage):
    bring(storage, SET)

    assert storage.load(ProductGroup, "set").value.variants[0].components == (Component("S", 2), Component("A x 3"))
