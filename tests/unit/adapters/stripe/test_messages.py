"""What goes over the wire: golden requests, the units of every currency, and what is refused before anything is sent."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.adapters.stripe import StripeGateway, disputing, messages
from shopwright.adapters.stripe.amounts import CURRENCIES, MINIMA, STEPS, from_wire, step, to_wire
from shopwright.errors import InvalidValue
from shopwright.money import Money, exponent
from shopwright.payments.errors import Indeterminate, InvalidRequest, Unsupported
from shopwright.payments.evidence import Evidence, EvidencePart
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.requests import RefundPart
from tests.unit.adapters.stripe.parts import KEY, NOON, a_start, settings

GOLDEN = Path(__file__).parent / "golden_requests.json"
SOON = NOON + timedelta(hours=2)
PART = RefundPart(key=KEY, payment="cs_1", amount=Money(100, "JPY"), of_total=Money(200, "JPY"), reason="duplicate")
BUYER = {"customer": "cus_1", "email": "ann@example.com"}

ASKS = {
    "token": messages.start(a_start(), settings()),
    "promise": messages.start(a_start(capture=False, challenge=True), settings(multicapture=True)),
    "confirmed": messages.start(a_start(source_token="ctoken_1", extra={"off_session": "true", "statement": "TEA"}), settings()),
    "card_token": messages.start(a_start(source_token="tok_visa", installments=3), settings()),
    "saved": messages.start(a_start(buyer=BUYER, extra={"save": "off_session"}), settings()),
    "shared": messages.start(a_start(), settings(shares=True)),
    "shared_page": messages.start(a_start(flow=Flow.REDIRECT, source_token=None, expires_at=SOON), settings(shares=True)),
    "page": messages.start(a_start(flow=Flow.REDIRECT, source_token=None, expires_at=SOON, buyer={"email": "ann@example.com"}), settings()),
    "form": messages.start(a_start(flow=Flow.CLIENT_SDK, source_token=None, capture=False, challenge=True, buyer=BUYER), settings()),
    "capture": messages.capture(KEY, "pi_1", Money(700, "EUR"), final=True),
    "capture_part": messages.capture(KEY, "pi_1", Money(700, "EUR"), final=False),
    "cancel": messages.cancel(KEY, "pi_1"),
    "expire": messages.expire(KEY, "cs_1"),
    "refund": messages.refund(
        RefundPart(key=KEY, payment="cs_1", amount=Money(100, "JPY"), of_total=Money(200, "JPY"), reason="duplicate"), "pi_1", "o_1_1"
    ),
    "query": messages.intent("pi_1"),
    "page_query": messages.session("cs_1"),
    "search": messages.search(KEY),
    "begun": messages.begun(NOON),
    "pages": messages.pages(NOON),
    "answer_dispute": disputing.answered(KEY, "du_1", Evidence({part: part.value for part in EvidencePart})),
    "accept_dispute": disputing.accepted(KEY, "du_1"),
    "booked": messages.booked(NOON, SOON + timedelta(microseconds=1)),
}


def test_what_goes_over_the_wire_is_golden():
    told = {name: {"call": ask.call, "ids": list(ask.ids), "params": dict(ask.params), "key": ask.key} for name, ask in ASKS.items()}
    assert told == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("amount", "wire"),
    [
        (Money(1230, "EUR"), 1230),
        (Money(1230, "JPY"), 1230),
        (Money(1230, "KWD"), 1230),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(500, "MGA"), 5),
        (Money(7, "CLP"), 7),
    ],
)
def test_an_amount_is_sent_in_the_units_that_stripe_counts_in(amount, wire):
    assert to_wire(amount) == wire
    assert from_wire(wire, amount.currency.lower()) == amount


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(1, 10**12))
def test_every_amount_comes_back_as_it_was_sent_in_every_currency(currency, steps):
    amount = Money(steps * step(currency), currency)
    assert from_wire(to_wire(amount), currency.lower()) == amount


@pytest.mark.parametrize("amount", [Money(1231, "KWD"), Money(501, "MGA")])
def test_an_amount_that_stripe_has_no_number_for_is_refused_and_never_rounded(amount):
    with pytest.raises(InvalidRequest, match="multiples of"):
        to_wire(amount)


@pytest.mark.parametrize(("number", "currency"), [(550, "isk"), (1.5, "eur"), ("1", "eur"), (None, "eur"), (1, None), (True, "eur")])
def test_an_amount_that_makes_no_sense_is_no_answer(number, currency):
    with pytest.raises(Indeterminate):
        from_wire(number, currency)


def test_only_currencies_whose_units_differ_have_a_step_and_every_minimum_is_on_it():
    assert STEPS == {"BHD": 10, "JOD": 10, "KWD": 10, "OMR": 10, "TND": 10, "MGA": 100}
    assert all(minimum % STEPS.get(code, 1) == 0 for code, minimum in MINIMA.items())
    assert {code for code in CURRENCIES if exponent(code) > 3} == set()


CARD = "4242 4242 4242 4242"


@pytest.mark.parametrize(
    "other",
    [
        {"source_token": None},
        {"source_token": "visa"},
        {"description": f"card {CARD}"},
        {"buyer": {"name": "Ann"}},
        {"extra": {"colour": "red"}},
        {"extra": {"save": "for_ever"}},
        {"extra": {"save": "off_session"}},
        {"flow": Flow.REDIRECT, "return_url": None},
        {"flow": Flow.CLIENT_SDK, "return_url": None},
    ],
)
def test_what_stripe_could_not_mean_is_refused_before_anything_is_sent(other):
    gateway = StripeGateway(settings(api="http://127.0.0.1:9"))
    with pytest.raises(InvalidRequest) as caught:
        gateway.start(a_start(**other))
    assert "4242" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        (timedelta(minutes=1), messages.SHORTEST),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=3), messages.LONGEST),
    ],
)
def test_a_page_lives_as_long_as_asked_within_what_stripe_allows(asked, ends):
    ask = messages.start(a_start(flow=Flow.REDIRECT, expires_at=NOON + asked), settings())
    assert ask.params["expires_at"] == int((NOON + ends).timestamp())


def test_an_account_that_captures_once_refuses_a_part_before_anything_is_sent():
    gateway = StripeGateway(settings(api="http://127.0.0.1:9"))
    with pytest.raises(Unsupported, match="captures once"):
        gateway.capture(OperationKey("capture_1"), "pi_1", Money(100, "EUR"), final=False)


@pytest.mark.parametrize(
    "other",
    [
        {"api_key": "pk_test_x_and_more"},
        {"api_key": ""},
        {"api_key": "sk_test_x y"},
        {"publishable_key": "sk_test_x"},
        {"account": "1234"},
        {"api": "http://api.stripe.com"},
        {"api": "https://api.stripe.com/v1"},
        {"read": timedelta()},
        {"webhook_secrets": ("short",)},
    ],
)
def test_settings_refuse_what_cannot_be_and_show_no_key(other):
    with pytest.raises(InvalidValue) as caught:
        settings(**other)
    assert settings().api_key not in str(caught.value)


def test_nothing_that_is_printed_shows_a_key_and_scrubbing_takes_tokens_too():
    ours = settings()
    told = repr(ours) + repr(StripeGateway(ours)) + repr(StripeGateway(ours).client)
    assert [secret for secret in ours.secrets if secret in told] == []
    text = f"POST {ours.api_key} pm_1abcdef pi_1x_secret_y9 order_1_1 {CARD}"
    assert StripeGateway(ours).scrub(text) == "POST [secret] [token] [token] order_1_1 [card]"


@pytest.mark.parametrize(("key", "live"), [("sk_live_0123456789", True), ("rk_live_0123456789", True), ("sk_test_0123456789", False)])
def test_a_key_tells_whether_money_moves(key, live):
    assert settings(api_key=key).live is live
