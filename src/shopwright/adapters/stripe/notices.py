"""What Stripe pushes: events, signed over the raw bytes, read in one go.

Rules
- verified first: the signature with one of our secrets, its time, the mode (live or not), the account, and only then the words;
- only the scheme `v1` counts, however many others stand beside it; while a secret is rolled Stripe signs with both;
- a payment without a key of ours was made by another system on the same account, and is ignored;
- what the buyer may still try again on a page of Stripe has not failed: there only the end of the page counts;
- a dispute is told apart from the money that it takes: that goes by `funds_withdrawn` and `funds_reinstated`;
- disputes and reviews name their payment and no key; the gateway tells it (`StripeGateway.key_of`);
- a refund is told by its own events; `charge.refunded`, which tells of refunds made at Stripe's desk too, makes the shop ask;
- nothing but `BadNotification` is raised, whatever the bytes are.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from shopwright.adapters.stripe import standing
from shopwright.adapters.stripe.client import Answer
from shopwright.adapters.stripe.disputing import dispute
from shopwright.adapters.stripe.messages import CAPTURE, FLOW, KEY, PAYMENT
from shopwright.adapters.stripe.settings import StripeSettings
from shopwright.adapters.stripe.standing import metadata, moment, money, word
from shopwright.errors import ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import Ack, EventKind, GatewayEvent, Notification, RawNotification
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import Totals

HEADER = "Stripe-Signature"
OK = Ack(200, b'{"received":true}', "application/json")
RETRY_LATER = Ack(503, b'{"received":false}', "application/json")
K = EventKind
_MOST_SIGNATURES = 20

Facts = dict[str, Any]
"""What an event tells, as fields of `GatewayEvent`."""


def opened(raw: RawNotification, settings: StripeSettings) -> Notification:
    """What a notification says, if it is Stripe's, to this account, and fresh. Raises `BadNotification`."""
    body = raw.within()
    signed_at = verify(raw.header(HEADER), body, settings, at=raw.received_at)
    try:
        event = json.loads(body)
        _demand_ours(event, settings)
        told = _event(event, settings)
    except BadNotification:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, ShopwrightError) as error:
        raise BadNotification(f"the body is signed, and is not an event of Stripe: {type(error).__name__}") from error
    return Notification((told,), OK, RETRY_LATER, signed_at=signed_at, fresh_for=settings.tolerance, account=settings.account)


def verify(header: str, body: bytes, settings: StripeSettings, *, at: datetime) -> datetime:
    """When the header was signed. Raises `BadNotification` unless it signs these bytes with one of the secrets and is fresh."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    given = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not 0 < len(given) <= _MOST_SIGNATURES:
        raise BadNotification("the signature must read t=<seconds>,v1=<hex>")
    seconds = times[0]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 10):
        raise BadNotification("the time of the signature must be whole seconds since 1970")
    signed = [hmac.new(secret.encode(), seconds.encode() + b"." + body, sha256).hexdigest().encode() for secret in settings.webhook_secrets]
    fits = [hmac.compare_digest(ours, theirs.encode("utf-8", "surrogatepass")) for ours in signed for theirs in given]
    if not any(fits):
        raise BadNotification("the signature does not fit the body")
    signed_at = datetime.fromtimestamp(int(seconds), UTC)
    if abs(at - signed_at) > settings.tolerance:
        raise BadNotification(f"the signature is from another time than the arrival; at most {settings.tolerance} between them is fine")
    return signed_at


def _demand_ours(event: Any, settings: StripeSettings) -> None:
    if not isinstance(event, dict) or event.get("object") != "event":
        raise BadNotification("the body is signed, and is not an event of Stripe")
    if event.get("livemode") is not settings.live:
        raise BadNotification("the event is of the other mode: test events and live ones do not mix")
    if (event.get("account") or "") != settings.account:
        raise BadNotification("the event is for another account")


def _event(event: Mapping[str, Any], settings: StripeSettings) -> GatewayEvent:
    name, about = word(event, "type"), event["data"]["object"]
    at = moment(event.get("created"))
    if at is None:
        raise BadNotification("the event tells no time")
    read = _READERS.get(name)
    facts = None if read is None else read(about, event["data"].get("previous_attributes") or {})
    if name in _DISPUTES:
        facts = {"kind": K.DISPUTED, "reference": word(about, "payment_intent"), "dispute": dispute(about, told_at=at)}
    told = {"kind": K.IGNORED, "reference": "", **(facts or {})}
    return GatewayEvent(event_id=word(event, "id"), occurred_at=at, merchant_account=settings.account, raw=(("type", name),), **told)


def _keys(payment: str | None, own: str | None) -> Facts:
    keys = {"payment_key": payment, "our_key": own}
    return {name: OperationKey(value) for name, value in keys.items() if value}


def _ours(about: Answer) -> str | None:
    """The key that a payment was started under; none for one of another system."""
    return metadata(about).get(KEY)


def _paid(intent: Answer, _before: Answer) -> Facts | None:
    """All that will be taken is taken. Of one that may have been taken in parts, only the totals tell."""
    key = _ours(intent)
    if key is None:
        return None
    own = metadata(intent).get(CAPTURE, key)
    amount = None if _in_parts(intent) else money(intent, "amount_received")
    return {"kind": K.CAPTURED, "reference": word(intent, "id"), "amount": amount, "totals": _totals(intent), **_keys(key, own)}


def _promised(intent: Answer, _before: Answer) -> Facts | None:
    """Money is held, or a part of it was taken and the rest is still held."""
    key = _ours(intent)
    if key is None:
        return None
    facts = {"reference": word(intent, "id"), "totals": _totals(intent)}
    if money(intent, "amount_received"):
        return {"kind": K.CAPTURED, **facts, **_keys(key, metadata(intent).get(CAPTURE, key))}
    return {"kind": K.AUTHORIZED, "amount": money(intent), **facts, **_keys(key, key)}


def _failed(intent: Answer, _before: Answer) -> Facts | None:
    """A card said no. On a page or in a form the buyer may try another."""
    key = _ours(intent)
    if key is None or metadata(intent).get(FLOW) != Flow.TOKEN.value:
        return None
    return {"kind": K.FAILED, "reference": word(intent, "id"), **_keys(key, key)}


def _given_up(intent: Answer, _before: Answer) -> Facts | None:
    key = _ours(intent)
    if key is None:
        return None
    facts = {"reference": word(intent, "id"), **_keys(key, key)}
    if not standing.was_authorized(intent):
        currency = money(intent).currency
        return {"kind": K.VOIDED, "amount": Money(0, currency), "totals": Totals.of(currency), **facts}
    found = _totals(intent)
    return {"kind": K.VOIDED, "amount": found.voided, "totals": found, **facts}


def _page_over(session: Answer, _before: Answer) -> Facts | None:
    key = _ours(session)
    return None if key is None else {"kind": K.FAILED, "reference": word(session, "id"), **_keys(key, key)}


def _refund_made(refund: Answer, before: Answer) -> Facts | None:
    """A refund that has arrived; one that is on its way is told of once it has."""
    if refund.get("status") != "succeeded" or (before and "status" not in before):
        return None
    return _refund(K.REFUNDED, refund)


def _refund_updated(refund: Answer, before: Answer) -> Facts | None:
    """A refund that has changed; most changes are of other things, which the event tells by what was there before."""
    if refund.get("status") == "canceled" and (not before or "status" in before):
        return _refund(K.REFUND_FAILED, refund)
    return _refund_made(refund, before)


def _refund_lost(refund: Answer, _before: Answer) -> Facts | None:
    return _refund(K.REFUND_FAILED, refund)


def _refund(kind: EventKind, refund: Answer) -> Facts | None:
    """A refund of ours; of another one the charge tells, which knows the payment's key."""
    notes = metadata(refund)
    if KEY not in notes:
        return None
    return {"kind": kind, "reference": word(refund, "payment_intent"), "amount": money(refund), **_keys(notes.get(PAYMENT), notes[KEY])}


def _charge_refunded(charge: Answer, _before: Answer) -> Facts | None:
    """Something went back, by whoever's hand: the shop asks how the payment stands."""
    key = _ours(charge)
    if key is None or not charge.get("captured"):
        return None
    return {"kind": K.REFUNDED, "reference": word(charge, "payment_intent"), **_keys(key, None)}


def _lost(dispute: Answer, _before: Answer) -> Facts | None:
    return {"kind": K.CHARGED_BACK, "reference": word(dispute, "payment_intent"), "amount": money(dispute)}


def _won(dispute: Answer, _before: Answer) -> Facts | None:
    return {"kind": K.CHARGEBACK_REVERSED, "reference": word(dispute, "payment_intent"), "amount": money(dispute)}


def _review(kind: EventKind) -> Callable[[Answer, Answer], Facts | None]:
    def read(review: Answer, _before: Answer) -> Facts | None:
        return {"kind": kind, "reference": word(review, "payment_intent")}

    return read


def _in_parts(intent: Answer) -> bool:
    options = intent.get("payment_method_options")
    card = options.get("card") if isinstance(options, dict) else None
    return isinstance(card, dict) and card.get("request_multicapture") == "if_available"


def _totals(intent: Answer) -> Totals:
    return standing.totals(intent)


_READERS: Mapping[str, Callable[[Answer, Answer], Facts | None]] = {
    "payment_intent.succeeded": _paid,
    "payment_intent.amount_capturable_updated": _promised,
    "payment_intent.payment_failed": _failed,
    "payment_intent.canceled": _given_up,
    "checkout.session.expired": _page_over,
    "checkout.session.async_payment_failed": _page_over,
    "refund.created": _refund_made,
    "refund.updated": _refund_updated,
    "refund.failed": _refund_lost,
    "charge.refunded": _charge_refunded,
    "charge.dispute.funds_withdrawn": _lost,
    "charge.dispute.funds_reinstated": _won,
    "review.opened": _review(K.REVIEW_OPENED),
    "review.closed": _review(K.REVIEW_CLOSED),
}
"""The events that say something to a shop; all others, but those of disputes, are acknowledged and passed over."""

_DISPUTES = frozenset({"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed"})
