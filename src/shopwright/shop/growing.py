"""The desks of what members are given: tiers and rewards. Both need `Shop(growth=...)`, and raise `InvalidValue` without."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows import growth_commands as c
from shopwright.flows.ranking import Progress, tier_history, tier_of
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.loyalty.tiering import Interval, TierDecision
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Tiers(Desk):
    """Who is in which tier."""

    def get(self, member_id: str, *, at: datetime | None = None) -> TierDecision | Refusal:
        """Where a member stands, until when, and what is missing to the next tier. Refused with `member_unknown`."""
        return tier_of(self.ports, member_id, at=self._at(at))

    def history(self, member_id: str, *, at: datetime | None = None) -> tuple[Interval, ...] | Refusal:
        """All tiers of a member until now, without a gap. Refused with `member_unknown`."""
        return tier_history(self.ports, member_id, at=self._at(at))

    def follow(self, *, at: datetime | None = None, limit: int = 1_000) -> int:
        """Count what happened to orders since the last time; returns how many events were read."""
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
