"""Points that go from one account to another, and two accounts that become one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwright.errors import InvalidValue
from shopwright.loyalty import Account, Cause, Earning, Posted, Rate, Recourse, earn, fold, hold, merge, redeem_held, restore, reverse, transfer
from shopwright.loyalty import redemption_in as spent_in
from shopwright.loyalty.cohorts import count
from shopwright.loyalty.ledger import redeem
from shopwright.refusals import Refusal
from tests.unit.loyalty.accounts import DAY, NOON, WHY, a_lot, an_account, done, told

BOB = Account("member-2")


def both(moved: tuple[Posted, Posted] | Refusal) -> tuple[Account, Account]:
    assert isinstance(moved, tuple), moved
    return moved[0].account, moved[1].account


def owing(points: int) -> Account:
    """Another account, which owes so many points."""
    lot = a_lot("gone", points)
    account = redeem(earn(BOB, lot, cause=WHY, at=NOON).account, "r", points, cause=WHY, at=NOON)
    return reverse(done(account), Earning(lot=lot), points, key="k", recourse=Recourse.UNLIMITED, cause=WHY, at=NOON)[0].account


def test_points_keep_their_times_when_they_are_sent():  # POINTS-15
    ann = an_account(a_lot("a", 5, lasts=9), a_lot("b", 4, lasts=2), a_lot("c", 9, waits=1))
    after, there = both(transfer(ann, BOB, 6, transfer_id="t", cause=WHY, at=NOON))

    assert told(after) == {"a": 3, "c": 9}
    assert [(lot.id, lot.points, lot.expires_at) for lot in there.lots] == [("t/1", 4, NOON + 2 * DAY), ("t/2", 2, NOON + 9 * DAY)]
    assert {lot.earned_at for lot in there.lots} == {NOON}


def test_points_that_are_sent_fill_what_the_receiver_owes_first():
    after, there = both(transfer(an_account(a_lot("a", 5)), owing(3), 4, transfer_id="t", cause=WHY, at=NOON))

    assert (after.points, told(there), there.deficit) == (1, {"t/1": 1}, 0)


def test_a_conversion_shares_what_comes_out_and_takes_multiples_only():  # POINTS-16
    ann = an_account(a_lot("a", 3), a_lot("b", 4), a_lot("c", 5))
    short = transfer(ann, BOB, 7, transfer_id="t", rate=Rate(2, 1), cause=WHY, at=NOON)
    after, there = both(transfer(ann, BOB, 10, transfer_id="t", rate=Rate(5, 2), cause=WHY, at=NOON))

    assert isinstance(short, Refusal)
    assert (short.code, short.facts) == ("points_indivisible", (("points", 7), ("take", 2)))
    assert (after.points, told(there)) == (2, {"t/1": 1, "t/2": 2, "t/3": 1})


def test_parts_from_which_nothing_comes_out_leave_no_lot():
    _, there = both(transfer(an_account(a_lot("a", 1), a_lot("b", 99)), BOB, 100, transfer_id="t", rate=Rate(100, 1), cause=WHY, at=NOON))

    assert told(there) == {"t/1": 1}


def test_nobody_sends_what_they_do_not_have():
    refusal = transfer(an_account(a_lot("a", 5, waits=1)), BOB, 1, transfer_id="t", cause=WHY, at=NOON)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "points_short"


def test_a_merge_brings_lots_and_holds_and_nets_what_both_owe():  # POINTS-17
    ann = done(hold(an_account(a_lot("a", 5, lasts=3), a_lot("b", 2)), "h", 4, until=NOON + DAY, cause=WHY, at=NOON))
    gone, there = both(merge(ann, owing(2), cause=WHY, at=NOON))

    assert (gone.lots, gone.holds, gone.points, gone.merged_into) == ((), (), 0, "member-2")
    assert (told(there), there.deficit, [it.points for it in there.holds], there.points) == ({"b": 1}, 0, [4], 5)
    assert not isinstance(redeem_held(there, "h", 4, redemption_id="r", cause=WHY, at=NOON), Refusal)


def test_merging_twice_changes_nothing_and_a_merged_account_is_used_no_more():
    gone, there = both(merge(an_account(a_lot("a", 5)), BOB, cause=WHY, at=NOON))

    assert merge(gone, there, cause=WHY, at=NOON) == (Posted(gone), Posted(there))
    for act in (lambda: merge(gone, Account("third"), cause=WHY, at=NOON), lambda: transfer(there, gone, 1, transfer_id="t", cause=WHY, at=NOON)):
        with pytest.raises(InvalidValue, match="was merged into member-2"):
            act()


def test_what_was_spent_and_earned_before_a_merge_finds_its_lots_afterwards():
    lot = a_lot("a", 5, lasts=3)
    posted = redeem(an_account(lot), "r", 4, cause=WHY, at=NOON)
    _, there = both(merge(done(posted), BOB, cause=WHY, at=NOON))
    back, _ = restore(there, spent_in(posted), 3, key="k", cause=WHY, at=NOON)  # type: ignore[arg-type]  # it was posted
    taken, earning = reverse(back.account, Earning(lot=lot), 5, key="k", recourse=Recourse.UNLIMITED, cause=WHY, at=NOON)

    assert told(back.account) == {"a": 4}
    assert (taken.account.points, taken.account.deficit, earning.reversible) == (-1, 1, 0)


def test_two_holds_of_one_id_stand_in_the_way_until_one_has_lapsed():
    ann, bob = (earn(Account(id), a_lot(id, 5), cause=WHY, at=NOON).account for id in ("ann", "bob"))
    ann = done(hold(ann, "cart", 2, until=NOON + DAY, cause=WHY, at=NOON))
    bob = done(hold(bob, "cart", 3, until=NOON + 2 * DAY, cause=WHY, at=NOON))
    refusal = merge(ann, bob, cause=WHY, at=NOON)
    _, there = both(merge(ann, bob, cause=WHY, at=NOON + DAY))

    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.facts) == ("hold_exists", (("hold", "cart"),))
    assert (told(there), [held.points for held in there.holds]) == ({"ann": 5, "bob": 2}, [3])


@pytest.mark.parametrize("other", [an_account(a_lot("x", 1)), earn(BOB, a_lot("a", 1), cause=WHY, at=NOON).account], ids=["itself", "a shared lot"])
def test_what_cannot_be_one_is_told(other: Account):
    with pytest.raises(InvalidValue, match=r"two accounts|both have lots a"):
        merge(an_account(a_lot("a", 5)), other, cause=WHY, at=NOON)


facts = st.tuples(st.integers(1, 9), st.sampled_from([None, 2, 3, 5]), st.sampled_from([None, 0, 0, 1]))
accounts = st.lists(facts, max_size=5)


@given(ours=accounts, theirs=accounts, held=st.integers(0, 6), owed=st.integers(0, 9), days=st.integers(0, 3))
def test_a_merge_loses_no_point_and_makes_none_and_replays(ours, theirs, held, owed, days):
    at = NOON + days * DAY
    sides = []
    for name, lots in (("ann", ours), ("bob", theirs)):
        posted = Posted(Account(name))
        for n, (points, lasts, waits) in enumerate(lots):
            more = earn(posted.account, a_lot(f"{name}-{n}", points, lasts=lasts, waits=waits), cause=WHY, at=NOON)
            posted = Posted(more.account, posted.entries + more.entries)
        kept = hold(posted.account, f"{name}-h", held, until=NOON + DAY, cause=WHY, at=NOON) if held else None
        if isinstance(kept, Posted):
            posted = Posted(kept.account, posted.entries + kept.entries)
        sides.append(posted)
    if owed:
        lot = a_lot("owed", owed)
        step, _ = reverse(sides[0].account, Earning(lot=lot), owed, key="k", recourse=Recourse.UNLIMITED, cause=Cause(), at=NOON)
        sides[0] = Posted(step.account, sides[0].entries + step.entries)
    moved = merge(sides[0].account, sides[1].account, cause=WHY, at=at)
    assert isinstance(moved, tuple)
    gone, there = moved
    history = [("ann", it) for it in sides[0].entries + gone.entries] + [("bob", it) for it in sides[1].entries + there.entries]

    assert (gone.account.points, there.account.points) == (0, sides[0].account.points + sides[1].account.points)
    assert not there.account.deficit or not [lot for lot in there.account.lots if not lot.has_lapsed(at)]
    assert fold("ann", [it for name, it in history if name == "ann"]) == gone.account
    assert fold("bob", [it for name, it in history if name == "bob"]) == there.account
    cohorts = count(history, as_of=at, zone=NOON.tzinfo)
    assert sum(it.outstanding for it in cohorts) - there.account.deficit == there.account.points
    assert sum(it.pending for it in cohorts) == there.account.balance(at).pending
