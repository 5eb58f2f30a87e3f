"""A mall's growth program and the people it is for, and what has become of it as a picture: tiers, referrals, rewards, and what was told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from shopwright.loyalty.account import Account
from shopwright.loyalty.checkins import CheckInRule
from shopwright.loyalty.expiry import ExpiresAfter
from shopwright.loyalty.growth import CountWhen, Growth, RewardFor, RewardGrant, RewardRule, Tally
from shopwright.loyalty.referrals import Referral, ReferralProgram
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.loyalty.tiers import AtLeast, Basis, Benefits, Keep, Returns, Rolling, Tier, TierPolicy
from shopwright.ports.people import Person
from shopwright.ports.storage import START, Query, Storage
from shopwright.wire.growth_kinds import GROWTH, REFERRALS, CheckInStreak, ReferralCode

YEAR = Rolling(months=12)
TIERS = TierPolicy(
    tiers=(
        Tier(id="basic"),
        Tier(id="silver", requires=AtLeast(Basis.SPEND, 4000, YEAR)),
        Tier(id="gold", requires=AtLeast(Basis.ORDERS, 3, YEAR), gives=Benefits(birthday_gift="a-cake")),
    ),
    zone="Europe/Berlin",
    keep=Keep.NOT,
    returns=Returns.DROP_AT_ONCE,
)
FRIENDS = ReferralProgram(
    id="friends", currency="EUR", advocate_points=500, referee_points=200, least=3000, hold_days=14, most_per_period=2, zone="Europe/Berlin"
)
GROWN = Growth(
    currency="EUR",
    zone="Europe/Berlin",
    tiers=TIERS,
    counts=CountWhen.CONFIRMED,
    referrals=FRIENDS,
    check_ins=CheckInRule(id="daily", rewards=(1, 2, 5)),
    rewards=(
        RewardRule(id="review", given_for=RewardFor.REVIEW, points=50, most=75),
        RewardRule(id="birthday", given_for=RewardFor.BIRTHDAY, points=100),
        RewardRule(id="manual", given_for=RewardFor.MANUAL, points=500, most_by_staff=600),
    ),
    expiry=ExpiresAfter("Europe/Berlin", months=1),
)


class Folk:
    """Everybody but nobody is a member; Ann was born on 29 February, and lives in Berlin."""

    def __init__(self, **people: Person) -> None:
        long_ago = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=300)
        self._people = {"ann": Person(zone="Europe/Berlin", born=date(1992, 2, 29), joined_at=long_ago)} | people

    def person(self, member_id: str) -> Person | None:
        """What is known of them."""
        return None if member_id == "nobody" else self._people.get(member_id, Person())

    def born_on(self, days: frozenset[tuple[int, int]]) -> list[str]:
        """Who was born on one of these days."""
        return [id for id, it in self._people.items() if it.born is not None and (it.born.month, it.born.day) in days]


def grown(storage: Storage) -> dict[str, Any]:
    """What members have and what was told of them, without the names that chance gave."""
    accounts = _all(storage, TierAccount)
    return {
        "tiers": [(it.id, it.standing, it.history, it.orders, _sums(it)) for it in accounts],
        "told": sorted(type(it.value).__name__ for it in storage.read(GROWTH, after=START, limit=500)),
        "points": [(it.id, [lot.points for lot in it.lots], it.deficit) for it in _all(storage, Account)],
        "codes": len(_all(storage, ReferralCode)),
        "referrals": [(it.id, it.advocate_id, it.state, it.due_at, it.rewards, it.event_count) for it in _all(storage, Referral)],
        "referral events": [type(it.value).__name__ for it in storage.read(REFERRALS, after=START, limit=500)],
        "check-ins": _all(storage, CheckInStreak),
        "rewards": [(it.member_id, it.rule, it.desired, it.granted, it.taken_back) for it in _all(storage, RewardGrant)],
        "tallies": _all(storage, Tally),
    }


def _all(storage: Storage, kind: type[Any]) -> list[Any]:
    return [stored.value for stored in storage.find(Query(kind, limit=500)).items]


def _sums(account: TierAccount) -> tuple[int, int, int]:
    facts = account.facts
    return sum(it.spend for it in facts.deeds), sum(it.spend for it in facts.undone), sum(it.orders for it in facts.deeds)
