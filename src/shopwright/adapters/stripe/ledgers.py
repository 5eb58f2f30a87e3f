"""The balance transactions of Stripe as ledger lines, pure.

Rules
- a line is in the currency that the account settles in, which may be another than that of the payment;
- what a line is for is told by its source: a charge, a refund and a dispute name their payment;
- a dispute and its fee are one line; so is a dispute that was won;
- which payout a line is in Stripe tells by listing what each payout is made of, and of automatic payouts alone.
"""

from __future__ import annotations

from shopwright.adapters.stripe.amounts import from_wire
from shopwright.adapters.stripe.client import Answer
from shopwright.adapters.stripe.standing import moment, word
from shopwright.payments.errors import Indeterminate
from shopwright.payments.ledger import LedgerLine

KINDS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_refund_failure": "refund_failure",
    "payment_failure_refund": "refund",
    "partial_capture_reversal": "refund",
}
DISPUTES = {"dispute": "chargeback", "dispute_reversal": "chargeback_reversal"}
"""What an adjustment is, by its category for reports."""


def line(answer: Answer, payout_id: str | None = None) -> LedgerLine:
    """A movement on the account, in this payout. Raises `Indeterminate` for what is none, `InvalidValue` where gross, fee and net disagree."""
    currency = answer.get("currency")
    gross, fee, net = (from_wire(answer.get(name), currency) for name in ("amount", "fee", "net"))
    booked, available = moment(answer.get("created")), moment(answer.get("available_on"))
    if booked is None or available is None:
        raise Indeterminate("a booking of Stripe tells no time", raw_code="unreadable")
    if gross - fee != net:
        raise Indeterminate(f"a booking of Stripe does not add up: {gross} less {fee} is not {net}", raw_code="net")
    kind = word(answer, "type")
    return LedgerLine(
        line_id=word(answer, "id"),
        kind=DISPUTES.get(str(answer.get("reporting_category")), KINDS.get(kind, kind)),
        reference=_reference(answer),
        gross=gross,
        fee=fee,
        booked_at=booked,
        available_on=available,
        payout_id=payout_id,
    )


def _reference(answer: Answer) -> str:
    """The payment that a booking is for; empty when it is for none (a payout, a fee)."""
    source = answer.get("source")
    if isinstance(source, str):
        return source
    found = source.get("payment_intent") if isinstance(source, dict) else None
    return found if isinstance(found, str) else ""
