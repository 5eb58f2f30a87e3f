"""The SQL text of every statement, made once per kind, so that the driver finds each prepared.

Rules
- every value travels as a parameter; only names that `shopwright.adapters.tables` checked stand in the text, always quoted;
- every statement names the scope first: one tenant never meets another's rows;
- a statement that must find a row as it was read says so in its `where`, and the row count tells whether it did.
"""

from __future__ import annotations

from functools import cache, cached_property

from shopwright.adapters.tables import Column, Table, index_name

OPERATION_ADD = "insert into operation (scope, key, fingerprint, answer, at) values (?, ?, ?, ?, ?) on conflict do nothing"
OPERATION_LOAD = "select fingerprint, answer, at from operation where scope = ? and key = ?"
OPERATION_PRUNE = "delete from operation where (scope, key) in (select scope, key from operation where scope = ? and at < ? order by at, key limit ?)"

RECORD_ADD = "insert into record (scope, stream, key, number, at, type, shape, body) values (?, ?, ?, ?, ?, ?, ?, ?)"
RECORD_IS_THERE = "select 1 from record where scope = ? and stream = ? and key = ? and number = ?"
RECORD_LAST = "select coalesce(max(number), 0) from record where scope = ? and stream = ? and key = ?"
_RECORD = "select position, key, number, at, type, shape, body from record where scope = ? and stream = ?"
RECORDS = f"{_RECORD} and position > ? order by position limit ?"
RECORDS_OF_KEY = f"{_RECORD} and key = ? and +position > ? order by number limit ?"  # `+`: one key has few records, the stream has many

QUOTA_STANDING = """
select quota.key, granted, used, held - (
    select coalesce(sum(quantity), 0) from hold_item where hold_item.scope = quota.scope and hold_item.key = quota.key and until <= ?
) from quota where scope = ? and key in (select value from json_each(?))"""
QUOTA_GRANT = """
insert into quota (scope, key, rank, granted, used, held) values (?, ?, ?, ?, 0, 0)
on conflict do update set granted = granted + excluded.granted where granted - used - held >= -excluded.granted"""
QUOTA_TAKE = "update quota set used = used + ? where scope = ? and key = ? and granted - used - held >= ?"
QUOTA_GIVE = "update quota set used = used - ? where scope = ? and key = ? and used >= ?"
QUOTA_HOLD = "update quota set held = held + ? where scope = ? and key = ? and granted - used - held >= ?"
QUOTA_USE_HELD = "update quota set held = held - ?, used = used + ? where scope = ? and key = ?"
QUOTA_FREE_HELD = "update quota set held = held - ? where scope = ? and key = ?"
QUOTA_LOAD = "select granted, used, held, rank from quota where scope = ? and key = ?"
QUOTA_KEEP = """
insert into quota (scope, key, rank, granted, used, held) values (?, ?, ?, ?, ?, ?)
on conflict do update set granted = excluded.granted, used = excluded.used, held = excluded.held"""

HOLD_ADD = "insert into hold (scope, id, until, items) values (?, ?, ?, ?) on conflict do nothing"
HOLD_LOAD = "select until, items, reclaimed from hold where scope = ? and id = ?"
HOLD_END = "delete from hold where scope = ? and id = ? and reclaimed is null returning until, items"
HOLD_FORGET = "delete from hold where scope = ? and id = ?"
HOLD_KEEP = "insert or replace into hold (scope, id, until, items, reclaimed) values (?, ?, ?, ?, ?)"
HOLD_PRUNE = "delete from hold where (scope, id) in (select scope, id from hold where scope = ? and reclaimed < ? order by reclaimed, id limit ?)"
HOLD_ITEM_ADD = "insert into hold_item (scope, key, until, hold, quantity) values (?, ?, ?, ?, ?)"
HOLD_ITEM_END = "delete from hold_item where scope = ? and key = ? and until = ? and hold = ?"
HOLDS_LAPSED = "select hold, quantity from hold_item where scope = ? and key = ? and until <= ? order by until, hold"


def quoted(name: str) -> str:
    """An identifier that may be a word of SQL, such as `order`."""
    return f'"{name}"'


class DocumentStatements:
    """The statements of one document table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.name = quoted(table.name)
        self.columns = tuple(quoted(column.name) for column in table.columns)
        self.insert = cache(self._insert)
        self.update = cache(self._update)

    @cached_property
    def load(self) -> str:
        """Version, shape and body of one document."""
        return f"select version, shape, body from {self.name} where scope = ? and id = ?"

    def load_many(self, places: int) -> str:
        """The same of many, with the name of the kind and their ids: given in so many places or, with none, as one JSON array."""
        ids = ", ".join("?" * places) or "select value from json_each(?)"
        return f"select '{self.table.kind.name}', id, version, shape, body from {self.name} where scope = ? and id in ({ids})"

    def _insert(self, places: tuple[int, ...]) -> str:
        """A document that is not there yet: scope, id, version, shape, body, the index columns at these places; the others stay empty."""
        names = ", ".join(("scope", "id", "version", "shape", "body", *(self.columns[place] for place in places)))
        return f"insert into {self.name} ({names}) values ({', '.join('?' * (5 + len(places)))})"

    def _update(self, places: tuple[int, ...]) -> str:
        """A document as it was read: version, shape, body, the index columns at these places; where scope, id, the version that was read."""
        sets = ", ".join(f"{name} = ?" for name in ("version", "shape", "body", *(self.columns[place] for place in places)))
        return f"update {self.name} set {sets} where scope = ? and id = ? and version = ?"

    @cached_property
    def indexed(self) -> str:
        """What the index columns of a document hold, if it is at this version."""
        return f"select {', '.join(self.columns) or 'null'} from {self.name} where scope = ? and id = ? and version = ?"

    @cached_property
    def drop(self) -> str:
        """Erase one document."""
        return f"delete from {self.name} where scope = ? and id = ?"

    @cached_property
    def version(self) -> str:
        """The version of one document."""
        return f"select version from {self.name} where scope = ? and id = ?"

    def owner(self, column: Column) -> str:
        """Whose document has this value in a unique index."""
        return f"select id from {self.name} where scope = ? and {quoted(column.name)} = ?"


def create_document_table(table: Table) -> str:
    """A table with the fixed columns; index columns are added one by one."""
    return f"""create table {quoted(table.name)} (
    scope text not null, id text not null, version integer not null, shape integer not null, body text not null, primary key (scope, id)
) strict"""


_COLUMN_TYPES = {"text": "text", "integer": "integer", "time": "text"}


def add_index(table: Table, column: Column) -> tuple[str, ...]:
    """A typed column and the index on it; documents that answered `None` take no room in the index."""
    name, index = quoted(column.name), quoted(index_name(table, column))
    unique, keys = ("unique ", f"scope, {name}") if column.unique else ("", f"scope, {name}, id")
    return (
        f"alter table {quoted(table.name)} add column {name} {_COLUMN_TYPES[column.type]}",
        f"create {unique}index {index} on {quoted(table.name)} ({keys}) where {name} is not null",
    )


def drop_index(table: str, column: str) -> tuple[str, ...]:
    """Take away what `add_index` added."""
    return f"drop index if exists {quoted(f'{table}_by_{column}')}", f"alter table {quoted(table)} drop column {quoted(column)}"
