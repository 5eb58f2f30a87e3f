"""Money that goes back: what is granted, and on which payment it goes. Gateways are asked for it by `shopwright.orders.next_step`.

Rules
- ORDER-9: what a cancellation gives back is what is paid above what is then owed, never more;
- ORDER-11: a refund takes first what was paid above what is owed; by the rest the buyer owes less from then on, so that an order of
  which something was given back can still complete;
- ORDER-17: of several payments the last gives back first, unless the terms name methods that come first or last (`refund_first`, `refund_last`); a
  gateway is asked for multiples of what it can move, and what that leaves over goes back by another payment, or with the rest;
- what a provider gave back unasked, and what a person gave back by hand, counts as granted;
- what arrives for an order that is canceled goes back, and no more than what arrives.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve as changed

from shopwright.errors import InvalidValue
from shopwright.members.actors import SYSTEM, Actor
from shopwright.orders import events as e
from shopwright.orders.decision import Decision, decided
from shopwright.orders.order import Order
from shopwright.orders.refund_plan import Way
from shopwright.orders.states import OrderState
from shopwright.payments.events import PaymentRefunded
from shopwright.payments.payment import Payment, Via
from shopwright.refusals import Fact, Refusal

MAX_FAILURES = 3
"""How often a payment may refuse what the shop asks of it by itself."""


def refund(
    order: Order, amount: int, *, reason: str, by: Actor, at: datetime, of_lines: tuple[tuple[int, int], ...] = ()
) -> Decision | Refusal:
    """Grant that some money goes back (ORDER-11), for the goods of these lines where some are named.

    Refused with `refund_above_paid` when less is refundable (PAY-1).
    """
    _demand_amount(amount)
    if amount > refundable(order):
        return _above(order, amount, refundable(order))
    allowance = min(amount, max(0, amount - max(0, order.surplus)))
    return decided(order, e.RefundGranted(amount=amount, allowance=allowance, reason=reason, by=by, at=at, of_lines=of_lines))


def repay(order: Order, payment_id: str, amount: int, *, reference: str = "", by: Actor, at: datetime) -> Decision | Refusal:
    """Note that a person gave money back outside any gateway; it is taken from what was granted, and granted where it was not.

    Refused with `payment_unknown`, or with `refund_above_paid` when less of this payment is refundable (PAY-1).
    """
    payment = order.payment(payment_id)
    if payment is None:
        return unknown(order, payment_id)
    _demand_amount(amount)
    if amount > payment.refundable:
        return _above(order, amount, payment.refundable)
    gone = PaymentRefunded(payment_id=payment.id, key="", amount=amount, by_hand=True, reference=reference, at=at)
    return granted_what_went(order, decided(order, gone), why="repaid", by=by, at=at)


def unknown(order: Order, payment_id: str) -> Refusal:
    """The refusal for a payment that an order does not have."""
    return Refusal("payment_unknown", f"order {order.number} has no payment {payment_id!r}", {"payment": payment_id})


def in_turn(order: Order) -> tuple[Payment, ...]:
    """The payments in the order in which they give back (ORDER-17)."""
    terms, backwards = order.terms, order.payments[::-1]
    if not terms.refund_first and not terms.refund_last:
        return backwards
    ranks = {method: place - len(terms.refund_first) for place, method in enumerate(terms.refund_first)}
    ranks |= {method: place + 1 for place, method in enumerate(terms.refund_last)}
    return tuple(sorted(backwards, key=lambda payment: ranks.get(payment.tender.method, 0)))


def refundable(order: Order) -> int:
    """What could still be granted to go back, in minor units: neither on its way nor granted before (PAY-1)."""
    return sum([payment.refundable for payment in order.payments]) - order.refund_outstanding


def goodwill(order: Order, amount: int, *, reason: str, by: Actor, at: datetime) -> Decision | Refusal:
    """Grant that some money goes back for no unit: an apology. Refused with `refund_above_paid`, as `refund`, and with `goodwill_above_limit` beyond
    what the terms let an order have of it; raises `InvalidValue` without a reason. What was paid too much is none of it.
    """
    _demand_amount(amount)
    if not reason.strip():
        raise InvalidValue("goodwill needs a reason; say what it is for")
    most = order.terms.goodwill_most
    if most is not None and order.goodwill + amount > most:
        left = max(0, most - order.goodwill)
        facts: dict[str, Fact] = {"wanted": amount, "left": left, "currency": order.currency}
        return Refusal("goodwill_above_limit", f"{amount} is more than the {left} of goodwill that is left", facts)
    granted = refund(order, amount, reason=reason, by=by, at=at)
    if isinstance(granted, Refusal):
        return granted
    return decided(order, *[changed(it, goodwill=True, allowance=amount) for it in granted.events if isinstance(it, e.RefundGranted)])


def can_be_asked(payment: Payment) -> bool:
    """Whether there is a gateway that has not refused `MAX_FAILURES` times what the shop asked of this payment by itself."""
    return payment.tender.via is Via.GATEWAY and payment.failures < MAX_FAILURES


def ways(order: Order) -> tuple[Way, ...]:
    """On which payments what was granted goes that has not gone: by gateways first, in their turn (ORDER-17), and what is left by hand."""
    left = order.refund_outstanding
    points = None if order.points is None else order.points.gateway or None
    found: list[Way] = []
    taken: dict[str, int] = {}
    for by_hand in (False, True):
        for it in in_turn(order):
            free = it.refundable - taken.get(it.id, 0)
            amount = min(left, free) if by_hand else it.refundable_of(left) if can_be_asked(it) else 0
            if amount:
                left, taken[it.id] = left - amount, taken.get(it.id, 0) + amount
                found.append(Way(payment_id=it.id, method=it.tender.method, amount=amount, by_hand=by_hand, points=it.tender.gateway == points))
    return tuple(found)


def _demand_amount(amount: int) -> None:
    if type(amount) is not int or amount < 1:
        raise InvalidValue(f"a refund is 1 or more minor units; got {amount!r}")


def _above(order: Order, amount: int, refundable: int) -> Refusal:
    facts: dict[str, Fact] = {"wanted": amount, "refundable": refundable, "currency": order.currency}
    return Refusal("refund_above_paid", f"{amount} is more than the {refundable} that can go back", facts)


def granted_above_owed(decision: Decision, *, why: str, by: Actor, at: datetime, most: int | None = None) -> Decision:
    """Grant back what was paid above what is owed (ORDER-9), `most` of it at most."""
    surplus = decision.order.surplus if most is None else min(most, decision.order.surplus)
    return decision if surplus <= 0 else decision.then(e.RefundGranted(amount=surplus, reason=why, by=by, at=at))


def granted_what_went(before: Order, decision: Decision, *, why: str, by: Actor, at: datetime) -> Decision:
    """Count as granted what went back and was not granted before."""
    after = decision.order
    extra = after.refunded - after.refund_granted
    if extra <= 0:
        return decision
    allowance = max(0, extra - max(0, before.surplus))
    return decision.then(e.RefundGranted(amount=extra, allowance=allowance, reason=why, by=by, at=at))


def granted_what_came_late(before: Order, decision: Decision, *, at: datetime) -> Decision:
    """Grant back what arrived for an order that is canceled."""
    after = decision.order
    if after.state is not OrderState.CANCELED:
        return decision
    why = f"canceled: {after.cancel_reason or e.CancelReason.OTHER}"
    return granted_above_owed(decision, why=why, by=SYSTEM, at=at, most=after.paid - before.paid)


def by_hand(order: Order) -> bool:
    """Whether money has to go back on a way that no gateway knows: somebody repays it, and `repay` notes that."""
    return order.refund_outstanding > 0 and not any(
        it.refundable_of(order.refund_outstanding) for it in order.payments if it.tender.via is Via.GATEWAY
    )
