"""Check-ins, reviews, birthdays and points by hand, as a shop gives them: once each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from shopwright import accepted, customer, staff
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue
from shopwright.flows.growth import commands as g
from shopwright.loyalty.account import Account
from shopwright.loyalty.growth import RewardGrant
from shopwright.loyalty.naming import account_id
from shopwright.members.actors import SYSTEM
from shopwright.ports.people import Person
from shopwright.refusals import Refusal
from shopwright.wire.growth_kinds import CheckInStreak
from shopwright.wire.kinds import KINDS
from tests.flows.growing import BIRTHDAY, CHECK_IN, DAY, MANUALLY, delivered, paid_by
from tests.flows.grown import GROWN, Folk
from tests.flows.grown_malls import a_mall, a_shop, points
from tests.flows.mall import CLERK, START, Mall, an_order, paid, refused
from tests.flows.processes import Opener, opener, race


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def hello(mall: Mall, key: str) -> CheckInStreak | Refusal:
    return mall.shop.growth.check_in(evolve(CHECK_IN, key=key))


def test_each_day_of_a_streak_gives_its_points_once(mall: Mall) -> None:
    told_so_far = []
    for day in range(4):
        told_so_far.append(accepted(hello(mall, f"day-{day}")).last.points)
        assert refused(hello(mall, f"again-{day}")) == "checked_in_already"
        mall.clock.advance(DAY)

    assert told_so_far == [1, 2, 5, 1]
    assert points(mall, "ann") == 9


def test_the_day_is_that_of_where_the_member_lives_and_points_expire_by_the_program(mall: Mall) -> None:
    mall.clock.advance(timedelta(hours=14, minutes=30))  # 23:30 in UTC, the next day in Berlin
    assert accepted(hello(mall, "late")).last.day == date(2026, 3, 3)
    (lot,) = accepted(mall.shop.points.account(account_id("ann"))).lots
    assert lot.id == "check-in/ann/2026-03-03"
    assert lot.expires_at == datetime.fromisoformat("2026-04-04T00:00+02:00")


def test_the_night_in_which_clocks_change_breaks_no_streak(mall: Mall) -> None:  # Habitica 4211, 3231
    mall.clock.advance(datetime.fromisoformat("2026-03-28T23:50+01:00") - START)
    accepted(hello(mall, "before"))
    mall.clock.advance(timedelta(minutes=15))  # the day of 23 hours
    assert accepted(hello(mall, "after")).last.streak.length == 2
    mall.clock.advance(datetime.fromisoformat("2026-03-30T23:55+02:00") - mall.clock.now())
    assert accepted(hello(mall, "and on")).last.streak.length == 3


def test_a_customer_checks_in_for_nobody_else(mall: Mall) -> None:
    assert refused(mall.shop.growth.check_in(evolve(CHECK_IN, by=customer("bob")))) == "member_unknown"


def test_without_check_ins_a_shop_says_what_it_lacks() -> None:
    with pytest.raises(InvalidValue, match="this shop has no check-ins"):
        hello(a_mall(evolve(GROWN, check_ins=None)), "x")
    with pytest.raises(InvalidValue, match="gives its members nothing"):
        hello(a_mall(None), "x")


def review(mall: Mall, order_id: str, line_no: int = 1, key: str = "r") -> RewardGrant | Refusal:
    command = g.RewardReview(key=f"{key}-{line_no}", by=SYSTEM, member_id="ann", order_id=order_id, line_no=line_no)
    return mall.shop.growth.reward_review(command)


def test_a_review_is_rewarded_once_for_each_line_and_caps_leave_what_they_leave(mall: Mall) -> None:  # GROWTH-1
    order = delivered(mall, paid(mall.shop))
    first = accepted(review(mall, order.id))
    second = accepted(review(mall, order.id, 2))

    assert [(it.desired, it.granted) for it in (first, second)] == [(50, 50), (50, 25)]
    assert refused(review(mall, order.id, 1, key="again")) == "reward_given"
    assert points(mall, "ann") == 75
    mall.clock.advance(30 * DAY)
    other = delivered(mall, paid(mall.shop, an_order(key="o2")))
    assert accepted(review(mall, other.id, key="later")).granted == 50


def test_what_did_not_arrive_or_is_somebody_elses_gives_nothing(mall: Mall) -> None:
    order = paid(mall.shop)
    assert refused(review(mall, order.id)) == "review_not_bought"
    theirs = paid_by(mall, "bob", "bobs")
    assert refused(review(mall, theirs.id, key="theirs")) == "order_not_found"


def test_a_birthday_gives_once_a_year_whatever_becomes_of_the_date() -> None:  # GROWTH-2
    mall = a_mall()
    assert accepted(mall.shop.growth.reward_birthday(BIRTHDAY)).id == "birthday/ann/2026"
    edited = a_mall(people=Folk(ann=Person(zone="Europe/Berlin", born=date(1992, 3, 3))))
    edited.storage = mall.storage
    edited.reopened()
    edited.clock.advance(2 * DAY)
    assert refused(edited.shop.growth.reward_birthday(evolve(BIRTHDAY, key="again"))) == "reward_given"
    edited.clock.advance(365 * DAY)
    assert accepted(edited.shop.growth.reward_birthday(evolve(BIRTHDAY, key="next year"))).id == "birthday/ann/2027"


@pytest.mark.parametrize("born", [date(1992, 2, 29), (2, 29)])
def test_who_was_born_on_29_february_has_the_day_that_the_program_says(born: date | tuple[int, int]) -> None:
    folk = Folk(ann=Person(zone="UTC", born=born))
    for on_march_1, codes in ((False, ["given", "none"]), (True, ["none", "given"])):
        got = []
        for day in ("2026-02-28T12:00+00:00", "2026-03-01T12:00+00:00"):
            mall = a_mall(evolve(GROWN, birthday_after=0, leap_on_march_1=on_march_1), people=folk)
            answer = mall.shop.growth.reward_birthday(BIRTHDAY, at=datetime.fromisoformat(day))
            got.append("none" if isinstance(answer, Refusal) else "given")
        assert got == codes


@pytest.mark.parametrize("born", [(2, 30), (2,), "1992-02-29", datetime(1992, 2, 29, tzinfo=UTC)])
def test_what_is_no_birth_is_told_without_showing_it(born: object) -> None:
    with pytest.raises(InvalidValue, match="it is not shown") as told:
        Person(born=born)  # type: ignore[arg-type]
    assert "29" not in str(told.value).replace("(2, 29)", "")


def test_who_gives_by_hand_has_a_limit_at_a_time_and_a_day(mall: Mall) -> None:
    accepted(mall.shop.growth.reward_manually(evolve(MANUALLY, points=500)))
    over = mall.shop.growth.reward_manually(evolve(MANUALLY, key="more", points=101))
    assert over == Refusal("reward_above_limit", "101 points are more than the 100 that may be given", {"wanted": 101, "left": 100})
    accepted(mall.shop.growth.reward_manually(evolve(MANUALLY, key="less", points=100)))
    accepted(mall.shop.growth.reward_manually(evolve(MANUALLY, key="other", by=staff("eve"), points=100)))
    mall.clock.advance(DAY)
    accepted(mall.shop.growth.reward_manually(evolve(MANUALLY, key="next day", points=500)))
    assert points(mall, "ann") == 1200


def test_a_reward_that_is_taken_back_is_not_given_again(mall: Mall) -> None:
    order = delivered(mall, paid(mall.shop))
    grant = accepted(review(mall, order.id))
    command = g.TakeBackReward(key="copied", by=CLERK, member_id="ann", reward_id=grant.id, reason="copied")

    assert accepted(mall.shop.growth.take_back_reward(command)).taken_back
    assert accepted(mall.shop.growth.take_back_reward(evolve(command, key="twice"))).taken_back
    assert points(mall, "ann") == 0
    assert refused(review(mall, order.id, key="again")) == "reward_given"


def _check_in(open_: Opener, number: int, ready: Any) -> None:
    shop = a_shop(open_)
    ready.wait()
    for day in range(3):
        shop.growth.check_in(evolve(CHECK_IN, key=f"{number}-{day}"), at=START + day * DAY)
    shop.close()


WHERE = pytest.mark.parametrize("where", ["sqlite", pytest.param("postgres", marks=pytest.mark.full)])


@WHERE
def test_two_devices_that_check_in_at_once_get_one_reward_a_day(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    open_ = opener(where, tmp_path, request)
    storage = open_()
    race(_check_in, 2, open_)

    stored = storage.load(CheckInStreak, "ann")
    assert stored is not None
    assert (stored.value.days, stored.value.last.streak.length) == (3, 3)
    account = storage.load(Account, account_id("ann"))
    assert account is not None
    assert account.value.points == 1 + 2 + 5
    storage.close()
