"""What Alipay pushes: a signed form, told to our account, read in one go.

Rules
- verified first: the signature over the decoded fields, then application, seller, time, and only then the words;
- a refund is told with the sum of all refunds, not with its own amount; so its event has no amount, but the totals;
- a trade that is told as paid again, after a partial refund or when its refund window ends, is the same event again;
- nothing but `BadNotification` is raised, whatever the bytes are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from shopwright.adapters.alipay.messages import CURRENCY, PAID, fen, moment
from shopwright.adapters.alipay.settings import AlipaySettings
from shopwright.adapters.alipay.signing import content, signed_by_any
from shopwright.errors import InvalidValue, ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Totals

OK = Ack(200, b"success")
RETRY_LATER = Ack(500, b"fail")
MOST_FIELDS = 200
_BYTES = 100_000


def opened(raw: RawNotification, settings: AlipaySettings) -> Notification:
    """What a notification says, if it is Alipay's, to this account, and fresh. Raises `BadNotification`."""
    fields = read(raw)
    _verify(fields, settings)
    try:
        told_at = moment(fields["notify_time"])
        if abs(raw.received_at - told_at) > settings.tolerance:
            raise BadNotification(f"the notification is from another time than its arrival; at most {settings.tolerance} between them is fine")
        event = _event(fields, told_at)
    except BadNotification:
        raise
    except (KeyError, ValueError, OverflowError, ShopwrightError) as error:
        raise BadNotification(f"the form is signed, and is not a notification of a trade: {type(error).__name__}") from error
    return Notification((event,), OK, RETRY_LATER, signed_at=told_at, fresh_for=settings.tolerance, account=settings.seller_id)


def read(raw: RawNotification) -> dict[str, str]:
    """The fields of the form, each once. Raises `BadNotification`."""
    try:
        text = raw.within(_BYTES).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, encoding="utf-8", errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:  # UnicodeError is one
        raise BadNotification("the body is not a form in ASCII with UTF-8 in its escapes") from None  # its words would show the body
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadNotification("a field of the form is there twice")
    return fields


def _verify(fields: Mapping[str, str], settings: AlipaySettings) -> None:
    if fields.get("sign_type") != "RSA2":
        raise BadNotification("expected sign_type RSA2; other signatures are not accepted")
    text = content(fields, without=("sign", "sign_type"), keep_empty=True)
    if not signed_by_any(text, fields.get("sign", ""), settings.verifying_keys):
        raise BadNotification("the signature does not fit the form")
    for name, ours in (("app_id", settings.app_id), ("seller_id", settings.seller_id)):
        if fields.get(name, ours if name == "seller_id" and "trade_status" not in fields else "") != ours:
            raise BadNotification(f"the notification is for another {name}")


def _event(fields: Mapping[str, str], told_at: datetime) -> GatewayEvent:
    status = fields.get("trade_status", "")
    if fields.get("notify_type") != "trade_status_sync" or status not in (*PAID, "TRADE_CLOSED"):
        return _ignored(fields, told_at)
    whole, back = fen(fields["total_amount"]), fen(fields.get("refund_fee") or "0")
    trade, reference = fields["trade_no"], fields["out_trade_no"]
    payment, ours = _key(reference), _key(fields.get("out_biz_no", ""))
    at, amount, name = told_at, None, ""
    totals = Totals.of(CURRENCY, authorized=whole, captured=whole, refunded=back)
    if back:
        kind, name = EventKind.REFUNDED, f"{trade}_refund_{fields.get('out_biz_no') or back}"
        at = moment(fields["gmt_refund"].split(".")[0]) if fields.get("gmt_refund") else told_at
    elif status in PAID:
        kind, name, ours, amount = EventKind.CAPTURED, f"{trade}_paid", payment, Money(whole, CURRENCY)
        at = moment(fields["gmt_payment"]) if fields.get("gmt_payment") else told_at
    else:
        kind, name, ours, totals = EventKind.FAILED, f"{trade}_closed", payment, Totals.of(CURRENCY)
    return GatewayEvent(
        event_id=name,
        kind=kind,
        reference=reference,
        occurred_at=at,
        payment_key=payment,
        our_key=ours,
        amount=amount,
        totals=totals,
        merchant_account=fields["seller_id"],
        raw=(("notify_id", fields.get("notify_id", "")), ("trade_no", trade), ("trade_status", status)),
    )


def _ignored(fields: Mapping[str, str], told_at: datetime) -> GatewayEvent:
    return GatewayEvent(
        event_id=fields["notify_id"],
        kind=EventKind.IGNORED,
        reference=fields.get("out_trade_no", ""),
        occurred_at=told_at,
        payment_key=_key(fields.get("out_trade_no", "")),
        merchant_account=fields.get("seller_id", ""),
    )


def _key(text: str) -> OperationKey | None:
    """The key in these words; trades that were made elsewhere have other ones."""
    try:
        return OperationKey(text)
    except InvalidValue:
        return None
