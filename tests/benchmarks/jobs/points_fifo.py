"""First in, first out: the same lots earned and redeemed by our verbs and by beancount's booking, in memory, in processor time.

What each is handed is made before the clock starts: lots for ours, parsed directives for theirs. Neither writes anything. Ours makes the
entries with the parts that each redemption took, and the account after each of them; it asks what has expired and what is held, and refuses what
is not there. Beancount asks nothing of clocks and holds; it balances a second posting in money, and books at cost. Equal balances, equal open
lots, and the same parts in each redemption come first.
"""

from __future__ import annotations

from typing import Any

from shopwright.loyalty import Account, Cause, DebitOrder, Lot, Posted, earn, redeem
from shopwright.loyalty.entries import PointsEntry, PointsRedeemed
from tests.benchmarks import points_work
from tests.benchmarks.points_work import Crowd, Deed
from tests.benchmarks.rows import Row
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import CPU, Bench, Local, Remote

JOB = "points, first in first out"
CROWDS = (Crowd(100, 20, 10), Crowd(10, 200, 100), Crowd(2, 1_000, 500))
LASTS = 3_000 * points_work.DAY
WHY = Cause(source="benchmark")

Booked = tuple[dict[str, Account], list[PointsEntry]]


def rows(session: Session) -> list[Row]:
    """Few lots for each of many members, and many for each of a few; a quick run has the first alone."""
    told: list[Row] = []
    for crowd in CROWDS[:1] if session.plan is QUICK else CROWDS:
        ways = {"members": crowd.members, "earns": crowd.earns, "redeems": crowd.redeems}
        peers = {"beancount": lambda ways=ways: Remote("beancount", "tests.benchmarks.peers.beancount_fifo", **ways)}
        expected = [[points_work.answer(crowd)], None]
        told += session.run(Race(JOB, f"{crowd}, one of them", "µs", lambda crowd=crowd: Local("ours", ours(crowd)), peers, 1, expected))
    return told


def ours(crowd: Crowd) -> Bench:
    """All deeds of a crowd, each an entry and the account after it."""
    deeds = [(deed, lot_of(deed) if deed.points > 0 else None) for deed in points_work.deeds(crowd)]

    def run(turn: int) -> Booked:
        accounts = {deed.member: Account(deed.member) for deed, _ in deeds[: crowd.members]}
        entries: list[PointsEntry] = []
        for deed, lot in deeds:
            account = accounts[deed.member]
            if lot is not None:
                posted = earn(account, lot, cause=WHY, at=deed.at)
            else:
                redeemed = redeem(account, deed.id, -deed.points, cause=WHY, at=deed.at, order=DebitOrder.OLDEST_FIRST)
                assert isinstance(redeemed, Posted), redeemed
                posted = redeemed
            accounts[deed.member] = posted.account
            entries += posted.entries
        return accounts, entries

    return Bench(run=run, tell=told, per=crowd.deeds, clock=CPU)


def lot_of(deed: Deed) -> Lot:
    """What is earned, as the verb is handed it."""
    return Lot(deed.id, deed.points, deed.at, available_from=deed.at, expires_at=deed.at + LASTS)


def told(booked: Booked) -> dict[str, Any]:
    """The open lots of the accounts, and the parts in the entries of redemptions."""
    accounts, entries = booked
    lots = {id: [[lot.id, lot.points] for lot in account.lots] for id, account in accounts.items()}
    taken = {it.redemption_id: [[part.id, part.points] for part in it.parts] for it in entries if isinstance(it, PointsRedeemed)}
    return points_work.told(lots, taken)
