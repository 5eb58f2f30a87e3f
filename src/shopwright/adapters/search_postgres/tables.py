"""The tables of a search index in PostgreSQL, one set for each generation: a rebuild fills a new one, and swaps it in.

Rules
- a table is called `g<generation>_<name>` and stands in a schema of the index alone; one row of `generation` says which are asked;
- `good` has the terms of goods as a `tsvector` of ours (no dictionary of the server has a say), each field with a weight of its own, and `keys`, the
  numbers of all that goods can be chosen by; one GIN index is over both, so that words and filters are looked up together;
- `key` numbers each pair of a facet and a value; goods without channels have the channel `''`;
- `term` and `name` count their goods; `word` grows until the next rebuild, and who reads it asks `term` what is still there;
- long texts are told apart by their sha256 where they have to be unique: an index of the server takes no long ones.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shopwright.adapters.postgres.connections import Cursor

NAMES = ("good", "key", "term", "word", "name")

LONGEST_TERM, LONGEST_WORD = 255, 210
"""How many bytes a term may have before it is cut and told apart by its sha256, and how many letters a word has that anybody can ask for."""

_CREATE = """
create table {g}_good (number bigint generated always as identity primary key, id text collate "C" not null, terms tsvector not null,
    keys integer[] not null, prices jsonb not null, title text collate "C" not null, titles text not null, in_stock boolean not null,
    popularity bigint not null);
create table {g}_key (number integer primary key, facet text collate "C" not null, value text collate "C" not null, mark bytea not null unique,
    name bytea);
create table {g}_term (term text collate "C" primary key, documents bigint not null);
create table {g}_word (word text collate "C" primary key, term text collate "C" not null, keys text[] not null);
create table {g}_name (mark bytea primary key, folded text collate "C" not null, name text collate "C" not null, documents bigint not null);
"""

_INDEX = """
create unique index {n}_by_id on {g}_good (id);
create index {n}_by_what on {g}_good using gin (terms, keys) with (fastupdate = off);
create index {n}_by_typo on {g}_word using gin (keys) with (fastupdate = off);
create index {n}_by_begin on {g}_name ((left(folded, 100)) text_pattern_ops);
"""


def prepare(cursor: Cursor, schema: str) -> None:
    """Make the tables of an index where there are none; processes that open it at the same time wait for each other."""
    if there(cursor, schema):
        return
    with cursor.connection.transaction():
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"shopwright search {schema}",))
        if there(cursor, schema):
            return
        cursor.execute(f"create schema if not exists {schema}")
        cursor.execute(
            f"""create table {schema}.generation (only_one integer primary key check (only_one = 1), present integer not null,
            building integer not null, made integer not null)"""
        )
        create(cursor, schema, 1)
        index(cursor, schema, 1)
        cursor.execute(f"insert into {schema}.generation values (1, 1, 0, 1)")


def there(cursor: Cursor, schema: str) -> bool:
    """Whether the tables have been made."""
    row = cursor.execute("select to_regclass(%s) is not null", (f"{schema}.generation",)).fetchone()
    return bool(row and row[0])


def locked(cursor: Cursor, schema: str) -> tuple[int, int, int]:
    """The generation that is asked, the one that is being built and the last that was made; nobody else writes until the transaction ends."""
    row = cursor.execute(f"select present, building, made from {schema}.generation for update").fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def begin(cursor: Cursor, schema: str) -> int:
    """Make the tables of the next generation, and forget those of one that was begun before and never swapped in."""
    _, unfinished, made = locked(cursor, schema)
    if unfinished:
        drop(cursor, schema, unfinished)
    create(cursor, schema, made + 1)
    cursor.execute(f"update {schema}.generation set building = made + 1, made = made + 1")
    return made + 1


def create(cursor: Cursor, schema: str, generation: int) -> None:
    """The tables of a generation, without what makes them quick to search."""
    cursor.execute(_CREATE.format(g=f"{schema}.g{generation}"), prepare=False)


def index(cursor: Cursor, schema: str, generation: int) -> None:
    """What makes the tables of a generation quick to search."""
    cursor.execute(_INDEX.format(g=f"{schema}.g{generation}", n=f"g{generation}"), prepare=False)


def drop(cursor: Cursor, schema: str, generation: int) -> None:
    """No tables of this generation."""
    cursor.execute(f"drop table if exists {', '.join(f'{schema}.g{generation}_{name}' for name in NAMES)}")


def mark(*parts: str) -> bytes:
    """What tells a text from all others."""
    return sha256("\0".join(parts).encode()).digest()


def lexeme(term: str) -> str:
    """A term as it is kept: as it is, or cut where it is longer than the server takes."""
    if len(term) * 4 <= LONGEST_TERM or len(term.encode()) <= LONGEST_TERM:
        return term
    return f"{term[:40]}~{sha256(term.encode()).hexdigest()}"


def quoted(term: str) -> str:
    """A term in the notation of `tsvector` and `tsquery`, in which none of it is an operator."""
    doubled = lexeme(term).replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
