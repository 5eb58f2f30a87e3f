"""Alipay on a port of this machine: it checks every signature we make, and signs every answer and notification, so that a shop can be tried whole.

    with AlipaySimulator.open(clock=SystemClock()) as simulator:
        gateway = AlipayGateway(simulator.settings)

Rules
- it listens on 127.0.0.1 only, and has keys of its own, made when it opens;
- the buyer comes by `GET` of the page that a redirect names, or by `provider.come`, and pays by `POST /buyer/<order number>` or `provider.approve`;
- `strike` lets the next request end in trouble; `notifications` tells everything that was pushed so far, signed now.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from shopwright.adapters.alipay import bills
from shopwright.adapters.alipay.messages import BEIJING, CURRENCY, wire_time, yuan
from shopwright.adapters.alipay.provider import Movement, SimulatedAlipay
from shopwright.adapters.alipay.settings import AlipaySettings
from shopwright.adapters.alipay.signing import content, public_key, sign, signed
from shopwright.adapters.loopback import LoopbackServer
from shopwright.adapters.rsa import new_key, private_text, public_text
from shopwright.adapters.troubles import RETRY_AFTER, Trouble
from shopwright.money import Money
from shopwright.payments.notifications import RawNotification
from shopwright.ports.clock import Clock

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"
_MOST = 1_000_000


class AlipaySimulator:
    """A `SimulatedAlipay` behind a socket. `settings` are those of the one application that it knows."""

    def __init__(self, provider: SimulatedAlipay, *, port: int = 0, keys: tuple[RSAPrivateKey, RSAPrivateKey] | None = None) -> None:
        application, self.key = keys or (new_key(), new_key())
        self.provider, self._lock = provider, Lock()
        self._trouble: Trouble | None = None
        self.public = ""
        """Where the world reaches it, if something stands in between."""
        self.server = LoopbackServer(port, _handler(self))
        self.settings = AlipaySettings(
            app_id=APP_ID,
            seller_id=SELLER_ID,
            private_key=private_text(application),
            alipay_public_key=public_text(self.key),
            gateway=f"{self.address}/gateway.do",
            refund_window=provider.refund_window,
        )
        self._application = public_key(public_text(application))

    @classmethod
    @contextmanager
    def open(cls, *, clock: Clock, port: int = 0, keys: tuple[RSAPrivateKey, RSAPrivateKey] | None = None) -> Iterator[AlipaySimulator]:
        """A simulator that answers until the block ends."""
        simulator = cls(SimulatedAlipay(clock=clock), port=port, keys=keys)
        with simulator.server.serving():
            yield simulator

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.server.address

    def strike(self, trouble: Trouble) -> None:
        """Let the next request to the gateway end in this trouble. `NOT_SENT` is not in the hands of a server."""
        self._trouble = trouble

    def struck(self) -> Trouble | None:
        """The trouble of this request, if it has one."""
        with self._lock:
            trouble, self._trouble = self._trouble, None
        return trouble

    def handled(self, fields: dict[str, str]) -> bytes:
        """The signed response to the fields of a request."""
        method = fields.get("method", "")
        if not signed(content(fields), fields.get("sign", ""), self._application) or fields.get("app_id") != APP_ID:
            answer = {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature", "sub_msg": "check the key and the fields"}
        elif method == "alipay.data.dataservice.bill.downloadurl.query":
            answer = self._bill_answer(json.loads(fields.get("biz_content") or "{}"))
        else:
            answer = self.provider.answer(method, json.loads(fields.get("biz_content") or "{}"))
        part = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        return f'{{"{method.replace(".", "_")}_response":{part},"sign":"{sign(part, self.key)}"}}'.encode()

    def notifications(self, *, after: int = 0) -> Sequence[RawNotification]:
        """Everything that is pushed, from the first or behind the first so many, signed now."""
        return [self.pushed(self._told(number, move)) for number, move in enumerate(self.provider.moved[after:], after + 1)]

    def noise(self) -> RawNotification:
        """A genuine notification that is not about a trade."""
        return self.pushed({"notify_type": "servicewindow_notify", "notify_id": "n0", "app_id": APP_ID, "seller_id": SELLER_ID})

    def pushed(self, fields: dict[str, str]) -> RawNotification:
        """These fields as Alipay pushes them, signed."""
        now = self.provider.clock.now()
        told = {**fields, "notify_time": wire_time(now), "charset": "utf-8", "version": "1.0"}
        told |= {"sign": sign(content(told, without=("sign", "sign_type"), keep_empty=True), self.key), "sign_type": "RSA2"}
        headers = (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),)
        return RawNotification(headers=headers, body=urlencode(told).encode(), received_at=now)

    def _told(self, number: int, move: Movement) -> dict[str, str]:
        trade = move.trade
        over = move.kind == "closed" or move.refunded == trade.amount
        told = {
            "notify_type": "trade_status_sync",
            "notify_id": f"{trade.trade_no}{number:06d}",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "trade_status": "TRADE_CLOSED" if over else "TRADE_SUCCESS",
            "total_amount": _yuan(trade.amount),
            "subject": trade.subject,
            "buyer_logon_id": "abc***@example.com",
        }
        if move.kind != "closed" and trade.paid_at is not None:
            told["gmt_payment"] = wire_time(trade.paid_at)
        if move.kind == "refunded":
            told |= {"refund_fee": _yuan(move.refunded), "out_biz_no": move.request, "gmt_refund": f"{wire_time(move.at)}.123"}
        return told

    def _bill_answer(self, business: dict[str, Any]) -> dict[str, str]:
        day = str(business.get("bill_date"))
        over = day < self.provider.clock.now().astimezone(BEIJING).date().isoformat()
        if not over or not any(_day(move.at) == day for move in self.provider.moved if move.amount):
            return {"code": "40004", "msg": "Business Failed", "sub_code": "isp.bill_not_exist", "sub_msg": "there is no bill of this day"}
        return {"code": "10000", "msg": "Success", "bill_download_url": f"{self.public or self.address}/bill?day={day}"}

    def bill(self, day: str) -> bytes:
        """The archive of a day, with the list of its trades and the summary beside it."""
        moves = [move for move in self.provider.moved if move.amount and _day(move.at) == day]
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        text.write(f"#支付宝业务明细查询\r\n#账号:[{SELLER_ID}0156]\r\n#起始日期:[{day}]\r\n#---业务明细列表---\r\n")
        rows.writerow(bills.COLUMNS)
        for move in moves:
            sign_, kind = (1, bills.PAYMENT) if move.kind == "paid" else (-1, bills.REFUND)
            amount, fee = sign_ * move.amount, -sign_ * (move.amount * 6 // 1_000)
            told = (move.trade.trade_no, move.trade.number, kind, wire_time(move.at), _signed(amount), move.request, _signed(fee))
            rows.writerow([f"{each}\t" for each in told])
        text.write("#---业务明细列表结束---\r\n")
        for kind, word, name in (("paid", "交易", "商家实收"), ("refunded", "退款", "商家实收退款")):
            amounts = [move.amount for move in moves if move.kind == kind]
            total = sum(amounts) if kind == "paid" else -sum(amounts)
            text.write(f"#{word}合计：{len(amounts)}笔，{name}共{_signed(total)}元，商家优惠共0.00元\r\n")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{day}_业务明细.csv", text.getvalue().encode("gb18030"))
            archive.writestr(f"{day}_业务明细(汇总).csv", "#支付宝业务汇总查询\r\n".encode("gb18030"))
        return packed.getvalue()


def _handler(simulator: AlipaySimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers one request."""

        timeout = 10

        def do_GET(self) -> None:
            """A page that the buyer opens, a request in the address, or a bill."""
            address = urlsplit(self.path)
            fields = dict(parse_qsl(address.query, keep_blank_values=True))
            if address.path == "/bill":
                self._say(200, simulator.bill(fields.get("day", "")), "application/zip")
            elif fields.get("method", "").endswith((".page.pay", ".wap.pay")):
                told = simulator.handled(fields)
                simulator.provider.come(str(json.loads(fields.get("biz_content") or "{}").get("out_trade_no")))
                self._say(200, told)
            else:
                self._gateway(fields)

        def do_POST(self) -> None:
            """A request to the gateway, or a buyer who pays."""
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(length, _MOST)).decode("utf-8", "replace")
            if address.path.startswith("/buyer/"):
                paid = simulator.provider.approve(address.path.removeprefix("/buyer/"))
                self._say(200 if paid else 409, b"paid" if paid else b"nothing to pay")
                return
            self._gateway(dict(parse_qsl(address.query, keep_blank_values=True)) | dict(parse_qsl(body, keep_blank_values=True)))

        def _gateway(self, fields: dict[str, str]) -> None:
            trouble = simulator.struck()
            if trouble is Trouble.THROTTLED:
                self._say(429, b"", retry_after=str(int(RETRY_AFTER.total_seconds())))
                return
            if trouble is Trouble.LOST_NOT_APPLIED:
                return
            told = simulator.handled(fields)
            if trouble is not Trouble.LOST_APPLIED:
                self._say(200, told, "text/html;charset=utf-8")

        def _say(self, status: int, body: bytes, kind: str = "text/plain", *, retry_after: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if retry_after:
                self.send_header("Retry-After", retry_after)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing: an address may hold a whole request."""

    return Handler


def _day(at: datetime) -> str:
    return at.astimezone(BEIJING).date().isoformat()


def _yuan(amount: int) -> str:
    return yuan(Money(amount, CURRENCY))


def _signed(amount: int) -> str:
    return f"-{_yuan(-amount)}" if amount < 0 else _yuan(amount)
