"""What a search asks of the tables of a generation, all in one read transaction (`shopwright.adapters.searching.Shelves`).

Rules
- with words the search begins at FTS5, whose matches are then asked for what else is wanted; without words it begins where a filter leads;
- the score is BM25 of FTS5 with the weights of the fields, in millionths, turned so that more is better.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from shopwright.adapters.searching import After, Ranked, Wanted, highest_first
from shopwright.catalog.languages import Texts
from shopwright.catalog.search_documents import WEIGHTS
from shopwright.catalog.search_typos import Word
from shopwright.ports.search import FacetCount, Sort

if TYPE_CHECKING:
    from sqlite3 import Cursor

_LAST = "\U0010ffff"
_AT_ONCE = 500


@frozen
class _Goods:
    """The part of a statement that finds goods: from where, on what conditions, and the values of its marks."""

    source: str
    number: str
    conditions: tuple[str, ...]
    values: tuple[Any, ...]

    @property
    def where(self) -> str:
        return f"WHERE {' AND '.join(self.conditions)}" if self.conditions else ""


@frozen
class SqliteShelves:
    """The tables of one generation."""

    cursor: Cursor
    generation: int

    @property
    def _g(self) -> str:
        return f"search_{self.generation}"

    def counts(self, terms: Collection[str]) -> Mapping[str, int]:
        """How many documents have each of these terms."""
        found: dict[str, int] = {}
        for some in _some(terms):
            sql = f"SELECT term, documents FROM {self._g}_term WHERE documents > 0 AND term IN ({_marks(some)})"
            found.update(self.cursor.execute(sql, some).fetchall())
        return found

    def near(self, keys: Collection[str]) -> Iterator[Word]:
        """The words that are kept under any of these keys."""
        for some in _some(keys):
            sql = f"""SELECT DISTINCT w.word, w.term, t.documents FROM {self._g}_typo y JOIN {self._g}_word w ON w.number = y.word
                JOIN {self._g}_term t ON t.term = w.term WHERE y.key IN ({_marks(some)}) AND t.documents > 0"""
            yield from (Word(*row) for row in self.cursor.execute(sql, some).fetchall())

    def total(self, wanted: Wanted) -> int:
        """How many goods are wanted."""
        goods = self._goods(wanted)
        count: int = self.cursor.execute(f"SELECT count(*) FROM {goods.source} {goods.where}", goods.values).fetchone()[0]
        return count

    def ranked(self, wanted: Wanted, *, sort: Sort, after: After | None, limit: int) -> list[Ranked]:
        """The first of the goods that are wanted, beyond `after`."""
        goods = self._goods(wanted)
        score = f"CAST(round(bm25({self._g}_text, {', '.join(map(str, WEIGHTS))}) * -1000000) AS INTEGER)" if wanted.groups else "0"
        price = f"(SELECT min(minor) FROM {self._g}_price p WHERE p.document = {goods.number} AND p.currency = ?)"
        key = {Sort.RELEVANCE: score, Sort.TITLE: "d.title", Sort.POPULAR: "d.popularity"}.get(sort, price)
        values = (*((wanted.currency,) if key is price else ()), *goods.values)
        joined = f"JOIN {self._g}_document d ON d.number = {goods.number}" if wanted.groups else ""
        inner = f"SELECT {score} AS score, {key} AS sorted_by, d.id AS id, d.titles AS titles FROM {goods.source} {joined} {goods.where}"
        down, beyond = ("DESC", "<") if highest_first(sort) else ("ASC", ">")
        if after is not None:
            inner = f"SELECT * FROM ({inner}) WHERE sorted_by {beyond} ? OR (sorted_by = ? AND id > ?)"
            values = (*values, after[0], *after)
        rows = self.cursor.execute(f"{inner} ORDER BY sorted_by {down}, id LIMIT ?", (*values, limit)).fetchall()
        return [Ranked(id, Texts(json.loads(titles)), score, key) for score, key, id, titles in rows]

    def facet(self, wanted: Wanted, name: str, *, most: int) -> list[FacetCount]:
        """The values of a facet that most of the wanted goods have."""
        goods = self._goods(wanted)
        if goods.conditions:  # the goods first, and what each has of the facet then
            source = f"(SELECT {goods.number} AS number FROM {goods.source} {goods.where}) n CROSS JOIN {self._g}_value v"
            sql = f"SELECT v.value, count(*) FROM {source} WHERE v.document = n.number AND v.facet = ?"
        else:
            sql = f"SELECT v.value, count(*) FROM {self._g}_value v WHERE v.facet = ?"
        rows = self.cursor.execute(f"{sql} GROUP BY v.value ORDER BY 2 DESC, 1 LIMIT ?", (*goods.values, name, most)).fetchall()
        return [FacetCount(*row) for row in rows]

    def beginning(self, prefix: str, *, most: int) -> list[str]:
        """Names, then words, that begin with a folded text."""
        end = prefix + _LAST
        names = f"SELECT name FROM {self._g}_name WHERE folded >= ? AND folded < ? AND documents > 0 ORDER BY documents DESC, name LIMIT ?"
        words = f"""SELECT w.word FROM {self._g}_word w JOIN {self._g}_term t ON t.term = w.term
            WHERE w.word >= ? AND w.word < ? AND t.documents > 0 ORDER BY t.documents DESC, w.word LIMIT ?"""
        rows = [row for sql in (names, words) for row in self.cursor.execute(sql, (prefix, end, most)).fetchall()]
        told: dict[str, str] = {}
        for (name,) in rows:
            told.setdefault(name.casefold(), name)
        return list(told.values())[:most]

    def _goods(self, wanted: Wanted) -> _Goods:
        conditions, values = [], []
        if wanted.groups:
            source, number = f"{self._g}_text", f"{self._g}_text.rowid"
            conditions.append(f"{self._g}_text MATCH ?")
            values.append(_match(wanted))
        else:
            source, number = f"{self._g}_document d", "d.number"
        for condition, given in self._filters(wanted, number):
            conditions.append(condition)
            values += given
        return _Goods(source, number, tuple(conditions), tuple(values))

    def _filters(self, wanted: Wanted, number: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        chosen = [*wanted.chosen, *([("channel", ("", wanted.channel))] if wanted.channel else [])]
        for facet, several in chosen:
            rows = f"FROM {self._g}_value v WHERE v.facet = ? AND v.value IN ({_marks(several)})"
            has = f"EXISTS (SELECT 1 {rows} AND v.document = {number})" if wanted.groups else f"{number} IN (SELECT v.document {rows})"
            yield has, (facet, *several)
        if wanted.currency:
            least, most = wanted.price
            bounds = [(sign, bound) for sign, bound in ((">=", least), ("<=", most)) if bound is not None]
            within = "".join(f" AND p.minor {sign} ?" for sign, _ in bounds)
            has = f"EXISTS (SELECT 1 FROM {self._g}_price p WHERE p.document = {number} AND p.currency = ?{within})"
            yield has, (wanted.currency, *[bound for _, bound in bounds])
        if wanted.in_stock:
            there = f"EXISTS (SELECT 1 FROM {self._g}_document i WHERE i.number = {number} AND i.in_stock)" if wanted.groups else "d.in_stock"
            yield there, ()


def _match(wanted: Wanted) -> str:
    """The words that are wanted, as FTS5 is asked for them; every term is quoted, so that none is an operator."""
    groups = [" OR ".join(f"({' AND '.join(_quoted(each))})" for each in group) for group in wanted.groups]
    return (" AND " if wanted.every else " OR ").join(f"({group})" for group in groups)


def _quoted(terms: Iterable[str]) -> list[str]:
    return ['"' + term.replace('"', '""') + '"' for term in terms]


def _some(values: Collection[str]) -> Iterator[list[str]]:
    every = sorted(values)
    return (every[at : at + _AT_ONCE] for at in range(0, len(every), _AT_ONCE))


def _marks(values: Collection[str]) -> str:
    return ",".join("?" * len(values))
