"""Labels for goods on their way back: one booking whoever crashes when, void when nobody needs it, and news that moves the case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shopwright import Money, Shop, accepted
from shopwright.adapters.fake_gateway import FakeGateway
from shopwright.adapters.flat_rate import FlatRate, Tariff
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.returns import commands as r
from shopwright.payments.errors import InvalidState, Misconfigured
from shopwright.refusals import Refusal
from shopwright.returns.case import Case, WaitsFor
from shopwright.returns.label_states import LabelState
from shopwright.returns.states import CaseState
from shopwright.returns.words import Granted, Resolution
from shopwright.shipping.tracking import TrackStatus
from shopwright.testing.ids import SeededIds
from shopwright.wire.kinds import KINDS, ReturnLabels, TrackingNumber
from tests.flows import cased
from tests.flows.labeled import OURS, SEALED, UNPAID, do, labeled, scan
from tests.flows.mall import ANN, Mall
from tests.flows.test_booking import Odd

DAY = timedelta(days=1)


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=OURS)


def _opened(mall: Mall, *carriers: Any, **ways: Any) -> Shop:
    """The shop with these carriers alone."""
    facts = {**OURS, **ways}
    mall.shop = Shop(mall.storage, gateways=[FakeGateway(provider=mall.provider)], carriers=carriers, clock=mall.clock, ids=SeededIds(77), **facts)
    return mall.shop


def _case(mall: Mall) -> Case:
    (case,) = cased.cases(mall)
    return case


def _state(case: Case) -> LabelState:
    assert case.label is not None
    return case.label.state


def _swept(mall: Mall) -> Case:
    mall.clock.advance(timedelta(hours=1))
    mall.shop.returns.sweep()
    return _case(mall)


def _code(said: object) -> str:
    assert isinstance(said, Refusal)
    return said.code


def test_a_label_leads_from_the_buyer_to_the_dock_of_the_shop(mall: Mall) -> None:
    """CASELABEL-4."""
    case = labeled(mall)
    (booking,) = mall.desk.bookings()
    (label,) = accepted(mall.shop.returns.labels(case.id, by=ANN))

    assert case.label is not None
    assert (case.label.state, case.label.reference, case.label.tracking_numbers) == (LabelState.BOOKED, booking.reference, booking.tracking_numbers)
    assert (case.label.cost, case.label.currency) == (350, "EUR")
    meant = mall.storage.load(TrackingNumber, f"flat_rate/{label.tracking_number}")
    assert meant is not None
    assert (meant.value.order_id, meant.value.case_id) == (case.order_id, case.id)
    assert (label, label.content.decode().splitlines()[:2]) == (booking.labels[0], ["Mall", "Dock 1"])


@pytest.mark.parametrize("trouble", ["lost_applied", "lost_not_applied", "not_sent", "throttled"])
def test_a_carrier_that_says_nothing_is_found_out_later_and_has_booked_once(mall: Mall, trouble: str) -> None:
    """CASELABEL-1, CASELABEL-2."""
    mall.desk.script("book", trouble)
    first = labeled(mall)
    assert (_state(first), accepted(mall.shop.returns.labels(first.id))) == (LabelState.ASKED, ())

    later = _swept(mall)
    assert (_state(later), len(mall.desk.bookings())) == (LabelState.BOOKED, 1)
    assert later.label is not None
    assert first.label is not None
    assert later.label.key == first.label.key


def test_an_error_of_the_look_up_says_nothing_about_the_booking(mall: Mall) -> None:
    """CASELABEL-1."""
    mall.desk.script("book", "lost_applied")
    labeled(mall)
    _opened(mall, Odd(mall, find_booking=Misconfigured("the password has expired")))
    assert _state(_swept(mall)) is LabelState.ASKED

    mall.reopened()
    assert (_state(_swept(mall)), len(mall.desk.bookings())) == (LabelState.BOOKED, 1)


def test_a_carrier_that_says_no_leaves_the_goods_awaited_and_another_can_be_asked(mall: Mall) -> None:
    _opened(mall, Odd(mall, book=InvalidState("the depot is full")))
    case = labeled(mall)
    assert case.label is not None
    assert (case.state, case.label.state, case.label.failed_for) == (CaseState.APPROVED, LabelState.FAILED, "the depot is full")

    mall.reopened()
    again = accepted(do(mall, r.BookReturnLabel, case, "again"))
    assert (_state(again), again.labels, len(mall.desk.bookings())) == (LabelState.BOOKED, 2, 1)


def test_a_carrier_without_a_rate_is_told_by_the_label(mall: Mall) -> None:
    _opened(mall, FlatRate(tariff=Tariff(rate=Money(350, "EUR"), max_weight_g=1), desk=mall.desk))
    case = labeled(mall)
    assert case.label is not None
    assert (case.label.state, case.label.failed_for) == (LabelState.FAILED, "the carrier offers no rate for it")


def test_a_carrier_that_takes_nothing_back_is_refused_before_it_is_asked(mall: Mall) -> None:
    _opened(mall, FlatRate(tariff=Tariff(rate=Money(350, "EUR"), returns=False), desk=mall.desk))
    assert _code(do(mall, r.BookReturnLabel, cased.approved(mall))) == "carrier_takes_no_returns"
    assert _case(mall).label is None


def test_the_customer_who_pays_the_way_back_gets_no_label(mall: Mall) -> None:
    """LABEL-1 holds what was frozen: rules that change later change nothing for a case that is there."""
    theirs = Mall(MemoryStorage(KINDS), ways={"returns": UNPAID})
    case = cased.approved(theirs)
    theirs.ways = OURS
    theirs.reopened()
    assert _code(do(theirs, r.BookReturnLabel, case)) == "return_label_not_offered"

    ours = cased.approved(mall)
    mall.ways = {"returns": UNPAID}
    mall.reopened()
    assert _state(accepted(do(mall, r.BookReturnLabel, ours))) is LabelState.BOOKED


def test_nothing_to_come_back_needs_no_label(mall: Mall) -> None:
    case = cased.approved(mall, granted=(Granted(no=1, resolution=Resolution.POINTS, goods_back=False, amount=50),))
    assert _code(do(mall, r.BookReturnLabel, case)) == "case_goods_not_awaited"


def test_two_clerks_get_one_label(mall: Mall) -> None:
    case = labeled(mall)
    assert _code(do(mall, r.BookReturnLabel, case, "other clerk")) == "return_label_open"
    assert len(mall.desk.bookings()) == 1


@pytest.mark.parametrize("end", ["withdraw", "expire"])
def test_the_label_of_a_case_that_is_over_is_void(mall: Mall, end: str) -> None:
    """CASELABEL-3."""
    case = labeled(mall)
    if end == "withdraw":
        case = accepted(cased.do(mall, r.WithdrawCase, case))
    else:
        mall.clock.advance(15 * DAY)
        mall.shop.returns.sweep()
        case = _case(mall)
    assert (case.open, _state(case), mall.desk.bookings()) == (False, LabelState.VOID, ())
    assert accepted(mall.shop.returns.labels(case.id)) == ()


def test_a_label_that_was_booked_only_after_the_end_is_void_too(mall: Mall) -> None:
    """CASELABEL-3."""
    mall.desk.script("book", "lost_applied")
    case = labeled(mall)
    mall.desk.script("find", "not_sent")
    case = accepted(cased.do(mall, r.WithdrawCase, case))
    assert (case.state, _state(case), len(mall.desk.bookings())) == (CaseState.WITHDRAWN, LabelState.ASKED, 1)
    assert (_state(_swept(mall)), mall.desk.bookings()) == (LabelState.VOID, ())


def test_a_label_that_never_was_ends_with_its_case(mall: Mall) -> None:
    mall.desk.script("book", "lost_not_applied")
    case = accepted(cased.do(mall, r.WithdrawCase, labeled(mall)))
    assert case.label is not None
    assert (case.label.state, case.label.failed_for, mall.desk.bookings()) == (LabelState.FAILED, "nobody needs it any more", ())


def test_a_void_without_an_answer_is_asked_for_again(mall: Mall) -> None:
    case = labeled(mall)
    mall.desk.script("void", "not_sent")
    assert _state(accepted(cased.do(mall, r.WithdrawCase, case))) is LabelState.BOOKED
    assert _state(_swept(mall)) is LabelState.VOID


def test_a_carrier_that_would_not_void_is_not_asked_again(mall: Mall) -> None:
    case = labeled(mall)
    _opened(mall, Odd(mall, void=InvalidState("it was picked up")))
    assert _state(accepted(cased.do(mall, r.WithdrawCase, case))) is LabelState.KEPT
    assert _case(mall).event_count == _swept(mall).event_count


def test_a_label_that_is_void_makes_room_for_another(mall: Mall) -> None:
    case = accepted(do(mall, r.VoidReturnLabel, labeled(mall)))
    assert (_state(case), case.state) == (LabelState.VOID, CaseState.APPROVED)
    again = accepted(do(mall, r.BookReturnLabel, case, "again"))
    assert (_state(again), again.labels, len(mall.desk.bookings())) == (LabelState.BOOKED, 2, 1)


def test_a_label_that_was_dropped_is_void_as_soon_as_its_carrier_answers(mall: Mall) -> None:
    case = labeled(mall)
    mall.desk.script("void", "not_sent")
    dropped = accepted(do(mall, r.VoidReturnLabel, case))
    assert (_state(dropped), accepted(mall.shop.returns.labels(case.id)), len(mall.desk.bookings())) == (LabelState.BOOKED, (), 1)
    assert _code(do(mall, r.BookReturnLabel, case, "again")) == "return_label_open"
    assert (accepted(do(mall, r.VoidReturnLabel, case, "other clerk")).label, mall.desk.bookings()) == (_case(mall).label, ())
    assert _state(_case(mall)) is LabelState.VOID


def _asked(mall: Mall, case: Case) -> Case:
    return accepted(do(mall, r.TrackReturn, case, "track"))


def _pushed(mall: Mall, case: Case) -> Case:
    for raw in mall.desk.notifications():
        assert mall.shop.shipping.receive("flat_rate", raw).status == 200
    return accepted(mall.shop.returns.get(case.id))


@pytest.mark.parametrize("heard", [_asked, _pushed])
def test_news_of_the_parcel_moves_the_case_as_far_as_sent(mall: Mall, heard: Callable[[Mall, Case], Case]) -> None:
    case = labeled(mall)
    assert heard(mall, case).state is CaseState.APPROVED
    scan(mall, case, TrackStatus.PICKED_UP, TrackStatus.IN_TRANSIT)
    moving = heard(mall, case)
    assert case.label is not None
    assert (moving.state, moving.carrier, moving.tracking_number) == (CaseState.IN_TRANSIT, "flat_rate", case.label.tracking_numbers[0])
    assert (moving.due_at, moving.waits_for) == (None, WaitsFor.CARRIER)
    assert heard(mall, case) == moving


@pytest.mark.parametrize("end", [TrackStatus.DELIVERED, TrackStatus.LOST])
def test_a_parcel_that_came_or_is_lost_waits_for_the_shop_and_moves_nothing(mall: Mall, end: TrackStatus) -> None:
    case = labeled(mall)
    scan(mall, case, TrackStatus.IN_TRANSIT, end)
    mall.clock.advance(30 * DAY)
    _asked(mall, case)
    mall.shop.returns.sweep()
    case = _case(mall)
    assert (case.state, case.waits_for) == (CaseState.IN_TRANSIT, WaitsFor.SHOP)
    assert [it.case.id for it in mall.shop.returns.inbox(waits_for=WaitsFor.SHOP).cases] == [case.id]
    missed = accepted(cased.do(mall, r.MissReturn, case))
    assert missed.lines[0].lost_for_shop == 1


def test_a_carrier_that_does_not_answer_changes_nothing(mall: Mall) -> None:
    case = labeled(mall)
    mall.desk.script("track", "not_sent")
    assert _asked(mall, case) == case


def test_a_case_without_a_label_has_nothing_to_ask_for(mall: Mall) -> None:
    case = cased.approved(mall)
    assert (_asked(mall, case), mall.shop.returns.labels(case.id, by=ANN)) == (case, ())


def test_news_of_a_label_that_was_replaced_changes_nothing(mall: Mall) -> None:
    first = labeled(mall)
    again = accepted(do(mall, r.BookReturnLabel, accepted(do(mall, r.VoidReturnLabel, first)), "again"))
    scan(mall, first, TrackStatus.PICKED_UP)
    assert _pushed(mall, again).state is CaseState.APPROVED


def test_a_label_is_sealed_for_its_buyer_and_gone_with_their_key() -> None:
    mall = Mall(MemoryStorage(KINDS), ways=SEALED)
    case = labeled(mall)
    kept = mall.storage.load(ReturnLabels, case.id)
    assert kept is not None
    assert (kept.value.labels, len(kept.value.sealed)) == ((), 1)
    (label,) = accepted(mall.shop.returns.labels(case.id, by=ANN))
    assert label.content.decode().startswith("Mall\n")
    assert case.label is not None
    assert "Ann" not in repr(case)


def test_what_a_driver_says_of_a_buyer_is_not_kept_in_the_open() -> None:
    mall = Mall(MemoryStorage(KINDS), ways=SEALED)
    case = labeled(mall)
    (name,) = {stored.ship_to.name for stored in mall.orders()}
    assert name == ""
    scan(mall, case, TrackStatus.PICKED_UP, place="picked up at Ann Example")
    moving = _asked(mall, case)
    assert moving.label is not None
    assert "Ann" not in " ".join(it.place for it in moving.label.scans)


def test_a_preview_tells_to_the_cent_what_resolving_does_and_writes_nothing(mall: Mall) -> None:
    case = cased.inspected(mall)
    command = r.ResolveCase(key="done", by=cased.CLERK, case_id=case.id)
    shown = accepted(mall.shop.returns.preview(command))
    assert (_case(mall), [type(it).__name__ for it in shown.case.events]) == (case, ["CaseResolved"])

    done = accepted(mall.shop.returns.resolve(command))
    (order,) = mall.orders()
    (plan,) = shown.plans
    assert (shown.case.case, sum(payment.refunded for payment in order.payments)) == (done, plan.amount)
