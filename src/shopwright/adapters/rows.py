"""What the fakes remember: frozen records by table and key, in memory, or in one file that several processes share.

Rules
- a change is seen whole or not at all: what a `with rows.writing()` block puts is kept when the block ends without an exception;
- writers come one at a time, across threads and, with a file, across processes;
- the file is a journal of JSON lines; a line that a killed process left half written is dropped by the next writer;
- records hold text, integers, booleans, tuples of these, and times in fields whose name ends in `_at`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, BinaryIO, Protocol, TypeVar, cast

import attrs

from shopwright.errors import NotSupportedHere

T = TypeVar("T")
Tables = dict[str, dict[str, Any]]


class Draft:
    """One change in the making: reads see what it has put already."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.puts: list[tuple[str, str, Any]] = []
        self._seen: dict[tuple[str, str], Any] = {}

    def get(self, table: str, key: str, type: type[T]) -> T | None:
        """The record of this key, or `None`."""
        if (table, key) in self._seen:
            return cast("T", self._seen[table, key])
        return cast("T | None", self._tables.get(table, {}).get(key))

    def all(self, table: str, type: type[T]) -> tuple[T, ...]:
        """Every record of a table, in the order in which their keys first came."""
        merged = dict(self._tables.get(table, {}))
        merged.update({key: record for (name, key), record in self._seen.items() if name == table})
        return tuple(cast("T", record) for record in merged.values())

    def count(self, table: str) -> int:
        """How many records a table has."""
        kept = self._tables.get(table, {})
        return len(kept) + sum(1 for name, key in self._seen if name == table and key not in kept)

    def put(self, table: str, key: str, record: Any) -> None:
        """Keep this record under this key."""
        self.puts.append((table, key, record))
        self._seen[table, key] = record


class Rows(Protocol):
    """Tables of records."""

    def writing(self) -> AbstractContextManager[Draft]:
        """Read and write, alone, until the block ends."""
        ...


class MemoryRows:
    """Rows that live as long as this object."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._tables: Tables = {}

    @contextmanager
    def writing(self) -> Iterator[Draft]:
        """Read and write, alone among the threads."""
        with self._lock:
            draft = Draft(self._tables)
            yield draft
            _keep(self._tables, draft.puts)


class FileRows:
    """Rows in a file that outlive the process and are shared by every process that opens it. Needs POSIX file locks."""

    def __init__(self, path: Path, types: Mapping[str, type]) -> None:
        self._path, self._types = path, dict(types)
        self._lock = RLock()
        self._tables: Tables = {}
        self._read = 0

    @contextmanager
    def writing(self) -> Iterator[Draft]:
        """Read and write, alone among all threads and processes."""
        with self._lock, self._path.open("a+b") as file, _alone(file):
            self._catch_up(file)
            draft = Draft(self._tables)
            yield draft
            if draft.puts:
                line = json.dumps([[table, key, _plain(record)] for table, key, record in draft.puts]).encode() + b"\n"
                file.write(line)
                file.flush()
                self._read += len(line)
                _keep(self._tables, draft.puts)

    def _catch_up(self, file: BinaryIO) -> None:
        """Take over what other processes have written since, and cut off what a killed one left half written."""
        if file.seek(0, os.SEEK_END) < self._read:
            self._tables, self._read = {}, 0
        file.seek(self._read)
        for line in file.read().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                file.truncate(self._read)
                break
            _keep(self._tables, [(table, key, self._record(table, plain)) for table, key, plain in json.loads(line)])
            self._read += len(line)
        file.seek(0, os.SEEK_END)

    def _record(self, table: str, plain: dict[str, Any]) -> Any:
        fields = {name: _field(name, value) for name, value in plain.items()}
        return self._types[table](**fields)


def _keep(tables: Tables, puts: list[tuple[str, str, Any]]) -> None:
    for table, key, record in puts:
        tables.setdefault(table, {})[key] = record


def _plain(record: Any) -> dict[str, Any]:
    return attrs.asdict(record, value_serializer=lambda _record, _field, value: value.isoformat() if isinstance(value, datetime) else value)


def _field(name: str, value: Any) -> Any:
    if name.endswith("_at") and value is not None:
        return datetime.fromisoformat(value)
    return tuple(_field("", each) for each in value) if isinstance(value, list) else value


@contextmanager
def _alone(file: BinaryIO) -> Iterator[None]:
    """Hold the lock of this file; the system lets go of it when the process dies."""
    try:
        import fcntl
    except ImportError as error:
        raise NotSupportedHere("a file shared between processes needs POSIX file locks; leave the path out to keep the rows in memory") from error
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)
