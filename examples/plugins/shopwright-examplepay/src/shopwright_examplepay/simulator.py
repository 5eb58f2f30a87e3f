"""ExamplePay itself, small: an HTTP server on the loopback, one sandbox account per API key.

The money rules are those of Shopwright's fake provider; this module speaks ExamplePay's language in front of them, and breaks
connections where a sandbox is told to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from shopwright.adapters.fake_gateway import EVERYTHING, FakeGateway, FakeProvider
from shopwright.adapters.signatures import signature
from shopwright.adapters.troubles import Trouble
from shopwright.errors import ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import GatewayError, GatewayKeyConflict, InvalidState, NotFound
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import Flow, OperationKey
from shopwright.payments.outcomes import ActionRequired, Declined, Done, InProgress, Outcome, Redirect
from shopwright.payments.requests import RefundPart, StartPayment
from shopwright.ports.clock import Clock

from shopwright_examplepay.messages import BUCKETS, DECLINES, KINDS, SIGNATURE, HttpResponse
from shopwright_examplepay.settings import Settings

CODES = {reason: code for code, (reason, _advice) in DECLINES.items()}
EVENTS = {kind.value: word for word, kind in KINDS.items()}


class Sandbox:
    """One account at ExamplePay. `provider` is its truth, `trouble` strikes the next request."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.provider = FakeProvider(clock=clock, capabilities=EVERYTHING)
        self.trouble: Trouble | None = None
        self._bank = FakeGateway(self.provider)
        self._lock = Lock()

    def strike(self) -> Trouble | None:
        """Take the trouble that is meant for this request."""
        with self._lock:
            trouble, self.trouble = self.trouble, None
            return trouble

    def answer(self, method: str, target: str, body: dict[str, Any]) -> HttpResponse:
        """Serve one request."""
        try:
            return _json(200, self._served(method, target, body))
        except NotFound as error:
            return _json(404, {"error": "not_found", "message": str(error)})
        except GatewayKeyConflict as error:
            return _json(409, {"error": "key_reused", "message": str(error)})
        except InvalidState as error:
            return _json(409, {"error": "invalid_state", "message": str(error)})
        except (GatewayError, ShopwrightError, KeyError, ValueError) as error:
            return _json(422, {"error": "invalid_request", "message": str(error)})

    def _served(self, method: str, target: str, body: dict[str, Any]) -> dict[str, Any]:
        url = urlsplit(target)
        match (method, [unquote(part) for part in url.path.split("/")[3:]]):
            case "POST", []:
                return self._told(self._bank.start(self._start(body)))
            case "GET", []:
                return self._told(self._bank.query(key=OperationKey(parse_qs(url.query)["key"][0])))
            case "GET", [reference]:
                return self._told(self._bank.query(reference=reference))
            case "POST", [reference, "capture"]:
                return self._told(self._bank.capture(_key(body), reference, _amount(body), final=body["final"]))
            case "POST", [reference, "void"]:
                return self._told(self._bank.void(_key(body), reference))
            case "POST", [reference, "refunds"]:
                total = Money.of(body["total"], body["currency"])
                return self._told(self._bank.refund(RefundPart(key=_key(body), payment=reference, amount=_amount(body), of_total=total)))
            case "GET", [reference, "refunds", key]:
                return self._told(self._bank.query_refund(reference, OperationKey(key)))
        raise NotFound(f"there is nothing at {method} {url.path}")

    def _start(self, body: dict[str, Any]) -> StartPayment:
        return StartPayment(
            key=_key(body),
            amount=_amount(body),
            description=body["description"],
            flow=Flow(body["flow"]),
            capture=body["capture"],
            source_token=body.get("source"),
            expires_at=datetime.fromisoformat(body["expires_at"]) if "expires_at" in body else None,
            at=self.provider.clock.now(),
        )

    def _told(self, outcome: Outcome) -> dict[str, Any]:
        match outcome:
            case Done():
                amounts = {name: str(getattr(outcome.totals, name).decimal) for name in BUCKETS}
                at = outcome.occurred_at.isoformat()
                return {"status": "done", "id": outcome.reference, "at": at, "currency": outcome.totals.currency, "totals": amounts}
            case ActionRequired(action=Redirect(url=url)):
                return {"status": "action", "id": outcome.reference, "url": url}
            case InProgress():
                return {"status": "processing", "id": outcome.reference}
            case Declined():
                code = CODES.get(outcome.reason, "no")
                return {"status": "declined", "id": outcome.reference, "code": code, "message": outcome.message}
            case _:
                raise NotFound("ExamplePay has pages and nothing else for a buyer to act on")

    def pushed(self, event: dict[str, Any] | None = None) -> list[RawNotification]:
        """Every event so far as ExamplePay pushes it, or just the one that is given."""
        at = self.provider.clock.now()
        bodies = [self._event(told) for told in self.provider.told()] if event is None else [event]
        found = []
        for body in bodies:
            content = json.dumps(body).encode()
            headers = (("Content-Type", "application/json"), (SIGNATURE, signature(self.settings.signing_secret, content, at=at)))
            found.append(RawNotification(headers=headers, body=content, received_at=at))
        return found

    def _event(self, told: Any) -> dict[str, Any]:
        return {
            "id": f"ev_{told.number}",
            "event": EVENTS.get(told.kind, told.kind),
            "at": told.told_at.isoformat(),
            "account": self.settings.account,
            "payment": told.reference,
            "payment_key": told.payment_key,
            "key": told.key,
            "amount": str(Money(told.amount, told.currency).decimal),
            "currency": told.currency,
            "totals": {name: str(getattr(told.totals, name).decimal) for name in BUCKETS},
        }


class ExamplePayServer(ThreadingHTTPServer):
    """ExamplePay on a port of the loopback; `sandboxes` are its accounts by API key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.sandboxes: dict[str, Sandbox] = {}


@contextmanager
def serving() -> Iterator[ExamplePayServer]:
    """ExamplePay, answering until the block ends."""
    with ExamplePayServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ExamplePayServer

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        sandbox = self.server.sandboxes.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if sandbox is None:
            self._reply(_json(401, {"error": "unauthorized", "message": "there is no such account"}))
            return
        trouble = sandbox.strike()
        if trouble is Trouble.LOST_NOT_APPLIED:
            return  # the connection is closed without a word
        if trouble is Trouble.THROTTLED:
            self._reply(HttpResponse(429, {"Retry-After": "2"}, b"{}"))
            return
        response = sandbox.answer(self.command, self.path, json.loads(content or b"{}"))
        if trouble is not Trouble.LOST_APPLIED:
            self._reply(response)

    do_GET = do_POST = _serve  # noqa: N815  # the names that the server looks for

    def _reply(self, response: HttpResponse) -> None:
        self.send_response(response.status)
        for name, value in (*response.headers.items(), ("Content-Length", str(len(response.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that the server calls it by
        """Stay quiet."""


def _json(status: int, body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "application/json"}, json.dumps(body).encode())


def _key(body: dict[str, Any]) -> OperationKey:
    return OperationKey(body["key"])


def _amount(body: dict[str, Any]) -> Money:
    return Money.of(body["amount"], body["currency"])
