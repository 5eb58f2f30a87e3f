"""A storage whose operations keep keyed fingerprints: that of a command with a phone number in it can be guessed, a keyed one cannot.

Rules
- what is kept of a command is the hash of its fingerprint under the current master of the vault; steps that a shop takes by itself have no
  fingerprint of a command, and stay as they are;
- a command that was done under an older master of the keyring, or before there was a vault, is still known; once that master is gone, its key
  is one that serves another command (`KeyConflict`), so keep the old master for as long as commands are repeated;
- everything else is the storage's own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import evolve, frozen

from shopwright.errors import KeyConflict
from shopwright.ports.kinds import Kinds
from shopwright.ports.quotas import Quota
from shopwright.ports.storage import START, Answer, Changeset, Committed, Loaded, Operation, Page, Position, Query, Recorded, Storage, Stored
from shopwright.ports.vault import Vault
from shopwright.refusals import Refusal

T = TypeVar("T")

_OF_A_COMMAND = re.compile(r"[0-9a-f]{64}")


@frozen
class KeyedOperations:
    """A storage as a shop with a vault sees it; implements `shopwright.ports.storage.Storage`."""

    _storage: Storage
    _vault: Vault

    def _keyed(self, operation: Operation) -> tuple[Operation, ...]:
        """The operation as it is kept now, and as it may have been kept before."""
        if not _OF_A_COMMAND.fullmatch(operation.fingerprint):
            return (operation,)
        keyed = (evolve(operation, fingerprint=each) for each in self._vault.fingerprints(operation.fingerprint))
        return (*keyed, operation)

    def answered(self, operation: Operation) -> Answer | None:
        """What this operation answered, under whichever master; raises `KeyConflict`."""
        *others, last = self._keyed(operation)
        for each in others:
            try:
                return self._storage.answered(each)
            except KeyConflict:
                continue
        return self._storage.answered(last)

    def commit(self, change: Changeset) -> Committed | Refusal:
        """Write all of it or nothing; an operation that is there under an older master is a repeat."""
        current, *others = self._keyed(change.operation)
        try:
            return self._storage.commit(evolve(change, operation=current))
        except KeyConflict:
            if not others or (answer := self.answered(change.operation)) is None:
                raise
            return Committed(answer.text, repeated=True)

    @property
    def kinds(self) -> Kinds:
        """What the storage keeps."""
        return self._storage.kinds

    @property
    def is_joined(self) -> bool:
        """Whether the storage is inside a host's transaction."""
        return self._storage.is_joined

    def load(self, kind: type[T], id: str) -> Stored[T] | None:
        """As the storage."""
        return self._storage.load(kind, id)

    def load_many(self, kind: type[T], ids: Collection[str]) -> dict[str, Stored[T]]:
        """As the storage."""
        return self._storage.load_many(kind, ids)

    def load_each(self, wanted: Mapping[type, Collection[str]]) -> Loaded:
        """As the storage."""
        return self._storage.load_each(wanted)

    def find(self, query: Query[T]) -> Page[Stored[T]]:
        """As the storage."""
        return self._storage.find(query)

    def quota(self, keys: Collection[str], *, at: datetime) -> dict[str, Quota]:
        """As the storage."""
        return self._storage.quota(keys, at=at)

    def read(self, stream: str, *, after: Position = START, limit: int = 100, key: str | None = None) -> Sequence[Recorded]:
        """As the storage."""
        return self._storage.read(stream, after=after, limit=limit, key=key)

    def scoped(self, scope: str) -> Storage:
        """The same for one tenant."""
        return KeyedOperations(self._storage.scoped(scope), self._vault)

    def prune(self, *, before: datetime, limit: int = 1_000) -> int:
        """As the storage."""
        return self._storage.prune(before=before, limit=limit)

    def close(self) -> None:
        """As the storage."""
        self._storage.close()
