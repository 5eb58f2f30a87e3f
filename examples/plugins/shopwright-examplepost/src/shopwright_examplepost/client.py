"""The carrier: takes our calls, sends what `messages` builds, and tells apart what was never sent from what was never answered."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from attrs import field, frozen
from shopwright.adapters.calling import trusting
from shopwright.errors import Outage
from shopwright.payments.errors import Indeterminate, InvalidRequest, NotFound, NotSent, Unsupported
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.ports.carrier import TrackNotification
from shopwright.shipping.bookings import Booking
from shopwright.shipping.capabilities import CarrierCapabilities
from shopwright.shipping.rates import Problem, Rate, RateQuote, RateRequest
from shopwright.shipping.tracking import Track

from shopwright_examplepost import messages
from shopwright_examplepost.messages import HttpRequest, HttpResponse
from shopwright_examplepost.settings import Settings

MOST_BYTES = 10_000_000
PATIENCE = timedelta(seconds=20)

CAPABILITIES = CarrierCapabilities(
    returns=True,
    tracking_push=True,
    label_formats=frozenset({"txt", "zpl"}),
    countries=frozenset({"DE", "FR", "JP"}),
    max_weight_g=31_500,
    volumetric_divisor=5_000,
)


@frozen
class ExamplePost:
    """A `Carrier` for ExamplePost."""

    settings: Settings
    name: str = field(default=messages.NAME, init=False)
    api_version: int = field(default=1, init=False)
    capabilities: CarrierCapabilities = field(default=CAPABILITIES, init=False, repr=False)

    def quote(self, request: RateRequest, *, deadline: timedelta) -> RateQuote:
        """The rates of all services; an outage is a problem that later may go away, so that other carriers can still be compared."""
        if request.currency not in {"", messages.CURRENCY}:
            return _no("currency_not_offered", f"ExamplePost charges {messages.CURRENCY}, got {request.currency}")
        if deadline <= timedelta(0):
            return _no("deadline_passed", "there was no time left to ask", retryable=True)
        try:
            return messages.rates(self._send(messages.quote_request(request), patience=min(deadline, PATIENCE)))
        except Outage as outage:
            return _no("carrier_unavailable", str(outage), retryable=True)

    def book(self, key: OperationKey, request: RateRequest, rate: Rate, *, label_format: str) -> Booking:
        """Order the transport at a rate that was quoted for this request."""
        if label_format not in self.capabilities.label_formats:
            raise Unsupported(f"labels come in {', '.join(sorted(self.capabilities.label_formats))}, got {label_format!r}")
        if rate.carrier != self.name:
            raise InvalidRequest(f"the rate is of {rate.carrier}, this is {self.name}")
        return messages.booking(self._send(messages.book(key, request, rate, label_format=label_format)))

    def find_booking(self, key: OperationKey) -> Booking | None:
        """What was booked under this key."""
        try:
            return messages.booking(self._send(messages.find_booking(key)))
        except NotFound:
            return None

    def void(self, key: OperationKey, reference: str) -> bool:
        """Cancel a booking that has not moved."""
        return messages.voided(self._send(messages.void(key, reference)))

    def track(self, numbers: Collection[str]) -> dict[str, Track | Problem]:
        """The history of each number, in one request."""
        wanted = tuple(numbers)
        return messages.tracks(self._send(messages.track(wanted)), wanted, self.settings.zone) if wanted else {}

    def parse_notification(self, raw: RawNotification) -> TrackNotification:
        """Verify and parse what ExamplePost pushed."""
        return messages.notification(raw, self.settings)

    def _send(self, request: HttpRequest, *, patience: timedelta = PATIENCE) -> HttpResponse:
        """One request, one response. Until the connection stands nothing was sent; from then on nobody knows."""
        headers = {"Authorization": f"Bearer {self.settings.api_key}", "Content-Type": "application/json"}
        body = None if request.body is None else json.dumps(request.body).encode()
        connection = self._connection(min(patience, self.settings.connect))
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotSent(f"no connection to {self.settings.host}: {type(error).__name__}") from error
            try:
                if connection.sock is not None:
                    connection.sock.settimeout(patience.total_seconds())
                connection.request(request.method, request.path, body=body, headers=headers)
                response = connection.getresponse()
                content = response.read(MOST_BYTES)
            except (OSError, HTTPException) as error:
                raise Indeterminate(f"no answer from {self.settings.host}: {type(error).__name__}") from error
            return HttpResponse(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
        finally:
            connection.close()

    def _connection(self, wait: timedelta) -> HTTPConnection:
        host, port, seconds = self.settings.host, self.settings.port, wait.total_seconds()
        if self.settings.encrypted:
            return HTTPSConnection(host, port, timeout=seconds, context=trusting())
        return HTTPConnection(host, port, timeout=seconds)


def _no(code: str, message: str, *, retryable: bool = False) -> RateQuote:
    return RateQuote((), (Problem(carrier=messages.NAME, code=code, message=message, retryable=retryable),))
