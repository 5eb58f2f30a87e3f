"""One transaction of the storage: of its own on a lent connection, or a savepoint in a host's.

Rules
- statements that do not wait for each other's answers go out together, in one round trip;
- nothing is set for longer than the transaction;
- after an error the transaction, or the part of it since the savepoint, is undone before anything else is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from attrs import frozen
from psycopg.rows import tuple_row

from shopwright.adapters.postgres.connections import Cursor

Statement = tuple[str, tuple[Any, ...] | Mapping[str, Any]]

_CAN_PIPELINE = psycopg.Pipeline.is_supported()


@frozen
class Session:
    """How a transaction begins, ends and is undone on this connection."""

    connection: psycopg.Connection[Any]
    begin: tuple[Statement, ...]
    finish: Statement
    undo: tuple[Statement, ...]

    def run(self, statements: Sequence[Statement], cursors: list[Cursor] | None = None) -> list[Cursor]:
        """Run these in one round trip; a cursor for each, in `cursors` even when one of them raised."""
        made: list[Cursor] = [] if cursors is None else cursors
        if len(statements) == 1 or not _CAN_PIPELINE:
            for text, values in statements:
                made.append(self._cursor())
                made[-1].execute(text, values)
            return made
        with self.connection.pipeline():
            for text, values in statements:
                made.append(self._cursor())
                made[-1].execute(text, values)
        return made

    def undone(self) -> None:
        """Undo the transaction after an error, if the connection is still there to do it on."""
        if not self.connection.closed and self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            for text, values in self.undo:
                self._cursor().execute(text, values)

    def _cursor(self) -> Cursor:
        return self.connection.cursor(row_factory=tuple_row)


def own(connection: psycopg.Connection[Any], *, synchronous_commit: str | None, lock_timeout: int) -> Session:
    """A transaction of the storage's own."""
    begin: list[Statement] = [("begin isolation level read committed", ()), _set("lock_timeout", str(lock_timeout))]
    if synchronous_commit is not None:
        begin.append(_set("synchronous_commit", synchronous_commit))
    return Session(connection, tuple(begin), ("commit", ()), (("rollback", ()),))


def within(connection: psycopg.Connection[Any]) -> Session:
    """A savepoint in the host's transaction, whose settings are the host's."""
    undo = (("rollback to savepoint shopwright", ()), ("release savepoint shopwright", ()))
    return Session(connection, (("savepoint shopwright", ()),), ("release savepoint shopwright", ()), undo)


def _set(name: str, value: str) -> Statement:
    return "select set_config(%s, %s, true)", (name, value)
