"""Labels for goods on their way back: booked with carriers, void when nobody needs them, and the news of their parcels.

Rules
- CASELABEL-1: the key of a label is stored before its carrier is asked, and what may have been asked before is looked up by it first; then the
  question is repeated with the same key and the same words, so that there is one booking, whoever crashes when;
- CASELABEL-2: a carrier that gives no verdict leaves the label asked for; `sweep_cases` goes on from there;
- CASELABEL-3: a label of a case that is over is void at its carrier, also when it was booked only after the end;
- CASELABEL-4: the labels, and what their tracking numbers mean, are written with the word that they were booked;
- inside a host's transaction nobody is asked; the sweep does it once the host has committed.

Refusals, told in this order: `case_not_found`, `carrier_takes_no_returns`, those of `shopwright.returns.labeling`, `personal_data_erased`,
`address_incomplete`; of a label that is to be void `return_label_missing`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.flows.addressing import opened_address, party, told_of_nobody, without_personal
from shopwright.flows.booking import QUOTE_WITHIN, tracking_id, unaddressed
from shopwright.flows.checking import takes
from shopwright.flows.labeling import kept_return_labels, return_labels_of
from shopwright.flows.ports import Ports
from shopwright.flows.returns.commands import BookReturnLabel, TrackReturn, VoidReturnLabel
from shopwright.flows.returns.saving import as_it_stands, change, changes_of, read_case
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tried
from shopwright.members.actors import Actor
from shopwright.members.addresses import Address
from shopwright.orders.order import Order
from shopwright.payments.errors import GatewayError, GatewayKeyConflict, Indeterminate, Misconfigured, NotSent, Throttled
from shopwright.payments.operations import OperationKey
from shopwright.ports.carrier import Carrier
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.refusals import Refusal
from shopwright.returns import labeling
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision
from shopwright.returns.label import ReturnLabel
from shopwright.returns.label_states import LabelState
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.rates import Problem, RateRequest
from shopwright.shipping.tracking import TrackEvent
from shopwright.wire.kinds import TrackingNumber

Decide = Callable[[Case], CaseDecision]

_SILENCE = (Indeterminate, NotSent, Throttled)


@takes(BookReturnLabel)
def book_return_label(ports: Ports, command: BookReturnLabel, *, at: datetime) -> Case | Refusal:
    """Have a carrier bring the goods of a case back, at the cost of the shop.

    Refused with `case_not_found`, `carrier_takes_no_returns`, `case_goods_not_awaited`, `return_label_not_offered`, `return_label_open`,
    `address_incomplete` or `personal_data_erased`. Raises `IllegalTransition` unless the case is approved and nothing was sent, and `InvalidValue`
    for a carrier that the shop does not have. A carrier that offers nothing or says no is told by the label, which has failed then.
    """
    carrier = ports.carrier(command.wanted.carrier)

    def decide(case: Case) -> CaseDecision | Refusal:
        if not carrier.capabilities.returns:
            return Refusal(
                "carrier_takes_no_returns", f"{command.wanted.carrier} takes nothing back to the shop", {"carrier": command.wanted.carrier}
            )
        asked = labeling.ask_label(case, command.wanted, by=command.by, at=at)
        return asked if isinstance(asked, Refusal) else unaddressed(ports, _order_of(ports, case)) or asked

    case = change(ports, command, decide, at=at)
    return case if isinstance(case, Refusal) else tell_carrier(ports, case, at=at)


@takes(VoidReturnLabel)
def void_return_label(ports: Ports, command: VoidReturnLabel, *, at: datetime) -> Case | Refusal:
    """Say that nothing will be sent with the label of a case, and tell its carrier. Refused with `case_not_found` or `return_label_missing`.

    A carrier that would not cancel any more is told by the label, which is kept then; one that does not answer is asked again by the sweep.
    """
    case = change(ports, command, lambda case: labeling.drop_label(case, by=command.by, at=at), at=at)
    return case if isinstance(case, Refusal) else tell_carrier(ports, case, at=at)


@takes(TrackReturn)
def track_return(ports: Ports, command: TrackReturn, *, at: datetime) -> Case | Refusal:
    """Ask the carrier where the goods are, and take the scans in. A carrier that does not answer changes nothing. Refused with `case_not_found`."""
    stored = read_case(ports, command.case_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    case = stored.value
    if case.label is None or not case.label.tracking_numbers:
        return case
    try:
        tracks = ports.reached_carrier(case.label.carrier).track(case.label.tracking_numbers)
    except GatewayError:
        return case
    scans = tuple([scan for track in tracks.values() if not isinstance(track, Problem) for scan in track.events])
    return _take_in(ports, case, scans, at=at)


def news_of_return(ports: Ports, case_id: str, number: str, scans: tuple[TrackEvent, ...], *, at: datetime) -> None:
    """What a carrier pushed of a parcel on its way back. News of a label that a newer one has replaced changes nothing."""
    case = as_it_stands(ports, case_id)
    if case.label is not None and number in case.label.tracking_numbers:
        _take_in(ports, case, scans, at=at)


def _take_in(ports: Ports, case: Case, scans: tuple[TrackEvent, ...], *, at: datetime) -> Case:
    order = _order_of(ports, case)
    told = scans if order.ship_to.sealed is None else told_of_nobody(ports, order, scans)
    return tell_carrier(ports, _advance(ports, case, lambda now: labeling.track_return(now, told, at=at), at=at), at=at)


def labels_of_case(ports: Ports, case_id: str, *, by: Actor) -> tuple[Label, ...] | Refusal:
    """The labels for the goods of a case, opened; none that are void. Refused with `case_not_found` and `personal_data_erased`."""
    stored = read_case(ports, case_id, by)
    return stored if isinstance(stored, Refusal) else kept_return_labels(ports, stored.value)


def tell_carrier(ports: Ports, case: Case, *, at: datetime) -> Case:
    """Bring a label that was asked for to its end, and void one that nobody needs any more."""
    if ports.storage.is_joined or case.label is None:
        return case
    if case.label.state is LabelState.ASKED:
        case = _book(ports, case, case.label, at=at)
    return _void(ports, case, case.label, at=at) if case.label is not None and labeling.label_to_void(case) else case


def _book(ports: Ports, case: Case, label: ReturnLabel, *, at: datetime) -> Case:
    key = OperationKey(label.key)
    try:
        carrier = ports.reached_carrier(label.carrier)
        booking = carrier.find_booking(key)
    except GatewayError:
        return case  # an error of the look-up says nothing about what was asked
    order, why = _order_of(ports, case), "the carrier offers no rate for it"
    if booking is None and not labeling.label_wanted(case):
        return _failed(ports, case, label, "nobody needs it any more", at=at)
    if booking is None:
        came_from = opened_address(ports, order)
        if isinstance(came_from, Refusal):
            return _failed(ports, case, label, came_from.message, at=at)
        try:
            booking = _ordered(carrier, came_from, label, key)
        except (*_SILENCE, GatewayKeyConflict):
            return case
        except (GatewayError, InvalidValue) as error:
            why = str(error) if order.ship_to.sealed is None else without_personal(str(error), came_from)
    return _failed(ports, case, label, why, at=at) if booking is None else _booked(ports, case, order, label, booking, at=at)


def _ordered(carrier: Carrier, came_from: Address, label: ReturnLabel, key: OperationKey) -> Booking | None:
    """Ask in the same words each time: from the day on which the label was first asked for (CASELABEL-1)."""
    request = RateRequest(origin=party(came_from), destination=label.to, parcels=label.parcels, ship_at=label.asked_at, returns=True)
    rate = carrier.quote(request, deadline=QUOTE_WITHIN).cheapest
    return None if rate is None else carrier.book(key, request, rate, label_format=label.label_format)


def _failed(ports: Ports, case: Case, label: ReturnLabel, why: str, *, at: datetime) -> Case:
    return _advance(ports, case, lambda now: labeling.failed(now, label.key, why, at=at), at=at)


def _booked(ports: Ports, case: Case, order: Order, label: ReturnLabel, booking: Booking, *, at: datetime) -> Case:
    """Keep the labels and what the numbers mean with the word that it was booked (CASELABEL-4). A number means the parcel that had it last."""
    labels = return_labels_of(ports, order, case, label.key, booking, at=at)
    ids = {tracking_id(label.carrier, number): number for number in booking.tracking_numbers}

    def beside() -> tuple[Put, ...]:
        used = ports.storage.load_many(TrackingNumber, ids)
        versions = {id: stored.version for id, stored in used.items()}
        before = ports.storage.load(type(labels), case.id)
        meanings = [Put(id, TrackingNumber(label.carrier, number, case.order_id, "", case.id), versions.get(id, 0)) for id, number in ids.items()]
        return Put(case.id, labels, 0 if before is None else before.version), *meanings

    return _advance(ports, case, lambda now: labeling.booked(now, label.key, booking, at=at), at=at, beside=beside)


def _void(ports: Ports, case: Case, label: ReturnLabel, *, at: datetime) -> Case:
    if label.state is not LabelState.BOOKED or ports.storage.is_joined:
        return case
    try:
        void = ports.reached_carrier(label.carrier).void(OperationKey(labeling.void_key(label)), label.reference)
    except (*_SILENCE, Misconfigured):
        return case
    except GatewayError:
        void = False
    return _advance(ports, case, lambda now: labeling.voided(now, label.key, void=void, at=at), at=at)


def _advance(ports: Ports, case: Case, decide: Decide, *, at: datetime, beside: Callable[[], tuple[Put, ...]] = tuple) -> Case:
    """A step that the shop takes by itself, keyed by where the case stands when it is taken; nothing where nothing is decided."""

    def attempt() -> Case | None:
        stored = ports.storage.load(Case, case.id)
        assert stored is not None, "cases never leave the store"
        decision = decide(stored.value)
        if not decision.events:
            return stored.value
        made = changes_of(ports, stored, decision)
        op = Operation(fitted(f"{case.id}/{stored.value.event_count}/label"), "label", case.id)
        result = ports.storage.commit(Changeset(op, at, puts=(*made.puts, *beside()), records=made.records))
        return None if isinstance(result, Refusal) or result.repeated else decision.case

    return tried(ports.storage, attempt) or as_it_stands(ports, case.id)


def _order_of(ports: Ports, case: Case) -> Order:
    stored = ports.storage.load(Order, case.order_id)
    assert stored is not None, "orders never leave the store"
    return stored.value
