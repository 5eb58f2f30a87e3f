"""Our side of the tier races: rows of a table to facts of members, one by one, and `evaluate_many` over them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from shopwright.loyalty.qualifying import Deed, MemberFacts, Undone
from shopwright.loyalty.tier_batches import Progress, Ranked, evaluate_many
from shopwright.loyalty.tiering import Standing, TierCause
from tests.benchmarks import tier_work

NEWCOMER = Standing(tier="basic", since=tier_work.JOINED, cause=TierCause.JOINED, before="basic", seen=tier_work.NOW - timedelta(days=1))
"""Where everybody stands in a program that begins, and was looked at yesterday."""


def placed(path: Path, progress: Progress | None = None) -> Iterator[tuple[str, str]]:
    """Every member with its tier, in a stream."""
    connection = sqlite3.connect(path)
    found = evaluate_many(members(connection), tier_work.POLICY, at=tier_work.NOW, progress=progress)
    yield from ((id, decision.tier.id) for id, decision in found)
    connection.close()


def members(connection: sqlite3.Connection) -> Iterator[Ranked]:
    """Members with what they have done, in a stream."""
    rows = connection.execute("select member, number, at, spend, returned_at, returned from deed order by member, number")
    for member, told in groupby(rows, key=itemgetter(0)):
        deeds: list[Deed] = []
        undone: list[Undone] = []
        for _, number, at, spend, returned_at, returned in told:
            deeds.append(Deed(id=str(number), at=moment(at), spend=spend, orders=1))
            if returned_at is not None:
                undone.append(Undone(id=str(number), of=str(number), at=moment(returned_at), spend=returned, orders=int(returned == spend)))
        facts = MemberFacts(joined=tier_work.JOINED, deeds=tuple(deeds), undone=tuple(undone))
        yield Ranked(id=str(member), standing=NEWCOMER, facts=facts)


def moment(seconds: int) -> datetime:
    """A moment as the table has it."""
    return datetime.fromtimestamp(seconds, UTC)
