"""Erase a member: what is personal goes under every id that is theirs, and so does all that they were found by.

Rules
- what links their payments is forgotten first (`shopwright.flows.risk.forgetting`), and the providers of their methods of payment are told;
- by which phones their orders were found is forgotten last, once the keys are gone, again with every repeat (`shopwright.flows.finding.following`);
- the keys of the person are dropped (`shopwright.flows.vault.erasing`) in one changeset with the record of the member, their claims on contacts, and
  their codes;
- orders, points, kept money and books stay whole, and the ids still lead from one to the other, so that books add up; who was blocked stays
  blocked;
- a contact that was theirs is nobody's, and whoever registers with it is somebody new;
- to erase who is erased changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.finding.following import forget_phones
from shopwright.flows.members import saving
from shopwright.flows.members.commands import EraseMember
from shopwright.flows.members.contacts_held import released
from shopwright.flows.members.methods import forget_methods
from shopwright.flows.ports import Ports
from shopwright.flows.risk.forgetting import forget_links
from shopwright.flows.trying import tried
from shopwright.flows.vault.erasing import erasure
from shopwright.members import codes, verbs
from shopwright.members.codes import CodePurpose, OneTimeCode
from shopwright.members.decision import closed
from shopwright.members.member import Member
from shopwright.members.sealing import PersonalKey
from shopwright.members.states import MemberState
from shopwright.ports.storage import Changeset, Drop, Operation, Put, Record, Stored
from shopwright.refusals import Refusal


@takes(EraseMember)
def erase_member(ports: Ports, command: EraseMember, *, at: datetime) -> Member | Refusal:
    """Make all that was sealed of a member unreadable for good.

    Refused with `member_not_found`, also to customers for anybody but themselves, and `member_merged` for a record that goes on as another.
    """
    result = _erase(ports, command, at=at)
    if isinstance(result, Member) and result.state is MemberState.ERASED:
        forget_phones(ports, result.ids, at=at)
    return result


def _erase(ports: Ports, command: EraseMember, *, at: datetime) -> Member | Refusal:
    operation, done = saving.begun(ports, command, command.member_id)
    if done is not None:
        return saving.as_it_stands(ports, command.member_id)

    def attempt() -> Member | Refusal:
        stored = saving.read(ports, command.member_id, command.by)
        if isinstance(stored, Refusal):
            return stored
        if stored.value.state is MemberState.ERASED:
            return stored.value
        if no := closed(stored.value):
            return no
        return _erased(ports, command, operation, stored, at=at)

    return tried(ports.storage, attempt)


def _erased(ports: Ports, command: EraseMember, operation: Operation, stored: Stored[Member], *, at: datetime) -> Member | Refusal:
    member = stored.value
    forget_links(ports, member.ids, at=at)
    forget_methods(ports, member)
    found = ports.storage.load_each({Member: member.aliases, PersonalKey: member.ids})
    puts: list[Put] = []
    records: list[Record] = []
    drops = list(_held(member))
    for one in (stored, *found.of(Member).values()):
        decision = verbs.erase(one.value, by=command.by, at=at)
        if decision.events:
            puts.append(Put(decision.member.id, decision.member, one.version))
            records += saving.records(decision)
    for key in found.of(PersonalKey).values():
        drop, record = erasure(key.value, by=command.by, at=at)
        drops.append(drop)
        records.append(record)
    result = ports.storage.commit(Changeset(operation, at, puts=tuple(puts), records=tuple(records), drops=tuple(drops)))
    return result if isinstance(result, Refusal) else saving.as_it_stands(ports, member.id)


def _held(member: Member) -> Iterator[Drop]:
    """What the member was found by, and the codes that were sent to them. How often that was stays counted: nobody gets more by coming and going."""
    for contact in member.contacts:
        yield from (Drop(OneTimeCode, codes.code_id(purpose, member.id, contact.id)) for purpose in CodePurpose)
        if contact.verified_at is not None:
            yield released(contact)
