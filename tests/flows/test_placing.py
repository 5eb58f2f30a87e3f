"""Placing an order through a shop: what is written, what is refused, and what a repeat gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Coupon, Money, OrderNumbers, PutCoupon, PutProduct, Shop, Tender, Via, accepted, customer, standing
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue, KeyConflict
from shopwright.orders.events import Claim, ClaimState
from shopwright.ports.quotas import Quota
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, placed, refused, stock


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def test_an_order_freezes_its_price_and_holds_stock_and_coupon(mall: Mall) -> None:
    order = placed(mall.shop, an_order(coupon="SPRING"))

    assert [(line.sku, line.subtotal, line.discount, line.shipping, line.total) for line in order.lines] == [
        ("TEA", 2000, 200, 178, 1978),
        ("CUP", 2500, 250, 222, 2472),
    ]
    assert order.total == Money(4450, "EUR")
    assert order.due_at == START + timedelta(minutes=30)
    assert order.claim == Claim(ClaimState.HELD, (("stock/CUP", 1), ("stock/TEA", 2), ("coupon/SPRING", 1)))
    assert mall.storage.quota(("stock/TEA", "coupon/SPRING"), at=START) == {
        "stock/TEA": Quota("stock/TEA", 10, 0, 2),
        "coupon/SPRING": Quota("coupon/SPRING", 5, 0, 1),
    }
    assert standing(order) == "awaiting_payment"


def test_the_same_command_places_one_order_however_often_it_is_sent(mall: Mall) -> None:
    first = placed(mall.shop)

    assert [placed(mall.shop) for _ in range(3)] == [first] * 3
    assert mall.orders() == (first,)


def test_the_same_key_with_another_cart_is_a_conflict(mall: Mall) -> None:
    placed(mall.shop)

    with pytest.raises(KeyConflict):
        mall.shop.orders.place(an_order(coupon="SPRING"))


def test_a_repeat_gets_its_order_though_the_goods_are_gone_by_now(mall: Mall) -> None:
    command = evolve(an_order(), cart=Cart("EUR", (CartLine("TEA", 10),)), tenders=(Tender(method="card", amount=10400, gateway="fake"),))
    first = accepted(mall.shop.orders.place(command))
    tea = accepted(mall.shop.orders.place(command)).lines[0]
    accepted(mall.shop.goods.put(PutProduct(key="dearer", by=CLERK, product=_dearer())))

    assert accepted(mall.shop.orders.place(command)) == first
    assert tea.unit_price == 1000


def _dearer() -> object:
    from shopwright import Product

    return Product(sku="TEA", title="Tea", seller_id="house", prices=(Money(1200, "EUR"),), active=False)


def test_goods_that_are_not_there_are_refused_and_nothing_is_held(mall: Mall) -> None:
    command = evolve(an_order(), cart=Cart("EUR", (CartLine("TEA", 1), CartLine("CUP", 11))), exact_tenders=False)

    answer = mall.shop.orders.place(command)

    assert refused(answer) == "stock_exhausted"
    assert dict(answer.facts) == {"sku": "CUP", "wanted": 11, "free": 10}  # type: ignore[union-attr]  # refused() has looked
    assert mall.storage.quota(("stock/TEA",), at=START)["stock/TEA"] == Quota("stock/TEA", 10, 0, 0)
    assert mall.orders() == ()


def test_two_lines_of_one_sku_share_its_stock(mall: Mall) -> None:
    command = evolve(an_order(), cart=Cart("EUR", (CartLine("TEA", 6), CartLine("TEA", 5))), exact_tenders=False)

    assert refused(mall.shop.orders.place(command)) == "stock_exhausted"


def test_the_last_use_of_a_coupon_is_had_once_and_comes_back_when_the_hold_lapses(mall: Mall) -> None:
    once = PutCoupon(key="once", by=CLERK, coupon=Coupon(code="ONCE", percent=1000, limited=True), more_uses=1)
    accepted(mall.shop.goods.put_coupon(once))
    placed(mall.shop, an_order(key="first", coupon="ONCE"))

    assert refused(mall.shop.orders.place(an_order(key="second", coupon="ONCE"))) == "coupon_exhausted"
    mall.clock.advance(timedelta(minutes=31))
    assert placed(mall.shop, an_order(key="third", coupon="ONCE")).coupon_code == "ONCE"


def test_tenders_must_pay_the_total_unless_they_are_kept_as_given(mall: Mall) -> None:
    short = evolve(an_order(), tenders=(Tender(method="card", amount=4899, gateway="fake"),))

    assert refused(mall.shop.orders.place(short)) == "tenders_mismatch"
    assert accepted(mall.shop.orders.place(evolve(short, key="import", exact_tenders=False))).total == Money(4900, "EUR")


def test_an_order_paid_on_delivery_is_confirmed_at_once_and_takes_its_stock(mall: Mall) -> None:
    order = placed(mall.shop, an_order(via=Via.ON_DELIVERY))

    assert (order.state, order.due_at, order.claim.state) == ("confirmed", None, ClaimState.USED)
    assert mall.storage.quota(("stock/TEA",), at=START)["stock/TEA"] == Quota("stock/TEA", 10, 2, 0)


def test_a_free_order_needs_no_tender_and_is_confirmed_at_once(mall: Mall) -> None:
    gift = PutCoupon(key="all", by=CLERK, coupon=Coupon(code="ALL", percent=10_000))
    accepted(mall.shop.goods.put_coupon(gift))
    command = evolve(an_order(), cart=Cart("EUR", (CartLine("TEA", 1),), coupon_code="ALL"), tenders=(), shipping=_no_shipping())

    order = accepted(mall.shop.orders.place(command))

    assert (order.total, order.payments, order.state) == (Money(0, "EUR"), (), "confirmed")


def _no_shipping() -> object:
    from shopwright.pricing.facts import NoShipping

    return NoShipping()


def test_an_external_id_is_had_by_one_order(mall: Mall) -> None:
    placed(mall.shop, evolve(an_order(), external_id="M-1"))

    assert refused(mall.shop.orders.place(evolve(an_order(key="o2"), external_id="M-1"))) == "external_id_taken"


def test_a_number_that_is_taken_is_drawn_again() -> None:
    shop = Shop(MemoryStorage(KINDS), gateways=[FakeGateway()], ids=SeededIds(1), numbers=OrderNumbers(length=1, alphabet="01"))
    stock(shop)
    orders = [placed(shop, an_order(key=f"o{n}")) for n in range(2)]

    assert len({order.number for order in orders}) == 2
    assert refused(shop.orders.place(an_order(key="o3"))) == "number_exhausted"


def test_customers_see_their_own_orders_and_staff_sees_all(mall: Mall) -> None:
    order = placed(mall.shop)

    assert refused(mall.shop.orders.get(order.id, by=customer("bob"))) == "order_not_found"
    assert refused(mall.shop.orders.numbered(order.number, by=customer("bob"))) == "order_not_found"
    assert refused(mall.shop.orders.get("no-such-order")) == "order_not_found"
    assert [mall.shop.orders.get(order.id, by=who) for who in (ANN, CLERK)] == [order, order]
    assert mall.shop.orders.numbered(order.number.lower().replace("-", " "), by=ANN) == order


def test_a_quote_costs_nothing_and_writes_nothing(mall: Mall) -> None:
    quote = accepted(mall.shop.orders.quote(an_order()))

    assert quote.total == 4900
    assert mall.orders() == ()


@pytest.mark.parametrize("key", ["", "k" * 151, "k\x00", "\ud800"])
def test_a_key_is_text_of_1_to_150_characters(key: str) -> None:
    with pytest.raises(InvalidValue, match="key"):
        an_order(key=key)


@pytest.mark.parametrize("name", ["李雷", "Zoë", "אבי", "👩‍👧", "e\u0301"])
def test_names_in_any_script_are_kept_as_they_are(mall: Mall, name: str) -> None:
    from shopwright import Address

    order = placed(mall.shop, evolve(an_order(), ship_to=Address(name, (name,), name)))

    assert accepted(mall.shop.orders.get(order.id)).ship_to == Address(name, (name,), name)
