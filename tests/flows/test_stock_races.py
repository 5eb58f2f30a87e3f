"""Processes sell the same goods at two places while others bring them in, move, break and count them: sold to the last unit, and never one more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TypeVar

import pytest

from shopwright import Refusal, Shop, accepted
from shopwright.errors import Outage, VersionConflict
from shopwright.flows.inventory import commands as s
from shopwright.inventory import Keeping, Place, Places, StockLot, place_key
from shopwright.inventory.transfers import StockTransfer, TransferLine
from shopwright.orders.events import ClaimState
from shopwright.orders.order import Order
from shopwright.ports.storage import Query, Storage
from shopwright.testing.clock import FrozenClock
from tests.flows.mall import CLERK, START
from tests.flows.processes import Opener, opener, race
from tests.flows.stock_world import cancel, check_stock, hold, movements_of, pay, stocks_of

T = TypeVar("T")
PROCESSES, UNITS, MORE = 16, 64, 6
DAY = timedelta(days=1)
HOT = "HOT"
NAMES = ("north", "south")
PLACES = Places((Place("north"), Place("south")), keeping=Keeping(low=5), in_lots={"MILK"})


def _shop(storage: Storage) -> Shop:
    return Shop(storage, clock=FrozenClock(START), places=PLACES)


def _insisted(act: Callable[[], T]) -> T:
    """The same again where somebody was faster, however often."""
    while True:
        try:
            return act()
        except (VersionConflict, Outage):
            continue


def _stocked(storage: Storage, sku: str, **facts: object) -> None:
    for place in NAMES:
        command = s.ReceiveGoods(key=f"{place}/{sku}", by=CLERK, place=place, sku=sku, cost=6_400, **facts)  # type: ignore[arg-type]
        accepted(_shop(storage).stock.receive(command))


def _sell(opened: Opener, sku: str, number: int, ready: Barrier) -> None:
    """One process, which sells until nothing is left at either place; every fifth order is called off and sold again."""
    storage = opened()
    ready.wait(60)
    turn, gone = 0, 0
    while gone < 2:
        turn += 1
        order_id, place = f"o{number}-{turn}", NAMES[(number + turn) % 2]
        items = ((place_key(place, sku), 1),)
        refused = _insisted(partial(hold, storage, order_id, items, until=START + DAY, at=START))
        if refused is not None:
            gone = gone + 1 if refused.code == "quota_exhausted" else gone
            continue
        gone = 0
        assert _insisted(partial(pay, storage, order_id, at=START)) is None
        if turn % 5 == 0:
            assert _insisted(partial(cancel, storage, order_id, at=START)) is None
    storage.close()


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
@pytest.mark.parametrize("processes", [3, pytest.param(PROCESSES, marks=pytest.mark.full)])
def test_processes_sell_a_hot_sku_at_two_places_to_the_last_unit(where: str, processes: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    _stocked(storage, HOT, units=UNITS // 2)
    race(_sell, processes, opened, HOT)

    keys = [place_key(place, HOT) for place in NAMES]
    for number, (key, quota) in enumerate(storage.quota(keys, at=START).items()):
        if quota.free:  # what somebody called off when all others had gone home
            assert hold(storage, f"last-{number}", ((key, quota.free),), until=START + DAY, at=START) is None
            assert pay(storage, f"last-{number}", at=START) is None
    sold = _sold(storage)
    _followed(storage)
    assert {key: (it.granted, it.used, it.free) for key, it in storage.quota(keys, at=START).items()} == dict.fromkeys(keys, (32, 32, 0))
    assert sold == dict.fromkeys(keys, UNITS // 2)
    stocks = stocks_of(storage)
    assert [(stocks[key].on_hand, stocks[key].worth.value, stocks[key].worth.spent) for key in keys] == [(0, 0, 6_400)] * 2
    storage.close()


def _deal(opened: Opener, turns: int, number: int, ready: Barrier) -> None:
    """One process of a warehouse or of a shop, by its number."""
    storage = opened()
    shop = _shop(storage)
    ready.wait(60)
    for turn in range(turns):
        name, place, other = f"{number}-{turn}", NAMES[turn % 2], NAMES[(turn + 1) % 2]
        lot = StockLot(f"lot-{name}", 4, START, expires_at=START + (1 + turn % 3) * DAY)
        about = {"by": CLERK, "place": place, "sku": "MILK"}
        match number % 4:
            case 0:
                receive = s.ReceiveGoods(key=f"r{name}", lots=(lot,), cost=401, **about)  # type: ignore[arg-type]
                accepted(_insisted(partial(shop.stock.receive, receive)))
                _insisted(partial(shop.stock.damage, s.DamageGoods(key=f"d{name}", units=2, **about)))  # type: ignore[arg-type]
            case 1:
                lines = (TransferLine("MILK", 3),)
                send = s.SendTransfer(key=f"s{name}", by=CLERK, transfer_id=name, from_place=place, to_place=other, lines=lines)
                if not isinstance(_insisted(partial(shop.stock.send, send)), Refusal):
                    arrive = s.ReceiveTransfer(key=f"a{name}", by=CLERK, transfer_id=name, arrived=(TransferLine("MILK", 2),))
                    accepted(_insisted(partial(shop.stock.arrive, arrive)))
                _insisted(partial(shop.stock.keep, s.KeepStock(key=f"k{name}", safety=turn % 4, **about)))  # type: ignore[arg-type]
            case 2:
                items = ((place_key(place, "MILK"), 2), (place_key(other, "MILK"), 1))
                if _insisted(partial(hold, storage, f"o{name}", items, until=START + DAY, at=START)) is None:
                    assert _insisted(partial(pay, storage, f"o{name}", at=START)) is None
                    if turn % 3 == 0:
                        assert _insisted(partial(cancel, storage, f"o{name}", at=START)) is None
            case _:
                _insisted(partial(shop.stock.follow, limit=20))
                _insisted(partial(shop.stock.sweep, at=START + DAY))
    storage.close()


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
@pytest.mark.parametrize("processes", [4, pytest.param(PROCESSES, marks=pytest.mark.full)])
def test_whatever_processes_do_to_lots_at_once_no_unit_and_no_cent_is_lost(
    where: str, processes: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    _stocked(storage, "MILK", lots=(StockLot("first", 20, START, expires_at=START + 9 * DAY),))
    race(_deal, processes, opened, MORE)

    _followed(storage)
    keys = [place_key(place, "MILK") for place in NAMES]
    moved = [it for key in keys for it in movements_of(storage, key)]
    sent = [stored.value for stored in storage.find(Query(StockTransfer, limit=1_000)).items]
    assert sum(transfer.under_way for transfer in sent) == 0
    assert sum(it.change for it in moved if it.kind.value.startswith("moved")) == -sum(transfer.lost for transfer in sent)
    assert sum(it.change for it in moved if it.kind.value in {"sold", "returned"}) == -sum(_sold(storage).values())
    came = sum(it.cost for it in moved if it.kind.value in {"received", "moved_in", "returned"})
    worth = [stocks_of(storage)[key].worth for key in keys]
    assert sum(it.value + it.spent for it in worth) == came
    storage.close()


def _followed(storage: Storage) -> None:
    """Follow all orders, and hold the books against the quotas."""
    while _shop(storage).stock.follow():
        pass
    check_stock(storage, START, followed=True)


def _sold(storage: Storage) -> dict[str, int]:
    """What orders use of each stock."""
    found: dict[str, int] = {}
    after = ""
    while True:
        page = storage.find(Query(Order, limit=1_000, after=after))
        for stored in page.items:
            if stored.value.claim.state is ClaimState.USED:
                for key, units in stored.value.claim.items:
                    found[key] = found.get(key, 0) + units
        if not page.next:
            return found
        after = page.next
