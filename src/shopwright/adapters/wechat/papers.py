"""The bills that the simulator writes, as WeChat Pay does: a list of trades and a list of funds for each day that is over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shopwright.adapters.wechat import bills, funds
from shopwright.adapters.wechat.messages import BEIJING
from shopwright.adapters.wechat.provider import MERCHANT_ID, Movement, SimulatedWechat

TRADES, FUNDS = "trade", "fund"
KINDS = {"/v3/bill/tradebill": TRADES, "/v3/bill/fundflowbill": FUNDS}
FEE_E5 = 600
"""The fee of a payment, in hundred-thousandths of it: 0.6 %."""


def is_there(provider: SimulatedWechat, day: str) -> bool:
    """Whether there is a bill of this day: it is over, and something moved."""
    return day < provider.clock.now().astimezone(BEIJING).date().isoformat() and bool(_of_day(provider, day))


def bill(provider: SimulatedWechat, kind: str, day: str) -> bytes:
    """The file of a day; it begins with a mark of its byte order, as those of WeChat Pay do."""
    moves = _of_day(provider, day)
    return (_funds(moves) if kind == FUNDS else _trades(moves)).encode("utf-8-sig")


def _of_day(provider: SimulatedWechat, day: str) -> list[Movement]:
    return [move for move in provider.moved if move.kind in {"paid", "success"} and _local(move.at).date().isoformat() == day]


def _local(at: datetime) -> datetime:
    return at.astimezone(BEIJING)


def _trades(moves: list[Movement]) -> str:
    rows = [_trade(move) for move in moves]
    paid, back = ([move for move in moves if (move.refund is None) is kind] for kind in (True, False))
    taken, given = sum(move.amount for move in paid), sum(move.amount for move in back)
    fees = sum(_fee_e5(move) for move in moves)
    sums = (str(len(moves)), _yuan(taken), _yuan(given), "0.00", _e5(fees), _yuan(taken), _yuan(given))
    return "\r\n".join((",".join(bills.COLUMNS), *(_row(row) for row in rows), ",".join(bills.SUMS), _row(sums), ""))


def _trade(move: Movement) -> list[str]:
    trade, refund = move.trade, move.refund
    told: dict[str, str] = dict.fromkeys(bills.COLUMNS, "")
    told |= {
        "交易时间": _local(move.at).strftime("%Y-%m-%d %H:%M:%S"),
        "公众账号ID": trade.app_id,
        "商户号": MERCHANT_ID,
        "特约商户号": "0",
        "微信订单号": trade.transaction,
        "商户订单号": trade.number,
        "交易类型": trade.kind.upper(),
        "交易状态": "SUCCESS" if refund is None else "REFUND",
        "付款银行": "OTHERS",
        "货币种类": "CNY",
        "应结订单金额": _yuan(trade.amount if refund is None else 0),
        "代金券金额": "0.00",
        "微信退款单号": "0" if refund is None else refund.refund_id,
        "商户退款单号": "0" if refund is None else refund.number,
        "退款金额": _yuan(0 if refund is None else refund.amount),
        "充值券退款金额": "0.00",
        "退款类型": "" if refund is None else "ORIGINAL",
        "退款状态": "" if refund is None else "SUCCESS",
        "商品名称": str(trade.words["description"]),
        "手续费": _e5(_fee_e5(move)),
        "费率": "0.60%",
        "订单金额": _yuan(trade.amount if refund is None else 0),
        "申请退款金额": _yuan(0 if refund is None else refund.amount),
    }
    return list(told.values())


def _funds(moves: list[Movement]) -> str:
    lines: list[list[str]] = []
    balance = 0
    for move in moves:
        came = move.refund is None
        fee = bills.fee_fen(_fee_e5(move))
        for name, amount in (("交易" if came else "退款", move.amount if came else -move.amount), ("扣除交易手续费" if came else "退还手续费", -fee)):
            if amount:
                balance += amount
                lines.append(_fund(move, f"{len(lines) + 1:06d}", name, amount, balance))
    income = [line for line in lines if line[5] == funds.INCOME]
    expense = [line for line in lines if line[5] == funds.EXPENSE]
    sums = (str(len(lines)), str(len(income)), _sum(income), str(len(expense)), _sum(expense))
    names = [f"{name}（元）" if name in {"收支金额", "账户结余"} else name for name in funds.COLUMNS]
    return "\r\n".join((",".join(names), *(_row(line) for line in lines), ",".join(funds.SUMS), _row(sums), ""))


def _fund(move: Movement, flow: str, name: str, amount: int, balance: int) -> list[str]:
    voucher = move.trade.number if move.refund is None else move.refund.number
    way = funds.INCOME if amount > 0 else funds.EXPENSE
    time = _local(move.at).strftime("%Y-%m-%d %H:%M:%S")
    return [time, move.trade.transaction, f"{move.trade.transaction}{flow}", name, name, way, _yuan(abs(amount)), _yuan(balance), voucher]


def _sum(lines: list[list[str]]) -> str:
    return _yuan(sum(bills.whole_fen("sum", line[6]) for line in lines))


def _fee_e5(move: Movement) -> int:
    return (1 if move.refund is None else -1) * move.amount * FEE_E5 // 100


def _row(fields: Any) -> str:
    return ",".join(f"`{each}" for each in fields)


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _e5(e5: int) -> str:
    return f"{'-' if e5 < 0 else ''}{abs(e5) // 100_000}.{abs(e5) % 100_000:05d}"
