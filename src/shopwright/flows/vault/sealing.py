"""The box of a person: seals and opens what is theirs under their own key, which stands in the same storage.

    person = box(ports, member_id)
    member = Member(email=person.seal("email", text), ...)
    ports.storage.commit(Changeset(op, at, puts=(Put(member_id, member), *person.puts)))

Rules
- a person's first seal makes their key; it is written with what it seals, in one changeset (`Box.puts`); of two workers who make one at the
  same time one gets `VersionConflict` and begins anew, so that nobody has two keys;
- a box is read for one decision and thrown away: kept longer, it would outlive the key's erasure;
- what was sealed under a key that is gone is refused (`personal_data_erased`), it is not an error;
- a shop without a vault seals nothing: who asks it to gets `VaultMissing`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from attrs import field, frozen

from shopwright.edges import text_problem
from shopwright.errors import InvalidValue, VaultMissing
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tried
from shopwright.members.sealing import MOST_SEALED, PersonalKey, Sealed
from shopwright.ports.storage import Changeset, Operation, Put
from shopwright.ports.vault import Vault
from shopwright.refusals import Refusal


@frozen
class Box:
    """Seals and opens for one person. `puts` is what belongs into the changeset of what was sealed: their key, when it is new."""

    key: PersonalKey
    puts: tuple[Put, ...] = ()
    vault: Vault = field(kw_only=True, repr=False)

    def seal(self, field: str, text: str) -> Sealed:
        """A text of theirs; `field` says what it is, and a seal opens for that field alone.

        Raises `SealBroken`, `MasterKeyMissing`, and `InvalidValue` for what is no text that every store keeps.
        """
        if problem := text_problem(text, most=MOST_SEALED // 4):
            raise InvalidValue(f"what is sealed {problem}")
        return self.vault.seal(self.key, field, text.encode())

    def open(self, field: str, sealed: Sealed) -> str | Refusal:
        """The text. Refused with `personal_data_erased` when its key is gone. Raises `SealBroken` and `MasterKeyMissing`."""
        content = self.open_bytes(field, sealed)
        return content if isinstance(content, Refusal) else content.decode()

    def seal_bytes(self, field: str, content: bytes) -> Sealed:
        """As `seal`, for bytes."""
        return self.vault.seal(self.key, field, content)

    def open_bytes(self, field: str, sealed: Sealed) -> bytes | Refusal:
        """As `open`, for bytes."""
        if sealed.key_id != self.key.id:
            return erased(self.key.subject)
        return self.vault.open(self.key, field, sealed)


def erased(subject: str) -> Refusal:
    """The refusal of what was sealed under a key that is gone."""
    return Refusal("personal_data_erased", f"what is asked of {subject!r} was erased: its key is gone", {"subject": subject})


def vault_of(ports: Ports) -> Vault:
    """The shop's vault; raises `VaultMissing`."""
    if ports.vault is None:
        raise VaultMissing("this shop has no vault, and personal data is kept sealed alone; give it one: Shop(storage, vault=AesVault(keyring))")
    return ports.vault


def box(ports: Ports, subject: str) -> Box:
    """The box of a person, with a new key in `puts` when they have none. Raises `VaultMissing`."""
    vault, stored = vault_of(ports), ports.storage.load(PersonalKey, subject)
    return _box(vault, subject, None if stored is None else stored.value)


def boxes(ports: Ports, subjects: Collection[str]) -> dict[str, Box]:
    """The boxes of several persons, read at once. Raises `VaultMissing`."""
    vault, stored = vault_of(ports), ports.storage.load_many(PersonalKey, subjects)
    return {subject: _box(vault, subject, stored[subject].value if subject in stored else None) for subject in subjects}


def _box(vault: Vault, subject: str, key: PersonalKey | None) -> Box:
    if key is not None:
        return Box(key, vault=vault)
    made = vault.new_key(subject)
    return Box(made, (Put(subject, made),), vault=vault)


def kept_box(ports: Ports, subject: str, *, at: datetime) -> Box:
    """The box of a person whose key is in the storage already, or is put there now: for a step whose changeset has no place for it."""

    def attempt() -> Box:
        found = box(ports, subject)
        if not found.puts:
            return found
        ports.storage.commit(Changeset(Operation(f"personal_key/{found.key.id}", "personal_key"), at, puts=found.puts))
        return Box(found.key, vault=found.vault)

    return tried(ports.storage, attempt)
