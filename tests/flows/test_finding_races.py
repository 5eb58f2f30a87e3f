"""Workers in processes of their own who follow one index of orders at once while orders change, and ids that it would have no room for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from shopwright import Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.flows.finding.commands import TagOrder
from shopwright.orders.finding import OrderFilter
from shopwright.ports.edge import TEXT_LIMIT
from shopwright.ports.storage import Storage
from shopwright.testing.clock import FrozenClock
from shopwright.testing.ids import SeededIds
from shopwright.wire.finding_kinds import HASH, TIME
from shopwright.wire.kinds import KINDS
from tests.flows.found import index_of, one, recorded, selling
from tests.flows.mall import CLERK, START, Mall, an_order
from tests.flows.processes import opener, race

ORDERS, ROUNDS = 40, 40


def _work(opened: Callable[[], Storage], told: Path, number: int, ready: Any) -> None:
    """Two follow, and one puts tags on orders and takes others off; each writes down how many events it has followed, or made."""
    storage = opened()
    shop, count = Shop(storage, clock=FrozenClock(START)), 0
    ready.wait(60)
    for turn in range(ROUNDS):
        if number < 2:
            count += shop.orders.follow(limit=2 + number)
            continue
        add, remove = (f"turn {turn % 4}",), (f"turn {(turn + 3) % 4}",)
        order = accepted(shop.orders.tag(TagOrder(key=f"t{turn}", by=CLERK, order_id=f"o{turn % 5:06}", add=add, remove=remove)))
        assert add[0] in order.tags
    (told / str(number)).write_text(str(count))
    storage.close()


@pytest.mark.full
@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_an_index_that_two_follow_at_once_is_the_one_that_is_made_anew(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """FIND-9"""
    opened = opener(where, tmp_path, request)
    with closing(opened()) as storage:
        recorded(storage, *[selling(one(number), f"SKU{number % 7}", "Tea") for number in range(ORDERS)])
        race(_work, 3, opened, tmp_path)
        shop, rest = Shop(storage, clock=FrozenClock(START)), 0
        while more := shop.orders.follow():
            rest += more
        mall = Mall(storage)
        followed, tagged = index_of(mall), [[it.id for it in shop.orders.search(OrderFilter(tag=f"turn {tag}")).orders] for tag in range(4)]
        events = shop.orders.rebuild()

        assert sum(int((tmp_path / str(worker)).read_text()) for worker in range(2)) + rest >= events  # both may have read the same, once it is kept
        assert index_of(mall) == followed
        assert sum(map(len, tagged)) >= 5
        assert [[it.id for it in shop.orders.search(OrderFilter(tag=f"turn {tag}")).orders] for tag in range(4)] == tagged


def test_ids_that_would_not_fit_into_the_index_are_never_those_of_orders() -> None:
    """An id is part of the id of each of its terms, of which a storage keeps so many characters."""
    mall = Mall(MemoryStorage(KINDS))
    shop = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], clock=mall.clock, ids=LongIds(7))
    with pytest.raises(InvalidValue, match=r"Placement\.id must have 26 to 26 characters, got 174"):
        shop.orders.place(an_order())

    assert mall.orders() == ()
    assert HASH + TIME + 26 <= TEXT_LIMIT < HASH + TIME + 174


class LongIds(SeededIds):
    """Ids that are longer than those of a shop."""

    def new_id(self, at: datetime) -> str:
        """An id of 174 characters."""
        return super().new_id(at).ljust(174, "x")
