"""One transaction of the storage: of its own on a lent connection, or a savepoint in a host's.

Rules
- statements that do not wait for each other's answers go out together, in one round trip; in a host's transaction one by one, for
  an error in the middle of a pipeline would leave it open what of the host's is undone;
- nothing is set for longer than the transaction;
- after an error the transaction, or the part of it since the savepoint, is undone before anything else is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from attrs import define
from psycopg.rows import tuple_row

from shopwright.adapters.postgres.connections import Cursor

Statement = tuple[str, tuple[Any, ...] | Mapping[str, Any]]


@define
class Session:
    """How a transaction begins, ends and is undone on this connection; one after the other, as often as need be."""

    connection: psycopg.Connection[Any]
    begin: tuple[Statement, ...]
    finish: Statement
    undo: tuple[Statement, ...]
    pipelined: bool
    is_open: bool = False

    def start(self, statements: Sequence[Statement] = (), cursors: list[Cursor] | None = None) -> list[Cursor]:
        """Begin with these statements; a cursor for each of them, as `run` gives them."""
        made: list[Cursor] = [] if cursors is None else cursors
        self.is_open = True
        try:
            self.run([*self.begin, *statements], made)
        finally:
            del made[: len(self.begin)]
        return made

    def end(self, statements: Sequence[Statement] = ()) -> list[Cursor]:
        """Finish with these statements; a cursor for each of them and one more."""
        made = self.run([*statements, self.finish])
        self.is_open = False
        return made

    def run(self, statements: Sequence[Statement], cursors: list[Cursor] | None = None) -> list[Cursor]:
        """Run these in one round trip; a cursor for each, in `cursors` even when one of them raised."""
        made: list[Cursor] = [] if cursors is None else cursors
        if len(statements) == 1 or not self.pipelined:
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
        """Undo the transaction, if there is one and the connection is still there to do it on; the error that led here is told by others."""
        if not self.is_open:
            return
        self.is_open = False
        if not self.connection.closed:
            with suppress(psycopg.Error):
                for text, values in self.undo:
                    self._cursor().execute(text, values)

    def _cursor(self) -> Cursor:
        return self.connection.cursor(row_factory=tuple_row)


def own(connection: psycopg.Connection[Any], *, synchronous_commit: str | None, lock_timeout: int) -> Session:
    """A transaction of the storage's own."""
    begin: list[Statement] = [("begin isolation level read committed", ()), _set("lock_timeout", str(lock_timeout))]
    if synchronous_commit is not None:
        begin.append(_set("synchronous_commit", synchronous_commit))
    return Session(connection, tuple(begin), ("commit", ()), (("rollback", ()),), psycopg.Pipeline.is_supported())


def within(connection: psycopg.Connection[Any]) -> Session:
    """A savepoint in the host's transaction, whose settings are the host's."""
    undo = (("rollback to savepoint shopwright", ()), ("release savepoint shopwright", ()))
    return Session(connection, (("savepoint shopwright", ()),), ("release savepoint shopwright", ()), undo, pipelined=False)


def _set(name: str, value: str) -> Statement:
    return "select set_config(%s, %s, true)", (name, value)
