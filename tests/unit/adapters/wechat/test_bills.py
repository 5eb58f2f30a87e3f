"""The trade bill of WeChat Pay, read to the cent and checked against its own summary."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from shopwright.adapters.wechat.bills import BillLine, UnreadableBill, read_bill

NAMES = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
PAID = (
    "2026-03-01 09:30:00,wx01,1900,0,,4200001,o1-p1,ou1,NATIVE,SUCCESS,OTHERS,CNY,99.90,0.00,0,0,0.00,0.00,,,绿茶, 100 克,,0.59940,0.60%,99.90,0.00,"
)
GIVEN_BACK = (
    "2026-03-01 18:00:00,wx01,1900,0,,4200001,o1-p1,ou1,NATIVE,REFUND,OTHERS,CNY,0.00,0.00,"
    "5030001,o1-p1-r1,33.30,0.00,ORIGINAL,PROCESSING,绿茶,,-0.19980,0.60%,0.00,33.30,"
)
MORE_BACK = GIVEN_BACK.replace("33.30,0.00,ORIGINAL", "33.31,0.00,ORIGINAL")
TOTALS = "2,99.90,33.30,0.00,0.39960,99.90,33.30"


def quoted(row: str) -> str:
    return "`" + row.replace(",", ",`").replace(",` ", ", ")


def a_bill(*lines: str, totals: str = TOTALS, names: str = NAMES) -> str:
    return "\r\n".join((names, *map(quoted, lines), SUMS, quoted(totals))) + "\r\n"


def test_a_bill_is_read_to_the_cent_and_adds_up_to_its_summary():
    bill = read_bill("\ufeff" + a_bill(PAID, GIVEN_BACK))

    assert (bill.settled, bill.refunded, bill.fee_e5, bill.amount, bill.refund_asked, bill.coupon_refunded) == (9_990, 3_330, 39_960, 9_990, 3_330, 0)
    assert bill.lines[1] == BillLine(
        at=datetime(2026, 3, 1, 18, tzinfo=ZoneInfo("Asia/Shanghai")),
        transaction="4200001",
        key="o1-p1",
        status="REFUND",
        currency="CNY",
        settled=0,
        amount=0,
        refund="5030001",
        refund_key="o1-p1-r1",
        refund_status="PROCESSING",
        refunded=3_330,
        coupon_refunded=0,
        refund_asked=3_330,
        fee_e5=-19_980,
        rate="0.60%",
    )
    assert (bill.lines[0].refund, bill.lines[0].refund_key) == ("", "")


def test_a_day_without_trade_is_an_empty_bill():
    assert read_bill(a_bill(totals="0,0.00,0.00,0.00,0.00000,0.00,0.00")).lines == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (a_bill(PAID), "总交易单数: 2 told, 1 found; 退款总金额: 3330 told, 0 found"),
        (a_bill(PAID, MORE_BACK), "退款总金额: 3330 told, 3331 found"),
        (a_bill(PAID.replace("CNY,99.90", "CNY,99.9x"), GIVEN_BACK), "row 2, 应结订单金额: expected an amount in yuan such as 12.30, got '99.9x'"),
        (a_bill(PAID.replace("CNY,99.90", "CNY,99.905"), GIVEN_BACK), "expected yuan with two decimals, got '99.905'"),
        (a_bill(PAID.replace("2026-03-01 09:30:00", "yesterday"), GIVEN_BACK), "row 2: expected a time such as .*, got 'yesterday'"),
        (a_bill(PAID + ",one more", GIVEN_BACK), "row 2: expected 27 fields, got 28"),
        (a_bill(PAID, GIVEN_BACK).replace("`2026-03-01 18", "2026-03-01 18"), "row 3: expected fields that begin with a back-quote"),
        (a_bill(PAID, names=NAMES.replace("手续费,", "")), "the columns 手续费 are missing"),
        ("\n".join(a_bill(PAID, GIVEN_BACK).splitlines()[:-2]), "the row before the last must name"),
        ("账单不存在", "expected a row of names, lines, and a summary of two rows, got 1 rows"),
    ],
)
def test_a_bill_that_was_cut_or_changed_is_refused_whole(text, words):
    with pytest.raises(UnreadableBill, match=words):
        read_bill(text)
