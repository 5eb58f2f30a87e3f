"""The money of a case that was resolved: what of it becomes store credit.

Rules
- CASE-3: store credit takes the place of money that would go back on payments, in their turn; what was paid with points or with kept money goes back
  where it came from, and never becomes store credit;
- CASE-4: what a case gives back stands on one credit note, on whatever way it goes: units that were given up, and what goes back in part.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from attrs import evolve

from shopwright.members.actors import Actor
from shopwright.orders.refunds import repay, ways
from shopwright.refusals import Refusal
from shopwright.returns.resolving import Resolved


def as_credit(resolved: Resolved, *, own: Collection[str], reference: str, by: Actor, at: datetime) -> Resolved | Refusal:
    """The same with what goes back as store credit taken from its payments (CASE-3); `credit` is then what is to be put into the account.

    `own` are the gateways to what the shop itself keeps, `reference` the name of the program.
    """
    decision, left = resolved.order, resolved.credit
    for way in ways(decision.order) if left else ():
        payment = decision.order.payment(way.payment_id)
        amount = min(left, way.amount)
        if not amount or payment is None or payment.tender.gateway in own:
            continue
        repaid = repay(decision.order, way.payment_id, amount, reference=reference, by=by, at=at)
        if isinstance(repaid, Refusal):
            return repaid
        decision, left = decision.then(*repaid.events), left - amount
    return evolve(resolved, order=decision, credit=resolved.credit - left)
