"""The flat-rate carrier: what a shop holds in its hand. It keeps nothing; the truth is with the `CarrierDesk`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from shopwright.adapters.flat_rate import desk as counter
from shopwright.adapters.flat_rate import messages
from shopwright.adapters.flat_rate.desk import Booked, CarrierDesk
from shopwright.adapters.flat_rate.settings import FlatRateSettings, Per, Tariff
from shopwright.adapters.rows import Draft
from shopwright.adapters.system import SystemClock
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.payments.errors import InvalidRequest, NotFound, Unsupported
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.ports.carrier import TrackNotification
from shopwright.ports.clock import Clock
from shopwright.shipping.bookings import Booking
from shopwright.shipping.capabilities import CarrierCapabilities
from shopwright.shipping.rates import Problem, Rate, RateQuote, RateRequest
from shopwright.shipping.tracking import Track, TrackEvent


class FlatRate:
    """A `Carrier` with one price, per order or per parcel. Its parcels move when `script` says so."""

    api_version = 1

    def __init__(
        self,
        name: str = "flat_rate",
        *,
        rate: Money | None = None,
        per: Per | str = Per.ORDER,
        tariff: Tariff | None = None,
        desk: CarrierDesk | None = None,
        clock: Clock | None = None,
        settings: FlatRateSettings | None = None,
    ) -> None:
        if desk is not None and clock is not None:
            raise InvalidValue("give a desk, which has a clock, or a clock, not both")
        self.name = name
        self.tariff = _tariff(rate, per, tariff)
        self.desk = desk or CarrierDesk(clock=clock or SystemClock(), settings=settings)
        self.settings = settings or self.desk.settings

    def __repr__(self) -> str:
        return f"FlatRate(name={self.name!r}, tariff={self.tariff!r})"

    @property
    def capabilities(self) -> CarrierCapabilities:
        """What it can do."""
        return CarrierCapabilities(
            returns=self.tariff.returns,
            tracking_push=True,
            label_formats=messages.LABEL_FORMATS,
            countries=self.tariff.countries,
            max_weight_g=self.tariff.max_weight_g,
            volumetric_divisor=self.tariff.volumetric_divisor,
        )

    def quote(self, request: RateRequest, *, deadline: timedelta) -> RateQuote:
        """The one rate; too little time is a problem like any other."""
        self._demand_way(request)
        if deadline <= timedelta(0):
            late = Problem(carrier=self.name, code="deadline_passed", message=f"no time was left: {deadline}", retryable=True)
            return RateQuote((), (late,))
        return self.desk.handle("quote", lambda _draft, at: messages.quoted(self.name, self.tariff, self.settings, request, at=at))

    def book(self, key: OperationKey, request: RateRequest, rate: Rate, *, label_format: str) -> Booking:
        """Give out tracking numbers and labels at a rate that was quoted for this request."""
        if label_format not in messages.LABEL_FORMATS:
            raise Unsupported(f"labels come in {', '.join(sorted(messages.LABEL_FORMATS))}, got {label_format!r}")
        self._demand_way(request)
        if rate.carrier != self.name:
            raise InvalidRequest(f"the rate is of {rate.carrier}, this is {self.name}")

        def work(draft: Draft, at: datetime) -> Booking:
            if draft.get("bookings", key.value, Booked) is None:
                messages.demand_bookable(self.settings, request, rate, at=at)
            seal = messages.sealed_reference(self.settings, request, rate.total, rate.valid_until)
            return counter.book(draft, key.value, request, rate, seal=seal, label_format=label_format, at=at)

        return self.desk.handle("book", work)

    def find_booking(self, key: OperationKey) -> Booking | None:
        """What was booked under this key."""

        def work(draft: Draft, _at: datetime) -> Booking | None:
            row = draft.get("bookings", key.value, Booked)
            return None if row is None else counter.booking(row)

        return self.desk.handle("find", work)

    def void(self, key: OperationKey, reference: str) -> bool:
        """Cancel a booking that has not moved."""
        return self.desk.handle("void", lambda draft, at: counter.void(draft, key.value, reference, at=at))

    def track(self, numbers: Collection[str]) -> dict[str, Track | Problem]:
        """The history of each number."""
        return self.desk.handle("track", lambda draft, _at: {number: self._history(draft, number) for number in numbers})

    def parse_notification(self, raw: RawNotification) -> TrackNotification:
        """Verify and parse what the carrier pushed."""
        return messages.opened(raw, self.settings)

    def script(self, number: str, *scans: TrackEvent) -> None:
        """Let the parcel of this number be scanned, now or at any time that the scans say."""
        self.desk.scan(number, *scans)

    def _demand_way(self, request: RateRequest) -> None:
        if request.returns and not self.tariff.returns:
            raise Unsupported(f"{self.name} takes nothing back to the shop; its tariff has returns=False")

    def _history(self, draft: Draft, number: str) -> Track | Problem:
        try:
            return counter.track(draft, number)
        except NotFound as unknown:
            return Problem(carrier=self.name, code="tracking_number_unknown", message=str(unknown))


def _tariff(rate: Money | None, per: Per | str, tariff: Tariff | None) -> Tariff:
    if rate is not None and tariff is None:
        return Tariff(rate=rate, per=per)
    if tariff is not None and rate is None:
        return tariff
    raise InvalidValue("give a rate, or a tariff for everything else that can be said, and not both")
