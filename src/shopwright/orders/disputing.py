"""What follows for an order when a buyer asks the bank, or the provider, for money back (`shopwright.payments.disputes`).

Rules
- DISPUTE-4: an order does not ship once a payment of it is disputed; the hold `dispute_<payment>` ends by itself when no dispute of it is open or
  lost, else when a person lifts it, and is placed once for each dispute;
- DISPUTE-5: a dispute that the shop is asked to answer is noted as an exception once, `dispute_opened`, with its deadline; a lost one is noted too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shopwright.members.actors import SYSTEM
from shopwright.orders.decision import Decision
from shopwright.orders.events import ExceptionNoted, HoldLifted, HoldPlaced
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.order import Order
from shopwright.orders.states import FINAL
from shopwright.payments.disputes import Dispute, DisputeState, is_news
from shopwright.payments.events import DisputeTold
from shopwright.payments.payment import Payment
from shopwright.refusals import Fact

OPENED = "dispute_opened"
LOST = "dispute_lost"


def disputed(decision: Decision, payment_id: str, told: Iterable[Dispute], *, at: datetime) -> Decision:
    """Take in what was told of the disputes of a payment; what is no news changes nothing."""
    for dispute in told:
        before = _of(decision.order, payment_id)
        if is_news(before.disputes, dispute):
            decision = decision.then(DisputeTold(payment_id=payment_id, dispute=dispute, at=at))
            decision = _noted(decision, before, dispute, at=at)
            decision = _held(decision, before, at=at)
    return decision


def _of(order: Order, payment_id: str) -> Payment:
    payment = order.payment(payment_id)
    assert payment is not None, "payments never leave their order"
    return payment


def _noted(decision: Decision, before: Payment, dispute: Dispute, *, at: datetime) -> Decision:
    known = next((it for it in before.disputes if it.id == dispute.id), None)
    code = LOST if dispute.state is DisputeState.LOST else OPENED if dispute.to_answer else ""
    if not code or (known is not None and (known.state is dispute.state or (code == OPENED and known.to_answer))):
        return decision
    facts: tuple[tuple[str, Fact], ...] = (
        ("payment", before.id),
        ("dispute", dispute.id),
        ("reason", dispute.reason.value),
        ("amount", dispute.amount),
        ("due_at", "" if dispute.due_at is None else dispute.due_at.isoformat()),
    )
    return decision.then(ExceptionNoted(code=code, facts=facts, at=at))


def _held(decision: Decision, before: Payment, *, at: datetime) -> Decision:
    id = f"dispute_{before.id}"
    held = any(hold.id == id for hold in decision.order.holds)
    doubtful = _doubtful(_of(decision.order, before.id))
    if held and not doubtful:
        return decision.then(HoldLifted(hold_id=id, by=SYSTEM, at=at))
    if not held and doubtful - _doubtful(before) and decision.order.state not in FINAL:
        return decision.then(HoldPlaced(hold=Hold(id=id, reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=at), at=at))
    return decision


def _doubtful(payment: Payment) -> set[str]:
    """The disputes of a payment that may take, or took, its money."""
    return {it.id for it in payment.disputes if it.open or it.state is DisputeState.LOST}


def answer_due_at(order: Order) -> datetime | None:
    """By when the first open dispute of an order has to be answered; `None` where none is to be, or no time was told."""
    due = [it.due_at for payment in order.payments for it in payment.disputes if it.to_answer and it.due_at is not None]
    return min(due, default=None)
