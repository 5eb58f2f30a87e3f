"""A payment after its events: amounts are their sums, and questions come to an end."""

from __future__ import annotations

from functools import reduce

import pytest

from shopwright.payments import events as e
from shopwright.payments.events import PaymentEvent, PaymentVerb
from shopwright.payments.evolve import evolve
from shopwright.payments.outcomes import Redirect
from shopwright.payments.payment import Attempt, Payment, planned
from shopwright.payments.states import PaymentState
from shopwright.testing.builders import NOON, a_tender, cash

S = PaymentState
ACTION = Redirect("https://pay.example")


def asked(verb: PaymentVerb, key: str = "k1", amount: int = 1000, **facts: object) -> e.PaymentAttempted:
    return e.PaymentAttempted(payment_id="p1", key=key, verb=verb, amount=amount, at=NOON, **facts)


def moved(kind: type, amount: int, *, key: str = "", **facts: object) -> PaymentEvent:
    more = {"reference": "r"} if kind in (e.PaymentAuthorized, e.PaymentCaptured) else {}
    known = {} if kind in (e.PaymentChargedBack, e.ChargebackReversed) else {"key": key}
    return kind(payment_id="p1", amount=amount, at=NOON, **known, **more, **facts)


START = asked(PaymentVerb.START)
AUTHORIZED, CAPTURED = moved(e.PaymentAuthorized, 1000, key="k1"), moved(e.PaymentCaptured, 1000, key="k1")
BUYER = e.PaymentActionRequired(payment_id="p1", key="k1", reference="r", action=ACTION, at=NOON)
PENDING = e.PaymentPending(payment_id="p1", key="k1", reference="r", at=NOON)
DECLINED = e.PaymentDeclined(payment_id="p1", key="k1", reason="generic", advice="ask_buyer", raw_code="", at=NOON)


def after(*events: PaymentEvent, payment: Payment | None = None) -> Payment:
    return reduce(evolve, events, payment or planned("p1", a_tender(1000)))


def test_a_question_keeps_all_that_is_needed_to_ask_again() -> None:
    """PAY-2"""
    payment = after(asked(PaymentVerb.START, reason="r", return_url="u", notify_url="n", final=False))

    assert payment.attempts == (
        Attempt(key="k1", verb=PaymentVerb.START, amount=1000, at=NOON, reason="r", return_url="u", notify_url="n", final=False),
    )
    assert (payment.state, payment.key) == (S.STARTED, "k1")


def test_the_key_of_the_start_stays_when_other_things_are_asked() -> None:
    assert after(START, CAPTURED, asked(PaymentVerb.REFUND, "k2")).key == "k1"


def test_silence_marks_the_question_and_a_later_word_clears_the_mark() -> None:
    silent = after(START, e.PaymentUnanswered(payment_id="p1", key="k1", why="timeout", at=NOON))
    pending = after(PENDING, payment=silent)

    assert (silent.state, silent.attempts[0].unanswered) == (S.UNANSWERED, True)
    assert (pending.state, pending.attempts[0].unanswered, pending.attempts[0].pending) == (S.PROCESSING, False, True)


def test_what_the_buyer_has_to_do_is_told_until_it_is_done() -> None:
    waiting = after(START, BUYER)

    assert (waiting.state, waiting.action, waiting.reference, waiting.attempts) == (S.AWAITING_BUYER, ACTION, "r", ())
    for event in (AUTHORIZED, CAPTURED, DECLINED, PENDING, moved(e.PaymentVoided, 0)):
        assert after(event, payment=waiting).action is None


def test_an_action_that_is_heard_of_late_is_not_asked_of_a_buyer_who_has_paid() -> None:
    assert after(START, CAPTURED, BUYER).action is None


def test_a_void_that_fails_leaves_the_buyer_what_there_is_to_do() -> None:
    failed = e.AttemptFailed(payment_id="p1", key="k2", verb=PaymentVerb.VOID, reason="generic", raw_code="", at=NOON)
    payment = after(START, BUYER, asked(PaymentVerb.VOID, "k2"), failed)

    assert (payment.state, payment.action, payment.failures, payment.attempts) == (S.AWAITING_BUYER, ACTION, 1, ())


def test_amounts_are_the_sums_of_events() -> None:
    """PAY-3"""
    payment = after(
        START,
        AUTHORIZED,
        moved(e.PaymentCaptured, 300),
        moved(e.PaymentCaptured, 400),
        moved(e.PaymentVoided, 100),
        moved(e.PaymentRefunded, 50, key="k2"),
        moved(e.PaymentRefunded, 20, by_hand=True, reference="cash"),
        moved(e.PaymentChargedBack, 60),
        moved(e.ChargebackReversed, 10),
    )

    amounts = (
        payment.authorized,
        payment.captured,
        payment.voided,
        payment.refunded,
        payment.refunded_by_hand,
        payment.charged_back,
        payment.won_back,
    )
    assert amounts == (1000, 700, 100, 70, 20, 50, 10)
    assert payment.refunds == (("k2", 50),)


def test_a_part_of_a_promise_given_up_leaves_the_rest_promised() -> None:
    part = after(START, AUTHORIZED, moved(e.PaymentVoided, 300))

    assert (part.state, part.open_authorization) == (S.AUTHORIZED, 700)
    assert after(moved(e.PaymentVoided, 700), payment=part).state is S.VOIDED


def test_a_captured_payment_stays_captured_when_the_rest_is_released() -> None:
    assert after(START, AUTHORIZED, moved(e.PaymentCaptured, 400), moved(e.PaymentVoided, 600)).state is S.CAPTURED


@pytest.mark.parametrize("first", [DECLINED, moved(e.PaymentVoided, 0)], ids=["declined", "voided"])
def test_money_may_come_after_all(first: PaymentEvent) -> None:
    payment = after(START, first)

    assert [after(event, payment=payment).state for event in (AUTHORIZED, CAPTURED)] == [S.AUTHORIZED, S.CAPTURED]


def test_a_dispute_is_over_once_all_of_it_is_won() -> None:
    disputed = after(START, CAPTURED, moved(e.PaymentChargedBack, 500))
    part = after(moved(e.ChargebackReversed, 200), payment=disputed)

    assert (disputed.state, part.state, after(moved(e.ChargebackReversed, 300), payment=part).state) == (S.CHARGED_BACK, S.CHARGED_BACK, S.CAPTURED)


def test_a_refund_under_way_is_pending_until_it_has_arrived_or_failed() -> None:
    pending = after(START, CAPTURED, asked(PaymentVerb.REFUND, "k2", 400), moved(e.PaymentRefundPending, 400, key="k2"))
    failed = e.AttemptFailed(payment_id="p1", key="k2", verb=PaymentVerb.REFUND, reason="generic", raw_code="", at=NOON)

    assert (pending.pending_refund, pending.attempts[0].pending) == (400, True)
    arrived, lost = after(moved(e.PaymentRefunded, 400, key="k2"), payment=pending), after(failed, payment=pending)
    assert [(it.pending_refund, it.refunded, it.attempts) for it in (arrived, lost)] == [(0, 400, ()), (0, 0, ())]
    assert lost.failed_refunds == ("k2",)


def test_a_refund_that_came_back_is_the_shops_again_and_its_key_is_remembered() -> None:
    """PAY-4"""
    payment = after(START, CAPTURED, moved(e.PaymentRefunded, 400, key="k2"), moved(e.PaymentRefundFailed, 400, key="k2"))

    assert (payment.refunded, payment.refunds, payment.failed_refunds, payment.failures) == (0, (), ("k2",), 1)


def test_a_refund_without_a_key_that_came_back_leaves_no_key() -> None:
    payment = after(START, CAPTURED, moved(e.PaymentRefunded, 400), moved(e.PaymentRefundFailed, 400))

    assert (payment.refunded, payment.failed_refunds) == (0, ())


def test_a_refund_of_which_a_part_was_known_without_its_key_is_known_by_it() -> None:
    payment = after(START, CAPTURED, moved(e.PaymentRefunded, 100), moved(e.PaymentRefunded, 200, key="desk", whole=300))

    assert (payment.refunded, payment.refunds, payment.refunded_without_key) == (300, (("desk", 300),), 0)


def test_cash_at_the_door_ends_the_waiting() -> None:
    payment = after(e.PaymentCaptured(payment_id="p1", key="", reference="till 3", amount=900, at=NOON), payment=planned("p1", cash(1000)))

    assert (payment.state, payment.net, payment.expected, payment.reference) == (S.CAPTURED, 900, 900, "till 3")


def test_an_event_about_a_question_that_has_ended_ends_no_other() -> None:
    payment = after(START, e.AttemptClosed(payment_id="p1", key="k9", at=NOON))

    assert [attempt.key for attempt in payment.attempts] == ["k1"]
