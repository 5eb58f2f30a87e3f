"""Tracking, asked for and pushed: one history, in words that mean the same for every carrier."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

import pytest
from attrs import evolve

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import BadNotification, GatewayError
from shopwright.payments.notifications import RawNotification
from shopwright.shipping.rates import Problem
from shopwright.shipping.tracking import Track, TrackStatus, merged
from shopwright.testing.carrier_contract.stage import CarrierStage, a_booking, code_for, needs

STALE = timedelta(hours=1)


class Tracks:
    """Where the parcels are."""

    @needs("book", "tracking_poll")
    def test_every_code_of_the_carrier_means_what_it_documents(self, stage: CarrierStage) -> None:
        for code, meaning in stage.codes:
            number = a_booking(stage).tracking_numbers[0]
            stage.scan(number, code, at=stage.clock.now() + timedelta(minutes=1))
            last = _track(stage, number).events[-1]
            assert (last.raw_code, last.status) == (code, meaning)

    @needs("book", "tracking_poll")
    def test_a_code_that_nobody_documented_is_unknown_and_stays_as_it_came(self, stage: CarrierStage) -> None:
        number = a_booking(stage).tracking_numbers[0]
        before = _track(stage, number).status
        stage.scan(number, "quantum_tunneled", at=stage.clock.now() + timedelta(minutes=1))
        track = _track(stage, number)
        assert (track.events[-1].status, track.events[-1].raw_code) == (TrackStatus.UNKNOWN, "quantum_tunneled")
        assert track.status is before

    @needs("book", "tracking_poll")
    def test_scans_that_come_late_and_in_disorder_make_one_history_by_time(self, stage: CarrierStage) -> None:
        number, begin = a_booking(stage).tracking_numbers[0], stage.clock.now()
        moving, delivered = code_for(stage, TrackStatus.IN_TRANSIT), code_for(stage, TrackStatus.DELIVERED)
        for hours, code in ((30, delivered), (10, moving), (20, moving)):
            stage.scan(number, code, at=begin + timedelta(hours=hours), place=f"stop {hours}")
        track = _track(stage, number)
        assert [event.at for event in track.events] == sorted(event.at for event in track.events)
        assert (track.status, track.delivered_at) == (TrackStatus.DELIVERED, begin + timedelta(hours=30))

    @needs("book", "tracking_poll")
    def test_a_late_scan_does_not_take_a_delivery_back_and_a_return_does(self, stage: CarrierStage) -> None:
        number, begin = a_booking(stage).tracking_numbers[0], stage.clock.now()
        stage.scan(number, code_for(stage, TrackStatus.DELIVERED), at=begin + timedelta(hours=1))
        stage.scan(number, code_for(stage, TrackStatus.IN_TRANSIT), at=begin + timedelta(hours=2))
        assert _track(stage, number).status is TrackStatus.DELIVERED
        stage.scan(number, code_for(stage, TrackStatus.RETURNING), at=begin + timedelta(hours=3))
        assert _track(stage, number).status is TrackStatus.RETURNING

    @needs("book", "tracking_poll")
    def test_one_bad_number_spoils_no_other(self, stage: CarrierStage) -> None:
        number = a_booking(stage).tracking_numbers[0]
        found = stage.carrier.track((number, "no_such_number"))
        assert set(found) == {number, "no_such_number"}
        assert (type(found[number]), type(found["no_such_number"])) == (Track, Problem)
        assert stage.carrier.track(()) == {}

    @needs("book", "tracking_poll")
    def test_every_time_knows_its_zone(self, stage: CarrierStage) -> None:
        number = a_booking(stage).tracking_numbers[0]
        stage.scan(number, code_for(stage, TrackStatus.IN_TRANSIT), at=stage.clock.now())
        assert [event for event in _track(stage, number).events if event.at.utcoffset() is None] == []

    @pytest.mark.parametrize("trouble", list(Trouble))
    @needs("book", "tracking_poll")
    def test_asking_in_trouble_is_an_outage_or_a_retryable_problem(self, stage: CarrierStage, trouble: Trouble) -> None:
        number = a_booking(stage).tracking_numbers[0]
        stage.strike(trouble)
        try:
            found = stage.carrier.track((number,))[number]
        except GatewayError:
            found = stage.carrier.track((number,))[number]
            assert isinstance(found, Track)
        else:
            assert isinstance(found, Problem)
            assert found.retryable

    @needs("book", "tracking_poll", "tracking_push")
    def test_what_is_pushed_in_any_order_merges_to_what_is_told_on_asking(self, stage: CarrierStage) -> None:
        number, begin = a_booking(stage).tracking_numbers[0], stage.clock.now()
        for hours, status in ((10, TrackStatus.IN_TRANSIT), (20, TrackStatus.OUT_FOR_DELIVERY), (30, TrackStatus.DELIVERED)):
            stage.scan(number, code_for(stage, status), at=begin + timedelta(hours=hours))
        pushed = stage.pushed()
        for order in (pushed, list(reversed(pushed)), [*pushed] * 2):
            tracks = [track for raw in order for track in stage.carrier.parse_notification(raw).tracks if track.number == number]
            assert reduce(merged, tracks).events == _track(stage, number).events

    @needs("book", "tracking_push")
    def test_a_forged_or_stale_notification_is_refused(self, stage: CarrierStage) -> None:
        number = a_booking(stage).tracking_numbers[0]
        stage.scan(number, code_for(stage, TrackStatus.DELIVERED), at=stage.clock.now())
        raw = stage.pushed()[-1]
        read = stage.carrier.parse_notification(raw)
        assert 200 <= read.ok.status < 300 <= read.retry_later.status
        for late_by in (STALE, -STALE):
            _demand_bad(stage, evolve(raw, received_at=raw.received_at + late_by))
        for place in range(0, len(raw.body), max(1, len(raw.body) // 40)):
            changed = bytearray(raw.body)
            changed[place] ^= 1
            _demand_bad(stage, evolve(raw, body=bytes(changed)))
        for name in stage.signature_headers:
            others, value = tuple(pair for pair in raw.headers if pair[0].lower() != name.lower()), raw.header(name)
            _demand_bad(stage, evolve(raw, headers=others))
            _demand_bad(stage, evolve(raw, headers=(*others, (name, value), (name, value))))
            _demand_bad(stage, evolve(raw, headers=(*others, (name, value[:-1] + chr(ord(value[-1]) ^ 1)))))


def _track(stage: CarrierStage, number: str) -> Track:
    found = stage.carrier.track((number,))[number]
    assert isinstance(found, Track), f"expected a track, got {found}"
    return found


def _demand_bad(stage: CarrierStage, raw: RawNotification) -> None:
    with pytest.raises(BadNotification):
        stage.carrier.parse_notification(raw)
