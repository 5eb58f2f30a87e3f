"""Commands about members and what they are given: tiers, referrals, check-ins, rewards.

Rules
- as for all commands, the same command under the same key is done once, and the same key with another command raises `KeyConflict`;
- a customer checks in, opens a code and redeems one for themselves alone: for others they get `member_unknown`;
- only staff and the shop itself give and take back.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, of, text, whole
from shopwright.flows.commands import Command, only_keepers
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.loyalty.referral_events import RejectReason

_MEMBER = identifier(most=150)
_SUBJECT = text(least=1, most=100)
_REASON = text(least=1, most=1_000)


@frozen(kw_only=True)
class MemberCommand(Command):
    """What all commands about one member have."""

    member_id: str = field(validator=_MEMBER)


@frozen(kw_only=True)
class KeepersMemberCommand(MemberCommand):
    """What only staff and the shop itself may ask. Raises `InvalidValue` for a customer, who would give it to themselves."""

    def __attrs_post_init__(self) -> None:
        only_keepers(self)


@frozen(kw_only=True)
class GrantTier(KeepersMemberCommand):
    """Give a member a tier by hand, from now until a moment (`None`: for good)."""

    tier: str = field(validator=identifier())
    until: datetime | None = field(default=None, validator=maybe(aware))
    reason: str = field(validator=_REASON, metadata=FREE_TEXT)


@frozen(kw_only=True)
class EndTierGrants(KeepersMemberCommand):
    """End every tier that a member was given by hand."""

    reason: str = field(validator=_REASON, metadata=FREE_TEXT)


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
class RejectReferral(KeepersMemberCommand):
    """End the referral of a member who was referred, and take back what was given for it."""

    reason: RejectReason = field(default=RejectReason.FRAUD, validator=of(RejectReason))
    note: str = field(default="", validator=text(most=1_000), metadata=FREE_TEXT)


@frozen(kw_only=True)
class RewardReview(KeepersMemberCommand):
    """Give a member the points of a review of one line of an order; a host calls it once the review is published."""

    order_id: str = field(validator=_SUBJECT)
    line_no: int = field(validator=whole(least=1, most=10_000))


@frozen(kw_only=True)
class RewardBirthday(KeepersMemberCommand):
    """Give a member the points of a birthday, in the days around it."""


@frozen(kw_only=True)
class RewardManually(KeepersMemberCommand):
    """Give a member points for whatever the reason says."""

    points: int = field(validator=whole(least=1, most=10**9))
    reason: str = field(validator=_REASON, metadata=FREE_TEXT)


@frozen(kw_only=True)
class TakeBackReward(KeepersMemberCommand):
    """Take back the points of a reward, such as that of a review which was no review; `reward_id` is the id of what was given."""

    reward_id: str = field(validator=text(least=1, most=200))
    reason: str = field(validator=_REASON, metadata=FREE_TEXT)
