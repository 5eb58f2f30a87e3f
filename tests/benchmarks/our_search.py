"""Search by our indexes: the goods of the benchmark in each, and a question as one call."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from shopwright.ports.search import SearchIndex
from shopwright.refusals import accepted
from tests.benchmarks.by_hand.search_raw import Answer
from tests.benchmarks.search_goods import Good, Question, document
from tests.benchmarks.sides import peer


class Ours:
    """One of our indexes with all goods in it."""

    def __init__(self, index: SearchIndex, goods: Iterable[Good]) -> None:
        self.index = index
        self.index.rebuild(map(document, goods))

    def ask(self, question: Question) -> Answer:
        """The first page, the total and the facets."""
        page = accepted(self.index.search(question.query))
        facets = {facet.name: {each.value: each.count for each in facet.values} for facet in page.facets}
        return Answer(tuple(hit.id for hit in page.hits), page.total, facets)

    def close(self) -> None:
        """Let go of the index."""
        self.index.close()


def on_sqlite(path: Path, goods: Iterable[Good]) -> Ours:
    """In a SQLite file."""
    from shopwright.adapters.search_sqlite import SqliteSearch

    return Ours(SqliteSearch(path), goods)


def on_postgres(conninfo: str, goods: Iterable[Good]) -> Ours:
    """In a PostgreSQL database."""
    peer("psycopg")
    from shopwright.adapters.search_postgres import PostgresSearch

    return Ours(PostgresSearch(conninfo), goods)


def on_tantivy(folder: Path, goods: Iterable[Good]) -> Ours:
    """In a folder of tantivy."""
    peer("tantivy")
    from shopwright.adapters.search_tantivy import TantivySearch

    return Ours(TantivySearch(folder), goods)
