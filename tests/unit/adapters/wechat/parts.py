"""Keys, settings and messages for tests of the WeChat Pay adapter. The keys are made anew in each run: none is worth keeping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from shopwright.adapters.rsa import new_key, private_text, public_text, sign
from shopwright.adapters.wechat.certificates import PlatformKeys
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.adapters.wechat.signing import SCHEMA, answer_text
from shopwright.adapters.wechat.simulator import sealed
from shopwright.payments.notifications import RawNotification

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS, THEIRS = new_key(), new_key()
KEY_ID = "PUB_KEY_ID_0000000000000024101100397200000006"
TRANSACTION = "4200001202603010000000000001"
SCHEMA_HEADER = ("Wechatpay-Signature-Type", SCHEMA)


def settings(**other) -> WechatSettings:
    """A merchant, with keys of this run."""
    return _made(tuple(other.items()))


@cache  # reading a private key takes a while
def _made(other: tuple[tuple[str, Any], ...]) -> WechatSettings:
    facts = {
        "app_id": "wxd678efh567hg6787",
        "mobile_app_id": "wxd678efh567hg6788",
        "merchant_id": "1900000109",
        "serial": "5157F09EFDC096DE15EBE81A47057A72",
        "private_key": private_text(OURS),
        "api_v3_key": "0123456789abcdef0123456789abcdef",
        "public_key": public_text(THEIRS),
        "public_key_id": KEY_ID,
        "notify_url": "https://shop.example/notify",
    }
    return WechatSettings(**(facts | dict(other)))


def keys(of: WechatSettings | None = None) -> PlatformKeys:
    """The keys of WeChat Pay that these settings begin with."""
    of = of or settings()
    return PlatformKeys(key=of.verifying_key, key_id=of.public_key_id, certificates=of.first_certificates, renew_after=timedelta(hours=12))


def paid(**other) -> dict[str, Any]:
    """The words of a payment that is told; a word that is given as `None` is left out."""
    facts = {
        "appid": "wxd678efh567hg6787",
        "mchid": "1900000109",
        "out_trade_no": "order_1_1",
        "transaction_id": TRANSACTION,
        "trade_type": "NATIVE",
        "trade_state": "SUCCESS",
        "trade_state_desc": "支付成功",
        "bank_type": "OTHERS",
        "success_time": "2026-03-01T20:00:00+08:00",
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
        "amount": {"total": 1230, "payer_total": 1130, "currency": "CNY", "payer_currency": "CNY"},
    }
    return {name: value for name, value in (facts | other).items() if value is not None}


def refunded(**other) -> dict[str, Any]:
    """The words of a refund that is told."""
    facts = {
        "mchid": "1900000109",
        "transaction_id": TRANSACTION,
        "out_trade_no": "order_1_1",
        "refund_id": "50300000012026030100000001",
        "out_refund_no": "refund_1",
        "refund_status": "SUCCESS",
        "success_time": "2026-03-01T20:00:00+08:00",
        "user_received_account": "招商银行信用卡0403",
        "amount": {"total": 1230, "refund": 230, "payer_total": 1230, "payer_refund": 230},
    }
    return {name: value for name, value in (facts | other).items() if value is not None}


def a_body(resource: Mapping[str, Any] | bytes, event: str = "TRANSACTION.SUCCESS", **other) -> bytes:
    """The body of a callback with this resource in it."""
    plain = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    told = {
        "id": "EV-2018022511223320873",
        "create_time": "2026-03-01T20:00:01+08:00",
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": "支付成功",
        "resource": {"original_type": event.split(".", maxsplit=1)[0].lower(), **sealed(plain, associated="transaction")},
    }
    return json.dumps(told | other, ensure_ascii=False).encode()


def signed_raw(body: bytes, *, key=THEIRS, serial: str = KEY_ID, at: datetime = NOON, nonce: str = "d824f2e086d3c1df967785d13fcd22ef"):
    """These bytes as WeChat Pay sends them."""
    timestamp = str(int(at.timestamp()))
    headers = (
        ("Wechatpay-Timestamp", timestamp),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Signature", sign(answer_text(timestamp, nonce, body), key)),
        ("Wechatpay-Serial", serial),
        SCHEMA_HEADER,
    )
    return RawNotification(headers=headers, body=body, received_at=at)
