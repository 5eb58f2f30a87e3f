"""What putting and dropping goods writes into the tables of a generation.

Rules
- goods that are put again are dropped first, by what the tables say of them, so that counts stay right whatever changed;
- everything is written for a whole batch at once: rows by `copy`, counts by one statement each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from shopwright.adapters.search_postgres.rows import COLUMNS, Good, good, key_row
from shopwright.adapters.search_postgres.tables import LONGEST_WORD, lexeme, mark
from shopwright.catalog.search_documents import SearchDocument
from shopwright.catalog.search_typos import typo_keys

if TYPE_CHECKING:
    from shopwright.adapters.postgres.connections import Cursor

Key = tuple[str, str]


def put(cursor: Cursor, g: str, documents: Iterable[SearchDocument]) -> None:
    """Keep these in the tables `g` instead of what is there under their ids; of two with one id the last."""
    goods = [good(document) for document in {document.id: document for document in documents}.values()]
    drop(cursor, g, [it.document.id for it in goods])
    numbers = _numbered(cursor, g, {key for it in goods for key in it.chosen_by()})
    copy_goods(cursor, g, goods, numbers)
    _count_terms(cursor, g, Counter(term for it in goods for term in it.lexemes))
    _count_names(cursor, g, Counter(name for it in goods for name in it.kept.names))
    _know_words(cursor, g, {pair for it in goods for pair in it.kept.words})


def drop(cursor: Cursor, g: str, ids: Sequence[str]) -> None:
    """Forget the goods of these ids that are there."""
    gone = "where good.id = any(%(ids)s)"
    values = {"ids": list(ids)}
    cursor.execute(
        f"""update {g}_term t set documents = t.documents - gone.count from (select lexeme, count(*) as count
        from {g}_good good, unnest(tsvector_to_array(good.terms)) lexeme {gone} group by lexeme) gone where t.term = gone.lexeme""",
        values,
    )
    cursor.execute(
        f"""update {g}_name n set documents = n.documents - gone.count from (select k.name, count(distinct good.number) as count
        from {g}_good good, unnest(good.keys) key join {g}_key k on k.number = key {gone} and k.name is not null group by k.name) gone
        where n.mark = gone.name""",
        values,
    )
    cursor.execute(f"delete from {g}_good good {gone}", values)


def copy_goods(cursor: Cursor, g: str, goods: Iterable[Good], numbers: dict[Key, int]) -> None:
    """Write the rows of goods."""
    with cursor.copy(f"copy {g}_good ({COLUMNS}) from stdin") as lines:
        for it in goods:
            lines.write_row(it.row(numbers))


def copy_keys(cursor: Cursor, g: str, numbers: dict[Key, int]) -> None:
    """Write the rows of keys."""
    with cursor.copy(f"copy {g}_key (number, facet, value, mark, name) from stdin") as lines:
        for (facet, value), number in numbers.items():
            lines.write_row(key_row(number, facet, value))


def copy_words(cursor: Cursor, g: str, words: Iterable[tuple[str, str]]) -> None:
    """Write the rows of words."""
    with cursor.copy(f"copy {g}_word (word, term, keys) from stdin") as lines:
        for word, term in words:
            if len(word) <= LONGEST_WORD:
                lines.write_row((word, lexeme(term), sorted(typo_keys(word))))


def count_all(cursor: Cursor, g: str, names: Iterable[tuple[str, str]]) -> None:
    """Count the terms and the names of all goods that are there: what a rebuild does at its end."""
    cursor.execute(f"insert into {g}_term select word, ndoc from ts_stat('select terms from {g}_good')")
    with cursor.copy(f"copy {g}_name (mark, folded, name, documents) from stdin") as lines:
        for folded, name in names:
            lines.write_row((mark(name), folded, name, 0))
    cursor.execute(
        f"""update {g}_name n set documents = known.count from (select k.name, count(distinct good.number) as count from {g}_good good,
        unnest(good.keys) key join {g}_key k on k.number = key where k.name is not null group by k.name) known where n.mark = known.name"""
    )


def drop_doubles(cursor: Cursor, g: str) -> None:
    """Of the goods with one id keep the last."""
    cursor.execute(
        f"""delete from {g}_good good using (select id, max(number) as last from {g}_good group by id having count(*) > 1) double
        where good.id = double.id and good.number < double.last"""
    )


def _numbered(cursor: Cursor, g: str, keys: Collection[Key]) -> dict[Key, int]:
    """The numbers of these keys; those that are new get the next ones, for nobody else writes."""
    marks = {mark(*key): key for key in keys}
    rows = cursor.execute(f"select mark, number from {g}_key where mark = any(%s)", (list(marks),)).fetchall()
    known = {marks[bytes(found)]: number for found, number in rows}
    if len(known) < len(keys):
        row = cursor.execute(f"select coalesce(max(number), 0) from {g}_key").fetchone()
        assert row is not None
        new = {key: number for number, key in enumerate(sorted(set(keys) - known.keys()), row[0] + 1)}
        copy_keys(cursor, g, new)
        known |= new
    return known


def _count_terms(cursor: Cursor, g: str, counted: Counter[str]) -> None:
    cursor.execute(
        f"""insert into {g}_term as known (term, documents) select * from unnest(%s::text[], %s::bigint[])
        on conflict (term) do update set documents = known.documents + excluded.documents""",
        (list(counted.keys()), list(counted.values())),
    )


def _count_names(cursor: Cursor, g: str, counted: Counter[tuple[str, str]]) -> None:
    cursor.executemany(
        f"""insert into {g}_name as known values (%s, %s, %s, %s)
        on conflict (mark) do update set documents = known.documents + excluded.documents""",
        [(mark(name), folded, name, count) for (folded, name), count in counted.items()],
    )


def _know_words(cursor: Cursor, g: str, words: Collection[tuple[str, str]]) -> None:
    rows = cursor.execute(f"select word from {g}_word where word = any(%s)", ([word for word, _ in words],)).fetchall()
    known = {word for (word,) in rows}
    copy_words(cursor, g, sorted(pair for pair in words if pair[0] not in known))
