"""The SQL text of every statement but the commit function's, for one schema.

Rules
- every value travels as a parameter; only names that were checked stand in the text, always quoted;
- every statement names the scope first: one tenant never meets another's rows;
- a statement that must find a row as it was read says so in its `where`, and the row count tells whether it did;
- times are read as UTC without a zone, so that no session's time zone matters.
"""

from __future__ import annotations

from shopwright.adapters.postgres.function_text import TX
from shopwright.adapters.postgres.functions import layout_of
from shopwright.adapters.postgres.schema import COLUMN_TYPES, quoted
from shopwright.adapters.tables import Column, Table


class DocumentStatements:
    """The statements of one document table."""

    def __init__(self, schema: str, table: Table) -> None:
        self.table = table
        self.name = name = f"{schema}.{quoted(table.name)}"
        self.layout = layout_of(table)
        columns = [quoted(column.name) for column in table.columns]
        values = [f"%s::{COLUMN_TYPES[column.type].partition(' ')[0]}" for column in table.columns]
        written = {"shape": "%s::integer", "body": "%s::json", **dict(zip(columns, values, strict=True))}
        sets = ", ".join(f"{column} = {value}" for column, value in written.items())
        self.load = f"select version, shape, body::text from {name} where scope = %s and id = %s"
        self.load_many = f"select '{table.kind.name}', id, version, shape, body::text from {name} where scope = %s and id = any (%s)"
        self.insert = (
            f"insert into {name} (scope, id, version, _layout, {', '.join(written)}) "
            f"values (%s, %s, 1, {self.layout}, {', '.join(written.values())}) on conflict (scope, id) do nothing"
        )
        self.update = (
            f"update {name} set version = version + 1, _layout = {self.layout}, {sets} where scope = %s and id = %s and version = %s::bigint"
        )
        self.drop = f"delete from {name} where scope = %s and id = %s"
        unique = [column for column in table.columns if column.unique]
        self.unique_values = f"select {', '.join(_as_text(column) for column in unique) or 'null'} from {name} where scope = %s and id = %s"
        self.owners = {column: f"select id from {name} where scope = %s and {quoted(column.name)} = {self._cast(column)}" for column in unique}
        self.stale = f"select exists (select 1 from {name} where _layout <> {self.layout})"
        self.outdated = (
            f"select scope, id, version, shape, body::text from {name} where (scope, id) > (%s, %s) and _layout <> {self.layout} "
            "order by scope, id limit %s for no key update"
        )
        filled = [f"{quoted(column.name)} = {self._cast(column)}" for column in table.columns]
        self.refill = f"update {name} set {', '.join((*filled, f'_layout = {self.layout}'))} where scope = %s and id = %s and version = %s::bigint"

    @staticmethod
    def _cast(column: Column) -> str:
        return f"%s::{COLUMN_TYPES[column.type].partition(' ')[0]}"


def _as_text(column: Column) -> str:
    """An index column as `Table.values` tells it."""
    name = quoted(column.name)
    return f"""to_char({name} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""" if column.type == "time" else name


class Statements:
    """The statements of the fixed tables."""

    def __init__(self, schema: str, *, ahead: int) -> None:
        s = schema
        tx = TX.format(top="w.top", low="w.low", ahead=ahead)
        self.answered = f"select fingerprint, answer, at at time zone 'utc' from {s}.operation where scope = %s and key = %s"
        self.operation_add = (
            f"insert into {s}.operation (scope, key, fingerprint, answer, at) values (%s, %s, %s, %s, %s::timestamptz) on conflict do nothing"
        )
        self.record_add = f"""
insert into {s}.record (scope, stream, tx, ordinal, key, number, at, type, shape, body)
select o.scope, %(stream)s, {tx}, %(ordinal)s::integer, %(key)s, %(number)s::bigint, o.at, %(type)s, %(shape)s::integer, %(body)s::json
from {s}.operation o, lateral (select pg_current_xact_id()::text::bigint as top, o.xmin::text::bigint as low) w
where o.scope = %(scope)s and o.key = %(operation)s and (%(number)s::bigint = 1 or exists (
    select 1 from {s}.record r where r.scope is not distinct from %(scope)s and r.stream is not distinct from %(stream)s
        and r.key = %(key)s and r.number = %(number)s::bigint - 1
)) on conflict do nothing"""
        self.record_taken = f"""
select exists (
    select 1 from {s}.record where scope is not distinct from %s and stream is not distinct from %s and key = %s and number = %s::bigint
)"""
        record = f"select tx, ordinal, key, number, at at time zone 'utc', type, shape, body::text from {s}.record where scope = %s and stream = %s"
        finished = f"tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint + {ahead}"
        self.records = f"{record} and (tx, ordinal) > (%s::bigint, %s::integer) and {finished} order by tx, ordinal limit %s"
        self.records_of_key = f"{record} and key = %s and (tx, ordinal) > (%s::bigint, %s::integer) order by number limit %s"
        self.quota = f"""
select q.key, q.granted, q.used, q.held - coalesce((
    select sum(i.quantity)::bigint from {s}.hold_item i where i.scope = q.scope and i.key = q.key and i.until <= %s::timestamptz
), 0) from {s}.quota q where q.scope = %s and q.key = any (%s)"""
        self.quota_lock = f"""
select key, rank, granted, used, held from {s}.quota where scope = %s and key = any (%s) order by rank, key for no key update"""
        self.quota_set = f"update {s}.quota set granted = %s::bigint, used = %s::bigint, held = %s::bigint where scope = %s and key = %s"
        self.quota_add = f"""
insert into {s}.quota as q (scope, key, rank, granted, used, held) values (%s, %s, %s::bigint, %s::bigint, %s::bigint, %s::bigint)
on conflict (scope, key) do update set granted = q.granted + excluded.granted, used = q.used + excluded.used, held = q.held + excluded.held"""
        self.hold_lock = f"""
select id, until at time zone 'utc', reclaimed_at at time zone 'utc', keys, quantities
from {s}.hold where scope = %s and id = any (%s) order by id for update"""
        self.hold_add = f"insert into {s}.hold (scope, id, until, keys, quantities) values (%s, %s, %s::timestamptz, %s::text[], %s::bigint[])"
        self.hold_set = f"""
update {s}.hold set until = %s::timestamptz, keys = %s::text[], quantities = %s::bigint[], reclaimed_at = %s::timestamptz
where scope = %s and id = %s"""
        self.hold_end = f"delete from {s}.hold where scope = %s and id = %s"
        self.items_add = f"""
insert into {s}.hold_item (scope, key, until, hold, quantity)
select %s, z.key, %s::timestamptz, %s, z.quantity from unnest(%s::text[], %s::bigint[]) z (key, quantity)"""
        self.items_end = f"delete from {s}.hold_item where scope = %s and key = any (%s) and until = %s::timestamptz and hold = %s"
        self.lapsed = f"""
select k.key, h.hold from unnest(%s::text[]) k (key) cross join lateral (
    select i.hold from {s}.hold_item i where i.scope = %s and i.key = k.key and i.until <= %s::timestamptz order by i.until, i.hold limit %s
) h"""
        self.prune = f"""
with operations as (
    delete from {s}.operation where scope = %(scope)s and key in (
        select key from {s}.operation where scope = %(scope)s and at < %(before)s::timestamptz order by at, key limit %(limit)s
    ) returning 1
), holds as (
    delete from {s}.hold where scope = %(scope)s and id in (
        select id from {s}.hold where scope = %(scope)s and reclaimed_at < %(before)s::timestamptz order by reclaimed_at, id limit %(limit)s
    ) returning 1
) select (select count(*) from operations) + (select count(*) from holds)"""
