"""Commands about members and what they are given: tiers, referrals, check-ins, rewards."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, of, text, whole
from shopwright.flows.commands import Command
from shopwright.loyalty.growth import RewardFor
from shopwright.loyalty.referral_events import RejectReason

_MEMBER = identifier(most=150)
_REASON = text(least=1, most=1_000)


@frozen(kw_only=True)
class MemberCommand(Command):
    """What all commands about one member have."""

    member_id: str = field(validator=_MEMBER)


@frozen(kw_only=True)
class GrantTier(MemberCommand):
    """Give a member a tier by hand, from now until a moment (`None`: for good)."""

    tier: str = field(validator=identifier())
    until: datetime | None = field(default=None, validator=maybe(aware))
    reason: str = field(validator=_REASON)


@frozen(kw_only=True)
class EndTierGrants(MemberCommand):
    """End every tier that a member was given by hand."""

    reason: str = field(validator=_REASON)


@frozen(kw_only=True)
class CheckIn(MemberCommand):
    """A member checks in for the day that it is where they live."""


@frozen(kw_only=True)
class OpenReferrals(MemberCommand):
    """Give a member a code that others can name; without `code` one is made up. Who has one keeps it."""

    code: str = field(default="", validator=text(most=60))


@frozen(kw_only=True)
class RedeemReferral(MemberCommand):
    """A new member names the code of whoever brought them."""

    code: str = field(validator=text(least=1, most=60))


@frozen(kw_only=True)
class RejectReferral(MemberCommand):
    """End the referral of a member who was referred, and take back what was given for it."""

    reason: RejectReason = field(default=RejectReason.FRAUD, validator=of(RejectReason))
    note: str = field(default="", validator=text(most=1_000))


@frozen(kw_only=True)
class GiveReward(MemberCommand):
    """Give a member the points of a reward.

    `subject` is what it is for: an order and its line (`<order id>/<line number>`) for a review, the year for a birthday, and for a manual one
    whatever tells it from others. A manual reward says how many `points` it is, and why.
    """

    given_for: RewardFor = field(validator=of(RewardFor))
    subject: str = field(default="", validator=text(most=100))
    points: int = field(default=0, validator=whole(least=0))
    reason: str = field(default="", validator=text(most=1_000))
