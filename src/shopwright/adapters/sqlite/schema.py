"""The numbered migrations of the fixed tables, and the bookkeeping that tells what a file was upgraded for.

Rules
- a migration that was released never changes; the next one has the next number; there is no way back;
- tables are STRICT: a column holds its declared type or the write fails;
- tables for document kinds are no migrations: they follow from the registered kinds (`shopwright.adapters.tables`);
- the bookkeeping stands in tables of its own prefix, not in the header of the file, which may be the host's.
"""

from __future__ import annotations

import sqlite3

from attrs import frozen

from shopwright.adapters.tables import Installed, InstalledIndex, InstalledKind
from shopwright.errors import SchemaMismatch, StorageCorrupted

NOW = "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')"


@frozen
class Migration:
    """One step forward of the fixed tables."""

    number: int
    name: str
    statements: tuple[str, ...]


_BOOKKEEPING = (
    "create table shopwright_migration (number integer primary key, name text not null, at text not null) strict",
    "create table shopwright_kind (name text primary key, shape integer not null) strict, without rowid",
    """create table shopwright_index (
    kind text not null, name text not null, type text not null, is_unique integer not null, ready integer not null,
    filled_scope text not null default '', filled_id text not null default '', primary key (kind, name)
) strict, without rowid""",
)
_OPERATION = (
    """create table operation (
    scope text not null, key text not null, fingerprint text not null, answer text not null, at text not null, primary key (scope, key)
) strict, without rowid""",
    "create index operation_by_at on operation (scope, at)",
)
_RECORD = (
    """create table record (
    position integer primary key, scope text not null, stream text not null, key text not null, number integer not null,
    at text not null, type text not null, shape integer not null, body text not null, unique (scope, stream, key, number)
) strict""",
    "create index record_by_stream on record (scope, stream, position)",
)
_QUOTA = (
    """create table quota (
    scope text not null, key text not null, rank integer not null, granted integer not null, used integer not null, held integer not null,
    primary key (scope, key), check (used >= 0 and held >= 0 and granted - used - held >= 0)
) strict, without rowid""",
    """create table hold (
    scope text not null, id text not null, until text not null, items text not null, reclaimed text, primary key (scope, id)
) strict, without rowid""",
    "create index hold_by_reclaimed on hold (scope, reclaimed) where reclaimed is not null",
    """create table hold_item (
    scope text not null, key text not null, until text not null, hold text not null, quantity integer not null,
    primary key (scope, key, until, hold)
) strict, without rowid""",
)

MIGRATIONS = (Migration(1, "operations, records, quotas and holds", (*_BOOKKEEPING, *_OPERATION, *_RECORD, *_QUOTA)),)
NEWEST = MIGRATIONS[-1].number


def tables_there(cursor: sqlite3.Cursor) -> tuple[str, ...]:
    """The names of all tables and views in the file, whoever made them."""
    cursor.execute("select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite~_%' escape '~' order by name")
    return tuple(name for (name,) in cursor.fetchall())


def installed(cursor: sqlite3.Cursor) -> Installed | None:
    """What the file was upgraded for; `None` when it never was."""
    if "shopwright_migration" not in tables_there(cursor):
        return None
    (migration,) = cursor.execute("select coalesce(max(number), 0) from shopwright_migration").fetchone()
    indexes: dict[str, list[InstalledIndex]] = {}
    for kind, name, type_, unique, ready in cursor.execute("select kind, name, type, is_unique, ready from shopwright_index order by kind, name"):
        indexes.setdefault(kind, []).append(InstalledIndex(name, type_, bool(unique), bool(ready)))
    kinds = cursor.execute("select name, shape from shopwright_kind order by name").fetchall()
    return Installed(migration, tuple(InstalledKind(name, shape, tuple(indexes.get(name, ()))) for name, shape in kinds))


def installed_or_raise(cursor: sqlite3.Cursor, place: str) -> Installed:
    """What the file was upgraded for; raises `SchemaMismatch` for an empty file and `StorageCorrupted` for somebody else's."""
    found = installed(cursor)
    if found is not None:
        return found
    others = tables_there(cursor)
    if not others:
        raise SchemaMismatch(f"the database {place} is empty; run `shopwright db upgrade {place}`")
    some = ", ".join(others[:5])
    raise StorageCorrupted(
        f"{place} is no Shopwright database: it has the tables {some} and none of ours; give another path, or, to keep both in one file, "
        f"run `shopwright db upgrade {place}`"
    )


def schema_version(cursor: sqlite3.Cursor) -> int:
    """A number that changes whenever anybody changes a table of the file."""
    return int(cursor.execute("PRAGMA schema_version").fetchone()[0])
