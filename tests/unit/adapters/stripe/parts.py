"""Settings, requests and events for tests of the Stripe adapter."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from shopwright.adapters.signatures import signature
from shopwright.adapters.stripe.settings import StripeSettings
from shopwright.money import Money
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.requests import StartPayment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET, OTHER_SECRET = "whsec_first_of_the_tests", "whsec_second_of_the_tests"
KEY = OperationKey("order_1_1")


def settings(**other: Any) -> StripeSettings:
    """An account of the tests."""
    return StripeSettings(**({"api_key": "sk_test_of_the_tests", "webhook_secrets": SECRET, "publishable_key": "pk_test_x"} | other))


def a_start(**other: Any) -> StartPayment:
    """A payment of 12.30 EUR with a card that works."""
    facts = {
        "key": KEY,
        "amount": Money(1230, "EUR"),
        "description": "Order 1",
        "flow": Flow.TOKEN,
        "source_token": "pm_card_visa",
        "return_url": "https://shop.example/back",
        "at": NOON,
    }
    return StartPayment(**(facts | other))


def an_intent(**other: Any) -> dict[str, Any]:
    """A payment that was taken, as an answer and as the object of an event."""
    facts = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 1230,
        "amount_capturable": 0,
        "amount_received": 1230,
        "cancellation_reason": None,
        "client_secret": "pi_1_secret_x",
        "created": int(NOON.timestamp()),
        "currency": "eur",
        "last_payment_error": None,
        "latest_charge": "ch_1",
        "metadata": {"shopwright_key": "order_1_1", "shopwright_flow": "token"},
        "payment_method_options": {"card": {}},
        "review": None,
        "status": "succeeded",
    }
    return facts | other


def an_event(name: str, about: dict[str, Any], *, before: dict[str, Any] | None = None, **other: Any) -> bytes:
    """The body of an event."""
    data = {"object": about, **({} if before is None else {"previous_attributes": before})}
    event = {"id": "evt_1", "object": "event", "created": int(NOON.timestamp()), "livemode": False, "type": name, "data": data}
    return json.dumps(event | other).encode()


def signed(body: bytes, *, secret: str = SECRET, at: datetime = NOON, late: timedelta = timedelta()) -> RawNotification:
    """These bytes as Stripe pushes them."""
    headers = (("Stripe-Signature", signature(secret, body, at=at)),)
    return RawNotification(headers=headers, body=body, received_at=at + late)
