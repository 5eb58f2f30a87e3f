"""Review and holds: who is looked at, what a person may say, and what keeps an order from shipping."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shopwright import orders
from shopwright.errors import InvalidValue
from shopwright.members.actors import SYSTEM
from shopwright.orders import ApprovalRule, Decision, Hold, HoldReason, Order, OrderState, Standing, Terms, standing, standings
from shopwright.orders import events as e
from shopwright.orders.excepting import note
from shopwright.orders.reviewing import lift_expired, review_reasons
from shopwright.refusals import Refusal
from shopwright.testing.builders import (
    ANN,
    CLERK,
    NOON,
    a_voucher,
    an_address,
    an_order,
    canceled,
    completed,
    delivered,
    paid,
    planned,
    shipped,
    sold,
)

HOUR = timedelta(hours=1)


def a_hold(id: str = "h1", **facts: object) -> Hold:
    return Hold(**{"id": id, "reason": HoldReason.ADDRESS_WRONG, "by": CLERK, "at": NOON, **facts})


@pytest.mark.parametrize(
    ("rule", "reasons"),
    [
        (ApprovalRule(), ()),
        (ApprovalRule(max_total=4500, max_quantity=3), ()),
        (ApprovalRule(max_total=4499), ("total_above_limit",)),
        (ApprovalRule(max_quantity=2), ("quantity_above_limit",)),
        (ApprovalRule(on_delivery=False), ("paid_on_delivery",)),
        (ApprovalRule(nobody=True, max_total=0), ("every_order", "total_above_limit")),
    ],
)
def test_a_person_looks_at_an_order_that_exceeds_a_limit_of_the_approval_rule(rule: ApprovalRule, reasons: tuple[str, ...]) -> None:
    """ORDER-6"""
    order = an_order(on_delivery=True, terms=Terms(approval=rule))

    assert (review_reasons(order), order.review_reasons, order.state) == (reasons, reasons, OrderState.IN_REVIEW if reasons else OrderState.CONFIRMED)


def test_an_order_that_is_not_secured_goes_nowhere_by_itself() -> None:
    order = an_order()

    assert orders.advance(order, at=NOON) == Decision(order)
    assert orders.confirm(order, by=CLERK, at=NOON) == Refusal(
        "order_unpaid", f"order {order.number} is owed 4500 and can count on 0", {"owed": 4500, "expected": 0, "currency": "EUR"}
    )


@pytest.mark.parametrize(("came", "state"), [(4500, "confirmed"), (4498, "confirmed"), (4497, "placed")])
def test_an_order_that_lacks_no_more_than_its_terms_tolerate_is_secured(came: int, state: str) -> None:
    """ORDER-7"""
    order = orders.record(an_order(terms=Terms(tolerance=2), tenders=(a_voucher(4500),)), "p1", came, at=NOON).order

    assert (order.secured, order.state) == (state == "confirmed", state)


def test_a_person_confirms_an_order_that_was_paid_and_goods_that_do_not_travel_are_handed_over() -> None:
    """ORDER-13"""
    order = paid(an_order(sold("TEA"), sold("SONG", ships=False), terms=Terms(approval=ApprovalRule(nobody=True))))
    outcome = orders.confirm(order, by=CLERK, at=NOON + HOUR)

    assert outcome.events == (
        e.OrderConfirmed(by=CLERK, rule="person", at=NOON + HOUR),
        e.UnitsHandedOver(units=((2, 1),), at=NOON + HOUR),
    )
    assert (outcome.order.confirmed_at, outcome.order.delivered_at) == (NOON + HOUR, NOON + HOUR)


def test_an_order_that_holds_its_goods_still_uses_them_when_a_person_confirms_it() -> None:
    short = orders.record(an_order(tenders=(a_voucher(4500),)), "p1", 4400, at=NOON).order
    forgiven = orders.evolve(short, e.RefundGranted(amount=0, allowance=100, reason="a gift", by=CLERK, at=NOON))

    assert [type(event) for event in orders.confirm(forgiven, by=CLERK, at=NOON).events] == [e.ClaimChanged, e.OrderConfirmed]


def test_an_order_that_was_sent_back_returns_to_review_with_the_corrected_address() -> None:
    order = paid(an_order(terms=Terms(approval=ApprovalRule(nobody=True))))
    back = orders.send_back(order, note="which street?", by=CLERK, at=NOON).order
    again = orders.correct(back, ship_to=an_address(city="Bremen"), by=ANN, at=NOON).order

    assert (back.state, again.state, again.ship_to.city) == (OrderState.SENT_BACK, OrderState.IN_REVIEW, "Bremen")


def test_a_note_to_the_customer_says_something() -> None:
    order = paid(an_order(terms=Terms(approval=ApprovalRule(nobody=True))))
    with pytest.raises(InvalidValue, match=r"OrderSentBack\.note must have 1 to 1000 characters, got 0"):
        orders.send_back(order, note="", by=CLERK, at=NOON)


def test_holds_stand_beside_each_other_and_each_is_lifted_by_itself() -> None:
    order = orders.hold(paid(an_order()), a_hold("h1"), at=NOON).order
    order = orders.hold(order, a_hold("h2", reason=HoldReason.STOCK, expires_at=NOON + HOUR), at=NOON).order
    one = orders.lift(order, "h1", by=CLERK, at=NOON).order

    assert ([hold.id for hold in order.holds], [hold.id for hold in one.holds]) == (["h1", "h2"], ["h2"])


def test_a_hold_of_the_same_name_is_refused() -> None:
    order = orders.hold(an_order(), a_hold(), at=NOON).order

    assert orders.hold(order, a_hold(), at=NOON) == Refusal("order_hold_exists", f"order {order.number} has a hold 'h1' already", {"hold": "h1"})


@pytest.mark.parametrize("end", [completed, canceled], ids=["completed", "canceled"])
def test_a_closed_order_takes_no_hold(end: Callable[[Order], Order]) -> None:
    order = end(an_order())

    assert orders.hold(order, a_hold(), at=NOON) == Refusal("order_closed", f"order {order.number} is {order.state}", {"state": order.state.value})


def test_a_hold_that_nobody_placed_cannot_be_lifted() -> None:
    order = an_order()

    assert orders.lift(order, "h1", by=CLERK, at=NOON) == Refusal("order_hold_unknown", f"order {order.number} has no hold 'h1'", {"hold": "h1"})


def test_a_hold_ends_after_it_begins() -> None:
    with pytest.raises(InvalidValue, match="a hold must expire after it is placed"):
        orders.hold(an_order(), a_hold(expires_at=NOON), at=NOON)


def test_a_hold_that_has_expired_holds_no_more_and_the_sweep_lifts_it() -> None:
    order = orders.hold(paid(an_order()), a_hold(expires_at=NOON + HOUR), at=NOON).order

    assert (len(order.held(NOON)), order.held(NOON + HOUR)) == (1, ())
    assert orders.plan_shipment(order, at=NOON).code == "order_held"
    assert isinstance(orders.plan_shipment(order, at=NOON + HOUR), Decision)
    assert (standing(order), standing(order, at=NOON + HOUR)) == (Standing.ON_HOLD, Standing.READY_TO_SHIP)
    assert [standings(order, at=at).order for at in (NOON, NOON + HOUR)] == [Standing.ON_HOLD, Standing.READY_TO_SHIP]
    assert lift_expired(order, at=NOON).events == ()
    assert lift_expired(order, at=NOON + HOUR).events == (e.HoldLifted(hold_id="h1", by=SYSTEM, at=NOON + HOUR),)


@pytest.mark.parametrize("prepare", [planned, shipped, delivered], ids=["planned", "shipped", "delivered"])
def test_a_hold_keeps_what_is_here_from_leaving_and_says_nothing_of_what_has_left(prepare: Callable[[Order], Order]) -> None:
    """ORDER-14"""
    order = orders.hold(prepare(paid(an_order())), a_hold(), at=NOON).order

    assert (standing(order) is Standing.ON_HOLD) == (prepare is planned)


def test_a_held_order_hands_nothing_over() -> None:
    """ORDER-14"""
    order = orders.hold(planned(paid(an_order())), a_hold(), at=NOON).order
    refusal = Refusal("order_held", f"order {order.number} is held: address_wrong", {"reasons": "address_wrong"})

    assert (orders.dispatch(order, "s1", at=NOON), orders.plan_shipment(order, at=NOON)) == (refusal, refusal)


def test_a_held_order_does_not_complete_by_itself() -> None:
    """ORDER-5"""
    order = delivered(paid(an_order()))

    assert orders.complete_due_at(order) == NOON + timedelta(days=7)
    assert orders.complete_due_at(orders.hold(order, a_hold(), at=NOON).order) is None


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"id": ""}, r"Hold\.id must have 1 to 200 characters"),
        ({"reason": "rain"}, r"Hold\.reason must be HoldReason, got str"),
        ({"by": "clerk"}, r"Hold\.by must be Actor, got str"),
        ({"expires_at": NOON.replace(tzinfo=None)}, r"Hold\.expires_at must be a datetime with a time zone"),
        ({"note": "x" * 1001}, r"Hold\.note must have 0 to 1000 characters"),
    ],
)
def test_a_hold_checks_what_it_is_told(facts: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        a_hold(**facts)


def test_an_exception_is_noted_by_code_and_changes_nothing_else() -> None:
    order = an_order()
    after = note(order, "odd_date", (("days", 3),), at=NOON).order

    assert [(it.code, it.facts, it.at) for it in after.exceptions] == [("odd_date", (("days", 3),), NOON)]
    assert standing(after) == standing(order)
