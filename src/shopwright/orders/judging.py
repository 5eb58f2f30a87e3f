"""What follows for an order from what the rules of the shop say of its payments: paid, proved, held, or refused.

Rules
- RISK-9: of a payment that is refused no gateway is asked; it stays due, and who tries again is judged anew;
- RISK-10: a challenge that a gateway cannot ask for is a review;
- RISK-11: a review holds the order; where the gateway can, its money is only promised, and taken once somebody has lifted the hold; when nobody has
  by the time at which the promise may end, the order is called off;
- a hold is lifted by itself where its payment has come to nothing and the order is paid without it.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve as changed
from attrs import frozen

from shopwright.members.actors import SYSTEM
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import HoldLifted, HoldPlaced
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.order import Order
from shopwright.payments.capabilities import Capabilities
from shopwright.payments.events import PaymentAttempted, RiskAssessed
from shopwright.payments.operations import Operation
from shopwright.payments.payment import Payment
from shopwright.payments.risk.verdicts import Assessment, Verdict
from shopwright.payments.states import PaymentState

_PROMISES = frozenset({Operation.AUTHORIZE, Operation.CAPTURE, Operation.VOID})


@frozen(kw_only=True)
class Told:
    """What was said of one payment: by the rules, and by engines outside with those of them that said nothing, and why; `doubtful` says that such a
    silence is reason enough for a review.
    """

    assessment: Assessment
    scores: tuple[tuple[str, int], ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    doubtful: bool = False


def hold_id(payment_id: str) -> str:
    """The hold under which a payment is reviewed."""
    return f"risk_{payment_id}"


def follows(told: Told, able: Capabilities) -> Verdict:
    """What is done about it (RISK-10)."""
    verdict = told.assessment.verdict
    if verdict is Verdict.ALLOW and told.doubtful:
        return Verdict.REVIEW
    return Verdict.REVIEW if verdict is Verdict.CHALLENGE and not able.challenges else verdict


def judged(order: Order, payment: Payment, told: Told, able: Capabilities, *, at: datetime) -> Decision:
    """Take in what was said of a payment that is due; a review holds the order (RISK-11)."""
    then = follows(told, able)
    promised = then is Verdict.REVIEW and (_only_promised(payment, able) or not payment.tender.capture)
    event = RiskAssessed(
        payment_id=payment.id,
        verdict=told.assessment.verdict,
        follows=then,
        at=at,
        fired=told.assessment.fired,
        unknown=told.assessment.unknown,
        points=told.assessment.points,
        scores=told.scores,
        silent=told.silent,
        review_until=at + able.auth_ttl if promised and able.auth_ttl is not None else None,
    )
    decision = decided(order, event)
    id = hold_id(payment.id)
    if then is not Verdict.REVIEW or any(hold.id == id for hold in order.holds):
        return decision
    return decision.then(HoldPlaced(hold=Hold(id=id, reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=at), at=at))


def as_judged(order: Order, attempt: PaymentAttempted, able: Capabilities) -> PaymentAttempted:
    """The start of a payment as its judgement wants it: with a proof, or only promised."""
    payment = order.payment(attempt.payment_id)
    then = None if payment is None or payment.judged is None else payment.judged.follows
    if payment is None or then is None:
        return attempt
    return changed(attempt, challenge=then is Verdict.CHALLENGE, promise_only=then is Verdict.REVIEW and _only_promised(payment, able))


def _only_promised(payment: Payment, able: Capabilities) -> bool:
    """Whether its money is held back though its tender would have it taken at once."""
    return payment.tender.capture and able.operations >= _PROMISES


def is_reviewed(order: Order, payment: Payment) -> bool:
    """Whether a person still has to look at this payment."""
    id = hold_id(payment.id)
    return any(hold.id == id for hold in order.holds)


def review_ends_at(order: Order) -> datetime | None:
    """When an order that nobody has looked at is called off, because what was promised for it ends; `None` where none is waiting."""
    if not order.holds or order.closed_at is not None:
        return None
    ends = [it.judged.until for it in order.payments if it.judged is not None and it.judged.until is not None and is_reviewed(order, it)]
    return min(ends, default=None)


def without_idle_holds(decision: Decision, *, at: datetime) -> Decision:
    """The same without the holds of payments that came to nothing, where the order is paid without them."""
    order = decision.order
    if not order.holds or not order.secured:
        return decision
    closed = [it for it in order.payments if it.state in (PaymentState.DECLINED, PaymentState.VOIDED) and not it.expected and is_reviewed(order, it)]
    return decision.then(*[HoldLifted(hold_id=hold_id(it.id), by=SYSTEM, at=at) for it in closed])
