"""Where a storage's connections come from: its own few, or a host's one in the middle of its transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from shopwright.adapters.postgres.connections import Connection, Connections, Cursor, milliseconds
from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.faults import Raised, RaisedWithin, is_outage, translated
from shopwright.adapters.postgres.sessions import Session, own, within
from shopwright.errors import InvalidValue, NotSupportedHere

_DURABILITY = ("full", "normal")


class OwnConnections:
    """Lends connections in autocommit: every call is a transaction."""

    repeats = True

    def __init__(self, connections: Connections, *, durability: str, lock_timeout: float, functions: bool) -> None:
        if durability not in _DURABILITY:
            raise InvalidValue(f"expected durability {' or '.join(_DURABILITY)}, got {durability!r}")
        if not 0 < lock_timeout < 86_400:
            raise InvalidValue(f"expected a lock_timeout of some seconds, got {lock_timeout!r}")
        self.connections, self.functions = connections, functions
        self._lock_timeout = milliseconds(lock_timeout)
        self._durability = durability

    @property
    def lock_timeout(self) -> int | None:
        """What commits must set, in milliseconds: nothing where the connection was told once for all."""
        return self._lock_timeout if self.connections.pooled else None

    @property
    def synchronous_commit(self) -> str | None:
        """What commits must set: nothing where the server's own setting already promises as much."""
        lazy = self.connections.about.synchronous_commit == "off"
        if self._durability == "normal":
            return None if lazy else "off"
        return "on" if lazy else None

    def lent(self) -> AbstractContextManager[Cursor]:
        """A cursor on a connection that nobody else has."""
        return self.connections.lent()

    def session(self, cursor: Cursor) -> Session:
        """A transaction of the storage's own."""
        return own(cursor.connection, synchronous_commit=self.synchronous_commit, lock_timeout=self._lock_timeout)

    def rows(self, cursor: Cursor, text: str, *values: str) -> Sequence[Sequence[Any]]:
        """Read the short way."""
        assert isinstance(cursor.connection, Connection)
        return cursor.connection.rows(text, *values)

    def call(self, cursor: Cursor, engine: Engine, argument: str) -> str | None:
        """Call the commit function, which is a transaction by itself."""
        return self.ask(cursor, engine.call, argument)

    def ask(self, cursor: Cursor, text: str, argument: str) -> str | None:
        """Call one of its sisters, which is a transaction by itself too; the call as the engine has it."""
        assert isinstance(cursor.connection, Connection)
        return cursor.connection.ask(text, argument)

    def close(self) -> None:
        """Close the connections."""
        self.connections.close()


class HostConnection:
    """Lends the one connection of a host; every commit is a savepoint in the host's transaction."""

    repeats = False
    synchronous_commit: str | None = None
    lock_timeout: int | None = None

    def __init__(self, connection: psycopg.Connection[Any], *, place: str, functions: bool) -> None:
        self._connection, self._place, self.functions = connection, place, functions

    @contextmanager
    def lent(self) -> Iterator[Cursor]:
        """A cursor on the host's connection, whatever its row factory is; the host must be in a transaction, or psycopg begin one."""
        connection = self._connection
        if connection.autocommit and connection.info.transaction_status == TransactionStatus.IDLE:
            raise NotSupportedHere("a joined storage works inside a transaction of the host: use it within `with connection.transaction():`")
        try:
            yield connection.cursor(row_factory=tuple_row)
        except psycopg.Error as error:
            if not is_outage(error):
                raise
            raise translated(error, self._place) from error

    def session(self, cursor: Cursor) -> Session:
        """A savepoint."""
        return within(self._connection)

    def rows(self, cursor: Cursor, text: str, *values: str) -> Sequence[Sequence[Any]]:
        """Read over the host's cursor."""
        return cursor.execute(text, values).fetchall()

    def call(self, cursor: Cursor, engine: Engine, argument: str) -> str | None:
        """Call the commit function in a part of the transaction that is undone when it raises; still one round trip."""
        row = cursor.execute(engine.call_within, (argument,)).fetchone()
        told: str | None = row[0] if row else None
        if told is not None and told.startswith("error"):
            raise RaisedWithin(Raised(*(part or "" for part in json.loads(told.removeprefix("error")))))
        return told

    def close(self) -> None:
        """Does nothing: the connection and its transaction are the host's."""
