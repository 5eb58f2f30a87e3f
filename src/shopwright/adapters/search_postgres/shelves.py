"""What a search asks of the tables of a generation, all in one transaction of one snapshot (`shopwright.adapters.searching.Shelves`).

Rules
- terms and filters are looked up together, in the one index over both; what passes is ranked, counted and sorted by the server;
- the score is `ts_rank` with the weights of the fields, less for long texts, in millionths; of goods that need not have all words, a word
  weighs more the fewer goods have it; who has a code as it was asked for comes before all others;
- facets whose goods are the same are counted in one pass, all of them at once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import log2
from typing import TYPE_CHECKING, Any

from attrs import define, field

from shopwright.adapters.search_postgres.tables import lexeme, mark, quoted
from shopwright.adapters.searching import After, Ranked, Wanted, highest_first
from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import WEIGHTS
from shopwright.catalog.search_typos import Word
from shopwright.ports.search import FacetCount, Sort

if TYPE_CHECKING:
    from shopwright.adapters.postgres.connections import Cursor

Group = tuple[tuple[str, ...], ...]
Told = tuple[str, dict[str, Any]]
"""A piece of a statement, and the values of its marks."""

_RANKS = "'{" + ",".join(str(weight / max(WEIGHTS)) for weight in reversed(WEIGHTS)) + "}'::real[]"
_SHORT_FIRST = 1
_CODE = 10**12


@define
class PostgresShelves:
    """The tables of one generation; `facets` are those that the search will ask for."""

    cursor: Cursor
    g: str
    facets: tuple[str, ...] = ()
    _counted: dict[tuple[Wanted, int], dict[str, list[FacetCount]]] = field(factory=dict)

    def counts(self, terms: Collection[str]) -> Mapping[str, int]:
        """How many documents have each of these terms."""
        kept = {lexeme(term): term for term in terms}
        rows = self.cursor.execute(f"select term, documents from {self.g}_term where term = any(%s) and documents > 0", (list(kept),)).fetchall()
        return {kept[term]: count for term, count in rows}

    def near(self, keys: Collection[str]) -> Iterator[Word]:
        """The words that are kept under any of these keys."""
        sql = f"select word, term, documents from {self.g}_word join {self.g}_term using (term) where keys && %s and documents > 0"
        return (Word(*row) for row in self.cursor.execute(sql, (list(keys),)).fetchall())

    def total(self, wanted: Wanted) -> int:
        """How many goods are wanted."""
        where, values = self._where(wanted)
        row = self.cursor.execute(f"select count(*) from {self.g}_good {where}", values).fetchone()
        assert row is not None
        return int(row[0])

    def ranked(self, wanted: Wanted, *, sort: Sort, after: After | None, limit: int) -> list[Ranked]:
        """The first of the goods that are wanted, beyond `after`."""
        where, values = self._where(wanted)
        score, more = self._score(wanted, sort)
        price = "(prices -> %(currency)s -> 0)::bigint"
        key = {Sort.RELEVANCE: score, Sort.TITLE: "title", Sort.POPULAR: "popularity"}.get(sort, price)
        down, beyond = ("desc", "<") if highest_first(sort) else ("asc", ">")
        found = f"select {score} as score, {key} as key, id, titles from {self.g}_good {where}"
        if after is not None:
            found = f"select * from ({found}) found where key {beyond} %(after)s or (key = %(after)s and id > %(after_id)s)"
            more = {**more, "after": after[0], "after_id": after[1]}
        given = {**values, **more, "limit": limit, "currency": wanted.currency}
        rows = self.cursor.execute(f"{found} order by key {down}, id limit %(limit)s", given).fetchall()
        return [Ranked(id, Texts(json.loads(titles)), score, key) for score, key, id, titles in rows]

    def facet(self, wanted: Wanted, name: str, *, most: int) -> Sequence[FacetCount]:
        """The values of a facet that most of the wanted goods have."""
        counted = self._counted.get((wanted, most))
        if counted is None or name not in counted:
            names = {name, *[other for other in self.facets if wanted.without(other) == wanted]}
            counted = self._counted[wanted, most] = self._count_facets(wanted, names, most)
        return counted[name]

    def beginning(self, prefix: str, *, most: int) -> list[str]:
        """Names, then words, that begin with a folded text."""
        names = f"""select name from {self.g}_name where left(folded, 100) like %(begin)s and starts_with(folded, %(prefix)s) and documents > 0
            order by documents desc, name limit %(most)s"""
        words = f"""select word from {self.g}_word join {self.g}_term using (term) where word like %(begin)s and documents > 0
            order by documents desc, word limit %(most)s"""
        begin = prefix[:100].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        told: dict[str, str] = {}
        for sql in (names, words):
            for (name,) in self.cursor.execute(sql, {"begin": begin, "prefix": prefix, "most": most}).fetchall():
                told.setdefault(name.casefold(), name)
        return list(told.values())[:most]

    def _count_facets(self, wanted: Wanted, names: Collection[str], most: int) -> dict[str, list[FacetCount]]:
        where, values = self._where(wanted)
        sql = f"""select facet, value, count from (
                select k.facet, k.value, c.count, row_number() over (partition by k.facet order by c.count desc, k.value) as place
                from (select key, count(*) as count from {self.g}_good, unnest(keys) key {where} group by key) c
                join {self.g}_key k on k.number = c.key where k.facet = any(%(facets)s)) told
            where place <= %(most)s order by facet, place"""
        told: dict[str, list[FacetCount]] = {name: [] for name in names}
        for facet, value, count in self.cursor.execute(sql, {**values, "facets": list(names), "most": most}).fetchall():
            told[facet].append(FacetCount(value, count))
        return told

    def _where(self, wanted: Wanted) -> Told:
        conditions: list[str] = []
        values: dict[str, Any] = {}
        if wanted.groups:
            conditions.append("terms @@ %(terms)s::tsquery")
            values["terms"] = _asked(wanted.groups, every=wanted.every)
        for place, numbers in enumerate(self._numbers(wanted)):
            conditions.append(f"keys && %(keys_{place})s::integer[]")
            values[f"keys_{place}"] = numbers
        if wanted.currency:
            conditions.append("prices ? %(currency)s")
            values["currency"] = wanted.currency
            least, most = wanted.price
            if least is not None or most is not None:
                conditions.append("exists (select from jsonb_array_elements(prices -> %(currency)s) p where p::bigint between %(low)s and %(high)s)")
                values |= {"low": least or 0, "high": 2**63 - 1 if most is None else most}
        if wanted.in_stock:
            conditions.append("in_stock")
        return f"where {' and '.join(conditions)}" if conditions else "", values

    def _numbers(self, wanted: Wanted) -> list[list[int]]:
        """By filter the numbers of the keys of which goods must have one."""
        chosen = [*wanted.chosen, *([("channel", ("", wanted.channel))] if wanted.channel else [])]
        if not chosen:
            return []
        marks = {mark(facet, value): place for place, (facet, values) in enumerate(chosen) for value in values}
        found: list[list[int]] = [[] for _ in chosen]
        for known, number in self.cursor.execute(f"select mark, number from {self.g}_key where mark = any(%s)", (list(marks),)).fetchall():
            found[marks[bytes(known)]].append(number)
        return found

    def _score(self, wanted: Wanted, sort: Sort) -> Told:
        if not wanted.groups or sort is not Sort.RELEVANCE:
            return "0", {}
        if wanted.every:
            ranks, values = [_rank("ranked", 1.0)], {"ranked": _any_of({term for group in wanted.groups for each in group for term in each})}
        else:
            weights = self._weights(wanted.groups)
            ranks = [_rank(f"ranked_{place}", weight) for place, weight in enumerate(weights)]
            values = {f"ranked_{place}": _any_of({term for each in group for term in each}) for place, group in enumerate(wanted.groups)}
        if codes := [each for group in wanted.groups for each in group if each[0].startswith("#")]:
            ranks.append(f"case when terms @@ %(codes)s::tsquery then {_CODE} else 0 end")
            values["codes"] = _asked((tuple(codes),), every=True)
        return f"({' + '.join(ranks)})::bigint", values

    def _weights(self, groups: Sequence[Group]) -> list[float]:
        counts = self.counts({term for group in groups for each in group for term in each})
        row = self.cursor.execute(f"select count(*) from {self.g}_good").fetchone()
        assert row is not None
        known = [max((min(counts.get(term, 0) for term in each) for each in group), default=0) for group in groups]
        return [log2(1 + row[0] / (1 + count)) for count in known]


def _rank(mark: str, weight: float) -> str:
    return f"ts_rank({_RANKS}, terms, %({mark})s::tsquery, {_SHORT_FIRST}) * {weight * 1_000_000:.0f}"


def _any_of(terms: Collection[str]) -> str:
    return " | ".join(map(quoted, sorted(terms)))


def _asked(groups: Sequence[Group], *, every: bool) -> str:
    """The words that are wanted, as the server is asked for them."""
    told = [" | ".join(f"({' & '.join(map(quoted, each))})" for each in group) for group in groups]
    return (" & " if every else " | ").join(f"({group})" for group in told)
