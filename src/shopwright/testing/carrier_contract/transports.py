"""Bookings: once per key, at the rate that was quoted, and void only while nothing has moved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from attrs import evolve

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import GatewayKeyConflict, Indeterminate, InvalidRequest, InvalidState, NotFound, NotSent, Throttled, Unsupported
from shopwright.shipping.bookings import Booking
from shopwright.shipping.tracking import TrackStatus
from shopwright.testing.carrier_contract.stage import CarrierStage, a_booking, a_key, a_parcel, a_rate, code_for, label_format, needs

THREADS = 8
RAISED = {
    Trouble.NOT_SENT: NotSent,
    Trouble.THROTTLED: Throttled,
    Trouble.LOST_APPLIED: Indeterminate,
    Trouble.LOST_NOT_APPLIED: Indeterminate,
}


class Transports:
    """What was ordered from the carrier."""

    @needs("book", "multi_parcel")
    @pytest.mark.parametrize("parcels", [1, 3])
    def test_each_parcel_gets_its_number_and_its_label(self, stage: CarrierStage, parcels: int) -> None:
        booking = a_booking(stage, parcels=parcels)
        assert len(booking.tracking_numbers) == parcels
        assert tuple(label.tracking_number for label in booking.labels) == booking.tracking_numbers
        assert {label.format for label in booking.labels} == {label_format(stage)}

    @needs("book")
    def test_a_booking_costs_what_was_quoted(self, stage: CarrierStage) -> None:
        request = stage.request(a_parcel())
        rate = a_rate(stage, request)
        booking = stage.carrier.book(a_key(), request, rate, label_format=label_format(stage))
        assert (booking.cost, booking.rate) == (rate.total, rate)

    @needs("book")
    def test_a_repeat_under_the_same_key_books_once_also_after_a_restart(self, stage: CarrierStage) -> None:
        key, request = a_key(), stage.request(a_parcel())
        rate = a_rate(stage, request)
        carriers = (stage.carrier, stage.carrier, stage.again())
        bookings = [carrier.book(key, request, rate, label_format=label_format(stage)) for carrier in carriers]
        assert bookings == [bookings[0]] * 3
        assert stage.booked() == 1

    @needs("book")
    def test_bookings_under_one_key_at_the_same_moment_are_one(self, stage: CarrierStage) -> None:
        key, request, gates = a_key(), stage.request(a_parcel()), Barrier(THREADS)
        rate = a_rate(stage, request)

        def at_once(_number: int) -> Booking:
            gates.wait()
            return stage.carrier.book(key, request, rate, label_format=label_format(stage))

        with ThreadPoolExecutor(THREADS) as pool:
            bookings = list(pool.map(at_once, range(THREADS)))
        assert bookings == [bookings[0]] * THREADS
        assert stage.booked() == 1

    @needs("book")
    def test_a_key_with_another_request_is_a_conflict(self, stage: CarrierStage) -> None:
        key, other = a_key(), stage.request(a_parcel(700))
        a_booking(stage, key=key)
        with pytest.raises(GatewayKeyConflict):
            stage.carrier.book(key, other, a_rate(stage, other), label_format=label_format(stage))
        assert stage.booked() == 1

    @needs("book")
    def test_a_rate_of_another_request_is_not_booked(self, stage: CarrierStage) -> None:
        rate = a_rate(stage, stage.request(a_parcel(700)))
        with pytest.raises(InvalidRequest):
            stage.carrier.book(a_key(), stage.request(a_parcel(500)), rate, label_format=label_format(stage))
        assert stage.booked() == 0

    @needs("book")
    def test_a_rate_that_has_expired_is_not_booked(self, stage: CarrierStage) -> None:
        request = stage.request(a_parcel())
        rate = a_rate(stage, request)
        if rate.valid_until is None:
            return
        stage.clock.set(rate.valid_until)
        assert stage.carrier.book(a_key(), request, rate, label_format=label_format(stage)).rate == rate
        stage.clock.advance(timedelta(seconds=1))
        with pytest.raises(InvalidState):
            stage.carrier.book(a_key(), request, rate, label_format=label_format(stage))
        with pytest.raises((InvalidRequest, InvalidState)):
            stage.carrier.book(a_key(), request, evolve(rate, valid_until=stage.clock.now() + timedelta(days=1)), label_format=label_format(stage))

    @needs("book")
    def test_a_label_format_that_is_not_declared_is_unsupported(self, stage: CarrierStage) -> None:
        request = stage.request(a_parcel())
        with pytest.raises(Unsupported):
            stage.carrier.book(a_key(), request, a_rate(stage, request), label_format="papyrus")
        assert stage.booked() == 0

    @pytest.mark.parametrize("trouble", list(Trouble))
    @needs("book")
    def test_a_booking_in_trouble_is_found_by_its_key_and_repeated_once(self, stage: CarrierStage, trouble: Trouble) -> None:
        key, request = a_key(), stage.request(a_parcel())
        rate = a_rate(stage, request)
        stage.strike(trouble)
        with pytest.raises(RAISED[trouble]):
            stage.carrier.book(key, request, rate, label_format=label_format(stage))
        found = stage.carrier.find_booking(key)
        assert (found is not None) is (trouble is Trouble.LOST_APPLIED)
        booking = stage.carrier.book(key, request, rate, label_format=label_format(stage))
        assert found in {None, booking}
        assert stage.booked() == 1

    @needs("book")
    def test_what_was_booked_is_found_by_its_key_alone(self, stage: CarrierStage) -> None:
        key = a_key()
        assert stage.carrier.find_booking(key) is None
        booking = a_booking(stage, key=key)
        assert stage.again().find_booking(key) == booking

    @needs("book", "void")
    def test_a_void_stays_void_however_often_it_is_asked_for(self, stage: CarrierStage) -> None:
        booking, key = a_booking(stage), a_key()
        assert [stage.carrier.void(key, booking.reference) for _ in range(2)] == [True, True]
        assert stage.carrier.void(a_key(), booking.reference)
        assert stage.booked() == 0

    @needs("book", "void")
    def test_a_parcel_that_was_picked_up_is_not_voided(self, stage: CarrierStage) -> None:
        booking = a_booking(stage)
        stage.scan(booking.tracking_numbers[0], code_for(stage, TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT), at=stage.clock.now())
        with pytest.raises(InvalidState):
            stage.carrier.void(a_key(), booking.reference)
        assert stage.booked() == 1

    @needs("void")
    def test_a_booking_that_nobody_knows_is_not_found(self, stage: CarrierStage) -> None:
        with pytest.raises(NotFound):
            stage.carrier.void(a_key(), "no_such_booking")
