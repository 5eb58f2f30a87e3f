"""What all views of one database share: its kinds, its codec, its statements, and what is known of its schema.

Rules
- the schema is looked at when the storage opens; a database that this release may not write to is refused then;
- the commit function of exactly these kinds must be there: that is how a release knows that it was upgraded for;
- an index that was not ready is looked up again by each query that wants it, until it is ready.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from shopwright.adapters.postgres.connections import Cursor
from shopwright.adapters.postgres.functions import Functions, commit_functions, layout_of
from shopwright.adapters.postgres.schema import NEWEST, check_schema_name, installed_or_raise
from shopwright.adapters.postgres.statements import DocumentStatements, Statements
from shopwright.adapters.tables import Installed, compare, tables_of
from shopwright.errors import SchemaMismatch, UnknownIndex
from shopwright.ports.kinds import Kind
from shopwright.wire.codec import Codec

T = TypeVar("T")

RANKS_KEPT = 100_000


class Engine:
    """Safe to share between threads."""

    def __init__(self, codec: Codec, *, schema: str, place: str) -> None:
        self.codec, self.kinds = codec, codec.kinds
        self.schema, self.place = check_schema_name(schema), place
        self.tables = tables_of(codec.kinds)
        self.table_by_type = {table.kind.type: table for table in self.tables}
        self.documents = {table.name: DocumentStatements(self.schema, table) for table in self.tables}
        self._ranks: dict[tuple[str, str], int] = {}
        self._building: frozenset[tuple[str, str]] = frozenset()
        self.mixed: frozenset[str] = frozenset()
        """Tables in which older processes may have left rows without the newest index columns, which this process knows how to fill."""
        self.learn(ahead=0)

    def learn(self, *, ahead: int) -> None:
        """Make the statements that depend on how far the store's clock of transactions is ahead of the server's."""
        self.sql = Statements(self.schema, ahead=ahead)
        self.functions: Functions = commit_functions(self.schema, self.tables, ahead=ahead)
        self.call = f"select {self.schema}.{self.functions.name}(%s)"
        self.call_within = f"select {self.schema}.{self.functions.within}(%s)"
        self.call_batch = f"select {self.schema}.{self.functions.batch}(%s)"
        self.call_moves = f"select {self.schema}.{self.functions.moves}(%s)"

    @property
    def ranks(self) -> dict[tuple[str, str], int]:
        """The ranks of quotas that were met so far; ranks never change, so what is in here is true for good."""
        if len(self._ranks) > RANKS_KEPT:
            self._ranks = {}
        return self._ranks

    def statements(self, kind: type[T]) -> DocumentStatements:
        """The statements of a kind; raises `UnknownKind`."""
        return self.documents[self.table_by_type[self.kinds.document(kind).type].name]

    def look(self, cursor: Cursor, *, functions: bool) -> None:
        """Read the bookkeeping; raises `SchemaMismatch` when this release and the database are not for each other."""
        there = self._remember(cursor)
        self.learn(ahead=ahead_of(cursor, self.schema))
        if clock_behind(cursor, self.schema):
            raise SchemaMismatch(
                f"the database {self.place} was restored from a dump of another server, whose transactions had higher numbers; "
                f"run `shopwright db upgrade {self.place}`, so that the positions of streams go on increasing"
            )
        row = cursor.execute("select to_regprocedure(%s) is not null", (f"{self.schema}.{self.functions.within}(text)",)).fetchone()
        if functions and row is not None and row[0]:
            return
        compare(there, self.kinds, newest=NEWEST).refuse(self.place)
        if functions:
            raise SchemaMismatch(
                f"the database {self.place} lacks the function {self.functions.name} of this release; run `shopwright db upgrade {self.place}`, "
                "or open the storage with functions=False where functions are not allowed"
            )

    def check_ready(self, cursor: Cursor, kind: Kind[Any], indexes: Iterable[str]) -> None:
        """Raise `UnknownIndex` when one of these indexes is still being filled."""
        wanted = {(kind.name, index) for index in indexes}
        if not wanted & self._building:
            return
        self._remember(cursor)
        waiting = ", ".join(sorted(name for _, name in wanted & self._building))
        if waiting:
            raise UnknownIndex(f"the backfill of index {waiting} of {kind.name} is not done; run `shopwright db upgrade {self.place}` to its end")

    def _remember(self, cursor: Cursor) -> Installed:
        there = installed_or_raise(cursor, self.schema, self.place)
        self._building = there.building
        unfinished = {kind for kind, _ in there.building}
        rows = cursor.execute(f"select name, layout from {self.schema}.shopwright_kind where mixed").fetchall()
        ours = {table.kind.name: table for table in self.tables if table.kind.name not in unfinished}
        self.mixed = frozenset(ours[name].name for name, layout in rows if name in ours and layout_of(ours[name]) == layout)
        return there


def ahead_of(cursor: Cursor, schema: str) -> int:
    """What is added to the server's transaction numbers, so that positions go on increasing after a restore into another server."""
    row = cursor.execute(f"select ahead from {schema}.shopwright_clock").fetchone()
    return int(row[0]) if row else 0


def clock_behind(cursor: Cursor, schema: str) -> int | None:
    """The highest transaction number in the store, if this server has not come so far: only a restore into another server does that."""
    row = cursor.execute(f"""
select max(r.tx) from {schema}.record r, {schema}.shopwright_clock c
where r.tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + c.ahead""").fetchone()
    return row[0] if row else None
