"""Scenarios of judged payments, what their verbs refuse, and the trails of a mall as a picture."""

from __future__ import annotations

from collections import Counter
from typing import Any

from shopwright import Order, accepted, customer, flows
from shopwright.errors import InvalidValue
from shopwright.flows.commands import LiftHold
from shopwright.flows.risk.commands import PutOnList, TakeOffList
from shopwright.payments.risk.conditions import AmountAbove, OnList
from shopwright.payments.risk.rules import RiskPolicy
from shopwright.payments.risk.velocities import Kind, Link, Trail
from shopwright.payments.risk.verdicts import Verdict
from shopwright.ports.storage import Query
from shopwright.wire.risk_kinds import Listed
from tests.flows.bad_case import Bad
from tests.flows.mall import CLERK, START, Mall, an_order, placed
from tests.flows.risk.judged import HOUR, a_risk, a_rule, more_than, of_kind, pay
from tests.flows.scenario import Scenario

RISK_PARTS: dict[Any, dict[str, Any]] = {
    PutOnList: {"name": "bad", "link": Link.IP, "value": "203.0.113.9", "why": "tested_cards"},
    TakeOffList: {"name": "bad", "link": Link.IP, "value": "203.0.113.9"},
}

PUT = PutOnList(key="put-on", by=CLERK, **RISK_PARTS[PutOnList])
OFF = TakeOffList(key="take-off", by=CLERK, **RISK_PARTS[TakeOffList])
OFTEN = more_than(100, velocity=of_kind(Kind.SUCCESS)), more_than(100, velocity=of_kind(Kind.DECLINE, Link.BUYER), id="declines")
OFTEN += (more_than(100, velocity=of_kind(Kind.ATTEMPT), id="attempts"), more_than(100, velocity=of_kind(Kind.COUPON), id="coupons"))
JUDGING = {"risk": a_risk(*OFTEN, a_rule(OnList("bad"), Verdict.BLOCK, "listed"))}
BLOCKING = {"risk": a_risk(*OFTEN, a_rule(AmountAbove(0), Verdict.BLOCK, "all"))}
REVIEWING = {"risk": a_risk(*OFTEN, a_rule(AmountAbove(0), Verdict.REVIEW, "all"))}

_TRIES = of_kind(Kind.ATTEMPT, Link.BUYER, 2 * HOUR)
SEVERE = {
    "risk": a_risk(
        more_than(1, Verdict.REVIEW, velocity=_TRIES, id="second"),
        more_than(2, Verdict.CHALLENGE, velocity=_TRIES, id="third"),
        more_than(4, Verdict.BLOCK, velocity=_TRIES, id="fifth"),
        more_than(0, Verdict.REVIEW, velocity=of_kind(Kind.DECLINE, Link.BUYER), id="declined"),
    )
}
"""Every verdict, by how often a buyer has tried to pay."""


def trails_of(mall: Mall) -> dict[str, Any]:
    """What stands on the trails and lists of a mall, without the names that chance gave it."""
    found = [it.value for it in mall.storage.find(Query(Trail, limit=1_000)).items]
    noted = Counter((trail.id.partition("/")[0], it.kind.value, it.amount) for trail in found for it in trail.happenings)
    listed = [it.value for it in mall.storage.find(Query(Listed, limit=100)).items]
    return {"trails": sorted(noted.items()), "listed": sorted((it.name, it.link, it.until) for it in listed)}


def _pay(mall: Mall, order: Order) -> None:
    """Pay, and note what a crash kept from being noted."""
    pay(mall.shop, order)
    mall.shop.risk.follow()


def _placed(token: str = "tok_ok", coupon: str = "") -> Any:  # a magic word, no secret
    return lambda mall: placed(mall.shop, an_order(token=token, coupon=coupon))


def _reviewed(mall: Mall) -> Order:
    return accepted(pay(mall.shop, placed(mall.shop)))


def _lift(mall: Mall, order: Order) -> Any:
    mall.shop.orders.lift(LiftHold(key="fine", by=CLERK, order_id=order.id, hold_id="risk_p1"))


def _place(mall: Mall, _: Any) -> None:
    mall.shop.orders.place(an_order(coupon="SPRING"))
    mall.shop.risk.follow()


RISK_SCENARIOS = (
    Scenario("pay judged", flows.pay, _pay, _placed(), ways=JUDGING),
    Scenario("pay judged and declined", flows.pay, _pay, _placed("tok_declined"), ways=JUDGING),
    Scenario("pay judged and lost", flows.pay, _pay, _placed("tok_lost_applied"), ways=JUDGING),
    Scenario("pay blocked", flows.pay, _pay, _placed(), ways=BLOCKING),
    Scenario("pay reviewed", flows.pay, _pay, _placed(), ways=REVIEWING),
    Scenario("end a review", flows.lift, _lift, _reviewed, ways=REVIEWING),
    Scenario("place with a coupon that is counted", flows.place, _place, ways=JUDGING),
    Scenario("put on a list", flows.put_on_list, lambda mall, _: mall.shop.risk.put_on_list(PUT), ways=JUDGING),
    Scenario(
        "take off a list",
        flows.take_off_list,
        lambda mall, _: mall.shop.risk.take_off_list(OFF),
        lambda mall: mall.shop.risk.put_on_list(PUT),
        ways=JUDGING,
    ),
    Scenario("follow what is judged", flows.follow_risk, lambda mall, _: mall.shop.risk.follow(), _reviewed, ways=REVIEWING),
)


def _put(mall: Mall, **facts: Any) -> Any:
    return mall.shop.risk.put_on_list(PutOnList(**{"key": "k", "by": CLERK, **RISK_PARTS[PutOnList], **facts}))


def _off(mall: Mall, **facts: Any) -> Any:
    return mall.shop.risk.take_off_list(TakeOffList(**{"key": "k", "by": CLERK, **RISK_PARTS[TakeOffList], **facts}))


def _rehearse(mall: Mall, **facts: Any) -> Any:
    return mall.shop.risk.rehearse(RiskPolicy(rules=()), **{"currency": "EUR", "since": START, **facts})


RISK_CASES: dict[str, list[Bad]] = {
    "risk.put_on_list": [
        Bad("by a customer", lambda mall: _put(mall, by=customer("ann")), InvalidValue, "for staff"),
        Bad("neither value nor order", lambda mall: _put(mall, value=" "), InvalidValue, "either a value or the order"),
        Bad("both value and order", lambda mall: _put(mall, order_id="0" * 26), InvalidValue, "either a value or the order"),
        Bad("of an order that is not there", lambda mall: _put(mall, value="", order_id="0" * 26), "risk_link_unknown"),
        Bad("until a time that is over", lambda mall: _put(mall, until=START), InvalidValue, "a time to come"),
    ],
    "risk.take_off_list": [
        Bad("what does not stand there", _off, "risk_not_listed"),
        Bad("of an order that is not there", lambda mall: _off(mall, value="", order_id="0" * 26), "risk_link_unknown"),
    ],
    "risk.rehearse": [
        Bad("no policy", lambda mall: mall.shop.risk.rehearse("rules", currency="EUR", since=START), InvalidValue, "expected a RiskPolicy"),  # type: ignore[arg-type]
        Bad("since no time", lambda mall: _rehearse(mall, since=START.replace(tzinfo=None)), InvalidValue, "time zone"),
        Bad("progress that is no function", lambda mall: _rehearse(mall, progress=7), InvalidValue, "progress"),
    ],
    "risk.follow": [Bad("no limit", lambda mall: mall.shop.risk.follow(limit=0), InvalidValue, "limit")],
}

