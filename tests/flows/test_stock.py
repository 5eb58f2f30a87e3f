"""The desk of the warehouse: what a shop with several places, or with one, does with its goods, and what it tells of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import CancelOrder, ReceiveStock, Refusal, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.flows.inventory import commands as s
from shopwright.flows.inventory.looking import StockValue
from shopwright.inventory import Keeping, MovementKind, Place, Places, Policy, Rate, StockLot
from shopwright.inventory.place_keeping import EXPIRED
from shopwright.inventory.place_stock import PlaceStock, StockStanding
from shopwright.inventory.shelves import PAST
from shopwright.inventory.sold import SoldGoods, SoldPart
from shopwright.inventory.stock_events import StockOwed, StockRanLow, StockRecovered
from shopwright.inventory.transfers import TransferLine
from shopwright.ports.storage import Match, Query, Where
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START, Mall, an_order, paid, placed
from tests.flows.stock_world import cancel, check_stock, hold, movements_of, pay, stocks_of
from tests.flows.stocked import DAY, PLACES, STOCKED, phones

HOUR = timedelta(hours=1)


def a_mall(**ways: Any) -> Mall:
    return Mall(MemoryStorage(KINDS), ways=ways)


def receive(shop: Shop, place: str, sku: str, units: int = 0, *, key: str = "", **facts: Any) -> StockStanding:
    command = s.ReceiveGoods(key=key or f"{place}-{sku}-{units}", by=CLERK, place=place, sku=sku, units=units, **facts)
    return accepted(shop.stock.receive(command))


def kinds_of(mall: Mall, sku: str, place: str = "") -> list[str]:
    return [type(it.value).__name__ if not hasattr(it.value, "kind") else it.value.kind.value for it in mall.shop.stock.movements(sku, place=place)]


def test_goods_at_two_places_are_counted_apart_and_nothing_stores_their_sum():
    mall = a_mall(**STOCKED)
    receive(mall.shop, "north", "MUG", 8, cost=800)
    receive(mall.shop, "south", "MUG", 3, cost=330)
    north, south = mall.shop.stock.standings(["MUG"])["MUG"]
    assert (north.on_hand, north.safety, north.available, north.value) == (8, 2, 6, 800)
    assert (south.on_hand, south.safety, south.available, south.value) == (3, 2, 1, 330)
    quotas = mall.storage.quota(["stock@north/MUG", "stock@south/MUG", "stock/MUG"], at=START)
    assert {key: (it.granted, it.held) for key, it in quotas.items()} == {"stock@north/MUG": (8, 2), "stock@south/MUG": (3, 2), "stock/MUG": (0, 0)}


def test_a_command_that_comes_again_does_nothing_and_tells_how_the_stock_stands():
    mall = a_mall(**STOCKED)
    first = receive(mall.shop, "north", "MUG", 8)
    assert receive(mall.shop, "north", "MUG", 8) == first
    accepted(mall.shop.stock.damage(s.DamageGoods(key="d", by=CLERK, place="north", sku="MUG", units=8)))
    again = accepted(mall.shop.stock.damage(s.DamageGoods(key="d", by=CLERK, place="north", sku="MUG", units=8)))
    assert (again.on_hand, kinds_of(mall, "MUG", "north")) == (0, ["received", "damaged", "StockRanLow"])


def test_what_is_kept_for_safety_no_order_can_take():
    mall = a_mall(**STOCKED)
    receive(mall.shop, "north", "MUG", 5)
    refused = hold(mall.storage, "o1", (("stock@north/MUG", 4),), until=START + DAY, at=START)
    assert refused is not None
    assert (refused.code, refused.fact("free")) == ("quota_exhausted", 3)
    assert hold(mall.storage, "o1", (("stock@north/MUG", 3),), until=START + DAY, at=START) is None
    accepted(mall.shop.stock.keep(s.KeepStock(key="k", by=CLERK, place="north", sku="MUG", safety=0)))
    assert hold(mall.storage, "o2", (("stock@north/MUG", 2),), until=START + DAY, at=START) is None


def test_an_order_that_runs_a_stock_low_is_told_once_it_is_followed_and_a_hold_that_lapses_lets_it_recover():
    mall = a_mall(**STOCKED)
    receive(mall.shop, "north", "TEA", 5)
    assert hold(mall.storage, "o1", (("stock@north/TEA", 3),), until=START + HOUR, at=START) is None
    assert mall.shop.stock.follow() == 1
    mall.clock.advance(2 * HOUR)
    assert mall.shop.stock.sweep() == 1
    told = [it.value for it in mall.shop.stock.movements("TEA", place="north")][1:]
    assert told == [
        StockRanLow(sku="TEA", location_id="north", available=2, low=3, at=START),
        StockRecovered(sku="TEA", location_id="north", available=5, low=3, at=START + 2 * HOUR),
    ]
    assert (mall.shop.stock.follow(), mall.shop.stock.sweep()) == (0, 0)


def test_what_an_order_took_is_booked_with_its_lots_and_goes_back_to_them():
    mall = a_mall(**STOCKED)
    soon, late = StockLot("soon", 2, START, expires_at=START + 3 * DAY), StockLot("late", 6, START, expires_at=START + 9 * DAY)
    receive(mall.shop, "north", "MILK", lots=(late, soon), cost=800)
    key = "stock@north/MILK"
    hold(mall.storage, "o1", ((key, 3),), until=START + HOUR, at=START)
    pay(mall.storage, "o1", at=START)
    mall.shop.stock.follow()
    assert mall.shop.stock.sold("o1") == SoldGoods("o1", (SoldPart(key=key, units=3, lots=(soon, evolve(late, units=1)), cost=300),))
    (sale,) = [it for it in movements_of(mall.storage, key) if it.kind is MovementKind.SOLD]
    assert (sale.source, [lot.id for lot in sale.taken]) == ("o1", ["soon", "late"])  # a recall finds where they went
    assert mall.shop.stock.value(place="north") == StockValue(units=5, value=500, spent=300)


def test_an_order_gets_the_units_that_were_packed_and_they_come_back_as_they_are():
    mall = a_mall(**STOCKED)
    phones(mall)
    name = s.NameUnits(key="n", by=CLERK, place="north", sku="PHONE", order_id="o1", serials=("p2",))
    accepted(mall.shop.stock.name_units(name))
    accepted(mall.shop.stock.name_units(name))
    (part,) = mall.shop.stock.sold("o1").parts
    assert (part.units, part.unnamed, [lot.serials for lot in part.lots]) == (2, 1, [("p2",)])
    more = mall.shop.stock.name_units(evolve(name, key="n2", serials=("p1", "p3")))
    assert isinstance(more, Refusal)
    assert (more.code, more.fact("sold")) == ("serials_above_sold", 1)
    cancel(mall.storage, "o1", at=START)
    mall.shop.stock.follow()
    (north, _) = mall.shop.stock.standings(["PHONE"])["PHONE"]
    assert [sorted(serial for lot in north.lots for serial in lot.serials)] == [["p1", "p2", "p3", "p4"]]
    check_stock(mall.storage, START, followed=True)


def test_orders_of_a_shop_with_one_place_are_booked_with_all_that_was_counted_in_before():
    mall = a_mall()
    order = paid(mall.shop)
    called_off = paid(mall.shop, an_order(key="o2"))
    placed(mall.shop, an_order(key="o3"))
    accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=CLERK, order_id=called_off.id)))
    while mall.shop.stock.follow():
        pass
    (tea,) = mall.shop.stock.standings(["TEA"])["TEA"]
    assert (tea.on_hand, tea.held, tea.available) == (8, 2, 6)
    assert [(it.kind, it.change, it.source, it.reason) for it in movements_of(mall.storage, "stock/TEA")] == [
        (MovementKind.RECEIVED, 10, "", PAST),
        (MovementKind.SOLD, -2, order.id, ""),
    ]
    check_stock(mall.storage, mall.clock.now(), followed=True)


def _booked(mall: Mall, order_id: str) -> dict[str, int]:
    return {part.key: part.units for part in mall.shop.stock.sold(order_id).parts}


def test_orders_over_places_are_booked_where_they_were_planned_and_what_they_wait_for_is_told_as_owed():
    rates = (Rate("DE", parcel=490),)
    near, far = Place("north", rates=rates), Place("south", rates=(Rate("DE", parcel=990),))
    mall = a_mall(places=Places((near, far), skus={"TEA": Keeping(backorder=5)}, policy=Policy(split_lines=True)))
    receive(mall.shop, "north", "TEA", 3, cost=300)
    receive(mall.shop, "north", "CUP", 4, cost=400)
    first, second = paid(mall.shop), paid(mall.shop, an_order(key="o2"))
    while mall.shop.stock.follow():
        pass
    found = mall.shop.stock.standings(["TEA", "CUP"])
    tea, cup = found["TEA"][0], found["CUP"][0]
    assert (tea.on_hand, tea.available, tea.awaited, tea.value) == (0, 0, 1, 0)
    assert (cup.on_hand, cup.available, cup.awaited, cup.value) == (2, 2, 0, 200)
    assert _booked(mall, first.id) == {"stock@north/TEA": 2, "stock@north/CUP": 1}
    assert _booked(mall, second.id) == {"stock@north/TEA": 1, "stock@north/CUP": 1}
    assert [it.value.owed for it in mall.shop.stock.movements("TEA", place="north") if isinstance(it.value, StockOwed)] == [1]

    receive(mall.shop, "north", "TEA", 5, cost=600)
    mall.shop.backorders.fill()
    while mall.shop.stock.follow():
        pass
    tea = mall.shop.stock.standings(["TEA"])["TEA"][0]
    assert (tea.on_hand, tea.available, tea.awaited, tea.value) == (4, 4, 0, 480)
    assert _booked(mall, second.id) == {"stock@north/TEA": 2, "stock@north/CUP": 1}
    check_stock(mall.storage, mall.clock.now(), followed=True)


def test_goods_that_are_counted_in_at_the_other_desk_are_booked_with_the_next_movement():
    mall = a_mall()
    receive(mall.shop, "", "TEA", 5)
    accepted(mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="TEA", quantity=4)))
    accepted(mall.shop.stock.count(s.CountGoods(key="count", by=CLERK, sku="TEA", units=18)))
    assert [it.change for it in movements_of(mall.storage, "stock/TEA")] == [10, 5, 4, -1]
    check_stock(mall.storage, START, followed=True)


def test_what_expires_is_set_aside_by_the_sweep_and_thrown_away_by_a_person():
    mall = a_mall(**STOCKED)
    receive(mall.shop, "north", "MILK", lots=(StockLot("soon", 4, START, expires_at=START + 3 * DAY), StockLot("late", 6, START)))
    seen: list[tuple[str, int]] = []
    mall.clock.advance(3 * DAY)
    assert mall.shop.stock.sweep(progress=lambda what, count: seen.append((what, count))) == 1
    (north, _) = mall.shop.stock.standings(["MILK"])["MILK"]
    assert (north.on_hand, north.aside, north.available, seen) == (10, 4, 6, [("stock", 1)])
    gone = accepted(mall.shop.stock.end_aside(s.EndAside(key="e", by=CLERK, place="north", sku="MILK", aside_id=EXPIRED, broken=4)))
    assert (gone.on_hand, gone.aside, gone.available) == (6, 0, 6)


def test_goods_on_their_way_are_in_neither_place_and_arrive_in_their_lots_at_their_cost():
    mall = a_mall(**STOCKED)
    lot = StockLot("a", 6, START, expires_at=START + 9 * DAY)
    receive(mall.shop, "north", "MILK", lots=(lot,), cost=601)
    send = s.SendTransfer(key="s", by=CLERK, transfer_id="t1", from_place="north", to_place="south", lines=(TransferLine("MILK", 4),))
    sent = accepted(mall.shop.stock.send(send))
    assert (sent.under_way, [it.on_hand for it in mall.shop.stock.standings(["MILK"])["MILK"]]) == (4, [2, 0])
    again = evolve(send, key="s2")
    assert mall.shop.stock.send(again) == Refusal("transfer_exists", "there is a transfer t1", {"transfer": "t1"})
    came = accepted(mall.shop.stock.arrive(s.ReceiveTransfer(key="a", by=CLERK, transfer_id="t1", arrived=(TransferLine("MILK", 3),))))
    assert (came.under_way, came.lost, mall.shop.stock.transfer("t1")) == (0, 1, came)
    (north, south) = mall.shop.stock.standings(["MILK"])["MILK"]
    assert (north.lots, south.lots) == ((evolve(lot, units=2),), (evolve(lot, units=3),))
    assert (north.value, south.value) == (200, 301)


def test_goods_are_moved_out_of_a_place_that_the_shop_closed_and_out_of_the_one_it_had_before_it_had_places():
    mall = a_mall()
    old = Shop(mall.storage, clock=mall.clock, places=Places((Place("attic"),)))
    receive(old, "attic", "TEA", 3)
    shop = Shop(mall.storage, clock=mall.clock, places=PLACES)
    for number, (place, units) in enumerate((("attic", 3), ("", 10))):
        lines = (TransferLine("TEA", units),)
        name = f"t{number}"
        accepted(shop.stock.send(s.SendTransfer(key=name, by=CLERK, transfer_id=name, from_place=place, to_place="north", lines=lines)))
        accepted(shop.stock.arrive(s.ReceiveTransfer(key=f"{name}-in", by=CLERK, transfer_id=name)))
    assert [it.on_hand for it in shop.stock.standings(["TEA"])["TEA"]] == [13, 0]
    with pytest.raises(InvalidValue, match="no place is named 'attic'; this shop has north, south"):
        receive(shop, "attic", "TEA", 1, key="late")


def test_stock_is_found_by_place_sku_and_what_is_low():
    mall = a_mall(**STOCKED)
    for place, sku, units in (("north", "MUG", 9), ("north", "TEA", 1), ("south", "TEA", 9)):
        receive(mall.shop, place, sku, units)

    def found(*where: Where) -> list[tuple[str, str]]:
        return [(it.value.place, it.value.sku) for it in mall.shop.stock.find(Query(PlaceStock, where=where)).items]

    assert found(Where("place", Match.EQUAL, "north")) == [("north", "MUG"), ("north", "TEA")]
    assert found(Where("sku", Match.EQUAL, "TEA")) == [("north", "TEA"), ("south", "TEA")]
    assert found(Where("unsettled", Match.EQUAL, "yes")) == [("north", "TEA")]
    assert mall.shop.stock.value(skus=["TEA"]) == StockValue(units=10)


def test_a_shop_that_only_places_orders_writes_nothing_of_all_this():
    mall = a_mall()
    paid(mall.shop)
    assert stocks_of(mall.storage) == {}
    assert list(mall.storage.read("stock")) == []
