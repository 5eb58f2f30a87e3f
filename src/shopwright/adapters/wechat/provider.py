"""The other side, in memory: what a WeChat Pay that nobody pays real money to would answer. `simulator` puts it behind a port of this machine.

Rules
- an order is known once it was made; the same words again give the same code, page or prepay id, other words are an `INVALID_REQUEST`;
- an order number is paid once: made again it is `ORDERPAID`, and `ORDER_CLOSED` once it was closed or is over;
- a refund number gives back once, and other words under it are an `INVALID_REQUEST`; more than is left, too late or once too often is one too;
- a share number shares once; more than is left is `NOT_ENOUGH`, and nothing is shared of an order that was not made for it or was released;
- a buyer's code of `sim_slow` waits for the buyer, one of `sim_<CODE>` is declined with that code (`sim_NOT_ENOUGH`), and `sim_refund_slow`,
  `sim_refund_closed` and `sim_refund_abnormal` pay, and let refunds take their time and end so;
- payments by scanned codes are pushed too, of which WeChat Pay itself tells nobody;
- requests that begin as one of `denied` does (`POST /v3/refund`) are answered with its status and code, and do nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from attrs import define, field, frozen

from shopwright.adapters.wechat.messages import BEIJING, CURRENCY, moment, wire_time
from shopwright.adapters.wechat.sharing import RELEASED
from shopwright.ports.clock import Clock

Words = dict[str, Any]
MOST_REFUNDS = 50
APP_ID, MOBILE_APP_ID, MERCHANT_ID = "wxd678efh567hg6787", "wxd678efh567hg6788", "1900000109"
_ENDS = {"sim_refund_slow": "SUCCESS", "sim_refund_closed": "CLOSED", "sim_refund_abnormal": "ABNORMAL"}


@define
class Refund:
    """A refund number at WeChat Pay. `status` is how it stands, and `end` how it will when its time comes."""

    number: str
    refund_id: str
    amount: int
    begun_at: datetime
    status: str
    end: str
    ended_at: datetime | None = None


@define
class Trade:
    """An order number at WeChat Pay. Amounts are fen; `refunds_end` is how slow refunds of it end, and refunds are done at once where it is none."""

    number: str
    transaction: str
    amount: int
    kind: str
    asked: str
    words: Words
    expires_at: datetime | None = None
    closed: bool = False
    waits: bool = False
    paid_at: datetime | None = None
    refunds_end: str | None = None
    refunds: dict[str, Refund] = field(factory=dict)
    shares: dict[str, Words] = field(factory=dict)
    released: bool = False

    @property
    def app_id(self) -> str:
        """The application that it was made in."""
        return str(self.words["appid"])

    @property
    def back(self) -> int:
        """What went back or is on its way."""
        return sum(each.amount for each in self.refunds.values() if each.status != "CLOSED")

    @property
    def shared(self) -> int:
        """What was given to receivers."""
        return sum(part["amount"] for share in self.shares.values() for part in share["receivers"] if part["description"] != RELEASED)


@frozen
class Movement:
    """What WeChat Pay tells the shop: a payment (`paid`), or what became of a refund (`success`, `closed`; `abnormal` has not moved yet)."""

    kind: str
    trade: Trade
    amount: int
    at: datetime
    refund: Refund | None = None


class No(Exception):
    """An answer that is no: its status and code."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        self.status, self.code, self.message = status, code, message or code.replace("_", " ").lower()
        super().__init__(code)


class SimulatedWechat:
    """The truth about all orders. Safe to share between threads; `clock` is its time, `refund_window` its contract with the shop."""

    def __init__(self, *, clock: Clock, refund_window: timedelta = timedelta(days=365)) -> None:
        self.clock, self.refund_window = clock, refund_window
        self.trades: dict[str, Trade] = {}
        self.refunds: dict[str, tuple[Trade, Refund]] = {}
        self.moved: list[Movement] = []
        self.slow_shares = False
        self.denied: dict[str, tuple[int, str]] = {}
        self._lock = RLock()

    def answer(self, verb: str, path: str, query: dict[str, str], words: Words) -> tuple[int, Words | None]:
        """Status and words of the answer to a request."""
        with self._lock:
            try:
                for begin, no in self.denied.items():
                    if f"{verb} {path}".startswith(begin):
                        raise No(*no)
                return self._work(verb, path.split("/")[2:], query)(words)
            except No as no:
                return no.status, {"code": no.code, "message": no.message}
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                return 400, {"code": "PARAM_ERROR", "message": type(error).__name__}

    def _work(self, verb: str, path: list[str], query: dict[str, str]) -> Callable[[Words], tuple[int, Words | None]]:
        match verb, path:
            case "POST", ["pay", "transactions", ("native" | "h5" | "jsapi" | "app") as kind]:
                return lambda words: (200, self._made(kind, words))
            case "POST", ["pay", "transactions", "codepay"]:
                return lambda words: (200, self._scanned(words))
            case "GET", ["pay", "transactions", "out-trade-no", number]:
                return lambda _words: (200, self.told(self._known(number, query["mchid"])))
            case "GET", ["pay", "transactions", "id", transaction]:
                return lambda _words: (200, self.told(self._by_transaction(transaction)))
            case "POST", ["pay", "transactions", "out-trade-no", number, "close"]:
                return lambda words: self._close(number, words["mchid"])
            case "POST", ["refund", "domestic", "refunds"]:
                return lambda words: (200, self._refund(words))
            case "GET", ["refund", "domestic", "refunds", number]:
                return lambda _words: (200, self.refund_told(*self._refund_known(number)))
            case "POST", ["profitsharing", "orders", "unfreeze"]:
                return lambda words: (200, self._share({**words, "receivers": [], "unfreeze_unsplit": True}))
            case "POST", ["profitsharing", "orders"]:
                return lambda words: (200, self._share(words))
            case "GET", ["profitsharing", "orders", number]:
                return lambda _words: (200, self._share_known(number, query["transaction_id"]))
            case _:
                raise No(404, "RESOURCE_NOT_EXISTS", "no such interface")

    def come(self, number: str) -> None:
        """The buyer scans the code or opens the page: nothing that WeChat Pay tells anybody."""

    def approve(self, number: str) -> bool:
        """The buyer pays; whether that did anything."""
        with self._lock:
            trade = self.trades.get(number)
            if trade is None or trade.paid_at is not None or self._over(trade):
                return False
            trade.paid_at, trade.waits = self.clock.now(), False
            self.moved.append(Movement("paid", trade, trade.amount, trade.paid_at))
            return True

    def give_up(self, number: str) -> bool:
        """The buyer does not want to pay any more; whether that did anything."""
        with self._lock:
            trade = self.trades.get(number)
            if trade is None or trade.paid_at is not None or self._over(trade):
                return False
            trade.closed, trade.waits = True, False
            return True

    def ripen(self) -> None:
        """Let happen what is on its way: buyers who are at it confirm, slow refunds and shares end."""
        with self._lock:
            for number in [trade.number for trade in self.trades.values() if trade.waits]:
                self.approve(number)
            for trade, refund in self.refunds.values():
                if refund.status == "PROCESSING":
                    self._ended(trade, refund)
            for share in [share for trade in self.trades.values() for share in trade.shares.values()]:
                share["state"] = "FINISHED"
                share["receivers"] = [{**part, "result": "SUCCESS"} for part in share["receivers"]]

    def settle(self, number: str) -> bool:
        """Somebody gives an abnormal refund back by hand, in the merchant console; whether that did anything."""
        with self._lock:
            trade, refund = self.refunds[number]
            if refund.status != "ABNORMAL":
                return False
            refund.end = "SUCCESS"
            self._ended(trade, refund)
            return True

    def _ended(self, trade: Trade, refund: Refund) -> None:
        refund.status, refund.ended_at = refund.end, self.clock.now()
        self.moved.append(Movement(refund.end.lower(), trade, refund.amount, refund.ended_at, refund))

    def _over(self, trade: Trade) -> bool:
        if trade.expires_at is not None and self.clock.now() > trade.expires_at and trade.paid_at is None:
            trade.closed = True
        return trade.closed

    def _new(self, kind: str, words: Words) -> Trade:
        number, amount = str(words["out_trade_no"]), words["amount"]["total"]
        if words["mchid"] != MERCHANT_ID or words["appid"] not in {APP_ID, MOBILE_APP_ID}:
            raise No(400, "APPID_MCHID_NOT_MATCH")
        if type(amount) is not int or amount < 1 or words["amount"].get("currency", CURRENCY) != CURRENCY or not words["description"]:
            raise No(400, "PARAM_ERROR")
        asked, known = json.dumps([kind, words], sort_keys=True), self.trades.get(number)
        if known is not None:
            if known.paid_at is not None:
                raise No(400, "ORDERPAID", "the order is paid")
            if self._over(known):
                raise No(400, "ORDER_CLOSED", "the order is closed")
            if known.asked != asked:
                raise No(400, "INVALID_REQUEST", "the words are other ones than at first")
            return known
        until = moment(words["time_expire"]) if "time_expire" in words else None
        day = self.clock.now().astimezone(BEIJING).strftime("%Y%m%d")
        transaction = f"4200001{day}{len(self.trades) + 1:013d}"
        self.trades[number] = Trade(number, transaction, amount, kind, asked, words, until)
        return self.trades[number]

    def _made(self, kind: str, words: Words) -> Words:
        if not words["notify_url"] or (kind == "jsapi" and not words["payer"]["openid"]):
            raise No(400, "PARAM_ERROR")
        if kind == "h5" and not (words["scene_info"]["payer_client_ip"] and words["scene_info"]["h5_info"]["type"]):
            raise No(400, "PARAM_ERROR")
        trade = self._new(kind, words)
        if kind == "native":
            return {"code_url": f"weixin://wxpay/bizpayurl?pr={trade.transaction[-9:]}"}
        if kind == "h5":
            return {"h5_url": f"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx{trade.transaction}&package=1"}
        return {"prepay_id": f"wx{trade.transaction}"}

    def _scanned(self, words: Words) -> Words:
        code = str(words["payer"]["auth_code"])
        if code.startswith("sim_") and code != "sim_slow" and code not in _ENDS:
            raise No(403, code.removeprefix("sim_"))
        trade = self._new("codepay", words)
        trade.refunds_end = _ENDS.get(code)
        if code == "sim_slow":
            trade.waits = True
            raise No(400, "USERPAYING", "the buyer has to confirm")
        self.approve(trade.number)
        return self.told(trade)

    def _known(self, number: str, merchant: str) -> Trade:
        trade = self.trades.get(number)
        if trade is None or merchant != MERCHANT_ID:
            raise No(404, "ORDER_NOT_EXIST")
        return trade

    def _by_transaction(self, transaction: str) -> Trade:
        found = [trade for trade in self.trades.values() if trade.transaction == transaction and trade.paid_at is not None]
        if not found:
            raise No(404, "ORDER_NOT_EXIST")
        return found[0]

    def state(self, trade: Trade) -> str:
        """The state of an order in the words of WeChat Pay."""
        if trade.paid_at is not None:
            return "REFUND" if trade.back else "SUCCESS"
        if self._over(trade):
            return "CLOSED"
        return "USERPAYING" if trade.waits else "NOTPAY"

    def told(self, trade: Trade) -> Words:
        """An order as a query tells it."""
        state = self.state(trade)
        told: Words = {
            "appid": trade.app_id,
            "mchid": MERCHANT_ID,
            "out_trade_no": trade.number,
            "trade_state": state,
            "trade_state_desc": state.lower(),
            "amount": {"total": trade.amount, "currency": CURRENCY},
        }
        if trade.paid_at is not None:
            kinds = {"native": "NATIVE", "h5": "MWEB", "jsapi": "JSAPI", "app": "APP", "codepay": "MICROPAY"}
            told |= {"transaction_id": trade.transaction, "trade_type": kinds[trade.kind], "bank_type": "OTHERS"}
            told |= {"success_time": wire_time(trade.paid_at), "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}
            told["amount"] |= {"payer_total": trade.amount, "payer_currency": CURRENCY}
        return told

    def _close(self, number: str, merchant: str) -> tuple[int, None]:
        trade = self._known(number, merchant)
        if trade.paid_at is not None:
            raise No(400, "ORDERPAID", "the order is paid")
        if trade.waits:
            raise No(400, "INVALID_REQUEST", "the buyer is paying")
        trade.closed = True
        return 204, None

    def _refund(self, words: Words) -> Words:
        number, amount = str(words["out_refund_no"]), words["amount"]
        by_number = words.get("transaction_id")
        trade = self._by_transaction(by_number) if by_number else self.trades.get(str(words["out_trade_no"]))
        if trade is None:
            raise No(404, "RESOURCE_NOT_EXISTS", "no such order")
        known = self.refunds.get(number)
        if known is not None:
            if known[0] is not trade or known[1].amount != amount["refund"] or amount["total"] != trade.amount:
                raise No(400, "INVALID_REQUEST", "the amount is another one than at first")
            return self.refund_told(*known)
        if trade.paid_at is None or self.clock.now() > trade.paid_at + self.refund_window:
            raise No(400, "INVALID_REQUEST", "the order is not paid, or too old")
        if type(amount["refund"]) is not int or amount["total"] != trade.amount or not 0 < amount["refund"] <= trade.amount - trade.back:
            raise No(400, "INVALID_REQUEST", "the refund is more than is left")
        if len(trade.refunds) >= MOST_REFUNDS:
            raise No(400, "INVALID_REQUEST", "the order had too many refunds")
        refund = Refund(number, f"503{trade.transaction[3:-4]}{len(self.refunds):04d}", amount["refund"], self.clock.now(), "PROCESSING", "SUCCESS")
        trade.refunds[number], self.refunds[number] = refund, (trade, refund)
        if trade.refunds_end is None:
            self._ended(trade, refund)
        else:
            refund.end = trade.refunds_end
        return self.refund_told(trade, refund)

    def _refund_known(self, number: str) -> tuple[Trade, Refund]:
        if number not in self.refunds:
            raise No(404, "RESOURCE_NOT_EXISTS", "no such refund")
        return self.refunds[number]

    def refund_told(self, trade: Trade, refund: Refund) -> Words:
        """A refund as a query tells it."""
        amounts = {"total": trade.amount, "refund": refund.amount, "payer_total": trade.amount, "payer_refund": refund.amount, "currency": CURRENCY}
        told: Words = {
            "refund_id": refund.refund_id,
            "out_refund_no": refund.number,
            "transaction_id": trade.transaction,
            "out_trade_no": trade.number,
            "channel": "ORIGINAL",
            "user_received_account": "the buyer's purse",
            "create_time": wire_time(refund.begun_at),
            "status": refund.status,
            "amount": amounts,
        }
        return told | ({"success_time": wire_time(refund.ended_at)} if refund.ended_at and refund.status == "SUCCESS" else {})

    def _share(self, words: Words) -> Words:
        trade, number = self._by_transaction(str(words["transaction_id"])), str(words["out_order_no"])
        parts = [{name: part[name] for name in ("type", "account", "amount", "description")} for part in words["receivers"]]
        known = trade.shares.get(number)
        if known is not None:
            if [[part["account"], part["amount"]] for part in known["receivers"] if part["description"] != RELEASED] != [
                [part["account"], part["amount"]] for part in parts
            ]:
                raise No(400, "INVALID_REQUEST", "the parts are other ones than at first")
            return known
        if not trade.words.get("settle_info", {}).get("profit_sharing") or trade.released:
            raise No(403, "RULE_LIMIT", "nothing of the order can be shared any more")
        left = trade.amount - trade.back - trade.shared
        if any(type(part["amount"]) is not int or part["amount"] < 1 for part in parts) or sum(part["amount"] for part in parts) > left:
            raise No(403, "NOT_ENOUGH", "less is left to share")
        if words["unfreeze_unsplit"]:
            trade.released, rest = True, left - sum(part["amount"] for part in parts)
            parts += [{"type": "MERCHANT_ID", "account": MERCHANT_ID, "amount": rest, "description": RELEASED}] if rest else []
        state, result = ("PROCESSING", "PENDING") if self.slow_shares else ("FINISHED", "SUCCESS")
        share = {
            "transaction_id": trade.transaction,
            "out_order_no": number,
            "order_id": f"3008{trade.transaction[4:]}{len(trade.shares)}",
            "state": state,
            "receivers": [{**part, "result": result} for part in parts],
        }
        trade.shares[number] = share
        return share

    def _share_known(self, number: str, transaction: str) -> Words:
        share = self._by_transaction(transaction).shares.get(number)
        if share is None:
            raise No(404, "RESOURCE_NOT_EXISTS", "no such share")
        return share
