"""The work of the tier races: what members have done in two years, in a table of SQLite, and the policy by which all sides place them.

Silver is for 500.00 in twelve months or four orders in them, gold for 1,500.00, diamond for 3,000.00; nothing is kept, so that the sums of the
last twelve months say it all, and a statement in SQL can give the same answer. One order in eight is returned, wholly or in part, days later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from shopwright.loyalty.tiers import AnyOf, AtLeast, Basis, Keep, Rolling, Tier, TierPolicy

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FROM = datetime(2025, 3, 1, tzinfo=UTC)
"""The first moment of the twelve months that count now."""
JOINED = datetime(2024, 3, 1, tzinfo=UTC)
SPAN = int((NOW - JOINED) / timedelta(minutes=1))
SILVER, ORDERS, GOLD, DIAMOND = 50_000, 4, 150_000, 300_000

YEAR = Rolling(months=12)
POLICY = TierPolicy(
    zone="UTC",
    keep=Keep.NOT,
    tiers=(
        Tier(id="basic"),
        Tier(id="silver", requires=AnyOf((AtLeast(Basis.SPEND, SILVER, YEAR), AtLeast(Basis.ORDERS, ORDERS, YEAR)))),
        Tier(id="gold", requires=AtLeast(Basis.SPEND, GOLD, YEAR)),
        Tier(id="diamond", requires=AtLeast(Basis.SPEND, DIAMOND, YEAR)),
    ),
)

TABLE = """create table deed (member integer not null, number integer not null, at integer not null, spend integer not null, returned_at integer,
    returned integer not null, primary key (member, number)) strict, without rowid"""

Deed = tuple[int, int, int, int, int | None, int]
"""Member, number, when in seconds, spend, when of it was returned, and how much."""


def deeds(members: int) -> Iterator[Deed]:
    """What these members have done, by member; the same whenever it is asked."""
    begin = int(JOINED.timestamp())
    for member in range(members):
        mixed = (member * 2_654_435_761 + 12_345) % 2**32
        for number in range(1 + mixed % 6):
            mixed = (mixed * 1_664_525 + 1_013_904_223) % 2**32
            at, spend = begin + 60 * ((mixed >> 4) % SPAN), 2_000 + (mixed >> 9) % 90_000
            back = mixed >> 29 == 0
            returned_at = at + 86_400 * 3 if back and at + 86_400 * 3 < NOW.timestamp() else None
            yield member, number, at, spend, returned_at, (spend if mixed & 8 else spend // 2) if returned_at else 0


def fill(path: Path, members: int) -> Path:
    """The table in a new file."""
    connection = sqlite3.connect(path)
    connection.execute(TABLE)
    connection.executemany("insert into deed values (?, ?, ?, ?, ?, ?)", deeds(members))
    connection.commit()
    connection.close()
    return path


def told(placed: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Members with their tiers as all sides put them: how many are in each tier, and a digest of who is in which."""
    counts: dict[str, int] = {}
    digest = sha256()
    for member, tier in placed:
        counts[tier] = counts.get(tier, 0) + 1
        digest.update(f"{member} {tier}\n".encode())
    return {"members": sum(counts.values()), "tiers": dict(sorted(counts.items())), "digest": digest.hexdigest()}
