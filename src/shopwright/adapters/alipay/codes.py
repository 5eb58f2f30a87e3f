"""What the codes of Alipay mean, as tables: which of them are a decline, which a fault of the caller, and which leave everything open."""

from __future__ import annotations

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
from shopwright.payments.outcomes import Advice, DeclineReason

R, A = DeclineReason, Advice

SUCCESS, WAITING, UNKNOWN, BUSINESS = "10000", "10003", "20000", "40004"

GENERAL: dict[str, type[GatewayError]] = {
    "20000": Indeterminate,
    "20001": Misconfigured,
    "40001": InvalidRequest,
    "40002": InvalidRequest,
    "40003": InvalidRequest,
    "40005": Throttled,
    "40006": Misconfigured,
}
"""What a code says when no sub-code says more. A code that is not here leaves open what happened."""

ERRORS: dict[str, type[GatewayError]] = {
    "isv.invalid-signature": Misconfigured,
    "isv.missing-signature": Misconfigured,
    "isv.missing-signature-key": Misconfigured,
    "isv.invalid-signature-type": Misconfigured,
    "isv.invalid-app-id": Misconfigured,
    "isv.missing-app-id": Misconfigured,
    "isv.insufficient-isv-permissions": Misconfigured,
    "isv.app-call-limited": Throttled,
    "isv.method-call-limited": Throttled,
    "ACQ.SYSTEM_ERROR": Indeterminate,
    "SYSTEM_ERROR": Indeterminate,
    "ACQ.TRADE_SETTLE_ERROR": Indeterminate,
    "ACQ.INVALID_PARAMETER": InvalidRequest,
    "ACQ.ACCESS_FORBIDDEN": Misconfigured,
    "ACQ.PARTNER_ERROR": Misconfigured,
    "ACQ.SELLER_BALANCE_NOT_ENOUGH": Misconfigured,
    "ACQ.TRADE_NOT_EXIST": NotFound,
    "ACQ.CONTEXT_INCONSISTENT": GatewayKeyConflict,
    "ACQ.EXIST_FORBIDDEN_WORD": InvalidRequest,
    "ACQ.DISCORDANT_REPEAT_REQUEST": GatewayKeyConflict,
    "ACQ.TRADE_STATUS_ERROR": InvalidState,
    "ACQ.TRADE_HAS_FINISHED": InvalidState,
    "ACQ.TRADE_NOT_ALLOW_REFUND": InvalidState,
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL": InvalidState,
    "ACQ.REASON_TRADE_BEEN_FREEZEN": InvalidState,
    "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR": InvalidState,
    "ACQ.ROYALTY_RECEIVER_INVALID": InvalidRequest,
    "ACQ.TRADE_SETTLE_STATUS_ERROR": InvalidState,
}
"""What a sub-code says, in every operation."""

PAID_ALREADY = "ACQ.TRADE_HAS_SUCCESS"
"""The order number was paid before: by this operation, or by another with the same key."""

DECLINES: dict[str, tuple[DeclineReason, Advice]] = {
    "ACQ.BUYER_BALANCE_NOT_ENOUGH": (R.INSUFFICIENT_FUNDS, A.TRY_OTHER_METHOD),
    "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH": (R.INSUFFICIENT_FUNDS, A.TRY_OTHER_METHOD),
    "ACQ.PAYMENT_AUTH_CODE_INVALID": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "ACQ.TOTAL_FEE_EXCEED": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "ACQ.PRODUCT_AMOUNT_LIMIT_ERROR": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "ACQ.BEYOND_PAY_RESTRICTION": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "ACQ.BEYOND_PER_RECEIPT_RESTRICTION": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "ACQ.PAYMENT_REQUEST_HAS_RISK": (R.FRAUD_SUSPECTED, A.DO_NOT_RETRY),
    "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "ACQ.ERROR_BALANCE_PAYMENT_DISABLE": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "ACQ.BUYER_ENABLE_STATUS_FORBID": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "ACQ.MOBILE_PAYMENT_SWITCH_OFF": (R.METHOD_UNAVAILABLE, A.ASK_BUYER),
    "ACQ.PAYMENT_FAIL": (R.PROCESSING_ERROR, A.RETRY_LATER),
    "ACQ.PULL_MOBILE_CASHIER_FAIL": (R.PROCESSING_ERROR, A.RETRY_LATER),
    "ACQ.TRADE_HAS_CLOSE": (R.EXPIRED, A.ASK_BUYER),
    "ACQ.BUYER_SELLER_EQUAL": (R.GENERIC, A.TRY_OTHER_METHOD),
    "ACQ.TRADE_BUYER_NOT_MATCH": (R.GENERIC, A.DO_NOT_RETRY),
}
"""What a no of `start` says; one that is not here is generic."""


def failure(code: str, sub_code: str) -> type[GatewayError] | None:
    """The error that these codes stand for; none where a business code is not in the tables."""
    known = ERRORS.get(sub_code)
    if known is not None:
        return known
    return None if code == BUSINESS else GENERAL.get(code, Indeterminate)
