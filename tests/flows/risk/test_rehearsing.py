"""Rules tried on past orders say what they would have said."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from attrs import evolve

from shopwright import Refusal, accepted, customer
from shopwright.errors import InvalidValue
from shopwright.flows.commands import CancelOrder, PayOrder, ReceiveStock
from shopwright.orders.events import CancelReason
from shopwright.payments.events import RiskAssessed
from shopwright.payments.risk.conditions import AmountAbove, AmountUnusual, ChargebacksAbove, EachOf, FirstOrder, NotThat, OnList, TooOften
from shopwright.payments.risk.context import PaymentContext
from shopwright.payments.risk.rehearsing import PastPayment, RuleTried
from shopwright.payments.risk.rules import RiskPolicy, RiskRule
from shopwright.payments.risk.velocities import Kind, Link, Velocity
from shopwright.payments.risk.verdicts import Assessment, Verdict
from tests.flows.mall import CLERK, START, Mall, an_order, placed
from tests.flows.risk.judged import a_rule, attempt, judging, more_than, of_kind, told

DAY = timedelta(days=1)
CARDS = Velocity(by=Link.IP, within=timedelta(hours=2), distinct=Link.CARD)
SUMS = Velocity(by=Link.BUYER, within=DAY, kinds=frozenset({Kind.SUCCESS}), sums=True)
RULES = (
    more_than(2, Verdict.REVIEW, velocity=of_kind(Kind.DECLINE, Link.DEVICE), id="declines"),
    more_than(4, velocity=CARDS, id="cards"),
    a_rule(TooOften(SUMS, above=9_000), Verdict.CHALLENGE, "sums"),
    a_rule(ChargebacksAbove(3), Verdict.REVIEW, "chargebacks"),
    a_rule(EachOf(FirstOrder(), AmountAbove(4_600)), Verdict.REVIEW, "first"),
    a_rule(AmountUnusual(101), Verdict.CHALLENGE, "unusual"),
    a_rule(EachOf(TooOften(of_kind(Kind.COUPON, Link.IP, DAY), above=1), NotThat(OnList("friends"))), Verdict.REVIEW, "coupons"),
)


def lived(seed: int, *rules: RiskRule, orders: int = 40) -> Mall:
    """A mall in which some buyers pay from some places, with some luck, for some days."""
    chance, mall = Random(seed), judging(*rules)
    for sku in ("TEA", "CUP"):
        mall.shop.goods.receive(ReceiveStock(key=f"more-{sku}", by=CLERK, sku=sku, quantity=500))
    for number in range(orders):
        who = chance.choice(("ann", "bob", "eve"))
        token = chance.choice(("tok_ok", "tok_ok", "tok_declined", "tok_chargeback", "tok_slow"))
        coupon = "SPRING" if chance.random() < 0.3 else ""
        placing = evolve(an_order(key=f"o{number}", token=token, coupon=coupon), buyer_id=who, by=customer(who))
        answer = mall.shop.orders.place(placing)
        if isinstance(answer, Refusal):
            answer = mall.shop.orders.place(evolve(placing, key=f"n{number}", **_plain(placing)))
        order = accepted(answer)
        mall.clock.advance(timedelta(minutes=chance.randint(0, 9)))
        context = PaymentContext(ip=chance.choice("xyz"), device=chance.choice("pq"), card=chance.choice("abcdef"))
        mall.shop.payments.pay(PayOrder(key=f"pay-{number}", by=customer(who), order_id=order.id, context=context))
        mall.clock.advance(timedelta(seconds=1))
        if chance.random() < 0.2:
            mall.provider.advance()
            for raw in mall.provider.notifications():
                mall.shop.payments.receive("fake", raw)
        mall.clock.advance(timedelta(minutes=chance.choice((1, 2, 20))))
    return mall


def _plain(placing: Any) -> dict[str, Any]:
    """The same order where the coupon is used up."""
    plain = an_order()
    return {"cart": plain.cart, "tenders": (evolve(placing.tenders[0], amount=plain.tenders[0].amount),)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rules_of_a_shop_say_of_its_past_what_they_said(seed: int) -> None:
    """RISK-7 RISK-14"""
    mall = lived(seed, *RULES)
    said = {(order.id, it.payment_id, it.at): it for order in mall.orders() for it in _assessed(mall, order.id)}
    again: dict[Any, Assessment] = {}

    def seen(payment: PastPayment, assessment: Assessment) -> None:
        order_id, payment_id, _ = payment.key.split("/")
        again[order_id, payment_id, payment.facts.at] = assessment

    report = mall.shop.risk.rehearse(RiskPolicy(rules=RULES), currency="EUR", since=START, seen=seen)

    assert {key: _words(it) for key, it in again.items()} == {key: _words(it) for key, it in said.items()}
    assert report.payments == len(said)
    assert len({it.verdict for it in said.values()}) >= 3
    assert len({fired.rule for it in said.values() for fired in it.fired}) >= 5


def _words(said: Assessment | RiskAssessed) -> tuple[Any, ...]:
    return said.verdict, said.fired, said.unknown


def _assessed(mall: Mall, order_id: str) -> list[RiskAssessed]:
    return [it.value for it in mall.shop.orders.history(order_id) if isinstance(it.value, RiskAssessed)]


def test_orders_from_before_there_were_rules_are_tried_too_and_nothing_is_written() -> None:
    mall = judging(a_rule(AmountAbove(10**9), Verdict.BLOCK))
    for number in range(3):
        order = accepted(attempt(mall, number))
        mall.clock.advance(timedelta(hours=1))
    accepted(mall.shop.orders.cancel(CancelOrder(key="fraud", by=CLERK, order_id=order.id, reason=CancelReason.FRAUD)))
    before = mall.orders()
    steps: list[int] = []
    report = mall.shop.risk.rehearse(
        RiskPolicy(rules=(a_rule(FirstOrder(), Verdict.REVIEW, "first"), more_than(2, velocity=Velocity(by=Link.CARD, within=DAY)))),
        currency="EUR",
        since=START,
        progress=steps.append,
    )

    assert report.rules == (RuleTried(rule="first", fired=1, alone=1), RuleTried(rule="often", fired=1, frauds=1, alone=1))
    assert (dict(report.verdicts)[Verdict.BLOCK], report.caught, steps) == (1, 1, [3])
    assert mall.orders() == before


def test_a_rehearsal_needs_rules_times_and_a_function() -> None:
    mall = judging(a_rule(AmountAbove(0), Verdict.BLOCK))
    policy = RiskPolicy(rules=())
    with pytest.raises(InvalidValue, match="expected a RiskPolicy"):
        mall.shop.risk.rehearse("rules", currency="EUR", since=START)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="progress"):
        mall.shop.risk.rehearse(policy, currency="EUR", since=START, progress=7)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue, match="time zone"):
        mall.shop.risk.rehearse(policy, currency="EUR", since=START.replace(tzinfo=None))
    with pytest.raises(InvalidValue, match="judges no payments"):
        Mall(mall.storage, ways={}).shop.risk.rehearse(policy, currency="EUR", since=START)
    placed(mall.shop)
    assert (mall.shop.risk.rehearse(policy, currency="USD", since=START).payments, told(attempt(mall, 9))) == (0, "payment_blocked")
