"""Orders whose prices promotions have changed: what is frozen on them, and that nothing of today changes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Money, Order, PlaceOrder, Shop, Tender, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.orders.events import OrderPlaced
from shopwright.pricing import disagreements, replay
from shopwright.promotions.conditions import All, CartTotal, Code, OneOf
from shopwright.promotions.effects import Percent
from shopwright.promotions.extras import Extra, ShippingOff
from shopwright.promotions.matching import Named
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.taking import Gift
from shopwright.promotions.units import BuyGet
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import START, Mall, an_order

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


def test_a_shop_refuses_promotions_that_a_price_cannot_carry() -> None:
    gift = Promotion(id="mug", effects=(Extra(gifts=(Gift("MUG"),)),))
    with pytest.raises(InvalidValue, match="gifts, points or coupons in mug"):
        shop_with(gift)


def test_a_cart_keeps_each_code_once_and_takes_a_hundred_at_most() -> None:
    line = (CartLine("TEA"),)
    assert Cart("EUR", line, codes=(" spring", "SPRING", "", "a b")).codes == ("AB", "SPRING")
    with pytest.raises(InvalidValue, match="at most 100 codes, got 1000"):
        Cart("EUR", line, codes=tuple(f"C{number}" for number in range(1_000)))
    with pytest.raises(InvalidValue, match="write \\('SPRING',\\)"):
        Cart("EUR", line, codes="SPRING")  # type: ignore[arg-type]  # one code in place of several
