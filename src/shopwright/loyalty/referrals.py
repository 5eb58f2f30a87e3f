"""The referral machine: somebody came by the word of an advocate, bought, kept the goods, and both got something for it.

Theory of operation. A referral is of its referee: its id is theirs, so nobody has two. It waits until the referee has paid an order that counts, then
until that order can no longer be returned, and then it has brought what it could. What goes back before that lets another order take its
place; what goes back once somebody got something ends it, and the points go back too.

Rules
- REFERRAL-1: a referee has one advocate, the first, and never becomes the advocate of one from whom the word came;
- REFERRAL-2: each side gets its reward at most once, whatever happens in between;
- the terms of the program are frozen on the referral when it begins;
- the table is all there is: an event that a state does not list leaves the state as it is, so that history always replays;
- tables only grow.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from attrs import evolve as changed
from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty import referral_events as e
from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.referral_events import ReferralEvent, RejectReason, Side, Signal
from shopwright.periods import zone_of


class ReferralState(StrEnum):
    """Where a referral stands."""

    PENDING = "pending"
    QUALIFIED = "qualified"
    REWARDED = "rewarded"
    CLAWED_BACK = "clawed_back"
    REJECTED = "rejected"
    EXPIRED = "expired"


S = ReferralState

TRANSITIONS: dict[ReferralState, dict[type, ReferralState]] = {
    S.PENDING: {e.ReferralQualified: S.QUALIFIED, e.ReferralRejected: S.REJECTED, e.ReferralExpired: S.EXPIRED},
    S.QUALIFIED: {
        e.ReferralRewarded: S.REWARDED,
        e.ReferralUnqualified: S.PENDING,
        e.ReferralClawedBack: S.CLAWED_BACK,
        e.ReferralRejected: S.REJECTED,
    },
    S.REWARDED: {e.ReferralClawedBack: S.CLAWED_BACK, e.ReferralRejected: S.REJECTED},
    S.CLAWED_BACK: {},
    S.REJECTED: {},
    S.EXPIRED: {},
}


class Attribution(StrEnum):
    """Whose an order is that an affiliate brought and an advocate as well."""

    REFERRAL = "referral"
    """The advocate's; the affiliate gets nothing for it."""
    AFFILIATE = "affiliate"
    """The affiliate's; the referral waits for another order."""
    FIRST = "first"
    """Whoever was there first."""
    LAST = "last"
    """Whoever was there last."""
    BOTH = "both"
    """Both get theirs."""


@frozen(kw_only=True)
class ReferralProgram:
    """Who gets how many points for a referral, and what it takes.

    An order counts that is paid within `within_days` of the beginning and amounts to `least` minor units of `currency`, whatever went back taken
    off. With `referee_at_once` the referee gets theirs when it is paid, else with the advocate: `hold_days` after the order was completed. An
    advocate is rewarded for at most `most_per_period` referrals of a `period` on the calendar of `zone`; `None` sets no bound. `new_only` asks for
    referees who have not bought before. What two members have in common rejects a referral if `rejects` names it, else it is noted.
    """

    id: str = field(validator=identifier(most=60))
    version: int = field(default=1, validator=whole(least=1))
    currency: str = field(validator=text(least=3, most=3))
    advocate_points: int = field(validator=whole(least=0))
    referee_points: int = field(default=0, validator=whole(least=0))
    least: int = field(default=0, validator=whole(least=0))
    within_days: int = field(default=90, validator=whole(least=1, most=3_660))
    hold_days: int = field(default=14, validator=whole(least=0, most=366))
    referee_at_once: bool = field(default=False, validator=of(bool))
    new_only: bool = field(default=True, validator=of(bool))
    most_per_period: int | None = field(default=None, validator=maybe(whole(least=0)))
    period: EndOf = field(default=EndOf.MONTH, validator=of(EndOf))
    zone: str = field(default="UTC", validator=text(least=1))
    rejects: frozenset[Signal] = frozenset({Signal.PAYMENT, Signal.ADDRESS, Signal.DEVICE, Signal.CONTACT})
    attribution: Attribution = field(default=Attribution.REFERRAL, validator=of(Attribution))

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        if not self.advocate_points and not self.referee_points:
            raise InvalidValue(f"program {self.id}: expected points for the advocate or the referee, got none for either")

    def points(self, side: Side) -> int:
        """What one side gets."""
        return self.advocate_points if side is Side.ADVOCATE else self.referee_points


@frozen(kw_only=True)
class Reward:
    """What one side got, and whether it was taken back."""

    side: Side
    desired: int
    granted: int
    at: datetime
    taken_back: bool = False


@frozen(kw_only=True)
class Referral:
    """A referral as it stands after its events; `id` is the referee's. `due_at` is when the hold of its order is over, or when the referee is
    too late; `None` where nothing is due by itself.
    """

    id: str = field(validator=identifier(most=150))
    advocate_id: str = field(validator=identifier(most=150))
    program: ReferralProgram = field(validator=of(ReferralProgram))
    state: ReferralState = field(default=S.PENDING, validator=of(ReferralState))
    started_at: datetime = field(validator=aware)
    due_at: datetime | None = field(default=None, validator=maybe(aware))
    order_id: str = ""
    amount: int = 0
    signals: tuple[Signal, ...] = field(default=(), validator=members(Signal))
    reason: RejectReason | None = None
    rewards: tuple[Reward, ...] = field(default=(), validator=members(Reward))
    event_count: int = 0

    @property
    def referee_id(self) -> str:
        """Who was referred."""
        return self.id

    def reward(self, side: Side) -> Reward | None:
        """What one side got."""
        return next((it for it in self.rewards if it.side is side), None)


def evolve(referral: Referral, event: ReferralEvent) -> Referral:
    """The referral after one more event."""
    state = TRANSITIONS[referral.state].get(type(event), referral.state)
    after = changed(referral, state=state, event_count=referral.event_count + 1)
    match event:
        case e.ReferralStarted():
            return changed(after, signals=event.signals)
        case e.ReferralQualified():
            return changed(after, order_id=event.order_id, amount=event.amount, due_at=None)
        case e.ReferralHeld():
            return changed(after, due_at=event.until)
        case e.RewardGiven():
            reward = Reward(side=event.side, desired=event.desired, granted=event.granted, at=event.at)
            return changed(after, rewards=(*referral.rewards, reward))
        case e.RewardTakenBack():
            told = [changed(it, taken_back=True) if it.side is event.side else it for it in referral.rewards]
            return changed(after, rewards=tuple(told))
        case e.ReferralUnqualified():
            return changed(after, order_id="", amount=0, due_at=too_late_at(referral))
        case e.ReferralRejected():
            seen = {*referral.signals, *event.signals}
            return changed(after, reason=event.reason, signals=tuple(sorted(seen)), due_at=None)
        case e.ReferralRewarded() | e.ReferralClawedBack() | e.ReferralExpired():
            return changed(after, due_at=None)
    assert_never(event)


def too_late_at(referral: Referral) -> datetime:
    """The first moment at which an order comes too late."""
    return referral.started_at + timedelta(days=referral.program.within_days)
