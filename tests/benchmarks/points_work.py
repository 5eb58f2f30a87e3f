"""The work of the points races: who earns and redeems what and when, and what must be left of it, worked out apart from all sides.

Members earn lots of 100 points, one a day, and redeem 150 a day after that, the oldest first; one member after the other, day by day. Whoever
redeems takes one lot and the half of another, so that lots are cut, finished and left whole.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from attrs import frozen

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EARNED, REDEEMED = 100, 150


@frozen
class Deed:
    """A member earns (`points` above zero) or redeems, under an id of its own."""

    member: str
    id: str
    points: int
    at: datetime


@frozen
class Crowd:
    """So many members, each of whom earns and then redeems so often."""

    members: int
    earns: int
    redeems: int

    @property
    def deeds(self) -> int:
        """How many deeds that is in all."""
        return self.members * (self.earns + self.redeems)

    def __str__(self) -> str:
        return f"{self.members:,} members x {self.earns:,} lots and {self.redeems:,} redemptions"


@cache
def deeds(crowd: Crowd) -> tuple[Deed, ...]:
    """What happens, in the order of time."""
    return tuple(_deeds(crowd))


def _deeds(crowd: Crowd) -> Iterator[Deed]:
    members = [f"M{number:04}" for number in range(crowd.members)]
    for day in range(crowd.earns + crowd.redeems):
        earns = day < crowd.earns
        for member in members:
            yield Deed(member, f"{member}-{day:04}", EARNED if earns else -REDEEMED, BEGIN + day * DAY)


def answer(crowd: Crowd) -> dict[str, Any]:
    """What every side must answer: the open lots of each member, and what each redemption took, lot by lot."""
    lots: dict[str, list[list[Any]]] = defaultdict(list)
    taken: dict[str, list[list[Any]]] = {}
    for deed in deeds(crowd):
        if deed.points > 0:
            lots[deed.member].append([deed.id, deed.points])
            continue
        wanted, taken[deed.id] = -deed.points, []
        while wanted:
            first = lots[deed.member][0]
            part = min(wanted, first[1])
            taken[deed.id].append([first[0], part])
            first[1] -= part
            wanted -= part
            if not first[1]:
                del lots[deed.member][0]
    return told(lots, taken)


def told(lots: dict[str, list[list[Any]]], taken: dict[str, list[list[Any]]]) -> dict[str, Any]:
    """The answer as all sides put it; a balance is what the open lots sum to."""
    balances = {member: sum(points for _, points in open_lots) for member, open_lots in sorted(lots.items())}
    return {"balances": balances, "lots": dict(sorted(lots.items())), "taken": dict(sorted(taken.items()))}


ACCOUNTS = 20
"""How many accounts the postings go to, one after the other."""

SPENT = 200


def clock_of(durability: str) -> Callable[[], float]:
    """What a posting is timed by: the wall where it waits for the disk, else processor time, which leaves out when the log is written back."""
    return time.perf_counter if durability == "full" else time.thread_time


def posting(number: int) -> Deed:
    """A posting: every account earns twice and then spends it all, over and over."""
    turn, account = divmod(number, ACCOUNTS)
    return Deed(f"M{account:04}", f"d{number:09}", -SPENT if turn % 3 == 2 else EARNED, BEGIN + number * timedelta(seconds=1))


def batch(number: int, size: int) -> tuple[Deed, ...]:
    """So many postings that are one commit: ten in a row for an account, where they are that many."""
    if size == 1:
        return (posting(number),)
    turn, group = divmod(number, ACCOUNTS * 10 // size)
    accounts = range(group * size // 10, (group + 1) * size // 10)
    return tuple([posting((turn * 10 + nth) * ACCOUNTS + account) for account in accounts for nth in range(10)])


def booked(commits: int, size: int) -> dict[str, Any]:
    """What must stand in every store after so many commits: the balances, and how many entries there are."""
    balances: dict[str, int] = defaultdict(int)
    for number in range(commits):
        for deed in batch(number, size):
            balances[deed.member] += deed.points
    return {"balances": {member: points for member, points in sorted(balances.items()) if points}, "entries": commits * size}


OPEN_LOTS = 4


def history(entries: int) -> Iterator[Deed]:
    """So many entries of one account, an even number from six on, after which it has four open lots, however many they are."""
    for number in range(entries):
        earns = number < OPEN_LOTS or number % 2 == 1
        yield Deed("M0000", f"d{number:09}", EARNED if earns else -EARNED, BEGIN + number * timedelta(seconds=1))


def history_ends(entries: int) -> datetime:
    """When so many entries have been made."""
    return BEGIN + entries * timedelta(seconds=1)
