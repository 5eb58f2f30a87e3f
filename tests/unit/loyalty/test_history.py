"""What the entries of an account tell of other moments than now."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.loyalty import Account, Cause, Earning, Expiring, Recourse, account_as_of, earn, expiring, redeem, reverse, statement
from shopwright.periods import Window
from tests.unit.loyalty.accounts import DAY, NOON, WHY, a_lot, an_account


def a_history() -> tuple[Account, list]:
    """Five at noon, three spent a day later, and seven of noon that became known three days later."""
    posted = [earn(Account("member-1"), a_lot("a", 5), cause=WHY, at=NOON)]
    posted.append(redeem(posted[-1].account, "r", 3, cause=WHY, at=NOON + DAY))
    posted.append(earn(posted[-1].account, a_lot("late", 7), cause=Cause(recorded_at=NOON + 3 * DAY), at=NOON))
    return posted[-1].account, [entry for it in posted for entry in it.entries]


def test_what_arrives_late_changes_what_was_true_and_not_what_was_known():  # POINTS-11
    account, entries = a_history()
    points = [
        account_as_of("member-1", entries, as_of=NOON + as_of * DAY, known_at=None if known is None else NOON + known * DAY).points
        for as_of, known in ((0, 0), (0, None), (2, 2), (2, 3), (9, None))
    ]

    assert points == [5, 12, 2, 9, 9]
    assert account_as_of("member-1", entries, as_of=NOON + 9 * DAY) == account


def test_a_slow_clock_of_another_worker_takes_no_points_back_that_are_not_told_of_yet():
    lot = a_lot("a", 5)
    first = earn(Account("member-1"), lot, cause=WHY, at=NOON + DAY)
    second, _ = reverse(first.account, Earning(lot=lot), 2, key="k", recourse=Recourse.WITHIN_BALANCE, cause=WHY, at=NOON)
    entries = (*first.entries, *second.entries)

    assert [account_as_of("member-1", entries, as_of=NOON + days * DAY).points for days in (0, 1)] == [0, 3]
    assert account_as_of("member-1", entries, as_of=NOON + DAY, known_at=NOON).points == 0


def test_what_expires_by_and_by_and_what_never_does_sum_to_what_is_there():  # POINTS-12
    account = an_account(a_lot("a", 5, lasts=2), a_lot("b", 1), a_lot("c", 2, lasts=2, waits=1), a_lot("d", 9, lasts=1))

    assert expiring(account, at=NOON + DAY) == (Expiring(at=NOON + 2 * DAY, points=7), Expiring(at=None, points=1))


def test_a_statement_begins_where_the_one_before_it_ended():
    account, entries = a_history()
    first = statement("member-1", entries, Window(None, NOON + DAY))
    second = statement("member-1", entries, Window(NOON + DAY, NOON + 2 * DAY))

    assert [(line.points, line.after) for line in first.lines] == [(5, 5), (7, 12)]
    assert (first.before, first.after, second.before, [line.points for line in second.lines]) == (0, 12, 12, [-3])
    assert second.after == account.points == statement("member-1", entries, Window(NOON + 5 * DAY, NOON + 6 * DAY)).after


def test_a_statement_without_an_end_is_refused():
    with pytest.raises(InvalidValue, match="to have an end"):
        statement("member-1", (), Window(NOON, None))


def test_the_facts_of_an_entry_stay_with_it():
    _, entries = a_history()

    assert [(entry.cause.source, entry.at) for entry in entries] == [("order-1", NOON), ("order-1", NOON + DAY), ("", NOON)]
    assert evolve(entries[0], at=NOON + DAY).lot is entries[0].lot
