"""Gifts where a shop is not alone: in a host's transaction, among processes, and beside a simulation of the same promotions."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import Money, Order, ReceiveStock, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import Query
from shopwright.promotions.basket import Basket, BasketLine, Buyer
from shopwright.promotions.effects import AcrossOff
from shopwright.promotions.engine import Engine
from shopwright.promotions.extras import Extra
from shopwright.promotions.limits import Limits
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.simulation import PastOrder
from shopwright.promotions.simulator import simulate
from shopwright.promotions.taking import Gift
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.giving import GIVING, one_mug, with_gift
from tests.flows.mall import CLERK, START, Mall, an_order, placed
from tests.flows.processes import Opener, opener, race
from tests.flows.test_joined import Host

PROCESSES, TURNS, MUGS = 6, 5, 12


def _buy(opened: Opener, number: int, ready: Barrier) -> None:
    storage = opened()
    shop = Shop(storage, gateways=[FakeGateway()], clock=FrozenClock(START), **GIVING)
    ready.wait(60)
    for turn in range(TURNS):
        placed(shop, an_order(key=f"o{number}/{turn}"))
    storage.close()


@pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def test_processes_that_race_for_gifts_all_get_their_orders_and_every_gift_finds_one(
    where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """GIFT-4"""
    opened = opener(where, tmp_path, request)
    storage = opened()
    mall = Mall(storage)
    one_mug(mall)
    for sku, quantity in (("TEA", 1_000), ("CUP", 1_000), ("MUG", MUGS - 1)):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=quantity)))

    race(_buy, PROCESSES, opened)

    orders = [stored.value for stored in storage.find(Query(Order, limit=100)).items]
    assert (len(orders), sum(len(order.lines) == 3 for order in orders)) == (PROCESSES * TURNS, MUGS)
    assert storage.quota(("stock/MUG",), at=START)["stock/MUG"] == Quota("stock/MUG", MUGS, 0, MUGS)
    storage.close()


def test_an_order_inside_a_hosts_transaction_is_placed_without_a_gift_that_is_gone(tmp_path: Path) -> None:
    host = Host(tmp_path / "mall.sqlite")
    mall = Mall(host.storage, ways=GIVING)
    first = with_gift(mall)

    joined = host.inside()
    shop = Shop(joined.ports.storage, gateways=[FakeGateway()], clock=FrozenClock(START), **GIVING)
    second = placed(shop, an_order(key="o2"))
    host.connection.execute("commit")

    assert [len(order.lines) for order in (first, second)] == [3, 2]
    assert accepted(host.outside().orders.get(second.id)) == second
    host.connection.close()
    host.storage.close()


def test_a_simulation_uses_a_promotion_that_gives_as_often_as_a_shop_does() -> None:
    box = Extra(gifts=(Gift("MUG"),), points=10)
    promotions = (
        Promotion(id="box", effects=(box,), limits=Limits(total=3)),
        Promotion(id="both", effects=(AcrossOff(Money(100, "EUR")), box), limits=Limits(budget=Money(250, "EUR"))),
    )
    mall = Mall(MemoryStorage(KINDS), ways={"promotions": promotions})
    one_mug(mall)
    for sku in ("TEA", "CUP", "MUG"):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=100)))

    orders = []
    for number in range(5):
        command = an_order(key=f"o{number}")
        total = accepted(mall.shop.orders.quote(command)).total
        orders.append(placed(mall.shop, evolve(command, tenders=(evolve(command.tenders[0], amount=total),))))

    basket = Basket("EUR", (BasketLine("TEA", 2, 1_000), BasketLine("CUP", 1, 2_500)), START, shipping=400, buyer=Buyer("ann"))
    found = simulate([PastOrder(order.id, basket, 4_900) for order in orders], Engine(promotions))
    uses = {it.id: it.uses for it in found.promotions}
    assert uses == {id: sum(id in {grant.promotion for grant in order.grants} for order in orders) for id in ("box", "both")} == {"box": 3, "both": 2}
    assert found.cost == 5 * 4_900 - sum(order.total.minor for order in orders)
