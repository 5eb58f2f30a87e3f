"""ExamplePost's language, pure: our requests become HTTP requests, its responses become rates, bookings and tracks.

Rules
- weights travel in kilograms as decimal text, lengths in centimeters as decimal text, prices in cents;
- scans carry local times without a zone, and two-digit codes; a code that `CODES` does not list is `UNKNOWN`, and stays as it came;
- what ExamplePost cannot carry comes back as a reason beside the rates, and becomes a `Problem`.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote, urlencode

from attrs import frozen
from shopwright.adapters.signatures import verify
from shopwright.errors import ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import (
    BadNotification,
    GatewayError,
    GatewayKeyConflict,
    Indeterminate,
    InvalidRequest,
    InvalidState,
    Misconfigured,
    NotFound,
    Throttled,
)
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.ports.carrier import TrackNotification
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.rates import Charge, Problem, Rate, RateQuote, RateRequest
from shopwright.shipping.tracking import Blame, Track, TrackEvent, TrackStatus, history

from shopwright_examplepost.settings import Settings

T = TypeVar("T")

NAME = "examplepost"
CURRENCY = "EUR"
SIGNATURE = "ExamplePost-Signature"

# ExamplePost's scan codes, all that it documents: what they mean, and whose doing it is where something went wrong.
CODES: dict[str, tuple[TrackStatus, Blame | None]] = {
    "00": (TrackStatus.LABEL_CREATED, None),
    "01": (TrackStatus.PICKED_UP, None),
    "02": (TrackStatus.IN_TRANSIT, None),
    "03": (TrackStatus.CUSTOMS, None),
    "04": (TrackStatus.OUT_FOR_DELIVERY, None),
    "05": (TrackStatus.READY_FOR_COLLECTION, None),
    "06": (TrackStatus.ATTEMPT_FAILED, Blame.CONSIGNEE),
    "07": (TrackStatus.EXCEPTION, Blame.CARRIER),
    "08": (TrackStatus.DELIVERED, None),
    "09": (TrackStatus.RETURNING, None),
    "10": (TrackStatus.RETURNED, None),
    "11": (TrackStatus.CANCELED, None),
    "12": (TrackStatus.LOST, Blame.CARRIER),
    "17": (TrackStatus.EXCEPTION, Blame.WEATHER),
}

ERRORS: dict[str, type[GatewayError]] = {
    "not_found": NotFound,
    "key_reused": GatewayKeyConflict,
    "invalid_state": InvalidState,
    "invalid_request": InvalidRequest,
    "unauthorized": Misconfigured,
}


@frozen
class HttpRequest:
    """What to send, apart from who we are."""

    method: str
    path: str
    body: dict[str, Any] | None = None


@frozen
class HttpResponse:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def quote_request(request: RateRequest) -> HttpRequest:
    """The request that asks for rates."""
    return HttpRequest("POST", "/v1/rates", _shipment(request))


def book(key: OperationKey, request: RateRequest, rate: Rate, *, label_format: str) -> HttpRequest:
    """The request that orders the transport."""
    body = {"key": key.value, "rate": rate.rate_ref, "label": label_format, **_shipment(request)}
    return HttpRequest("POST", "/v1/bookings", body)


def find_booking(key: OperationKey) -> HttpRequest:
    """The request that asks what was booked under a key."""
    return HttpRequest("GET", f"/v1/bookings?{urlencode({'key': key.value})}")


def void(key: OperationKey, reference: str) -> HttpRequest:
    """The request that cancels a booking."""
    return HttpRequest("POST", f"/v1/bookings/{quote(reference, safe='')}/void", {"key": key.value})


def track(numbers: tuple[str, ...]) -> HttpRequest:
    """The request that asks where parcels are."""
    return HttpRequest("POST", "/v1/tracks", {"numbers": list(numbers)})


def _shipment(request: RateRequest) -> dict[str, Any]:
    """What is sent; only a way back says which way it is."""
    shipment = {
        "from": _address(request.origin),
        "to": _address(request.destination),
        "parcels": [_parcel(parcel) for parcel in request.parcels],
        "ship_at": request.ship_at.isoformat(),
        "services": list(request.services),
    }
    return shipment | {"way": "return"} if request.returns else shipment


def _address(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "street": list(party.lines),
        "city": party.city,
        "region": party.region,
        "zip": party.postcode,
        "country": party.country,
        "phone": party.phone,
        "email": party.email,
    }


def _parcel(parcel: Parcel) -> dict[str, str]:
    sides = {"length_cm": parcel.length_mm, "width_cm": parcel.width_mm, "height_cm": parcel.height_mm}
    return {"weight_kg": str(Decimal(parcel.weight_g).scaleb(-3)), **{name: str(Decimal(mm).scaleb(-1)) for name, mm in sides.items()}}


def rates(response: HttpResponse) -> RateQuote:
    """The rates in a response, cheapest first, and what kept ExamplePost from offering more."""
    return _read(response, _rates)


def booking(response: HttpResponse) -> Booking:
    """The booking in a response."""
    return _read(response, _booking)


def voided(response: HttpResponse) -> bool:
    """Whether the booking is void now."""
    return _read(response, lambda body: body["void"] is True)


def tracks(response: HttpResponse, numbers: tuple[str, ...], zone: tzinfo) -> dict[str, Track | Problem]:
    """The history of each number that was asked for; one that ExamplePost leaves out is unknown to it."""

    def found(body: dict[str, Any]) -> dict[str, Track | Problem]:
        known = {number: Track(number=number, events=history(_scans(scans, zone))) for number, scans in body["tracks"].items()}
        unknown = {
            number: Problem(carrier=NAME, code="tracking_number_unknown", message=f"no parcel has the number {number!r}") for number in numbers
        }
        return unknown | {number: track for number, track in known.items() if number in unknown}

    return _read(response, found)


def _unknown(number: str) -> Problem:
    return Problem(carrier=NAME, code="tracking_number_unknown", message=f"no parcel has the number {number!r}")


def notification(raw: RawNotification, settings: Settings) -> TrackNotification:
    """What ExamplePost pushed, verified first; raises `BadNotification`."""
    verify(raw.header(SIGNATURE), settings.signing_secret, raw.within(), at=raw.received_at)
    try:
        body = json.loads(raw.body)
        if body["customer"] != settings.customer:
            raise BadNotification("the notification is for another customer")
        track = Track(number=body["number"], events=_scans([body["scan"]], settings.zone))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ShopwrightError) as error:
        raise BadNotification(f"the body is not a scan of ExamplePost for this customer: {type(error).__name__}") from error
    return TrackNotification((track,), Ack(204), Ack(503))


def _rates(body: dict[str, Any]) -> RateQuote:
    found = sorted((_rate(each) for each in body["rates"]), key=lambda rate: (rate.total.minor, rate.service))
    problems = [Problem(carrier=NAME, code=each["code"], message=each["message"]) for each in body["reasons"]]
    return RateQuote(tuple(found), tuple(problems))


def _rate(body: dict[str, Any]) -> Rate:
    return Rate(
        rate_ref=body["id"],
        carrier=NAME,
        service=body["service"],
        total=Money(body["cents"], CURRENCY),
        charges=tuple(Charge(kind, Money(cents, CURRENCY)) for kind, cents in body["charges"]),
        billed_weight_g=int(Decimal(body["billed_kg"]).scaleb(3)),
        min_days=body["days"][0],
        max_days=body["days"][1],
        valid_until=datetime.fromisoformat(body["valid_until"]),
    )


def _booking(body: dict[str, Any]) -> Booking:
    numbers = tuple(parcel["number"] for parcel in body["parcels"])
    labels = tuple(
        Label(format=body["label"], content=b64decode(parcel["label"], validate=True), tracking_number=parcel["number"]) for parcel in body["parcels"]
    )
    rate = _rate(body["rate"])
    return Booking(reference=body["id"], tracking_numbers=numbers, labels=labels, cost=rate.total, rate=rate)


def _scans(scans: list[dict[str, Any]], zone: tzinfo) -> tuple[TrackEvent, ...]:
    return tuple(_scan(scan, zone) for scan in scans)


def _scan(scan: dict[str, Any], zone: tzinfo) -> TrackEvent:
    status, blame = CODES.get(scan["code"], (TrackStatus.UNKNOWN, None))
    local = datetime.fromisoformat(scan["time"])
    if local.tzinfo is not None:
        raise ValueError("the scanners of ExamplePost write local times without a zone")
    return TrackEvent(
        at=local.replace(tzinfo=zone), status=status, raw_code=scan["code"], text=scan["text"], place=scan["place"], blame=blame, event_id=scan["id"]
    )


def _read(response: HttpResponse, make: Callable[[dict[str, Any]], T]) -> T:
    """What a response means; raises the errors of `shopwright.payments.errors`."""
    if response.status >= 500:
        raise Indeterminate(f"ExamplePost answered {response.status}", raw_code=str(response.status))
    try:
        body = json.loads(response.body)
        return make(body) if response.status == 200 else _raise(response, body)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, IndexError, RecursionError) as error:
        raise Indeterminate(f"ExamplePost answered {response.status} with a body that is not its own", raw_code=str(response.status)) from error


def _raise(response: HttpResponse, body: dict[str, Any]) -> NoReturn:
    if response.status == 429:
        seconds = response.headers.get("retry-after", "")
        wait = timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else None
        raise Throttled("ExamplePost asks to wait", retry_after=wait, raw_code="429")
    error = ERRORS.get(body["error"], InvalidRequest)
    raise error(f"ExamplePost says: {body['message']}", raw_code=body["error"])
