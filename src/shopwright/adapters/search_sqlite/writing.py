"""What putting and dropping goods writes into the tables of a generation.

Rules
- goods that are put again are dropped first, by what the tables say of them, so that counts stay right whatever changed;
- terms, words and names are counted over a whole batch, and written once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from shopwright.catalog.search_documents import Kept, SearchDocument, kept
from shopwright.catalog.search_text import folded
from shopwright.catalog.search_typos import typo_keys

if TYPE_CHECKING:
    from sqlite3 import Cursor

_NAMED = "('brand', 'category', 'tag')"
_AT_ONCE = 500


def put(cursor: Cursor, generation: int, documents: Iterable[SearchDocument]) -> None:
    """Keep these instead of what is there under their ids; of two with one id the last."""
    last = {document.id: document for document in documents}
    found = [(document, kept(document)) for document in last.values()]
    drop(cursor, generation, list(last))
    for document, it in found:
        _write(cursor, generation, document, it)
    _count_terms(cursor, generation, Counter(term for _, it in found for term in it.terms))
    _count_names(cursor, generation, Counter(name for _, it in found for name in it.names))
    _know_words(cursor, generation, {pair for _, it in found for pair in it.words})


def drop(cursor: Cursor, generation: int, ids: Sequence[str]) -> None:
    """Forget the goods of these ids that are there."""
    g = f"search_{generation}"
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        marks = ",".join("?" * len(some))
        numbers = [number for (number,) in cursor.execute(f"SELECT number FROM {g}_document WHERE id IN ({marks})", some)]
        for number in numbers:
            _forget(cursor, generation, number)


def _write(cursor: Cursor, generation: int, document: SearchDocument, it: Kept) -> None:
    g = f"search_{generation}"
    titles = json.dumps(document.titles.said, ensure_ascii=False)
    row = (document.id, titles, it.title, int(document.in_stock), document.popularity)
    cursor.execute(f"INSERT INTO {g}_document (id, titles, title, in_stock, popularity) VALUES (?, ?, ?, ?, ?)", row)
    number = cursor.lastrowid
    fields = [" ".join(terms) for terms in it.fields]
    cursor.execute(f"INSERT INTO {g}_text (rowid, title, names, said, description) VALUES (?, ?, ?, ?, ?)", (number, *fields))
    values = {*document.facets, *[("channel", channel) for channel in document.channels or ("",)]}
    cursor.executemany(f"INSERT INTO {g}_value VALUES (?, ?, ?)", [(facet, value, number) for facet, value in values])
    prices = {(price.currency, price.minor) for price in document.prices}
    cursor.executemany(f"INSERT INTO {g}_price VALUES (?, ?, ?)", [(number, currency, minor) for currency, minor in prices])


def _forget(cursor: Cursor, generation: int, number: int) -> None:
    g = f"search_{generation}"
    fields = cursor.execute(f"SELECT title, names, said, description FROM {g}_text WHERE rowid = ?", (number,)).fetchone()
    _count_terms(cursor, generation, Counter({term: -1 for each in fields for term in each.split()}))
    names = cursor.execute(f"SELECT DISTINCT value FROM {g}_value WHERE document = ? AND facet IN {_NAMED}", (number,)).fetchall()
    _count_names(cursor, generation, Counter({(folded(name), name): -1 for (name,) in names}))
    cursor.execute(f"DELETE FROM {g}_text WHERE rowid = ?", (number,))
    cursor.execute(f"DELETE FROM {g}_value WHERE document = ?", (number,))
    cursor.execute(f"DELETE FROM {g}_price WHERE document = ?", (number,))
    cursor.execute(f"DELETE FROM {g}_document WHERE number = ?", (number,))


def _count_terms(cursor: Cursor, generation: int, counted: Counter[str]) -> None:
    sql = f"INSERT INTO search_{generation}_term VALUES (?, ?) ON CONFLICT DO UPDATE SET documents = documents + excluded.documents"
    cursor.executemany(sql, sorted(counted.items()))


def _count_names(cursor: Cursor, generation: int, counted: Counter[tuple[str, str]]) -> None:
    sql = f"INSERT INTO search_{generation}_name VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET documents = documents + excluded.documents"
    cursor.executemany(sql, sorted((*name, count) for name, count in counted.items()))


def _know_words(cursor: Cursor, generation: int, words: Iterable[tuple[str, str]]) -> None:
    g = f"search_{generation}"
    for word, term in sorted(words):
        cursor.execute(f"INSERT OR IGNORE INTO {g}_word (word, term) VALUES (?, ?)", (word, term))
        if cursor.rowcount:
            number = cursor.lastrowid
            cursor.executemany(f"INSERT INTO {g}_typo VALUES (?, ?)", [(key, number) for key in sorted(typo_keys(word))])
