"""Sixteen processes at once want more units at a flash price than there are: exactly those there are, and no more for anybody than his share."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, ReceiveStock, Refusal, Shop, accepted, customer
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.ports.storage import Query, Storage
from shopwright.promotions.matching import Named
from shopwright.promotions.price_rules import Beyond, CatalogPrice, SetPrice
from shopwright.testing.clock import FrozenClock
from tests.flows.mall import CLERK, START, Mall, an_order
from tests.flows.processes import Opener, opener, race

PROCESSES, TURNS, UNITS, SHARE = 16, 4, 45, 5
KEY = "promotion/flash/units"


def _shop(storage: Storage, beyond: Beyond) -> Shop:
    price = SetPrice(Money(600, "EUR"))
    rule = CatalogPrice(id="flash", to=price, lines=Named("sku", "TEA"), units=UNITS, units_per_member=SHARE, beyond=beyond)
    return Shop(storage, gateways=[FakeGateway()], clock=FrozenClock(START), prices=[rule])


def _ordered(shop: Shop, key: str, member: str) -> Order | Refusal:
    command = evolve(an_order(key=key), buyer_id=member, by=customer(member))
    total = accepted(shop.orders.quote(command)).total
    return shop.orders.place(evolve(command, tenders=(evolve(command.tenders[0], amount=total),)))


def _buy(opened: Opener, beyond: Beyond, number: int, ready: Barrier) -> None:
    """One member, who orders until every turn has its order, and cancels some of them."""
    storage = opened()
    shop = _shop(storage, beyond)
    ready.wait(60)
    for turn in range(TURNS):
        for again in range(200):
            order = _ordered(shop, f"o{number}/{turn}/{again}", f"m{number}")
            if isinstance(order, Order):
                break
            assert order.code in {"promotion_exhausted", "tenders_mismatch"}, order
        else:
            raise AssertionError("somebody else was always faster")
        if (number + turn) % 4 == 0:
            accepted(shop.orders.cancel(CancelOrder(key=f"c{number}/{turn}", by=customer(f"m{number}"), order_id=order.id)))
    storage.close()


def _units(order: Order) -> int:
    """The units that have the flash price: four euro less each."""
    return -sum(it.amount for line in order.lines for it in line.adjustments if it.rule == "flash") // 400


@pytest.mark.full
@pytest.mark.parametrize("beyond", Beyond)
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_sixteen_processes_never_sell_a_unit_too_many_at_a_flash_price(
    where: str, beyond: Beyond, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    mall = Mall(storage)
    for sku in ("TEA", "CUP"):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=1_000)))
    race(_buy, PROCESSES, opened, beyond)

    orders = [stored.value for stored in storage.find(Query(Order, limit=1_000)).items]
    live = [order for order in orders if order.state != "canceled"]
    sold = sum(map(_units, live))
    assert len(orders) == PROCESSES * TURNS
    assert storage.quota((KEY,), at=START)[KEY].held == sold <= UNITS
    assert max(sum(_units(order) for order in live if order.buyer_id == f"m{number}") for number in range(PROCESSES)) <= SHARE

    shop = _shop(storage, beyond)
    for late in range(UNITS):  # what canceled orders gave back last is there for others
        sold += _units(accepted(_ordered(shop, f"late{late}", f"n{late}")))
    assert storage.quota((KEY,), at=START)[KEY].held == sold
    assert sold == UNITS if beyond is Beyond.ORDINARY else UNITS - sold in (0, 1)
    storage.close()
