"""Points and orders, as public threads tell of shops that got them wrong: each test is named for its thread."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import CancelOrder, Money, Order, RefundOrder, Terms, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.flows.growth.knowing import MemberBuyers
from shopwright.loyalty.earning import EarnBasis, EarnRule
from shopwright.loyalty.growth import CountWhen, Growth
from shopwright.loyalty.order_points import EarnRate, RateOf
from shopwright.loyalty.tiers import AtLeast, Basis, Benefits, Tier, TierPolicy
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed
from tests.flows.paying_points import PROGRAM, a_mall, account, balance, paid_with_points
from tests.flows.test_following_points import completed, follow, refunded, shipped, taken_back

POLICY = TierPolicy(
    tiers=(
        Tier(id="first", gives=Benefits(points_rate=11_000)),
        Tier(id="second", requires=AtLeast(Basis.SPEND, 4_000), gives=Benefits(points_rate=20_000)),
    ),
    zone="UTC",
)


def a_mall_of_tiers() -> Mall:
    """A mall that keeps the tiers of its members."""
    storage, growth = MemoryStorage(KINDS), Growth(currency="EUR", tiers=POLICY, counts=CountWhen.CONFIRMED)
    program = evolve(PROGRAM, tiers=POLICY.tiers)
    return a_mall(program, storage=storage, growth=growth, buyers=MemberBuyers(storage, growth))


def test_erpnext_33550_the_order_that_lifts_a_member_earns_at_the_rate_of_the_tier_before_it():
    mall = a_mall_of_tiers()
    crossing = paid(mall.shop)
    while mall.shop.tiers.follow():
        pass
    next_order = placed(mall.shop, an_order(key="next"))
    follow(mall)

    assert [order.points.rates for order in (crossing, next_order)] == [
        (EarnRate(RateOf.TIER, "first", 1, 11_000),),
        (EarnRate(RateOf.TIER, "second", 1, 20_000),),
    ]
    assert (crossing.points.granted, next_order.points.granted, balance(mall).pending) == (49, 90, 49)


def test_erpnext_22167_who_has_bought_nothing_yet_earns_at_the_rate_of_the_first_tier():
    order = placed(a_mall_of_tiers().shop)

    assert (order.points.rates[0].id, order.points.granted) == ("first", 49)


def test_odoo_257854_buying_and_canceling_again_and_again_makes_no_points():
    mall = a_mall(evolve(PROGRAM, window=timedelta(0), tender=None))
    for times in range(3):
        order = paid(mall.shop, an_order(key=f"order-{times}"))
        follow(mall)
        accepted(mall.shop.orders.cancel(CancelOrder(key=f"cancel-{times}", by=ANN, order_id=order.id)))
        follow(mall)

    assert (account(mall).points, account(mall).deficit) == (0, 0)


def test_odoo_257854_and_238806_what_was_earned_goes_back_with_the_goods_and_what_was_spent_comes_back_once():
    mall = a_mall()
    order = paid_with_points(mall)
    follow(mall)
    shipped(mall, order)
    taken_back(mall, order)
    refunded(mall, order, 4_900)
    for _ in range(3):
        follow(mall)

    assert (account(mall).points, balance(mall).available) == (300, 300)


def test_odoo_221928_a_partial_refund_takes_points_once_whatever_is_told_of_it():
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    shipped(mall, order, units=((1, 1),))
    refunded(mall, order, 1_000)
    follow(mall)
    taken_back(mall, order)
    follow(mall)
    accepted(mall.shop.payments.refresh(c.RefreshPayments(key="look", by=CLERK, order_id=order.id)))
    follow(mall)

    assert balance(mall).pending == 35


@pytest.mark.parametrize(("basis", "granted"), [(EarnBasis.LISTED, 45), (EarnBasis.PAID, 40), (EarnBasis.WITH_SHIPPING, 44)])
def test_odoo_114004_the_program_says_whether_discounts_and_shipping_earn(basis, granted):
    mall = a_mall(evolve(PROGRAM, rules=(EarnRule(id="euro", basis=basis),)))
    assert placed(mall.shop, an_order(coupon="SPRING")).points.granted == granted


def test_erpnext_32951_a_return_takes_back_what_the_order_earned_and_not_what_the_rule_of_today_would_give():
    mall = a_mall(PROGRAM)
    order = paid(mall.shop)
    follow(mall)
    mall.ways = {**mall.ways, "loyalty": evolve(PROGRAM, rules=(EarnRule(id="euro", version=2, points=10),), refunds_take=False)}
    mall.reopened()
    shipped(mall, order, units=((2, 1),))
    taken_back(mall, order)
    follow(mall)

    assert balance(mall).pending == 20


@pytest.mark.parametrize("steps", ["cancel", "refund, cancel", "cancel, follow", "refund, follow, cancel"])
def test_nopcommerce_5595_the_balance_is_right_after_refunds_and_cancellations_in_any_order(steps):
    mall = a_mall()
    mall.terms = Terms(refund_first=("points",))
    mall.reopened()
    order = paid_with_points(mall)
    follow(mall)

    def refund() -> Order:
        return accepted(mall.shop.payments.refund(RefundOrder(key="part", by=CLERK, order_id=order.id, amount=Money(1_500, "EUR"), reason="broken")))

    deeds = {
        "refund": refund,
        "cancel": lambda: accepted(mall.shop.orders.cancel(CancelOrder(key="cancel", by=ANN, order_id=order.id))),
        "follow": lambda: follow(mall),
    }
    for step in steps.split(", "):
        deeds[step]()
    follow(mall)
    after = accepted(mall.shop.orders.get(order.id))

    assert [it.refunded for it in after.payments] == [2_000, 2_900]
    assert (account(mall).points, balance(mall).available, balance(mall).pending) == (300, 300, 0)


def test_what_a_window_lets_be_spent_is_gone_again_when_the_goods_come_back_late():
    mall = a_mall(evolve(PROGRAM, window=timedelta(days=1)))
    order = completed(mall, paid(mall.shop))
    follow(mall)
    mall.clock.advance(timedelta(days=2))
    assert balance(mall).available == 45
    refunded(mall, order, 4_900)
    follow(mall)

    assert balance(mall).available == 0
