"""Refund plans: what goes back for units and why, on which payments, with what follows; and that a plan is done as it was told or not at all."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright import orders
from shopwright.errors import InvalidValue
from shopwright.orders import Order, ReturnUses, Terms
from shopwright.orders.lines import Buckets
from shopwright.orders.planning import plan_refund, refund_planned
from shopwright.orders.refund_plan import CommissionBack, KeptOfSale, Way, Why
from shopwright.orders.refund_policy import BelowMinimum, DiscountStep, Minimum, RefundPolicy, ShippingBack
from shopwright.orders.refunds import MAX_FAILURES, goodwill
from shopwright.orders.settled import SettledUnits
from shopwright.payments.disputes import Dispute, DisputeState
from shopwright.pricing.facts import FlatShipping
from shopwright.pricing.tax_amounts import RateTax, Taxed, TaxedLine
from shopwright.refusals import Refusal
from shopwright.settlement.payables import Payable, PayableKind, balance, next_payout
from shopwright.testing.builders import CLERK, NOON, a_tender, a_voucher, an_order, canceled, delivered, paid, shipped, sold
from tests.unit.orders.refunding import (
    ALL_OFF,
    BOOK,
    LAMP,
    ON_TOP,
    SEVEN,
    TEN_OFF,
    TENTH,
    TENTH_FROM_300,
    TWENTY,
    WITHIN,
    come,
    given_back,
    planned,
    taxed,
)
from tests.unit.orders.test_earning import earning, gone, points

SIX = sold("TEA", 6, 5_000)
FROM_300 = Minimum(rule="TENTH", least=30_000)
CHARGED_BACK = RefundPolicy(below_minimum=BelowMinimum.CHARGE_BACK)
POST = FlatShipping("post", 500)


def test_a_plan_tells_each_part_of_what_goes_back_and_why() -> None:
    """REFUND-1, REFUND-2"""
    plan = planned(come(LAMP, BOOK, quote=taxed(LAMP, BOOK, taxes=ON_TOP, coupon=TENTH, shipping=600)), (2, 2))
    (line,) = plan.lines

    assert line.why == (
        Why("price", 2000, "2 of 3 at 10.00 EUR: 20.00 EUR"),
        Why("discount", -200, "less their share of 3.00 EUR of discounts"),
        Why("tax", 126, "with their share of 1.89 EUR of tax on top"),
        Why("shipping", 116, "1.16 EUR of shipping"),
    )
    assert (line.each, line.listed, line.discount, line.goods, line.amount) == ((963, 963), 2000, 200, Taxed(1800, (RateTax(SEVEN, 126),)), 2042)
    assert sum(it.amount for it in line.why) == line.amount == plan.value == plan.amount
    assert plan.why == (Why("refund", 2042, "20.42 EUR goes back"),)


def test_a_plan_is_done_as_it_was_told() -> None:
    """REFUND-3"""
    order = come(SIX, coupon=TENTH)
    plan = planned(order, (1, 2))
    after = given_back(order, (1, 2))

    assert after == orders.evolve(orders.evolve(order, plan.events[0]), plan.events[1])
    assert (after.refund_outstanding, after.owed, after.allowances, after.surplus) == (plan.amount, 18_000, 0, 0)
    assert after.settled == (SettledUnits(line_no=1, units=2, goods=9_000),)


def test_a_plan_is_refused_for_an_order_that_has_moved_since() -> None:
    """REFUND-5"""
    order = come(SIX)
    plan = planned(order, (1, 1))
    moved = given_back(order, (1, 1))

    assert refund_planned(moved, plan) == Refusal(
        "refund_plan_stale",
        f"order {order.number} has moved since this refund was planned; plan it again",
        {"order": order.number, "planned": order.event_count, "now": moved.event_count},
    )
    assert isinstance(refund_planned(evolve(order, id="another"), plan), Refusal)


def test_goods_that_come_back_after_their_money_are_not_paid_for_twice() -> None:
    """REFUND-1"""
    order = delivered(paid(an_order(sold("TEA", 3, 1_000))), units=((1, 2),))
    order = given_back(order, (1, 2))
    back = evolve(order, lines=(evolve(order.lines[0], buckets=Buckets(open=1, returned=2)),))

    assert (order.owed, back.owed, back.surplus, back.refund_outstanding) == (1_000, 1_000, 0, 2_000)


def test_money_for_goods_that_are_back_already_is_what_was_paid_above_what_is_owed() -> None:
    order = delivered(paid(an_order(sold("TEA", 3, 1_000))), units=((1, 1),))
    order = orders.take_back(shipped(order, units=((1, 2),)), "s2", at=NOON).order
    plan = planned(order, (1, 2), policy=RefundPolicy(received_only=True))

    assert (order.surplus, plan.amount, given_back(order, (1, 2)).surplus) == (2_000, 2_000, 0)


def test_units_that_were_called_off_are_not_given_back_again() -> None:
    order = canceled(delivered(paid(an_order(sold("TEA", 3, 1_000))), units=((1, 2),)))
    plan = planned(order, (1, 2))

    assert (order.refund_granted, plan.amount, plan.earlier) == (1_000, 2_000, 1_000)
    assert plan_refund(order, ((1, 3),), reason="x", by=CLERK, at=NOON).code == "units_not_left"


@pytest.mark.parametrize(
    ("units", "code"), [(((9, 1),), "units_unknown"), (((1, 7),), "units_not_left"), (((1, 1), (9, 1)), "units_unknown")]
)
def test_units_that_cannot_be_given_back_are_refused(units: tuple[tuple[int, int], ...], code: str) -> None:
    assert plan_refund(come(SIX), units, reason="x", by=CLERK, at=NOON).code == code


@pytest.mark.parametrize("units", [(), ((1, 0),), ((1, True),), ((1, 1), (1, 1))])
def test_units_that_say_nothing_raise(units: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(InvalidValue):
        plan_refund(come(SIX), units, reason="x", by=CLERK, at=NOON)


def test_what_has_not_left_is_called_off_and_not_given_back() -> None:
    refused = plan_refund(paid(an_order(SIX)), ((1, 1),), reason="x", by=CLERK, at=NOON)

    assert isinstance(refused, Refusal)
    assert (refused.code, dict(refused.facts)) == ("units_not_left", {"line_no": 1, "wanted": 1, "there": 0})


def test_shipping_goes_back_by_share_with_the_last_unit_or_never() -> None:
    order = come(sold("TEA", 3, 1_000), shipping=POST)
    by_policy = {it: RefundPolicy(shipping=it) for it in ShippingBack}

    firsts = {it.value: planned(order, (1, 1), policy=policy).amount for it, policy in by_policy.items()}
    assert firsts == {"share": 1_166, "whole": 1_000, "never": 1_000}
    one_back = {it: given_back(order, (1, 1), policy=policy) for it, policy in by_policy.items()}
    assert {it.value: planned(one_back[it], (1, 2), policy=policy).amount for it, policy in by_policy.items()} == {
        "share": 2_334,
        "whole": 2_500,
        "never": 2_000,
    }


def test_shipping_that_was_kept_on_other_lines_goes_back_with_the_last_unit_of_all() -> None:
    policy = RefundPolicy(shipping=ShippingBack.WHOLE)
    order = given_back(come(sold("TEA", 1, 1_000), sold("CUP", 1, 1_000), shipping=POST), (1, 1), policy=policy)
    plan = planned(order, (2, 1), policy=policy)

    assert [(it.line_no, it.units, it.amount) for it in plan.lines] == [(1, 0, 250), (2, 1, 1_250)]
    assert given_back(order, (2, 1), policy=policy).refund_granted == 2_500


def test_a_restocking_fee_is_owed_and_no_refund_gives_it_back() -> None:
    policy = RefundPolicy(restocking=1_000)
    order = given_back(come(sold("TEA", 3, 999)), (1, 1), policy=policy)
    order = given_back(order, (1, 2), policy=policy)

    assert (order.refund_granted, order.owed, order.surplus) == (2_997 - 299, 299, 0)


def test_a_discount_stays_though_its_minimum_is_not_met_any_more() -> None:
    """REFUND-4"""
    assert planned(come(SIX, coupon=TENTH_FROM_300), (1, 5), minimums=(FROM_300,)).amount == 22_500


def test_a_discount_is_charged_back_where_the_policy_says_so_and_given_back_once_nothing_stays() -> None:
    """REFUND-4"""
    order = come(SIX, coupon=TENTH_FROM_300)
    facts = {"policy": CHARGED_BACK, "minimums": (FROM_300,)}
    plan = planned(order, (1, 5), **facts)

    assert plan.lines[0].why[-1] == Why("charged_back", -500, "less 5.00 EUR: what stays is below the minimum of TENTH")
    assert (plan.amount, given_back(order, (1, 5), **facts).owed) == (22_000, 5_000)
    assert planned(given_back(order, (1, 5), **facts), (1, 1), **facts).amount == 5_000


def test_a_discount_falls_to_the_step_that_is_still_reached() -> None:
    """REFUND-4"""
    steps = (DiscountStep(least=10_000, percent=500), DiscountStep(least=20_000, percent=700))
    facts = {"policy": RefundPolicy(below_minimum=BelowMinimum.RE_EVALUATE), "minimums": (evolve(FROM_300, steps=steps),)}
    order = come(SIX, coupon=TENTH_FROM_300)

    assert [planned(order, (1, units), **facts).lines[0].charged for units in (1, 2, 3, 4, 5, 6)] == [750, 600, 750, 500, 500, 0]


def test_a_refund_takes_off_at_most_what_it_is_and_the_next_one_the_rest() -> None:
    """REFUND-4: one unit of 90 stays charged with what nine lose"""
    order = come(sold("TEA", 9, 5_000), sold("CUP", 1, 100), coupon=TENTH_FROM_300)
    facts = {"policy": CHARGED_BACK, "minimums": (Minimum(rule="TENTH", least=45_100),)}
    first = planned(order, (2, 1), **facts)
    order = given_back(order, (2, 1), **facts)

    assert (first.amount, first.lines[0].charged) == (0, 90)
    assert planned(order, (1, 1), **facts).lines[0].charged == 4_000 - 90
    for units in (1, 8):
        order = given_back(order, (1, units), **facts)
    assert order.refund_granted == order.total.minor


def test_what_is_not_paid_is_set_off_and_does_not_go_back() -> None:
    """REFUND-2"""
    order = come(sold("TEA", 2, 5_000), tenders=(a_tender(10_000),))
    short = evolve(order, payments=(evolve(order.payments[0], captured=7_000),))
    plan = planned(short, (1, 1))

    assert (plan.value, plan.amount, plan.set_off) == (5_000, 2_000, 3_000)
    assert [it.code for it in plan.why] == ["refund", "set_off"]


def test_what_is_disputed_does_not_go_back_until_that_is_decided() -> None:
    """REFUND-2, PAY-1: a bank that may take 60 of 100 leaves 40 to give back"""
    order = come(sold("TEA", 2, 5_000))
    dispute = Dispute(id="d1", state=DisputeState.NEEDS_RESPONSE, amount=6_000, told_at=NOON)
    disputed = evolve(order, payments=(evolve(order.payments[0], disputes=(dispute,)),))
    plan = planned(disputed, (1, 1))

    assert (plan.value, plan.amount, plan.ways) == (5_000, 4_000, (Way(payment_id="p1", method="card", amount=4_000),))


def test_what_a_gateway_refused_too_often_goes_back_by_hand() -> None:
    """ORDER-17"""
    order = come(sold("TEA", 2, 5_000))
    stuck = evolve(order, payments=(evolve(order.payments[0], failures=MAX_FAILURES),))

    assert planned(stuck, (1, 1)).ways == (Way(payment_id="p1", method="card", amount=5_000, by_hand=True),)


def test_points_that_were_earned_are_taken_back_and_those_that_were_spent_come_back() -> None:
    """EARN-7: 45.00, of which 10.00 in points, earn 35 points; of two teas one comes back"""
    order = delivered(paid(earning(tenders=(points(1_000), a_tender(3_500)), terms=Terms(refund_first=("points",)))))
    plan = planned(order, (1, 1))

    assert plan.ways == (Way(payment_id="p1", method="points", amount=1_000, points=True),)
    assert plan.points == sum(gone(given_back(order, (1, 1)))) == 7


def test_parts_around_a_cancellation_come_to_the_whole() -> None:
    """REFUND-1: of three for 20.00 one is given back, one called off, and one given back"""
    order = delivered(paid(an_order(sold("TEA", 3, 1_000), coupon=TEN_OFF)), units=((1, 2),))
    order = given_back(order, (1, 1))
    owed = [order.owed, (order := canceled(order)).owed, (order := given_back(order, (1, 1))).owed]

    assert (owed, order.refund_granted, order.surplus) == ([1_334, 667, 0], 2_000, 0)


def test_money_goes_back_by_the_ways_of_the_terms_and_by_hand_where_no_gateway_can() -> None:
    """ORDER-17"""
    tenders = (a_tender(3_000), a_tender(1_000, "gift_card"), a_voucher(2_000))
    order = come(sold("TEA", 6, 1_000), tenders=tenders, terms=Terms(refund_first=("gift_card",)))

    assert planned(order, (1, 2)).ways == (
        Way(payment_id="p2", method="gift_card", amount=1_000),
        Way(payment_id="p1", method="card", amount=1_000),
    )
    assert planned(order, (1, 5)).ways[-1] == Way(payment_id="p3", method="voucher", amount=1_000, by_hand=True)


def test_uses_of_a_coupon_come_back_by_the_policy_of_the_terms() -> None:
    """ORDER-16"""
    kept, back = (come(SIX, coupon=TENTH, terms=Terms(return_uses=it)) for it in (ReturnUses.NEVER, ReturnUses.REFUNDED))

    assert (planned(kept, (1, 6)).uses, planned(back, (1, 5)).uses, planned(back, (1, 6)).uses) == ((), (), (("coupon/TENTH", 1),))


def test_commissions_go_back_by_the_share_of_what_was_taken() -> None:
    order = come(sold("TEA", 3, 1_000))
    kept = (KeptOfSale(line_no=1, party="kol/mia", base=3_000, amount=100), KeptOfSale(line_no=2, party="mall", base=1, amount=1))
    parts = [planned(order, (1, 1), commissions=kept), planned(given_back(order, (1, 1)), (1, 2), commissions=kept)]

    assert [it.commissions for it in parts] == [
        (CommissionBack(line_no=1, party="kol/mia", amount=33),),
        (CommissionBack(line_no=1, party="kol/mia", amount=67),),
    ]


def test_gifts_go_back_for_nothing() -> None:
    order = come(sold("TEA", 1, 1_000), coupon=ALL_OFF, tenders=())

    assert (planned(order, (1, 1)).amount, planned(order, (1, 1)).lines[0].why[0].amount) == (0, 1_000)


def test_goodwill_is_for_no_unit_and_has_its_limit_and_its_reason() -> None:
    order = come(SIX, terms=Terms(goodwill_most=700))
    sorry = goodwill(order, 500, reason="it came late", by=CLERK, at=NOON).order

    assert (sorry.goodwill, sorry.refund_granted, sorry.allowances, sorry.owed) == (500, 500, 500, 29_500)
    refused = goodwill(sorry, 201, reason="again", by=CLERK, at=NOON)
    assert (refused.code, dict(refused.facts)) == ("goodwill_above_limit", {"wanted": 201, "left": 200, "currency": "EUR"})
    with pytest.raises(InvalidValue, match="reason"):
        goodwill(order, 1, reason=" ", by=CLERK, at=NOON)
    assert goodwill(come(SIX), 30_001, reason="sorry", by=CLERK, at=NOON).code == "refund_above_paid"


def test_after_goodwill_all_units_bring_back_what_is_left_and_no_more() -> None:
    """REFUND-2"""
    sorry = goodwill(come(SIX), 500, reason="it came late", by=CLERK, at=NOON).order
    plan = planned(sorry, (1, 6))

    assert (plan.value, plan.amount, sum(it.amount for it in plan.ways)) == (30_000, 29_500, 30_000)


# What went wrong in other shops, by its thread.


def test_vendure_4811_a_line_that_comes_back_brings_its_own_share_and_the_other_keeps_its_price() -> None:
    order = come(sold("LAMP", 1, 5_000), sold("BULB", 1, 1_000), coupon=TEN_OFF)

    assert (planned(order, (1, 1)).amount, given_back(order, (1, 1)).owed) == (4_167, 833)


def test_sonata_177_two_of_three_units_at_ten_percent_off_bring_180_and_not_200() -> None:
    plan = planned(come(sold("TEA", 3, 10_000), coupon=TENTH), (1, 2))

    assert (plan.amount, plan.lines[0].each) == (18_000, (9_000, 9_000))


def test_polar_4428_a_refund_that_was_planned_after_a_payout_is_netted_with_the_next_one() -> None:
    """SETTLE-3: the seller was paid for three, two come back, and another is sold"""
    order = come(sold("TEA", 3, 1_000))
    plan = planned(order, (1, 2), commissions=(KeptOfSale(line_no=1, party="mall", base=3_000, amount=300),))
    sale, more = (_payable(id, PayableKind.SALE, amount) for id, amount in (("sale", 2_700), ("more", 2_500)))
    first = next_payout((sale,), (), payee="mia", currency="EUR", at=NOON)
    back = (
        _payable("back", PayableKind.REFUND, -plan.amount),
        _payable("fee", PayableKind.COMMISSION_BACK, sum(it.amount for it in plan.commissions)),
    )

    assert first is not None
    assert balance((sale, *back), (first,), payee="mia", currency="EUR") == -1_800
    second = next_payout((sale, *back, more), (first,), payee="mia", currency="EUR", at=NOON)
    assert second is not None
    assert (second.amount, second.entries) == (700, ("back", "fee", "more"))


def _payable(id: str, kind: PayableKind, amount: int) -> Payable:
    return Payable(id=id, payee="mia", kind=kind, amount=amount, currency="EUR", available_on=NOON, source="01ARZ3NDEKTSV4RRFFQ69G5FAV")


def test_polar_13770_net_and_tax_of_refunds_on_top_of_each_other_never_pass_what_was_taken_of_either() -> None:
    """52 net with 10 of tax goes back in steps, and the 10 come back as tax to the last cent"""
    order = come(sold("TEA", 62, 1))
    line = evolve(order.lines[0], tax=10, subtotal=52, taxed=TaxedLine(1, Taxed(52, (RateTax(TWENTY, 10),))))
    order, nets, taxes = evolve(order, lines=(line,)), [], []
    for units in (32, 9, 8, 3, 6, 3, 1):
        goods = planned(order, (1, units)).lines[0].goods
        nets, taxes, order = [*nets, goods.net], [*taxes, goods.tax], given_back(order, (1, units))

    assert (nets, taxes) == ([27, 8, 7, 2, 5, 3, 0], [5, 1, 1, 1, 1, 0, 1])
    assert (sum(nets), sum(taxes), order.refund_granted) == (52, 10, 62)


def test_spree_14678_of_three_that_were_announced_no_more_than_the_two_that_came_are_refunded() -> None:
    order = delivered(paid(an_order(sold("TEA", 3, 1_000))), units=((1, 1),))
    order = orders.take_back(shipped(order, units=((1, 2),)), "s2", at=NOON).order
    policy = RefundPolicy(received_only=True)
    refused = plan_refund(order, ((1, 3),), reason="x", by=CLERK, at=NOON, policy=policy)

    assert (refused.code, dict(refused.facts)) == ("units_not_back", {"line_no": 1, "wanted": 3, "there": 2})
    assert planned(order, (1, 2), policy=policy).amount == 2_000


def test_shopware_5854_a_discount_that_has_ended_since_stays_on_what_is_kept() -> None:
    order = come(sold("LAMP", 1, 5_000), sold("BULB", 1, 1_000), coupon=TEN_OFF)
    plan = planned(order, (2, 1))

    assert (plan.amount, given_back(order, (2, 1)).owed, order.coupon_code) == (833, 4_167, "TEN")


@pytest.mark.parametrize("taxes", [ON_TOP, WITHIN])
def test_shopware_2938_all_off_with_two_tax_rates_gives_back_no_cent_and_no_tax(taxes: object) -> None:
    order: Order = come(LAMP, BOOK, quote=taxed(LAMP, BOOK, taxes=taxes, coupon=ALL_OFF), tenders=())
    plan = planned(order, (1, 1), (2, 2))

    assert (plan.value, plan.amount, plan.tax, plan.ways) == (0, 0, 0, ())
    assert [it.goods for it in plan.lines] == [Taxed(0, (RateTax(TWENTY, 0),)), Taxed(0, (RateTax(SEVEN, 0),))]
