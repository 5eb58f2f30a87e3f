"""A label for goods on their way back: asked for, booked, void again, and the news of its parcel.

Rules
- LABEL-1: the shop pays the way back of a case where it pays that of any line whose goods come back, as frozen when the case was opened; where it
  pays for none no label is booked, and the customer sends the goods by themselves;
- LABEL-2: a case has one label at a time; its key is stored before the carrier is asked, and another is asked for only once that one failed or is
  void;
- LABEL-3: a case that is over needs no label: one that nobody has used is void, as is one that somebody dropped;
- LABEL-4: the first scan of a parcel on its way says that the goods were sent; that they were received is said by a person, and a parcel that is
  given up for lost moves nothing: somebody decides to miss it;
- LABEL-5: a case does not expire once the shop's own carrier has the goods.

Refusal codes, in the order in which they are asked: `case_goods_not_awaited`, `return_label_not_offered`, `return_label_open`; of one that is to be
void `return_label_missing`.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from attrs import field, frozen

from shopwright.edges import members, of, text
from shopwright.members.actors import SYSTEM, Actor
from shopwright.refusals import Refusal
from shopwright.returns import events as e
from shopwright.returns.case import Case
from shopwright.returns.decision import CaseDecision, decided, require
from shopwright.returns.label import UNMOVED, ReturnLabel
from shopwright.returns.label_states import AT_WORK, LabelState
from shopwright.returns.states import TRANSITIONS
from shopwright.shipping.bookings import Booking
from shopwright.shipping.parcels import Parcel, Party
from shopwright.shipping.tracking import TrackEvent, history


@frozen(kw_only=True)
class LabelWanted:
    """What a carrier is asked to bring back: these parcels, to this place of the shop, with labels in this format."""

    carrier: str = field(validator=text(least=1))
    to: Party = field(validator=of(Party))
    parcels: tuple[Parcel, ...] = field(validator=members(Parcel, least=1))
    label_format: str = field(default="pdf", validator=text(least=1))


def ask_label(case: Case, wanted: LabelWanted, *, by: Actor, at: datetime) -> CaseDecision | Refusal:
    """Store that a carrier is about to be asked, and for what. Raises `IllegalTransition` unless the case is approved and nothing was sent."""
    require(case, e.ReturnLabelAsked)
    if not case.goods_back:
        return Refusal("case_goods_not_awaited", f"nothing has to come back for case {case.number}", {"case": case.number})
    if not case.shop_pays_return:
        message = f"the customer pays the way back of case {case.number} and sends the goods without a label of the shop"
        return Refusal("return_label_not_offered", message, {"case": case.number})
    if case.label is not None and case.label.state in AT_WORK:
        message = f"case {case.number} has a label that is {case.label.state.value}; it has to be void before another is booked"
        return Refusal("return_label_open", message, {"case": case.number, "state": case.label.state.value})
    event = e.ReturnLabelAsked(
        key=label_key(case), carrier=wanted.carrier, to=wanted.to, parcels=wanted.parcels, label_format=wanted.label_format, by=by, at=at
    )
    return decided(case, event)


def label_key(case: Case) -> str:
    """The key under which a carrier is asked for the next label of a case: the same however often it is made, until a label was asked for."""
    return f"rl_{sha256(f'{case.id}/{case.labels + 1}'.encode()).hexdigest()[:24]}"


def void_key(label: ReturnLabel) -> str:
    """The key under which a carrier is asked to void a label."""
    return f"rv_{label.key.removeprefix('rl_')}"[:32]


def booked(case: Case, key: str, booking: Booking, *, at: datetime) -> CaseDecision:
    """The carrier will take it. Nothing is decided about a label that has its end already."""
    if not _is_asked(case, key):
        return CaseDecision(case)
    event = e.ReturnLabelBooked(
        key=key,
        reference=booking.reference,
        tracking_numbers=booking.tracking_numbers,
        cost=booking.cost.minor,
        currency=booking.cost.currency,
        at=at,
    )
    return decided(case, event)


def failed(case: Case, key: str, why: str, *, at: datetime) -> CaseDecision:
    """The carrier will not. Nothing is decided about a label that has its end already."""
    return decided(case, e.ReturnLabelFailed(key=key, why=why[:500], at=at)) if _is_asked(case, key) else CaseDecision(case)


def _is_asked(case: Case, key: str) -> bool:
    return case.label is not None and case.label.key == key and case.label.state is LabelState.ASKED


def drop_label(case: Case, *, by: Actor, at: datetime) -> CaseDecision | Refusal:
    """Say that nothing will be sent with the label. Refused with `return_label_missing`; nothing is decided about one that was dropped already."""
    label = case.label
    if label is None or label.state not in AT_WORK:
        return Refusal("return_label_missing", f"case {case.number} has no label that could be void", {"case": case.number})
    return CaseDecision(case) if label.dropped else decided(case, e.ReturnLabelDropped(key=label.key, by=by, at=at))


def label_wanted(case: Case) -> bool:
    """Whether somebody may still send goods with the label of a case."""
    return case.open and case.label is not None and not case.label.dropped


def voided(case: Case, key: str, *, void: bool, at: datetime) -> CaseDecision:
    """The carrier was told that nothing comes; `void` is false when it would not cancel any more."""
    if case.label is None or case.label.key != key or case.label.state is not LabelState.BOOKED:
        return CaseDecision(case)
    return decided(case, e.ReturnLabelVoided(key=key, at=at) if void else e.ReturnLabelKept(key=key, at=at))


def label_to_void(case: Case) -> bool:
    """Whether a carrier still expects a parcel that nobody sends any more (LABEL-3)."""
    label = case.label
    return label is not None and label.state is LabelState.BOOKED and not label.moved and not label_wanted(case)


def label_at_work(case: Case) -> bool:
    """Whether a carrier has to be asked about the label: what became of it, or to void it."""
    return label_to_void(case) or (case.label is not None and case.label.state is LabelState.ASKED)


def track_return(case: Case, scans: tuple[TrackEvent, ...], *, at: datetime) -> CaseDecision:
    """Take in a carrier's scans of the parcel, in any order and as often as they come; what is known already changes nothing (LABEL-4)."""
    label = case.label
    if label is None:
        return CaseDecision(case)
    known = {scan.event_id or scan for scan in label.scans}
    fresh = tuple(scan for scan in history(scans) if (scan.event_id or scan) not in known)
    if not fresh:
        return CaseDecision(case)
    decision = decided(case, e.ReturnParcelScanned(scans=fresh, at=at))
    moving = next((scan for scan in fresh if scan.status not in UNMOVED), None)
    if moving is None or e.GoodsSent not in TRANSITIONS[case.state]:
        return decision
    number = label.tracking_numbers[0] if label.tracking_numbers else ""
    return decision.then(e.GoodsSent(carrier=label.carrier, tracking_number=number, by=SYSTEM, at=at))
