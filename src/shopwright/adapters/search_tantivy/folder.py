"""The folder of an index: its generations, each in a folder of its own, and a file that names the one that counts.

Rules
- a rebuild fills the folder `next`, then gives it its number, and lets the file `current` name it with one rename: a crash leaves all as it was;
- one process rebuilds at a time: whoever fills `next` has its lock, and what a crash left there is cleared by the rebuild that follows;
- the generation before goes when the new one counts; who still reads it reads on.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from shopwright.adapters.search_tantivy.generation import Generation, Gone, alone
from shopwright.adapters.search_tantivy.shelves import TantivyShelves
from shopwright.catalog.search_documents import SearchDocument
from shopwright.errors import StorageCorrupted

_FIRST = "1"


class Folder:
    """Where an index lies."""

    def __init__(self, place: Path, *, wait: float) -> None:
        self.place, self._wait = place, wait
        self._lock = threading.Lock()
        self._known: Generation | None = None
        place.mkdir(parents=True, exist_ok=True)
        self.current()

    def current(self) -> Generation:
        """The generation that counts."""
        name, known = self._named(), self._known
        if known is not None and known.place.name == name:
            return known
        with self._lock:
            if self._known is None or self._known.place.name != name:
                self._known = Generation(self.place / name, wait=self._wait)
            return self._known

    def shelves(self) -> TantivyShelves:
        """What there is now."""
        while True:
            try:
                return self.current().shelves()
            except Gone:
                self._check_moved()

    def change(self, documents: Collection[SearchDocument], gone: Collection[str]) -> None:
        """Keep these and forget those, all or none."""
        while True:
            try:
                return self.current().change(documents, gone)
            except Gone:
                self._check_moved()

    def rebuild(self, documents: Iterable[SearchDocument], progress: Callable[[int], object] | None) -> int:
        """A new generation of these documents."""
        following = self.place / "next"
        with alone(self.place):
            shutil.rmtree(following, ignore_errors=True)
            try:
                count = Generation(following, wait=self._wait).fill(documents, progress)
                before = self._named()
                name = str(int(before) + 1)
                following.rename(self.place / name)
                self._name(name)
            finally:
                shutil.rmtree(following, ignore_errors=True)
            self.current()
            shutil.rmtree(self.place / before, ignore_errors=True)
        if progress is not None:
            progress(count)
        return count

    def close(self) -> None:
        """Let go of the files."""
        self._known = None

    def _check_moved(self) -> None:
        """A generation that is gone was followed by another, unless somebody removed the folder."""
        assert self._known is not None
        if self._named() == self._known.place.name:
            raise StorageCorrupted(f"the search index in {self.place} is gone; rebuild it from the catalog")

    def _named(self) -> str:
        try:
            return (self.place / "current").read_text().strip()
        except FileNotFoundError:
            return _FIRST

    def _name(self, name: str) -> None:
        fresh = self.place / "current.next"
        with fresh.open("w") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.place / "current")
