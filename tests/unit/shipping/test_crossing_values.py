"""The values that cross the carrier port: what they accept, and what they know about themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from shopwright.errors import CurrencyMismatch, InvalidValue
from shopwright.money import Money
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.capabilities import CarrierCapabilities
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.rates import Charge, Rate, RateQuote, RateRequest
from shopwright.shipping.tracking import Track, TrackEvent, TrackStatus, history, merged

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
S = TrackStatus


def a_party(**facts: Any) -> Party:
    return Party(**{"name": "Ann", "lines": ("1 Street",), "city": "Town", "country": "DE", **facts})


def a_parcel(weight_g: int = 500, side_mm: int = 100) -> Parcel:
    return Parcel(weight_g=weight_g, length_mm=side_mm, width_mm=side_mm, height_mm=side_mm)


def a_rate(total: int = 500, **facts: Any) -> Rate:
    base = {
        "rate_ref": "r",
        "carrier": "post",
        "service": "slow",
        "total": Money(total, "EUR"),
        "charges": (Charge("base", Money(total, "EUR")),),
        "billed_weight_g": 500,
    }
    return Rate(**{**base, **facts})


def a_scan(hours: int, status: TrackStatus, **facts: Any) -> TrackEvent:
    return TrackEvent(at=NOON + timedelta(hours=hours), status=status, **facts)


@pytest.mark.parametrize("country", ["de", "DEU", "D", "", "Ⅽ1", "ÄÖ", None, 49])
def test_a_country_is_two_capital_letters(country: Any):
    with pytest.raises(InvalidValue, match="two capital letters"):
        a_party(country=country)


def test_a_party_shows_its_place_and_nothing_personal():
    shown = repr(a_party(phone="123", email="ann@shop.example"))
    assert ("Town" in shown, "Ann" in shown, "1 Street" in shown, "123" in shown, "ann@" in shown) == (True, False, False, False, False)


@pytest.mark.parametrize("facts", [{"weight_g": 0}, {"length_mm": 0}, {"width_mm": -1}, {"height_mm": 1.5}, {"weight_g": True}])
def test_a_parcel_has_a_weight_and_sides(facts: dict[str, Any]):
    with pytest.raises(InvalidValue):
        Parcel(**{"weight_g": 1, "length_mm": 1, "width_mm": 1, "height_mm": 1, **facts})


@pytest.mark.parametrize(("weight_g", "billed_g"), [(199, 200), (200, 200), (201, 201)])
def test_the_greater_of_weight_and_volume_is_billed_to_the_gram(weight_g: int, billed_g: int):
    assert a_parcel(weight_g).billed_g(5_000) == billed_g


def test_a_volume_that_is_no_whole_gram_is_rounded_up():
    assert Parcel(weight_g=1, length_mm=101, width_mm=100, height_mm=100).volumetric_g(5_000) == 202
    assert Parcel(weight_g=1, length_mm=1, width_mm=1, height_mm=1).volumetric_g(5_000) == 1


def test_without_a_divisor_the_weight_is_billed():
    assert a_parcel(1, side_mm=1_000).billed_g(None) == 1


def test_a_request_has_at_least_one_parcel():
    with pytest.raises(InvalidValue, match="at least 1"):
        RateRequest(origin=a_party(), destination=a_party(), parcels=(), ship_at=NOON)


@pytest.mark.parametrize(("kind", "minor"), [("discount", 1), ("base", -1), ("tax", -5)])
def test_only_a_discount_is_negative(kind: str, minor: int):
    with pytest.raises(InvalidValue, match="a discount is negative"):
        Charge(kind, Money(minor, "EUR"))


def test_a_charge_of_nothing_is_of_any_kind():
    assert Charge("discount", Money(0, "EUR")).amount == Charge("fuel", Money(0, "EUR")).amount


def test_the_charges_of_a_rate_sum_to_its_total_in_its_currency():
    assert a_rate(450, charges=(Charge("base", Money(500, "EUR")), Charge("discount", Money(-50, "EUR")))).total == Money(450, "EUR")
    with pytest.raises(InvalidValue, match=r"must sum to its total of 5\.00 EUR, got 4\.99 EUR"):
        a_rate(500, charges=(Charge("base", Money(499, "EUR")),))
    with pytest.raises(CurrencyMismatch):
        a_rate(500, charges=(Charge("base", Money(500, "USD")),))


def test_a_rate_takes_its_days_in_order():
    with pytest.raises(InvalidValue, match="min_days to max_days"):
        a_rate(min_days=5, max_days=2)


def test_a_rate_is_good_to_the_last_moment_and_no_longer():
    rate = a_rate(valid_until=NOON)
    assert [rate.expired(at=NOON + timedelta(seconds=late)) for late in (-1, 0, 1)] == [False, False, True]
    assert not a_rate().expired(at=NOON)


def test_the_cheapest_rate_is_told_with_ties_broken_by_service():
    rates = (a_rate(500, service="b"), a_rate(500, service="a"), a_rate(900, service="0"))
    assert RateQuote(rates).cheapest == rates[1]
    assert RateQuote(()).cheapest is None


@pytest.mark.parametrize(("language", "content"), [("pdf", b"^XA"), ("png", b"%PDF"), ("zpl", b"")])
def test_a_label_begins_as_its_format_does(language: str, content: bytes):
    with pytest.raises(InvalidValue, match="begins with"):
        Label(format=language, content=content, tracking_number="n")


def test_a_booking_has_a_number_of_its_own_for_each_parcel():
    for numbers in ((), ("a", "a")):
        with pytest.raises(InvalidValue, match="one tracking number of its own"):
            Booking(reference="b", tracking_numbers=numbers, labels=(), cost=Money(5, "EUR"), rate=a_rate())


def test_capabilities_answer_what_can_be_carried_where():
    able = CarrierCapabilities(countries=frozenset({"DE"}), max_weight_g=10)
    assert (able.delivers_to("DE"), able.delivers_to("FR"), able.carries(10), able.carries(11)) == (True, False, True, False)
    anywhere = CarrierCapabilities()
    assert (anywhere.delivers_to("AQ"), anywhere.carries(10**9)) == (True, True)


def test_a_history_is_the_same_in_whatever_order_and_however_often_its_scans_come():
    scans = (a_scan(1, S.PICKED_UP, event_id="1"), a_scan(2, S.IN_TRANSIT), a_scan(2, S.OUT_FOR_DELIVERY), a_scan(3, S.DELIVERED, event_id="4"))
    assert {history((*order, *order)) for order in permutations(scans)} == {scans}


def test_two_scans_with_one_event_id_are_one():
    first, again = a_scan(1, S.IN_TRANSIT, event_id="1"), a_scan(1, S.IN_TRANSIT, event_id="1", text="the same, told in other words")
    assert len(history((first, again))) == 1


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((), S.UNKNOWN),
        ((S.LABEL_CREATED, S.IN_TRANSIT), S.IN_TRANSIT),
        ((S.DELIVERED, S.IN_TRANSIT), S.DELIVERED),
        ((S.DELIVERED, S.RETURNING, S.RETURNED), S.RETURNED),
        ((S.IN_TRANSIT, S.UNKNOWN), S.IN_TRANSIT),
        ((S.RETURNING, S.EXCEPTION), S.RETURNING),
        ((S.ATTEMPT_FAILED, S.OUT_FOR_DELIVERY, S.DELIVERED), S.DELIVERED),
    ],
)
def test_the_status_is_the_newest_scan_except_that_a_delivery_is_not_taken_back(statuses: tuple[TrackStatus, ...], expected: TrackStatus):
    track = Track(number="n", events=tuple(a_scan(hour, status) for hour, status in enumerate(statuses)))
    assert track.status is expected


def test_a_delivery_happened_when_it_was_first_reported():
    track = Track(number="n", events=(a_scan(1, S.IN_TRANSIT), a_scan(2, S.DELIVERED), a_scan(3, S.DELIVERED)))
    assert track.delivered_at == NOON + timedelta(hours=2)
    assert Track(number="n").delivered_at is None


def test_merging_keeps_every_scan_once_and_the_newer_word_on_the_rest():
    known = Track(number="n", events=(a_scan(2, S.IN_TRANSIT),), eta=NOON, signed_by="Ann", weight_g=500)
    news = Track(number="n", events=(a_scan(1, S.PICKED_UP), a_scan(2, S.IN_TRANSIT)), weight_g=0)
    expected = Track(number="n", events=(a_scan(1, S.PICKED_UP), a_scan(2, S.IN_TRANSIT)), eta=NOON, signed_by="Ann", weight_g=0)
    assert merged(known, news) == expected


def test_tracks_of_two_numbers_are_not_merged():
    with pytest.raises(InvalidValue, match="tracks of one number"):
        merged(Track(number="a"), Track(number="b"))
