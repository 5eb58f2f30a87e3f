"""The wire to WeChat Pay, the only I/O of the adapter: one signed request, one verified answer.

Rules
- an answer counts once its signature fits its own bytes, by a key of WeChat Pay that is known, and is fresh; of unsigned ones only those are
  believed that say who we are not, or ask to wait;
- nothing is repeated here, except that certificates are looked up once for a serial that nobody knows;
- a bill is fetched from the gateway, from an address that stood in a signed answer, and its hash must be the one that stood there.
"""

from __future__ import annotations

import hmac
import json
import secrets
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import sha1
from http.client import HTTPConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from attrs import Factory, field, frozen

from shopwright.adapters.calling import Reply, connection_to, exchange
from shopwright.adapters.rsa import sign
from shopwright.adapters.wechat.certificates import PlatformCertificate, PlatformKeys, read_certificate
from shopwright.adapters.wechat.codes import UNSIGNED, failure
from shopwright.adapters.wechat.messages import CERTIFICATES, Answer, Ask
from shopwright.adapters.wechat.proofs import HEADERS, Proof
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.adapters.wechat.signing import SCHEMA, decrypted, request_text
from shopwright.errors import InvalidValue
from shopwright.payments.errors import GatewayError, Indeterminate, Misconfigured, NotSent, Throttled

MOST_BYTES = 1_000_000
MOST_BILL_BYTES = 200_000_000
ALGORITHM = "AEAD_AES_256_GCM"


def _keys(client: WechatClient) -> PlatformKeys:
    of = client.settings
    return PlatformKeys(key=of.verifying_key, key_id=of.public_key_id, certificates=of.first_certificates, renew_after=of.renew_after)


@frozen
class WechatClient:
    """Asks the gateway of these settings. Safe to share between threads: each request has a connection of its own.

    `trust` replaces the certificate authorities of the system, for a proxy that has its own. `keys` are those of WeChat Pay.
    """

    settings: WechatSettings
    trust: ssl.SSLContext | None = None
    keys: PlatformKeys = field(default=Factory(_keys, takes_self=True), repr=False, eq=False)

    def ask(self, ask: Ask, *, at: datetime) -> Answer:
        """The verified answer to a request, whatever it says. Raises `NotSent`, `Indeterminate`, `Throttled`, `Misconfigured`."""
        try:
            self.renew(at=at)
        except (NotSent, Indeterminate) as error:
            if not self.keys.serials:
                raise NotSent(f"nothing was sent, since nobody could verify the answer: {error}", raw_code=error.raw_code) from error
        reply = self._send(ask, most=MOST_BYTES, at=at)
        if self.keys.named(reply.headers.get("wechatpay-serial", ""), at=at) is None:
            with suppress(GatewayError):  # an answer that cannot be verified says so itself
                self.renew(at=at)
        return self._read(reply, at=at)

    def renew(self, *, at: datetime) -> None:
        """Look up the platform certificates, if it is time to. Raises what `ask` raises; those that are known stay known."""
        if not self.keys.due(at=at):
            return
        reply = self._send(CERTIFICATES, most=MOST_BYTES, at=at)
        if reply.status != 200:
            self._read(reply, at=at)
            raise Indeterminate(f"expected the platform certificates, got status {reply.status}", raw_code=str(reply.status))
        found = [self._opened(each) for each in _list(_words(reply.body), "data")]
        vouched = PlatformKeys(key=None, key_id=None, certificates=found, renew_after=self.settings.renew_after)
        self._verify(reply, vouched, at=at)
        self.keys.learn(found, at=at)

    def fetch(self, url: str, digest: str, *, at: datetime) -> bytes:
        """A bill that an answer has named. Raises `Indeterminate` for an address that is not the gateway's, and for another SHA-1."""
        address, ours = urlsplit(url), urlsplit(self.settings.gateway)
        if (address.scheme, address.netloc) != (ours.scheme, ours.netloc):
            raise Indeterminate("the bill is said to be on a host that is not the gateway", raw_code="host")
        reply = self._send(Ask("GET", f"{address.path}?{address.query}"), most=MOST_BILL_BYTES, at=at)
        if reply.status != 200:
            raise Indeterminate(f"expected the bill, got status {reply.status}", raw_code=str(reply.status))
        if not hmac.compare_digest(sha1(reply.body, usedforsecurity=False).hexdigest(), digest.lower()):
            raise Indeterminate("the bill was cut short or changed on the way: its hash is another one; fetch it again", raw_code="hash")
        return reply.body

    def authorization(self, ask: Ask, *, nonce: str, at: datetime) -> str:
        """The header that vouches for a request."""
        timestamp, of = str(int(at.timestamp())), self.settings
        signature = sign(request_text(ask.verb, ask.target, timestamp, nonce, ask.body), of.signing_key)
        return (
            f'{SCHEMA} mchid="{of.merchant_id}",nonce_str="{nonce}",signature="{signature}",timestamp="{timestamp}",serial_no="{of.serial}"'
        )

    def connection(self, address: SplitResult) -> HTTPConnection:
        """A connection to this address that is not open yet."""
        return connection_to(address, wait=self.settings.connect, trust=self.trust)

    def _send(self, ask: Ask, *, most: int, at: datetime) -> Reply:
        headers = {
            "Authorization": self.authorization(ask, nonce=secrets.token_hex(16), at=at),
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": "shopwright",
        }
        if self.settings.public_key_id is not None:
            headers["Wechatpay-Serial"] = self.settings.public_key_id
        body = ask.body if ask.verb == "POST" else None
        address = urlsplit(self.settings.gateway)
        return exchange(self.connection(address), ask.verb, ask.target, body, headers, wait=self.settings.read, most=most)

    def _read(self, reply: Reply, *, at: datetime) -> Answer:
        """What a reply says, once it is known to be WeChat Pay's."""
        if reply.status == 429:
            raise Throttled("WeChat Pay asks to wait", retry_after=reply.retry_after, raw_code="429")
        if "wechatpay-signature" in reply.headers:
            self._verify(reply, self.keys, at=at)
            return Answer(reply.status, _words(reply.body) if reply.body else {})
        answer = Answer(reply.status, _words(reply.body))
        error = failure(reply.status, answer.code)
        if not answer.is_fine and error in UNSIGNED:
            raise error(f"WeChat Pay answers {answer.code}: {answer.told}; check merchant, serial and keys", raw_code=answer.code)
        raise Indeterminate(f"the answer with status {reply.status} is not signed", raw_code=str(reply.status))

    def _verify(self, reply: Reply, keys: PlatformKeys, *, at: datetime) -> None:
        proof = Proof(*[reply.headers.get(name.lower(), "") for name in HEADERS])
        check = proof.problem(reply.body, keys, at=at, tolerance=self.settings.tolerance)
        if check is not None:
            raise Indeterminate(f"the answer cannot be believed: {check}", raw_code="signature")

    def _opened(self, listed: Mapping[str, Any]) -> PlatformCertificate:
        """A certificate of the list; it is encrypted with the key of our account. Raises `Misconfigured` where that is another one."""
        sealed = listed.get("encrypt_certificate")
        if not isinstance(sealed, dict) or sealed.get("algorithm") != ALGORITHM:
            raise Indeterminate("the list of platform certificates is not one of WeChat Pay", raw_code="certificates")
        words = {name: str(sealed.get(name, "")) for name in ("nonce", "associated_data", "ciphertext")}
        try:
            return read_certificate(decrypted(self.settings.api_v3_key.encode(), **words).decode())
        except (ValueError, InvalidValue) as error:
            raise Misconfigured("the platform certificates do not open; check api_v3_key", raw_code="certificates") from error


def _words(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Indeterminate("the answer is not one of WeChat Pay", raw_code="unreadable")
    return found


def _list(words: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = words.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Indeterminate(f"expected {name} as a list in what WeChat Pay tells", raw_code="shape")
    return found
