"""Uses of coupons, codes and promotions that come back when an order that was paid is undone, by the policy of its terms (ORDER-16)."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from attrs import evolve

from shopwright import (
    CancelOrder,
    DeliverShipment,
    DispatchShipment,
    Money,
    Order,
    RefundOrder,
    ShipOrder,
    Shop,
    Terms,
    accepted,
)
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows import commands as c
from shopwright.orders.events import ClaimReduced
from shopwright.orders.terms import ReturnUses
from shopwright.ports.storage import Storage
from shopwright.promotions.conditions import Code
from shopwright.promotions.coupons import coupon_key
from shopwright.promotions.effects import AcrossOff
from shopwright.promotions.limits import Limits
from shopwright.promotions.promotion import Promotion
from shopwright.wire.codec import Codec
from shopwright.wire.kinds import KINDS, ORDER
from tests.flows.coded import BOOK, CODE, FIVE, a_coded_order
from tests.flows.mall import CLERK, Mall, paid, refused

LIMITED = Promotion(
    id="two",
    effects=(AcrossOff(Money(200, "EUR")),),
    when=Code("HELLO"),
    limits=Limits(total=1, per_member=1, per_code=1, per_day=1, budget=Money(200, "EUR")),
)
KEYS = (
    "coupon/SPRING",
    coupon_key(CODE),
    "promotion/two/total",
    "promotion/two/member/ann",
    "promotion/two/code/HELLO",
    "promotion/two/day/2026-03-02",
    "promotion/two/budget/EUR",
)


def a_mall(policy: ReturnUses, storage: Storage | None = None) -> Mall:
    ways = {"promotions": (FIVE, LIMITED), "codes": BOOK}
    return Mall(storage or MemoryStorage(KINDS), terms=Terms(return_uses=policy), ways=ways)


def an_order(mall: Mall, key: str = "o1", token: str = "tok_ok") -> Order:
    """An order that was paid, with a coupon, a code that is good once, and a promotion with every limit."""
    command = a_coded_order(CODE, "HELLO", key=key, coupon="SPRING")
    total = accepted(mall.shop.orders.quote(command)).total
    return paid(mall.shop, evolve(command, tenders=(evolve(command.tenders[0], amount=total, source=token),)))


def used(mall: Mall) -> list[int]:
    standing = mall.storage.quota(KEYS, at=mall.clock.now())
    assert all(standing[key].held == 0 for key in KEYS)
    return [standing[key].used for key in KEYS]


ALL_USED, NONE_USED = [1, 1, 1, 1, 1, 1, 200], [0] * 7


def refund(mall: Mall, order: Order, amount: int, key: str = "refund") -> Order:
    command = RefundOrder(key=key, by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="it did not fit")
    return accepted(mall.shop.payments.refund(command))


def sent(mall: Mall, order: Order) -> Order:
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))
    return accepted(mall.shop.shipping.dispatch(DispatchShipment(key="out", by=CLERK, order_id=order.id, shipment_id="s1")))


def back(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.shipping.take_back(c.TakeBackShipment(key="back", by=CLERK, order_id=order.id, shipment_id="s1")))


def given_back(mall: Mall, order: Order) -> int:
    """How often the order gave uses back."""
    return sum(isinstance(record.value, ClaimReduced) for record in mall.shop.orders.history(order.id))


def test_by_default_a_use_that_was_paid_for_stays_used_when_the_money_goes_back() -> None:
    mall = a_mall(Terms().return_uses)
    order = an_order(mall)
    assert used(mall) == ALL_USED

    order = refund(mall, order, order.paid)

    assert (order.paid, used(mall), given_back(mall, order)) == (0, ALL_USED, 0)


def test_all_uses_units_and_budgets_come_back_when_all_money_has_gone_back_and_can_be_used_again() -> None:
    mall = a_mall(ReturnUses.REFUNDED)
    first = an_order(mall)

    first = refund(mall, first, first.paid)

    assert (used(mall), given_back(mall, first)) == (NONE_USED, 1)
    assert [key for key, _ in first.claim.items] == ["stock/CUP", "stock/TEA"]
    again = an_order(mall, "o2")
    assert (again.total, used(mall)) == (first.total, ALL_USED)


def test_parts_that_go_back_give_back_nothing_before_the_last_of_them() -> None:
    mall = a_mall(ReturnUses.REFUNDED)
    order = an_order(mall)
    told = []
    for number, part in enumerate((1, order.paid - 2, 1)):
        refund(mall, order, part, f"part{number}")
        told.append(used(mall))

    assert told == [ALL_USED, ALL_USED, NONE_USED]


def test_a_command_that_is_repeated_and_a_letter_that_comes_twice_give_back_nothing_more() -> None:
    mall = a_mall(ReturnUses.REFUNDED)
    order = an_order(mall)
    for _ in range(3):
        refund(mall, order, order.paid)
    again = an_order(mall, "o2")
    for raw in mall.provider.notifications(again=True) * 2:
        mall.shop.payments.receive("fake", raw)
    refund(mall, order, order.paid)
    mall.shop.orders.sweep()

    assert (used(mall), given_back(mall, order), given_back(mall, again)) == (ALL_USED, 1, 0)


def test_uses_wait_until_the_money_has_gone() -> None:
    mall = a_mall(ReturnUses.REFUNDED)
    order = an_order(mall, token="tok_ok+refund_slow")
    refund(mall, order, order.paid)
    waiting = used(mall)
    mall.provider.advance()
    for raw in mall.provider.notifications():
        mall.shop.payments.receive("fake", raw)

    assert (waiting, used(mall)) == (ALL_USED, NONE_USED)


def test_a_refund_that_fails_late_takes_no_use_again_and_gives_none_twice() -> None:
    mall = a_mall(ReturnUses.REFUNDED)
    order = an_order(mall, token="tok_ok+refund_fails_late")
    refund(mall, order, order.paid)
    for _ in range(3):
        mall.provider.advance()
        for raw in mall.provider.notifications():
            mall.shop.payments.receive("fake", raw)
        mall.clock.advance(minutes=5)
        mall.shop.orders.sweep()

    after = accepted(mall.shop.orders.get(order.id))
    assert (used(mall), given_back(mall, order)) == (NONE_USED, 1)
    assert (after.refunded, after.refund_outstanding) == (0, order.paid)


def test_where_goods_have_to_come_back_money_alone_gives_back_no_use() -> None:
    mall = a_mall(ReturnUses.RETURNED)
    order = sent(mall, an_order(mall))
    refund(mall, order, order.paid)
    with_the_buyer = used(mall)

    back(mall, order)

    assert (with_the_buyer, used(mall), given_back(mall, order)) == (ALL_USED, NONE_USED, 1)


def test_where_money_and_goods_go_back_the_last_of_them_gives_back_the_uses() -> None:
    mall = a_mall(ReturnUses.RETURNED)
    order = sent(mall, an_order(mall))
    back(mall, order)
    unpaid_back = used(mall)

    refund(mall, order, order.paid)

    assert (unpaid_back, used(mall)) == (ALL_USED, NONE_USED)


def test_goods_that_stay_with_the_buyer_keep_the_uses_where_they_have_to_come_back() -> None:
    mall = a_mall(ReturnUses.RETURNED)
    order = sent(mall, an_order(mall))
    accepted(mall.shop.shipping.deliver(DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")))

    order = refund(mall, order, order.paid)

    assert (order.paid, used(mall)) == (0, ALL_USED)


def test_a_chargeback_gives_back_no_use() -> None:
    mall = a_mall(ReturnUses.REFUNDED)
    order = an_order(mall)
    gateway = FakeGateway(provider=mall.provider)
    mall.provider.charge_back(order.payments[0].reference, Money(order.paid, "EUR"))
    for raw in mall.provider.notifications():
        mall.shop.payments.receive(gateway.name, raw)

    assert (accepted(mall.shop.orders.get(order.id)).paid, used(mall)) == (0, ALL_USED)


@pytest.mark.parametrize("policy", ReturnUses)
def test_an_order_that_is_canceled_gives_back_all_whatever_the_policy(policy: ReturnUses) -> None:
    mall = a_mall(policy)
    order = an_order(mall)

    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=CLERK, order_id=order.id)))

    assert (used(mall), given_back(mall, order)) == (NONE_USED, 0)


def test_an_order_of_old_terms_keeps_its_uses() -> None:
    codec = Codec(KINDS)
    order = an_order(a_mall(ReturnUses.NEVER))
    stored = json.loads(codec.dump(order))
    stored["terms"].pop("return_uses", None)

    assert codec.load(ORDER, ORDER.shape, json.dumps(stored)) == order


@pytest.mark.parametrize("where", ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def test_sixteen_at_once_who_refund_look_and_sweep_give_a_use_back_once_and_one_of_sixteen_gets_it(
    where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    storage: Storage = MemoryStorage(KINDS)
    if where == "sqlite":
        storage = SqliteStorage.open(tmp_path / "shop.sqlite", kinds=KINDS, upgrade=True)
    if where == "postgres":
        from shopwright.adapters.postgres.storage import PostgresStorage

        storage = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True, pool_max=4)
    mall = a_mall(ReturnUses.REFUNDED, storage)
    order = an_order(mall)
    deeds: tuple[Callable[[Shop], Any], ...] = (
        lambda shop: shop.payments.refund(
            RefundOrder(key="refund", by=CLERK, order_id=order.id, amount=Money(order.paid, "EUR"), reason="it did not fit")
        ),
        lambda shop: shop.payments.refresh(c.RefreshPayments(key="look", by=CLERK, order_id=order.id)),
        lambda shop: shop.orders.sweep(),
        lambda shop: [shop.payments.receive("fake", raw) for raw in mall.provider.notifications(again=True)],
    )
    _at_once(mall, lambda number, shop: [deed(shop) for deed in (*deeds[number % 4 :], *deeds[: number % 4])])
    assert (used(mall), given_back(mall, order)) == (NONE_USED, 1)

    won = _at_once(mall, lambda number, shop: shop.orders.place(a_coded_order(CODE, key=f"n{number}", buyer=f"m{number}")))
    assert sorted("won" if isinstance(it, Order) else refused(it) for it in won) == ["coupon_exhausted"] * 15 + ["won"]
    storage.close()


def _at_once(mall: Mall, act: Callable[[int, Shop], Any]) -> list[Any]:
    ready = Barrier(16)

    def run(number: int) -> Any:
        shop = Shop(
            mall.storage,
            gateways=[FakeGateway(provider=mall.provider)],
            clock=mall.clock,
            terms=mall.terms,
            **mall.ways,
        )
        ready.wait(60)
        return act(number, shop)

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(run, range(16)))
