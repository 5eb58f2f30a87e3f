"""Orders whose prices promotions have changed: what is frozen on them, and that nothing of today changes it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from attrs import evolve

from shopwright import CancelOrder, Cart, CartLine, Money, Order, PlaceOrder, ReceiveStock, Refusal, Shop, Tender, accepted, customer
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue
from shopwright.orders.events import OrderPlaced
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Storage
from shopwright.pricing import disagreements, replay
from shopwright.pricing.tax import Prices, TaxPolicy
from shopwright.pricing.tax_rates import Ruling, TaxPlace, TaxRate, TaxRule, TaxTable
from shopwright.pricing.taxes import TableTaxes
from shopwright.promotions.conditions import All, CartTotal, Code, OneOf
from shopwright.promotions.effects import AcrossOff, FixedPrice, Percent
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.limits import Limits
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.units import BuyGet
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, an_order

TEN = Promotion(id="ten", effects=(Percent(1_000),), when=All((CartTotal(Money(3_000, "EUR")), Code("TEN"))), version=3, title="Ten off")
TEA = Promotion(id="tea", effects=(BuyGet(1, 1, Named("sku", "TEA"), Named("sku", "TEA")),), ends=START + timedelta(days=1))
FREE = Promotion(id="free-shipping", effects=(ShippingOff(percent=10_000),), when=OneOf("payment_method", "card"))


def shop_with(*promotions: Promotion) -> tuple[Mall, Shop]:
    """A mall, and a shop in it with promotions."""
    mall = Mall(MemoryStorage(KINDS))
    gateways = [FakeGateway(provider=mall.provider)]
    return mall, Shop(mall.storage, gateways=gateways, clock=mall.clock, ids=SeededIds(), promotions=promotions)


def asked(total: int, *codes: str) -> PlaceOrder:
    """Two teas and a cup, and what Ann thinks they cost."""
    command = an_order()
    return evolve(command, cart=evolve(command.cart, codes=codes), tenders=(evolve(command.tenders[0], amount=total),))


def the_placing(shop: Shop, order: Order) -> OrderPlaced:
    """The event that placed an order."""
    (event,) = [record.value for record in shop.ports.storage.read("events", key=order.id) if isinstance(record.value, OrderPlaced)]
    return event


def test_an_order_freezes_what_each_promotion_took_off_each_line() -> None:
    _, shop = shop_with(TEN, TEA, FREE)

    order = accepted(shop.orders.place(asked(3150, "ten ")))

    assert [(line.sku, line.subtotal, line.discount, line.shipping, line.total) for line in order.lines] == [
        ("TEA", 2000, 1100, 0, 900),
        ("CUP", 2500, 250, 0, 2250),
    ]
    assert [(it.code, it.rule, it.rule_version, it.amount, it.reason) for it in order.lines[0].adjustments] == [
        ("promotion", "tea", 1, -1000, ""),
        ("promotion", "ten", 3, -100, "Ten off"),
    ]
    told = [(entry.step, entry.code, entry.rule, entry.amount) for entry in the_placing(shop, order).trace]
    assert told == [
        ("list_prices", "listed", "", 4500),
        ("promotions", "exact", "", 0),
        ("promotion", "buy_get", "tea", -1000),
        ("promotion", "percent", "ten", -350),
        ("coupon", "no_code", "", 0),
        ("shipping", "flat", "post", 400),
        ("shipping_promotion", "shipping_off", "free-shipping", -400),
        ("tax", "off", "", 0),
    ]


def test_a_placed_order_is_priced_again_to_the_cent_after_its_promotions_have_ended_and_changed() -> None:
    mall, shop = shop_with(TEN, TEA, FREE)
    order = accepted(shop.orders.place(asked(3150, "TEN")))
    mall.clock.advance(days=400)

    today = Shop(mall.storage, promotions=[evolve(TEN, effects=(Percent(9_000),), version=4)])
    placing = the_placing(today, order)
    again = replay(placing, at=placing.at)

    assert disagreements(placing, again) == ()
    assert again.total == order.total.minor == 3150


def test_a_repeat_gets_its_order_though_the_promotion_has_ended_by_now() -> None:
    mall, shop = shop_with(TEA)
    first = accepted(shop.orders.place(asked(3900)))
    mall.clock.advance(days=2)

    assert accepted(shop.orders.place(asked(3900))) == first
    refused = shop.orders.place(evolve(asked(3900), key="o2"))
    assert (getattr(refused, "code", ""), accepted(shop.orders.quote(asked(3900))).total) == ("tenders_mismatch", 4900)


def test_a_promotion_by_the_way_of_paying_waits_until_there_is_one_way() -> None:
    _, shop = shop_with(FREE)
    two_ways = evolve(asked(0), tenders=tuple(
        Tender(method=method, amount=amount, gateway="fake") for method, amount in (("card", 3000), ("paypal", 1900))
    ))

    assert (accepted(shop.orders.quote(asked(0))).shipping, accepted(shop.orders.quote(two_ways)).shipping) == (0, 400)


def test_an_order_is_taxed_where_it_goes_and_keeps_its_taxes() -> None:
    mall, _ = shop_with()
    rates = ((TaxRate("DE-19", "19 %"), TaxPlace("DE")), (TaxRate("NY", "0.08875"), TaxPlace("US", "US-NY")))
    rules = tuple(TaxRule("standard", Ruling((rate,)), place) for rate, place in rates)
    taxes = TableTaxes(TaxTable("shop", rules), TaxPolicy(prices=Prices.EXCLUSIVE))
    shop = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, ids=SeededIds(), taxes=taxes, promotions=[TEA])

    order = accepted(shop.orders.place(asked(4641)))
    again = replay(the_placing(shop, order), at=START)
    away = evolve(asked(0), ship_to=evolve(asked(0).ship_to, country="US", region="NY"))
    nowhere = evolve(away, ship_to=evolve(away.ship_to, region="New Jersey"))

    assert [(line.sku, line.discount, line.shipping, line.tax, line.total) for line in order.lines] == [
        ("TEA", 1000, 114, 212, 1326),
        ("CUP", 0, 286, 529, 3315),
    ]
    assert (again.total, disagreements(the_placing(shop, order), again)) == (4641, ())
    assert accepted(shop.orders.quote(away)).tax == 346
    assert getattr(shop.orders.quote(nowhere), "code", "") == "tax_rule_missing"


def ordered(shop: Shop, number: int, buyer: str = "ann", *codes: str) -> Order:
    """An order at whatever it costs now."""
    command = evolve(an_order(), key=f"o{number}", by=customer(buyer), buyer_id=buyer)
    command = evolve(command, cart=evolve(command.cart, codes=codes))
    total = accepted(shop.orders.quote(command)).total
    return accepted(shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=total),))))


def limited(**limits: object) -> Promotion:
    """Five off, so often or so much."""
    return Promotion(id="five", effects=(AcrossOff(Money(500, "EUR")),), limits=Limits(**limits))  # type: ignore[arg-type]  # as the tests name them


def taken(*orders: Order) -> list[int]:
    """What was taken off each order."""
    return [sum(line.discount for line in order.lines) for order in orders]


def test_a_promotion_is_used_as_often_as_its_limit_says_and_a_canceled_order_gives_its_use_back() -> None:
    mall, shop = shop_with(limited(total=2))
    first, second, third = (ordered(shop, number) for number in (1, 2, 3))
    assert taken(first, second, third) == [500, 500, 0]
    assert mall.storage.quota(("promotion/five/total",), at=START) == {"promotion/five/total": Quota("promotion/five/total", 2, 0, 2)}

    accepted(shop.orders.cancel(CancelOrder(key="c", by=ANN, order_id=first.id)))

    assert taken(ordered(shop, 4), ordered(shop, 5)) == [500, 0]


def test_a_use_that_was_not_paid_for_comes_back_when_its_hold_lapses() -> None:
    mall, shop = shop_with(limited(total=1))
    assert taken(ordered(shop, 1), ordered(shop, 2)) == [500, 0]
    mall.clock.advance(minutes=31)
    assert taken(ordered(shop, 3)) == [500]


def test_limits_per_member_per_code_and_per_day_count_apart() -> None:
    _, shop = shop_with(limited(per_member=1))
    assert taken(ordered(shop, 1, "ann"), ordered(shop, 2, "ann"), ordered(shop, 3, "bob")) == [500, 0, 500]

    by_code = evolve(limited(per_code=1), when=Code({"A", "B"}))
    _, shop = shop_with(by_code)
    assert taken(ordered(shop, 1, "ann", "A"), ordered(shop, 2, "ann", "A"), ordered(shop, 3, "ann", "B"), ordered(shop, 4)) == [500, 0, 500, 0]

    mall, shop = shop_with(limited(per_day=1, zone="Asia/Tokyo"))
    assert taken(ordered(shop, 1), ordered(shop, 2)) == [500, 0]
    mall.clock.advance(hours=6)  # it is midnight in Tokyo
    assert taken(ordered(shop, 3)) == [500]


def test_a_flash_price_is_for_so_many_units_and_so_many_of_a_member() -> None:
    flash = Promotion(id="flash", effects=(FixedPrice(Money(600, "EUR"), Named("sku", "TEA")),), limits=Limits(units=5, units_per_member=3))
    _, shop = shop_with(flash)
    assert taken(ordered(shop, 1, "ann"), ordered(shop, 2, "ann"), ordered(shop, 3, "bob"), ordered(shop, 4, "cid")) == [800, 0, 800, 0]


def test_a_budget_is_never_overdrawn() -> None:
    mall, shop = shop_with(limited(budget=Money(1_200, "EUR")))
    assert taken(*(ordered(shop, number) for number in (1, 2, 3))) == [500, 500, 0]
    assert mall.storage.quota(("promotion/five/budget/EUR",), at=START)["promotion/five/budget/EUR"].held == 1_000


def test_a_new_version_of_a_promotion_brings_its_quota_to_the_new_limit() -> None:
    mall, shop = shop_with(limited(total=1))
    assert taken(ordered(shop, 1), ordered(shop, 2)) == [500, 0]
    more = evolve(limited(total=3), version=2)
    later = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, ids=SeededIds(9), promotions=[more])
    assert taken(*(ordered(later, number) for number in (3, 4, 5))) == [500, 500, 0]


@pytest.mark.parametrize("where", ["memory", "sqlite"])
def test_many_who_want_the_last_uses_at_once_get_exactly_those(where: str, tmp_path: Path) -> None:
    storage: Storage = MemoryStorage(KINDS) if where == "memory" else SqliteStorage.open(tmp_path / "shop.sqlite", kinds=KINDS, upgrade=True)
    mall = Mall(storage)
    accepted(mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="TEA", quantity=100)))
    accepted(mall.shop.goods.receive(ReceiveStock(key="more-cups", by=CLERK, sku="CUP", quantity=100)))
    ready = Barrier(16)

    def buy(number: int) -> list[int]:
        shop = Shop(storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, promotions=[limited(total=10)])
        got = []
        ready.wait()
        for turn in range(2):
            command = evolve(an_order(), key=f"o{number}/{turn}", tenders=(evolve(an_order().tenders[0], amount=4400),))
            order = shop.orders.place(command)
            got.append(sum(line.discount for line in order.lines) if isinstance(order, Order) else 0)
        return got

    with ThreadPoolExecutor(16) as pool:
        won = [off for some in pool.map(buy, range(16)) for off in some if off]

    assert won == [500] * 10
    assert storage.quota(("promotion/five/total",), at=START)["promotion/five/total"] == Quota("promotion/five/total", 10, 0, 10)
    storage.close()


def test_a_cart_keeps_each_code_once_and_is_priced_with_a_hundred_at_most() -> None:
    line = (CartLine("TEA"),)
    _, shop = shop_with(TEN)
    assert Cart("EUR", line, codes=(" spring", "SPRING", "", "a b")).codes == ("AB", "SPRING")
    refused = shop.orders.quote(asked(0, *(f"C{number}" for number in range(1_000))))
    assert refused == Refusal("codes_too_many", "the cart has 1000 codes, at most 100 can be tried", {"codes": 1_000, "most": 100})
    assert accepted(shop.orders.quote(asked(0, *(f"C{number}" for number in range(99)), "TEN"))).discount == 450
    with pytest.raises(InvalidValue, match="write \\('SPRING',\\)"):
        Cart("EUR", line, codes="SPRING")  # type: ignore[arg-type]  # one code in place of several


def test_a_buyer_is_told_why_each_other_promotion_is_not_taken_and_how_far_it_is() -> None:
    mall, shop = shop_with(limited(total=1), evolve(TEN, when=CartTotal(Money(10_000, "EUR"))), evolve(FREE, ends=START + timedelta(hours=1)))
    ordered(shop, 1)
    mall.clock.advance(hours=0, minutes=10)

    told = shop.orders.why_not(asked(0))

    assert not isinstance(told, Refusal)
    assert [(skip.promotion.id, skip.reason, skip.unmet.missing if skip.unmet else 0) for skip in told] == [
        ("five", "exhausted", 0),
        ("ten", "condition", 5500),
    ]
    no_such_goods = evolve(asked(0), cart=Cart("EUR", (CartLine("GONE"),)))
    assert getattr(shop.orders.why_not(no_such_goods), "code", "") == "sku_unknown"
