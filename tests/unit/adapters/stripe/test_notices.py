"""What Stripe pushes: signed over the raw bytes, to our account, in our mode, and fresh; and what each event says."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from attrs import evolve

from shopwright.adapters.signatures import signature
from shopwright.adapters.stripe import StripeGateway
from shopwright.adapters.stripe.notices import OK, RETRY_LATER, opened
from shopwright.money import Money
from shopwright.payments.disputes import Dispute, DisputeReason, DisputeState
from shopwright.payments.errors import BadNotification, Unsupported
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals
from tests.unit.adapters.stripe.parts import KEY, NOON, OTHER_SECRET, SECRET, an_event, an_intent, settings, signed

K = EventKind
PAID = an_event("payment_intent.succeeded", an_intent())
OURS = {"shopwright_key": "order_1_1", "shopwright_flow": "token"}
PAGE = {"shopwright_key": "order_1_1", "shopwright_flow": "redirect"}


def read(name: str, about: dict, **facts):
    [event] = opened(signed(an_event(name, about, **facts)), settings()).events
    return event


def a_refund(**other) -> dict:
    notes = {"shopwright_key": "refund_1", "shopwright_payment": "order_1_1"}
    facts = {"id": "re_1", "object": "refund", "amount": 200, "currency": "eur", "payment_intent": "pi_1", "status": "succeeded", "metadata": notes}
    return facts | other


def a_charge(**other) -> dict:
    return {"id": "ch_1", "object": "charge", "captured": True, "payment_intent": "pi_1", "metadata": OURS} | other


def a_dispute(**other) -> dict:
    facts = {"id": "du_1", "object": "dispute", "amount": 1230, "currency": "eur", "payment_intent": "pi_1", "status": "needs_response"}
    return facts | {"reason": "product_not_received", "evidence_details": {"due_by": int(NOON.timestamp()) + 600}} | other


def test_a_payment_that_was_taken_is_told_with_its_keys_and_totals_and_answered_in_stripes_words():
    told = opened(signed(PAID), settings())
    [event] = told.events
    assert (event.kind, event.reference, event.payment_key, event.our_key) == (K.CAPTURED, "pi_1", KEY, KEY)
    assert (event.amount, event.totals) == (Money(1230, "EUR"), Totals.of("EUR", authorized=1230, captured=1230))
    assert (told.ok, told.retry_later, told.signed_at, told.account) == (OK, RETRY_LATER, NOON, "")
    assert (OK.status, RETRY_LATER.status) == (200, 503)


@pytest.mark.parametrize(
    ("name", "about", "kind", "amount"),
    [
        (
            "payment_intent.amount_capturable_updated",
            an_intent(status="requires_capture", amount_received=0, amount_capturable=1230),
            K.AUTHORIZED,
            1230,
        ),
        (
            "payment_intent.amount_capturable_updated",
            an_intent(status="requires_capture", amount_received=400, amount_capturable=830),
            K.CAPTURED,
            None,
        ),
        ("payment_intent.payment_failed", an_intent(amount_received=0, status="requires_payment_method"), K.FAILED, None),
        ("payment_intent.payment_failed", an_intent(metadata=PAGE), K.IGNORED, None),
        ("payment_intent.canceled", an_intent(status="canceled", amount_received=0), K.VOIDED, 1230),
        ("payment_intent.canceled", an_intent(status="canceled", amount_received=0, latest_charge=None), K.VOIDED, 0),
        ("payment_intent.canceled", an_intent(status="canceled", amount_received=0, last_payment_error={"code": "card_declined"}), K.VOIDED, 0),
        ("checkout.session.expired", {"id": "cs_1", "metadata": PAGE}, K.FAILED, None),
        ("checkout.session.async_payment_failed", {"id": "cs_1", "metadata": PAGE}, K.FAILED, None),
        ("checkout.session.completed", {"id": "cs_1", "metadata": PAGE}, K.IGNORED, None),
        ("refund.created", a_refund(), K.REFUNDED, 200),
        ("refund.created", a_refund(status="pending"), K.IGNORED, None),
        ("refund.failed", a_refund(status="failed"), K.REFUND_FAILED, 200),
        ("refund.created", a_refund(metadata={}), K.IGNORED, None),
        ("charge.refunded", a_charge(), K.REFUNDED, None),
        ("charge.refunded", a_charge(captured=False), K.IGNORED, None),
        ("charge.refunded", a_charge(metadata={}), K.IGNORED, None),
        ("charge.dispute.created", a_dispute(), K.DISPUTED, None),
        ("charge.dispute.updated", a_dispute(status="under_review"), K.DISPUTED, None),
        ("charge.dispute.closed", a_dispute(status="lost"), K.DISPUTED, None),
        ("charge.dispute.funds_withdrawn", a_dispute(), K.CHARGED_BACK, 1230),
        ("charge.dispute.funds_reinstated", a_dispute(), K.CHARGEBACK_REVERSED, 1230),
        ("review.opened", {"id": "prv_1", "payment_intent": "pi_1"}, K.REVIEW_OPENED, None),
        ("review.closed", {"id": "prv_1", "payment_intent": "pi_1"}, K.REVIEW_CLOSED, None),
        ("payment_intent.succeeded", an_intent(metadata={}), K.IGNORED, None),
        ("invoice.paid", {"id": "in_1"}, K.IGNORED, None),
    ],
)
def test_each_event_says_what_happened_and_how_much(name, about, kind, amount):
    event = read(name, about)
    assert event.kind is kind
    assert (event.amount.minor if event.amount is not None else None) == amount


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", DisputeState.INQUIRY),
        ("warning_under_review", DisputeState.INQUIRY_ANSWERED),
        ("warning_closed", DisputeState.CLOSED),
        ("needs_response", DisputeState.NEEDS_RESPONSE),
        ("under_review", DisputeState.UNDER_REVIEW),
        ("won", DisputeState.WON),
        ("lost", DisputeState.LOST),
        ("prevented", DisputeState.CLOSED),
        ("something new", DisputeState.NEEDS_RESPONSE),
    ],
)
def test_a_dispute_is_told_with_its_state_its_reason_and_its_deadline(status, state):
    event = read("charge.dispute.updated", a_dispute(status=status))
    assert (event.kind, event.reference, event.payment_key, event.amount) == (K.DISPUTED, "pi_1", None, None)
    due = NOON + timedelta(minutes=10)
    assert event.dispute == Dispute(id="du_1", state=state, amount=1230, told_at=NOON, reason=DisputeReason.NOT_RECEIVED, due_at=due)


def test_a_dispute_without_a_deadline_or_with_a_reason_of_its_own_is_told_all_the_same():
    event = read("charge.dispute.created", a_dispute(reason="bank_cannot_process", evidence_details=None))
    assert (event.dispute.reason, event.dispute.due_at) == (DisputeReason.OTHER, None)


@pytest.mark.parametrize("wrong", [{"id": None}, {"amount": "all"}, {"amount": -1}, {"currency": 7}, {"payment_intent": None}, {"id": "x" * 201}])
def test_a_dispute_that_cannot_be_read_is_a_bad_notification(wrong):
    with pytest.raises(BadNotification):
        read("charge.dispute.created", a_dispute(**wrong))


@pytest.mark.parametrize(
    ("status", "before", "kind"),
    [
        ("succeeded", {"status": "pending"}, K.REFUNDED),
        ("succeeded", None, K.REFUNDED),
        ("succeeded", {"destination_details": {}}, K.IGNORED),
        ("canceled", {"status": "requires_action"}, K.REFUND_FAILED),
        ("canceled", {"metadata": {}}, K.IGNORED),
        ("pending", {"status": "requires_action"}, K.IGNORED),
    ],
)
def test_a_refund_that_changes_is_news_only_when_its_state_did(status, before, kind):
    assert read("refund.updated", a_refund(status=status), before=before).kind is kind


def test_a_capture_is_told_under_its_own_key_and_one_in_parts_by_its_totals_alone():
    notes = OURS | {"shopwright_capture": "capture_1"}
    whole = read("payment_intent.succeeded", an_intent(amount_received=700, metadata=notes))
    assert (whole.our_key, whole.payment_key, whole.amount) == (OperationKey("capture_1"), KEY, Money(700, "EUR"))
    assert whole.totals == Totals.of("EUR", authorized=1230, captured=700, voided=530)
    parts = read("payment_intent.succeeded", an_intent(metadata=notes, payment_method_options={"card": {"request_multicapture": "if_available"}}))
    assert (parts.amount, parts.totals) == (None, Totals.of("EUR", authorized=1230, captured=1230))


def test_a_refund_names_itself_and_its_payment():
    event = read("refund.created", a_refund())
    assert (event.reference, event.payment_key, event.our_key) == ("pi_1", KEY, OperationKey("refund_1"))


@pytest.mark.parametrize(
    "other",
    [
        {"livemode": True},
        {"livemode": None},
        {"account": "acct_2"},
        {"object": "thing"},
        {"created": "now"},
        {"created": None},
        {"data": {}},
        {"id": 7},
    ],
)
def test_a_signed_body_that_is_not_meant_for_us_is_refused(other):
    with pytest.raises(BadNotification):
        opened(signed(an_event("payment_intent.succeeded", an_intent(), **other)), settings())


def test_an_event_of_the_connected_account_is_read_by_the_gateway_of_that_account_alone():
    body = an_event("payment_intent.succeeded", an_intent(), account="acct_1")
    assert opened(signed(body), settings(account="acct_1")).events[0].merchant_account == "acct_1"
    for account in ("", "acct_2"):
        with pytest.raises(BadNotification, match="another account"):
            opened(signed(body), settings(account=account))
    with pytest.raises(BadNotification, match="another account"):
        opened(signed(PAID), settings(account="acct_1"))


def header(raw: RawNotification, text: str) -> RawNotification:
    return evolve(raw, headers=(("Stripe-Signature", text),))


def test_while_a_secret_is_rolled_either_signature_will_do_and_other_schemes_never_do():
    ours = signed(PAID).header("Stripe-Signature")
    theirs = signature(OTHER_SECRET, PAID, at=NOON).partition(",")[2]
    for text in (ours, f"{ours},v0=abc", f"{ours},{theirs}", f"{ours.partition(',')[0]},{theirs},{ours.partition(',')[2]}"):
        assert opened(header(signed(PAID), text), settings()).events
    for text in (
        ours.replace("v1=", "v0="),
        f"{ours},t=1",
        ours + ",v1=a" * 20,
        "",
        "t=,v1=",
        ours.replace("t=", "t=-"),
        ours.replace("t=", "t=9999999"),
    ):
        with pytest.raises(BadNotification):
            opened(header(signed(PAID), text), settings())


@pytest.mark.parametrize("late", [timedelta(minutes=5, seconds=1), -timedelta(minutes=5, seconds=1), timedelta(days=30)])
def test_an_old_or_a_coming_signature_is_refused(late):
    assert opened(signed(PAID, late=timedelta(minutes=5)), settings()).events
    with pytest.raises(BadNotification, match="from another time"):
        opened(signed(PAID, late=late), settings())


def test_a_body_that_was_parsed_and_written_again_is_refused():
    raw = signed(PAID)
    with pytest.raises(BadNotification, match="does not fit"):
        opened(evolve(raw, body=raw.body.replace(b", ", b",")), settings())


def test_a_gateway_without_a_secret_believes_nothing():
    gateway = StripeGateway(settings(webhook_secrets=()))
    assert not gateway.capabilities.pushes_notifications
    with pytest.raises(Unsupported, match="set webhook_secrets"):
        gateway.parse_notification(signed(PAID))


def demand_only_bad_notifications(count: int, seed: int) -> None:
    """Mutated bodies, signed anew so that they are read, and mutated headers raise nothing but `BadNotification`."""
    rng, ours = Random(seed), settings()
    pieces = [b"null", b"{}", b"[]", b"1e400", b"-1", b'""', b"\xff", b"\x00", b'"pi_1"', b"9" * 400, b"[" * 2_000, b"true"]
    for number in range(count):
        body = bytearray(PAID)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(body))
            body[place : place + rng.randint(0, 12)] = rng.choice(pieces)
        raw = signed(bytes(body))
        if number % 4 == 0:
            text = raw.header("Stripe-Signature")
            raw = header(raw, text[: rng.randrange(len(text))] + rng.choice(["", "=", ",", "v1=", "t=1", "\x7f", "é"]))
        try:
            opened(raw, ours)
        except BadNotification:
            continue


def test_twenty_thousand_mutated_events_raise_nothing_but_bad_notification():
    demand_only_bad_notifications(20_000, seed=6)


@pytest.mark.full
def test_a_million_mutated_events_raise_nothing_but_bad_notification():
    demand_only_bad_notifications(1_000_000, seed=7)


def test_the_secret_of_the_tests_is_not_in_what_a_refusal_says():
    with pytest.raises(BadNotification) as caught:
        opened(signed(PAID, secret=OTHER_SECRET), settings())
    assert SECRET not in repr(caught.value)
