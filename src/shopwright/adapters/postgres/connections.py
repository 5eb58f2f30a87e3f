"""Connections to one database: few, kept open, lent to one thread at a time.

Rules
- a connection is in autocommit, and what is set in a transaction ends with it, so a pooler in transaction mode may stand between;
- only where the server itself answers are statements prepared by name, plans told to use keys and waits for locks bounded once for all;
  behind a pooler, never;
- a connection that the server has closed is noticed before it is lent, without a round trip, and replaced;
- a connection that cannot be made tells why at once; one that is not free within `wait` seconds is `StorageBusy`;
- after a fork the child makes connections of its own and leaves the parent's alone.

Why not psycopg_pool: it tells a refused login only as a timeout, keeps threads that a fork loses, and its loan costs a tenth of a commit.
"""

from __future__ import annotations

import os
import select
from collections import deque
from functools import cache
from itertools import count
from threading import BoundedSemaphore
from types import TracebackType
from typing import Any

import psycopg
from attrs import frozen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from shopwright.adapters.postgres.faults import is_outage, translated, unreachable
from shopwright.errors import InvalidValue, StorageBusy, StorageUnavailable

Cursor = psycopg.Cursor[TupleRow]

_WORDS = 3
"""How many messages an idle server may have sent; one that has more to say is taken to be gone."""
_names = count(1)
_FORGOTTEN = b"26000"
"""The server has no statement of that name any more: psycopg gives up all of them after a rollback."""
_GOOD = frozenset({psycopg.pq.ExecStatus.TUPLES_OK, psycopg.pq.ExecStatus.COMMAND_OK})
_SETTINGS = "select set_config('enable_seqscan', 'off', false), set_config('lock_timeout', %s, false)"
"""A prepared plan that was made while a table was small would otherwise read all of it long after it has grown."""
_ABOUT = "select pg_backend_pid(), current_setting('synchronous_commit'), current_setting('server_encoding')"


class Connection(psycopg.Connection[TupleRow]):
    """A connection of ours, with a short way for what every command does: load documents by their ids, and commit.

    The way over a cursor costs a tenth of a command more. Whoever has the connection is alone with it, so nothing needs a lock.
    """

    def __init__(self, *arguments: Any, **ways: Any) -> None:
        super().__init__(*arguments, **ways)
        self._shopwright_names: dict[str, bytes] = {}

    def ask(self, text: str, *values: str) -> str | None:
        """The one value that a statement gives, in one round trip; its parameters are texts, each a `%s`."""
        result = self._answer(text, values)
        value = result.get_value(0, 0) if result.ntuples else None
        return None if value is None else value.decode()

    def rows(self, text: str, *values: str) -> list[list[str]]:
        """All rows that a statement gives, as texts; no column of them is null."""
        result = self._answer(text, values)
        get, columns = result.get_value, range(result.nfields)
        return [[(get(row, column) or b"").decode() for column in columns] for row in range(result.ntuples)]

    def _answer(self, text: str, values: tuple[str, ...]) -> PGresult:
        told = [value.encode() for value in values]
        if self.prepare_threshold is None:
            return self._checked(self.pgconn.exec_params(_numbered(text), told))
        name = self._shopwright_names.get(text)
        if name is not None:
            result = self.pgconn.exec_prepared(name, told)
            if result.error_field(psycopg.pq.DiagnosticField.SQLSTATE) != _FORGOTTEN:
                return self._checked(result)
        name = b"shopwright_%d" % next(_names)
        self._checked(self.pgconn.prepare(name, _numbered(text)))
        self._shopwright_names[text] = name
        return self._checked(self.pgconn.exec_prepared(name, told))

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in _GOOD:
            return result
        if self.pgconn.status == psycopg.pq.ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message())
        raise psycopg.errors.error_from_result(result)


@cache
def _numbered(text: str) -> bytes:
    """The statement with its parameters as the server counts them."""
    first, *rest = text.split("%s")
    return "".join([first, *(f"${number}{part}" for number, part in enumerate(rest, 1))]).encode()


@frozen
class About:
    """What the first connection learned of the server."""

    pooled: bool
    synchronous_commit: str
    encoding: str


def checked(conninfo: str) -> dict[str, Any]:
    """The parts of a connection string; raises `InvalidValue` without repeating it, for it may hold a password."""
    if not isinstance(conninfo, str):
        raise InvalidValue(f"expected a connection string or a postgresql:// url, got {type(conninfo).__name__}")
    try:
        return dict(conninfo_to_dict(conninfo))
    except psycopg.Error:
        raise InvalidValue("expected a connection string such as `host=localhost dbname=shop` or a postgresql:// url; it cannot be read") from None


def place_of(parts: dict[str, Any]) -> str:
    """The database as people know it: a url with host and name, and without a login."""
    host, port = str(parts.get("host") or parts.get("hostaddr") or ""), parts.get("port")
    name = parts.get("dbname") or parts.get("user") or ""
    if host.startswith(("/", "@")):
        return f"postgresql:///{name}?host={host}" + (f"&port={port}" if port else "")
    return f"postgresql://{host}" + (f":{port}" if port else "") + f"/{name}"


def milliseconds(seconds: float) -> int:
    """A time to wait as the server counts it, where 0 would mean for ever."""
    return max(1, round(seconds * 1_000))


class Connections:
    """At most `most` connections; `least` of them are made at once, the others when they are needed."""

    def __init__(self, conninfo: str, *, least: int = 1, most: int = 10, wait: float = 10.0, pooled: bool | None = None) -> None:
        if not 0 <= least <= most or most < 1:
            raise InvalidValue(f"expected 0 <= least <= most and at least one connection, got least={least}, most={most}")
        self._parts = {"connect_timeout": 10, "application_name": "shopwright", **checked(conninfo), "client_encoding": "utf8"}
        self.place = place_of(self._parts)
        self._least, self._most, self._wait, self._told_pooled = least, most, wait, pooled
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._free: deque[Cursor] = deque()
        self._room = BoundedSemaphore(self._most)
        self._about: About | None = None
        self._closed = False

    @property
    def pooled(self) -> bool:
        """Whether a pooler stands between, as the caller says or the server tells; connects when nothing is known yet."""
        return self.about.pooled if self._told_pooled is None else self._told_pooled

    @property
    def about(self) -> About:
        """What is known of the server; connects when nothing is yet."""
        if self._about is None:
            with self.lent():
                pass
        assert self._about is not None
        return self._about

    def open(self) -> None:
        """Make the first connections, so that a wrong address or login is told now."""
        made = [self.take() for _ in range(self._least)]
        for cursor in made:
            self.give_back(cursor)

    def lent(self) -> Loan:
        """A cursor for the time of a `with` block. What the driver raises in it is translated."""
        return Loan(self)

    def take(self) -> Cursor:
        """A cursor on a connection that nobody else has; the caller gives it back."""
        if self._owner != os.getpid():
            self._leave_to_parent()
        if self._closed:
            raise StorageUnavailable(f"the storage on {self.place} was closed; open another")
        if not self._room.acquire(timeout=self._wait):
            raise StorageBusy(f"none of the {self._most} connections to {self.place} was free for {self._wait:g} seconds; nothing was written")
        try:
            return self._freshest() or self._connect()
        except BaseException:
            self._room.release()
            raise

    def give_back(self, cursor: Cursor) -> None:
        """End a loan; a connection that is broken or in the middle of something is closed instead of kept."""
        connection = cursor.connection
        if connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.IDLE and not self._closed:
            self._free.append(cursor)
        else:
            connection.close()
        self._room.release()

    def close(self) -> None:
        """Close what is free now and the rest when it comes back."""
        self._closed = True
        while self._free:
            self._free.pop().connection.close()

    def _freshest(self) -> Cursor | None:
        while True:
            try:
                cursor = self._free.pop()
            except IndexError:
                return None
            if _is_alive(cursor.connection):
                return cursor
            cursor.connection.close()

    def _connect(self) -> Cursor:
        try:
            connection = Connection.connect(autocommit=True, **self._parts)
        except psycopg.Error as error:
            raise unreachable(error, self.place) from None
        try:
            if self._about is None:
                self._about = _about(connection)
            connection.prepare_threshold = None if self.pooled else 0
            if not self.pooled:
                connection.execute(_SETTINGS, (str(milliseconds(self._wait)),), prepare=False)
            return connection.cursor()
        except psycopg.Error as error:
            connection.close()
            raise translated(error, self.place) from error

    def _leave_to_parent(self) -> None:
        """In a forked child: close our copies of the sockets without a word to the server, then begin anew."""
        inherited, closed = self._free, self._closed
        self._begin()
        self._closed = closed
        for cursor in inherited:
            os.close(cursor.connection.fileno())
            cursor.connection.close()


class Loan:
    """`with connections.lent() as cursor:`"""

    __slots__ = ("_connections", "_cursor")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def __enter__(self) -> Cursor:
        self._cursor = self._connections.take()
        return self._cursor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._connections.give_back(self._cursor)
        if is_outage(error):
            assert isinstance(error, psycopg.Error)
            raise translated(error, self._connections.place) from error


def _about(connection: Connection) -> About:
    """A pooler invents the process number that libpq is told for cancel requests; the server tells the true one."""
    row = connection.execute(_ABOUT, prepare=False).fetchone()
    assert row is not None
    return About(pooled=row[0] != connection.info.backend_pid, synchronous_commit=row[1], encoding=row[2])


def _is_alive(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server is still there, as far as can be told without asking: an idle one has little to say but that it goes."""
    try:
        for _ in range(_WORDS):
            if connection.closed:
                return False
            if not _has_something_to_say(connection.pgconn.socket):
                return True
            connection.pgconn.consume_input()
    except psycopg.OperationalError:
        pass
    return False


def _has_something_to_say(socket: int) -> bool:
    if hasattr(select, "poll"):
        watch = select.poll()
        watch.register(socket, select.POLLIN)
        return bool(watch.poll(0))
    return bool(select.select([socket], [], [], 0)[0])
