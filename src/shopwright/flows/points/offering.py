"""What a cart can be paid with in points, and what it would earn: asked at a checkout, promised by nobody.

Rules
- what can be used is told for the price of now and for what the account has now; placing and paying decide again;
- a customer who asks for somebody else gets `account_not_found`.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.flows.checking import takes
from shopwright.flows.commands import PlaceOrder
from shopwright.flows.points.earning import left_of_caps
from shopwright.flows.points.saving import kept_account, seen
from shopwright.flows.ports import Ports
from shopwright.flows.quoting import quote
from shopwright.flows.shelving import known_buyer
from shopwright.loyalty.naming import account_id, account_problem
from shopwright.loyalty.order_points import OrderPoints
from shopwright.loyalty.tendering import Usable
from shopwright.orders.earning import frozen_points
from shopwright.pricing.quote import Quote
from shopwright.refusals import Refusal


@frozen(kw_only=True)
class PointsOffer:
    """What a cart costs and what points have to do with it: how many the buyer has to spend, the most of them that pay of it, and what it earns.

    `earns` reckons with the tenders of the command; it is `None` where the program has nothing to do with the cart.
    """

    quote: Quote
    available: int = 0
    usable: Usable = Usable(0, 0)
    earns: OrderPoints | None = None

    @property
    def granted(self) -> int:
        """The points that an order like this earns."""
        return 0 if self.earns is None else self.earns.granted


@takes(PlaceOrder)
def offer(ports: Ports, command: PlaceOrder, *, at: datetime) -> PointsOffer | Refusal:
    """How much of an order can be paid with points and what it would earn; nothing is written. Refused as `quote`, and with `account_not_found`."""
    program = ports.loyalty
    id = "" if program is None else f"{program.points}/{command.buyer_id}"
    if program is None or account_problem(id):
        told = quote(ports, command, at=at)
        return told if isinstance(told, Refusal) else PointsOffer(quote=told)
    kept = kept_account(ports, account_id(command.buyer_id, program.points))
    if no := seen(kept, id, command.by):
        return no
    told = quote(ports, command, at=at)
    if isinstance(told, Refusal):
        return told
    left = left_of_caps(ports, program, command.buyer_id, at=at) if program.is_capped else None
    tier = known_buyer(ports, command.buyer_id, at=at).tier
    available = kept.account.balance(at).available
    pays = program.tender is not None and told.currency == program.currency
    return PointsOffer(
        quote=told,
        available=available,
        usable=program.tender.usable(available=available, payable=told.total) if program.tender is not None and pays else Usable(0, 0),
        earns=frozen_points(program, told, command.tenders, tier=tier, left=left),
    )
