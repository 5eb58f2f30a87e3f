"""The desk of the points program of a shop: what carts earn and can be paid with, and the follower that books what orders say."""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.flows.points import booking, offering
from shopwright.flows.points.offering import PointsOffer
from shopwright.loyalty.rewards import CouponReward
from shopwright.members.actors import SYSTEM, Actor
from shopwright.ports.edge import check_text
from shopwright.ports.storage import Match, Query, Where
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


class Loyalty(Desk):
    """What orders earn and promise."""

    def offer(self, command: c.PlaceOrder, *, at: datetime | None = None) -> PointsOffer | Refusal:
        """How much of this order can be paid with points, and what it would earn; nothing is written."""
        return offering.offer(self.ports, command, at=self._at(at))

    def follow(self, *, at: datetime | None = None, limit: int = 100) -> int:
        """Book what the next events of orders say of points and coupons; how many events those were, 0 when there is nothing new."""
        return booking.follow_points(self.ports, at=self._at(at), limit=limit)

    def coupons(self, buyer_id: str, *, by: Actor = SYSTEM, limit: int = 100) -> tuple[CouponReward, ...]:
        """The coupons that orders of a buyer have earned, as many as the limit; none for a customer who asks for somebody else's."""
        check_text("buyer id", buyer_id)
        if not isinstance(by, Actor):
            raise InvalidValue(f"expected `by` to be an Actor, got {type(by).__name__}; make one with customer(id) or staff(id)")
        if not by.sees(buyer_id):
            return ()
        page = self.ports.storage.find(Query(CouponReward, where=(Where("buyer_id", Match.EQUAL, buyer_id),), limit=limit))
        return tuple([stored.value for stored in page.items])
