"""What happens to a payment. The amounts of a payment are the sum of its events, and nothing else changes them.

Amounts are in minor units of the order's currency and count from zero up: an event says how much more was moved.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import aware
from shopwright.payments.disputes import Dispute
from shopwright.payments.outcomes import NextAction
from shopwright.payments.risk.verdicts import Fired, Verdict


class PaymentVerb(StrEnum):
    """What a gateway is asked to do."""

    START = "start"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@frozen(kw_only=True)
class PaymentAttempted:
    """A gateway is about to be asked, under this key; stored before the call, with all that is needed to ask again.

    `final` tells a capture to release the rest of the promise. Of a start, `challenge` asks that the buyer proves who they are first, and
    `promise_only` that the money is only promised, though the tender would have it taken.
    """

    payment_id: str
    key: str
    verb: PaymentVerb
    amount: int
    at: datetime = field(validator=aware)
    reason: str = ""
    return_url: str = ""
    notify_url: str = ""
    final: bool = True
    challenge: bool = False
    promise_only: bool = False


@frozen(kw_only=True)
class RiskAssessed:
    """What the rules of the shop said of a payment, before its gateway was asked; no link of anybody stands in it.

    `follows` is what was done about it: a challenge that the gateway cannot ask for is a review, and so may be an engine that said nothing. `fired`
    are the rules that held, with what they looked at, `unknown` those that could not tell. `scores` is what engines outside said, `silent` which of
    them said nothing, and why. A review of a promise is to end by `review_until`.
    """

    payment_id: str
    verdict: Verdict
    follows: Verdict
    at: datetime = field(validator=aware)
    fired: tuple[Fired, ...] = ()
    unknown: tuple[str, ...] = ()
    points: int = 0
    scores: tuple[tuple[str, int], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    review_until: datetime | None = None


@frozen(kw_only=True)
class PaymentReviewTold:
    """The provider has begun to look at the payment (`open`), or has ended that, at `told_at` by its own clock."""

    payment_id: str
    open: bool
    told_at: datetime = field(validator=aware)
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentUnanswered:
    """The gateway gave no verdict; the money may have moved."""

    payment_id: str
    key: str
    why: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentActionRequired:
    """The buyer has to do something first: follow a link, scan a code."""

    payment_id: str
    key: str
    reference: str
    action: NextAction
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentPending:
    """The gateway has taken the request on and will tell later."""

    payment_id: str
    key: str
    reference: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentDeclined:
    """The payment will not happen: the gateway or the buyer said no."""

    payment_id: str
    key: str
    reason: str
    advice: str
    raw_code: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class AttemptFailed:
    """A capture, void or refund was refused; what was authorized or captured stands as before."""

    payment_id: str
    key: str
    verb: PaymentVerb
    reason: str
    raw_code: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class AttemptClosed:
    """An attempt has ended and nothing moved that was not known already."""

    payment_id: str
    key: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentAuthorized:
    """This much more is promised."""

    payment_id: str
    key: str
    reference: str
    amount: int
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentCaptured:
    """This much more has been taken."""

    payment_id: str
    key: str
    reference: str
    amount: int
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentVoided:
    """This much of the promise is given up; all of it for a payment that never reached a gateway."""

    payment_id: str
    key: str
    amount: int
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentRefundPending:
    """A refund is under way; it may still fail."""

    payment_id: str
    key: str
    amount: int
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentRefunded:
    """This much more has gone back to the buyer; `by_hand` when no gateway was asked: `reference` then tells how.

    `whole` is what went back under this key, where a part of it was known without its key before.
    """

    payment_id: str
    key: str
    amount: int
    at: datetime = field(validator=aware)
    whole: int = 0
    by_hand: bool = False
    reference: str = ""


@frozen(kw_only=True)
class PaymentRefundFailed:
    """A refund that was reported done came back: this much is with the shop again."""

    payment_id: str
    key: str
    amount: int
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class PaymentChargedBack:
    """The buyer's bank has taken this much back."""

    payment_id: str
    amount: int
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ChargebackReversed:
    """A dispute was won: this much is the shop's again."""

    payment_id: str
    amount: int
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class DisputeTold:
    """The buyer asks the bank, or the provider, for money back: how that stands, by the provider's own clock. No money moves by it."""

    payment_id: str
    dispute: Dispute
    at: datetime = field(validator=aware)


PaymentEvent = (
    PaymentAttempted
    | RiskAssessed
    | PaymentReviewTold
    | PaymentUnanswered
    | PaymentActionRequired
    | PaymentPending
    | PaymentDeclined
    | AttemptFailed
    | AttemptClosed
    | PaymentAuthorized
    | PaymentCaptured
    | PaymentVoided
    | PaymentRefundPending
    | PaymentRefunded
    | PaymentRefundFailed
    | PaymentChargedBack
    | ChargebackReversed
    | DisputeTold
)
