"""Edits of orders: told before they happen and done as they were told; what stays keeps its frozen price, and the money follows."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from shopwright import orders
from shopwright.money import Money
from shopwright.orders import ApprovalRule, Order, Terms
from shopwright.orders.edit_changes import AddLine, Change, ChangeAddress, ChangeCoupon, ChangeQuantity, ChangeShipping
from shopwright.orders.edit_events import LinesAdded, LinesRepriced, OrderEdited
from shopwright.orders.edit_money import HOLD_ID
from shopwright.orders.edit_plan import EditedLine, EditPlan, MoneyChange
from shopwright.orders.editing import Priced, additions, edit_planned, plan_edit
from shopwright.orders.events import ClaimReduced, RefundGranted, UnitsCanceled
from shopwright.orders.repricing import frozen_price, priced_again
from shopwright.orders.states import OrderState
from shopwright.payments.states import PaymentState
from shopwright.pricing.facts import FlatShipping, PriceFacts
from shopwright.pricing.quote import Quote, price
from shopwright.promotions.coupons import Coupon
from shopwright.promotions.extras import ShippingOff
from shopwright.promotions.promotion import Promotion
from shopwright.refusals import Refusal, accepted
from shopwright.testing.builders import (
    CLERK,
    NOON,
    Sold,
    a_cart,
    a_decision,
    a_product,
    a_tender,
    a_voucher,
    an_address,
    an_order,
    canceled,
    cash,
    delivered,
    paid,
    planned,
    shipped,
    sold,
)

TEN_OFF = Coupon("TEN", amounts=(Money(1_000, "EUR"),))
FIFTY, TEN = sold("LAMP", 1, 5_000), sold("BULB", 1, 1_000)


def edit(order: Order, *changes: Change, **facts: Any) -> EditPlan | Refusal:
    return plan_edit(order, changes, **{"by": CLERK, "at": NOON, **facts})


def edited(order: Order, *changes: Change, **facts: Any) -> Order:
    """The order once this is done."""
    return accepted(edit_planned(order, accepted(edit(order, *changes, **facts)))).order


def more(*goods: Sold, shipping: int = 0) -> Priced:
    """Goods that are added, priced by themselves."""
    products = tuple(a_product(it.sku, it.price, **dict(it.facts)) for it in goods)
    offer: Quote = accepted(price(a_cart(*goods), PriceFacts(products, None, FlatShipping("post", shipping)), at=NOON))
    return Priced(added=offer, claims=offer.stock_wanted())


def code(told: object) -> str:
    assert isinstance(told, Refusal), told
    return told.code


def test_fewer_units_are_called_off_at_their_frozen_share_and_the_rest_costs_what_it_did():
    """EDIT-1, vendure#4811: lines of 50 and 10 less 10; without the 50 the other still costs 8.33, and 41.67 goes back."""
    order = paid(an_order(FIFTY, TEN, coupon=TEN_OFF))
    plan = accepted(edit(order, ChangeQuantity(line_no=1, quantity=0)))

    assert (plan.owed_before, plan.owed_after, plan.delta, plan.goes_back, plan.money) == (5_000, 833, -4_167, 4_167, MoneyChange.REFUND)
    assert plan.lines == (EditedLine(line_no=1, sku="LAMP", title="Lamp", units_before=1, units_after=0, owed_before=4_167, owed_after=0),)
    assert [type(it) for it in plan.events] == [OrderEdited, UnitsCanceled, ClaimReduced, RefundGranted]


def test_a_plan_is_done_as_it_was_told_and_only_to_the_order_as_it_stood():
    """EDIT-3"""
    order = paid(an_order(sold("TEA", 3)))
    plan = accepted(edit(order, ChangeQuantity(line_no=1, quantity=2)))
    after = accepted(edit_planned(order, plan)).order

    assert after.event_count == order.event_count + len(plan.events)
    assert (after.owed, after.refund_outstanding) == (plan.owed_after, plan.goes_back)
    assert edit_planned(after, plan) == Refusal(
        "edit_plan_stale",
        f"order {order.number} has moved since this edit was planned; plan it again",
        {"order": order.number, "planned": order.event_count, "now": after.event_count},
    )


def test_more_units_are_a_line_of_their_own_at_the_price_of_the_day_and_change_no_other_line():
    """EDIT-2"""
    order = paid(an_order(FIFTY, coupon=TEN_OFF))
    changes = (ChangeQuantity(line_no=1, quantity=3), AddLine("BULB", 2))
    assert additions(order, changes) == (("LAMP", 2), ("BULB", 2))

    priced = more(sold("LAMP", 2, 6_000), sold("BULB", 2, 1_000))
    plan = accepted(edit(order, *changes, priced=priced))
    after = accepted(edit_planned(order, plan)).order

    assert after.lines[0] == order.lines[0]
    assert [(it.line_no, it.sku, it.quantity, it.total) for it in after.lines[1:]] == [(2, "LAMP", 2, 12_000), (3, "BULB", 2, 2_000)]
    assert (plan.delta, plan.to_pay, plan.money) == (14_000, 14_000, MoneyChange.PAY_MORE)
    assert dict(after.claim.items) == {"stock/LAMP": 3, "stock/BULB": 2, "coupon/TEN": 1}
    assert orders.plan_shipment(after, at=NOON) == Refusal(
        "order_unpaid", f"order {order.number} is owed 18000 and can count on 4000", {"owed": 18_000, "expected": 4_000, "currency": "EUR"}
    )


def test_tenders_that_come_with_an_edit_pay_what_is_missing_and_no_more():
    """EDIT-5"""
    order = paid(an_order(FIFTY))
    bulbs = more(sold("BULB", 1, 1_000))
    assert code(edit(order, AddLine("BULB"), priced=bulbs, tenders=(a_tender(1_001),))) == "tenders_above_owed"

    plan = accepted(edit(order, AddLine("BULB"), priced=bulbs, tenders=(a_tender(1_000),)))
    assert (plan.to_pay, plan.money) == (0, MoneyChange.NONE)
    after = paid(accepted(edit_planned(order, plan)).order)
    assert (after.paid, after.owed, after.secured) == (6_000, 6_000, True)


def test_tenders_that_nobody_was_asked_for_are_lowered_and_raised_with_what_is_owed():
    """EDIT-4, EDIT-5"""
    order = an_order(sold("TEA", 3))
    assert order.payments[0].tender.amount == 3_000
    less = edited(order, ChangeQuantity(line_no=1, quantity=1))
    assert [(it.id, it.state, it.tender.amount) for it in less.payments] == [
        ("p1", PaymentState.VOIDED, 3_000),
        ("p2", PaymentState.DUE, 1_000),
    ]
    raised = edited(less, AddLine("BULB"), priced=more(TEN))
    assert [(it.id, it.state, it.tender.amount) for it in raised.payments[2:]] == [("p3", PaymentState.DUE, 2_000)]
    at_the_door = edited(an_order(sold("TEA", 3), tenders=(cash(3_000),)), ChangeQuantity(line_no=1, quantity=2))
    assert (at_the_door.state, at_the_door.expected, at_the_door.owed) == (OrderState.CONFIRMED, 2_000, 2_000)


def test_what_was_promised_stays_promised_and_less_of_it_is_taken():
    """EDIT-4, medusa#14984"""
    order = paid(an_order(sold("TEA", 3), tenders=(a_tender(3_000, capture=False),), terms=Terms(capture=orders.CaptureWhen.ON_DISPATCH)))
    after = edited(order, ChangeQuantity(line_no=1, quantity=2))

    assert (after.payments[0].state, after.payments[0].open_authorization, after.refund_outstanding) == (PaymentState.AUTHORIZED, 3_000, 0)
    step = orders.next_step(shipped(after), at=NOON)
    assert step is not None
    assert (step.verb.value, step.amount, step.final) == ("capture", 2_000, True)


def test_the_address_changes_while_nothing_travels_to_the_old_one():
    """EDIT-6"""
    order, there = paid(an_order(sold("TEA", 2))), an_address("Bob Ray", city="Graz", country="AT")
    after = edited(order, ChangeAddress(there))
    assert (after.ship_to, after.owed) == (there, order.owed)
    assert code(edit(shipped(order), ChangeAddress(there))) == "edit_shipment_open"
    assert edited(planned(order), ChangeAddress(there)).ship_to == there
    assert edited(delivered(order), ChangeAddress(there)).ship_to == there


def test_units_that_are_set_aside_or_gone_are_not_called_off():
    order = planned(paid(an_order(sold("TEA", 3))), units=((1, 2),))
    assert code(edit(order, ChangeQuantity(line_no=1, quantity=1))) == "edit_units_left"
    assert edited(order, ChangeQuantity(line_no=1, quantity=2)).lines[0].buckets.canceled == 1


def test_an_edit_above_the_approval_rule_holds_a_confirmed_order_for_a_person():
    """EDIT-8"""
    terms = Terms(approval=ApprovalRule(max_total=6_000))
    order = paid(an_order(FIFTY, terms=terms))
    assert order.state is OrderState.CONFIRMED
    after = edited(order, AddLine("BULB", 2), priced=more(sold("BULB", 2, 1_000)), tenders=(a_tender(2_000),))
    assert [hold.id for hold in after.holds] == [HOLD_ID]
    assert edited(order, AddLine("BULB"), priced=more(TEN), tenders=(a_tender(1_000),)).holds == ()


def test_an_edit_that_secures_a_placed_order_confirms_it():
    order = an_order(sold("TEA", 2), tenders=(a_tender(1_000), a_tender(1_000, "other")))
    half = paid(order)
    assert half.state is OrderState.CONFIRMED
    one = evolve(order, payments=(half.payments[0], order.payments[1]))
    assert one.state is OrderState.PLACED
    after = edited(one, ChangeQuantity(line_no=1, quantity=1))
    assert (after.state, after.payments[1].state, after.owed) == (OrderState.CONFIRMED, PaymentState.VOIDED, 1_000)


REFUSED: tuple[tuple[str, Order, tuple[Change, ...], dict[str, Any]], ...] = (
    ("order_closed", canceled(an_order()), (ChangeQuantity(line_no=1, quantity=0),), {}),
    ("units_unknown", an_order(), (ChangeQuantity(line_no=9, quantity=1),), {}),
    ("edit_price_missing", an_order(), (AddLine("BULB"),), {}),
    ("edit_price_missing", an_order(), (ChangeQuantity(line_no=1, quantity=1),), {"priced": more(TEN)}),
    ("edit_changes_nothing", an_order(sold("TEA", 2)), (ChangeQuantity(line_no=1, quantity=2),), {}),
    ("edit_changes_nothing", an_order(), (ChangeAddress(an_address()),), {}),
    ("edit_leaves_nothing", an_order(sold("TEA", 2)), (ChangeQuantity(line_no=1, quantity=0),), {}),
    ("edit_not_shipped", paid(an_order()), (AddLine("FILE"),), {"priced": more(sold("FILE", 1, 500, ships=False))}),
    ("edit_not_open", shipped(paid(an_order())), (ChangeShipping(FlatShipping("express", 900)),), {}),
)


@pytest.mark.parametrize(("told", "order", "changes", "facts"), REFUSED)
def test_an_edit_that_cannot_be_is_refused(told: str, order: Order, changes: tuple[Change, ...], facts: dict[str, Any]):
    assert code(edit(order, *changes, **facts)) == told


def again(placed: orders.Decision, *changes: Change, coupon: Coupon | None = None) -> Quote | Refusal:
    frozen = frozen_price(placed.events)
    assert frozen is not None
    return priced_again(frozen, changes, coupon, at=NOON)


def test_another_way_of_shipping_changes_what_shipping_costs_and_nothing_else():
    """EDIT-7"""
    placed = a_decision(FIFTY, TEN, coupon=TEN_OFF, shipping=FlatShipping("post", 600), shipping_method="post")
    express = ChangeShipping(FlatShipping("express", 1_200))
    plan = accepted(edit(placed.order, express, priced=Priced(again=accepted(again(placed, express)))))
    after = accepted(edit_planned(placed.order, plan)).order

    assert (plan.shipping, plan.coupon, plan.delta) == (("post", "express"), None, 600)
    assert [(it.discount, it.shipping) for it in placed.order.lines] == [(833, 500), (167, 100)]
    assert [(it.discount, it.shipping) for it in after.lines] == [(833, 1_000), (167, 200)]
    assert (after.shipping_method, after.claim) == ("express", placed.order.claim)
    assert frozen_price((*placed.events, *plan.events)) == evolve(placed.events[0], lines=after.lines, trace=_trace(plan))


def _trace(plan: EditPlan) -> object:
    return next(it.trace for it in plan.events if isinstance(it, LinesRepriced))


def test_another_coupon_is_that_of_today_and_the_one_before_is_given_back():
    """EDIT-7"""
    placed = a_decision(FIFTY, TEN, coupon=TEN_OFF)
    fifth = Coupon("FIFTH", percent=2_000)
    change = ChangeCoupon("FIFTH")
    priced = Priced(again=accepted(again(placed, change, coupon=fifth)), coupon_claims=(("coupon/FIFTH", 1),), coupon_gone=("coupon/TEN",))
    plan = accepted(edit(placed.order, change, priced=priced))
    after = accepted(edit_planned(placed.order, plan)).order

    assert (plan.coupon, plan.delta, after.total.minor) == (("TEN", "FIFTH"), -200, 4_800)
    assert dict(after.claim.items) == {"stock/LAMP": 1, "stock/BULB": 1, "coupon/FIFTH": 1}
    assert accepted(again(placed, ChangeCoupon())).total == 6_000
    assert code(again(placed, ChangeCoupon("NONE"))) == "coupon_unknown"


def test_lines_that_were_added_keep_their_price_when_the_others_are_priced_again():
    """EDIT-2, EDIT-7"""
    placed = a_decision(FIFTY, shipping=FlatShipping("post", 600), shipping_method="post")
    order = edited(placed.order, AddLine("BULB"), priced=more(TEN))
    express = ChangeShipping(FlatShipping("express", 900))
    after = edited(order, express, priced=Priced(again=accepted(again(placed, express))))

    assert [(it.line_no, it.sku, it.shipping, it.total) for it in after.lines] == [(1, "LAMP", 900, 5_900), (2, "BULB", 0, 1_000)]
    assert after.lines[1] == order.lines[1]


def test_nothing_is_made_cheaper_than_what_is_being_taken_just_now():
    """EDIT-11"""
    promised = paid(an_order(sold("TEA", 3), tenders=(a_tender(3_000, capture=False),)))
    taking = accepted(orders.capture(promised, "p1", at=NOON)).order
    assert code(edit(taking, ChangeQuantity(line_no=1, quantity=2))) == "edit_capture_open"
    assert edited(taking, AddLine("BULB"), priced=more(TEN), tenders=(a_tender(1_000),)).owed == 4_000
    part = accepted(orders.capture(promised, "p1", amount=2_000, at=NOON)).order
    assert edited(part, ChangeQuantity(line_no=1, quantity=2)).owed == 2_000


def test_what_goes_back_pays_for_nothing_that_is_added_meanwhile():
    """EDIT-5 ORDER-24"""
    order = edited(paid(an_order(sold("TEA", 3))), ChangeQuantity(line_no=1, quantity=2))
    assert (order.refund_outstanding, order.kept, order.secured) == (1_000, 2_000, True)
    plan = accepted(edit(order, AddLine("BULB"), priced=more(TEN)))
    unpaid = accepted(edit_planned(order, plan)).order
    assert (plan.to_pay, plan.goes_back, unpaid.refund_outstanding, unpaid.secured) == (1_000, 0, 1_000, False)
    paid_for = edited(order, AddLine("BULB"), priced=more(TEN), tenders=(a_tender(1_000),))
    assert [it.tender.amount for it in paid_for.payments] == [3_000, 1_000]
    assert code(edit(order, AddLine("BULB"), priced=more(TEN), tenders=(a_tender(1_001),))) == "tenders_above_owed"
    assert edited(order, ChangeQuantity(line_no=1, quantity=1)).refund_outstanding == 2_000


def test_vouchers_and_what_the_shop_keeps_itself_are_not_raised():
    """EDIT-5"""
    for tender in (a_voucher(1_000), a_tender(1_000, "points", gateway="points")):
        plan = accepted(edit(an_order(sold("TEA", 1), tenders=(tender,)), AddLine("BULB"), priced=more(TEN), own=("points",)))
        assert (plan.to_pay, [type(it) for it in plan.events]) == (1_000, [OrderEdited, LinesAdded])


def test_an_order_that_a_person_let_pass_is_looked_at_again_when_it_grows():
    """EDIT-8"""
    order = paid(an_order(FIFTY, terms=Terms(approval=ApprovalRule(max_total=1_000))))
    confirmed = accepted(orders.confirm(order, by=CLERK, at=NOON)).order
    after = edited(confirmed, AddLine("BULB"), priced=more(TEN), tenders=(a_tender(1_000),))
    assert [hold.id for hold in after.holds] == [HOLD_ID]


def test_a_price_that_nobody_can_reckon_again_is_not_guessed():
    free = Promotion(id="free", effects=(ShippingOff(percent=10_000),))
    placed = a_decision(FIFTY, shipping=FlatShipping("post", 600), promotions=(free,))
    assert code(again(placed, ChangeShipping(FlatShipping("express", 900)))) == "edit_price_promoted"


def test_an_edit_of_an_order_in_review_leaves_it_there():
    order = paid(an_order(sold("TEA", 3), terms=Terms(approval=ApprovalRule(nobody=True))))
    assert edited(order, ChangeQuantity(line_no=1, quantity=2)).state is OrderState.IN_REVIEW
