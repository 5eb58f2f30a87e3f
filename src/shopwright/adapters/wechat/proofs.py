"""What vouches for an answer or a callback: its time, nonce, signature, and the serial of the key; and whether it can be believed.

Rules
- the signature is over the raw bytes, by a key that is known and valid; only then its time counts;
- a signature that is older than the tolerance, or from the future, is no longer believed: it may be a replay.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import frozen

from shopwright.adapters.rsa import signed
from shopwright.adapters.wechat.certificates import PlatformKeys
from shopwright.adapters.wechat.signing import answer_text

HEADERS = ("Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial")
"""The headers that vouch for a body, in the order of the fields of `Proof`."""


@frozen
class Proof:
    """The four headers, as they came."""

    timestamp: str
    nonce: str
    signature: str
    serial: str

    def problem(self, body: bytes, keys: PlatformKeys, *, at: datetime, tolerance: timedelta) -> str | None:
        """Why these bytes cannot be believed to be WeChat Pay's, signed just now; `None` if they can."""
        key = keys.named(self.serial, at=at)
        if key is None:
            return f"no key of WeChat Pay is known under {self.serial[:70]!r}; known are: {', '.join(keys.serials) or 'none yet'}"
        if not (self.timestamp.isascii() and self.timestamp.isdigit() and len(self.timestamp) <= 11):
            return "its time is no time"
        if not signed(answer_text(self.timestamp, self.nonce, body), self.signature, key):
            return "the signature does not fit"
        if abs(at.timestamp() - int(self.timestamp)) > tolerance.total_seconds():
            return f"it is from another time than its arrival; at most {tolerance} between them is fine; check the clock"
        return None
