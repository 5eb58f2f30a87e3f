"""Disputes at Stripe in our words, pure: its objects become values, and evidence becomes its parameters.

Rules
- the states that begin with `warning` are inquiries: they take no money, whatever they are about;
- a state or a reason that is not known here is passed on as what it must be treated as: a dispute to be answered, for another reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shopwright.adapters.stripe.client import Answer, Ask
from shopwright.adapters.stripe.standing import moment, money, word
from shopwright.payments.disputes import Dispute, DisputeReason, DisputeState
from shopwright.payments.evidence import Evidence, EvidencePart
from shopwright.payments.operations import OperationKey

S, R, P = DisputeState, DisputeReason, EvidencePart

STATES = {
    "warning_needs_response": S.INQUIRY,
    "warning_under_review": S.INQUIRY_ANSWERED,
    "warning_closed": S.CLOSED,
    "needs_response": S.NEEDS_RESPONSE,
    "under_review": S.UNDER_REVIEW,
    "charge_refunded": S.CLOSED,
    "prevented": S.CLOSED,
    "won": S.WON,
    "lost": S.LOST,
}

REASONS = {
    "fraudulent": R.FRAUD,
    "debit_not_authorized": R.FRAUD,
    "unrecognized": R.UNRECOGNIZED,
    "duplicate": R.DUPLICATE,
    "product_not_received": R.NOT_RECEIVED,
    "product_unacceptable": R.NOT_AS_DESCRIBED,
    "credit_not_processed": R.NOT_REFUNDED,
    "subscription_canceled": R.CANCELED,
}

FIELDS = {
    P.EXPLANATION: "uncategorized_text",
    P.GOODS: "product_description",
    P.BUYER_NAME: "customer_name",
    P.BUYER_EMAIL: "customer_email_address",
    P.BUYER_IP: "customer_purchase_ip",
    P.BUYER_SIGNED_FOR: "access_activity_log",
    P.SHIPPED_ON: "shipping_date",
    P.SHIPPED_TO: "shipping_address",
    P.CARRIER: "shipping_carrier",
    P.TRACKING_NUMBER: "shipping_tracking_number",
    P.REFUND_POLICY: "refund_policy_disclosure",
    P.REFUND_REFUSED: "refund_refusal_explanation",
    P.DUPLICATE_OF: "duplicate_charge_id",
}


def dispute(answer: Answer, *, told_at: datetime) -> Dispute:
    """A dispute as it stood then."""
    details = answer.get("evidence_details")
    state = STATES.get(str(answer.get("status")), S.NEEDS_RESPONSE)
    due: Any = details.get("due_by") if isinstance(details, dict) else None
    return Dispute(
        id=word(answer, "id"),
        state=state,
        amount=money(answer).minor,
        told_at=told_at,
        reason=REASONS.get(str(answer.get("reason")), R.OTHER),
        due_at=moment(due),
    )


def answered(key: OperationKey, dispute: str, evidence: Evidence) -> Ask:
    """Give evidence, once and for all: Stripe hands it to the bank."""
    fields = {FIELDS[part]: given for part, given in evidence.texts}
    return Ask("disputes.update", (dispute,), {"evidence": fields, "submit": True}, key.value)


def accepted(key: OperationKey, dispute: str) -> Ask:
    """Give up: the dispute is lost."""
    return Ask("disputes.close", (dispute,), {}, key.value)
