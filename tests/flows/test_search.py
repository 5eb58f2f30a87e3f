"""The search index of a shop: in step with its catalog and its stock, whoever crashes or is faster, and made again at any time."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import CancelOrder, Cart, CartLine, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.search_memory import MemorySearch
from shopwright.adapters.search_sqlite import SqliteSearch
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog.categories import CategoryTree
from shopwright.catalog.groups import Status
from shopwright.catalog.languages import Texts
from shopwright.catalog.variants import Component
from shopwright.errors import InvalidValue
from shopwright.flows.catalog.commands import ArchiveGroup, MoveCategory
from shopwright.flows.cataloging import KeptCatalog
from shopwright.flows.inventory.commands import ReceiveGoods, WriteOffGoods
from shopwright.flows.search.following import PAGE
from shopwright.ports.search import Searching, SearchQuery, Sort
from shopwright.testing.faults import Crash
from shopwright.testing.search_contract.laws import every_hit
from shopwright.wire.kinds import KINDS
from tests.flows.cataloged import POT, filed, put
from tests.flows.mall import CLERK, START, Mall, an_order, paid, refused
from tests.flows.stocked import PLACES

LAMP = evolve(
    POT, id="lamp", titles=Texts({"en": "Lamp"}), categories=("lamps",), options=(), variants=(evolve(POT.variants[0], sku="LAMP", options={}),)
)


@pytest.fixture(params=["memory", "sqlite"])
def mall(request, tmp_path):
    if request.param == "memory":
        storage, index = MemoryStorage(KINDS), MemorySearch()
    else:
        storage, index = SqliteStorage.open(tmp_path / "mall.db", kinds=KINDS, upgrade=True), SqliteSearch(tmp_path / "mall.db")
    yield Mall(storage, ways={"search": index, "places": PLACES})
    index.close()
    storage.close()


def index_of(mall):
    return mall.ways["search"]


def found(mall, text="", **said):
    return [hit.id for hit in every_hit(index_of(mall), SearchQuery(text=text, **said))]


def followed(mall):
    """Follow until nothing is new, one record at a time; how many there were."""
    read = 0
    while some := mall.shop.search.follow(limit=1):
        read += some
    return read


def received(mall, sku="POT-S", units=2, place="north"):
    accepted(
        mall.shop.stock.receive(ReceiveGoods(key=f"in-{sku}-{place}", by=CLERK, sku=sku, place=place, reason="in", units=units, cost=1, source="d"))
    )


def test_what_is_put_into_the_catalog_is_found_when_the_index_has_followed(mall):
    put(mall)
    assert found(mall) == []
    assert followed(mall) == 1
    page = accepted(mall.shop.search.find(SearchQuery(text="teekane pot-s", languages=("de",))))
    assert [(hit.id, hit.title) for hit in page.hits] == [("pot", "Teekanne")]
    assert mall.shop.search.suggest("teek") == ("teekanne",)
    put(mall, evolve(POT, titles=Texts({"en": "Kettle"})), key="kettle")
    assert (followed(mall), found(mall, "teekanne"), found(mall, "kettle")) == (1, [], ["pot"])
    assert followed(mall) == 0


def test_what_is_not_for_sale_is_not_found(mall):
    put(mall)
    put(mall, evolve(LAMP, status=Status.DRAFT), key="lamp")
    followed(mall)
    assert found(mall) == ["pot"]
    accepted(mall.shop.catalog.archive(ArchiveGroup(key="gone", by=CLERK, group_id="pot")))
    followed(mall)
    assert (found(mall), index_of(mall).count()) == ([], 0)


def test_goods_are_found_under_their_categories_wherever_these_are_moved(mall):
    filed(mall)
    put(mall)
    followed(mall)
    assert found(mall, categories=("home",)) == ["pot"]
    accepted(mall.shop.catalog.move_category(MoveCategory(key="moved", by=CLERK, name="pots", under="garden")))
    followed(mall)
    assert (found(mall, categories=("home",)), found(mall, categories=("garden",))) == ([], ["pot"])


def test_goods_are_in_stock_while_one_of_their_variants_can_be_had_at_any_place(mall):
    put(mall)
    followed(mall)
    assert found(mall, in_stock=True) == []
    received(mall, "POT-L", place="south")
    followed(mall)
    assert found(mall, in_stock=True) == ["pot"]
    accepted(mall.shop.stock.write_off(WriteOffGoods(key="out", by=CLERK, sku="POT-L", place="south", reason="out", units=2)))
    followed(mall)
    assert found(mall, in_stock=True) == []


def test_sold_out_goods_are_told_when_the_stock_has_followed_its_orders():
    index = MemorySearch()
    mall = Mall(MemoryStorage(KINDS), ways={"search": index})
    put(mall)
    received(mall, "POT-S", place="", units=1)
    followed(mall)
    command = an_order()
    order = paid(mall.shop, evolve(command, cart=Cart("EUR", (CartLine("POT-S", 1),)), tenders=(evolve(command.tenders[0], amount=2300),)))
    while mall.shop.stock.follow():
        pass
    followed(mall)
    assert found(mall, in_stock=True) == []
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=CLERK, order_id=order.id)))
    while mall.shop.stock.follow():
        pass
    followed(mall)
    assert found(mall, in_stock=True) == ["pot"]


def test_what_is_not_counted_or_put_together_is_in_stock_when_it_can_be_had(mall):
    ebook = evolve(LAMP, id="ebook", variants=(evolve(LAMP.variants[0], sku="EBOOK", tracked=False),))
    of_pots = evolve(LAMP.variants[0], sku="SET", components=(Component("POT-S", 2),), assembled=True)
    put(mall)
    put(mall, ebook, key="ebook")
    put(mall, evolve(LAMP, id="set", kind=type(LAMP.kind).BUNDLE, variants=(of_pots,)), key="set")
    received(mall, units=1)
    mall.shop.search.rebuild()
    assert found(mall, in_stock=True) == ["ebook", "pot"]
    received(mall, units=1, place="south")
    assert mall.shop.search.refresh(["set", "pot", "nothing"]) == 2
    assert found(mall, in_stock=True) == ["ebook", "pot", "set"]


def test_a_rebuild_finds_the_whole_catalog_and_following_goes_on_from_there(mall):
    lamps = [evolve(LAMP, id=f"lamp-{number:04}", variants=(evolve(LAMP.variants[0], sku=f"L-{number}"),)) for number in range(PAGE + 30)]
    KeptCatalog(mall.storage, key="lamps", at=START, tree=CategoryTree({"lamps": "home"})).keep(lamps)
    told = []
    assert mall.shop.search.rebuild(progress=lambda job, done: told.append((job, done))) == PAGE + 30
    assert told[-1] == ("search", PAGE + 30)
    assert found(mall, "lamp", limit=100) == found(mall, limit=100)
    assert followed(mall) == 0
    put(mall)
    assert (followed(mall), found(mall, "pot")) == (1, ["pot"])


def test_what_changes_while_the_index_is_made_again_is_found_afterwards(mall):
    put(mall)
    put(mall, LAMP, key="lamp")
    followed(mall)

    def meanwhile(job, done):
        put(mall, evolve(LAMP, titles=Texts({"en": "Torch"})), key="torch")
        mall.shop.search.follow()

    mall.shop.search.rebuild(progress=meanwhile)
    followed(mall)
    assert (found(mall, "torch"), found(mall, "lamp")) == (["lamp"], ["lamp"])
    assert accepted(mall.shop.search.find(SearchQuery(text="torch"))).hits[0].title == "Torch"


def test_an_index_that_was_put_to_late_is_put_to_again():
    """Somebody else archives the goods and follows, between the reading of one follower and its writing."""

    class Late(MemorySearch):
        def put(self, documents):
            if documents and (act := acts.pop() if acts else None):
                act()
            super().put(documents)

    mall = Mall(MemoryStorage(KINDS), ways={"search": (index := Late())})
    acts = []
    put(mall)

    def faster():
        accepted(mall.shop.catalog.archive(ArchiveGroup(key="gone", by=CLERK, group_id="pot")))
        mall.shop.search.follow()

    acts.append(faster)
    mall.shop.search.follow()
    assert (acts, index.count()) == ([], 0)


def test_following_goes_on_after_a_crash_at_any_call():
    number = 0
    while True:
        number += 1
        for after in (False, True):
            mall = Mall(MemoryStorage(KINDS), ways={"places": PLACES})
            index = MemorySearch()
            mall.ways["search"] = mall.faults.wrap(index)
            mall.reopened()
            put(mall)
            received(mall)
            mall.faults.crash_at(number, after=after)
            try:
                followed(mall)
            except Crash:
                mall.faults.heal()
                mall.reopened()
                followed(mall)
            else:
                assert number > 5
                return
            mall.faults.heal()
            assert (found(mall, "teapot", in_stock=True), followed(mall)) == (["pot"], 0)


def test_goods_are_sorted_by_how_popular_the_host_says_they_are():
    index = MemorySearch()
    mall = Mall(MemoryStorage(KINDS), ways={"search": Searching(index, popularity=lambda ids: {"lamp": 7})})
    put(mall)
    put(mall, LAMP, key="lamp")
    followed(mall)
    assert [hit.id for hit in every_hit(index, SearchQuery(sort=Sort.POPULAR))] == ["lamp", "pot"]


def test_a_search_that_cannot_be_is_refused(mall):
    assert refused(mall.shop.search.find(SearchQuery(text="x" * 500))) == "search_text_too_long"


@pytest.mark.parametrize(
    "act",
    [
        lambda shop: shop.search.find(SearchQuery()),
        lambda shop: shop.search.suggest("tea"),
        lambda shop: shop.search.follow(),
        lambda shop: shop.search.refresh(["pot"]),
        lambda shop: shop.search.rebuild(),
    ],
)
def test_a_shop_without_an_index_says_so(act):
    with pytest.raises(InvalidValue, match="no search index"):
        act(Shop(MemoryStorage(KINDS)))


@pytest.mark.parametrize("wrong", [MemorySearch, object(), "search.sqlite", Searching])
def test_a_shop_is_given_an_index_or_told_what_is_wrong(wrong):
    with pytest.raises(InvalidValue, match="search index"):
        Shop(MemoryStorage(KINDS), search=wrong)


def test_a_progress_that_cannot_be_called_is_told_at_once(mall):
    with pytest.raises(InvalidValue, match="progress"):
        mall.shop.search.rebuild(progress=3)
    with pytest.raises(InvalidValue, match="popularity"):
        Searching(MemorySearch(), popularity={})
