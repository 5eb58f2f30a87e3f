"""WeChat Pay as a payment gateway: a code that the buyer scans, a page of a phone, WeChat's own code on a page or in an app, and a scanned code.

    gateway = WechatGateway(WechatSettings(app_id=..., merchant_id=..., serial=..., private_key=..., api_v3_key=..., public_key=..., ...))

Needs the extra `shopwright[wechat]`. `shopwright.adapters.wechat.simulator` is the other side on a loopback port, for development and tests.
"""

from __future__ import annotations

from shopwright.adapters.wechat.gateway import WechatGateway
from shopwright.adapters.wechat.settings import WechatSettings

__all__ = ["WechatGateway", "WechatSettings"]
