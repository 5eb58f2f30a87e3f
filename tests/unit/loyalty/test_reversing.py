"""Points that go back: what was earned on returned goods, and what was spent on canceled ones."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue, KeyConflict
from shopwright.loyalty import (
    Account,
    Balance,
    Earning,
    Lot,
    Posted,
    Recourse,
    Redemption,
    earn,
    expire,
    extend,
    hold,
    redeem,
    redemption_in,
    release,
    restore,
    reverse,
)
from tests.unit.loyalty.accounts import DAY, NOON, WHY, a_lot, an_account, done, told

SOON = NOON + DAY / 24


UNLIMITED = Recourse.UNLIMITED


def reversed_(account: Account, earning: Earning, points: int, recourse: Recourse = UNLIMITED, key: str = "refund-1") -> tuple[Account, Earning]:
    posted, after = reverse(account, earning, points, key=key, recourse=recourse, cause=WHY, at=NOON)
    return posted.account, after


def spent(account: Account, points: int) -> tuple[Account, Redemption]:
    posted = redeem(account, "r", points, cause=WHY, at=NOON)
    assert isinstance(posted, Posted)
    return posted.account, redemption_in(posted)


def test_a_return_takes_its_own_points_first_and_not_those_of_another_order():  # POINTS-7
    account = an_account(a_lot("mine", 5, waits=3), a_lot("old", 5, lasts=1))

    assert told(reversed_(account, Earning(lot=a_lot("mine", 5)), 5)[0]) == {"old": 5}


@pytest.mark.parametrize(
    ("recourse", "left", "deficit", "taken"),
    [(Recourse.ONLY_PENDING, {"other": 3, "late": 1}, 0, 0), (Recourse.WITHIN_BALANCE, {}, 0, 4), (Recourse.UNLIMITED, {}, 6, 10)],
)
def test_the_recourse_says_how_far_a_return_goes_when_the_points_are_spent(recourse, left, deficit, taken):
    """Returned goods whose points were spent made money from nothing: odoo/odoo#257854."""
    account, _ = spent(an_account(a_lot("mine", 10, lasts=9), a_lot("other", 3), a_lot("late", 1, waits=5)), 10)

    after, earning = reversed_(account, Earning(lot=a_lot("mine", 10)), 10, recourse)

    assert (told(after), after.deficit, earning.reversals[0].points) == (left, deficit, taken)


def test_a_deficit_is_filled_by_the_next_credit_and_by_what_comes_back():
    account, _ = spent(an_account(a_lot("mine", 10)), 10)
    account, _ = reversed_(account, Earning(lot=a_lot("mine", 10)), 10)
    assert (account.points, account.deficit) == (-10, 10)

    some = earn(account, a_lot("next", 4), cause=WHY, at=NOON).account
    all_ = earn(some, a_lot("more", 9), cause=WHY, at=NOON).account

    assert [(it.points, it.deficit, told(it)) for it in (some, all_)] == [(-6, 6, {}), (3, 0, {"more": 3})]


def test_held_points_come_back_into_a_deficit():
    account = done(hold(an_account(a_lot("mine", 10)), "h", 10, until=SOON, cause=WHY, at=NOON))
    account, _ = reversed_(account, Earning(lot=a_lot("mine", 10)), 4)
    assert (account.deficit, account.balance(NOON).held) == (4, 10)

    assert release(account, "h", cause=WHY, at=NOON).account.balance(NOON) == Balance(available=6, pending=0, held=0, lapsed=0, deficit=0)


def test_points_that_had_expired_are_not_owed_again():
    lot = a_lot("mine", 10, lasts=1)
    posted = expire(an_account(lot), cause=WHY, at=NOON + DAY)
    earning = Earning(lot=lot).after(posted.entries)

    after, told_earning = reverse(posted.account, earning, 4, key="k", recourse=Recourse.UNLIMITED, cause=WHY, at=NOON + DAY)

    assert (after.account.deficit, after.entries[0].lapsed, after.entries[0].change, told_earning.reversible) == (0, 4, 0, 6)


def test_returns_in_any_steps_take_what_a_line_earned_and_no_more():  # POINTS-8
    """A partial return deducted twice: odoo/odoo#221928."""
    lot = a_lot("mine", 17)
    earning = Earning(lot=lot, lines=((1, 10), (2, 7)))
    shares = [earning.share(1, 1, of=3, gone=gone) for gone in range(3)]
    account = an_account(lot)

    for number, share in enumerate((*shares, 7, 5)):
        account, earning = reversed_(account, earning, share, key=f"refund-{number}")

    assert (shares, account.points, earning.reversible) == ([3, 3, 4], 0, 0)
    assert [done.points for done in earning.reversals] == [3, 3, 4, 7, 0]


def test_the_same_key_reverses_once_and_another_number_under_it_is_a_mistake():
    account, earning = reversed_(an_account(a_lot("mine", 5)), Earning(lot=a_lot("mine", 5)), 2)

    assert reversed_(account, earning, 2) == (account, earning)
    with pytest.raises(KeyConflict, match="the key refund-1 stands for 2 points, got 3"):
        reversed_(account, earning, 3)


def test_whoever_redeems_and_cancels_gains_no_time():  # POINTS-9
    account, redemption = spent(an_account(a_lot("a", 5, lasts=1), a_lot("b", 5, lasts=9)), 8)

    posted, after = restore(account, redemption, 5, key="k", cause=WHY, at=NOON + 2 * DAY)

    assert told(posted.account) == {"a": 2, "b": 5}
    assert posted.account.balance(NOON + 2 * DAY) == Balance(available=5, pending=0, held=0, lapsed=2, deficit=0)
    assert [(part.id, part.points) for part in after.left] == [("a", 3)]
    assert restore(posted.account, after, 5, key="k", cause=WHY, at=NOON) == (evolve(posted, entries=()), after)


def test_what_lapsed_meanwhile_may_be_good_for_some_more_days():
    account, redemption = spent(an_account(a_lot("a", 5, lasts=1)), 3)
    at = NOON + 2 * DAY

    posted, _ = restore(account, redemption, 9, key="k", cause=WHY, at=at, reinstate=timedelta(days=7))

    assert [type(entry).__name__ for entry in posted.entries] == ["PointsExpired", "PointsRestored"]
    assert posted.account.lots == (Lot("a", 3, NOON, available_from=NOON, expires_at=at + timedelta(days=7)),)


def test_nothing_comes_back_of_what_came_back_already():
    account, redemption = spent(an_account(a_lot("a", 5)), 3)
    posted, redemption = restore(account, redemption, 3, key="k", cause=WHY, at=NOON)

    again, redemption = restore(posted.account, redemption, 3, key="l", cause=WHY, at=NOON)

    assert (again.entries, [it.points for it in redemption.restorings], again.account.points) == ((), [3, 0], 5)


def test_the_lines_of_an_earning_sum_to_its_points_and_units_are_within_their_line():
    with pytest.raises(InvalidValue, match="must sum to 5 points, got 4"):
        Earning(lot=a_lot("a", 5), lines=((1, 4),))
    with pytest.raises(InvalidValue, match="expected 1 and 3 units to be within its 3"):
        Earning(lot=a_lot("a", 5)).share(1, 3, of=3, gone=1)
    with pytest.raises(InvalidValue, match="expected a redemption among the entries of account member-1"):
        redemption_in(Posted(an_account()))
    with pytest.raises(InvalidValue, match="got 0"):
        reversed_(an_account(), Earning(lot=a_lot("a", 5)), 0)


def test_points_that_left_an_extended_lot_before_and_after_have_its_later_time_once_they_are_back():
    account = an_account(a_lot("lot", 10, lasts=30))
    before = redeem(account, "before", 4, cause=WHY, at=NOON)
    extended = extend(done(before), "lot", expires_at=NOON + 60 * DAY, cause=WHY, at=NOON)
    after = redeem(done(extended), "after", 6, cause=WHY, at=NOON)

    first, _ = restore(done(after), redemption_in(before), 4, key="back-1", cause=WHY, at=NOON)
    both, _ = restore(first.account, redemption_in(after), 6, key="back-2", cause=WHY, at=NOON)

    assert both.account.lots == (a_lot("lot", 10, lasts=60),)
