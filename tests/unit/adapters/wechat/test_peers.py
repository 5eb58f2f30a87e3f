"""Foreign implementations at both ends: what we sign they verify, what they sign we verify, their clients are served by our simulator, and our client
by a server of theirs.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from shopwright.adapters.rsa import private_text, public_text
from shopwright.adapters.system import SystemClock
from shopwright.adapters.wechat import WechatGateway, bills, messages, papers
from shopwright.adapters.wechat.client import WechatClient
from shopwright.adapters.wechat.notices import opened
from shopwright.adapters.wechat.proofs import HEADERS
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.adapters.wechat.simulator import WechatSimulator
from shopwright.money import Money
from shopwright.payments.errors import BadNotification, NotFound
from shopwright.payments.notifications import EventKind, RawNotification
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import ActionRequired, Declined, Done, InProgress
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.testing import FrozenClock
from tests.peers.installing import node_modules
from tests.surroundings import peer
from tests.unit.adapters.wechat.parts import KEY_ID, NOON, OURS, THEIRS, a_body, keys, paid, refunded, settings, signed_raw

TEA = '茶 cups + 1 "quoted" & more'
SCANNED = "134567890123456789"


def a_start(flow: Flow = Flow.QR, number: int = 1, **other) -> StartPayment:
    facts = {"key": OperationKey(f"order_{number}_1"), "amount": Money(1230, "CNY"), "description": TEA, "flow": flow, "at": datetime.now(UTC)}
    return StartPayment(**(facts | other))


@contextmanager
def a_simulator(*, certificates: bool = False) -> Iterator[WechatSimulator]:
    """A simulator that lives now, as the clocks of the others do."""
    with WechatSimulator.open(clock=SystemClock(), keys=(OURS, THEIRS), certificates=certificates) as found:
        yield found


def python_sdk(of: WechatSettings, *, certificates: bool = False):
    """wechatpayv3; its own address is that of production."""
    module = peer("wechatpayv3")
    core = peer("wechatpayv3.core").Core
    public = {} if certificates else {"public_key": of.public_key, "public_key_id": of.public_key_id}

    class Here(core):
        """The same at another address, which the constructor asks already for certificates."""

        _gate_way = property(lambda _self: of.gateway, lambda _self, _address: None)

    found = module.WeChatPay(
        wechatpay_type=module.WeChatPayType.NATIVE,
        mchid=of.merchant_id,
        private_key=of.private_key,
        cert_serial_no=of.serial,
        apiv3_key=of.api_v3_key,
        appid=of.app_id,
        notify_url=of.notify_url,
        public_key=settings().public_key,
        public_key_id=KEY_ID,
    )
    facts = {"mchid": of.merchant_id, "cert_serial_no": of.serial, "private_key": of.private_key, "apiv3_key": of.api_v3_key}
    found._core = Here(**facts, **public)
    return found


@pytest.mark.parametrize("certificates", [False, True], ids=["public_key", "certificates"])
def test_wechatpayv3_is_served_by_the_simulator_and_verifies_its_answers(certificates):
    with a_simulator(certificates=certificates) as simulator:
        sdk = python_sdk(simulator.settings, certificates=certificates)
        order = {"description": TEA, "out_trade_no": "order_1_1", "amount": {"total": 100}}
        assert json.loads(sdk.pay(**order)[1])["code_url"].startswith("weixin://wxpay/")
        assert sdk.pay(**order)[0] == 200
        assert (sdk.pay(**(order | {"amount": {"total": 101}}))[0], sdk.query(out_trade_no="order_2_1")[0]) == (400, 404)
        simulator.provider.approve("order_1_1")
        stands = json.loads(sdk.query(out_trade_no="order_1_1")[1])
        assert (stands["trade_state"], json.loads(sdk.query(transaction_id=stands["transaction_id"])[1])) == ("SUCCESS", stands)
        back = {"out_refund_no": "refund_1", "out_trade_no": "order_1_1", "amount": {"refund": 30, "total": 100, "currency": "CNY"}}
        assert json.loads(sdk.refund(**back)[1])["status"] == "SUCCESS"
        assert json.loads(sdk.query_refund("refund_1")[1])["amount"]["refund"] == 30
        assert sdk.close("order_1_1")[0] == 400
        sdk.pay(**(order | {"out_trade_no": "order_3_1"}))
        assert sdk.close("order_3_1")[0] == 204


def test_wechatpayv3_reads_what_the_simulator_pushes_and_no_tampered_one():
    with a_simulator() as simulator:
        sdk, gateway = python_sdk(simulator.settings), WechatGateway(simulator.settings)
        gateway.start(a_start(Flow.SCAN_BUYER_CODE, source_token=SCANNED))
        gateway.refund(RefundPart(key=OperationKey("refund_1"), payment="order_1_1", amount=Money(30, "CNY"), of_total=Money(1230, "CNY")))
        first, second = simulator.notifications()
        assert sdk.callback(dict(first.headers), first.body)["resource"]["amount"]["total"] == 1230
        assert sdk.callback(dict(second.headers), second.body)["resource"]["refund_status"] == "SUCCESS"
        assert sdk.callback(dict(first.headers), first.body.replace(b"TRANSACTION", b"TRANSACTIOM")) is None


def test_we_verify_what_wechatpayv3_signs_and_refuse_the_stale_callback_that_it_accepts():
    utils, body = peer("wechatpayv3.utils"), a_body(paid())
    stale = signed_raw(body)
    for at in (NOON, NOON - timedelta(days=30)):
        timestamp = str(int(at.timestamp()))
        signature = utils.rsa_sign(utils.load_private_key(private_text(THEIRS)), f"{timestamp}\nn\n{body.decode()}\n")
        values = dict(zip(HEADERS, (timestamp, "n", signature, KEY_ID), strict=True))
        stale = RawNotification(headers=values | {"Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048"}, body=body, received_at=NOON)
        if at == NOON:
            assert opened(stale, settings(), keys()).events[0].kind is EventKind.CAPTURED
    assert python_sdk(settings(gateway="http://127.0.0.1:9")).callback(dict(stale.headers), body) is not None
    with pytest.raises(BadNotification, match="from another time"):
        opened(stale, settings(), keys())


def test_wechatpayv3_shares_and_releases_at_the_simulator():
    with a_simulator() as simulator:
        sdk, gateway = python_sdk(simulator.settings), WechatGateway(simulator.settings)
        done = gateway.start(a_start(Flow.SCAN_BUYER_CODE, source_token=SCANNED))
        assert isinstance(done, Done)
        transaction = dict(done.raw)["transaction_id"]
        receiver = {"type": "MERCHANT_ID", "account": "1900000110", "amount": 30, "description": "seller"}
        status, told = sdk.profitsharing_order(transaction, "split_1", [receiver], False)
        assert (status, json.loads(told)["state"]) == (200, "FINISHED")
        part = Split(receiver="1900000110", amount=Money(30, "CNY"))
        assert isinstance(gateway.split(OperationKey("split_1"), "order_1_1", (part,), finish=False), Done)
        assert sdk.profitsharing_order_query(transaction, "split_1")[0] == 200
        assert simulator.provider.trades["order_1_1"].shared == 30


@pytest.fixture(scope="session")
def node_sdk() -> Path:
    """wechatpay-axios-plugin, beside the other peers from npm."""
    return node_modules()


def for_node(of: WechatSettings, *, serial: str = KEY_ID, **what) -> str:
    """What the script is told: both sides' keys, and what to do."""
    facts = {
        "mchid": of.merchant_id,
        "merchantSerial": of.serial,
        "merchantKey": of.private_key,
        "merchantPublic": public_text(OURS),
        "platformKey": private_text(THEIRS),
        "platformPublic": public_text(THEIRS),
        "serial": serial,
        "apiV3Key": of.api_v3_key,
        "gateway": of.gateway,
    }
    return json.dumps(facts | what)


def ask_node(home: Path, of: WechatSettings, **what) -> dict[str, Any]:
    script = Path(__file__).with_name("peer.cjs")
    done = subprocess.run(["node", str(script), f"{home}/"], input=for_node(of, **what), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_node_sdk_is_served_by_the_simulator_and_verifies_its_answers(node_sdk):
    with a_simulator() as simulator:
        of = simulator.settings
        order = {"mchid": of.merchant_id, "appid": of.app_id, "description": TEA, "notify_url": of.notify_url, "amount": {"total": 100}}
        WechatGateway(of).start(a_start(Flow.SCAN_BUYER_CODE, 2, source_token=SCANNED))
        back = {"out_refund_no": "refund_2", "out_trade_no": "order_2_1", "amount": {"refund": 30, "total": 1230, "currency": "CNY"}}
        merchant = {"params": {"mchid": of.merchant_id}}
        calls = [
            ["post", "v3/pay/transactions/native", order | {"out_trade_no": "order_1_1"}],
            ["post", "v3/pay/transactions/jsapi", order | {"out_trade_no": "order_3_1", "payer": {"openid": "oUpF8u"}}],
            ["get", "v3/pay/transactions/outTradeNo/order_2_1", merchant],
            ["get", "v3/pay/transactions/outTradeNo/order_9_1", merchant],
            ["post", "v3/refund/domestic/refunds", back],
            ["get", "v3/refund/domestic/refunds/refund_2"],
            ["post", "v3/pay/transactions/outTradeNo/order_1_1/close", {"mchid": of.merchant_id}],
            ["post", "v3/pay/transactions/outTradeNo/order_2_1/close", {"mchid": of.merchant_id}],
        ]
        answers = ask_node(node_sdk, of, calls=calls)["answers"]
    assert [status for status, _words in answers] == [200, 200, 200, 404, 200, 200, 204, 400]
    assert answers[0][1]["code_url"].startswith("weixin://wxpay/")
    assert [answers[2][1]["trade_state"], answers[3][1]["code"], answers[4][1]["status"], answers[7][1]["code"]] == [
        "SUCCESS", "ORDER_NOT_EXIST", "SUCCESS", "ORDERPAID",
    ]  # fmt: skip
    assert answers[4][1] == answers[5][1]


def test_the_node_sdk_verifies_every_signature_that_we_make(node_sdk):
    client, requests = WechatClient(settings()), []
    asks = [
        messages.start(a_start(), settings()),
        messages.query("order_1_1", settings()),
        messages.close("order_1_1", settings()),
        messages.refund_query(OperationKey("refund_1")),
        messages.trade_bill("2026-03-01"),
    ]
    for ask in asks:
        _, _, rest = client.authorization(ask, nonce="abc", at=NOON).partition(" ")
        told = {name: value.strip('"') for name, _, value in (pair.partition("=") for pair in rest.split(","))}
        requests.append([ask.verb, ask.target, told["timestamp"], "abc", ask.body.decode(), told["signature"]])
    handed = []
    with a_simulator() as simulator:
        gateway = WechatGateway(simulator.settings)
        for number, source in enumerate(("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", None), 1):
            outcome = gateway.start(a_start(Flow.CLIENT_SDK, number, source_token=source))
            assert isinstance(outcome, ActionRequired)
            told = dict(outcome.action.params)
            app = "appId" not in told
            names = ("appid", "timestamp", "noncestr", "prepayid", "sign") if app else ("appId", "timeStamp", "nonceStr", "package", "paySign")
            *lines, signature = [told[name] for name in names]
            handed += [[lines, signature], [[*lines[:3], "another"], signature]]
    tampered = [[*each[:1], f"{each[1]}0", *each[2:]] for each in requests]
    told = ask_node(node_sdk, settings(), requests=requests + tampered, handed=handed)
    assert told["signatures"] == [True] * len(asks) + [False] * len(asks)
    assert told["handed"] == [True, False, True, False]


def test_the_node_sdk_reads_what_the_simulator_pushes_and_no_tampered_one(node_sdk):
    with a_simulator() as simulator:
        gateway = WechatGateway(simulator.settings)
        gateway.start(a_start(Flow.SCAN_BUYER_CODE, source_token=SCANNED))
        gateway.refund(RefundPart(key=OperationKey("refund_1"), payment="order_1_1", amount=Money(30, "CNY"), of_total=Money(1230, "CNY")))
        genuine = [{"headers": dict(raw.headers), "body": raw.body.decode()} for raw in simulator.notifications()]
    tampered = [{**each, "body": each["body"].replace("SUCCESS", "SUCCESs", 1)} for each in genuine]
    tampered.append({**genuine[0], "headers": {**genuine[0]["headers"], "Wechatpay-Timestamp": "1"}})
    checks = ask_node(node_sdk, settings(), checks=genuine + tampered)["checks"]
    assert [each["out_trade_no"] for each in checks[:2]] == ["order_1_1"] * 2
    assert (checks[0]["amount"]["total"], checks[1]["amount"]["refund"], checks[2:]) == (1230, 30, [None, None, None])


def test_we_read_what_the_node_sdk_encrypts_and_signs(node_sdk):
    at = int(NOON.timestamp())
    pushed = [
        {"event": "TRANSACTION.SUCCESS", "resource": paid(), "at": at},
        {"event": "REFUND.SUCCESS", "resource": refunded(), "at": at},
        {"event": "TRANSACTION.SUCCESS", "resource": paid(mchid="1900000110"), "at": at},
        {"event": "TRANSACTION.SUCCESS", "resource": paid(), "at": at - 301},
    ]
    told = ask_node(node_sdk, settings(), callbacks=pushed)["callbacks"]
    raws = [RawNotification(headers=each["headers"], body=each["body"].encode(), received_at=NOON) for each in told]
    kinds = [opened(raw, settings(), keys()).events[0].kind for raw in raws[:2]]
    assert kinds == [EventKind.CAPTURED, EventKind.REFUNDED]
    for raw in raws[2:]:
        with pytest.raises(BadNotification):
            opened(raw, settings(), keys())


def test_the_node_sdk_reads_the_bill_of_the_simulator_as_we_do(node_sdk):
    clock = FrozenClock(NOON)
    with WechatSimulator.open(clock=clock, keys=(OURS, THEIRS)) as simulator:
        gateway = WechatGateway(simulator.settings, clock=clock)
        gateway.start(a_start(Flow.SCAN_BUYER_CODE, source_token=SCANNED))
        gateway.refund(RefundPart(key=OperationKey("refund_1"), payment="order_1_1", amount=Money(30, "CNY"), of_total=Money(1230, "CNY")))
        text = papers.bill(simulator.provider, papers.TRADES, "2026-03-01").decode()
    ours = bills.read_bill(text)
    (theirs,) = ask_node(node_sdk, settings(), bills=[text])["bills"]
    assert [(row["商户订单号"], row["订单金额"], row["申请退款金额"]) for row in theirs["rows"]] == [
        ("order_1_1", "12.30", "0.00"), ("order_1_1", "0.00", "0.30"),
    ]  # fmt: skip
    assert (theirs["summary"]["订单总金额"], theirs["summary"]["申请退款总金额"]) == ("12.30", "0.30")
    assert (ours.amount, ours.refund_asked, len(ours.lines)) == (1230, 30, 2)


@contextmanager
def node_server(home: Path, of: WechatSettings, **what) -> Iterator[str]:
    """A WeChat Pay that others wrote, on a port of this machine; its address."""
    script = Path(__file__).with_name("peer.cjs")
    with subprocess.Popen(["node", str(script), f"{home}/"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(for_node(of, serve=True, **what))
        server.stdin.close()
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def pays(address: str, number: str) -> None:
    connection = HTTPConnection("127.0.0.1", int(address.rpartition(":")[2]), timeout=5)
    connection.request("POST", f"/buyer/{number}")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize("certificates", [False, True], ids=["public_key", "certificates"])
def test_our_client_is_served_by_a_server_whose_signatures_are_all_foreign(node_sdk, certificates):
    with a_simulator(certificates=True) as maker:
        signer = maker.signers[0]
    facts = {"serial": signer.serial, "certificate": signer.pem} if certificates else {}
    with node_server(node_sdk, settings(), **facts) as address:
        of = settings(gateway=address, public_key=None, public_key_id=None) if certificates else settings(gateway=address)
        gateway = WechatGateway(of)
        request = a_start()
        assert isinstance(gateway.start(request), ActionRequired)
        assert isinstance(gateway.query(key=request.key), InProgress)
        pays(address, "order_1_1")
        assert isinstance(gateway.query(key=request.key), Done)
        back = gateway.refund(RefundPart(key=OperationKey("refund_1"), payment="order_1_1", amount=Money(30, "CNY"), of_total=Money(1230, "CNY")))
        assert isinstance(back, Done)
        assert back.totals.refunded == Money(30, "CNY")
        gateway.start(a_start(number=2))
        assert isinstance(gateway.void(OperationKey("void_1"), "order_2_1"), Done)
        assert isinstance(gateway.query(reference="order_2_1"), Declined)
        with pytest.raises(NotFound):
            gateway.query(reference="order_9_1")
