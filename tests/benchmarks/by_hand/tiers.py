"""Tiers by hand: one statement over the table of deeds, and the same sums in plain Python over its rows. They tell the tier, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from tests.benchmarks import tier_work
from tests.benchmarks.tier_work import DIAMOND, GOLD, ORDERS, SILVER

STATEMENT = f"""select cast(member as text), case when spend >= {DIAMOND} then 'diamond' when spend >= {GOLD} then 'gold'
    when spend >= {SILVER} or orders >= {ORDERS} then 'silver' else 'basic' end
from (
    select member, sum(case when at between :since and :now then spend - iif(returned_at <= :now, returned, 0) else 0 end) as spend,
        sum(case when at between :since and :now then iif(returned_at <= :now and returned = spend, 0, 1) else 0 end) as orders
    from deed group by member
)"""

WHEN = {"since": int(tier_work.FROM.timestamp()), "now": int(tier_work.NOW.timestamp())}


def in_sql(path: Path) -> Iterator[tuple[str, str]]:
    """Every member with its tier, by the database."""
    connection = sqlite3.connect(path)
    yield from connection.execute(STATEMENT, WHEN)
    connection.close()


def in_python(path: Path) -> Iterator[tuple[str, str]]:
    """Every member with its tier, by sums in a loop."""
    connection = sqlite3.connect(path)
    since, now = WHEN["since"], WHEN["now"]
    rows = connection.execute("select member, at, spend, returned_at, returned from deed order by member, number")
    for member, told in groupby(rows, key=itemgetter(0)):
        spend = orders = 0
        for _, at, amount, returned_at, returned in told:
            if since <= at <= now:
                back = returned_at is not None and returned_at <= now
                spend += amount - (returned if back else 0)
                orders += not (back and returned == amount)
        yield str(member), tier(spend, orders)
    connection.close()


def tier(spend: int, orders: int) -> str:
    """The tier of these sums."""
    if spend >= DIAMOND:
        return "diamond"
    if spend >= GOLD:
        return "gold"
    return "silver" if spend >= SILVER or orders >= ORDERS else "basic"
