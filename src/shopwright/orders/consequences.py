"""What follows from a refund besides money: points, uses of coupons and promotions, commissions. Told by the rules that do it, on the order as it
would stand.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.orders.decision import Decision
from shopwright.orders.earning import bookings
from shopwright.orders.order import Order
from shopwright.orders.refund_plan import CommissionBack, KeptOfSale, PlannedLine, Way
from shopwright.orders.unit_shares import before_of, cut
from shopwright.orders.uses import give_back
from shopwright.payments.events import PaymentRefunded


def points_back(before: Order, after: Order) -> int:
    """How many of the points that an order earned its buyer loses by what has happened to it (EARN-7)."""
    if before.points is None:
        return 0
    return sum([it.gone for it in bookings(after)]) - sum([it.gone for it in bookings(before)])


def uses_back(decision: Decision, ways: tuple[Way, ...], *, at: datetime) -> tuple[tuple[str, int], ...]:
    """The quota keys of uses that come back once the money has gone these ways, with how many of each (ORDER-16)."""
    gone = decision.then(*[PaymentRefunded(payment_id=it.payment_id, key="", amount=it.amount, by_hand=True, at=at) for it in ways])
    kept = dict(give_back(gone, at=at).order.claim.items)
    return tuple([(key, used - kept.get(key, 0)) for key, used in decision.order.claim.items if used > kept.get(key, 0)])


def commissions_back(order: Order, lines: tuple[PlannedLine, ...], kept: tuple[KeptOfSale, ...]) -> tuple[CommissionBack, ...]:
    """What is given back of commissions for units: the share of what was taken, cut like the line (SETTLE-1)."""
    settled, units = {it.line_no: it for it in order.settled}, {it.line_no: it.units for it in lines}
    found = []
    for it in kept:
        line = order.line(it.line_no)
        if line is None or not units.get(it.line_no):
            continue
        first = before_of(line, settled.get(it.line_no))
        earlier, now = cut(it.base, line, 0, first), cut(it.base, line, 0, first + units[it.line_no])
        back = it.amount * now // it.base - it.amount * earlier // it.base if it.base else 0
        found.append(CommissionBack(line_no=it.line_no, party=it.party, amount=back))
    return tuple(found)
