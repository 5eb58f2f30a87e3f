"""What a shop keeps of its members' tiers, referrals, check-ins and rewards, and the streams that tell of them."""

from __future__ import annotations

from datetime import datetime
from typing import get_args

from attrs import frozen

from shopwright.loyalty.checkins import CheckedIn
from shopwright.loyalty.growth import RewardGrant, Tally
from shopwright.loyalty.growth_events import GrowthEvent
from shopwright.loyalty.referral_events import ReferralEvent
from shopwright.loyalty.referrals import Referral
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.ports.kinds import Index, IndexType, Kind, RecordType

GROWTH = "growth"
"""The stream of what a shop may tell its members: each event once, under a key of its own, as its first and only record."""

REFERRALS = "referrals"
"""The stream of what happens to referrals, under the id of the referee."""


@frozen(kw_only=True)
class CountedOrder:
    """How much of an order's history its buyer's tiers have counted; its id is the order's."""

    id: str
    member_id: str
    event_count: int


@frozen(kw_only=True)
class CountedPoints:
    """How many entries of a points account its member's tiers have counted; its id is the account's."""

    id: str
    entry_count: int


@frozen(kw_only=True)
class CheckInStreak:
    """The last check-in of a member with the streak that it makes; its id is the member's. `days` counts all check-ins."""

    id: str
    last: CheckedIn
    days: int = 1


@frozen(kw_only=True)
class ReferralCode:
    """A code that stands for an advocate; its id is the code."""

    id: str
    advocate_id: str
    at: datetime
    touched: int = 0
    """How often its advocate referred somebody or was referred: two of these at once are decided one after the other."""


@frozen(kw_only=True)
class Reminded:
    """Of which points that expire a member was told, by the keys of the events; its id is that of the points account."""

    id: str
    told: tuple[str, ...] = ()


DOCUMENTS = (
    Kind(
        "tier_account",
        TierAccount,
        indexes=(
            Index("next_at", IndexType.TIME, lambda account: account.next_at),
            Index("ends_at", IndexType.TIME, lambda account: account.ends_at if account.told_end != account.ends_at else None),
            Index("tier", IndexType.TEXT, lambda account: account.standing.tier),
            Index("quiet_since", IndexType.TIME, lambda account: account.last_order_at if account.told_lapse != account.last_order_at else None),
        ),
    ),
    Kind("counted_order", CountedOrder),
    Kind("counted_points", CountedPoints),
    Kind("check_in_streak", CheckInStreak),
    Kind("referral_code", ReferralCode, indexes=(Index("advocate_id", IndexType.TEXT, lambda code: code.advocate_id, unique=True),)),
    Kind(
        "referral",
        Referral,
        indexes=(
            Index("advocate_id", IndexType.TEXT, lambda referral: referral.advocate_id),
            Index("due_at", IndexType.TIME, lambda referral: referral.due_at),
            Index("state", IndexType.TEXT, lambda referral: referral.state.value),
        ),
    ),
    Kind("reward_grant", RewardGrant, indexes=(Index("member_id", IndexType.TEXT, lambda grant: grant.member_id),)),
    Kind("reward_tally", Tally),
    Kind("points_reminded", Reminded),
)

RECORDS = tuple(RecordType(event.__name__, event) for event in (*get_args(ReferralEvent), *get_args(GrowthEvent)))
