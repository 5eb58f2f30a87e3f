"""The desk of points: what members have of them, and what happens to them. An account is named by `loyalty.account_id(member_id)`."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.points import commands as c
from shopwright.flows.points import looking
from shopwright.flows.points.counting import counted_points
from shopwright.flows.points.importing import Imported
from shopwright.flows.sweeping import Progress
from shopwright.loyalty.account import Account, Balance
from shopwright.loyalty.cohorts import Counted
from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.history import Expiring, Statement
from shopwright.loyalty.naming import POINTS
from shopwright.loyalty.reversing import Earning, Redemption
from shopwright.loyalty.rewards import CouponReward
from shopwright.members.actors import SYSTEM, Actor
from shopwright.periods import Window, Zone
from shopwright.ports.storage import START, Position, Recorded
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Points(Desk):
    """Points of members, in accounts of lots."""

    def account(self, account_id: str, *, by: Actor = SYSTEM) -> Account | Refusal:
        """An account, empty where nothing was ever in it. Refused with `account_not_found` when it is somebody else's."""
        return looking.account(self.ports, account_id, by=by)

    def accounts_of(self, member_id: str, *, by: Actor = SYSTEM) -> tuple[Account, ...] | Refusal:
        """The accounts of a member, one for each kind of points. Refused with `account_not_found` when they are somebody else's."""
        return looking.accounts_of(self.ports, member_id, by=by)

    def balance(
        self,
        account_id: str,
        *,
        by: Actor = SYSTEM,
        at: datetime | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Balance | Refusal:
        """How an account stands now, from one document; `as_of` another moment, or as was `known_at` another, from its entries."""
        return looking.balance(self.ports, account_id, by=by, at=self._at(at), as_of=as_of, known_at=known_at)

    def expiring(
        self, account_id: str, *, until: datetime | None = None, by: Actor = SYSTEM, at: datetime | None = None
    ) -> tuple[Expiring, ...] | Refusal:
        """When the points of an account expire, the soonest first; with `until` only those that expire by then."""
        return looking.expiring(self.ports, account_id, until=until, by=by, at=self._at(at))

    def statement(self, account_id: str, window: Window, *, by: Actor = SYSTEM) -> Statement | Refusal:
        """What happened to an account in a window, with the points before it and after each entry."""
        return looking.statement(self.ports, account_id, window, by=by)

    def entries(self, account_id: str, *, after: Position = START, limit: int = 100, by: Actor = SYSTEM) -> tuple[Recorded, ...] | Refusal:
        """The entries of an account page by page, oldest first; the position of the last one is the next page's `after`."""
        return looking.entries(self.ports, account_id, after=after, limit=limit, by=by)

    def earning(self, lot_id: str, *, by: Actor = SYSTEM) -> Earning | Refusal:
        """What is kept of a credit. Refused with `lot_unknown`."""
        return looking.earning(self.ports, lot_id, by=by)

    def redemption(self, redemption_id: str, *, by: Actor = SYSTEM) -> Redemption | Refusal:
        """What is kept of a redemption. Refused with `redemption_unknown`."""
        return looking.redemption(self.ports, redemption_id, by=by)

    def counted(
        self,
        *,
        zone: Zone,
        as_of: datetime | None = None,
        unit: EndOf = EndOf.MONTH,
        points: str = POINTS,
        known_at: datetime | None = None,
        progress: Progress | None = None,
    ) -> tuple[Counted, ...]:
        """The points of all accounts by when they were earned, for the books of the shop (`shopwright.loyalty.liability`).

        See `shopwright.flows.points.counting.counted_points`; it reads all entries.
        """
        when = self._at(as_of)
        return counted_points(self.ports, as_of=when, zone=zone, unit=unit, points=points, known_at=known_at, progress=progress)

    def grant(self, command: c.GrantPoints, *, at: datetime | None = None) -> Earning | Refusal:
        """Credit points."""
        return flows.grant_points(self.ports, command, at=self._at(at))

    def activate(self, command: c.ActivatePoints, *, at: datetime | None = None) -> Account | Refusal:
        """Let points that wait for a word be spent."""
        return flows.activate_points(self.ports, command, at=self._at(at))

    def hold(self, command: c.HoldPoints, *, at: datetime | None = None) -> Account | Refusal:
        """Keep points for somebody until a moment."""
        return flows.hold_points(self.ports, command, at=self._at(at))

    def release(self, command: c.ReleasePoints, *, at: datetime | None = None) -> Account | Refusal:
        """Give held points back."""
        return flows.release_points(self.ports, command, at=self._at(at))

    def redeem(self, command: c.RedeemPoints, *, at: datetime | None = None) -> Redemption | Refusal:
        """Spend points."""
        return flows.redeem_points(self.ports, command, at=self._at(at))

    def exchange(self, command: c.ExchangePoints, *, at: datetime | None = None) -> CouponReward | Refusal:
        """Spend points on a prize of the program."""
        return flows.exchange_points(self.ports, command, at=self._at(at))

    def redeem_held(self, command: c.RedeemHeldPoints, *, at: datetime | None = None) -> Redemption | Refusal:
        """Spend held points; the rest of the hold is free again."""
        return flows.redeem_held_points(self.ports, command, at=self._at(at))

    def restore(self, command: c.RestorePoints, *, at: datetime | None = None) -> Redemption | Refusal:
        """Give spent points back to the lots they came from."""
        return flows.restore_points(self.ports, command, at=self._at(at))

    def reverse(self, command: c.ReversePoints, *, at: datetime | None = None) -> Earning | Refusal:
        """Take points of a credit back."""
        return flows.reverse_points(self.ports, command, at=self._at(at))

    def extend(self, command: c.ExtendPoints, *, at: datetime | None = None) -> Account | Refusal:
        """Let a lot expire later, or never."""
        return flows.extend_points(self.ports, command, at=self._at(at))

    def transfer(self, command: c.TransferPoints, *, at: datetime | None = None) -> Account | Refusal:
        """Send points to another account, or convert them; the sender's account."""
        return flows.transfer_points(self.ports, command, at=self._at(at))

    def merge(self, command: c.MergePoints, *, at: datetime | None = None) -> tuple[Account, ...] | Refusal:
        """Put all points of a member into the accounts of another; the accounts of the other."""
        return flows.merge_points(self.ports, command, at=self._at(at))

    def bring_along(self, command: c.ImportPoints, *, at: datetime | None = None) -> Imported:
        """Credit opening balances from another system, with a report by line."""
        return flows.import_points(self.ports, command, at=self._at(at))

    def expire(self, *, at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None) -> int:
        """Write off what has lapsed; how many points that were. See `shopwright.flows.points.sweeping.expire_points`."""
        return flows.expire_points(self.ports, at=self._at(at), limit=limit, progress=progress)
