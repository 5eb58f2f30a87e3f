"""Whatever is ordered, held, called off and comes in, at once or in any order: what is claimed is what is counted, at each place, and never more than
there is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright import CancelOrder, DispatchShipment, Order, PayOrder, Refusal, ShipOrder, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.cart_commands import ReleaseCart
from shopwright.inventory.keys import is_backorder, place_and_sku
from shopwright.inventory.stock import Keeping
from shopwright.orders import fold
from shopwright.orders.events import ClaimState
from shopwright.orders.sourcing import goods
from shopwright.ports.storage import Query, Storage
from shopwright.testing.clock import FrozenClock
from shopwright.wire.kinds import KINDS
from tests.flows.carted import KEYS, carts_of
from tests.flows.mall import ANN, CLERK, START, Mall
from tests.flows.placed import LATE, a_mall, come, ordering, two_places
from tests.flows.processes import opener, race
from tests.flows.test_carts_held import QUARTER, for_cart, holding
from tests.flows.test_places import CASH

Deed = tuple[str, int, int]

deeds = st.tuples(
    st.sampled_from(["order", "late", "bundle", "pay", "cancel", "hold", "trade", "release", "come", "fill", "sweep", "wait", "ship"]),
    st.integers(0, 3),
    st.integers(1, 5),
)


def _do(mall: Mall, number: int, deed: Deed) -> Any:
    what, which, units = deed
    shop, key, now = mall.shop, f"{what}-{number}", mall.clock.now()
    orders = mall.orders()
    chosen = orders[which % len(orders)] if orders else None
    country = "DE" if which % 2 else "FR"
    cart = {"cart_id": f"cart-{which}"}
    acts: dict[str, Callable[[], Any]] = {
        "order": lambda: shop.orders.place(ordering(("TEA", units), ("TEA", which + 1), key=key, country=country)),
        "late": lambda: shop.orders.place(ordering(("TEA", units + 3), key=key, country=country, tenders=CASH)),
        "bundle": lambda: shop.orders.place(ordering(("SET", which + 1), ("TEA", units), key=key, country=country, tenders=CASH)),
        "hold": lambda: shop.carts.hold(holding(("TEA", units), key=key, zone=country, until=now + QUARTER, **cart)),
        "trade": lambda: shop.orders.place(for_cart(("TEA", units), key=key, country=country, tenders=CASH, **cart)),
        "release": lambda: shop.carts.release(ReleaseCart(key=key, by=ANN, **cart)),
        "come": lambda: come(shop, ("hamburg", "lyon")[which % 2], "TEA", units, key=key),
        "fill": shop.backorders.fill,
        "sweep": shop.orders.sweep,
        "wait": lambda: mall.clock.advance(timedelta(minutes=6 * units)),
    }
    if what in acts:
        return acts[what]()
    if chosen is None or chosen.state == "canceled":
        return None
    if what == "ship":
        return _ship(shop, chosen, key, ("hamburg", "lyon", "", "")[which])
    if what == "pay":
        return shop.payments.pay(PayOrder(key=key, by=ANN, order_id=chosen.id))
    return shop.orders.cancel(CancelOrder(key=key, by=ANN, order_id=chosen.id))


def _ship(shop: Shop, order: Order, key: str, place: str) -> Any:
    """All that is there leaves, from one place or from wherever it is."""
    if order.state != "confirmed":
        return None
    planned = shop.shipping.ship(ShipOrder(key=key, by=CLERK, order_id=order.id, place=place))
    if isinstance(planned, Refusal):
        assert planned.code in {"units_not_open", "units_awaited", "units_not_at_place"}, planned
        return planned
    shipment = planned.shipments[-1]
    return accepted(shop.shipping.dispatch(DispatchShipment(key=f"{key}-out", by=CLERK, order_id=order.id, shipment_id=shipment.id)))


def _check(mall: Mall) -> None:
    """SOURCE-1, and AWAIT-2: what is counted is what is claimed, by plans that say so; `carts_of` compares the sums."""
    carts_of(mall)
    quotas = mall.storage.quota(KEYS, at=mall.clock.now())
    assert all(quota.free >= 0 for quota in quotas.values())
    for order in mall.orders():
        assert fold(it.value for it in mall.shop.orders.history(order.id)) == order
        if order.claim.state in (ClaimState.HELD, ClaimState.USED) and order.sourcing is not None:
            kept = {}
            for line in order.lines:
                for sku, units in line.from_stock(line.quantity - line.buckets.canceled):
                    kept[sku] = kept.get(sku, 0) + units
            claimed: dict[str, int] = {}
            for key, units in goods(order.claim.items):
                claimed[place_and_sku(key)[1]] = claimed.get(place_and_sku(key)[1], 0) + units
            assert claimed == {sku: units for sku, units in kept.items() if units}
            if any(line.buckets.canceled for line in order.lines):
                assert not any(is_backorder(key) for key, _ in order.claim.items)
                continue
            assert dict(order.sourcing.claims()) == dict(goods(order.claim.items))
            wanted = {(line.line_no, sku): units for line in order.lines for sku, units in line.from_stock(line.quantity)}
            planned: dict[tuple[int, str], int] = {}
            for part in order.sourcing.parts:
                planned[part.line_no, part.sku] = planned.get((part.line_no, part.sku), 0) + part.quantity
            assert planned == wanted


@settings(max_examples=120, deadline=None)
@given(st.lists(deeds, max_size=25))
def test_what_is_claimed_is_what_is_counted_whatever_happens(deeds_done: list[Deed]) -> None:
    mall = a_mall(hamburg=3, lyon=3, places=two_places(**LATE))
    for number, deed in enumerate(deeds_done):
        _do(mall, number, deed)
        if "wait" not in (deed[0], *(it[0] for it in deeds_done[:number])):
            _check(mall)
    mall.shop.orders.sweep()
    _check(mall)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=5), st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_nobody_gets_what_comes_in_before_those_who_were_promised_it_earlier(wanted: list[int], coming: list[int]) -> None:
    """AWAIT-1."""
    mall = a_mall(hamburg=0, lyon=0, places=two_places(skus={"TEA": Keeping(backorder=99)}))
    line = []
    for number, units in enumerate(wanted):
        mall.clock.advance(timedelta(seconds=1))
        line.append(accepted(mall.shop.orders.place(ordering(("TEA", units), key=f"o{number}", tenders=CASH))).id)
    left = sum(wanted)
    for number, units in enumerate(coming):
        come(mall.shop, "hamburg", "TEA", units, key=f"in-{number}")
        assert mall.shop.backorders.fill().units == min(units, left)
        left = max(0, left - units)
        awaited = [dict(accepted(mall.shop.orders.get(id)).claim.items).get("backorder@hamburg/TEA", 0) for id in line]
        first = next((place for place, units in enumerate(awaited) if units), len(line))
        assert awaited[first + 1 :] == wanted[first + 1 :]
        assert sum(awaited) == left


def _work(shop: Shop, seed: int, deeds_done: int) -> None:
    """One of many who want the same goods at once, and change their minds."""
    chance, mine = Random(seed), list[Order]()
    for turn in range(deeds_done):
        key, units, country = f"{seed}/{turn}", chance.randint(1, 3), chance.choice(["DE", "FR"])
        what = chance.choice(["order", "order", "late", "hold", "cancel", "fill"])
        match what:
            case "hold":
                held = shop.carts.hold(holding(("TEA", units), key=f"h{key}", zone=country, cart_id=f"cart-{seed}"))
                answer = shop.orders.place(for_cart(("TEA", units), key=f"t{key}", country=country, cart_id=f"cart-{seed}", tenders=CASH))
                assert isinstance(held, Refusal) or isinstance(answer, Order), "what was held can be ordered"
            case "cancel" if mine:
                order = mine.pop()
                accepted(shop.orders.cancel(CancelOrder(key=f"c{key}", by=ANN, order_id=order.id)))
                continue
            case "fill":
                come(shop, chance.choice(["hamburg", "lyon"]), "TEA", 1, key=f"in{key}")
                shop.backorders.fill()
                continue
            case _:
                answer = shop.orders.place(ordering(("TEA", units), ("SET", 1), key=key, country=country, tenders=CASH if what == "late" else ()))
        if isinstance(answer, Order):
            mine.append(answer)
        else:
            assert answer.code in {"stock_exhausted", "split_unavoidable"}, answer


def _shop(storage: Storage) -> Shop:
    return Shop(storage, gateways=[FakeGateway()], clock=FrozenClock(START), places=two_places(**LATE))


@pytest.mark.parametrize("where", ["memory", "sqlite", "postgres"])
def test_many_at_once_never_take_more_than_there_is_at_any_place(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    storage = MemoryStorage(KINDS) if where == "memory" else opener(where, tmp_path, request)()
    mall, barrier, troubles = a_mall(storage, hamburg=8, lyon=8, places=two_places(**LATE)), Barrier(4), list[BaseException]()

    def work(seed: int) -> None:
        barrier.wait()
        try:
            _work(mall.shop, seed, 8)
        except BaseException as trouble:
            troubles.append(trouble)
            raise

    workers = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert troubles == []
    _check(mall)
    mall.shop.backorders.fill()
    _check(mall)
    storage.close()


def _process(opened: Callable[[], Storage], number: int, ready: Any) -> None:
    storage = opened()
    shop = _shop(storage)
    ready.wait(60)
    _work(shop, 100 + number, 25)
    storage.close()


@pytest.mark.full
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_sixteen_processes_never_take_more_than_there_is_at_any_place(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    opened = opener(where, tmp_path, request)
    storage = opened()
    mall = a_mall(storage, hamburg=60, lyon=60, places=two_places(**LATE))
    race(_process, 16, opened)
    mall.shop.backorders.fill()
    found = [stored.value for stored in storage.find(Query(Order, limit=1_000)).items]
    claimed: dict[str, int] = {}
    for order in found:
        for key, units in goods(order.claim.items) if order.claim.state in (ClaimState.HELD, ClaimState.USED) else ():
            claimed[key] = claimed.get(key, 0) + units
    quotas = storage.quota(KEYS, at=START)
    assert {key: quota.used + quota.held for key, quota in quotas.items()} == {key: claimed.get(key, 0) for key in KEYS}
    assert len(found) > 16
    storage.close()
