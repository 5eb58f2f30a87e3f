"""Notifications signed with a shared secret and a time: an HMAC-SHA-256 over the seconds and the raw bytes, as many providers do it.

Rules
- the header is `t=<seconds>,v1=<hex>`, with exactly these two parts; the signed bytes are `<seconds>.<body>`;
- the comparison takes the same time whether or not it fits;
- a signature is good for as long as the tolerance, before and after; an older notification is a replay.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from shopwright.payments.errors import BadNotification

TOLERANCE = timedelta(seconds=300)
"""How far the time of a signature may be from the time of arrival."""


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """The header that signs these bytes at this time."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={_digest(secret, seconds, body)}"


def verify(header: str, secret: str, body: bytes, *, at: datetime, tolerance: timedelta = TOLERANCE) -> datetime:
    """When it was signed; raises `BadNotification` unless the header signs these bytes and is fresh at this time."""
    parts = header.split(",")
    if len(parts) != 2 or not parts[0].startswith("t=") or not parts[1].startswith("v1="):
        raise BadNotification("the signature must read t=<seconds>,v1=<hex>")
    seconds, given = parts[0][2:], parts[1][3:]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise BadNotification("the time of the signature must be whole seconds since 1970")
    if not hmac.compare_digest(_digest(secret, seconds, body).encode(), given.encode("utf-8", "surrogatepass")):
        raise BadNotification("the signature does not fit the body")
    signed_at = datetime.fromtimestamp(int(seconds), UTC) if int(seconds) < 2**35 else datetime.max.replace(tzinfo=UTC)
    if abs(at - signed_at) > tolerance:
        raise BadNotification(f"the signature is from another time than the arrival; at most {tolerance} between them is fine")
    return signed_at


def _digest(secret: str, seconds: str, body: bytes) -> str:
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, sha256).hexdigest()
