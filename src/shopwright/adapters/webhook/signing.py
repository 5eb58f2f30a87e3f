"""The signature of a webhook, made and checked: HMAC-SHA-256 over id, time and body, as Standard Webhooks has it.

Rules
- WEBHOOK-1: the signed bytes are `<webhook-id>.<webhook-timestamp>.<body>`, so nothing of the three can be exchanged;
- WEBHOOK-2: a signature is made with every secret of the sender, parted by a space, and is good if it fits any secret of the receiver: a new secret
  is given to the receiver, then to the sender, then the old one is taken from both, and nothing is lost in between;
- WEBHOOK-3: what was signed longer ago, or further ahead, than `TOLERANCE` is refused, whatever its signature;
- WEBHOOK-4: a request that comes twice within the tolerance has the same id: whoever receives it keeps the ids that it has dealt with;
- signatures are compared in the same time whether or not they fit, and bytes are never read as JSON before they are checked.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from attrs import field, frozen

from shopwright.edges import aware
from shopwright.errors import InvalidValue, Misuse

TOLERANCE = timedelta(minutes=5)
"""How far the time of a signature may be from the time of arrival."""

_PREFIX = "whsec_"
_MOST_SIGNATURES = 20


class BadWebhook(Misuse):
    """A request that is not from the sender, was changed on the way, or is too old: answer 400, and do nothing of what it says."""


@frozen(kw_only=True)
class Received:
    """A request that was checked: `id` is the same when it comes again; `signed_at` is when it was sent. `data` is its body as the sender wrote it:
    `type`, `timestamp`, and `data` with `stream`, `key`, `number` and `facts`.
    """

    id: str
    signed_at: datetime = field(validator=aware)
    data: Mapping[str, Any] = field(repr=False)


def new_secret() -> str:
    """A secret that nobody can guess, `whsec_` and 32 bytes as base64: one for each receiver."""
    return _PREFIX + b64encode(token_bytes(32)).decode()


def key_of(secret: object) -> bytes:
    """The bytes of a secret. Raises `InvalidValue`, which never tells it, unless it is `whsec_` and 24 to 64 bytes as base64."""
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True) if isinstance(secret, str) and secret.startswith(_PREFIX) else b""
    except BadBase64:
        key = b""
    if not 24 <= len(key) <= 64:
        raise InvalidValue(f"expected a secret as {_PREFIX} and 24 to 64 bytes in base64; make one with new_secret()")
    return key


def signed_headers(id: str, body: bytes, secrets: Iterable[str], *, at: datetime) -> dict[str, str]:
    """The three headers that sign this body at this time, with each secret (WEBHOOK-2). Raises `InvalidValue` for what is no secret."""
    seconds = str(int(at.timestamp()))
    signatures = [f"v1,{b64encode(_digest(key_of(secret), id, seconds, body)).decode()}" for secret in secrets]
    return {"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}


def verify(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], *, at: datetime, tolerance: timedelta = TOLERANCE) -> Received:
    """What was sent, if it was signed with one of these secrets, a short while ago, and is as it was. `body` are the raw bytes of the request.

    Raises `BadWebhook` otherwise, and `InvalidValue` for what is no secret, no bytes, or a time without a zone.
    """
    keys = [key_of(secret) for secret in secrets]
    if not keys:
        raise InvalidValue("verify needs at least one secret")
    if not isinstance(body, bytes):
        raise InvalidValue(f"expected the raw bytes of the request, got {type(body).__name__}; read them before anything parses them")
    if at.utcoffset() is None:
        raise InvalidValue(f"at must be an aware datetime, got {at!r}")
    told = {name.lower(): value for name, value in headers.items()}
    id, seconds, given = (told.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not id or len(id) > 200 or not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        raise BadWebhook("expected the headers webhook-id, and webhook-timestamp with whole seconds since 1970")
    signed = [each for each in given.split(" ")[:_MOST_SIGNATURES] if each.startswith("v1,")]
    wanted = [f"v1,{b64encode(_digest(key, id, seconds, body)).decode()}" for key in keys]
    fits = [hmac.compare_digest(one.encode(), each.encode("utf-8", "surrogatepass")) for one in wanted for each in signed]
    if not any(fits):
        raise BadWebhook("no signature fits: it is not from the sender, or was changed on the way")
    signed_at = datetime.fromtimestamp(int(seconds), UTC)
    if abs(at - signed_at) > tolerance:
        raise BadWebhook(f"it was signed at {signed_at}, more than {tolerance} from now: an old request, or a clock that is wrong")
    return Received(id=id, signed_at=signed_at, data=_read(body))


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BadWebhook("the body is no JSON") from error
    if not isinstance(found, dict):
        raise BadWebhook(f"expected a JSON object, got {type(found).__name__}")
    return found


def _digest(key: bytes, id: str, seconds: str, body: bytes) -> bytes:
    return hmac.new(key, f"{id}.{seconds}.".encode("utf-8", "surrogatepass") + body, sha256).digest()
