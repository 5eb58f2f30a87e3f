"""One hot sku: 1 to 16 writers, each a process, place orders of five lines, all of which hold the same sku first; on PostgreSQL.

Against the two ways it is done by hand (stock first, a statement per row), against ourselves with skus spread evenly, and ours with 16 writers
against ours with 4. Afterwards the hot sku's count must be what was sold, on both sides. A quick run has 4 writers alone: to start sixteen
processes takes longer than all else in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shopwright.inventory.keys import stock_key
from shopwright.orders.order import Order
from shopwright.ports.storage import Query, Storage
from tests.benchmarks import ours, work
from tests.benchmarks.by_hand import naive
from tests.benchmarks.rows import Row, compared, measure, skipped
from tests.benchmarks.session import QUICK, Session, Unequal
from tests.benchmarks.sides import Slice

WRITERS = (1, 2, 4, 8, 16)
FEW = (4,)
"""The writers of a quick run."""

CASES = ("ours, hot", "ours, uniform", "conditional UPDATE", "SELECT FOR UPDATE")
UNIT = "orders/s"
JOB = "hot sku"
LEAST_SECONDS = 0.15
HEAD_START = 0.02

Key = tuple[str, int]


class Writer:
    """The parent's end of one writer."""

    def __init__(self, number: int, our_database: str, their_database: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.hot_worker", str(number), our_database, their_database]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, case: str, begin: float, seconds: float) -> None:
        """Ask without waiting for the answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"case": case, "begin": begin, "seconds": seconds}) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """The answer."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a writer ended with code {self._process.wait()}; its error is above")
        return json.loads(line)

    def close(self) -> None:
        """Its process ends when its input does."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=20)


def rows(session: Session) -> list[Row]:
    """All comparisons, from slices in random order."""
    our_database, their_database = session.database(), session.database()
    storage = ours.postgres(our_database)
    ours.fill(storage)
    naive.open_postgres(their_database).close()
    counts = FEW if session.plan is QUICK else WRITERS
    slices: dict[Key, list[Slice]] = {(case, count): [] for case in CASES for count in counts}
    with writers(max(counts), our_database, their_database) as team:
        for count in (1, 4):
            for case in CASES:
                together(team[:count], case, 0.05)  # connections, plans and caches
        session.say(f"{JOB}: {len(slices)} cases with up to {max(counts)} writers")
        seconds = max(LEAST_SECONDS, session.plan.seconds * 2)
        turns = {(case, count): lambda case=case, count=count: together(team[:count], case, seconds) for case, count in slices}
        session.alternate(turns, slices, rounds=max(2, session.plan.rounds // 2))
    check_books("ours", *our_books(storage))
    check_books("by hand", *their_books(their_database))
    storage.close()
    return list(comparisons(slices))


@contextmanager
def writers(most: int, our_database: str, their_database: str) -> Iterator[list[Writer]]:
    """As many writers as are ever needed, connected and waiting."""
    team = [Writer(number, our_database, their_database) for number in range(most)]
    try:
        for writer in team:
            writer.hear()
        yield team
    finally:
        for writer in team:
            writer.close()


def together(team: list[Writer], case: str, seconds: float) -> Slice:
    """All begin at one moment."""
    begin = time.time() + HEAD_START
    for writer in team:
        writer.ask(case, begin, seconds)
    latencies = [latency for writer in team for latency in writer.hear()]
    return Slice(tuple(latencies), writers=len(team))


def check_books(side: str, counted: int, sold: int) -> None:
    """What was sold of the hot sku is what its count says; raises `Unequal`."""
    if counted != sold or not sold:
        raise Unequal(f"{JOB}, {side}: {sold} units were sold and {counted} are counted")


def our_books(storage: Storage) -> tuple[int, int]:
    """Counted and sold, read through the port."""
    key = stock_key(work.HOT)
    counted = storage.quota([key], at=work.AT)[key].held
    sold, after = 0, ""
    while True:
        page = storage.find(Query(Order, limit=1_000, after=after))
        sold += sum(line.quantity for stored in page.items for line in stored.value.lines if line.sku == work.HOT)
        after = page.next
        if not after:
            return counted, sold


def their_books(database: str) -> tuple[int, int]:
    """Counted and sold, read by hand."""
    way = naive.on_postgres(database)
    (counted,) = way.execute("select reserved from stock where sku = ?", work.HOT).fetchone()
    (sold,) = way.execute("select coalesce(sum(quantity), 0) from order_line where sku = ?", work.HOT).fetchone()
    way.connection.close()
    return int(counted), int(sold)


PEERS = {"conditional UPDATE": "conditional UPDATE", "SELECT FOR UPDATE": "SELECT FOR UPDATE", "ours, uniform": "ours, uniform skus"}
"""Against which case the hot one stands, and what its row calls it."""


def comparisons(slices: dict[Key, list[Slice]]) -> Iterator[Row]:
    """The rows; those of writers that a quick run does not start say so."""
    measures = {key: measure(done, UNIT) for key, done in slices.items()}
    versus = [(count, ("ours, hot", count), (case, count), peer) for count in WRITERS for case, peer in PEERS.items()]
    versus.append((16, ("ours, hot", 16), ("ours, hot", 4), "ours, 4 writers"))
    for count, mine, other, peer in versus:
        scale = f"PostgreSQL, {count} writer{'s' if count > 1 else ''}"
        if mine in measures:
            yield compared(JOB, peer, scale, UNIT, measures[mine], measures[other])
        else:
            yield skipped(JOB, peer, scale, UNIT, f"a quick run has {' and '.join(map(str, FEW))} writers alone; a full run has this row")
