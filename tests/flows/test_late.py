"""Late orders: noted once for each promise, told, and what the rules owe given once, whoever sweeps and however often."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import Order, Terms, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.exceptions import commands as x
from shopwright.flows.exceptions.late import LateSwept
from shopwright.loyalty.account import Account
from shopwright.loyalty.rewards import CouponReward
from shopwright.orders.exception_events import How
from shopwright.orders.lateness import Gives, LateRule, LateTerms
from shopwright.ports.storage import Query
from shopwright.wire.kinds import KINDS
from tests.flows.excepted import SORRY, promised
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid
from tests.flows.membering import verified
from tests.flows.stages import assert_legal
from tests.flows.vaulted import VAULTED

DAY = timedelta(days=1)


def a_mall(late: LateTerms = SORRY, **ways: Any) -> Mall:
    return Mall(MemoryStorage(KINDS), ways={"late": late, **ways})


def now(mall: Mall, order: Order) -> Order:
    found = accepted(mall.shop.orders.get(order.id))
    assert_legal(mall, found)
    return found


def delivered(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.shipping.deliver(c.DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")))


def given(order: Order) -> list[tuple[str, int, str]]:
    return [(it.rule, it.amount, it.refused) for note in order.exceptions for it in note.compensations if it.given_at is not None]


def test_an_order_is_late_once_its_promise_has_passed_and_not_before() -> None:
    """LATE-1"""
    mall = a_mall(LateTerms())
    order = promised(mall, days=0)
    assert mall.shop.exceptions.sweep_late() == LateSwept()
    mall.clock.advance(DAY)
    assert [mall.shop.exceptions.sweep_late().noted for _ in range(3)] == [1, 0, 0]
    [shown] = mall.shop.exceptions.inbox().exceptions
    assert (shown.code, shown.facts) == ("late", (("promised_at", "2026-03-03T09:00:00+00:00"),))
    assert (delivered(mall, order).exceptions[0].how, mall.shop.exceptions.inbox().exceptions) == (How.BY_ITSELF, ())


def test_an_order_that_came_late_between_two_sweeps_is_noted_and_resolved_at_once() -> None:
    """LATE-1 LATE-2"""
    mall = a_mall()
    order = promised(mall, days=2)
    delivered(mall, order)
    mall.clock.advance(10 * DAY)
    assert mall.shop.exceptions.sweep_late().noted == 1
    after = now(mall, order)
    assert [note.how for note in after.exceptions] == [How.BY_ITSELF]
    assert given(after) == [("money", 300, "")], "it was late for a day, whenever the shop looks"
    assert mall.shop.exceptions.sweep_late() == LateSwept()


def test_what_the_rules_owe_is_given_as_time_passes_and_each_once() -> None:
    """LATE-2 LATE-3"""
    mall = a_mall()
    order = promised(mall, days=1)
    told = []
    for _ in range(5):
        told.append(mall.shop.exceptions.sweep_late().given)
        mall.shop.exceptions.sweep_late()
        mall.clock.advance(DAY)
    after = now(mall, order)
    assert told == [0, 1, 2, 1, 0]
    assert given(after) == [("money", 300, ""), ("shipping", 200, ""), ("points", 50, ""), ("coupon", 1, "")]
    assert (after.goodwill, after.refunded) == (500, 500)
    points = [it.value for it in mall.storage.find(Query(Account, limit=10)).items]
    assert [it.balance(mall.clock.now()).available for it in points] == [50]
    coupons = [it.value for it in mall.storage.find(Query(CouponReward, limit=10)).items]
    assert [(it.id, it.batch, it.order_id, it.buyer_id) for it in coupons] == [(f"late/{order.id}/1/coupon", "sorry", order.id, "ann")]
    assert after.exceptions[0].look_at is None


def test_a_promise_that_was_moved_in_time_is_not_broken_and_one_that_is_broken_again_counts_anew() -> None:
    """LATE-1"""
    mall = a_mall(LateTerms())
    order = promised(mall, days=2)
    mall.shop.exceptions.sweep_late()
    later = mall.clock.now() + 3 * DAY
    moved = accepted(mall.shop.exceptions.move_promise(x.MovePromise(key="wait", by=CLERK, order_id=order.id, promised_at=later)))
    assert moved.exceptions[0].how is How.BY_ITSELF
    for days in (1, 2, 3):
        mall.clock.advance(DAY)
        assert [mall.shop.exceptions.sweep_late().noted for _ in range(2)] == [int(days == 3), 0]
    assert [note.fact("promised_at") for _, note in now(mall, order).open_exceptions] == [later.isoformat()]


def test_what_cannot_be_given_is_left_to_a_person_with_the_reason_and_not_tried_again() -> None:
    mall = Mall(MemoryStorage(KINDS), terms=Terms(goodwill_most=299), ways={"late": SORRY, "growth": None})
    order = promised(mall, days=4)
    assert mall.shop.exceptions.sweep_late().given == 2
    assert given(now(mall, order)) == [
        ("money", 300, "goodwill_above_limit"),
        ("shipping", 200, ""),
        ("points", 50, "nobody_to_give_to"),
        ("coupon", 1, ""),
    ]
    assert mall.shop.exceptions.sweep_late() == LateSwept()


def test_a_rule_in_another_currency_owes_nothing() -> None:
    mall = a_mall(LateTerms(rules=(LateRule(id="yen", after=DAY, gives=Gives.GOODWILL, amount=300, currency="JPY"),)))
    order = promised(mall)
    assert mall.shop.exceptions.sweep_late().given == 0
    assert given(now(mall, order)) == [("yen", 0, "nothing_owed")]


def test_promises_from_before_the_rules_are_on_record_and_owe_nothing() -> None:
    mall = a_mall(evolve(SORRY, since=Mall(MemoryStorage(KINDS)).clock.now() + 2 * DAY))
    order = promised(mall)
    assert mall.shop.exceptions.sweep_late() == LateSwept(noted=1)
    assert [(note.how, note.compensations) for note in now(mall, order).exceptions] == [(How.ON_RECORD, ())]
    assert mall.shop.exceptions.inbox().exceptions == ()


def test_what_is_not_sold_or_was_not_promised_is_never_late() -> None:
    """LATE-1"""
    mall = a_mall()
    paid(mall.shop)
    off = paid(mall.shop, evolve(an_order(key="o2"), promised_at=mall.clock.now() + DAY))
    accepted(mall.shop.orders.cancel(c.CancelOrder(key="no", by=ANN, order_id=off.id)))
    mall.clock.advance(9 * DAY)
    assert mall.shop.exceptions.sweep_late() == LateSwept()


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        ({"gives": Gives.GOODWILL}, "currency"),
        ({"gives": Gives.POINTS, "currency": "EUR"}, "currency"),
        ({"gives": Gives.COUPON}, "batch"),
        ({"gives": Gives.SHIPPING, "amount": 10_001}, "basis points"),
        ({"gives": Gives.POINTS, "after": -DAY}, "zero or more"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(facts: dict[str, Any], match: str) -> None:
    with pytest.raises(InvalidValue, match=match):
        LateRule(**{"id": "r", "after": DAY, **facts})
    with pytest.raises(InvalidValue, match="ids of their own"):
        LateTerms(rules=(SORRY.rules[0], SORRY.rules[0]))


def test_a_member_is_told_once_by_the_contact_that_they_verified_and_again_where_the_post_was_closed() -> None:
    """LATE-4"""
    mall = a_mall(LateTerms(), **VAULTED)
    verified(mall)
    mall.post.delivered.clear()
    order = promised(mall, days=2)
    mall.post.troubles.append("not_sent")
    assert mall.shop.exceptions.sweep_late() == LateSwept(noted=1)
    assert mall.shop.exceptions.sweep_late() == LateSwept()
    mall.clock.advance(timedelta(hours=1))
    assert mall.shop.exceptions.sweep_late() == LateSwept(told=1)
    mall.clock.advance(9 * DAY)
    assert mall.shop.exceptions.sweep_late() == LateSwept()
    [message] = mall.post.delivered.values()
    facts = {"order": order.number, "promised_at": "2026-03-03T09:00:00+00:00"}
    assert (message.recipient, message.template, dict(message.facts)) == ("Ann.Lee@mall.example", "order_late", facts)
    assert "told the customer" in accepted(mall.shop.orders.timeline(order.id, by=CLERK)).text


def test_who_need_not_be_told_is_not_and_neither_is_who_has_their_goods() -> None:
    """LATE-4"""
    for terms, arrives in ((LateTerms(tells=False), False), (LateTerms(), True)):
        mall = a_mall(terms, **VAULTED)
        verified(mall)
        mall.post.delivered.clear()
        order = promised(mall, days=2)
        if arrives:
            delivered(mall, order)
        assert mall.shop.exceptions.sweep_late() == LateSwept(noted=1)
        assert mall.post.delivered == {}
