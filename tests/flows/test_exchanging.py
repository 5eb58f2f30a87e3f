"""Goods exchanged for others at a shop: the order sells the others, the value of the first pays for them, and only the difference moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shopwright import Order, PayOrder, ReceiveStock, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.flows.commands import AddPayment
from shopwright.flows.returns import commands as r
from shopwright.inventory.keys import stock_key
from shopwright.orders import OrderState, fold
from shopwright.orders.credit_notes import GOODS
from shopwright.orders.lines import Buckets
from shopwright.ports.storage import Storage
from shopwright.returns.case import Case, CaseKind
from shopwright.returns.states import CaseState
from shopwright.returns.words import Granted, Outcome, Resolution, Why, Wish
from shopwright.wire.kinds import KINDS
from tests.flows.cased import apply, check_cases, do, inspected
from tests.flows.edited import card, toys
from tests.flows.given_back import come
from tests.flows.mall import ANN, CLERK, Mall, refused
from tests.surroundings import peer


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def mall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mall]:
    """A mall that sells toys too, on a storage of each kind."""
    made: Storage = MemoryStorage(KINDS) if request.param == "memory" else SqliteStorage.open(tmp_path / "shop.sqlite", kinds=KINDS, upgrade=True)
    if request.param == "postgres":
        made = peer("shopwright.adapters.postgres.storage").PostgresStorage.open(
            request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True
        )
    mall = Mall(made)
    toys(mall)
    yield mall
    made.close()


def for_a(sku: str) -> Wish:
    """A tea is to be exchanged for this."""
    return Wish(line_no=1, units=1, why=Why.WRONG_GOODS, resolution=Resolution.EXCHANGE, sku=sku)


def order_of(mall: Mall, case: Case) -> Order:
    """The order, which is what its history tells of."""
    order = accepted(mall.shop.orders.get(case.order_id))
    assert fold([it.value for it in mall.shop.orders.history(order.id)]) == order
    check_cases(mall.storage)
    return order


def free(mall: Mall, sku: str) -> int:
    key = stock_key(sku)
    return mall.storage.quota([key], at=mall.clock.now())[key].free


def test_cheaper_goods_go_out_at_once_and_the_difference_goes_back(mall: Mall):
    """RETURN-12"""
    case = inspected(mall, for_a("TOY"))
    done = accepted(do(mall, r.ResolveCase, case))
    order = order_of(mall, done)

    assert (done.state, done.kind) == (CaseState.RESOLVED, CaseKind.EXCHANGE)
    tea, _, toy = order.lines
    assert (tea.buckets, toy.sku, toy.buckets) == (Buckets(delivered=1, returned=1), "TOY", Buckets(open=1))
    assert (order.paid, order.owed, order.refunded, order.surplus, order.secured) == (4_511, 4_511, 389, 0, True)
    assert (free(mall, "TEA"), free(mall, "TOY")) == (9, 4)
    (note,) = accepted(mall.shop.payments.credit_notes(order.id))
    assert [(it.sku, it.units, it.taxed.gross) for it in note.lines if it.about == GOODS] == [("TEA", 1, 1_000)]
    assert (note.refund, note.set_off) == (389, 700)


def test_dearer_goods_wait_until_the_difference_is_paid(mall: Mall):
    """RETURN-12"""
    case = inspected(mall, for_a("CUP"))
    order = order_of(mall, accepted(do(mall, r.ResolveCase, case)))
    assert (order.refunded, order.owed - order.paid, order.secured) == (0, 1_411, False)

    accepted(mall.shop.payments.add(AddPayment(key="more", by=ANN, order_id=order.id, tenders=(card(1_411),))))
    order = accepted(mall.shop.payments.pay(PayOrder(key="pay-more", by=ANN, order_id=order.id)))
    assert (order.paid, order.secured, order.state) == (order.owed, True, OrderState.CONFIRMED)


def test_an_exchange_happens_once_and_not_for_goods_that_are_not_there(mall: Mall):
    case = inspected(mall, for_a("TOY"))
    first = accepted(do(mall, r.ResolveCase, case))
    assert accepted(do(mall, r.ResolveCase, case)) == first
    assert (free(mall, "TOY"), len(order_of(mall, case).lines)) == (4, 3)


def test_goods_that_are_not_sold_are_refused_when_they_are_asked_for_and_when_they_are_granted(mall: Mall):
    order = come(mall)
    assert refused(apply(mall, order, for_a("NONE"))) == "sku_unknown"
    assert mall.shop.returns.inbox().cases == ()

    case = accepted(apply(mall, order, for_a("CUP")))
    none = Granted(no=1, resolution=Resolution.EXCHANGE, sku="NONE")
    assert refused(do(mall, r.ApproveCase, case, granted=(none,))) == "sku_unknown"
    assert accepted(mall.shop.returns.get(case.id)) == case


def test_goods_that_are_gone_leave_the_case_as_it_was(mall: Mall):
    case = inspected(mall, for_a("TOY"))
    before = order_of(mall, case)
    none, many = (Outcome(no=1, units=1, resolution=Resolution.EXCHANGE, sku=sku) for sku in ("NONE", "TOY"))
    accepted(mall.shop.goods.receive(ReceiveStock(key="none left", by=CLERK, sku="TOY", quantity=-5)))
    assert refused(do(mall, r.ResolveCase, case, key="one", outcomes=(none,))) == "sku_unknown"
    assert refused(do(mall, r.ResolveCase, case, key="two", outcomes=(many,))) == "stock_exhausted"
    assert (order_of(mall, case), accepted(mall.shop.returns.get(case.id))) == (before, case)

