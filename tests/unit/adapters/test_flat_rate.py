"""The flat-rate carrier beyond the contract: its tariff, its labels, its numbers, its scripts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve

from shopwright.adapters.flat_rate import CarrierDesk, FlatRate, FlatRateSettings, Per, Tariff
from shopwright.adapters.flat_rate.messages import check_digit, label, tracking_number
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import BadNotification, GatewayKeyConflict, Indeterminate, InvalidRequest, NotFound
from shopwright.payments.operations import OperationKey
from shopwright.shipping.bookings import Booking
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.rates import Rate, RateRequest
from shopwright.shipping.tracking import Blame, TrackEvent, TrackStatus
from shopwright.testing import FrozenClock

SOON = timedelta(seconds=5)
RATE = Money(490, "EUR")
SHOP = Party(name="Shop", lines=("Main Street 1",), city="Cologne", postcode="50667", country="DE")
BUYER = Party(name="Ann ^XZ~", lines=("Side Street 2",), city="Lyon", postcode="69001", country="FR")


def a_carrier(**facts: Any) -> FlatRate:
    return FlatRate(tariff=Tariff(rate=RATE, **facts), desk=CarrierDesk(clock=FrozenClock()))


def a_request(parcels: int = 1, **facts: Any) -> RateRequest:
    boxes = (Parcel(weight_g=500, length_mm=100, width_mm=100, height_mm=100),) * parcels
    return RateRequest(**{"origin": SHOP, "destination": BUYER, "parcels": boxes, "ship_at": FrozenClock().now(), **facts})


def the_rate(carrier: FlatRate, request: RateRequest) -> Rate:
    return carrier.quote(request, deadline=SOON).rates[0]


def a_booking(carrier: FlatRate, number: int = 1) -> Booking:
    request = a_request()
    return carrier.book(OperationKey(f"book_{number}"), request, the_rate(carrier, request), label_format="zpl")


@pytest.mark.parametrize(("per", "total"), [(Per.ORDER, 490), ("parcel", 1470)])
def test_the_rate_is_paid_per_order_or_per_parcel(per: str, total: int):
    assert the_rate(a_carrier(per=per), a_request(3)).total == Money(total, "EUR")


def test_every_obstacle_is_told():
    carrier = a_carrier(countries=frozenset({"JP"}), max_weight_g=100)
    quote = carrier.quote(a_request(services=("express",), currency="USD"), deadline=SOON)
    codes = ["country_not_served", "country_not_served", "parcel_too_heavy", "service_not_offered", "currency_not_offered"]
    assert [problem.code for problem in quote.problems] == codes


@pytest.mark.parametrize("facts", [{"rate": Money(-1, "EUR")}, {"rate": 490}, {"rate": RATE, "per": "mile"}, {"rate": RATE, "max_weight_g": 0}])
def test_a_tariff_that_makes_no_sense_is_refused(facts: dict[str, Any]):
    with pytest.raises(ValueError, match=r".+"):
        Tariff(**facts)


@pytest.mark.parametrize(
    "facts", [{}, {"rate": RATE, "tariff": Tariff(rate=RATE)}, {"rate": RATE, "clock": FrozenClock(), "desk": CarrierDesk(clock=FrozenClock())}]
)
def test_a_carrier_is_given_one_tariff_and_one_clock(facts: dict[str, Any]):
    with pytest.raises(InvalidValue, match="not both"):
        FlatRate(**facts)


def test_a_rate_is_sealed_with_everything_that_it_was_quoted_for():
    carrier, request = a_carrier(valid_for=timedelta(days=1)), a_request()
    rate = the_rate(carrier, request)
    others = [
        evolve(request, destination=evolve(BUYER, postcode="69002")),
        evolve(request, parcels=request.parcels * 2),
        evolve(request, ship_at=request.ship_at + SOON),
    ]
    for other in others:
        with pytest.raises(InvalidRequest, match="quote again"):
            carrier.book(OperationKey("book_1"), other, rate, label_format="txt")
    cheaper = evolve(rate, total=Money(1, "EUR"), charges=(evolve(rate.charges[0], amount=Money(1, "EUR")),))
    with pytest.raises(InvalidRequest, match="quote again"):
        carrier.book(OperationKey("book_1"), request, cheaper, label_format="txt")


def test_a_rate_of_another_carrier_is_not_booked():
    carrier, request = a_carrier(), a_request()
    with pytest.raises(InvalidRequest, match="the rate is of another"):
        carrier.book(OperationKey("book_1"), request, evolve(the_rate(carrier, request), carrier="another"), label_format="txt")


def test_a_name_cannot_smuggle_printer_commands_into_a_label():
    content = label("zpl", "FR1", BUYER).content
    assert (content.count(b"^XZ"), b"~" in content) == (1, False)


def test_a_plain_label_holds_the_address_and_the_number():
    assert label("txt", "FR1", SHOP).content.decode() == "Shop\nMain Street 1\n50667 Cologne\nDE\nFR1\n"


def test_tracking_numbers_are_made_from_the_key_and_the_place_of_the_parcel():
    numbers = {tracking_number(key, place) for key in ("book_1", "book_2") for place in range(1_000)}
    assert (len(numbers), {len(number) for number in numbers}) == (2_000, {17})
    assert a_booking(a_carrier()) == a_booking(a_carrier())


def test_the_check_digit_notices_a_wrong_sign_and_swapped_neighbors():
    signs = "0123456789ABCD"
    wrong = {signs[:place] + other + signs[place + 1 :] for place in range(14) for other in "0123456789ABCDEF" if other != signs[place]}
    swapped = {signs[:place] + signs[place + 1] + signs[place] + signs[place + 2 :] for place in range(13)}
    assert [number for number in wrong | swapped if check_digit(number) == check_digit(signs)] == []


def test_a_parcel_lives_as_its_script_says():
    carrier = a_carrier()
    number, noon = a_booking(carrier).tracking_numbers[0], FrozenClock().now()
    storm = TrackEvent(at=noon + SOON, status=TrackStatus.EXCEPTION, text="storm", place="Lyon", blame=Blame.WEATHER)
    carrier.script(number, storm)
    last = carrier.track((number,))[number].events[-1]
    assert last == evolve(storm, raw_code="exception", event_id="scan_2")


def test_a_number_that_was_never_given_out_is_not_scanned():
    with pytest.raises(NotFound):
        a_carrier().script("FR1", TrackEvent(at=FrozenClock().now(), status=TrackStatus.DELIVERED))


def test_a_void_cancels_the_parcels_and_its_key_is_taken():
    carrier = a_carrier()
    first, second = a_booking(carrier), a_booking(carrier, 2)
    carrier.void(OperationKey("void_1"), first.reference)
    assert carrier.track(first.tracking_numbers)[first.tracking_numbers[0]].status is TrackStatus.CANCELED
    with pytest.raises(GatewayKeyConflict, match="used to void"):
        carrier.void(OperationKey("void_1"), second.reference)


def test_a_scripted_trouble_strikes_its_phase_and_no_other():
    carrier = a_carrier()
    carrier.desk.script("book", "lost_applied")
    assert carrier.find_booking(OperationKey("book_1")) is None
    with pytest.raises(Indeterminate):
        a_booking(carrier)
    assert carrier.find_booking(OperationKey("book_1")) == a_booking(carrier)


def test_a_trouble_that_does_not_exist_is_not_scripted():
    with pytest.raises(ValueError, match="thunder"):
        a_carrier().desk.script("book", "thunder")


def test_scans_are_pushed_once_or_as_often_and_in_as_much_disorder_as_wanted():
    carrier = a_carrier()
    for number in range(3):
        a_booking(carrier, number)
    assert (len(carrier.desk.notifications()), carrier.desk.notifications()) == (3, [])
    again = carrier.desk.notifications(again=True, duplicate=2, shuffle=Random(1))
    assert sorted(carrier.parse_notification(raw).tracks[0].events[0].event_id for raw in again) == sorted(["scan_1", "scan_2", "scan_3"] * 2)


def test_a_push_with_a_key_of_another_account_is_refused():
    carrier = a_carrier()
    a_booking(carrier)
    raw = carrier.desk.notifications()[0]
    stranger = FlatRate(rate=RATE, settings=FlatRateSettings(signing_keys=(("k9", "another_0123456789"),)))
    with pytest.raises(BadNotification, match="a key that this account does not have"):
        stranger.parse_notification(raw)


def test_a_desk_in_a_file_remembers_bookings_scans_and_voids(tmp_path: Path):
    def desk() -> CarrierDesk:
        return CarrierDesk(clock=FrozenClock(), path=tmp_path / "desk.jsonl")

    first = FlatRate(rate=RATE, desk=desk())
    booked, void = a_booking(first), a_booking(first, 2)
    first.void(OperationKey("void_1"), void.reference)
    first.script(booked.tracking_numbers[0], TrackEvent(at=FrozenClock().now(), status=TrackStatus.DELIVERED, blame=Blame.OTHER))
    later = FlatRate(rate=RATE, desk=desk())
    assert later.desk.bookings() == (booked,)
    assert later.track(booked.tracking_numbers) == first.track(booked.tracking_numbers)
