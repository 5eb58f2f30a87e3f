"""The sweep: it tells how far it is, does no more than it may, goes on page after page, and leaves alone what is not due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Cart, CartLine, Money, Order, ReceiveStock, RefundOrder, Refusal, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.orders.events import RecoveryDelayed
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


def test_an_order_is_not_called_off_while_its_gateway_cannot_tell_whether_it_was_paid_in_time(mall: Mall) -> None:  # ORDER-19
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)
    mall.clock.advance(timedelta(hours=1))
    mall.provider.script("query", "lost_not_applied", "not_sent")

    assert [mall.shop.orders.sweep().expired for _ in range(2)] == [0, 0]
    mall.shop.orders.sweep()
    assert accepted(mall.shop.orders.get(order.id)).paid == 4900

    silent = paid(mall.shop, an_order(key="o2", token="tok_redirect"))
    mall.clock.advance(timedelta(hours=6))
    mall.provider.script("query", "not_sent", "not_sent")
    assert [mall.shop.orders.sweep().expired for _ in range(2)] == [0, 0]
    mall.clock.advance(timedelta(hours=1))
    mall.provider.script("query", "not_sent")
    assert mall.shop.orders.sweep().expired == 1, "not for ever"
    assert accepted(mall.shop.orders.get(silent.id)).state == "canceled"


def test_two_sweeps_at_once_do_each_thing_once(mall: Mall) -> None:
    placed(mall.shop)
    mall.clock.advance(timedelta(days=1))
    other = mall.reopened()

    assert (mall.shop.orders.sweep().expired, other.orders.sweep().expired) == (1, 0)
    assert not isinstance(mall.shop.orders.get(mall.orders()[0].id), Refusal)


# What a provider works on for too long (ORDER-20).


def test_a_refund_that_stays_on_its_way_for_days_is_told_to_a_person_once(mall: Mall) -> None:
    mall.provider.script("query", *["lost_not_applied"] * 1_000)
    order = paid(mall.shop, an_order(token="tok_ok+refund_slow"))
    accepted(mall.shop.payments.refund(RefundOrder(key="back", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="late")))

    for _ in range(6 * 24):
        mall.shop.orders.sweep()
        mall.clock.advance(timedelta(hours=1))

    after = accepted(mall.shop.orders.get(order.id))
    facts = (("payment", "p1"), ("verb", "refund"), ("key", f"{order.id}_2"), ("amount", 700))
    assert [(it.facts, (it.at - order.placed_at) // timedelta(days=1)) for it in after.exceptions if it.code == "payment_stuck"] == [(facts, 3)]


# What nobody answers (ORDER-18).


def put_off(mall: Mall, order: Order, *, hours: int) -> list[int]:
    """Sweep every minute; at which minutes nobody answered."""
    begun = mall.clock.now()
    for _ in range(hours * 60):
        mall.shop.orders.sweep()
        mall.clock.advance(timedelta(minutes=1))
    told = [it.value for it in mall.shop.orders.history(order.id)]
    return [(it.at - begun) // timedelta(minutes=1) for it in told if isinstance(it, RecoveryDelayed)]


def test_what_nobody_answers_is_asked_again_after_twice_as_long_each_time_and_a_person_is_told_once(mall: Mall) -> None:
    mall.provider.script("query", *["lost_not_applied"] * 100)
    order = paid(mall.shop, an_order(token="tok_lost_applied"))

    assert put_off(mall, order, hours=24) == [2, 6, 14, 30, 62, 126, 254, 510, 870, 1230]
    after = accepted(mall.shop.orders.get(order.id))
    assert [(it.code, it.facts) for it in after.exceptions] == [("unresolved", (("payments", 1), ("bookings", 0), ("tries", 6)))]
    assert after.recovery is not None
    assert after.recovery.tries == 10
    assert after.state == "placed", "an order is not called off while nobody knows whether it is paid"


def test_an_answer_ends_the_waiting_and_the_next_question_begins_it_anew(mall: Mall) -> None:
    mall.provider.script("query", *["lost_not_applied"] * 6)
    order = paid(mall.shop, an_order(token="tok_lost_applied"))
    assert put_off(mall, order, hours=1) == [2]

    after = accepted(mall.shop.orders.get(order.id))
    assert (after.state, after.recovery, after.exceptions) == ("confirmed", None, ())


def test_orders_that_nobody_answers_for_do_not_keep_a_bounded_sweep_from_the_others(mall: Mall) -> None:
    accepted(mall.shop.goods.receive(ReceiveStock(key="more", by=CLERK, sku="TEA", quantity=50)))
    mall.provider.script("query", *["lost_not_applied"] * 200)
    stuck = [paid(mall.shop, an_order(key=f"stuck{number}", token="tok_lost_not_applied")).id for number in range(5)]
    mall.clock.advance(timedelta(minutes=1))
    unpaid = [placed(mall.shop, an_order(key=f"unpaid{number}")).id for number in range(5)]

    for _ in range(120):
        mall.shop.orders.sweep(limit=2)
        mall.clock.advance(timedelta(minutes=1))
    states = {id: accepted(mall.shop.orders.get(id)).state for id in (*stuck, *unpaid)}
    assert states == dict.fromkeys(stuck, "placed") | dict.fromkeys(unpaid, "canceled")


def test_a_refund_that_a_provider_takes_its_time_for_is_no_exception(mall: Mall) -> None:
    mall.provider.script("query", *["lost_not_applied"] * 1_000)
    order = paid(mall.shop, an_order(token="tok_ok+refund_slow"))
    accepted(mall.shop.payments.refund(c.RefundOrder(key="back", by=CLERK, order_id=order.id, amount=order.total, reason="kindness")))
    for _ in range(60):
        mall.clock.advance(timedelta(minutes=30))
        mall.shop.orders.sweep()

    after = accepted(mall.shop.orders.get(order.id))
    assert after.open_attempts
    assert after.exceptions == ()
    assert after.recovery is not None
    assert after.recovery.tries >= 6
