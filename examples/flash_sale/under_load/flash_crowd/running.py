"""Let a crowd loose on a sale: so many processes, each with a shop of its own and so many threads that look after visitors as they come.

Rules
- visitors are dealt to the processes in turn, as a balancer would, and each process looks after its own in the order in which they come;
- the clock of the shops stands still, so a wave is one moment to the business, however long it takes;
- a process that dies takes its answers with it: `Crowd.outcomes` has those of the others.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from attrs import frozen

from flash_crowd.buying import Outcome, visited
from flash_crowd.sale import STOCK, UNITS, Sale, Visit, a_shop
from shopwright.ports.quota_ways import QuotaWay, QuotaWays
from shopwright.ports.storage import Storage
from shopwright.wire.kinds import KINDS

Opener = Callable[[], Storage]
READY_WITHIN = 0.2
"""How many seconds lie between all being ready and the opening of the sale."""


def hot(way: QuotaWay) -> QuotaWays:
    """The setting for a sale: the quotas that all its buyers want go this way, and so does nothing else."""
    return QuotaWays({STOCK: way, UNITS: way})


def on_sqlite(path: Path, *, way: QuotaWay = QuotaWay.IN_TRANSACTION) -> Opener:
    """How any process opens this file."""
    return partial(_sqlite, path, way)


def on_postgres(conninfo: str, *, threads: int, way: QuotaWay = QuotaWay.IN_TRANSACTION) -> Opener:
    """How any process opens this database, with a connection for each of its threads."""
    return partial(_postgres, conninfo, threads, way)


def _sqlite(path: Path, way: QuotaWay) -> Storage:
    from shopwright.adapters.sqlite import SqliteStorage

    return SqliteStorage.open(path, kinds=KINDS, upgrade=True, busy_timeout=60, ways=hot(way))


def _postgres(conninfo: str, threads: int, way: QuotaWay) -> Storage:
    from shopwright.adapters.postgres.storage import PostgresStorage

    return PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True, pool_max=threads, lock_timeout=60, ways=hot(way))


def in_threads(storage: Storage, sale: Sale, visits: Sequence[Visit], *, threads: int, at: datetime, wave: int = 1) -> tuple[Outcome, ...]:
    """The visits of one wave in this process, on a storage that its threads share."""
    return _looked_after(storage, sale, visits, threads=threads, at=at, wave=wave, opened=time.time())


def _looked_after(
    storage: Storage, sale: Sale, visits: Sequence[Visit], *, threads: int, at: datetime, wave: int, opened: float
) -> tuple[Outcome, ...]:
    shop = a_shop(storage, sale, at=at)

    def look_after(visit: Visit) -> Outcome:
        time.sleep(max(0.0, opened + visit.after - time.time()))
        return visited(shop, visit, opened=opened, wave=wave)

    with ThreadPoolExecutor(threads) as clerks:
        return tuple(clerks.map(look_after, visits))


@frozen
class Crowd:
    """A wave that has been let loose: its processes, and the pipes through which they tell what became of their visitors."""

    processes: tuple[BaseProcess, ...]
    pipes: tuple[Connection, ...]

    def outcomes(self) -> tuple[Outcome, ...]:
        """Wait for the end; what became of the visitors, in the order in which they came. Raises `RuntimeError` where a process failed."""
        found: list[Outcome] = []
        for pipe in self.pipes:
            try:
                found += pipe.recv()
            except EOFError:
                continue
        for process in self.processes:
            process.join()
        failed = [process.exitcode for process in self.processes if (process.exitcode or 0) > 0]
        if failed:
            raise RuntimeError(f"{len(failed)} of {len(self.processes)} processes failed, with exit codes {failed}")
        return tuple(sorted(found, key=lambda it: it.visit.number))


def in_processes(opener: Opener, sale: Sale, visits: Sequence[Visit], *, processes: int, threads: int, at: datetime, wave: int = 1) -> Crowd:
    """Let the visits of one wave loose on so many processes; they all begin at the same moment."""
    context = multiprocessing.get_context("spawn")
    started: list[BaseProcess] = []
    pipes: list[Connection] = []
    for number in range(processes):
        ours, theirs = context.Pipe()
        facts = (theirs, opener, sale, visits[number::processes], threads, at, wave)
        process = context.Process(target=_process, args=facts, daemon=True)
        process.start()
        theirs.close()
        started.append(process)
        pipes.append(ours)
    for pipe in pipes:
        pipe.recv()
    opened = time.time() + READY_WITHIN
    for pipe in pipes:
        pipe.send(opened)
    return Crowd(tuple(started), tuple(pipes))


def _process(pipe: Connection, opener: Opener, sale: Sale, visits: Sequence[Visit], threads: int, at: datetime, wave: int) -> None:
    storage = opener()
    storage.quota((), at=at)
    pipe.send("ready")
    opened = pipe.recv()
    pipe.send(_looked_after(storage, sale, visits, threads=threads, at=at, wave=wave, opened=opened))
    storage.close()
