"""More tenders for an order that is placed, and money given back by hand."""

from __future__ import annotations

import pytest

from shopwright import orders
from shopwright.errors import InvalidValue
from shopwright.members.actors import SYSTEM
from shopwright.orders import ApprovalRule, Hold, HoldReason, Order, OrderState, Terms, paying
from shopwright.orders import events as e
from shopwright.orders.refunds import by_hand
from shopwright.payments import events as p
from shopwright.payments.outcomes import ActionRequired, Advice, Declined, DeclineReason, InProgress, Redirect
from shopwright.payments.payment import Tender, planned
from shopwright.refusals import Refusal
from shopwright.testing.builders import ANN, CLERK, NOON, a_done, a_tender, a_voucher, an_order, canceled, cash, delivered, paid
from shopwright.testing.moves import HOUR

NO = Declined(DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD)
LATER, GO = InProgress("r", HOUR), ActionRequired("r", Redirect("https://pay.example"))


def answered(order: Order, outcome: object) -> Order:
    order = orders.start(order, "p1", at=NOON).order
    return paying.answer(order, order.payments[0], outcome, key=order.payments[0].key, at=NOON).order


def added(order: Order, *tenders: Tender, replaces: tuple[str, ...] = ()) -> orders.Decision | Refusal:
    return orders.retender(order, tenders, replaces=replaces, by=ANN, at=NOON)


def test_a_buyer_whose_card_was_declined_pays_by_another() -> None:
    """ORDER-15"""
    order = answered(an_order(), NO)
    decision = added(order, a_tender(4500, "other card"))

    assert decision.events == (e.PaymentAdded(payment=planned("p2", a_tender(4500, "other card")), by=ANN, at=NOON),)
    assert (paid(decision.order).state, decision.order.due_at) == (OrderState.CONFIRMED, order.due_at)


def test_a_tender_at_the_door_secures_the_order_at_once() -> None:
    decision = added(answered(an_order(), NO), cash(4500))

    assert [type(event).__name__ for event in decision.events] == ["PaymentAdded", "ClaimChanged", "OrderConfirmed"]


@pytest.mark.parametrize(
    ("order", "open_amount"), [(an_order(), 0), (paid(an_order()), 0), (canceled(an_order()), 0), (answered(an_order(), NO), 4500)]
)
def test_tenders_are_added_up_to_what_is_owed_and_not_in_prospect(order: Order, open_amount: int) -> None:
    """ORDER-15"""
    facts = {"open": open_amount, "tenders": open_amount + 1, "currency": "EUR"}

    assert added(order, a_tender(open_amount + 1)) == Refusal(
        "tenders_above_owed", f"the tenders add up to {open_amount + 1}; {open_amount} is open", facts
    )


def test_what_came_short_can_be_made_up_for() -> None:
    order = orders.record(an_order(tenders=(a_voucher(4500),)), "p1", 4000, at=NOON).order

    assert paid(added(order, a_tender(500)).order).state is OrderState.CONFIRMED


def test_a_payment_that_was_never_asked_for_is_replaced_at_once() -> None:
    decision = added(an_order(), a_tender(4000), a_voucher(500), replaces=("p1",))

    assert decision.events[0] == p.PaymentVoided(payment_id="p1", key="", amount=0, at=NOON)
    assert [it.state for it in decision.order.payments] == ["voided", "due", "due"]


def test_a_page_that_the_buyer_left_is_closed_at_its_gateway() -> None:
    order = answered(an_order(), GO)
    decision = added(order, a_tender(4500), replaces=("p1",))
    attempt = p.PaymentAttempted(payment_id="p1", key=f"{order.id}_2", verb=p.PaymentVerb.VOID, amount=4500, at=NOON)

    assert decision.events[0] == attempt
    assert decision.order.payments[0].attempts[0].key == f"{order.id}_2"


def test_two_payments_for_the_same_money_leave_a_surplus_that_can_go_back() -> None:
    order = added(answered(an_order(), GO), a_tender(4500), replaces=("p1",)).order
    (voiding,) = order.payments[0].attempts
    late = orders.answer(order, order.payments[0], a_done(order.payments[0], authorized=4500, captured=4500), key=voiding.key, at=NOON).order
    both = paid(late)

    assert (both.paid, both.surplus) == (9000, 4500)
    refund = orders.refund(both, 4500, reason="paid twice", by=CLERK, at=NOON).order
    assert (refund.allowances, refund.owed) == (0, 4500)


@pytest.mark.parametrize("outcome", [None, LATER], ids=["captured", "asked"])
def test_a_payment_that_moves_money_cannot_be_replaced(outcome: object) -> None:
    order = paid(an_order()) if outcome is None else answered(an_order(), outcome)
    state = order.payments[0].state

    assert added(order, a_tender(1), replaces=("p1",)) == Refusal("payment_in_use", f"payment p1 is {state}", {"payment": "p1", "state": state.value})


def test_a_payment_that_is_not_there_cannot_be_replaced() -> None:
    assert added(an_order(), a_tender(1), replaces=("p9",)).code == "payment_unknown"


def test_a_payment_that_came_to_nothing_is_replaced_without_a_word() -> None:
    order = answered(an_order(), NO)

    assert [type(event).__name__ for event in added(order, a_tender(4500), replaces=("p1",)).events] == ["PaymentAdded"]


@pytest.mark.parametrize("tenders", [(), (a_tender(0),), (a_tender(1),) * 99])
def test_no_tender_one_of_nothing_and_too_many_are_misuse(tenders: tuple[Tender, ...]) -> None:
    with pytest.raises(InvalidValue, match=rf"^expected tenders above zero, 99 of an order at most; got {len(tenders)} for 1 payments$"):
        added(answered(an_order(), NO), *tenders)


@pytest.mark.parametrize(("rule", "holds"), [(ApprovalRule(), 0), (ApprovalRule(on_delivery=False), 1)])
def test_a_confirmed_order_that_changes_to_cash_is_held_where_the_rule_wants_a_person_to_look(rule: ApprovalRule, holds: int) -> None:
    """ORDER-6"""
    order = paid(an_order(tenders=(a_tender(4500, capture=False),), terms=Terms(approval=rule)))
    lapsed = orders.evolve(order, p.PaymentVoided(payment_id="p1", key="", amount=4500, at=NOON))
    after = added(lapsed, cash(4500)).order

    assert after.holds == (Hold(id="paid_on_delivery", reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=NOON),) * holds
    gone = orders.evolve(after, p.PaymentVoided(payment_id="p2", key="", amount=0, at=NOON))
    assert len(added(gone, cash(4500)).order.holds) == holds
    assert added(lapsed, a_tender(4500)).order.holds == ()


def test_money_given_back_by_hand_is_taken_from_what_was_granted() -> None:
    order = canceled(paid(an_order(tenders=(a_voucher(4500),))))
    decision = orders.repay(order, "p1", 4000, reference="new voucher", by=CLERK, at=NOON)

    assert (by_hand(order), by_hand(canceled(paid(an_order())))) == (True, False)
    assert decision.events == (p.PaymentRefunded(payment_id="p1", key="", amount=4000, at=NOON, by_hand=True, reference="new voucher"),)
    assert (decision.order.refund_outstanding, decision.order.payments[0].refunded_by_hand) == (500, 4000)


def test_money_given_back_by_hand_that_nobody_granted_is_granted_with_it() -> None:
    """ORDER-11"""
    order = delivered(paid(an_order()))
    decision = orders.repay(order, "p1", 700, by=CLERK, at=NOON)

    assert decision.events[1] == e.RefundGranted(amount=700, allowance=700, reason="repaid", by=CLERK, at=NOON)
    assert (decision.order.owed, orders.next_step(decision.order, at=NOON)) == (3800, None)


def test_no_more_is_given_back_by_hand_than_came() -> None:
    """PAY-1"""
    order = paid(an_order())

    assert orders.repay(order, "p1", 4501, by=CLERK, at=NOON) == Refusal(
        "refund_above_paid", "4501 is more than the 4500 that can go back", {"wanted": 4501, "refundable": 4500, "currency": "EUR"}
    )


@pytest.mark.parametrize("amount", [0, -1, 1.5, True])
def test_what_goes_back_is_a_whole_number_above_zero(amount: object) -> None:
    order = paid(an_order())
    for act in (lambda: orders.refund(order, amount, reason="r", by=CLERK, at=NOON), lambda: orders.repay(order, "p1", amount, by=CLERK, at=NOON)):
        with pytest.raises(InvalidValue, match=r"^a refund is 1 or more minor units; got"):
            act()


def test_what_is_granted_already_cannot_be_granted_again() -> None:
    """PAY-1"""
    order = orders.refund(paid(an_order()), 4000, reason="r", by=CLERK, at=NOON).order

    assert orders.refund(order, 501, reason="r", by=CLERK, at=NOON) == Refusal(
        "refund_above_paid", "501 is more than the 500 that can go back", {"wanted": 501, "refundable": 500, "currency": "EUR"}
    )
