"""The flat-rate carrier keeps the contract of the port: in memory, in a shared file, and under a tight tariff."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from shopwright.adapters.flat_rate import CarrierDesk, FlatRate, Per, Tariff
from shopwright.adapters.flat_rate.messages import KEY_NAME, SIGNATURE
from shopwright.adapters.troubles import Trouble
from shopwright.money import Money
from shopwright.payments.notifications import RawNotification
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.rates import RateRequest
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing import CarrierContract, CarrierStage, FrozenClock

EVERYWHERE = Tariff(rate=Money(490, "EUR"))
TIGHT = Tariff(
    rate=Money(900, "JPY"),
    per=Per.PARCEL,
    countries=frozenset({"JP"}),
    max_weight_g=20_000,
    volumetric_divisor=5_000,
    valid_for=timedelta(hours=12),
    returns=False,
)


class FlatStage:
    """The flat-rate carrier with its desk; `path` puts the desk in a file that another object reads."""

    signature_headers = (SIGNATURE, KEY_NAME)
    codes = tuple((status.value, status) for status in TrackStatus)

    def __init__(self, tariff: Tariff, *, path: Path | None = None) -> None:
        self.clock, self._path, self._tariff = FrozenClock(), path, tariff
        self.desk = self._desk()
        self.carrier = FlatRate(tariff=tariff, desk=self.desk)
        self.secrets = (self.desk.settings.rate_secret, *(secret for _name, secret in self.desk.settings.signing_keys))

    def _desk(self) -> CarrierDesk:
        return CarrierDesk(clock=self.clock, path=self._path)

    def again(self) -> FlatRate:
        return FlatRate(tariff=self._tariff, desk=self.desk if self._path is None else self._desk())

    def request(self, *parcels: Parcel) -> RateRequest:
        someone = Party(name="凛 ^FS", lines=("1-2-3",), city="東京", postcode="100-0001", country="JP")
        return RateRequest(origin=someone, destination=someone, parcels=parcels, ship_at=self.clock.now())

    def strike(self, trouble: Trouble) -> None:
        self.desk.strike(trouble)

    def scan(self, number: str, code: str, *, at: datetime, place: str = "") -> None:
        self.carrier.script(number, TrackEvent(at=at, status=TrackStatus.UNKNOWN, raw_code=code, place=place))

    def pushed(self) -> Sequence[RawNotification]:
        return self.desk.notifications(again=True, shuffle=Random(7))

    def booked(self) -> int:
        return len(self.desk.bookings())


class TestFlatRate(CarrierContract):
    def make_carrier(self) -> CarrierStage:
        return FlatStage(EVERYWHERE)


class TestFlatRateInAFile(CarrierContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self._path = tmp_path / "desk.jsonl"

    def make_carrier(self) -> CarrierStage:
        return FlatStage(EVERYWHERE, path=self._path)


class TestFlatRateUnderATightTariff(CarrierContract):
    def make_carrier(self) -> CarrierStage:
        return FlatStage(TIGHT)
