"""The trade bill of Alipay: a ZIP with a text in GBK, to ledger lines, checked against its own summary before anybody believes it.

Rules
- lines that begin with `#` are not data; the first other one names the columns, and fields end with a tab;
- amounts are yuan with two decimals; what the seller gets of a payment is positive, of a refund negative, and a fee that is taken stands as negative;
- a bill whose lines do not add up to its summary is refused whole: it was cut short or changed on the way.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from shopwright.adapters.alipay.messages import BEIJING, CURRENCY, moment
from shopwright.money import Money
from shopwright.payments.errors import Indeterminate
from shopwright.payments.ledger import LedgerLine

NO_BILL = frozenset({"isp.bill_not_exist", "BILL_NOT_EXIST"})
"""What is answered for a day of which there is no bill: nothing was traded, or the day is not over."""

MOST_TEXT = 500_000_000
TRADE, ORDER, KIND, ENDED, RECEIVED, REQUEST, FEE = (
    "支付宝交易号", "商户订单号", "业务类型", "完成时间", "商家实收（元）", "退款批次号/请求号", "服务费（元）"
)  # fmt: skip
COLUMNS = (TRADE, ORDER, KIND, ENDED, RECEIVED, REQUEST, FEE)
PAYMENT, REFUND = "交易", "退款"
_SUMS = {PAYMENT: re.compile(r"#交易合计：(\d+)笔，商家实收共(-?[\d.]+)元"), REFUND: re.compile(r"#退款合计：(\d+)笔，商家实收退款共(-?[\d.]+)元")}
_KINDS = {PAYMENT: "charge", REFUND: "refund"}
_YUAN = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)


def days(since: datetime, until: datetime) -> Iterator[str]:
    """The days of Beijing from one moment to another, as a bill is asked for."""
    day = since.astimezone(BEIJING).date()
    while day <= until.astimezone(BEIJING).date():
        yield day.isoformat()
        day += timedelta(days=1)


def unpacked(archive: bytes) -> str:
    """The text of the bill in a ZIP that also holds a summary of its own. Raises `Indeterminate`."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            if sum(entry.file_size for entry in files.infolist()) > MOST_TEXT:
                raise Indeterminate(f"expected a bill of at most {MOST_TEXT} bytes", raw_code="bill")
            texts = [files.read(entry).decode("gb18030") for entry in files.infolist()]
    except (zipfile.BadZipFile, UnicodeDecodeError, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise Indeterminate(f"the bill cannot be unpacked: {type(error).__name__}", raw_code="bill") from error
    found = [text for text in texts if TRADE in text]
    if len(found) != 1:
        raise Indeterminate(f"expected one list of trades in the bill, got {len(found)}", raw_code="bill")
    return found[0]


def lines(text: str) -> list[LedgerLine]:
    """The lines of a bill, oldest first. Raises `Indeterminate` for what is none, and for lines that do not add up to the summary."""
    rows = list(csv.reader(line for line in io.StringIO(text) if line.strip() and not line.startswith("#")))
    names = [name.strip() for name in rows[0]] if rows else []
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise Indeterminate(f"this is no trade bill: the columns {', '.join(missing)} are missing", raw_code="bill")
    data = [dict(zip(names, [each.strip() for each in row], strict=False)) for row in rows[1:]]
    if any(len(row) != len(names) for row in data):
        raise Indeterminate("a row of the bill has too few fields", raw_code="bill")
    _check(text, data)
    found = [_line(row) for row in data]
    return sorted(found, key=lambda line: (line.booked_at, line.line_id))


def _check(text: str, data: list[dict[str, str]]) -> None:
    """That the lines add up to the summary, kind by kind."""
    for kind, pattern in _SUMS.items():
        told = pattern.search(text)
        found = [_fen(row[RECEIVED]) for row in data if row[KIND] == kind]
        if told is None or (int(told[1]), abs(_fen(told[2]))) != (len(found), abs(sum(found))):
            raise Indeterminate(f"the lines of the bill do not add up to its summary ({kind}); fetch it again", raw_code="bill")


def _line(row: dict[str, str]) -> LedgerLine:
    try:
        at = moment(row[ENDED])
    except ValueError:
        raise Indeterminate(f"expected a time such as 2026-03-01 12:00:00 in the bill, got {row[ENDED]!r}", raw_code="bill") from None
    return LedgerLine(
        line_id="_".join(part for part in (row[TRADE], row[REQUEST]) if part),
        kind=_KINDS.get(row[KIND], row[KIND]),
        reference=row[ORDER],
        gross=Money(_fen(row[RECEIVED]), CURRENCY),
        fee=Money(-_fen(row[FEE]), CURRENCY),
        booked_at=at,
        available_on=at,
    )


def _fen(text: str) -> int:
    match = _YUAN.fullmatch(text)
    if match is None:
        raise Indeterminate(f"expected an amount in yuan such as 12.30 in the bill, got {text!r}", raw_code="bill")
    amount = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
    return -amount if match[1] else amount
