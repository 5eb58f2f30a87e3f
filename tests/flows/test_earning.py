"""Orders of a shop with a points program: what is frozen when they are placed, by whose tier, and which tenders of points they take."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import Order, Tender, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.loyalty.earning import Earned, EarnRule
from shopwright.loyalty.granted import GrantedSoFar
from shopwright.loyalty.order_points import EarnRate, RateOf
from shopwright.loyalty.tendering import PointsTender
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, START, Mall, placed, refused
from tests.flows.paying_points import PROGRAM, TIERS, Members, a_mall, mixed

PICKY = evolve(PROGRAM, tiers=TIERS, tender=PointsTender(points=1, worth=10, least=20, multiple=5, most_share=5_000))
EARNING = evolve(PROGRAM, tiers=TIERS)


def test_what_an_order_earns_is_frozen_with_the_tier_of_its_buyer_before_it():
    order = placed(a_mall(EARNING, buyers=Members("gold")).shop)

    assert order.points.rates == (EarnRate(RateOf.TIER, "gold", 1, 20_000),)
    assert order.points.earned == (Earned(rule="euro", rule_version=1, base=4_500, desired=90, granted=90, lines=((1, 40), (2, 50))),)


def test_a_shop_without_a_program_freezes_nothing():
    assert placed(Mall(MemoryStorage(KINDS)).shop).points is None


def test_an_order_is_stored_and_read_with_what_it_earns():
    mall = a_mall(EARNING)
    order = placed(mall.shop)
    assert accepted(mall.shop.orders.get(order.id)).points == order.points


def test_what_a_program_says_later_changes_no_order_that_was_placed():
    mall = a_mall(EARNING)
    order = placed(mall.shop)
    mall.ways = {"loyalty": evolve(EARNING, rules=(EarnRule(id="euro", version=2, points=9),))}
    mall.reopened()

    assert accepted(mall.shop.orders.get(order.id)).points.granted == 45


@pytest.mark.parametrize(("program", "granted"), [({"most_per_day": 50}, 20), ({"most_per_member": 100}, 30), ({}, 45)])
def test_caps_grant_what_is_left_of_them_and_tell_what_was_desired(program, granted):
    mall = a_mall(evolve(EARNING, **program))
    so_far = GrantedSoFar("points/ann").plus(40, on=START.date().replace(day=1)).plus(30, on=START.date())
    mall.storage.commit(Changeset(Operation("before", "x"), START, puts=(Put(so_far.id, so_far),)))
    order = placed(mall.shop)

    assert (order.points.desired, order.points.granted) == (45, granted)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (mixed(275), "points_tender_step"),
        (mixed(150), "points_tender_minimum"),
        (mixed(2_500), "points_tender_share"),
        (mixed(300, source="points/bob"), "points_tender_account"),
    ],
)
def test_an_order_does_not_take_every_tender_of_points(command, code):
    assert refused(a_mall(PICKY).shop.orders.place(command)) == code


def test_points_of_a_program_pay_in_its_currency_alone():
    assert refused(a_mall(evolve(PICKY, currency="USD")).shop.orders.place(mixed(300))) == "points_tender_currency"


def test_more_points_are_taken_on_only_within_what_the_whole_order_takes():
    mall = a_mall(PICKY)
    order = placed(mall.shop, mixed(2_000))

    def replaced(amount: int) -> Order:
        points = Tender(method="points", amount=amount, gateway="points")
        card = Tender(method="card", amount=2_900 - amount, gateway="fake", source="tok_ok")
        return mall.shop.payments.add(c.AddPayment(key=f"add-{amount}", by=ANN, order_id=order.id, tenders=(points, card), replaces=("p2",)))

    assert refused(replaced(500)) == "points_tender_share"
    assert accepted(replaced(400)).points.granted == 21


def test_the_step_of_a_gateway_is_kept_with_its_payments():
    order = placed(a_mall(PICKY).shop, mixed(2_000))
    assert [payment.step for payment in order.payments] == [10, 1]
