"""Stripe on a port of this machine: it answers the official SDK as Stripe does, and signs every event, so that a shop can be tried whole.

    with StripeSimulator.open(clock=SystemClock()) as simulator:
        gateway = StripeGateway(simulator.settings)

Rules
- it listens on 127.0.0.1 only, and has keys of its own that are worth nothing elsewhere;
- the buyer pays by `POST /buyer/<reference>` (with `method=pm_card_visa` or another word) or by `provider.approve`;
- `strike` lets the next request end in trouble; `notifications` tells everything that was pushed so far, signed now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from shopwright.adapters.signatures import signature
from shopwright.adapters.stripe import simulated as s
from shopwright.adapters.stripe.books import Told, listed
from shopwright.adapters.stripe.notices import HEADER
from shopwright.adapters.stripe.provider import SimulatedStripe
from shopwright.adapters.stripe.settings import StripeSettings
from shopwright.adapters.stripe.simulated import Json, No
from shopwright.adapters.stripe.transfers import transfer_json
from shopwright.adapters.troubles import RETRY_AFTER, Trouble
from shopwright.payments.notifications import RawNotification
from shopwright.ports.clock import Clock

API_KEY, WEBHOOK_SECRET, PUBLISHABLE = "sk_test_simulated4242simulated", "whsec_simulated4242simulated", "pk_test_simulated"
_MOST = 1_000_000
_PART = re.compile(r"\[([^\]]*)\]")
_NOTE = re.compile(r"metadata\['(\w+)'\]:'([^']*)'")


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # a shop asks from many threads at once; the five of the standard library make some wait for a second


class StripeSimulator:
    """A `SimulatedStripe` behind a socket. `settings` are those of the one account that it knows."""

    def __init__(self, provider: SimulatedStripe, *, port: int = 0, multicapture: bool = False, sellers: tuple[tuple[str, str], ...] = ()) -> None:
        self.provider, self._lock = provider, Lock()
        self._trouble: Trouble | None = None
        self.server = _Server(("127.0.0.1", port), _handler(self))
        provider.address = self.address
        self.settings = StripeSettings(
            api_key=API_KEY,
            webhook_secrets=(WEBHOOK_SECRET,),
            publishable_key=PUBLISHABLE,
            api=self.address,
            auth_ttl=provider.auth_ttl,
            multicapture=multicapture,
            shares=bool(sellers),
            sellers=sellers,
        )

    @classmethod
    @contextmanager
    def open(cls, *, clock: Clock, port: int = 0, multicapture: bool = False, sellers: tuple[tuple[str, str], ...] = ()) -> Iterator[StripeSimulator]:
        """A simulator that answers until the block ends."""
        simulator = cls(SimulatedStripe(clock=clock), port=port, multicapture=multicapture, sellers=sellers)
        thread = Thread(target=simulator.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield simulator
        finally:
            simulator.server.shutdown()
            simulator.server.server_close()
            thread.join()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def strike(self, trouble: Trouble) -> None:
        """Let the next request to the API end in this trouble. `NOT_SENT` is not in the hands of a server."""
        self._trouble = trouble

    def struck(self) -> Trouble | None:
        """The trouble of this request, if it has one."""
        with self._lock:
            trouble, self._trouble = self._trouble, None
        return trouble

    def handled(self, method: str, path: str, params: Json, *, key: str) -> tuple[int, bytes]:
        """Status and body for a request of the API."""
        request = json.dumps([method, path, params], sort_keys=True)
        return self.provider.once(key if method == "POST" else "", request, lambda: self._answer(method, path, params))

    def _answer(self, method: str, path: str, params: Json) -> Json:
        for verb, pattern, work in _ROUTES:
            match = re.fullmatch(pattern, path)
            if match and verb == method:
                return work(self.provider, params, *match.groups())
        raise No(404, "", f"Unrecognized request URL ({method}: {path}).")

    def notifications(self, *, after: int = 0) -> Sequence[RawNotification]:
        """Everything that is pushed, from the first or behind the first so many, signed now."""
        with self.provider.lock:
            return [self.pushed(each) for each in self.provider.told[after:]]

    def noise(self) -> RawNotification:
        """A genuine notification that is not about a payment."""
        return self.pushed(Told("evt_noise", "account.updated", self.provider.now, {"id": "acct_1", "object": "account"}, {}))

    def pushed(self, told: Told) -> RawNotification:
        """An event as Stripe pushes it, signed."""
        data: Json = {"object": told.object, **({"previous_attributes": told.before} if told.before else {})}
        event = {
            "id": told.id,
            "object": "event",
            "api_version": self.settings.version,
            "created": told.created,
            "data": data,
            "livemode": False,
            "type": told.type,
        }
        body, now = json.dumps(event, indent=2).encode(), self.provider.clock.now()
        headers = (("Content-Type", "application/json; charset=utf-8"), (HEADER, signature(WEBHOOK_SECRET, body, at=now)))
        return RawNotification(headers=headers, body=body, received_at=now)


def _expand(params: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(params.get("expand", {}).values())


def _searched(provider: SimulatedStripe, params: Json) -> Json:
    wanted = _NOTE.findall(params["query"])
    fits = [each for each in provider.intents.values() if any(each.metadata.get(name) == value for name, value in wanted)]
    return {"object": "search_result", "url": "/v1/payment_intents/search", "data": [s.intent_json(each) for each in fits], "has_more": False}


def _of_payment(rows: Sequence[Any], params: Json) -> list[Any]:
    wanted = params.get("payment_intent")
    return [row for row in rows if wanted is None or row.intent.id == wanted]


def _booked(provider: SimulatedStripe, params: Json) -> list[s.Booking]:
    payout = next((each for each in provider.payouts if each.id == params.get("payout")), None)
    return [line for line in provider.bookings if payout is None or line.id in payout.bookings]


Route = Callable[..., Json]
_ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("POST", "/v1/payment_intents", lambda it, params: s.intent_json(it.create_intent(params), _expand(params))),
    ("GET", "/v1/payment_intents", lambda it, params: listed([s.intent_json(x) for x in it.intents.values()], params)),
    ("GET", "/v1/payment_intents/search", _searched),
    ("GET", r"/v1/payment_intents/(\w+)", lambda it, params, id: s.intent_json(it.intent(id), _expand(params))),
    ("POST", r"/v1/payment_intents/(\w+)/capture", lambda it, params, id: s.intent_json(it.capture(it.intent(id), params), _expand(params))),
    ("POST", r"/v1/payment_intents/(\w+)/cancel", lambda it, params, id: s.intent_json(it.cancel(it.intent(id)), _expand(params))),
    ("POST", "/v1/customers", lambda it, params: it.new_customer(params)),
    ("POST", r"/v1/payment_methods/(\w+)/detach", lambda it, params, id: it.detach(id)),
    ("POST", "/v1/checkout/sessions", lambda it, params: s.session_json(it.open_session(params), _expand(params))),
    ("GET", "/v1/checkout/sessions", lambda it, params: listed([s.session_json(x) for x in it.pages(params.get("status"))], params)),
    ("GET", r"/v1/checkout/sessions/(\w+)", lambda it, params, id: s.session_json(it.session(id), _expand(params))),
    ("POST", r"/v1/checkout/sessions/(\w+)/expire", lambda it, params, id: s.session_json(it.expire(it.session(id)), _expand(params))),
    ("POST", "/v1/refunds", lambda it, params: s.refund_json(it.refund(params))),
    ("GET", "/v1/refunds", lambda it, params: listed([s.refund_json(x) for x in _of_payment(it.refunds, params)], params)),
    ("GET", "/v1/disputes", lambda it, params: listed([s.dispute_json(x) for x in _of_payment(it.disputes, params)], params)),
    ("GET", r"/v1/disputes/(\w+)", lambda it, params, id: s.dispute_json(it.dispute_of(id))),
    ("POST", r"/v1/disputes/(\w+)", lambda it, params, id: s.dispute_json(it.answer_dispute(it.dispute_of(id), params))),
    ("POST", r"/v1/disputes/(\w+)/close", lambda it, params, id: s.dispute_json(it.accept_dispute(it.dispute_of(id)))),
    (
        "GET",
        "/v1/balance_transactions",
        lambda it, params: listed([s.booking_json(x, expanded="data.source" in _expand(params)) for x in _booked(it, params)], params),
    ),
    ("POST", r"/v1/payment_intents/(\w+)", lambda it, params, id: s.intent_json(it.note(it.intent(id), params), _expand(params))),
    ("POST", "/v1/transfers", lambda it, params: transfer_json(it.transfer(params))),
    ("GET", "/v1/transfers", lambda it, params: listed(it.sent(params.get("transfer_group")), params)),
    ("POST", r"/v1/transfers/(\w+)/reversals", lambda it, params, id: it.reverse(id, params)),
    ("GET", "/v1/payouts", lambda it, params: listed([s.payout_json(x) for x in it.payouts], params)),
)


def nested(pairs: Sequence[tuple[str, str]]) -> Json:
    """The parameters of a form whose names are paths (`a[b][0]`), as nested mappings."""
    found: Json = {}
    for name, value in pairs:
        first, _, _rest = name.partition("[")
        path = [first, *_PART.findall(name)]
        place = found
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1] or str(len(place))] = value
    return found


def _handler(simulator: StripeSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers one request."""

        timeout = 10

        def do_GET(self) -> None:
            """A question, or the page of a session."""
            address = urlsplit(self.path)
            if address.path.startswith("/buyer/"):
                self._say(200, b"post method=pm_card_visa to this address to pay", "text/plain")
                return
            self._api("GET", address.path, nested(parse_qsl(address.query, keep_blank_values=True)))

        def do_POST(self) -> None:
            """A request to do something, or a buyer who pays."""
            length = int(self.headers.get("Content-Length") or 0)
            fields = parse_qsl(self.rfile.read(min(length, _MOST)).decode("utf-8", "replace"), keep_blank_values=True)
            if self.path.startswith("/buyer/"):
                paid = simulator.provider.approve(self.path.removeprefix("/buyer/"), dict(fields).get("method", "pm_card_visa"))
                self._say(200 if paid else 409, b"paid" if paid else b"nothing was paid", "text/plain")
                return
            self._api("POST", urlsplit(self.path).path, nested(fields))

        def _api(self, method: str, path: str, params: Json) -> None:
            if self.headers.get("Authorization") != f"Bearer {API_KEY}":
                self._say(401, b'{"error":{"type":"invalid_request_error","message":"Invalid API Key provided"}}')
                return
            trouble = simulator.struck()
            if trouble is Trouble.THROTTLED:
                self._say(429, b'{"error":{"type":"invalid_request_error","code":"rate_limit","message":"Too many requests"}}', wait=True)
                return
            if trouble is Trouble.LOST_NOT_APPLIED:
                return
            status, told = simulator.handled(method, path, params, key=self.headers.get("Idempotency-Key", ""))
            if trouble is not Trouble.LOST_APPLIED:
                self._say(status, told)

        def _say(self, status: int, body: bytes, kind: str = "application/json", *, wait: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", "req_simulated")
            if wait:
                self.send_header("Retry-After", str(int(RETRY_AFTER.total_seconds())))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing: an address may hold a whole request."""

    return Handler
