"""One generation of an index: two folders of tantivy, of the goods and of their words.

Rules
- words are written before the goods that have them: a word without goods is harmless, and is counted as none;
- whoever writes has the lock of tantivy for as long as it takes; who has waited too long is told `StorageBusy`;
- what others have committed is seen by the next search: the file that names the segments tells by its time and size.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shopwright.adapters.search_tantivy.fields import goods_schema, tantivy_document, with_tokenizer, word_document, words_schema
from shopwright.adapters.search_tantivy.queries import Queries
from shopwright.adapters.search_tantivy.shelves import TantivyShelves
from shopwright.catalog.search_documents import SearchDocument
from shopwright.errors import StorageBusy, StorageCorrupted, StorageFull

if TYPE_CHECKING:
    from tantivy import Index, IndexWriter, Schema

_SMALL, _LARGE = 16_000_000, 256_000_000
"""How many bytes of memory a writer takes: for a few goods, and for a rebuild."""

_TOLD_EVERY = 1_000
_BUSY = "LockBusy"


class Gone(Exception):
    """The generation was taken away by a rebuild."""


class Generation:
    """The goods and words of one generation."""

    def __init__(self, place: Path, *, wait: float) -> None:
        self.place, self._wait = place, wait
        self._goods, self._words = _opened(place / "goods", goods_schema()), _opened(place / "words", words_schema())
        self._queries, self._word_queries = Queries(self._goods), Queries(self._words)
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] = ()
        self._shelves: TantivyShelves | None = None

    def shelves(self) -> TantivyShelves:
        """What there is now."""
        try:
            stamp = _stamp(self.place / "goods" / "meta.json")
        except FileNotFoundError:
            raise Gone from None
        shelves = self._shelves
        if shelves is not None and stamp == self._seen:
            return shelves
        with self._lock, translated(self.place):
            self._goods.reload()
            self._words.reload()
            self._shelves = TantivyShelves(self._goods.searcher(), self._words.searcher(), self._queries, self._word_queries)
            self._seen = stamp
            return self._shelves

    def change(self, documents: Collection[SearchDocument], gone: Iterable[str]) -> None:
        """Keep these and forget those, all or none."""
        last = {document.id: document for document in documents}
        self.shelves()
        with self._writing(_SMALL) as (goods, words):
            known = self.shelves().words
            added = dict[str, str]()
            for id in gone:
                goods.delete_documents_by_term("id", id)
            for id, document in last.items():
                goods.delete_documents_by_term("id", id)
                made, found = tantivy_document(document)
                goods.add_document(made)
                added |= {word: term for word, term in found if not known.doc_freq("word", word)}
            for word, term in added.items():
                words.add_document(word_document(word, term))
            with translated(self.place):
                if added:
                    words.commit()
                goods.commit()

    def fill(self, documents: Iterable[SearchDocument], progress: Callable[[int], object] | None) -> int:
        """Keep these in a generation that is empty; returns how many."""
        with self._writing(_LARGE) as (goods, words):
            known: set[str] = set()
            ids: set[int] = set()
            for number, document in enumerate(documents, 1):
                if hash(document.id) in ids:
                    goods.delete_documents_by_term("id", document.id)
                ids.add(hash(document.id))
                made, found = tantivy_document(document)
                goods.add_document(made)
                for word, term in found:
                    if word not in known:
                        known.add(word)
                        words.add_document(word_document(word, term))
                if progress is not None and number % _TOLD_EVERY == 0:
                    progress(number)
            with translated(self.place):
                words.commit()
                goods.commit()
        return int(self.shelves().goods.num_docs)

    @contextmanager
    def _writing(self, memory: int) -> Iterator[tuple[IndexWriter, IndexWriter]]:
        """Both writers, alone; what was not committed in the block is forgotten."""
        goods = self._writer(self._goods, memory)
        try:
            words = self._writer(self._words, _SMALL)
            try:
                yield goods, words
            finally:
                words.wait_merging_threads()
        finally:
            goods.wait_merging_threads()

    def _writer(self, index: Index, memory: int) -> IndexWriter:
        until = time.monotonic() + self._wait
        while (writer := writer_of(index, memory, self.place)) is None:
            if time.monotonic() >= until:
                raise StorageBusy(f"somebody else has written to {self.place} for {self._wait:g} seconds; nothing was written")
            time.sleep(0.005)
        return writer


def writer_of(index: Index, memory: int, place: Path) -> IndexWriter | None:
    """A writer, or `None` while somebody else has one."""
    try:
        return index.writer(memory, 1)
    except ValueError as error:
        if _BUSY in str(error):
            return None
        raise _trouble(error, place) from error


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Keep all other rebuilds of this folder away: the lock is tantivy's own, so that it ends with the process that has it."""
    writer = writer_of(_opened(place / "lock", words_schema()), _SMALL, place)
    if writer is None:
        raise StorageBusy(f"somebody else rebuilds {place}; nothing was written")
    try:
        yield
    finally:
        writer.wait_merging_threads()


def _opened(place: Path, schema: Schema) -> Index:
    from tantivy import Index

    place.mkdir(parents=True, exist_ok=True)
    with translated(place):
        index = with_tokenizer(Index(schema, path=str(place)))
    index.config_reader("manual")
    return index


def _stamp(file: Path) -> tuple[int, ...]:
    told = file.stat()
    return told.st_mtime_ns, told.st_size, told.st_ino


@contextmanager
def translated(place: Path) -> Iterator[None]:
    """What tantivy raises, as an outage of ours."""
    try:
        yield
    except (ValueError, OSError) as error:
        if type(error) is not ValueError and not isinstance(error, OSError):
            raise
        raise _trouble(error, place) from error


def _trouble(error: Exception, place: Path) -> Exception:
    said = " ".join(str(error).split())
    if "No space left" in said or "StorageFull" in said:
        return StorageFull(f"no room in {place} ({said}); nothing was written")
    return StorageCorrupted(f"the search index in {place} cannot be read ({said}); remove the folder and rebuild it from the catalog")
