"""The wire to Alipay, the only I/O of the adapter: one signed request, one verified answer.

Rules
- until the connection stands nothing was sent (`NotSent`); from then on nobody knows (`Indeterminate`); certificate and host name are checked;
- nothing is repeated here: a flow queries by the key first, and repeats with the same key;
- an answer counts once its signature fits its own bytes; of unsigned ones only the few that say who we are not are believed;
- a bill is fetched over TLS from a host of Alipay, from an address that stood in a signed answer.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from attrs import frozen

from shopwright.adapters.alipay.codes import ERRORS
from shopwright.adapters.alipay.messages import Answer, Ask, codes
from shopwright.adapters.alipay.settings import AlipaySettings
from shopwright.adapters.alipay.signing import content, sign, signed_by_any
from shopwright.adapters.calling import connection_to, exchange
from shopwright.payments.errors import Indeterminate, Misconfigured, Throttled

MOST_BYTES = 1_000_000
MOST_BILL_BYTES = 200_000_000
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}


@frozen
class AlipayClient:
    """Asks the gateway of these settings. Safe to share between threads: each request has a connection of its own.

    `trust` replaces the certificate authorities of the system, for a proxy that has its own.
    """

    settings: AlipaySettings
    trust: ssl.SSLContext | None = None

    def ask(self, ask: Ask, *, at: datetime) -> Answer:
        """The verified answer to a request, whatever it says. Raises `NotSent`, `Indeterminate`, `Throttled`, `Misconfigured`."""
        fields = self.signed_fields(ask, at=at)
        business = urlencode({"biz_content": fields.pop("biz_content")}).encode()
        address = urlsplit(self.settings.gateway)
        return self.read(ask.method, self._send("POST", address, f"{address.path}?{urlencode(fields)}", business, MOST_BYTES))

    def page(self, ask: Ask, *, at: datetime) -> str:
        """The address of a page that the buyer is sent to; it carries the whole request, and nothing is sent by us."""
        return f"{self.settings.gateway}?{urlencode(self.signed_fields(ask, at=at))}"

    def fetch(self, url: str) -> bytes:
        """A file that an answer has named. Raises `Indeterminate` for an address that is none of Alipay's."""
        address = urlsplit(url)
        host, ours = address.hostname or "", urlsplit(self.settings.gateway)
        of_alipay = address.scheme == "https" and host.endswith((".alipay.com", ".alipaydev.com"))
        if not of_alipay and (address.scheme, address.netloc) != (ours.scheme, ours.netloc):
            raise Indeterminate("the bill is said to be on a host that is none of Alipay's", raw_code="host")
        return self._send("GET", address, f"{address.path}?{address.query}", None, MOST_BILL_BYTES)

    def signed_fields(self, ask: Ask, *, at: datetime) -> dict[str, str]:
        """All fields of a request, with the signature."""
        fields = ask.fields(self.settings.app_id, at=at)
        return {**fields, "sign": sign(content(fields), self.settings.signing_key)}

    def read(self, method: str, body: bytes) -> Answer:
        """The business part of a response, once its signature fits. Raises `Indeterminate` and `Misconfigured`."""
        try:
            text = body.decode("utf-8")
            outer = json.loads(text)
            name = next(key for key in (method.replace(".", "_") + "_response", "error_response") if key in outer)
            part, answer = _part(text, name)
            signature = outer.get("sign", "")
        except (ValueError, StopIteration, TypeError, AttributeError, RecursionError) as error:
            raise Indeterminate("the response is not one of Alipay", raw_code="unreadable") from error
        if isinstance(signature, str) and signature and signed_by_any(part, signature, self.settings.verifying_keys):
            return answer
        if not signature and ERRORS.get(codes(answer)[1]) is Misconfigured:
            raise Misconfigured(f"Alipay does not know us: {codes(answer)[1]}; check app_id and keys", raw_code=codes(answer)[1])
        raise Indeterminate("the signature does not fit the response; check alipay_public_key", raw_code="signature")

    def connection(self, address: SplitResult) -> HTTPConnection:
        """A connection to this address that is not open yet."""
        return connection_to(address, wait=self.settings.connect, trust=self.trust)

    def _send(self, verb: str, address: SplitResult, target: str, body: bytes | None, most: int) -> bytes:
        reply = exchange(self.connection(address), verb, target, body, _FORM, wait=self.settings.read, most=most)
        if reply.status == 429:
            raise Throttled("Alipay asks to wait", retry_after=reply.retry_after, raw_code="429")
        if reply.status != 200:
            raise Indeterminate(f"expected status 200, got status {reply.status}", raw_code=str(reply.status))
        return reply.body


def _part(text: str, name: str) -> tuple[str, Mapping[str, Any]]:
    """The bytes of the signed part as they came, and what they say."""
    begin = text.index("{", text.index(f'"{name}"') + len(name) + 2)
    answer, end = json.JSONDecoder().raw_decode(text, begin)
    if not isinstance(answer, dict):
        raise ValueError(name)
    return text[begin:end], answer
