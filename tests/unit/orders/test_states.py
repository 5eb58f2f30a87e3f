"""The order machine: which verb a state allows, and what is said where it does not."""

from __future__ import annotations

import pytest

from shopwright import orders
from shopwright.errors import IllegalTransition
from shopwright.orders import ApprovalRule, CancelReason, Order, OrderState, Terms
from shopwright.orders import events as e
from shopwright.orders.states import FINAL, TRANSITIONS, VERBS, allowed
from shopwright.testing.builders import ANN, CLERK, NOON, an_address, an_order, canceled, completed, delivered, paid

REVIEWED = Terms(approval=ApprovalRule(nobody=True))


def _in_review() -> Order:
    return paid(an_order(terms=REVIEWED))


def _sent_back() -> Order:
    return orders.send_back(_in_review(), note="which street?", by=CLERK, at=NOON).order


ORDERS = {
    OrderState.PLACED: an_order,
    OrderState.IN_REVIEW: _in_review,
    OrderState.SENT_BACK: _sent_back,
    OrderState.CONFIRMED: lambda: paid(an_order()),
    OrderState.COMPLETED: lambda: completed(an_order()),
    OrderState.CANCELED: lambda: canceled(an_order()),
}

ACTS = {
    "confirm": (e.OrderConfirmed, lambda order: orders.confirm(order, by=CLERK, at=NOON)),
    "send back": (e.OrderSentBack, lambda order: orders.send_back(order, note="why?", by=CLERK, at=NOON)),
    "correct": (e.OrderCorrected, lambda order: orders.correct(order, ship_to=an_address(), by=ANN, at=NOON)),
    "complete": (e.OrderCompleted, lambda order: orders.complete(order, by=CLERK, at=NOON)),
    "cancel": (e.OrderCanceled, lambda order: orders.cancel(order, reason=CancelReason.CUSTOMER, by=ANN, at=NOON)),
}
SAID = {
    OrderState.PLACED: "cancel, confirm, request review",
    OrderState.IN_REVIEW: "cancel, confirm, send back",
    OrderState.SENT_BACK: "cancel, correct",
    OrderState.CONFIRMED: "cancel, complete",
    OrderState.COMPLETED: "reopen",
    OrderState.CANCELED: "nothing, it is final",
}


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("verb", ACTS)
def test_a_verb_that_the_table_does_not_list_is_misuse_and_the_message_says_what_is_allowed(state: OrderState, verb: str) -> None:
    event, act = ACTS[verb]
    order = ORDERS[state]()
    assert order.state is state

    if event in TRANSITIONS[state]:
        act(order)
    else:
        with pytest.raises(IllegalTransition) as raised:
            act(order)
        assert str(raised.value) == f"cannot {verb} an order that is {state}; allowed: {SAID[state]}"
        assert raised.value.allowed == allowed(state)


@pytest.mark.parametrize("state", [state for state in OrderState if state is not OrderState.CONFIRMED])
def test_only_a_confirmed_order_is_shipped(state: OrderState) -> None:
    with pytest.raises(IllegalTransition) as raised:
        orders.plan_shipment(ORDERS[state](), at=NOON)

    assert str(raised.value) == f"cannot ship an order that is {state}; allowed: {SAID[state]}"


def test_every_event_of_the_table_has_a_verb_and_every_verb_an_event() -> None:
    assert {event for targets in TRANSITIONS.values() for event in targets} == set(VERBS)


def test_final_states_are_those_that_nothing_but_reopening_leads_out_of() -> None:
    assert {state for state in OrderState if not set(TRANSITIONS[state]) - {e.OrderReopened}} == FINAL


@pytest.mark.parametrize("state", OrderState)
def test_an_event_that_a_state_does_not_list_changes_nothing_but_the_count(state: OrderState) -> None:
    order = ORDERS[state]()
    steps = (
        e.ReviewRequested(reasons=("why",), at=NOON),
        e.OrderConfirmed(by=CLERK, rule="person", at=NOON),
        e.OrderSentBack(by=CLERK, note="why?", at=NOON),
        e.OrderCorrected(by=ANN, ship_to=an_address("Bob"), at=NOON),
        e.OrderCompleted(by=CLERK, at=NOON),
        e.OrderReopened(by=CLERK, at=NOON),
        e.OrderCanceled(reason=CancelReason.FRAUD, by=CLERK, at=NOON),
    )
    for step in steps:
        after = orders.evolve(order, step)
        if type(step) in TRANSITIONS[state]:
            assert after.state is TRANSITIONS[state][type(step)]
        else:
            assert (after.event_count, _but_count(after)) == (order.event_count + 1, _but_count(order))


def _but_count(order: Order) -> dict[str, object]:
    return {name: value for name, value in vars(order).items() if name != "event_count"}


def test_a_delivered_order_is_still_confirmed() -> None:
    assert delivered(paid(an_order())).state is OrderState.CONFIRMED
