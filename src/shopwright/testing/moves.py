"""All that can happen to an order next: what people may do, and what gateways, carriers and time may bring.

For tests that walk through the lives of orders, by chance or through all of them. A move says how it is meant:

- `FORTH`: somebody does their part, or the world says yes; from every standing such moves alone lead to an end;
- `ELSE`: a choice or a misfortune that no end may hang on.

Amounts are few on purpose (all of it, and one minor unit), so that a walk comes to an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shopwright import orders
from shopwright.money import Money
from shopwright.orders import paying, refunds
from shopwright.orders.decision import decided
from shopwright.orders.order import Order
from shopwright.orders.reviewing import lift_expired
from shopwright.orders.states import OrderState
from shopwright.payments.disputes import Dispute, DisputeState
from shopwright.payments.events import PaymentVerb
from shopwright.payments.notifications import EventKind, GatewayEvent
from shopwright.payments.operations import OperationKey
from shopwright.payments.outcomes import ActionRequired, Advice, Declined, DeclineReason, InProgress, Outcome, Redirect
from shopwright.payments.payment import Attempt, Payment, Via
from shopwright.payments.states import WAITING, PaymentState
from shopwright.shipping import events as s
from shopwright.shipping.shipment import Shipment
from shopwright.shipping.states import ShipmentState
from shopwright.shipping.tracking import TrackEvent, TrackStatus
from shopwright.testing.builders import ANN, CLERK, a_done, a_tender, an_address, totals_of
from shopwright.testing.giving_back import of_units
from shopwright.testing.move import Kind, Move

HOUR = timedelta(hours=1)


def moves(order: Order, *, at: datetime) -> Iterator[Move]:
    """The moves of one moment; many are not allowed, which is for the verbs to say."""
    yield from of_people(order, at)
    yield from of_money(order, at)
    yield from of_goods(order, at)
    yield from of_units(order, at)


def of_people(order: Order, at: datetime) -> Iterator[Move]:
    """Review, holds and the ends."""
    reason = orders.CancelReason.CUSTOMER
    yield Move("confirm", lambda o: orders.confirm(o, by=CLERK, at=at))
    yield Move("send back", lambda o: orders.send_back(o, note="which street?", by=CLERK, at=at), Kind.ELSE)
    yield Move("correct", lambda o: orders.correct(o, ship_to=an_address(), by=ANN, at=at))
    yield Move("complete", lambda o: orders.complete(o, by=CLERK, at=at))
    yield Move("cancel", lambda o: orders.cancel(o, reason=reason, by=ANN, at=at))
    yield Move("cancel, goods out", lambda o: orders.cancel(o, reason=reason, by=CLERK, at=at, goods_out=True))
    yield Move("cancel, no refund", lambda o: orders.cancel(o, reason=reason, by=CLERK, at=at, refund=False), Kind.ELSE)
    if not order.holds:
        forever = orders.Hold(id="h1", reason=orders.HoldReason.ADDRESS_WRONG, by=CLERK, at=at)
        ending = orders.Hold(id="h2", reason=orders.HoldReason.STOCK, by=CLERK, at=at, expires_at=at + HOUR)
        yield Move("hold", lambda o: orders.hold(o, forever, at=at), Kind.ELSE)
        yield Move("hold for an hour", lambda o: orders.hold(o, ending, at=at), Kind.ELSE)
    for hold in order.holds:
        yield _lifted(hold.id, at)
    yield Move("lift expired", lambda o: lift_expired(o, at=at + 2 * HOUR))


def _lifted(id: str, at: datetime) -> Move:
    return Move("lift", lambda o: orders.lift(o, id, by=CLERK, at=at), about=id)


def of_money(order: Order, at: datetime) -> Iterator[Move]:
    """What is asked of gateways, what they answer, what they push, and what passes them by."""
    step = orders.next_step(order, at=at)
    if step is not None:
        yield Move(f"{step.verb}: ask", lambda o: decided(o, step), about=step.payment_id)
    yield Move("refund 1", lambda o: orders.refund(o, 1, reason="kindness", by=CLERK, at=at), Kind.ELSE)
    if order.surplus > 0:
        yield Move("refund the surplus", lambda o: orders.refund(o, o.surplus, reason="too much", by=CLERK, at=at))
    yield from _retenders(order, at)
    for payment in order.payments:
        yield from _of_payment(payment, order, at)
        for attempt in payment.attempts:
            yield from _answers(payment, attempt, at)
        yield from _pushes(payment, at)


def _retenders(order: Order, at: datetime) -> Iterator[Move]:
    waiting = tuple(payment.id for payment in order.payments if payment.state in WAITING and not payment.attempts)
    gap = order.owed + order.going_back - sum(payment.prospect for payment in order.payments)
    if gap > 0:
        yield Move("add a tender", lambda o: orders.retender(o, (a_tender(gap),), by=ANN, at=at), Kind.ELSE)
    instead = gap + sum(payment.prospect for payment in order.payments if payment.id in waiting)
    if waiting and instead > 0:
        yield Move("replace", lambda o: orders.retender(o, (a_tender(instead),), replaces=waiting, by=ANN, at=at), Kind.ELSE)


def _of_payment(payment: Payment, order: Order, at: datetime) -> Iterator[Move]:
    id, amount = payment.id, payment.tender.amount
    if payment.tender.via is Via.GATEWAY:
        yield Move("start", lambda o: orders.start(o, id, at=at), about=id)
        yield Move("capture", lambda o: orders.capture(o, id, amount=payment.open_authorization, at=at), Kind.ELSE, id)
    else:
        kind = Kind.FORTH if order.state is OrderState.PLACED else Kind.ELSE
        yield Move("record", lambda o: orders.record(o, id, amount, at=at), kind, id)
        yield Move("record a part", lambda o: orders.record(o, id, amount - 1, at=at), Kind.ELSE, id)
    if payment.refundable and order.refund_outstanding:
        back = min(payment.refundable, order.refund_outstanding)
        yield Move("repay", lambda o: orders.repay(o, id, back, by=CLERK, at=at), about=id)


def _answers(payment: Payment, attempt: Attempt, at: datetime) -> Iterator[Move]:
    """What a gateway may say to one question, or that it says nothing."""
    for name, outcome, kind in _outcomes(payment, attempt, at):
        yield _answered(payment, attempt, name, outcome, kind, at)
    silence = f"{attempt.verb}: silence"
    yield Move(silence, lambda o: paying.unanswered(o, _now(o, payment), key=attempt.key, why="timeout", at=at), Kind.ELSE, payment.id)


def _answered(payment: Payment, attempt: Attempt, name: str, outcome: Outcome, kind: Kind, at: datetime) -> Move:
    label = f"{attempt.verb}: {name}"
    return Move(label, lambda o: paying.answer(o, _now(o, payment), outcome, key=attempt.key, at=at), kind, payment.id)


def _outcomes(payment: Payment, attempt: Attempt, at: datetime) -> Iterator[tuple[str, Outcome, Kind]]:
    reference, no = payment.reference or f"ref_{payment.id}", Declined(DeclineReason.GENERIC, Advice.TRY_OTHER_METHOD)
    match attempt.verb:
        case PaymentVerb.START:
            taken = attempt.amount if payment.tender.capture else 0
            yield "yes", a_done(payment, at=at, authorized=attempt.amount, captured=taken), Kind.FORTH
            yield "yes, with a doubt", a_done(payment, at=at, authorized=attempt.amount, captured=taken, under_review=True), Kind.ELSE
            yield "act first", ActionRequired(reference, Redirect("https://pay.example")), Kind.ELSE
        case PaymentVerb.CAPTURE:
            if (rest := payment.open_authorization - attempt.amount) >= 0:
                yield "yes", a_done(payment, at=at, captured=attempt.amount, voided=rest if attempt.final else 0), Kind.FORTH
        case PaymentVerb.VOID:
            yield "yes", a_done(payment, at=at, voided=payment.open_authorization), Kind.FORTH
            if payment.state in WAITING:
                yield "too late", a_done(payment, at=at, authorized=payment.tender.amount, captured=payment.tender.amount), Kind.ELSE
        case PaymentVerb.REFUND:
            if attempt.amount <= payment.net:
                yield "yes", a_done(payment, at=at, refunded=attempt.amount), Kind.FORTH
    yield ("no", no, Kind.ELSE) if _can_be_done(payment, attempt) else ("cannot", no, Kind.FORTH)
    yield "later", InProgress(reference, HOUR), Kind.ELSE


def _can_be_done(payment: Payment, attempt: Attempt) -> bool:
    """Whether nothing that happened meanwhile forces the gateway to say no."""
    there = {PaymentVerb.CAPTURE: payment.open_authorization, PaymentVerb.REFUND: payment.net}
    return attempt.amount <= there.get(attempt.verb, attempt.amount)


def _pushes(payment: Payment, at: datetime) -> Iterator[Move]:
    """What a provider tells by itself."""
    if not payment.key:
        return
    amount, key = payment.tender.amount, payment.key
    if payment.state in WAITING | {PaymentState.DECLINED, PaymentState.VOIDED} and not payment.authorized:
        yield _pushed(payment, EventKind.CAPTURED, amount, key, at, authorized=amount, captured=amount)
        yield _pushed(payment, EventKind.FAILED, 0, key, at)
    if payment.open_authorization:
        yield _pushed(payment, EventKind.VOIDED, payment.open_authorization, key, at, voided=payment.open_authorization)
    if payment.net > 0:
        yield _pushed(payment, EventKind.CHARGED_BACK, payment.net, key, at, charged_back=payment.net)
        yield _pushed(payment, EventKind.REFUNDED, 1, "elsewhere", at, refunded=1)
    if payment.charged_back:
        yield _pushed(payment, EventKind.CHARGEBACK_REVERSED, payment.charged_back, key, at, charged_back=-payment.charged_back)
    if payment.refunded > payment.refunded_by_hand and len(payment.failed_refunds) < refunds.MAX_FAILURES:
        back = payment.refunded - payment.refunded_by_hand
        yield _pushed(payment, EventKind.REFUND_FAILED, back, f"refund_{len(payment.failed_refunds)}", at, refunded=-back)
    yield from _disputes(payment, key, at)
    yield _pushed(payment, EventKind.REVIEW_OPENED, 0, key, at)
    yield _pushed(payment, EventKind.REVIEW_CLOSED, 0, key, at)


def _disputes(payment: Payment, key: str, at: datetime) -> Iterator[Move]:
    """The buyer asks for all of it back, and how that stands: told by a clock that stands still, a dispute only goes on."""
    known = payment.disputes[0].amount if payment.disputes else payment.net
    for state in DisputeState if known > 0 else ():
        dispute = Dispute(id=f"d_{payment.id}", state=state, amount=known, told_at=at)
        yield _pushed(payment, EventKind.DISPUTED, 0, key, at, dispute=dispute)


def _pushed(payment: Payment, kind: EventKind, amount: int, key: str, at: datetime, dispute: Dispute | None = None, **more: int) -> Move:
    said = f"{kind}" if dispute is None else f"{kind} {dispute.state}"
    totals = totals_of(payment, "EUR", **more)
    event = GatewayEvent(
        event_id=f"{said}-{amount}-{key}",
        kind=kind,
        reference=payment.reference or f"ref_{payment.id}",
        payment_key=OperationKey(payment.key),
        our_key=OperationKey(key),
        amount=Money(amount, totals.currency),
        totals=totals,
        occurred_at=at,
        dispute=dispute,
    )
    return Move(f"told: {said}", lambda o: paying.notified(o, _now(o, payment), event, at=at), Kind.ELSE, payment.id)


def _now(order: Order, payment: Payment) -> Payment:
    found = order.payment(payment.id)
    assert found is not None, "payments never leave their order"
    return found


def of_goods(order: Order, at: datetime) -> Iterator[Move]:
    """Planning, handing over, and what carriers say."""
    yield Move("plan all", lambda o: orders.plan_shipment(o, at=at))
    first = next((line.line_no for line in order.lines if line.buckets.open > 1), None)
    if first is not None:
        yield Move("plan one", lambda o: orders.plan_shipment(o, units=((first, 1),), at=at), Kind.ELSE)
    for shipment in order.shipments:
        yield from _of_shipment(shipment, at)


def _of_shipment(shipment: Shipment, at: datetime) -> Iterator[Move]:
    id = shipment.id
    yield Move("unplan", lambda o: orders.unplan(o, id, at=at), about=id)
    yield Move("dispatch", lambda o: orders.dispatch(o, id, at=at), about=id)
    yield Move("deliver", lambda o: orders.deliver(o, id, at=at), about=id)
    yield Move("take back", lambda o: orders.take_back(o, id, at=at), Kind.ELSE, id)
    yield Move("lose", lambda o: orders.lose(o, id, at=at), Kind.ELSE, id)
    for status in (TrackStatus.ATTEMPT_FAILED, TrackStatus.RETURNING):
        yield _scanned(id, status, at)
    if shipment.state is ShipmentState.PLANNED:
        booked = s.ShipmentBooked(shipment_id=id, reference=f"b_{id}", tracking_numbers=(f"t_{id}",), cost=350, currency="EUR", at=at)
        yield Move("book", lambda o: decided(o, booked), Kind.ELSE, id)


def _scanned(id: str, status: TrackStatus, at: datetime) -> Move:
    scan = TrackEvent(at=at, status=status, event_id=f"{id}-{status}")
    return Move(f"scan: {status}", lambda o: orders.track(o, id, (scan,), at=at), Kind.ELSE, id)
