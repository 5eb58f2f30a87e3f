"""The desk where payments are judged: lists, and what is to be remembered."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.risk.commands import PutOnList, TakeOffList
from shopwright.flows.risk.rehearsing import Progress, rehearse_orders
from shopwright.payments.risk.rehearsing import Rehearsal, Seen
from shopwright.payments.risk.rules import RiskPolicy
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk
from shopwright.wire.risk_kinds import Listed


@frozen
class RiskDesk(Desk):
    """What goes with the rules of `Shop(risk=...)`. Every verb raises `InvalidValue` in a shop without."""

    def put_on_list(self, command: PutOnList, *, at: datetime | None = None) -> Listed | Refusal:
        """Put a value on a list that rules ask for (`OnList`), until a moment or for good. Refused with `risk_link_unknown`."""
        return flows.put_on_list(self.ports, command, at=self._at(at))

    def take_off_list(self, command: TakeOffList, *, at: datetime | None = None) -> Listed | Refusal:
        """Take a value off a list. Refused with `risk_link_unknown` and `risk_not_listed`."""
        return flows.take_off_list(self.ports, command, at=self._at(at))

    def follow(self, *, at: datetime | None = None, limit: int = 1_000) -> int:
        """Note what happened to judged payments since the last time and was not noted at once; returns how many events were read."""
        return flows.follow_risk(self.ports, at=self._at(at), limit=limit)

    def rehearse(
        self,
        policy: RiskPolicy,
        *,
        currency: str,
        since: datetime,
        until: datetime | None = None,
        seen: Seen | None = None,
        progress: Progress | None = None,
    ) -> Rehearsal:
        """What these rules would have said of the payments of past orders, from `since` on and before `until`, by default now; nothing is written.

        `seen` is told each payment with what was said of it, `progress` how many orders were gone through.
        """
        return rehearse_orders(self.ports, policy, currency=currency, since=since, until=self._at(until), seen=seen, progress=progress)
