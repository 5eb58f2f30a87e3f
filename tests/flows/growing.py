"""Scenarios of what members are given: tiers, check-ins, referrals, rewards, reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from shopwright import CompleteOrder, DeliverShipment, DispatchShipment, Money, Order, PayOrder, RefundOrder, ShipOrder, accepted, customer, flows
from shopwright.flows.growth import commands as g
from shopwright.loyalty.referrals import ReferralState
from shopwright.members.actors import SYSTEM
from tests.flows.mall import ANN, CLERK, START, Mall, an_order, paid, placed
from tests.flows.scenario import Scenario

DAY = timedelta(days=1)
BOB = customer("bob")
VIP = g.GrantTier(key="vip", by=CLERK, member_id="ann", tier="gold", until=START + 30 * DAY, reason="waited long")
CHECK_IN = g.CheckIn(key="hello", by=ANN, member_id="ann")
OPEN = g.OpenReferrals(key="open-bob", by=BOB, member_id="bob", code="bob-1")
REDEEM = g.RedeemReferral(key="by-bob", by=ANN, member_id="ann", code="BOB-1")
BIRTHDAY = g.RewardBirthday(key="happy", by=SYSTEM, member_id="ann")
MANUALLY = g.RewardManually(key="sorry", by=CLERK, member_id="ann", points=20, reason="a broken cup")


def refund(mall: Mall, order: Order, amount: int, key: str = "refund") -> Order:
    command = RefundOrder(key=key, by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="a chipped cup")
    return accepted(mall.shop.payments.refund(command))


def paid_by(mall: Mall, who: str, key: str) -> Order:
    """Two teas and a cup that somebody has paid for."""
    order = placed(mall.shop, evolve(an_order(key=key), by=customer(who), buyer_id=who))
    return accepted(mall.shop.payments.pay(PayOrder(key=f"pay-{key}", by=customer(who), order_id=order.id)))


def delivered(mall: Mall, order: Order) -> Order:
    """The order with its goods there, and complete."""
    accepted(mall.shop.shipping.ship(ShipOrder(key=f"ship-{order.number}", by=CLERK, order_id=order.id)))
    accepted(mall.shop.shipping.dispatch(DispatchShipment(key=f"out-{order.number}", by=CLERK, order_id=order.id, shipment_id="s1")))
    accepted(mall.shop.shipping.deliver(DeliverShipment(key=f"there-{order.number}", by=CLERK, order_id=order.id, shipment_id="s1")))
    return accepted(mall.shop.orders.complete(CompleteOrder(key=f"done-{order.number}", by=CLERK, order_id=order.id)))


def referred(mall: Mall) -> None:
    """Ann came by Bob's word."""
    accepted(mall.shop.growth.open_referrals(OPEN))
    accepted(mall.shop.growth.redeem_referral(REDEEM))


def _referred_and_paid(mall: Mall) -> Any:
    referred(mall)
    return paid(mall.shop)


def qualified(mall: Mall) -> Order:
    """Ann bought something that counts, and has it; its hold is over."""
    referred(mall)
    order = delivered(mall, paid(mall.shop))
    mall.shop.growth.follow_referrals()
    mall.clock.advance(14 * DAY)
    return order


def rewarded(mall: Mall) -> Order:
    order = qualified(mall)
    mall.shop.growth.sweep_referrals()
    assert accepted(mall.shop.growth.referral("ann")).state is ReferralState.REWARDED
    return order


def _refunded_late(mall: Mall) -> Any:
    return refund(mall, rewarded(mall), 4000)


def _sold_and_refunded(mall: Mall) -> Any:
    return refund(mall, paid(mall.shop), 100)


def _a_year_on(mall: Mall) -> Any:
    _sold_and_refunded(mall)
    mall.shop.tiers.follow()
    mall.clock.advance(400 * DAY)


def _much_to_tell(mall: Mall) -> Any:
    """A tier that ends, points that expire, and a long silence."""
    _sold_and_refunded(mall)
    mall.shop.tiers.follow()
    mall.clock.advance(350 * DAY)
    accepted(mall.shop.growth.check_in(CHECK_IN))
    mall.clock.advance(14 * DAY)


def _review(mall: Mall, order: Order) -> Any:
    return mall.shop.growth.reward_review(g.RewardReview(key="stars", by=SYSTEM, member_id="ann", order_id=order.id, line_no=1))


def _reviewed(mall: Mall) -> str:
    return str(accepted(_review(mall, delivered(mall, paid(mall.shop)))).id)


def _take_back(mall: Mall, reward_id: str) -> Any:
    command = g.TakeBackReward(key="copied", by=CLERK, member_id="ann", reward_id=reward_id, reason="copied")
    return mall.shop.growth.take_back_reward(command)


def _no_vip(mall: Mall, _: Any) -> Any:
    return mall.shop.tiers.end_grants(g.EndTierGrants(key="no vip", by=CLERK, member_id="ann", reason="sold it"))


def _reject(mall: Mall, _: Any) -> Any:
    return mall.shop.growth.reject_referral(g.RejectReferral(key="fraud", by=CLERK, member_id="ann", note="one person"))


def _bobs_code(mall: Mall) -> Any:
    accepted(mall.shop.growth.open_referrals(evolve(OPEN, key="open-ann", by=ANN, member_id="ann", code="")))
    return accepted(mall.shop.growth.open_referrals(OPEN))


GROWING = (
    Scenario("follow tiers", flows.follow_tiers, lambda mall, _: mall.shop.tiers.follow(), _sold_and_refunded),
    Scenario("grant a tier", flows.grant_tier, lambda mall, _: mall.shop.tiers.grant(VIP), _sold_and_refunded),
    Scenario("end what was granted", flows.end_tier_grants, _no_vip, lambda mall: mall.shop.tiers.grant(VIP)),
    Scenario("sweep tiers", flows.sweep_tiers, lambda mall, _: mall.shop.tiers.sweep(), _a_year_on),
    Scenario("check in", flows.check_in, lambda mall, _: mall.shop.growth.check_in(CHECK_IN)),
    Scenario("open a code", flows.open_referrals, lambda mall, _: mall.shop.growth.open_referrals(OPEN)),
    Scenario("open a code of chance", flows.open_referrals, lambda mall, _: mall.shop.growth.open_referrals(evolve(OPEN, code=""))),
    Scenario("redeem a code", flows.redeem_referral, lambda mall, _: mall.shop.growth.redeem_referral(REDEEM), _bobs_code),
    Scenario("follow referrals", flows.follow_referrals, lambda mall, _: mall.shop.growth.follow_referrals(), _referred_and_paid),
    Scenario("claw a referral back", flows.follow_referrals, lambda mall, _: mall.shop.growth.follow_referrals(), _refunded_late),
    Scenario("reward a referral", flows.sweep_referrals, lambda mall, _: mall.shop.growth.sweep_referrals(), qualified),
    Scenario("reject a referral", flows.reject_referral, _reject, rewarded),
    Scenario("reward a review", flows.reward_review, _review, lambda mall: delivered(mall, paid(mall.shop))),
    Scenario("reward a birthday", flows.reward_birthday, lambda mall, _: mall.shop.growth.reward_birthday(BIRTHDAY)),
    Scenario("reward by hand", flows.reward_manually, lambda mall, _: mall.shop.growth.reward_manually(MANUALLY)),
    Scenario("take a reward back", flows.take_back_reward, _take_back, _reviewed),
    Scenario("tell a birthday", flows.remind, lambda mall, _: mall.shop.growth.remind()),
    Scenario("remind", flows.remind, lambda mall, _: mall.shop.growth.remind(), _much_to_tell),
)
"""One at least for each flow."""
