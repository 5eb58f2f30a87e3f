"""The storage port: a narrow waist of documents, quotas, streams and operations.

A flow reads through it, decides with pure functions, and writes one `Changeset`. The contract kit
`shopwright.testing.StorageContract` holds every promise below for every adapter.

Rules
- all of a changeset is written or nothing;
- lock order, one for all adapters: operation, documents by (kind, id), streams, holds by id, quotas by (rank, key); keys compare by code point;
- the scope is the first part of every key, bound once by `scoped`;
- ids, keys and stream names are text of 1 to 200 characters without U+0000 and lone surrogates; integers are within 64 bits;
  times are aware and kept to the microsecond, as UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, NewType, Protocol, TypeVar

from attrs import frozen

from shopwright.ports.kinds import Kinds
from shopwright.ports.quotas import Quota, QuotaMove
from shopwright.refusals import Refusal

T = TypeVar("T")

Position = NewType("Position", str)
"""Where a consumer stands in a stream: opaque, increasing, with gaps."""

START = Position("")
"""Before the first record of any stream."""


@frozen
class Operation:
    """What makes a command happen once: its key, the fingerprint of the command, and the short answer to keep.

    The fingerprint covers the command, never `at` or ids made up on the way. The answer (at most 2,000 characters) is what a
    repeat gets back: the ids from which the reply is made again.
    """

    key: str
    fingerprint: str
    answer: str = ""


@frozen
class Answer:
    """What an operation answered, and when."""

    text: str
    at: datetime


@frozen
class Stored(Generic[T]):
    """A document as it was read: its value and the version to name when it is put back."""

    value: T
    version: int


@frozen
class Put:
    """Write a document. `expected` is the version that was read; 0 says that there must be none yet."""

    id: str
    value: Any
    expected: int = 0


@frozen
class Drop:
    """Erase a document of an erasable kind (a personal key, what links payments); nothing happens when there is none."""

    kind: type
    id: str


@frozen
class Record:
    """Append to a stream. `key` names the aggregate that it is about; `number` counts its records from 1, without gaps.

    A number that is not the next one raises `VersionConflict`: somebody else appended to the same aggregate.
    """

    stream: str
    key: str
    number: int
    value: Any


@frozen
class Recorded:
    """A record as it was read."""

    position: Position
    stream: str
    key: str
    number: int
    at: datetime
    value: Any


@frozen
class Changeset:
    """What one step wants written, as one value. A document may stand in it once; moves apply in their order."""

    operation: Operation
    at: datetime
    puts: tuple[Put, ...] = ()
    moves: tuple[QuotaMove, ...] = ()
    records: tuple[Record, ...] = ()
    drops: tuple[Drop, ...] = ()


@frozen
class Committed:
    """The changeset is in the store, durably; `repeated` tells that an earlier commit of the same operation put it there."""

    answer: str
    repeated: bool = False


@frozen
class Loaded:
    """Documents of several kinds, all from one snapshot."""

    by_kind: Mapping[type, Mapping[str, Stored[Any]]]
    """Each kind that was asked for, with those of its documents that exist, by id."""

    def of(self, kind: type[T]) -> Mapping[str, Stored[T]]:
        """The documents of one kind, by id; raises `KeyError` for a kind that was not asked for."""
        return self.by_kind[kind]


class Match(StrEnum):
    """How a condition compares an index with its value."""

    EQUAL = "="
    IN = "in"
    AT_LEAST = ">="
    ABOVE = ">"
    AT_MOST = "<="
    BELOW = "<"


@frozen
class Where:
    """A condition on a declared index; `value` is a tuple for `Match.IN`, of at most 500 values."""

    index: str
    match: Match
    value: str | int | datetime | tuple[str | int | datetime, ...]


@frozen
class Query(Generic[T]):
    """Documents of a kind that meet every condition, ordered by a declared index and then by id, in pages by keyset.

    `order_by=None` orders by id alone; `descending` turns both the index and the id round. `after` is the `next` of the page
    before. `limit` is 1 to 1,000.
    """

    kind: type[T]
    where: tuple[Where, ...] = ()
    order_by: str | None = None
    descending: bool = False
    limit: int = 50
    after: str = ""


@frozen
class Page(Generic[T]):
    """Some of the documents; `next` is empty on the last page."""

    items: tuple[T, ...]
    next: str = ""


class Storage(Protocol):
    """Where a shop keeps its facts. Every method may raise `StorageUnavailable`, `StorageBusy` or `StorageCorrupted`."""

    @property
    def kinds(self) -> Kinds:
        """What this storage keeps."""
        ...

    @property
    def is_joined(self) -> bool:
        """Whether this is a view inside a host's transaction: what it commits is not final until the host commits."""
        ...

    def answered(self, operation: Operation) -> Answer | None:
        """What this operation answered, if it was done; raises `KeyConflict` when the key was used for another command."""
        ...

    def load(self, kind: type[T], id: str) -> Stored[T] | None:
        """The newest committed version of a document, or `None`."""
        ...

    def load_many(self, kind: type[T], ids: Collection[str]) -> dict[str, Stored[T]]:
        """The documents that exist among these ids, by id, from one snapshot."""
        ...

    def load_each(self, wanted: Mapping[type, Collection[str]]) -> Loaded:
        """The documents that exist among these ids of each kind: all that a decision needs to know, from one snapshot, in one round trip."""
        ...

    def find(self, query: Query[T]) -> Page[Stored[T]]:
        """One page, from one snapshot that holds all earlier commits; raises `UnknownIndex`."""
        ...

    def quota(self, keys: Collection[str], *, at: datetime) -> dict[str, Quota]:
        """Every key asked for, as it stands at this time; a key that was never granted stands at zero."""
        ...

    def read(self, stream: str, *, after: Position = START, limit: int = 100, key: str | None = None) -> Sequence[Recorded]:
        """The next records of a stream, or of one aggregate in it; none that commits later ever comes before one read here."""
        ...

    def commit(self, change: Changeset) -> Committed | Refusal:
        """Write all of it or nothing.

        Refused with the codes of `shopwright.ports.quotas`, or with `index_taken` (facts: `kind`, `index`, `value`). Raises
        `VersionConflict` when a put or a record is stale and `KeyConflict` when the operation key was used for another command.
        What is told first: the operation, then documents by (kind, id), each with its version before its unique indexes and as
        the ones before it left them, then records, then the first move that is refused.
        """
        ...

    def scoped(self, scope: str) -> Storage:
        """The same store, seen by one tenant: every key begins with the scope. Scopes do not nest."""
        ...

    def prune(self, *, before: datetime, limit: int = 1_000) -> int:
        """Forget operations done, and holds reclaimed, before this time, at most `limit` of each; returns how many went.

        Like every other method it sees its own scope alone.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files; the storage is of no use afterwards."""
        ...
