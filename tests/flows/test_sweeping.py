"""The sweep: it tells how far it is, does no more than it may, goes on page after page, and leaves alone what is not due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Order, ReceiveStock, Refusal, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.orders.holds import HoldReason
from shopwright.wire.kinds import KINDS
from tests.flows.mall import CLERK, Mall, an_order, paid, placed
from tests.flows.stages import STAGES


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def hold(mall: Mall, order: Order, *, days: int) -> Order:
    facts = {"hold_id": "h1", "reason": HoldReason.CUSTOMER_REQUEST, "expires_at": mall.clock.now() + timedelta(days=days)}
    return accepted(mall.shop.orders.hold(c.HoldOrder(key="hold", by=CLERK, order_id=order.id, **facts)))


def test_all_that_is_due_is_done_however_many_there_are_and_it_is_told_how_far_it_is(mall: Mall) -> None:
    accepted(mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="TEA", quantity=500)))
    for number in range(205):
        accepted(mall.shop.orders.place(evolve(an_order(key=f"o{number}"), cart=Cart("EUR", (CartLine("TEA"),)), exact_tenders=False)))
    mall.clock.advance(timedelta(days=1))
    told: list[tuple[str, int]] = []

    assert mall.shop.orders.sweep(limit=3).expired == 3
    assert mall.shop.orders.sweep(progress=lambda job, seen: told.append((job, seen))).expired == 202
    assert told == [("due_at", seen) for seen in range(1, 203)]
    assert mall.shop.orders.sweep().expired == 0


def test_a_hold_ends_by_itself_and_the_order_goes_on(mall: Mall) -> None:
    order = hold(mall, paid(mall.shop), days=2)
    mall.clock.advance(timedelta(days=1))
    assert mall.shop.orders.sweep().lifted == 0
    mall.clock.advance(timedelta(days=1))

    assert mall.shop.orders.sweep().lifted == 1
    assert accepted(mall.shop.orders.get(order.id)).holds == ()


def test_a_delivered_order_that_is_held_is_not_completed_before_its_hold_ends(mall: Mall) -> None:
    order = hold(mall, STAGES["delivered"](mall), days=10)
    mall.clock.advance(timedelta(days=9))
    assert mall.shop.orders.sweep().completed == 0
    mall.clock.advance(timedelta(days=2))
    mall.shop.orders.sweep()

    assert mall.shop.orders.sweep().completed == 1
    assert accepted(mall.shop.orders.get(order.id)).state == "completed"


def test_an_order_whose_gateway_gives_no_answer_is_not_expired(mall: Mall) -> None:
    mall.provider.script("start", *["lost_applied"])
    mall.provider.script("query", *["lost_applied"] * 20)
    order = paid(mall.shop)
    mall.clock.advance(timedelta(days=1))

    assert mall.shop.orders.sweep().expired == 0
    assert accepted(mall.shop.orders.get(order.id)).state == "placed"


def test_two_sweeps_at_once_do_each_thing_once(mall: Mall) -> None:
    placed(mall.shop)
    mall.clock.advance(timedelta(days=1))
    other = mall.reopened()

    assert (mall.shop.orders.sweep().expired, other.orders.sweep().expired) == (1, 0)
    assert not isinstance(mall.shop.orders.get(mall.orders()[0].id), Refusal)
