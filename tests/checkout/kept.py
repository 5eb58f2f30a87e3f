"""What a storage on a disk keeps, row by row as its own database tells it, past everything of ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

from attrs import frozen

from shopwright.adapters.sqlite import SqliteStorage
from shopwright.ports.storage import Storage
from shopwright.wire.kinds import KINDS
from tests.surroundings import peer

_NUMBERS = count(1)
Rows = dict[str, list[str]]


@frozen
class Kept:
    """A storage that several tests share; `rows` are all that stand in its database, `again` opens it as another process would."""

    storage: Storage
    rows: Callable[[], Rows]
    again: Callable[[], Storage]

    def scope(self) -> str:
        """The name of a scope that nobody else uses."""
        return f"mall-{next(_NUMBERS)}"


@contextmanager
def kept_in_sqlite(path: Path) -> Iterator[Kept]:
    """In this file."""

    def rows() -> Rows:
        with closing(sqlite3.connect(path)) as looking:
            tables = [name for (name,) in looking.execute("select name from sqlite_master where type = 'table' order by name")]
            return {table: sorted(map(repr, looking.execute(f'select * from "{table}"'))) for table in tables}

    storage = SqliteStorage.open(path, kinds=KINDS, upgrade=True)
    yield Kept(storage, rows, lambda: SqliteStorage.open(path, kinds=KINDS))
    storage.close()


@contextmanager
def kept_on_postgres(conninfo: str) -> Iterator[Kept]:
    """In this database."""
    psycopg = peer("psycopg")
    from shopwright.adapters.postgres.storage import PostgresStorage

    def rows() -> Rows:
        with psycopg.connect(conninfo) as looking:
            asked = "select tablename from pg_tables where schemaname = 'shopwright' order by tablename"
            tables = [name for (name,) in looking.execute(asked).fetchall()]
            told = {table: looking.execute(f'select xmin::text, t::text from shopwright."{table}" t').fetchall() for table in tables}
        return {table: sorted(map(repr, found)) for table, found in told.items()}

    storage = PostgresStorage.open(conninfo, kinds=KINDS, upgrade=True)
    yield Kept(storage, rows, lambda: PostgresStorage.open(conninfo, kinds=KINDS))
    storage.close()
