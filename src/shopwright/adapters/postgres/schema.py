"""The numbered migrations of the fixed tables, and the bookkeeping that tells what a database was upgraded for.

Rules
- everything stands in a schema of its own, so a host's tables may share the database;
- a migration that was released never changes; the next one has the next number; there is no way back;
- the scope is the first column of every key; text compares by code point (collation "C");
- bodies are `json`, kept as they were written: checked like `jsonb` and readable by any tool, for half the cost of a commit;
- tables for document kinds are no migrations: they follow from the registered kinds (`shopwright.adapters.tables`).
"""

from __future__ import annotations

import re

from attrs import frozen

from shopwright.adapters.postgres.connections import Cursor
from shopwright.adapters.tables import Column, Installed, InstalledIndex, InstalledKind, Table, index_name
from shopwright.errors import InvalidValue, SchemaMismatch
from shopwright.ports.kinds import IndexType

TEXT = 'text collate "C"'
COLUMN_TYPES = {IndexType.TEXT: TEXT, IndexType.INTEGER: "bigint", IndexType.TIME: "timestamptz"}

INLINE = "toast_tuple_target = 8160"
"""Bodies stay in the row as long as it fits on a page: compressing those above 2 KB cost more than the rest of the write."""

_SCHEMA_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}\Z")


@frozen
class Migration:
    """One step forward of the fixed tables; `{s}` in a statement stands for the schema."""

    number: int
    name: str
    statements: tuple[str, ...]


_BOOKKEEPING = (
    "create table {s}.shopwright_migration (number integer primary key, name text not null, at timestamptz not null default now())",
    "create table {s}.shopwright_kind (name text primary key, shape integer not null, layout integer not null, mixed boolean not null)",
    """create table {s}.shopwright_index (
    kind text not null, name text not null, type text not null, is_unique boolean not null, ready boolean not null, primary key (kind, name)
)""",
    "create table {s}.shopwright_function (name text primary key, within text not null, at timestamptz not null default now())",
    "create table {s}.shopwright_clock (only_row boolean primary key default true check (only_row), ahead bigint not null)",
    "insert into {s}.shopwright_clock (ahead) values (0)",
)
_OPERATION = (
    f"""create table {{s}}.operation (
    scope {TEXT} not null, key {TEXT} not null, fingerprint text not null, answer text not null, at timestamptz not null, primary key (scope, key)
)""",
    "create index operation_by_at on {s}.operation (scope, at)",
)
_RECORD = (
    f"""create table {{s}}.record (
    scope {TEXT} not null, stream {TEXT} not null, tx bigint not null, ordinal integer not null, key {TEXT} not null, number bigint not null,
    at timestamptz not null, type text not null, shape integer not null, body json not null,
    constraint record_by_position primary key (scope, stream, tx, ordinal)
) with ({INLINE})""",
    # It begins with the key, and is asked with `is not distinct from` for the rest: without statistics, as in a new shop, a planner takes
    # two indexes that begin alike for equally good, and would look for one record in its whole stream.
    "create unique index record_by_number on {s}.record (key, number, scope, stream)",
    "create index record_by_tx on {s}.record using brin (tx)",
)
_QUOTA = (
    f"""create table {{s}}.quota (
    scope {TEXT} not null, key {TEXT} not null, rank bigint not null, granted bigint not null, used bigint not null, held bigint not null,
    primary key (scope, key), constraint quota_never_below_zero check (used >= 0 and held >= 0 and granted - used - held >= 0)
) with (fillfactor = 50)""",
    f"""create table {{s}}.hold (
    scope {TEXT} not null, id {TEXT} not null, until timestamptz not null, keys text[] not null, quantities bigint[] not null,
    reclaimed_at timestamptz, constraint hold_by_id primary key (scope, id)
)""",
    "create index hold_by_reclaimed_at on {s}.hold (scope, reclaimed_at) where reclaimed_at is not null",
    f"""create table {{s}}.hold_item (
    scope {TEXT} not null, key {TEXT} not null, until timestamptz not null, hold {TEXT} not null, quantity bigint not null,
    primary key (scope, key, until, hold)
)""",
)

MIGRATIONS = (Migration(1, "operations, records, quotas and holds", (*_BOOKKEEPING, *_OPERATION, *_RECORD, *_QUOTA)),)
NEWEST = MIGRATIONS[-1].number


def check_schema_name(schema: str) -> str:
    """The schema as it stands in SQL; raises `InvalidValue` for what would need quoting."""
    if not _SCHEMA_NAME.match(schema) or schema.startswith("pg_"):
        raise InvalidValue(f"expected a schema name of at most 40 lower-case letters, digits and '_', not beginning with pg_, got {schema!r}")
    return quoted(schema)


def quoted(name: str) -> str:
    """An identifier that may be a word of SQL, such as `order`."""
    return f'"{name}"'


def installed(cursor: Cursor, schema: str) -> Installed | None:
    """What the schema was upgraded for; `None` when it never was."""
    there = cursor.execute("select to_regclass(%s) is not null", (f"{schema}.shopwright_migration",)).fetchone()
    assert there is not None
    if not there[0]:
        return None
    row = cursor.execute(f"select coalesce(max(number), 0) from {schema}.shopwright_migration").fetchone()
    assert row is not None
    indexes: dict[str, list[InstalledIndex]] = {}
    for kind, name, *rest in cursor.execute(
        f'select kind, name, type, is_unique, ready from {schema}.shopwright_index order by kind, name collate "C"'
    ):
        indexes.setdefault(kind, []).append(InstalledIndex(name, *rest))
    kinds = cursor.execute(f'select name, shape from {schema}.shopwright_kind order by name collate "C"').fetchall()
    return Installed(row[0], tuple(InstalledKind(name, shape, tuple(indexes.get(name, ()))) for name, shape in kinds))


def installed_or_raise(cursor: Cursor, schema: str, place: str) -> Installed:
    """What the schema was upgraded for; raises `SchemaMismatch` when it never was."""
    found = installed(cursor, schema)
    if found is None:
        raise SchemaMismatch(f"the database {place} has no shop in its schema {schema}; run `shopwright db upgrade {place}`")
    return found


def create_document_table(schema: str, table: Table) -> str:
    """A table with the fixed columns; index columns are added one by one. `_layout` tells for which indexes a row was written."""
    return f"""create table {schema}.{quoted(table.name)} (
    scope {TEXT} not null, id {TEXT} not null, version bigint not null, shape integer not null, _layout integer not null, body json not null,
    primary key (scope, id)
) with (fillfactor = 80, {INLINE})"""


def add_column(schema: str, table: Table, column: Column) -> str:
    """The typed column of an index."""
    return f"alter table {schema}.{quoted(table.name)} add column {quoted(column.name)} {COLUMN_TYPES[column.type]}"


def add_index(schema: str, table: Table, column: Column, *, while_used: bool) -> str:
    """The index on a column; documents that answered `None` take no room in it. `while_used` lets commits go on meanwhile."""
    name, index = quoted(column.name), quoted(index_name(table, column))
    unique, keys = ("unique ", f"scope, {name}") if column.unique else ("", f"scope, {name}, id")
    how = "concurrently " if while_used else ""
    return f"create {unique}index {how}{index} on {schema}.{quoted(table.name)} ({keys}) where {name} is not null"


def drop_column(schema: str, table: str, column: str) -> str:
    """Take a column and its index away."""
    return f"alter table {schema}.{quoted(table)} drop column if exists {quoted(column)}"
