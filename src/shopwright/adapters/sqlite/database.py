"""An SQLite file by its url, for `shopwright.adapters.databases`."""

from __future__ import annotations

from pathlib import Path

from shopwright.adapters.databases import Progress, Status
from shopwright.adapters.sqlite.connections import Connections, check_exists
from shopwright.adapters.sqlite.schema import NEWEST, installed, installed_or_raise, tables_there
from shopwright.adapters.sqlite.storage import SqliteStorage
from shopwright.adapters.tables import Installed, compare
from shopwright.errors import InvalidValue
from shopwright.ports.kinds import Kinds

_PREFIX = "sqlite:///"


def path_of(url: str) -> Path:
    """The file that a url names; raises `InvalidValue` when it names none."""
    if not url.startswith(_PREFIX) or len(url) == len(_PREFIX):
        raise InvalidValue(f"expected {_PREFIX}path/of/the/file.db, got {url!r}")
    return Path(url[len(_PREFIX) :])


def upgrade(url: str, kinds: Kinds, progress: Progress) -> None:
    """Make or bring up the file."""
    SqliteStorage.open(path_of(url), kinds=kinds, upgrade=True, progress=progress).close()


def status(url: str, kinds: Kinds) -> Status:
    """How the file stands; raises `SchemaMismatch` when there is none and `StorageCorrupted` when it is somebody else's."""
    path = path_of(url)
    check_exists(path)
    connections = Connections(path, durability="full", busy_timeout=10)
    try:
        with connections.reading() as cursor:
            there = installed_or_raise(cursor, connections.place) if tables_there(cursor) else installed(cursor)
    finally:
        connections.close()
    return Status(connections.place, there, NEWEST, compare(there or Installed(0), kinds, newest=NEWEST))


def open_storage(url: str, kinds: Kinds) -> SqliteStorage:
    """Open the file as a storage."""
    return SqliteStorage.open(path_of(url), kinds=kinds)
