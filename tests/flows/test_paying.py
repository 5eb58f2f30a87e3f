"""Paying through a shop: every answer a gateway can give, money that comes late, and money that goes back."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from shopwright import CancelOrder, CapturePayment, Money, PayOrder, RecordPayment, RefundOrder, Via, accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.flows import commands as c
from shopwright.orders import standings
from shopwright.orders.events import CancelReason, ExceptionNoted
from shopwright.payments.errors import BadNotification
from shopwright.payments.notifications import RawNotification
from shopwright.payments.operations import OperationKey
from shopwright.ports.quotas import Reserve
from shopwright.ports.storage import Changeset, Operation
from shopwright.wire.kinds import EVENTS, KINDS
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid, placed, refused


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


@pytest.mark.parametrize("token", ["tok_ok", "tok_lost_applied", "tok_lost_not_applied", "tok_not_sent"])
def test_a_payment_that_works_in_the_end_is_taken_once_and_confirms_the_order(mall: Mall, token: str) -> None:
    order = paid(mall.shop, an_order(token=token))

    assert (order.state, order.paid, order.payments[0].attempts) == ("confirmed", 4900, ())
    assert [movement.amount for movement in mall.provider.charges()] == [Money(4900, "EUR")]


def test_a_decline_says_why_and_leaves_the_order_unpaid(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_insufficient_funds"))

    assert (order.state, order.payments[0].state, order.paid) == ("placed", "declined", 0)
    assert mall.provider.charges() == ()


def test_a_buyer_who_comes_back_from_the_page_has_paid_once_the_shop_looks(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    assert order.payments[0].action is not None
    mall.provider.approve(order.payments[0].reference)

    after = accepted(mall.shop.payments.refresh(c.RefreshPayments(key="back", by=ANN, order_id=order.id)))

    assert (after.state, after.paid, after.payments[0].action) == ("confirmed", 4900, None)


def test_a_notification_confirms_the_order_and_its_repeats_change_nothing(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)

    pushed = mall.provider.notifications(duplicate=3)
    answers = [mall.shop.payments.receive("fake", raw) for raw in pushed]

    after = accepted(mall.shop.orders.get(order.id))
    assert len(pushed) >= 3
    assert {ack.status for ack in answers} == {200}
    assert (after.state, after.paid) == ("confirmed", 4900)


def test_notifications_end_in_the_same_amounts_whatever_order_they_come_in() -> None:
    ends = set()
    for turn in range(24):
        mall = Mall(MemoryStorage(KINDS))
        order = paid(mall.shop, an_order(token="tok_redirect"))
        reference = order.payments[0].reference
        mall.provider.approve(reference)
        mall.provider.charge_back(reference, Money(900, "EUR"))
        pushed = mall.provider.notifications()
        orders = list(permutations(pushed))
        for raw in orders[turn % len(orders)]:
            mall.shop.payments.receive("fake", raw)
        after = accepted(mall.shop.orders.get(order.id))
        ends.add((after.payments[0].state, after.payments[0].captured, after.payments[0].charged_back))
    assert ends == {("charged_back", 4900, 900)}


def test_a_forged_notification_is_refused_and_changes_nothing(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)
    raw = mall.provider.notifications()[0]
    forged = RawNotification(headers=raw.headers, body=raw.body.replace(b"captured", b"refunded"), query=raw.query, received_at=raw.received_at)

    with pytest.raises(BadNotification):
        mall.shop.payments.receive("fake", forged)
    assert mall.orders() == (order,)


def test_a_notification_for_an_order_that_has_not_landed_yet_is_asked_for_again(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)
    elsewhere = Mall(MemoryStorage(KINDS))

    answers = {elsewhere.shop.payments.receive("fake", raw).status for raw in mall.provider.notifications()}

    assert answers == {503}


def test_money_for_goods_whose_hold_was_reclaimed_takes_them_anew(mall: Mall) -> None:
    order = placed(mall.shop)
    mall.clock.advance(timedelta(minutes=31))
    _reclaim(mall, "stock/CUP", 10)

    after = accepted(mall.shop.payments.pay(PayOrder(key="late", by=ANN, order_id=order.id)))

    assert (after.state, after.cancel_reason, after.paid, after.payments[0].refunded) == ("canceled", CancelReason.OUT_OF_STOCK, 0, 4900)
    _free(mall)


def test_money_for_goods_that_are_still_there_after_the_hold_was_reclaimed_buys_them(mall: Mall) -> None:
    order = placed(mall.shop)
    mall.clock.advance(timedelta(minutes=31))
    _reclaim(mall, "stock/CUP", 10)
    _free(mall)

    after = accepted(mall.shop.payments.pay(PayOrder(key="late", by=ANN, order_id=order.id)))

    quota = mall.storage.quota(("stock/CUP",), at=mall.clock.now())["stock/CUP"]
    assert (after.state, after.paid, quota.used, quota.held) == ("confirmed", 4900, 1, 0)


def _reclaim(mall: Mall, key: str, quantity: int) -> None:
    """Somebody else holds all there is, which takes a lapsed hold away."""
    at = mall.clock.now()
    move = Reserve("other", ((key, quantity),), at + timedelta(hours=1))
    accepted(mall.storage.commit(Changeset(Operation("other", "other"), at, moves=(move,))))


def _free(mall: Mall) -> None:
    from shopwright.ports.quotas import ReleaseHold

    accepted(mall.storage.commit(Changeset(Operation("free", "free"), mall.clock.now(), moves=(ReleaseHold("other"),))))


def test_vouchers_and_a_card_pay_together_and_the_order_waits_for_both(mall: Mall) -> None:
    order = paid(mall.shop, an_order(vouchers=(900, 500)))
    assert (order.state, order.paid) == ("placed", 3500)

    for payment, amount in (("p1", 900), ("p2", 500)):
        command = RecordPayment(key=payment, by=CLERK, order_id=order.id, payment_id=payment, amount=Money(amount, "EUR"))
        order = accepted(mall.shop.payments.record(command))

    assert (order.state, order.paid) == ("confirmed", 4900)


def test_cash_at_the_door_is_recorded_once(mall: Mall) -> None:
    order = placed(mall.shop, an_order(via=Via.ON_DELIVERY))
    command = RecordPayment(key="cash", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4900, "EUR"))
    first = accepted(mall.shop.payments.record(command))

    assert accepted(mall.shop.payments.record(command)) == first
    with pytest.raises(IllegalTransition, match="cannot record a payment that is captured"):
        mall.shop.payments.record(RecordPayment(key="again", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4900, "EUR")))


def test_cash_that_is_short_is_noted_once_and_leaves_the_rest_open(mall: Mall) -> None:
    order = placed(mall.shop, an_order(via=Via.ON_DELIVERY))
    facts = {"key": "cash", "by": CLERK, "order_id": order.id, "payment_id": "p1", "amount": Money(4800, "EUR")}
    for _ in range(2):
        order = accepted(mall.shop.payments.record(RecordPayment(reason="the buyer had no change", **facts)))

    told = [it.value for it in mall.storage.read(EVENTS, key=order.id, limit=100) if isinstance(it.value, ExceptionNoted)]
    assert [(it.code, it.facts) for it in told] == [
        ("cash_short", (("payment", "p1"), ("due", 4900), ("received", 4800), ("reason", "the buyer had no change")))
    ]
    assert (order.paid, order.owed) == (4800, 4900)


def test_a_promise_is_captured_in_parts_and_never_beyond(mall: Mall) -> None:
    order = paid(mall.shop, an_order(capture=False))
    assert standings(order).payment == "authorized"

    with pytest.raises(InvalidValue, match="cannot capture 4901"):
        mall.shop.payments.capture(CapturePayment(key="much", by=CLERK, order_id=order.id, payment_id="p1", amount=Money(4901, "EUR")))
    after = accepted(mall.shop.payments.capture(CapturePayment(key="all", by=CLERK, order_id=order.id, payment_id="p1")))
    assert (after.paid, [movement.amount.minor for movement in mall.provider.charges()]) == (4900, [4900])


def test_refunds_in_parts_add_up_to_what_was_paid_and_not_a_cent_more(mall: Mall) -> None:
    order = paid(mall.shop)
    for amount in (1, 1633, 3266):
        command = RefundOrder(key=f"r{amount}", by=CLERK, order_id=order.id, amount=Money(amount, "EUR"), reason="kindness")
        order = accepted(mall.shop.payments.refund(command))

    assert (order.paid, sum(movement.amount.minor for movement in mall.provider.refunds())) == (0, 4900)
    once_more = RefundOrder(key="more", by=CLERK, order_id=order.id, amount=Money(1, "EUR"), reason="kindness")
    assert refused(mall.shop.payments.refund(once_more)) == "refund_above_paid"


def test_a_refund_that_the_gateway_refuses_is_noted_and_stays_outstanding(mall: Mall) -> None:
    order = paid(mall.shop)
    mall.provider.script("refund", *["declined"] * 10)

    command = RefundOrder(key="r", by=CLERK, order_id=order.id, amount=Money(700, "EUR"), reason="kindness")
    after = accepted(mall.shop.payments.refund(command))

    assert (after.paid, after.refund_outstanding) == (4900, 700)
    assert "refund_failed" in {note.code for note in after.exceptions}


@pytest.mark.parametrize("verb", ["record", "refund", "capture"])
def test_a_foreign_currency_is_refused(mall: Mall, verb: str) -> None:
    order = paid(mall.shop, an_order(capture=False))
    amount, about = Money(100, "USD"), {"key": "k", "by": CLERK, "order_id": order.id}
    answers = {
        "record": lambda: mall.shop.payments.record(RecordPayment(payment_id="p1", amount=amount, **about)),
        "refund": lambda: mall.shop.payments.refund(RefundOrder(amount=amount, reason="r", **about)),
        "capture": lambda: mall.shop.payments.capture(CapturePayment(payment_id="p1", amount=amount, **about)),
    }

    assert refused(answers[verb]()) == "payment_currency"


def test_paying_an_order_that_is_paid_is_refused_and_a_closed_one_is_misuse(mall: Mall) -> None:
    order = paid(mall.shop)
    assert refused(mall.shop.payments.pay(PayOrder(key="again", by=ANN, order_id=order.id))) == "nothing_due"
    accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    assert refused(mall.shop.payments.pay(PayOrder(key="after", by=ANN, order_id=order.id))) == "nothing_due"


def test_money_that_arrives_after_the_order_was_canceled_goes_back(mall: Mall) -> None:
    order = paid(mall.shop, an_order(token="tok_redirect"))
    mall.provider.approve(order.payments[0].reference)

    after = accepted(mall.shop.orders.cancel(CancelOrder(key="no", by=ANN, order_id=order.id)))
    after = accepted(mall.shop.payments.refresh(c.RefreshPayments(key="look", by=ANN, order_id=after.id)))

    assert (after.state, after.paid, after.payments[0].refunded) == ("canceled", 0, 4900)
    assert sum(movement.amount.minor for movement in mall.provider.refunds()) == 4900


def test_without_a_gateway_that_answers_the_payment_stays_unanswered_and_says_so(mall: Mall) -> None:
    mall.provider.script("start", *["lost_not_applied"] * 20)
    mall.provider.script("query", *["lost_not_applied"] * 20)

    order = paid(mall.shop)

    assert (order.state, order.payments[0].state, standings(order).payment) == ("placed", "unanswered", "unanswered")
    assert order.payments[0].attempts[0].key == OperationKey(f"{order.id}_1").value
    mall.clock.advance(timedelta(hours=1))
    assert mall.shop.orders.sweep().expired == 0
