"""Points as rows of a table: a balance is the sum of all of them, as ledgers without a running balance have it."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import points_work
from tests.benchmarks.by_hand.sqlite import connected
from tests.benchmarks.sides import CPU, Bench

SCHEMA = """create table entry (account text not null, number integer not null, id text not null, points integer not null, at text not null,
    primary key (account, number)) strict, without rowid"""


def summed(path: Path, entries: int) -> Bench:
    """The sum over so many rows of an account."""
    connection = connected(path, "normal")
    connection.execute(SCHEMA)
    connection.execute("begin")
    rows = ((deed.member, number, deed.id, deed.points, str(deed.at)) for number, deed in enumerate(points_work.history(entries)))
    connection.executemany("insert into entry values (?, ?, ?, ?, ?)", rows)
    connection.execute("commit")
    (member,) = connection.execute("select account from entry limit 1").fetchone()

    def run(turn: int) -> int:
        (points,) = connection.execute("select sum(points) from entry where account = ?", (member,)).fetchone()
        return int(points)

    return Bench(run=run, close=connection.close, clock=CPU)
