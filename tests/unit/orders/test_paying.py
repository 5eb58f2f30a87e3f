"""Which step an order's money takes next, and what an answer or a push means for the order."""

from __future__ import annotations

from itertools import permutations

import pytest

from shopwright import orders
from shopwright.edges import MOST
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.members.actors import SYSTEM
from shopwright.money import Money
from shopwright.orders import CaptureWhen, Decision, Hold, HoldReason, Order, OrderState, Terms, paying, refunds
from shopwright.orders import events as e
from shopwright.payments import events as p
from shopwright.payments.events import PaymentVerb
from shopwright.payments.notifications import EventKind, GatewayEvent
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import Advice, Declined, DeclineReason, InProgress, Outcome, Totals
from shopwright.refusals import Refusal, accepted
from shopwright.testing.builders import CLERK, NOON, a_done, a_tender, a_voucher, an_order, canceled, completed, paid, shipped, totals_of
from shopwright.testing.moves import HOUR

ON_DISPATCH = Terms(capture=CaptureWhen.ON_DISPATCH)
PROMISED = {"tenders": (a_tender(4500, capture=False),)}
NO = Declined(DeclineReason.INSUFFICIENT_FUNDS, Advice.TRY_OTHER_METHOD, "51")


def started(order: Order) -> Order:
    return orders.start(order, "p1", at=NOON).order


def answered(order: Order, outcome: Outcome, *, key: str = "") -> Decision:
    payment = order.payments[0]
    return paying.answer(order, payment, outcome, key=key or payment.attempts[0].key, at=NOON)


def asked(order: Order) -> Order:
    """The next step is stored."""
    return orders.evolve(order, orders.next_step(order, at=NOON))


def an_event(kind: EventKind, order: Order, *, key: str = "", amount: int = 0, totals: Totals | None = None, **facts: object) -> GatewayEvent:
    payment = order.payments[0]
    plain = {"event_id": "e1", "kind": kind, "reference": "ref_p1", "occurred_at": NOON, "payment_key": OperationKey(payment.key)}
    return GatewayEvent(**{**plain, "our_key": OperationKey(key or payment.key), "amount": Money(amount, "EUR"), "totals": totals, **facts})


def notified(order: Order, kind: EventKind, **facts: object) -> Decision:
    return paying.notified(order, order.payments[0], an_event(kind, order, **facts), at=NOON)


def test_keys_are_minted_from_the_order_and_counted_up() -> None:
    """PAY-2"""
    order = an_order(tenders=(a_tender(4000), a_tender(500)))
    first = orders.start(order, "p1", at=NOON).order
    second = orders.start(first, "p2", at=NOON).order

    assert [it.attempts[0].key for it in second.payments] == [f"{order.id}_1", f"{order.id}_2"]
    assert (second.payments[0].key, second.attempts, paying.next_key(second)) == (f"{order.id}_1", 2, f"{order.id}_3")


@pytest.mark.parametrize(
    ("key", "order_id"), [("01ARZ3NDEKTSV4RRFFQ69G5FAV_12", "01ARZ3NDEKTSV4RRFFQ69G5FAV"), ("01ARZ3NDEKTSV4RRFFQ69G5FAV_", ""), ("x", "")]
)
def test_a_key_tells_its_order(key: str, order_id: str) -> None:
    assert paying.order_of_key(key) == order_id


def test_a_start_keeps_where_the_buyer_comes_back_to() -> None:
    outcome = orders.start(an_order(), "p1", at=NOON, return_url="https://mall.example", notify_url="https://mall.example/n")

    assert outcome.events == (
        p.PaymentAttempted(
            payment_id="p1",
            key="01ARZ3NDEKTSV4RRFFQ69G5FAV_1",
            verb=PaymentVerb.START,
            amount=4500,
            at=NOON,
            return_url="https://mall.example",
            notify_url="https://mall.example/n",
        ),
    )


@pytest.mark.parametrize("verb", ["start", "record", "capture", "repay"])
def test_a_payment_that_the_order_does_not_have_is_refused(verb: str) -> None:
    order = an_order()
    acts = {
        "start": lambda: orders.start(order, "p9", at=NOON),
        "record": lambda: orders.record(order, "p9", 1, at=NOON),
        "capture": lambda: orders.capture(order, "p9", at=NOON),
        "repay": lambda: orders.repay(order, "p9", 1, by=CLERK, at=NOON),
    }

    assert acts[verb]() == Refusal("payment_unknown", f"order {order.number} has no payment 'p9'", {"payment": "p9"})


@pytest.mark.parametrize(("verb", "act"), [("pay", orders.start), ("capture", orders.capture)])
def test_a_canceled_order_takes_no_money_of_its_own_accord(verb: str, act: object) -> None:
    with pytest.raises(IllegalTransition) as raised:
        act(canceled(an_order()), "p1", at=NOON)
    assert str(raised.value) == f"cannot {verb} an order that is canceled; allowed: nothing, it is final"


def test_a_payment_is_started_once() -> None:
    with pytest.raises(IllegalTransition) as raised:
        orders.start(started(an_order()), "p1", at=NOON)
    assert str(raised.value) == "cannot start a payment that is started; allowed: wait for its answer"


def test_a_yes_confirms_the_order() -> None:
    order = started(an_order())
    decision = answered(order, a_done(order.payments[0], authorized=4500, captured=4500))

    assert [type(event).__name__ for event in decision.events] == ["PaymentAuthorized", "PaymentCaptured", "ClaimChanged", "OrderConfirmed"]
    assert decision.order.payments[0].attempts == ()


def test_a_yes_with_a_doubt_holds_the_order_until_the_doubt_is_gone() -> None:
    order = started(an_order())
    held = answered(order, a_done(order.payments[0], authorized=4500, captured=4500, under_review=True)).order
    again = notified(held, EventKind.REVIEW_OPENED)
    lifted = notified(held, EventKind.REVIEW_CLOSED).order

    assert held.holds == (Hold(id="payment_review_p1", reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=NOON),)
    assert again.events == (p.PaymentReviewTold(payment_id="p1", open=True, told_at=NOON, at=NOON),)
    assert (lifted.holds, notified(lifted, EventKind.REVIEW_CLOSED).events) == ((), ())


@pytest.mark.parametrize("news", list(permutations([("opened", 0), ("closed", 1), ("opened", 2), ("closed", 3), ("answer", 0)])))
@pytest.mark.parametrize("last", [3, 4, 5])
def test_a_review_that_is_over_holds_nothing_whatever_is_heard_of_first(news: tuple[tuple[str, int], ...], last: int) -> None:
    """RISK-8"""
    order = started(an_order())
    heard = [(what, hour) for what, hour in news if hour < last - 1]
    for what, hour in heard:
        if what == "answer":
            order = answered(order, a_done(order.payments[0], authorized=4500, captured=4500, under_review=True)).order
        else:
            kind = EventKind.REVIEW_OPENED if what == "opened" else EventKind.REVIEW_CLOSED
            order = notified(order, kind, occurred_at=NOON + hour * HOUR).order

    assert [hold.id for hold in order.holds] == (["payment_review_p1"] if last == 4 else [])


@pytest.mark.parametrize(
    ("received", "reason", "code", "state"),
    [
        (4500, "no odds", None, "confirmed"),
        (4400, "the buyer had no change", "cash_short", "confirmed"),
        (0, "", "cash_short", "confirmed"),
        (4600, "a tip", "cash_over", "confirmed"),
    ],
)
def test_cash_at_the_door_that_is_not_what_was_due_is_noted_with_its_reason(received: int, reason: str, code: str | None, state: str) -> None:
    decision = accepted(orders.record(an_order(on_delivery=True), "p1", received, reason=reason, at=NOON))

    facts = (("payment", "p1"), ("due", 4500), ("received", received), *((("reason", reason),) if reason else ()))
    noted = [event for event in decision.events if isinstance(event, e.ExceptionNoted)]
    assert noted == ([] if code is None else [e.ExceptionNoted(code=code, facts=facts, at=NOON)])
    assert (decision.order.paid, decision.order.state) == (received, state)


def test_cash_for_an_order_that_was_canceled_meanwhile_is_over_by_all_of_it() -> None:
    decision = accepted(orders.record(canceled(an_order(on_delivery=True)), "p1", 4500, at=NOON))

    facts = (("payment", "p1"), ("due", 0), ("received", 4500))
    assert decision.events[1] == e.ExceptionNoted(code="cash_over", facts=facts, at=NOON)


def test_another_amount_by_transfer_is_no_miscount_of_cash() -> None:
    order = an_order(tenders=(a_voucher(4500),))
    assert [type(event).__name__ for event in accepted(orders.record(order, "p1", 4400, reason="x", at=NOON)).events][:1] == ["PaymentCaptured"]
    assert not any(isinstance(event, e.ExceptionNoted) for event in accepted(orders.record(order, "p1", 4400, at=NOON)).events)


def test_a_no_leaves_the_order_as_it_is() -> None:
    decision = answered(started(an_order()), NO)

    assert [type(event).__name__ for event in decision.events] == ["PaymentDeclined"]
    assert (decision.order.state, decision.order.payments[0].state) == (OrderState.PLACED, "declined")


def test_a_capture_that_is_refused_is_noted_and_the_promise_stands() -> None:
    order = asked(shipped(paid(an_order(**PROMISED, terms=ON_DISPATCH))))
    decision = answered(order, NO)

    assert decision.events[1] == e.ExceptionNoted(
        code="capture_failed", facts=(("payment", "p1"), ("reason", "insufficient_funds"), ("raw_code", "51")), at=NOON
    )
    assert (decision.order.payments[0].failures, decision.order.payments[0].open_authorization) == (1, 4500)


def test_a_payment_that_refused_three_times_is_left_to_a_person() -> None:
    order = shipped(paid(an_order(**PROMISED, terms=ON_DISPATCH)))
    for _ in range(refunds.MAX_FAILURES):
        order = answered(asked(order), NO).order

    assert orders.next_step(order, at=NOON) is None
    assert isinstance(orders.capture(order, "p1", at=NOON), Decision)


def test_the_same_answer_to_two_workers_is_taken_in_once() -> None:
    """PAY-4: the slower worker's answer is about a question that has ended."""
    order = started(an_order())
    key = order.payments[0].attempts[0].key
    declined = answered(order, NO, key=key).order

    assert [answered(declined, outcome, key=key).events for outcome in (NO, InProgress("r", HOUR))] == [(), ()]


def test_silence_is_noted_once_and_guesses_nothing() -> None:
    order = started(an_order())
    key = order.payments[0].attempts[0].key
    silent = paying.unanswered(order, order.payments[0], key=key, why="timeout", at=NOON)

    assert silent.events == (p.PaymentUnanswered(payment_id="p1", key=key, why="timeout", at=NOON),)
    assert paying.unanswered(silent.order, silent.order.payments[0], key=key, why="timeout", at=NOON).events == ()
    assert paying.unanswered(order, order.payments[0], key="other", why="timeout", at=NOON).events == ()


def test_money_that_comes_for_a_canceled_order_goes_back_whichever_way_it_came() -> None:
    """ORDER-9"""
    order = canceled(started(an_order()))
    late = answered(order, a_done(order.payments[0], authorized=4500, captured=4500)).order
    cash = orders.record(canceled(an_order(on_delivery=True)), "p1", 4500, at=NOON).order

    assert (late.refund_granted, orders.next_step(late, at=NOON).verb) == (4500, "refund")
    assert (cash.refund_granted, orders.next_step(cash, at=NOON), cash.refund_outstanding) == (4500, None, 4500)


def test_only_what_comes_late_goes_back_where_a_cancellation_kept_the_rest() -> None:
    """ORDER-9"""
    order = canceled(paid(an_order()), refund=False)
    late = notified(order, EventKind.CAPTURED, totals=totals_of(order.payments[0], captured=100)).order

    assert (order.refund_granted, late.refund_granted, late.paid) == (0, 100, 4600)


def test_what_a_provider_gave_back_unasked_counts_as_granted_and_lowers_what_is_owed() -> None:
    """ORDER-11"""
    order = paid(an_order())
    decision = notified(order, EventKind.REFUNDED, key="desk_1", amount=300)

    assert decision.events == (
        p.PaymentRefunded(payment_id="p1", key="desk_1", amount=300, whole=300, at=NOON),
        e.RefundGranted(amount=300, allowance=300, reason="provider", by=SYSTEM, at=NOON),
    )
    assert (
        decision.order.owed,
        decision.order.refund_outstanding,
        notified(decision.order, EventKind.REFUNDED, key="desk_1", amount=300).events,
    ) == (4200, 0, ())


def test_what_a_provider_gave_back_unasked_is_not_given_back_again_when_the_order_is_canceled() -> None:
    order = canceled(notified(paid(an_order()), EventKind.REFUNDED, key="desk_1", amount=300).order)

    assert (order.refund_granted, order.refund_outstanding) == (4500, 4200)


def test_a_refund_that_came_back_is_asked_for_again() -> None:
    """PAY-4"""
    order = asked(canceled(paid(an_order())))
    key = order.payments[0].attempts[0].key
    gone = answered(order, a_done(order.payments[0], refunded=4500)).order
    back = notified(gone, EventKind.REFUND_FAILED, key=key, amount=4500).order

    assert (gone.refund_outstanding, back.refund_outstanding, back.payments[0].refunded) == (0, 4500, 0)
    assert (orders.next_step(back, at=NOON).verb, orders.next_step(back, at=NOON).key) == ("refund", f"{order.id}_3")
    assert notified(back, EventKind.REFUND_FAILED, key=key, amount=4500).events == ()
    assert notified(back, EventKind.REFUNDED, key=key, amount=4500).events == ()


def test_a_chargeback_leaves_nothing_to_give_back_until_the_dispute_is_won() -> None:
    order = canceled(paid(an_order()))
    disputed = notified(order, EventKind.CHARGED_BACK, amount=4500, totals=totals_of(order.payments[0], charged_back=4500)).order
    won = notified(disputed, EventKind.CHARGEBACK_REVERSED, amount=4500, totals=totals_of(order.payments[0])).order

    assert (disputed.refund_outstanding, orders.next_step(disputed, at=NOON), disputed.paid) == (0, None, 0)
    assert (won.refund_outstanding, orders.next_step(won, at=NOON).verb, won.payments[0].state) == (4500, "refund", "captured")


def test_a_completed_order_stays_completed_when_its_money_is_charged_back_and_may_be_paid_again() -> None:
    order = completed(an_order())
    order = notified(order, EventKind.CHARGED_BACK, amount=4500, totals=totals_of(order.payments[0], charged_back=4500)).order
    again = orders.retender(order, (a_tender(4500),), by=CLERK, at=NOON).order

    assert (order.state, order.surplus) == (OrderState.COMPLETED, -4500)
    assert isinstance(orders.start(again, "p2", at=NOON), Decision)


def test_a_payment_that_failed_at_the_provider_is_declined_unless_its_money_is_there() -> None:
    """PAY-4: in either order the captured payment stands."""
    waiting = started(an_order())
    done = {"amount": 4500, "totals": Totals.of("EUR", authorized=4500, captured=4500)}
    failed = notified(waiting, EventKind.FAILED).order
    paid_after = notified(failed, EventKind.CAPTURED, **done).order
    paid_first = notified(waiting, EventKind.CAPTURED, **done).order

    assert (failed.payments[0].state, failed.payments[0].attempts) == ("declined", ())
    assert (paid_after.payments[0].state, notified(paid_first, EventKind.FAILED).events) == ("captured", ())


@pytest.mark.parametrize(
    ("kind", "facts", "looks"),
    [
        (EventKind.CAPTURED, {}, True),
        (EventKind.CAPTURED, {"totals": Totals.of("EUR")}, False),
        (EventKind.REVIEW_OPENED, {}, False),
        (EventKind.FAILED, {}, False),
        (EventKind.REFUNDED, {}, False),
        (EventKind.REFUNDED, {"our_key": None}, True),
        (EventKind.REFUNDED, {"amount": None}, True),
        (EventKind.REFUND_FAILED, {"totals": Totals.of("EUR")}, True),
        (EventKind.CHARGEBACK_REVERSED, {"totals": Totals.of("EUR")}, True),
        (EventKind.CHARGED_BACK, {"totals": Totals.of("EUR")}, False),
        (EventKind.CHARGED_BACK, {}, True),
    ],
)
def test_an_event_that_leaves_open_how_its_payment_stands_makes_the_shop_ask(kind: EventKind, facts: dict[str, object], looks: bool) -> None:
    order = paid(an_order())
    event = GatewayEvent(
        **{
            "event_id": "e",
            "kind": kind,
            "reference": "r",
            "occurred_at": NOON,
            "our_key": OperationKey("desk_1"),
            "amount": Money(1, "EUR"),
            "totals": None,
            **facts,
        }
    )

    assert paying.to_look_up(order.payments[0], event) is looks


@pytest.mark.parametrize(("amount", "expected"), [(None, (4500, True)), (4500, (4500, True)), (1000, (1000, False))])
def test_a_capture_takes_what_is_missing_and_releases_the_rest_once_nothing_is(amount: int | None, expected: tuple[int, bool]) -> None:
    order = orders.capture(paid(an_order(**PROMISED)), "p1", amount=amount, at=NOON).order
    attempt = order.payments[0].attempts[0]

    assert (attempt.amount, attempt.final, paying.missing(order)) == (*expected, 4500 - expected[0])


def test_no_more_than_is_promised_is_captured() -> None:
    with pytest.raises(InvalidValue, match=r"^cannot capture 4501 of payment p1; expected 1 to 4500 minor units$"):
        orders.capture(paid(an_order(**PROMISED)), "p1", amount=4501, at=NOON)


def test_the_money_of_an_order_adds_up_to_what_every_store_keeps() -> None:
    order = orders.record(an_order(tenders=(a_voucher(500), a_voucher(4000))), "p1", 5, at=NOON).order
    with pytest.raises(InvalidValue, match=rf"^the money of an order adds up to 64 bits of minor units at most; it has 5, got {MOST}$"):
        orders.record(order, "p2", MOST, at=NOON)


def test_money_is_taken_when_goods_leave_from_one_payment_after_the_other() -> None:
    order = shipped(paid(an_order(tenders=(a_tender(3000, capture=False), a_tender(1500, capture=False)), terms=ON_DISPATCH)))
    first = asked(order)
    second = asked(first)

    assert [(it.attempts[0].verb, it.attempts[0].amount) for it in second.payments] == [("capture", 3000), ("capture", 1500)]
    assert orders.next_step(second, at=NOON) is None


def test_nothing_is_taken_by_itself_where_the_terms_leave_it_to_a_person() -> None:
    assert orders.next_step(shipped(paid(an_order(**PROMISED))), at=NOON) is None


def test_a_completed_order_takes_what_its_tolerance_had_left_open() -> None:
    tenders = (a_voucher(4499), a_tender(1, capture=False))
    order = completed(an_order(tenders=tenders, terms=Terms(tolerance=1)))

    assert (orders.next_step(order, at=NOON).verb, orders.next_step(order, at=NOON).amount) == ("capture", 1)


def test_of_several_payments_the_last_gives_back_first_and_none_more_than_it_has() -> None:
    order = canceled(paid(an_order(tenders=(a_tender(3000), a_tender(1500)))))
    first = asked(order)

    assert [(step.payment_id, step.amount) for step in (orders.next_step(order, at=NOON), orders.next_step(first, at=NOON))] == [
        ("p2", 1500),
        ("p1", 3000),
    ]


def test_a_promise_is_captured_or_voided_but_never_both() -> None:
    order = paid(an_order(**PROMISED))
    part = orders.capture(order, "p1", amount=1000, at=NOON).order
    part = answered(part, a_done(part.payments[0], captured=1000)).order
    step = orders.next_step(canceled(part), at=NOON)

    assert (step.verb, step.amount) == ("refund", 1000)


def test_what_the_buyer_left_open_is_closed_when_the_order_is_canceled() -> None:
    order = canceled(answered(started(an_order()), InProgress("r", HOUR)).order)

    assert orders.next_step(order, at=NOON) is None, "its question is open"
    ended = orders.evolve(order, p.AttemptClosed(payment_id="p1", key=order.payments[0].key, at=NOON))
    assert (orders.next_step(ended, at=NOON).verb, paying.open_payments(ended), paying.due(ended)) == ("void", ended.payments, ())
