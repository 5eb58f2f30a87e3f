"""WeChat Pay on a port of this machine: it checks every signature we make, and signs every answer and callback, so that a shop can be tried whole.

    with WechatSimulator.open(clock=SystemClock()) as simulator:
        gateway = WechatGateway(simulator.settings)

Rules
- it listens on 127.0.0.1 only, and has keys of its own, made when it opens;
- it signs with its public key or, with `certificates`, with platform certificates, of which `rotate` begins a new one;
- the buyer pays by `POST /buyer/<order number>` or `provider.approve`;
- `strike` lets the next request end in trouble; `notifications` tells everything that was pushed so far, signed now.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha1
from http.server import BaseHTTPRequestHandler
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from shopwright.adapters.loopback import LoopbackServer
from shopwright.adapters.rsa import new_key, private_text, public_text, sign, signed
from shopwright.adapters.troubles import RETRY_AFTER, Trouble
from shopwright.adapters.wechat import papers
from shopwright.adapters.wechat.client import ALGORITHM
from shopwright.adapters.wechat.messages import wire_time
from shopwright.adapters.wechat.provider import APP_ID, MERCHANT_ID, MOBILE_APP_ID, Movement, SimulatedWechat, Words
from shopwright.adapters.wechat.settings import WechatSettings
from shopwright.adapters.wechat.signing import SCHEMA, answer_text, request_text
from shopwright.payments.notifications import RawNotification
from shopwright.ports.clock import Clock

API_V3_KEY, SERIAL, KEY_ID = "0123456789abcdef0123456789abcdef", "5157F09EFDC096DE15EBE81A47057A72", "PUB_KEY_ID_0000000000000024101100397200000006"
_MOST, _PATIENCE = 1_000_000, 300
_EVENTS = {"paid": "TRANSACTION.SUCCESS", "success": "REFUND.SUCCESS", "closed": "REFUND.CLOSED", "abnormal": "REFUND.ABNORMAL"}


@frozen
class Signer:
    """A key of the simulator, and the certificate of it where it has one."""

    key: RSAPrivateKey
    serial: str
    pem: str = ""


class WechatSimulator:
    """A `SimulatedWechat` behind a socket. `settings` are those of the one merchant that it knows."""

    def __init__(
        self,
        provider: SimulatedWechat,
        *,
        port: int = 0,
        keys: tuple[RSAPrivateKey, RSAPrivateKey] | None = None,
        certificates: bool = False,
    ) -> None:
        merchant, ours = keys or (new_key(), new_key())
        self.provider, self._lock = provider, Lock()
        self._trouble: Trouble | None = None
        self.public = ""
        """Where the world reaches it, if something stands in between."""
        self._merchant = merchant.public_key()
        self.signers = [self._certified(ours, 1) if certificates else Signer(ours, KEY_ID)]
        self.server = LoopbackServer(port, _handler(self))
        self.settings = WechatSettings(
            app_id=APP_ID,
            mobile_app_id=MOBILE_APP_ID,
            merchant_id=MERCHANT_ID,
            serial=SERIAL,
            private_key=private_text(merchant),
            api_v3_key=API_V3_KEY,
            public_key=None if certificates else public_text(ours),
            public_key_id=None if certificates else KEY_ID,
            notify_url="https://shop.example/notify",
            profit_sharing=True,
            gateway=self.address,
            refund_window=provider.refund_window,
        )

    @classmethod
    @contextmanager
    def open(
        cls, *, clock: Clock, port: int = 0, keys: tuple[RSAPrivateKey, RSAPrivateKey] | None = None, certificates: bool = False
    ) -> Iterator[WechatSimulator]:
        """A simulator that answers until the block ends."""
        simulator = cls(SimulatedWechat(clock=clock), port=port, keys=keys, certificates=certificates)
        with simulator.server.serving():
            yield simulator

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.server.address

    def rotate(self, key: RSAPrivateKey | None = None) -> Signer:
        """Begin to sign with a new platform certificate; the old one stays listed."""
        self.signers.append(self._certified(key or new_key(), len(self.signers) + 1))
        return self.signers[-1]

    def strike(self, trouble: Trouble) -> None:
        """Let the next request to the gateway end in this trouble. `NOT_SENT` is not in the hands of a server."""
        self._trouble = trouble

    def struck(self) -> Trouble | None:
        """The trouble of this request, if it has one."""
        with self._lock:
            trouble, self._trouble = self._trouble, None
        return trouble

    def handled(self, verb: str, target: str, body: bytes, authorization: str) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of the answer to a request. One that the merchant has not signed gets an answer that is not signed."""
        if not self._is_merchant(verb, target, body, authorization):
            return 401, _json({"code": "SIGN_ERROR", "message": "the signature does not fit"}), {}
        address = urlsplit(target)
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        if address.path == "/v3/billdownload/file":
            return 200, papers.bill(self.provider, query.get("kind", ""), query.get("day", "")), {}
        status, words = self._answer(verb, address.path, query, body)
        told = b"" if words is None else _json(words)
        return status, told, self.signature(told)

    def signature(self, body: bytes, *, at: datetime | None = None) -> dict[str, str]:
        """The headers that vouch for a body."""
        signer, nonce = self.signers[-1], secrets.token_hex(16)
        timestamp = str(int((at or self.provider.clock.now()).timestamp()))
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": sign(answer_text(timestamp, nonce, body), signer.key),
            "Wechatpay-Serial": signer.serial,
            "Wechatpay-Signature-Type": SCHEMA,
        }

    def notifications(self, *, after: int = 0) -> Sequence[RawNotification]:
        """Everything that is pushed, from the first or behind the first so many, signed now."""
        moves = enumerate(self.provider.moved[after:], after + 1)
        return [self.pushed(_EVENTS[move.kind], self._told(move), number=number) for number, move in moves]

    def noise(self) -> RawNotification:
        """A genuine notification that is not about a payment."""
        return self.pushed("PAYSCORE.USER_OPEN_SERVICE", {"mchid": MERCHANT_ID, "appid": APP_ID}, original="payscore")

    def pushed(self, event: str, resource: Mapping[str, Any], *, original: str | None = None, number: int = 0) -> RawNotification:
        """These words as WeChat Pay pushes them, encrypted and signed."""
        now, name = self.provider.clock.now(), original or event.split(".", maxsplit=1)[0].lower()
        told = {
            "id": f"EV-{number:032d}",
            "create_time": wire_time(now),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": event.lower(),
            "resource": {"original_type": name, **sealed(_json(resource), associated=name)},
        }
        body = _json(told)
        return RawNotification(headers={"Content-Type": "application/json", **self.signature(body)}, body=body, received_at=now)

    def _told(self, move: Movement) -> Words:
        if move.refund is None:
            told = {**self.provider.told(move.trade), "trade_state": "SUCCESS", "trade_state_desc": "success"}
            return told | {"attach": ""}
        told = {**self.provider.refund_told(move.trade, move.refund), "mchid": MERCHANT_ID, "refund_status": move.kind.upper()}
        for name in ("status", "create_time", "channel"):
            told.pop(name)
        return told

    def _is_merchant(self, verb: str, target: str, body: bytes, authorization: str) -> bool:
        schema, _, rest = authorization.partition(" ")
        told = {name.strip(): value.strip('"') for name, _, value in (pair.partition("=") for pair in rest.split(","))}
        timestamp, nonce = told.get("timestamp", ""), told.get("nonce_str", "")
        if schema != SCHEMA or told.get("mchid") != MERCHANT_ID or told.get("serial_no", "").upper() != SERIAL or not timestamp.isdigit():
            return False
        fresh = abs(self.provider.clock.now().timestamp() - int(timestamp)) <= _PATIENCE
        return fresh and signed(request_text(verb, target, timestamp, nonce, body), told.get("signature", ""), self._merchant)

    def _answer(self, verb: str, path: str, query: dict[str, str], body: bytes) -> tuple[int, Words | None]:
        if path == "/v3/certificates":
            return 200, {"data": [self._listed(signer) for signer in self.signers if signer.pem]}
        if path in papers.KINDS and f"{verb} {path}" not in self.provider.denied:
            return self._bill_answer(papers.KINDS[path], query.get("bill_date", ""))
        try:
            words = json.loads(body) if body else {}
        except ValueError:
            return 400, {"code": "PARAM_ERROR", "message": "no JSON"}
        return self.provider.answer(verb, path, query, words)

    def _bill_answer(self, kind: str, day: str) -> tuple[int, Words]:
        if not papers.is_there(self.provider, day):
            return 400, {"code": "NO_STATEMENT_EXIST", "message": "there is no bill of this day"}
        digest = sha1(papers.bill(self.provider, kind, day), usedforsecurity=False).hexdigest()
        where = f"{self.public or self.address}/v3/billdownload/file?kind={kind}&day={day}"
        return 200, {"hash_type": "SHA1", "hash_value": digest, "download_url": where}

    def _certified(self, key: RSAPrivateKey, number: int) -> Signer:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated WeChat Pay")])
        now, serial = self.provider.clock.now(), 0x7A35F8C1 << 128 | number
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(serial)
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1_825))
        return Signer(key, f"{serial:X}", made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode())

    def _listed(self, signer: Signer) -> Words:
        now = self.provider.clock.now()
        return {
            "serial_no": signer.serial,
            "effective_time": wire_time(now - timedelta(days=1)),
            "expire_time": wire_time(now + timedelta(days=1_825)),
            "encrypt_certificate": sealed(signer.pem.encode(), associated="certificate"),
        }


def sealed(plain: bytes, *, associated: str) -> dict[str, str]:
    """Bytes encrypted with the merchant's APIv3 key, as they stand in a resource."""
    nonce = secrets.token_hex(6)
    ciphertext = AESGCM(API_V3_KEY.encode()).encrypt(nonce.encode(), plain, associated.encode())
    return {"algorithm": ALGORITHM, "nonce": nonce, "associated_data": associated, "ciphertext": b64encode(ciphertext).decode()}


def _json(words: Mapping[str, Any]) -> bytes:
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()


def _handler(simulator: WechatSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers one request."""

        timeout = 10

        def do_GET(self) -> None:
            """A question, or a bill."""
            self._gateway(b"")

        def do_POST(self) -> None:
            """A request to the gateway, or a buyer who pays."""
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _MOST))
            path = urlsplit(self.path).path
            if path.startswith("/buyer/"):
                paid = simulator.provider.approve(path.removeprefix("/buyer/"))
                self._say(200 if paid else 409, b"paid" if paid else b"nothing to pay", {"Content-Type": "text/plain"})
                return
            self._gateway(body)

        def _gateway(self, body: bytes) -> None:
            trouble = simulator.struck()
            if trouble is Trouble.THROTTLED:
                told = _json({"code": "FREQUENCY_LIMITED", "message": "ask less often"})
                self._say(429, told, {"Retry-After": str(int(RETRY_AFTER.total_seconds()))})
                return
            if trouble is Trouble.LOST_NOT_APPLIED:
                return
            status, told, headers = simulator.handled(self.command, self.path, body, self.headers.get("Authorization") or "")
            if trouble is not Trouble.LOST_APPLIED:
                self._say(status, told, headers)

        def _say(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing: an address may hold a number of an order."""

    return Handler
