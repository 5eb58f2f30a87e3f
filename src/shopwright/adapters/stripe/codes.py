"""What the codes of Stripe mean, as tables, and what its SDK raises, in one function.

Rules
- a card that says no is a decline (`declined`), whatever the operation; all else is an error (`failure`);
- a code that is not in the tables is a request that makes no sense, and never a success;
- words of Stripe are told on without any token or secret in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import stripe

from shopwright.payments.errors import (
    GatewayError,
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    Misconfigured,
    NotFound,
    Throttled,
)
from shopwright.payments.outcomes import Advice, Declined, DeclineReason

R, A = DeclineReason, Advice

TOKENS = re.compile(r"\b(?:sk|rk|whsec|pm|tok|src|card|ctoken|btok|seti|cus)_[A-Za-z0-9_]{4,}|\b(?:pi|cs|seti)_\w+_secret_\w+")
"""Names of keys, cards and buyers at Stripe."""

DECLINES: dict[str, tuple[DeclineReason, Advice]] = {
    "insufficient_funds": (R.INSUFFICIENT_FUNDS, A.TRY_OTHER_METHOD),
    "expired_card": (R.EXPIRED_CARD, A.TRY_OTHER_METHOD),
    "incorrect_cvc": (R.INCORRECT_CVC, A.ASK_BUYER),
    "invalid_cvc": (R.INCORRECT_CVC, A.ASK_BUYER),
    "incorrect_number": (R.INCORRECT_NUMBER, A.ASK_BUYER),
    "invalid_number": (R.INCORRECT_NUMBER, A.ASK_BUYER),
    "invalid_account": (R.INCORRECT_NUMBER, A.CONTACT_ISSUER),
    "invalid_expiry_month": (R.EXPIRED_CARD, A.ASK_BUYER),
    "invalid_expiry_year": (R.EXPIRED_CARD, A.ASK_BUYER),
    "incorrect_zip": (R.AVS_MISMATCH, A.ASK_BUYER),
    "incorrect_address": (R.AVS_MISMATCH, A.ASK_BUYER),
    "postal_code_invalid": (R.AVS_MISMATCH, A.ASK_BUYER),
    "authentication_required": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "authentication_not_handled": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "payment_intent_authentication_failure": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "card_decline_rate_limit_exceeded": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "card_velocity_exceeded": (R.LIMIT_EXCEEDED, A.CONTACT_ISSUER),
    "withdrawal_count_limit_exceeded": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "lost_card": (R.LOST_OR_STOLEN, A.DO_NOT_RETRY),
    "stolen_card": (R.LOST_OR_STOLEN, A.DO_NOT_RETRY),
    "pickup_card": (R.LOST_OR_STOLEN, A.DO_NOT_RETRY),
    "restricted_card": (R.LOST_OR_STOLEN, A.CONTACT_ISSUER),
    "fraudulent": (R.FRAUD_SUSPECTED, A.DO_NOT_RETRY),
    "merchant_blacklist": (R.FRAUD_SUSPECTED, A.DO_NOT_RETRY),
    "security_violation": (R.FRAUD_SUSPECTED, A.CONTACT_ISSUER),
    "card_not_supported": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "currency_not_supported": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "payment_method_not_available": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "payment_method_provider_decline": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "testmode_decline": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "processing_error": (R.PROCESSING_ERROR, A.RETRY_LATER),
    "issuer_not_available": (R.PROCESSING_ERROR, A.RETRY_LATER),
    "reenter_transaction": (R.PROCESSING_ERROR, A.RETRY_LATER),
    "try_again_later": (R.PROCESSING_ERROR, A.RETRY_LATER),
    "approve_with_id": (R.PROCESSING_ERROR, A.RETRY_LATER),
    "call_issuer": (R.GENERIC, A.CONTACT_ISSUER),
    "no_action_taken": (R.GENERIC, A.CONTACT_ISSUER),
    "do_not_try_again": (R.GENERIC, A.DO_NOT_RETRY),
    "stop_payment_order": (R.GENERIC, A.DO_NOT_RETRY),
    "revocation_of_authorization": (R.GENERIC, A.DO_NOT_RETRY),
}
"""What a no of the bank says; one that is not here is generic."""

STATES = frozenset(
    {
        "amount_too_large",
        "balance_insufficient",
        "charge_already_captured",
        "charge_already_refunded",
        "charge_disputed",
        "charge_exceeds_source_limit",
        "charge_expired_for_capture",
        "charge_not_refundable",
        "capture_charge_authorization_expired",
        "capture_unauthorized_payment",
        "intent_invalid_state",
        "payment_intent_invalid_parameter",
        "payment_intent_unexpected_state",
        "refund_disputed_payment",
    }
)
"""Codes of a payment that is not, or no longer, in the state that the operation needs."""

_STATEFUL = (
    "payment_intents.capture",
    "payment_intents.cancel",
    "refunds.create",
    "checkout.sessions.expire",
    "disputes.update",
    "disputes.close",
    "transfers.create",
)
_AMOUNTS = frozenset({"amount", "amount_to_capture"})
_METHODS = frozenset({"payment_method", "customer", "source", "confirmation_token", "payment_method_data[card][token]", "destination"})


def failure(error: stripe.StripeError, call: str) -> GatewayError:
    """The error that this one of the SDK stands for, in a call such as `refunds.create`."""
    code, words = str(inner(error).get("code") or error.code or ""), told(error.user_message or type(error).__name__)
    facts = {"raw_code": code or type(error).__name__, "request_id": error.request_id or ""}
    status = error.http_status
    if isinstance(error, stripe.RateLimitError) or code in {"idempotency_key_in_use", "lock_timeout", "rate_limit"} or status in (409, 429):
        return Throttled(f"Stripe asks to wait: {words}", retry_after=_seconds(error.headers), **facts)
    if isinstance(error, stripe.IdempotencyError):
        return GatewayKeyConflict(f"the key was used for another request: {words}", **facts)
    if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
        return Misconfigured(f"Stripe does not accept who we are: {words}; check api_key and account", **facts)
    if isinstance(error, stripe.InvalidRequestError):
        return _refused(error, call)(f"Stripe refuses {call}: {words}", **facts)
    if isinstance(error, stripe.CardError):
        return InvalidState(f"the card says no to {call}: {words}", **facts)
    return Indeterminate(f"Stripe gives no verdict on {call}: status {status}", **facts)


def _refused(error: stripe.InvalidRequestError, call: str) -> type[GatewayError]:
    param = error.param or ""
    code = str(inner(error).get("code") or error.code or "")
    if code == "resource_missing":
        return InvalidRequest if param in _METHODS else NotFound
    stateful = call in _STATEFUL
    if code in STATES or (stateful and (param in _AMOUNTS or not code)):
        return InvalidState if stateful else InvalidRequest
    return NotFound if error.http_status == 404 else InvalidRequest


def inner(error: stripe.StripeError) -> Mapping[str, Any]:
    """The `error` of the answer; the SDK leaves its code out where the status says enough to it."""
    body = error.json_body if isinstance(error.json_body, dict) else {}
    found = body.get("error")
    return found if isinstance(found, dict) else {}


def _seconds(headers: Mapping[str, str] | None) -> timedelta | None:
    found = next((value for name, value in (headers or {}).items() if name.lower() == "retry-after"), "")
    return timedelta(seconds=int(found)) if found.isascii() and found.isdigit() and len(found) < 7 else None


def declined(error: Mapping[str, Any], reference: str | None) -> Declined:
    """A no of the bank, from the error that an answer or a payment holds (`last_payment_error`)."""
    code, narrow = str(error.get("code") or ""), str(error.get("decline_code") or "")
    known = DECLINES.get(narrow) or DECLINES.get(code)
    reason, advice = known or (DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD)
    advised = error.get("advice_code")
    if advised == "do_not_try_again":
        advice = Advice.DO_NOT_RETRY
    elif advised == "try_again_later" and advice is not Advice.DO_NOT_RETRY:
        advice = Advice.RETRY_LATER
    return Declined(reason, advice, raw_code=(narrow or code or "declined")[:200], message=told(str(error.get("message") or "")), reference=reference)


def told(words: str) -> str:
    """What Stripe says, without tokens and secrets."""
    return TOKENS.sub("[token]", words)[:300]
