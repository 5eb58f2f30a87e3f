"""A query of the port as one SQL statement: keyset pages along declared indexes.

Rules
- one statement per page, so a page is one snapshot; one row more than the page holds tells whether there is a next one;
- every condition names its column as it is, so that the index on it serves; a document outside an index meets no condition on it;
- the text depends on the form of a query, never on its values, so that the server may keep it prepared.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from attrs import frozen

from shopwright.adapters.postgres.engine import Engine
from shopwright.adapters.postgres.schema import quoted
from shopwright.adapters.tables import Column, column_value
from shopwright.ports.edge import check_query
from shopwright.ports.kinds import IndexType, Kind, Kinds
from shopwright.ports.storage import Match, Query, Where
from shopwright.wire import cursors

_CASTS = {IndexType.TEXT: "text", IndexType.INTEGER: "bigint", IndexType.TIME: "timestamptz"}


@frozen
class Find:
    """A checked query in SQL; the rows have id, version, shape, body and what they are ordered by."""

    kind: Kind[Any]
    table: str
    query: Query[Any]
    sql: str
    values: tuple[Any, ...]
    indexes: frozenset[str]


def find_of(query: Query[Any], kinds: Kinds, engine: Engine, scope: str) -> Find:
    """The statement of a query; raises `UnknownIndex` and `InvalidValue` as the port says."""
    kind, where = check_query(query, kinds)
    statements = engine.statements(query.kind)
    table = statements.table
    ordered = table.column(query.order_by) if query.order_by else None
    terms, values = ["scope = %s"], list[Any]([scope])
    for term, more in [*(_term(table.column(condition.index), condition) for condition in where), *_after(kind, query, ordered)]:
        terms.append(term)
        values += more
    order = quoted(ordered.name) if ordered else None
    direction = " desc" if query.descending else ""
    order_by = f"{order}{direction}, id{direction}" if order else f"id{direction}"
    told = f"{order} at time zone 'utc'" if ordered and ordered.type is IndexType.TIME else order or "null"
    sql = f"select id, version, shape, body::text, {told} from {statements.name} where {' and '.join(terms)} order by {order_by} limit %s"
    used = frozenset({condition.index for condition in where} | ({query.order_by} if query.order_by else set()))
    return Find(kind, table.name, query, sql, (*values, query.limit + 1), used)


def _term(column: Column, where: Where) -> tuple[str, list[Any]]:
    name, cast = quoted(column.name), _CASTS[column.type]
    if where.match is Match.IN:
        assert isinstance(where.value, tuple)
        return f"{name} = any (%s::{cast}[])", [[column_value(value) for value in where.value]]
    assert not isinstance(where.value, tuple)
    return f"{name} {where.match.value} %s::{cast}", [column_value(where.value)]


def _after(kind: Kind[Any], query: Query[Any], order: Column | None) -> list[tuple[str, list[Any]]]:
    """The conditions that come from the order: only what is in the index, and only what lies behind the cursor."""
    terms: list[tuple[str, list[Any]]] = [(f"{quoted(order.name)} is not null", [])] if order else []
    behind = cursors.position(kind, query)
    if behind is not None:
        value, id = behind
        beyond = "<" if query.descending else ">"
        if order:
            terms.append((f"({quoted(order.name)}, id) {beyond} (%s::{_CASTS[order.type]}, %s)", [column_value(value), id]))
        else:
            terms.append((f"id {beyond} %s", [id]))
    return terms


def next_of(find: Find, rows: list[tuple[Any, ...]]) -> str:
    """The cursor behind the last row of a full page; empty when there is nothing behind it."""
    query = find.query
    if len(rows) <= query.limit:
        return ""
    id, _, _, _, value = rows[query.limit - 1]
    if query.order_by and find.kind.index(query.order_by).type is IndexType.TIME:
        value = value.replace(tzinfo=UTC)
    return cursors.cursor(find.kind, query, value=value, id=id)
