"""The desk of the catalog: groups and products together, what is told of each change, and nothing twice."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Money, Refusal, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.events import CategoriesPut, CategoryMerged, GroupArchived, GroupPut, GroupRefiled
from shopwright.catalog.groups import Status
from shopwright.catalog.products import Product
from shopwright.catalog.terms import CatalogTerms
from shopwright.catalog.variants import Variant
from shopwright.flows.catalog.commands import ArchiveGroup, MergeCategory, MoveCategory, PutGroup
from shopwright.flows.cataloging import KeptCatalog
from shopwright.ports.storage import Query
from shopwright.wire.kinds import KINDS
from tests.flows.cataloged import POT, colored, filed, lines, put
from tests.flows.mall import CLERK, START, Mall, an_order

CATALOG_IN_GERMAN = {"catalog": CatalogTerms(languages=("de",))}


@pytest.fixture(params=["memory", "sqlite"])
def mall(request, tmp_path):
    storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.db", kinds=KINDS, upgrade=True)
    yield Mall(storage, ways=CATALOG_IN_GERMAN)
    storage.close()


def told(shop: Shop):
    return [change.event for change in shop.catalog.changes()]


def categories_of(mall, sku="POT-S"):
    return mall.storage.load(Product, sku).value.categories


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
    filed(mall, {"pots": "kitchen"})
    put(mall)
    before = categories_of(mall)
    filed(mall, {"kitchen": "home"}, key="home")

    assert (before, categories_of(mall)) == (("kitchen", "pots"), ("home", "kitchen", "pots"))
    assert told(mall.shop)[2:] == [
        CategoriesPut(names=("kitchen",), by="staff:clerk", at=START),
        GroupRefiled(group_id="pot", by="staff:clerk", at=START),
    ]
    assert mall.shop.catalog.categories() == CategoryTree({"pots": "kitchen", "kitchen": "home"})


def test_a_category_is_moved_with_all_that_is_under_it(mall):
    filed(mall)
    put(mall)
    other = evolve(POT, id="lamp", categories=("lamps",), variants=(Variant("LAMP", prices=(Money(1, "EUR"),)),), options=())
    put(mall, other, key="lamp")
    mall.shop.catalog.move_category(MoveCategory(key="move", by=CLERK, name="kitchen", under="garden"))

    assert categories_of(mall) == ("garden", "kitchen", "pots")
    assert [change.group_id for change in told(mall.shop) if isinstance(change, GroupRefiled)] == ["pot"]
    mall.shop.catalog.move_category(MoveCategory(key="up", by=CLERK, name="pots"))
    assert (categories_of(mall), categories_of(mall, "LAMP")) == (("pots",), ("lamps",))


def test_a_category_is_merged_into_another_with_its_groups(mall):
    filed(mall, {"tea pots": "pots", "kettles": "kitchen"})
    put(mall)
    put(mall, evolve(POT, id="tea-pot", categories=("tea pots", "pots"), options=(), variants=(Variant("TP"),)), key="tea-pot")
    merged = accepted(mall.shop.catalog.merge_category(MergeCategory(key="merge", by=CLERK, name="pots", into="kettles")))

    assert merged == CategoryTree({"tea pots": "kettles", "kettles": "kitchen"})
    assert accepted(mall.shop.catalog.get("pot")).categories == ("kettles",)
    assert accepted(mall.shop.catalog.get("tea-pot")).categories == ("tea pots", "kettles")
    assert (categories_of(mall), categories_of(mall, "TP")) == (("kettles", "kitchen"), ("kettles", "kitchen", "tea pots"))
    assert told(mall.shop)[3:] == [
        CategoryMerged(name="pots", into="kettles", by="staff:clerk", at=START),
        GroupPut(group_id="pot", by="staff:clerk", at=START),
        GroupPut(group_id="tea-pot", by="staff:clerk", at=START),
    ]


def test_a_group_that_is_put_while_its_category_is_moved_follows_it(mall):
    class Mover:
        """Somebody moves the category right before this group is written."""

        def __init__(self, storage):
            self.storage, self.moved = storage, False

        def __getattr__(self, name):
            return getattr(self.storage, name)

        def commit(self, change):
            if not self.moved and any(isinstance(it.value, Product) for it in change.puts):
                self.moved = True
                filed(mall, {"pots": "garden"})
            return self.storage.commit(change)

    late = Shop(Mover(mall.storage), clock=mall.clock, **CATALOG_IN_GERMAN)
    accepted(late.catalog.put(PutGroup(key="late", by=CLERK, group=POT)))

    assert categories_of(mall) == ("garden", "pots")


def test_goods_are_sold_in_the_channels_of_their_group_alone(mall):
    """CATALOG-3."""
    put(mall, evolve(POT, channels=("web", "shop")))

    def code(channel):
        cart = Cart("EUR", (CartLine("POT-S"),), channel=channel)
        answer = mall.shop.orders.quote(evolve(an_order(), cart=cart, tenders=()))
        return answer.code if isinstance(answer, Refusal) else answer.lines[0].unit_price

    assert [code(channel) for channel in ("web", "app", "")] == [1900, "product_elsewhere", "product_elsewhere"]
    shown = mall.shop.goods.shelf(["POT-S"], currency="EUR", channel="app")["POT-S"]
    assert dict(shown.facts)["channel"] == "app"


def test_a_sku_changes_hands_when_the_group_that_has_it_lets_it_go(mall):
    put(mall)
    small = evolve(POT, id="small-pot", options=(), variants=(Variant("POT-S", prices=(Money(1800, "EUR"),)),))
    taken = mall.shop.catalog.put(PutGroup(key="small", by=CLERK, group=small))
    put(mall, evolve(POT, variants=POT.variants[1:]), key="fewer")
    put(mall, small, key="small")

    assert (taken.code, dict(taken.facts)) == ("sku_taken", {"group": "small-pot", "sku": "POT-S", "other": "pot"})
    assert mall.storage.load(Product, "POT-S").value.group_id == "small-pot"


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


def test_a_file_is_brought_in_by_the_schema_and_the_categories_of_the_shop(mall):
    colored(mall)
    filed(mall, {"pots": "kitchen"})
    red, none = evolve(POT, attributes={"color": "red"}), evolve(POT, id="plain", options=(), variants=(Variant("PLAIN"),))
    told_of = []
    checked = mall.shop.catalog.check(lines(none, red), form="jsonl")
    report = mall.shop.catalog.bring_in(lines(none, red), form="jsonl", key="spring", by=CLERK, tell=told_of.append)

    assert (report.created, report.wrong, [problem.line for problem in told_of]) == (1, 1, [1])
    assert (checked.created, checked.wrong) == (1, 1)
    assert categories_of(mall) == ("kitchen", "pots")
    assert told(mall.shop)[-1] == GroupPut(group_id="pot", created=True, by="staff:clerk", at=START)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_written_out_comes_back_as_it_was_and_changes_nothing(mall, form):
    for number in range(450):
        each = evolve(POT, id=f"pot-{number:03}", options=(), variants=(Variant(f"P{number}", prices=(Money(number, "EUR"),)),))
        KeptCatalog(mall.storage, key=f"k{number}", at=START, languages=("de",)).keep([each])
    before = told(mall.shop)
    written = list(mall.shop.catalog.write_out(form=form))
    again = mall.shop.catalog.bring_in(written, form=form, key="again")

    assert (again.unchanged, again.created, again.changed, again.wrong) == (450, 0, 0, 0)
    assert told(mall.shop) == before


def test_an_import_reads_no_further_than_a_batch_ahead_of_what_it_has_kept(mall):
    read, ahead = [], []

    def rows():
        for number in range(1_000):
            read.append(number)
            yield f'{{"product": "p{number}", "seller": "own"}}\n'

    mall.shop.catalog.bring_in(rows(), form="jsonl", key="long", batch=50, progress=lambda report: ahead.append(len(read) - report.groups))
    assert (len(ahead), max(ahead)) == (20, 0)


def test_a_group_that_is_changed_while_its_category_is_merged_keeps_the_change(mall):
    put(mall)

    class Rival:
        """Somebody changes the brand of the group right before it is written into its new category."""

        def __init__(self, storage):
            self.storage, self.changed = storage, False

        def __getattr__(self, name):
            return getattr(self.storage, name)

        def commit(self, change):
            if not self.changed and any(isinstance(it.value, type(POT)) for it in change.puts):
                self.changed = True
                put(mall, evolve(POT, brand="Loom"), key="rival")
            return self.storage.commit(change)

    slow = Shop(Rival(mall.storage), clock=mall.clock, **CATALOG_IN_GERMAN)
    accepted(slow.catalog.merge_category(MergeCategory(key="merge", by=CLERK, name="pots", into="kettles")))

    assert accepted(mall.shop.catalog.get("pot")) == evolve(POT, brand="Loom", categories=("kettles",))
