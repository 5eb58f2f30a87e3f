"""Shops in processes of their own, which race each other over one database."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shopwright.adapters.sqlite.storage import SqliteStorage
from shopwright.ports.storage import Storage
from shopwright.testing.storage_contract.processes import PROCESSES
from shopwright.wire.kinds import KINDS

PROCESSES.set_forkserver_preload(["shopwright.testing.storage_contract.processes", "tests.flows.mall"])  # what each of them would import for itself

Opener = Callable[[], Storage]


def opener(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> Opener:
    """What opens the one database, in any process: a file, or a database of the PostgreSQL of this run."""
    if where == "postgres":
        return partial(_on_postgres, request.getfixturevalue("postgres_database"))
    return partial(_on_sqlite, tmp_path / "shop.sqlite")


def race(work: Callable[..., None], count: int, *facts: Any) -> None:
    """Run `work(*facts, number, barrier)` in so many processes, and see that each of them ends well."""
    ready = PROCESSES.Barrier(count)
    workers = [PROCESSES.Process(target=work, args=(*facts, number, ready)) for number in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(300)
    assert [worker.exitcode for worker in workers] == [0] * count


def _on_sqlite(path: Path) -> Storage:
    return SqliteStorage.open(path, kinds=KINDS, upgrade=True)


def _on_postgres(conninfo: str) -> Storage:
    from shopwright.adapters.postgres.storage import PostgresStorage

    return PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True, pool_max=2)
