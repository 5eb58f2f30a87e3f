"""Foreign implementations at both ends: what we sign they verify, what they sign we verify, and their clients are served by our simulator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from shopwright.adapters.alipay import AlipayGateway, messages
from shopwright.adapters.alipay.client import AlipayClient
from shopwright.adapters.alipay.notices import opened
from shopwright.adapters.alipay.settings import AlipaySettings
from shopwright.adapters.alipay.signing import content, public_key, signed
from shopwright.adapters.alipay.simulator import AlipaySimulator
from shopwright.adapters.rsa import private_text, public_text
from shopwright.money import Money
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Done
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.testing import FrozenClock
from tests.peers.installing import node_modules
from tests.surroundings import peer
from tests.unit.adapters.alipay.parts import NOON, OURS, THEIRS, form, signed_form

SUBJECT = '茶 cups + 1 "quoted" & more'


@pytest.fixture
def simulator() -> Iterator[AlipaySimulator]:
    with AlipaySimulator.open(clock=FrozenClock(NOON), keys=(OURS, THEIRS)) as found:
        yield found


def fields_of(raw) -> dict[str, str]:
    return dict(parse_qsl(raw.body.decode(), keep_blank_values=True))


def a_start(flow: Flow, **other) -> StartPayment:
    facts = {"key": OperationKey("order_1_1"), "amount": Money(1230, "CNY"), "description": SUBJECT, "flow": flow, "at": NOON}
    return StartPayment(**(facts | other))


def python_sdk(settings: AlipaySettings):
    """python-alipay-sdk; its own address is that of production."""
    found = peer("alipay").AliPay(
        appid=settings.app_id, app_private_key_string=settings.private_key, alipay_public_key_string=settings.alipay_public_key
    )
    found._gateway = settings.gateway
    return found


def test_python_alipay_sdk_is_served_by_the_simulator_and_verifies_its_answers(simulator):
    sdk = python_sdk(simulator.settings)
    assert sdk.api_alipay_trade_precreate(subject=SUBJECT, out_trade_no="order_1_1", total_amount="0.01")["qr_code"].startswith("https://qr.alipay.com/")
    assert sdk.api_alipay_trade_query(out_trade_no="order_1_1")["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    simulator.provider.approve("order_1_1")
    assert sdk.api_alipay_trade_query(out_trade_no="order_1_1")["trade_status"] == "TRADE_SUCCESS"
    assert sdk.api_alipay_trade_refund(out_trade_no="order_1_1", refund_amount="0.01", out_request_no="refund_01")["fund_change"] == "Y"
    assert sdk.api_alipay_trade_query(out_trade_no="order_1_1")["trade_status"] == "TRADE_CLOSED"


def test_python_alipay_sdk_and_we_make_the_same_signature_of_the_same_fields(simulator):
    sdk = python_sdk(simulator.settings)
    for ask in (messages.start(a_start(Flow.QR)), messages.query("order_1_1"), messages.start(a_start(Flow.REDIRECT))):
        fields = AlipayClient(simulator.settings).signed_fields(ask, at=NOON)
        signature = fields.pop("sign")
        assert sdk._sign(content(fields)) == signature
        assert signed(content(fields), signature, public_key(public_text(OURS)))


def test_python_alipay_sdk_verifies_the_notifications_of_the_simulator_and_we_verify_what_it_signs(simulator):
    sdk = python_sdk(simulator.settings)
    as_alipay = peer("alipay").AliPay(appid="x", app_private_key_string=private_text(THEIRS), alipay_public_key_string=public_text(THEIRS))
    fields = fields_of(signed_form(form()))
    signature = fields.pop("sign")
    assert sdk.verify(dict(fields), signature) is True
    assert sdk.verify({**fields, "total_amount": "99.00"}, signature) is False
    told = {**form(), "sign": as_alipay._sign(content(form(), without=(), keep_empty=True))}
    assert opened(signed_form(told), simulator.settings).events[0].reference == "order_1_1"


@pytest.fixture(scope="session")
def node_sdk() -> Path:
    """The official Node SDK, beside the other peers from npm."""
    return node_modules()


def ask_node(home: Path, settings: AlipaySettings, **what) -> dict:
    told = {
        "appId": settings.app_id,
        "privateKey": "".join(line for line in settings.private_key.splitlines() if "-----" not in line),
        "publicKey": "".join(line for line in settings.alipay_public_key.splitlines() if "-----" not in line),
        "gateway": settings.gateway,
    }
    script = Path(__file__).with_name("peer.mjs")
    done = subprocess.run(
        ["node", str(script), f"{home}/"], input=json.dumps(told | what), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_node_sdk_is_served_by_the_simulator_and_verifies_its_answers(simulator, node_sdk):
    pay = {"out_trade_no": "order_1_1", "total_amount": "0.03", "subject": SUBJECT, "scene": "bar_code", "auth_code": "281234567890123456"}
    refund = {"out_trade_no": "order_1_1", "refund_amount": "0.01", "out_request_no": "refund_01"}
    calls = [
        ["alipay.trade.precreate", {"out_trade_no": "order_2_1", "total_amount": "0.01", "subject": SUBJECT}],
        ["alipay.trade.pay", pay],
        ["alipay.trade.query", {"out_trade_no": "order_1_1"}],
        ["alipay.trade.refund", refund],
        ["alipay.trade.refund", refund],
        ["alipay.trade.fastpay.refund.query", {"out_trade_no": "order_1_1", "out_request_no": "refund_01"}],
        ["alipay.trade.close", {"out_trade_no": "order_1_1"}],
    ]
    answers = ask_node(node_sdk, simulator.settings, calls=calls)["answers"]
    assert [answer["code"] for answer in answers] == ["10000"] * 6 + ["40004"]
    assert [answers[3]["fundChange"], answers[4]["fundChange"], answers[5]["refundAmount"]] == ["Y", "N", "0.01"]
    assert answers[6]["subCode"] == "ACQ.TRADE_STATUS_ERROR"


def test_the_node_sdk_verifies_every_notification_of_the_simulator_and_no_tampered_one(simulator, node_sdk):
    gateway = AlipayGateway(simulator.settings, clock=simulator.provider.clock)
    paid = gateway.start(a_start(Flow.SCAN_BUYER_CODE, source_token="281234567890123456"))
    assert isinstance(paid, Done)
    part = RefundPart(key=OperationKey("refund_01"), payment=paid.reference, amount=Money(30, "CNY"), of_total=paid.totals.captured)
    assert gateway.refund(part).totals.refunded == Money(30, "CNY")
    genuine = [fields_of(raw) for raw in simulator.notifications()]
    tampered = [{**fields, "total_amount": "99.00"} for fields in genuine]
    assert ask_node(node_sdk, simulator.settings, forms=genuine + tampered)["checks"] == [True, True, False, False]


def test_a_page_that_the_node_sdk_signs_is_opened_and_ours_verifies_there(simulator, node_sdk):
    business = {"out_trade_no": "order_3_1", "total_amount": "5.00", "subject": SUBJECT, "product_code": "FAST_INSTANT_TRADE_PAY"}
    (page,) = ask_node(node_sdk, simulator.settings, pages=[["alipay.trade.page.pay", business]])["pages"]
    ours = AlipayClient(simulator.settings).page(messages.start(a_start(Flow.REDIRECT)), at=NOON)
    for number, url in (("order_3_1", page), ("order_1_1", ours)):
        address = urlsplit(url)
        connection = HTTPConnection("127.0.0.1", address.port, timeout=5)
        connection.request("GET", f"{address.path}?{address.query}")
        assert b'"code":"10000"' in connection.getresponse().read()
        connection.close()
        assert simulator.provider.trades[number].begun
