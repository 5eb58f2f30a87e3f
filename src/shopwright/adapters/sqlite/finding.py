"""A query of the port as one SQL statement: keyset pages along declared indexes.

Rules
- one statement per page, so a page is one snapshot; one row more than the page holds tells whether there is a next one;
- every condition names its column as it is, so that the index on it serves; a document outside an index meets no condition on it;
- the text depends on the form of a query, never on its values, so that the driver finds it prepared.
"""

from __future__ import annotations

import json
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
    terms: list[str] = ["scope = ?"]
    values: list[ColumnValue] = [scope]
    for condition in where:
        term, value = _term(quoted(table.column(condition.index).name), condition)
        terms.append(term)
        values.append(value)
    order = quoted(table.column(query.order_by).name) if query.order_by else None
    for term, more in _after(kind, query, order):
        terms.append(term)
        values.extend(more)
    direction = " desc" if query.descending else ""
    order_by = f"{order}{direction}, id{direction}" if order else f"id{direction}"
    sql = f"select id, version, shape, body, {order or 'null'} from {statements.name} where {' and '.join(terms)} order by {order_by} limit ?"
    used = frozenset({condition.index for condition in where} | ({query.order_by} if query.order_by else set()))
    return Find(kind, query, sql, (*values, query.limit + 1), used)


def _term(column: str, where: Where) -> tuple[str, ColumnValue]:
    if where.match is Match.IN:
        assert isinstance(where.value, tuple)
        return f"{column} in (select value from json_each(?))", json.dumps([column_value(value) for value in where.value], ensure_ascii=False)
    assert not isinstance(where.value, tuple)
    return f"{column} {where.match.value} ?", column_value(where.value)


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
