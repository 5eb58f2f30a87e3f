"""Subscriptions: told at least once, in order for each order, past what is stuck, by many relays (SUBS-1, SUBS-2, SUBS-3, SUBS-4, SUBS-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopwright import Order, PayOrder, ReceiveStock, Shop, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.outlets import CallOutlet
from shopwright.errors import InvalidValue
from shopwright.flows.subscriptions.delivering import LEASE, OUTAGE, REST, Told
from shopwright.payments.errors import NotSent, Throttled
from shopwright.ports.outlets import Notice, OutletClosed, Retries
from shopwright.wire.kinds import KINDS
from shopwright.wire.subscription_kinds import Backlog, SubscriptionState
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed, refused
from tests.flows.subscribed import discard, pause, redeliver, replay, resume, subscribe, tell

THREE = Retries(first=timedelta(minutes=1), most=timedelta(hours=1), tries=3)


@pytest.fixture
def mall() -> Mall:
    mall = Mall(MemoryStorage(KINDS))
    for sku in ("TEA", "CUP"):
        accepted(mall.shop.goods.receive(ReceiveStock(key=f"many-{sku}", by=CLERK, sku=sku, quantity=100)))
    return mall


def orders(mall: Mall, count: int) -> list[Order]:
    """So many paid orders, six events each."""
    return [paid(mall.shop, an_order(key=f"o{number}")) for number in range(count)]


def waiting(mall: Mall, **facts: Any) -> list[Backlog]:
    return [stored.value for stored in mall.shop.events.waiting("erp", **facts).items]


def told_until_quiet(mall: Mall, *, step: timedelta = timedelta(hours=1), runs: int = 60) -> None:
    for _ in range(runs):
        tell(mall)
        mall.clock.advance(step)


def test_all_events_are_told_once_and_in_their_order(mall: Mall) -> None:
    subscribe(mall)
    both = orders(mall, 2)
    assert tell(mall) == Told(delivered=12)
    assert [mall.ear.about(order.id) for order in both] == [[1, 2, 3, 4, 5, 6]] * 2
    assert tell(mall) == Told()


def test_a_relay_that_has_nothing_to_do_writes_nothing(mall: Mall) -> None:
    subscribe(mall)
    orders(mall, 1)
    tell(mall)
    before = mall.storage.load(type(accepted(mall.shop.events.subscription("erp"))), "erp")
    tell(mall)
    assert mall.storage.load(type(accepted(mall.shop.events.subscription("erp"))), "erp") == before


def test_a_subscription_begins_now_unless_it_says_since_when(mall: Mall) -> None:
    orders(mall, 1)
    mall.clock.advance(seconds=1)
    subscribe(mall, since=None)
    later = paid(mall.shop, an_order(key="later"))
    tell(mall)
    assert {notice.key for notice in mall.ear.heard.values()} == {later.id}


def test_only_the_kinds_that_are_wanted_are_told(mall: Mall) -> None:
    subscribe(mall, kinds=frozenset({"OrderConfirmed", "PaymentCaptured"}))
    orders(mall, 1)
    tell(mall)
    assert [notice.type for notice in mall.ear.heard.values()] == ["PaymentCaptured", "OrderConfirmed"]


def test_what_a_subscription_tells_can_be_changed_and_it_keeps_its_place(mall: Mall) -> None:
    subscribe(mall)
    orders(mall, 1)
    tell(mall)
    subscribe(mall, key="less", kinds=frozenset({"OrderPlaced"}), since=None)
    paid(mall.shop, an_order(key="more"))
    assert tell(mall) == Told(delivered=1)


def test_a_stuck_order_keeps_its_own_events_waiting_and_nobody_elses_as_subs_3_has_it(mall: Mall) -> None:
    subscribe(mall)
    stuck, fine = orders(mall, 2)
    mall.ear.deaf_to = {stuck.id}
    assert tell(mall) == Told(delivered=6, failed=1)
    (waits,) = waiting(mall)
    assert (waits.key, waits.number, waits.seen, waits.type, waits.tries, waits.error) == (stuck.id, 1, 6, "OrderPlaced", 1, "ValueError")
    assert mall.ear.about(stuck.id) == []

    mall.ear.deaf_to = set()
    mall.clock.advance(hours=1)
    assert tell(mall) == Told(delivered=6)
    assert mall.ear.about(stuck.id) == [1, 2, 3, 4, 5, 6]
    assert (mall.ear.about(fine.id), waiting(mall)) == ([1, 2, 3, 4, 5, 6], [])


def test_events_that_come_while_an_order_is_stuck_wait_behind_it_as_subs_2_has_it(mall: Mall) -> None:
    subscribe(mall)
    order = placed(mall.shop)
    mall.ear.deaf_to = {order.id}
    tell(mall)
    paid_now = accepted(mall.shop.orders.get(order.id))
    accepted(_pay(mall, paid_now))
    tell(mall)
    assert [(it.number, it.seen) for it in waiting(mall)] == [(1, 6)]
    mall.ear.deaf_to = set()
    mall.clock.advance(hours=1)
    tell(mall)
    assert mall.ear.about(order.id) == [1, 2, 3, 4, 5, 6]


def _pay(mall: Mall, order: Order) -> Any:
    return mall.shop.payments.pay(PayOrder(key="pay", by=ANN, order_id=order.id))


def test_a_failed_notice_is_not_tried_again_before_its_time(mall: Mall) -> None:
    subscribe(mall, retries=THREE)
    (order,) = orders(mall, 1)
    mall.ear.deaf_to = {order.id}
    tell(mall)
    (waits,) = waiting(mall)
    assert waits.due_at is not None
    wait = waits.due_at - mall.clock.now()
    assert timedelta(seconds=30) <= wait <= timedelta(minutes=1)
    mall.clock.advance(wait - timedelta(microseconds=1))
    assert tell(mall) == Told()
    mall.clock.advance(microseconds=1)
    assert tell(mall) == Told(failed=1)


def test_after_its_last_try_a_notice_is_dead_and_waits_for_a_person(mall: Mall) -> None:
    subscribe(mall, retries=THREE)
    (order,) = orders(mall, 1)
    mall.ear.deaf_to = {order.id}
    told_until_quiet(mall, runs=5)
    (dead,) = waiting(mall, dead=True)
    assert (dead.number, dead.tries, dead.is_dead) == (1, 3, True)

    mall.ear.deaf_to = set()
    assert tell(mall) == Told()
    accepted(redeliver(mall, order.id))
    assert tell(mall) == Told(delivered=6)
    assert (mall.ear.about(order.id), waiting(mall)) == ([1, 2, 3, 4, 5, 6], [])


def test_a_person_may_pass_over_a_dead_notice_and_what_waited_behind_it_is_told(mall: Mall) -> None:
    subscribe(mall, retries=Retries(tries=1))
    (order,) = orders(mall, 1)
    mall.ear.deaf_to = {order.id}
    tell(mall)
    mall.ear.deaf_to = set()
    assert refused(discard(mall, order.id, number=2)) == "notice_not_waiting"
    accepted(discard(mall, order.id))
    assert tell(mall) == Told(delivered=5)
    assert mall.ear.about(order.id) == [2, 3, 4, 5, 6]


def test_to_pass_over_the_last_that_waits_leaves_nothing_behind(mall: Mall) -> None:
    subscribe(mall, retries=Retries(tries=1), kinds=frozenset({"OrderConfirmed"}))
    (order,) = orders(mall, 1)
    mall.ear.deaf_to = {order.id}
    tell(mall)
    accepted(discard(mall, order.id, number=6))
    assert (waiting(mall), tell(mall)) == ([], Told())


def test_an_outlet_that_is_out_is_left_alone_for_a_while_as_subs_5_has_it(mall: Mall) -> None:
    subscribe(mall)
    many = [paid(mall.shop, an_order(key=f"m{number}")) for number in range(OUTAGE + 2)]
    mall.ear.troubles.extend([NotSent("no connection", raw_code="connect") for _ in range(OUTAGE)])
    first = tell(mall)
    assert (first.failed, first.delivered) == (OUTAGE, 0)
    assert first.rests_until is not None
    assert mall.clock.now() < first.rests_until <= mall.clock.now() + REST
    assert tell(mall) == Told(rests_until=first.rests_until)

    told_until_quiet(mall, runs=3)
    assert {tuple(mall.ear.about(order.id)) for order in many} == {(1, 2, 3, 4, 5, 6)}
    assert (waiting(mall), accepted(mall.shop.events.subscription("erp")).failures) == ([], 0)


def test_an_outlet_that_asks_to_wait_is_waited_for(mall: Mall) -> None:
    subscribe(mall)
    orders(mall, 1)
    mall.ear.troubles.append(Throttled("too many", retry_after=timedelta(hours=3), raw_code="429"))
    tell(mall)
    (waits,) = waiting(mall)
    assert (waits.due_at, waits.error) == (mall.clock.now() + timedelta(hours=3), "Throttled 429")


def test_a_closed_outlet_pauses_the_subscription_and_nothing_is_lost(mall: Mall) -> None:
    subscribe(mall)
    (order,) = orders(mall, 1)
    mall.ear.troubles.append(OutletClosed("gone", raw_code="410"))
    assert tell(mall) == Told(state=SubscriptionState.PAUSED)
    assert accepted(mall.shop.events.subscription("erp")).why == "closed 410"
    assert tell(mall) == Told(state=SubscriptionState.PAUSED)
    accepted(resume(mall))
    tell(mall)
    assert mall.ear.about(order.id) == [1, 2, 3, 4, 5, 6]


def test_an_outlet_that_closes_while_an_order_catches_up_pauses_too(mall: Mall) -> None:
    subscribe(mall)
    (order,) = orders(mall, 1)
    mall.ear.troubles.append(NotSent("no connection"))
    tell(mall)
    mall.clock.advance(hours=1)
    mall.ear.troubles.append(OutletClosed("gone"))
    assert tell(mall).state is SubscriptionState.PAUSED
    accepted(resume(mall))
    tell(mall)
    assert mall.ear.about(order.id) == [1, 2, 3, 4, 5, 6]


def test_a_paused_subscription_is_told_nothing_and_all_of_it_later(mall: Mall) -> None:
    subscribe(mall)
    pause(mall)
    orders(mall, 1)
    assert tell(mall) == Told(state=SubscriptionState.PAUSED)
    resume(mall)
    assert tell(mall) == Told(delivered=6)


def test_a_replay_tells_again_what_was_told_with_the_same_ids(mall: Mall) -> None:
    subscribe(mall)
    orders(mall, 2)
    tell(mall)
    replay(mall)
    tell(mall)
    assert len(mall.ear.heard) == 12
    assert mall.ear.times[:12] == mall.ear.times[12:]


def test_a_replay_keeps_what_is_stuck_in_its_place(mall: Mall) -> None:
    subscribe(mall)
    (order,) = orders(mall, 1)
    tell(mall, limit=3)
    mall.ear.deaf_to = {order.id}
    tell(mall)
    replay(mall)
    mall.ear.deaf_to = set()
    tell(mall)
    assert mall.ear.times == [notice.id for notice in mall.ear.heard.values()] * 2
    mall.clock.advance(hours=1)
    tell(mall)
    assert mall.ear.about(order.id) == [1, 2, 3, 4, 5, 6]
    assert waiting(mall) == []


def test_a_replay_that_fails_early_moves_the_place_of_what_is_stuck(mall: Mall) -> None:
    subscribe(mall)
    (order,) = orders(mall, 1)
    tell(mall, limit=3)
    mall.ear.deaf_to = {order.id}
    tell(mall)
    replay(mall)
    tell(mall)
    assert [(it.number, it.seen, it.tries) for it in waiting(mall)] == [(1, 6, 1)]
    mall.ear.deaf_to = set()
    mall.clock.advance(hours=1)
    tell(mall)
    assert mall.ear.about(order.id) == [1, 2, 3, 4, 5, 6]


def test_one_relay_works_at_a_time_until_its_lease_is_over_as_subs_4_has_it(mall: Mall) -> None:
    subscribe(mall)
    orders(mall, 1)
    others: list[Any] = []
    outlet = CallOutlet("erp", lambda notice: others.append(mall.shop.events.tell("erp", holder="relay-2")))
    shop = _shop_with(mall, outlet)
    assert shop.events.tell("erp", holder="relay-1") == Told(delivered=6)
    assert others == [Told(busy=True)] * 6
    assert mall.ear.heard == {}


def test_a_relay_that_lost_its_lease_writes_nothing_more_and_nothing_is_missed(mall: Mall) -> None:
    subscribe(mall)
    (order,) = orders(mall, 1)
    heard: list[Notice] = []

    def late(notice: Notice) -> None:
        heard.append(notice)
        if len(heard) == 2:
            mall.clock.advance(LEASE)
            tell(mall, holder="relay-2", limit=1)

    assert _shop_with(mall, CallOutlet("erp", late)).events.tell("erp", holder="relay-1") == Told(delivered=6, busy=True)
    assert mall.ear.about(order.id) == [1]
    tell(mall, holder="relay-2")
    assert mall.ear.about(order.id) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("meanwhile", [pause, resume, replay], ids=lambda verb: verb.__name__)
def test_a_person_who_comes_in_between_stops_the_relay_and_loses_nothing(mall: Mall, meanwhile: Callable[[Mall], Any]) -> None:
    subscribe(mall)
    (order,) = orders(mall, 1)
    shop = _shop_with(mall, CallOutlet("erp", lambda notice: meanwhile(mall)))
    assert shop.events.tell("erp", limit=1).busy
    accepted(resume(mall))
    tell(mall)
    assert mall.ear.about(order.id) == [1, 2, 3, 4, 5, 6]


def _shop_with(mall: Mall, outlet: Any) -> Any:
    return Shop(mall.storage, outlets=[outlet], clock=mall.clock)


def test_an_outlet_that_the_shop_does_not_have_any_more_is_told(mall: Mall) -> None:
    subscribe(mall)
    with pytest.raises(InvalidValue, match="no outlet is named 'erp'; this shop has none"):
        _shop_without(mall).events.tell("erp")


def _shop_without(mall: Mall) -> Any:
    return Shop(mall.storage, clock=mall.clock)


def test_two_subscriptions_of_one_outlet_know_nothing_of_each_other(mall: Mall) -> None:
    subscribe(mall)
    subscribe(mall, key="second", name="audit", kinds=frozenset({"OrderPlaced"}))
    orders(mall, 1)
    tell(mall)
    assert mall.shop.events.tell("audit") == Told(delivered=1)


def test_what_waits_is_told_even_when_many_other_orders_are_beyond_help(mall: Mall) -> None:
    subscribe(mall, retries=THREE)
    beyond = orders(mall, 3) + [placed(mall.shop, an_order(key=f"q{number}")) for number in range(OUTAGE)]
    mall.ear.deaf_to = {order.id for order in beyond[:-1]}
    told_until_quiet(mall, runs=10)
    assert mall.ear.about(beyond[-1].id) == [1]
    assert {it.key for it in waiting(mall, dead=True)} == mall.ear.deaf_to
