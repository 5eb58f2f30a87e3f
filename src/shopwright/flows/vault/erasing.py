"""Erase a person: their key goes, and nothing that was sealed under it opens again, wherever a copy of it lies.

Rules
- what links their payments is forgotten first (`shopwright.flows.risk.forgetting`), and by which phones their orders were found last, once the key is
  gone, again with every repeat (`shopwright.flows.finding.following`);
- the key is dropped and the erasure recorded in one changeset; orders, ledgers and statistics stay as they are;
- to erase who is erased, or was never there, changes nothing; a person who comes again gets a new key, and can be erased again;
- an id of a member is erased with the member, under every id of theirs (`shopwright.flows.members.forgetting`), and in no other
  way (`person_is_member`);
- what was being sealed at that moment under the key that goes cannot be read either;
- a database, its log and its backups may hold the dropped key for a while, wrapped: once the masters were rotated (`shopwright.flows.vault.rotating`)
  and the old one destroyed, nobody can unwrap it.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.flows.checking import takes
from shopwright.flows.finding.following import forget_phones
from shopwright.flows.ports import Ports
from shopwright.flows.risk.forgetting import forget_links
from shopwright.flows.saving import operation
from shopwright.flows.trying import tried
from shopwright.flows.vault.commands import ErasePerson
from shopwright.members.actors import Actor
from shopwright.members.member import Member, MemberAlias
from shopwright.members.sealing import PERSONS, PersonalKey, PersonErased
from shopwright.members.states import MemberState
from shopwright.ports.storage import Changeset, Committed, Drop, Record
from shopwright.refusals import Refusal


@frozen
class Erased:
    """What an erasure has come to: the id of the key that is gone, empty where there was none."""

    subject: str
    key_id: str = ""


@takes(ErasePerson)
def erase_person(ports: Ports, command: ErasePerson, *, at: datetime) -> Erased | Refusal:
    """Make all that was sealed of a person unreadable: of a guest, or whoever else is no member.

    Refused with `person_not_found` when a customer asks for somebody else, and with `person_is_member` (fact: `member`). Raises
    `KeyConflict`, and `VersionConflict` within a host's transaction.
    """
    subject = command.subject
    if not command.by.sees(subject):
        return Refusal("person_not_found", f"there is no person {subject!r}", {"subject": subject})

    def attempt() -> Erased | Refusal:
        if (done := ports.storage.answered(operation(ports, command, ""))) is not None:
            return Erased(subject, done.text)
        if no := _is_member(ports, subject):
            return no
        forget_links(ports, (subject,), at=at)
        stored = ports.storage.load(PersonalKey, subject)
        if stored is None:
            return Erased(subject)
        drop, record = erasure(stored.value, by=command.by, at=at)
        result = ports.storage.commit(Changeset(operation(ports, command, stored.value.id), at, drops=(drop,), records=(record,)))
        return Erased(subject, result.answer) if isinstance(result, Committed) else result

    result = tried(ports.storage, attempt)
    if isinstance(result, Erased):
        forget_phones(ports, (subject,), at=at)
    return result


def _is_member(ports: Ports, subject: str) -> Refusal | None:
    """The refusal for an id of a member who is there; one who was erased may have come again under it, and is erased again."""
    alias = ports.storage.load(MemberAlias, subject)
    owner = subject if alias is None else alias.value.member_id
    member = ports.storage.load(Member, owner)
    if member is None or member.value.state is MemberState.ERASED:
        return None
    return Refusal("person_is_member", f"{subject!r} is an id of member {owner!r}; erase the member", {"subject": subject, "member": owner})


def erasure(key: PersonalKey, *, by: Actor, at: datetime) -> tuple[Drop, Record]:
    """What erases the owner of a key, for a larger changeset. A key is erased once, so its record is the first and only one about it."""
    return Drop(PersonalKey, key.subject), Record(PERSONS, key.id, 1, PersonErased(subject=key.subject, key_id=key.id, by=by, at=at))
