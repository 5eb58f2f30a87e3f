"""The search port: where goods are found by their words and chosen by what can be said of them.

    page = index.search(SearchQuery(text="linnen shirt", categories=("clothing",), facets=("brand", "attribute:color")))
    page.hits, page.total, page.facets, page.corrected

An index keeps what the catalog has and knows nothing else: it can be thrown away and made again from the catalog at any time. All indexes share one
analyzer (`shopwright.catalog.search_text`), so that they find the same goods; only the order of goods that fit about as well may differ between them.
The kit `shopwright.testing.SearchIndexContract` holds every promise.

Rules
- SEARCH-7: goods are found that have all words of the text (`search_meaning`) and pass every filter; where none have, those are found that have any
  of the words, and `relaxed` tells it; without a text all are found;
- SEARCH-8: values of one filter are alternatives, filters add up; of attributes each code is a filter of its own;
- SEARCH-9: a facet counts what would be found if its own filter were not there, so that people see what else they could choose; the values that most
  have come first, then by code point;
- SEARCH-10: pages follow by keyset: what does not change between two pages is seen once, whatever comes and goes;
- by relevance the best come first; where goods are equal, the order of their ids by code point tells;
- whoever sorts by a price, or chooses by one, names its currency and finds what has a price in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from attrs import field, frozen

from shopwright.catalog.search_documents import SearchDocument
from shopwright.catalog.search_meaning import Correction
from shopwright.edges import maybe, of, texts, whole
from shopwright.edges import text as text_of
from shopwright.errors import InvalidValue
from shopwright.refusals import Refusal

MOST_TEXT, MOST_HITS, MOST_VALUES, MOST_CHOSEN = 200, 100, 1_000, 100
"""The longest text in characters; how many hits a page, values a facet and values a filter may have."""

FACETS = ("brand", "category", "tag")
"""The facets that all goods have; beside them there is `attribute:<code>` for each attribute and option."""


class Sort(StrEnum):
    """What is first: the best, the cheapest, the dearest, the first by its title, or what the host says is popular."""

    RELEVANCE = "relevance"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    TITLE = "title"
    POPULAR = "popular"


Chosen = tuple[tuple[str, tuple[str, ...]], ...]


def _chosen(said: Mapping[str, Iterable[str]] | Iterable[tuple[str, Iterable[str]]]) -> Chosen:
    try:
        pairs = dict(said)
    except (TypeError, ValueError):
        raise InvalidValue(f"expected attributes as a mapping of a code to its values, got {type(said).__name__}") from None
    return tuple(sorted((code, (values,) if isinstance(values, str) else tuple(values)) for code, values in pairs.items()))


def _are_chosen(instance: Any, attribute: Any, value: Any) -> None:
    for code, values in value:
        text_of(least=1)(instance, attribute, code)
        texts(least=1, most=4_000)(instance, attribute, values)
        if not values:
            raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must have a value for {code}, got none; leave it out")


def _are_facets(instance: Any, attribute: Any, value: Any) -> None:
    texts(least=1)(instance, attribute, value)
    for name in value:
        if name not in FACETS and not (name.startswith("attribute:") and len(name) > 10):
            raise InvalidValue(f"expected facets among {', '.join(FACETS)} and attribute:<code>, got {name!r}")


@frozen(kw_only=True)
class SearchQuery:
    """What somebody looks for.

    `languages` are those that titles are told in, the preferred first. Prices are in minor units of `currency`, both ends included, and one price of
    the goods is enough. No `channel` means that channels do not matter. `facets` are `FACETS` and `attribute:<code>`, each with at most `values` of
    them. `after` is the `next` of the page before, of the same query. Raises `InvalidValue` for what is no query; what people can type wrong is
    refused by the search instead.
    """

    text: str = field(default="", validator=text_of(most=20_000))
    languages: tuple[str, ...] = field(default=(), validator=texts(least=1))
    categories: tuple[str, ...] = field(default=(), validator=texts(least=1))
    brands: tuple[str, ...] = field(default=(), validator=texts(least=1))
    tags: tuple[str, ...] = field(default=(), validator=texts(least=1))
    attributes: Chosen = field(default=(), converter=_chosen, validator=_are_chosen)
    currency: str = field(default="", validator=text_of(most=3))
    price_from: int | None = field(default=None, validator=maybe(whole(least=0)))
    price_to: int | None = field(default=None, validator=maybe(whole(least=0)))
    channel: str = field(default="", validator=text_of())
    in_stock: bool = field(default=False, validator=of(bool))
    facets: tuple[str, ...] = field(default=(), validator=_are_facets)
    values: int = field(default=20, validator=whole(least=1, most=MOST_VALUES))
    sort: Sort = field(default=Sort.RELEVANCE, validator=of(Sort))
    limit: int = field(default=20, validator=whole(least=1, most=MOST_HITS))
    after: str = field(default="", validator=text_of(most=2_000))

    def __attrs_post_init__(self) -> None:
        if not self.currency and (self.sort in {Sort.CHEAPEST, Sort.DEAREST} or self.price_from is not None or self.price_to is not None):
            raise InvalidValue("expected a currency with a price to choose or to sort by, got none; give currency='EUR' or the like")
        most = max([len(values) for _, values in self.chosen] or [0])
        if most > MOST_CHOSEN:
            raise InvalidValue(f"expected at most {MOST_CHOSEN} values in a filter, got {most}")

    @property
    def chosen(self) -> Chosen:
        """The filters by facet: its name and the values of which goods must have one."""
        named = (("brand", self.brands), ("category", self.categories), ("tag", self.tags))
        return (*[(name, values) for name, values in named if values], *[(f"attribute:{code}", values) for code, values in self.attributes])


@frozen
class SearchHit:
    """Goods that were found: their id, their title for the reader, and how well they fit: more is better, beside others of the same query."""

    id: str
    title: str
    score: int = 0


@frozen
class FacetCount:
    """How many goods have a value of a facet."""

    value: str
    count: int


@frozen
class Facet:
    """A facet with the values that most of the goods have."""

    name: str
    values: tuple[FacetCount, ...] = ()


@frozen
class SearchPage:
    """What was found: some of the goods, how many there are in all, and what the text was taken for. `next` is empty on the last page."""

    hits: tuple[SearchHit, ...] = ()
    total: int = 0
    facets: tuple[Facet, ...] = ()
    corrected: tuple[Correction, ...] = ()
    relaxed: bool = False
    next: str = ""


Popularity = Callable[[Collection[str]], Mapping[str, int]]
"""How popular groups of these ids are, more being better; those that are left out stand at 0."""


class SearchIndex(Protocol):
    """An index of goods. Every method may raise `StorageUnavailable`, `StorageBusy`, `StorageFull` or `StorageCorrupted`."""

    def put(self, documents: Collection[SearchDocument]) -> None:
        """Keep these, each instead of what was there under its id: all of them or none. Found as soon as this returns."""
        ...

    def drop(self, ids: Collection[str]) -> None:
        """Forget these; nothing happens for those that are not there."""
        ...

    def rebuild(self, documents: Iterable[SearchDocument], *, progress: Callable[[int], object] | None = None) -> int:
        """Keep these and no others; returns how many. They are read once and a few at a time, and `progress` is told how many are there.

        Until all of them are, the index answers as before, and when `documents` raises it stays so. What is put meanwhile may be lost: put it again.
        """
        ...

    def count(self) -> int:
        """How many documents there are."""
        ...

    def search(self, query: SearchQuery) -> SearchPage | Refusal:
        """One page. Refused with `search_text_too_long`, `search_price_impossible` or `search_page_unknown`."""
        ...

    def suggest(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """What a text that was begun may become, the likeliest first: names of brands, tags and categories, and words, that begin like its last word.

        Each finds something; empty for an empty text. Raises `InvalidValue` for a limit that is not 1 to 100.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; the index is of no use afterwards."""
        ...


def _is_index(_: Any, __: Any, value: Any) -> None:
    lacking = [name for name in ("put", "drop", "rebuild", "search", "suggest") if not callable(getattr(value, name, None))]
    if lacking or isinstance(value, type):
        raise InvalidValue(f"Searching.index must be a search index with put, drop, rebuild, search and suggest, got {value!r}")


@frozen
class Searching:
    """The index that a shop keeps of its catalog; `popularity` tells what `Sort.POPULAR` sorts by, and is asked for each batch that is kept.

    Raises `InvalidValue` for what is no index, and a popularity that cannot be called.
    """

    index: SearchIndex = field(validator=_is_index)
    popularity: Popularity = field(default=lambda ids: {}, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not callable(self.popularity):
            raise InvalidValue(f"Searching.popularity must be a function of ids, got {type(self.popularity).__name__}")
