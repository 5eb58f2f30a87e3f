"""What is counted is exact: whoever pays at the same time, whatever crashes, and however often something is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from shopwright import Order, ReceiveStock, Refusal, Shop
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.errors import VersionConflict
from shopwright.payments.risk.velocities import Kind, Link
from shopwright.ports.storage import Changeset, Committed, Storage
from shopwright.testing.clock import FrozenClock
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, START, Mall, an_order, placed
from tests.flows.risk.judged import assessed, judging, more_than, noted, of_kind, pay, told

WORKERS, EACH = 16, 3


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.full)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage of each kind."""
    if request.param == "memory":
        opened: Storage = MemoryStorage(KINDS)
    elif request.param == "sqlite":
        opened = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True, durability="normal")
    else:
        from shopwright.adapters.postgres.storage import PostgresStorage

        opened = PostgresStorage.open(request.getfixturevalue("postgres_database"), kinds=KINDS, upgrade=True)
    yield opened
    opened.close()


def a_worker(mall: Mall, number: int) -> Shop:
    """A process of its own, whose clock is off by some seconds."""
    clock = FrozenClock(START + timedelta(seconds=(7 * number) % 10))
    return Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=clock, ids=SeededIds(1_000 + number), **mall.ways)


def stormed(mall: Mall) -> list[Order | Any]:
    """Every worker pays its orders, all from one place, beginning at the same moment and each sending its command twice."""
    orders = [[placed(mall.shop, an_order(key=f"o{worker}-{n}")) for n in range(EACH)] for worker in range(WORKERS)]
    begin = Barrier(WORKERS)

    def work(number: int) -> list[Any]:
        shop = a_worker(mall, number)
        begin.wait()
        return [pay(shop, order) for order in orders[number] for _ in range(2)][::2]

    with ThreadPoolExecutor(WORKERS) as pool:
        return [answer for answers in pool.map(work, range(WORKERS)) for answer in answers]


def restocked(storage: Storage, *rules: Any) -> Mall:
    mall = judging(*rules, storage=storage)
    for sku in ("TEA", "CUP"):
        mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=200))
    return mall


def test_of_many_at_once_exactly_as_many_are_taken_as_the_rule_allows(storage: Storage) -> None:
    """RISK-12 RISK-13"""
    mall = restocked(storage, more_than(9))
    answers = stormed(mall)

    assert sorted(told(it) for it in answers) == ["allow"] * 9 + ["payment_blocked"] * (WORKERS * EACH - 9)
    said = [it for order in mall.orders() for it in assessed(mall, order.id)]
    assert len(said) == WORKERS * EACH
    counted = sorted(dict(it.fired[0].inputs)["counted"] for it in said if it.fired)
    assert counted == list(range(10, WORKERS * EACH + 1))
    assert noted(mall, Link.IP) == [("attempt", 4900)] * WORKERS * EACH + [("success", 4900)] * 9
    assert [it.amount.minor for it in mall.provider.charges()] == [4900] * 9


def test_what_became_of_many_at_once_is_counted_once_each(storage: Storage) -> None:
    """RISK-12"""
    mall = restocked(storage, more_than(190, velocity=of_kind(Kind.SUCCESS, Link.DEVICE)))
    stormed(mall)
    while mall.shop.risk.follow():
        pass

    assert noted(mall, Link.DEVICE) == [("attempt", 4900)] * WORKERS * EACH + [("success", 4900)] * WORKERS * EACH


def at_once(mall: Mall, act: Callable[[Shop, int], Any]) -> list[Any]:
    """What every worker gets that does this at the same moment."""
    begin = Barrier(WORKERS)

    def work(number: int) -> Any:
        shop = a_worker(mall, number)
        begin.wait()
        return act(shop, number)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(work, range(WORKERS)))


@pytest.mark.parametrize(("above", "answer"), [(5, "allow"), (0, "payment_blocked")])
def test_a_command_that_many_send_at_once_is_judged_and_counted_once(storage: Storage, above: int, answer: str) -> None:
    """RISK-12"""
    mall = judging(more_than(above), storage=storage)
    order = placed(mall.shop)
    answers = at_once(mall, lambda shop, _: pay(shop, order))

    assert {told(it) for it in answers} == {answer}
    assert (len(assessed(mall, order.id)), len([it for it in noted(mall, Link.IP) if it[0] == "attempt"])) == (1, 1)
    assert len(mall.provider.charges()) == (1 if answer == "allow" else 0)


def test_of_many_commands_to_pay_one_order_at_once_one_is_judged_and_counted(storage: Storage) -> None:
    mall = judging(more_than(5), storage=storage)
    order = placed(mall.shop)
    answers = at_once(mall, lambda shop, number: pay(shop, order, key=f"pay-{number}"))

    assert sorted(told(it) for it in answers) == ["allow"] + ["nothing_due"] * (WORKERS - 1)
    assert (noted(mall, Link.IP), len(mall.provider.charges())) == ([("attempt", 4900), ("success", 4900)], 1)


class Deaf(MemoryStorage):
    """A store on which somebody else is always faster where trails are written."""

    deaf = False

    def commit(self, change: Changeset) -> Committed | Refusal:
        """Too late, for a note alone."""
        if self.deaf and change.operation.fingerprint == "note":
            raise VersionConflict("somebody was faster")
        return super().commit(change)


def test_money_never_waits_for_a_count_which_the_follower_does_later() -> None:
    """RISK-12"""
    storage = Deaf(KINDS)
    mall = judging(more_than(5), storage=storage)
    order, storage.deaf = placed(mall.shop), True
    assert told(pay(mall.shop, order)) == "allow"
    assert (noted(mall, Link.IP), mall.shop.orders.get(order.id).paid) == ([("attempt", 4900)], 4900)  # type: ignore[union-attr]
    with pytest.raises(VersionConflict):
        mall.shop.risk.follow()

    storage.deaf = False
    assert (mall.shop.risk.follow() > 0, mall.shop.risk.follow(), noted(mall, Link.IP)) == (True, 0, [("attempt", 4900), ("success", 4900)])
