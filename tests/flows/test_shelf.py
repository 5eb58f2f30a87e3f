"""Price rules in a shop: what is frozen on orders, what a page shows, and that no flash price is ever oversold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from attrs import evolve

from shopwright import CancelOrder, Cart, CartLine, Money, Order, ReceiveStock, Refusal, Shop, accepted, customer
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Storage
from shopwright.pricing import ShelfPrice, disagreements, replay
from shopwright.promotions.effects import Percent
from shopwright.promotions.matching import Named
from shopwright.promotions.price_rules import Audience, Beyond, CatalogPrice, MemberPrice, PercentOff, PriceRule, SetPrice
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.windows import DateWindow
from shopwright.testing.clock import FrozenClock
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, an_order
from tests.flows.test_promoted import the_placing

ANNS = MemberPrice(id="anns", to=SetPrice(Money(900, "EUR")), who=Audience(members="ann"), lines=Named("sku", "TEA"))
FLASH = CatalogPrice(id="flash", to=SetPrice(Money(600, "EUR")), lines=Named("sku", "TEA"), units=5, units_per_member=3, version=2)
SPRING = CatalogPrice(id="spring", to=PercentOff(1_000), window=DateWindow(ends=START + timedelta(days=1)), lines=Named("sku", "CUP"))
UNITS, ANNS_UNITS = "promotion/flash/units", "promotion/flash/units-of/ann"


def shop_with(*prices: PriceRule, promotions: tuple[Promotion, ...] = (), storage: Storage | None = None) -> tuple[Mall, Shop]:
    """A mall, and a shop in it with price rules."""
    mall = Mall(storage or MemoryStorage(KINDS))
    gateways = [FakeGateway(provider=mall.provider)]
    return mall, Shop(mall.storage, gateways=gateways, clock=mall.clock, ids=SeededIds(), prices=prices, promotions=promotions)


def bought(shop: Shop, number: int, buyer: str = "ann", *, total: int = 0, shown: int = 0) -> Order | Refusal:
    """Two teas and a cup, at whatever they cost now unless a total is told."""
    command = evolve(an_order(), key=f"o{number}", by=customer(buyer), buyer_id=buyer)
    if shown:
        lines = tuple(evolve(line, shown_price=Money(shown, "EUR")) if line.sku == "TEA" else line for line in command.cart.lines)
        command = evolve(command, cart=evolve(command.cart, lines=lines))
    offer = shop.orders.quote(command)
    if isinstance(offer, Refusal):
        return offer
    return shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=total or offer.total),)))


def off(*orders: Order | Refusal) -> list[int]:
    """What was taken off each order."""
    return [sum(line.discount for line in accepted(order).lines) for order in orders]


def page(shop: Shop, sku: str = "TEA", buyer: str = "ann") -> ShelfPrice:
    """What a page shows."""
    found = shop.goods.shelf((sku,), currency="EUR", buyer_id=buyer)[sku]
    assert isinstance(found, ShelfPrice), found
    return found


def test_an_order_freezes_each_price_rule_with_its_version_and_is_priced_again_without_them() -> None:
    mall, shop = shop_with(ANNS, FLASH, SPRING, promotions=(Promotion(id="ten", effects=(Percent(1_000),)),))
    order = accepted(bought(shop, 1))
    placing = the_placing(shop, order)
    assert [(entry.step, entry.rule, entry.rule_version, entry.amount) for entry in placing.trace[1:5]] == [
        ("member_price", "anns", 1, -200),
        ("catalog_price", "flash", 2, -600),
        ("catalog_price", "spring", 1, -250),
        ("promotions", "", 0, 0),
    ]
    assert [(it.code, it.rule, it.amount) for it in order.lines[0].adjustments] == [
        ("member_price", "anns", -200),
        ("catalog_price", "flash", -600),
        ("promotion", "ten", -120),
    ]
    today = Shop(mall.storage)
    again = replay(the_placing(today, order), at=placing.at)
    assert (disagreements(placing, again), again.total) == ((), order.total.minor)
    assert accepted(shop.orders.get(order.id)) == order


def test_units_of_a_flash_price_are_the_members_until_he_has_his_share_and_then_cost_the_ordinary_price() -> None:
    mall, shop = shop_with(FLASH)
    assert off(bought(shop, 1), bought(shop, 2), bought(shop, 3), bought(shop, 4, "bob"), bought(shop, 5, "cid")) == [800, 400, 0, 800, 0]
    assert mall.storage.quota((UNITS, ANNS_UNITS), at=START) == {UNITS: Quota(UNITS, 5, 0, 5), ANNS_UNITS: Quota(ANNS_UNITS, 3, 0, 3)}


def test_a_flash_price_for_all_or_nothing_is_not_taken_once_too_few_are_left() -> None:
    _, shop = shop_with(evolve(FLASH, beyond=Beyond.NOTHING))
    assert off(bought(shop, 1), bought(shop, 2), bought(shop, 3, "bob"), bought(shop, 4, "cid")) == [800, 0, 800, 0]


def test_units_come_back_when_an_order_is_canceled_or_never_paid() -> None:
    mall, shop = shop_with(evolve(FLASH, units=2))
    first = accepted(bought(shop, 1))
    assert off(bought(shop, 2, "bob")) == [0]
    accepted(shop.orders.cancel(CancelOrder(key="c", by=ANN, order_id=first.id)))
    assert off(bought(shop, 3, "bob"), bought(shop, 4, "cid")) == [800, 0]
    mall.clock.advance(minutes=31)
    assert off(bought(shop, 5, "cid")) == [800]


def test_a_page_shows_what_is_left_and_what_the_cart_will_charge() -> None:
    mall, shop = shop_with(ANNS, FLASH, SPRING)
    seen = []
    for number in range(1, 4):
        shown = page(shop)
        order = accepted(bought(shop, number))
        seen.append((shown.price.minor, shown.units, order.lines[0].total - order.lines[0].shipping))
    assert seen == [(600, 3, 1_200), (600, 1, 1_500), (900, None, 1_800)]
    assert (page(shop, buyer="bob").price.minor, page(shop, buyer="").price.minor) == (600, 1_000)
    assert (page(shop, "CUP").price.minor, page(shop, "CUP").until) == (2_250, START + timedelta(days=1))
    mall.clock.advance(days=2)
    assert page(shop, "CUP").price.minor == 2_500


def test_a_page_tells_of_goods_that_have_no_price() -> None:
    mall, shop = shop_with(FLASH)
    plain = Shop(mall.storage, clock=mall.clock)
    found = shop.goods.shelf(("TEA", "GONE"), currency="USD")
    assert {sku: getattr(it, "code", "") for sku, it in found.items()} == {"TEA": "price_missing", "GONE": "sku_unknown"}
    assert page(plain).price == page(plain).list_price == Money(1_000, "EUR")
    with pytest.raises(InvalidValue, match="skus"):
        shop.goods.shelf("TEA", currency="EUR")


def test_a_line_at_a_shown_flash_price_is_refused_once_the_units_are_gone() -> None:
    _, shop = shop_with(evolve(FLASH, units=3))
    assert off(bought(shop, 1, shown=600)) == [800]
    late = bought(shop, 2, "bob", shown=600)
    assert isinstance(late, Refusal)
    assert (late.code, late.fact("shown"), late.fact("now")) == ("price_changed", 600, 1_000)


def test_a_repeat_gets_its_order_though_the_flash_price_is_gone_by_now() -> None:
    _, shop = shop_with(evolve(FLASH, units=2))
    first = accepted(bought(shop, 1))
    assert bought(shop, 1, total=first.total.minor) == first


def test_a_tier_that_the_shop_does_not_know_leaves_the_price_out_and_the_order_tells_it() -> None:
    gold = MemberPrice(id="gold", to=PercentOff(1_000), who=Audience(tiers="gold"))
    _, shop = shop_with(gold)
    order = accepted(bought(shop, 1))
    assert (off(order), the_placing(shop, order).trace[1].code, the_placing(shop, order).trace[1].fact("needs")) == ([0], "unknown", "tier")


def test_a_new_version_of_a_flash_price_brings_its_units_to_the_new_number() -> None:
    mall, shop = shop_with(evolve(FLASH, units=2))
    assert off(bought(shop, 1), bought(shop, 2, "bob")) == [800, 0]
    more = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, prices=[evolve(FLASH, units=4, version=3)])
    assert off(bought(more, 3, "bob"), bought(more, 4, "cid")) == [800, 0]


def test_a_price_rule_and_a_promotion_have_ids_of_their_own() -> None:
    with pytest.raises(InvalidValue, match="ids of their own, got flash"):
        shop_with(FLASH, promotions=(Promotion(id="flash", effects=(Percent(1_000),)),))


@pytest.mark.parametrize("beyond", Beyond)
def test_sixteen_buyers_at_once_never_get_more_units_at_a_flash_price_than_there_are(beyond: Beyond, tmp_path: Path) -> None:
    storage = SqliteStorage.open(tmp_path / "shop.sqlite", kinds=KINDS, upgrade=True)
    rule = evolve(FLASH, units=13, units_per_member=None, beyond=beyond)
    mall, _ = shop_with(storage=storage)
    for sku in ("TEA", "CUP"):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=100)))
    ready = Barrier(16)

    def buy(number: int) -> list[int]:
        shop = Shop(storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, prices=[rule])
        got = []
        ready.wait()
        for turn in range(30):
            order = bought(shop, 100 * number + turn, f"m{number}")
            if isinstance(order, Order):
                got += off(order)
                break
            assert order.code in {"promotion_exhausted", "tenders_mismatch"}, order
        return got

    with ThreadPoolExecutor(16) as pool:
        taken = [each for some in pool.map(buy, range(16)) for each in some]

    sold = storage.quota((UNITS,), at=START)[UNITS].held
    assert len(taken) == 16
    assert (sum(taken), sold) == (400 * sold, 13 if beyond is Beyond.ORDINARY else 12)
    storage.close()


def test_a_cart_of_the_same_goods_on_two_lines_shares_the_units() -> None:
    _, shop = shop_with(evolve(FLASH, units=3, units_per_member=None))
    command = evolve(an_order(), cart=Cart("EUR", (CartLine("TEA", 2), CartLine("TEA", 2))))
    assert [line.shelf for line in accepted(shop.orders.quote(command)).lines] == [1_200, 1_600]


def test_a_process_that_still_has_the_version_before_leaves_the_units_of_the_new_one_alone() -> None:
    storage = Mall(MemoryStorage(KINDS)).storage
    price = SetPrice(Money(600, "EUR"))
    old = CatalogPrice(id="flash", to=price, lines=Named("sku", "TEA"), units=4)
    rules = (old, evolve(old, units=8, version=2))
    shops = {rule.version: Shop(storage, gateways=[FakeGateway()], clock=FrozenClock(START), prices=[rule]) for rule in rules}

    def granted_after(version: int, key: str) -> int:
        shop, command = shops[version], an_order(key=key)
        tender = evolve(command.tenders[0], amount=accepted(shop.orders.quote(command)).total)
        accepted(shop.orders.place(evolve(command, tenders=(tender,))))
        return storage.quota(("promotion/flash/units",), at=START)["promotion/flash/units"].granted

    assert [granted_after(version, f"o{number}") for number, version in enumerate((2, 1, 2))] == [8, 8, 8]
