"""Which step an order's money takes next, and what a gateway's answer means for the order.

Rules
- ORDER-21: as goods are dispatched (`CaptureWhen.AS_DISPATCHED`), captures in parts add up to what is owed: the last of them takes the rest, and
  releases what is promised beyond it.

Keys. The n-th time that an order asks anybody outside, it asks under `<order id>_<n>`: minted from the order, stored with the
attempt before the call, and never minted anew for the same attempt (PAY-2).
"""

from __future__ import annotations

from datetime import datetime
from functools import reduce

from attrs import evolve as changed

from shopwright.edges import MOST
from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.members.actors import SYSTEM
from shopwright.orders.decision import Decision, decided
from shopwright.orders.disputing import disputed
from shopwright.orders.events import ExceptionNoted, HoldLifted, HoldPlaced
from shopwright.orders.excepting import stands
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.judging import as_judged, is_reviewed, without_idle_holds
from shopwright.orders.order import Order
from shopwright.orders.refunds import can_be_asked, granted_what_came_late, granted_what_went, in_turn, unknown
from shopwright.orders.reviewing import advance
from shopwright.orders.states import OrderState, allowed
from shopwright.orders.terms import CaptureWhen
from shopwright.payments import verbs
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.events import (
    AttemptClosed,
    AttemptFailed,
    PaymentAttempted,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentEvent,
    PaymentReviewTold,
    PaymentUnanswered,
    PaymentVerb,
)
from shopwright.payments.evolve import evolve as evolve_payment
from shopwright.payments.notifications import EventKind, GatewayEvent
from shopwright.payments.outcomes import Done, Outcome
from shopwright.payments.payment import Payment, Via
from shopwright.payments.states import WAITING, PaymentState
from shopwright.refusals import Refusal


def next_key(order: Order) -> str:
    """The key under which the order's next question to the outside is asked."""
    return f"{order.id}_{order.attempts + 1}"


def order_of_key(key: str) -> str:
    """The id of the order that a key belongs to; empty when it is none of ours."""
    return key[:26] if len(key) > 27 and key[26] == "_" else ""


def start(
    order: Order, payment_id: str, *, at: datetime, return_url: str = "", notify_url: str = "", able: Capabilities | None = None
) -> Decision | Refusal:
    """Ask the gateway for a payment that is due. With `able`, what the gateway can do, a payment that was judged is started as that wants it.

    Refused with `payment_unknown`; raises `IllegalTransition`, also when the order is canceled.
    """
    payment = order.payment(payment_id)
    if payment is None:
        return unknown(order, payment_id)
    _demand_alive(order, "pay")
    event = verbs.attempt(payment, PaymentVerb.START, key=next_key(order), amount=payment.tender.amount, at=at)
    event = changed(event, return_url=return_url, notify_url=notify_url)
    return decided(order, event if able is None else as_judged(order, event, able))


def _demand_alive(order: Order, verb: str) -> None:
    if order.state is OrderState.CANCELED:
        raise IllegalTransition(verb, "an order", order.state, allowed(order.state))


def record(order: Order, payment_id: str, amount: int, *, reference: str = "", reason: str = "", at: datetime) -> Decision | Refusal:
    """Money that arrived outside a gateway, in time or late. Refused with `payment_unknown`; raises `IllegalTransition`, `InvalidValue`.

    Cash at the door that is not what was due there is noted (`cash_short`, `cash_over`), with the `reason` that was told.
    """
    payment = order.payment(payment_id)
    if payment is None:
        return unknown(order, payment_id)
    if type(amount) is int and order.paid + amount > MOST:
        raise InvalidValue(f"the money of an order adds up to 64 bits of minor units at most; it has {order.paid}, got {amount}")
    decision = decided(order, verbs.record(payment, amount, reference=reference, at=at))
    if payment.tender.via is Via.ON_DELIVERY and (note := _miscounted(order, payment, amount, reason=reason, at=at)):
        decision = decision.then(note)
    return follow_up(order, decision, at=at)


def _miscounted(order: Order, payment: Payment, amount: int, *, reason: str, at: datetime) -> ExceptionNoted | None:
    """That another amount was handed over than was due at the door: what the tender says, or less where less is owed by then."""
    due = min(payment.tender.amount, max(0, order.owed - order.kept))
    if amount == due:
        return None
    told = (("reason", reason),) if reason else ()
    facts = (("payment", payment.id), ("due", due), ("received", amount), *told)
    return ExceptionNoted(code="cash_short" if amount < due else "cash_over", facts=facts, at=at)


def capture(order: Order, payment_id: str, *, amount: int | None = None, at: datetime) -> Decision | Refusal:
    """Take what was promised, or a part of it; without an amount, what is missing. The rest is released once nothing is missing.

    Refused with `payment_unknown`; raises `IllegalTransition`, also when the order is canceled, and `InvalidValue` for more than is promised.
    """
    payment = order.payment(payment_id)
    if payment is None:
        return unknown(order, payment_id)
    _demand_alive(order, "capture")
    lacking = missing(order)
    wanted = min(payment.open_authorization, lacking) if amount is None else amount
    final = wanted >= min(lacking, payment.open_authorization)
    return decided(order, verbs.attempt(payment, PaymentVerb.CAPTURE, key=next_key(order), amount=wanted, at=at, final=final))


def missing(order: Order) -> int:
    """What is owed and neither paid nor being captured, in minor units."""
    return max(0, order.owed - order.kept - sum(payment.asked(PaymentVerb.CAPTURE) for payment in order.payments))


def answer(order: Order, payment: Payment, outcome: Outcome, *, key: str, at: datetime, unasked: bool = False) -> Decision:
    """Take in a gateway's answer, and what follows from it for the order. A payment that the provider doubts holds the order.

    `unasked` where the gateway did not decline but could not be asked: of a start that is the shop's affair, not the buyer's, and noted.
    """
    events = verbs.answer(payment, outcome, key=key, at=at)
    decision = decided(order, *events)
    for event in events:
        decision = _failure_noted(decision, event, unasked=unasked)
    if isinstance(outcome, Done) and outcome.under_review and payment.review_opened_at is None and payment.review_closed_at is None:
        decision = doubted(decision, payment, at=at)
    if isinstance(outcome, Done) and outcome.disputes:
        decision = disputed(decision, payment.id, outcome.disputes, at=at)
    return follow_up(order, decision, at=at)


def _failure_noted(decision: Decision, event: PaymentEvent, *, unasked: bool) -> Decision:
    """The same, with what a gateway did not do noted, once for each payment while that is open (EXCEPT-10)."""
    match event:
        case AttemptFailed():
            facts = (("payment", event.payment_id), ("reason", event.reason), ("raw_code", event.raw_code))
            note = ExceptionNoted(code=f"{event.verb}_failed", facts=facts, at=event.at)
        case PaymentDeclined() if unasked:
            facts = (("payment", event.payment_id), ("reason", event.reason), ("raw_code", event.raw_code))
            note = ExceptionNoted(code="start_failed", facts=facts, at=event.at)
        case _:
            return decision
    return decision if stands(decision.order, note.code, "payment", event.payment_id) else decision.then(note)


def doubted(decision: Decision, payment: Payment, *, at: datetime) -> Decision:
    """Hold an order whose payment the provider has doubts about, once."""
    id = f"payment_review_{payment.id}"
    if any(hold.id == id for hold in decision.order.holds):
        return decision
    return decision.then(HoldPlaced(hold=Hold(id=id, reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=at), at=at))


def notified(order: Order, payment: Payment, event: GatewayEvent, *, at: datetime) -> Decision:
    """Take in what a provider pushed. What lags behind what is known changes nothing, so the order of arrival does not matter (PAY-4)."""
    decision = decided(order, *_told(payment, event, at))
    if event.kind in (EventKind.REVIEW_OPENED, EventKind.REVIEW_CLOSED):
        decision = _review_told(decision, payment, event, at=at)
    if event.dispute is not None:
        decision = disputed(decision, payment.id, (event.dispute,), at=at)
    return follow_up(order, decision, at=at)


def _review_told(decision: Decision, payment: Payment, event: GatewayEvent, *, at: datetime) -> Decision:
    """Hold the order while the provider looks at its payment: by when that was, so that it does not matter which is heard of first (RISK-8)."""
    opened = event.kind is EventKind.REVIEW_OPENED
    known = payment.review_opened_at if opened else payment.review_closed_at
    if known is not None and event.occurred_at <= known:
        return decision
    decision = decision.then(PaymentReviewTold(payment_id=payment.id, open=opened, told_at=event.occurred_at, at=at))
    other = payment.review_closed_at if opened else payment.review_opened_at
    if opened and (other is None or event.occurred_at > other):
        return doubted(decision, payment, at=at)
    hold_id = f"payment_review_{payment.id}"
    is_over = not opened and (other is None or event.occurred_at >= other)
    if is_over and any(hold.id == hold_id for hold in decision.order.holds):
        return decision.then(HoldLifted(hold_id=hold_id, by=SYSTEM, at=at))
    return decision


def _told(payment: Payment, event: GatewayEvent, at: datetime) -> tuple[PaymentEvent, ...]:
    """What an event says of its payment. Refunds that failed and disputes that were won take totals back, so they go by their amount."""
    key = event.our_key.value if event.our_key else ""
    amount = 0 if event.amount is None else event.amount.minor
    if event.kind is EventKind.REFUND_FAILED:
        return verbs.refund_failed(payment, amount, key=key, at=at)
    told: tuple[PaymentEvent, ...] = ()
    if event.totals is not None:
        told = verbs.settle(payment, event.totals, key=key, reference=event.reference, at=at, late=True)
    if event.kind is EventKind.VOIDED and event.totals is not None:
        told = told or verbs.closed(payment, event.totals, key=key, at=at)
    if event.kind is EventKind.REFUNDED and event.amount is None and event.totals is not None:
        return (*told, *verbs.refunds_told(reduce(evolve_payment, told, payment), event.totals, key=key, at=at))
    if event.kind is EventKind.REFUNDED:
        return (*told, *verbs.refund_done(payment, amount, key=key, at=at))
    if event.kind is EventKind.CHARGEBACK_REVERSED:
        return (*told, *verbs.won(reduce(evolve_payment, told, payment), amount, totals=event.totals, at=at))
    if event.kind is EventKind.FAILED and not any(isinstance(it, PaymentAuthorized | PaymentCaptured) for it in told):
        no = verbs.declined(payment, key=key, reason="failed", advice="try_other_method", raw_code=event.kind.value, at=at)
        told = (*(it for it in told if not isinstance(it, AttemptClosed)), *no)
    return told


def to_look_up(payment: Payment, event: GatewayEvent) -> bool:
    """Whether an event leaves open how its payment stands, so that the gateway has to be asked.

    It does not tell the totals, or which refund it is about; or totals go back by it; or, once they went back before, it may as well
    be an old one that comes again.
    """
    match event.kind:
        case EventKind.REFUNDED:
            return event.our_key is None or event.amount is None
        case EventKind.REFUND_FAILED | EventKind.CHARGEBACK_REVERSED:
            return True
        case EventKind.CHARGED_BACK:
            return event.totals is None or payment.won_back > 0
        case _:
            return event.totals is None and event.kind in (EventKind.AUTHORIZED, EventKind.CAPTURED, EventKind.VOIDED)


def unanswered(order: Order, payment: Payment, *, key: str, why: str, at: datetime) -> Decision:
    """Note that a gateway gave no verdict; nothing is guessed."""
    attempt = verbs.open_attempt(payment, key)
    if attempt is None or attempt.unanswered:
        return Decision(order)
    return decided(order, PaymentUnanswered(payment_id=payment.id, key=key, why=why, at=at))


def follow_up(before: Order, decision: Decision, *, at: datetime) -> Decision:
    """What follows once money has moved: what went back counts as granted, an order is secured, what came too late is granted back."""
    if not decision.events:
        return decision
    decision = granted_what_went(before, decision, why="provider", by=SYSTEM, at=at)
    decision = granted_what_came_late(before, decision, at=at)
    decision = without_idle_holds(decision, at=at)
    more = advance(decision.order, at=at)
    return Decision(more.order, (*decision.events, *more.events))


def open_payments(order: Order) -> tuple[Payment, ...]:
    """The payments that wait for the buyer or the provider, with no question of ours open."""
    return tuple(it for it in order.payments if it.state in WAITING and not it.attempts)


def disputed_payments(order: Order) -> tuple[Payment, ...]:
    """The payments of which a dispute is undecided."""
    return tuple(it for it in order.payments if any(dispute.open for dispute in it.disputes))


def due(order: Order) -> tuple[Payment, ...]:
    """The payments that wait for their gateway to be asked."""
    return tuple(it for it in order.payments if it.state is PaymentState.DUE and it.tender.via is Via.GATEWAY and it.tender.amount)


def next_step(order: Order, *, at: datetime) -> PaymentAttempted | None:
    """The next thing to ask a gateway for so that the money follows the order: capture, void or refund; `None` when all is done.

    Nothing is asked of a payment of which an earlier attempt is open, or which has refused `MAX_FAILURES` times: a person has to look
    at it. Of several payments those give back first that the terms say, else the last (ORDER-17).
    """
    for payment in order.payments:
        if (payment.open_authorization or payment.state in WAITING) and _askable(payment):
            step = _void(order, payment, at) if order.state is OrderState.CANCELED else _capture(order, payment, at)
            if step is not None:
                return step
    return _next_refund(order, at)


def _askable(payment: Payment) -> bool:
    return not payment.attempts and can_be_asked(payment)


def _void(order: Order, payment: Payment, at: datetime) -> PaymentAttempted | None:
    """Give up what is promised; what is left of a promise after a capture ends by itself."""
    if payment.captured:
        return None
    amount = payment.open_authorization or payment.tender.amount
    return verbs.attempt(payment, PaymentVerb.VOID, key=next_key(order), amount=amount, at=at)


def _capture(order: Order, payment: Payment, at: datetime) -> PaymentAttempted | None:
    """Take what is missing once goods have left, if the terms say so, or the order is complete, or once a review that held it back is over.

    As goods are dispatched, what has left is taken, and the rest stays promised (ORDER-21).
    """
    lacking, when = missing(order), order.terms.capture
    passed = payment.held_back and not is_reviewed(order, payment)
    if when is CaptureWhen.AS_DISPATCHED and not (passed or order.state is OrderState.COMPLETED):
        due = max(0, lacking - staying(order))
    elif passed or order.state is OrderState.COMPLETED or (when is CaptureWhen.ON_DISPATCH and any(line.buckets.left for line in order.lines)):
        due = lacking
    else:
        return None
    amount = min(due, payment.open_authorization)
    final = amount >= min(lacking, payment.open_authorization)
    amount -= 0 if final else amount % payment.step
    if not amount:
        return None
    return verbs.attempt(payment, PaymentVerb.CAPTURE, key=next_key(order), amount=amount, at=at, final=final)


def staying(order: Order) -> int:
    """What of the price belongs to units that have not left, in minor units, cut as a refund of them would be (ORDER-3)."""
    return sum([line.owed - line.owed_without(line.buckets.open + line.buckets.allocated) for line in order.lines])


def _next_refund(order: Order, at: datetime) -> PaymentAttempted | None:
    outstanding = order.refund_outstanding
    if not outstanding:
        return None
    for payment in in_turn(order):
        amount = payment.refundable_of(outstanding)
        if amount and _askable(payment):
            return verbs.attempt(payment, PaymentVerb.REFUND, key=next_key(order), amount=amount, at=at)
    return None
