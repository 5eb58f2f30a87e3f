"""`SqliteSearch`: a search index in one SQLite file, on FTS5.

Rules
- threads share one index; processes open the same file each with one of its own; who searches never waits for who writes;
- a search sees one moment; what is put is found as soon as the call returns;
- the index can be made again from the catalog, so that a commit does not wait for the disk (`durability="normal"`): after a loss of power the newest
  changes may be missing, and `rebuild` brings them back;
- of two rebuilds at the same time the one that began last counts, and the other raises `VersionConflict`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from shopwright.adapters.search_sqlite import tables, writing
from shopwright.adapters.search_sqlite.shelves import SqliteShelves
from shopwright.adapters.searching import searched, suggested
from shopwright.adapters.sqlite.connections import Connections, Durability
from shopwright.adapters.sqlite.upgrading import make_file
from shopwright.catalog.search_documents import SearchDocument
from shopwright.errors import NotSupportedHere, SchemaMismatch, VersionConflict
from shopwright.ports.edge import check_ids
from shopwright.ports.search import SearchPage, SearchQuery
from shopwright.refusals import Refusal

if TYPE_CHECKING:
    from sqlite3 import Cursor

BATCH = 500
"""How many documents a rebuild writes at a time: between two batches others may write."""


class SqliteSearch:
    """Goods in the tables of a SQLite file; implements `shopwright.ports.search.SearchIndex`. The file is made where there is none.

    It may be a file of its own, or the one of the shop. Raises `NotSupportedHere` where SQLite was built without FTS5.
    """

    def __init__(self, path: str | os.PathLike[str], *, durability: Durability = "normal", busy_timeout: float = 5.0) -> None:
        file = Path(path)
        make_file(file)
        self._connections = Connections(file, durability=durability, busy_timeout=busy_timeout)
        try:
            with self._connections.writing() as cursor:
                tables.prepare(cursor)
        except SchemaMismatch as error:
            raise NotSupportedHere(f"a search index needs SQLite with FTS5 ({error}); use a Python that is linked with one") from error

    def __repr__(self) -> str:
        return f"SqliteSearch({str(self._connections.path)!r})"

    def put(self, documents: Collection[SearchDocument]) -> None:
        """Keep these, all or none."""
        with self._connections.writing() as cursor:
            writing.put(cursor, tables.present(cursor), documents)

    def drop(self, ids: Collection[str]) -> None:
        """Forget these."""
        gone = check_ids("ids of goods", ids)
        with self._connections.writing() as cursor:
            writing.drop(cursor, tables.present(cursor), gone)

    def rebuild(self, documents: Iterable[SearchDocument], *, progress: Callable[[int], object] | None = None) -> int:
        """Keep these and no others. Raises `VersionConflict` when somebody else began to rebuild meanwhile."""
        with self._connections.writing() as cursor:
            generation = tables.begin(cursor)
        rest = iter(documents)
        done = 0
        while some := list(islice(rest, BATCH)):
            with self._building(generation) as cursor:
                writing.put(cursor, generation, some)
            done += len(some)
            if progress is not None:
                progress(done)
        with self._building(generation) as cursor:
            cursor.execute(f"INSERT INTO search_{generation}_text (search_{generation}_text) VALUES ('optimize')")
        with self._building(generation) as cursor:
            tables.swap(cursor, generation)
        return self.count()

    def count(self) -> int:
        """How many documents there are."""
        with self._asked() as shelves:
            count: int = shelves.cursor.execute(f"SELECT count(*) FROM search_{shelves.generation}_document").fetchone()[0]
            return count

    def search(self, query: SearchQuery) -> SearchPage | Refusal:
        """One page."""
        with self._asked() as shelves:
            return searched(query, shelves)

    def suggest(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """What a text that was begun may become."""
        with self._asked() as shelves:
            return suggested(prefix, shelves, limit=limit)

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    @contextmanager
    def _asked(self) -> Iterator[SqliteShelves]:
        """The present generation, in one read transaction."""
        with self._connections.reading() as cursor:
            cursor.execute("BEGIN")
            yield SqliteShelves(cursor, tables.present(cursor))
            cursor.execute("COMMIT")

    @contextmanager
    def _building(self, generation: int) -> Iterator[Cursor]:
        with self._connections.writing() as cursor:
            if not tables.is_building(cursor, generation):
                raise VersionConflict("somebody else began to rebuild this search index meanwhile; theirs will be swapped in, this one was given up")
            yield cursor
