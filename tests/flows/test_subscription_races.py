"""Many relays at once, which take each other's lease away all the time: every event arrives, and in order for each order (SUBS-2, SUBS-4)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shopwright import CancelOrder, Refusal, Shop, accepted
from shopwright.adapters.outlets import CallOutlet
from shopwright.flows.subscriptions.commands import Subscribe
from shopwright.ports.outlets import Notice, Retries
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, placed
from tests.flows.processes import Opener, opener, race

RELAYS, ORDERS, RUNS = 3, 6, 25


def _relay(open_storage: Opener, log: Path, number: int, ready: Any) -> None:
    """A relay by whose clock an hour goes by between two of its runs, so that no lease holds; every fifth notice fails, after it has arrived."""
    calls = iter(range(1, 1_000_000))

    def write_down(notice: Notice) -> None:
        with log.open("ab", buffering=0) as file:
            file.write(f"{notice.key} {notice.number}\n".encode())
        if next(calls) % 5 == number:
            raise OSError("the answer is lost")

    storage = open_storage()
    shop = Shop(storage, outlets=[CallOutlet("erp", write_down)])
    ready.wait(60)
    for run in range(RUNS):
        assert not isinstance(shop.events.tell("erp", at=START + timedelta(days=1, hours=run), limit=7), Refusal)
    storage.close()


@pytest.mark.full
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_relays_that_race_each_other_tell_all_of_it_in_order(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    open_storage = opener(where, tmp_path, request)
    storage = open_storage()
    mall = Mall(storage)
    told = Subscribe(key="s", by=CLERK, name="erp", outlet="erp", since=START, retries=Retries(tries=100))
    accepted(Shop(storage, outlets=[CallOutlet("erp", print)]).events.subscribe(told))
    for number in range(ORDERS):
        order = placed(mall.shop, an_order(key=f"o{number}"))
        accepted(mall.shop.orders.cancel(CancelOrder(key=f"c{number}", by=ANN, order_id=order.id)))
    log = tmp_path / "told.log"

    race(_relay, RELAYS, open_storage, log)

    rest: list[str] = []
    last = Shop(storage, outlets=[CallOutlet("erp", lambda notice: rest.append(f"{notice.key} {notice.number}"))])
    for run in range(10):
        accepted(last.events.tell("erp", at=START + timedelta(days=30 + run), limit=1_000))
    arrived = [line.split() for line in [*log.read_text(encoding="utf-8").splitlines(), *rest]]
    for order in mall.orders():
        numbers = [int(number) for key, number in arrived if key == order.id]
        assert list(dict.fromkeys(numbers)) == [each.number for each in mall.shop.orders.history(order.id)]
    assert last.events.waiting("erp").items == ()
    storage.close()
