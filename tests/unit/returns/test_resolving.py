"""The end of a case: what is done about each unit, on the case and on its order in one decision."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from shopwright import orders
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.inventory.plans import Standing, Strategy
from shopwright.orders import Order
from shopwright.orders import events as o
from shopwright.orders.editing import Priced
from shopwright.orders.lines import Bucket, Buckets
from shopwright.orders.sourcing import Sourcing
from shopwright.orders.states import OrderState
from shopwright.pricing.facts import PriceFacts
from shopwright.pricing.quote import price
from shopwright.refusals import Refusal, accepted
from shopwright.returns import events as e
from shopwright.returns.case import Case, CaseKind
from shopwright.returns.receiving import inspect, miss, receive, send
from shopwright.returns.resolving import Resolved, due, end_quarantine, resolve
from shopwright.returns.states import CaseState
from shopwright.returns.words import Condition, Disposition, Finding, Granted, Outcome, Resolution, Why
from shopwright.testing.builders import (
    ANN,
    CLERK,
    NOON,
    a_cart,
    a_product,
    a_tender,
    an_order,
    completed,
    delivered,
    paid,
    shipped,
    sold,
)
from tests.unit.returns.cases import a_wish, applied, approved, come, grounds, inspected, received, terms

TEA, CUP = "stock/TEA", "stock/CUP"
ASIDE = Finding(no=1, units=1, condition=Condition.ACCEPTED, disposition=Disposition.QUARANTINE)
USED = Finding(no=1, units=1, condition=Condition.USED, disposition=Disposition.SEND_BACK)
SOLD = Finding(no=1, units=1, condition=Condition.ACCEPTED, disposition=Disposition.RESTOCK)


def _resolve(case: Case, order: Order, *outcomes: Outcome) -> Resolved | Refusal:
    return resolve(case, order, outcomes, by=CLERK, at=NOON)


def _done(case: Case, order: Order, *outcomes: Outcome) -> Resolved:
    return accepted(_resolve(case, order, *outcomes))


def _outcome(units: int = 1, resolution: Resolution = Resolution.REFUND, **facts: Any) -> Outcome:
    return Outcome(**{"no": 1, "units": units, "resolution": resolution, **facts})


def _no(case: Case, order: Order, *outcomes: Outcome) -> tuple[str, dict[str, object]]:
    refused = _resolve(case, order, *outcomes)
    assert isinstance(refused, Refusal)
    return refused.code, dict(refused.facts)


def test_goods_that_came_back_as_they_were_sold_are_for_sale_again_and_their_money_goes_back() -> None:
    """RETURN-8, RETURN-9, RETURN-10."""
    order = come()

    done = _done(inspected(order, a_wish(units=2)), order)

    assert done.case.events == (e.CaseResolved(outcomes=(_outcome(2),), by=CLERK, at=NOON),)
    assert [type(event) for event in done.order.events] == [o.UnitsReturned, o.UnitsSettled, o.RefundGranted]
    assert (done.order.order.refund_granted, done.order.order.surplus) == (2_000, 0)
    assert done.order.order.claim.items == ((CUP, 1),)
    assert (done.case.case.state, done.case.case.kind, done.case.case.open) == (CaseState.RESOLVED, CaseKind.RETURN, False)


def test_what_was_found_otherwise_gets_nothing_and_stays_the_customers() -> None:
    """RETURN-8, RETURN-9."""
    order = come()

    done = _done(inspected(order, a_wish(units=2), findings=(SOLD, USED)), order)

    assert done.case.case.lines[0].outcomes == (_outcome(1), _outcome(1, Resolution.REJECT))
    assert done.order.order.lines[0].buckets == Buckets(delivered=1, returned=1)
    assert done.order.order.refund_granted == 1_000


def test_goods_that_are_damaged_as_the_customer_said_get_what_was_granted() -> None:
    order = come()
    broken = Finding(no=1, units=1, condition=Condition.DAMAGED, disposition=Disposition.WRITE_OFF)

    done = _done(inspected(order, a_wish(why=Why.DAMAGED), findings=(broken,)), order)

    assert done.case.case.lines[0].outcomes == (_outcome(),)
    assert dict(done.order.order.claim.items) == {TEA: 2, CUP: 1}


def test_the_fee_that_is_frozen_on_the_case_is_kept_of_the_money() -> None:
    """RETURN-10."""
    order = come()

    done = _done(inspected(order, a_wish(units=2), on=grounds(terms(fee=1_000))), order)

    assert done.order.order.refund_granted == 1_800


def test_nobody_pays_a_fee_for_what_is_the_shops_to_answer_for() -> None:
    order = come()
    wishes = (a_wish(), a_wish(why=Why.DEFECTIVE))

    done = _done(inspected(order, *wishes, on=grounds(terms(fee=1_000))), order)

    assert [event.amount for event in done.order.events if isinstance(event, o.RefundGranted)] == [900, 1_000]


def test_nothing_is_done_about_units_that_have_not_come() -> None:
    """RETURN-2: of two that were to come back one did (spree PR#14678)."""
    order = come()
    half = accepted(receive(approved(order, a_wish(units=2)), ((1, 1),), by=CLERK, at=NOON)).case
    case = accepted(inspect(half, by=CLERK, at=NOON)).case

    done = _done(case, order)

    assert done.case.case.lines[0].outcomes == (_outcome(1),)
    assert done.order.order.refund_granted == 1_000
    assert _no(case, order, _outcome(2)) == ("case_units_above", {"no": 1, "wanted": 2, "left": 1})


@pytest.mark.parametrize(("shop_pays", "granted"), [(True, 1_000), (False, 0)])
def test_units_that_are_lost_on_the_way_back_are_lost_to_who_pays_it_and_nobody_owes_a_fee_for_them(shop_pays: bool, granted: int) -> None:
    """RETURN-2, RETURN-10"""
    order = come()
    sent = accepted(send(approved(order, on=grounds(terms(fee=1_000, shop_pays_return=shop_pays))), by=ANN, at=NOON)).case

    done = _done(miss(sent, by=CLERK, at=NOON).case, order)

    assert done.order.order.refund_granted == granted
    assert dict(done.order.order.claim.items) == {TEA: 2, CUP: 1}


def test_a_case_is_not_resolved_before_its_goods_came_and_were_looked_at() -> None:
    """RETURN-2."""
    order = come()
    waiting = approved(order)
    half = accepted(receive(waiting, by=CLERK, at=NOON)).case

    assert _no(waiting, order) == ("case_goods_awaited", {"case": waiting.number, "received": 0, "inspected": 0})
    with pytest.raises(IllegalTransition, match=r"^cannot resolve a case that is received; allowed: inspect, receive$"):
        _resolve(half, order)


def test_of_what_came_all_is_looked_at_before_a_case_is_resolved() -> None:
    order = come()
    case = accepted(inspect(received(order, a_wish(units=2)), (SOLD,), by=CLERK, at=NOON)).case

    assert _no(case, order)[0] == "case_goods_awaited"


def test_a_case_is_resolved_on_its_own_order_alone() -> None:
    order = come()

    assert _no(inspected(order), evolve(order, id="other", number="other-1"))[0] == "case_not_of_order"


def test_staff_may_decide_otherwise_for_each_unit() -> None:
    order = come()
    case = inspected(order, a_wish(units=2))

    done = _done(case, order, _outcome(1), _outcome(1, Resolution.PARTIAL_REFUND, amount=300))

    assert done.order.order.lines[0].buckets == Buckets(delivered=1, returned=1)
    assert done.order.order.refund_granted == 1_300
    assert done.case.case.claimed() == {1: 1}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (_outcome(2), ("case_units_above", {"no": 1, "wanted": 2, "left": 1})),
        (_outcome(1, no=4), ("case_line_unknown", {"no": 4, "lines": 1})),
        (_outcome(1, Resolution.EXCHANGE, sku="MUG"), ("case_exchange_unready", {"skus": "MUG"})),
        (_outcome(1, Resolution.PARTIAL_REFUND, amount=9_000), ("refund_above_paid", {"wanted": 9_000, "refundable": 4_500, "currency": "EUR"})),
    ],
)
def test_what_staff_decide_is_held_to_what_there_is(outcome: Outcome, said: tuple[str, dict[str, object]]) -> None:
    """RETURN-1."""
    order = come()

    assert _no(inspected(order), order, outcome) == said


def test_a_claim_gives_money_for_goods_that_stay() -> None:
    order = come()
    granted = (Granted(no=1, resolution=Resolution.REFUND, goods_back=False),)

    done = _done(approved(order, a_wish(why=Why.DAMAGED), granted=granted), order)

    assert [type(event) for event in done.order.events] == [o.UnitsSettled, o.RefundGranted]
    assert done.order.order.lines[0].buckets == Buckets(delivered=2)
    assert (done.case.case.kind, done.case.case.claimed()) == (CaseKind.CLAIM, {1: 1})


def test_units_are_given_back_once_whichever_case_asks_for_them() -> None:
    """RETURN-5."""
    order = come()
    granted = (Granted(no=1, resolution=Resolution.REFUND, goods_back=False),)
    done = _done(approved(order, a_wish(units=2, why=Why.DAMAGED), granted=granted), order)

    assert _no(inspected(order, a_wish(units=1)), done.order.order)[0] == "units_not_left"


def test_lost_goods_go_out_again_at_no_charge() -> None:
    """RETURN-11."""
    order = shipped(paid(an_order()))
    lost = accepted(orders.lose(order, order.shipments[0].id, at=NOON)).order

    done = _done(approved(lost, a_wish(units=2, why=Why.LOST, resolution=Resolution.REPLACE)), lost)

    assert done.order.events == (o.UnitsReopened(units=((1, 2),), source=Bucket.LOST, items=((CUP, 1), (TEA, 4)), at=NOON),)
    assert (done.case.case.kind, done.case.case.claimed()) == (CaseKind.RESHIP, {})


def test_goods_that_came_back_are_replaced_on_the_order_which_is_reopened() -> None:
    """RETURN-9, RETURN-11."""
    order = completed(an_order())

    done = _done(inspected(order, a_wish(why=Why.DEFECTIVE, resolution=Resolution.REPLACE)), order)

    assert [type(event) for event in done.order.events] == [o.UnitsReturned, o.OrderReopened, o.UnitsReopened]
    assert done.order.order.lines[0].buckets == Buckets(open=1, delivered=1)
    assert (dict(done.order.order.claim.items), done.order.order.surplus) == ({TEA: 2, CUP: 1}, 0)


def test_missing_goods_that_are_replaced_go_out_from_where_they_were_counted() -> None:
    order = come()

    done = _done(approved(order, a_wish(why=Why.MISSING, resolution=Resolution.REPLACE)), order)

    assert done.order.order.lines[0].buckets == Buckets(open=1, delivered=1)


def test_store_credit_is_planned_like_a_refund_and_told() -> None:
    order = come()
    wish = a_wish(units=2, resolution=Resolution.STORE_CREDIT)

    done = _done(inspected(order, wish, on=grounds(terms(fee=500))), order)

    assert (done.credit, done.points, done.order.order.refund_granted) == (1_900, 0, 1_900)


def _priced(sku: str, units: int, price_of_one: int) -> Priced:
    """Other goods, priced by themselves."""
    goods = sold(sku, units, price_of_one)
    offer = accepted(price(a_cart(goods), PriceFacts((a_product(sku, price_of_one),)), at=NOON))
    return Priced(added=offer, claims=offer.stock_wanted())


def _exchange(order: Order, price_of_one: int, *, units: int = 1) -> Resolved:
    case = inspected(order, a_wish(units=units, resolution=Resolution.EXCHANGE, sku="MUG"))
    return accepted(resolve(case, order, exchanged=_priced("MUG", units, price_of_one), by=CLERK, at=NOON))


def test_cheaper_goods_are_paid_by_what_came_back_and_the_difference_goes_back() -> None:
    """RETURN-12"""
    order = come(sold("TEA", 2, 1_000))
    done = _exchange(order, 700).order
    assert [(line.sku, line.quantity, line.buckets.open, line.buckets.returned) for line in done.order.lines] == [("TEA", 2, 0, 1), ("MUG", 1, 1, 0)]
    assert (done.order.owed, done.order.refund_outstanding, done.order.secured, done.order.surplus) == (1_700, 300, True, 0)
    assert dict(done.order.claim.items) == {"stock/TEA": 1, "stock/MUG": 1}


def test_dearer_goods_wait_until_the_difference_is_paid() -> None:
    """RETURN-12"""
    order = come(sold("TEA", 2, 1_000))
    done = _exchange(order, 2_500, units=2).order
    assert (done.order.owed, done.order.paid, done.order.refund_outstanding, done.order.secured) == (5_000, 2_000, 0, False)
    after = paid(accepted(orders.retender(done.order, (a_tender(3_000),), by=ANN, at=NOON)).order)
    assert (after.secured, after.surplus) == (True, 0)
    assert orders.complete(delivered(after), by=CLERK, at=NOON).order.state is OrderState.COMPLETED  # type: ignore[union-attr]


def test_an_order_that_was_complete_is_reopened_for_what_goes_out_in_exchange() -> None:
    order = completed(an_order(sold("TEA", 2, 1_000)))
    done = _exchange(order, 1_000)
    assert (done.order.order.state, done.order.order.refund_outstanding, done.order.order.secured) == (OrderState.CONFIRMED, 0, True)
    assert [it.amount for it in done.plans] == [0]


def test_points_are_told_and_change_nothing_on_the_order() -> None:
    order = come()
    granted = (Granted(no=1, resolution=Resolution.POINTS, goods_back=False, amount=200),)

    done = _done(approved(order, granted=granted), order)

    assert (done.points, done.credit, done.order.events) == (200, 0, ())


def test_what_is_repaired_stays_the_customers_and_may_be_asked_for_anew() -> None:
    order = come()

    done = _done(inspected(order, a_wish(why=Why.DEFECTIVE, resolution=Resolution.REPAIR)), order)

    assert (done.order.events, done.case.case.claimed()) == ((), {})


def test_a_line_that_was_rejected_gets_nothing() -> None:
    order = come()
    granted = (Granted(no=1, resolution=Resolution.REJECT, goods_back=False),)

    done = _done(approved(order, granted=granted), order)

    assert (done.case.case.lines[0].outcomes, done.order.events) == ((_outcome(1, Resolution.REJECT),), ())


def test_nothing_is_due_for_a_line_that_nothing_was_granted_for() -> None:
    assert due(applied(come()).lines[0]) == ()


def test_units_that_were_kept_aside_are_for_sale_once_somebody_says_so() -> None:
    """RETURN-9."""
    order = come()
    done = _done(inspected(order, a_wish(units=1), findings=(ASIDE,)), order)
    assert dict(done.order.order.claim.items) == {TEA: 2, CUP: 1}

    ended = accepted(end_quarantine(done.case.case, done.order.order, restocked=True, by=CLERK, at=NOON))

    assert ended.case.events == (e.QuarantineEnded(units=((1, 1),), restocked=True, by=CLERK, at=NOON),)
    assert ended.order.events == (o.ClaimReduced(items=((CUP, 1), (TEA, 1)), at=NOON),)
    assert ended.case.case.lines[0].quarantined == 0


def test_units_that_were_kept_aside_may_be_written_off() -> None:
    order = come()
    done = _done(inspected(order, findings=(ASIDE,)), order)

    ended = accepted(end_quarantine(done.case.case, done.order.order, ((1, 1),), restocked=False, by=CLERK, at=NOON))

    assert (ended.order.events, ended.case.case.lines[0].quarantined) == ((), 0)


def test_goods_that_were_rejected_are_not_kept_aside() -> None:
    order = come()

    done = _done(inspected(order, findings=(ASIDE,)), order, _outcome(1, Resolution.REJECT))

    assert done.case.case.lines[0].quarantined == 0
    with pytest.raises(InvalidValue, match="that is kept aside; got"):
        end_quarantine(done.case.case, order, restocked=True, by=CLERK, at=NOON)


@pytest.mark.parametrize(("units", "code"), [(((1, 2),), "case_units_above"), (((3, 1),), "case_line_unknown")])
def test_no_more_leaves_quarantine_than_is_in_it(units: tuple[tuple[int, int], ...], code: str) -> None:
    """RETURN-1."""
    order = come()
    done = _done(inspected(order, findings=(ASIDE,)), order)

    refused = end_quarantine(done.case.case, done.order.order, units, restocked=True, by=CLERK, at=NOON)

    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_quarantine_is_ended_on_the_order_of_the_case_alone() -> None:
    order = come()
    done = _done(inspected(order, findings=(ASIDE,)), order)

    refused = end_quarantine(done.case.case, evolve(order, id="other"), restocked=True, by=CLERK, at=NOON)

    assert isinstance(refused, Refusal)
    assert refused.code == "case_not_of_order"


def test_a_plan_of_places_has_no_units_for_goods_that_go_out_once_more() -> None:
    order = come()
    plan = Sourcing(zone="de", strategy=Strategy.FEWEST_PARCELS, parts=(), standing=Standing(cost=0, parcels=1, distance=0), proved=True)
    sourced = evolve(order, sourcing=plan)

    assert _no(approved(order, a_wish(why=Why.MISSING, resolution=Resolution.REPLACE)), sourced)[0] == "units_sourced"
