"""Foreign implementations at both ends: what others sign we verify, what we sign they verify, their clients are served by our simulator, and what
Stripe answers in trouble is told in our words as a fake of others plays it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from shopwright.adapters.stripe import StripeGateway
from shopwright.adapters.stripe.client import Ask, StripeClient
from shopwright.adapters.stripe.notices import opened
from shopwright.adapters.stripe.simulator import API_KEY, WEBHOOK_SECRET, StripeSimulator
from shopwright.money import Money
from shopwright.payments.errors import BadNotification, GatewayError, GatewayKeyConflict, Indeterminate, InvalidState, NotFound, Throttled
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done
from shopwright.payments.requests import RefundPart
from shopwright.testing import FrozenClock
from tests.peers import stripe as peers
from tests.peers.running import node
from tests.unit.adapters.stripe.parts import NOON, OTHER_SECRET, SECRET, a_start, an_event, an_intent, settings, signed

SCRIPT = Path(__file__).with_name("peer.cjs")


@pytest.fixture
def simulator() -> Iterator[StripeSimulator]:
    with StripeSimulator.open(clock=FrozenClock(NOON)) as found:
        yield found


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with peers.stateful_mock() as address:
        yield address


def a_charge(**params) -> Ask:
    return Ask("charges.create", (), {"amount": 1000, "currency": "usd", "source": "tok_visa"} | params, params.pop("key", ""))


def at_mock(address: str) -> StripeClient:
    return StripeClient(settings(api=address))


# What others sign


@pytest.mark.parametrize("secret", [SECRET, OTHER_SECRET])
def test_an_event_that_the_official_sdk_signs_is_read_with_either_secret_while_one_is_rolled(secret):
    body = an_event("payment_intent.succeeded", an_intent())
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(NOON.timestamp()))
    raw = RawNotification(headers={"stripe-signature": header}, body=body, received_at=NOON)
    assert opened(raw, settings(webhook_secrets=(SECRET, OTHER_SECRET))).events[0].kind is EventKind.CAPTURED
    with pytest.raises(BadNotification, match="does not fit"):
        opened(raw, settings(webhook_secrets="whsec_of_somebody_else"))


def test_the_official_sdk_verifies_every_notification_of_the_simulator_and_no_tampered_one(simulator):
    gateway = StripeGateway(simulator.settings, clock=simulator.provider.clock)
    paid = gateway.start(a_start())
    assert isinstance(paid, Done)
    gateway.refund(RefundPart(key=OperationKey("refund_1"), payment=paid.reference, amount=Money(30, "EUR"), of_total=paid.totals.captured))
    pushed = simulator.notifications()
    assert len(pushed) > 3
    for raw in pushed:
        header = raw.header("Stripe-Signature")
        assert stripe.WebhookSignature.verify_header(raw.body, header, WEBHOOK_SECRET, None)
        event = stripe.Webhook.construct_event(raw.body, header, WEBHOOK_SECRET, tolerance=10**9)
        assert event.id.startswith("evt_")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(raw.body + b" ", header, WEBHOOK_SECRET, None)


def test_the_node_sdk_signs_what_we_read_and_verifies_what_we_sign(simulator):
    body, seconds = an_event("payment_intent.succeeded", an_intent()).decode(), int(NOON.timestamp())
    ours = signed(body.encode())
    told = node(
        SCRIPT,
        {
            "sign": [{"payload": body, "secret": SECRET, "timestamp": seconds}, {"payload": body, "secret": SECRET, "timestamp": seconds - 301}],
            "check": [
                {"payload": body, "header": ours.header("Stripe-Signature"), "secret": SECRET},
                {"payload": body.replace("1230", "1231"), "header": ours.header("Stripe-Signature"), "secret": SECRET},
            ],
        },
    )
    fresh, stale = (RawNotification(headers={"Stripe-Signature": each}, body=body.encode(), received_at=NOON) for each in told["signed"])
    assert opened(fresh, settings()).events[0].amount == Money(1230, "EUR")
    with pytest.raises(BadNotification, match="from another time"):
        opened(stale, settings())
    assert told["checked"] == ["payment_intent.succeeded", None]


def test_the_node_sdk_is_served_by_the_simulator(simulator):
    create = {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, "capture_method": "manual"}
    line = {"quantity": 1, "price_data": {"currency": "usd", "unit_amount": 500, "product_data": {"name": "tea"}}}
    calls = [
        ["paymentIntents.create", create, {"idempotencyKey": "k1"}],
        ["paymentIntents.create", create, {"idempotencyKey": "k1"}],
        ["paymentIntents.create", create | {"amount": 1001}, {"idempotencyKey": "k1"}],
        ["paymentIntents.capture", "$0", {"amount_to_capture": 700}],
        ["refunds.create", {"payment_intent": "$0", "amount": 200}],
        ["refunds.create", {"payment_intent": "$0", "amount": 501}],
        ["paymentIntents.create", create | {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}],
        ["checkout.sessions.create", {"mode": "payment", "success_url": "https://shop.example/back", "line_items": [line]}],
        ["paymentIntents.retrieve", "pi_nobody"],
    ]
    told = node(SCRIPT, {"calls": calls, "key": API_KEY, "port": simulator.server.server_address[1]})["answers"]
    first, again, conflict, taken, back, too_much, declined, page, unknown = told
    assert (first["status"], again["id"], conflict["type"]) == ("requires_capture", first["id"], "StripeIdempotencyError")
    assert (taken["status"], taken["amount_received"], back["status"]) == ("succeeded", 700, "succeeded")
    assert (too_much["param"], declined["decline_code"], page["status"], unknown["code"]) == (
        "amount",
        "insufficient_funds",
        "open",
        "resource_missing",
    )


# What a fake of others answers in trouble, through a dialect of charges that only these tests speak


@pytest.mark.parametrize(
    ("token", "reason", "advice", "code"),
    [
        ("tok_chargeDeclined", DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD, "generic_decline"),
        ("tok_chargeDeclinedInsufficientFunds", DeclineReason.INSUFFICIENT_FUNDS, Advice.TRY_OTHER_METHOD, "insufficient_funds"),
        ("tok_chargeDeclinedFraudulent", DeclineReason.FRAUD_SUSPECTED, Advice.DO_NOT_RETRY, "fraudulent"),
        ("tok_chargeDeclinedIncorrectCvc", DeclineReason.INCORRECT_CVC, Advice.ASK_BUYER, "incorrect_cvc"),
        ("tok_chargeDeclinedExpiredCard", DeclineReason.EXPIRED_CARD, Advice.TRY_OTHER_METHOD, "expired_card"),
        ("tok_chargeDeclinedProcessingError", DeclineReason.PROCESSING_ERROR, Advice.RETRY_LATER, "processing_error"),
    ],
)
def test_a_decline_of_the_mock_is_told_with_its_reason(mock, token, reason, advice, code):
    outcome = at_mock(mock).ask(a_charge(source=token))
    assert isinstance(outcome, Declined)
    assert (outcome.reason, outcome.advice, outcome.raw_code) == (reason, advice, code)


@pytest.mark.parametrize(("token", "error"), [("tok_429", Throttled), ("tok_500", Indeterminate)])
def test_a_limit_is_throttled_and_a_failure_of_the_mock_leaves_everything_open(mock, token, error):
    with pytest.raises(error):
        at_mock(mock).ask(a_charge(source=token))


def test_a_failure_of_the_mock_is_over_when_it_is_asked_again_and_nothing_was_repeated_behind_our_back(mock):
    client, charge = at_mock(mock), a_charge(source="tok_500|tok_visa|a_chain_of_ours")
    with pytest.raises(Indeterminate):
        client.ask(charge)
    answer = client.ask(charge)
    assert not isinstance(answer, Declined)
    assert answer["status"] == "succeeded"


def test_the_mock_does_a_key_once_and_refuses_it_for_another_request(mock):
    client = at_mock(mock)
    first, again = (client.told(Ask("charges.create", (), a_charge().params, "key_of_a_test")) for _ in range(2))
    assert first["id"] == again["id"]
    with pytest.raises(GatewayKeyConflict):
        client.ask(Ask("charges.create", (), a_charge(amount=1001).params, "key_of_a_test"))


def test_the_mock_gives_back_no_more_than_was_there(mock):
    client = at_mock(mock)
    charge = client.told(a_charge(capture=False))["id"]
    client.told(Ask("charges.capture", (charge,), {"amount": 700}, "capture_1"))
    client.told(Ask("refunds.create", (), {"charge": charge, "amount": 200}, "refund_1"))
    with pytest.raises(InvalidState):
        client.told(Ask("refunds.create", (), {"charge": charge, "amount": 9_999}, "refund_2"))
    client.told(Ask("refunds.create", (), {"charge": charge}, "refund_3"))
    with pytest.raises(InvalidState) as caught:
        client.told(Ask("refunds.create", (), {"charge": charge, "amount": 1}, "refund_4"))
    assert caught.value.raw_code == "charge_already_refunded"


def test_the_mock_marks_what_its_rules_doubt(mock):
    assert at_mock(mock).told(a_charge(source="tok_riskLevelElevated"))["outcome"]["type"] == "manual_review"


def test_what_the_mock_does_not_know_is_not_found(mock):
    with pytest.raises(NotFound):
        at_mock(mock).told(Ask("charges.retrieve", ("ch_nobody",)))


@pytest.mark.parametrize("token", ["tok_chargeDeclined", "tok_429", "tok_500", "tok_nobody_has_this"])
def test_no_error_tells_a_token_or_the_key(mock, token):
    client = at_mock(mock)
    try:
        told = repr(client.ask(a_charge(source=token)))
    except GatewayError as error:
        told = f"{error!r} {error.__cause__!r}"
    assert [secret for secret in (token, client.settings.api_key) if secret in told] == []
