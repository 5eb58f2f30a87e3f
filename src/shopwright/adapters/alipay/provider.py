"""The other side, in memory: what an Alipay that nobody pays real money to would answer. `simulator` puts it behind a port of this machine.

Rules
- a code or a page makes an offer only; the trade begins when the buyer comes, and is unknown to queries before;
- an order number is paid once: again is `TRADE_HAS_SUCCESS`, with another amount `CONTEXT_INCONSISTENT`;
- a refund number gives back once: again changes nothing, with another amount it is `DISCORDANT_REPEAT_REQUEST`;
- a trade that was given back whole is closed, and one whose refund window is over is finished;
- an `auth_code` of `sim_slow` waits for the buyer, and one of `sim_<SUB_CODE>` is declined with that code (`sim_BUYER_BALANCE_NOT_ENOUGH`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from attrs import define, field, frozen

from shopwright.adapters.alipay.messages import CURRENCY, fen, moment, wire_time, yuan
from shopwright.money import Money
from shopwright.ports.clock import Clock

Fields = dict[str, Any]
_OK: Fields = {"code": "10000", "msg": "Success"}


@define
class Trade:
    """An order number at Alipay. Amounts are fen."""

    number: str
    trade_no: str
    amount: int
    subject: str
    begun: bool = False
    closed: bool = False
    expires_at: datetime | None = None
    paid_at: datetime | None = None
    refunds: dict[str, tuple[int, datetime]] = field(factory=dict)
    shares: dict[str, tuple[int, bool]] = field(factory=dict)

    @property
    def refunded(self) -> int:
        """What went back."""
        return sum(amount for amount, _at in self.refunds.values())


@frozen
class Movement:
    """Money that moved, or a trade that ended: paid, refunded or closed."""

    kind: str
    trade: Trade
    amount: int
    at: datetime
    request: str = ""
    refunded: int = 0


class No(Exception):
    """A business answer that is no; the word is its sub-code."""


class SimulatedAlipay:
    """The truth about all trades. Safe to share between threads; `clock` is its time, `refund_window` its contract with the shop."""

    def __init__(self, *, clock: Clock, refund_window: timedelta = timedelta(days=365)) -> None:
        self.clock, self.refund_window = clock, refund_window
        self.trades: dict[str, Trade] = {}
        self.moved: list[Movement] = []
        self._lock = RLock()
        self._methods: Mapping[str, Callable[[Fields], Fields]] = {
            "alipay.trade.precreate": self._precreate,
            "alipay.trade.page.pay": self._offer,
            "alipay.trade.wap.pay": self._offer,
            "alipay.trade.pay": self._pay,
            "alipay.trade.query": self._query,
            "alipay.trade.close": self._close,
            "alipay.trade.refund": self._refund,
            "alipay.trade.fastpay.refund.query": self._refund_query,
            "alipay.trade.order.settle": self._settle,
        }

    def answer(self, method: str, business: Fields) -> Fields:
        """The business part of the answer to a request."""
        work = self._methods.get(method)
        if work is None:
            return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-method", "sub_msg": "unknown method"}
        with self._lock:
            try:
                return {**_OK, **work(business)}
            except No as no:
                return {"code": "40004", "msg": "Business Failed", "sub_code": f"ACQ.{no}", "sub_msg": str(no).replace("_", " ").lower()}
            except (KeyError, ValueError, TypeError) as error:
                return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-parameter", "sub_msg": type(error).__name__}

    def come(self, number: str) -> None:
        """The buyer scans the code or opens the page: the trade begins, unless it is over."""
        with self._lock:
            trade = self.trades.get(number)
            if trade is not None and not self._over(trade):
                trade.begun = True

    def approve(self, number: str) -> bool:
        """The buyer pays; whether that did anything."""
        with self._lock:
            trade = self.trades.get(number)
            if trade is None or trade.paid_at is not None or self._over(trade):
                return False
            trade.begun, trade.paid_at = True, self.clock.now()
            self.moved.append(Movement("paid", trade, trade.amount, trade.paid_at))
            return True

    def give_up(self, number: str) -> bool:
        """The buyer does not want to pay any more; whether that did anything."""
        with self._lock:
            trade = self.trades.get(number)
            if trade is None or trade.paid_at is not None or self._over(trade):
                return False
            trade.closed = True
            if trade.begun:
                self.moved.append(Movement("closed", trade, 0, self.clock.now()))
            return True

    def approve_all(self) -> None:
        """Every buyer who has begun confirms."""
        for number in [trade.number for trade in self.trades.values() if trade.begun]:
            self.approve(number)

    def _over(self, trade: Trade) -> bool:
        late = trade.expires_at is not None and self.clock.now() > trade.expires_at and trade.paid_at is None
        if late and not trade.closed:
            trade.closed = True
            if trade.begun:
                self.moved.append(Movement("closed", trade, 0, self.clock.now()))
        return trade.closed

    def _offer(self, business: Fields) -> Fields:
        number, amount = str(business["out_trade_no"]), fen(business["total_amount"])
        known = self.trades.get(number)
        if known is not None:
            if known.amount != amount:
                raise No("CONTEXT_INCONSISTENT")
            if known.paid_at is not None:
                raise No("TRADE_HAS_SUCCESS")
            if self._over(known):
                raise No("TRADE_HAS_CLOSE")
        else:
            expires = business.get("time_expire")
            trade_no = f"{wire_time(self.clock.now())[:10].replace('-', '')}220014{len(self.trades) + 1:014d}"
            until = moment(expires) if expires else None
            self.trades[number] = Trade(number, trade_no, amount, str(business["subject"]), expires_at=until)
        return {"out_trade_no": number}

    def _precreate(self, business: Fields) -> Fields:
        return {**self._offer(business), "qr_code": f"https://qr.alipay.com/sim{business['out_trade_no']}"}

    def _pay(self, business: Fields) -> Fields:
        code, number = str(business["auth_code"]), str(business["out_trade_no"])
        if code.startswith("sim_") and code != "sim_slow":
            raise No(code.removeprefix("sim_"))
        self._offer(business)
        trade = self.trades[number]
        trade.begun = True
        told = {"out_trade_no": number, "trade_no": trade.trade_no, "total_amount": yuan(_money(trade.amount))}
        if code == "sim_slow":
            return {"code": "10003", "msg": "order success pay inprocess", **told}
        self.approve(number)
        return {**told, "receipt_amount": told["total_amount"], "gmt_payment": wire_time(self.clock.now())}

    def _known(self, business: Fields) -> Trade:
        """The trade by its own number or by ours."""
        number, trade_no = business.get("out_trade_no"), business.get("trade_no")
        found = [each for each in self.trades.values() if trade_no is not None and each.trade_no == trade_no]
        trade = found[0] if found else self.trades.get(str(number))
        if trade is None or not trade.begun:
            raise No("TRADE_NOT_EXIST")
        return trade

    def status(self, trade: Trade) -> str:
        """The state of a trade in the words of Alipay."""
        if self._over(trade) or (trade.paid_at is not None and trade.refunded == trade.amount):
            return "TRADE_CLOSED"
        if trade.paid_at is None:
            return "WAIT_BUYER_PAY"
        return "TRADE_FINISHED" if self.clock.now() > trade.paid_at + self.refund_window else "TRADE_SUCCESS"

    def _query(self, business: Fields) -> Fields:
        trade = self._known(business)
        paid = {} if trade.paid_at is None else {"send_pay_date": wire_time(trade.paid_at)}
        status, amount = self.status(trade), yuan(_money(trade.amount))
        return {"out_trade_no": trade.number, "trade_no": trade.trade_no, "trade_status": status, "total_amount": amount, **paid}

    def _close(self, business: Fields) -> Fields:
        trade = self._known(business)
        if self.status(trade) != "WAIT_BUYER_PAY":
            raise No("TRADE_STATUS_ERROR")
        trade.closed = True
        self.moved.append(Movement("closed", trade, 0, self.clock.now()))
        return {"out_trade_no": trade.number, "trade_no": trade.trade_no}

    def _refund(self, business: Fields) -> Fields:
        trade, amount = self._known(business), fen(business["refund_amount"])
        request = str(business.get("out_request_no") or trade.number)
        before = trade.refunds.get(request)
        if before is None:
            status = self.status(trade)
            if status != "TRADE_SUCCESS":
                raise No("TRADE_HAS_FINISHED" if status == "TRADE_FINISHED" else "TRADE_STATUS_ERROR")
            if not 0 < amount <= trade.amount - trade.refunded:
                raise No("REFUND_AMT_NOT_EQUAL_TOTAL")
            trade.refunds[request] = (amount, self.clock.now())
            self.moved.append(Movement("refunded", trade, amount, self.clock.now(), request, trade.refunded))
        elif before[0] != amount:
            raise No("DISCORDANT_REPEAT_REQUEST")
        return {
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "fund_change": "Y" if before is None else "N",
            "refund_fee": yuan(_money(trade.refunded)),
            "gmt_refund_pay": wire_time(trade.refunds[request][1]),
        }

    def _refund_query(self, business: Fields) -> Fields:
        trade, request = self._known(business), str(business["out_request_no"])
        if request not in trade.refunds:
            return {}
        amount, at = trade.refunds[request]
        return {
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "out_request_no": request,
            "refund_amount": yuan(_money(amount)),
            "total_amount": yuan(_money(trade.amount)),
            "refund_status": "REFUND_SUCCESS",
            "gmt_refund_pay": wire_time(at),
        }

    def _settle(self, business: Fields) -> Fields:
        trade, request = self._known(business), str(business["out_request_no"])
        if trade.paid_at is None:
            raise No("TRADE_STATUS_ERROR")
        share = sum(fen(part["amount"]) for part in business.get("royalty_parameters", []))
        finish = (business.get("extend_params") or {}).get("royalty_finish") == "true"
        before = trade.shares.get(request)
        if before is None:
            if any(finished for _amount, finished in trade.shares.values()):
                raise No("TRADE_SETTLE_STATUS_ERROR")
            if share > trade.amount - trade.refunded - sum(amount for amount, _finished in trade.shares.values()):
                raise No("ALLOC_AMOUNT_VALIDATE_ERROR")
            trade.shares[request] = (share, finish)
        elif before != (share, finish):
            raise No("DISCORDANT_REPEAT_REQUEST")
        return {"trade_no": trade.trade_no, "settle_no": f"s{trade.trade_no}{request}"}


def _money(amount: int) -> Money:
    return Money(amount, CURRENCY)
