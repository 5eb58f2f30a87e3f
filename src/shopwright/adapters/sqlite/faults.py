"""What SQLite's errors mean to a shop.

Rules
- a lock that was not granted in time is `StorageBusy`, a full disk `StorageFull`, a damaged or foreign file `StorageCorrupted`;
- a table or column that is not there is `SchemaMismatch`; everything else that the file or the system did is `StorageUnavailable`;
- a transaction that met one of these is rolled back before the error is raised, so nothing is half written.
"""

from __future__ import annotations

import sqlite3

from shopwright.errors import Outage, SchemaMismatch, StorageBusy, StorageCorrupted, StorageFull, StorageUnavailable

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})


def primary_code(error: sqlite3.Error) -> int:
    """The primary result code; 0 for an error that the Python module raised itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection holds the lock that was wanted."""
    return primary_code(error) in _BUSY


def translated(error: sqlite3.Error, place: str) -> Outage:
    """The outage that an error of the driver stands for; `place` names the database as `shopwright db` takes it."""
    code = primary_code(error)
    if code in _BUSY:
        return StorageBusy(f"another connection holds the write lock of {place} ({error}); nothing was written; run the command again")
    if code == sqlite3.SQLITE_FULL:
        return StorageFull(f"there is no room for {place} ({error}); nothing was written; free some space, then run the command again")
    if code in _DAMAGED:
        return StorageCorrupted(f"{place} is damaged or is no SQLite database ({error}); restore it from a backup, or give another path")
    if code == sqlite3.SQLITE_READONLY:
        return StorageUnavailable(f"{place} cannot be written ({error}); check the permissions of the file and of its folder")
    if code == sqlite3.SQLITE_CANTOPEN:
        return StorageUnavailable(f"{place} cannot be opened ({error}); check the path and the permissions of its folder")
    if code == sqlite3.SQLITE_ERROR and "no such " in str(error):
        return SchemaMismatch(f"{place} lacks a table or a column ({error}); run `shopwright db upgrade {place}`")
    return StorageUnavailable(f"{place} did not answer ({error}); run the same command again with the same key")
