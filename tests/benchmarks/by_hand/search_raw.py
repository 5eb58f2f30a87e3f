"""Search as it is written by hand on each engine: a table of its own for the goods, the engine's index over their words, a statement per question.

Rules
- all are handed the terms of our analyzer, so that what is found is equal, and only what finding costs can differ;
- a question is answered by the ids of the first page, how many there are in all, and the facets that it asks for with their counts;
- nothing is kept up to date, ordered twice or guarded: no typos, no generations, no pages beyond the first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.benchmarks.search_goods import FIRST, Good, Question, terms
from tests.benchmarks.sides import peer


@frozen
class Answer:
    """What is told of a question."""

    ids: tuple[str, ...]
    total: int
    facets: dict[str, dict[str, int]]


class Fts5:
    """SQLite FTS5 beside a table of goods and one of their tags."""

    def __init__(self, path: Path, goods: Iterable[Good]) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(
            """pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -200000;
            create table good (n integer primary key, id text not null, brand text not null, top text not null, price integer not null,
                stock integer not null) strict;
            create table tag (n integer not null, tag text not null, primary key (n, tag)) strict, without rowid;
            create virtual table words using fts5 (title, content = '', columnsize = 1, detail = full, tokenize = "ascii")"""
        )
        self._db.execute("begin")
        for number, good in enumerate(goods, 1):
            row = (number, good.id, good.brand, good.path[0], good.price, good.in_stock)
            self._db.execute("insert into good values (?, ?, ?, ?, ?, ?)", row)
            self._db.executemany("insert into tag values (?, ?)", [(number, tag) for tag in good.tags])
            self._db.execute("insert into words (rowid, title) values (?, ?)", (number, " ".join(terms(good))))
        self._db.execute("commit")
        self._db.executescript("create index good_by_price on good (price, id); insert into words (words) values ('optimize'); analyze")

    def ask(self, question: Question) -> Answer:
        """The first page, the total, and a statement for each facet."""
        match = " AND ".join(f'"{term}"' for term in question.terms)
        where, values = ["words match ?"], [match]
        if question.category:
            where.append("top = ?")
            values.append(question.category)
        if question.in_stock:
            where.append("stock = 1")
        found = f"from words join good on good.n = words.rowid where {' and '.join(where)}"
        order = "price, id" if question.by_price else "bm25(words), id"
        ids = self._db.execute(f"select id {found} order by {order} limit {FIRST}", values).fetchall()
        (total,) = self._db.execute(f"select count(*) {found}", values).fetchone()
        facets = {}
        for facet in question.facets:
            counted = f"select tag, count(*) {found.replace('where', 'join tag on tag.n = good.n where')} group by tag"
            counted = counted if facet == "tag" else f"select brand, count(*) {found} group by brand"
            facets[facet] = dict(self._db.execute(f"{counted} order by 2 desc, 1 limit {FIRST}", values))
        return Answer(tuple(id for (id,) in ids), total, facets)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


class Tsvector:
    """PostgreSQL: the words as a `tsvector` under a GIN index, the rest as columns."""

    def __init__(self, conninfo: str, goods: Iterable[Good]) -> None:
        self._db = peer("psycopg").connect(conninfo, autocommit=True)
        self._db.execute(
            """create table good (id text collate "C" not null, words tsvector not null, brand text not null, top text not null, tags text[] not null,
            price bigint not null, stock boolean not null)"""
        )
        with self._db.cursor() as cursor, cursor.copy("copy good from stdin") as lines:
            for good in goods:
                words = " ".join(f"'{term}':{place}" for place, term in enumerate(terms(good), 1))
                lines.write_row((good.id, words, good.brand, good.path[0], list(good.tags), good.price, good.in_stock))
        self._db.execute("create index on good using gin (words)")
        self._db.execute("create index on good (price, id)")
        self._db.execute("vacuum analyze good")

    def ask(self, question: Question) -> Answer:
        """The first page, the total, and a statement for each facet."""
        wanted = " & ".join(f"'{term}'" for term in question.terms)
        where, values = ["words @@ %(wanted)s::tsquery"], {"wanted": wanted, "top": question.category}
        if question.category:
            where.append("top = %(top)s")
        if question.in_stock:
            where.append("stock")
        found = f"from good where {' and '.join(where)}"
        order = "price, id" if question.by_price else "ts_rank(words, %(wanted)s::tsquery) desc, id"
        ids = self._db.execute(f"select id {found} order by {order} limit {FIRST}", values).fetchall()
        (total,) = self._db.execute(f"select count(*) {found}", values).fetchone()
        facets = {}
        for facet in question.facets:
            counted = found.replace("from good", "from good, unnest(tags) as tag") if facet == "tag" else found
            sql = f"select {facet}, count(*) {counted} group by {facet} order by 2 desc, 1 limit {FIRST}"
            facets[facet] = dict(self._db.execute(sql, values).fetchall())
        return Answer(tuple(id for (id,) in ids), total, facets)

    def close(self) -> None:
        """Let go of the connection."""
        self._db.close()


class Tantivy:
    """Tantivy: a field for the words, one for each facet, and its own aggregations."""

    def __init__(self, folder: Path, goods: Iterable[Good]) -> None:
        self._tantivy: Any = peer("tantivy")
        builder = self._tantivy.SchemaBuilder()
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        for name in ("brand", "top", "tag"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_integer_field("price", indexed=True, fast=True)
        builder.add_boolean_field("stock", indexed=True)
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        self._schema = builder.build()
        folder.mkdir()
        index = self._tantivy.Index(self._schema, path=str(folder))
        index.register_tokenizer("whitespace", self._tantivy.TextAnalyzerBuilder(self._tantivy.Tokenizer.whitespace()).build())
        writer = index.writer(128_000_000, 1)
        for good in goods:
            words, tags = " ".join(terms(good)), list(good.tags)
            told = {"id": good.id, "words": words, "brand": good.brand, "top": good.path[0], "tag": tags, "price": good.price, "stock": good.in_stock}
            writer.add_document(self._tantivy.Document(**told))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def ask(self, question: Question) -> Answer:
        """The first page with the total, and all facets in one aggregation."""
        term, must = self._tantivy.Query.term_query, self._tantivy.Occur.Must
        parts = [(must, term(self._schema, "words", each)) for each in question.terms]
        if question.category:
            parts.append((must, term(self._schema, "top", question.category)))
        if question.in_stock:
            parts.append((must, term(self._schema, "stock", True)))
        query = self._tantivy.Query.boolean_query(parts)
        order = {"order_by_field": "price", "order": self._tantivy.Order.Asc} if question.by_price else {}
        found = self._searcher.search(query, FIRST, **order)
        asked = {facet: {"terms": {"field": facet, "size": FIRST}} for facet in question.facets}
        told = self._searcher.aggregate(query, asked) if asked else {}
        facets = {facet: {bucket["key"]: bucket["doc_count"] for bucket in told[facet]["buckets"]} for facet in asked}
        return Answer(tuple(self._searcher.doc(address)["id"][0] for _, address in found.hits), found.count, facets)

    def close(self) -> None:
        """Nothing is open."""
