"""What WeChat Pay does in its own way: parameters for its own code, refunds that take their time, shares, lists of funds, and orders made before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.adapters.rsa import signed
from shopwright.adapters.wechat import WechatGateway, bills
from shopwright.adapters.wechat.funds import read_funds
from shopwright.adapters.wechat.signing import pay_text
from shopwright.adapters.wechat.simulator import WechatSimulator
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import (
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    Misconfigured,
    NotFound,
    Throttled,
    Unsupported,
)
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import EventKind
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import ActionRequired, ClientSdk, Declined, DeclineReason, Done, InProgress, Redirect, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment
from shopwright.testing import FrozenClock
from tests.unit.adapters.wechat.parts import NOON, OURS, THEIRS, settings

SCANNED = "134567890123456789"


@contextmanager
def a_world() -> Iterator[tuple[WechatSimulator, WechatGateway, FrozenClock]]:
    clock = FrozenClock(NOON)
    with WechatSimulator.open(clock=clock, keys=(OURS, THEIRS)) as simulator:
        yield simulator, WechatGateway(simulator.settings, clock=clock), clock


def a_start(flow: Flow = Flow.SCAN_BUYER_CODE, number: int = 1, **other) -> StartPayment:
    facts = {"key": OperationKey(f"order_{number}_1"), "amount": Money(1230, "CNY"), "description": "tea", "flow": flow, "at": NOON}
    if flow is Flow.SCAN_BUYER_CODE:
        facts["source_token"] = SCANNED
    return StartPayment(**(facts | other))


def a_refund(fen: int = 230, key: str = "refund_1", payment: str = "order_1_1") -> RefundPart:
    return RefundPart(key=OperationKey(key), payment=payment, amount=Money(fen, "CNY"), of_total=Money(1230, "CNY"))


def test_it_says_what_it_can():
    can = WechatGateway(settings(profit_sharing=True)).capabilities
    assert can == Capabilities(
        operations={Operation.CHARGE, Operation.VOID, Operation.REFUND, Operation.LEDGER, Operation.SPLIT},
        flows={Flow.QR, Flow.REDIRECT, Flow.CLIENT_SDK, Flow.SCAN_BUYER_CODE},
        currencies={"CNY"},
        max_refunds=50,
        refund_is_async=True,
        refund_window=timedelta(days=365),
        recalls_actions=False,
        counts_refunds=False,
    )


def test_an_account_that_does_not_share_says_so_before_it_asks():
    gateway = WechatGateway(settings())
    assert Operation.SPLIT not in gateway.capabilities.operations
    with pytest.raises(Unsupported):
        gateway.split(OperationKey("split_1"), "order_1_1", (), finish=True)


def handed_over(gateway: WechatGateway, **other) -> tuple[str, dict[str, str]]:
    outcome = gateway.start(a_start(Flow.CLIENT_SDK, **other))
    assert isinstance(outcome, ActionRequired)
    assert isinstance(outcome.action, ClientSdk)
    return outcome.action.sdk, dict(outcome.action.params)


def test_a_page_gets_parameters_that_the_merchant_signed_for_the_official_account():
    with a_world() as (simulator, gateway, _clock):
        sdk, told = handed_over(gateway, source_token="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
        prepay = f"prepay_id=wx{simulator.provider.trades['order_1_1'].transaction}"
    assert (sdk, told["appId"], told["package"], told["signType"]) == ("wechat_jsapi", "wxd678efh567hg6787", prepay, "RSA")
    text = pay_text(told["appId"], told["timeStamp"], told["nonceStr"], told["package"])
    assert signed(text, told["paySign"], OURS.public_key())


def test_an_app_gets_parameters_that_the_merchant_signed_for_the_app():
    with a_world() as (_simulator, gateway, _clock):
        sdk, told = handed_over(gateway)
    assert (sdk, told["appid"], told["partnerid"], told["package"]) == ("wechat_app", "wxd678efh567hg6788", "1900000109", "Sign=WXPay")
    assert signed(pay_text(told["appid"], told["timestamp"], told["noncestr"], told["prepayid"]), told["sign"], OURS.public_key())


def test_the_parameters_of_another_moment_have_another_nonce_and_those_of_the_same_have_the_same():
    with a_world() as (_simulator, gateway, clock):
        first, again = handed_over(gateway), handed_over(gateway)
        clock.advance(seconds=1)
        later = handed_over(gateway)
    assert first == again
    assert first[1]["noncestr"] != later[1]["noncestr"]
    assert first[1]["prepayid"] == later[1]["prepayid"]


def test_a_page_of_a_phone_leads_back_to_the_shop():
    with a_world() as (_simulator, gateway, _clock):
        outcome = gateway.start(a_start(Flow.REDIRECT, buyer={"ip": "203.0.113.7"}, return_url="https://shop.example/back?order=1"))
    assert isinstance(outcome, ActionRequired)
    assert isinstance(outcome.action, Redirect)
    assert outcome.action.url.endswith("&redirect_url=https%3A%2F%2Fshop.example%2Fback%3Forder%3D1")


def test_an_order_is_found_by_the_number_of_wechat_pay_once_it_is_paid():
    with a_world() as (_simulator, gateway, _clock):
        paid = gateway.start(a_start())
        assert isinstance(paid, Done)
        assert gateway.query_transaction(dict(paid.raw)["transaction_id"]) == paid
        with pytest.raises(NotFound):
            gateway.query_transaction("4200009999")


def test_a_refund_that_was_closed_is_declined_and_told_as_failed():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start(source_token="sim_refund_closed"))
        assert isinstance(gateway.refund(a_refund()), InProgress)
        simulator.provider.ripen()
        outcome = gateway.query_refund("order_1_1", OperationKey("refund_1"))
        assert isinstance(outcome, Declined)
        assert (outcome.reason, outcome.raw_code) == (DeclineReason.PROCESSING_ERROR, "CLOSED")
        event = gateway.parse_notification(simulator.notifications()[-1]).events[0]
        assert (event.kind, event.our_key, event.amount) == (EventKind.REFUND_FAILED, OperationKey("refund_1"), Money(230, "CNY"))


def test_a_refund_that_the_bank_does_not_take_is_under_way_until_somebody_settles_it():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start(source_token="sim_refund_abnormal"))
        gateway.refund(a_refund())
        simulator.provider.ripen()
        waiting = gateway.query_refund("order_1_1", OperationKey("refund_1"))
        assert isinstance(waiting, InProgress)
        assert dict(waiting.raw)["status"] == "ABNORMAL"
        with pytest.raises(InvalidState):
            gateway.refund(a_refund(1_230, "refund_2"))
        assert simulator.provider.settle("refund_1")
        assert not simulator.provider.settle("refund_1")
        assert isinstance(gateway.query_refund("order_1_1", OperationKey("refund_1")), Done)
        kinds = [gateway.parse_notification(raw).events[0].kind for raw in simulator.notifications()]
        assert kinds == [EventKind.CAPTURED, EventKind.IGNORED, EventKind.REFUNDED]


def test_a_refund_that_is_asked_for_again_tells_how_it_stands_now():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start(source_token="sim_refund_slow"))
        assert isinstance(gateway.refund(a_refund()), InProgress)
        simulator.provider.ripen()
        again = gateway.refund(a_refund())
        assert isinstance(again, Done)
        assert again.totals == Totals.of("CNY", authorized=1230, captured=1230, refunded=230)
        assert sum(move.amount for move in simulator.provider.moved if move.refund) == 230


def test_a_query_tells_no_refund_and_takes_none_back():
    with a_world() as (_simulator, gateway, _clock):
        paid = gateway.start(a_start())
        gateway.refund(a_refund())
        assert gateway.query(reference="order_1_1") == paid


def test_a_refund_of_another_payment_is_not_found():
    with a_world() as (_simulator, gateway, _clock):
        gateway.start(a_start())
        gateway.start(a_start(number=2))
        gateway.refund(a_refund())
        with pytest.raises(NotFound):
            gateway.query_refund("order_2_1", OperationKey("refund_1"))


def test_an_account_without_money_is_for_an_operator_and_a_buyer_without_account_is_a_no():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start())
        denied = simulator.provider.denied
        denied["POST /v3/refund"] = (403, "NOT_ENOUGH")
        with pytest.raises(Misconfigured, match="top it up and repeat"):
            gateway.refund(a_refund())
        denied["POST /v3/refund"] = (403, "USER_ACCOUNT_ABNORMAL")
        assert isinstance(gateway.refund(a_refund()), Declined)
        denied["POST /v3/refund"] = (400, "PARAM_ERROR")
        with pytest.raises(InvalidRequest):
            gateway.refund(a_refund())
        denied["POST /v3/refund"] = (500, "SYSTEM_ERROR")
        with pytest.raises(Indeterminate):
            gateway.refund(a_refund())


def test_an_order_number_that_wechat_pay_calls_used_is_looked_up():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start(Flow.QR))
        simulator.provider.denied["POST /v3/pay/transactions/native"] = (403, "OUT_TRADE_NO_USED")
        assert isinstance(gateway.start(a_start(Flow.QR)), InProgress)
        with pytest.raises(GatewayKeyConflict):
            gateway.start(a_start(Flow.QR, amount=Money(1231, "CNY")))
        with pytest.raises(GatewayKeyConflict):
            gateway.start(a_start(Flow.QR, number=2))  # nobody knows that one


def test_the_same_order_in_other_words_is_a_conflict():
    with a_world() as (_simulator, gateway, _clock):
        gateway.start(a_start(Flow.QR))
        with pytest.raises(GatewayKeyConflict):
            gateway.start(a_start(Flow.QR, description="coffee"))


def test_an_order_that_was_closed_cannot_be_begun_again():
    with a_world() as (_simulator, gateway, _clock):
        gateway.start(a_start(Flow.QR))
        assert isinstance(gateway.void(OperationKey("void_1"), "order_1_1"), Done)
        assert isinstance(gateway.void(OperationKey("void_1"), "order_1_1"), Done)
        outcome = gateway.start(a_start(Flow.QR))
        assert isinstance(outcome, Declined)
        assert outcome.reason is DeclineReason.EXPIRED


def test_an_order_whose_buyer_is_at_it_is_not_closed():
    with a_world() as (simulator, gateway, _clock):
        assert isinstance(gateway.start(a_start(source_token="sim_slow")), InProgress)
        with pytest.raises(InvalidState):
            gateway.void(OperationKey("void_1"), "order_1_1")
        simulator.provider.ripen()
        assert isinstance(gateway.query(reference="order_1_1"), Done)


SHARE = Split(receiver="1900000110", amount=Money(300, "CNY"))


def shared(gateway: WechatGateway, key: str, *parts: Split, finish: bool = False):
    return gateway.split(OperationKey(key), "order_1_1", parts, finish=finish)


def test_a_share_takes_its_time_and_asking_again_tells_how_it_stands():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start())
        simulator.provider.slow_shares = True
        assert isinstance(shared(gateway, "split_1", SHARE), InProgress)
        simulator.provider.ripen()
        assert isinstance(shared(gateway, "split_1", SHARE), Done)
        assert simulator.provider.trades["order_1_1"].shared == 300
        with pytest.raises(GatewayKeyConflict):
            shared(gateway, "split_1", evolve(SHARE, amount=Money(301, "CNY")))


def test_what_is_left_is_released_once():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start())
        assert isinstance(shared(gateway, "split_1", finish=True), Done)
        assert isinstance(shared(gateway, "split_1", finish=True), Done)
        with pytest.raises(InvalidState):
            shared(gateway, "split_2", SHARE)
        with pytest.raises(InvalidRequest):
            shared(gateway, "split_3")
        assert simulator.provider.trades["order_1_1"].shared == 0


@pytest.mark.parametrize("results", [("CLOSED", "CLOSED"), ("CLOSED", "SUCCESS")])
def test_a_receiver_that_takes_no_share_is_named_and_none_at_all_is_a_no(results):
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start())
        other = evolve(SHARE, receiver="1900000111")
        shared(gateway, "split_1", SHARE, other)
        share = simulator.provider.trades["order_1_1"].shares["split_1"]
        for part, result in zip(share["receivers"], results, strict=True):
            part |= {"result": result, "fail_reason": "RECEIVER_INVALID"}
        outcome = shared(gateway, "split_1", SHARE, other)
    if results[1] == "CLOSED":
        assert isinstance(outcome, Declined)
        assert outcome.raw_code == "RECEIVER_INVALID"
    else:
        assert isinstance(outcome, Done)
        assert dict(outcome.raw)["closed_receivers"] == "1900000110"


def test_an_order_that_nobody_paid_is_not_shared_and_a_system_error_leaves_it_open():
    with a_world() as (simulator, gateway, _clock):
        gateway.start(a_start(Flow.QR))
        with pytest.raises(InvalidState, match="only an order that is paid"):
            shared(gateway, "split_1", SHARE)
        simulator.provider.approve("order_1_1")
        simulator.provider.denied["POST /v3/profitsharing"] = (500, "SYSTEM_ERROR")
        with pytest.raises(Indeterminate):
            shared(gateway, "split_1", SHARE)


def test_the_ledger_tells_payments_and_refunds_with_their_fees():
    with a_world() as (_simulator, gateway, clock):
        gateway.start(a_start())
        clock.advance(hours=1)
        gateway.refund(a_refund())
        assert list(gateway.ledger(NOON, clock.now() + timedelta(days=1))) == []  # the bill of today is written tomorrow
        clock.advance(days=1)
        charge, refund = gateway.ledger(NOON, clock.now())
    assert (charge.kind, charge.reference, charge.gross, charge.fee) == ("charge", "order_1_1", Money(1230, "CNY"), Money(7, "CNY"))
    assert (refund.kind, refund.reference, refund.gross, refund.fee) == ("refund", "order_1_1", Money(-230, "CNY"), Money(-1, "CNY"))
    assert {type(each) for each in (charge, refund)} == {LedgerLine}


def test_what_a_coupon_of_the_shop_paid_for_is_a_line_of_its_own():
    line = bills.BillLine(
        at=NOON, transaction="42", key="order_1_1", status="SUCCESS", currency="CNY", settled=1_000, amount=1_230, refund="", refund_key="",
        refund_status="", refunded=0, coupon_refunded=0, refund_asked=0, fee_e5=6_000, rate="0.60%",
    )  # fmt: skip
    back = evolve(line, settled=0, amount=0, refund="503", refund_key="refund_1", refunded=1_000, refund_asked=1_230, fee_e5=-6_000)
    bill = bills.Bill(lines=(line, back), settled=1_000, refunded=1_000, coupon_refunded=0, fee_e5=0, amount=1_230, refund_asked=1_230)
    told = {each.line_id: (each.kind, each.gross.minor, each.net.minor) for each in bills.ledger_lines(bill)}
    assert told == {
        "42": ("charge", 1_230, 1_224),
        "42_coupon": ("coupon", -230, -230),
        "503": ("refund", -1_230, -1_224),
        "503_coupon": ("coupon", 230, 230),
    }
    assert sum(net for _kind, _gross, net in told.values()) == 0


def test_the_list_of_funds_tells_what_came_and_what_left():
    with a_world() as (_simulator, gateway, clock):
        gateway.start(a_start())
        gateway.refund(a_refund())
        assert gateway.funds("2026-03-01") is None
        clock.advance(days=1)
        funds = gateway.funds("2026-03-01")
    assert funds is not None
    assert (funds.came, funds.left) == (1_231, 237)
    assert [(line.name, line.amount, line.balance) for line in funds.lines] == [
        ("交易", 1_230, 1_230), ("扣除交易手续费", -7, 1_223), ("退款", -230, 993), ("退还手续费", 1, 994),
    ]  # fmt: skip


FUNDS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n"
    "`2026-03-01 20:00:00,`42,`f1,`交易,`交易,`收入,`12.30,`12.30,`system,`tea, and cups,`order_1_1\r\n"
    "`2026-03-01 21:00:00,`42,`f2,`提现,`提现,`支出,`2.30,`10.00,`boss,`,`w1\r\n"
    "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n"
    "`2,`1,`12.30,`1,`2.30\r\n"
)


def test_a_list_of_funds_in_either_kind_of_brackets_is_read_to_the_cent():
    for text in (FUNDS, "\ufeff" + FUNDS.replace("(元)", "（元）")):
        funds = read_funds(text)
        assert [(line.flow, line.amount, line.voucher) for line in funds.lines] == [("f1", 1_230, "order_1_1"), ("f2", -230, "w1")]
        assert (funds.came, funds.left) == (1_230, 230)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("`1,`2.30\r\n", "`1,`2.31\r\n", "do not add up"),
        ("`2,`1,", "`3,`1,", "do not add up"),
        ("`12.30,`12.30", "`12.31,`12.30", "do not add up"),
        ("收支类型", "x", "the columns 收支类型 are missing"),
        ("支出笔数,支出金额", "支出金额", "the row before the last must name"),
        ("`支出", "`x", "row 3: expected 收入 or 支出, got 'x'"),
        ("2026-03-01 21", "yesterday 21", "row 3: expected a time"),
        ("`10.00", "`ten", "row 3, 账户结余: expected an amount"),
    ],
)
def test_a_list_of_funds_that_was_cut_or_changed_is_refused_whole(old, new, words):
    with pytest.raises(bills.UnreadableBill, match=words):
        read_funds(FUNDS.replace(old, new))
    with pytest.raises(bills.UnreadableBill, match="got 1 rows"):
        read_funds("nothing")


class OddBills(WechatSimulator):
    """A simulator that names another hash than WeChat Pay does."""

    def _bill_answer(self, kind, day):
        status, told = super()._bill_answer(kind, day)
        return status, told | {"hash_type": "MD5"}


def test_a_bill_that_is_still_being_written_asks_to_wait_and_one_with_another_hash_is_not_read():
    clock = FrozenClock(NOON)
    with OddBills.open(clock=clock, keys=(OURS, THEIRS)) as simulator:
        gateway = WechatGateway(simulator.settings, clock=clock)
        gateway.start(a_start())
        clock.advance(days=1)
        with pytest.raises(bills.UnreadableBill, match="expected a bill with its SHA1, got 'MD5'"):
            list(gateway.ledger(NOON, clock.now()))
        simulator.provider.denied["GET /v3/bill/tradebill"] = (400, "STATEMENT_CREATING")
        with pytest.raises(Throttled):
            list(gateway.ledger(NOON, clock.now()))
    with pytest.raises(bills.UnreadableBill, match="UTF-8"):
        bills.unpacked(b"\xff\xfe")
