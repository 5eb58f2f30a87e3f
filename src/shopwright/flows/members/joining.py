"""Register a person as a member, and let what a guest has ordered be theirs.

Rules
- who registers is never told whether a contact is somebody's already (MEMBER-1): they are told when they enter the code that was sent to it;
- the codes go out after the member is in the store; when one does not get out, the same command sends it again, and nothing else twice;
- where a contact was written to too often of late no code goes out, and the member is registered all the same; so it is inside a host's
  transaction, after whose commit the host sends them (`SendCode`).
"""

from __future__ import annotations

from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.credit.merging import merged_credit
from shopwright.flows.members import saving
from shopwright.flows.members.codes_out import send
from shopwright.flows.members.commands import BORN, AdoptGuest, RegisterMember, birthday_of
from shopwright.flows.members.contacts_held import claimed, free_claim
from shopwright.flows.points.moving import merged_points
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import Box, box, vault_of
from shopwright.loyalty.entries import Cause
from shopwright.members import merging, verbs
from shopwright.members.codes import CodePurpose
from shopwright.members.contacts import Channel, Contact
from shopwright.members.decision import MemberDecision
from shopwright.members.member import Member, MemberAlias, MemberBlock, SealedField
from shopwright.members.states import MemberState
from shopwright.ports.storage import Put
from shopwright.refusals import Refusal
from shopwright.wire.contacts import ReadContact, read_contact


@takes(RegisterMember)
def register_member(ports: Ports, command: RegisterMember, *, at: datetime) -> Member | Refusal:
    """Register a person.

    Refused with `email_invalid`, `phone_invalid`, `member_exists` where the host names one, and `contact_taken` where it vouches for a contact
    that is another's. Raises `VaultMissing`, `NotSupportedHere` without the extra `members`, and what the notifier raises: the member is registered
    then, and the same command sends the codes again.
    """
    operation, done = saving.begun(ports, command)
    if done is not None:
        return _told(ports, command, saving.as_it_stands(ports, done.text), at=at)
    read = _read_contacts(ports, command)
    if isinstance(read, Refusal):
        return read
    member_id = command.member_id or ports.ids.new_id(at)

    def attempt() -> Member | Refusal:
        if ports.storage.load(Member, member_id) is not None or ports.storage.load(MemberAlias, member_id) is not None:
            answer = ports.storage.answered(operation)
            return _exists(member_id) if answer is None else _told(ports, command, saving.as_it_stands(ports, answer.text), at=at)
        plan = _planned(ports, command, member_id, read, at=at)
        if isinstance(plan, Refusal):
            return plan
        result = saving.commit(ports, plan, saving.answering(operation, member_id), expected=0, at=at)
        if isinstance(result, Refusal):
            return result
        member = saving.as_it_stands(ports, result.answer) if result.repeated else plan.decision.member
        return _told(ports, command, member, at=at)

    return tried(ports.storage, attempt)


def _exists(member_id: str) -> Refusal:
    return Refusal("member_exists", f"there is a member {member_id!r} already", {"member": member_id})


def _read_contacts(ports: Ports, command: RegisterMember) -> tuple[ReadContact, ...] | Refusal:
    found = []
    for channel, text in ((Channel.EMAIL, command.email), (Channel.PHONE, command.phone)):
        if text:
            read = read_contact(channel, text, region=ports.member_terms.phone_region)
            if isinstance(read, Refusal):
                return read
            found.append(read)
    return tuple(found)


def _planned(ports: Ports, command: RegisterMember, member_id: str, read: tuple[ReadContact, ...], *, at: datetime) -> saving.Plan | Refusal:
    theirs = box(ports, member_id)
    contacts, puts = [], list(theirs.puts)
    for number, contact in enumerate(read, 1):
        made = sealed_contact(ports, theirs, contact, f"c{number}", at=at, verified_at=at if command.verified else None)
        contacts.append(made)
        if command.verified:
            claim = free_claim(ports, contact, member_id)
            if isinstance(claim, Refusal):
                return claim
            puts.append(claimed(made, member_id, claim))
    member = Member(
        id=member_id,
        registered_at=at,
        contacts=tuple(contacts),
        profile=tuple(
            SealedField(name=name, sealed=theirs.seal(verbs.profile_subject(name), content)) for name, content in command.profile if content
        ),
        birthday=birthday_lookup(ports, dict(command.profile).get(BORN, "")),
        locale=command.locale,
        zone=command.zone,
    )
    return saving.Plan(verbs.register(member, by=command.by, at=at), tuple(puts))


def sealed_contact(ports: Ports, theirs: Box, read: ReadContact, id: str, *, at: datetime, verified_at: datetime | None = None) -> Contact:
    """A contact as it is kept of a person."""
    return Contact(
        id=id,
        channel=read.channel,
        sealed=theirs.seal(verbs.contact_subject(id), read.written),
        lookup=vault_of(ports).lookups(read.channel.value, read.looked_up)[0],
        added_at=at,
        verified_at=verified_at,
    )


def birthday_lookup(ports: Ports, born: str) -> str:
    """The keyed hash by which the members of one birthday are found; empty where the day is not known."""
    day = birthday_of(born)
    return vault_of(ports).lookups("birthday", day)[0] if day else ""


def _told(ports: Ports, command: RegisterMember, member: Member, *, at: datetime) -> Member:
    """The member, and a code to each contact that waits to be verified."""
    if ports.notifier is not None and not ports.storage.is_joined:
        for contact in member.contacts[: bool(command.email) + bool(command.phone)]:
            if contact.verified_at is None and member.is_open:
                send(ports, command, member, contact, CodePurpose.VERIFY, at=at, step=contact.id)
    return member


@takes(AdoptGuest)
def adopt_guest(ports: Ports, command: AdoptGuest, *, at: datetime) -> Member | Refusal:
    """What a guest has ordered, and earned, is the member's.

    Refused with `member_not_found`, `member_merged`, `member_erased`, `guest_taken` where the guest's id is another's, or a member's own,
    `aliases_too_many`, and with `account_merged` and `hold_exists` where the points cannot be put together.
    """

    def decide(member: Member) -> saving.Plan | MemberDecision | Refusal:
        held = ports.storage.load_each({MemberAlias: [command.guest_id], Member: [command.guest_id]})
        alias = held.of(MemberAlias).get(command.guest_id)
        if held.of(Member) or (alias is not None and alias.value.member_id != member.id):
            return Refusal("guest_taken", f"{command.guest_id!r} is another's", {"guest": command.guest_id})
        decision = merging.adopt(member, command.guest_id, by=command.by, at=at)
        if isinstance(decision, Refusal) or not decision.events:
            return decision
        puts = [Put(command.guest_id, MemberAlias(member_id=member.id))]
        if member.state is MemberState.BLOCKED:
            puts.append(Put(command.guest_id, MemberBlock(member_id=member.id, reason=member.blocked_for)))
        points = merged_points(ports, command.guest_id, member.id, cause=Cause(by=command.by, reason="adopted"), at=at)
        if isinstance(points, Refusal):
            return points
        credit = merged_credit(ports, command.guest_id, member.id, cause=Cause(by=command.by, reason="adopted"), at=at)
        records = (*points.changes.records, *credit.records)
        return saving.Plan(decision, (*puts, *points.changes.puts, *credit.puts), records=records, moves=credit.moves)

    return saving.change(ports, command, decide, at=at)
