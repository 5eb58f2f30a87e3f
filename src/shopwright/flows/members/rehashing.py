"""Hash anew, under the current master, what members are found by; the keys of persons are wrapped anew by `shopwright.flows.vault.rotating`.

Rules
- it runs after the new master is everybody's first, and before the old one goes; until then a contact is found under either;
- whose a contact is stays so at every moment: the new claim is written in one changeset with the end of the old one;
- members are hashed anew page by page, and one by one where somebody else changes one of a page;
- what is done is told by the members themselves, so a run that was cut short is run again, and a second run finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import frozen

from shopwright.errors import InvalidValue, VersionConflict
from shopwright.flows.checking import moment
from shopwright.flows.members.commands import BORN
from shopwright.flows.members.joining import birthday_lookup
from shopwright.flows.ports import Ports
from shopwright.flows.sweeping import Progress
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import Box, box, boxes, vault_of
from shopwright.members import verbs
from shopwright.members.contacts import Contact, ContactClaim, claim_id
from shopwright.members.member import Member
from shopwright.ports.storage import Changeset, Drop, Operation, Put, Query, Stored
from shopwright.refusals import Refusal
from shopwright.wire.contacts import read_contact

PAGE = 200


@frozen
class Rehashed:
    """How many members a run has looked at, and how many of them it hashed anew."""

    seen: int
    members: int


def rehash_members(ports: Ports, *, at: datetime, progress: Progress | None = None) -> Rehashed:
    """Bring what every member is found by under the current master of the vault.

    Safe to run at any time, in several processes, and again after it was cut short. Raises `VaultMissing`, `MasterKeyMissing` and `SealBroken`.
    """
    if progress is not None and not callable(progress):
        raise InvalidValue(f"expected progress to be a function, got {type(progress).__name__}")
    current, at, seen, done = f"{vault_of(ports).masters[0]}.", moment(at), 0, 0
    for page in _pages(ports):
        done += _rehashed(ports, [it for it in page if _behind(it.value, current)], current, at=at)
        seen += len(page)
        if progress is not None and page:
            progress("members", seen)
    return Rehashed(seen, done)


def _pages(ports: Ports) -> Iterator[tuple[Stored[Member], ...]]:
    after = ""
    while True:
        page = ports.storage.find(Query(Member, limit=PAGE, after=after))
        yield page.items
        if not page.next:
            return
        after = page.next


def _behind(member: Member, current: str) -> bool:
    return not hashed_under(member) <= {current.removesuffix(".")}


def hashed_under(member: Member) -> frozenset[str]:
    """The masters under which a member is found: one, but for a while in a rotation, and none where there is nothing to find."""
    hashes = [contact.lookup for contact in member.contacts] + ([member.birthday] if member.birthday else [])
    return frozenset([each.partition(".")[0] for each in hashes])


def _rehashed(ports: Ports, page: list[Stored[Member]], current: str, *, at: datetime) -> int:
    """A page of members in one changeset; one by one where somebody has changed one of them meanwhile."""
    found = boxes(ports, [it.value.id for it in page])
    changes = [change for it in page if (change := _change(ports, it, found[it.value.id])) is not None]
    if not changes:
        return 0
    try:
        ports.storage.commit(_together(ports, changes, at=at))
    except VersionConflict:
        return sum(_one(ports, it.value.id, current, at=at) for it in page)
    return len(changes)


def _one(ports: Ports, member_id: str, current: str, *, at: datetime) -> int:
    def attempt() -> int:
        stored = ports.storage.load(Member, member_id)
        if stored is None or not _behind(stored.value, current):
            return 0
        change = _change(ports, stored, box(ports, member_id))
        if change is None:
            return 0
        ports.storage.commit(_together(ports, [change], at=at))
        return 1

    return tried(ports.storage, attempt)


@frozen
class _Change:
    """What brings one member up."""

    puts: tuple[Put, ...]
    drops: tuple[Drop, ...]


def _together(ports: Ports, changes: list[_Change], *, at: datetime) -> Changeset:
    puts, drops = (tuple(each for change in changes for each in getattr(change, name)) for name in ("puts", "drops"))
    return Changeset(Operation(f"rehash/{ports.ids.new_id(at)}", "rehash"), at, puts=puts, drops=drops)


def _change(ports: Ports, stored: Stored[Member], theirs: Box) -> _Change | None:
    """What brings one member up; `None` for one whose key was dropped meanwhile, of whom nothing can be read."""
    member = stored.value
    lookups = {it.id: _lookup(ports, theirs, it) for it in member.contacts}
    born = next((theirs.open(verbs.profile_subject(BORN), it.sealed) for it in member.profile if it.name == BORN), "")
    if isinstance(born, Refusal) or None in lookups.values():
        return None
    known = {id: lookup for id, lookup in lookups.items() if lookup is not None}
    after = verbs.rehash(member, known, birthday=birthday_lookup(ports, born))
    moved = [(old, new) for old, new in zip(member.contacts, after.contacts, strict=True) if old.verified_at is not None and old.lookup != new.lookup]
    puts = (Put(claim_id(new.channel, new.lookup), ContactClaim(member_id=member.id, contact=new.id)) for _, new in moved)
    drops = tuple(Drop(ContactClaim, claim_id(old.channel, old.lookup)) for old, _ in moved)
    return _Change((Put(member.id, after, stored.version), *puts), drops)


def _lookup(ports: Ports, theirs: Box, contact: Contact) -> str | None:
    written = theirs.open(verbs.contact_subject(contact.id), contact.sealed)
    read = written if isinstance(written, Refusal) else read_contact(contact.channel, written)
    return None if isinstance(read, Refusal) else vault_of(ports).lookups(read.channel.value, read.looked_up)[0]
