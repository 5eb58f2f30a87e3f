"""The gateway: takes our calls, sends what `messages` builds, and answers with what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from http.client import HTTPConnection, HTTPSConnection
from typing import NoReturn

from attrs import field, frozen
from shopwright.adapters.calling import exchange, trusting
from shopwright.adapters.scrubbing import scrub
from shopwright.money import Money
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.errors import InvalidRequest, Unsupported
from shopwright.payments.ledger import LedgerLine
from shopwright.payments.notifications import Notification, RawNotification
from shopwright.payments.operations import Flow, Operation, OperationKey
from shopwright.payments.outcomes import Outcome
from shopwright.payments.requests import RefundPart, Split, StartPayment

from shopwright_examplepay import messages
from shopwright_examplepay.messages import HttpRequest, HttpResponse
from shopwright_examplepay.settings import Settings

MOST_BYTES = 1_000_000

CAPABILITIES = Capabilities(
    operations={Operation.AUTHORIZE, Operation.CHARGE, Operation.CAPTURE, Operation.VOID, Operation.REFUND},
    flows={Flow.TOKEN, Flow.REDIRECT},
    currencies={"EUR", "JPY", "KWD", "USD"},
    partial_capture=True,
    min_amount={"EUR": 50, "USD": 50, "JPY": 50, "KWD": 100},
)


@frozen
class ExamplePay:
    """A `PaymentGateway` for ExamplePay."""

    settings: Settings
    name: str = field(default="examplepay", init=False)
    api_version: int = field(default=1, init=False)
    capabilities: Capabilities = field(default=CAPABILITIES, init=False, repr=False)

    def start(self, request: StartPayment) -> Outcome:
        """Begin a payment."""
        self.capabilities.demand_start(request)
        if request.flow is Flow.TOKEN and request.source_token is None:
            raise InvalidRequest("the token flow needs a source_token")
        return self._ask(messages.start(request))

    def capture(self, key: OperationKey, reference: str, amount: Money, *, final: bool = True) -> Outcome:
        """Take authorized money, once."""
        self.capabilities.demand_amount(amount)
        if not final:
            raise Unsupported("ExamplePay captures a payment once; say final=True")
        return self._ask(messages.capture(key, reference, amount, final=final))

    def void(self, key: OperationKey, reference: str) -> Outcome:
        """Release an authorization or close an unpaid payment."""
        return self._ask(messages.void(key, reference))

    def refund(self, request: RefundPart) -> Outcome:
        """Give captured money back."""
        self.capabilities.demand_amount(request.amount)
        return self._ask(messages.refund(request))

    def query(self, *, key: OperationKey | None = None, reference: str | None = None) -> Outcome:
        """How a payment stands. ExamplePay finds payments by the key of their start only."""
        if key is not None and reference is None:
            return self._ask(messages.by_key(key))
        if reference is not None and key is None:
            return self._ask(messages.by_reference(reference))
        raise InvalidRequest("query by key or by reference, and not by both")

    def query_refund(self, payment: str, key: OperationKey) -> Outcome:
        """How a refund stands."""
        return self._ask(messages.refund_by_key(payment, key))

    def split(self, key: OperationKey, reference: str, parts: tuple[Split, ...], *, finish: bool) -> NoReturn:
        """ExamplePay knows no marketplaces."""
        raise Unsupported("ExamplePay cannot split a payment")

    def parse_notification(self, raw: RawNotification) -> Notification:
        """Verify and parse what ExamplePay pushed."""
        return messages.notification(raw, self.settings)

    def ledger(self, since: datetime, until: datetime) -> Iterator[LedgerLine]:
        """ExamplePay sends its statements by mail."""
        raise Unsupported("ExamplePay has no ledger to read")

    def scrub(self, transcript: str) -> str:
        """The transcript without the account's secrets and without card numbers."""
        return scrub(transcript, secrets=(self.settings.api_key, self.settings.signing_secret))

    def _ask(self, request: HttpRequest) -> Outcome:
        return messages.outcome(self._send(request))

    def _send(self, request: HttpRequest) -> HttpResponse:
        """One request, one response: `NotSent` until the connection stands, `Indeterminate` from then on, also when the answer takes too long."""
        headers = {"Authorization": f"Bearer {self.settings.api_key}", "Content-Type": "application/json"}
        body = None if request.body is None else json.dumps(request.body).encode()
        wait = self.settings.read
        reply = exchange(self._connection(), request.method, request.path, body, headers, wait=wait, most=MOST_BYTES)
        return HttpResponse(reply.status, dict(reply.headers), reply.body)

    def _connection(self) -> HTTPConnection:
        wait = self.settings.connect.total_seconds()
        if self.settings.encrypted:
            trust = self.settings.trust or trusting()
            return HTTPSConnection(self.settings.host, self.settings.port, timeout=wait, context=trust)
        return HTTPConnection(self.settings.host, self.settings.port, timeout=wait)
