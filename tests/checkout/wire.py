"""The wire between a shop and a provider, in the hands of a test: each exchange is counted, and one of them goes wrong as the test says.

A provider behind a port is reached through a relay on 127.0.0.1 that forwards whole requests and answers; one without a port is asked through its
methods, which are counted in the same way. Either way a shop can also die where its exchange was struck.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from enum import StrEnum
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from shopwright.adapters.simulators.face import Simulation
from shopwright.payments.errors import Indeterminate
from shopwright.testing.faults import Crash

PATIENCE = timedelta(milliseconds=500)
"""How long a shop waits for an answer that does not come."""

ASKS = frozenset({"start", "capture", "void", "refund", "query", "query_refund", "split", "ledger"})


class Ill(StrEnum):
    """What becomes of an exchange, and of the shop."""

    LOST = "the request is lost"
    DROPPED = "the answer is lost"
    BROKEN = "the answer is cut short"
    FAILED = "the answer is an error 500"
    SILENT = "no answer comes in time"
    DIES_BEFORE = "the shop dies before it"
    DIES_AFTER = "the shop dies after it"


DIES = frozenset({Ill.DIES_BEFORE, Ill.DIES_AFTER})
_NEVER_ARRIVES = frozenset({Ill.LOST, Ill.DIES_BEFORE})


class Wire:
    """Counts exchanges, and lets the one that it is told go wrong."""

    def __init__(self, target: str = "") -> None:
        self.target, self.address = target, ""
        self.calls: list[str] = []
        self.struck = False
        self.over = Event()
        self._at: int | None = None
        self._ill, self._is_cut = Ill.LOST, False
        self._lock = Lock()

    def strike(self, at: int, ill: Ill) -> None:
        """Let the exchange of this number, counted from the next one as 1, go wrong."""
        with self._lock:
            self.calls, self.struck, self._at, self._ill = [], False, at, ill

    def cut(self) -> None:
        """Let every exchange be lost from now on."""
        with self._lock:
            self._ill, self._is_cut = Ill.LOST, True

    def heal(self) -> None:
        """Nothing goes wrong any more; the count begins anew."""
        with self._lock:
            self.calls, self.struck, self._at, self._is_cut = [], False, None, False

    def arrives(self, name: str) -> Ill | None:
        """Count an exchange; what goes wrong with it."""
        with self._lock:
            self.calls.append(name)
            if len(self.calls) != self._at and not self._is_cut:
                return None
            self.struck = True
            return self._ill

    def gateway(self, simulation: Simulation, *, patience: timedelta | None = None) -> Any:
        """A gateway over this wire; the shop that holds it dies where the wire says so."""
        asked: Any = simulation.gateway(through=self.address, patience=patience) if self.address else _Counted(simulation.gateway(), self)
        return _Mortal(asked, self)

    @property
    def dies(self) -> bool:
        """Whether the shop ends here."""
        return self.struck and self._ill in DIES


class _Counted:
    """A gateway whose methods are the wire."""

    def __init__(self, gateway: Any, wire: Wire) -> None:
        self._gateway, self._wire = gateway, wire

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        return self._exchange(name, found) if name in ASKS else found

    def _exchange(self, name: str, found: Any) -> Any:
        def exchanged(*args: Any, **facts: Any) -> Any:
            ill = self._wire.arrives(name)
            if ill in _NEVER_ARRIVES:
                raise Indeterminate("the request was lost")
            answer = found(*args, **facts)
            if ill is not None:
                raise Indeterminate("the answer was lost")
            return answer

        return exchanged


class _Mortal:
    """A gateway in a shop that dies once its wire was struck by death."""

    def __init__(self, gateway: Any, wire: Wire) -> None:
        self._gateway, self._wire = gateway, wire

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._gateway, name)
        if name not in ASKS:
            return found

        def asked(*args: Any, **facts: Any) -> Any:
            try:
                answer = found(*args, **facts)
                return iter(list(answer)) if name == "ledger" else answer
            finally:
                if self._wire.dies:
                    raise Crash(f"at {name}")

        return asked


@contextmanager
def wired(simulation: Simulation) -> Iterator[Wire]:
    """A wire to this simulation, until the block ends."""
    wire = Wire(simulation.address)
    if not simulation.address:
        yield wire
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), _relay(wire))
    server.daemon_threads = True
    wire.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _relay(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Relay(BaseHTTPRequestHandler):
        """Forwards one request, and brings its answer back, unless something goes wrong with them."""

        protocol_version = "HTTP/1.1"
        timeout = 10

        def _exchange(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            ill = wire.arrives(f"{self.command} {urlsplit(self.path).path}")
            self.close_connection = self.close_connection or ill is not None
            if ill in _NEVER_ARRIVES:
                return
            response, told = self._forwarded(body)
            match ill:
                case None:
                    self._answer(response.status, response, told)
                case Ill.BROKEN:
                    self._answer(response.status, response, told, cut=len(told) // 2)
                case Ill.FAILED:
                    self._answer(500, None, b"")
                case Ill.SILENT:
                    self._wait_until_nobody_listens()
                case _:
                    return

        def do_GET(self) -> None:
            self._exchange()

        def do_POST(self) -> None:
            self._exchange()

        def do_DELETE(self) -> None:
            self._exchange()

        def _forwarded(self, body: bytes) -> tuple[HTTPResponse, bytes]:
            connection = HTTPConnection("127.0.0.1", urlsplit(wire.target).port, timeout=10)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection", "content-length"}}
                connection.request(self.command, self.path, body=body or None, headers={**headers, "Connection": "close"})
                response = connection.getresponse()
                return response, response.read()
            finally:
                connection.close()

        def _answer(self, status: int, response: HTTPResponse | None, told: bytes, *, cut: int | None = None) -> None:
            self.send_response(status)
            for name, value in () if response is None else response.getheaders():
                if name.lower() not in {"connection", "content-length", "transfer-encoding", "date", "server"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told if cut is None else told[:cut])

        def _wait_until_nobody_listens(self) -> None:
            self.connection.settimeout(0.05)
            while not wire.over.is_set():
                with suppress(TimeoutError):
                    if not self.connection.recv(1):
                        return

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    return Relay
