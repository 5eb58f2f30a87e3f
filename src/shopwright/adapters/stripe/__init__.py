"""Stripe as a payment gateway: saved and fresh cards, Stripe's own page, and its form in the page of the shop.

    gateway = StripeGateway(StripeSettings(api_key=..., webhook_secrets=(...,)))

Needs the extra `shopwright[stripe]`. `shopwright.adapters.stripe.simulator` is the other side on a loopback port, for development and tests.
"""

from __future__ import annotations

from shopwright.adapters.stripe.gateway import StripeGateway
from shopwright.adapters.stripe.settings import StripeSettings

__all__ = ["StripeGateway", "StripeSettings"]
