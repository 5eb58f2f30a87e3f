"""The wire: what was provably not sent is told apart from what nobody knows, and nothing but an answer of Stripe is ever done."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import stripe
from attrs import evolve

from shopwright.adapters.calling import trusting
from shopwright.adapters.stripe import StripeGateway, messages
from shopwright.adapters.stripe.client import BUSY, StripeClient
from shopwright.adapters.stripe.codes import DECLINES, declined, failure
from shopwright.money import Money
from shopwright.payments.errors import (
    GatewayError,
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    Misconfigured,
    NotFound,
    NotSent,
    Throttled,
)
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Advice, DeclineReason, Done
from shopwright.payments.requests import RefundPart
from tests.unit.adapters.stripe.parts import KEY, a_start, an_intent, settings
from tests.unit.adapters.tls import tls_server

QUERY = messages.intent("pi_1")


class Odd:
    """A server that answers as a test says, and remembers what it was asked."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers, self.asked = list(answers), []
        self.headers: dict[str, str] = {}
        self.address = ""

    @contextmanager
    def open(self) -> Iterator[Odd]:
        odd = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                odd.asked.append((self.command, self.path, self.headers, self.rfile.read(length).decode()))
                status, body = odd.answers.pop(0) if len(odd.answers) > 1 else odd.answers[0]
                if status == 0:
                    return
                self.send_response(status)
                for name, value in odd.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) + (9 if status == 299 else 0)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def client_of(odd: Odd, **other: object) -> StripeClient:
    return StripeClient(settings(api=odd.address, **other), wait=lambda _seconds: None)


def error(code: str = "", *, kind: str = "invalid_request_error", **more: str) -> bytes:
    return json.dumps({"error": {"type": kind, "message": "no such pm_1abcdef", "code": code or None, **more}}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'"x"'),
        (200, b"{}"),
        (200, b'{"object":7}'),
        (200, b"\xff\xfe"),
        (200, b"[" * 50_000),
        (299, b'{"object":"payment_intent"}'),
        (0, b""),
        (301, b""),
        (400, b"<html>"),
        (402, b"no"),
        (500, b""),
        (500, error()),
        (502, b"<html>bad gateway</html>"),
        (503, error("service_unavailable", kind="api_error")),
    ],
)
def test_what_is_no_answer_of_stripe_leaves_open_what_happened(status, body):
    with Odd((status, body)).open() as odd, pytest.raises(Indeterminate):
        client_of(odd).ask(QUERY)


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [
        (401, error(), Misconfigured),
        (403, error(), Misconfigured),
        (404, error("resource_missing", param="intent"), NotFound),
        (400, error("resource_missing", param="payment_method"), InvalidRequest),
        (400, error("parameter_unknown", param="colour"), InvalidRequest),
        (400, error(kind="idempotency_error"), GatewayKeyConflict),
        (429, error("rate_limit"), Throttled),
        (409, error("idempotency_key_in_use", kind="idempotency_error"), Throttled),
    ],
)
def test_an_error_of_stripe_is_one_of_ours_and_tells_no_token(status, body, raised):
    with Odd((status, body)).open() as odd, pytest.raises(raised) as caught:
        client_of(odd).ask(QUERY)
    assert type(caught.value) is raised
    assert "pm_1" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("code", ["payment_intent_unexpected_state", "charge_already_refunded", "amount_too_large", ""])
def test_what_its_state_does_not_allow_is_told_of_operations_on_a_payment_alone(code):
    found = {}
    for call in ("refunds.create", "payment_intents.create"):
        problem = stripe.InvalidRequestError("no", "amount", code or None, http_status=400)
        found[call] = type(failure(problem, call))
    assert found == {"refunds.create": InvalidState, "payment_intents.create": InvalidRequest}


def test_a_limit_tells_how_long_to_wait():
    limited = Odd((429, error("rate_limit")))
    limited.headers = {"Retry-After": "7"}
    with limited.open() as odd, pytest.raises(Throttled) as caught:
        client_of(odd).ask(QUERY)
    assert caught.value.retry_after == timedelta(seconds=7)


def test_every_change_carries_the_key_of_its_operation_the_version_and_the_account():
    with Odd((200, json.dumps(an_intent()).encode())).open() as odd:
        client_of(odd, account="acct_1").ask(messages.capture(KEY, "pi_1", Money(700, "EUR"), final=True))
    [(method, path, headers, body)] = odd.asked
    assert (method, path) == ("POST", "/v1/payment_intents/pi_1/capture")
    wanted = {"Idempotency-Key": "order_1_1", "Stripe-Version": settings().version, "Stripe-Account": "acct_1"}
    assert {name: headers[name] for name in wanted} == wanted
    assert "amount_to_capture=700" in body
    assert "X-Stripe-Client-Telemetry" not in headers


def test_a_request_is_put_again_while_another_one_of_its_key_is_under_way_and_not_for_ever():
    busy, fine = (409, error("idempotency_key_in_use")), (200, json.dumps(an_intent()).encode())
    waited: list[float] = []
    with Odd(busy, busy, fine).open() as odd:
        answer = evolve(client_of(odd), wait=waited.append).ask(messages.cancel(KEY, "pi_1"))
    assert answer["id"] == "pi_1"
    assert {headers["Idempotency-Key"] for _method, _path, headers, _body in odd.asked} == {"order_1_1"}
    assert waited == [0.25, 0.5]
    with Odd(busy).open() as odd, pytest.raises(Throttled):
        client_of(odd).ask(messages.cancel(KEY, "pi_1"))
    assert len(odd.asked) == BUSY + 1


def test_nothing_else_is_ever_repeated_behind_the_back_of_a_flow():
    for answer in ((500, error()), (503, b""), (0, b"")):
        with Odd(answer).open() as odd, pytest.raises(Indeterminate):
            client_of(odd).ask(messages.cancel(KEY, "pi_1"))
        assert len(odd.asked) == 1


def test_a_connection_that_is_refused_and_a_host_that_is_not_there_were_not_sent_to():
    for api in ("http://127.0.0.1:9", "https://no-such-host.invalid"):
        with pytest.raises(NotSent):
            StripeClient(settings(api=api)).ask(QUERY)


def test_no_answer_in_time_leaves_open_what_happened():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = StripeClient(settings(api=f"http://127.0.0.1:{silent.getsockname()[1]}", read=timedelta(milliseconds=50)))
        with pytest.raises(Indeterminate, match="TimeoutError"):
            client.ask(QUERY)


def test_nothing_is_sent_to_a_host_whose_certificate_nobody_vouches_for(tmp_path):
    with tls_server(tmp_path, "127.0.0.1") as (port, _certificate), pytest.raises(NotSent, match="SSLCertVerificationError"):
        StripeClient(settings(api=f"https://127.0.0.1:{port}")).ask(QUERY)


def test_nothing_is_sent_to_a_host_with_the_certificate_of_another(tmp_path):
    with tls_server(tmp_path, "other.example") as (port, certificate):
        trust = ssl.create_default_context(cafile=str(certificate))
        with pytest.raises(NotSent, match="SSLCertVerificationError"):
            StripeClient(settings(api=f"https://127.0.0.1:{port}"), trust).ask(QUERY)


def test_a_server_in_trouble_behind_tls_leaves_open_what_happened(tmp_path):
    with tls_server(tmp_path, "127.0.0.1") as (port, certificate):
        trust = ssl.create_default_context(cafile=str(certificate))
        with pytest.raises(Indeterminate):
            StripeClient(settings(api=f"https://127.0.0.1:{port}"), trust).ask(messages.cancel(KEY, "pi_1"))


def test_tls_of_old_is_not_spoken():
    trust = trusting()
    assert trust.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("other", [{"amount": 1231}, {"currency": "usd"}, {"metadata": {}}, {"metadata": {"shopwright_key": "order_2_1"}}])
def test_an_answer_about_another_payment_is_no_answer(other):
    with Odd((200, json.dumps(an_intent(**other)).encode())).open() as odd, pytest.raises(Indeterminate, match="another payment"):
        StripeGateway(settings(api=odd.address)).start(a_start())


@pytest.mark.parametrize("other", [{"status": "dreaming"}, {"amount_received": None}, {"id": None}, {"currency": 7}])
def test_an_answer_with_unknown_words_is_never_done(other):
    with Odd((200, json.dumps(an_intent(**other)).encode())).open() as odd, pytest.raises(GatewayError) as caught:
        StripeGateway(settings(api=odd.address)).query(reference="pi_1")
    assert isinstance(caught.value, Indeterminate)


def test_a_refund_whose_payment_cannot_be_read_is_open_until_its_repeat_tells():
    refund = {
        "id": "re_1",
        "object": "refund",
        "amount": 100,
        "currency": "eur",
        "status": "succeeded",
        "created": 1,
        "metadata": {"shopwright_key": "r_00001"},
    }
    refund |= {"payment_intent": "pi_1", "balance_transaction": "txn_1"}
    part = RefundPart(key=OperationKey("r_00001"), payment="pi_1", amount=Money(100, "EUR"), of_total=Money(1230, "EUR"))
    paid = json.dumps(an_intent(latest_charge={"id": "ch_1", "status": "succeeded", "amount_refunded": 100})).encode()
    listed = json.dumps({"object": "list", "data": [refund], "has_more": False, "url": "/v1/refunds"}).encode()
    made = json.dumps(refund).encode()
    with Odd((200, paid), (200, listed), (200, made), (503, b""), (200, made), (200, paid), (200, listed)).open() as odd:
        gateway = StripeGateway(settings(api=odd.address))
        gateway.query(reference="pi_1")
        with pytest.raises(Indeterminate, match="the refund was asked for"):
            gateway.refund(part)
        again = gateway.refund(part)
    assert isinstance(again, Done)
    assert again.totals.refunded == Money(100, "EUR")
    keys = [headers["Idempotency-Key"] for method, _path, headers, _body in odd.asked if method == "POST"]
    assert keys == ["r_00001", "r_00001"]


def test_a_decline_keeps_the_code_of_the_bank_and_follows_its_advice():
    told = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "Not enough on pm_1abcdef.", "advice_code": "try_again_later"}
    outcome = declined(told, "pi_1")
    assert (outcome.reason, outcome.advice, outcome.raw_code) == (DeclineReason.INSUFFICIENT_FUNDS, Advice.RETRY_LATER, "insufficient_funds")
    assert outcome.message == "Not enough on [token]."
    assert declined(told | {"advice_code": "do_not_try_again"}, None).advice is Advice.DO_NOT_RETRY
    assert declined({"code": "a_code_of_tomorrow"}, None).reason is DeclineReason.GENERIC
    assert declined({}, None).raw_code == "declined"


def test_every_reason_that_a_bank_can_have_is_told_by_some_code():
    own = {DeclineReason.GENERIC, DeclineReason.BUYER_CANCELED, DeclineReason.EXPIRED}
    assert {reason for reason, _advice in DECLINES.values()} | own == set(DeclineReason)
