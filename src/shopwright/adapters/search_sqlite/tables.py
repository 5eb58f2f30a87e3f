"""The tables of a search index in SQLite, one set for each generation: a rebuild fills a new one, and swaps it in.

Rules
- a table is called `search_<generation>_<name>`, so that an index may live in the file of a shop;
- `text` (FTS5) keeps the terms of the analyzer, each field as one text with spaces between them: its tokenizer parts at spaces, and does no more;
- `value` has a row for each pair of a facet and a value of goods; goods without channels have the channel `''`;
- `term` and `name` count their goods; `word` and `typo` grow until the next rebuild, and who reads them asks `term` what is still there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite3 import Cursor

NAMES = ("document", "value", "price", "term", "word", "typo", "name", "text")

_CREATE = """
CREATE TABLE search_{g}_document (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, titles TEXT NOT NULL, title TEXT NOT NULL,
    in_stock INTEGER NOT NULL, popularity INTEGER NOT NULL) STRICT;
CREATE TABLE search_{g}_value (facet TEXT NOT NULL, value TEXT NOT NULL, document INTEGER NOT NULL,
    PRIMARY KEY (facet, value, document)) STRICT, WITHOUT ROWID;
CREATE INDEX search_{g}_value_by_document ON search_{g}_value (document, facet, value);
CREATE TABLE search_{g}_price (document INTEGER NOT NULL, currency TEXT NOT NULL, minor INTEGER NOT NULL,
    PRIMARY KEY (document, currency, minor)) STRICT, WITHOUT ROWID;
CREATE TABLE search_{g}_term (term TEXT NOT NULL PRIMARY KEY, documents INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE search_{g}_word (number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, term TEXT NOT NULL) STRICT;
CREATE TABLE search_{g}_typo (key TEXT NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (key, word)) STRICT, WITHOUT ROWID;
CREATE TABLE search_{g}_name (folded TEXT NOT NULL, name TEXT NOT NULL, documents INTEGER NOT NULL,
    PRIMARY KEY (folded, name)) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE search_{g}_text USING fts5(title, names, said, description, tokenize="ascii tokenchars '#._'");
"""

_GENERATIONS = """CREATE TABLE IF NOT EXISTS search_generations (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), present INTEGER NOT NULL,
    building INTEGER NOT NULL, made INTEGER NOT NULL) STRICT"""


def prepare(cursor: Cursor) -> None:
    """Make the tables of an index, where there are none."""
    cursor.execute(_GENERATIONS)
    if cursor.execute("SELECT 1 FROM search_generations").fetchone() is None:
        create(cursor, 1)
        cursor.execute("INSERT INTO search_generations VALUES (1, 1, 0, 1)")


def present(cursor: Cursor) -> int:
    """The generation that is asked now."""
    generation: int = cursor.execute("SELECT present FROM search_generations").fetchone()[0]
    return generation


def begin(cursor: Cursor) -> int:
    """Make the tables of the next generation, and forget those of one that was begun before and never swapped in."""
    unfinished, made = cursor.execute("SELECT building, made FROM search_generations").fetchone()
    if unfinished:
        drop(cursor, unfinished)
    create(cursor, made + 1)
    cursor.execute("UPDATE search_generations SET building = ?, made = ?", (made + 1, made + 1))
    return int(made + 1)


def is_building(cursor: Cursor, generation: int) -> bool:
    """Whether this generation is still the one that is being built."""
    return bool(cursor.execute("SELECT building = ? FROM search_generations", (generation,)).fetchone()[0])


def swap(cursor: Cursor, generation: int) -> None:
    """Ask this generation from now on, and forget the one before."""
    before = present(cursor)
    cursor.execute("UPDATE search_generations SET present = ?, building = 0", (generation,))
    drop(cursor, before)


def create(cursor: Cursor, generation: int) -> None:
    """The tables of a generation."""
    for statement in _CREATE.format(g=generation).split(";\n"):
        if statement.strip():
            cursor.execute(statement)


def drop(cursor: Cursor, generation: int) -> None:
    """No tables of this generation."""
    for name in NAMES:
        cursor.execute(f"DROP TABLE IF EXISTS search_{generation}_{name}")
