"""Rotate the masters of a shop: wrap every key of a person anew under the current master, and have what members are found by hashed anew
(`shopwright.flows.members.rehashing`), so that the others can be destroyed.

    1. every process gets a keyring with the new master first and the old one after it;
    2. `rotate` runs, here and now or over days, in one process or in several;
    3. every process gets a keyring without the old master, and the old master is destroyed, with its copies.

Rules
- what a person's key has sealed stays as it is: only the key is wrapped anew, page by page, and a shop goes on meanwhile;
- what is done is told by the keys themselves, so a run that was cut short goes on where it was, and a second run finds nothing to do;
- a key that somebody erases meanwhile stays erased; one that somebody makes under an old master meanwhile is found by the next run;
- keys that erasures have dropped are wrapped under old masters alone: with the last of these destroyed, no copy of such a key opens.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.members.rehashing import rehash_members
from shopwright.flows.ports import Ports
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import vault_of
from shopwright.members.sealing import PersonalKey
from shopwright.ports.storage import Changeset, Match, Operation, Put, Query, Stored, Where
from shopwright.ports.vault import Vault

PAGE = 200


@frozen
class Rotated:
    """How many keys a run has wrapped anew, the master under which all that it found are now, and how many members it has hashed anew."""

    keys: int
    master: str
    members: int = 0


def rotate(ports: Ports, *, at: datetime, progress: Progress | None = None) -> Rotated:
    """Bring every key of a person, and all that members are found by, under the current master of the vault.

    Safe to run at any time, in several processes, and again after it was cut short. Raises `VaultMissing`, `MasterKeyMissing` for a key
    under a master that the keyring does not have, `SealBroken`, and `NotSupportedHere` where there are members and not the extra `members`.
    """
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    vault, at, done = vault_of(ports), moment(at), 0
    for page in _behind(ports, vault.masters[0]):
        done += _rewrapped(ports, vault, page, at=at)
        if progress is not None:
            progress("keys", done)
    return Rotated(done, vault.masters[0], rehash_members(ports, at=at, progress=progress).members)


def _behind(ports: Ports, current: str) -> Iterator[tuple[Stored[PersonalKey], ...]]:
    """Keys under other masters, page by page. Those that are done leave the query, so each page is the first one."""
    for side in (Match.BELOW, Match.ABOVE):
        query = Query(PersonalKey, where=(Where("master", side, current),), order_by="master", limit=PAGE)
        while items := ports.storage.find(query).items:
            yield items


def _rewrapped(ports: Ports, vault: Vault, page: tuple[Stored[PersonalKey], ...], *, at: datetime) -> int:
    """A page of keys in one changeset; one by one where somebody has changed one of them meanwhile."""
    puts = tuple(Put(it.value.subject, vault.rewrapped(it.value), it.version) for it in page)
    try:
        ports.storage.commit(Changeset(_operation(ports, at), at, puts=puts))
    except VersionConflict:
        return sum(_one(ports, vault, it.value.subject, at=at) for it in page)
    return len(page)


def _one(ports: Ports, vault: Vault, subject: str, *, at: datetime) -> int:
    def attempt() -> int:
        stored = ports.storage.load(PersonalKey, subject)
        if stored is None or (rewrapped := vault.rewrapped(stored.value)) is stored.value:
            return 0
        ports.storage.commit(Changeset(_operation(ports, at), at, puts=(Put(subject, rewrapped, stored.version),)))
        return 1

    return tried(ports.storage, attempt)


def _operation(ports: Ports, at: datetime) -> Operation:
    return Operation(f"rotate/{ports.ids.new_id(at)}", "rotate")
