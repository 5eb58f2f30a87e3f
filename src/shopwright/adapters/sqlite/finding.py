"""A query of the port as one SQL statement: keyset pages along declared indexes.

Rules
- one statement per page, so a page is one snapshot; one row more than the page holds tells whether there is a next one;
- every condition names its column as it is, so that the index on it serves; a document outside an index meets no condition on it;
- a query that names values of one index and is ordered by another finds by the first and sorts what it found;
- the text depends on the form of a query, never on its values, so that the driver finds it prepared.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from shopwright.adapters.sqlite.statements import DocumentStatements, quoted
from shopwright.adapters.tables import ColumnValue, column_value, from_utc_text
from shopwright.ports.edge import check_query
from shopwright.ports.kinds import IndexType, Kind, Kinds
from shopwright.ports.storage import Match, Query, Where
from shopwright.wire import cursors


@frozen
class Find:
    """A checked query in SQL; the rows have id, version, shape, body and what they are ordered by."""

    kind: Kind[Any]
    query: Query[Any]
    sql: str
    values: tuple[ColumnValue, ...]
    indexes: frozenset[str]


def find_of(query: Query[Any], kinds: Kinds, statements: DocumentStatements, scope: str) -> Find:
    """The statement of a query; raises `UnknownIndex` and `InvalidValue` as the port says."""
    kind, where = check_query(query, kinds)
    table = statements.table
    aside = "+" if _sorts(query, where) else ""
    order = aside + quoted(table.column(query.order_by).name) if query.order_by else None
    terms: list[str] = ["scope = ?"]
    values: list[ColumnValue] = [scope]
    for condition in where:
        column = quoted(table.column(condition.index).name)
        term, wanted = _term(column if condition.match in _NAMED else aside + column, condition)
        terms.append(term)
        values.extend(wanted)
    for term, behind in _after(kind, query, order):
        terms.append(term)
        values.extend(behind)
    direction = " desc" if query.descending else ""
    order_by = f"{order}{direction}, id{direction}" if order else f"{aside}id{direction}"
    sql = f"select id, version, shape, body, {order or 'null'} from {statements.name} where {' and '.join(terms)} order by {order_by} limit ?"
    used = frozenset({condition.index for condition in where} | ({query.order_by} if query.order_by else set()))
    return Find(kind, query, sql, (*values, query.limit + 1), used)


_NAMED = frozenset({Match.EQUAL, Match.IN})


def _sorts(query: Query[Any], where: tuple[Where, ...]) -> bool:
    """Whether to find by named values and sort, rather than to walk the order and throw most rows away.

    SQLite, which knows no numbers of rows, would walk; a `+` before a column keeps it from using the index on it.
    """
    equal = any(condition.match is Match.EQUAL for condition in where)
    named = {condition.index for condition in where if condition.match in _NAMED}
    if query.order_by is None:
        return bool(named) and not equal  # rows of one value lie in the order of their ids already
    return bool(named) and query.order_by not in named


def _term(column: str, where: Where) -> tuple[str, tuple[ColumnValue, ...]]:
    if isinstance(where.value, tuple):
        values = _padded([column_value(value) for value in where.value])
        return f"{column} in ({', '.join('?' * len(values))})", values
    return f"{column} {where.match.value} ?", (column_value(where.value),)


def _padded(values: list[ColumnValue]) -> tuple[ColumnValue, ...]:
    """The values, the last one repeated up to a power of two: ten statements serve all lengths, and the planner still counts values."""
    missing = (1 << (len(values) - 1).bit_length()) - len(values) if values else 0
    return (*values, *values[-1:] * missing)


def _after(kind: Kind[Any], query: Query[Any], order: str | None) -> list[tuple[str, tuple[ColumnValue, ...]]]:
    """The conditions that come from the order: only what is in the index, and only what lies behind the cursor."""
    terms: list[tuple[str, tuple[ColumnValue, ...]]] = [(f"{order} is not null", ())] if order else []
    behind = cursors.position(kind, query)
    if behind is not None:
        value, id = behind
        beyond = "<" if query.descending else ">"
        terms.append((f"({order}, id) {beyond} (?, ?)", (column_value(value), id)) if order else (f"id {beyond} ?", (id,)))
    return terms


def next_of(find: Find, rows: list[tuple[Any, ...]]) -> str:
    """The cursor behind the last row of a full page; empty when there is nothing behind it."""
    query = find.query
    if len(rows) <= query.limit:
        return ""
    id, _, _, _, value = rows[query.limit - 1]
    if query.order_by and find.kind.index(query.order_by).type is IndexType.TIME:
        value = from_utc_text(value)
    return cursors.cursor(find.kind, query, value=value, id=id)
