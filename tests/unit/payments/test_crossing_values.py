"""The values that cross the gateway port: what they accept, and what they know about themselves."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shopwright.errors import CurrencyMismatch, InvalidValue, KeyConflict, Misuse, Outage, ShopwrightError
from shopwright.money import Money
from shopwright.payments import errors
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import BadNotification, GatewayError, GatewayKeyConflict, InvalidRequest, Throttled, Unsupported
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import ClientSdk, Done, Redirect, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = OperationKey("order_1")
EURO = Money(100, "EUR")


def a_start(**facts: Any) -> StartPayment:
    return StartPayment(**{"key": KEY, "amount": EURO, "description": "order 1", "flow": Flow.TOKEN, "at": NOON, **facts})


@pytest.mark.parametrize("value", ["short", "x" * 33, "with-dash", "with space", "schlüssel", "１２３４５６", "", None, 123456])
def test_an_operation_key_that_some_provider_would_refuse_is_refused_here(value: Any):
    with pytest.raises(InvalidValue, match="6 to 32 of A-Z"):
        OperationKey(value)


@pytest.mark.parametrize("value", ["abcdef", "A_9" * 10, "x" * 32])
def test_an_operation_key_that_every_provider_takes_is_text_again(value: str):
    assert str(OperationKey(value)) == value


@pytest.mark.parametrize("amount", [Money(0, "EUR"), Money(-1, "EUR")])
def test_requests_are_for_positive_amounts(amount: Money):
    for make in (lambda: a_start(amount=amount), lambda: Split(receiver="seller", amount=amount)):
        with pytest.raises(InvalidValue, match="must be positive"):
            make()


@pytest.mark.parametrize(
    "facts", [{"amount": 100}, {"key": "order_1"}, {"flow": "card"}, {"capture": 1}, {"at": datetime(2026, 1, 1)}, {"description": "x" * 201}]
)
def test_a_start_of_wrong_types_is_refused(facts: dict[str, Any]):
    with pytest.raises(InvalidValue):
        a_start(**facts)


def test_a_start_shows_neither_token_nor_buyer():
    shown = repr(a_start(source_token="tok_secret", buyer={"email": "ann@shop.example"}))
    assert ("tok_secret" in shown, "ann@shop.example" in shown) == (False, False)


def test_a_refund_is_in_the_currency_of_its_payment():
    with pytest.raises(CurrencyMismatch):
        RefundPart(key=KEY, payment="p", amount=EURO, of_total=Money(100, "USD"))


def test_totals_tell_what_is_left_to_capture_and_to_refund():
    totals = Totals.of("EUR", authorized=100, captured=60, voided=10, pending_capture=5, refunded=10, pending_refund=20, charged_back=15)
    assert (totals.capturable, totals.refundable, totals.kept) == (Money(25, "EUR"), Money(15, "EUR"), Money(35, "EUR"))


def test_a_chargeback_on_top_of_a_refund_leaves_nothing_to_refund_and_a_loss():
    totals = Totals.of("EUR", authorized=100, captured=100, refunded=100, charged_back=100)
    assert (totals.refundable, totals.kept) == (Money(0, "EUR"), Money(-100, "EUR"))


def test_totals_are_in_one_currency_and_never_negative():
    fields = dict.fromkeys(("authorized", "captured", "refunded", "voided", "pending_capture", "pending_refund"), EURO)
    with pytest.raises(CurrencyMismatch):
        Totals(**fields, charged_back=Money(0, "USD"))
    with pytest.raises(InvalidValue, match="must not be negative"):
        Totals.of("EUR", refunded=-1)


def test_a_redirect_is_a_get_or_a_post():
    with pytest.raises(InvalidValue, match="GET or POST"):
        Redirect("https://pay.example", "PUT")


def test_the_secrets_of_a_client_sdk_do_not_show():
    assert "cs_1" not in repr(ClientSdk("sdk", {"client_secret": "cs_1"}))


def test_outcomes_keep_facts_of_the_provider_as_sorted_pairs():
    assert Done("p", Totals.of("EUR"), NOON, {"b": "2", "a": "1"}).raw == (("a", "1"), ("b", "2"))


ABLE = Capabilities(
    operations={Operation.CHARGE},
    flows={Flow.TOKEN},
    currencies={"EUR", "KWD"},
    amount_step={"KWD": 10},
    min_amount={"EUR": 50},
)


@pytest.mark.parametrize(
    ("facts", "error", "message"),
    [
        ({"capture": False}, Unsupported, "this gateway cannot authorize; it can: charge"),
        ({"flow": Flow.QR}, Unsupported, "this gateway has no qr flow; it has: token"),
        ({"amount": Money(100, "USD")}, Unsupported, "this gateway does not take USD; it takes: EUR, KWD"),
        ({"amount": Money(15, "KWD")}, InvalidRequest, "amounts in KWD are multiples of 10 minor units here, got 0.015 KWD"),
        ({"amount": Money(49, "EUR")}, InvalidRequest, "the smallest payment here is 0.50 EUR, got 0.49 EUR"),
    ],
)
def test_what_a_gateway_cannot_do_is_told_before_it_is_asked(facts: dict[str, Any], error: type[Exception], message: str):
    with pytest.raises(error) as caught:
        ABLE.demand_start(a_start(**facts))
    assert str(caught.value) == message


def test_what_a_gateway_can_do_passes():
    ABLE.demand_start(a_start(amount=Money(50, "EUR")))
    ABLE.demand_start(a_start(amount=Money(20, "KWD")))
    assert (ABLE.step("EUR"), ABLE.minimum("KWD")) == (1, 1)


@pytest.mark.parametrize(
    "facts",
    [
        {"operations": {Operation.REFUND}},
        {"multi_capture": True},
        {"amount_step": {"EUR": 0}},
        {"max_refunds": 0},
        {"flows": {"token!"}},
        {"auth_ttl": 7},
    ],
)
def test_capabilities_that_contradict_themselves_are_refused(facts: dict[str, Any]):
    with pytest.raises(InvalidValue):
        Capabilities(**{"operations": {Operation.CHARGE}, "flows": {Flow.TOKEN}, **facts})


def a_raw(**facts: Any) -> RawNotification:
    return RawNotification(**{"headers": (("Signature", "s"),), "body": b"{}", "received_at": NOON, **facts})


def test_a_header_is_found_in_any_case():
    assert a_raw().header("SIGNATURE") == "s"


@pytest.mark.parametrize("headers", [(), (("Signature", "a"), ("signature", "b"))])
def test_a_missing_or_repeated_header_makes_a_bad_notification(headers: tuple[tuple[str, str], ...]):
    with pytest.raises(BadNotification, match="exactly one header Signature"):
        a_raw(headers=headers).header("Signature")


def test_a_body_that_is_too_large_is_refused_unread():
    assert a_raw(body=b"12345").within(5) == b"12345"
    with pytest.raises(BadNotification, match="at most 4 bytes, got 5"):
        a_raw(body=b"12345").within(4)


def test_a_raw_notification_shows_no_content():
    assert "Signature" not in repr(a_raw())


def test_an_ack_has_a_status_of_http():
    with pytest.raises(InvalidValue):
        Ack(99)


def a_line(**facts: Any) -> LedgerLine:
    return LedgerLine(
        **{
            "line_id": "l",
            "kind": "charge",
            "reference": "p",
            "gross": EURO,
            "fee": Money(3, "EUR"),
            "booked_at": NOON,
            "available_on": NOON,
            **facts,
        }
    )


def test_the_net_of_a_ledger_line_is_gross_less_fee():
    assert a_line().net == Money(97, "EUR")
    with pytest.raises(CurrencyMismatch):
        a_line(fee=Money(3, "USD"))


EVERY_ERROR = sorted(
    (found for found in vars(errors).values() if isinstance(found, type) and issubclass(found, GatewayError) and found is not GatewayError),
    key=lambda found: found.__name__,
)


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_a_gateway_error_is_an_outage_or_a_misuse_and_never_both(error: type[GatewayError]):
    assert issubclass(error, ShopwrightError)
    assert issubclass(error, Outage) is not issubclass(error, Misuse)


@pytest.mark.parametrize("error", EVERY_ERROR)
def test_a_gateway_error_crosses_processes_with_what_the_provider_said(error: type[GatewayError]):
    back = pickle.loads(pickle.dumps(error("why", raw_code="E1", request_id="r1")))
    assert (type(back), str(back), back.raw_code, back.request_id) == (error, "why", "E1", "r1")


def test_a_throttled_call_keeps_how_long_to_wait():
    assert pickle.loads(pickle.dumps(Throttled("wait", retry_after=timedelta(seconds=2)))).retry_after == timedelta(seconds=2)


def test_a_key_conflict_at_the_provider_is_a_key_conflict():
    assert issubclass(GatewayKeyConflict, KeyConflict)
