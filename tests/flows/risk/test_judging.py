"""Payments are judged before their gateways are asked: taken, refused, proved or held, and why stands in the history of the order."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from shopwright import Tender, accepted
from shopwright.flows.commands import AddPayment, LiftHold, RefreshPayments, RejectOrder
from shopwright.members.actors import SYSTEM
from shopwright.orders import Hold, HoldReason
from shopwright.payments.events import RiskAssessed
from shopwright.payments.operations import Operation
from shopwright.payments.risk.conditions import AmountAbove, CountriesDiffer
from shopwright.payments.risk.context import Where
from shopwright.payments.risk.velocities import Link
from shopwright.payments.risk.verdicts import Fired, Verdict
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, placed
from tests.flows.risk.judged import HERE, HOUR, a_rule, assessed, attempt, judging, more_than, noted, pay, told

ANY = AmountAbove(0)
REVIEW, CHALLENGE, BLOCK, ALLOW = Verdict.REVIEW, Verdict.CHALLENGE, Verdict.BLOCK, Verdict.ALLOW


def charges(mall: Mall) -> list[int]:
    return [it.amount.minor for it in mall.provider.charges()]


def test_a_payment_that_no_rule_speaks_of_is_taken_and_the_decision_is_told() -> None:
    mall = judging(a_rule(AmountAbove(10_000), BLOCK))
    order = accepted(attempt(mall, 1))

    assert (order.state, order.paid, charges(mall)) == ("confirmed", 4900, [4900])
    assert assessed(mall, order.id) == (RiskAssessed(payment_id="p1", verdict=ALLOW, follows=ALLOW, at=START),)


def test_a_refused_payment_is_never_asked_of_a_gateway_and_names_no_rule() -> None:
    """RISK-9"""
    mall = judging(a_rule(AmountAbove(4_000), BLOCK, id="secret-rule"))
    order = placed(mall.shop)
    answer = pay(mall.shop, order)

    assert told(answer) == "payment_blocked"
    assert "secret-rule" not in str(answer)
    after = accepted(mall.shop.orders.get(order.id))
    assert (after.state, after.payments[0].state, after.attempts, charges(mall)) == ("placed", "due", 0, [])
    assert [it.fired for it in assessed(mall, order.id)] == [(Fired("secret-rule", 1, BLOCK, 0, (("amount", 4900),)),)]


def test_a_repeat_of_a_refused_command_is_refused_again_and_counts_nothing() -> None:
    mall = judging(a_rule(ANY, BLOCK), more_than(150))
    order = placed(mall.shop)
    answers = [pay(mall.shop, order, context=evolve(HERE, ip=f"203.0.113.{n}")) for n in (7, 7, 8)]

    assert [told(it) for it in answers] == ["payment_blocked"] * 3
    assert (len(assessed(mall, order.id)), noted(mall, Link.IP)) == (1, [("attempt", 4900)])


def test_who_tries_again_is_judged_anew_and_counted_again() -> None:
    mall = judging(more_than(1))
    first, second = placed(mall.shop), placed(mall.shop, an_order(key="o2"))
    assert told(pay(mall.shop, first)) == "allow"
    assert told(pay(mall.shop, second)) == "payment_blocked"
    assert told(pay(mall.shop, second, key="again")) == "payment_blocked"
    mall.clock.advance(HOUR)

    assert told(pay(mall.shop, second, key="later")) == "allow"
    assert [dict(it.fired[0].inputs)["counted"] if it.fired else 0 for it in assessed(mall, second.id)] == [2, 3, 0]
    assert charges(mall) == [4900, 4900]


def test_another_payment_in_place_of_a_refused_one_is_judged_by_itself() -> None:
    mall = judging(a_rule(AmountAbove(4_000), BLOCK))
    order = placed(mall.shop)
    assert told(pay(mall.shop, order)) == "payment_blocked"
    other = Tender(method="card", amount=4900, gateway="fake", source="tok_ok")
    accepted(mall.shop.payments.add(AddPayment(key="other", by=ANN, order_id=order.id, tenders=(other,), replaces=("p1",))))

    assert told(pay(mall.shop, order, key="again")) == "payment_blocked"
    assert [it.payment_id for it in assessed(mall, order.id)] == ["p1", "p2"]


def test_paying_in_parts_stays_above_no_bound() -> None:
    mall = judging(a_rule(AmountAbove(4_000), BLOCK))
    halves = tuple(Tender(method="card", amount=2450, gateway="fake", source="tok_ok") for _ in range(2))
    order = placed(mall.shop, evolve(an_order(), tenders=halves))

    assert told(pay(mall.shop, order)) == "payment_blocked"
    assert (charges(mall), len(assessed(mall, order.id))) == ([], 2)


def test_when_one_payment_is_refused_none_is_started() -> None:
    mall = judging(a_rule(CountriesDiffer(Where.CARD, Where.SHIPPING), BLOCK))
    order = placed(mall.shop)

    assert told(pay(mall.shop, order, context=evolve(HERE, card_country="FR"))) == "payment_blocked"
    assert told(pay(mall.shop, order, key="again", context=evolve(HERE, card_country="DE"))) == "allow"


# Challenges.


def test_a_challenged_payment_is_taken_once_its_buyer_has_proved_who_they_are() -> None:
    mall = judging(a_rule(ANY, CHALLENGE))
    order = accepted(attempt(mall, 1))
    assert (order.payments[0].state, charges(mall), order.holds) == ("awaiting_buyer", [], ())
    mall.provider.approve(order.payments[0].reference)

    assert accepted(mall.shop.payments.refresh(_refresh(order.id))).paid == 4900
    assert [(it.verdict, it.follows) for it in assessed(mall, order.id)] == [(CHALLENGE, CHALLENGE)]


def test_a_challenge_that_the_gateway_cannot_ask_for_is_a_review() -> None:
    """RISK-10"""
    mall = judging(a_rule(ANY, CHALLENGE), able={"challenges": False})
    order = accepted(attempt(mall, 1))

    assert (order.payments[0].state, [it.id for it in order.holds]) == ("authorized", ["risk_p1"])
    assert [(it.verdict, it.follows) for it in assessed(mall, order.id)] == [(CHALLENGE, REVIEW)]


# Reviews.


def test_a_reviewed_payment_is_only_promised_and_taken_once_the_hold_is_lifted() -> None:
    """RISK-11"""
    mall = judging(a_rule(ANY, REVIEW))
    order = accepted(attempt(mall, 1))
    assert order.holds == (Hold(id="risk_p1", reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=START),)
    assert (order.state, order.paid, order.expected, charges(mall)) == ("confirmed", 0, 4900, [])

    lifted = accepted(mall.shop.orders.lift(LiftHold(key="fine", by=CLERK, order_id=order.id, hold_id="risk_p1")))
    assert (lifted.paid, lifted.holds, charges(mall)) == (4900, (), [4900])


def test_a_rejected_review_takes_nothing() -> None:
    mall = judging(a_rule(ANY, REVIEW))
    order = accepted(attempt(mall, 1))
    gone = accepted(mall.shop.orders.reject(RejectOrder(key="no", by=CLERK, order_id=order.id)))

    assert (gone.state, gone.payments[0].state, charges(mall)) == ("canceled", "voided", [])


def test_a_review_that_nobody_ends_calls_the_order_off_when_the_promise_may_end() -> None:
    """RISK-11"""
    mall = judging(a_rule(ANY, REVIEW), able={"auth_ttl": timedelta(days=3)})
    order = accepted(attempt(mall, 1))
    assert [it.review_until for it in assessed(mall, order.id)] == [START + timedelta(days=3)]
    mall.clock.advance(timedelta(days=3, seconds=-1))
    assert mall.shop.orders.sweep().expired == 0
    mall.clock.advance(timedelta(seconds=1))

    assert mall.shop.orders.sweep().expired == 1
    after = accepted(mall.shop.orders.get(order.id))
    assert (after.state, after.cancel_reason, charges(mall)) == ("canceled", "payment_expired", [])
    assert mall.shop.goods.stock(["TEA"])["TEA"].free == 10


def test_a_promise_that_the_buyer_wanted_is_not_taken_when_the_hold_is_lifted() -> None:
    mall = judging(a_rule(ANY, REVIEW))
    order = accepted(attempt(mall, 1, capture=False))
    lifted = accepted(mall.shop.orders.lift(LiftHold(key="fine", by=CLERK, order_id=order.id, hold_id="risk_p1")))

    assert (lifted.paid, lifted.expected, charges(mall)) == (0, 4900, [])


def test_a_gateway_that_cannot_promise_takes_the_money_and_the_order_is_held_without_an_end() -> None:
    able = {"operations": frozenset({Operation.CHARGE, Operation.REFUND}), "partial_capture": False, "multi_capture": False}
    mall = judging(a_rule(ANY, REVIEW), able=able)
    order = accepted(attempt(mall, 1))

    assert (order.paid, [it.id for it in order.holds], assessed(mall, order.id)[0].review_until) == (4900, ["risk_p1"], None)
    mall.clock.advance(timedelta(days=400))
    assert mall.shop.orders.sweep().expired == 0


def test_a_lifted_hold_whose_capture_is_lost_is_taken_by_the_sweep() -> None:
    mall = judging(a_rule(ANY, REVIEW))
    order = accepted(attempt(mall, 1))
    mall.provider.script("capture", *["not_sent"] * 3)
    accepted(mall.shop.orders.lift(LiftHold(key="fine", by=CLERK, order_id=order.id, hold_id="risk_p1")))
    assert charges(mall) == []
    mall.clock.advance(HOUR)
    mall.shop.orders.sweep()

    assert (accepted(mall.shop.orders.get(order.id)).paid, charges(mall)) == (4900, [4900])


def test_the_hold_of_a_payment_that_came_to_nothing_goes_when_another_one_pays() -> None:
    mall = judging(a_rule(CountriesDiffer(Where.CARD, Where.SHIPPING), REVIEW))
    order = placed(mall.shop, an_order(token="tok_declined"))
    declined = accepted(pay(mall.shop, order, context=evolve(HERE, card_country="FR")))
    assert ([it.id for it in declined.holds], declined.payments[0].state) == (["risk_p1"], "declined")
    other = Tender(method="card", amount=4900, gateway="fake", source="tok_ok")
    accepted(mall.shop.payments.add(AddPayment(key="other", by=ANN, order_id=order.id, tenders=(other,))))
    after = accepted(pay(mall.shop, order, key="again", context=evolve(HERE, card_country="DE")))

    assert (after.paid, after.holds, after.state) == (4900, (), "confirmed")


def _refresh(order_id: str) -> RefreshPayments:
    return RefreshPayments(key="look", by=ANN, order_id=order_id)
