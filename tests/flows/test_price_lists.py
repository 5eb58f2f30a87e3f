"""Price lists at the desk of a shop: asked by carts and pages, told in the trace, frozen on orders, and remembered for reductions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Money, Product, PutProduct, Refusal, Tender, Via, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.catalog.events import PriceListPut, PriceListRemoved, PricesPut
from shopwright.catalog.kept_prices import ListBook
from shopwright.catalog.price_history import PriorBasis
from shopwright.catalog.price_lists import ListedPrice, PriceBreak, PriceList
from shopwright.catalog.terms import CatalogTerms, ListTerms
from shopwright.flows.catalog.commands import PutPriceList, PutPrices, RemovePriceList, RemovePrices
from shopwright.periods import Window
from shopwright.pricing import disagreements, explain, replay
from shopwright.pricing.listing import LISTED
from shopwright.promotions.basket import Buyer
from shopwright.promotions.price_rules import CatalogPrice, PercentOff
from shopwright.promotions.windows import DateWindow
from shopwright.wire.kinds import KINDS
from tests.flows.cataloged import POT, put
from tests.flows.mall import CLERK, START, Mall, an_order

DAY = timedelta(days=1)
LISTED_TERMS = CatalogTerms(lists=ListTerms(zone="Europe/Berlin"))


class Club:
    """Ann is gold, and nobody else is anything."""

    def known(self, buyer_id, *, at):
        return Buyer(buyer_id, tier="gold" if buyer_id == "ann" else None)


@pytest.fixture(params=["memory", "sqlite"])
def mall(request, tmp_path):
    storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "mall.db", kinds=KINDS, upgrade=True)
    yield Mall(storage, ways={"catalog": LISTED_TERMS, "buyers": Club()})
    storage.close()


def lists(mall, *given, key="lists"):
    for each in given:
        accepted(mall.shop.catalog.put_price_list(PutPriceList(key=f"{key}-{each.id}", by=CLERK, price_list=each)))


def prices(mall, *rows, key="prices"):
    """Rows of a list, a sku, and breaks as pairs of quantity and amount."""
    found = tuple([ListedPrice(list_id, sku, tuple([PriceBreak(*pair) for pair in breaks])) for list_id, sku, *breaks in rows])
    return accepted(mall.shop.catalog.put_prices(PutPrices(key=key, by=CLERK, prices=found)))


def command(*lines, buyer="ann", channel=""):
    order = an_order()
    cart = Cart("EUR", tuple([CartLine(sku, quantity) for sku, quantity in lines]), channel=channel)
    return evolve(order, buyer_id=buyer, by=CLERK, cart=cart, tenders=(Tender(method="cash", amount=1, via=Via.EXTERNAL),), exact_tenders=False)


def units(mall, *lines, **facts):
    """What one unit costs on each line."""
    return [line.unit_price for line in accepted(mall.shop.orders.quote(command(*lines, **facts))).lines]


def shown(mall, sku="TEA", **facts):
    return mall.shop.goods.shelf([sku], **{"currency": "EUR", **facts})[sku]


def test_the_list_that_is_taken_is_the_price_of_a_cart_and_told_in_the_trace(mall):
    """LISTS-1."""
    lists(mall, PriceList("retail", "EUR"), PriceList("gold", "EUR", tier="gold"), PriceList("yuan", "CNY"))
    prices(mall, ("retail", "TEA", (1, 980)), ("gold", "TEA", (1, 900)), ("yuan", "TEA", (1, 1)))

    assert (units(mall, ("TEA", 2), ("CUP", 1)), units(mall, ("TEA", 2), buyer="bob")) == ([900, 2500], [980])
    quote = accepted(mall.shop.orders.quote(command(("TEA", 2), ("CUP", 1))))
    assert explain(quote.trace, currency="EUR")[:3] == (
        "list prices: 43.00 EUR (line 1 18.00 EUR, line 2 25.00 EUR)",
        "price list gold: 9.00 EUR for each TEA of line 1, from 1 on",
        "price list: none has a price for CUP of line 2, which has its own",
    )
    assert quote.trace[1].fact("passed") == "retail less_for_tier"


def test_lines_of_one_sku_reach_a_break_together(mall):
    """LISTS-2."""
    lists(mall, PriceList("retail", "EUR"))
    prices(mall, ("retail", "TEA", (1, 1000), (10, 850)))

    assert (units(mall, ("TEA", 9)), units(mall, ("TEA", 6), ("TEA", 4))) == ([1000], [850, 850])


def test_a_channel_and_a_window_choose_the_list(mall):
    lists(mall, PriceList("app", "EUR", channel="app"), PriceList("sale", "EUR", window=Window(START + DAY, START + 2 * DAY)))
    prices(mall, ("app", "TEA", (1, 950)), ("sale", "TEA", (1, 700)))

    def by_day():
        found = (units(mall, ("TEA", 1)), units(mall, ("TEA", 1), channel="app"))
        mall.clock.advance(DAY)
        return found

    assert [by_day() for _ in range(3)] == [([1000], [950]), ([700], [950]), ([1000], [950])]


def test_goods_that_only_lists_price_are_sold_where_a_list_has_a_price(mall):
    bare = evolve(POT, options=(), variants=(evolve(POT.variants[0], options={}, prices=()),))
    put(mall, bare)
    lists(mall, PriceList("web", "EUR", channel="web"))
    prices(mall, ("web", "POT-S", (1, 1500)))

    assert units(mall, ("POT-S", 1), channel="web") == [1500]
    refused = mall.shop.orders.quote(command(("POT-S", 1)))
    assert isinstance(refused, Refusal)
    assert refused.code == "price_missing"


def test_an_order_keeps_its_list_price_and_can_be_priced_again(mall):
    lists(mall, PriceList("gold", "EUR", tier="gold"))
    prices(mall, ("gold", "TEA", (1, 900), (2, 875)))
    order = accepted(mall.shop.orders.place(command(("TEA", 2), ("CUP", 1))))
    prices(mall, ("gold", "TEA", (1, 1)), key="cheaper")

    kept = accepted(mall.shop.orders.get(order.id))
    placed = mall.shop.orders.history(order.id)[0].value
    assert [line.unit_price for line in kept.lines] == [875, 2500]
    assert [entry.rule for entry in placed.trace if entry.step == LISTED] == ["gold", ""]
    assert disagreements(placed, replay(placed, at=START)) == ()


def test_a_price_that_was_shown_must_be_that_of_the_lists(mall):
    lists(mall, PriceList("retail", "EUR"))
    prices(mall, ("retail", "TEA", (1, 980)))

    def answer(minor):
        cart = Cart("EUR", (CartLine("TEA", 1, Money(minor, "EUR")),))
        return mall.shop.orders.quote(evolve(command(), cart=cart))

    assert accepted(answer(980)).lines[0].unit_price == 980
    assert (answer(1000).code, answer(1000).fact("now")) == ("price_changed", 980)


def test_a_page_tells_the_list_its_next_break_and_until_when_it_holds(mall):
    lists(mall, PriceList("retail", "EUR"), PriceList("may", "EUR", window=Window(START + 3 * DAY, START + 9 * DAY)))
    prices(mall, ("retail", "TEA", (1, 980), (10, 900)), ("may", "TEA", (1, 970)))
    one, ten = shown(mall), shown(mall, quantity=10)

    assert (str(one.price), one.listed.list_id, one.listed.next_break, one.until) == ("9.80 EUR", "retail", PriceBreak(10, 900), START + 3 * DAY)
    assert (str(ten.price), [entry.rule for entry in ten.why]) == ("9.00 EUR", ["retail"])


def test_what_is_told_of_lists_and_prices(mall):
    put(mall)
    lists(mall, PriceList("retail", "EUR"))
    prices(mall, ("retail", "POT-S", (1, 1)), ("retail", "TEA", (1, 2)))
    prices(mall, ("retail", "POT-S", (1, 1)), key="the same")
    accepted(mall.shop.catalog.remove_prices(RemovePrices(key="less", by=CLERK, list_id="retail", skus=("TEA", "NONE"))))
    left = accepted(mall.shop.catalog.remove_price_list(RemovePriceList(key="gone", by=CLERK, list_id="retail")))

    by = {"by": "staff:clerk", "at": START}
    assert left == ListBook()
    assert [change.event for change in mall.shop.catalog.changes()][1:] == [
        PriceListPut(list_id="retail", **by),
        PricesPut(sku="POT-S", group_id="pot", **by),
        PricesPut(sku="TEA", **by),
        PricesPut(sku="TEA", **by),
        PriceListRemoved(list_id="retail", **by),
    ]


def test_prices_of_a_list_that_was_removed_stand_again_when_it_comes_back(mall):
    lists(mall, PriceList("retail", "EUR"))
    prices(mall, ("retail", "TEA", (1, 980)))
    accepted(mall.shop.catalog.remove_price_list(RemovePriceList(key="gone", by=CLERK, list_id="retail")))
    without = units(mall, ("TEA", 1))
    lists(mall, PriceList("retail", "EUR"), key="back")

    assert (without, units(mall, ("TEA", 1))) == ([1000], [980])
    assert mall.shop.catalog.price_lists(["TEA"]).price("TEA", currency="EUR", at=START).money == Money(980, "EUR")


def test_a_page_tells_the_lowest_price_of_the_thirty_days_before_a_reduction(mall):
    """PRIOR-1."""
    mall.clock.advance(60 * DAY)
    lists(mall, PriceList("retail", "EUR"))
    prices(mall, ("retail", "TEA", (1, 1200)))
    mall.clock.advance(10 * DAY)
    prices(mall, ("retail", "TEA", (1, 1100)), key="less")
    first = shown(mall).prior
    mall.clock.advance(5 * DAY)
    prices(mall, ("retail", "TEA", (1, 1300)), key="more")
    raised = shown(mall).prior
    mall.clock.advance(2 * DAY)
    prices(mall, ("retail", "TEA", (1, 900)), key="sale")
    mall.clock.advance(20 * DAY)
    sale = shown(mall).prior

    assert (first.minor, first.percent_off(1100), raised) == (1000, 0, None)
    assert (sale.minor, sale.percent_off(900), sale.basis) == (1000, 1000, PriorBasis.LAST_DAYS)


def test_the_prior_price_knows_of_windows_of_lists_and_of_price_rules(mall):
    lists(mall, PriceList("april", "EUR", window=Window(START + 40 * DAY, START + 45 * DAY)))
    prices(mall, ("april", "TEA", (1, 950)))
    rule = CatalogPrice(id="week", to=PercentOff(2_000), window=DateWindow(START + 60 * DAY, START + 67 * DAY))
    mall.ways["prices"] = (rule,)
    shop = mall.reopened()
    mall.clock.advance(61 * DAY)
    page = shop.goods.shelf(["TEA"], currency="EUR")["TEA"]

    assert (str(page.list_price), str(page.price), page.prior.minor, page.prior.percent_off(page.price.minor)) == ("10.00 EUR", "8.00 EUR", 950, 1578)


def test_prices_of_products_themselves_are_remembered_whoever_put_them(mall):
    mall.clock.advance(50 * DAY)
    tea = evolve(mall.storage.load(Product, "TEA").value, prices=(Money(800, "EUR"),), version=2)
    accepted(mall.shop.goods.put(PutProduct(key="less", by=CLERK, product=tea)))
    put(mall)
    mall.clock.advance(50 * DAY)
    put(mall, evolve(POT, variants=tuple([evolve(it, prices=(Money(1500, "EUR"),)) for it in POT.variants])), key="cheap")

    assert (shown(mall).prior.minor, shown(mall, "POT-L").prior.minor, shown(mall, "CUP").prior) == (1000, 2900, None)


def test_a_shop_that_does_not_ask_its_lists_sells_at_its_own_prices(mall):
    lists(mall, PriceList("retail", "EUR"))
    prices(mall, ("retail", "TEA", (1, 1)))
    mall.ways["catalog"] = CatalogTerms()
    page = mall.reopened().goods.shelf(["TEA"], currency="EUR")["TEA"]

    assert (str(page.price), page.listed, page.prior, page.why) == ("10.00 EUR", None, None, ())
