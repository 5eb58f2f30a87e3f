"""`PostgresSearch`: a search index in a schema of a PostgreSQL database, on its full text search.

Rules
- it needs no extension and no dictionary of the server; the user who opens it first makes the schema, or must be given one;
- threads share one index; processes open one each; who searches never waits for who writes, and writers wait for each other;
- a search sees one moment; what is put is found as soon as the call returns;
- the index can be made again from the catalog, so that a commit does not wait for the disk: after a loss of power the newest changes may be
  missing, and `rebuild` brings them back;
- of two rebuilds at the same time the one that began last counts, and the other raises `VersionConflict`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TypeVar

from shopwright.adapters.postgres.connections import Connections, Cursor
from shopwright.adapters.search_postgres import tables, writing
from shopwright.adapters.search_postgres.rows import NAMED, good
from shopwright.adapters.search_postgres.shelves import PostgresShelves
from shopwright.adapters.searching import searched, suggested
from shopwright.catalog.search_documents import SearchDocument
from shopwright.catalog.search_text import folded
from shopwright.errors import InvalidValue, SchemaMismatch, VersionConflict
from shopwright.ports.edge import check_ids
from shopwright.ports.search import SearchPage, SearchQuery
from shopwright.refusals import Refusal

T = TypeVar("T")

BATCH = 2_000
"""How many documents a rebuild writes at a time."""

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,40}")
_READING = """begin isolation level repeatable read read only; set local enable_seqscan = on; set local plan_cache_mode = force_custom_plan;
select present from {schema}.generation"""
_WRITING = "begin; set local synchronous_commit = off"
_TRIES = 5


class PostgresSearch:
    """Goods in the tables of a schema; implements `shopwright.ports.search.SearchIndex`.

    `conninfo` is a connection string or a postgresql:// url; `pool_max` is how many connections there are at most, and `lock_timeout` for how many
    seconds one waits for a connection or for who writes. Raises `StorageUnavailable` when the server cannot be reached.
    """

    def __init__(
        self, conninfo: str, *, schema: str = "shopwright_search", pool_max: int = 10, pooled: bool | None = None, lock_timeout: float = 10.0
    ) -> None:
        if not _SCHEMA.fullmatch(schema):
            raise InvalidValue(f"expected a schema of lower-case letters, digits and underscores, got {schema!r}")
        self._schema = schema
        self._connections = Connections(conninfo, least=0, most=pool_max, wait=lock_timeout, pooled=pooled)
        try:
            with self._connections.lent() as cursor:
                tables.prepare(cursor, schema)
        except BaseException:
            self._connections.close()
            raise

    def __repr__(self) -> str:
        return f"PostgresSearch({self._connections.place!r}, schema={self._schema!r})"

    def put(self, documents: Collection[SearchDocument]) -> None:
        """Keep these, all or none."""
        with self._writing() as cursor:
            writing.put(cursor, self._tables(tables.locked(cursor, self._schema)[0]), documents)

    def drop(self, ids: Collection[str]) -> None:
        """Forget these."""
        gone = check_ids("ids of goods", ids)
        with self._writing() as cursor:
            writing.drop(cursor, self._tables(tables.locked(cursor, self._schema)[0]), gone)

    def rebuild(self, documents: Iterable[SearchDocument], *, progress: Callable[[int], object] | None = None) -> int:
        """Keep these and no others. Raises `VersionConflict` when somebody else began to rebuild meanwhile."""
        with self._writing() as cursor:
            generation = tables.begin(cursor, self._schema)
        g, rest, done = self._tables(generation), iter(documents), 0
        numbers: dict[tuple[str, str], int] = {}
        words: dict[str, str] = {}
        while goods := [good(document) for document in islice(rest, BATCH)]:
            for it in goods:
                words |= it.kept.words
                for key in it.chosen_by():
                    numbers.setdefault(key, len(numbers) + 1)
            with self._building(generation) as cursor:
                writing.copy_goods(cursor, g, goods, numbers)
            done += len(goods)
            if progress is not None:
                progress(done)
        with self._building(generation) as cursor:
            self._finish(cursor, generation, numbers, words)
        self._swap(generation)
        return self.count()

    def count(self) -> int:
        """How many documents there are."""

        def counted(shelves: PostgresShelves) -> int:
            row = shelves.cursor.execute(f"select count(*) from {shelves.g}_good").fetchone()
            assert row is not None
            return int(row[0])

        return self._asked(counted)

    def search(self, query: SearchQuery) -> SearchPage | Refusal:
        """One page."""
        return self._asked(lambda shelves: searched(query, shelves), query.facets)

    def suggest(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """What a text that was begun may become."""
        return self._asked(lambda shelves: suggested(prefix, shelves, limit=limit))

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

    def _tables(self, generation: int) -> str:
        return f"{self._schema}.g{generation}"

    def _asked(self, ask: Callable[[PostgresShelves], T], facets: tuple[str, ...] = ()) -> T:
        """Ask the present generation; when a rebuild took it away just then, the next one."""
        for _ in range(_TRIES):
            with suppress(SchemaMismatch), self._reading(facets) as shelves:
                return ask(shelves)
        raise SchemaMismatch(f"the search index in {self._connections.place} lacks tables of its schema {self._schema}; drop it and rebuild")

    @contextmanager
    def _reading(self, facets: tuple[str, ...]) -> Iterator[PostgresShelves]:
        with self._connections.lent() as cursor:
            cursor.execute(_READING.format(schema=self._schema), prepare=False)
            while cursor.nextset():
                pass
            row = cursor.fetchone()
            assert row is not None
            try:
                yield PostgresShelves(cursor, self._tables(row[0]), facets)
            finally:
                cursor.execute("rollback")

    @contextmanager
    def _writing(self) -> Iterator[Cursor]:
        with self._connections.lent() as cursor:
            cursor.execute(_WRITING, prepare=False)
            try:
                yield cursor
                cursor.execute("commit")
            except BaseException:
                if not cursor.connection.closed:
                    cursor.execute("rollback")
                raise

    @contextmanager
    def _building(self, generation: int) -> Iterator[Cursor]:
        with self._writing() as cursor:
            row = cursor.execute(f"select building from {self._schema}.generation").fetchone()
            self._check_building(row is not None and row[0] == generation)
            yield cursor

    def _check_building(self, still: bool) -> None:
        if not still:
            raise VersionConflict("somebody else began to rebuild this search index meanwhile; theirs will be swapped in, this one was given up")

    def _finish(self, cursor: Cursor, generation: int, numbers: dict[tuple[str, str], int], words: dict[str, str]) -> None:
        g = self._tables(generation)
        cursor.execute("set local maintenance_work_mem = '256MB'")
        writing.drop_doubles(cursor, g)
        writing.copy_keys(cursor, g, numbers)
        writing.copy_words(cursor, g, sorted(words.items()))
        writing.count_all(cursor, g, sorted({(folded(value), value) for facet, value in numbers if facet in NAMED}))
        tables.index(cursor, self._schema, generation)
        cursor.execute(", ".join(f"{g}_{name}" for name in tables.NAMES).join(("analyze ", "")))

    def _swap(self, generation: int) -> None:
        with self._writing() as cursor:
            before, building, _ = tables.locked(cursor, self._schema)
            self._check_building(building == generation)
            cursor.execute(f"update {self._schema}.generation set present = %s, building = 0", (generation,))
        with self._writing() as cursor:
            tables.drop(cursor, self._schema, before)
