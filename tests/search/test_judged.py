"""All indexes find what people look for: recall among the first ten, over searches that were judged by hand."""

from __future__ import annotations

import pytest

from shopwright.adapters.search_memory import MemorySearch
from shopwright.adapters.search_sqlite import SqliteSearch
from tests.search.goods import GOODS
from tests.search.judged import SEARCHES, recall_by_kind
from tests.surroundings import peer

LEAST = 90.0


def postgres(request, tmp_path):
    from shopwright.adapters.search_postgres import PostgresSearch

    return PostgresSearch(request.getfixturevalue("postgres_database"))


def tantivy(request, tmp_path):
    peer("tantivy")
    from shopwright.adapters.search_tantivy import TantivySearch

    return TantivySearch(tmp_path / "search")


OPENED = {
    "memory": lambda request, tmp_path: MemorySearch(),
    "sqlite": lambda request, tmp_path: SqliteSearch(tmp_path / "search.sqlite"),
    "postgres": postgres,
    "tantivy": tantivy,
}


@pytest.fixture(params=OPENED)
def index(request, tmp_path):
    index = OPENED[request.param](request, tmp_path)
    index.rebuild(GOODS)
    yield index
    index.close()


def test_there_are_searches_enough_and_each_expects_something_that_fits_on_a_page():
    assert len(SEARCHES) >= 200
    assert len({(judged.kind, judged.text) for judged in SEARCHES}) == len(SEARCHES)
    assert [judged.text for judged in SEARCHES if not 1 <= len(judged.ids) <= 10] == []


def test_what_people_look_for_is_among_the_first_ten(index):
    shares = recall_by_kind(index)
    print(f"\nrecall among the first ten, percent, {index!r}: {shares}")
    assert {kind: share for kind, share in shares.items() if share < LEAST} == {}
