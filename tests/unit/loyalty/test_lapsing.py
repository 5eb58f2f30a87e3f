"""What has lapsed is written off in steps, and the id of an account tells whose it is."""

from __future__ import annotations

import pytest

from shopwright.errors import InvalidValue
from shopwright.loyalty import account_id, hold, member_of, next_lapse, redeem_held, write_off
from shopwright.loyalty.lapsing import PATIENCE
from shopwright.refusals import Refusal
from tests.unit.loyalty.accounts import DAY, NOON, WHY, a_lot, an_account, done, told


def test_a_lapsed_hold_is_kept_for_a_day_and_then_let_go():  # POINTS-14
    account = done(hold(an_account(a_lot("a", 5)), "h", 2, until=NOON + DAY, cause=WHY, at=NOON))
    late = NOON + DAY + PATIENCE

    assert next_lapse(account) == late
    assert write_off(account, cause=WHY, at=late - DAY / 24).entries == ()
    assert not isinstance(redeem_held(account, "h", 2, redemption_id="r", cause=WHY, at=late), Refusal)
    after = write_off(account, cause=WHY, at=late).account
    assert (told(after), after.holds, next_lapse(after)) == ({"a": 5}, (), None)


def test_points_that_lapsed_under_a_hold_are_written_off_with_it():
    account = done(hold(an_account(a_lot("a", 5, lasts=1)), "h", 5, until=NOON + DAY / 2, cause=WHY, at=NOON))
    posted = write_off(account, cause=WHY, at=NOON + 3 * DAY)

    assert [entry.change for entry in posted.entries] == [0, -5]
    assert posted.account.points == 0


def test_a_step_writes_off_a_bounded_number_of_lots_the_first_that_lapsed_first():
    account = an_account(*[a_lot(f"lot-{n}", 1, lasts=9 - n) for n in range(5)])
    first = write_off(account, cause=WHY, at=NOON + 20 * DAY, most=2)
    second = write_off(first.account, cause=WHY, at=NOON + 20 * DAY, most=3)

    assert told(first.account) == {"lot-0": 1, "lot-1": 1, "lot-2": 1}
    assert told(second.account) == {}
    assert next_lapse(first.account) == NOON + 7 * DAY


def test_nothing_lapses_of_an_account_with_eternal_points():
    assert next_lapse(an_account(a_lot("a", 5))) is None


def test_the_id_of_an_account_tells_whose_it_is_whatever_the_member_is_called():
    assert account_id("ann") == "points/ann"
    assert account_id("shop/7/ann", "miles") == "miles/shop/7/ann"
    assert len({account_id("x" * 190 + end) for end in "ab"} | {account_id("x" * 190 + end, "p" * 40) for end in "ab"}) == 4
    assert len(account_id("x" * 1_000, "p" * 40)) <= 200
    assert [member_of(id) for id in ("points/ann", "miles/shop/7/ann", "member-1")] == ["ann", "shop/7/ann", ""]


ODD = [("", "points"), (" ", "points"), ("ann", "Points"), ("ann", ""), ("ann", "a/b"), ("ann\0", "points"), ("ann", "p" * 41)]


@pytest.mark.parametrize(("member", "points"), ODD)
def test_what_is_no_member_or_no_kind_of_points_has_no_account(member: str, points: str):
    with pytest.raises(InvalidValue, match="points account"):
        account_id(member, points)
