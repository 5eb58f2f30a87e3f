"""The words of WeChat Pay v3 and ours, translated both ways and without I/O.

Rules
- the order number at WeChat Pay (`out_trade_no`) is the key of the start, and it is our reference of the payment: it is known before any answer;
- amounts are whole fen on both sides; what is no whole number, or in another currency, is an error;
- an answer about another order, refund or account is none: a signature says who answers, not to what;
- a query tells that something was refunded, never how much; refunds are known by their own numbers;
- a refund that the buyer's bank does not take (`ABNORMAL`) is on its way until somebody settles it in the merchant console: the shop has not got
  it back, and a second one would be refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from attrs import frozen

from shopwright.adapters.wechat.codes import DECLINES, plain
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.payments.errors import Indeterminate, InvalidRequest, NotFound
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done, InProgress, Outcome, Redirect, ShowQr, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment

CURRENCY = "CNY"
POLL_AFTER = timedelta(seconds=3)
PATIENCE = timedelta(hours=1)
"""How long a refund is left alone that a person has to settle."""

BEIJING = ZoneInfo("Asia/Shanghai")
MOST_FEN = 10**12
JSAPI, APP = "jsapi", "app"
_H5 = ("Wap", "iOS", "Android")


@frozen
class Ask:
    """A request before it is signed: its verb, path with query, and the words of its body."""

    verb: str
    target: str
    words: Mapping[str, Any] | None = None

    @property
    def body(self) -> bytes:
        """The bytes that are signed and sent."""
        return b"" if self.words is None else json.dumps(self.words, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@frozen
class Answer:
    """A verified answer: its status, and the words of its body."""

    status: int
    words: Mapping[str, Any]

    @property
    def is_fine(self) -> bool:
        """Whether WeChat Pay has done what was asked, or is at it."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The code of a failed answer; the status where there is none."""
        found = self.words.get("code")
        return found[:60] if isinstance(found, str) and found else str(self.status)

    @property
    def told(self) -> str:
        """What WeChat Pay says in words."""
        return str(self.words.get("message") or "no words")[:200]


def sdk(request: StartPayment) -> str:
    """Where a payment by WeChat's own code is made: on a page or mini program by the buyer whose open id is told, else in an app."""
    chosen = dict(request.extra).get("sdk", JSAPI if openid(request) else APP)
    if chosen not in {JSAPI, APP}:
        raise InvalidRequest(f"the sdk of a WeChat payment is one of {APP}, {JSAPI}, got {chosen!r}")
    return chosen


def openid(request: StartPayment) -> str:
    """The buyer's name at the application: `openid` of `buyer`, or the source of the payment."""
    return dict(request.buyer).get("openid") or request.source_token or ""


def start(request: StartPayment, settings: WechatSettings) -> Ask:
    """A request to pay, in the flow that it asks for. Raises `InvalidRequest` for one that WeChat Pay would not take."""
    words: dict[str, Any] = {
        "appid": app_id(request, settings),
        "mchid": settings.merchant_id,
        "description": _cut(request.description, 127).strip() or "order",
        "out_trade_no": request.key.value,
        "amount": {"total": request.amount.minor, "currency": CURRENCY},
    }
    if settings.profit_sharing:
        words["settle_info"] = {"profit_sharing": True}
    if request.flow is Flow.SCAN_BUYER_CODE:
        if request.source_token is None:
            raise InvalidRequest("the scan_buyer_code flow needs a source_token: the digits of the buyer's code")
        store = {"id": dict(request.extra).get("store", "main")}
        words |= {"payer": {"auth_code": request.source_token}, "scene_info": {"store_info": store}}
        return Ask("POST", "/v3/pay/transactions/codepay", words)
    notify = request.notify_url or settings.notify_url
    if notify is None:
        raise InvalidRequest("a WeChat payment needs a notify_url, in the request or in WechatSettings")
    words["notify_url"] = notify
    if request.expires_at is not None:
        words["time_expire"] = wire_time(request.expires_at)
    if request.flow is Flow.QR:
        return Ask("POST", "/v3/pay/transactions/native", words)
    if request.flow is Flow.REDIRECT:
        return Ask("POST", "/v3/pay/transactions/h5", words | {"scene_info": _h5_scene(request)})
    if sdk(request) == APP:
        return Ask("POST", "/v3/pay/transactions/app", words)
    if not openid(request):
        raise InvalidRequest("a WeChat payment on a page needs the buyer's open id: `openid` in buyer, or the source of the payment")
    return Ask("POST", "/v3/pay/transactions/jsapi", words | {"payer": {"openid": openid(request)}})


def app_id(request: StartPayment, settings: WechatSettings) -> str:
    """The application that a payment is made in."""
    in_app = request.flow is Flow.CLIENT_SDK and sdk(request) == APP
    return settings.mobile_app_id or settings.app_id if in_app else settings.app_id


def _h5_scene(request: StartPayment) -> dict[str, Any]:
    """Who comes, for a page of a phone: WeChat Pay lets nobody in who comes from another address."""
    buyer, kind = dict(request.buyer), dict(request.extra).get("h5", "Wap")
    if kind not in _H5:
        raise InvalidRequest(f"the h5 of a WeChat payment is one of {', '.join(_H5)}, got {kind!r}")
    try:
        address = ip_address(buyer.get("ip") or request.source_token or "")
    except ValueError:
        raise InvalidRequest("a WeChat page needs the buyer's network address: `ip` in buyer, or the source of the payment") from None
    return {"payer_client_ip": str(address), "h5_info": {"type": kind}}


def query(reference: str, settings: WechatSettings) -> Ask:
    """How an order stands."""
    return Ask("GET", f"/v3/pay/transactions/out-trade-no/{_part(reference)}?{urlencode({'mchid': settings.merchant_id})}")


def query_transaction(transaction: str, settings: WechatSettings) -> Ask:
    """How an order stands, by WeChat Pay's own number."""
    return Ask("GET", f"/v3/pay/transactions/id/{_part(transaction)}?{urlencode({'mchid': settings.merchant_id})}")


def close(reference: str, settings: WechatSettings) -> Ask:
    """Close an order that nobody has paid."""
    return Ask("POST", f"/v3/pay/transactions/out-trade-no/{_part(reference)}/close", {"mchid": settings.merchant_id})


def refund(request: RefundPart, settings: WechatSettings) -> Ask:
    """Give a part back; the refund is known by its own number."""
    words: dict[str, Any] = {
        "out_trade_no": request.payment,
        "out_refund_no": request.key.value,
        "amount": {"refund": request.amount.minor, "total": request.of_total.minor, "currency": CURRENCY},
    }
    if request.reason:
        words["reason"] = _cut(request.reason, 80)
    if settings.notify_url is not None:
        words["notify_url"] = settings.notify_url
    return Ask("POST", "/v3/refund/domestic/refunds", words)


def refund_query(key: OperationKey) -> Ask:
    """How a refund stands."""
    return Ask("GET", f"/v3/refund/domestic/refunds/{key.value}")


def split(key: OperationKey, transaction: str, parts: tuple[Split, ...], settings: WechatSettings, *, finish: bool) -> Ask:
    """Share a paid order; with `finish` what is left is the shop's. A receiver of digits is a merchant, another one a person's open id."""
    words: dict[str, Any] = {"transaction_id": transaction, "out_order_no": key.value}
    if not parts:
        return Ask("POST", "/v3/profitsharing/orders/unfreeze", words | {"description": "the rest"})
    receivers = [
        {
            "type": "MERCHANT_ID" if part.receiver.isascii() and part.receiver.isdigit() else "PERSONAL_OPENID",
            "account": part.receiver,
            "amount": part.amount.minor,
            "description": _cut(part.memo or "share", 80),
        }
        for part in parts
    ]
    words |= {"appid": settings.app_id, "receivers": receivers, "unfreeze_unsplit": finish}
    return Ask("POST", "/v3/profitsharing/orders", words)


def split_query(key: OperationKey, transaction: str) -> Ask:
    """How a share stands."""
    return Ask("GET", f"/v3/profitsharing/orders/{key.value}?{urlencode({'transaction_id': transaction})}")


def trade_bill(day: str) -> Ask:
    """Where the trade bill of a day (`2026-03-01`) can be fetched."""
    return Ask("GET", f"/v3/bill/tradebill?{urlencode({'bill_date': day, 'bill_type': 'ALL'})}")


def fund_bill(day: str) -> Ask:
    """Where the list of what came to the account and left it on a day can be fetched."""
    return Ask("GET", f"/v3/bill/fundflowbill?{urlencode({'bill_date': day, 'account_type': 'BASIC'})}")


CERTIFICATES = Ask("GET", "/v3/certificates")
"""The platform certificates of the moment."""


def _cut(text: str, most: int) -> str:
    """The text in at most so many bytes, and no sign broken."""
    return text.encode()[:most].decode(errors="ignore")


def _part(name: str) -> str:
    """A name as a part of a path. Raises `NotFound` for one that no order can have."""
    if not name.isascii() or not name.replace("_", "").replace("-", "").replace("*", "").isalnum():
        raise NotFound(f"WeChat Pay has no order {name[:40]!r}: a number has letters, digits, _, - and *", raw_code="no_order")
    return name


def code_to_show(answer: Answer, expires_at: datetime | None) -> ShowQr:
    """What the buyer has to scan."""
    return ShowQr(word(answer.words, "code_url"), expires_at)


def page(answer: Answer, request: StartPayment) -> Redirect:
    """The page that lets the buyer's browser go to WeChat, and come back to the shop."""
    url = word(answer.words, "h5_url")
    if request.return_url is None:
        return Redirect(url)
    return Redirect(f"{url}{'&' if '?' in url else '?'}{urlencode({'redirect_url': request.return_url})}")


def declined(answer: Answer, reference: str) -> Declined:
    """A no, with its reason."""
    reason, advice = DECLINES.get(plain(answer.code), (DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD))
    return Declined(reason, advice, raw_code=answer.code, message=answer.told, reference=reference)


def total(answer: Answer) -> int:
    """The amount of an order."""
    return fen(part(answer.words, "amount"), "total")


def standing(answer: Answer, reference: str, settings: WechatSettings, *, at: datetime) -> Outcome:
    """How an order stands, by a query or by the answer to a scanned code."""
    words = answer.words
    _demand_ours(words, reference, settings)
    state = word(words, "trade_state")
    if state in {"NOTPAY", "USERPAYING", "ACCEPT"}:
        return InProgress(reference, POLL_AFTER)
    if state in {"SUCCESS", "REFUND"}:
        amount, raw = total(answer), (("transaction_id", word(words, "transaction_id")),)
        return Done(reference, Totals.of(CURRENCY, authorized=amount, captured=amount), _moment(words.get("success_time"), at), raw=raw)
    if state in {"CLOSED", "REVOKED"}:
        message = "the order was closed before it was paid" if state == "CLOSED" else "the order was revoked"
        return Declined(DeclineReason.EXPIRED, Advice.ASK_BUYER, raw_code=state, message=message, reference=reference)
    if state == "PAYERROR":
        message = str(words.get("trade_state_desc") or "the payment failed")[:200]
        return Declined(DeclineReason.PROCESSING_ERROR, Advice.TRY_OTHER_METHOD, raw_code=state, message=message, reference=reference)
    raise Indeterminate(f"WeChat Pay tells a state of an order that is not known here: {state[:40]!r}", raw_code=state[:40])


def refund_standing(answer: Answer, payment: str, key: OperationKey, *, at: datetime) -> Outcome:
    """How one refund stands. Its totals count no other refund of the payment. Raises `NotFound` for a refund of another payment."""
    words = answer.words
    if word(words, "out_refund_no") != key.value:
        raise Indeterminate("the answer is about another refund", raw_code="other_refund")
    if word(words, "out_trade_no") != payment:
        raise NotFound(f"the refund {key} is one of another payment", raw_code="other_payment")
    amounts = part(words, "amount")
    whole, back = fen(amounts, "total"), fen(amounts, "refund")
    status, raw = word(words, "status"), (("refund_id", word(words, "refund_id")),)
    if status == "SUCCESS":
        totals = Totals.of(CURRENCY, authorized=whole, captured=whole, refunded=back)
        return Done(payment, totals, _moment(words.get("success_time"), at), raw=raw)
    if status == "PROCESSING":
        return InProgress(payment, POLL_AFTER, raw=raw)
    if status == "ABNORMAL":
        return InProgress(payment, PATIENCE, raw=(*raw, ("status", status)))
    if status == "CLOSED":
        message = "the refund was closed: the account had too little money for it for days"
        return Declined(DeclineReason.PROCESSING_ERROR, Advice.RETRY_LATER, raw_code=status, message=message, reference=payment, raw=raw)
    raise Indeterminate(f"WeChat Pay tells a state of a refund that is not known here: {status[:40]!r}", raw_code=status[:40])


def _demand_ours(words: Mapping[str, Any], reference: str, settings: WechatSettings) -> None:
    """Raise `Indeterminate` for an answer about another order or account."""
    if word(words, "out_trade_no") != reference or words.get("mchid", settings.merchant_id) != settings.merchant_id:
        raise Indeterminate("the answer is about another order", raw_code="other_order")
    if words.get("appid", settings.app_id) not in settings.app_ids:
        raise Indeterminate("the answer is about an order of another application", raw_code="other_application")


def part(words: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of an answer that has parts of its own. Raises `Indeterminate`."""
    found = words.get(name)
    if not isinstance(found, dict):
        raise Indeterminate(f"expected {name} in what WeChat Pay tells", raw_code="shape")
    return found


def word(words: Mapping[str, Any], name: str) -> str:
    """A text of an answer. Raises `Indeterminate`."""
    found = words.get(name)
    if not isinstance(found, str) or not found or len(found) > 4_000:
        raise Indeterminate(f"expected {name} as a text in what WeChat Pay tells", raw_code="shape")
    return found


def fen(words: Mapping[str, Any], name: str) -> int:
    """An amount of an answer, in fen. Raises `Indeterminate`."""
    found = words.get(name)
    if type(found) is not int or not 0 <= found <= MOST_FEN:
        raise Indeterminate(f"expected {name} as whole fen in what WeChat Pay tells, got {str(found)[:40]!r}", raw_code="amount")
    if words.get("currency", CURRENCY) != CURRENCY:
        raise Indeterminate(f"expected an amount in {CURRENCY}, got {str(words.get('currency'))[:10]!r}", raw_code="currency")
    return found


def wire_time(at: datetime) -> str:
    """A moment on the wire."""
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


def moment(text: str) -> datetime:
    """The moment of a text from the wire. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without its zone")
    return found


def _moment(text: object, otherwise: datetime) -> datetime:
    """The time that an answer tells; not all of them do."""
    try:
        return moment(text) if isinstance(text, str) else otherwise
    except (ValueError, OverflowError):
        return otherwise
