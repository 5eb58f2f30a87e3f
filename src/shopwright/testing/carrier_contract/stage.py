"""What a plug-in author gives the kit: a carrier on a stage, with the depot, the scanner and the wire in the author's hands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any, Protocol, TypeVar

import pytest
from attrs import evolve

from shopwright.adapters.troubles import Trouble
from shopwright.payments.errors import Unsupported
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.ports.carrier import Carrier
from shopwright.shipping.bookings import Booking
from shopwright.shipping.parcels import Parcel
from shopwright.shipping.rates import Rate, RateRequest
from shopwright.shipping.tracking import TrackStatus
from shopwright.testing.clock import FrozenClock

Test = TypeVar("Test", bound=Callable[..., None])
SOON = timedelta(seconds=30)
"""The deadline of a quote in a test."""


class CarrierStage(Protocol):
    """A carrier with the other side of it. `clock` is the one time for both."""

    @property
    def carrier(self) -> Carrier:
        """The adapter under test."""
        ...

    @property
    def clock(self) -> FrozenClock:
        """The time of carrier and provider."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret in the adapter's settings."""
        ...

    @property
    def signature_headers(self) -> tuple[str, ...]:
        """The headers of a notification that vouch for it; none where the carrier pushes nothing."""
        ...

    @property
    def codes(self) -> tuple[tuple[str, TrackStatus], ...]:
        """Every tracking code that the carrier documents, with what it means."""
        ...

    def again(self) -> Carrier:
        """Another carrier object with the same account at the same provider, as after a restart of the shop."""
        ...

    def request(self, *parcels: Parcel) -> RateRequest:
        """A request that the carrier serves, for these parcels."""
        ...

    def strike(self, trouble: Trouble) -> None:
        """Let the next request end in this trouble, whatever it is."""
        ...

    def scan(self, number: str, code: str, *, at: datetime, place: str = "") -> None:
        """Somebody scans a parcel with this code."""
        ...

    def pushed(self) -> Sequence[RawNotification]:
        """Every notification so far from the first, signed now."""
        ...

    def booked(self) -> int:
        """How many bookings the provider has that are not void."""
        ...


_numbers = count(1)


def a_key() -> OperationKey:
    """A key that no operation has had."""
    return OperationKey(f"contract_{next(_numbers):08d}")


def a_parcel(weight_g: int = 500, *, side_mm: int = 100) -> Parcel:
    """A box of this weight, as long as wide as high."""
    return Parcel(weight_g=weight_g, length_mm=side_mm, width_mm=side_mm, height_mm=side_mm)


def a_rate(stage: CarrierStage, request: RateRequest) -> Rate:
    """The carrier's cheapest rate for a request that it serves."""
    quote = stage.carrier.quote(request, deadline=SOON)
    assert quote.rates, f"expected a rate, got {quote.problems}"
    return quote.rates[0]


def label_format(stage: CarrierStage) -> str:
    """One of the formats in which the carrier makes labels."""
    return min(stage.carrier.capabilities.label_formats)


def a_booking(stage: CarrierStage, *, key: OperationKey | None = None, parcels: int = 1) -> Booking:
    """A booking at the cheapest rate."""
    request = stage.request(*[a_parcel() for _ in range(parcels)])
    return stage.carrier.book(key or a_key(), request, a_rate(stage, request), label_format=label_format(stage))


def code_for(stage: CarrierStage, *wanted: TrackStatus) -> str:
    """A code of the carrier that means one of these; the test is skipped where none does."""
    found = next((code for status in wanted for code, means in stage.codes if means is status), None)
    if found is None:
        pytest.skip(f"this carrier has no code for {' or '.join(wanted)}")
    return found


def needs(*wanted: str) -> Callable[[Test], Test]:
    """Run the test where these capabilities are declared; where one is not, demand that the carrier refuses just that."""

    def decorate(test: Test) -> Test:
        @wraps(test)
        def either_way(self: Any, stage: CarrierStage, *args: Any, **facts: Any) -> None:
            missing = next((name for name in wanted if not getattr(stage.carrier.capabilities, name)), None)
            if missing is None:
                test(self, stage, *args, **facts)
            else:
                with pytest.raises(Unsupported):
                    _attempt(stage, missing)

        return either_way  # type: ignore[return-value]  # pytest sees the signature of the test through `wraps`

    return decorate


def _attempt(stage: CarrierStage, need: str) -> object:
    """Try what is not declared."""
    carrier = stage.carrier
    match need:
        case "quote":
            return carrier.quote(stage.request(a_parcel()), deadline=SOON)
        case "book" | "multi_parcel":
            return a_booking(stage, parcels=2)
        case "returns":
            out = stage.request(a_parcel())
            return carrier.quote(evolve(out, origin=out.destination, destination=out.origin, returns=True), deadline=SOON)
        case "void":
            return carrier.void(a_key(), "no_such_booking")
        case "tracking_poll":
            return carrier.track(("no_such_number",))
        case "tracking_push":
            return carrier.parse_notification(RawNotification(headers=(), body=b"{}", received_at=stage.clock.now()))
        case _:
            raise AssertionError(f"the kit has no way to try {need}")
