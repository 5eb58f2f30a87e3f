"""The translation, held against golden files: what goes over the wire does not change by accident."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict, evolve
from shopwright.money import Money
from shopwright.payments.errors import Indeterminate, InvalidRequest, InvalidState, Misconfigured, NotFound, Throttled
from shopwright.payments.operations import OperationKey
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.rates import Charge, Problem, Rate, RateQuote, RateRequest
from shopwright.shipping.tracking import Blame, Track, TrackEvent, TrackStatus

from shopwright_examplepost import Settings, messages
from shopwright_examplepost.messages import HttpResponse

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = OperationKey("ship_20260301_1")
SENDER = Party(name="Shop", lines=("Hauptstraße 1",), city="Köln", postcode="50667", country="DE")
BUYER = Party(name="凛", lines=("1-2-3", "4F"), city="東京", postcode="100-0001", country="JP", phone="+81 3 0000")
REQUEST = RateRequest(
    origin=SENDER, destination=BUYER, parcels=(Parcel(weight_g=1, length_mm=305, width_mm=200, height_mm=99),), ship_at=NOON, services=("express",)
)
RATE = Rate(
    rate_ref="rate_1",
    carrier="examplepost",
    service="express",
    total=Money(1290, "EUR"),
    charges=(Charge("base", Money(1400, "EUR")), Charge("discount", Money(-110, "EUR"))),
    billed_weight_g=1208,
    min_days=1,
    max_days=2,
    valid_until=NOON + timedelta(days=1),
)
REQUESTS = {
    "quote": messages.quote_request(REQUEST),
    "book": messages.book(KEY, REQUEST, RATE, label_format="zpl"),
    "quote_return": messages.quote_request(evolve(REQUEST, origin=BUYER, destination=SENDER, returns=True)),
    "find_booking": messages.find_booking(KEY),
    "void": messages.void(KEY, "book/1"),
    "track": messages.track(("N1", "N2")),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_goes_over_the_wire_as_it_always_did(name: str) -> None:
    assert asdict(REQUESTS[name]) == json.loads((GOLDEN / "requests.json").read_text(encoding="utf-8"))[name]


def response(name: str) -> HttpResponse:
    """A recorded response."""
    recorded: dict[str, Any] = json.loads((GOLDEN / "responses.json").read_text(encoding="utf-8"))[name]
    return HttpResponse(recorded["status"], recorded.get("headers", {}), json.dumps(recorded["body"]).encode())


def test_rates_come_cheapest_first_with_the_reasons_for_what_is_missing() -> None:
    problem = Problem(carrier="examplepost", code="parcel_too_heavy", message="economy takes 20 kg")
    assert messages.rates(response("rates")) == RateQuote((RATE,), (problem,))


def test_a_booking_has_a_number_and_a_label_for_each_parcel() -> None:
    label = Label(format="zpl", content=b"^XA^XZ", tracking_number="N1")
    assert messages.booking(response("booking")) == Booking(reference="book_1", tracking_numbers=("N1",), labels=(label,), cost=RATE.total, rate=RATE)


def test_scans_get_the_zone_of_the_carrier_and_the_meaning_of_their_code() -> None:
    zone = Settings(customer="shop", api_key="sk", signing_secret="s").zone
    found = messages.tracks(response("tracks"), ("N1", "N2"), zone)
    storm = TrackEvent(at=NOON, status=TrackStatus.EXCEPTION, raw_code="17", text="storm", place="Köln", blame=Blame.WEATHER, event_id="s1")
    odd = TrackEvent(at=NOON + timedelta(hours=1), status=TrackStatus.UNKNOWN, raw_code="99", event_id="s2")
    unknown = Problem(carrier="examplepost", code="tracking_number_unknown", message="no parcel has the number 'N2'")
    assert found == {"N1": Track(number="N1", events=(storm, odd)), "N2": unknown}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("not_found", NotFound),
        ("invalid_state", InvalidState),
        ("unauthorized", Misconfigured),
        ("unknown_error", InvalidRequest),
        ("throttled", Throttled),
        ("server_error", Indeterminate),
        ("charges_that_do_not_sum_to_the_total", Indeterminate),
    ],
)
def test_a_response_that_is_no_answer_raises_its_error(name: str, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        messages.rates(response(name))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"id": "book_1"}'])
def test_a_body_that_is_not_exampleposts_is_never_a_booking(body: bytes) -> None:
    with pytest.raises(Indeterminate):
        messages.booking(HttpResponse(200, {}, body))
