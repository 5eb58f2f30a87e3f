"""What a gateway answers: a closed union of values, so that no answer is an exception and none is forgotten.

    Outcome = Done | ActionRequired | InProgress | Declined

Rules
- `Totals` are the provider's cumulative truth about a payment; states are derived from them, never the other way round;
- a decline is an answer; it says why (`reason`) and what makes sense next (`advice`), and keeps the provider's own code;
- `raw` holds facts of the provider worth keeping, as sorted pairs; never a secret, never a card number.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from attrs import field, fields, frozen

from shopwright.edges import Pairs, aware, fact_pairs, maybe, members, of, sorted_pairs, text
from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.money import Money
from shopwright.payments.disputes import Dispute


def _not_negative(instance: Any, attribute: Any, value: Any) -> None:
    of(Money)(instance, attribute, value)
    if value.minor < 0:
        raise InvalidValue(f"Totals.{attribute.name} must not be negative, got {value}")


@frozen(kw_only=True)
class Totals:
    """How much of a payment stands where, since it began. All in one currency, none negative.

    `captured` never goes down: what comes back is `refunded` or `charged_back`. What an authorization no longer holds is
    `voided`. The pending twins are asked for and not decided yet.
    """

    authorized: Money = field(validator=_not_negative)
    captured: Money = field(validator=_not_negative)
    refunded: Money = field(validator=_not_negative)
    voided: Money = field(validator=_not_negative)
    pending_capture: Money = field(validator=_not_negative)
    pending_refund: Money = field(validator=_not_negative)
    charged_back: Money = field(validator=_not_negative)

    def __attrs_post_init__(self) -> None:
        currencies = {getattr(self, each.name).currency for each in fields(Totals)}
        if len(currencies) > 1:
            raise CurrencyMismatch(f"totals of a payment are in one currency, got {', '.join(sorted(map(str, currencies)))}")

    @classmethod
    def of(
        cls,
        currency: str,
        *,
        authorized: int = 0,
        captured: int = 0,
        refunded: int = 0,
        voided: int = 0,
        pending_capture: int = 0,
        pending_refund: int = 0,
        charged_back: int = 0,
    ) -> Totals:
        """Totals from amounts in minor units; what is not given is zero."""
        return cls(
            authorized=Money(authorized, currency),
            captured=Money(captured, currency),
            refunded=Money(refunded, currency),
            voided=Money(voided, currency),
            pending_capture=Money(pending_capture, currency),
            pending_refund=Money(pending_refund, currency),
            charged_back=Money(charged_back, currency),
        )

    @property
    def currency(self) -> str:
        """The currency of all of them."""
        return self.authorized.currency

    @property
    def capturable(self) -> Money:
        """What a capture could still take."""
        return Money(self.authorized.minor - self.captured.minor - self.voided.minor - self.pending_capture.minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What a refund could still give back."""
        gone = self.refunded.minor + self.pending_refund.minor + self.charged_back.minor
        return Money(max(0, self.captured.minor - gone), self.currency)

    @property
    def kept(self) -> Money:
        """What the shop has of it: captured, neither given back nor charged back. Negative when a refund met a chargeback."""
        return Money(self.captured.minor - self.refunded.minor - self.charged_back.minor, self.currency)


@frozen
class Redirect:
    """Send the buyer to this page: with GET, or by posting `fields` as a form."""

    url: str = field(validator=text(least=1, most=4_000))
    method: str = "GET"
    fields: Pairs = field(default=(), converter=sorted_pairs, validator=fact_pairs)

    def __attrs_post_init__(self) -> None:
        if self.method not in {"GET", "POST"}:
            raise InvalidValue(f"a redirect is done with GET or POST, got {self.method!r}")


@frozen
class ShowQr:
    """Show the buyer a code that holds `payload`, until it expires."""

    payload: str = field(validator=text(least=1, most=4_000))
    expires_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen
class ClientSdk:
    """Hand these parameters to the provider's code in the buyer's page or app; they may be secret towards others."""

    sdk: str = field(validator=text(least=1))
    params: Pairs = field(converter=sorted_pairs, validator=fact_pairs, repr=False)


@frozen
class Wait:
    """The buyer has all they need (a slip, a prompt on the phone); ask again after `poll_after`."""

    poll_after: timedelta = field(validator=of(timedelta))


NextAction = Redirect | ShowQr | ClientSdk | Wait


class DeclineReason(StrEnum):
    """Why the provider said no, in words that mean the same for every provider."""

    GENERIC = "generic"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    INCORRECT_CVC = "incorrect_cvc"
    INCORRECT_NUMBER = "incorrect_number"
    AVS_MISMATCH = "avs_mismatch"
    AUTHENTICATION_FAILED = "authentication_failed"
    LIMIT_EXCEEDED = "limit_exceeded"
    LOST_OR_STOLEN = "lost_or_stolen"
    FRAUD_SUSPECTED = "fraud_suspected"
    BUYER_CANCELED = "buyer_canceled"
    EXPIRED = "expired"
    """Nobody paid in time."""
    METHOD_UNAVAILABLE = "method_unavailable"
    PROCESSING_ERROR = "processing_error"


class Advice(StrEnum):
    """What makes sense after a decline."""

    DO_NOT_RETRY = "do_not_retry"
    RETRY_LATER = "retry_later"
    TRY_OTHER_METHOD = "try_other_method"
    ASK_BUYER = "ask_buyer"
    CONTACT_ISSUER = "contact_issuer"


@frozen
class Done:
    """The operation happened. `totals` tell how the whole payment stands now, `occurred_at` when this operation took place.

    `under_review` says that the provider took the money and has doubts: hold the goods until a review event closes it. `disputes` are those of
    the payment, where the provider was asked and tells them.
    """

    reference: str = field(validator=text(least=1))
    totals: Totals = field(validator=of(Totals))
    occurred_at: datetime = field(validator=aware)
    raw: Pairs = field(default=(), converter=sorted_pairs, validator=fact_pairs)
    under_review: bool = False
    disputes: tuple[Dispute, ...] = field(default=(), validator=members(Dispute))


@frozen
class ActionRequired:
    """The buyer has to do something first; no money has moved."""

    reference: str | None = field(validator=maybe(text(least=1)))
    action: NextAction = field(validator=of(Redirect, ShowQr, ClientSdk, Wait))
    raw: Pairs = field(default=(), converter=sorted_pairs, validator=fact_pairs)


@frozen
class InProgress:
    """The provider is at it; ask again after `poll_after`, or wait for the notification."""

    reference: str | None = field(validator=maybe(text(least=1)))
    poll_after: timedelta = field(validator=of(timedelta))
    raw: Pairs = field(default=(), converter=sorted_pairs, validator=fact_pairs)


@frozen
class Declined:
    """The provider said no, finally for this key; no money has moved by this operation."""

    reason: DeclineReason = field(validator=of(DeclineReason))
    advice: Advice = field(validator=of(Advice))
    raw_code: str = field(default="", validator=text())
    message: str = field(default="", validator=text(most=1_000))
    reference: str | None = field(default=None, validator=maybe(text(least=1)))
    raw: Pairs = field(default=(), converter=sorted_pairs, validator=fact_pairs)


Outcome = Done | ActionRequired | InProgress | Declined
