"""What a carrier reports about a parcel on its way, in statuses that mean the same for every carrier.

Rules
- a raw code that an adapter does not know is `UNKNOWN` and stays visible as it came; it is never guessed to be in transit;
- times know their zone; a carrier that gives local times has its zone put on by the adapter;
- scans come late, twice and in any order: `merged` makes one history of them;
- the status of a track never steps back from delivered to being on the way; a parcel that goes back is `RETURNING`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import evolve, field, frozen

from shopwright.edges import aware, maybe, members, of, text, whole
from shopwright.errors import InvalidValue


class TrackStatus(StrEnum):
    """Where a parcel is."""

    UNKNOWN = "unknown"
    LABEL_CREATED = "label_created"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    CUSTOMS = "customs"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_COLLECTION = "ready_for_collection"
    ATTEMPT_FAILED = "attempt_failed"
    EXCEPTION = "exception"
    DAMAGED = "damaged"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELED = "canceled"
    LOST = "lost"


class Blame(StrEnum):
    """Whose doing an incident is."""

    CARRIER = "carrier"
    SHIPPER = "shipper"
    CONSIGNEE = "consignee"
    CUSTOMS = "customs"
    WEATHER = "weather"
    OTHER = "other"


AFTER_DELIVERY = frozenset({TrackStatus.DELIVERED, TrackStatus.RETURNING, TrackStatus.RETURNED})
"""What may still be reported of a parcel that was delivered; anything else is a late scan."""


_SHORT, _SENTENCES = text(), text(most=1_000)


@frozen(kw_only=True)
class TrackEvent:
    """One scan: when, what, in the carrier's own code and words, and where. `blame` says whose doing an incident is."""

    at: datetime = field(validator=aware)
    status: TrackStatus = field(validator=of(TrackStatus))
    raw_code: str = field(default="", validator=_SHORT)
    text: str = field(default="", validator=_SENTENCES)
    place: str = field(default="", validator=_SHORT)
    blame: Blame | None = field(default=None, validator=maybe(of(Blame)))
    event_id: str = field(default="", validator=_SHORT)


@frozen(kw_only=True)
class Track:
    """The history of one tracking number, oldest scan first, each scan once."""

    number: str = field(validator=text(least=1))
    events: tuple[TrackEvent, ...] = field(default=(), validator=members(TrackEvent))
    eta: datetime | None = field(default=None, validator=maybe(aware))
    signed_by: str | None = field(default=None, validator=maybe(text()), repr=False)
    weight_g: int | None = field(default=None, validator=maybe(whole(least=0)))

    @property
    def status(self) -> TrackStatus:
        """Where the parcel is now: the newest scan, except that a late scan does not take a delivery back."""
        status = TrackStatus.UNKNOWN
        for event in self.events:
            if event.status is TrackStatus.UNKNOWN or (status in AFTER_DELIVERY and event.status not in AFTER_DELIVERY):
                continue
            status = event.status
        return status

    @property
    def delivered_at(self) -> datetime | None:
        """When it was first reported as delivered."""
        return next((event.at for event in self.events if event.status is TrackStatus.DELIVERED), None)


def merged(known: Track, news: Track) -> Track:
    """One history of two: scans by time, each once, and the newer word on arrival, signature and weight.

    Raises `InvalidValue` when the two are about different numbers.
    """
    if known.number != news.number:
        raise InvalidValue(f"tracks of one number can be merged, got {known.number!r} and {news.number!r}")
    return evolve(
        known,
        events=history((*known.events, *news.events)),
        eta=news.eta or known.eta,
        signed_by=news.signed_by or known.signed_by,
        weight_g=known.weight_g if news.weight_g is None else news.weight_g,
    )


def history(scans: tuple[TrackEvent, ...]) -> tuple[TrackEvent, ...]:
    """Scans by time, each once: twins share the carrier's event id or, where it gives none, all they say.

    Two scans of one moment keep the order in which a parcel lives through them.
    """
    once = {scan.event_id or scan: scan for scan in scans}
    order = {status: place for place, status in enumerate(TrackStatus)}
    return tuple(sorted(once.values(), key=lambda scan: (scan.at, order[scan.status], scan.event_id, scan.raw_code, scan.text, scan.place)))
