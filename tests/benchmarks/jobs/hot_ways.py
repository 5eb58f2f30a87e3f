"""One hot sku, sold in the ways that a quota can go: held first on a disk that takes 8 ms, and in batches on the disk that is there.

Against what is done by hand (stock first, a statement per row) with the same writers on the same server, in slices that take turns. Afterwards the
hot sku's count must be what was sold, on both sides. Batches are measured twice: over whole orders, from the cart to the row, and over the
committer alone, whose orders were decided before; its rate stands beside the one that was asked of it, 3,000 orders a second. A quick run leaves
all of this out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.benchmarks import ours
from tests.benchmarks.by_hand import naive
from tests.benchmarks.jobs.hot_sku import HEAD_START, UNIT, check_books, our_books, their_books, together, writers
from tests.benchmarks.rows import Measure, Row, compared, measure, skipped
from tests.benchmarks.session import QUICK, Session
from tests.benchmarks.sides import PeerMissing, Slice
from tests.benchmarks.slow_disk import started_slow

SLOW, BATCHED, COMMITTER = "hot sku held first, commits of 8 ms", "hot sku in batches", "hot sku in batches, orders decided before"
DELAY = 8
WRITERS = (1, 4, 16)
FIRST, STRAIGHT = "ours, hot, held first", "ours, hot"
PEERS = {"conditional UPDATE": "conditional UPDATE", "SELECT FOR UPDATE": "SELECT FOR UPDATE", STRAIGHT: "ours, in_transaction"}
PROCESSES, THREADS = 2, 128
SECONDS, ROUNDS = 1.0, 5
ASKED = 3_000
AGAINST = ("conditional UPDATE, 16 writers", "ours, in_transaction, 16 writers")
RATE = "the rate that was asked for"
LEFT_OUT = "a quick run leaves it out; a full run has this row"


def rows(session: Session) -> list[Row]:
    """All comparisons."""
    return [*_held_first(session), *_batched(session)]


def _scale(count: int) -> str:
    return f"PostgreSQL, {count} writer{'s' if count > 1 else ''}"


def _held_first(session: Session) -> Iterator[Row]:
    pairs = [(count, case) for count in WRITERS for case in PEERS]
    if session.plan is QUICK:
        yield from (skipped(SLOW, PEERS[case], _scale(count), UNIT, LEFT_OUT) for count, case in pairs)
        return
    try:
        measures = _on_a_slow_disk(session)
    except PeerMissing as why:
        yield from (skipped(SLOW, PEERS[case], _scale(count), UNIT, str(why)) for count, case in pairs)
        return
    for count, case in pairs:
        yield compared(SLOW, PEERS[case], _scale(count), UNIT, measures[FIRST, count], measures[case, count])


def _on_a_slow_disk(session: Session) -> dict[tuple[str, int], Measure]:
    slices: dict[tuple[str, int], list[Slice]] = {(case, count): [] for case in (FIRST, *PEERS) for count in WRITERS}
    with started_slow(milliseconds=DELAY) as server:
        our_database, their_database = server.database("ours"), server.database("theirs")
        storage = ours.postgres(our_database)
        ours.fill(storage)
        naive.open_postgres(their_database).close()
        with writers(max(WRITERS), our_database, their_database) as team:
            for case in (FIRST, *PEERS):
                together(team, case, 0.3)  # connections, plans and caches
            session.say(f"{SLOW}: {len(slices)} cases with up to {max(WRITERS)} writers")
            turns = {(case, count): lambda case=case, count=count: together(team[:count], case, SECONDS) for case, count in slices}
            session.alternate(turns, slices, rounds=ROUNDS)
        check_books("ours", *our_books(storage))
        check_books("by hand", *their_books(their_database))
        storage.close()
    return {key: measure(done, UNIT) for key, done in slices.items()}


def _batched(session: Session) -> Iterator[Row]:
    scale = f"PostgreSQL, {PROCESSES} processes of {THREADS} threads"
    if session.plan is QUICK:
        yield from (skipped(job, against, scale, UNIT, LEFT_OUT) for job, against in [*((BATCHED, it) for it in AGAINST), (COMMITTER, RATE)])
        return
    our_database, their_database = session.database(), session.database()
    storage = ours.postgres(our_database)
    ours.fill(storage)
    naive.open_postgres(their_database).close()
    cases = ("placed", "decided", "conditional UPDATE", STRAIGHT)
    slices: dict[str, list[Slice]] = {case: [] for case in cases}
    tills = {case: [Tills(number, our_database, case) for number in range(PROCESSES)] for case in cases[:2]}
    with writers(16, our_database, their_database) as team:
        turns = {case: lambda case=case: together(team, case, SECONDS) for case in cases[2:]}
        batches = {case: lambda case=case: _in_batches(tills[case], SECONDS) for case in tills}
        session.alternate({**batches, **turns}, {case: [] for case in cases}, rounds=1)
        session.say(f"{BATCHED}: {PROCESSES} processes of {THREADS} threads")
        session.alternate({**batches, **turns}, slices, rounds=ROUNDS)
    for shop in (shop for shops in tills.values() for shop in shops):
        shop.close()
    check_books("ours", *our_books(storage))
    check_books("by hand", *their_books(their_database))
    storage.close()
    placed, decided, by_hand, straight = (measure(slices[case], UNIT) for case in cases)
    for against, theirs in zip(AGAINST, (by_hand, straight), strict=True):
        yield compared(BATCHED, against, scale, UNIT, placed, theirs)
    yield compared(COMMITTER, RATE, scale, UNIT, decided, Measure(ASKED, 0.0, 0))


class Tills:
    """The parent's end of a process with many threads."""

    def __init__(self, number: int, database: str, case: str) -> None:
        command = [sys.executable, "-m", "tests.benchmarks.batch_worker", str(number), database, str(THREADS), case]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hear()

    def tell(self, **message: float) -> None:
        """Say something, without waiting for the answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def hear(self) -> list[float]:
        """The answer."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a process of tills ended with code {self._process.wait()}; its error is above")
        told: list[float] = json.loads(line)
        return told

    def close(self) -> None:
        """Its process ends when its input does."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=20)


def _in_batches(shops: list[Tills], seconds: float) -> Slice:
    """All threads of all processes begin at one moment."""
    for shop in shops:
        shop.tell(seconds=seconds)
    for shop in shops:
        shop.hear()
    begin = time.time() + HEAD_START
    for shop in shops:
        shop.tell(begin=begin)
    latencies = [latency for shop in shops for latency in shop.hear()]
    return Slice(tuple(latencies), writers=len(shops) * THREADS)
