"""Orders that other shops got wrong, each named by the thread that tells of it: discounts that come back, uses that run out, stock, captures.

What concerns a basket alone stands in `tests/unit/promotions/test_threads.py`; `docs/reference/threads.md` lists them all.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from attrs import evolve

from shopwright import (
    CancelOrder,
    CapturePayment,
    Cart,
    CartLine,
    Coupon,
    DispatchShipment,
    Money,
    Order,
    Product,
    PutProduct,
    ReceiveStock,
    RefundOrder,
    ShipOrder,
    Shop,
    accepted,
    customer,
)
from shopwright.adapters.fake_gateway import FakeGateway, FakeProvider
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.commands import PutCoupon, TakeBackShipment
from shopwright.orders.events import OrderPlaced
from shopwright.orders.standing import standing
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.ports.quotas import Quota
from shopwright.pricing import disagreements, replay
from shopwright.pricing.facts import NoShipping
from shopwright.promotions.conditions import CartTotal
from shopwright.promotions.effects import AcrossOff, Percent
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.limits import Limits
from shopwright.promotions.promotion import Promotion
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START, Mall, an_order, paid, refused

MINUS_TEN = Promotion(id="minus-ten", effects=(AcrossOff(Money(1_000, "EUR")),), ends=START + timedelta(days=1))
GOODS = {"BIG": 5_000, "SMALL": 1_000, "SHIRT": 10_000}


def a_mall(*promotions: Promotion, currency: str = "EUR") -> Mall:
    """A mall that sells these goods, with promotions."""
    mall = Mall(MemoryStorage(KINDS))
    for sku, price in GOODS.items():
        product = Product(sku=sku, title=sku.title(), seller_id="house", prices=(Money(price, currency),))
        accepted(mall.shop.goods.put(PutProduct(key=f"put-{sku}", by=CLERK, product=product)))
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"receive-{sku}", by=CLERK, sku=sku, quantity=10)))
    opened(mall, *promotions)
    return mall


def opened(mall: Mall, *promotions: Promotion) -> None:
    """The same mall with other promotions."""
    mall.shop = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, ids=SeededIds(), promotions=promotions)


def bought(mall: Mall, *lines: tuple[str, int], flat: bool = False, currency: str = "EUR") -> Order:
    """An order of these goods, placed and paid by card at whatever it costs."""
    command = evolve(an_order(), cart=Cart(currency, tuple(CartLine(sku, quantity) for sku, quantity in lines)))
    if not flat:
        command = evolve(command, shipping=NoShipping())
    total = accepted(mall.shop.orders.quote(command)).total
    return paid(mall.shop, evolve(command, tenders=(evolve(command.tenders[0], amount=total),)))


def dispatched(mall: Mall, order: Order, *units: tuple[int, int]) -> None:
    """Units have left the shop."""
    after = accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id, units=units)))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="go", by=CLERK, order_id=order.id, shipment_id=after.shipments[-1].id)))


def rest_canceled(mall: Mall, order: Order) -> Order:
    """What has not left is called off, and its money goes back."""
    return accepted(mall.shop.orders.cancel(CancelOrder(key="rest", by=CLERK, order_id=order.id)))


def given_back(mall: Mall) -> int:
    """What the provider has given back."""
    return sum(movement.amount.minor for movement in mall.provider.refunds())


# --- discounts that come back -----------------------------------------------------------------------------------------------------


def test_vendure_4811_the_line_that_stays_pays_its_own_share_and_the_rest_goes_back() -> None:
    mall = a_mall(MINUS_TEN)
    order = bought(mall, ("BIG", 1), ("SMALL", 1))
    dispatched(mall, order, (2, 1))

    after = rest_canceled(mall, order)

    assert (order.paid, given_back(mall), after.paid, after.owed) == (5_000, 4_167, 833, 833)


def test_shopware_5854_a_promotion_that_has_ended_stays_on_a_placed_order_and_what_is_called_off_takes_its_share_along() -> None:
    mall = a_mall(MINUS_TEN)
    order = bought(mall, ("BIG", 1), ("SMALL", 1))
    dispatched(mall, order, (1, 1))
    mall.clock.advance(timedelta(days=2))
    opened(mall)

    after = rest_canceled(mall, order)

    assert [line.discount for line in after.lines] == [833, 167]
    assert (given_back(mall), after.paid) == (833, 4_167)


@pytest.mark.parametrize("today", [(), (evolve(MINUS_TEN, effects=(Percent(9_000),), version=2, ends=None),)])
def test_vendure_4106_and_shopware_5766_what_becomes_of_a_promotion_changes_no_placed_order(today: tuple[Promotion, ...]) -> None:
    mall = a_mall(MINUS_TEN)
    order = bought(mall, ("BIG", 1), ("SMALL", 1))
    opened(mall, *today)
    (placing,) = [it.value for it in mall.storage.read("events", key=order.id) if isinstance(it.value, OrderPlaced)]

    again = replay(placing, at=placing.at)

    assert (disagreements(placing, again), again.total, accepted(mall.shop.orders.get(order.id)).lines) == ((), 5_000, order.lines)


def test_sonata_177_two_of_three_units_at_ten_percent_off_bring_back_what_was_paid_for_them() -> None:
    mall = a_mall(Promotion(id="ten", effects=(Percent(1_000),)))
    order = bought(mall, ("SHIRT", 3))
    dispatched(mall, order, (1, 1))

    rest_canceled(mall, order)

    assert given_back(mall) == 18_000


def test_prestashop_42502_and_easy_digital_downloads_8076_a_part_that_goes_back_takes_its_own_share_of_a_discount_and_not_all_of_it() -> None:
    mall = a_mall(Promotion(id="ten", effects=(AcrossOff(Money(1_000, "EUR")),), when=CartTotal(Money(6_000, "EUR"))))
    order = bought(mall, ("SMALL", 6))
    assert order.paid == 5_000
    dispatched(mall, order, (1, 1))

    after = rest_canceled(mall, order)

    assert (given_back(mall), after.paid) == (4_166, 834)


def test_sylius_refund_plugin_252_shipping_that_was_free_does_not_come_back() -> None:
    mall = a_mall(Promotion(id="free-shipping", effects=(ShippingOff(percent=10_000),)), MINUS_TEN)
    order = bought(mall, ("BIG", 1), ("SMALL", 1), flat=True)

    after = rest_canceled(mall, order)

    assert (order.paid, given_back(mall), after.paid) == (5_000, 5_000, 0)


def test_lago_and_solidus_parts_that_go_back_one_after_the_other_are_what_was_paid_to_the_cent() -> None:
    mall = a_mall(Promotion(id="odd", effects=(Percent(3_333),)))
    order = bought(mall, ("BIG", 1), ("SMALL", 3))
    for number, part in enumerate((1, 3_333, order.paid - 3_334)):
        money = Money(part, "EUR")
        order = accepted(mall.shop.payments.refund(RefundOrder(key=f"r{number}", by=CLERK, order_id=order.id, amount=money, reason="kindness")))
    assert (order.paid, given_back(mall)) == (0, 5_334)


def test_spree_14678_of_three_that_were_announced_two_came_back_and_no_more_is_due_than_was_paid_for_two() -> None:
    mall = a_mall(Promotion(id="ten", effects=(Percent(1_000),)))
    order = bought(mall, ("SHIRT", 3))
    for key, count in (("two", 2), ("one", 1)):
        shipped = accepted(mall.shop.shipping.ship(ShipOrder(key=key, by=CLERK, order_id=order.id, units=((1, count),))))
        shipment = shipped.shipments[-1].id
        accepted(mall.shop.shipping.dispatch(DispatchShipment(key=f"go-{key}", by=CLERK, order_id=order.id, shipment_id=shipment)))

    back = accepted(mall.shop.shipping.take_back(TakeBackShipment(key="back", by=CLERK, order_id=order.id, shipment_id=shipped.shipments[0].id)))
    due = back.surplus
    accepted(mall.shop.payments.refund(RefundOrder(key="refund", by=CLERK, order_id=order.id, amount=Money(due, "EUR"), reason="returned")))

    assert (back.lines[0].buckets.returned, due, given_back(mall)) == (2, 18_000, 18_000)
    assert accepted(mall.shop.orders.get(order.id)).surplus == 0


def test_sylius_12869_an_order_that_was_refunded_in_part_can_be_canceled_and_its_stock_comes_back_once() -> None:
    mall = a_mall(MINUS_TEN)
    order = bought(mall, ("BIG", 2), ("SMALL", 1))
    money = Money(1_500, "EUR")
    accepted(mall.shop.payments.refund(RefundOrder(key="some", by=CLERK, order_id=order.id, amount=money, reason="kindness")))

    after = [rest_canceled(mall, order) for _ in range(2)][-1]

    assert (after.state, after.paid, given_back(mall), standing(after)) == ("canceled", 0, order.paid, "canceled")
    assert mall.storage.quota(("stock/BIG", "stock/SMALL"), at=mall.clock.now()) == {
        "stock/BIG": Quota("stock/BIG", 10, 0, 0),
        "stock/SMALL": Quota("stock/SMALL", 10, 0, 0),
    }


def test_medusa_14214_a_captured_order_that_was_refunded_in_part_is_canceled_and_credited_for_what_was_left_of_it() -> None:
    mall = a_mall()
    order = bought(mall, ("BIG", 2), ("SMALL", 1))
    money = Money(1_500, "EUR")
    accepted(mall.shop.payments.refund(RefundOrder(key="some", by=CLERK, order_id=order.id, amount=money, reason="kindness")))

    rest_canceled(mall, order)

    notes = accepted(mall.shop.payments.credit_notes(order.id))
    assert ([note.refund for note in notes], given_back(mall)) == ([1_500, order.paid - 1_500], order.paid)


# --- uses that run out ------------------------------------------------------------------------------------------------------------


def test_vendure_4660_a_hundred_at_once_take_ten_uses_and_vendure_1466_and_sylius_944_one_that_is_canceled_leaves_one() -> None:
    ten = Promotion(id="ten", effects=(AcrossOff(Money(100, "EUR")),), limits=Limits(total=10))
    mall = a_mall(ten)
    accepted(mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="SMALL", quantity=200)))
    ready = Barrier(100)

    def buy(key: str) -> Order | str:
        command = evolve(an_order(key=key), cart=Cart("EUR", (CartLine("SMALL"),)), shipping=NoShipping(), by=customer(key), buyer_id=key)
        answer = mall.shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=900),)))
        return answer if isinstance(answer, Order) else refused(answer)

    def at_once(number: int) -> Order | str:
        ready.wait()
        return buy(f"o{number}")

    with ThreadPoolExecutor(100) as pool:
        got = list(pool.map(at_once, range(100)))

    orders = [answer for answer in got if isinstance(answer, Order)]
    assert [sum(line.discount for line in order.lines) for order in orders] == [100] * 10
    assert {answer for answer in got if isinstance(answer, str)} <= {"promotion_exhausted", "tenders_mismatch"}
    assert mall.storage.quota(("promotion/ten/total",), at=START)["promotion/ten/total"] == Quota("promotion/ten/total", 10, 0, 10)

    rest_canceled(mall, orders[0])
    assert [isinstance(buy(key), Order) for key in ("eleventh", "twelfth")] == [True, False]


def test_saleor_544_oscar_2101_and_woocommerce_13505_a_coupon_is_used_as_often_as_it_may_be() -> None:
    mall = a_mall()
    coupon = Coupon(code="FIVE", amounts=(Money(500, "EUR"),), limited=True)
    accepted(mall.shop.goods.put_coupon(PutCoupon(key="put-five", by=CLERK, coupon=coupon, more_uses=5)))
    accepted(mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="BIG", quantity=100)))
    ready = Barrier(32)

    def buy(number: int) -> bool:
        command = evolve(an_order(key=f"o{number}"), cart=Cart("EUR", (CartLine("BIG"),), "FIVE"), shipping=NoShipping())
        ready.wait()
        return isinstance(mall.shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=4_500),))), Order)

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(buy, range(32))) == 5


# --- stock and money --------------------------------------------------------------------------------------------------------------


def test_medusa_16502_two_lines_of_one_sku_together_may_not_take_more_than_there_is() -> None:
    mall = a_mall()
    command = evolve(an_order(), cart=Cart("EUR", (CartLine("BIG", 6), CartLine("BIG", 5))), exact_tenders=False)

    assert refused(mall.shop.orders.place(command)) == "stock_exhausted"
    assert mall.storage.quota(("stock/BIG",), at=START)["stock/BIG"] == Quota("stock/BIG", 10, 0, 0)


class Listening(FakeGateway):
    """It notes under which keys it is asked to capture."""

    def __init__(self, provider: FakeProvider) -> None:
        super().__init__(provider=provider)
        self.keys: list[OperationKey] = []

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """As ever."""
        self.keys.append(key)
        return super().capture(key, reference, amount, final=final)


@pytest.mark.parametrize("trouble", ["lost_applied", "lost_not_applied"])
def test_medusa_16292_a_capture_without_an_answer_is_tried_again_under_the_same_key_and_taken_once(trouble: str) -> None:
    mall = a_mall()
    mall.provider.capabilities = evolve(mall.provider.capabilities, queries_by_key=False)
    gateway = Listening(mall.provider)
    mall.shop = Shop(mall.storage, gateways=[gateway], clock=mall.clock, ids=SeededIds())
    order = paid(mall.shop, an_order(token=f"tok_ok+capture_{trouble}", capture=False))

    taken = accepted(mall.shop.payments.capture(CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")))

    assert (len(gateway.keys), len(set(gateway.keys))) == (2, 1)
    assert (taken.paid, [movement.amount.minor for movement in mall.provider.charges()]) == (4_900, [4_900])


@pytest.mark.parametrize(("currency", "told"), [("JPY", "2000 JPY"), ("EUR", "20.00 EUR"), ("KWD", "2.000 KWD")])
def test_solidus_1957_orders_in_currencies_of_none_two_and_three_decimals_are_exact_to_their_own_smallest_unit(currency: str, told: str) -> None:
    mall = a_mall(Promotion(id="third", effects=(Percent(3_333),)), currency=currency)
    order = bought(mall, ("SMALL", 3), currency=currency)
    dispatched(mall, order, (1, 1))
    after = rest_canceled(mall, order)
    assert (str(order.total), after.paid, given_back(mall)) == (told, 667, 1_333)
