"""ExamplePay's language, pure: our requests become HTTP requests, its responses become our outcomes or errors.

Rules
- amounts travel as decimal text with the decimals of their currency ("19.90" EUR, "1990" JPY), never as a JSON number;
- our operation key travels as `key`; ExamplePay does a key once;
- a status that we do not know is `Indeterminate`, never a success.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import quote

from attrs import frozen
from shopwright.adapters.signatures import verify
from shopwright.errors import ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import (
    BadNotification,
    GatewayError,
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    Misconfigured,
    NotFound,
    Throttled,
)
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, Notification, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import ActionRequired, Advice, Declined, DeclineReason, Done, InProgress, Outcome, Redirect, Totals
from shopwright.payments.requests import RefundPart, StartPayment

from shopwright_examplepay.settings import Settings

SIGNATURE = "ExamplePay-Signature"
POLL_AFTER = timedelta(seconds=3)
BUCKETS = ("authorized", "captured", "refunded", "voided", "pending_capture", "pending_refund", "charged_back")

# ExamplePay's decline codes. One that is missing here is a plain no, and keeps its code.
DECLINES = {
    "funds": (DeclineReason.INSUFFICIENT_FUNDS, Advice.TRY_OTHER_METHOD),
    "expired": (DeclineReason.EXPIRED_CARD, Advice.TRY_OTHER_METHOD),
    "cvc": (DeclineReason.INCORRECT_CVC, Advice.ASK_BUYER),
    "number": (DeclineReason.INCORRECT_NUMBER, Advice.ASK_BUYER),
    "address": (DeclineReason.AVS_MISMATCH, Advice.ASK_BUYER),
    "authentication": (DeclineReason.AUTHENTICATION_FAILED, Advice.ASK_BUYER),
    "limit": (DeclineReason.LIMIT_EXCEEDED, Advice.CONTACT_ISSUER),
    "stolen": (DeclineReason.LOST_OR_STOLEN, Advice.DO_NOT_RETRY),
    "fraud": (DeclineReason.FRAUD_SUSPECTED, Advice.DO_NOT_RETRY),
    "canceled": (DeclineReason.BUYER_CANCELED, Advice.ASK_BUYER),
    "timeout": (DeclineReason.EXPIRED, Advice.ASK_BUYER),
    "method": (DeclineReason.METHOD_UNAVAILABLE, Advice.TRY_OTHER_METHOD),
    "processing": (DeclineReason.PROCESSING_ERROR, Advice.RETRY_LATER),
}
GENERIC = (DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD)

# ExamplePay's error codes by HTTP status 4xx.
ERRORS: dict[str, type[GatewayError]] = {
    "not_found": NotFound,
    "key_reused": GatewayKeyConflict,
    "invalid_state": InvalidState,
    "invalid_request": InvalidRequest,
    "unauthorized": Misconfigured,
}

KINDS = {
    "authorized": EventKind.AUTHORIZED,
    "captured": EventKind.CAPTURED,
    "failed": EventKind.FAILED,
    "voided": EventKind.VOIDED,
    "refunded": EventKind.REFUNDED,
    "refund_failed": EventKind.REFUND_FAILED,
    "disputed": EventKind.CHARGED_BACK,
    "dispute_won": EventKind.CHARGEBACK_REVERSED,
}


@frozen
class HttpRequest:
    """What to send, apart from who we are."""

    method: str
    path: str
    body: dict[str, Any] | None = None


@frozen
class HttpResponse:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def start(request: StartPayment) -> HttpRequest:
    """The request that begins a payment."""
    body = {
        "key": request.key.value,
        "amount": str(request.amount.decimal),
        "currency": request.amount.currency,
        "description": request.description,
        "capture": request.capture,
        "flow": request.flow.value,
        "source": request.source_token,
        "return_url": request.return_url,
        "notify_url": request.notify_url,
        "expires_at": None if request.expires_at is None else request.expires_at.isoformat(),
    }
    return HttpRequest("POST", "/v1/payments", {name: value for name, value in body.items() if value is not None})


def capture(key: OperationKey, reference: str, amount: Money, *, final: bool) -> HttpRequest:
    """The request that takes authorized money."""
    body = {"key": key.value, "amount": str(amount.decimal), "currency": amount.currency, "final": final}
    return HttpRequest("POST", f"/v1/payments/{quote(reference, safe='')}/capture", body)


def void(key: OperationKey, reference: str) -> HttpRequest:
    """The request that releases or closes a payment."""
    return HttpRequest("POST", f"/v1/payments/{quote(reference, safe='')}/void", {"key": key.value})


def refund(request: RefundPart) -> HttpRequest:
    """The request that gives money back."""
    body = {
        "key": request.key.value,
        "amount": str(request.amount.decimal),
        "total": str(request.of_total.decimal),
        "currency": request.amount.currency,
    }
    return HttpRequest("POST", f"/v1/payments/{quote(request.payment, safe='')}/refunds", body)


def by_reference(reference: str) -> HttpRequest:
    """The request that asks how a payment stands."""
    return HttpRequest("GET", f"/v1/payments/{quote(reference, safe='')}")


def by_key(key: OperationKey) -> HttpRequest:
    """The request that asks for the payment that was started under a key."""
    return HttpRequest("GET", f"/v1/payments?key={key}")


def refund_by_key(payment: str, key: OperationKey) -> HttpRequest:
    """The request that asks how a refund stands."""
    return HttpRequest("GET", f"/v1/payments/{quote(payment, safe='')}/refunds/{key}")


def outcome(response: HttpResponse) -> Outcome:
    """What a response means; raises the errors of `shopwright.payments.errors`."""
    if response.status >= 500:
        raise Indeterminate(f"ExamplePay answered {response.status}", raw_code=str(response.status))
    try:
        body = json.loads(response.body)
        return _outcome(body) if response.status == 200 else _raise(response, body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Indeterminate(f"ExamplePay answered {response.status} with a body that is not its own", raw_code=str(response.status)) from error


def _outcome(body: dict[str, Any]) -> Outcome:
    match body["status"]:
        case "done":
            return Done(body["id"], _totals(body), datetime.fromisoformat(body["at"]))
        case "action":
            return ActionRequired(body["id"], Redirect(body["url"]))
        case "processing":
            return InProgress(body["id"], POLL_AFTER)
        case "declined":
            reason, advice = DECLINES.get(body["code"], GENERIC)
            return Declined(reason, advice, raw_code=body["code"], message=body["message"], reference=body["id"])
        case other:
            raise Indeterminate(f"ExamplePay says {other!r}, which this version does not know", raw_code=str(other))


def _raise(response: HttpResponse, body: dict[str, Any]) -> NoReturn:
    if response.status == 429:
        seconds = response.headers.get("retry-after", "")
        wait = timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else None
        raise Throttled("ExamplePay asks to wait", retry_after=wait, raw_code="429")
    error = ERRORS.get(body["error"], InvalidRequest)
    raise error(f"ExamplePay says: {body['message']}", raw_code=body["error"])


def _totals(body: dict[str, Any]) -> Totals:
    return Totals(**{name: Money.of(body["totals"].get(name, "0"), body["currency"]) for name in BUCKETS})


def notification(raw: RawNotification, settings: Settings) -> Notification:
    """What ExamplePay pushed, verified first; raises `BadNotification`."""
    signed_at = verify(raw.header(SIGNATURE), settings.signing_secret, raw.within(), at=raw.received_at)
    try:
        body = json.loads(raw.body)
        if body["account"] != settings.account:
            raise BadNotification("the notification is for another account")
        event = _event(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ShopwrightError) as error:
        raise BadNotification(f"the body is not an event of ExamplePay for this account: {type(error).__name__}") from error
    return Notification((event,), Ack(200, b"{}", "application/json"), Ack(503), signed_at=signed_at, account=settings.account)


def _event(body: dict[str, Any]) -> GatewayEvent:
    kind = KINDS.get(body["event"], EventKind.IGNORED)
    if kind is EventKind.IGNORED:
        return GatewayEvent(event_id=body["id"], kind=kind, reference="", occurred_at=datetime.fromisoformat(body["at"]))
    return GatewayEvent(
        event_id=body["id"],
        kind=kind,
        reference=body["payment"],
        occurred_at=datetime.fromisoformat(body["at"]),
        payment_key=OperationKey(body["payment_key"]),
        our_key=OperationKey(body["key"]),
        amount=Money.of(body["amount"], body["currency"]),
        totals=_totals(body),
        merchant_account=body["account"],
    )
