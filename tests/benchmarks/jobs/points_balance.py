"""A balance after ten, ten thousand and a million entries, with as many open lots, read from SQLite in processor time.

Ours reads one document, whatever was before, and tells what can be spent now, what waits, what is held and what has lapsed; a small document that
was read before and has not changed is not decoded anew. By hand it is the sum over all rows of the account. The two rows that hold ours to ours
say that it is flat.
"""

from __future__ import annotations

from tests.benchmarks import our_points, points_work
from tests.benchmarks.by_hand import points
from tests.benchmarks.rows import Row, skipped
from tests.benchmarks.session import QUICK, Race, Session
from tests.benchmarks.sides import Local, Side

JOB = "points, balance"
FEW, MORE, MANY = 10, 10_000, 1_000_000
BY_HAND, OURS_FEW, OURS_MORE = "SQL by hand, sum of all entries", f"ours, {FEW} past entries", f"ours, {MORE:,} past entries"
EXPECTED = [[points_work.OPEN_LOTS * points_work.EARNED], None]


def rows(session: Session) -> list[Row]:
    """Three lengths of history against the sum by hand, and the longest against the shorter ones."""
    told = [*against_hand(session, FEW), *against_hand(session, MORE)]
    if session.plan is QUICK:
        why = "a million entries take a minute to write; a full run has this row"
        return [*told, *[skipped(JOB, peer, scale(MANY), "µs", why) for peer in (BY_HAND, OURS_FEW, OURS_MORE)]]
    session.say(f"{JOB}: writing {MANY:,} entries")
    peers = {BY_HAND: lambda: by_hand(session, MANY), OURS_FEW: lambda: ours(session, FEW), OURS_MORE: lambda: ours(session, MORE)}
    return [*told, *session.run(Race(JOB, scale(MANY), "µs", lambda: ours(session, MANY), peers, 1, EXPECTED))]


def against_hand(session: Session, entries: int) -> list[Row]:
    """So many entries on both sides."""
    return session.run(Race(JOB, scale(entries), "µs", lambda: ours(session, entries), {BY_HAND: lambda: by_hand(session, entries)}, 1, EXPECTED))


def scale(entries: int) -> str:
    """What the rows call it."""
    return f"SQLite, {entries:,} past entries"


def ours(session: Session, entries: int) -> Side:
    """One document."""
    return Local("ours", our_points.balance(session.path("points.sqlite"), entries))


def by_hand(session: Session, entries: int) -> Side:
    """All rows."""
    return Local("by hand", points.summed(session.path("rows.sqlite"), entries))
