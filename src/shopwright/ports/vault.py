"""The vault port: seals what is personal under a key per person, and hashes what people are looked up by.

A flow does not call it for texts directly: `shopwright.flows.vault.sealing.box` reads a person's key from the storage and gives a `Box` with
`seal`, `open` and the puts that belong into the same changeset. `shopwright.adapters.vault` has the real vault (AES-256-GCM).

Rules
- it keeps nothing: keys of persons are documents of the storage (`PersonalKey`), wrapped; masters are the host's, and stand in no repr, error or log;
- a master has an id; the first is the current one, under which all is sealed and hashed anew; the others still open and find what is older;
- what does not open raises and never gives other text: `SealBroken` when seal, key or master are not what they were, `MasterKeyMissing`
  when the host does not give the master that is named;
- a lookup tells neither text nor kind: a keyed hash, the same for the same text under the same master, `<master id>.<hexadecimal digits>`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from shopwright.members.sealing import PersonalKey, Sealed


@runtime_checkable
class Vault(Protocol):
    """Somebody who seals and opens. Safe to share between threads."""

    @property
    def masters(self) -> tuple[str, ...]:
        """The ids of the masters it has, the current one first."""
        ...

    def new_key(self, subject: str) -> PersonalKey:
        """A new key for a person, wrapped under the current master; nothing is sealed under it yet."""
        ...

    def rewrapped(self, key: PersonalKey) -> PersonalKey:
        """The same key under the current master; the very same value when it is so already. Raises `SealBroken` and `MasterKeyMissing`."""
        ...

    def seal(self, key: PersonalKey, field: str, content: bytes) -> Sealed:
        """This content for this person and this field; never twice the same. Raises `SealBroken` and `MasterKeyMissing`."""
        ...

    def open(self, key: PersonalKey, field: str, sealed: Sealed) -> bytes:
        """What was sealed for this person and this field under this very key. Raises `SealBroken` and `MasterKeyMissing`."""
        ...

    def lookups(self, kind: str, text: str) -> tuple[str, ...]:
        """The keyed hashes of a normalized text (`"email"`, `"phone"`) under each master, the current one first: keep the first, look for all."""
        ...

    def fingerprints(self, fingerprint: str) -> tuple[str, ...]:
        """The keyed hashes of the fingerprint of a command under each master, the current one first."""
        ...
