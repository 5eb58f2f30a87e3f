"""Disputes: heard of in any order, held against shipping (DISPUTE-4) and refunds, noted (DISPUTE-5), answered once (DISPUTE-6), and decided."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from attrs import evolve

from shopwright import Money, Order, RefundOrder, ShipOrder, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.adapters.sqlite import SqliteStorage
from shopwright.adapters.troubles import Trouble
from shopwright.errors import NotSupportedHere
from shopwright.flows.commands import LiftHold, RefreshPayments
from shopwright.flows.disputing import answer_dispute
from shopwright.orders.evolve import fold
from shopwright.orders.standing import PaymentStanding, standings
from shopwright.payments.disputes import DisputeReason, DisputeState
from shopwright.payments.errors import Indeterminate
from shopwright.wire.kinds import KINDS
from tests.flows.disputes import a_dispute_unheard, a_disputed_order, answer, answer_it, give_it_up, hear_of_it
from tests.flows.mall import CLERK, Mall, an_order, paid, refused

S = DisputeState


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def _now(mall: Mall, order: Order) -> Order:
    found = accepted(mall.shop.orders.get(order.id))
    assert fold(event.value for event in mall.shop.orders.history(order.id)) == found
    return found


def _refund(order: Order, amount: int, key: str = "back") -> RefundOrder:
    return RefundOrder(key=key, by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="sorry")


def _decided(mall: Mall, order: Order, state: DisputeState) -> Order:
    mall.provider.decide_dispute(order.payments[0].disputes[0].id, state)
    hear_of_it(mall, order)
    return _now(mall, order)


def test_dispute_4_a_disputed_order_does_not_ship_until_the_dispute_is_won(mall: Mall) -> None:
    order = a_disputed_order(mall)
    assert [(hold.id, hold.reason.value) for hold in order.holds] == [("dispute_p1", "payment_risk")]
    assert refused(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id))) == "order_held"
    assert standings(order).payment is PaymentStanding.DISPUTED

    won = _decided(mall, order, S.WON)

    assert (won.holds, won.payments[0].disputed, standings(won).payment) == ((), 0, PaymentStanding.PAID)
    accepted(mall.shop.shipping.ship(ShipOrder(key="ship", by=CLERK, order_id=order.id)))


def test_dispute_4_a_lost_dispute_keeps_its_hold_until_a_person_lifts_it(mall: Mall) -> None:
    lost = _decided(mall, a_disputed_order(mall), S.LOST)

    assert (lost.payments[0].charged_back, lost.payments[0].disputed) == (1000, 0)
    assert [note.code for note in lost.exceptions] == ["dispute_opened", "dispute_lost"]
    assert [hold.id for hold in lost.holds] == ["dispute_p1"]
    lifted = accepted(mall.shop.orders.lift(LiftHold(key="lift", by=CLERK, order_id=lost.id, hold_id="dispute_p1")))
    hear_of_it(mall, lost)
    assert _now(mall, lost) == lifted


def test_dispute_5_a_dispute_is_noted_once_with_its_reason_and_its_deadline(mall: Mall) -> None:
    order = a_disputed_order(mall)
    for _ in range(3):
        hear_of_it(mall, order)

    [note] = _now(mall, order).exceptions
    due = (mall.clock.now() + timedelta(days=7)).isoformat()
    facts = {"payment": "p1", "dispute": "dp_fp_000001_1", "reason": "fraud", "amount": 1000, "due_at": due}
    assert (note.code, dict(note.facts)) == ("dispute_opened", facts)


def test_what_is_disputed_goes_back_to_nobody_and_what_is_not_does(mall: Mall) -> None:
    order = a_disputed_order(mall)

    assert (order.payments[0].net, order.payments[0].disputed, order.payments[0].refundable) == (4900, 1000, 3900)
    assert refused(mall.shop.payments.refund(_refund(order, 3901))) == "refund_above_paid"
    assert accepted(mall.shop.payments.refund(_refund(order, 3900))).refunded == 3900
    assert refused(mall.shop.payments.refund(_refund(order, 1, key="more"))) == "refund_above_paid"
    lost = _decided(mall, order, S.LOST)
    assert (lost.payments[0].net, lost.payments[0].refundable) == (0, 0)


def test_dispute_3_an_inquiry_can_be_ended_by_a_refund(mall: Mall) -> None:
    order = paid(mall.shop)
    mall.provider.open_dispute(order.payments[0].reference, reason=DisputeReason.UNRECOGNIZED, inquiry=True)
    hear_of_it(mall, order)
    asked = _now(mall, order)
    assert (asked.payments[0].disputed, [hold.id for hold in asked.holds]) == (0, ["dispute_p1"])

    assert accepted(mall.shop.payments.refund(_refund(order, 4900))).refunded == 4900
    closed = _decided(mall, asked, S.CLOSED)
    assert (closed.holds, closed.payments[0].disputes[0].state) == ((), S.CLOSED)


def test_whichever_is_heard_of_first_the_end_is_the_same() -> None:
    ends = set()
    for order_of_letters in permutations(range(3)):
        mall = Mall(MemoryStorage(KINDS))
        order = a_dispute_unheard(mall)
        (dispute,) = [told.dispute for told in mall.provider.told() if told.dispute]
        mall.clock.advance(timedelta(minutes=1))
        mall.provider.decide_dispute(dispute, S.LOST)
        letters = mall.provider.notifications(again=True)[-3:]
        for number in order_of_letters:
            mall.shop.payments.receive("fake", letters[number])
        payment = _now(mall, order).payments[0]
        ends.add((payment.disputes[0].state, payment.charged_back, payment.disputed, payment.net, len(_now(mall, order).holds)))

    assert ends == {(S.LOST, 1000, 0, 3900, 1)}


def test_the_end_of_a_dispute_whose_letters_are_lost_is_learned_of_by_asking(mall: Mall) -> None:
    order = a_disputed_order(mall)
    mall.provider.decide_dispute(order.payments[0].disputes[0].id, S.LOST)

    asked = accepted(mall.shop.payments.refresh(RefreshPayments(key="look", by=CLERK, order_id=order.id)))

    assert [(it.state, it.amount) for it in asked.payments[0].disputes] == [(S.LOST, 1000)]
    assert (asked.payments[0].charged_back, asked.payments[0].disputed) == (1000, 0)


def test_dispute_6_an_answer_is_given_once_and_kept_without_its_texts(mall: Mall) -> None:
    order = a_disputed_order(mall)

    first, again = accepted(answer_it(mall, order)), accepted(answer_it(mall, order))

    assert first == again
    assert first.payments[0].disputes[0].state is S.UNDER_REVIEW
    told = [event.value for event in mall.shop.orders.history(order.id) if type(event.value).__name__ == "DisputeAnswered"]
    assert [(it.parts, it.by) for it in told] == [(("explanation", "tracking_number"), CLERK)]
    assert "it was delivered" not in repr(mall.shop.orders.history(order.id))
    assert mall.shop.payments.disputes().items == ()


def test_a_dispute_that_is_given_up_is_lost_and_its_money_goes(mall: Mall) -> None:
    order = a_disputed_order(mall)
    given_up = accepted(give_it_up(mall, order))
    assert (given_up.payments[0].disputes[0].state, given_up.payments[0].disputed) == (S.LOST, 1000)
    hear_of_it(mall, order)
    assert (_now(mall, order).payments[0].charged_back, _now(mall, order).payments[0].disputed) == (1000, 0)


def test_an_answer_without_a_verdict_is_given_again_under_the_same_key(mall: Mall) -> None:
    order = a_disputed_order(mall)
    mall.provider.strike(Trouble.LOST_APPLIED)
    with pytest.raises(Indeterminate):
        answer_it(mall, order)
    assert _now(mall, order).payments[0].disputes[0].state is S.NEEDS_RESPONSE

    assert accepted(answer_it(mall, order)).payments[0].disputes[0].state is S.UNDER_REVIEW
    assert [told.dispute_state for told in mall.provider.told() if told.dispute] == ["needs_response", "under_review"]


def test_a_gateway_that_passes_nothing_on_says_where_to_answer(mall: Mall) -> None:
    order = a_disputed_order(mall)

    class Plain:
        """The same gateway, without what answers disputes."""

        name = "fake"

    plain = evolve(mall.shop.ports, gateways={"fake": Plain()})
    assert refused(answer_dispute(plain, answer(order), at=mall.clock.now())) == "dispute_answered_elsewhere"


def test_the_most_urgent_dispute_is_listed_first_and_pages_go_on_from_there(mall: Mall) -> None:
    orders = [paid(mall.shop, an_order(key=f"o{n}")) for n in range(3)]
    for days, order in zip((9, 2, 5), orders, strict=True):
        mall.provider.open_dispute(order.payments[0].reference, answer_within=timedelta(days=days))
        hear_of_it(mall, order)

    first = mall.shop.payments.disputes(limit=2)
    rest = mall.shop.payments.disputes(limit=2, after=first.next)
    assert [it.number for it in (*first.items, *rest.items)] == [orders[n].number for n in (1, 2, 0)]
    soon = mall.shop.payments.disputes(until=mall.clock.now() + timedelta(days=3))
    assert [(it.order_id, it.payment_id, it.dispute.amount) for it in soon.items] == [(orders[1].id, "p1", 4900)]


def test_nobody_answers_inside_a_transaction_of_the_host(tmp_path: Path) -> None:
    storage = SqliteStorage.open(tmp_path / "mall.sqlite", kinds=KINDS, upgrade=True)
    mall = Mall(storage)
    order = a_disputed_order(mall)
    connection = sqlite3.connect(tmp_path / "mall.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotSupportedHere, match="commit first"):
        answer_dispute(evolve(mall.shop.ports, storage=storage.joined(connection)), answer(order), at=mall.clock.now())
    connection.rollback()
    connection.close()
    storage.close()
