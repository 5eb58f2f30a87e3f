"""What is asked of tantivy for one search: words and their counts, how many goods, which of them, and their facets; all of one moment.

Rules
- goods that were dropped and still lie in a segment are never counted;
- orders by a number go in two steps, since numbers are shared: those before the last number of the page, and of that number the first by their ids;
- a facet is asked for a little more than is wanted, and for all where its last values are as frequent as the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from shopwright.adapters.search_tantivy.fields import ALL, EVERY, LONGEST, by_fit, by_title, least_in, length_and_id, title_and_id, titles_of
from shopwright.adapters.search_tantivy.queries import Queries, beyond_id, facet_path
from shopwright.adapters.search_tantivy.tiers import Group, Tier, tiers
from shopwright.adapters.searching import After, Ranked, Wanted
from shopwright.catalog.search_typos import Word
from shopwright.ports.search import FacetCount, Sort

if TYPE_CHECKING:
    from tantivy import DocAddress, Query, Searcher

_TIERS = 1_000
_MOST_BUCKETS = 60_000
_ALL_BUCKETS = 2**31 - 1


@frozen
class TantivyShelves:
    """One moment of an index, as a search asks it."""

    goods: Searcher
    words: Searcher
    queries: Queries
    word_queries: Queries

    def counts(self, terms: Collection[str]) -> Mapping[str, int]:
        """How many documents have each of these terms."""
        return {term: self._count_of(term) for term in terms}

    def near(self, keys: Collection[str]) -> Iterator[Word]:
        """The words that are kept under any of these keys."""
        found = self.words.search(self.word_queries.any_of("key", tuple(keys)), max(1, self.words.num_docs), count=False)
        for _, address in found.hits:
            document = self.words.doc(address)
            word, term = document["word"][0], document["term"][0]
            yield Word(word, term, self._count_of(term))

    def total(self, wanted: Wanted) -> int:
        """How many goods are wanted."""
        if wanted == Wanted():
            return self.goods.num_docs
        return self._count(self.queries.wanted(wanted))

    def ranked(self, wanted: Wanted, *, sort: Sort, after: After | None, limit: int) -> list[Ranked]:
        """The first of the goods that are wanted, beyond `after`."""
        if sort is Sort.TITLE:
            return self._by_title(wanted, after, limit)
        if sort is not Sort.RELEVANCE:
            field = "popularity" if sort is Sort.POPULAR else least_in(wanted.currency)
            return self._by_number(wanted, field, sort is not Sort.CHEAPEST, after, limit)
        return self._by_fit(wanted, after, limit) if wanted.groups else self._by_id(wanted, after, limit)

    def facet(self, wanted: Wanted, name: str, *, most: int) -> list[FacetCount]:
        """The values of a facet that most of the wanted goods have."""
        field, query, size = facet_path(name), self.queries.wanted(wanted), most + 1
        while True:
            terms = {"field": field, "size": size, "segment_size": _ALL_BUCKETS}
            buckets: list[dict[str, Any]] = self.goods.aggregate(query, {"facet": {"terms": terms}})["facet"]["buckets"]
            if len(buckets) < size or buckets[-1]["doc_count"] < buckets[most - 1]["doc_count"] or size == _MOST_BUCKETS:
                break
            size = _MOST_BUCKETS
        told = sorted(buckets, key=lambda it: (-it["doc_count"], it["key"]))[:most]
        return [FacetCount(it["key"], it["doc_count"]) for it in told]

    def beginning(self, prefix: str, *, most: int) -> list[str]:
        """Names, then words, that begin with a folded text."""
        told: dict[str, str] = {}
        for field in ("name", "word"):
            found = self.goods.terms_with_prefix(field, prefix, None if self._whole else self.queries.wanted(Wanted()))
            names = sorted((-count, term.partition("\t")[2] or term) for term, count in found if count)
            for _, name in names:
                told.setdefault(name.casefold(), name)
        return list(told.values())[:most]

    def _count(self, query: Query) -> int:
        found: Any = self.goods.search(query, 1)
        return int(found.count)

    def _count_of(self, term: str) -> int:
        known = self.goods.doc_freq(ALL, term)
        return known if self._whole or not known else self._count(self.queries.term(ALL, term))

    @property
    def _whole(self) -> bool:
        """Whether no goods that were dropped lie in a segment still."""
        return self.goods.doc_freq("every", EVERY) == self.goods.num_docs

    def _by_fit(self, wanted: Wanted, after: After | None, limit: int) -> list[Ranked]:
        def counted(group: Group) -> int:
            return self._count(self.queries.tier(Tier(ALL, (group,), 1)))

        filters, found = self.queries.filters(wanted), list[Ranked]()
        for number, tier in enumerate(tiers(wanted.groups, every=wanted.every, counted=counted, documents=self.goods.num_docs)):
            score = (_TIERS - number) * (LONGEST + 1)
            begin = _fit_after(after, score)
            if begin is None:
                continue
            query = self.queries.both(self.queries.tier(tier), *filters, *([self.queries.beyond("by_fit", begin)] if begin else []))
            for ordered, address in self._ordered(query, "by_fit", limit - len(found)):
                length, id = length_and_id(ordered)
                fit = score + LONGEST - length
                found.append(self._told(address, id, fit, fit))
            if len(found) == limit:
                break
        return found

    def _by_id(self, wanted: Wanted, after: After | None, limit: int) -> list[Ranked]:
        query = self._with_filters(wanted, "by_id", None if after is None else beyond_id(after[1]))
        hits = self._ordered(query, "by_id", limit)
        return [self._told(address, bytes.fromhex(ordered).decode(), 0, 0) for ordered, address in hits]

    def _by_title(self, wanted: Wanted, after: After | None, limit: int) -> list[Ranked]:
        query = self._with_filters(wanted, "by_title", None if after is None else by_title(str(after[0]), after[1]))
        found = [(*title_and_id(ordered), address) for ordered, address in self._ordered(query, "by_title", limit)]
        return [self._told(address, id, 0, title) for title, id, address in found]

    def _by_number(self, wanted: Wanted, field: str, down: bool, after: After | None, limit: int) -> list[Ranked]:
        every = self.queries.wanted(wanted)
        begin = None if after is None else int(after[0])
        same = [] if after is None or begin is None else self._of_number(every, field, begin, after[1], limit)
        if len(same) == limit:
            return same
        rest = limit - len(same)
        beyond = every if begin is None else self.queries.both(every, self._past(field, begin, down=down))
        found = self._ordered(beyond, field, rest, down=down)
        if not found:
            return same
        last = int(found[-1][0])
        before = [self._told(address, None, 0, int(number)) for number, address in found if int(number) != last]
        before.sort(key=lambda it: (-int(it.key) if down else int(it.key), it.id))
        return [*same, *before, *self._of_number(every, field, last, None, rest - len(before))]

    def _past(self, field: str, number: int, *, down: bool) -> Query:
        return self.queries.numbers(field, None, number - 1) if down else self.queries.numbers(field, number + 1, None)

    def _of_number(self, every: Query, field: str, number: int, after_id: str | None, limit: int) -> list[Ranked]:
        """The first goods of one number by their ids."""
        parts = [every, self.queries.numbers(field, number, number)]
        if after_id is not None:
            parts.append(self.queries.beyond("by_id", beyond_id(after_id)))
        hits = self._ordered(self.queries.both(*parts), "by_id", limit)
        return [self._told(address, bytes.fromhex(ordered).decode(), 0, number) for ordered, address in hits]

    def _with_filters(self, wanted: Wanted, field: str, begin: str | None) -> Query:
        every = self.queries.wanted(wanted)
        return every if begin is None else self.queries.both(every, self.queries.beyond(field, begin))

    def _ordered(self, query: Query, field: str, limit: int, *, down: bool = False) -> list[tuple[Any, DocAddress]]:
        from tantivy import Order

        return self.goods.search(query, limit, count=False, order_by_field=field, order=Order.Desc if down else Order.Asc).hits

    def _told(self, address: DocAddress, id: str | None, score: int, key: int | str) -> Ranked:
        document = self.goods.doc(address)
        return Ranked(document["id"][0] if id is None else id, titles_of(document["titles"][0]), score, key)


def _fit_after(after: After | None, score: int) -> str | None:
    """Where a tier begins beyond a hit: empty for its begin, `None` where all of it was before."""
    if after is None:
        return ""
    fit, id = int(after[0]), after[1]
    if fit > score + LONGEST:
        return ""
    return None if fit < score else by_fit(LONGEST - (fit - score), id)
