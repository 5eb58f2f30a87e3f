"""A search index in memory: the reference that the others agree with, and enough for tests, demos and a few thousand goods.

Rules
- goods are ranked by BM25 over fields that weigh differently (`search_documents.WEIGHTS`);
- one thread at a time asks or puts; a rebuild makes a state of its own meanwhile, and swaps it in at its end.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from math import log

from attrs import define, field, frozen

from shopwright.adapters.searching import After, Ranked, Wanted, highest_first, searched, suggested
from shopwright.catalog.search_documents import WEIGHTS, Kept, SearchDocument, kept
from shopwright.catalog.search_meaning import Meaning
from shopwright.catalog.search_typos import Word, typo_keys
from shopwright.errors import StorageUnavailable
from shopwright.ports.edge import check_ids
from shopwright.ports.search import FacetCount, SearchPage, SearchQuery, Sort
from shopwright.refusals import Refusal

_SATURATION, _LENGTH = 1.2, 0.75
_MILLION = 1_000_000


@frozen
class _Entry:
    document: SearchDocument
    kept: Kept
    counts: tuple[Counter[str], ...]


@define
class _State:
    """All documents, and what is looked up in them."""

    entries: dict[str, _Entry] = field(factory=dict)
    by_term: dict[str, set[str]] = field(factory=dict)
    by_key: dict[str, set[tuple[str, str]]] = field(factory=dict)
    words: dict[tuple[str, str], int] = field(factory=dict)
    names: dict[tuple[str, str], int] = field(factory=dict)
    lengths: list[int] = field(factory=lambda: [0] * len(WEIGHTS))

    def put(self, document: SearchDocument) -> None:
        self.drop(document.id)
        it = kept(document)
        self.entries[document.id] = _Entry(document, it, tuple([Counter(terms) for terms in it.fields]))
        for at, terms in enumerate(it.fields):
            self.lengths[at] += len(terms)
        for term in it.terms:
            self.by_term.setdefault(term, set()).add(document.id)
        for pair in it.words:
            self.words[pair] = self.words.get(pair, 0) + 1
            for key in typo_keys(pair[0]):
                self.by_key.setdefault(key, set()).add(pair)
        for name in it.names:
            self.names[name] = self.names.get(name, 0) + 1

    def drop(self, id: str) -> None:
        entry = self.entries.pop(id, None)
        if entry is None:
            return
        for at, terms in enumerate(entry.kept.fields):
            self.lengths[at] -= len(terms)
        for term in entry.kept.terms:
            self.by_term[term].discard(id)
        for counted, pairs in ((self.words, entry.kept.words), (self.names, entry.kept.names)):
            for pair in pairs:
                counted[pair] -= 1


class MemorySearch:
    """Goods in memory; implements `shopwright.ports.search.SearchIndex`. Safe between threads."""

    def __init__(self) -> None:
        self._state = _State()
        self._lock = threading.RLock()
        self._closed = False

    def __repr__(self) -> str:
        return f"MemorySearch({self.count() if not self._closed else 'closed'})"

    def put(self, documents: Collection[SearchDocument]) -> None:
        """Keep these."""
        with self._opened() as state:
            for document in documents:
                state.put(document)

    def drop(self, ids: Collection[str]) -> None:
        """Forget these."""
        with self._opened() as state:
            for id in check_ids("ids of goods", ids):
                state.drop(id)

    def rebuild(self, documents: Iterable[SearchDocument], *, progress: Callable[[int], object] | None = None) -> int:
        """Keep these and no others."""
        self._check()
        fresh = _State()
        for number, document in enumerate(documents, 1):
            fresh.put(document)
            if progress is not None and number % 1_000 == 0:
                progress(number)
        with self._lock:
            self._state = fresh
        if progress is not None:
            progress(len(fresh.entries))
        return len(fresh.entries)

    def count(self) -> int:
        """How many documents there are."""
        with self._opened() as state:
            return len(state.entries)

    def search(self, query: SearchQuery) -> SearchPage | Refusal:
        """One page."""
        with self._opened() as state:
            return searched(query, _MemoryShelves(state))

    def suggest(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """What a text that was begun may become."""
        with self._opened() as state:
            return suggested(prefix, _MemoryShelves(state), limit=limit)

    def close(self) -> None:
        """Forget everything."""
        self._closed = True
        self._state = _State()

    def _check(self) -> None:
        if self._closed:
            raise StorageUnavailable("the search index was closed; make another one")

    @contextmanager
    def _opened(self) -> Iterator[_State]:
        self._check()
        with self._lock:
            yield self._state


@frozen
class _MemoryShelves:
    """One state, as a search asks it."""

    state: _State

    def counts(self, terms: Collection[str]) -> Mapping[str, int]:
        """How many documents have each of these terms."""
        return {term: len(self.state.by_term.get(term, ())) for term in terms}

    def near(self, keys: Collection[str]) -> Iterator[Word]:
        """The words that are kept under any of these keys."""
        for word, term in {pair for key in keys for pair in self.state.by_key.get(key, ())}:
            yield Word(word, term, len(self.state.by_term.get(term, ())))

    def total(self, wanted: Wanted) -> int:
        """How many goods are wanted."""
        return sum(1 for _ in self._wanted(wanted))

    def ranked(self, wanted: Wanted, *, sort: Sort, after: After | None, limit: int) -> list[Ranked]:
        """The first of the goods that are wanted, beyond `after`."""
        found = [self._ranked(entry, wanted, sort) for entry in self._wanted(wanted)]
        found = sorted(found, key=lambda it: it.id)
        found.sort(key=lambda it: it.key, reverse=highest_first(sort))
        return [it for it in found if after is None or _beyond(it, after, sort)][:limit]

    def facet(self, wanted: Wanted, name: str, *, most: int) -> list[FacetCount]:
        """The values of a facet that most of the wanted goods have."""
        counted = Counter(value for entry in self._wanted(wanted) for value in entry.document.facet(name))
        return [FacetCount(value, count) for value, count in sorted(counted.items(), key=lambda it: (-it[1], it[0]))[:most]]

    def beginning(self, prefix: str, *, most: int) -> list[str]:
        """Names, then words, that begin with a folded text."""
        names = [(-count, name) for (begin, name), count in self.state.names.items() if count and begin.startswith(prefix)]
        words = [(-count, word) for (word, _), count in self.state.words.items() if count and word.startswith(prefix)]
        told = {name.casefold(): name for _, name in reversed([*sorted(names), *sorted(words)])}
        return [name for _, name in [*sorted(names), *sorted(words)] if told.pop(name.casefold(), None)][:most]

    def _wanted(self, wanted: Wanted) -> Iterator[_Entry]:
        meant = Meaning(wanted.groups)
        for entry in self.state.entries.values():
            if meant.found_by(entry.kept.terms, every=wanted.every) and _passes(entry.document, wanted):
                yield entry

    def _ranked(self, entry: _Entry, wanted: Wanted, sort: Sort) -> Ranked:
        score, document = self._score(entry, Meaning(wanted.groups).terms), entry.document
        key = score if sort is Sort.RELEVANCE else sorted_by(document, entry.kept, sort, wanted.currency)
        return Ranked(document.id, document.titles, score, key)

    def _score(self, entry: _Entry, terms: Iterable[str]) -> int:
        documents, score = len(self.state.entries), 0.0
        for term in terms:
            known = len(self.state.by_term.get(term, ()))
            weight = 0.0
            for at, counts in enumerate(entry.counts):
                if found := counts[term]:
                    usual = self.state.lengths[at] / documents
                    weight += WEIGHTS[at] * found / (1 - _LENGTH + _LENGTH * len(entry.kept.fields[at]) / usual)
            score += log(1 + (documents - known + 0.5) / (known + 0.5)) * weight / (weight + _SATURATION * WEIGHTS[-1])
        return round(score * _MILLION)


def sorted_by(document: SearchDocument, kept: Kept, sort: Sort, currency: str) -> int | str:
    """What goods are sorted by, where it is not how well they fit."""
    if sort is Sort.TITLE:
        return kept.title
    return document.popularity if sort is Sort.POPULAR else document.price_in(currency) or 0


def _passes(document: SearchDocument, wanted: Wanted) -> bool:
    least, most = wanted.price
    prices = [price.minor for price in document.prices if price.currency == wanted.currency]
    return (
        all(not values_of.isdisjoint(values) for values_of, values in ((set(document.facet(name)), values) for name, values in wanted.chosen))
        and (not wanted.currency or any((least is None or least <= price) and (most is None or price <= most) for price in prices))
        and (not wanted.channel or not document.channels or wanted.channel in document.channels)
        and (document.in_stock or not wanted.in_stock)
    )


def _beyond(it: Ranked, after: After, sort: Sort) -> bool:
    key, id = after
    if it.key == key:
        return it.id > id
    return (it.key < key) if highest_first(sort) else (it.key > key)  # type: ignore[operator]  # the keys of one sort are all numbers or all texts
