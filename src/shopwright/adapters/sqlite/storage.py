"""`SqliteStorage`: a shop's facts in one SQLite file.

Rules
- the file is in WAL mode; with `durability="full"` (the default) a commit that returned survives the loss of power, with
  `"normal"` it survives a crash of the process and the newest may be lost with the power, in order and never in part;
- threads share one storage; processes open the same file each with a storage of its own; the file must be on a local disk;
- opening checks the schema and changes nothing, unless `upgrade=True`;
- inside a host's transaction (`joined`) a changeset is a savepoint: a refusal undoes it and leaves the transaction usable, a
  conflict raises and nobody retries it, and only the host commits.
"""

from __future__ import annotations

import os
import sqlite3
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from shopwright.adapters.databases import Progress, silent
from shopwright.adapters.sqlite import statements as sql
from shopwright.adapters.sqlite.committing import NotStraight, Prepared, Refused, write_straight, write_with_care
from shopwright.adapters.sqlite.connections import Connections, check_exists
from shopwright.adapters.sqlite.engine import Engine
from shopwright.adapters.sqlite.faults import translated
from shopwright.adapters.sqlite.reading import SqliteReads
from shopwright.adapters.sqlite.together import Together, batches
from shopwright.adapters.sqlite.upgrading import make_file, upgrade
from shopwright.adapters.tables import utc_text
from shopwright.errors import InvalidValue, NotSupportedHere
from shopwright.ports.edge import as_utc, check_limit, check_text
from shopwright.ports.kinds import Kinds
from shopwright.ports.quota_ways import QuotaWay, QuotaWays
from shopwright.ports.storage import Changeset, Committed
from shopwright.refusals import Refusal
from shopwright.wire.codec import Codec


class _SqliteWrites(SqliteReads):
    """The writes of the port, over whatever transaction is lent to them."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        """The transaction that is lent to a write."""

    def commit(self, change: Changeset) -> Committed | Refusal:
        """Write all of it or nothing; see `Storage.commit` for what is refused and what raises."""
        return self._write(Prepared(self._engine, self._scope, change))

    def _write(self, prepared: Prepared) -> Committed | Refusal:
        try:
            with self._writing() as cursor:
                self._engine.check_schema(cursor)
                return write_straight(cursor, prepared)
        except NotStraight:
            pass
        try:
            with self._writing() as cursor:
                self._engine.check_schema(cursor)
                return write_with_care(cursor, prepared)
        except Refused as refused:
            return refused.refusal

    def prune(self, *, before: datetime, limit: int = 1_000) -> int:
        """Forget operations and reclaimed holds older than this, at most `limit` of each; returns how many went."""
        then = utc_text(as_utc("before", before))
        check_limit(limit)
        with self._writing() as cursor:
            gone = cursor.execute(sql.OPERATION_PRUNE, (self._scope, then, limit)).rowcount
            return gone + cursor.execute(sql.HOLD_PRUNE, (self._scope, then, limit)).rowcount


class SqliteStorage(_SqliteWrites):
    """Implements `shopwright.ports.storage.Storage` in one file; make it with `open`."""

    def __init__(self, engine: Engine, connections: Connections, scope: str = "", *, together: Together | None = None) -> None:
        super().__init__(engine, scope)
        self._connections = connections
        self._together = together

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        kinds: Kinds,
        durability: str = "full",
        upgrade: bool = False,
        busy_timeout: float = 10.0,
        ways: QuotaWays | None = None,
        progress: Progress = silent,
    ) -> SqliteStorage:
        """Open a database file; with `upgrade=True` make it, or bring it up to these kinds, first.

        `busy_timeout` is how many seconds a call waits for a lock before it raises `StorageBusy`. `ways` says for which quotas
        changesets are written in batches (`shopwright.ports.quota_ways`); `hold_first` is `NotSupportedHere`. Raises `SchemaMismatch` when the file
        is missing, older or newer, `StorageCorrupted` when it is damaged or somebody else's, `StorageUnavailable` when it cannot be read.
        """
        if str(path) in {"", ":memory:"}:
            raise InvalidValue("expected the path of a file; to keep a shop in memory use shopwright.adapters.memory.MemoryStorage")
        file = Path(path)
        connections = Connections(file, durability=durability, busy_timeout=busy_timeout)
        engine = Engine(Codec(kinds), connections.place)
        together = Together(ways, batches(connections, engine, ways)) if ways is not None and ways.by_pattern else None
        try:
            if upgrade:
                _upgrade(connections, engine, file, progress)
            check_exists(file)
            with connections.reading() as cursor:
                engine.check_schema(cursor)
        except BaseException:
            connections.close()
            raise
        return cls(engine, connections, together=together)

    def _write(self, prepared: Prepared) -> Committed | Refusal:
        together, moves = self._together, prepared.change.moves
        if together is not None and moves and together.ways.way_of(moves) is QuotaWay.BATCHED:
            return together.batches.run(prepared)
        return super()._write(prepared)

    def _reading(self) -> AbstractContextManager[sqlite3.Cursor]:
        return self._connections.reading()

    def _look(self, statement: str, values: Sequence[Any]) -> list[Any]:
        return self._connections.look(statement, values)

    def _writing(self) -> AbstractContextManager[sqlite3.Cursor]:
        return self._connections.writing()

    def scoped(self, scope: str) -> SqliteStorage:
        """The same file, seen by one tenant; raises `NotSupportedHere` on a view that is scoped already."""
        _check_scope(self._scope, scope)
        return SqliteStorage(self._engine, self._connections, scope, together=self._together)

    def joined(self, connection: sqlite3.Connection) -> JoinedSqliteStorage:
        """This storage inside the transaction that a host began on its own connection to the same database."""
        return JoinedSqliteStorage(self._engine.elsewhere(), connection, self._scope, self._together.ways if self._together else None)

    def close(self) -> None:
        """Close the connections; a scoped view only borrows them and closes nothing."""
        if not self._scope:
            self._connections.close()


class JoinedSqliteStorage(_SqliteWrites):
    """A storage inside a host's transaction: it sees what the host wrote, and what it writes the host commits or rolls back.

    Used by the thread that uses the connection. A `VersionConflict` or a `StorageBusy` is the host's to answer: roll back, begin again.
    After `StorageFull` the transaction is gone already, because SQLite itself rolled it back.
    """

    is_joined = True

    def __init__(self, engine: Engine, connection: sqlite3.Connection, scope: str, ways: QuotaWays | None = None) -> None:
        super().__init__(engine, scope)
        self._connection, self._ways = connection, ways

    def _write(self, prepared: Prepared) -> Committed | Refusal:
        if self._ways is not None:
            self._ways.check_within(prepared.change.moves)
        return super()._write(prepared)

    def _cursor(self) -> sqlite3.Cursor:
        if self._connection.text_factory is not str:
            raise NotSupportedHere(f"a joined connection must give text as str; its text_factory is {self._connection.text_factory!r}")
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Cursor]:
        try:
            cursor = self._cursor()
            self._engine.check_schema(cursor)
            yield cursor
        except sqlite3.Error as error:
            raise translated(error, self._engine.place) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        try:
            cursor = self._cursor()
            if not self._connection.in_transaction:
                raise NotSupportedHere("a joined storage writes inside a transaction of the host: execute BEGIN IMMEDIATE on the connection first")
            cursor.execute("SAVEPOINT shopwright")
            try:
                yield cursor
            except BaseException:
                if self._connection.in_transaction:
                    cursor.execute("ROLLBACK TO shopwright")
                    cursor.execute("RELEASE shopwright")
                raise
            cursor.execute("RELEASE shopwright")
        except sqlite3.Error as error:
            raise translated(error, self._engine.place) from error

    def scoped(self, scope: str) -> JoinedSqliteStorage:
        """The same transaction, seen by one tenant; raises `NotSupportedHere` on a view that is scoped already."""
        _check_scope(self._scope, scope)
        return JoinedSqliteStorage(self._engine, self._connection, scope, self._ways)

    def close(self) -> None:
        """Does nothing: the connection and its transaction are the host's."""


def _check_scope(present: str, scope: str) -> None:
    check_text("scope", scope)
    if present:
        raise NotSupportedHere(f"scopes do not nest: this view is scoped to {present!r} already; scope the storage itself")


def _upgrade(connections: Connections, engine: Engine, file: Path, progress: Progress) -> None:
    make_file(file)
    upgrade(connections, engine.codec, progress=progress)
