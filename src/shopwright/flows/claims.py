"""How a change of an order's claim moves quotas: stock and coupon uses, held, used, given back. The hold has the order's id."""

from __future__ import annotations

from shopwright.orders.events import ClaimState
from shopwright.orders.order import Order
from shopwright.ports.quotas import CommitHold, Give, QuotaMove, ReleaseHold, Reserve, Take


def moves(before: Order, after: Order) -> tuple[QuotaMove, ...]:
    """The moves between two standings of one order."""
    old, new = before.claim, after.claim
    if new.state is ClaimState.HELD and old.items != new.items:
        return (*((ReleaseHold(before.id),) if old.items else ()), *_reserved(after))
    if old.state is not ClaimState.USED and not old.items:
        return tuple(Take(key, quantity) for key, quantity in new.items) if new.state is ClaimState.USED else ()
    if old.state is ClaimState.HELD and new.state is ClaimState.USED:
        return (CommitHold(before.id), *_given(dict(old.items), dict(new.items)), *_taken(dict(old.items), dict(new.items)))
    if old.state is ClaimState.HELD and new.state is ClaimState.RELEASED:
        return (ReleaseHold(before.id),)
    if old.state is ClaimState.USED:
        kept = {} if new.state is ClaimState.RELEASED else dict(new.items)
        return (*_given(dict(old.items), kept), *_taken(dict(old.items), kept))
    return ()


def _reserved(order: Order) -> tuple[QuotaMove, ...]:
    """The hold of an order that waits for its money."""
    return (Reserve(order.id, order.claim.items, order.due_at),) if order.claim.items and order.due_at is not None else ()


def _given(had: dict[str, int], kept: dict[str, int]) -> tuple[QuotaMove, ...]:
    return tuple(Give(key, quantity - kept.get(key, 0)) for key, quantity in had.items() if quantity > kept.get(key, 0))


def _taken(had: dict[str, int], kept: dict[str, int]) -> tuple[QuotaMove, ...]:
    return tuple(Take(key, quantity - had.get(key, 0)) for key, quantity in kept.items() if quantity > had.get(key, 0))


def taken_anew(change: tuple[QuotaMove, ...], order: Order) -> tuple[QuotaMove, ...]:
    """The same moves for an order whose hold was reclaimed: take what there is now, or be refused; what is gone needs no release."""
    instead: dict[type, tuple[QuotaMove, ...]] = {
        CommitHold: tuple(Take(key, quantity) for key, quantity in order.claim.items),
        ReleaseHold: (),
    }
    return tuple(step for move in change for step in instead.get(type(move), (move,)))
