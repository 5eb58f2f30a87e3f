"""Uses of coupons, codes and promotions that an order gives back after it was paid, by the policy of its terms (`ReturnUses`).

Rules
- ORDER-16: uses, units and budgets come back with the very decision by which the condition of the policy is met, once, and can be used again;
  what was given back is not taken again, should money come back later, such as by a refund that failed;
- stock is no use: goods come back by their own way (ORDER-12), and an order that is canceled gives back all that it claims, whatever the policy;
- a chargeback is no refund: what a bank took back from the shop gives nobody a use.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.orders.decision import Decision
from shopwright.orders.events import ClaimReduced, ClaimState
from shopwright.orders.order import Order
from shopwright.orders.sourcing import goods
from shopwright.orders.terms import ReturnUses


def give_back(decision: Decision, *, at: datetime) -> Decision:
    """The same decision, with the uses of its order given back if the policy says so now."""
    order = decision.order
    if order.terms.return_uses is ReturnUses.NEVER or order.claim.state is not ClaimState.USED:
        return decision
    kept = goods(order.claim.items)
    if len(kept) == len(order.claim.items) or not _is_undone(order):
        return decision
    return decision.then(ClaimReduced(items=kept, at=at))


def _is_undone(order: Order) -> bool:
    """Whether nothing is left of the sale, in the sense of the policy."""
    captured = sum([payment.captured for payment in order.payments])
    if order.refunded != captured or order.owed > order.terms.tolerance:
        return False
    if order.terms.return_uses is ReturnUses.REFUNDED:
        return order.refunded > 0
    return all(line.buckets.gone == line.quantity for line in order.lines)
