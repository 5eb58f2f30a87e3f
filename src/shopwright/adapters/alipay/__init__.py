"""Alipay as a payment gateway: a page, a mobile page, a code that the buyer scans, and a code that the shop scans.

    gateway = AlipayGateway(AlipaySettings(app_id=..., seller_id=..., private_key=..., alipay_public_key=...))

Needs the extra `shopwright[alipay]`. `shopwright.adapters.alipay.simulator` is the other side on a loopback port, for development and tests.
"""

from __future__ import annotations

from shopwright.adapters.alipay.gateway import AlipayGateway
from shopwright.adapters.alipay.settings import AlipaySettings

__all__ = ["AlipayGateway", "AlipaySettings"]
