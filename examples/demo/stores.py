"""Where a demo keeps its mall: an SQLite file, or a PostgreSQL server that the demo starts itself.

Rules
- nothing is written into the folder one works in unless one says so with a place;
- `in_batches` writes many commands in one transaction of ours, each command a savepoint in it: whole batches are on disk or none of
  them is, and a job that was cut short is run again and goes on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from attrs import evolve as changed
from attrs import frozen

from shopwright.ports.storage import Storage
from shopwright.wire.kinds import KINDS

PLACES = ("sqlite", "postgres")
LOOK = "select number, standing, total, paid from {}orders limit 10"


@frozen(kw_only=True)
class Batches:
    """A storage inside a transaction that is open; `next` commits it and begins another."""

    storage: Storage
    next: Callable[[], None]


@frozen(kw_only=True)
class Store:
    """A storage that is open, where it is, and how to look into it."""

    storage: Storage
    place: str
    hint: str
    in_batches: Callable[[], AbstractContextManager[Batches]]


@contextmanager
def opened(kind: str, place: Path | None, *, name: str) -> Iterator[Store]:
    """A database of this kind at this place, or at one of its own; closed afterwards, and ended where it is a server of ours."""
    with _postgres(place) if kind == "postgres" else _sqlite(place or Path(mkdtemp(prefix="shopwright-")) / name) as store:
        yield store


@contextmanager
def _sqlite(file: Path) -> Iterator[Store]:
    from shopwright.adapters.sqlite import SqliteStorage

    storage = SqliteStorage.open(file, kinds=KINDS, upgrade=True)

    def in_batches() -> AbstractContextManager[Batches]:
        host = sqlite3.connect(file, isolation_level=None, timeout=10)
        host.execute("pragma synchronous = full")
        return _batched(storage.joined(host), host, lambda: host.execute("begin immediate"))

    try:
        yield Store(storage=storage, place=str(file), hint=f'sqlite3 {file} "{LOOK.format("")}"', in_batches=in_batches)
    finally:
        storage.close()


@contextmanager
def _postgres(folder: Path | None) -> Iterator[Store]:
    from shopwright.testing.postgres import LocalPostgres

    with LocalPostgres(folder) as server, on_server(server.conninfo, str(server.folder)) as store:
        if folder is None:
            yield changed(store, place="a PostgreSQL of its own, gone when this ends", hint="name a folder with --place to keep it")
        else:
            again = f"from shopwright.testing.postgres import *; print(LocalPostgres(Path({str(server.folder)!r})).conninfo); input()"
            yield changed(store, place=f"a PostgreSQL of its own in {server.folder}", hint=f'python -c "{again}"')


@contextmanager
def on_server(conninfo: str, place: str) -> Iterator[Store]:
    import psycopg

    from shopwright.adapters.postgres.storage import PostgresStorage

    storage = PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True)

    def in_batches() -> AbstractContextManager[Batches]:
        host = psycopg.connect(conninfo)
        return _batched(storage.joined(host), host, lambda: None)

    try:
        yield Store(storage=storage, place=place, hint=f'psql "{conninfo}" -c "{LOOK.format("shopwright.")}"', in_batches=in_batches)
    finally:
        storage.close()


@contextmanager
def _batched(storage: Storage, host: Any, begin: Callable[[], Any]) -> Iterator[Batches]:
    def next_batch() -> None:
        host.commit()
        begin()

    begin()
    try:
        yield Batches(storage=storage, next=next_batch)
        host.commit()
    except BaseException:
        host.rollback()
        raise
    finally:
        host.close()
