"""What the codes of WeChat Pay mean, as tables: which of them are a decline, which a fault of the caller, and which leave everything open.

Some codes are spelled in two ways, with and without the underscore, by older and newer services of WeChat Pay; here they are without.
"""

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

ERRORS: dict[str, type[GatewayError]] = {
    "SIGNERROR": Misconfigured,
    "NOAUTH": Misconfigured,
    "ACCOUNTERROR": Misconfigured,
    "APPIDMCHIDNOTMATCH": Misconfigured,
    "MCHNOTEXISTS": Misconfigured,
    "PARAMERROR": InvalidRequest,
    "INVALIDREQUEST": InvalidRequest,
    "INVALIDTRANSACTIONID": InvalidRequest,
    "OPENIDMISMATCH": InvalidRequest,
    "ORDERNOTEXIST": NotFound,
    "RESOURCENOTEXISTS": NotFound,
    "ORDERPAID": InvalidState,
    "ORDERCLOSED": InvalidState,
    "ORDERREVERSED": InvalidState,
    "RULELIMIT": InvalidState,
    "OUTTRADENOUSED": GatewayKeyConflict,
    "FREQUENCYLIMITED": Throttled,
    "FREQUENCYLIMITEXCEED": Throttled,
    "RATELIMITEXCEED": Throttled,
    "RATELIMITEXCEEDED": Throttled,
    "STATEMENTCREATING": Throttled,
    "SYSTEMERROR": Indeterminate,
    "BANKERROR": Indeterminate,
}
"""What a code says, in every operation."""

STATUSES: dict[int, type[GatewayError]] = {
    400: InvalidRequest,
    401: Misconfigured,
    403: InvalidState,
    404: NotFound,
    429: Throttled,
}
"""What a status says whose code is not in the tables. A status that is not here leaves open what happened."""

UNSIGNED: frozenset[type[GatewayError]] = frozenset({Misconfigured, Throttled})
"""What is believed without a signature: WeChat Pay signs no answer to a request that it did not take for ours, and nothing has moved by one."""

WAITING = frozenset({"USERPAYING"})
"""The buyer has to confirm on the phone."""

TAKEN = frozenset({"ORDERPAID", "ORDERCLOSED", "ORDERREVERSED", "OUTTRADENOUSED", "INVALIDREQUEST"})
"""What a start hears whose order number is known already, to be told apart by a look at the order."""

DECLINES: dict[str, tuple[DeclineReason, Advice]] = {
    "NOTENOUGH": (R.INSUFFICIENT_FUNDS, A.TRY_OTHER_METHOD),
    "AUTHCODEEXPIRE": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "AUTHCODEINVALID": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "AUTHCODEERROR": (R.AUTHENTICATION_FAILED, A.ASK_BUYER),
    "RULELIMIT": (R.LIMIT_EXCEEDED, A.TRY_OTHER_METHOD),
    "NOTSUPORTCARD": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "NOTSUPPORTCARD": (R.METHOD_UNAVAILABLE, A.TRY_OTHER_METHOD),
    "USERACCOUNTABNORMAL": (R.METHOD_UNAVAILABLE, A.CONTACT_ISSUER),
    "TRADEERROR": (R.PROCESSING_ERROR, A.TRY_OTHER_METHOD),
    "BUYERMISMATCH": (R.GENERIC, A.DO_NOT_RETRY),
}
"""What a no of `start` says; a business code that is not here is generic."""


def plain(code: str) -> str:
    """The one spelling of a code."""
    return code.replace("_", "")


def failure(status: int, code: str) -> type[GatewayError]:
    """The error that an answer with this status and code stands for."""
    if status >= 500:
        known = ERRORS.get(plain(code))
        return Indeterminate if known is None or issubclass(known, InvalidState | NotFound) else known
    return ERRORS.get(plain(code)) or STATUSES.get(status, Indeterminate)
