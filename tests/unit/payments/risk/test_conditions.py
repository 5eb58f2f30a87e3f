"""Each primitive fires on a planted fraud, not on its clean twin, and cannot tell where nothing is known."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.payments.risk import conditions as c
from shopwright.payments.risk.context import Funding, Where
from shopwright.payments.risk.facts import RiskFacts
from shopwright.payments.risk.velocities import KEPT, Kind, Link, Velocity
from shopwright.testing.builders import NOON

CARDS = Velocity(by=Link.CARD, within=timedelta(hours=1))
SPENT = Velocity(by=Link.BUYER, within=timedelta(days=1), kinds=frozenset({Kind.SUCCESS}), sums=True)
CARDS_OF_IP = Velocity(by=Link.IP, within=timedelta(hours=1), distinct=Link.CARD)
COUPONS = Velocity(by=Link.ADDRESS, within=timedelta(days=30), kinds=frozenset({Kind.COUPON}))
REFERRALS = Velocity(by=Link.DEVICE, within=timedelta(days=30), kinds=frozenset({Kind.REFERRAL}))
BUYERS_AT = Velocity(by=Link.ADDRESS, within=timedelta(days=30), distinct=Link.BUYER)

NOTHING: dict[str, Any] = {"amount": 5_000, "at": NOON}


def facts(**known: Any) -> RiskFacts:
    return RiskFacts(**{**NOTHING, **known})


PRIMITIVES: dict[str, tuple[c.RiskCondition, dict[str, Any], dict[str, Any], bool | None]] = {
    "too often with a card": (c.TooOften(CARDS, above=3), {"counts": ((CARDS, 4),)}, {"counts": ((CARDS, 3),)}, None),
    "spent too much in a day": (c.TooOften(SPENT, above=100_000), {"counts": ((SPENT, 100_001),)}, {"counts": ((SPENT, 100_000),)}, None),
    "many cards of one network": (c.TooOften(CARDS_OF_IP, above=2), {"counts": ((CARDS_OF_IP, 3),)}, {"counts": ((CARDS_OF_IP, 2),)}, None),
    "many coupons to one address": (c.TooOften(COUPONS, above=1), {"counts": ((COUPONS, 2),)}, {"counts": ((COUPONS, 1),)}, None),
    "many referrals of one device": (c.TooOften(REFERRALS, above=1), {"counts": ((REFERRALS, 2),)}, {"counts": ((REFERRALS, 1),)}, None),
    "one address of many accounts": (c.TooOften(BUYERS_AT, above=3), {"counts": ((BUYERS_AT, 4),)}, {"counts": ((BUYERS_AT, 2),)}, None),
    "a large amount": (c.AmountAbove(100_000), {"amount": 100_001}, {"amount": 100_000}, False),
    "a card tried out": (c.AmountBelow(200), {"amount": 199}, {"amount": 200}, False),
    "more than usual": (c.AmountUnusual(500), {"amount": 50_001, "usual_amount": 10_000}, {"amount": 50_000, "usual_amount": 10_000}, None),
    "card and network in two countries": (
        c.CountriesDiffer(Where.CARD, Where.IP),
        {"countries": ((Where.CARD, "DE"), (Where.IP, "BR"))},
        {"countries": ((Where.CARD, "DE"), (Where.IP, "DE"))},
        None,
    ),
    "a country that is not served": (
        c.CountryIn(Where.SHIPPING, ("KP", "IR")),
        {"countries": ((Where.SHIPPING, "KP"),)},
        {"countries": ((Where.SHIPPING, "DE"),)},
        None,
    ),
    "a first order": (c.FirstOrder(), {"orders_before": 0}, {"orders_before": 1}, None),
    "a young account": (
        c.AccountYounger(timedelta(days=1)),
        {"account_since": NOON - timedelta(hours=23, minutes=59)},
        {"account_since": NOON - timedelta(days=1)},
        None,
    ),
    "a guest, young": (c.AccountYounger(timedelta(days=1)), {"guest": True}, {"guest": False, "account_since": NOON - timedelta(days=2)}, None),
    "a guest": (c.IsGuest(), {"guest": True}, {"guest": False}, None),
    "a throw-away address": (c.EmailDisposable(), {"email_disposable": True}, {"email_disposable": False}, None),
    "a hidden network": (c.IpAnonymous(), {"ip_anonymous": True}, {"ip_anonymous": False}, None),
    "a prepaid card": (c.FundedBy((Funding.PREPAID,)), {"funding": Funding.PREPAID}, {"funding": Funding.CREDIT}, None),
    "by a method": (c.PaidBy(("card",)), {"method": "card"}, {"method": "alipay"}, None),
    "goods that are sold on": (c.GoodsTagged(("gift_card",)), {"tags": frozenset({"gift_card", "new"})}, {"tags": frozenset({"tea"})}, None),
    "on a list": (c.OnList("blocked"), {"lists": frozenset({"blocked"})}, {"lists": frozenset({"friends"})}, False),
    "charged back before": (c.ChargebacksAbove(0), {"chargebacks": 1}, {"chargebacks": 0}, None),
    "an engine outside warns": (c.ScoreAbove("scorer", 70), {"scores": (("scorer", 71),)}, {"scores": (("scorer", 70),)}, None),
}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_a_primitive_fires_on_a_planted_fraud_and_not_on_its_clean_twin(name: str) -> None:
    condition, fraud, clean, nothing = PRIMITIVES[name]

    assert [condition.holds(facts(**fraud)), condition.holds(facts(**clean)), condition.holds(facts())] == [True, False, nothing]
    assert dict(condition.inputs(facts(**fraud))) != dict(condition.inputs(facts(**clean)))


@pytest.mark.parametrize("name", PRIMITIVES)
def test_what_a_condition_looked_at_can_be_stored_and_tells_no_link(name: str) -> None:
    condition, fraud, _, _ = PRIMITIVES[name]
    told = condition.inputs(facts(**fraud, links=tuple((link, f"secret-{link}") for link in Link)))

    assert all(isinstance(name, str) and isinstance(value, str | int | bool) for name, value in told)
    assert "secret" not in repr(told)


YES, NO, WHO_KNOWS = c.AmountAbove(1), c.AmountAbove(9_999), c.IsGuest()
TOLD = {YES: True, NO: False, WHO_KNOWS: None}


@pytest.mark.parametrize(("one", "other"), list(product([YES, NO, WHO_KNOWS], repeat=2)), ids=lambda it: str(TOLD[it]))
def test_what_is_not_known_is_neither_yes_nor_no(one: c.RiskCondition, other: c.RiskCondition) -> None:
    """RISK-3"""
    told = [TOLD[one], TOLD[other]]  # type: ignore[index]
    both = False if False in told else None if None in told else True
    either = True if True in told else None if None in told else False

    assert c.EachOf(one, other).holds(facts()) is both
    assert c.AnyOf(one, other).holds(facts()) is either
    assert c.NotThat(c.EachOf(one, other)).holds(facts()) is (None if both is None else not both)


def test_parts_tell_what_they_looked_at_once_and_ask_for_their_velocities() -> None:
    condition = c.EachOf(c.TooOften(CARDS, above=1), c.NotThat(c.AnyOf(YES, c.TooOften(SPENT, above=9))), NO)

    assert c.velocities_of(condition) == (CARDS, SPENT)
    assert [name for name, _ in condition.inputs(facts())] == ["by", "seconds", "counted", "amount"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: c.TooOften(CARDS, above=KEPT),
        lambda: c.TooOften(CARDS, above=-1),
        lambda: c.AmountUnusual(99),
        c.EachOf,
        lambda: c.AnyOf("blocked"),  # type: ignore[arg-type]
        lambda: c.CountryIn(Where.IP, ("Germany",)),
        lambda: c.FundedBy(()),
        lambda: Velocity(by=Link.IP, within=timedelta(0)),
        lambda: Velocity(by=Link.IP, within=timedelta(days=367)),
        lambda: Velocity(by=Link.IP, within=timedelta(1), kinds=frozenset()),
        lambda: Velocity(by=Link.IP, within=timedelta(1), distinct=Link.IP),
        lambda: Velocity(by=Link.IP, within=timedelta(1), distinct=Link.CARD, sums=True),
        lambda: facts(links=((Link.IP, ""),)),
        lambda: facts(links=((Link.IP, "a"), (Link.IP, "b"))),
        lambda: facts(countries=((Where.IP, "de"),)),
        lambda: facts(amount=-1),
        lambda: evolve(facts(), at=NOON.replace(tzinfo=None)),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidValue):
        wrong()


def test_facts_do_not_show_their_links() -> None:
    assert "hash-of-ann" not in repr(facts(links=((Link.EMAIL, "hash-of-ann"),)))
