"""Brings a database up to this release and to the registered kinds: fixed tables, kind tables, the commit function, new indexes.

Rules
- forward only: a database that is newer is refused as it stands;
- everything but the filling of indexes is one transaction under an advisory lock; who upgrades at the same time waits and finds it done;
- the commit function goes in beside those of other releases; the newest few stay, so that old and new processes run together;
- a new index on a table with rows is filled in batches and built while commits go on, and is refused to queries until it is done; an
  upgrade that was stopped goes on where it was when it is run again;
- an index that its kind no longer declares goes when the kind has a new shape or another new index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import psycopg

from shopwright.adapters.postgres.connections import Connections, Cursor
from shopwright.adapters.postgres.engine import Engine, ahead_of, clock_behind
from shopwright.adapters.postgres.filling import fill, unique_broken
from shopwright.adapters.postgres.functions import layout_of, sisters_of
from shopwright.adapters.postgres.schema import (
    MIGRATIONS,
    NEWEST,
    add_column,
    add_index,
    create_document_table,
    drop_column,
    installed,
    quoted,
)
from shopwright.adapters.postgres.sessions import own
from shopwright.adapters.postgres.views import drop_views, make_views
from shopwright.adapters.tables import Column, Installed, InstalledKind, Table, compare, index_name
from shopwright.errors import SchemaMismatch

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

FUNCTIONS_KEPT = 5
OLDEST_SERVER = 140000
LOCK_TIMEOUT = 60_000


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def upgrade(connections: Connections, engine: Engine, *, functions: bool, progress: Progress = silent) -> None:
    """Bring the database up to the engine's kinds; raises `SchemaMismatch` when it is newer than this release."""
    with connections.lent() as cursor:
        _check_server(cursor, engine)
        session = own(cursor.connection, synchronous_commit=None, lock_timeout=LOCK_TIMEOUT)
        try:
            session.start()
            _change_tables(cursor, engine, functions=functions)
            session.end()
        except BaseException:
            session.undone()
            raise
    _finish_indexes(connections, engine, progress)


def _check_server(cursor: Cursor, engine: Engine) -> None:
    row = cursor.execute("select current_setting('server_version_num')::integer, current_setting('server_encoding')").fetchone()
    assert row is not None
    version, encoding = row
    if version < OLDEST_SERVER:
        raise SchemaMismatch(f"{engine.place} runs PostgreSQL {version // 10_000}; expected {OLDEST_SERVER // 10_000} or newer")
    if encoding != "UTF8":
        raise SchemaMismatch(f"the database {engine.place} has the encoding {encoding}; make one with encoding UTF8, which every name fits in")


def _change_tables(cursor: Cursor, engine: Engine, *, functions: bool) -> None:
    schema = engine.schema
    cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"shopwright upgrade {schema}",))
    there = installed(cursor, schema) or Installed(0)
    difference = compare(there, engine.kinds, newest=NEWEST)
    if difference.newer:
        difference.refuse(engine.place)
    if difference.older:
        _change_fixed_and_kinds(cursor, engine, there)
    _set_clock(cursor, engine)
    if functions:
        _install_functions(cursor, engine)
    make_views(cursor, schema, engine.kinds)


def _change_fixed_and_kinds(cursor: Cursor, engine: Engine, there: Installed) -> None:
    schema = engine.schema
    row = cursor.execute("select to_regnamespace(%s) is not null", (schema,)).fetchone()
    if row is None or not row[0]:
        cursor.execute(f"create schema {schema}")
    drop_views(cursor, schema)
    for migration in MIGRATIONS[there.migration :]:
        _execute(cursor, [statement.format(s=schema) for statement in migration.statements])
        cursor.execute(f"insert into {schema}.shopwright_migration (number, name) values (%s, %s)", (migration.number, migration.name))
    for table in engine.tables:
        _change_table(cursor, schema, table, there.kind(table.kind.name))


def _change_table(cursor: Cursor, schema: str, table: Table, there: InstalledKind | None) -> None:
    kind, is_new = table.kind, there is None
    if there is None:
        cursor.execute(create_document_table(schema, table))
        there = InstalledKind(kind.name, kind.shape)
    cursor.execute(
        f"""insert into {schema}.shopwright_kind as k (name, shape, layout, mixed) values (%s, %s, %s, false) on conflict (name) do update
        set shape = excluded.shape, layout = excluded.layout, mixed = k.mixed or k.layout <> excluded.layout""",
        (kind.name, kind.shape, layout_of(table)),
    )
    declared = {(column.index.name, str(column.type), column.unique): column for column in table.columns}
    built = {(index.name, index.type, index.unique) for index in there.indexes}
    for name, _, _ in sorted(built - declared.keys()):
        cursor.execute(drop_column(schema, table.name, name.replace(".", "_").replace("-", "_")))
        cursor.execute(f"delete from {schema}.shopwright_index where kind = %s and name = %s", (kind.name, name))
    new = [declared[told] for told in sorted(declared.keys() - built)]
    _execute(cursor, [add_column(schema, table, column) for column in new])
    if is_new:
        _execute(cursor, [add_index(schema, table, column, while_used=False) for column in new])
    for column in new:
        row = (kind.name, column.index.name, str(column.type), column.unique, is_new)
        cursor.execute(f"insert into {schema}.shopwright_index (kind, name, type, is_unique, ready) values (%s, %s, %s, %s, %s)", row)


def _execute(cursor: Cursor, statements: Sequence[str]) -> None:
    """Statements without values, in one round trip."""
    if statements:
        cursor.execute(";\n".join(statements), prepare=False)


def _set_clock(cursor: Cursor, engine: Engine) -> None:
    """After a restore into another server, let transaction numbers go on above those that the store has."""
    highest = clock_behind(cursor, engine.schema)
    if highest is not None:
        cursor.execute(
            f"update {engine.schema}.shopwright_clock set ahead = %s::bigint + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint", (highest,)
        )
    engine.learn(ahead=ahead_of(cursor, engine.schema))


def _install_functions(cursor: Cursor, engine: Engine) -> None:
    """Put the commit functions beside the others, and take away those that only long-gone releases call."""
    schema, functions = engine.schema, engine.functions
    _execute(cursor, functions.definitions)
    cursor.execute(
        f"""insert into {schema}.shopwright_function (name, within) values (%s, %s)
        on conflict (name) do update set at = clock_timestamp()""",
        (functions.name, functions.within),
    )
    gone = cursor.execute(f"select name, within from {schema}.shopwright_function order by at desc, name offset {FUNCTIONS_KEPT}").fetchall()
    for name, within in gone:
        theirs = within, name, *sisters_of(name)
        cursor.execute(f"drop function if exists {', '.join(f'{schema}.{quoted(each)}(text)' for each in theirs)}")
        cursor.execute(f"delete from {schema}.shopwright_function where name = %s", (name,))


def _finish_indexes(connections: Connections, engine: Engine, progress: Progress) -> None:
    """Fill and build the indexes that are not ready, one process at a time: a second connection holds the lock meanwhile."""
    with connections.lent() as cursor:
        if not any(_waiting(cursor, engine.schema, table) for table in engine.tables):
            return
        with connections.lent() as keeper:
            turn = own(keeper.connection, synchronous_commit=None, lock_timeout=LOCK_TIMEOUT)
            try:
                turn.start()
                keeper.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"shopwright indexes {engine.schema}",))
                # It comes last: a finished `select` keeps its snapshot until the next statement, and building an index waits for all snapshots.
                keeper.execute("set local idle_in_transaction_session_timeout = 0")
                for table in engine.tables:
                    _finish_table(cursor, engine, table, progress)
            finally:
                turn.undone()


def _finish_table(cursor: Cursor, engine: Engine, table: Table, progress: Progress) -> None:
    schema, statements = engine.schema, engine.documents[table.name]
    waiting = _waiting(cursor, schema, table)
    if not waiting:
        return
    names = ", ".join(column.index.name for column in waiting)
    row = cursor.execute(f"select count(*) from {statements.name}").fetchone()
    total, done = (row[0] if row else 0), 0

    def told(count: int) -> None:
        nonlocal done
        done += count
        progress(f"indexing {table.kind.name} by {names}", min(done, total), total)

    session = own(cursor.connection, synchronous_commit=None, lock_timeout=LOCK_TIMEOUT)
    fill(session, engine, statements, told)
    _build(cursor, engine, table, waiting)
    fill(session, engine, statements)
    cursor.execute(f"update {schema}.shopwright_index set ready = true where kind = %s", (table.kind.name,))


def _waiting(cursor: Cursor, schema: str, table: Table) -> tuple[Column, ...]:
    rows = cursor.execute(f"select name from {schema}.shopwright_index where kind = %s and not ready", (table.kind.name,)).fetchall()
    names = {name for (name,) in rows}
    return tuple(column for column in table.columns if column.index.name in names)


def _build(cursor: Cursor, engine: Engine, table: Table, columns: tuple[Column, ...]) -> None:
    """Build while commits go on; what an earlier try left half built is built anew."""
    schema, statements = engine.schema, engine.documents[table.name]
    outdated = quoted(f"{table.name}_by__layout")
    cursor.execute(f"drop index concurrently if exists {schema}.{outdated}")
    cursor.execute(f"create index concurrently {outdated} on {statements.name} (scope, id) where _layout <> {statements.layout}")
    for column in columns:
        cursor.execute(f"drop index concurrently if exists {schema}.{quoted(index_name(table, column))}")
        try:
            cursor.execute(add_index(schema, table, column, while_used=True))
        except psycopg.errors.UniqueViolation as error:
            cursor.execute(f"drop index concurrently if exists {schema}.{quoted(index_name(table, column))}")
            raise unique_broken(engine, statements, error) from error
