"""The upkeep of a whole shop: every part has its turn, does no more than it may, fails alone, and goes on where a worker was stopped."""

from __future__ import annotations

from typing import Any

import pytest

from shopwright import Order
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import StorageBusy
from shopwright.flows.exceptions.late import LateSwept
from shopwright.flows.sweeping import Swept
from shopwright.flows.upkeep import SweptShop
from shopwright.ports.storage import Page, Query
from shopwright.testing.faults import Crash
from shopwright.wire.kinds import KINDS
from tests.flows.excepted import SORRY
from tests.flows.mall import Mall, an_order, placed
from tests.flows.upkept import DAY, overdue

ALL = SweptShop(orders=Swept(expired=1, completed=1), cases=1, late=LateSwept(noted=1, given=4))
"""What is due at a mall where everything is overdue."""


class Busy(MemoryStorage):
    """A storage that has no time for one query about orders, as long as it is busy."""

    index = ""

    def find(self, query: Query[Any]) -> Page[Any]:
        if query.kind is Order and query.order_by == self.index:
            raise StorageBusy(f"orders by {self.index}")
        return super().find(query)


def a_mall(storage: MemoryStorage | None = None) -> Mall:
    mall = Mall(storage or MemoryStorage(KINDS), ways={"late": SORRY})
    overdue(mall)
    return mall


def test_one_sweep_does_what_is_due_in_every_part_and_tells_how_far_it_is_and_how_much_that_was() -> None:
    """UPKEEP-1"""
    mall, told = a_mall(), list[tuple[str, int]]()

    swept = mall.shop.upkeep.sweep(progress=lambda job, seen: told.append((job, seen)))

    assert (swept, swept.total) == (ALL, 8)
    assert told == [("due_at", 1), ("complete_at", 1), ("cases", 1), ("late", 1)]
    again = mall.shop.upkeep.sweep()
    assert (again, again.total) == (SweptShop(), 0)


def test_a_bounded_sweep_leaves_the_rest_to_the_next() -> None:
    """UPKEEP-1"""
    mall = a_mall()
    for number in range(2):
        placed(mall.shop, an_order(key=f"later{number}"))
    mall.clock.advance(DAY)

    assert [mall.shop.upkeep.sweep(limit=1).orders.expired for _ in range(4)] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("index", "left"),
    [
        ("due_at", SweptShop(orders=Swept(expired=1, completed=1))),
        ("late_at", SweptShop(late=LateSwept(noted=1, given=4))),
    ],
)
def test_a_part_that_fails_keeps_no_other_from_its_turn_and_is_told_at_the_end(index: str, left: SweptShop) -> None:
    """UPKEEP-2"""
    storage = Busy(KINDS)
    mall = a_mall(storage)
    storage.index = index
    with pytest.raises(StorageBusy, match=f"orders by {index}"):
        mall.shop.upkeep.sweep()
    storage.index = ""

    assert mall.shop.upkeep.sweep() == left


def test_a_worker_that_dies_between_two_parts_is_followed_by_one_that_does_the_rest() -> None:
    """UPKEEP-1"""
    mall = a_mall()

    def die(job: str, seen: int) -> None:
        if job == "cases":
            raise Crash(f"after {seen} of {job}")

    with pytest.raises(Crash):
        mall.shop.upkeep.sweep(progress=die)

    assert mall.reopened().upkeep.sweep() == SweptShop(late=ALL.late)
