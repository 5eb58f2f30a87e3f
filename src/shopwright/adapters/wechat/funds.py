"""The list of what came to the account at WeChat Pay and left it, day by day: payments, refunds, fees, shares and withdrawals.

Rules
- every field has a back-quote before it, as in the trade bill, and amounts are yuan with two decimals;
- what comes is positive and what leaves negative;
- a list whose lines do not add up to its summary is refused whole.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from shopwright.adapters.wechat.bills import UnreadableBill, row_fields, whole_fen

COLUMNS = ("记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额", "账户结余", "业务凭证号")
"""The columns that are read; the files have more. Those of money are followed by their unit in brackets."""

SUMS = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")
INCOME, EXPENSE = "收入", "支出"
_BEIJING = ZoneInfo("Asia/Shanghai")


@frozen(kw_only=True)
class FundLine:
    """One movement. `business` is the number of what caused it, `flow` that of the movement, `voucher` that of the refund, share or withdrawal.
    `amount` and the `balance` afterwards are fen.
    """

    at: datetime
    business: str
    flow: str
    name: str
    kind: str
    amount: int
    balance: int
    voucher: str


@frozen(kw_only=True)
class Funds:
    """A day's movements, with what came and what left in all, in fen."""

    lines: tuple[FundLine, ...]
    came: int
    left: int


def read_funds(text: str) -> Funds:
    """The movements of a text. Raises `UnreadableBill` for what is none, and for lines that do not add up to the summary."""
    rows = [row for row in text.lstrip("\ufeff").splitlines() if row.strip()]
    if len(rows) < 3:
        raise UnreadableBill(f"expected a row of names, lines, and a summary of two rows, got {len(rows)} rows")
    names, sums = _names(rows[0]), _names(rows[-2])
    missing = [name for name in COLUMNS if name not in names]
    if missing or tuple(sums) != SUMS:
        told = f"the columns {', '.join(missing)} are missing" if missing else f"the row before the last must name {', '.join(SUMS)}"
        raise UnreadableBill(f"this is no list of funds: {told}")
    lines = tuple([_line(number, dict(zip(names, row_fields(number, row, len(names)), strict=True))) for number, row in enumerate(rows[1:-2], 2)])
    came, left = ([line.amount for line in lines if (line.amount > 0) is income] for income in (True, False))
    count, ins, income, outs, expense = row_fields(len(rows), rows[-1], len(SUMS))
    told_sums = (count, ins, whole_fen(SUMS[2], income), outs, whole_fen(SUMS[4], expense))
    if told_sums != (str(len(lines)), str(len(came)), sum(came), str(len(left)), -sum(left)):
        raise UnreadableBill("the lines do not add up to the summary; fetch the list again")
    return Funds(lines=lines, came=sum(came), left=-sum(left))


def _names(row: str) -> list[str]:
    return [name.split("（")[0].split("(")[0].strip("`") for name in row.split(",")]


def _line(number: int, of: dict[str, str]) -> FundLine:
    time, way = of[COLUMNS[0]], of[COLUMNS[5]]
    try:
        at = datetime.strptime(time, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_BEIJING)
    except ValueError:
        raise UnreadableBill(f"row {number}: expected a time such as 2026-03-01 12:00:00, got {time!r}") from None
    if way not in {INCOME, EXPENSE}:
        raise UnreadableBill(f"row {number}: expected {INCOME} or {EXPENSE}, got {way!r}")
    amount = whole_fen(f"row {number}, {COLUMNS[6]}", of[COLUMNS[6]])
    return FundLine(
        at=at,
        business=of[COLUMNS[1]],
        flow=of[COLUMNS[2]],
        name=of[COLUMNS[3]],
        kind=of[COLUMNS[4]],
        amount=amount if way == INCOME else -amount,
        balance=whole_fen(f"row {number}, {COLUMNS[7]}", of[COLUMNS[7]]),
        voucher=of[COLUMNS[8]],
    )
