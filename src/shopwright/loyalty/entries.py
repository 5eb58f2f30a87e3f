"""The entries of a points account: what happened to it, never changed afterwards. What is wrong is set right by another entry.

Each entry has `at`, the moment from which it counts; where it became known later, its cause says when: an entry that arrives late changes
what was true then, and not what was known then.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.loyalty.lots import Lot, Lots, total
from shopwright.members.actors import SYSTEM, Actor


@frozen(kw_only=True)
class Cause:
    """Who did something and why: `source` names the order, the check-in or the referral, and `rule` with its version what gave or took points.

    `recorded_at` is when it became known, where that was later than when it counts.
    """

    by: Actor = field(default=SYSTEM, validator=of(Actor))
    source: str = field(default="", validator=text())
    rule: str = field(default="", validator=text())
    rule_version: int = field(default=0, validator=whole(least=0))
    reason: str = field(default="", validator=text(most=1_000))
    recorded_at: datetime | None = field(default=None, validator=maybe(aware))


@frozen(kw_only=True)
class Hold:
    """Points that are kept for somebody until a moment, as parts of their lots."""

    id: str = field(validator=identifier())
    until: datetime = field(validator=aware)
    parts: Lots = field(validator=members(Lot, least=1))

    @property
    def points(self) -> int:
        """How many are held."""
        return total(self.parts)

    def has_lapsed(self, at: datetime) -> bool:
        """Whether its time is over: then its points are free again, and stay with it until somebody needs them."""
        return self.until <= at


@frozen(kw_only=True)
class PointsEarned:
    """Points came in as a lot of their own; `desired` is what a rule would have given without its caps, `absorbed` what of it filled a deficit."""

    lot: Lot
    desired: int
    absorbed: Lots = ()
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry adds to the account."""
        return self.lot.points


@frozen(kw_only=True)
class PointsActivated:
    """Points that waited for a word can be spent from a moment on."""

    lot_id: str
    available_from: datetime
    expires_at: datetime | None
    cause: Cause
    at: datetime

    change = 0


@frozen(kw_only=True)
class PointsHeld:
    """Points are kept for somebody."""

    hold: Hold
    cause: Cause
    at: datetime

    change = 0


@frozen(kw_only=True)
class PointsReleased:
    """A hold is over and its points are back in their lots, but those that fill a deficit; `lapsed` where its time was over."""

    hold_id: str
    lapsed: bool
    absorbed: Lots = ()
    cause: Cause
    at: datetime

    change = 0


@frozen(kw_only=True)
class PointsRedeemed:
    """Points were spent, from these parts of lots; what a hold held beyond them is back in its lots, but what fills a deficit."""

    redemption_id: str
    parts: Lots
    hold_id: str = ""
    absorbed: Lots = ()
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry takes off the account."""
        return -total(self.parts)


@frozen(kw_only=True)
class PointsRestored:
    """Points that were spent are back in the lots they came from, but those that fill a deficit; `key` tells one restoring from another."""

    redemption_id: str
    key: str
    parts: Lots
    absorbed: Lots = ()
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry adds to the account."""
        return total(self.parts)


@frozen(kw_only=True)
class PointsReversed:
    """Points that were earned are taken back: `parts` from lots, `owed` as a deficit, while `lapsed` had expired before, and costs nobody anything.

    `desired` is what was asked for; `key` tells one reversal from another.
    """

    lot_id: str
    key: str
    desired: int
    parts: Lots
    owed: int = 0
    lapsed: int = 0
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry takes off the account."""
        return -total(self.parts) - self.owed


@frozen(kw_only=True)
class PointsExpired:
    """Points whose time was over are written off."""

    parts: Lots
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry takes off the account."""
        return -total(self.parts)


@frozen(kw_only=True)
class ExpiryExtended:
    """A lot expires later, or never."""

    lot_id: str
    expires_at: datetime | None = field(validator=maybe(aware))
    cause: Cause
    at: datetime

    change = 0


@frozen(kw_only=True)
class PointsSent:
    """Points went to another account, from these parts of lots; what they are there is told by its own entry, `PointsReceived`."""

    transfer_id: str
    to: str
    parts: Lots
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry takes off the account."""
        return -total(self.parts)


@frozen(kw_only=True)
class PointsReceived:
    """Points came from another account, as lots of their own with the times of those they were; `absorbed` is what of them filled a deficit."""

    transfer_id: str
    sender: str
    lots: Lots
    absorbed: Lots = ()
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry adds to the account."""
        return total(self.lots)


@frozen(kw_only=True)
class AccountMerged:
    """All that was in the account went into another, lots as lots, holds as holds and what was owed as what is owed; from now on it stands for it."""

    into: str
    lots: Lots
    holds: tuple[Hold, ...]
    deficit: int
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry takes off the account."""
        return -_all_of(self.lots, self.holds, self.deficit)


@frozen(kw_only=True)
class AccountTakenOver:
    """All that was in another account is here now; `absorbed` is what of the lots of both filled what was owed by both."""

    sender: str
    lots: Lots
    holds: tuple[Hold, ...]
    deficit: int
    absorbed: Lots = ()
    cause: Cause
    at: datetime

    @property
    def change(self) -> int:
        """What the entry adds to the account."""
        return _all_of(self.lots, self.holds, self.deficit)


def _all_of(lots: Lots, holds: tuple[Hold, ...], deficit: int) -> int:
    return total(lots) + sum([hold.points for hold in holds]) - deficit


PointsEntry = (
    PointsEarned
    | PointsActivated
    | PointsHeld
    | PointsReleased
    | PointsRedeemed
    | PointsRestored
    | PointsReversed
    | PointsExpired
    | ExpiryExtended
    | PointsSent
    | PointsReceived
    | AccountMerged
    | AccountTakenOver
)
