"""What a shop may tell a member, or do for one: each event is told once, under the `key` that says what it is about.

What to make of it is the host's: a message, a page, a coupon. Whoever must miss none reads the stream `growth`.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, text
from shopwright.loyalty.tiering import TierCause


@frozen(kw_only=True)
class TierChanged:
    """A member is in another tier since a moment, and why; `deserved` tiers congratulate, tiers that were `not_kept` console."""

    member_id: str = field(validator=text(least=1))
    before: str
    tier: str
    cause: TierCause
    since: datetime = field(validator=aware)
    at: datetime = field(validator=aware)

    @property
    def key(self) -> str:
        """What makes it one: the member, the tier and since when."""
        return f"tier/{self.member_id}/{self.tier}/{self.since.isoformat()}"


@frozen(kw_only=True)
class TierEnding:
    """A tier ends at a moment unless more is done; `missing` says so much of what, such as `spend 12000`."""

    member_id: str = field(validator=text(least=1))
    tier: str
    lost_at: datetime = field(validator=aware)
    missing: tuple[str, ...] = ()
    at: datetime = field(validator=aware)

    @property
    def key(self) -> str:
        """What makes it one: the member, the tier and when it ends."""
        return f"ending/{self.member_id}/{self.tier}/{self.lost_at.isoformat()}"


@frozen(kw_only=True)
class PointsExpiring:
    """So many points of a lot expire at a moment unless they are spent."""

    member_id: str = field(validator=text(least=1))
    lot_id: str
    points: int
    expires_at: datetime = field(validator=aware)
    at: datetime = field(validator=aware)

    @property
    def key(self) -> str:
        """What makes it one: the lot and when it expires, so that an extended lot is told again."""
        return f"points/{self.lot_id}/{self.expires_at.isoformat()}"


@frozen(kw_only=True)
class BirthdayDue:
    """It is a member's birthday in this calendar year; `gift` is what the tier gives for it, empty where it gives nothing."""

    member_id: str = field(validator=text(least=1))
    year: int
    tier: str = ""
    gift: str = ""
    at: datetime = field(validator=aware)

    @property
    def key(self) -> str:
        """What makes it one: the member and the year, whatever becomes of the birth date."""
        return f"birthday/{self.member_id}/{self.year}"


@frozen(kw_only=True)
class MemberLapsed:
    """A member has bought nothing since a moment, for as long as the shop waits before it asks why."""

    member_id: str = field(validator=text(least=1))
    last_order_at: datetime = field(validator=aware)
    at: datetime = field(validator=aware)

    @property
    def key(self) -> str:
        """What makes it one: the member and the last order, so that the next lapse is told again."""
        return f"lapsed/{self.member_id}/{self.last_order_at.isoformat()}"


GrowthEvent = TierChanged | TierEnding | PointsExpiring | BirthdayDue | MemberLapsed
