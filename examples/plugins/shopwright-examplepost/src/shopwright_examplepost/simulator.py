"""ExamplePost itself, small: an HTTP server on the loopback, one depot per API key.

Bookings and scans are kept by the desk of Shopwright's flat-rate carrier; this module speaks ExamplePost's language in front of it,
with two services, and breaks connections where a depot is told to.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import evolve
from shopwright.adapters.flat_rate import CarrierDesk, FlatRate, Per, Tariff
from shopwright.adapters.signatures import signature
from shopwright.adapters.troubles import Trouble
from shopwright.errors import ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import GatewayKeyConflict, InvalidState, NotFound
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.ports.clock import Clock
from shopwright.shipping.bookings import Booking
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.rates import Rate, RateRequest
from shopwright.shipping.tracking import Track, TrackEvent, TrackStatus

from shopwright_examplepost.client import CAPABILITIES
from shopwright_examplepost.messages import CODES, SIGNATURE, HttpResponse
from shopwright_examplepost.settings import Settings

SOON = timedelta(seconds=10)
CODE_OF = {status: code for code, (status, _blame) in reversed(CODES.items())}


def _tariff(cents: int, service: str, days: tuple[int, int]) -> Tariff:
    return Tariff(
        rate=Money(cents, "EUR"),
        per=Per.PARCEL,
        service=service,
        min_days=days[0],
        max_days=days[1],
        countries=CAPABILITIES.countries,
        max_weight_g=CAPABILITIES.max_weight_g,
        volumetric_divisor=CAPABILITIES.volumetric_divisor,
        valid_for=timedelta(days=1),
    )


class Depot:
    """One customer of ExamplePost. `desk` is its truth, `trouble` strikes the next request."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.desk = CarrierDesk(clock=clock)
        self.trouble: Trouble | None = None
        tariffs = (_tariff(490, "economy", (3, 6)), _tariff(1290, "express", (1, 2)))
        self._services = {tariff.service: FlatRate(tariff.service, tariff=tariff, desk=self.desk) for tariff in tariffs}
        self._quoted: dict[str, Rate] = {}
        self._lock = Lock()

    def strike(self) -> Trouble | None:
        """Take the trouble that is meant for this request."""
        with self._lock:
            trouble, self.trouble = self.trouble, None
            return trouble

    def scan(self, number: str, code: str, *, at: datetime, place: str = "") -> None:
        """A driver scans a parcel. The desk keeps what a code means as its word, and the code itself beside it."""
        status = CODES[code][0] if code in CODES else TrackStatus.UNKNOWN
        self.desk.scan(number, TrackEvent(at=at, status=status, raw_code=status.value, text=code, place=place))

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
        except (ShopwrightError, KeyError, ValueError) as error:
            return _json(422, {"error": "invalid_request", "message": str(error)})

    def _served(self, method: str, target: str, body: dict[str, Any]) -> dict[str, Any]:
        url = urlsplit(target)
        match (method, [unquote(part) for part in url.path.split("/")[2:]]):
            case "POST", ["rates"]:
                return self._rates(_request(body))
            case "POST", ["bookings"]:
                rate = self._quoted[body["rate"]]
                key, request = OperationKey(body["key"]), _request(body)
                return self._booked(self._services[rate.service].book(key, request, rate, label_format=body["label"]))
            case "GET", ["bookings"]:
                found = self._services["economy"].find_booking(OperationKey(parse_qs(url.query)["key"][0]))
                if found is None:
                    raise NotFound("nothing was booked under this key")
                return self._booked(found)
            case "POST", ["bookings", reference, "void"]:
                return {"void": self._services["economy"].void(OperationKey(body["key"]), reference)}
            case "POST", ["tracks"]:
                found_tracks = self._services["economy"].track(body["numbers"]).items()
                return {
                    "tracks": {number: [self._scan(event) for event in track.events] for number, track in found_tracks if isinstance(track, Track)}
                }
        raise NotFound(f"there is nothing at {method} {url.path}")

    def _rates(self, request: RateRequest) -> dict[str, Any]:
        quotes = [service.quote(evolve(request, services=()), deadline=SOON) for service in self._services.values()]
        offered = [rate for quote in quotes for rate in quote.rates if not request.services or rate.service in request.services]
        reasons = {problem.code: problem.message for quote in quotes for problem in quote.problems}
        if request.services and not offered:
            reasons.setdefault("service_not_offered", f"ExamplePost offers {', '.join(self._services)}")
        self._quoted.update({rate.rate_ref: rate for rate in offered})
        return {"rates": [_told(rate) for rate in offered], "reasons": [{"code": code, "message": message} for code, message in reasons.items()]}

    def _booked(self, booking: Booking) -> dict[str, Any]:
        parcels = [{"number": label.tracking_number, "label": b64encode(label.content).decode()} for label in booking.labels]
        return {"id": booking.reference, "label": booking.labels[0].format, "parcels": parcels, "rate": _told(booking.rate)}

    def _scan(self, event: TrackEvent) -> dict[str, Any]:
        known = event.text if event.status is TrackStatus.UNKNOWN or event.text in CODES else CODE_OF[event.status]
        local = event.at.astimezone(self.settings.zone).replace(tzinfo=None)
        return {"id": event.event_id, "time": local.isoformat(sep=" "), "code": known, "text": "", "place": event.place}

    def pushed(self) -> list[RawNotification]:
        """Every scan so far as ExamplePost pushes it."""
        at, found = self.desk.clock.now(), []
        for booking in self.desk.bookings():
            for number, track in self._services["economy"].track(booking.tracking_numbers).items():
                for event in track.events if isinstance(track, Track) else ():
                    body = {"customer": self.settings.customer, "number": number, "scan": self._scan(event)}
                    content = json.dumps(body).encode()
                    headers = (("Content-Type", "application/json"), (SIGNATURE, signature(self.settings.signing_secret, content, at=at)))
                    found.append(RawNotification(headers=headers, body=content, received_at=at))
        return found


class ExamplePostServer(ThreadingHTTPServer):
    """ExamplePost on a port of the loopback; `depots` are its customers by API key."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.depots: dict[str, Depot] = {}


@contextmanager
def serving() -> Iterator[ExamplePostServer]:
    """ExamplePost, answering until the block ends."""
    with ExamplePostServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: ExamplePostServer

    def _serve(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        depot = self.server.depots.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if depot is None:
            self._reply(_json(401, {"error": "unauthorized", "message": "there is no such customer"}))
            return
        trouble = depot.strike()
        if trouble is Trouble.LOST_NOT_APPLIED:
            return  # the connection is closed without a word
        if trouble is Trouble.THROTTLED:
            self._reply(HttpResponse(429, {"Retry-After": "2"}, b"{}"))
            return
        response = depot.answer(self.command, self.path, json.loads(content or b"{}"))
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


def _request(body: dict[str, Any]) -> RateRequest:
    return RateRequest(
        origin=_party(body["from"]),
        destination=_party(body["to"]),
        parcels=tuple(_parcel(parcel) for parcel in body["parcels"]),
        ship_at=datetime.fromisoformat(body["ship_at"]),
        services=tuple(body["services"]),
        returns=body.get("way") == "return",
    )


def _party(body: dict[str, Any]) -> Party:
    return Party(
        name=body["name"],
        lines=tuple(body["street"]),
        city=body["city"],
        region=body["region"],
        postcode=body["zip"],
        country=body["country"],
        phone=body["phone"],
        email=body["email"],
    )


def _parcel(body: dict[str, str]) -> Parcel:
    length, width, height = (int(Decimal(body[side]).scaleb(1)) for side in ("length_cm", "width_cm", "height_cm"))
    return Parcel(weight_g=int(Decimal(body["weight_kg"]).scaleb(3)), length_mm=length, width_mm=width, height_mm=height)


def _told(rate: Rate) -> dict[str, Any]:
    return {
        "id": rate.rate_ref,
        "service": rate.service,
        "cents": rate.total.minor,
        "charges": [[charge.kind, charge.amount.minor] for charge in rate.charges],
        "billed_kg": str(Decimal(rate.billed_weight_g).scaleb(-3)),
        "days": [rate.min_days, rate.max_days],
        "valid_until": None if rate.valid_until is None else rate.valid_until.isoformat(),
    }


def _json(status: int, body: dict[str, Any]) -> HttpResponse:
    return HttpResponse(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
