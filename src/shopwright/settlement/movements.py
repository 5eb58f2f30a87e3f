"""What a shop has booked of its payments: each movement of money at a provider, as one signed amount.

Rules
- only what a provider must know of counts: money by hand, cash at the door and promises are not there;
- amounts carry the sign of the shop's account, as those of a provider's ledger do;
- a movement has the name of the event that told it, so that it counts once however often it is read.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import MOST, aware, identifier, of, text, whole
from shopwright.payments import events as e


class MovementKind(StrEnum):
    """What moved, in the words that ledger lines have too."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    """A refund that came back."""
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    """A dispute that was won."""


@frozen(kw_only=True)
class Movement:
    """Money of one payment that moved: `amount` in minor units of `currency`, below zero for what left the shop."""

    id: str = field(validator=identifier())
    kind: MovementKind = field(validator=of(MovementKind))
    reference: str = field(validator=text(least=1))
    amount: int = field(validator=whole(least=-MOST, most=MOST))
    currency: str = field(validator=identifier(most=3))
    at: datetime = field(validator=aware)


_KINDS: dict[type, tuple[MovementKind, int]] = {
    e.PaymentCaptured: (MovementKind.CHARGE, 1),
    e.PaymentRefunded: (MovementKind.REFUND, -1),
    e.PaymentRefundFailed: (MovementKind.REFUND_FAILURE, 1),
    e.PaymentChargedBack: (MovementKind.CHARGEBACK, -1),
    e.ChargebackReversed: (MovementKind.CHARGEBACK_REVERSAL, 1),
}

MOVING = tuple(_KINDS)
"""The events of a payment by which money moves at a provider."""

Moving = e.PaymentCaptured | e.PaymentRefunded | e.PaymentRefundFailed | e.PaymentChargedBack | e.ChargebackReversed


def movement(event: Moving, *, id: str, reference: str, currency: str) -> Movement | None:
    """What an event of a payment moved at its provider; `None` when nothing did."""
    kind, sign = _KINDS[type(event)]
    by_hand = isinstance(event, e.PaymentRefunded) and event.by_hand
    if not event.amount or by_hand:
        return None
    return Movement(id=id, kind=kind, reference=reference, amount=sign * event.amount, currency=currency, at=event.at)
