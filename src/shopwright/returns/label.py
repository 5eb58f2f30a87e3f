"""The return label of a case: a booking from the buyer's address to a place of the shop. Where the buyer lives stands on the order alone, sealed."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve as changed
from attrs import frozen

from shopwright.returns import events as e
from shopwright.returns.label_states import TRANSITIONS, LabelState
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.tracking import AFTER_DELIVERY, Track, TrackEvent, TrackStatus, history

UNMOVED = frozenset({TrackStatus.UNKNOWN, TrackStatus.LABEL_CREATED, TrackStatus.CANCELED})
"""What a carrier reports of a parcel that nobody has handed over."""


@frozen(kw_only=True)
class ReturnLabel:
    """What a carrier was asked for under `key`, and what came of it; `cost` is in minor units of `currency`, and the shop's to pay. Once it is
    `dropped` nobody wants it any more, whatever its carrier knows.
    """

    key: str
    carrier: str
    to: Party
    parcels: tuple[Parcel, ...]
    label_format: str
    asked_at: datetime
    state: LabelState = LabelState.ASKED
    reference: str = ""
    tracking_numbers: tuple[str, ...] = ()
    cost: int = 0
    currency: str = ""
    failed_for: str = ""
    dropped: bool = False
    scans: tuple[TrackEvent, ...] = ()

    @property
    def status(self) -> TrackStatus:
        """Where the parcel is, by its scans."""
        return Track(number=self.key, events=self.scans).status

    @property
    def moved(self) -> bool:
        """Whether the buyer has handed the parcel over."""
        return any(scan.status not in UNMOVED for scan in self.scans)

    @property
    def ended(self) -> bool:
        """Whether its carrier has nothing more to do: the parcel was brought, or is lost."""
        return self.lost or self.status in AFTER_DELIVERY

    @property
    def lost(self) -> bool:
        """Whether the carrier gives the parcel up for lost."""
        return self.status is TrackStatus.LOST


def asked(event: e.ReturnLabelAsked) -> ReturnLabel:
    """The label that a question begins."""
    return ReturnLabel(key=event.key, carrier=event.carrier, to=event.to, parcels=event.parcels, label_format=event.label_format, asked_at=event.at)


def evolve(label: ReturnLabel, event: e.LabelNews) -> ReturnLabel:
    """The label after one more event. It never refuses, so that history always replays."""
    if isinstance(event, e.ReturnParcelScanned):
        return changed(label, scans=history((*label.scans, *event.scans)))
    if event.key != label.key:
        return label
    if isinstance(event, e.ReturnLabelDropped):
        return changed(label, dropped=True)
    state = TRANSITIONS[label.state].get(type(event))
    if state is None:
        return label
    match event:
        case e.ReturnLabelBooked():
            return changed(
                label, state=state, reference=event.reference, tracking_numbers=event.tracking_numbers, cost=event.cost, currency=event.currency
            )
        case e.ReturnLabelFailed():
            return changed(label, state=state, failed_for=event.why)
        case _:
            return changed(label, state=state)
