"""The flat rate as pure functions: requests to rates, bookings to labels, scans to signed notifications and back."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from shopwright.adapters.flat_rate.settings import FlatRateSettings, Per, Tariff
from shopwright.adapters.signatures import signature, verify
from shopwright.errors import ShopwrightError
from shopwright.money import Money
from shopwright.payments.errors import BadNotification, InvalidRequest, InvalidState
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.ports.carrier import TrackNotification
from shopwright.shipping.bookings import Label
from shopwright.shipping.parcels import Party
from shopwright.shipping.rates import Charge, Problem, Rate, RateQuote, RateRequest
from shopwright.shipping.tracking import Blame, Track, TrackEvent, TrackStatus

SIGNATURE, KEY_NAME = "Flat-Rate-Signature", "Flat-Rate-Key"
OK, RETRY_LATER = Ack(200, b"ok"), Ack(503, b"later")
LABEL_FORMATS = frozenset({"zpl", "txt"})


def quoted(carrier: str, tariff: Tariff, settings: FlatRateSettings, request: RateRequest, *, at: datetime) -> RateQuote:
    """The one rate for this request, or the problems that stand in its way."""
    problems = tuple(Problem(carrier=carrier, code=code, message=message) for code, message in _obstacles(tariff, request))
    if problems:
        return RateQuote((), problems)
    times = len(request.parcels) if tariff.per is Per.PARCEL else 1
    total = tariff.rate * times
    until = None if tariff.valid_for is None else at + tariff.valid_for
    rate = Rate(
        rate_ref=sealed_reference(settings, request, total, until),
        carrier=carrier,
        service=tariff.service,
        total=total,
        charges=(Charge("base", total),),
        billed_weight_g=sum(parcel.billed_g(tariff.volumetric_divisor) for parcel in request.parcels),
        min_days=tariff.min_days,
        max_days=tariff.max_days,
        valid_until=until,
    )
    return RateQuote((rate,))


def _obstacles(tariff: Tariff, request: RateRequest) -> list[tuple[str, str]]:
    countries = dict.fromkeys((request.origin.country, request.destination.country))
    unserved = [country for country in countries if tariff.countries is not None and country not in tariff.countries]
    found = [("country_not_served", f"this carrier does not go to {country}") for country in unserved]
    heaviest = max(parcel.weight_g for parcel in request.parcels)
    if tariff.max_weight_g is not None and heaviest > tariff.max_weight_g:
        found.append(("parcel_too_heavy", f"a parcel may weigh {tariff.max_weight_g} g, got {heaviest} g"))
    if request.services and tariff.service not in request.services:
        found.append(("service_not_offered", f"this carrier offers {tariff.service}, got {', '.join(request.services)}"))
    if request.currency not in {"", tariff.rate.currency}:
        found.append(("currency_not_offered", f"this carrier charges {tariff.rate.currency}, got {request.currency}"))
    return found


def sealed_reference(settings: FlatRateSettings, request: RateRequest, total: Money, until: datetime | None) -> str:
    """A reference that only this carrier can make, for this request at this price: booking recomputes it instead of storing rates."""
    parcels = [[each.weight_g, each.length_mm, each.width_mm, each.height_mm, str(each.declared)] for each in request.parcels]
    terms = [
        _address(request.origin),
        _address(request.destination),
        parcels,
        _instant(request.ship_at),
        str(total),
        None if until is None else _instant(until),
    ]
    if request.returns:
        terms.append("returns")
    return "fr_" + hmac.new(settings.rate_secret.encode(), json.dumps(terms).encode(), sha256).hexdigest()[:32]


def demand_bookable(settings: FlatRateSettings, request: RateRequest, rate: Rate, *, at: datetime) -> None:
    """Raise `InvalidRequest` for a rate that was not quoted for this request, `InvalidState` for one that has expired."""
    expected = sealed_reference(settings, request, rate.total, rate.valid_until)
    if not hmac.compare_digest(expected.encode(), rate.rate_ref.encode()):
        raise InvalidRequest(f"the rate {rate.rate_ref} was not quoted for this request; quote again")
    if rate.expired(at=at):
        raise InvalidState(f"the rate was good until {rate.valid_until}; quote again", raw_code="rate_expired")


def label(language: str, number: str, destination: Party) -> Label:
    """What to stick on the parcel, as plain text or in the language of label printers."""
    lines = (destination.name, *destination.lines, f"{destination.postcode} {destination.city}".strip(), destination.region, destination.country)
    shown = [line for line in lines if line]
    if language == "txt":
        return Label(format=language, content="\n".join([*shown, number, ""]).encode(), tracking_number=number)
    text = "".join(f"^FO40,{60 + 40 * place}^FD{_plain_zpl(line)}^FS" for place, line in enumerate(shown))
    content = f"^XA^CI28^CF0,30{text}^BY2^FO40,400^BCN,120,Y,N,N^FD{number}^FS^XZ".encode()
    return Label(format=language, content=content, tracking_number=number)


def _plain_zpl(line: str) -> str:
    """A line without the two signs that begin a printer command."""
    return line.replace("^", " ").replace("~", " ")


def booking_reference(key: str) -> str:
    """The carrier's name of the booking of this key: the same in every process and after every restart."""
    return f"frb_{sha256(key.encode()).hexdigest()[:20]}"


def tracking_number(key: str, place: int) -> str:
    """The number of a parcel, made from the key of its booking and its place in it, so that none is ever given out twice.

    The last sign is a check digit: it notices every single wrong sign and every swap of two neighbors.
    """
    signs = sha256(f"{key}/{place}".encode()).hexdigest()[:14].upper()
    return f"FR{signs}{check_digit(signs)}"


def check_digit(signs: str) -> str:
    """The sign that makes a number of hexadecimal signs complete: their weighted sum modulo 17, with Z for sixteen."""
    total = sum(weight * int(sign, 16) for weight, sign in enumerate(signs, start=1))
    return "0123456789ABCDEFZ"[total % 17]


def pushed(number: str, scan: TrackEvent, settings: FlatRateSettings, *, at: datetime) -> RawNotification:
    """A scan as the carrier pushes it: JSON, signed."""
    body = {
        "number": number,
        "scan": scan.event_id,
        "at": scan.at.isoformat(),
        "code": scan.raw_code,
        "text": scan.text,
        "place": scan.place,
        "blame": None if scan.blame is None else scan.blame.value,
    }
    content = json.dumps(body, sort_keys=True).encode()
    name, secret = settings.signing_keys[0]
    headers = (("Content-Type", "application/json"), (KEY_NAME, name), (SIGNATURE, signature(secret, content, at=at)))
    return RawNotification(headers=headers, body=content, received_at=at)


def opened(raw: RawNotification, settings: FlatRateSettings) -> TrackNotification:
    """What a notification says, if it is the carrier's; raises `BadNotification`."""
    secret = dict(settings.signing_keys).get(raw.header(KEY_NAME))
    if secret is None:
        raise BadNotification("the notification is signed with a key that this account does not have")
    verify(raw.header(SIGNATURE), secret, raw.within(), at=raw.received_at, tolerance=settings.tolerance)
    try:
        track = _track(json.loads(raw.body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ShopwrightError) as error:
        raise BadNotification(f"the body is not a scan of the carrier: {type(error).__name__}") from error
    return TrackNotification((track,), OK, RETRY_LATER)


def _track(body: dict[str, Any]) -> Track:
    scan = TrackEvent(
        at=datetime.fromisoformat(body["at"]),
        status=status(body["code"]),
        raw_code=body["code"],
        text=body["text"],
        place=body["place"],
        blame=None if body["blame"] is None else Blame(body["blame"]),
        event_id=body["scan"],
    )
    return Track(number=body["number"], events=(scan,))


def status(code: str) -> TrackStatus:
    """What a code of the carrier means; one that it never told us about is unknown, and guessed to be nothing else."""
    return TrackStatus(code) if code in set(TrackStatus) else TrackStatus.UNKNOWN


def _address(party: Party) -> list[str]:
    return [party.name, *party.lines, party.city, party.region, party.postcode, party.country, party.phone, party.email]


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
