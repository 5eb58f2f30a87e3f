"""What holds for any goods and any query: an index finds and counts what the one in memory does."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from attrs import evolve

from shopwright.adapters.search_memory import MemorySearch
from shopwright.catalog.search_documents import SearchDocument
from shopwright.ports.search import SearchHit, SearchIndex, SearchPage, SearchQuery, Sort
from shopwright.refusals import Refusal


def every_page(index: SearchIndex, query: SearchQuery) -> list[SearchPage] | Refusal:
    """All pages of a search, from the first to the last."""
    pages: list[SearchPage] = []
    while not pages or pages[-1].next:
        page = index.search(evolve(query, after=pages[-1].next if pages else ""))
        if isinstance(page, Refusal):
            return page
        pages.append(page)
    return pages


def every_hit(index: SearchIndex, query: SearchQuery) -> list[SearchHit]:
    """All goods that a search finds, in their order."""
    pages = every_page(index, query)
    assert not isinstance(pages, Refusal), pages
    return [hit for page in pages for hit in page.hits]


def agree(index: SearchIndex, goods: Collection[SearchDocument], asked: Sequence[SearchQuery]) -> None:
    """Both answer each query alike: the goods, how many there are, facets, corrections; and their order, where it is not by how well they fit."""
    model = MemorySearch()
    model.put(goods)
    assert index.count() == model.count()
    for query in asked:
        expected, got = every_page(model, query), every_page(index, query)
        if isinstance(expected, Refusal) or isinstance(got, Refusal):
            assert got == expected
            continue
        assert [evolve(page, hits=(), next="") for page in got] == [evolve(page, hits=(), next="") for page in expected]
        hits, wanted = ([(hit.id, hit.title) for page in pages for hit in page.hits] for pages in (got, expected))
        assert (sorted(hits) if query.sort is Sort.RELEVANCE else hits) == (sorted(wanted) if query.sort is Sort.RELEVANCE else wanted)
        scores = [hit.score for page in got for hit in page.hits]
        if query.sort is Sort.RELEVANCE:
            assert scores == sorted(scores, reverse=True)
