"""The words of Alipay and ours, translated both ways and without I/O.

Rules
- the order number at Alipay (`out_trade_no`) is the key of the start, and it is our reference of the payment: it is known before any answer;
- amounts are yuan with two decimals on the wire and fen here; what does not fit is an error, never rounded;
- times on the wire are those of Beijing;
- a query does not tell what was refunded, except that all of it was: a closed trade that was paid once has been given back whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from attrs import frozen

from shopwright.adapters.alipay.codes import DECLINES, SUCCESS, WAITING, failure
from shopwright.money import Money
from shopwright.payments.errors import GatewayError, Indeterminate, InvalidRequest, NotFound
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, Done, InProgress, Outcome, ShowQr, Totals
from shopwright.payments.requests import RefundPart, Split, StartPayment

CURRENCY = "CNY"
POLL_AFTER = timedelta(seconds=3)
BEIJING = ZoneInfo("Asia/Shanghai")
PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
_YUAN = re.compile(r"(\d{1,12})(?:\.(\d{1,2}))?", re.ASCII)
_TIME = "%Y-%m-%d %H:%M:%S"
_PRODUCTS = {"page": ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"), "wap": ("alipay.trade.wap.pay", "QUICK_WAP_WAY")}


@frozen
class Ask:
    """A request before it is signed: which method, its business fields, and the fields of the envelope that only some methods have."""

    method: str
    business: Mapping[str, Any]
    envelope: Mapping[str, str] = {}

    def fields(self, app_id: str, *, at: datetime) -> dict[str, str]:
        """All fields of the request, without the signature."""
        return {
            "app_id": app_id,
            "method": self.method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": wire_time(at),
            "version": "1.0",
            **self.envelope,
            "biz_content": json.dumps(self.business, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        }


Answer = Mapping[str, Any]
"""The business part of a verified response."""


def start(request: StartPayment) -> Ask:
    """A request to pay, in the flow that it asks for. A redirect goes to the page for computers, or with `page=wap` in `extra` for phones."""
    business: dict[str, Any] = {
        "out_trade_no": request.key.value,
        "total_amount": yuan(request.amount),
        "subject": _subject(request.description),
    }
    if request.expires_at is not None:
        business["time_expire"] = wire_time(request.expires_at)
    envelope = {} if request.notify_url is None else {"notify_url": request.notify_url}
    match request.flow:
        case Flow.QR:
            return Ask("alipay.trade.precreate", business, envelope)
        case Flow.SCAN_BUYER_CODE:
            business |= {"scene": "bar_code", "auth_code": request.source_token or ""}
            return Ask("alipay.trade.pay", business, envelope)
        case _:
            page = dict(request.extra).get("page", "page")
            if page not in _PRODUCTS:
                raise InvalidRequest(f"the page of an Alipay redirect is one of {', '.join(sorted(_PRODUCTS))}, got {page!r}")
            method, product = _PRODUCTS[page]
            back = {} if request.return_url is None else {"return_url": request.return_url}
            return Ask(method, business | {"product_code": product}, envelope | back)


def _subject(description: str) -> str:
    """A title that Alipay takes: at most 256 signs, and none of the three that it refuses."""
    return re.sub("[/=&]", " ", description)[:256].strip() or "order"


def query(reference: str) -> Ask:
    """How a trade stands."""
    return Ask("alipay.trade.query", {"out_trade_no": reference})


def close(reference: str) -> Ask:
    """Close a trade that nobody has paid."""
    return Ask("alipay.trade.close", {"out_trade_no": reference})


def refund(request: RefundPart) -> Ask:
    """Give a part back; the refund is known by its own number."""
    business = {"out_trade_no": request.payment, "out_request_no": request.key.value, "refund_amount": yuan(request.amount)}
    if request.reason:
        business["refund_reason"] = request.reason[:256]
    return Ask("alipay.trade.refund", business)


def refund_query(payment: str, key: OperationKey) -> Ask:
    """How a refund stands, with the time at which it was paid."""
    business = {"out_trade_no": payment, "out_request_no": key.value, "query_options": ["gmt_refund_pay"]}
    return Ask("alipay.trade.fastpay.refund.query", business)


def settle(key: OperationKey, trade_no: str, parts: tuple[Split, ...], *, finish: bool) -> Ask:
    """Share a paid trade; with `finish` what is left is the seller's."""
    royalties = [
        {"trans_in_type": "userId", "trans_in": part.receiver, "amount": yuan(part.amount), "desc": part.memo or "share", "royalty_type": "transfer"}
        for part in parts
    ]
    business: dict[str, Any] = {"out_request_no": key.value, "trade_no": trade_no, "royalty_parameters": royalties}
    if finish:
        business["extend_params"] = {"royalty_finish": "true"}
    return Ask("alipay.trade.order.settle", business)


def bill(day: str) -> Ask:
    """Where the trade bill of a day (`2026-03-01`) can be fetched."""
    return Ask("alipay.data.dataservice.bill.downloadurl.query", {"bill_type": "trade", "bill_date": day})


def raised(answer: Answer) -> GatewayError | None:
    """The error that a failed answer stands for; none for success, for a wait and for a business code that is not in the tables."""
    code, sub_code = codes(answer)
    if code in {SUCCESS, WAITING} or sub_code in DECLINES:
        return None
    kind = failure(code, sub_code)
    return None if kind is None else kind(f"Alipay answers {sub_code or code}: {told(answer)}", raw_code=sub_code or code)


def codes(answer: Answer) -> tuple[str, str]:
    """Code and sub-code. Sub-codes of the outer gateway name the system that they are from; that part is left out."""
    sub_code = str(answer.get("sub_code", ""))
    return str(answer.get("code", "")), sub_code.removeprefix("aop.")


def told(answer: Answer) -> str:
    """What Alipay says in words."""
    return str(answer.get("sub_msg") or answer.get("msg") or "no words")[:200]


def declined(answer: Answer, reference: str) -> Declined:
    """A no, with its reason."""
    code, sub_code = codes(answer)
    reason, advice = DECLINES.get(sub_code, (DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD))
    return Declined(reason, advice, raw_code=sub_code or code, message=told(answer), reference=reference)


def paid(answer: Answer, reference: str, *, at: datetime) -> Outcome:
    """What `pay` says: paid, or the buyer has to confirm it on the phone, or no."""
    demand_trade(answer, reference)
    if codes(answer)[0] == WAITING:
        return InProgress(reference, POLL_AFTER, raw=_names(answer))
    if codes(answer)[0] != SUCCESS:
        return declined(answer, reference)
    amount = fen(answer.get("total_amount"))
    return Done(reference, Totals.of(CURRENCY, authorized=amount, captured=amount), _moment(answer.get("gmt_payment"), at), raw=_names(answer))


def code_to_show(answer: Answer, reference: str, expires_at: datetime | None) -> ShowQr:
    """What the buyer has to scan."""
    demand_trade(answer, reference)
    payload = answer.get("qr_code")
    if not isinstance(payload, str) or not payload:
        raise Indeterminate("Alipay has told no code to show", raw_code=codes(answer)[0])
    return ShowQr(payload, expires_at)


def standing(answer: Answer, reference: str, *, at: datetime) -> Outcome:
    """How a trade stands, by a query."""
    demand_trade(answer, reference)
    status, amount = answer.get("trade_status"), fen(answer.get("total_amount"))
    was_paid = bool(answer.get("send_pay_date"))
    if status == "WAIT_BUYER_PAY":
        return InProgress(reference, POLL_AFTER, raw=_names(answer))
    if status in PAID or (status == "TRADE_CLOSED" and was_paid):
        totals = Totals.of(CURRENCY, authorized=amount, captured=amount, refunded=0 if status in PAID else amount)
        return Done(reference, totals, _moment(answer.get("send_pay_date"), at), raw=_names(answer))
    if status == "TRADE_CLOSED":
        message = "the trade was closed before it was paid"
        return Declined(DeclineReason.EXPIRED, Advice.ASK_BUYER, raw_code="TRADE_CLOSED", message=message, reference=reference)
    raise Indeterminate(f"Alipay tells a state of a trade that is not known here: {str(status)[:40]!r}", raw_code=str(status)[:40])


def refunded(answer: Answer, request: RefundPart, *, at: datetime) -> Done:
    """What a refund says: `refund_fee` is all that went back so far."""
    demand_trade(answer, request.payment)
    whole = request.of_total.minor
    totals = Totals.of(CURRENCY, authorized=whole, captured=whole, refunded=fen(answer.get("refund_fee")))
    return Done(request.payment, totals, _moment(answer.get("gmt_refund_pay"), at), raw=_names(answer))


def refund_standing(answer: Answer, payment: str, key: OperationKey, *, at: datetime) -> Outcome:
    """How one refund stands. Alipay answers a refund that it does not know with a success that names no amount; raises `NotFound`."""
    if not answer.get("refund_amount"):
        raise NotFound(f"Alipay knows no refund {key} of {payment}", raw_code="no_refund")
    demand_trade(answer, payment)
    if answer.get("refund_status", "REFUND_SUCCESS") != "REFUND_SUCCESS":
        return InProgress(payment, POLL_AFTER, raw=_names(answer))
    whole = fen(answer.get("total_amount"))
    totals = Totals.of(CURRENCY, authorized=whole, captured=whole, refunded=fen(answer.get("refund_amount")))
    return Done(payment, totals, _moment(answer.get("gmt_refund_pay"), at), raw=_names(answer))


def demand_trade(answer: Answer, reference: str) -> None:
    """Raise `Indeterminate` for an answer about another trade: a signature says who answers, not to what."""
    if answer.get("out_trade_no", reference) != reference:
        raise Indeterminate("the answer is about another trade", raw_code="other_trade")


def trade_no(answer: Answer) -> str:
    """Alipay's own number of the trade. Raises `NotFound` where there is none yet."""
    found = answer.get("trade_no")
    if not isinstance(found, str) or not found:
        raise NotFound("the buyer has not begun to pay; there is no trade yet", raw_code="no_trade")
    return found


def _names(answer: Answer) -> tuple[tuple[str, str], ...]:
    found = answer.get("trade_no")
    return (("trade_no", found),) if isinstance(found, str) and found else ()


def yuan(amount: Money) -> str:
    """The amount on the wire: `12.30`."""
    return f"{amount.minor // 100}.{amount.minor % 100:02d}"


def fen(text: object) -> int:
    """Minor units of an amount on the wire. Raises `Indeterminate` for what is none."""
    match = _YUAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise Indeterminate(f"expected an amount in yuan such as 12.30, got {str(text)[:40]!r}", raw_code="amount")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def wire_time(at: datetime) -> str:
    """A moment on the wire."""
    return at.astimezone(BEIJING).strftime(_TIME)


def moment(text: str) -> datetime:
    """The moment of a text from the wire. Raises `ValueError`."""
    return datetime.strptime(text, _TIME).replace(tzinfo=BEIJING)


def _moment(text: object, otherwise: datetime) -> datetime:
    """The time that an answer tells; not all of them do."""
    try:
        return moment(str(text)) if text else otherwise
    except (ValueError, OverflowError):
        return otherwise
