"""Sixteen processes at once want more uses of a promotion than there are: exactly the limit is used, and what is given back can be used again."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, ReceiveStock, Refusal, Shop, accepted, customer
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.ports.storage import Query, Storage
from shopwright.promotions.effects import AcrossOff
from shopwright.promotions.limits import Limits
from shopwright.promotions.promotion import Promotion
from shopwright.testing.clock import FrozenClock
from tests.flows.mall import CLERK, START, Mall, an_order
from tests.flows.processes import Opener, opener, race

PROCESSES, TURNS, USES, BUDGET = 16, 6, 40, 15_250
FIVE = Promotion(id="five", effects=(AcrossOff(Money(500, "EUR")),), limits=Limits(total=USES, per_member=3))
TWO = Promotion(id="two", effects=(AcrossOff(Money(200, "EUR")),), limits=Limits(budget=Money(BUDGET, "EUR")))
BOTH = (FIVE, TWO)


def _shop(storage: Storage) -> Shop:
    return Shop(storage, gateways=[FakeGateway()], clock=FrozenClock(START), promotions=BOTH)


def _buy(opened: Opener, number: int, ready: Barrier) -> None:
    """One member, who orders until every turn has its order: at the price that is quoted, again when somebody else was faster."""
    storage = opened()
    shop = _shop(storage)
    ready.wait(60)
    for turn in range(TURNS):
        for again in range(200):
            command = evolve(an_order(key=f"o{number}/{turn}/{again}"), buyer_id=f"m{number}", by=customer(f"m{number}"))
            total = accepted(shop.orders.quote(command)).total
            order = shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=total),)))
            if isinstance(order, Order):
                break
            assert isinstance(order, Refusal), order
            assert order.code in {"promotion_exhausted", "tenders_mismatch"}, order
        else:
            raise AssertionError("somebody else was always faster")
        if (number + turn) % 4 == 0:
            accepted(shop.orders.cancel(CancelOrder(key=f"c{number}/{turn}", by=customer(f"m{number}"), order_id=order.id)))
    storage.close()


@pytest.mark.full
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_sixteen_processes_use_a_promotion_exactly_as_often_as_it_may_be(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    mall = Mall(storage)
    for sku in ("TEA", "CUP"):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=1_000)))

    race(_buy, PROCESSES, opened)

    orders = [stored.value for stored in storage.find(Query(Order, limit=1_000)).items]
    live = [order for order in orders if order.state != "canceled"]
    fives = [order for order in live for line in order.lines for it in line.adjustments if it.rule == "five"]
    spent = -sum(it.amount for order in live for line in order.lines for it in line.adjustments if it.rule == "two")
    by_member = [len({order.id for order in fives if order.buyer_id == f"m{number}"}) for number in range(PROCESSES)]
    keys = ("promotion/five/total", "promotion/two/budget/EUR")
    quotas = storage.quota(keys, at=START)
    assert len(orders) == PROCESSES * TURNS
    assert quotas[keys[0]].held == len({order.id for order in fives}) <= USES
    assert max(by_member) <= 3
    assert quotas[keys[1]].held == spent <= BUDGET

    shop = _shop(storage)
    while len({order.id for order in fives}) < USES:  # what canceled orders gave back last is there for others
        number = len(orders)
        command = evolve(an_order(key=f"last{number}"), buyer_id=f"n{number}", by=customer(f"n{number}"))
        order = accepted(shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=accepted(shop.orders.quote(command)).total),))))
        assert "five" in {it.rule for line in order.lines for it in line.adjustments}
        orders.append(order)
        fives.append(order)
    assert storage.quota(keys[:1], at=START)[keys[0]].held == USES
    storage.close()
