"""Webhooks out: each notice as a signed request over HTTP, in the form of Standard Webhooks, and the check of whoever receives it.

    outlet = WebhookOutlet("erp", WebhookSettings(url="https://erp.example/hooks", secrets=(new_secret(),)))      # the shop
    received = verify(headers, body, secrets, at=now)                                                             # whoever receives it

Needs the standard library alone, on both sides.
"""

from __future__ import annotations

from shopwright.adapters.webhook.outlet import WebhookOutlet
from shopwright.adapters.webhook.settings import WebhookSettings
from shopwright.adapters.webhook.signing import BadWebhook, Received, new_secret, signed_headers, verify

__all__ = ["BadWebhook", "Received", "WebhookOutlet", "WebhookSettings", "new_secret", "signed_headers", "verify"]
