"""What both SQL adapters derive from the registered kinds: tables, columns, the values of index columns, and what an upgrade has to do.

Rules
- pure: no driver, no clock, no connection; each adapter turns these values into its own dialect;
- one table per document kind, named as the kind (`.` and `-` become `_`), with one typed column per index, named as the index;
- a name that would clash with the fixed tables or columns, or is no plain lower-case word, is refused when the storage is made;
- times in columns are UTC text of one width (`2025-03-01T09:30:00.000000Z`), so they sort as text and read as times;
- the store remembers what it was upgraded for (`Installed`); `compare` tells whether that is older or newer than the registered kinds;
- an index that exists but is not `ready` is written by every commit and refused by every query.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

from attrs import field, frozen

from shopwright.errors import InvalidValue, SchemaMismatch
from shopwright.ports.edge import as_index_value, as_utc
from shopwright.ports.kinds import Index, IndexType, IndexValue, Kind, Kinds

ColumnValue = str | int | None

FIXED_TABLES = frozenset({"record", "quota", "hold", "hold_item", "operation"})
"""Tables that are there whatever the kinds are."""

FIXED_VIEWS = frozenset({"orders", "order_lines", "payments", "stock", "quota_standing", "hold_standing"})
"""Views that an upgrade makes for people; a view and a table cannot share a name."""

FIXED_COLUMNS = ("scope", "id", "version", "shape", "body")
"""Columns of every document table, before those of its indexes."""

BOOKKEEPING_PREFIX = "shopwright_"
"""Tables that begin so tell what the store was upgraded for; no kind may be named so."""

LONGEST_NAME = 29
"""Characters of a kind's or an index's name: `index_name` joins both, and PostgreSQL cuts identifiers at 63."""

_TAKEN_PREFIXES = (BOOKKEEPING_PREFIX, "sqlite_", "pg_")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[_.-][a-z0-9]+)*\Z")


@lru_cache(256)  # one changeset writes its time several times
def utc_text(at: datetime) -> str:
    """An aware moment as fixed-width UTC text, exact to the microsecond."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def from_utc_text(text: str) -> datetime:
    """The moment that `utc_text` wrote."""
    return datetime.fromisoformat(text)


def column_value(value: IndexValue) -> ColumnValue:
    """What a column keeps for a checked index value: itself, or a moment as text."""
    return utc_text(value) if isinstance(value, datetime) else value


# Read often: to find a member through its class takes Python 3.11 much longer than to read a name.
_TIME = IndexType.TIME


@frozen
class Column:
    """The typed column of one index."""

    name: str
    index: Index[Any]
    kind: str
    _told: str = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_told", f"index {self.index.name} of {self.kind}")

    def of(self, document: Any) -> ColumnValue:
        """What the column holds for a document; raises `InvalidValue` when its index answers with another type."""
        value = self.index.value(document)
        return None if value is None else self.kept(value)

    def kept(self, value: IndexValue) -> ColumnValue:
        """What the column holds for what its index answered; raises `InvalidValue` for another type."""
        if self.index.type is _TIME:
            return utc_text(as_utc(self._told, value))
        return column_value(as_index_value(self._told, self.index.type, value))

    @property
    def type(self) -> IndexType:
        """How the column compares."""
        return self.index.type

    @property
    def unique(self) -> bool:
        """Whether one scope has each value once."""
        return self.index.unique


@frozen
class Table:
    """The table of one document kind."""

    name: str
    kind: Kind[Any]
    columns: tuple[Column, ...]

    def column(self, index: str) -> Column:
        """The column of a declared index; raises `UnknownIndex`."""
        declared = self.kind.index(index)
        return next(column for column in self.columns if column.index is declared)

    def values(self, document: Any) -> tuple[ColumnValue, ...]:
        """What the index columns hold for a document, in their order; raises `InvalidValue` when an index answers with another type."""
        return tuple([None if (value := column.index.value(document)) is None else column.kept(value) for column in self.columns])


def index_name(table: Table, column: Column) -> str:
    """The name of the SQL index behind a column."""
    return f"{table.name}_by_{column.name}"


def table_of(kind: Kind[Any]) -> Table:
    """The table of a kind; raises `InvalidValue` for names that cannot be a table or a column."""
    name = _identifier("kind", kind.name)
    if name in FIXED_TABLES | FIXED_VIEWS or name.startswith(_TAKEN_PREFIXES):
        raise InvalidValue(f"a kind cannot be named {kind.name!r}: the table or view {name} is the store's own; choose another name")
    columns = tuple(Column(_identifier("index", index.name), index, kind.name) for index in kind.indexes)
    names = [*FIXED_COLUMNS, *(column.name for column in columns)]
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise InvalidValue(f"indexes of kind {kind.name} need names of their own, not {', '.join(twice)}; taken: {', '.join(FIXED_COLUMNS)}")
    return Table(name, kind, columns)


def tables_of(kinds: Kinds) -> tuple[Table, ...]:
    """The tables of all document kinds, by name; raises `InvalidValue` when two kinds would share one."""
    tables = sorted((table_of(kind) for kind in kinds.documents), key=lambda table: table.name)
    for one, other in pairwise(tables):
        if one.name == other.name:
            raise InvalidValue(f"the kinds {one.kind.name} and {other.kind.name} would share the table {one.name}; rename one")
    return tuple(tables)


def _identifier(what: str, name: str) -> str:
    if len(name) > LONGEST_NAME or not _NAME.match(name):
        raise InvalidValue(f"expected a {what} name of at most {LONGEST_NAME} lower-case letters, digits, '_', '.' and '-', got {name!r}")
    return name.replace(".", "_").replace("-", "_")


@frozen
class InstalledIndex:
    """An index column as the store has it; `ready` once every older document was filled in."""

    name: str
    type: str
    unique: bool
    ready: bool


@frozen
class InstalledKind:
    """A document table as the store has it, and the shape it was upgraded for."""

    name: str
    shape: int
    indexes: tuple[InstalledIndex, ...] = ()


@frozen
class Installed:
    """What the bookkeeping of a store says: the number of its newest migration, and its document tables."""

    migration: int
    kinds: tuple[InstalledKind, ...] = ()

    def kind(self, name: str) -> InstalledKind | None:
        """The table of a kind, or `None`."""
        return next((kind for kind in self.kinds if kind.name == name), None)

    @property
    def building(self) -> frozenset[tuple[str, str]]:
        """Kind and name of every index that is not ready."""
        return frozenset((kind.name, index.name) for kind in self.kinds for index in kind.indexes if not index.ready)


@frozen
class Difference:
    """What stands between a store and the registered kinds. `older` is mended by an upgrade; `newer` only by a newer release."""

    older: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()

    def refuse(self, place: str) -> None:
        """Raise `SchemaMismatch` unless there is no difference; `place` names the database as `shopwright db upgrade` takes it."""
        if self.newer:
            told = "; ".join(self.newer)
            raise SchemaMismatch(f"the database {place} is newer than this release: {told}; run the release that upgraded it, or a newer one")
        if self.older:
            raise SchemaMismatch(f"the database {place} is older than this release: {'; '.join(self.older)}; run `shopwright db upgrade {place}`")


def compare(installed: Installed, kinds: Kinds, *, newest: int) -> Difference:
    """How a store differs from the registered kinds and from the newest migration of this release.

    Kinds that the store has and nobody registered are no difference: another process may have a plug-in that this one lacks. An index that the
    store has and its kind does not declare makes the store newer, because commits of this process would leave its column stale;
    unless the kind has a newer shape or another new index here, which tells that this release took it away.
    """
    older: list[str] = []
    newer: list[str] = []
    if installed.migration != newest:
        (older if installed.migration < newest else newer).append(f"its migration is {installed.migration}, this release has {newest}")
    for kind in kinds.documents:
        there = installed.kind(kind.name)
        if there is None:
            older.append(f"it has no table for kind {kind.name}")
            continue
        if there.shape != kind.shape:
            (older if there.shape < kind.shape else newer).append(f"kind {kind.name} has shape {there.shape} there and {kind.shape} here")
        declared = {(index.name, str(index.type), index.unique) for index in kind.indexes}
        built = {(index.name, index.type, index.unique) for index in there.indexes}
        older += [f"kind {kind.name} lacks the index {name}" for name, _, _ in sorted(declared - built)]
        if there.shape == kind.shape and not declared - built:
            newer += [f"kind {kind.name} has the index {name}, which this release does not declare" for name, _, _ in sorted(built - declared)]
    return Difference(tuple(older), tuple(newer))
