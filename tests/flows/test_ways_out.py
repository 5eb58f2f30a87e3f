"""Every exception that the package knows is walked from open to resolved through the public verbs of a shop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from attrs import evolve

from shopwright import Money, Order, Tender, Via, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows import commands as c
from shopwright.flows.exceptions import commands as x
from shopwright.orders.exception_events import How
from shopwright.orders.exceptions import MEANINGS
from shopwright.orders.lines import Bucket
from shopwright.payments.disputes import DisputeState
from shopwright.payments.operations import OperationKey
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.wire.kinds import KINDS
from tests.flows.disputes import a_disputed_order, hear_of_it
from tests.flows.excepted import lost, missing, promised, sent
from tests.flows.giving import GIVING, late_for_the_gift
from tests.flows.mall import ANN, CLERK, WANTED, Mall, an_order, paid, placed, refused
from tests.flows.stages import assert_legal
from tests.flows.test_receiving import ARRIVAL, captured, careless, news

Walk = Callable[[Mall], Order]


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def now(mall: Mall, order: Order) -> Order:
    return accepted(mall.shop.orders.get(order.id))


def scanned(mall: Mall, order: Order, *statuses: TrackStatus) -> Order:
    """The carrier's scanner, and somebody who asks."""
    number = order.shipments[0].tracking_numbers[0]
    for status in statuses:
        mall.clock.advance(timedelta(hours=1))
        mall.desk.scan(number, TrackEvent(at=mall.clock.now(), status=status))
    return accepted(mall.shop.shipping.track(c.TrackShipment(key=f"track-{statuses[-1]}", by=CLERK, order_id=order.id, shipment_id="s1")))


def resolved(mall: Mall, order: Order, how: How, exception: int = 1) -> Order:
    """A person's word that it is no more."""
    command = x.ResolveException(key=f"resolve-{exception}", by=CLERK, order_id=order.id, exception=exception, how=how)
    return accepted(mall.shop.exceptions.resolve(command))


def reshipped(mall: Mall, order: Order, source: Bucket) -> Order:
    units = ((1, 2), (2, 1))
    command = x.ReshipUnits(key="once-more", by=CLERK, order_id=order.id, units=units, source=source, exception=1)
    return accepted(mall.shop.exceptions.reship(command))


def _wrong_address(mall: Mall) -> Order:
    order = paid(mall.shop)
    order = accepted(mall.shop.exceptions.report_wrong(x.ReportWrong(key="typo", by=ANN, order_id=order.id, note="it is number 11")))
    assert refused(mall.shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id))) == "order_held"
    assert open_codes(mall) == ["information_wrong"]
    return accepted(mall.shop.orders.lift(c.LiftHold(key="lift", by=CLERK, order_id=order.id, hold_id=order.holds[0].id)))


def _late(mall: Mall) -> Order:
    order = promised(mall)
    assert mall.shop.exceptions.sweep_late().noted == 1
    assert open_codes(mall) == ["late"]
    return accepted(mall.shop.shipping.deliver(c.DeliverShipment(key="there", by=CLERK, order_id=order.id, shipment_id="s1")))


def _lost(mall: Mall) -> Order:
    order = lost(mall)
    assert open_codes(mall) == ["parcel_lost"]
    return reshipped(mall, order, Bucket.LOST)


def _damaged(mall: Mall) -> Order:
    order = scanned(mall, sent(mall), TrackStatus.PICKED_UP, TrackStatus.DAMAGED, TrackStatus.DELIVERED)
    assert open_codes(mall) == ["parcel_damaged"]
    return reshipped(mall, order, Bucket.DELIVERED)


def _sent_back(mall: Mall) -> Order:
    order = scanned(mall, sent(mall), TrackStatus.PICKED_UP, TrackStatus.RETURNING)
    assert open_codes(mall) == ["address_refused"]
    accepted(mall.shop.shipping.take_back(c.TakeBackShipment(key="back", by=CLERK, order_id=order.id, shipment_id="s1")))
    return reshipped(mall, order, Bucket.RETURNED)


def _out_of_stock(mall: Mall) -> Order:
    order = missing(mall)
    assert open_codes(mall) == ["out_of_stock"]
    command = x.CancelUnits(key="off", by=CLERK, order_id=order.id, units=((1, 1),), exception=1)
    return accepted(mall.shop.exceptions.cancel_units(command))


def _booking_failed(mall: Mall) -> Order:
    order = paid(mall.shop)
    heavy = evolve(WANTED, parcels=(evolve(WANTED.parcels[0], weight_g=900_000),))
    order = accepted(mall.shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=heavy)))
    assert open_codes(mall) == ["booking_failed"]
    return accepted(mall.shop.shipping.unplan(c.UnplanShipment(key="apart", by=CLERK, order_id=order.id, shipment_id="s1")))


def _cash(amount: int) -> Walk:
    def walk(mall: Mall) -> Order:
        order = placed(mall.shop, an_order(via=Via.ON_DELIVERY))
        received = Money(amount, "EUR")
        accepted(mall.shop.payments.record(c.RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p1", amount=received)))
        assert open_codes(mall) == ["cash_short" if amount < 4900 else "cash_over"]
        return resolved(mall, order, How.SETTLED)

    return walk


def _gift_gone(mall: Mall) -> Order:
    """Paid when another order had the last one already."""
    mall.ways |= GIVING
    mall.reopened()
    late = late_for_the_gift(mall)
    order = accepted(mall.shop.payments.pay(c.PayOrder(key="pay", by=ANN, order_id=late.id)))
    assert open_codes(mall) == ["gift_gone"]
    return resolved(mall, order, How.COMPENSATED)


def _start_failed(mall: Mall) -> Order:
    """The host passes on a token that the gateway does not take for one: no bank has declined anything."""
    order = paid(mall.shop, an_order(token="garbled"))
    assert open_codes(mall) == ["start_failed"]
    voucher = Tender(method="voucher", amount=4900, via=Via.EXTERNAL)
    accepted(mall.shop.payments.add(c.AddPayment(key="other", by=CLERK, order_id=order.id, tenders=(voucher,), replaces=("p1",))))
    return accepted(mall.shop.payments.record(c.RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p2", amount=Money(4900, "EUR"))))


def _moves_all_the_same(mall: Mall) -> Order:
    order = paid(mall.shop)
    order = accepted(mall.shop.shipping.ship(c.ShipOrder(key="ship", by=CLERK, order_id=order.id, carrier="flat_rate", wanted=WANTED)))
    mall.desk.script("void", "lost_not_applied")
    accepted(mall.shop.shipping.unplan(c.UnplanShipment(key="apart", by=CLERK, order_id=order.id, shipment_id="s1")))
    order = scanned(mall, order, TrackStatus.PICKED_UP)
    assert open_codes(mall) == ["canceled_shipment_moves"]
    return resolved(mall, order, How.SETTLED)


def _refund_failed(mall: Mall) -> Order:
    order = paid(mall.shop)
    mall.provider.script("refund", *["declined"] * 10)
    back = c.RefundOrder(key="r", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="kindness")
    accepted(mall.shop.payments.refund(back))
    assert open_codes(mall) == ["refund_failed"]
    repaid = c.RepayOrder(key="by-hand", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(700, "EUR"))
    return accepted(mall.shop.payments.repay(repaid))


def _capture_failed(mall: Mall) -> Order:
    order = paid(mall.shop, an_order(capture=False))
    mall.provider.script("capture", "declined")
    take = c.CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")
    accepted(mall.shop.payments.capture(take))
    assert open_codes(mall) == ["capture_failed"]
    return accepted(mall.shop.payments.capture(evolve(take, key="again")))


def _void_failed(mall: Mall) -> Order:
    order = paid(mall.shop, an_order(capture=False))
    mall.provider.script("void", *["declined"] * 10)
    accepted(mall.shop.orders.cancel(c.CancelOrder(key="no", by=CLERK, order_id=order.id)))
    assert open_codes(mall) == ["void_failed"]
    return resolved(mall, order, How.SETTLED)


def _unresolved(mall: Mall) -> Order:
    mall.provider.script("query", *["lost_not_applied"] * 100)
    order = paid(mall.shop, an_order(token="tok_lost_applied"))
    for _ in range(8):
        mall.clock.advance(timedelta(hours=7))
        mall.shop.orders.sweep()
    assert open_codes(mall) == ["unresolved"]
    return resolved(mall, order, How.SETTLED)


def _payment_stuck(mall: Mall) -> Order:
    mall.provider.script("query", *["lost_not_applied"] * 1_000)
    order = paid(mall.shop, an_order(token="tok_ok+refund_slow"))
    back = c.RefundOrder(key="back", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="late")
    accepted(mall.shop.payments.refund(back))
    for _ in range(12):
        mall.clock.advance(timedelta(hours=7))
        mall.shop.orders.sweep()
    assert open_codes(mall) == ["payment_stuck"]
    return resolved(mall, order, How.SETTLED)


def _dispute_opened(mall: Mall) -> Order:
    order = a_disputed_order(mall)
    assert open_codes(mall) == ["dispute_opened"]
    mall.provider.decide_dispute(order.payments[0].disputes[0].id, DisputeState.WON)
    hear_of_it(mall, order)
    return order


def _dispute_lost(mall: Mall) -> Order:
    order = a_disputed_order(mall)
    mall.provider.decide_dispute(order.payments[0].disputes[0].id, DisputeState.LOST)
    hear_of_it(mall, order)
    assert open_codes(mall) == ["dispute_lost"]
    return resolved(mall, order, How.SETTLED, exception=2)


def _told(code: str, **news_facts: object) -> Walk:
    """What a provider says that cannot be meant."""

    def walk(mall: Mall) -> Order:
        order = paid(mall.shop, an_order(token="tok_redirect"))
        facts = {"reference": order.payments[0].reference, **news_facts}
        if code == "payment_mismatch":
            facts["payment_key"] = OperationKey(f"{order.id}_7")
        careless(mall, news(order, **facts))
        mall.shop.payments.receive("fake", ARRIVAL)
        assert open_codes(mall) == [code]
        return resolved(mall, order, How.SETTLED)

    return walk


def open_codes(mall: Mall) -> list[str]:
    return [it.code for it in mall.shop.exceptions.inbox().exceptions]


WALKS: dict[str, tuple[Walk, How]] = {
    "information_wrong": (_wrong_address, How.BY_ITSELF),
    "late": (_late, How.BY_ITSELF),
    "parcel_lost": (_lost, How.RESHIPPED),
    "parcel_damaged": (_damaged, How.RESHIPPED),
    "address_refused": (_sent_back, How.RESHIPPED),
    "out_of_stock": (_out_of_stock, How.CANCELED),
    "booking_failed": (_booking_failed, How.BY_ITSELF),
    "canceled_shipment_moves": (_moves_all_the_same, How.SETTLED),
    "cash_short": (_cash(4000), How.SETTLED),
    "cash_over": (_cash(5000), How.SETTLED),
    "gift_gone": (_gift_gone, How.COMPENSATED),
    "start_failed": (_start_failed, How.BY_ITSELF),
    "capture_failed": (_capture_failed, How.BY_ITSELF),
    "void_failed": (_void_failed, How.SETTLED),
    "refund_failed": (_refund_failed, How.BY_ITSELF),
    "unresolved": (_unresolved, How.SETTLED),
    "payment_stuck": (_payment_stuck, How.SETTLED),
    "dispute_opened": (_dispute_opened, How.BY_ITSELF),
    "dispute_lost": (_dispute_lost, How.SETTLED),
    "payment_amount": (_told("payment_amount", totals=captured(5000)), How.SETTLED),
    "payment_currency": (_told("payment_currency", totals=captured(4900, "USD")), How.SETTLED),
    "payment_mismatch": (_told("payment_mismatch", totals=captured(4900)), How.SETTLED),
}


@pytest.mark.parametrize("code", sorted(WALKS))
def test_an_exception_is_walked_from_open_to_resolved(mall: Mall, code: str) -> None:
    walk, how = WALKS[code]
    order = now(mall, walk(mall))
    assert {note.how for note in order.exceptions if note.code == code} == {how}
    assert mall.shop.exceptions.inbox().exceptions == ()
    if code != "payment_amount":  # of which the provider knows nothing
        assert_legal(mall, order)


def test_every_exception_has_a_walk() -> None:
    assert set(MEANINGS) - set(WALKS) == set()


def test_units_that_are_missed_are_held_back_and_the_others_are_shipped(mall: Mall) -> None:
    """EXCEPT-7"""
    order = missing(mall)
    all_of_them = c.ShipOrder(key="all", by=CLERK, order_id=order.id, units=((1, 2), (2, 1)))
    assert refused(mall.shop.shipping.ship(all_of_them)) == "units_withheld"
    split = accepted(mall.shop.shipping.ship(c.ShipOrder(key="some", by=CLERK, order_id=order.id)))
    assert split.shipments[0].units == ((1, 1), (2, 1))
    found = resolved(mall, order, How.FOUND)
    rest = accepted(mall.shop.shipping.ship(c.ShipOrder(key="rest", by=CLERK, order_id=found.id)))
    assert [it.units for it in rest.shipments] == [((1, 1), (2, 1)), ((1, 1),)]


def test_units_that_are_called_off_go_back_with_their_share_and_the_rest_stays(mall: Mall) -> None:
    """EXCEPT-9"""
    order = _out_of_stock(mall)
    line = order.lines[0]
    assert (line.buckets.canceled, line.buckets.open) == (1, 1)
    assert order.refunded == line.total // 2
    assert (order.surplus, dict(order.claim.items)["stock/TEA"]) == (0, 1)
    rest = x.CancelUnits(key="rest", by=CLERK, order_id=order.id, units=((1, 1), (2, 1)))
    after = accepted(mall.shop.exceptions.cancel_units(rest))
    assert (after.state, after.cancel_reason, after.refunded) == ("canceled", "out_of_stock", 4900)
    assert_legal(mall, after)


def test_a_promise_is_moved_and_the_missing_units_are_waited_for(mall: Mall) -> None:
    order = missing(mall)
    later = mall.clock.now() + timedelta(days=9)
    after = accepted(mall.shop.exceptions.move_promise(x.MovePromise(key="wait", by=CLERK, order_id=order.id, promised_at=later, exception=1)))
    assert (after.promised_at, after.exceptions[0].how) == (later, How.BACKORDERED)
    assert "now promises it for 2026-03-11T09:00+00:00" in accepted(mall.shop.orders.timeline(order.id, by=ANN)).text


def test_the_hold_of_wrong_information_ends_with_its_exception_and_the_exception_with_its_hold(mall: Mall) -> None:
    """EXCEPT-8"""
    order = paid(mall.shop)
    report = x.ReportWrong(key="typo", by=ANN, order_id=order.id)
    held = accepted(mall.shop.exceptions.report_wrong(report))
    assert [hold.id for hold in held.holds] == ["exception_1"]
    assert accepted(mall.shop.exceptions.report_wrong(evolve(report, key="again"))) == held
    after = resolved(mall, order, How.CORRECTED)
    assert (after.holds, after.open_exceptions) == ((), ())


def test_an_exception_is_noted_once_for_a_parcel_and_never_for_a_canceled_order(mall: Mall) -> None:
    """EXCEPT-5 EXCEPT-6"""
    order = scanned(mall, sent(mall), TrackStatus.PICKED_UP, TrackStatus.DAMAGED, TrackStatus.LOST, TrackStatus.DAMAGED)
    assert [note.code for note in order.exceptions] == ["parcel_damaged", "parcel_lost"]
    found = scanned(mall, order, TrackStatus.DELIVERED)
    assert [(note.code, note.how) for note in found.exceptions] == [("parcel_damaged", None), ("parcel_lost", How.BY_ITSELF)]
    other = accepted(mall.shop.shipping.ship(c.ShipOrder(key="s2", by=CLERK, order_id=paid(mall.shop, an_order(key="o2")).id)))
    accepted(mall.shop.shipping.dispatch(c.DispatchShipment(key="out-2", by=CLERK, order_id=other.id, shipment_id="s1")))
    accepted(mall.shop.orders.cancel(c.CancelOrder(key="no", by=CLERK, order_id=other.id, goods_out=True)))
    back = accepted(mall.shop.shipping.take_back(c.TakeBackShipment(key="back", by=CLERK, order_id=other.id, shipment_id="s1")))
    assert back.exceptions == ()


def test_a_payment_that_a_bank_declines_is_the_buyers_affair_and_none_of_the_inbox(mall: Mall) -> None:
    paid(mall.shop, an_order(token="tok_declined"))
    assert open_codes(mall) == []


def test_a_question_to_a_gateway_that_fails_again_is_noted_once_for_its_payment_while_that_is_open(mall: Mall) -> None:
    """EXCEPT-10"""
    order = paid(mall.shop, an_order(capture=False))
    mall.provider.script("capture", "declined", "expired_card")
    take = c.CapturePayment(key="take", by=CLERK, order_id=order.id, payment_id="p1")
    for key in ("take", "again"):
        accepted(mall.shop.payments.capture(evolve(take, key=key)))
    told = [type(it.value).__name__ for it in mall.shop.orders.history(order.id)]
    assert (told.count("AttemptFailed"), open_codes(mall)) == (2, ["capture_failed"])


def test_a_lost_parcel_is_settled_by_itself_once_all_of_it_is_shipped_once_more_or_given_back(mall: Mall) -> None:
    """EXCEPT-11"""
    order = lost(mall)
    back = c.RefundUnits(key="one", by=CLERK, order_id=order.id, units=((1, 1),), reason="lost")
    accepted(mall.shop.payments.refund_units(back))
    more = x.ReshipUnits(key="more", by=CLERK, order_id=order.id, units=((1, 1),), source=Bucket.LOST)
    accepted(mall.shop.exceptions.reship(more))
    assert open_codes(mall) == ["parcel_lost"]
    after = accepted(mall.shop.payments.refund_units(evolve(back, key="cup", units=((2, 1),))))
    assert [(note.code, note.how) for note in after.exceptions] == [("parcel_lost", How.BY_ITSELF)]
    assert_legal(mall, after)
