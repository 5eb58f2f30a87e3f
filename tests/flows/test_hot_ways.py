"""A shop sells exactly what it has, whichever way its hot quotas go: sixteen buyers at once, five of whom pay, and what is canceled is sold again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import CancelOrder, Order, PayOrder, Refusal, accepted
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.ports.quota_ways import QuotaWays
from shopwright.ports.storage import Storage
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, Mall, an_order, paid, refused
from tests.surroundings import peer

WAYS = {
    "postgres, held first": {"stock/TEA": "hold_first"},
    "postgres, batched": {"stock/*": "batched"},
    "postgres, both": {"stock/TEA": "hold_first", "stock/CUP": "batched"},
    "sqlite, batched": {"*": "batched"},
}


@pytest.fixture(params=WAYS)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    ways = QuotaWays(WAYS[request.param])
    if request.param.startswith("sqlite"):
        opened: Storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, ways=ways)
    else:
        postgres = peer("shopwright.adapters.postgres.storage").PostgresStorage
        opened = postgres.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True, ways=ways)
    yield opened
    opened.close()


def tea(mall: Mall) -> tuple[int, int, int]:
    quota = mall.storage.quota(["stock/TEA"], at=mall.clock.now())["stock/TEA"]
    return quota.granted, quota.used, quota.held


def test_sixteen_buyers_of_five_pairs_get_exactly_five_whichever_way_hot_quotas_go(storage: Storage) -> None:
    mall = Mall(storage)

    def buy(number: int) -> Order | Refusal:
        return mall.shop.orders.place(evolve(an_order(), key=f"o{number}"))

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(buy, range(16)))
    orders = [outcome for outcome in outcomes if isinstance(outcome, Order)]
    assert (len(orders), tea(mall)) == (5, (10, 0, 10))
    assert {refused(outcome) for outcome in outcomes if not isinstance(outcome, Order)} == {"stock_exhausted"}
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda order: accepted(mall.shop.payments.pay(PayOrder(key=f"pay-{order.id}", by=ANN, order_id=order.id))), orders))
    assert tea(mall) == (10, 10, 0)
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=orders[0].id)))
    assert tea(mall) == (10, 8, 0)
    assert paid(mall.shop, an_order(key="again")).id
    assert tea(mall) == (10, 10, 0)
