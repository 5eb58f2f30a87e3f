"""A walk through the product of the machines: order, payments, shipments, holds, claim and buckets together, by public verbs alone.

Two orders are in the same joint state when nothing that a verb looks at tells them apart: times, keys, references and notes are left
out. The walk keeps for each joint state the first order that came there with its history, and every step that leads on.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Hashable

from attrs import define, field

from shopwright import orders
from shopwright.orders import Decision, Order, OrderEvent, OrderState
from shopwright.payments.payment import Payment
from shopwright.payments.states import WAITING
from shopwright.testing.builders import NOON
from shopwright.testing.move import Kind, Move
from shopwright.testing.moves import moves

Joint = Hashable
Allow = Callable[[Move, Order], bool]


def joint(order: Order) -> Joint:
    """What tells one standing of an order from another."""
    return (
        (order.state, order.claim.state, order.claim.items, order.refund_granted, order.allowances, order.settled, order.goodwill),
        tuple(sorted(hold.id for hold in order.holds)),
        tuple(line.buckets for line in order.lines),
        tuple((it.state, it.units, bool(it.reference)) for it in order.shipments),
        tuple(_payment(it) for it in order.payments),
    )


def _payment(it: Payment) -> Joint:
    asked = tuple((attempt.verb, attempt.amount, attempt.unanswered, attempt.pending, attempt.final) for attempt in it.attempts)
    amounts = (it.authorized, it.captured, it.voided, it.refunded, it.pending_refund, it.charged_back, it.refunded_by_hand, it.won_back)
    disputes = tuple((dispute.state, dispute.amount) for dispute in it.disputes)
    return (it.tender.via, it.tender.amount, it.state, amounts, it.failures, len(it.failed_refunds), asked, disputes)


@define
class Walk:
    """What a walk has seen."""

    orders: dict[Joint, Order] = field(factory=dict)
    histories: dict[Joint, tuple[OrderEvent, ...]] = field(factory=dict)
    ways: dict[Joint, tuple[str, ...]] = field(factory=dict)
    before: dict[Joint, list[Joint]] = field(factory=dict)
    taken: set[str] = field(factory=set)
    steps: int = 0

    def without_end(self) -> list[Joint]:
        """Joint states from which no way of people doing their part leads to an end."""
        good = {state for state, order in self.orders.items() if ended(order)}
        queue = deque(good)
        while queue:
            for earlier in self.before.get(queue.popleft(), ()):
                if earlier not in good:
                    good.add(earlier)
                    queue.append(earlier)
        return [state for state in self.orders if state not in good]


def led(start: Decision, *names: str) -> Decision:
    """The life that begins so and goes on by the moves of these names."""
    life = start
    for name in names:
        steps = (move.taken(life.order) for move in moves(life.order, at=NOON) if move.name == name)
        life = Decision((step := next(it for it in steps if it is not None)).order, (*life.events, *step.events))
    return life


def walk(start: Decision, allow: Allow, *, most: int, hopes: str = "") -> Walk:
    """Every joint state that allowed moves lead to from here; raises `AssertionError` when there are more than `most`. The moves that are named by
    `hopes` are meant to lead forth here, whatever is meant elsewhere.
    """
    seen, first = Walk(), joint(start.order)
    seen.orders[first], seen.histories[first], seen.ways[first] = start.order, start.events, ()
    queue = deque([first])
    while queue:
        here = queue.popleft()
        order = seen.orders[here]
        for move in moves(order, at=NOON):
            decision = move.taken(order) if allow(move, order) else None
            if decision is None:
                continue
            there = joint(decision.order)
            seen.steps += 1
            seen.taken.add(move.name)
            if move.kind is Kind.FORTH or re.fullmatch(hopes, move.name):
                seen.before.setdefault(there, []).append(here)
            if there not in seen.orders:
                seen.orders[there], seen.ways[there] = decision.order, (*seen.ways[here], f"{move.name} {move.about}".strip())
                seen.histories[there] = (*seen.histories[here], *decision.events)
                queue.append(there)
        assert len(seen.orders) <= most, f"more than {most} joint states; the last came by {seen.ways[here]}"
    return seen


def ended(order: Order) -> bool:
    """Completed or canceled, with nothing to ask, nothing asked, and no money that has to move."""
    if order.open_attempts or order.refund_outstanding or orders.next_step(order, at=NOON) is not None:
        return False
    if order.state is OrderState.CANCELED:
        return order.paid <= 0 and not any(it.state in WAITING or (it.open_authorization and not it.captured) for it in order.payments)
    return order.state is OrderState.COMPLETED
