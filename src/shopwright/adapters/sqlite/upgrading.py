"""Brings a file up to this release and to the registered kinds: fixed tables, kind tables, new indexes and their backfill, views.

Rules
- forward only: a file that is newer is refused as it stands;
- all tables and columns change in one transaction; a second process that upgrades at the same time waits and finds it done;
- a new index is filled in batches, each a transaction of its own that remembers how far it came, so that it may be stopped and
  run again, by several processes even; commits of this release keep the index from the first moment on;
- an index that its kind no longer declares goes when the kind has a new shape or another new index.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from shopwright.adapters.databases import Progress, silent
from shopwright.adapters.sqlite import statements
from shopwright.adapters.sqlite.connections import Connections, place_of
from shopwright.adapters.sqlite.schema import MIGRATIONS, NEWEST, NOW, installed, tables_there
from shopwright.adapters.sqlite.statements import quoted
from shopwright.adapters.sqlite.views import VIEWS, views_of
from shopwright.adapters.tables import Column, Installed, InstalledKind, Table, compare, tables_of
from shopwright.errors import SchemaMismatch, StorageCorrupted, StorageUnavailable, UndecodableDocument
from shopwright.ports.kinds import Kinds
from shopwright.wire.codec import Codec

BATCH = 500


def make_file(path: Path) -> None:
    """An empty file where there is none; raises `StorageUnavailable` when its folder is missing or closed to us."""
    try:
        path.touch()
    except OSError as error:
        raise StorageUnavailable(f"{place_of(path)} cannot be made ({error.strerror}); make its folder and allow writing there") from error


def upgrade(connections: Connections, codec: Codec, *, progress: Progress = silent) -> None:
    """Bring the file up to the codec's kinds; raises `SchemaMismatch` when it is newer than this release."""
    tables = tables_of(codec.kinds)
    with connections.writing() as cursor:
        _change_tables(cursor, codec.kinds, tables, connections.place)
    for table in tables:
        _fill(connections, codec, table, progress)


def _change_tables(cursor: sqlite3.Cursor, kinds: Kinds, tables: tuple[Table, ...], place: str) -> None:
    there = installed(cursor) or Installed(0)
    difference = compare(there, kinds, newest=NEWEST)
    if difference.newer:
        difference.refuse(place)
    if not there.migration:
        _check_room(cursor, tables, place)
    if difference.older:
        _change_fixed_and_kinds(cursor, tables, there)
    _make_views(cursor, kinds)


def _change_fixed_and_kinds(cursor: sqlite3.Cursor, tables: tuple[Table, ...], there: Installed) -> None:
    for view in VIEWS:  # a table that a view reads cannot lose a column
        cursor.execute(f"drop view if exists {quoted(view.name)}")
    for migration in MIGRATIONS[there.migration :]:
        for statement in migration.statements:
            cursor.execute(statement)
        cursor.execute(f"insert into shopwright_migration values (?, ?, {NOW})", (migration.number, migration.name))
    for table in tables:
        _change_table(cursor, table, there.kind(table.kind.name))


def _make_views(cursor: sqlite3.Cursor, kinds: Kinds) -> None:
    present = dict(cursor.execute("select name, sql from sqlite_master where type = 'view'").fetchall())
    for view in views_of(kinds):
        text = f"create view {quoted(view.name)} as {view.select}"
        if present.get(view.name) != text.replace("create view", "CREATE VIEW", 1):
            cursor.execute(f"drop view if exists {quoted(view.name)}")
            cursor.execute(text)


def _check_room(cursor: sqlite3.Cursor, tables: tuple[Table, ...], place: str) -> None:
    ours = {"operation", "record", "quota", "hold", "hold_item", *(table.name for table in tables), *(view.name for view in VIEWS)}
    taken = sorted(ours & set(tables_there(cursor)))
    if taken:
        raise StorageCorrupted(f"{place} already has a table named {', '.join(taken)} that is not ours; give the shop a file of its own")


def _change_table(cursor: sqlite3.Cursor, table: Table, there: InstalledKind | None) -> None:
    kind = table.kind
    if there is None:
        cursor.execute(statements.create_document_table(table))
        there = InstalledKind(kind.name, kind.shape)
    cursor.execute("insert into shopwright_kind values (?, ?) on conflict do update set shape = excluded.shape", (kind.name, kind.shape))
    declared = {(column.index.name, str(column.type), column.unique): column for column in table.columns}
    built = {(index.name, index.type, index.unique) for index in there.indexes}
    for name, _, _ in sorted(built - declared.keys()):
        _drop_index(cursor, table, name)
    for told in sorted(declared.keys() - built):
        _add_index(cursor, table, declared[told])


def _drop_index(cursor: sqlite3.Cursor, table: Table, name: str) -> None:
    for statement in statements.drop_index(table.name, name.replace(".", "_").replace("-", "_")):
        cursor.execute(statement)
    cursor.execute("delete from shopwright_index where kind = ? and name = ?", (table.kind.name, name))


def _add_index(cursor: sqlite3.Cursor, table: Table, column: Column) -> None:
    for statement in statements.add_index(table, column):
        cursor.execute(statement)
    empty = cursor.execute(f"select not exists (select 1 from {quoted(table.name)})").fetchone()[0]
    row = (table.kind.name, column.index.name, str(column.type), int(column.unique), empty)
    cursor.execute("insert into shopwright_index (kind, name, type, is_unique, ready) values (?, ?, ?, ?, ?)", row)


def _fill(connections: Connections, codec: Codec, table: Table, progress: Progress) -> None:
    """Fill the columns of a table that are not ready, batch by batch."""
    with connections.reading() as cursor:
        (total,) = cursor.execute(f"select count(*) from {quoted(table.name)}").fetchone()
    done = 0
    while True:
        with connections.writing() as cursor:
            columns = _unfilled(cursor, table)
            if not columns:
                return
            filled = _fill_batch(cursor, codec, table, columns, connections.place)
        done += filled
        progress(f"indexing {table.name} by {', '.join(column.name for column in columns)}", min(done, total), total)


def _unfilled(cursor: sqlite3.Cursor, table: Table) -> tuple[Column, ...]:
    cursor.execute("select name from shopwright_index where kind = ? and not ready", (table.kind.name,))
    names = {name for (name,) in cursor.fetchall()}
    return tuple(column for column in table.columns if column.index.name in names)


def _fill_batch(cursor: sqlite3.Cursor, codec: Codec, table: Table, columns: tuple[Column, ...], place: str) -> int:
    kind, name = table.kind, quoted(table.name)
    after = cursor.execute(
        "select filled_scope, filled_id from shopwright_index where kind = ? and not ready order by 1, 2 limit 1", (kind.name,)
    ).fetchone()
    cursor.execute(f"select scope, id, shape, body from {name} where (scope, id) > (?, ?) order by scope, id limit {BATCH}", after)
    rows = cursor.fetchall()
    if not rows:
        cursor.execute("update shopwright_index set ready = 1 where kind = ? and not ready", (kind.name,))
        return 0
    places = [table.columns.index(column) for column in columns]
    sets = ", ".join(f"{quoted(column.name)} = ?" for column in columns)
    for scope, id, shape, body in rows:
        try:
            values = table.values(codec.load(kind, shape, body))
            cursor.execute(f"update {name} set {sets} where scope = ? and id = ?", (*(values[place] for place in places), scope, id))
        except UndecodableDocument as error:
            raise UndecodableDocument(f"{kind.name} {id!r} cannot be indexed: {error}") from error
        except sqlite3.IntegrityError as error:
            raise SchemaMismatch(
                f"{place} cannot have the unique index that this release declares: {kind.name} {id!r} shares a value with another ({error}); "
                "change one of them with the release before, then upgrade again"
            ) from error
    cursor.execute("update shopwright_index set filled_scope = ?, filled_id = ? where kind = ? and not ready", (*rows[-1][:2], kind.name))
    return len(rows)
