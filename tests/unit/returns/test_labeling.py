"""A label for goods on their way back: who pays it, one at a time, void when nobody needs it, and what the news of its parcel means."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from random import Random

import pytest
from attrs import evolve as changed

from shopwright.errors import IllegalTransition
from shopwright.members.actors import SYSTEM
from shopwright.money import Money
from shopwright.refusals import Refusal, accepted
from shopwright.returns import events as e
from shopwright.returns.applying import expire, withdraw
from shopwright.returns.case import Case
from shopwright.returns.evolve import evolve
from shopwright.returns.label import ReturnLabel
from shopwright.returns.label_states import LabelState
from shopwright.returns.labeling import (
    LabelWanted,
    ask_label,
    booked,
    drop_label,
    failed,
    label_at_work,
    label_key,
    label_to_void,
    track_return,
    void_key,
    voided,
)
from shopwright.returns.receiving import miss, receive
from shopwright.returns.states import CaseState
from shopwright.returns.words import Granted, Resolution, Why
from shopwright.shipping.bookings import Booking, Label
from shopwright.shipping.rates import Charge, Rate
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing.builders import ANN, CLERK, NOON
from tests.unit.returns.cases import BOX, SHOP, a_wish, applied, approved, come, grounds, terms

LATER = NOON + timedelta(days=1)
COST = Money(490, "EUR")
WANTED = LabelWanted(carrier="flat_rate", to=SHOP, parcels=(BOX,), label_format="txt")


def _booking(number: str = "N1") -> Booking:
    rate = Rate(rate_ref="r1", carrier="flat_rate", service="standard", total=COST, charges=(Charge("base", COST),), billed_weight_g=500)
    label = Label(format="txt", content=b"to the shop", tracking_number=number)
    return Booking(reference="b1", tracking_numbers=(number,), labels=(label,), cost=COST, rate=rate)


def _asked(case: Case | None = None) -> Case:
    return accepted(ask_label(case or approved(come()), WANTED, by=CLERK, at=NOON)).case


def _booked() -> Case:
    case = _asked()
    return booked(case, _label(case).key, _booking(), at=NOON).case


def _label(case: Case) -> ReturnLabel:
    assert case.label is not None
    return case.label


def _scan(status: TrackStatus, hours: int = 1) -> TrackEvent:
    return TrackEvent(at=NOON + timedelta(hours=hours), status=status, event_id=f"{status}{hours}")


def _refused(said: object) -> tuple[str, dict[str, object]]:
    assert isinstance(said, Refusal)
    return said.code, dict(said.facts)


def test_a_label_is_asked_for_with_all_that_is_needed_to_ask_again_and_then_booked() -> None:
    """LABEL-2."""
    case = approved(come())
    key = label_key(case)
    first = accepted(ask_label(case, WANTED, by=CLERK, at=NOON))
    done = booked(first.case, key, _booking(), at=LATER)

    assert first.events == (e.ReturnLabelAsked(key=key, carrier="flat_rate", to=SHOP, parcels=(BOX,), label_format="txt", by=CLERK, at=NOON),)
    assert done.case.label == ReturnLabel(
        key=key,
        carrier="flat_rate",
        to=SHOP,
        parcels=(BOX,),
        label_format="txt",
        asked_at=NOON,
        state=LabelState.BOOKED,
        reference="b1",
        tracking_numbers=("N1",),
        cost=490,
        currency="EUR",
    )
    assert (done.case.state, done.case.due_at) == (CaseState.APPROVED, case.due_at)
    assert booked(done.case, key, _booking("N2"), at=LATER).events == ()


def test_the_shop_pays_where_it_pays_for_any_line_that_comes_back() -> None:
    """LABEL-1."""
    mine = grounds(terms(shop_pays_return=False))
    minds, broken = a_wish(1), a_wish(2, why=Why.DEFECTIVE)
    unpaid = approved(come(), minds, on=mine)
    kept = (Granted(no=1, resolution=Resolution.REFUND), Granted(no=2, resolution=Resolution.REFUND, goods_back=False))

    assert _refused(ask_label(unpaid, WANTED, by=CLERK, at=NOON)) == ("return_label_not_offered", {"case": unpaid.number})
    assert _refused(ask_label(approved(come(), minds, broken, on=mine, granted=kept), WANTED, by=CLERK, at=NOON))[0] == "return_label_not_offered"
    assert _asked(approved(come(), minds, broken, on=mine)).label is not None
    assert _asked(approved(come(), minds, on=grounds(terms(shop_pays_return=True)))).label is not None


def test_a_case_for_which_nothing_comes_back_needs_no_label() -> None:
    case = approved(come(), granted=(Granted(no=1, resolution=Resolution.REFUND, goods_back=False),))
    assert _refused(ask_label(case, WANTED, by=CLERK, at=NOON)) == ("case_goods_not_awaited", {"case": case.number})


def test_no_label_is_booked_before_the_approval_or_once_the_goods_were_sent() -> None:
    with pytest.raises(IllegalTransition, match="cannot label a case that is applied"):
        ask_label(applied(come()), WANTED, by=CLERK, at=NOON)
    with pytest.raises(IllegalTransition, match="cannot label a case that is in_transit"):
        ask_label(track_return(_booked(), (_scan(TrackStatus.IN_TRANSIT),), at=LATER).case, WANTED, by=CLERK, at=NOON)


def test_a_case_has_one_label_at_a_time_and_each_has_a_key_of_its_own() -> None:
    """LABEL-2."""
    open_, done = _asked(), _booked()
    for case, state in ((open_, "asked"), (done, "booked")):
        assert _refused(ask_label(case, WANTED, by=CLERK, at=NOON)) == ("return_label_open", {"case": case.number, "state": state})
    no = failed(open_, _label(open_).key, "no rate", at=LATER).case
    gone = voided(done, _label(done).key, void=True, at=LATER).case
    again = [_asked(case) for case in (no, gone)]

    assert [_label(no).failed_for, _label(no).state, _label(gone).state] == ["no rate", LabelState.FAILED, LabelState.VOID]
    assert [(case.labels, _label(case).state, _label(case).failed_for) for case in again] == [(2, LabelState.ASKED, "")] * 2
    assert len({_label(case).key for case in (open_, *again)}) == 2
    assert {len(_label(case).key) <= 32 and len(void_key(_label(case))) <= 32 for case in again} == {True}


def test_news_of_an_older_label_or_of_one_that_has_its_end_changes_nothing() -> None:
    case = _booked()
    key = _label(case).key
    for decision in (
        failed(case, key, "late no", at=LATER),
        booked(case, "rl_other", _booking(), at=LATER),
        failed(case, "rl_other", "no", at=LATER),
        voided(case, "rl_other", void=True, at=LATER),
        voided(_asked(), key, void=True, at=LATER),
        track_return(approved(come()), (_scan(TrackStatus.DELIVERED),), at=LATER),
    ):
        assert decision.events == ()
    stray = evolve(case, e.ReturnLabelFailed(key="rl_other", why="no", at=LATER))
    assert stray.label == case.label
    assert evolve(applied(come()), e.ReturnLabelFailed(key="rl_other", why="no", at=LATER)).label is None


def test_a_case_that_is_over_voids_a_label_that_nobody_has_used() -> None:
    """LABEL-3."""
    case = _booked()
    over = withdraw(case, by=ANN, at=LATER).case
    used = withdraw(track_return(case, (_scan(TrackStatus.PICKED_UP),), at=LATER).case, by=ANN, at=LATER).case
    late = booked(withdraw(_asked(), by=ANN, at=LATER).case, _label(case).key, _booking(), at=LATER).case

    assert [label_to_void(it) for it in (case, over, used, late)] == [False, True, False, True]
    assert [label_at_work(it) for it in (approved(come()), _asked(), case, over, withdraw(_asked(), by=ANN, at=LATER).case)] == [
        False,
        True,
        False,
        True,
        True,
    ]
    ended = [voided(over, _label(over).key, void=void, at=LATER).case for void in (True, False)]
    assert [(_label(it).state, label_at_work(it)) for it in ended] == [(LabelState.VOID, False), (LabelState.KEPT, False)]


def test_the_first_scan_on_the_way_says_that_the_goods_were_sent() -> None:
    """LABEL-4."""
    scans = (_scan(TrackStatus.LABEL_CREATED), _scan(TrackStatus.PICKED_UP, 3), _scan(TrackStatus.IN_TRANSIT, 9))
    created = track_return(_booked(), scans[:1], at=LATER)
    moving = track_return(created.case, scans, at=LATER)

    assert (created.case.state, created.events) == (CaseState.APPROVED, (e.ReturnParcelScanned(scans=scans[:1], at=LATER),))
    assert moving.events == (
        e.ReturnParcelScanned(scans=scans[1:], at=LATER),
        e.GoodsSent(carrier="flat_rate", tracking_number="N1", by=SYSTEM, at=LATER),
    )
    assert moving.case.state is CaseState.IN_TRANSIT
    assert track_return(moving.case, scans, at=LATER).events == ()


@pytest.mark.parametrize("status", [TrackStatus.DELIVERED, TrackStatus.LOST])
def test_a_parcel_that_has_arrived_or_is_lost_moves_nothing_by_itself(status: TrackStatus) -> None:
    """LABEL-4."""
    case = track_return(_booked(), (_scan(TrackStatus.IN_TRANSIT), _scan(status, 50)), at=LATER).case
    assert (case.state, _label(case).lost, _label(case).status) == (CaseState.IN_TRANSIT, status is TrackStatus.LOST, status)
    assert miss(case, by=CLERK, at=LATER).case.state is CaseState.INSPECTED
    assert accepted(receive(case, by=CLERK, at=LATER)).case.state is CaseState.RECEIVED


def test_a_case_does_not_expire_once_the_carrier_of_the_shop_has_the_goods() -> None:
    """LABEL-5."""
    case = _booked()
    assert case.due_at is not None
    moving = track_return(case, (_scan(TrackStatus.IN_TRANSIT),), at=LATER).case
    assert expire(case, at=case.due_at).case.state is CaseState.EXPIRED
    assert expire(moving, at=case.due_at).events == ()


@pytest.mark.parametrize("seed", range(5))
def test_scans_in_any_order_and_as_often_as_they_come_make_one_story(seed: int) -> None:
    statuses = (TrackStatus.LABEL_CREATED, TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT, TrackStatus.DELIVERED)
    scans = [_scan(status, hours) for hours, status in enumerate(statuses)] * 2
    Random(seed).shuffle(scans)

    def taken(case: Case, scan: TrackEvent) -> Case:
        return track_return(case, (scan,), at=LATER).case

    case = reduce(taken, scans, _booked())
    assert [scan.status for scan in _label(case).scans] == list(statuses)
    assert (case.state, case.carrier, case.tracking_number) == (CaseState.IN_TRANSIT, "flat_rate", "N1")


def test_a_parcel_of_a_case_that_is_over_is_followed_and_moves_nothing() -> None:
    over = withdraw(_booked(), by=ANN, at=LATER).case
    decision = track_return(over, (_scan(TrackStatus.IN_TRANSIT),), at=LATER)
    assert [type(event) for event in decision.events] == [e.ReturnParcelScanned]
    assert (decision.case.state, decision.case.closed_at) == (CaseState.WITHDRAWN, over.closed_at)


def test_the_reason_of_a_carrier_is_cut_where_it_is_too_long() -> None:
    case = _asked()
    assert len(_label(failed(case, _label(case).key, "no " * 400, at=LATER).case).failed_for) == 500


def test_a_key_is_the_same_until_a_label_was_asked_for() -> None:
    case = approved(come())
    assert label_key(case) == label_key(changed(case, event_count=99)) == _label(_asked(case)).key
    assert label_key(_asked(case)) != label_key(case)


def test_a_label_that_was_dropped_is_to_be_void_and_is_dropped_once() -> None:
    """LABEL-3."""
    case = _booked()
    dropped = accepted(drop_label(case, by=CLERK, at=LATER))
    assert dropped.events == (e.ReturnLabelDropped(key=_label(case).key, by=CLERK, at=LATER),)
    assert (label_to_void(dropped.case), accepted(drop_label(dropped.case, by=CLERK, at=LATER)).events) == (True, ())
    gone = voided(dropped.case, _label(case).key, void=True, at=LATER).case
    for nothing in (approved(come()), gone):
        assert _refused(drop_label(nothing, by=CLERK, at=LATER)) == ("return_label_missing", {"case": nothing.number})
