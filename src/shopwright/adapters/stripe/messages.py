"""Our operations in the words of Stripe, pure: each becomes one request of its SDK.

Rules
- a token is a PaymentIntent that is confirmed at once; a page and a form in the page of the shop are Checkout Sessions, which can end in time;
- the key of an operation is its idempotency key, and stands in `metadata` too, from where payments, refunds and notifications are known again;
- only tokens are sent: what looks like the number of a card is refused, wherever it stands;
- a session lives between 30 minutes and 24 hours, whatever was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shopwright.adapters.scrubbing import scrub
from shopwright.adapters.stripe.amounts import to_wire
from shopwright.adapters.stripe.client import Ask
from shopwright.adapters.stripe.settings import StripeSettings
from shopwright.money import Money
from shopwright.payments.errors import InvalidRequest
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.requests import RefundPart, StartPayment

KEY, FLOW, PAYMENT, CAPTURE = "shopwright_key", "shopwright_flow", "shopwright_payment", "shopwright_capture"
EXPAND = ("latest_charge", "review")
SHORTEST, LONGEST = timedelta(minutes=31), timedelta(hours=23, minutes=59)
"""How long a session lives at least and at most; a minute is left for clocks that differ."""

_EXTRA = frozenset({"save", "off_session", "statement"})
_BUYER = frozenset({"id", "customer", "email"})
_SAVES = frozenset({"on_session", "off_session"})
_REASONS = frozenset({"duplicate", "fraudulent", "requested_by_customer"})


def start(request: StartPayment, settings: StripeSettings, *, at: datetime | None = None) -> Ask:
    """A request to pay; `at` is when it is sent, which may be long after it was meant. Raises `InvalidRequest` for what Stripe could not mean,
    before anything is sent.
    """
    _demand_sense(request)
    if request.flow is Flow.TOKEN:
        return Ask("payment_intents.create", (), _token(request, settings), request.key.value)
    return Ask("checkout.sessions.create", (), _session(request, settings, at or request.at), request.key.value)


def _demand_sense(request: StartPayment) -> None:
    buyer, extra = dict(request.buyer), dict(request.extra)
    for what, known in ((buyer, _BUYER), (extra, _EXTRA)):
        odd = sorted(what.keys() - known)
        if odd:
            raise InvalidRequest(f"Stripe is told {', '.join(sorted(known))}; nothing is known of {', '.join(odd)}")
    for text in (request.source_token or "", request.description, *buyer.values(), *extra.values()):
        if scrub(text, secrets=()) != text:
            raise InvalidRequest("what looks like the number of a card is never sent; give a token of Stripe (pm_...) instead")
    if extra.get("save", "on_session") not in _SAVES:
        raise InvalidRequest(f"a card is saved for one of {', '.join(sorted(_SAVES))}, got {extra['save']!r}")
    if "save" in extra and "customer" not in buyer and not request.owner:
        raise InvalidRequest("a card is saved for a customer of Stripe; give buyer customer=cus_...")
    if request.absent and request.flow is not Flow.TOKEN:
        raise InvalidRequest(f"a buyer who is absent pays by the {Flow.TOKEN} flow, with a saved method; got {request.flow}")


def _token(request: StartPayment, settings: StripeSettings) -> dict[str, Any]:
    buyer, extra = dict(request.buyer), dict(request.extra)
    params: dict[str, Any] = {
        "amount": to_wire(request.amount),
        "currency": request.amount.currency.lower(),
        "confirm": True,
        "capture_method": _capture_method(request),
        "payment_method_types": ["card"],
        "metadata": _metadata(request),
        "expand": list(EXPAND),
        **_source(request.source_token),
        **_with("description", request.description),
        **_with("return_url", request.return_url),
        **_with("customer", request.owner or buyer.get("customer")),
        **_with("receipt_email", buyer.get("email")),
        **_with("setup_future_usage", _saves(request)),
        **_with("statement_descriptor_suffix", extra.get("statement")),
        **_with("transfer_group", request.key.value if settings.shares else None),
        **_with("off_session", request.absent or extra.get("off_session") == "true"),
    }
    card: dict[str, Any] = {}
    if request.challenge:
        card["request_three_d_secure"] = "challenge"
    if settings.multicapture and not request.capture:
        card["request_multicapture"] = "if_available"
    if request.installments > 1:
        card["installments"] = {"enabled": True, "plan": {"count": request.installments, "interval": "month", "type": "fixed_count"}}
    return {**params, **_with("payment_method_options", {"card": card} if card else None)}


def _source(token: str | None) -> dict[str, Any]:
    """What is charged: a saved or fresh method, what the form of Stripe confirmed, or a card token of old."""
    if token is None:
        raise InvalidRequest("the token flow needs a source_token: a payment method of Stripe (pm_...)")
    if token.startswith("ctoken_"):
        return {"confirmation_token": token}
    if token.startswith("tok_"):
        return {"payment_method_data": {"type": "card", "card": {"token": token}}}
    if token.startswith(("pm_", "card_", "src_")):
        return {"payment_method": token}
    raise InvalidRequest("a source_token of Stripe begins with pm_, ctoken_, tok_, card_ or src_")


def _session(request: StartPayment, settings: StripeSettings, at: datetime) -> dict[str, Any]:
    buyer, extra = dict(request.buyer), dict(request.extra)
    if request.return_url is None:
        raise InvalidRequest(f"the {request.flow} flow needs a return_url, for the buyer to come back to")
    price = {
        "currency": request.amount.currency.lower(),
        "unit_amount": to_wire(request.amount),
        "product_data": {"name": request.description[:250] or "Order"},
    }
    intent: dict[str, Any] = {
        "capture_method": _capture_method(request),
        "metadata": _metadata(request),
        **_with("description", request.description),
        **_with("setup_future_usage", _saves(request)),
        **_with("statement_descriptor_suffix", extra.get("statement")),
        **_with("transfer_group", request.key.value if settings.shares else None),
    }
    here: dict[str, Any] = {"ui_mode": "elements", "return_url": request.return_url}
    there: dict[str, Any] = {"success_url": request.return_url, "cancel_url": request.return_url}
    options = {"card": {"request_three_d_secure": "challenge"}} if request.challenge else None
    return {
        "mode": "payment",
        "client_reference_id": request.key.value,
        "line_items": [{"price_data": price, "quantity": 1}],
        "metadata": _metadata(request),
        "payment_intent_data": intent,
        **(here if request.flow is Flow.CLIENT_SDK else there),
        **_with("customer", request.owner or buyer.get("customer")),
        **_with("customer_email", None if request.owner or "customer" in buyer else buyer.get("email")),
        **_with("payment_method_options", options),
        **_with("expires_at", _ends(request, at)),
    }


def _ends(request: StartPayment, at: datetime) -> int | None:
    """When a session ends. A request that is repeated so late that Stripe would not take its end any more gets one that is the same for an hour."""
    if request.expires_at is None:
        return None
    ends = min(max(request.expires_at, request.at + SHORTEST), request.at + LONGEST)
    if ends - at < SHORTEST - timedelta(minutes=1):
        ends = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1) + SHORTEST
    return int(ends.timestamp())


def _saves(request: StartPayment) -> str | None:
    """How a card is saved: for when its buyer is away, unless it was asked for otherwise."""
    return dict(request.extra).get("save") or ("off_session" if request.save else None)


def _capture_method(request: StartPayment) -> str:
    return "automatic" if request.capture else "manual"


def _metadata(request: StartPayment) -> dict[str, str]:
    return {KEY: request.key.value, FLOW: request.flow.value}


def _with(name: str, value: Any) -> Mapping[str, Any]:
    return {name: value} if value else {}


def customer(request: StartPayment) -> Ask:
    """Somebody to save a card for, under the key of the payment that saves it: once for one payment, however often it is sent."""
    return Ask("customers.create", (), {"metadata": {KEY: request.key.value}}, f"{request.key}_customer")


def saved(reference: str) -> Ask:
    """A payment with the method it was made with."""
    return Ask("payment_intents.retrieve", (reference,), {"expand": ["payment_method"]})


def detach(method: str) -> Ask:
    """Save a method no longer."""
    return Ask("payment_methods.detach", (method,), {}, f"detach_{method}")


def intent(reference: str) -> Ask:
    """How a PaymentIntent stands."""
    return Ask("payment_intents.retrieve", (reference,), {"expand": list(EXPAND)})


def session(reference: str) -> Ask:
    """How a Checkout Session stands, with its payment if there is one."""
    return Ask("checkout.sessions.retrieve", (reference,), {"expand": ["payment_intent", *(f"payment_intent.{name}" for name in EXPAND)]})


def capture(key: OperationKey, reference: str, amount: Money, *, final: bool) -> Ask:
    """Take authorized money."""
    params = {"amount_to_capture": to_wire(amount), "metadata": {CAPTURE: key.value}, "expand": list(EXPAND)}
    return Ask("payment_intents.capture", (reference,), params if final else {**params, "final_capture": False}, key.value)


def cancel(key: OperationKey, reference: str) -> Ask:
    """Release an authorization, or give up a payment."""
    return Ask("payment_intents.cancel", (reference,), {"expand": list(EXPAND)}, key.value)


def expire(key: OperationKey, reference: str) -> Ask:
    """Close a session that nobody has paid."""
    return Ask("checkout.sessions.expire", (reference,), {}, key.value)


def refund(request: RefundPart, reference: str, payment_key: str) -> Ask:
    """Give a part back. `payment_key` is the key of the payment, where it is known."""
    params = {
        "payment_intent": reference,
        "amount": to_wire(request.amount),
        "metadata": {KEY: request.key.value, **_with(PAYMENT, payment_key)},
        **_with("reason", request.reason if request.reason in _REASONS else None),
    }
    return Ask("refunds.create", (), params, request.key.value)


def refunds(reference: str) -> Ask:
    """The refunds of a payment."""
    return Ask("refunds.list", (), {"payment_intent": reference})


def disputes(reference: str) -> Ask:
    """The disputes of a payment."""
    return Ask("disputes.list", (), {"payment_intent": reference})


def search(key: OperationKey) -> Ask:
    """The payment that was started or captured under a key, by an index that lags behind for a minute."""
    query = " OR ".join(f"metadata['{name}']:'{key}'" for name in (KEY, CAPTURE))
    return Ask("payment_intents.search", (), {"query": query, "limit": 2})


def begun(since: datetime) -> Ask:
    """The payments that were begun since then, by a list that does not lag."""
    return Ask("payment_intents.list", (), {"created": {"gte": int(since.timestamp())}})


def pages(since: datetime) -> Ask:
    """The pages that were opened since then and wait for their buyers."""
    return Ask("checkout.sessions.list", (), {"created": {"gte": int(since.timestamp())}, "status": "open"})


def booked(since: datetime, until: datetime) -> Ask:
    """What was booked on the account, with what it was for."""
    span = {"gte": _up(since), "lt": _up(until)}
    return Ask("balance_transactions.list", (), {"created": span, "expand": ["data.source"]})


def payouts(since: datetime) -> Ask:
    """The payouts that were made since then, each by a clock of Stripe's own: money is paid out after it was booked."""
    return Ask("payouts.list", (), {"created": {"gte": _up(since)}})


def paid_out(payout: str) -> Ask:
    """What an automatic payout is made of."""
    return Ask("balance_transactions.list", (), {"payout": payout})


def _up(at: datetime) -> int:
    """The first whole second that is not before this moment: Stripe counts in those."""
    return -int(-at.timestamp() // 1)
