"""Whatever is done to an order that earns and is paid with points, and whenever anybody looks, its buyer ends with the points that are theirs."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from shopwright import CancelOrder, Money, PayOrder, RefundOrder, ShipOrder, Terms, accepted
from shopwright.errors import IllegalTransition
from shopwright.flows import commands as c
from shopwright.flows.points import booking
from shopwright.loyalty.account import fold
from shopwright.loyalty.reversing import Earning
from shopwright.orders.earning import bookings
from shopwright.ports.storage import START
from shopwright.wire.kinds import POINTS
from tests.flows.mall import ANN, CLERK, Mall, placed
from tests.flows.paying_points import a_mall, account, mixed, with_points

DEEDS = st.lists(
    st.tuples(st.sampled_from(("pay", "ship", "deliver", "take back", "refund", "complete", "cancel", "follow", "book")), st.integers(1, 2_500)),
    min_size=3,
    max_size=14,
)
TERMS = st.sampled_from((Terms(), Terms(refund_first=("points",)), Terms(refund_last=("points",))))


def _do(mall: Mall, order_id: str, deed: str, number: int, size: int) -> None:
    """One deed, where the order allows it."""
    shop, about, key = mall.shop, {"by": CLERK, "order_id": order_id}, f"deed-{number}"
    order = accepted(shop.orders.get(order_id))
    shipment = order.shipments[-1].id if order.shipments else "s1"
    with suppress(IllegalTransition):
        match deed:
            case "pay":
                shop.payments.pay(PayOrder(key=key, by=ANN, order_id=order_id))
            case "ship":
                shop.shipping.ship(ShipOrder(key=key, **about, units=((1 + size % 2, 1),)))
                shop.shipping.dispatch(c.DispatchShipment(key=f"{key}-out", **about, shipment_id=f"s{len(order.shipments) + 1}"))
            case "deliver":
                shop.shipping.deliver(c.DeliverShipment(key=key, **about, shipment_id=shipment))
            case "take back":
                shop.shipping.take_back(c.TakeBackShipment(key=key, **about, shipment_id=shipment))
            case "refund":
                shop.payments.refund(RefundOrder(key=key, **about, amount=Money(size, "EUR"), reason="back"))
            case "complete":
                shop.orders.complete(c.CompleteOrder(key=key, **about))
            case "cancel":
                shop.orders.cancel(CancelOrder(key=key, by=ANN, order_id=order_id))
            case "follow":
                shop.loyalty.follow(limit=1 + size % 7)
            case _:
                booking.book(shop.ports, order, at=mall.clock.now())


@settings(max_examples=60, deadline=None)
@given(DEEDS, TERMS)
def test_the_account_ends_with_what_the_order_says_whatever_was_done_and_whenever_it_was_followed(deeds: list[tuple[str, int]], terms: Terms) -> None:
    mall = a_mall()
    mall.terms = terms
    mall.reopened()
    with_points(mall)
    order_id = placed(mall.shop, mixed()).id
    for number, (deed, size) in enumerate(deeds):
        _do(mall, order_id, deed, number, size)
    while mall.shop.loyalty.follow():
        pass
    order = accepted(mall.shop.orders.get(order_id))
    points = next(it for it in order.payments if it.tender.method == "points")
    booked = [booking for booking in bookings(order) if mall.storage.load(Earning, booking.key) is not None]

    spent = (points.captured - points.refunded) // 10
    assert account(mall).points == 300 - spent + sum(booking.points - booking.gone for booking in booked)
    assert account(mall).deficit == 0
    assert [booking.gone for booking in bookings(order) if booking not in booked] == [
        booking.points for booking in bookings(order) if booking not in booked
    ]
    assert fold("points/ann", [it.value for it in mall.storage.read(POINTS, after=START, limit=1_000)]) == account(mall)
