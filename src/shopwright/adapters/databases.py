"""What `shopwright db` does, for any database: `upgrade`, `status` and `prune` by url.

Rules
- a url is `sqlite:///folder/shop.db` (four slashes for a path from the root) or `postgresql://user@host/name`;
- a driver is imported when a url asks for it;
- long work tells a `progress` callback what is being done, how much of it is done and how much there is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from typing import Protocol, cast

from attrs import frozen

from shopwright.adapters.tables import Difference, Installed
from shopwright.errors import InvalidValue, NotSupportedHere
from shopwright.ports.kinds import Kinds
from shopwright.ports.storage import Storage

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

BATCH = 1_000


@frozen
class Status:
    """What a database was upgraded for, and what is still to be done. `installed` is `None` when it never was upgraded."""

    place: str
    installed: Installed | None
    newest: int
    difference: Difference

    @property
    def is_current(self) -> bool:
        """Whether this release can work with it and no index is still being filled."""
        return self.installed is not None and not (self.difference.older or self.difference.newer or self.installed.building)

    def lines(self) -> tuple[str, ...]:
        """The same for people, a fact a line."""
        if self.installed is None:
            return (f"{self.place}: never upgraded; this release has migration {self.newest}",)
        head = f"{self.place}: migration {self.installed.migration} of {self.newest}, {len(self.installed.kinds)} kinds"
        building = tuple(f"index {index} of {kind} is being filled" for kind, index in sorted(self.installed.building))
        older = tuple(f"to upgrade: {text}" for text in self.difference.older)
        newer = tuple(f"newer than this release: {text}" for text in self.difference.newer)
        return (head, *newer, *older, *building) if newer or older or building else (head, "up to date")


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


class Database(Protocol):
    """What an adapter offers to this module, once per url scheme."""

    def upgrade(self, url: str, kinds: Kinds, progress: Progress) -> None:
        """Make or bring up the database."""
        ...

    def status(self, url: str, kinds: Kinds) -> Status:
        """Look without changing anything."""
        ...

    def open_storage(self, url: str, kinds: Kinds) -> Storage:
        """Open it as a storage."""
        ...


def upgrade(url: str, *, kinds: Kinds, progress: Progress = silent) -> Status:
    """Bring a database up to this release and these kinds, making it where there is none; returns how it stands then.

    Safe to run twice, at the same time too. Raises `SchemaMismatch` when the database is newer than this release.
    """
    database = _database(url)
    database.upgrade(url, kinds, progress)
    return database.status(url, kinds)


def status(url: str, *, kinds: Kinds) -> Status:
    """How a database stands, without changing it."""
    return _database(url).status(url, kinds)


def prune(url: str, before: datetime, *, kinds: Kinds, scope: str = "", progress: Progress = silent) -> int:
    """Forget the operations and reclaimed holds of a scope that are older than `before`, batch by batch; returns how many went."""
    opened = _database(url).open_storage(url, kinds)
    try:
        storage = opened.scoped(scope) if scope else opened
        gone = 0
        while batch := storage.prune(before=before, limit=BATCH):
            gone += batch
            progress("forgetting operations and reclaimed holds", gone, gone)
        return gone
    finally:
        opened.close()


def open_storage(url: str, *, kinds: Kinds) -> Storage:
    """The storage behind a url, opened without changing it."""
    return _database(url).open_storage(url, kinds)


_MODULES = {"sqlite": "sqlite", "postgresql": "postgres", "postgres": "postgres"}


def _database(url: str) -> Database:
    scheme, separator, _ = url.partition("://")
    module = _MODULES.get(scheme)
    if module is None or not separator:
        raise InvalidValue(f"expected sqlite:///path or postgresql://..., got {url!r}")
    try:
        return cast("Database", import_module(f"shopwright.adapters.{module}.database"))
    except ImportError as error:
        raise NotSupportedHere(f"the driver for {module} is not installed ({error}); install shopwright[{module}]") from error
