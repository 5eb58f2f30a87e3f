"""The timeline of an order: all of it for staff, the customer's part for the customer, page by page, and no secret in either."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from shopwright import CancelOrder, DeliverShipment, DispatchShipment, HoldOrder, Money, RefundOrder, ShipOrder, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.flows.commands import NoteException, SendBackOrder
from shopwright.flows.members import commands as m
from shopwright.flows.returns import commands as r
from shopwright.flows.timeline import Timeline
from shopwright.flows.vault.commands import ErasePerson
from shopwright.orders.events import CancelReason, OrderEvent
from shopwright.orders.holds import HoldReason
from shopwright.orders.timeline import LINES, code_of, for_customer, moment
from shopwright.returns import timeline as case_timeline
from shopwright.returns.case import Case
from shopwright.returns.events import CaseEvent
from shopwright.wire.kinds import KINDS
from tests.flows.cased import applied, apply, do
from tests.flows.mall import ANN, CLERK, REVIEWED, WANTED, Mall, an_order, paid, placed
from tests.flows.membering import paid_and_saved
from tests.flows.vaulted import VAULTED


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS), ways=VAULTED)


def lived(mall: Mall) -> str:
    """The id of an order that was held, shipped, delivered and partly refunded."""
    order = paid(mall.shop)
    shop, about = mall.shop, {"by": CLERK, "order_id": order.id}
    accepted(shop.shipping.ship(ShipOrder(key="ship", carrier="flat_rate", wanted=WANTED, **about)))
    accepted(shop.shipping.dispatch(DispatchShipment(key="out", shipment_id="s1", **about)))
    mall.clock.advance(hours=20)
    accepted(shop.shipping.deliver(DeliverShipment(key="there", shipment_id="s1", **about)))
    accepted(shop.orders.hold(HoldOrder(key="hold", hold_id="h1", reason=HoldReason.OTHER, note="calls every day", **about)))
    accepted(shop.orders.note(NoteException(key="odd", code="late", facts=(("days", 3),), **about)))
    accepted(shop.payments.refund(RefundOrder(key="back", amount=Money(500, "EUR"), reason="a chip in the cup", **about)))
    return order.id


def told(mall: Mall, order_id: str, **how: Any) -> Timeline:
    return accepted(mall.shop.orders.timeline(order_id, **how))


def test_every_event_has_a_line() -> None:
    """TIME-1"""
    assert set(LINES) == set(get_args(OrderEvent))


def test_staff_read_all_that_happened_in_order(mall: Mall) -> None:
    id = lived(mall)
    story = told(mall, id, by=CLERK)
    events = [it.value for it in mall.shop.orders.history(id)]
    assert [it.what for it in story.moments] == [code_of(type(event)) for event in events]
    assert [it.at for it in story.moments] == [event.at for event in events]
    assert story.next == ""
    assert {"staff clerk", "customer ann", "provider", "carrier"} <= {f"{it.who} {it.actor}".strip() for it in story.moments}


def test_the_customer_reads_what_is_theirs(mall: Mall) -> None:
    """TIME-2"""
    id = lived(mall)
    theirs, staffs = told(mall, id, by=ANN), told(mall, id, by=CLERK)
    assert theirs == told(mall, id, by=CLERK, as_customer=True)
    whats = [it.what for it in theirs.moments]
    assert whats == [it.what for it in staffs.moments if it.what in whats]
    assert {"order_placed", "payment_captured", "shipment_delivered", "refund_granted", "payment_refunded"} <= set(whats)
    assert not {"hold_placed", "exception_noted", "payment_attempted", "claim_changed", "booking_attempted", "risk_assessed"} & set(whats)
    for secret in ("clerk", "calls every day", "chip in the cup", "late"):
        assert secret not in theirs.text
    assert "refund_granted" in whats and "granted a refund of" in theirs.text  # noqa: PT018  # one sentence about one thing


def test_the_text_tells_when_who_what_and_why(mall: Mall) -> None:
    order = placed(mall.shop)
    accepted(mall.shop.orders.cancel(CancelOrder(key="c", by=CLERK, order_id=order.id, reason=CancelReason.FRAUD, note="ann is not ann")))
    assert told(mall, order.id, by=CLERK).text.splitlines()[0] == f"2026-03-02T09:00:00+00:00 customer ann: placed order {order.number}"
    assert "staff clerk: canceled the order (fraud): ann is not ann" in told(mall, order.id, by=CLERK).text
    hushed = told(mall, order.id, by=ANN).text
    assert "shop: canceled the order (other)" in hushed
    assert "fraud" not in hushed


def test_what_was_asked_of_the_customer_is_read_by_both_until_the_customer_is_erased() -> None:
    mall = Mall(MemoryStorage(KINDS), ways=VAULTED, terms=REVIEWED)
    order = paid(mall.shop)
    accepted(mall.shop.orders.send_back(SendBackOrder(key="s", by=CLERK, order_id=order.id, note="which street?")))
    assert [it.note for it in told(mall, order.id, by=ANN).moments if it.note] == ["which street?"]
    accepted(mall.shop.persons.erase(ErasePerson(key="e", by=CLERK, subject="ann")))
    for by in (ANN, CLERK):
        assert "which street?" not in told(mall, order.id, by=by).text


def test_every_event_of_a_case_has_a_line() -> None:
    """TIME-4"""
    assert set(case_timeline.LINES) == set(get_args(CaseEvent))


def with_a_case(mall: Mall) -> Case:
    """A case that was asked about, and is over; what happened to it happened a day after its order was delivered."""
    case = applied(mall, note="too green")
    mall.clock.advance(hours=24)
    case = accepted(do(mall, r.AskForMore, case, note="how green?"))
    case = accepted(do(mall, r.AnswerCase, case, by=ANN, note="very"))
    for kind in (r.ApproveCase, r.ReceiveReturn, r.InspectReturn, r.ResolveCase):
        case = accepted(do(mall, kind, case))
    return case


def test_the_story_of_an_order_tells_of_its_cases(mall: Mall) -> None:
    """TIME-4"""
    case = with_a_case(mall)
    staffs, theirs = (told(mall, case.order_id, by=by).text for by in (CLERK, ANN))
    for line in (f"staff clerk: inspected goods of case {case.number}: 1 of line 1 accepted, restock", "asked for more about case"):
        assert line in staffs
    assert f"customer ann: opened case {case.number}: 1 of line 1 changed_mind, refund: too green" in theirs
    assert f"shop: asked for more about case {case.number}: how green?" in theirs
    assert f"shop: resolved case {case.number}: 1 of line 1 refund" in theirs
    assert "took units back" in theirs
    for secret in ("clerk", "accepted", "restock", "(person)"):
        assert secret not in theirs
    times = [it.at for it in told(mall, case.order_id, by=CLERK).moments]
    assert times == sorted(times)


@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize("by", [ANN, CLERK], ids=["customer", "staff"])
def test_pages_of_a_story_with_cases_tell_the_same_and_what_comes_between(mall: Mall, limit: int, by: Any) -> None:
    """TIME-3, TIME-4"""
    case = with_a_case(mall)
    first = told(mall, case.order_id, by=by, limit=limit)
    accepted(apply(mall, accepted(mall.shop.orders.get(case.order_id)), key="second"))
    found, after = list(first.moments), first.next
    while after:
        page = told(mall, case.order_id, by=by, after=after, limit=limit)
        found, after = [*found, *page.moments], page.next
    assert sorted(map(repr, found)) == sorted(map(repr, told(mall, case.order_id, by=by, limit=500).moments))
    with pytest.raises(InvalidValue, match="next of a timeline"):
        told(mall, case.order_id, by=by, after="[1")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
@pytest.mark.parametrize("by", [ANN, CLERK], ids=["customer", "staff"])
def test_pages_of_any_length_tell_the_same_story(mall: Mall, limit: int, by: Any) -> None:
    """TIME-3"""
    id = lived(mall)
    whole, after, found = told(mall, id, by=by, limit=500), "", []
    while True:
        page = told(mall, id, by=by, after=after, limit=limit)
        assert len(page.moments) <= limit
        found += page.moments
        after = page.next
        if not after:
            break
    assert tuple(found) == whole.moments


def test_what_happens_between_two_pages_comes_on_the_next(mall: Mall) -> None:
    """TIME-3"""
    order = paid(mall.shop)
    first = told(mall, order.id, by=CLERK, limit=2)
    accepted(mall.shop.orders.hold(HoldOrder(key="hold", by=CLERK, order_id=order.id, hold_id="h1", reason=HoldReason.OTHER)))
    rest = told(mall, order.id, by=CLERK, after=first.next)
    assert first.moments + rest.moments == told(mall, order.id, by=CLERK).moments
    assert rest.moments[-1].what == "hold_placed"


def test_no_token_key_reference_or_address_stands_in_a_timeline(mall: Mall) -> None:
    """TIME-1"""
    lived_id = lived(mall)
    kept = paid_and_saved(mall, key="saved")
    accepted(mall.shop.members.keep_method(m.KeepMethod(key="k", by=ANN, member_id="ann", order_id=kept.id, payment_id="p1")))
    for order_id in (lived_id, kept.id):
        order = accepted(mall.shop.orders.get(order_id))
        secrets = {"tok_ok", "cus_fake", "Ann Lee", "Harbor Street", *(it.key for it in order.payments), *(it.reference for it in order.payments)}
        for by in (ANN, CLERK):
            story = told(mall, order_id, by=by)
            assert [it for it in secrets if it in story.text or it in repr(story)] == []


def test_a_story_is_told_of_every_event_that_a_shop_writes(mall: Mall) -> None:
    id = lived(mall)
    for recorded in mall.shop.orders.history(id):
        staffs, theirs = moment(recorded.value, "EUR"), for_customer(recorded.value, "EUR")
        assert staffs.text.startswith(staffs.at.isoformat(timespec="seconds"))
        assert theirs is None or {name for name, _ in theirs.facts} <= {name for name, _ in staffs.facts}


def test_an_order_of_somebody_else_has_no_story(mall: Mall) -> None:
    order = placed(mall.shop, an_order())
    assert mall.shop.orders.timeline(order.id, by=type(ANN)(ANN.kind, "bob")).code == "order_not_found"  # type: ignore[union-attr]
