"""What happens to a shipment."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.tracking import TrackEvent


@frozen(kw_only=True)
class ShipmentPlanned:
    """Units are set aside to travel together: pairs of line number and quantity. `place` is where they leave from, where that is known."""

    shipment_id: str
    units: tuple[tuple[int, int], ...]
    carrier: str
    at: datetime = field(validator=aware)
    place: str = ""


@frozen(kw_only=True)
class BookingAttempted:
    """A carrier is about to be asked, under this key; stored before the call, with all that is needed to ask again."""

    shipment_id: str
    key: str
    origin: Party
    parcels: tuple[Parcel, ...]
    label_format: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentBooked:
    """The carrier will take it: its reference, the tracking numbers, and the cost in minor units of its currency."""

    shipment_id: str
    reference: str
    tracking_numbers: tuple[str, ...]
    cost: int
    currency: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class BookingFailed:
    """The carrier said no; the shipment stays planned and can be booked again under a new key."""

    shipment_id: str
    key: str
    why: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentDispatched:
    """It has left the shop's hands."""

    shipment_id: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentTracked:
    """Scans that were not known before."""

    shipment_id: str
    scans: tuple[TrackEvent, ...]
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentTroubled:
    """Something keeps it from arriving: a failed attempt, a wrong address, customs."""

    shipment_id: str
    why: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentDelivered:
    """It has arrived."""

    shipment_id: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentReturning:
    """It is on its way back."""

    shipment_id: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentReturned:
    """It is back with the shop."""

    shipment_id: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentLost:
    """Nobody expects it any more."""

    shipment_id: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class ShipmentCanceled:
    """It will not leave; its units are open again."""

    shipment_id: str
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class BookingVoided:
    """The carrier will not come for it; `void` is false when the carrier would not cancel any more."""

    shipment_id: str
    void: bool
    at: datetime = field(validator=aware)


ShipmentEvent = (
    ShipmentPlanned
    | BookingAttempted
    | ShipmentBooked
    | BookingFailed
    | ShipmentDispatched
    | ShipmentTracked
    | ShipmentTroubled
    | ShipmentDelivered
    | ShipmentReturning
    | ShipmentReturned
    | ShipmentLost
    | ShipmentCanceled
    | BookingVoided
)
