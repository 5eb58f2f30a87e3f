"""The wire: what goes over it is golden, what comes back is believed only when it is signed, and silence is told apart from refusal."""

from __future__ import annotations

import json
import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from shopwright.adapters.alipay import AlipayGateway, bills, messages
from shopwright.adapters.alipay.client import AlipayClient
from shopwright.adapters.alipay.settings import PRODUCTION, SANDBOX, AlipaySettings
from shopwright.adapters.alipay.signing import sign
from shopwright.adapters.alipay.simulator import AlipaySimulator
from shopwright.adapters.rsa import private_text
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import GatewayError, Indeterminate, InvalidRequest, InvalidState, Misconfigured, NotFound, NotSent, Throttled
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, InProgress
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.testing import FrozenClock
from tests.unit.adapters.alipay.parts import NOON, OURS, THEIRS, settings
from tests.unit.adapters.tls import tls_server

GOLDEN = Path(__file__).parent / "golden_requests.json"
KEY = OperationKey("order_1_1")
QUERY = messages.query("order_1_1")


def a_start(flow: Flow, **other) -> StartPayment:
    facts = {"key": KEY, "amount": Money(1230, "CNY"), "description": "茶 / a=b & c", "flow": flow, "at": NOON, "notify_url": "https://shop.example/n"}
    return StartPayment(**(facts | other))


SHARE = Split(receiver="2088000000000009", amount=Money(30, "CNY"), memo="seller")
REQUESTS = {
    "page": messages.start(a_start(Flow.REDIRECT, return_url="https://shop.example/back", expires_at=NOON + timedelta(hours=1))),
    "wap": messages.start(a_start(Flow.REDIRECT, extra={"page": "wap"})),
    "precreate": messages.start(a_start(Flow.QR, amount=Money(1, "CNY"))),
    "pay": messages.start(a_start(Flow.SCAN_BUYER_CODE, source_token="281234567890123456")),
    "query": QUERY,
    "close": messages.close("order_1_1"),
    "refund": messages.refund(RefundPart(key=OperationKey("refund_1"), payment="order_1_1", amount=Money(100, "CNY"), of_total=Money(1230, "CNY"))),
    "refund_query": messages.refund_query("order_1_1", OperationKey("refund_1")),
    "settle": messages.settle(OperationKey("split_1"), "2026", (SHARE,), finish=True),
    "bill": messages.bill("2026-03-01"),
}


def test_what_goes_over_the_wire_is_golden():
    told = {name: ask.fields("2021000000000001", at=NOON) for name, ask in REQUESTS.items()}
    assert told == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_page_that_alipay_does_not_have_is_an_invalid_request():
    with pytest.raises(InvalidRequest, match="one of page, wap"):
        messages.start(a_start(Flow.REDIRECT, extra={"page": "app"}))


def response(answer: dict, *, key=THEIRS, name: str = "alipay_trade_query_response", sign_it: bool = True) -> bytes:
    part = json.dumps(answer, ensure_ascii=False)
    return (f'{{"{name}":{part}' + (f',"sign":"{sign(part, key)}"}}' if sign_it else "}")).encode()


def test_an_answer_is_read_from_the_bytes_that_were_signed():
    told = {"code": "10000", "msg": "好", "out_trade_no": "order_1_1", "nested": {"a": '"}'}}
    assert AlipayClient(settings()).read(QUERY.method, response(told)) == told


@pytest.mark.parametrize(
    "body",
    [
        response({"code": "10000"}, key=OURS),
        response({"code": "10000"}, sign_it=False),
        response({"code": "10000"}).replace(b'"10000"', b'"10001"'),
        response({"code": "10000"}, name="alipay_trade_refund_response"),
        response({"code": "10000"})[:-30],
        b"",
        b"<html>",
        b"[]",
        b'{"alipay_trade_query_response":"x","sign":"y"}',
        b"\xff\xfe",
        b"[" * 50_000,
    ],
)
def test_a_body_that_is_not_signed_by_alipay_leaves_open_what_happened(body):
    with pytest.raises(Indeterminate):
        AlipayClient(settings()).read(QUERY.method, body)


def test_an_unsigned_answer_is_believed_where_it_says_that_alipay_does_not_know_us():
    body = response({"code": "40002", "sub_code": "isv.invalid-app-id"}, name="error_response", sign_it=False)
    with pytest.raises(Misconfigured, match="check app_id and keys"):
        AlipayClient(settings()).read(QUERY.method, body)


@pytest.mark.parametrize(
    ("code", "sub_code", "error"),
    [
        ("20000", "isp.unknow-error", Indeterminate),
        ("20000", "aop.ACQ.SYSTEM_ERROR", Indeterminate),
        ("40004", "ACQ.SYSTEM_ERROR", Indeterminate),
        ("40004", "ACQ.TRADE_NOT_EXIST", NotFound),
        ("40004", "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", InvalidState),
        ("40002", "isv.invalid-signature", Misconfigured),
        ("40002", "isv.invalid-parameter", InvalidRequest),
        ("40005", "isv.app-call-limited", Throttled),
        ("40006", "isv.insufficient-isv-permissions", Misconfigured),
        ("99999", "", Indeterminate),
        ("10000", "", type(None)),
        ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH", type(None)),
        ("40004", "ACQ.A_CODE_OF_TOMORROW", type(None)),
    ],
)
def test_a_code_is_an_error_or_an_answer(code: str, sub_code: str, error: type[GatewayError]):
    assert type(messages.raised({"code": code, "sub_code": sub_code, "msg": "x"})) is error


def test_a_no_keeps_its_code_and_an_unknown_one_is_generic():
    known = messages.declined({"code": "40004", "sub_code": "ACQ.PAYMENT_AUTH_CODE_INVALID", "sub_msg": "scan again"}, "order_1_1")
    assert known == Declined(
        DeclineReason.AUTHENTICATION_FAILED, Advice.ASK_BUYER, raw_code="ACQ.PAYMENT_AUTH_CODE_INVALID", message="scan again", reference="order_1_1"
    )
    assert messages.declined({"code": "40004", "sub_code": "ACQ.NEW"}, "order_1_1").reason is DeclineReason.GENERIC


@pytest.mark.parametrize("other", [{"out_trade_no": "order_2_1"}, {"total_amount": "1.999"}, {"total_amount": 1.5}, {"trade_status": "TRADE_ODD"}])
def test_an_answer_about_another_trade_or_with_unknown_words_is_never_done(other):
    told = {"code": "10000", "out_trade_no": "order_1_1", "total_amount": "1.00", "trade_status": "TRADE_SUCCESS", **other}
    with pytest.raises(Indeterminate):
        messages.standing(told, "order_1_1", at=NOON)


def test_a_trade_that_waits_for_its_buyer_is_in_progress():
    told = {"code": "10000", "out_trade_no": "order_1_1", "total_amount": "1.00", "trade_status": "WAIT_BUYER_PAY"}
    assert messages.standing(told, "order_1_1", at=NOON) == InProgress("order_1_1", messages.POLL_AFTER)


def test_settings_refuse_bad_keys_and_a_gateway_without_tls_and_show_no_key():
    for other in ({"private_key": "x"}, {"alipay_public_key": "x"}, {"gateway": "http://openapi.alipay.com/gateway.do"}, {"app_id": "20 21"}):
        with pytest.raises(InvalidValue) as caught:
            settings(**other)
        assert "PRIVATE" not in str(caught.value)
    text = private_text(OURS)
    told = repr(settings()) + repr(AlipayGateway(settings())) + repr(AlipayClient(settings()))
    assert [line for line in text.splitlines() if line in told] == []
    assert AlipayGateway(settings()).scrub(f"key {text.splitlines()[3]}") == "key [secret]"


def test_sandbox_and_production_differ_in_the_address_alone_and_keys_come_as_pem_or_as_bare_base64():
    bare = {name: "".join(getattr(settings(), name).splitlines()[1:-1]) for name in ("private_key", "alipay_public_key")}
    ours = AlipaySettings.sandbox(app_id="2021000000000001", seller_id="2088000000000001", **bare)
    assert (ours.gateway, settings().gateway) == (SANDBOX, PRODUCTION)
    assert AlipayClient(ours).signed_fields(QUERY, at=NOON) == AlipayClient(settings()).signed_fields(QUERY, at=NOON)


def test_nothing_is_sent_to_a_host_whose_certificate_nobody_vouches_for(tmp_path):
    with tls_server(tmp_path, "127.0.0.1") as (port, _certificate), pytest.raises(NotSent, match="SSLCertVerificationError"):
        AlipayClient(settings(gateway=f"https://127.0.0.1:{port}/gateway.do")).ask(QUERY, at=NOON)


def test_nothing_is_sent_to_a_host_with_the_certificate_of_another(tmp_path):
    with tls_server(tmp_path, "other.example") as (port, certificate):
        client = AlipayClient(settings(gateway=f"https://127.0.0.1:{port}/gateway.do"), ssl.create_default_context(cafile=str(certificate)))
        with pytest.raises(NotSent, match="SSLCertVerificationError"):
            client.ask(QUERY, at=NOON)


def test_a_server_in_trouble_leaves_open_what_happened(tmp_path):
    with tls_server(tmp_path, "127.0.0.1") as (port, certificate):
        client = AlipayClient(settings(gateway=f"https://127.0.0.1:{port}/gateway.do"), ssl.create_default_context(cafile=str(certificate)))
        with pytest.raises(Indeterminate, match="got status 502"):
            client.ask(QUERY, at=NOON)


def test_a_bill_is_fetched_from_a_host_of_alipay_only():
    for url in ("https://example.com/bill.zip", "http://dwbillcenter.alipay.com/x", "https://alipay.com.example.com/x", "file:///etc/hosts"):
        with pytest.raises(Indeterminate, match="none of Alipay's"):
            AlipayClient(settings()).fetch(url)


def test_a_bill_that_does_not_add_up_is_refused_whole():
    clock = FrozenClock(NOON)
    with AlipaySimulator.open(clock=clock, keys=(OURS, THEIRS)) as simulator:
        gateway = AlipayGateway(simulator.settings, clock=clock)
        gateway.start(a_start(Flow.SCAN_BUYER_CODE, source_token="281234567890123456"))
        text = bills.unpacked(simulator.bill("2026-03-01"))
    (line,) = bills.lines(text)
    assert (line.kind, line.reference, line.gross, line.fee, line.net) == (
        "charge", "order_1_1", Money(1230, "CNY"), Money(7, "CNY"), Money(1223, "CNY"),
    )  # fmt: skip
    for changed in (text.replace("12.30\t", "12.31\t"), text.replace("共12.30元", "共12.31元"), text.replace("1笔", "2笔"), "", "a,b\n"):
        with pytest.raises(Indeterminate):
            bills.lines(changed)
    for archive in (b"", b"PK", simulator.bill("2026-03-01")[:-40]):
        with pytest.raises(Indeterminate):
            bills.unpacked(archive)
