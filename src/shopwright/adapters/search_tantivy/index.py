"""The search index on tantivy; `shopwright.ports.search` has its promises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from importlib.util import find_spec
from pathlib import Path

from shopwright.adapters.search_tantivy.folder import Folder
from shopwright.adapters.search_tantivy.generation import translated
from shopwright.adapters.searching import searched, suggested
from shopwright.catalog.search_documents import SearchDocument
from shopwright.errors import NotSupportedHere, StorageUnavailable
from shopwright.ports.edge import check_ids
from shopwright.ports.search import SearchPage, SearchQuery
from shopwright.refusals import Refusal


class TantivySearch:
    """Goods in a folder; implements `shopwright.ports.search.SearchIndex`. Safe between threads, and between processes of one machine.

    The folder is made where there is none. Processes write one at a time, and wait for each other `wait` seconds at most, then raise `StorageBusy`.
    Raises `NotSupportedHere` where `tantivy` is not installed.
    """

    def __init__(self, place: str | Path, *, wait: float = 10.0) -> None:
        if find_spec("tantivy") is None:
            raise NotSupportedHere("this search index needs tantivy, which is not installed; install shopwright[search]")
        self._folder = Folder(Path(place), wait=wait)
        self._closed = False

    def __repr__(self) -> str:
        return f"TantivySearch({str(self._folder.place)!r})"

    def put(self, documents: Collection[SearchDocument]) -> None:
        """Keep these."""
        self._opened().change(documents, ())

    def drop(self, ids: Collection[str]) -> None:
        """Forget these."""
        self._opened().change((), check_ids("ids of goods", ids))

    def rebuild(self, documents: Iterable[SearchDocument], *, progress: Callable[[int], object] | None = None) -> int:
        """Keep these and no others."""
        return self._opened().rebuild(documents, progress)

    def count(self) -> int:
        """How many documents there are."""
        return int(self._opened().shelves().goods.num_docs)

    def search(self, query: SearchQuery) -> SearchPage | Refusal:
        """One page."""
        shelves = self._opened().shelves()
        with translated(self._folder.place):
            return searched(query, shelves)

    def suggest(self, prefix: str, *, limit: int = 10) -> tuple[str, ...]:
        """What a text that was begun may become."""
        shelves = self._opened().shelves()
        with translated(self._folder.place):
            return suggested(prefix, shelves, limit=limit)

    def close(self) -> None:
        """Let go of the folder."""
        self._closed = True
        self._folder.close()

    def _opened(self) -> Folder:
        if self._closed:
            raise StorageUnavailable(f"the search index in {self._folder.place} was closed; open another")
        return self._folder
