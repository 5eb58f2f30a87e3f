"""The connections of one process to one SQLite file: one that writes, and some that read.

Rules
- one writer per process, behind a lock, and every write transaction begins with BEGIN IMMEDIATE, so no transaction is ever
  upgraded from reading to writing and none is turned away halfway;
- whoever waits for another process asks again every few milliseconds, until `busy_timeout` has passed: then `StorageBusy`;
- readers are kept in a pool and lent to one thread at a time; in WAL mode they never wait for the writer;
- a short read goes over the writing connection while nobody writes: that one has the pages at hand which a reader must fetch anew after each commit;
- a write transaction is committed when its block ends and rolled back when the block raises;
- before a fork the running reads and the running commit are waited for and all connections are closed, and both processes open new
  ones: SQLite believes that a child holds its parent's locks, which it does not; where that cannot be, the child may not use the storage;
- a file that was moved or deleted under the writer is noticed before anything is written to it.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import uniform
from types import TracebackType
from typing import Any, Literal
from weakref import WeakSet

from shopwright.adapters.sqlite.faults import is_busy, translated
from shopwright.errors import InvalidValue, SchemaMismatch, StorageBusy, StorageUnavailable

Durability = Literal["full", "normal"]

OLDEST_SQLITE = (3, 38, 0)
"""STRICT tables came with 3.37, JSON functions in every build with 3.38; `sqlite3.sqlite_version` tells which one Python is linked with."""

_SYNCHRONOUS = {"full": "FULL", "normal": "NORMAL"}
_STATEMENTS = 512
_CACHE = "-16384"  # KiB
_IDLE_READERS = 16
_PAGE = 2_048  # a new file's: an order touches a page per index and key, and half the bytes reach the disk a tenth sooner than with 4,096
_OPEN: WeakSet[Connections] = WeakSet()


def place_of(path: Path) -> str:
    """The database as `shopwright db` takes it."""
    return f"sqlite:///{path}"


class Connections:
    """Opens, lends and closes the connections to one file; safe between threads and across forks."""

    def __init__(self, path: Path, *, durability: str, busy_timeout: float) -> None:
        if durability not in _SYNCHRONOUS:
            raise InvalidValue(f"expected durability 'full' or 'normal', got {durability!r}")
        if not 0 <= busy_timeout <= 3_600:
            raise InvalidValue(f"expected a busy_timeout of 0 to 3600 seconds, got {busy_timeout!r}")
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StorageUnavailable(f"expected SQLite 3.38 or newer, got {sqlite3.sqlite_version}; run on a Python linked with a newer one")
        self.path = path.absolute()
        self.place = place_of(path)
        self._file_path = str(self.path)
        self._durability = durability
        self._busy_timeout = busy_timeout
        self._closed = False
        self._begin_anew()
        _watch_forks()
        _OPEN.add(self)

    def _begin_anew(self) -> None:
        self._lock = threading.Lock()
        self._guard = threading.RLock()
        self._gate = threading.Condition(self._guard)
        self._forking = False
        self._writer: sqlite3.Connection | None = None
        self._file = 0
        self._idle: list[sqlite3.Connection] = []
        self._lent = 0
        self._stopped = False
        self._calm = True

    def _check(self) -> None:
        if self._closed:
            raise StorageUnavailable(f"the storage {self.place} was closed; open it again")
        if not self._calm:
            raise StorageUnavailable(f"this process was forked in the midst of a transaction on {self.place}; fork before, or start a new process")

    def reading(self) -> Reading:
        """A cursor of a connection that nobody else uses meanwhile; the driver's errors leave as outages."""
        return Reading(self)

    def look(self, statement: str, values: Sequence[Any]) -> list[Any]:
        """All rows of a read of a few rows."""
        if self._lock.acquire(blocking=False):
            try:
                if self._writer is not None:
                    return self._writer.cursor().execute(statement, values).fetchall()
            except sqlite3.Error:
                pass  # a reader waits where the writer would not, and tells what is wrong
            finally:
                self._lock.release()
        with self.reading() as cursor:
            return cursor.execute(statement, values).fetchall()

    def take_reader(self) -> sqlite3.Cursor:
        """A cursor of a connection that is the caller's until it is given back."""
        self._check()
        with self._guard:
            connection = self._idle.pop() if self._idle else None
            self._lent += 1
        try:
            if connection is None:
                connection = self._open()
            return connection.cursor()
        except BaseException as error:
            _close(connection)
            self.give_back(None)
            if isinstance(error, sqlite3.Error):
                raise translated(error, self.place) from error
            raise

    def give_back(self, connection: sqlite3.Connection | None) -> None:
        """End a loan; `None` for a connection that is of no more use."""
        with self._guard:
            self._lent -= 1
            if connection is not None and (self._closed or connection.in_transaction or len(self._idle) >= _IDLE_READERS):
                _close(connection)
            elif connection is not None:
                self._idle.append(connection)
            if self._forking and not self._lent:
                self._gate.notify_all()

    def before_fork(self) -> None:
        """Wait until nothing runs, close everything, and keep others from opening anything until the fork is done."""
        self._stopped = self._lock.acquire(timeout=self._busy_timeout)
        self._gate.acquire()
        self._forking = True
        self._calm = self._stopped and self._gate.wait_for(lambda: not self._lent, self._busy_timeout)
        if self._calm:
            self._close_all()

    def after_fork_in_parent(self) -> None:
        """Let others go on."""
        if self._stopped:
            self._lock.release()
        self._calm = True
        self._forking = False
        self._gate.release()

    def after_fork_in_child(self) -> None:
        """Begin with locks of one's own and no connection; when some could not be closed, begin not at all."""
        if self._calm:
            self._begin_anew()
            return
        for connection in (*self._idle, self._writer):
            if connection is not None:
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(connection))  # one that nobody takes back, so it is never closed here

    def _close_all(self) -> None:
        _close(self._writer)
        self._writer = None
        while self._idle:
            _close(self._idle.pop())

    def writing(self) -> Writing:
        """A cursor inside a write transaction: committed when the block ends, rolled back when it raises."""
        return Writing(self)

    def begin(self) -> sqlite3.Cursor:
        """Begin a write transaction, alone in this process until `end`."""
        self._check()
        deadline = time.monotonic() + self._busy_timeout
        if not self._lock.acquire(timeout=self._busy_timeout):
            raise StorageBusy(f"other threads of this process kept writing to {self.place} for {self._busy_timeout} s; nothing was written")
        try:
            return self._begin(deadline)
        except BaseException as error:
            self._give_up(error)
            raise

    def end(self, cursor: sqlite3.Cursor, error: BaseException | None) -> None:
        """Commit, or roll back what raised; the driver's errors leave as outages."""
        if error is not None:
            self._give_up(error)
            return
        try:
            cursor.execute("COMMIT")
        except BaseException as failed:
            self._give_up(failed)
            raise
        self._lock.release()

    def _give_up(self, error: BaseException) -> None:
        try:
            if isinstance(error, sqlite3.Error):
                self._roll_back(keep=is_busy(error))
                raise translated(error, self.place) from error
            self._roll_back(keep=True)
        finally:
            self._lock.release()

    def _begin(self, deadline: float) -> sqlite3.Cursor:
        if self._writer is None:
            self._writer = self._open_writer(deadline)
        if _file_at(self._file_path) != self._file:
            self._roll_back(keep=False)
            raise StorageUnavailable(f"the file of {self.place} was moved or deleted while it was open; put it back, or open the storage again")
        cursor = self._writer.cursor()
        _until(deadline, cursor, "BEGIN IMMEDIATE")
        return cursor

    def _open_writer(self, deadline: float) -> sqlite3.Connection:
        self._file = _file_at(self._file_path)
        connection = self._open()
        try:
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA page_size={_PAGE}")
            _until(deadline, cursor, "PRAGMA journal_mode=WAL")
            mode = cursor.fetchone()[0]
            if mode != "wal":
                raise StorageUnavailable(f"{self.place} cannot use a write-ahead log (its mode is {mode}); put the file on a local disk")
            cursor.execute(f"PRAGMA synchronous={_SYNCHRONOUS[self._durability]}")
            if self._durability == "full":
                cursor.execute("PRAGMA fullfsync=1")  # on macOS a plain fsync does not reach the disk
            cursor.execute("PRAGMA busy_timeout=0")  # from here on `_until` waits
        except BaseException:
            connection.close()
            raise
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
            timeout=self._busy_timeout,
        )
        try:
            connection.execute(f"PRAGMA cache_size={_CACHE}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _roll_back(self, *, keep: bool) -> None:
        """Leave the transaction; a connection that met a fault, or cannot roll back, is replaced by a new one next time."""
        if self._writer is None:
            return
        if keep:
            try:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                return
            except sqlite3.Error:
                pass
        _close(self._writer)
        self._writer = None

    def close(self) -> None:
        """Close what is idle now and the writer once its transaction has ended; a lent reader is closed when it comes back."""
        with self._lock, self._gate:
            self._closed = True
            self._close_all()


class Reading:
    """`with connections.reading() as cursor:`; a class, as a generator would cost a tenth of a read more."""

    __slots__ = ("_connections", "_cursor")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def __enter__(self) -> sqlite3.Cursor:
        self._cursor = self._connections.take_reader()
        return self._cursor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if not isinstance(error, sqlite3.Error):
            self._connections.give_back(self._cursor.connection)
            return
        _close(self._cursor.connection)
        self._connections.give_back(None)
        raise translated(error, self._connections.place) from error


class Writing:
    """`with connections.writing() as cursor:`"""

    __slots__ = ("_connections", "_cursor")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def __enter__(self) -> sqlite3.Cursor:
        self._cursor = self._connections.begin()
        return self._cursor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._connections.end(self._cursor, error)


def _until(deadline: float, cursor: sqlite3.Cursor, statement: str) -> None:
    """Ask for a lock until it is granted; SQLite's own waiting sleeps up to 100 ms, hundreds of times longer than a commit takes."""
    while True:
        try:
            cursor.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
        time.sleep(uniform(0.0002, 0.003))


def _file_at(path: str) -> int:
    try:
        return os.stat(path).st_ino  # noqa: PTH116  # once per commit, and three times as fast as through a Path
    except OSError:  # gone, or in a folder that may not be entered; SQLite tells which when it opens the file
        return -1


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        with suppress(sqlite3.Error):
            connection.close()


@cache
def _watch_forks() -> None:
    """Ask once per process to be told of forks, where there are any."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)


_FORKING: list[Connections] = []


def _before_fork() -> None:
    _FORKING[:] = _OPEN
    for connections in _FORKING:
        connections.before_fork()


def _after_fork_in_parent() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_parent()


def _after_fork_in_child() -> None:
    while _FORKING:
        _FORKING.pop().after_fork_in_child()


def check_exists(path: Path) -> None:
    """Raise `SchemaMismatch` when there is no file, without making one."""
    if not path.exists():
        raise SchemaMismatch(f"there is no database at {place_of(path)}; make one with `shopwright db upgrade {place_of(path)}`")
