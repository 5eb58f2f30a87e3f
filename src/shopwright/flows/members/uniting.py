"""Make two records of one person one: contacts, addresses, methods of payment, consents, points and store credit of both, under the id that goes on.

Rules
- all moves in one changeset: both records, whose the contacts are, what the ids lead to, the blocks, and points and store credit, account by
  account (`shopwright.flows.points.moving`, `shopwright.flows.credit.merging`); from then on whatever is earned under an id that ended goes to
  the member as well;
- what was sealed for one record is opened and sealed anew for the other; the history of the one that ends stays with it, under its own key;
- to merge again what is merged changes nothing (MERGE-3).
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.flows.checking import takes
from shopwright.flows.credit.merging import merged_credit
from shopwright.flows.members import saving
from shopwright.flows.members.commands import MergeMembers
from shopwright.flows.members.details import blocks
from shopwright.flows.points.moving import merged_points
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import Box, boxes
from shopwright.loyalty.entries import Cause
from shopwright.members import codes, merging, verbs
from shopwright.members.codes import CodePurpose, OneTimeCode
from shopwright.members.contacts import ContactClaim, claim_id
from shopwright.members.member import BookedAddress, Member, MemberAlias, SealedField
from shopwright.members.methods import method_subject
from shopwright.members.sealing import Sealed
from shopwright.members.states import MemberState
from shopwright.ports.storage import Drop, Operation, Put, Stored
from shopwright.refusals import Refusal


@takes(MergeMembers)
def merge_members(ports: Ports, command: MergeMembers, *, at: datetime) -> Member | Refusal:
    """Make `other_id` another name for `member_id`; staff alone can.

    Refused with `member_not_found`, `merge_cycle`, `member_merged`, `member_erased`, `aliases_too_many`, with `account_merged` and
    `hold_exists` where the points cannot be put together, and, where seals of one of them were erased in between, `personal_data_erased`.
    """
    if no := saving.for_staff(command):
        return no
    operation, done = saving.begun(ports, command, command.member_id)
    if done is not None:
        return saving.as_it_stands(ports, command.member_id)

    def attempt() -> Member | Refusal:
        found = ports.storage.load_many(Member, (command.member_id, command.other_id))
        missing = next((id for id in (command.member_id, command.other_id) if id not in found), None)
        if missing is not None:
            return saving.not_found(missing)
        ours, theirs = found[command.member_id], found[command.other_id]
        if no := merging.mergeable(ours.value, theirs.value):
            return no
        if merging.merged_already(ours.value, theirs.value):
            return ours.value
        return _merged(ports, command, operation, ours, theirs, at=at)

    return tried(ports.storage, attempt)


def _merged(
    ports: Ports, command: MergeMembers, operation: Operation, ours: Stored[Member], theirs: Stored[Member], *, at: datetime
) -> Member | Refusal:
    both = boxes(ports, (ours.value.id, theirs.value.id))
    into, source = both[ours.value.id], both[theirs.value.id]
    brought = _brought(merging.renamed(ours.value, theirs.value), theirs.value.default_method, into, source)
    if isinstance(brought, Refusal):
        return brought
    cause = Cause(by=command.by, reason="merged")
    points = merged_points(ports, theirs.value.id, ours.value.id, cause=cause, at=at)
    if isinstance(points, Refusal):
        return points
    credit = merged_credit(ports, theirs.value.id, ours.value.id, cause=cause, at=at)
    goes_on, ends = merging.merge(ours.value, theirs.value, brought, by=command.by, at=at)
    puts = (
        Put(theirs.value.id, ends.member, theirs.version),
        *into.puts,
        *_aliases(ports, goes_on.member.id, theirs.value),
        *_claims(ports, goes_on.member, theirs.value),
        *_blocks(ports, goes_on.member, ours.value, theirs.value),
        *points.changes.puts,
        *credit.puts,
    )
    records = (*saving.records(ends), *points.changes.records, *credit.records)
    plan = saving.Plan(goes_on, puts, _codes(theirs.value), records, credit.moves)
    result = saving.commit(ports, plan, operation, expected=ours.version, at=at)
    if isinstance(result, Refusal):
        return result
    return saving.as_it_stands(ports, command.member_id) if result.repeated else goes_on.member


def _brought(renamed: merging.Renamed, usual: str, into: Box, source: Box) -> merging.Brought | Refusal:
    """Contacts, addresses, methods (of which one was the `usual`) and fields, opened with one key and sealed with the other."""

    def moved(before: str, after: str, sealed: Sealed) -> Sealed:
        text = source.open(before, sealed)
        if isinstance(text, Refusal):
            refused.append(text)
            return sealed
        return into.seal(after, text)

    refused: list[Refusal] = []
    contacts = tuple(
        evolve(it, id=id, replaces="", sealed=moved(verbs.contact_subject(it.id), verbs.contact_subject(id), it.sealed))
        for id, it in renamed.contacts
    )
    addresses = tuple(
        BookedAddress(id=id, sealed=moved(verbs.address_subject(it.id), verbs.address_subject(id), it.sealed)) for id, it in renamed.addresses
    )
    methods, leaving = (
        tuple(evolve(it, id=id, sealed=moved(method_subject(it.id), method_subject(id), it.sealed)) for id, it in named)
        for named in (renamed.methods, renamed.leaving)
    )
    default = next((id for id, it in renamed.methods if it.id == usual), "")
    fields = tuple(
        SealedField(name=it.name, sealed=moved(verbs.profile_subject(it.name), verbs.profile_subject(it.name), it.sealed)) for it in renamed.fields
    )
    return refused[0] if refused else merging.Brought(
        contacts=contacts, addresses=addresses, methods=methods, leaving=leaving, default_method=default, fields=fields
    )


def _aliases(ports: Ports, member_id: str, theirs: Member) -> tuple[Put, ...]:
    found = ports.storage.load_many(MemberAlias, theirs.ids)
    return tuple(Put(id, MemberAlias(member_id=member_id), found[id].version if id in found else 0) for id in theirs.ids)


def _claims(ports: Ports, goes_on: Member, theirs: Member) -> tuple[Put, ...]:
    """Every contact that was verified as theirs is the one's that goes on."""
    named = {(it.channel, it.lookup): it.id for it in goes_on.contacts}
    ids = {claim_id(it.channel, it.lookup): named[it.channel, it.lookup] for it in theirs.contacts if it.verified_at is not None}
    found = ports.storage.load_many(ContactClaim, tuple(ids))
    return tuple(Put(id, ContactClaim(member_id=goes_on.id, contact=contact), found[id].version if id in found else 0) for id, contact in ids.items())


def _blocks(ports: Ports, goes_on: Member, ours: Member, theirs: Member) -> tuple[Put, ...]:
    """Who is blocked under one of the ids is blocked under all of them (MEMBER-2)."""
    if goes_on.state is not MemberState.BLOCKED:
        return ()
    ids = theirs.ids if ours.state is MemberState.BLOCKED else goes_on.ids
    return blocks(ports, goes_on.id, ids, goes_on.blocked_for)


def _codes(theirs: Member) -> tuple[Drop, ...]:
    """Codes that were sent for the record that ends are good for nothing any more."""
    return tuple(Drop(OneTimeCode, codes.code_id(purpose, theirs.id, it.id)) for it in theirs.contacts for purpose in CodePurpose)
