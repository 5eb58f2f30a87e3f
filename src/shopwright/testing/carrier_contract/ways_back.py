"""The way back: a label from the buyer to the shop, booked, found, voided and tracked as any other; or refused where it is not declared."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import GatewayKeyConflict, InvalidRequest, InvalidState, Unsupported
from shopwright.payments.operations import OperationKey
from shopwright.shipping.bookings import Booking
from shopwright.shipping.parcels import Parcel
from shopwright.shipping.rates import RateRequest
from shopwright.shipping.tracking import Track, TrackStatus
from shopwright.testing.carrier_contract.stage import SOON, CarrierStage, a_key, a_parcel, a_rate, code_for, label_format, needs
from shopwright.testing.carrier_contract.transports import RAISED


class WaysBack:
    """What the shop lets a buyer send back."""

    @needs("book", "returns")
    def test_a_way_back_gets_its_number_and_its_label_at_the_price_that_was_quoted(self, stage: CarrierStage) -> None:
        request = back(stage)
        rate = a_rate(stage, request)
        booking = stage.carrier.book(a_key(), request, rate, label_format=label_format(stage))
        assert (booking.cost, booking.rate) == (rate.total, rate)
        assert [label.tracking_number for label in booking.labels] == list(booking.tracking_numbers)
        assert {label.format for label in booking.labels} == {label_format(stage)}

    def test_a_way_back_that_is_not_declared_is_neither_quoted_nor_booked(self, stage: CarrierStage) -> None:
        if stage.carrier.capabilities.returns or not stage.carrier.capabilities.book:
            return
        out = stage.request(a_parcel())
        rate = a_rate(stage, out)
        with pytest.raises(Unsupported):
            stage.carrier.quote(back(stage), deadline=SOON)
        with pytest.raises(Unsupported):
            stage.carrier.book(a_key(), back(stage), rate, label_format=label_format(stage))
        assert stage.booked() == 0

    @needs("book", "returns")
    def test_no_rate_of_one_way_is_booked_for_the_other(self, stage: CarrierStage) -> None:
        out, way_back = stage.request(a_parcel()), back(stage)
        for request, other in ((out, way_back), (way_back, out)):
            with pytest.raises(InvalidRequest):
                stage.carrier.book(a_key(), request, a_rate(stage, other), label_format=label_format(stage))
        assert stage.booked() == 0

    @needs("book", "returns")
    def test_a_key_of_one_way_is_a_conflict_for_the_other(self, stage: CarrierStage) -> None:
        key, out = a_key(), stage.request(a_parcel())
        booked = stage.carrier.book(key, out, a_rate(stage, out), label_format=label_format(stage))
        with pytest.raises(GatewayKeyConflict):
            a_way_back(stage, key=key)
        assert (stage.carrier.find_booking(key), stage.booked()) == (booked, 1)

    @pytest.mark.parametrize("trouble", list(Trouble))
    @needs("book", "returns")
    def test_a_way_back_in_trouble_is_found_by_its_key_and_repeated_once(self, stage: CarrierStage, trouble: Trouble) -> None:
        key, request = a_key(), back(stage)
        rate = a_rate(stage, request)
        stage.strike(trouble)
        with pytest.raises(RAISED[trouble]):
            stage.carrier.book(key, request, rate, label_format=label_format(stage))
        found = stage.again().find_booking(key)
        assert (found is not None) is (trouble is Trouble.LOST_APPLIED)
        booking = stage.carrier.book(key, request, rate, label_format=label_format(stage))
        assert found in {None, booking}
        assert stage.booked() == 1

    @needs("book", "void", "returns")
    def test_a_way_back_is_voided_while_the_buyer_has_sent_nothing(self, stage: CarrierStage) -> None:
        unused, used = a_way_back(stage), a_way_back(stage)
        stage.scan(used.tracking_numbers[0], code_for(stage, TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT), at=stage.clock.now())
        assert stage.carrier.void(a_key(), unused.reference)
        with pytest.raises(InvalidState):
            stage.carrier.void(a_key(), used.reference)
        assert stage.booked() == 1

    @needs("book", "tracking_poll", "returns")
    def test_a_way_back_is_tracked_to_the_door_of_the_shop(self, stage: CarrierStage) -> None:
        number, begin = a_way_back(stage).tracking_numbers[0], stage.clock.now()
        for hours, status in ((10, TrackStatus.IN_TRANSIT), (30, TrackStatus.DELIVERED)):
            stage.scan(number, code_for(stage, status), at=begin + timedelta(hours=hours))
        track = stage.carrier.track((number,))[number]
        assert isinstance(track, Track), f"expected a track, got {track}"
        assert (track.status, track.delivered_at) == (TrackStatus.DELIVERED, begin + timedelta(hours=30))


def back(stage: CarrierStage, *parcels: Parcel) -> RateRequest:
    """The way back of what the stage sends: from its buyer to its shop."""
    out = stage.request(*(parcels or (a_parcel(),)))
    return evolve(out, origin=out.destination, destination=out.origin, returns=True)


def a_way_back(stage: CarrierStage, *, key: OperationKey | None = None) -> Booking:
    """A way back at the cheapest rate."""
    request = back(stage)
    return stage.carrier.book(key or a_key(), request, a_rate(stage, request), label_format=label_format(stage))
