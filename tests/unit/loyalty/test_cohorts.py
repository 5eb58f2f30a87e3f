"""Points by when they were earned, as the books of a shop want them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.loyalty import Account, Cause, Earning, Lot, Recourse, activate, earn, expire, redeem, redemption_in, restore, reverse
from shopwright.loyalty.cohorts import Counted, cohort, count
from shopwright.loyalty.expiry import EndOf
from shopwright.loyalty.liability import Cohort
from shopwright.periods import zone_of
from tests.unit.loyalty.accounts import DAY, NOON, WHY, a_lot, done

BERLIN = zone_of("Europe/Berlin")
APRIL = datetime(2026, 3, 31, 23, tzinfo=UTC)  # it is April already in Berlin
LATER = datetime(2026, 5, 1, tzinfo=UTC)


def counted(entries, *, as_of=LATER, **how):
    return count([("member-1", entry) for entry in entries], as_of=as_of, zone=BERLIN, **how)


def test_points_count_for_the_month_in_which_they_were_earned_where_the_program_is():
    first = earn(Account("member-1"), a_lot("old", 100, lasts=40), cause=WHY, at=NOON)
    second = earn(first.account, Lot("new", 50, APRIL, available_from=APRIL), cause=WHY, at=APRIL)
    spent = redeem(second.account, "cup", 30, cause=WHY, at=APRIL)
    lost = expire(spent.account, cause=WHY, at=LATER)
    entries = (*first.entries, *second.entries, *spent.entries, *lost.entries)

    assert counted(entries) == (
        Counted(id="2026-03-01", given=100, redeemed=30, expired=70),
        Counted(id="2026-04-01", given=50),
    )
    assert counted(entries, as_of=APRIL, unit=EndOf.YEAR) == (Counted(id="2026-01-01", given=150, redeemed=30),)


def test_points_that_wait_are_pending_until_the_moment_that_is_asked_for():
    earned = earn(Account("member-1"), a_lot("lot", 40, waits=None), cause=WHY, at=NOON)
    told = activate(earned.account, "lot", available_from=NOON + 5 * DAY, expires_at=None, cause=WHY, at=NOON + DAY)
    entries = (*earned.entries, *told.entries)

    assert [counted(entries, as_of=NOON + days * DAY)[0].pending for days in (0, 1, 4, 5)] == [40, 40, 40, 0]


def test_what_a_return_takes_counts_as_never_given_where_it_was_taken():
    lots = (a_lot("returned", 40), evolve(a_lot("other", 25), earned_at=APRIL, available_from=APRIL))
    account, entries = Account("member-1"), []
    for posted in (lambda it: earn(it, lots[0], cause=WHY, at=NOON), lambda it: redeem(it, "cup", 40, cause=WHY, at=NOON)):
        step = posted(account)
        account, entries = done(step), [*entries, *step.entries]
    spent = redemption_in(step)
    step = earn(account, lots[1], cause=WHY, at=APRIL)
    back, _ = reverse(step.account, Earning(lot=lots[0]), 40, key="return", recourse=Recourse.UNLIMITED, cause=WHY, at=APRIL)
    again, _ = restore(back.account, spent, 40, key="undo", cause=WHY, at=APRIL)
    entries += [*step.entries, *back.entries]

    assert counted(entries) == (Counted(id="2026-03-01", given=40, redeemed=40), Counted(id="2026-04-01"))
    assert counted([*entries, *again.entries]) == (Counted(id="2026-03-01", given=25), Counted(id="2026-04-01"))
    assert (back.account.deficit, again.account.points) == (15, 25)


def test_what_became_known_later_is_left_out_of_what_was_known_before():
    late = earn(Account("member-1"), a_lot("late", 10), cause=Cause(recorded_at=NOON + 9 * DAY), at=NOON)

    assert counted(late.entries, known_at=NOON + 8 * DAY) == ()
    assert counted(late.entries, known_at=NOON + 9 * DAY) == (Counted(id="2026-03-01", given=10),)


@pytest.mark.parametrize(("redeemed", "expired", "expected"), [(0, 0, 80), (90, 0, 90), (10, 50, 50)])
def test_what_is_thought_of_a_cohort_gives_way_to_what_is_known(redeemed, expired, expected):
    told = Counted(id="2026-03-01", given=100, redeemed=redeemed, expired=expired)

    assert cohort(told, deferred=900, redeemed_of_10_000=8_000) == Cohort(
        id="2026-03-01", deferred=900, given=100, redeemed=redeemed, expired=expired, expected=expected
    )


@pytest.mark.parametrize("rate", [-1, 10_001, 0.8, True])
def test_a_rate_is_so_many_of_ten_thousand(rate):
    with pytest.raises(InvalidValue, match="from 0 to 10000"):
        cohort(Counted(id="c"), deferred=0, redeemed_of_10_000=rate)
