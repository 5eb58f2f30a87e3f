"""Points that are sent, converted, merged and brought along at the desk of a shop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import KeyConflict
from shopwright.flows.points import commands as p
from shopwright.flows.points.importing import Imported
from shopwright.loyalty import Balance, Expiring, Lot, Rate, Recourse
from shopwright.loyalty.opening import OpeningLot
from shopwright.wire.kinds import KINDS
from tests.flows.mall import ANN, CLERK, START, Mall, refused
from tests.flows.pointed import ANNS, BOBS, DAY, points_of, send
from tests.flows.points_world import check_books


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def grant(mall: Mall, lot_id: str, points: int, account: str = ANNS, days: int = 9) -> None:
    command = p.GrantPoints(key=f"grant-{lot_id}", by=CLERK, account_id=account, lot_id=lot_id, points=points, expires_at=START + days * DAY)
    accepted(mall.shop.points.grant(command))


def available(mall: Mall, account: str) -> int:
    return accepted(mall.shop.points.balance(account)).available


def test_a_member_sends_points_and_they_keep_their_time(mall: Mall):
    grant(mall, "short", 5, days=2)
    grant(mall, "long", 5)
    sent = send(mall, p.TransferPoints, "gift", by=ANN, to_account_id=BOBS, rate=None, points=7)

    assert accepted(sent).points == 3
    assert accepted(mall.shop.points.expiring(BOBS)) == (Expiring(at=START + 2 * DAY, points=5), Expiring(at=START + 9 * DAY, points=2))
    assert accepted(mall.shop.points.earning("t1/1")).account_id == BOBS
    assert refused(send(mall, p.TransferPoints, "again", to_account_id=BOBS, rate=None, points=1)) == "lot_exists"
    check_books(mall.storage, START)


def test_a_transfer_is_undone_by_taking_back_what_was_received(mall: Mall):
    grant(mall, "lot", 5)
    accepted(send(mall, p.TransferPoints, "gift", to_account_id=BOBS, rate=None))
    accepted(send(mall, p.ReversePoints, "undo", account_id=BOBS, lot_id="t1/1"))

    assert available(mall, BOBS) == 0


def test_points_are_converted_in_one_changeset_of_two_legs(mall: Mall):
    grant(mall, "lot", 10)
    accepted(send(mall, p.TransferPoints, "converted", to_account_id="miles/ann", rate=Rate(5, 2), points=10))

    assert (available(mall, ANNS), available(mall, "miles/ann")) == (0, 4)
    told = [(it.key, it.value.change) for it in mall.storage.read("points") if it.value.change]
    assert told == [(ANNS, 10), (ANNS, -10), ("miles/ann", 4)]


def test_what_belongs_to_a_merged_member_is_found_by_either_name(mall: Mall):
    grant(mall, "hers", 5)
    grant(mall, "his", 6, BOBS)
    accepted(send(mall, p.RedeemPoints, "spent", account_id=BOBS))
    accepted(send(mall, p.HoldPoints, "held", account_id=BOBS, hold_id="cart", points=2))
    accepted(send(mall, p.MergePoints, "merged"))

    assert accepted(mall.shop.points.balance(BOBS, by=ANN)) == Balance(available=6, pending=0, held=2, lapsed=0, deficit=0)
    assert available(mall, ANNS) == accepted(mall.shop.points.balance(BOBS, by=customer("bob"))).available == 6
    accepted(send(mall, p.RestorePoints, "back", account_id=BOBS, reinstate=None, points=3))
    accepted(send(mall, p.RedeemHeldPoints, "paid", account_id=ANNS, hold_id="cart", redemption_id="r2"))
    accepted(send(mall, p.ReversePoints, "returned", account_id=BOBS, lot_id="his", points=6, recourse=Recourse.UNLIMITED))
    assert accepted(mall.shop.points.account(ANNS)).points == 5 + 6 - 2 - 6
    assert [it.id for it in accepted(mall.shop.points.accounts_of("ann"))] == [ANNS]
    assert accepted(mall.shop.points.accounts_of("bob")) == ()
    check_books(mall.storage, START)


def test_merging_twice_or_the_other_way_round_changes_nothing(mall: Mall):
    grant(mall, "his", 6, BOBS)
    first = accepted(send(mall, p.MergePoints, "merged"))
    before = points_of(mall)

    for key, facts in (("merged", {}), ("again", {}), ("turned", {"member_id": "ann", "into_member_id": "bob"})):
        assert [it.points for it in accepted(send(mall, p.MergePoints, key, **facts))] == [6]
        assert points_of(mall) == before
    assert [it.id for it in first] == [ANNS]


def test_what_comes_for_a_merged_member_later_goes_where_they_went(mall: Mall):
    accepted(send(mall, p.MergePoints, "merged"))
    accepted(send(mall, p.MergePoints, "further", member_id="ann", into_member_id="carl"))
    grant(mall, "late", 4, BOBS)

    assert (available(mall, "points/carl"), accepted(mall.shop.points.earning("late")).account_id) == (4, "points/carl")
    assert accepted(send(mall, p.MergePoints, "again, by the way of ann"))[0].id == "points/carl"
    assert refused(send(mall, p.MergePoints, "elsewhere", into_member_id="dora")) == "account_merged"
    assert refused(send(mall, p.TransferPoints, "to herself", to_account_id="points/carl", rate=None)) == "accounts_same"


def test_a_hold_of_both_stands_in_the_way_of_a_merge(mall: Mall):
    for account in (ANNS, BOBS):
        grant(mall, account, 5, account)
        accepted(send(mall, p.HoldPoints, f"hold-{account}", account_id=account))

    assert refused(send(mall, p.MergePoints, "merged")) == "hold_exists"
    mall.clock.advance(DAY)
    assert accepted(send(mall, p.MergePoints, "merged"))[0].points == 10


def opening(line: int, account: str = ANNS, points: int = 5, **facts: Any) -> OpeningLot:
    given: dict[str, Any] = {"available_from": START - DAY, **facts}
    return OpeningLot(line=line, account_id=account, lot=Lot(f"old/{line}", points, START - DAY, **given))


def brought(mall: Mall, key: str, *lots: OpeningLot) -> Imported:
    return mall.shop.points.bring_along(p.ImportPoints(key=key, by=CLERK, source="old", lots=lots))


def test_opening_balances_come_along_and_what_is_wrong_is_told_by_line(mall: Mall):
    lots = (
        opening(2),
        opening(3, expires_at=START),
        opening(4, BOBS),
        evolve(opening(2), line=5),
        evolve(opening(6), lot=Lot("old/6", 5, START + DAY)),
    )
    report = brought(mall, "first", *lots)

    assert (report.credited, report.known, report.points) == ((2, 4), (), 10)
    assert [(it.line, it.refusal.code) for it in report.wrong] == [(3, "lot_lapsed"), (5, "lot_repeated"), (6, "lot_unearned")]
    assert (available(mall, ANNS), available(mall, BOBS)) == (5, 5)


def test_the_same_lots_are_credited_once_whatever_the_key(mall: Mall):
    lots = [opening(line, f"points/m{line % 3}") for line in range(2, 30)]
    brought(mall, "first", *lots[:20])
    before = points_of(mall)

    assert brought(mall, "first", *lots[:20]).known == tuple(range(2, 22))
    assert points_of(mall) == before
    report = brought(mall, "second", *lots)
    assert (report.credited, report.known, report.points) == (tuple(range(22, 30)), tuple(range(2, 22)), 28 * 5)
    with pytest.raises(KeyConflict):
        brought(mall, "first", *lots)


def test_a_lot_with_other_facts_or_in_another_account_is_told(mall: Mall):
    brought(mall, "first", opening(2), opening(3))
    report = brought(mall, "second", opening(2, points=6), opening(3, BOBS))

    assert [(it.line, it.refusal.code) for it in report.wrong] == [(2, "lot_exists"), (3, "lot_exists")]
    accepted(send(mall, p.MergePoints, "merged"))
    assert brought(mall, "third", opening(3, BOBS)).known == (3,)


def test_what_was_too_early_comes_along_under_the_same_key_when_its_time_has_come(mall: Mall):
    early = evolve(opening(2), lot=Lot("old/2", 5, START + DAY, available_from=START + DAY))
    assert [it.refusal.code for it in brought(mall, "first", early, opening(3)).wrong] == ["lot_unearned"]

    mall.clock.advance(2 * DAY)
    assert (brought(mall, "first", early, opening(3)).credited, available(mall, ANNS)) == ((2,), 10)


def test_an_account_with_many_lots_comes_along_in_steps(mall: Mall):
    report = brought(mall, "first", *[opening(line, points=1, expires_at=START + timedelta(hours=line)) for line in range(2, 452)])

    assert (report.points, available(mall, ANNS)) == (450, 450)
