"""The desk where others are told what has happened: by hand, or by subscriptions, through the outlets of the shop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import frozen

from shopwright import flows
from shopwright.flows.subscriptions import commands as s
from shopwright.flows.subscriptions.delivering import Told
from shopwright.flows.subscriptions.keeping import kept_subscription, subscriptions, waiting
from shopwright.ports.storage import Page, Recorded, Stored
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk
from shopwright.wire.subscription_kinds import Backlog, Subscription


@frozen
class Events(Desk):
    """What has happened, for whoever must miss nothing."""

    def relay(self, consumer: str, deliver: Callable[[Sequence[Recorded]], None], *, at: datetime | None = None, limit: int = 100) -> int:
        """Deliver the next events to a consumer and keep how far it has come; returns how many."""
        return flows.relay(self.ports, consumer, deliver, at=self._at(at), limit=limit)

    def subscribe(self, command: s.Subscribe, *, at: datetime | None = None) -> Subscription | Refusal:
        """Tell an outlet what happens from now on, or change what it is told. Refused with `subscription_taken`."""
        return flows.subscribe(self.ports, command, at=self._at(at))

    def tell(self, name: str, *, at: datetime | None = None, holder: str = "", limit: int = 100) -> Told | Refusal:
        """Tell a subscription's outlet what it was not told yet, in at most `limit` tries; safe in any number of processes."""
        return flows.tell(self.ports, name, at=self._at(at), holder=holder, limit=limit)

    def pause(self, command: s.PauseSubscription, *, at: datetime | None = None) -> Subscription | Refusal:
        """Tell nothing more until it is resumed. Refused with `subscription_not_found`, as are the verbs below."""
        return flows.pause_subscription(self.ports, command, at=self._at(at))

    def resume(self, command: s.ResumeSubscription, *, at: datetime | None = None) -> Subscription | Refusal:
        """Go on where it was paused."""
        return flows.resume_subscription(self.ports, command, at=self._at(at))

    def replay(self, command: s.ReplaySubscription, *, at: datetime | None = None) -> Subscription | Refusal:
        """Tell again what happened since a moment."""
        return flows.replay_subscription(self.ports, command, at=self._at(at))

    def redeliver(self, command: s.RedeliverNotices, *, at: datetime | None = None) -> Subscription | Refusal:
        """Try anew what could not be told about an order. Refused with `notice_not_waiting`."""
        return flows.redeliver_notices(self.ports, command, at=self._at(at))

    def discard(self, command: s.DiscardNotice, *, at: datetime | None = None) -> Subscription | Refusal:
        """Never tell the notice that others about its order wait behind. Refused with `notice_not_waiting`."""
        return flows.discard_notice(self.ports, command, at=self._at(at))

    def subscription(self, name: str) -> Subscription | Refusal:
        """A subscription as it stands. Refused with `subscription_not_found`."""
        return kept_subscription(self.ports, name)

    def subscriptions(self, *, limit: int = 50, after: str = "") -> Page[Stored[Subscription]]:
        """All subscriptions, by name, page by page."""
        return subscriptions(self.ports, limit=limit, after=after)

    def waiting(self, name: str, *, dead: bool = False, limit: int = 50, after: str = "") -> Page[Stored[Backlog]]:
        """What could not be told yet, with the notice that the rest waits behind; with `dead=True` what waits for a person alone."""
        return waiting(self.ports, name, dead=dead, limit=limit, after=after)
