"""What a shop tells its members as time passes: once each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shopwright import accepted
from shopwright.adapters.memory import MemoryStorage
from shopwright.flows.growth import commands as g
from shopwright.flows.growth.reminding import Told
from shopwright.flows.points.commands import ExtendPoints
from shopwright.loyalty.growth_events import BirthdayDue, MemberLapsed, PointsExpiring, TierEnding
from shopwright.loyalty.naming import account_id
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.ports.people import Person
from shopwright.ports.storage import START as BEGINNING
from shopwright.wire.growth_kinds import GROWTH
from shopwright.wire.kinds import KINDS
from tests.flows.growing import CHECK_IN, DAY, MANUALLY, delivered, referred
from tests.flows.grown import Folk
from tests.flows.grown_malls import a_mall, a_shop, points, told
from tests.flows.mall import CLERK, START, Mall, an_order, paid
from tests.flows.processes import Opener, opener, race


def stands(mall: Mall) -> TierAccount:
    stored = mall.storage.load(TierAccount, "ann")
    assert stored is not None
    return stored.value


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def test_a_birthday_is_told_once_with_the_gift_of_the_tier_and_its_points(mall: Mall) -> None:
    accepted(mall.shop.tiers.grant(g.GrantTier(key="vip", by=CLERK, member_id="ann", tier="gold", reason="ours")))
    assert mall.shop.growth.remind().birthdays == 1
    assert mall.shop.growth.remind().birthdays == 0
    mall.clock.advance(DAY)
    assert mall.shop.growth.remind().birthdays == 0

    assert [(it.member_id, it.year, it.tier, it.gift) for it in told(mall, BirthdayDue)] == [("ann", 2026, "gold", "a-cake")]
    assert points(mall, "ann") == 100


def test_points_that_expire_are_told_once_for_each_lot_and_again_when_they_were_extended() -> None:
    mall = a_mall(people=Folk(ann=Person()))
    accepted(mall.shop.growth.reward_manually(MANUALLY))
    assert mall.shop.growth.remind().points == 0
    mall.clock.advance(20 * DAY)
    assert mall.shop.growth.remind().points == 1
    accepted(mall.shop.growth.check_in(CHECK_IN))
    mall.clock.advance(DAY)
    assert mall.shop.growth.remind().points == 0
    mall.clock.advance(17 * DAY)
    assert mall.shop.growth.remind().points == 1
    assert [(it.points, it.lot_id) for it in told(mall, PointsExpiring)] == [(20, "manual/sorry"), (1, "check-in/ann/2026-03-22")]

    extended = ExtendPoints(
        key="longer", by=CLERK, account_id=account_id("ann"), lot_id="check-in/ann/2026-03-22", expires_at=mall.clock.now() + 14 * DAY
    )
    accepted(mall.shop.points.extend(extended))
    assert mall.shop.growth.remind().points == 1
    assert mall.shop.growth.remind().points == 0


def test_a_tier_that_ends_and_a_long_silence_are_told_once_each() -> None:
    mall = a_mall(people=Folk(ann=Person()))
    paid(mall.shop)
    mall.shop.tiers.follow()
    mall.clock.advance(89 * DAY)
    assert mall.shop.growth.remind().lapses == 0
    mall.clock.advance(DAY)
    assert mall.shop.growth.remind().lapses == 1
    assert mall.shop.growth.remind().lapses == 0
    mall.clock.advance(250 * DAY)
    assert mall.shop.growth.remind().tiers == 1
    assert mall.shop.growth.remind().tiers == 0

    (ending,) = told(mall, TierEnding)
    assert (ending.tier, ending.missing) == ("silver", ("spend 4000",))
    assert ending.lost_at == stands(mall).next_at
    assert [it.last_order_at for it in told(mall, MemberLapsed)] == [START]


def test_the_next_silence_after_another_order_is_told_again() -> None:
    mall = a_mall(people=Folk(ann=Person()))
    for key in ("o1", "o2"):
        paid(mall.shop, an_order(key=key))
        mall.shop.tiers.follow()
        mall.clock.advance(90 * DAY)
        assert mall.shop.growth.remind().lapses == 1
    assert len(told(mall, MemberLapsed)) == 2


def test_who_is_no_member_any_more_is_told_nothing() -> None:
    mall = a_mall(people=Folk(ann=Person()))
    paid(mall.shop)
    mall.shop.tiers.follow()
    mall.clock.advance(340 * DAY)
    mall.ways["people"] = Gone()
    mall.reopened()
    assert mall.shop.growth.remind() == Told()
    assert told(mall, MemberLapsed) == []


class Gone:
    """Nobody is a member any more."""

    def person(self, member_id: str) -> Person | None:
        return None

    def born_on(self, days: frozenset[tuple[int, int]]) -> tuple[str, ...]:
        return ("ann",)


def _remind(open_: Opener, number: int, ready: Any) -> None:
    shop = a_shop(open_)
    ready.wait()
    for _ in range(3):
        shop.growth.remind(at=START)
        shop.growth.sweep_referrals(at=START + 40 * DAY)
    shop.close()


WHERE = pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])


@WHERE
def test_workers_that_sweep_at_once_tell_and_reward_once(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    open_ = opener(where, tmp_path, request)
    storage = open_()
    mall = Mall(storage)
    referred(mall)
    delivered(mall, paid(mall.shop))
    race(_remind, 2, open_)

    assert (points(mall, "ann"), points(mall, "bob")) == (300, 500)
    told_of = Counter(type(it.value).__name__ for it in storage.read(GROWTH, after=BEGINNING, limit=100))
    assert told_of == {"BirthdayDue": 1}
    storage.close()
