"""The carrier port: what sending costs, the booking of it, and where the parcels are.

The contract kit `shopwright.testing.CarrierContract` holds every promise below for every adapter, as far as its capabilities
claim it. Errors are those of `shopwright.payments.errors`.

Rules
- what cannot be carried is a `Problem` in the quote, never an exception;
- the same key with the same parameters books once; with other parameters it raises `GatewayKeyConflict`;
- after `Indeterminate` ask `find_booking`, then repeat with the same key;
- what `capabilities` do not list raises `Unsupported` before any I/O;
- a way back (`RateRequest.returns`) is quoted, booked, found, voided and tracked as any other, and no rate or key of one way serves the other;
- an adapter is safe to share between threads, does no I/O when it is made, and shows no secret in `repr` or errors.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Protocol, runtime_checkable

from attrs import field, frozen

from shopwright.edges import members, of
from shopwright.payments.notifications import Ack, RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.shipping.bookings import Booking
from shopwright.shipping.capabilities import CarrierCapabilities
from shopwright.shipping.rates import Problem, Rate, RateQuote, RateRequest
from shopwright.shipping.tracking import Track

API_VERSION = 1
"""The version of this port; an adapter names the one it was written for."""


@frozen
class TrackNotification:
    """The tracks of one verified notification, each with the news alone, and the answers to give, as for gateways."""

    tracks: tuple[Track, ...] = field(validator=members(Track))
    ok: Ack = field(validator=of(Ack))
    retry_later: Ack = field(validator=of(Ack))


@runtime_checkable
class Carrier(Protocol):
    """Somebody who moves parcels, seen with one account. Every method that does I/O may raise `NotSent`, `Throttled`,
    `Indeterminate` or `Misconfigured`.
    """

    @property
    def name(self) -> str:
        """A slug (`[a-z][a-z0-9_]*`) that stands in stored shipments and never changes."""
        ...

    @property
    def api_version(self) -> int:
        """The `API_VERSION` that this adapter was written for."""
        ...

    @property
    def capabilities(self) -> CarrierCapabilities:
        """What it can do."""
        ...

    def quote(self, request: RateRequest, *, deadline: timedelta) -> RateQuote:
        """What it costs, cheapest first; what did not answer within the deadline is a retryable `Problem`."""
        ...

    def book(self, key: OperationKey, request: RateRequest, rate: Rate, *, label_format: str) -> Booking:
        """Order the transport at this rate: one tracking number and one label per parcel.

        Raises `InvalidState` for a rate that has expired, `InvalidRequest` for one that was not quoted for this request, and
        `GatewayKeyConflict`.
        """
        ...

    def find_booking(self, key: OperationKey) -> Booking | None:
        """What was booked under this key, or `None`: the way out of `Indeterminate`."""
        ...

    def void(self, key: OperationKey, reference: str) -> bool:
        """Cancel a booking. True when it is void now, which a repeat answers too; raises `InvalidState` once a parcel was picked up."""
        ...

    def track(self, numbers: Collection[str]) -> dict[str, Track | Problem]:
        """The history of each number asked for; a number that the carrier does not know is a `Problem` and spoils no other."""
        ...

    def parse_notification(self, raw: RawNotification) -> TrackNotification:
        """Verify and parse, in one go and without I/O; raises `BadNotification`."""
        ...
