"""Keys, settings and messages for tests of the Alipay adapter. The keys are made anew in each run: none is worth keeping."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from shopwright.adapters.alipay.messages import wire_time
from shopwright.adapters.alipay.settings import AlipaySettings
from shopwright.adapters.alipay.signing import content, sign
from shopwright.adapters.rsa import new_key, private_text, public_text
from shopwright.payments.notifications import RawNotification

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS, THEIRS = new_key(), new_key()


def settings(**other) -> AlipaySettings:
    """An application, with keys of this run."""
    facts = {
        "app_id": "2021000000000001",
        "seller_id": "2088000000000001",
        "private_key": private_text(OURS),
        "alipay_public_key": public_text(THEIRS),
    }
    return AlipaySettings(**(facts | other))


def form(**other) -> dict[str, str]:
    """The fields of a payment that is told, without a signature."""
    facts = {
        "app_id": "2021000000000001",
        "seller_id": "2088000000000001",
        "notify_type": "trade_status_sync",
        "notify_id": "n1",
        "notify_time": wire_time(NOON),
        "charset": "utf-8",
        "version": "1.0",
        "out_trade_no": "order_1_1",
        "trade_no": "2026030122001400000000000001",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "12.30",
        "gmt_payment": wire_time(NOON),
        "subject": "茶 & cups + 1 = 2",
        "fund_bill_list": '[{"amount":"12.30","fundChannel":"ALIPAYACCOUNT"}]',
    }
    return {name: value for name, value in (facts | other).items() if value is not None}


def signed_form(fields: dict[str, str], *, key=THEIRS, sign_type: str = "RSA2") -> RawNotification:
    """The form as Alipay sends it."""
    told = {**fields, "sign": sign(content(fields, without=("sign", "sign_type"), keep_empty=True), key), "sign_type": sign_type}
    return raw(urlencode(told).encode())


def raw(body: bytes, *, at: datetime = NOON) -> RawNotification:
    """These bytes, as they came in."""
    return RawNotification(headers=(), body=body, received_at=at)
