"""What a shop gives its members beside what orders earn: tiers, referrals, check-ins, and points for what they do; and what it reminds them of.

    growth = Growth(currency="EUR", tiers=policy, referrals=program, check_ins=rule, rewards=(a_review, a_birthday))

Rules
- points of one kind (`points`) are given, with the times of `expiry`;
- GROWTH-1: a reward is given once for what it is given for, whatever its caps leave of it; what it would have been without them is told;
- GROWTH-2: a birthday gives once in a calendar year, whatever becomes of the birth date.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.loyalty.checkins import CheckInRule
from shopwright.loyalty.expiry import EndOf, ExpiresAfter, ExpiresOn, Expiry, first_of
from shopwright.loyalty.referrals import ReferralProgram
from shopwright.loyalty.tiers import TierPolicy
from shopwright.periods import Zone, day_of, zone_of


class RewardFor(StrEnum):
    """What a reward is given for."""

    REVIEW = "review"
    """A review of something that was bought, once for each line of an order."""
    BIRTHDAY = "birthday"
    MANUAL = "manual"
    """Somebody of the shop says so, with a reason."""


@frozen(kw_only=True)
class RewardRule:
    """So many points for something.

    A member gets at most `most` points by this rule in a `period` on the calendar of the program, and a person of the shop gives at most
    `most_by_staff` a day; `None` sets no bound. A manual reward says itself how many points it is, at most `points` at a time.
    """

    id: str = field(validator=identifier(most=60))
    version: int = field(default=1, validator=whole(least=1))
    given_for: RewardFor = field(validator=of(RewardFor))
    points: int = field(validator=whole(least=1, most=10**9))
    most: int | None = field(default=None, validator=maybe(whole(least=0)))
    period: EndOf = field(default=EndOf.MONTH, validator=of(EndOf))
    most_by_staff: int | None = field(default=None, validator=maybe(whole(least=0)))

    def period_of(self, at: datetime, zone: Zone) -> str:
        """The name of the period that it is: the day it begins."""
        return first_of(day_of(at, zone), self.period).isoformat()


class CountWhen(StrEnum):
    """From when on an order counts for tiers."""

    CONFIRMED = "confirmed"
    COMPLETED = "completed"


@frozen(kw_only=True)
class Reminders:
    """What members are reminded of, each so many days before, or after; `None` of nothing.

    Each is told once: a tier about to be lost once for each end that it had, points about to expire once for each lot and time, a lapse once
    for each last order.
    """

    tier_days: int | None = field(default=30, validator=maybe(whole(least=1, most=366)))
    points_days: int | None = field(default=14, validator=maybe(whole(least=1, most=366)))
    lapse_days: int | None = field(default=90, validator=maybe(whole(least=1, most=3_660)))


@frozen(kw_only=True)
class Growth:
    """All of it; what is `None`, or empty, the shop does not have.

    A birthday is told, and its reward given, from `birthday_before` days before it until `birthday_after` days after it, where the member lives; of
    29 February in other years on the 28th, or with `leap_on_march_1` the day after. Orders in `currency` count for tiers once they are `counts`,
    but for what was paid by the methods of `leave_out`, such as points. Raises `InvalidValue` for two rules of one id, or of one thing.
    """

    currency: str = field(validator=text(least=3, most=3))
    zone: Zone = field(default="UTC")
    points: str = field(default="points", validator=identifier(most=60))
    expiry: Expiry | None = field(default=None, validator=maybe(of(ExpiresAfter, ExpiresOn)))
    tiers: TierPolicy | None = field(default=None, validator=maybe(of(TierPolicy)))
    counts: CountWhen = field(default=CountWhen.COMPLETED, validator=of(CountWhen))
    leave_out: tuple[str, ...] = field(default=("points",), validator=members(str))
    referrals: ReferralProgram | None = field(default=None, validator=maybe(of(ReferralProgram)))
    check_ins: CheckInRule | None = field(default=None, validator=maybe(of(CheckInRule)))
    rewards: tuple[RewardRule, ...] = field(default=(), validator=members(RewardRule))
    birthday_before: int = field(default=0, validator=whole(least=0, most=180))
    birthday_after: int = field(default=6, validator=whole(least=0, most=180))
    leap_on_march_1: bool = field(default=False, validator=of(bool))
    reminders: Reminders = field(default=Reminders(), validator=of(Reminders))

    def __attrs_post_init__(self) -> None:
        zone_of(self.zone)
        for told in ([rule.id for rule in self.rewards], [rule.given_for.value for rule in self.rewards]):
            if len(set(told)) < len(told):
                raise InvalidValue(f"expected each reward once, got {', '.join(told)}")

    def reward(self, given_for: RewardFor) -> RewardRule:
        """The rule of a reward. Raises `InvalidValue` where there is none."""
        for rule in self.rewards:
            if rule.given_for is given_for:
                return rule
        raise InvalidValue(f"the shop gives nothing for {given_for}; add a RewardRule to Growth(rewards=...)")


@frozen(kw_only=True)
class Tally:
    """What was granted under a cap so far."""

    id: str = field(validator=identifier())
    granted: int = field(default=0, validator=whole(least=0))


@frozen(kw_only=True)
class RewardGrant:
    """A reward that was given; its `id` is what it was given for, so that nobody is given it twice: `review/<order>/1`, `birthday/ann/2026`.

    `desired` is what the rule says, `granted` what its caps left of it, which may be nothing (GROWTH-1).
    With `taken_back` its points were taken back, as far as they were there.
    """

    id: str = field(validator=identifier())
    member_id: str = field(validator=identifier(most=150))
    rule: str
    rule_version: int
    desired: int = field(validator=whole(least=1))
    granted: int = field(validator=whole(least=0))
    reason: str = field(default="", validator=text(most=1_000))
    taken_back: bool = False
    at: datetime


def capped(desired: int, *caps: tuple[int | None, Tally]) -> int:
    """What the caps leave of a reward: each is how many points at most, and what was granted under it."""
    return min([desired, *[max(0, most - tally.granted) for most, tally in caps if most is not None]])
