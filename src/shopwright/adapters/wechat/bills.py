"""The trade bill of WeChat Pay: its text to lines, checked against its own summary before anybody believes it.

Rules
- every field has a back-quote before it; the first row names the columns, then come the lines, then a row that names the sums, and the sums;
- amounts are yuan with two decimals and become fen; the fee has five decimals and becomes hundred-thousandths of a yuan, so that nothing is rounded;
- a bill whose lines do not add up to its summary is refused whole: it was cut short or changed on the way;
- a refund stands in the bill of the day on which it was begun, and its status there never changes;
- as ledger lines, fees are rounded half up to whole fen, and what a coupon of the shop's own paid for is a line of its own: it never arrives.

Source: the merchant documentation of the trade bill, type ALL with its 27 columns; other types have fewer, and are read by the names they give.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from attrs import frozen

from shopwright.money import Money
from shopwright.money.rounding import Rounding, divide
from shopwright.payments.errors import Indeterminate
from shopwright.payments.ledger import LedgerLine

_TIME, _ORDER, _KEY, _STATUS = "交易时间", "微信订单号", "商户订单号", "交易状态"
_CURRENCY, _SETTLED, _FEE, _RATE = "货币种类", "应结订单金额", "手续费", "费率"
_REFUND, _REFUND_KEY, _REFUNDED, _COUPON_REFUNDED, _REFUND_STATUS = "微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款状态"
_AMOUNT, _ASKED = "订单金额", "申请退款金额"
_OF_A_REFUND = (_REFUND, _REFUND_KEY, _REFUNDED, _COUPON_REFUNDED, _REFUND_STATUS)
_NEEDED = (_TIME, _ORDER, _KEY, _STATUS, _CURRENCY, _SETTLED, *_OF_A_REFUND, _FEE, _RATE, _AMOUNT, _ASKED)
COLUMNS = (
    "交易时间", "公众账号ID", "商户号", "特约商户号", "设备号", "微信订单号", "商户订单号", "用户标识", "交易类型", "交易状态",
    "付款银行", "货币种类", "应结订单金额", "代金券金额", "微信退款单号", "商户退款单号", "退款金额", "充值券退款金额", "退款类型",
    "退款状态", "商品名称", "商户数据包", "手续费", "费率", "订单金额", "申请退款金额", "费率备注",
)  # fmt: skip
"""The columns of a bill of all trades, in their order."""

SUMS = ("总交易单数", "应结订单总金额", "退款总金额", "充值券退款总金额", "手续费总金额", "订单总金额", "申请退款总金额")
_BEIJING = ZoneInfo("Asia/Shanghai")
_YUAN = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,5}))?")


class UnreadableBill(Indeterminate):
    """A bill that is none, or does not add up: the row, what was expected, and what stands there."""


NO_BILL = frozenset({"NOSTATEMENTEXIST"})
"""What is answered for a day of which there is no bill: nothing was traded, or it is not written yet."""


@frozen(kw_only=True)
class BillLine:
    """A payment, or where `refund` is not empty a refund. Amounts are fen; `fee_e5` is hundred-thousandths of a yuan."""

    at: datetime
    transaction: str
    key: str
    status: str
    currency: str
    settled: int
    amount: int
    refund: str
    refund_key: str
    refund_status: str
    refunded: int
    coupon_refunded: int
    refund_asked: int
    fee_e5: int
    rate: str


@frozen(kw_only=True)
class Bill:
    """A day's payments and refunds, with the sums that its lines add up to."""

    lines: tuple[BillLine, ...]
    settled: int
    refunded: int
    coupon_refunded: int
    fee_e5: int
    amount: int
    refund_asked: int


def read_bill(text: str) -> Bill:
    """The bill of a text. Raises `UnreadableBill` for what is none, and for lines that do not add up to the summary."""
    rows = [row for row in text.lstrip("\ufeff").splitlines() if row.strip()]
    if len(rows) < 3:
        raise UnreadableBill(f"expected a row of names, lines, and a summary of two rows, got {len(rows)} rows")
    names = rows[0].split(",")
    missing = [name for name in _NEEDED if name not in names]
    if missing or tuple(rows[-2].split(",")) != SUMS:
        told = f"the columns {', '.join(missing)} are missing" if missing else f"the row before the last must name {', '.join(SUMS)}"
        raise UnreadableBill(f"this is no trade bill: {told}")
    lines = tuple([_line(number, dict(zip(names, row_fields(number, row, len(names)), strict=True))) for number, row in enumerate(rows[1:-2], 2)])
    bill = Bill(
        lines=lines,
        settled=sum([line.settled for line in lines]),
        refunded=sum([line.refunded for line in lines]),
        coupon_refunded=sum([line.coupon_refunded for line in lines]),
        fee_e5=sum([line.fee_e5 for line in lines]),
        amount=sum([line.amount for line in lines]),
        refund_asked=sum([line.refund_asked for line in lines]),
    )
    _check(bill, row_fields(len(rows), rows[-1], len(SUMS)))
    return bill


def days(since: datetime, until: datetime, *, now: datetime) -> Iterator[str]:
    """The days of Beijing from one moment to another that are over, as a bill is asked for."""
    day, today = since.astimezone(_BEIJING).date(), now.astimezone(_BEIJING).date()
    while day <= until.astimezone(_BEIJING).date() and day < today:
        yield day.isoformat()
        day += timedelta(days=1)


def unpacked(file: bytes) -> str:
    """The text of a bill. Raises `UnreadableBill`."""
    try:
        return file.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableBill("expected the bill as text in UTF-8", raw_code="bill") from None


def ledger_lines(bill: Bill) -> list[LedgerLine]:
    """The lines of a bill as the port tells them, oldest first."""
    found = [line for each in bill.lines for line in _ledger(each)]
    return sorted(found, key=lambda line: (line.booked_at, line.line_id))


def fee_fen(fee_e5: int) -> int:
    """A fee in whole fen."""
    return divide(fee_e5, 1_000, Rounding.HALF_UP)


def _ledger(line: BillLine) -> Iterator[LedgerLine]:
    fee = fee_fen(line.fee_e5)
    if line.refund:
        back = line.refund_asked or line.refunded
        yield _one(line, line.refund, "refund", -back, fee)
        if line.refunded != back:
            yield _one(line, f"{line.refund}_coupon", "coupon", back - line.refunded, 0)
        return
    yield _one(line, line.transaction, "charge", line.amount, fee)
    if line.settled != line.amount:
        yield _one(line, f"{line.transaction}_coupon", "coupon", line.settled - line.amount, 0)


def _one(line: BillLine, name: str, kind: str, gross: int, fee: int) -> LedgerLine:
    return LedgerLine(
        line_id=name,
        kind=kind,
        reference=line.key,
        gross=Money(gross, line.currency),
        fee=Money(fee, line.currency),
        booked_at=line.at,
        available_on=line.at,
    )


def _check(bill: Bill, told: Sequence[str]) -> None:
    """That the lines add up to the summary."""
    fen = [whole_fen(name, text) for name, text in zip(SUMS, told, strict=True) if name not in (SUMS[0], SUMS[4])]
    expected = (told[0], fen[0], fen[1], fen[2], _e5(SUMS[4], told[4]), fen[3], fen[4])
    found = (str(len(bill.lines)), bill.settled, bill.refunded, bill.coupon_refunded, bill.fee_e5, bill.amount, bill.refund_asked)
    wrong = [f"{name}: {one} told, {other} found" for name, one, other in zip(SUMS, expected, found, strict=True) if one != other]
    if wrong:
        raise UnreadableBill(f"the lines do not add up to the summary ({'; '.join(wrong)}); fetch the bill again")


def _line(number: int, of: dict[str, str]) -> BillLine:
    try:
        at = datetime.strptime(of[_TIME], "%Y-%m-%d %H:%M:%S").replace(tzinfo=_BEIJING)
    except ValueError:
        raise UnreadableBill(f"row {number}: expected a time such as 2026-03-01 12:00:00, got {of[_TIME]!r}") from None
    fen = {name: whole_fen(f"row {number}, {name}", of[name]) for name in (_SETTLED, _AMOUNT, _REFUNDED, _COUPON_REFUNDED, _ASKED)}
    return BillLine(
        at=at,
        transaction=of[_ORDER],
        key=of[_KEY],
        status=of[_STATUS],
        currency=of[_CURRENCY],
        settled=fen[_SETTLED],
        amount=fen[_AMOUNT],
        refund="" if of[_REFUND] == "0" else of[_REFUND],
        refund_key="" if of[_REFUND_KEY] == "0" else of[_REFUND_KEY],
        refund_status=of[_REFUND_STATUS],
        refunded=fen[_REFUNDED],
        coupon_refunded=fen[_COUPON_REFUNDED],
        refund_asked=fen[_ASKED],
        fee_e5=_e5(f"row {number}, {_FEE}", of[_FEE]),
        rate=of[_RATE],
    )


def row_fields(number: int, row: str, count: int) -> list[str]:
    """The fields of a row without their back-quotes; a comma in a name of goods stays where it is."""
    if not row.startswith("`"):
        raise UnreadableBill(f"row {number}: expected fields that begin with a back-quote, got {row[:40]!r}")
    found = row[1:].split(",`")
    if len(found) != count:
        raise UnreadableBill(f"row {number}: expected {count} fields, got {len(found)}")
    return found


def whole_fen(what: str, text: str) -> int:
    """Fen of an amount in yuan. Raises `UnreadableBill`."""
    e5 = _e5(what, text)
    if e5 % 1_000:
        raise UnreadableBill(f"{what}: expected yuan with two decimals, got {text!r}")
    return e5 // 1_000


def _e5(what: str, text: str) -> int:
    """Hundred-thousandths of a yuan; an empty field is nothing."""
    if not text:
        return 0
    match = _YUAN.fullmatch(text)
    if match is None:
        raise UnreadableBill(f"{what}: expected an amount in yuan such as 12.30, got {text!r}")
    sign, whole, part = match.groups()
    amount = int(whole) * 100_000 + int((part or "").ljust(5, "0"))
    return -amount if sign else amount
