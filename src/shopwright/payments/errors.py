"""What a gateway or a carrier raises when it could not answer. An answer, a decline included, is a value instead.

    GatewayError
        Outage                      the world did not answer
            NotSent                 provably never arrived (refused, DNS, TLS); the same call is safe to repeat
            Throttled               not processed; wait `retry_after`, then repeat with the same key
            Indeterminate           sent, no verdict; query by key, then repeat with the same key, never with a new one
            Misconfigured           credentials, certificate or account are wrong; page an operator
        Misuse                      the provider has understood, and the call makes no sense to it
            InvalidRequest          a bug of the caller; never retry
            Unsupported             the capabilities say no; raised before any I/O
            NotFound                the provider knows no such payment, operation or booking
            InvalidState            too late or too much (already captured, expired, over-refund); query, then decide again
            GatewayKeyConflict      one operation key with two sets of parameters (also a `KeyConflict`)
            BadNotification         signature, account, time or shape is wrong; answer 4xx and change nothing
    Outage
        ReconciliationRequired      the provider has moved money, and the shop could not write that down

Rules
- `raw_code` and `request_id` are the provider's own words, for its support desk; they never hold a secret;
- carriers raise the same errors.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from shopwright.errors import KeyConflict, Misuse, Outage, ShopwrightError
from shopwright.money import Money


class GatewayError(ShopwrightError):
    """A provider of payments or of transport could not be asked, or could not make sense of the question."""

    def __init__(self, message: str, *, raw_code: str = "", request_id: str = "") -> None:
        self.raw_code, self.request_id = raw_code, request_id
        super().__init__(message)


class NotSent(GatewayError, Outage):
    """The request provably never reached the provider; nothing happened, the same call is safe to repeat."""


class Throttled(GatewayError, Outage):
    """The provider refused to process the request for now; `retry_after` is how long it asks to wait, if it said."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None, raw_code: str = "", request_id: str = "") -> None:
        super().__init__(message, raw_code=raw_code, request_id=request_id)
        self.retry_after = retry_after


class Indeterminate(GatewayError, Outage):
    """The request was sent and no verdict came back: the money may have moved. Query by key, then repeat with the same key."""


class Misconfigured(GatewayError, Outage):
    """The provider does not accept who we are: credentials, certificate or account."""


class ReconciliationRequired(Outage):
    """A provider has moved money, and the shop could not write that down: its storage did not answer, or would not take it.

    What was asked stands in the store under `key`, without an end, so that recovery finds it, looks it up at the provider by that key, and writes its
    end; nothing is asked for twice. `at_stake` is what was asked for: how much of it has moved the provider tells. `why` is the text of the cause.
    """

    def __init__(self, *, order_id: str, payment_id: str, verb: str, key: str, gateway: str, reference: str, at_stake: Money, why: str) -> None:
        self.order_id, self.payment_id, self.verb, self.key = order_id, payment_id, verb, key
        self.gateway, self.reference, self.at_stake, self.why = gateway, reference, at_stake, why
        super().__init__(
            f"{gateway} has done what it was asked under {key} ({verb} {at_stake}, its reference is {reference}), and payment {payment_id} of order "
            f"{order_id} could not be written: {why}; do not ask for it anew: shop.payments.refresh or the sweep looks it up by this key"
        )

    def __reduce__(self) -> tuple[object, ...]:
        facts = ("order_id", "payment_id", "verb", "key", "gateway", "reference", "at_stake", "why")
        return partial(type(self), **{name: getattr(self, name) for name in facts}), ()


class InvalidRequest(GatewayError, Misuse):
    """The request makes no sense to the provider; it will never work, so never repeat it."""


class Unsupported(GatewayError, Misuse):
    """The capabilities say that this cannot be done; raised before any I/O."""


class NotFound(GatewayError, Misuse):
    """The provider knows no such payment, operation or booking: a call with this key was never processed."""


class InvalidState(GatewayError, Misuse):
    """The provider's state does not allow the operation, and nothing has moved. Query, then decide again."""


class GatewayKeyConflict(GatewayError, KeyConflict):
    """The operation key was used before with other parameters; nothing has moved."""


class BadNotification(GatewayError, Misuse):
    """The notification is not from this provider to this account, or is too old. Answer 4xx and change nothing."""
