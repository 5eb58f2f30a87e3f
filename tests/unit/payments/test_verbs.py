"""What can be asked of a payment, and what a gateway's answer says."""

from __future__ import annotations

from functools import reduce

import pytest
from attrs import evolve as changed

from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.payments import events as e
from shopwright.payments import verbs
from shopwright.payments.events import PaymentVerb
from shopwright.payments.evolve import evolve
from shopwright.payments.outcomes import ActionRequired, Advice, Declined, DeclineReason, Done, InProgress, Outcome, Redirect, Totals
from shopwright.payments.payment import Attempt, Payment, planned
from shopwright.payments.states import PaymentState
from shopwright.testing.builders import NOON, a_tender, a_voucher, cash
from shopwright.testing.moves import HOUR

S, V = PaymentState, PaymentVerb
NO = Declined(DeclineReason.EXPIRED_CARD, Advice.TRY_OTHER_METHOD, "54")
GO, LATER = ActionRequired("r", Redirect("https://pay.example")), InProgress("r", HOUR)


def a_payment(state: PaymentState = S.DUE, *, asked: PaymentVerb | None = None, amount: int = 1000, **facts: object) -> Payment:
    attempts = () if asked is None else (Attempt(key="k1", verb=asked, amount=amount, at=NOON),)
    return changed(planned("p1", a_tender(1000)), state=state, attempts=attempts, **facts)


STARTED = a_payment(S.STARTED, asked=V.START)
PROMISED, TAKEN = a_payment(S.AUTHORIZED, authorized=1000), a_payment(S.CAPTURED, authorized=1000, captured=1000)


def done(**amounts: int) -> Done:
    return Done("r", Totals.of("EUR", **amounts), NOON)


def answered(payment: Payment, outcome: Outcome, key: str = "k1") -> tuple[e.PaymentEvent, ...]:
    return verbs.answer(payment, outcome, key=key, at=NOON)


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        (a_payment(), ("start",)),
        (planned("p1", a_voucher(5)), ("record",)),
        (planned("p1", cash(5)), ("record",)),
        (changed(planned("p1", cash(5)), state=S.VOIDED), ("record",)),
        (changed(planned("p1", cash(5)), state=S.CAPTURED, captured=5), ("refund",)),
        (STARTED, ()),
        (a_payment(S.AWAITING_BUYER), ("void",)),
        (a_payment(S.PROCESSING, asked=V.START), ()),
        (PROMISED, ("capture", "void")),
        (a_payment(S.AUTHORIZED, authorized=1000, asked=V.CAPTURE), ()),
        (a_payment(S.CAPTURED, authorized=1000, captured=400), ("capture", "refund")),
        (TAKEN, ("refund",)),
        (a_payment(S.CAPTURED, captured=1000, asked=V.REFUND), ()),
        (a_payment(S.DECLINED), ()),
    ],
)
def test_a_payment_tells_what_can_be_asked_of_it(payment: Payment, expected: tuple[str, ...]) -> None:
    assert verbs.allowed(payment) == expected


@pytest.mark.parametrize(
    ("payment", "verb", "message"),
    [
        (STARTED, V.START, "cannot start a payment that is started; allowed: wait for its answer"),
        (a_payment(S.DECLINED), V.START, "cannot start a payment that is declined; allowed: add another tender"),
        (planned("p1", cash(5)), V.START, "cannot start a payment that is on_delivery; allowed: record"),
        (a_payment(), V.CAPTURE, "cannot capture a payment that is due; allowed: start"),
        (TAKEN, V.VOID, "cannot void a payment that is captured; allowed: refund"),
        (PROMISED, V.REFUND, "cannot refund a payment that is authorized; allowed: capture, void"),
        (changed(planned("p1", cash(5)), state=S.CAPTURED, captured=5), V.REFUND, "cannot refund a payment that is captured; allowed: refund"),
    ],
)
def test_asking_for_what_the_state_does_not_allow_is_misuse(payment: Payment, verb: PaymentVerb, message: str) -> None:
    with pytest.raises(IllegalTransition) as raised:
        verbs.attempt(payment, verb, key="k1", amount=5, at=NOON)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("payment", "verb", "most"),
    [(a_payment(), V.START, 1000), (PROMISED, V.CAPTURE, 1000), (TAKEN, V.REFUND, 1000), (a_payment(S.AWAITING_BUYER), V.VOID, 1000)],
)
@pytest.mark.parametrize("beyond", [0, -5, "most + 1", 1.5, True])
def test_an_amount_that_cannot_be_meant_is_misuse(payment: Payment, verb: PaymentVerb, most: int, beyond: object) -> None:
    """PAY-1 among them: nothing is asked back above what is there."""
    amount = most + 1 if beyond == "most + 1" else beyond
    with pytest.raises(InvalidValue) as raised:
        verbs.attempt(payment, verb, key="k1", amount=amount, at=NOON)
    assert str(raised.value) == f"cannot {verb} {amount!r} of payment p1; expected 1 to {most} minor units"


@pytest.mark.parametrize("amount", [0, 900, 1100])
def test_what_arrives_outside_a_gateway_is_recorded_as_it_is(amount: int) -> None:
    assert verbs.record(planned("p1", cash(1000)), amount, reference="till", at=NOON) == e.PaymentCaptured(
        payment_id="p1", key="", reference="till", amount=amount, at=NOON
    )


def test_money_is_recorded_once_and_never_for_a_gateway() -> None:
    taken = evolve(planned("p1", cash(1000)), verbs.record(planned("p1", cash(1000)), 1000, reference="", at=NOON))
    for payment, message in ((taken, "captured; allowed: refund"), (a_payment(), "due; allowed: start")):
        with pytest.raises(IllegalTransition) as raised:
            verbs.record(payment, 5, reference="", at=NOON)
        assert str(raised.value) == f"cannot record a payment that is {message}"


@pytest.mark.parametrize("amount", [-1, 1.5, True])
def test_what_is_recorded_is_a_whole_number_from_zero_up(amount: object) -> None:
    with pytest.raises(InvalidValue, match=r"^a recorded amount is zero or more minor units; got"):
        verbs.record(planned("p1", cash(1000)), amount, reference="", at=NOON)


def test_a_yes_becomes_what_is_new_in_the_totals() -> None:
    """PAY-3"""
    assert answered(STARTED, done(authorized=1000, captured=1000)) == (
        e.PaymentAuthorized(payment_id="p1", key="k1", reference="r", amount=1000, at=NOON),
        e.PaymentCaptured(payment_id="p1", key="k1", reference="r", amount=1000, at=NOON),
    )
    part = a_payment(S.CAPTURED, authorized=1000, captured=400, asked=V.CAPTURE, amount=300)
    assert answered(part, done(authorized=1000, captured=700, voided=300)) == (
        e.PaymentCaptured(payment_id="p1", key="k1", reference="r", amount=300, at=NOON),
        e.PaymentVoided(payment_id="p1", key="k1", amount=300, at=NOON),
    )


def test_a_yes_that_tells_nothing_new_ends_its_question() -> None:
    """PAY-4"""
    payment = a_payment(S.CAPTURED, authorized=1000, captured=1000, asked=V.CAPTURE)

    assert answered(payment, done(authorized=1000, captured=1000)) == (e.AttemptClosed(payment_id="p1", key="k1", at=NOON),)
    assert answered(TAKEN, done(authorized=1000, captured=1000)) == ()


def test_totals_that_lag_behind_change_nothing() -> None:
    """PAY-4"""
    assert verbs.settle(TAKEN, Totals.of("EUR", authorized=1000), key="", reference="r", at=NOON, late=True) == ()


def test_a_payment_that_nobody_made_is_closed_by_a_void_though_no_total_tells() -> None:
    payment = a_payment(S.AWAITING_BUYER, asked=V.VOID)

    assert answered(payment, done()) == (e.PaymentVoided(payment_id="p1", key="k1", amount=0, at=NOON),)


def test_a_void_that_came_too_late_is_told_as_the_money_that_came() -> None:
    payment = a_payment(S.AWAITING_BUYER, asked=V.VOID)

    assert [type(event) for event in answered(payment, done(authorized=1000, captured=1000))] == [e.PaymentAuthorized, e.PaymentCaptured]


def test_a_start_may_ask_the_buyer_first_and_only_a_start() -> None:
    told = e.PaymentActionRequired(payment_id="p1", key="k1", reference="r", action=GO.action, at=NOON)

    assert answered(STARTED, GO) == (told,)
    assert answered(a_payment(S.AUTHORIZED, authorized=1000, asked=V.CAPTURE), GO) == ()
    assert answered(evolve(STARTED, told), GO, key="") == (), "it says nothing new"


@pytest.mark.parametrize(("verb", "kind"), [(V.START, e.PaymentPending), (V.CAPTURE, e.PaymentPending), (V.REFUND, e.PaymentRefundPending)])
def test_a_gateway_that_takes_its_time_is_believed_once(verb: PaymentVerb, kind: type) -> None:
    payment = changed(TAKEN if verb is V.REFUND else a_payment(S.STARTED), attempts=(Attempt(key="k1", verb=verb, amount=400, at=NOON),))
    (event,) = answered(payment, LATER)

    assert (type(event), answered(evolve(payment, event), LATER)) == (kind, ())


def test_a_payment_that_is_looked_at_is_in_progress_once() -> None:
    """Without a key the answer is about how the payment stands."""
    (event,) = answered(a_payment(S.AWAITING_BUYER), LATER, key="")

    assert event == e.PaymentPending(payment_id="p1", key="", reference="r", at=NOON)
    assert answered(evolve(a_payment(S.AWAITING_BUYER), event), LATER, key="") == ()
    assert answered(TAKEN, LATER, key="") == ()


@pytest.mark.parametrize("verb", [V.CAPTURE, V.VOID, V.REFUND])
def test_a_no_to_anything_but_the_start_leaves_the_money_where_it_is(verb: PaymentVerb) -> None:
    payment = changed(TAKEN, attempts=(Attempt(key="k1", verb=verb, amount=400, at=NOON),))

    assert answered(payment, NO) == (e.AttemptFailed(payment_id="p1", key="k1", verb=verb, reason="expired_card", raw_code="54", at=NOON),)


def test_a_no_to_the_start_declines_the_payment_unless_its_money_is_there() -> None:
    no = e.PaymentDeclined(payment_id="p1", key="k1", reason="expired_card", advice="try_other_method", raw_code="54", at=NOON)

    assert answered(STARTED, NO) == (no,)
    assert answered(changed(TAKEN, attempts=STARTED.attempts), NO) == (e.AttemptClosed(payment_id="p1", key="k1", at=NOON),)
    assert answered(TAKEN, NO, key="") == ()


@pytest.mark.parametrize("outcome", [NO, GO, LATER], ids=["no", "act first", "later"])
def test_an_answer_to_a_question_that_has_ended_changes_nothing(outcome: Outcome) -> None:
    """PAY-4"""
    assert answered(TAKEN, outcome) == ()


def test_a_refund_is_counted_by_what_was_asked_for_and_what_went_besides_is_told_apart() -> None:
    """PAY-4"""
    payment = changed(TAKEN, attempts=(Attempt(key="k1", verb=V.REFUND, amount=400, at=NOON),))

    assert answered(payment, done(authorized=1000, captured=1000, refunded=450)) == (
        e.PaymentRefunded(payment_id="p1", key="k1", amount=400, at=NOON),
        e.PaymentRefunded(payment_id="p1", key="", amount=50, at=NOON),
    )


def test_what_is_still_being_asked_for_is_not_taken_for_somebody_elses_refund() -> None:
    payment = changed(TAKEN, attempts=(Attempt(key="k1", verb=V.REFUND, amount=400, at=NOON),))

    assert answered(payment, done(authorized=1000, captured=1000, refunded=400), key="") == ()


def test_what_was_given_back_by_hand_hides_no_refund_of_the_provider() -> None:
    payment = changed(TAKEN, refunded=300, refunded_by_hand=300)

    assert answered(payment, done(authorized=1000, captured=1000, refunded=100), key="") == (
        e.PaymentRefunded(payment_id="p1", key="", amount=100, at=NOON),
    )


def after(payment: Payment, *told: tuple[e.PaymentEvent, ...]) -> Payment:
    return reduce(evolve, [event for events in told for event in events], payment)


def test_a_refund_made_at_the_providers_desk_counts_once_under_its_key() -> None:
    """PAY-4"""
    told = verbs.refund_done(TAKEN, 300, key="desk_1", at=NOON)

    assert told == (e.PaymentRefunded(payment_id="p1", key="desk_1", amount=300, whole=300, at=NOON),)
    assert verbs.refund_done(after(TAKEN, told), 300, key="desk_1", at=NOON) == ()
    assert [verbs.refund_done(TAKEN, amount, key=key, at=NOON) for amount, key in ((300, ""), (0, "desk_1"))] == [(), ()]


def test_refunds_that_are_told_by_their_sum_alone_are_taken_in_by_what_is_new_of_it() -> None:
    """PAY-4: also those that were made at the provider's own desk, and in whatever order the sums come."""

    def told(payment: Payment, refunded: int, key: str) -> Payment:
        totals = Totals.of("EUR", authorized=1000, captured=1000, refunded=refunded)
        return after(payment, verbs.refunds_told(payment, totals, key=key, at=NOON))

    for sums in ((("k7", 300), ("k8", 425)), (("k8", 425), ("k7", 300)), (("k8", 425), ("k8", 425), ("k7", 300))):
        payment = TAKEN
        for key, refunded in sums:
            payment = told(payment, refunded, key)
        assert payment.refunded == 425
    failed = after(TAKEN, (e.PaymentRefundFailed(payment_id="p1", key="k6", amount=0, at=NOON),))
    assert told(failed, 300, "k7") == failed, "a sum may be from before that"


def test_a_refund_that_the_totals_told_first_is_known_by_its_key_afterwards() -> None:
    seen = after(TAKEN, answered(TAKEN, done(authorized=1000, captured=1000, refunded=200), key=""))
    told = verbs.refund_done(seen, 300, key="desk_1", at=NOON)

    assert told == (e.PaymentRefunded(payment_id="p1", key="desk_1", amount=100, whole=300, at=NOON),)
    assert after(seen, told).refunded == 300


def test_a_refund_that_failed_before_it_was_told_never_counts() -> None:
    """PAY-4"""
    failed = after(TAKEN, verbs.refund_failed(TAKEN, 300, key="desk_1", at=NOON))

    assert (failed.failed_refunds, verbs.refund_done(failed, 300, key="desk_1", at=NOON)) == (("desk_1",), ())
    assert verbs.refund_failed(failed, 300, key="desk_1", at=NOON) == ()


def test_a_refund_that_failed_without_a_key_takes_back_what_no_key_accounts_for() -> None:
    seen = changed(TAKEN, refunded=500, refunds=(("k1", 400),))

    assert verbs.refund_failed(seen, 300, key="", at=NOON) == (e.PaymentRefundFailed(payment_id="p1", key="", amount=100, at=NOON),)
    assert verbs.refund_failed(TAKEN, 300, key="", at=NOON) == ()


def test_a_dispute_that_was_won_before_it_was_told_leaves_nothing_charged_back() -> None:
    """PAY-4"""
    told = verbs.won(TAKEN, 400, totals=Totals.of("EUR", captured=1000), at=NOON)
    payment = after(TAKEN, told)
    late = Totals.of("EUR", authorized=1000, captured=1000, charged_back=400)

    assert (payment.charged_back, payment.won_back, payment.state) == (0, 400, S.CAPTURED)
    assert verbs.settle(payment, late, key="", reference="r", at=NOON, late=True) == ()
    assert verbs.won(payment, 400, totals=Totals.of("EUR", captured=1000), at=NOON) == ()


def test_a_dispute_without_totals_gives_back_no_more_than_was_charged_back() -> None:
    disputed = changed(TAKEN, state=S.CHARGED_BACK, charged_back=300)

    assert verbs.won(disputed, 400, totals=None, at=NOON) == (e.ChargebackReversed(payment_id="p1", amount=300, at=NOON),)


@pytest.mark.parametrize(("state", "closed"), [(S.AWAITING_BUYER, 1), (S.PROCESSING, 1), (S.STARTED, 0), (S.CAPTURED, 0)])
def test_a_payment_that_the_provider_closed_before_it_was_made_is_voided(state: PaymentState, closed: int) -> None:
    event = e.PaymentVoided(payment_id="p1", key="k1", amount=0, at=NOON)

    assert verbs.closed(a_payment(state), Totals.of("EUR"), key="k1", at=NOON) == (event,) * closed
    assert verbs.closed(a_payment(state), Totals.of("EUR", authorized=5), key="k1", at=NOON) == ()
