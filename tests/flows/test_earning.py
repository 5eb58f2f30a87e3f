"""Orders of a shop with a points program: what is frozen when they are placed, by whose tier, and which tenders of points they take."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from attrs import evolve

from shopwright import accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.loyalty.earning import Earned, EarnRule
from shopwright.loyalty.granted import GrantedSoFar
from shopwright.loyalty.order_points import EarnRate, RateOf
from shopwright.loyalty.program import PointsProgram
from shopwright.loyalty.tiers import AtLeast, Basis, Benefits, Tier
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.promotions.basket import Buyer
from shopwright.wire.kinds import KINDS
from tests.flows.mall import START, Mall, placed

TIERS = (Tier(id="regular"), Tier(id="gold", requires=AtLeast(Basis.SPEND, 4_000), gives=Benefits(points_rate=20_000)))
PROGRAM = PointsProgram(currency="EUR", rules=(EarnRule(id="euro"),), tiers=TIERS)


class Members:
    """Who buys is in this tier."""

    def __init__(self, tier: str | None) -> None:
        self.tier = tier

    def known(self, buyer_id: str, *, at: datetime) -> Buyer:
        return Buyer(buyer_id, tier=self.tier)


def a_mall(program: PointsProgram = PROGRAM, *, tier: str | None = None, **ways: Any) -> Mall:
    """A mall with a points program."""
    return Mall(MemoryStorage(KINDS), ways={"loyalty": program, "buyers": Members(tier), **ways})


def test_what_an_order_earns_is_frozen_with_the_tier_of_its_buyer_before_it():
    order = placed(a_mall(tier="gold").shop)

    assert order.points.rates == (EarnRate(RateOf.TIER, "gold", 1, 20_000),)
    assert order.points.earned == (Earned(rule="euro", rule_version=1, base=4_500, desired=90, granted=90, lines=((1, 40), (2, 50))),)


def test_a_shop_without_a_program_freezes_nothing():
    assert placed(Mall(MemoryStorage(KINDS)).shop).points is None


def test_an_order_is_stored_and_read_with_what_it_earns():
    mall = a_mall()
    order = placed(mall.shop)
    assert accepted(mall.shop.orders.get(order.id)).points == order.points


def test_what_a_program_says_later_changes_no_order_that_was_placed():
    mall = a_mall()
    order = placed(mall.shop)
    mall.ways = {"loyalty": evolve(PROGRAM, rules=(EarnRule(id="euro", version=2, points=9),))}
    mall.reopened()

    assert accepted(mall.shop.orders.get(order.id)).points.granted == 45


@pytest.mark.parametrize(("program", "granted"), [({"most_per_day": 50}, 20), ({"most_per_member": 100}, 30), ({}, 45)])
def test_caps_grant_what_is_left_of_them_and_tell_what_was_desired(program, granted):
    mall = a_mall(evolve(PROGRAM, **program))
    so_far = GrantedSoFar("points/ann").plus(40, on=START.date().replace(day=1)).plus(30, on=START.date())
    mall.storage.commit(Changeset(Operation("before", "x"), START, puts=(Put(so_far.id, so_far),)))
    order = placed(mall.shop)

    assert (order.points.desired, order.points.granted) == (45, granted)
