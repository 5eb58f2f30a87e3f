"""Points of an order that was complete, goes out once more at no charge, and completes again."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from shopwright import DeliverShipment, DispatchShipment, ShipOrder, accepted
from shopwright.flows.commands import CompleteOrder
from shopwright.flows.returns import commands as r
from shopwright.loyalty.entries import PointsEarned, PointsReversed
from shopwright.ports.storage import START as FIRST
from shopwright.returns.words import Resolution, Why, Wish
from shopwright.wire.kinds import POINTS
from tests.flows.cased import apply, do
from tests.flows.mall import CLERK, Mall, paid
from tests.flows.paying_points import PROGRAM, a_mall, account
from tests.flows.test_following_points import THANKS, completed, follow


def _once_more(mall: Mall, order_id: str) -> None:
    """What is replaced has come, and the order is complete again."""
    about = {"by": CLERK, "order_id": order_id}
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship-2", **about)))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key="out-2", shipment_id="s2", **about)))
    accepted(mall.shop.shipping.deliver(DeliverShipment(key="there-2", shipment_id="s2", **about)))
    accepted(mall.shop.orders.complete(CompleteOrder(key="complete-2", **about)))


def test_points_promised_at_completion_are_booked_once_though_the_order_is_reopened_and_completes_again() -> None:
    """EARN-10"""
    mall = a_mall(evolve(PROGRAM, window=timedelta(0)), promotions=(THANKS,))
    order = completed(mall, paid(mall.shop))
    follow(mall)
    first = account(mall).points
    damaged = Wish(line_no=1, units=1, why=Why.DAMAGED, resolution=Resolution.REPLACE)
    case = accepted(apply(mall, order, damaged))
    case = accepted(do(mall, r.ApproveCase, case))
    case = case if not case.goods_back else accepted(do(mall, r.InspectReturn, accepted(do(mall, r.ReceiveReturn, case))))
    accepted(do(mall, r.ResolveCase, case))
    follow(mall)
    reopened = accepted(mall.shop.orders.get(order.id))
    assert (reopened.state, reopened.closed_at, account(mall).points) == ("confirmed", None, first)

    _once_more(mall, order.id)
    for _ in range(2):
        follow(mall)
    entries = [it.value for it in mall.storage.read(POINTS, after=FIRST, limit=500)]

    assert (account(mall).points, account(mall).deficit) == (first, 0)
    assert first == 95
    assert [type(it) for it in entries].count(PointsEarned) == 2
    assert not any(isinstance(it, PointsReversed) for it in entries)
