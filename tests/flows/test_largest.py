"""The largest amounts and quantities that can be meant are kept to the last unit; one more is refused before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Money, PayOrder, Product, PutProduct, ReceiveStock, RecordPayment, RefundOrder, Tender, Via, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import InvalidValue
from shopwright.ports.quotas import Quota
from shopwright.pricing.facts import NoShipping
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, placed, refused
from tests.flows.pictures import picture
from tests.surroundings import peer

MOST = 2**63 - 1
CROWN = "CROWN 李雷 👑 e\u0301"
"""A sku in many scripts: it stands in ids, in quota keys and in bodies."""


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def mall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mall]:
    if request.param == "memory":
        storage = MemoryStorage(KINDS)
    elif request.param == "sqlite":
        storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    else:
        postgres = peer("shopwright.adapters.postgres.storage").PostgresStorage
        storage = postgres.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    mall = Mall(storage)
    crown = Product(sku=CROWN, title="Crown", seller_id="house", prices=(Money(MOST, "EUR"),))
    accepted(mall.shop.goods.put(PutProduct(key="crown", by=CLERK, product=crown)))
    accepted(mall.shop.goods.receive(ReceiveStock(key="crowns", by=CLERK, sku=CROWN, quantity=MOST)))
    yield mall
    storage.close()


def crowns(quantity: int = 1, *, via: Via = Via.GATEWAY) -> object:
    """An order for crowns, paid in full."""
    gateway = {"gateway": "fake", "source": "tok_ok"} if via is Via.GATEWAY else {}
    tender = Tender(method="card", amount=MOST, via=via, **gateway)
    return evolve(an_order(), cart=Cart("EUR", (CartLine(CROWN, quantity),)), shipping=NoShipping(), tenders=(tender,))


def test_the_largest_price_is_paid_and_goes_back_to_the_last_cent(mall: Mall) -> None:
    order = placed(mall.shop, crowns())
    paid = accepted(mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id)))
    assert (paid.paid, paid.total) == (MOST, Money(MOST, "EUR"))

    sorry = RefundOrder(key="sorry", by=CLERK, order_id=order.id, amount=Money(MOST - 1, "EUR"), reason="too dear")
    assert accepted(mall.shop.payments.refund(sorry)).paid == 1
    assert mall.shop.goods.stock([CROWN])[CROWN] == Quota(f"stock/{CROWN}", MOST, 1, 0)
    picture(mall)


def test_the_largest_amount_at_the_door_is_recorded_and_not_a_cent_more(mall: Mall) -> None:
    order = placed(mall.shop, crowns(via=Via.ON_DELIVERY))
    cash = RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(MOST, "EUR"))

    assert accepted(mall.shop.payments.record(cash)).paid == MOST


def test_money_that_together_leaves_64_bits_is_refused(mall: Mall) -> None:
    command = evolve(crowns(), tenders=tuple(Tender(method="voucher", amount=1, via=Via.EXTERNAL) for _ in range(2)), exact_tenders=False)
    order = placed(mall.shop, command)
    accepted(mall.shop.payments.record(_voucher(order.id, 1, MOST)))

    with pytest.raises(InvalidValue, match="64 bits"):
        mall.shop.payments.record(_voucher(order.id, 2, 1))
    assert accepted(mall.shop.orders.get(order.id)).paid == MOST


def _voucher(order_id: str, number: int, amount: int) -> RecordPayment:
    return RecordPayment(key=f"v{number}", by=CLERK, order_id=order_id, payment_id=f"p{number}", amount=Money(amount, "EUR"))


def test_more_than_64_bits_of_money_or_of_goods_is_refused(mall: Mall) -> None:
    assert refused(mall.shop.orders.place(crowns(2))) == "amount_too_large"
    with pytest.raises(InvalidValue, match="64 bits"):
        mall.shop.goods.receive(ReceiveStock(key="one", by=CLERK, sku=CROWN, quantity=1))
    assert mall.shop.goods.stock([CROWN])[CROWN] == Quota(f"stock/{CROWN}", MOST, 0, 0)
