"""What an account at a simulated Stripe holds, and how each thing looks in an answer: payments, charges, sessions, refunds, disputes, bookings.

Rules
- amounts are numbers of the wire; times are whole seconds;
- an object shows the ids of others, and the others themselves where an answer was asked to expand them;
- a `payment_method` is a test word of Stripe (`pm_card_visa`), or `pm_sim_<code>` for a decline of that code; `CONDUCT` tells what the others do.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from attrs import define, field, frozen

Json = dict[str, Any]


class No(Exception):
    """An answer that is an error: a status and the fields of its `error`."""

    def __init__(self, status: int, code: str = "", message: str = "", **more: Any) -> None:
        super().__init__(code)
        self.status = status
        kind = {402: "card_error", 401: "invalid_request_error"}.get(status, "invalid_request_error")
        told = {"type": kind, "code": code or None, "message": message or code.replace("_", " "), **more}
        self.error = {name: value for name, value in told.items() if value is not None}


@frozen(kw_only=True)
class Conduct:
    """How a payment method behaves."""

    decline: str = ""
    proof: bool = False
    slow: bool = False
    capture_declined: bool = False
    refund: str = ""
    review: bool = False
    dispute: bool = False


CONDUCT = {
    "pm_card_visa": Conduct(),
    "pm_card_mastercard": Conduct(),
    "pm_card_authenticationRequired": Conduct(proof=True),
    "pm_card_threeDSecure2Required": Conduct(proof=True),
    "pm_card_visa_chargeDeclined": Conduct(decline="generic_decline"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Conduct(decline="insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": Conduct(decline="expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": Conduct(decline="incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": Conduct(decline="processing_error"),
    "pm_card_pendingRefund": Conduct(refund="slow"),
    "pm_card_refundFail": Conduct(refund="fails"),
    "pm_card_riskLevelElevated": Conduct(review=True),
    "pm_card_createDispute": Conduct(dispute=True),
    "pm_sim_processing": Conduct(slow=True),
    "pm_sim_captureDeclined": Conduct(capture_declined=True),
}
OWN_CODES = frozenset({"expired_card", "incorrect_cvc", "incorrect_number", "incorrect_zip", "processing_error", "authentication_required"})
"""Declines that are an error code themselves; all others are a `decline_code` of `card_declined`."""


def conduct(method: str) -> Conduct:
    """How this method behaves; raises `No` for one that nobody has."""
    known = CONDUCT.get(method)
    if known is not None:
        return known
    if method.startswith("pm_sim_"):
        return Conduct(decline=method.removeprefix("pm_sim_"))
    raise No(400, "resource_missing", f"No such PaymentMethod: '{method}'", param="payment_method")


def decline_error(code: str) -> Json:
    """The `error` of a decline, as it stands in an answer and on the payment."""
    outer = code if code in OWN_CODES else "card_declined"
    return {"type": "card_error", "code": outer, "decline_code": code, "message": f"The bank says {code.replace('_', ' ')}."}


@define(kw_only=True)
class Method:
    """A method of payment that is saved for a customer, until it is detached; it behaves as the `word` it was made from."""

    id: str
    word: str
    customer: str | None


@define(kw_only=True)
class Charge:
    """Money that was held, and what became of it."""

    id: str
    created: int
    amount: int
    captured_amount: int = 0
    released: int = 0
    given_back: int = 0
    disputed: bool = False


@define(kw_only=True)
class Intent:
    """A PaymentIntent."""

    id: str
    created: int
    amount: int
    currency: str
    status: str
    manual: bool
    metadata: dict[str, str]
    method: str = ""
    customer: str | None = None
    saves: str | None = None
    in_parts: bool = False
    group: str | None = None
    saved: Method | None = None
    return_url: str = ""
    charge: Charge | None = None
    error: Json | None = None
    canceled_at: int | None = None
    why_canceled: str | None = None
    review_open: bool | None = None

    @property
    def capturable(self) -> int:
        """What a capture could still take."""
        if self.charge is None or self.status != "requires_capture":
            return 0
        return self.charge.amount - self.charge.captured_amount - self.charge.released


@define(kw_only=True)
class Session:
    """A Checkout Session."""

    id: str
    created: int
    amount: int
    currency: str
    expires_at: int
    metadata: dict[str, str]
    intent_data: Json
    key: str
    address: str
    elements: bool
    status: str = "open"
    intent: Intent | None = None


@define(kw_only=True)
class Refund:
    """Money on its way back; one without a booking is the release of an authorization."""

    id: str
    created: int
    amount: int
    intent: Intent
    status: str
    metadata: dict[str, str] = field(factory=dict)
    booking: str | None = None
    fails: bool = False


@define(kw_only=True)
class Dispute:
    """A buyer who wants the money back from the bank."""

    id: str
    created: int
    amount: int
    intent: Intent
    status: str = "needs_response"
    reason: str = "fraudulent"
    evidence: dict[str, str] = field(factory=dict)
    submitted: int = 0


@frozen(kw_only=True)
class Payout:
    """Money that was sent to the bank; `bookings` are the ids of what it is made of."""

    id: str
    created: int
    amount: int
    currency: str
    bookings: frozenset[str]


@frozen(kw_only=True)
class Booking:
    """A balance transaction."""

    id: str
    created: int
    kind: str
    category: str
    amount: int
    fee: int
    currency: str
    source: Any


def charge_json(intent: Intent) -> Json | None:
    """The charge of a payment."""
    charge = intent.charge
    if charge is None:
        return None
    gone = charge.released + charge.given_back
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.captured_amount,
        "amount_refunded": gone,
        "captured": charge.captured_amount > 0,
        "created": charge.created,
        "currency": intent.currency,
        "disputed": charge.disputed,
        "livemode": False,
        "metadata": dict(intent.metadata),
        "payment_intent": intent.id,
        "refunded": gone == charge.amount,
        "status": "succeeded",
    }


def intent_json(intent: Intent, expand: Collection[str] = ()) -> Json:
    """A payment, with its charge and its review where these were asked for."""
    charge = charge_json(intent)
    review = review_json(intent)
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_capturable": intent.capturable,
        "amount_received": 0 if intent.charge is None else intent.charge.captured_amount,
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.why_canceled,
        "capture_method": "manual" if intent.manual else "automatic",
        "client_secret": f"{intent.id}_secret_sim{intent.id[-6:]}",
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer,
        "last_payment_error": intent.error,
        "latest_charge": charge if charge is None or "latest_charge" in expand else charge["id"],
        "livemode": False,
        "metadata": dict(intent.metadata),
        "next_action": _next_action(intent),
        "payment_method": _method_json(intent, "payment_method" in expand),
        "payment_method_options": {"card": {"request_multicapture": "if_available"} if intent.in_parts else {}},
        "review": review if review is None or "review" in expand else review["id"],
        "setup_future_usage": intent.saves,
        "status": intent.status,
        "transfer_group": intent.group,
    }


def method_json(method: Method) -> Json:
    """A saved method."""
    brand, last4 = ("mastercard", "4444") if "mastercard" in method.word else ("visa", "4242")
    card = {"brand": brand, "exp_month": 12, "exp_year": 2030, "last4": last4}
    return {"id": method.id, "object": "payment_method", "card": card, "customer": method.customer, "type": "card"}


def _method_json(intent: Intent, expanded: bool) -> Any:
    if intent.saved is None:
        return intent.method or None
    return method_json(intent.saved) if expanded else intent.saved.id


def _next_action(intent: Intent) -> Json | None:
    if intent.status != "requires_action":
        return None
    if intent.return_url:
        url = f"https://hooks.stripe.com/3d_secure_2/hosted?payment_intent={intent.id}"
        return {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": intent.return_url}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}


def review_json(intent: Intent) -> Json | None:
    """The review of a payment, if it ever had one."""
    if intent.review_open is None:
        return None
    reason = "rule" if intent.review_open else "approved"
    return {"id": f"prv_{intent.id[3:]}", "object": "review", "open": intent.review_open, "payment_intent": intent.id, "reason": reason}


def session_json(session: Session, expand: Collection[str] = ()) -> Json:
    """A session, with its payment where that was asked for."""
    inner = {name.removeprefix("payment_intent.") for name in expand}
    intent = session.intent
    shown = None if intent is None else intent_json(intent, inner) if "payment_intent" in expand else intent.id
    paid = intent is not None and intent.status in {"succeeded", "requires_capture"}
    return {
        "id": session.id,
        "object": "checkout.session",
        "amount_total": session.amount,
        "client_reference_id": session.key,
        "client_secret": f"{session.id}_secret_sim" if session.elements else None,
        "created": session.created,
        "currency": session.currency,
        "expires_at": session.expires_at,
        "livemode": False,
        "metadata": dict(session.metadata),
        "mode": "payment",
        "payment_intent": shown,
        "payment_status": "paid" if paid else "unpaid",
        "status": session.status,
        "url": None if session.elements or session.status != "open" else f"{session.address}/buyer/{session.id}",
    }


def refund_json(refund: Refund) -> Json:
    """A refund."""
    charge = refund.intent.charge
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": refund.booking,
        "charge": None if charge is None else charge.id,
        "created": refund.created,
        "currency": refund.intent.currency,
        "failure_reason": "expired_or_canceled_card" if refund.status == "failed" else None,
        "metadata": dict(refund.metadata),
        "payment_intent": refund.intent.id,
        "status": refund.status,
    }


def dispute_json(dispute: Dispute) -> Json:
    """A dispute."""
    charge = dispute.intent.charge
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "charge": None if charge is None else charge.id,
        "created": dispute.created,
        "currency": dispute.intent.currency,
        "evidence": dict(dispute.evidence),
        "evidence_details": {
            "due_by": dispute.created + 7 * 86_400,
            "has_evidence": bool(dispute.evidence),
            "past_due": False,
            "submission_count": dispute.submitted,
        },
        "livemode": False,
        "metadata": {},
        "payment_intent": dispute.intent.id,
        "reason": dispute.reason,
        "status": dispute.status,
    }


def payout_json(payout: Payout) -> Json:
    """A payout."""
    return {
        "id": payout.id,
        "object": "payout",
        "amount": payout.amount,
        "arrival_date": payout.created + 2 * 86_400,
        "automatic": True,
        "created": payout.created,
        "currency": payout.currency,
        "status": "paid",
    }


def booking_json(booking: Booking, *, expanded: bool) -> Json:
    """A balance transaction, with what it is for where that was asked for."""
    return {
        "id": booking.id,
        "object": "balance_transaction",
        "amount": booking.amount,
        "available_on": booking.created + 2 * 86_400,
        "created": booking.created,
        "currency": booking.currency,
        "fee": booking.fee,
        "net": booking.amount - booking.fee,
        "reporting_category": booking.category,
        "source": booking.source if expanded else booking.source["id"],
        "status": "pending",
        "type": booking.kind,
    }
