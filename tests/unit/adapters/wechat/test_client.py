"""The wire: what goes over it is golden, what comes back is believed only when it is signed and fresh, and silence is told apart from refusal."""

from __future__ import annotations

import json
import ssl
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest

from shopwright.adapters.calling import Reply
from shopwright.adapters.rsa import new_key, private_text, signed
from shopwright.adapters.wechat import WechatGateway, messages
from shopwright.adapters.wechat.client import WechatClient
from shopwright.adapters.wechat.codes import failure
from shopwright.adapters.wechat.messages import Answer
from shopwright.adapters.wechat.settings import PRODUCTION, STANDBY
from shopwright.adapters.wechat.signing import request_text
from shopwright.adapters.wechat.simulator import WechatSimulator
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import (
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    Misconfigured,
    NotFound,
    NotSent,
    Throttled,
)
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, InProgress
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.testing import FrozenClock
from tests.unit.adapters.tls import tls_server
from tests.unit.adapters.wechat.parts import NOON, OURS, THEIRS, TRANSACTION, settings, signed_raw

GOLDEN = Path(__file__).parent / "golden_requests.json"
KEY = OperationKey("order_1_1")
QUERY = messages.query("order_1_1", settings())


def a_start(flow: Flow, **other) -> StartPayment:
    facts = {"key": KEY, "amount": Money(1230, "CNY"), "description": "茶 / a=b & c", "flow": flow, "at": NOON, "notify_url": "https://shop.example/n"}
    return StartPayment(**(facts | other))


def started(flow: Flow, of=None, **other) -> messages.Ask:
    return messages.start(a_start(flow, **other), of or settings())


REFUND = RefundPart(key=OperationKey("refund_1"), payment="order_1_1", amount=Money(230, "CNY"), of_total=Money(1230, "CNY"), reason="broken")
OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
SHARES = (Split(receiver="1900000110", amount=Money(30, "CNY"), memo="seller"), Split(receiver=OPENID, amount=Money(7, "CNY")))
REQUESTS = {
    "native": started(Flow.QR, expires_at=NOON + timedelta(hours=1)),
    "native_to_be_shared": started(Flow.QR, settings(profit_sharing=True), amount=Money(1, "CNY"), notify_url=None),
    "h5": started(Flow.REDIRECT, buyer={"ip": "203.0.113.7"}),
    "h5_by_its_source": started(Flow.REDIRECT, source_token="2001:db8::7", extra={"h5": "iOS"}),
    "jsapi": started(Flow.CLIENT_SDK, buyer={"openid": OPENID}),
    "jsapi_by_its_source": started(Flow.CLIENT_SDK, source_token=OPENID),
    "app": started(Flow.CLIENT_SDK),
    "codepay": started(Flow.SCAN_BUYER_CODE, source_token="134567890123456789", extra={"store": "hamburg"}),
    "query": QUERY,
    "query_transaction": messages.query_transaction(TRANSACTION, settings()),
    "close": messages.close("order_1_1", settings()),
    "refund": messages.refund(REFUND, settings()),
    "refund_query": messages.refund_query(REFUND.key),
    "split": messages.split(OperationKey("split_1"), TRANSACTION, SHARES, settings(), finish=False),
    "split_the_rest": messages.split(OperationKey("split_2"), TRANSACTION, (), settings(), finish=True),
    "split_query": messages.split_query(OperationKey("split_1"), TRANSACTION),
    "trade_bill": messages.trade_bill("2026-03-01"),
    "fund_bill": messages.fund_bill("2026-03-01"),
    "certificates": messages.CERTIFICATES,
}


def test_what_goes_over_the_wire_is_golden():
    told = {name: [ask.verb, ask.target, None if ask.words is None else json.loads(ask.body)] for name, ask in REQUESTS.items()}
    assert told == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_a_request_is_signed_over_its_own_bytes():
    for ask in REQUESTS.values():
        header = WechatClient(settings()).authorization(ask, nonce="abc", at=NOON)
        schema, _, rest = header.partition(" ")
        told = {name: value.strip('"') for name, _, value in (pair.partition("=") for pair in rest.split(","))}
        assert (schema, told["mchid"], told["serial_no"]) == ("WECHATPAY2-SHA256-RSA2048", "1900000109", settings().serial)
        assert signed(request_text(ask.verb, ask.target, told["timestamp"], "abc", ask.body), told["signature"], OURS.public_key())


@pytest.mark.parametrize(
    ("flow", "other", "words"),
    [
        (Flow.REDIRECT, {}, "needs the buyer's network address"),
        (Flow.REDIRECT, {"buyer": {"ip": "somewhere"}}, "needs the buyer's network address"),
        (Flow.REDIRECT, {"buyer": {"ip": "203.0.113.7"}, "extra": {"h5": "Fax"}}, "one of Wap, iOS, Android"),
        (Flow.CLIENT_SDK, {"extra": {"sdk": "jsapi"}}, "needs the buyer's open id"),
        (Flow.CLIENT_SDK, {"extra": {"sdk": "web"}}, "one of app, jsapi"),
        (Flow.SCAN_BUYER_CODE, {}, "needs a source_token"),
    ],
)
def test_a_request_that_wechat_pay_would_not_take_is_invalid_before_it_is_sent(flow, other, words):
    with pytest.raises(InvalidRequest, match=words):
        started(flow, **other)


def test_a_payment_needs_an_address_for_its_notifications():
    with pytest.raises(InvalidRequest, match="needs a notify_url"):
        started(Flow.QR, settings(notify_url=None), notify_url=None)


def test_a_long_title_is_cut_where_no_sign_is_broken():
    words = started(Flow.QR, description="茶" * 60).words
    assert words["description"] == "茶" * 42


def test_a_number_that_no_order_can_have_is_not_found_and_nothing_is_asked():
    for reference in ("no/such", "a b", "茶茶茶茶茶茶", "x?mchid=1"):
        with pytest.raises(NotFound):
            messages.query(reference, settings())


def replied(words: object = None, status: int = 200, *, key=THEIRS, late=timedelta(), drop: str = "", body: bytes | None = None) -> Reply:
    told = json.dumps(words, ensure_ascii=False).encode() if body is None else body
    headers = {name.lower(): value for name, value in signed_raw(told, key=key, at=NOON + late).headers}
    return Reply(status, {name: value for name, value in headers.items() if name != drop}, told)


class Canned(WechatClient):
    """A client that reads what it is handed."""

    def read(self, reply: Reply) -> Answer:
        return self._read(reply, at=NOON)


def read(reply: Reply) -> Answer:
    return Canned(settings()).read(reply)


def test_an_answer_is_believed_by_the_bytes_that_were_signed():
    assert read(replied({"code_url": "weixin://x", "说": "好"})) == Answer(200, {"code_url": "weixin://x", "说": "好"})
    assert read(replied(status=204, body=b"")) == Answer(204, {})
    assert read(replied({"code": "ORDER_NOT_EXIST", "message": "no"}, 404)).code == "ORDER_NOT_EXIST"


@pytest.mark.parametrize(
    "reply",
    [
        replied({"a": 1}, key=OURS),
        replied({"a": 1}, drop="wechatpay-signature"),
        replied({"a": 1}, drop="wechatpay-serial"),
        replied({"a": 1}, drop="wechatpay-nonce"),
        replied({"a": 1}, drop="wechatpay-timestamp"),
        replied({"a": 1}, late=timedelta(minutes=6)),
        replied({"a": 1}, late=-timedelta(minutes=6)),
        Reply(200, replied({"a": 1}).headers, b'{"a": 2}'),
        Reply(200, {**replied({"a": 1}).headers, "wechatpay-signature": "x,y"}, b'{"a": 1}'),
        replied([1]),
        replied(body=b"<html>"),
        replied(body=b"\xff\xfe"),
        replied(body=b"[" * 50_000),
        Reply(200, {}, b"{}"),
        Reply(200, {}, b""),
        Reply(502, {}, b"<html>bad gateway</html>"),
        Reply(500, {}, b'{"code":"SYSTEM_ERROR"}'),
        Reply(404, {}, b'{"code":"ORDER_NOT_EXIST"}'),
        Reply(403, {}, b'{"code":"NOT_ENOUGH"}'),
    ],
)
def test_an_answer_that_is_not_signed_by_wechat_pay_just_now_leaves_open_what_happened(reply):
    with pytest.raises(Indeterminate):
        read(reply)


def test_an_unsigned_answer_is_believed_where_it_says_that_we_are_not_known_or_should_wait():
    with pytest.raises(Misconfigured, match="check merchant, serial and keys"):
        read(Reply(401, {}, b'{"code":"SIGN_ERROR","message":"no"}'))
    with pytest.raises(Throttled) as caught:
        read(Reply(429, {"retry-after": "7"}, b"{}"))
    assert caught.value.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (500, "SYSTEM_ERROR", Indeterminate),
        (500, "SYSTEMERROR", Indeterminate),
        (500, "BANK_ERROR", Indeterminate),
        (502, "502", Indeterminate),
        (503, "ORDER_NOT_EXIST", Indeterminate),
        (500, "OPENID_MISMATCH", InvalidRequest),
        (404, "ORDER_NOT_EXIST", NotFound),
        (404, "RESOURCE_NOT_EXISTS", NotFound),
        (404, "404", NotFound),
        (400, "PARAM_ERROR", InvalidRequest),
        (400, "ORDER_CLOSED", InvalidState),
        (400, "ORDERPAID", InvalidState),
        (403, "OUT_TRADE_NO_USED", GatewayKeyConflict),
        (403, "NO_AUTH", Misconfigured),
        (403, "A_CODE_OF_TOMORROW", InvalidState),
        (401, "SIGN_ERROR", Misconfigured),
        (429, "FREQUENCY_LIMITED", Throttled),
        (429, "RATELIMIT_EXCEEDED", Throttled),
        (302, "302", Indeterminate),
    ],
)
def test_a_status_with_a_code_is_an_error(status, code, error):
    assert failure(status, code) is error


def test_a_no_keeps_its_code_and_an_unknown_one_is_generic():
    known = messages.declined(Answer(403, {"code": "AUTH_CODE_EXPIRE", "message": "scan again"}), "order_1_1")
    assert known == Declined(
        DeclineReason.AUTHENTICATION_FAILED, Advice.ASK_BUYER, raw_code="AUTH_CODE_EXPIRE", message="scan again", reference="order_1_1"
    )
    assert messages.declined(Answer(403, {"code": "NEW"}), "order_1_1").reason is DeclineReason.GENERIC


ORDER = {
    "appid": "wxd678efh567hg6787",
    "mchid": "1900000109",
    "out_trade_no": "order_1_1",
    "transaction_id": TRANSACTION,
    "trade_state": "SUCCESS",
    "amount": {"total": 100, "currency": "CNY"},
}


@pytest.mark.parametrize(
    "other",
    [
        {"out_trade_no": "order_2_1"},
        {"mchid": "1900000110"},
        {"appid": "wx0000000000000000"},
        {"trade_state": "TRADE_ODD"},
        {"trade_state": 7},
        {"amount": {"total": 1.5}},
        {"amount": {"total": "100"}},
        {"amount": {"total": 100, "currency": "USD"}},
        {"amount": None},
        {"transaction_id": None},
    ],
)
def test_an_answer_about_another_order_or_with_unknown_words_is_never_done(other):
    with pytest.raises(Indeterminate):
        messages.standing(Answer(200, ORDER | other), "order_1_1", settings(), at=NOON)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("NOTPAY", InProgress), ("USERPAYING", InProgress), ("ACCEPT", InProgress), ("CLOSED", Declined), ("REVOKED", Declined), ("PAYERROR", Declined)],
)
def test_an_order_that_is_not_paid_stands_as_wechat_pay_tells(state, outcome):
    found = messages.standing(Answer(200, ORDER | {"trade_state": state}), "order_1_1", settings(), at=NOON)
    assert isinstance(found, outcome)
    assert not isinstance(found, Declined) or found.raw_code == state


def test_a_time_that_makes_no_sense_is_replaced_by_ours():
    for told in ("yesterday", "2026-03-01T20:00:00", 7, None):
        done = messages.standing(Answer(200, ORDER | {"success_time": told}), "order_1_1", settings(), at=NOON)
        assert done.occurred_at == NOON


def test_settings_refuse_what_cannot_work_and_show_no_key():
    wrong = {
        "private_key": "x",
        "public_key": "x",
        "gateway": "http://api.mch.weixin.qq.com",
        "app_id": "2021",
        "merchant_id": "abc",
        "serial": "xyz",
        "api_v3_key": "short",
        "public_key_id": "KEY",
        "tolerance": timedelta(),
    }
    for name, value in wrong.items():
        with pytest.raises(InvalidValue) as caught:
            settings(**{name: value})
        assert "PRIVATE" not in str(caught.value)
    text = private_text(OURS)
    told = repr(settings()) + repr(WechatGateway(settings())) + repr(WechatClient(settings()))
    assert [line for line in (*text.splitlines(), settings().api_v3_key) if line in told] == []
    assert WechatGateway(settings()).scrub(f"key {text.splitlines()[3]} and {settings().api_v3_key}") == "key [secret] and [secret]"


def test_the_gateway_stands_in_two_places_and_is_the_first_unless_told():
    assert (settings().gateway, STANDBY) == (PRODUCTION, "https://api2.mch.weixin.qq.com")
    assert settings(gateway=STANDBY).gateway == STANDBY


def test_a_bill_is_fetched_from_the_gateway_only_and_with_its_own_hash():
    client = WechatClient(settings())
    for url in ("https://example.com/v3/billdownload/file?token=x", "http://api.mch.weixin.qq.com/x", "https://api.mch.weixin.qq.com.example.com/x"):
        with pytest.raises(Indeterminate, match="not the gateway"):
            client.fetch(url, "0" * 40, at=NOON)
    clock = FrozenClock(NOON)
    with WechatSimulator.open(clock=clock, keys=(OURS, THEIRS)) as simulator:
        gateway = WechatGateway(simulator.settings, clock=clock)
        gateway.start(a_start(Flow.SCAN_BUYER_CODE, source_token="134567890123456789"))
        clock.advance(days=1)
        told = gateway.client.ask(messages.trade_bill("2026-03-01"), at=clock.now()).words
        assert gateway.client.fetch(told["download_url"], told["hash_value"].upper(), at=clock.now())
        with pytest.raises(Indeterminate, match="its hash is another one"):
            gateway.client.fetch(told["download_url"], "0" * 40, at=clock.now())


def test_a_request_that_another_key_signed_is_turned_away():
    clock = FrozenClock(NOON)
    with WechatSimulator.open(clock=clock, keys=(OURS, THEIRS)) as simulator:
        other = settings(gateway=simulator.address, private_key=private_text(new_key()))
        with pytest.raises(Misconfigured, match="SIGN_ERROR"):
            WechatGateway(other, clock=clock).start(a_start(Flow.QR))
        late = WechatGateway(settings(gateway=simulator.address), clock=FrozenClock(NOON + timedelta(minutes=6)))
        with pytest.raises(Misconfigured, match="SIGN_ERROR"):
            late.start(a_start(Flow.QR))
        assert simulator.provider.trades == {}


def test_a_gateway_that_cannot_be_reached_got_nothing():
    connection = HTTPConnection("127.0.0.1", 9, timeout=1)

    class Cut(WechatClient):
        def connection(self, address):
            return connection

    with pytest.raises(NotSent):
        Cut(settings()).ask(QUERY, at=NOON)


def test_nothing_is_sent_to_a_host_whose_certificate_nobody_vouches_for_or_which_is_another(tmp_path):
    with tls_server(tmp_path, "127.0.0.1") as (port, _certificate), pytest.raises(NotSent, match="SSLCertVerificationError"):
        WechatClient(settings(gateway=f"https://127.0.0.1:{port}")).ask(QUERY, at=NOON)
    with tls_server(tmp_path, "other.example") as (port, certificate):
        client = WechatClient(settings(gateway=f"https://127.0.0.1:{port}"), ssl.create_default_context(cafile=str(certificate)))
        with pytest.raises(NotSent, match="SSLCertVerificationError"):
            client.ask(QUERY, at=NOON)


def test_a_gateway_in_trouble_leaves_open_what_happened(tmp_path):
    with tls_server(tmp_path, "127.0.0.1") as (port, certificate):
        client = WechatClient(settings(gateway=f"https://127.0.0.1:{port}"), ssl.create_default_context(cafile=str(certificate)))
        with pytest.raises(Indeterminate):
            client.ask(messages.close("order_1_1", settings()), at=NOON)
