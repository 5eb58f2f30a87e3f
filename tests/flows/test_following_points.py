"""The follower of orders: points wait, open and are taken back as the order says, each once, whatever the order and the number of deliveries."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from attrs import evolve

from shopwright import CancelOrder, DispatchShipment, Money, Order, RefundOrder, ShipOrder, accepted, customer
from shopwright.flows import commands as c
from shopwright.flows.points import accounts as points_flows
from shopwright.flows.points import booking
from shopwright.flows.points.commands import ReversePoints
from shopwright.loyalty.account import Balance
from shopwright.loyalty.entries import PointsEarned
from shopwright.loyalty.expiry import ExpiresAfter
from shopwright.loyalty.order_points import ExpiresFrom, Opens
from shopwright.loyalty.reversing import Earning, Recourse
from shopwright.loyalty.rewards import CouponReward
from shopwright.ports.storage import START as FIRST
from shopwright.promotions.code_batches import CodeBatch, code_at
from shopwright.promotions.code_books import CodeBook
from shopwright.promotions.codes import CodePattern
from shopwright.promotions.extras import Extra
from shopwright.promotions.promotion import Promotion
from shopwright.wire.kinds import POINTS, REWARDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed
from tests.flows.paying_points import ANNS, PROGRAM, a_mall, account, balance, mixed, paid_with_points, with_points

DAY = timedelta(days=1)


def follow(mall: Mall) -> None:
    """The follower has seen everything."""
    while mall.shop.loyalty.follow():
        pass


def shipped(mall: Mall, order: Order, *, units: tuple[tuple[int, int], ...] = (), key: str = "1") -> Order:
    """Units have left, all without any."""
    accepted(mall.shop.shipping.ship(ShipOrder(key=f"ship-{key}", by=CLERK, order_id=order.id, units=units)))
    return accepted(mall.shop.shipping.dispatch(DispatchShipment(key=f"out-{key}", by=CLERK, order_id=order.id, shipment_id=f"s{key}")))


def delivered(mall: Mall, order: Order, **facts) -> Order:
    """And have arrived."""
    key = facts.get("key", "1")
    shipped(mall, order, **facts)
    return accepted(mall.shop.shipping.deliver(c.DeliverShipment(key=f"there-{key}", by=CLERK, order_id=order.id, shipment_id=f"s{key}")))


def completed(mall: Mall, order: Order) -> Order:
    """An order that was delivered and is complete."""
    delivered(mall, order)
    return accepted(mall.shop.orders.complete(c.CompleteOrder(key="complete", by=CLERK, order_id=order.id)))


def taken_back(mall: Mall, order: Order, key: str = "1") -> Order:
    """A shipment is back."""
    command = c.TakeBackShipment(key=f"back-{key}", by=CLERK, order_id=order.id, shipment_id=f"s{key}")
    return accepted(mall.shop.shipping.take_back(command))


def refunded(mall: Mall, order: Order, amount: int, key: str = "refund") -> Order:
    """Some money went back."""
    return accepted(mall.shop.payments.refund(RefundOrder(key=key, by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="back")))


def earning(mall: Mall, order: Order, rule: str = "earn/euro") -> Earning:
    """What is kept of a credit of an order."""
    stored = mall.storage.load(Earning, f"{order.id}/{rule}")
    assert stored is not None
    return stored.value


def kept(mall: Mall) -> tuple[int, int]:
    """What can be spent and what waits."""
    told = balance(mall)
    return told.available, told.pending


def test_points_wait_when_an_order_is_paid_and_open_when_the_window_after_its_end_is_over():
    mall = a_mall(PROGRAM)
    placed(mall.shop)
    follow(mall)
    assert kept(mall) == (0, 0)

    order = paid(mall.shop, an_order(key="o2"))
    follow(mall)
    assert kept(mall) == (0, 45)

    completed(mall, order)
    follow(mall)
    assert kept(mall) == (0, 45)
    mall.clock.advance(14 * DAY)
    assert kept(mall) == (45, 0)


def test_the_entry_of_what_was_earned_names_the_order_the_rule_and_its_version():
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    follow(mall)
    (recorded,) = mall.storage.read(POINTS, after=FIRST, limit=10)
    entry = recorded.value

    assert isinstance(entry, PointsEarned)
    assert (entry.lot.id, entry.desired, entry.cause.source, entry.cause.rule, entry.cause.rule_version) == (
        f"{order.id}/earn/euro",
        45,
        order.id,
        "euro",
        1,
    )
    assert earning(mall, order).lines == ((1, 20), (2, 25))


def test_a_window_may_count_from_the_delivery():
    mall = a_mall(evolve(PROGRAM, opens=Opens.DELIVERED, window=DAY))
    delivered(mall, paid(mall.shop))
    follow(mall)
    mall.clock.advance(DAY)

    assert kept(mall) == (45, 0)


@pytest.mark.parametrize(("since", "left"), [(ExpiresFrom.EARNED, 0), (ExpiresFrom.AVAILABLE, 45)])
def test_the_clock_of_the_expiry_starts_when_points_are_earned_or_when_they_open(since, left):
    mall = a_mall(evolve(PROGRAM, expiry=ExpiresAfter("UTC", days=20), expires_from=since, window=14 * DAY))
    completed(mall, paid(mall.shop))
    follow(mall)
    mall.clock.advance(21 * DAY)

    assert kept(mall) == (left, 0)


def test_points_that_expire_before_they_could_be_spent_are_never_opened():
    mall = a_mall(evolve(PROGRAM, expiry=ExpiresAfter("UTC", days=5), expires_from=ExpiresFrom.EARNED))
    completed(mall, paid(mall.shop))
    follow(mall)

    assert kept(mall) == (0, 45)
    mall.clock.advance(14 * DAY)
    assert kept(mall) == (0, 0)


def test_an_order_that_was_canceled_before_anybody_looked_leaves_no_trace():
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))
    follow(mall)

    assert account(mall).entry_count == 0


def test_an_order_that_is_canceled_takes_its_points_along():
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    follow(mall)
    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))
    follow(mall)

    assert (kept(mall), account(mall).points) == ((0, 0), 0)


def test_events_that_come_twice_late_and_in_any_order_book_everything_once():  # BOOK-1, BOOK-2
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    states = [order, shipped(mall, order, units=((1, 1),)), taken_back(mall, order), refunded(mall, order, 1_000)]
    shuffled = [*states, *states]
    Random(7).shuffle(shuffled)
    for _ in shuffled:
        current = accepted(mall.shop.orders.get(order.id))
        booking.book(mall.shop.ports, current, at=mall.clock.now())
    follow(mall)

    assert kept(mall) == (0, 35)
    assert [type(it.value).__name__ for it in mall.storage.read(POINTS, after=FIRST, limit=10)] == ["PointsEarned", "PointsReversed"]


def test_what_comes_back_in_parts_takes_what_its_lines_earned_and_no_more():  # BOOK-4
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    left = []
    for key, units in (("1", ((1, 1),)), ("2", ((2, 1),)), ("3", ((1, 1),))):
        shipped(mall, order, units=units, key=key)
        taken_back(mall, order, key)
        follow(mall)
        left.append(kept(mall)[1])

    assert left == [35, 10, 0]
    assert earning(mall, order).reversible == 0


def test_what_staff_took_back_by_hand_is_not_taken_again():  # BOOK-4
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    follow(mall)
    by_hand = ReversePoints(key="by-hand", by=CLERK, account_id=ANNS, lot_id=f"{order.id}/earn/euro", points=10)
    accepted(points_flows.reverse_points(mall.shop.ports, by_hand, at=mall.clock.now()))
    shipped(mall, order, units=((1, 1),))
    taken_back(mall, order)
    follow(mall)

    assert kept(mall) == (0, 35)


@pytest.mark.parametrize(
    ("recourse", "after"),
    [
        (Recourse.ONLY_PENDING, Balance(available=0, pending=0, held=0, lapsed=0, deficit=0)),
        (Recourse.WITHIN_BALANCE, Balance(available=0, pending=0, held=0, lapsed=0, deficit=0)),
        (Recourse.UNLIMITED, Balance(available=0, pending=0, held=0, lapsed=0, deficit=45)),
    ],
)
def test_points_that_were_spent_meanwhile_are_owed_as_far_as_the_program_goes(recourse, after):
    mall = a_mall(evolve(PROGRAM, recourse=recourse, window=timedelta(0)))
    order = completed(mall, paid(mall.shop))
    follow(mall)
    spent = points_flows.RedeemPoints(key="prize", by=ANN, account_id=ANNS, redemption_id="prize", points=45)
    accepted(points_flows.redeem_points(mall.shop.ports, spent, at=mall.clock.now()))
    refunded(mall, order, 4_900)
    follow(mall)

    assert balance(mall) == after


def test_caps_are_kept_exactly_by_what_is_booked():  # BOOK-3
    mall = a_mall(evolve(PROGRAM, most_per_day=60))
    orders = [placed(mall.shop, an_order(key=key)) for key in ("one", "two", "three")]
    assert [order.points.granted for order in orders] == [45, 45, 45]
    for order in orders:
        accepted(mall.shop.payments.pay(c.PayOrder(key=f"pay-{order.id}", by=ANN, order_id=order.id)))
    follow(mall)
    follow(mall)

    assert kept(mall) == (0, 60)
    second = earning(mall, orders[1])
    assert (second.lot.points, second.lines) == (15, ((1, 7), (2, 8)))
    mall.clock.advance(DAY)
    paid(mall.shop, an_order(key="four"))
    follow(mall)
    assert kept(mall) == (0, 105)


THANKS = Promotion(id="thanks", effects=(Extra(points=50, coupons=("next-time",)),))


def test_points_that_promotions_promised_are_booked_once_when_the_order_is_complete_and_go_back_with_it():
    mall = a_mall(PROGRAM, promotions=(THANKS,))
    order = paid(mall.shop)
    follow(mall)
    assert kept(mall) == (0, 45)

    completed(mall, order)
    follow(mall)
    follow(mall)
    assert kept(mall) == (0, 95)
    refunded(mall, order, 4_900)
    follow(mall)
    assert kept(mall) == (0, 0)


def test_a_promised_coupon_is_told_to_the_host_once_it_is_due_where_the_shop_has_no_codes_for_it():  # BOOK-5
    mall = a_mall(PROGRAM, promotions=(THANKS,))
    order = paid(mall.shop)
    follow(mall)
    assert mall.shop.loyalty.coupons("ann") == ()

    completed(mall, order)
    for _ in range(3):
        follow(mall)
        booking.book(mall.shop.ports, accepted(mall.shop.orders.get(order.id)), at=mall.clock.now())
    (given,) = mall.shop.loyalty.coupons("ann", by=ANN)

    assert given == CouponReward(
        id=f"{order.id}/grant/2", order_id=order.id, buyer_id="ann", batch="next-time", promotion="thanks", version=1, at=mall.clock.now()
    )
    assert [(it.key, it.value.has_code) for it in mall.storage.read(REWARDS, after=FIRST, limit=10)] == [(f"{order.id}/grant/2", False)]


def test_a_promised_coupon_is_the_next_code_of_its_batch_until_they_are_used_up():  # BOOK-5
    batch = CodeBatch(id="next-time", pattern=CodePattern(prefix="NEXT", length=10), count=1, key=b"k" * 32, promotion="ten-off")
    ten_off = Promotion(id="ten-off", effects=(Extra(points=1),))
    mall = a_mall(PROGRAM, promotions=(THANKS, ten_off), codes=CodeBook((batch,)))
    for key in ("one", "two"):
        order = paid(mall.shop, an_order(key=key))
        accepted(mall.shop.shipping.ship(ShipOrder(key=f"ship-{key}", by=CLERK, order_id=order.id)))
        accepted(mall.shop.shipping.dispatch(DispatchShipment(key=f"out-{key}", by=CLERK, order_id=order.id, shipment_id="s1")))
        accepted(mall.shop.shipping.deliver(c.DeliverShipment(key=f"there-{key}", by=CLERK, order_id=order.id, shipment_id="s1")))
        accepted(mall.shop.orders.complete(c.CompleteOrder(key=f"done-{key}", by=CLERK, order_id=order.id)))
        follow(mall)

    assert sorted(given.code for given in mall.shop.loyalty.coupons("ann")) == ["", code_at(batch, 0)]


def test_nobody_is_shown_the_coupons_of_somebody_else():
    assert a_mall(PROGRAM).shop.loyalty.coupons("ann", by=customer("bob")) == ()


def test_what_is_paid_with_points_earns_none_and_goes_back_with_the_order():
    mall = a_mall()
    order = paid_with_points(mall)
    follow(mall)
    assert (order.points.granted, kept(mall)) == (25, (100, 25))

    accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id)))
    follow(mall)
    assert (kept(mall), account(mall).points) == ((300, 0), 300)


def test_a_checkout_is_told_what_points_pay_and_what_the_cart_earns():
    mall = a_mall()
    with_points(mall, 123)
    told = accepted(mall.shop.loyalty.offer(mixed(500)))

    assert (told.quote.total, told.available, told.usable.points, told.usable.amount, told.granted) == (4_900, 123, 123, 1_230, 40)
