"""The payment machine: its events are used, and money may always still arrive."""

from __future__ import annotations

from typing import get_args

from shopwright.payments import events as e
from shopwright.payments.states import AWAITED, SETTLED, TRANSITIONS, WAITING, PaymentState


def test_every_event_is_in_the_table_or_moves_amounts_and_questions_alone() -> None:
    moving = {event for targets in TRANSITIONS.values() for event in targets}

    assert set(get_args(e.PaymentEvent)) - moving == {
        e.AttemptFailed,
        e.AttemptClosed,
        e.PaymentRefundPending,
        e.PaymentRefunded,
        e.PaymentRefundFailed,
        e.PaymentReviewTold,
        e.RiskAssessed,
        e.DisputeTold,
    }


def test_no_state_is_final_for_money_may_still_arrive_or_be_taken_back() -> None:
    assert [state for state in PaymentState if not TRANSITIONS[state]] == []


def test_a_payment_is_awaited_or_settled_or_promised() -> None:
    assert AWAITED | SETTLED | {PaymentState.AUTHORIZED} == set(PaymentState)
    assert set() == AWAITED & SETTLED
    assert WAITING < AWAITED
