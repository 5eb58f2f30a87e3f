"""The translation, held against golden files: what goes over the wire does not change by accident."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict
from shopwright.money import Money
from shopwright.payments.errors import GatewayKeyConflict, Indeterminate, InvalidRequest, InvalidState, Misconfigured, NotFound, Throttled
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import ActionRequired, Advice, Declined, DeclineReason, Done, InProgress, Redirect, Totals
from shopwright.payments.requests import RefundPart, StartPayment

from shopwright_examplepay import messages
from shopwright_examplepay.messages import HttpRequest, HttpResponse

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = OperationKey("order_20260301_1")

REQUESTS = {
    "start": messages.start(
        StartPayment(
            key=KEY,
            amount=Money(1990, "EUR"),
            description="Bestellung 20260301-1",
            flow=Flow.REDIRECT,
            return_url="https://shop.example/back",
            expires_at=NOON + timedelta(hours=1),
            at=NOON,
        )
    ),
    "start_in_yen": messages.start(
        StartPayment(key=KEY, amount=Money(1990, "JPY"), description="注文", flow=Flow.TOKEN, capture=False, source_token="tok_1", at=NOON)
    ),
    "capture": messages.capture(KEY, "pay/1", Money(5, "KWD"), final=True),
    "void": messages.void(KEY, "pay_1"),
    "refund": messages.refund(RefundPart(key=KEY, payment="pay_1", amount=Money(5, "EUR"), of_total=Money(1990, "EUR"))),
    "query_by_reference": messages.by_reference("pay_1"),
    "query_by_key": messages.by_key(KEY),
    "query_refund": messages.refund_by_key("pay_1", KEY),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_goes_over_the_wire_as_it_always_did(name: str) -> None:
    assert asdict(REQUESTS[name]) == json.loads((GOLDEN / "requests.json").read_text(encoding="utf-8"))[name]


def test_no_amount_is_a_number_on_the_wire() -> None:
    bodies = [request.body or {} for request in REQUESTS.values()]
    assert [value for body in bodies for value in body.values() if isinstance(value, int | float) and not isinstance(value, bool)] == []


def response(name: str) -> HttpResponse:
    """A recorded response."""
    recorded: dict[str, Any] = json.loads((GOLDEN / "responses.json").read_text(encoding="utf-8"))[name]
    return HttpResponse(recorded["status"], recorded.get("headers", {}), json.dumps(recorded["body"]).encode())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("done", Done("pay_1", Totals.of("EUR", authorized=1990, captured=1990, refunded=5), NOON)),
        ("action", ActionRequired("pay_1", Redirect("https://examplepay.example/p/1"))),
        ("processing", InProgress("pay_1", timedelta(seconds=3))),
        ("declined", Declined(DeclineReason.INSUFFICIENT_FUNDS, Advice.TRY_OTHER_METHOD, "funds", "not enough money", "pay_1")),
        ("declined_for_a_new_reason", Declined(DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD, "moon_phase", "not today", "pay_1")),
    ],
)
def test_a_response_becomes_its_outcome(name: str, expected: object) -> None:
    assert messages.outcome(response(name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("not_found", NotFound),
        ("key_reused", GatewayKeyConflict),
        ("invalid_state", InvalidState),
        ("unauthorized", Misconfigured),
        ("unknown_error", InvalidRequest),
        ("throttled", Throttled),
        ("server_error", Indeterminate),
        ("a_status_from_the_future", Indeterminate),
        ("an_amount_too_fine_for_its_currency", Indeterminate),
    ],
)
def test_a_response_that_is_no_outcome_raises_its_error(name: str, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        messages.outcome(response(name))


def test_a_throttled_response_says_how_long_to_wait() -> None:
    with pytest.raises(Throttled) as caught:
        messages.outcome(response("throttled"))
    assert caught.value.retry_after == timedelta(seconds=2)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"done"', b"\xff\xfe", b"[" * 100_000, b'{"status": "done"}'])
def test_a_body_that_is_not_examplepays_is_never_done(body: bytes) -> None:
    with pytest.raises(Indeterminate):
        messages.outcome(HttpResponse(200, {}, body))


def test_a_request_is_a_value() -> None:
    assert messages.void(KEY, "pay_1") == HttpRequest("POST", "/v1/payments/pay_1/void", {"key": KEY.value})
