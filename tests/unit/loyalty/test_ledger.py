"""What can be done to points, verb by verb: which lots it touches, and what it refuses."""

from __future__ import annotations

import pytest
from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.loyalty import Account, Balance, DebitOrder, Lot, activate, earn, expire, extend, fold, hold, redeem, redeem_held, release
from shopwright.loyalty import entries as e
from shopwright.loyalty.lots import less
from shopwright.refusals import Refusal
from tests.unit.loyalty.accounts import DAY, NOON, WHY, a_lot, an_account, done, told

SOON = NOON + DAY / 24


def short(wanted: int, free: int) -> Refusal:
    return Refusal("points_short", f"{wanted} points are wanted and {free} are free", {"wanted": wanted, "free": free})


def test_what_expires_first_is_spent_first_then_what_is_older_then_by_id():
    account = an_account(a_lot("c", 5), a_lot("b", 5, lasts=9), a_lot("a", 5, lasts=9), a_lot("d", 5, lasts=3), a_lot("e", 5, lasts=99, rank=-1))

    posted = redeem(account, "r", 18, cause=WHY, at=NOON)

    assert [(part.id, part.points) for part in posted.entries[0].parts] == [("e", 5), ("d", 5), ("a", 5), ("b", 3)]
    assert told(done(posted)) == {"b": 2, "c": 5}


def test_the_oldest_may_be_spent_first_instead():
    old = evolve(a_lot("z", 5), earned_at=NOON - DAY)
    account = an_account(a_lot("a", 5, lasts=1), old)

    assert told(done(redeem(account, "r", 5, cause=WHY, at=NOON, order=DebitOrder.OLDEST_FIRST))) == {"a": 5}


def test_points_are_spent_by_the_clock_and_not_by_a_job():  # POINTS-2
    account = an_account(a_lot("a", 5, lasts=1), a_lot("b", 7, waits=2))

    assert account.balance(NOON) == Balance(available=5, pending=7, held=0, lapsed=0, deficit=0)
    assert account.balance(NOON + DAY) == Balance(available=0, pending=7, held=0, lapsed=5, deficit=0)
    assert account.balance(NOON + 2 * DAY) == Balance(available=7, pending=0, held=0, lapsed=5, deficit=0)
    assert redeem(account, "r", 1, cause=WHY, at=NOON + DAY) == short(1, 0)


def test_points_that_wait_for_a_word_are_pending_until_it_comes():
    account = an_account(a_lot("a", 5, waits=None))

    after = done(activate(account, "a", available_from=NOON + DAY, expires_at=NOON + 3 * DAY, cause=WHY, at=NOON))

    assert [account.balance(NOON + 9 * DAY).pending, after.balance(NOON).pending, after.balance(NOON + DAY).available] == [5, 5, 5]
    assert after.lots == (Lot("a", 5, NOON, available_from=NOON + DAY, expires_at=NOON + 3 * DAY),)
    assert done(activate(after, "a", available_from=NOON, expires_at=None, cause=WHY, at=NOON)) is after
    unknown = activate(after, "x", available_from=NOON, expires_at=None, cause=WHY, at=NOON)
    assert unknown == Refusal("lot_unknown", "there are no open points x", {"lot": "x"})


def test_held_points_can_be_redeemed_in_part_and_the_rest_comes_back_to_its_lots():
    account = done(hold(an_account(a_lot("a", 5, lasts=9), a_lot("b", 5)), "h", 8, until=SOON, cause=WHY, at=NOON))
    assert (account.balance(NOON).held, told(account)) == (8, {"b": 2})

    after = done(redeem_held(account, "h", 6, redemption_id="r", cause=WHY, at=NOON))

    assert (told(after), after.holds) == ({"b": 4}, ())
    assert redeem_held(account, "h", 9, redemption_id="r", cause=WHY, at=NOON) == short(9, 8)
    assert told(done(release(account, "h", cause=WHY, at=NOON))) == {"a": 5, "b": 5}


def test_points_held_in_time_may_be_redeemed_after_it_and_what_comes_back_is_lost():  # POINTS-5
    account = done(hold(an_account(a_lot("a", 5, lasts=1)), "h", 5, until=NOON + 3 * DAY, cause=WHY, at=NOON))

    after = done(redeem_held(account, "h", 3, redemption_id="r", cause=WHY, at=NOON + 2 * DAY))

    assert after.balance(NOON + 2 * DAY) == Balance(available=0, pending=0, held=0, lapsed=2, deficit=0)


def test_a_lapsed_hold_is_free_gives_way_and_counts_until_then():  # POINTS-6
    account = done(hold(an_account(a_lot("a", 5), a_lot("b", 2, lasts=99)), "h", 5, until=SOON, cause=WHY, at=NOON))

    assert account.balance(SOON).available == 7
    assert told(done(redeem(account, "r", 2, cause=WHY, at=SOON))) == {}
    assert done(redeem(account, "r", 2, cause=WHY, at=SOON)).hold("h") is not None
    assert done(redeem_held(account, "h", 5, redemption_id="r", cause=WHY, at=SOON)).points == 2
    gone = redeem(account, "r", 6, cause=WHY, at=SOON)
    assert [type(entry).__name__ for entry in gone.entries] == ["PointsReleased", "PointsRedeemed"]
    assert redeem_held(done(gone), "h", 1, redemption_id="s", cause=WHY, at=SOON) == Refusal("hold_unknown", "there is no hold h", {"hold": "h"})


def test_what_lapsed_is_written_off_once_and_what_is_held_stays_held():
    account = done(hold(an_account(a_lot("a", 5, lasts=1), a_lot("b", 2, lasts=1)), "h", 5, until=NOON + 9 * DAY, cause=WHY, at=NOON))

    after = expire(account, cause=WHY, at=NOON + DAY).account

    assert (after.points, after.holds) == (5, account.holds)
    assert expire(after, cause=WHY, at=NOON + DAY).entries == ()


def test_a_lot_is_extended_by_an_entry_also_where_it_is_held():
    account = done(hold(an_account(a_lot("a", 5, lasts=1)), "h", 3, until=SOON, cause=WHY, at=NOON))

    after = done(release(done(extend(account, "a", expires_at=None, cause=WHY, at=NOON)), "h", cause=WHY, at=NOON))

    assert after.lots == (Lot("a", 5, NOON, available_from=NOON),)
    assert extend(account, "a", expires_at=None, cause=WHY, at=NOON + DAY) == Refusal("lot_lapsed", "the points a have expired", {"lot": "a"})
    assert extend(account, "x", expires_at=None, cause=WHY, at=NOON) == Refusal("lot_unknown", "there are no open points x", {"lot": "x"})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: redeem(an_account(), "r", 0, cause=WHY, at=NOON), "from 1 to .*, got 0"),
        (lambda: redeem(an_account(), "r", True, cause=WHY, at=NOON), "got True"),
        (lambda: hold(an_account(), "h", 1, until=NOON, cause=WHY, at=NOON), "expected a hold to end after"),
        (lambda: earn(an_account(a_lot("a", 1)), a_lot("a", 2), cause=WHY, at=NOON), "has a lot a already"),
        (lambda: extend(an_account(a_lot("a", 1, lasts=3)), "a", expires_at=NOON + DAY, cause=WHY, at=NOON), "to expire later than"),
        (lambda: extend(an_account(a_lot("a", 1)), "a", expires_at=NOON + DAY, cause=WHY, at=NOON), "to expire later than never"),
        (lambda: a_lot("a", 1, waits=3, lasts=2), "must expire after"),
        (lambda: Lot("a", 1, NOON, available_from=NOON - DAY), "before they are earned"),
        (lambda: less((a_lot("a", 1),), (a_lot("a", 2),)), "short are a"),
        (lambda: earn(an_account(a_lot("a", 2**63 - 1)), a_lot("b", 1), cause=WHY, at=NOON), "cannot hold more than"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_door(wrong, words):
    with pytest.raises(InvalidValue, match=words):
        wrong()


def test_a_second_hold_of_the_same_id_is_a_mistake():
    account = done(hold(an_account(a_lot("a", 5)), "h", 1, until=SOON, cause=WHY, at=NOON))

    with pytest.raises(InvalidValue, match="has a hold h already"):
        hold(account, "h", 1, until=SOON, cause=WHY, at=NOON)


def test_an_account_begins_with_nothing():
    assert Account("member-1").balance(NOON) == Balance(available=0, pending=0, held=0, lapsed=0, deficit=0)


def test_the_lots_of_an_account_stand_by_rank_then_oldest_first_then_by_id_whatever_comes_first():
    old, other, late, first = a_lot("b", 5), a_lot("c", 5), a_lot("a", 5, waits=1), a_lot("z", 5, rank=-1)
    late = evolve(late, earned_at=NOON + DAY)

    account = an_account(late, other, first, old)

    assert account.lots == (first, old, other, late)
    assert an_account(old, first, late, other).lots == account.lots


def test_an_account_whose_lots_stand_otherwise_or_twice_is_refused():
    one, two = a_lot("a", 5), a_lot("b", 5)
    for lots in ((two, one), (one, one), (one, evolve(one, earned_at=NOON + DAY, available_from=NOON + DAY))):
        with pytest.raises(InvalidValue, match="expected each lot once, by rank, then oldest first, then by id; got "):
            Account("member-1", lots)


def test_a_part_of_a_lot_is_the_lot_with_fewer_points():
    lot = a_lot("a", 5, lasts=9, rank=2)
    account = done(redeem(an_account(lot), "r", 2, cause=WHY, at=NOON))
    assert account.lots == (evolve(lot, points=3),)
    assert hash(account.lots[0]) == hash(evolve(lot, points=3))


def test_no_entry_makes_a_deficit_that_no_store_can_keep():
    entry = e.PointsReversed(lot_id="a", key="k", desired=1, parts=(), owed=2**62, cause=WHY, at=NOON)
    account = fold("member-1", [entry])
    assert account.deficit == 2**62
    with pytest.raises(InvalidValue, match="expected a deficit from 0 to"):
        fold("member-1", [entry, entry])
