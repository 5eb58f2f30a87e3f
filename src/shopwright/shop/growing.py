"""The desks of what members are given: tiers and rewards. Both need `Shop(growth=...)`, and raise `InvalidValue` without."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.growth import commands as c
from shopwright.flows.growth.ranking import Progress, tier_history, tier_of, tiers_of_all
from shopwright.flows.growth.referrals import referral_of
from shopwright.flows.growth.reminding import Told
from shopwright.loyalty.growth import RewardGrant
from shopwright.loyalty.referrals import Referral
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.loyalty.tiering import Interval, TierDecision
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk
from shopwright.wire.growth_kinds import CheckInStreak, ReferralCode


@frozen
class Tiers(Desk):
    """Who is in which tier."""

    def get(self, member_id: str, *, at: datetime | None = None) -> TierDecision | Refusal:
        """Where a member stands, until when, and what is missing to the next tier. Refused with `member_unknown`."""
        return tier_of(self.ports, member_id, at=self._at(at))

    def history(self, member_id: str, *, at: datetime | None = None) -> tuple[Interval, ...] | Refusal:
        """All tiers of a member until now, without a gap. Refused with `member_unknown`."""
        return tier_history(self.ports, member_id, at=self._at(at))

    def everyone(self, *, at: datetime | None = None, progress: Progress | None = None) -> Iterator[tuple[str, TierDecision]]:
        """Where every member with an account stands, by id, one after the other in constant memory; nothing is written."""
        return tiers_of_all(self.ports, at=self._at(at), progress=progress)

    def follow(self, *, at: datetime | None = None, limit: int = 1_000) -> int:
        """Count what happened since the last time to orders, points and members; returns how many events were read."""
        return flows.follow_tiers(self.ports, at=self._at(at), limit=limit)

    def grant(self, command: c.GrantTier, *, at: datetime | None = None) -> TierAccount | Refusal:
        """Give a member a tier by hand."""
        return flows.grant_tier(self.ports, command, at=self._at(at))

    def end_grants(self, command: c.EndTierGrants, *, at: datetime | None = None) -> TierAccount | Refusal:
        """End every tier that a member was given by hand."""
        return flows.end_tier_grants(self.ports, command, at=self._at(at))

    def sweep(self, *, at: datetime | None = None, limit: int = 1_000_000, progress: Progress | None = None) -> int:
        """Look at the members whose tier changes by now; returns how many tiers changed."""
        return flows.sweep_tiers(self.ports, at=self._at(at), limit=limit, progress=progress)


@frozen
class Growing(Desk):
    """What members are given beside what orders earn, and what they are reminded of."""

    def check_in(self, command: c.CheckIn, *, at: datetime | None = None) -> CheckInStreak | Refusal:
        """A member checks in for the day that it is where they live."""
        return flows.check_in(self.ports, command, at=self._at(at))

    def open_referrals(self, command: c.OpenReferrals, *, at: datetime | None = None) -> ReferralCode | Refusal:
        """The code of a member, for others to name."""
        return flows.open_referrals(self.ports, command, at=self._at(at))

    def redeem_referral(self, command: c.RedeemReferral, *, at: datetime | None = None) -> Referral | Refusal:
        """A new member names the code of whoever brought them."""
        return flows.redeem_referral(self.ports, command, at=self._at(at))

    def referral(self, member_id: str) -> Referral | Refusal:
        """How a member was referred. Refused with `referral_unknown`."""
        return referral_of(self.ports, member_id)

    def reject_referral(self, command: c.RejectReferral, *, at: datetime | None = None) -> Referral | Refusal:
        """End a referral by hand, and take back what was given for it."""
        return flows.reject_referral(self.ports, command, at=self._at(at))

    def follow_referrals(self, *, at: datetime | None = None, limit: int = 1_000) -> int:
        """Look at the orders of referred members since the last time; returns how many events were read."""
        return flows.follow_referrals(self.ports, at=self._at(at), limit=limit)

    def sweep_referrals(self, *, at: datetime | None = None, limit: int = 10_000, progress: Progress | None = None) -> int:
        """Reward the referrals whose hold is over, and end those that are too late; returns how many ended so."""
        return flows.sweep_referrals(self.ports, at=self._at(at), limit=limit, progress=progress)

    def reward_review(self, command: c.RewardReview, *, at: datetime | None = None) -> RewardGrant | Refusal:
        """Give the points of a review of something that was bought."""
        return flows.reward_review(self.ports, command, at=self._at(at))

    def reward_birthday(self, command: c.RewardBirthday, *, at: datetime | None = None) -> RewardGrant | Refusal:
        """Give the points of a birthday."""
        return flows.reward_birthday(self.ports, command, at=self._at(at))

    def reward_manually(self, command: c.RewardManually, *, at: datetime | None = None) -> RewardGrant | Refusal:
        """Give points by hand, with a reason."""
        return flows.reward_manually(self.ports, command, at=self._at(at))

    def take_back_reward(self, command: c.TakeBackReward, *, at: datetime | None = None) -> RewardGrant | Refusal:
        """Take back the points of a reward."""
        return flows.take_back_reward(self.ports, command, at=self._at(at))

    def remind(self, *, at: datetime | None = None, limit: int = 10_000) -> Told:
        """Tell all that is to be told by now, each once, in the stream `growth`."""
        return flows.remind(self.ports, at=self._at(at), limit=limit)
