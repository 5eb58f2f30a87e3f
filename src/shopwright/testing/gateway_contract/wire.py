"""A bad wire: a server of this machine that stands between a gateway and its provider, and lets an exchange end in each way that wires end in.

Rules
- it listens on 127.0.0.1, and ends with the block that opened it;
- a fault that comes after the request passes the request on first, so that money moves, and then spoils the answer;
- it counts the requests that reached it, for a gateway that repeats by itself would be seen here and nowhere else.
"""

from __future__ import annotations

import socket
import ssl
import struct
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.ports.gateway import PaymentGateway

WAIT = timedelta(seconds=7)
"""How long a client that asks too much is asked to wait."""
BITS = 16
"""How many bits of an answer are changed, one at a time."""
TRICKLED = 400
"""How many bytes trickle, one each hundredth of a second: longer than anybody waits."""
PATIENCE = timedelta(seconds=10)
"""How long a gateway on this wire waits for an answer."""
OF_SILENCE = timedelta(milliseconds=200)
"""How long it waits where none will come."""


class Fault(StrEnum):
    """How an exchange ends."""

    NONE = "none"
    REFUSED = "refused"
    UNKNOWN_HOST = "unknown_host"
    UNTRUSTED = "untrusted"
    WRONG_HOST = "wrong_host"
    OLD_TLS = "old_tls"
    RESET = "reset"
    SILENCE = "silence"
    TRUNCATED = "truncated"
    ERROR_500 = "error_500"
    ERROR_502 = "error_502"
    NOT_ITS_OWN = "not_its_own"
    FOREIGN_CHARSET = "foreign_charset"
    HUGE = "huge"
    TRICKLE = "trickle"
    """The answer comes byte by byte, and never ends in time."""
    TOO_MANY = "too_many"
    """Turned away unprocessed: status 429, and how long to wait."""
    ALTERED = "altered"
    """The answer is the provider's, but for one bit; each time another."""


NEVER_LEAVES = (Fault.REFUSED, Fault.UNKNOWN_HOST)
"""The request provably never left."""
WRONG_CERTIFICATES = (Fault.UNTRUSTED, Fault.WRONG_HOST, Fault.OLD_TLS)
"""Nobody on the other side may be trusted with a request."""
NOBODY_KNOWS = (
    Fault.RESET,
    Fault.SILENCE,
    Fault.TRUNCATED,
    Fault.ERROR_500,
    Fault.ERROR_502,
    Fault.NOT_ITS_OWN,
    Fault.FOREIGN_CHARSET,
    Fault.HUGE,
)
"""The provider has it, or has not."""
_STATUS = {Fault.ERROR_500: 500, Fault.ERROR_502: 502, Fault.TOO_MANY: 429}
_BODIES = {
    Fault.ERROR_500: b"",
    Fault.ERROR_502: b"<html>Bad Gateway</html>",
    Fault.NOT_ITS_OWN: b"<html>You are not online. Please sign in to the network of this hotel.</html>",
    Fault.FOREIGN_CHARSET: '{"status": "done", "betaald": "één"}'.encode("utf-16"),
    Fault.HUGE: b" " * 3_000_000,
    Fault.TOO_MANY: b"{}",
}


@frozen
class Wire:
    """Where a gateway finds this wire: `trust` are the certificate authorities that count on it, and are set where it is encrypted."""

    host: str
    port: int
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    patience: timedelta = PATIENCE

    @property
    def url(self) -> str:
        """`http://127.0.0.1:40001`, without a path."""
        return f"{'http' if self.trust is None else 'https'}://{self.host}:{self.port}"


@runtime_checkable
class WiredStage(Protocol):
    """What a stage has beside a `GatewayStage` when its gateway speaks HTTP; then the kit spoils its wire in every way."""

    @property
    def provider_at(self) -> tuple[str, int]:
        """Where the fake of the provider listens, without TLS: host and port."""
        ...

    def through(self, wire: Wire) -> PaymentGateway:
        """Another gateway object with the same account, which finds the provider at `wire`, trusts `wire.trust`, and waits `wire.patience`."""
        ...


class BadWire(ThreadingHTTPServer):
    """The server in between. `requests` are the bodies that reached it, `trickled` counts the bytes of answers that came one by one."""

    daemon_threads = True

    def __init__(self, fault: Fault, provider: tuple[str, int], *, passes_on: bool, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault, self.provider, self.passes_on, self.tls = fault, provider, passes_on, tls
        self.requests: list[bytes] = []
        self.trickled = 0
        self.over = Event()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Encrypt in the thread of the request, so that a client who breaks off keeps nobody else waiting."""
        if self.tls is None:
            super().finish_request(request, client_address)
            return
        request.settimeout(PATIENCE.total_seconds())
        try:
            encrypted = self.tls.wrap_socket(request, server_side=True)
        except OSError:
            return  # the client does not trust us, which is what the test is about
        with encrypted:
            super().finish_request(encrypted, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client who leaves in the middle is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    server: BadWire

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append(body)
        fault = self.server.fault
        status, headers, answer = self._passed_on(body) if self.server.passes_on else (200, [], b"{}")
        if fault is Fault.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        if fault is Fault.SILENCE:
            self.server.over.wait(30)
            return
        answer = _BODIES.get(fault, answer)
        if fault is Fault.ALTERED:
            answer = _altered(answer, len(self.server.requests))
        self.send_response(_STATUS.get(fault, status))
        if fault is Fault.TOO_MANY:
            self.send_header("Retry-After", str(int(WAIT.total_seconds())))
        for name, value in headers:
            if name.lower() not in {"content-length", "connection", "transfer-encoding", "server", "date"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(TRICKLED if fault is Fault.TRICKLE else len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        if fault is Fault.TRICKLE:
            self._trickle()
            return
        self.wfile.write(answer[: len(answer) // 2] if fault is Fault.TRUNCATED else answer)

    def _trickle(self) -> None:
        """One byte after the other, until somebody has had enough."""
        for _ in range(TRICKLED):
            if self.server.over.wait(0.01):
                return
            self.wfile.write(b" ")
            self.server.trickled += 1

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  # the names that the server looks for

    def _passed_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = HTTPConnection(*self.server.provider, timeout=10)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in {"connection", "content-length"}}
            connection.request(self.command, self.path, body=body or None, headers=headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        except (OSError, HTTPException):
            return 502, [], b""
        finally:
            connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that the server calls it by
        """Stay quiet."""


def _altered(answer: bytes, nth: int) -> bytes:
    """The answer with one bit changed, each time another."""
    if not answer:
        return b"{}"
    place = (2 * nth - 1) * len(answer) // (2 * BITS) % len(answer)
    return answer[:place] + bytes([answer[place] ^ 1]) + answer[place + 1 :]


@contextmanager
def bad_wire(stage: WiredStage, fault: Fault, *, passes_on: bool = True, encrypted: bool = False) -> Iterator[tuple[PaymentGateway, list[bytes]]]:
    """A gateway whose exchanges end like this, and the requests that reached the wire."""
    if fault in NEVER_LEAVES:
        host = "127.0.0.1" if fault is Fault.REFUSED else "no-such-host.invalid"
        trust = ssl.create_default_context() if fault is Fault.UNKNOWN_HOST else None  # without TLS some gateways stay on this machine
        yield stage.through(Wire(host, _closed_port(), trust)), []
        return
    with served(stage, fault, passes_on=passes_on, encrypted=encrypted) as (gateway, server):
        yield gateway, server.requests


@contextmanager
def served(stage: WiredStage, fault: Fault, *, passes_on: bool = True, encrypted: bool = False) -> Iterator[tuple[PaymentGateway, BadWire]]:
    """The same for faults that are the server's, with the server itself."""
    certificates = _certificates(fault) if encrypted or fault in WRONG_CERTIFICATES else (None, None)
    with ExitStack() as stack:
        server = stack.enter_context(BadWire(fault, stage.provider_at, passes_on=passes_on, tls=certificates[0]))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        stack.callback(server.over.set)
        patience = OF_SILENCE if fault in (Fault.SILENCE, Fault.TRICKLE) else PATIENCE
        yield stage.through(Wire("127.0.0.1", int(server.server_address[1]), certificates[1], patience)), server


def _certificates(fault: Fault) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What the server shows, and whom the gateway trusts."""
    import trustme

    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown = trustme.CA() if fault is Fault.UNTRUSTED else authority
    shown.issue_cert("elsewhere.example" if fault is Fault.WRONG_HOST else "127.0.0.1").configure_cert(server)
    if fault is Fault.OLD_TLS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            server.minimum_version, server.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        server.set_ciphers("ALL:@SECLEVEL=0")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return server, trust


def _closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
