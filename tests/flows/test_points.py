"""Points at the desk of a shop: what a member sees, what is done once, and what a sweep writes off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from shopwright import Shop, accepted, customer
from shopwright.adapters.memory import MemoryStorage
from shopwright.errors import InvalidValue, KeyConflict
from shopwright.flows.points import commands as p
from shopwright.flows.points.saving import Credit, changes_of, credited, kept_account
from shopwright.loyalty import Account, Balance, Cause, Expiring, Lot, Recourse, account_id, redeem, redemption_in
from shopwright.loyalty.reversing import Done
from shopwright.periods import Window
from shopwright.ports.storage import Changeset, Operation, Position, Put
from shopwright.wire.kinds import KINDS, Consumer
from tests.flows.mall import ANN, CLERK, START, Mall, refused
from tests.flows.pointed import ANNS, BOBS, DAY, points_of, send


@pytest.fixture
def mall() -> Mall:
    return Mall(MemoryStorage(KINDS))


def grant(shop: Shop, lot_id: str, points: int, *, account: str = ANNS, days: int | None = None, **facts: Any) -> None:
    expires_at = None if days is None else START + days * DAY
    given = {"key": f"grant-{lot_id}", "by": CLERK, "account_id": account, "lot_id": lot_id, "points": points, "expires_at": expires_at}
    accepted(shop.points.grant(p.GrantPoints(**given, **facts)))


def balance(shop: Shop, account: str = ANNS, **when: Any) -> Balance:
    return accepted(shop.points.balance(account, **when))


def test_a_member_sees_their_own_points_and_nobody_elses(mall: Mall):
    grant(mall.shop, "lot", 10)
    desk = mall.shop.points

    assert balance(mall.shop, by=ANN) == Balance(available=10, pending=0, held=0, lapsed=0, deficit=0)
    bob = customer("bob")
    asked = [desk.account(ANNS, by=bob), desk.balance(ANNS, by=bob), desk.entries(ANNS, by=bob), desk.accounts_of("ann", by=bob)]
    assert {refused(answer) for answer in asked} == {"account_not_found"}
    assert (refused(desk.earning("lot", by=bob)), accepted(desk.earning("lot", by=ANN)).account_id) == ("lot_unknown", ANNS)
    assert balance(mall.shop, BOBS, by=bob) == Balance(available=0, pending=0, held=0, lapsed=0, deficit=0)


def test_a_member_has_an_account_for_each_kind_of_points(mall: Mall):
    grant(mall.shop, "lot", 10)
    grant(mall.shop, "flight", 7, account=account_id("ann", "miles"))
    grant(mall.shop, "other", 1, account=BOBS)

    found = accepted(mall.shop.points.accounts_of("ann"))
    assert [(account.id, account.points) for account in found] == [("miles/ann", 7), (ANNS, 10)]


def test_the_same_command_is_done_once_and_answers_alike_and_another_under_its_key_is_a_conflict(mall: Mall):
    grant(mall.shop, "lot", 10)
    for kind, more in ((p.HoldPoints, {"points": 4}), (p.RedeemPoints, {"points": 4}), (p.ReversePoints, {"points": 4})):
        first = accepted(send(mall, kind, kind.__name__))
        before = points_of(mall)

        assert accepted(send(mall, kind, kind.__name__)) == first
        with pytest.raises(KeyConflict):
            send(mall, kind, kind.__name__, **more) if kind is p.HoldPoints else send(mall, kind, kind.__name__, points=5)
        assert points_of(mall) == before


def test_a_lot_is_credited_once_and_a_redemption_made_once_whatever_the_key(mall: Mall):
    grant(mall.shop, "lot", 10)
    accepted(send(mall, p.RedeemPoints, "first"))

    assert refused(send(mall, p.GrantPoints, "again")) == "lot_exists"
    assert refused(send(mall, p.GrantPoints, "another's", account_id=BOBS)) == "lot_exists"
    assert refused(send(mall, p.RedeemPoints, "again")) == "redemption_exists"
    assert balance(mall.shop).available == 7


def test_what_is_kept_of_an_account_cannot_be_touched_by_the_name_of_another(mall: Mall):
    grant(mall.shop, "lot", 10)
    grant(mall.shop, "other", 10, account=BOBS)
    accepted(send(mall, p.RedeemPoints, "spent"))

    assert refused(send(mall, p.RestorePoints, "back", account_id=BOBS)) == "redemption_unknown"
    assert refused(send(mall, p.ReversePoints, "back", account_id=BOBS)) == "lot_unknown"


def test_points_are_spent_by_the_clock_whether_they_were_written_off_or_not(mall: Mall):
    grant(mall.shop, "short", 5, days=1)
    grant(mall.shop, "long", 5, days=9)
    mall.clock.advance(DAY)

    assert balance(mall.shop) == Balance(available=5, pending=0, held=0, lapsed=5, deficit=0)
    assert refused(send(mall, p.RedeemPoints, "too much", points=6)) == "points_short"
    assert mall.shop.points.expire() == 5
    assert mall.shop.points.expire() == 0
    assert balance(mall.shop) == Balance(available=5, pending=0, held=0, lapsed=0, deficit=0)
    assert accepted(mall.shop.points.earning("short")).expired == 5


def test_a_sweep_goes_through_accounts_in_pages_and_tells_how_far_it_is(mall: Mall):
    for number in range(7):
        grant(mall.shop, f"lot-{number}", 1, account=f"points/m{number}", days=1)
    mall.clock.advance(2 * DAY)
    told: list[tuple[str, int]] = []

    assert mall.shop.points.expire(limit=3, progress=lambda job, count: told.append((job, count))) == 3
    assert told == [("points", 1), ("points", 2), ("points", 3)]
    assert mall.shop.points.expire() == 4


def test_an_account_with_many_lots_is_written_off_in_steps(mall: Mall):
    for number in range(450):
        grant(mall.shop, f"lot-{number:03}", 1, days=1)
    mall.clock.advance(2 * DAY)

    assert mall.shop.points.expire() == 450
    assert [len(it.value.parts) for it in mall.storage.read("points", key=ANNS, limit=1_000)[450:]] == [200, 200, 50]
    assert {accepted(mall.shop.points.earning(f"lot-{number:03}")).expired for number in range(450)} == {1}


def test_a_return_takes_what_expired_of_its_own_points_from_nobody(mall: Mall):
    grant(mall.shop, "short", 5, days=1)
    grant(mall.shop, "long", 5, days=9)
    mall.clock.advance(DAY)
    mall.shop.points.expire()

    after = accepted(send(mall, p.ReversePoints, "returned", lot_id="short", points=5, recourse=Recourse.UNLIMITED))
    assert after.reversals == (Done("returned", 5, 5, 5),)
    assert balance(mall.shop).available == 5


def test_points_that_lapsed_while_they_were_spent_come_back_for_as_long_as_is_said_and_what_else_lapsed_is_known(mall: Mall):
    grant(mall.shop, "lot", 10, days=1)
    accepted(send(mall, p.RedeemPoints, "spent", points=4))
    mall.clock.advance(DAY)

    accepted(send(mall, p.RestorePoints, "back", points=3, reinstate=DAY))
    assert balance(mall.shop) == Balance(available=3, pending=0, held=0, lapsed=0, deficit=0)
    assert accepted(mall.shop.points.earning("lot")).expired == 6


def test_points_that_waited_for_a_word_keep_their_time_and_are_refused_when_it_is_over(mall: Mall):
    grant(mall.shop, "lot", 10, days=2, wait=True)
    grant(mall.shop, "other", 1, days=2, wait=True)
    activated = accepted(send(mall, p.ActivatePoints, "word", available_from=None, expires_at=None))

    assert [(lot.id, lot.available_from, lot.expires_at) for lot in activated.lots if lot.available_from] == [("lot", START, START + 2 * DAY)]
    mall.clock.advance(2 * DAY)
    assert refused(send(mall, p.ActivatePoints, "late", lot_id="other", available_from=None, expires_at=None)) == "lot_lapsed"


def test_what_expires_is_told_up_to_a_horizon(mall: Mall):
    grant(mall.shop, "short", 5, days=1)
    grant(mall.shop, "long", 6, days=9)
    grant(mall.shop, "never", 7)

    assert accepted(mall.shop.points.expiring(ANNS)) == (
        Expiring(at=START + DAY, points=5),
        Expiring(at=START + 9 * DAY, points=6),
        Expiring(at=None, points=7),
    )
    assert accepted(mall.shop.points.expiring(ANNS, until=START + 2 * DAY)) == (Expiring(at=START + DAY, points=5),)


def test_points_that_are_told_late_count_from_when_they_were_earned_and_not_before_they_were_known(mall: Mall):
    mall.clock.advance(3 * DAY)
    grant(mall.shop, "late", 5, earned_at=START)

    now = mall.clock.now()
    points = [
        balance(mall.shop, as_of=as_of, known_at=known_at).available
        for as_of, known_at in ((START, None), (START, now - DAY), (now, now), (START - DAY, None))
    ]
    assert points == [5, 0, 5, 0]


def test_a_statement_and_the_entries_of_a_long_history_are_read_in_pages(mall: Mall):
    for number in range(1_100):
        grant(mall.shop, f"lot-{number:04}", 1)
        mall.clock.advance(timedelta(minutes=1))
    window = Window(START + timedelta(minutes=1_000), START + timedelta(minutes=1_003))
    told = accepted(mall.shop.points.statement(ANNS, window, by=ANN))

    assert (told.before, [line.points for line in told.lines], told.after) == (1_000, [1, 1, 1], 1_003)
    first = accepted(mall.shop.points.entries(ANNS, limit=600))
    second = accepted(mall.shop.points.entries(ANNS, after=Position(first[-1].position), limit=600))
    assert [recorded.number for recorded in (*first, *second)] == list(range(1, 1_101))


def test_another_flow_writes_points_and_what_is_its_own_in_one_changeset(mall: Mall):
    ports = mall.shop.ports
    lots = [Lot(id, 10, START, available_from=START) for id in ("advocate/1", "referee/1", "advocate/2")]
    wanted = [Credit(account_id=id, lot=lot, cause=Cause(source="referral")) for id, lot in zip((ANNS, BOBS, ANNS), lots, strict=True)]
    changes = credited(ports, wanted, at=START)
    given = accepted(changes)
    own = Put("mailer/points", Consumer("mailer", "points", "7"))
    ports.storage.commit(Changeset(Operation("referral-7/1", "reward"), START, puts=(own, *given.puts), records=given.records))

    assert [balance(mall.shop, id).available for id in (ANNS, BOBS)] == [20, 10]
    assert refused(credited(ports, wanted[:1], at=START)) == "lot_exists"
    kept = kept_account(ports, ANNS)
    posted = redeem(kept.account, "prize", 15, cause=Cause(), at=START)
    changes = changes_of(kept, accepted(posted), redemption_in(accepted(posted)))
    ports.storage.commit(Changeset(Operation("prize", "prize"), START, puts=changes.puts, records=changes.records))
    assert accepted(mall.shop.points.redemption("prize")).account_id == ANNS
    assert points_of(mall)["accounts"][ANNS].points == 5


def test_two_lots_of_one_id_in_one_changeset_are_a_mistake(mall: Mall):
    credit = Credit(account_id=ANNS, lot=Lot("lot", 1, START))

    with pytest.raises(InvalidValue, match="ids of their own"):
        credited(mall.shop.ports, (credit, evolve(credit, account_id=BOBS)), at=START)


def test_reading_a_balance_reads_one_document_however_long_the_history_is(mall: Mall):
    for number in range(60):
        grant(mall.shop, f"lot-{number:02}", 3)
        accepted(send(mall, p.RedeemPoints, f"spend-{number}", redemption_id=f"r-{number}", points=3))
    mall.faults.heal()

    assert balance(mall.shop).available == 0
    assert mall.faults.calls == ["MemoryStorage.load_many"]
    stored = mall.storage.load(Account, ANNS)
    assert stored is not None
    assert (stored.value.lots, stored.value.entry_count) == ((), 120)
