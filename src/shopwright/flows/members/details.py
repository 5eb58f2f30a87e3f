"""What a shop knows of its members changes: profile, addresses, consents, and whether their orders are welcome."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shopwright.flows.checking import takes
from shopwright.flows.members import saving
from shopwright.flows.members.commands import (
    BORN,
    BlockMember,
    ChangeProfile,
    ConsentCommand,
    GiveConsent,
    PutAddress,
    RemoveAddress,
    UnblockMember,
    WithdrawConsent,
)
from shopwright.flows.members.joining import birthday_lookup
from shopwright.flows.ports import Ports
from shopwright.flows.vault.sealing import box
from shopwright.members import verbs
from shopwright.members.addresses import Address
from shopwright.members.consents import Consent
from shopwright.members.decision import MemberDecision, closed
from shopwright.members.member import BookedAddress, Member, MemberBlock
from shopwright.ports.kinds import RecordType
from shopwright.ports.storage import Drop, Put
from shopwright.refusals import Refusal

ADDRESS = RecordType("Address", Address)
"""How an address stands inside its seal."""


@takes(ChangeProfile)
def change_profile(ports: Ports, command: ChangeProfile, *, at: datetime) -> Member | Refusal:
    """Set fields of the profile. Refused with `member_not_found`, `member_merged`, `member_erased` and `profile_too_large`."""

    def decide(member: Member) -> saving.Plan | Refusal:
        theirs = box(ports, member.id)
        fields = tuple((name, theirs.seal(verbs.profile_subject(name), text) if text else None) for name, text in command.profile)
        born = dict(command.profile).get(BORN)
        decision = verbs.change_profile(
            member,
            fields,
            by=command.by,
            at=at,
            birthday=None if born is None else birthday_lookup(ports, born),
            locale=command.locale,
            zone=command.zone,
        )
        return decision if isinstance(decision, Refusal) else saving.Plan(decision, theirs.puts if decision.kept else ())

    return saving.change(ports, command, decide, at=at)


@takes(PutAddress)
def put_address(ports: Ports, command: PutAddress, *, at: datetime) -> Member | Refusal:
    """Put an address into the book; the first one is the default.

    Refused with `member_not_found`, `member_merged`, `member_erased`, `address_unknown` and `addresses_too_many`.
    """

    def decide(member: Member) -> saving.Plan | Refusal:
        if no := closed(member):
            return no
        theirs, id = box(ports, member.id), command.address_id or verbs.next_address(member)
        booked = BookedAddress(id=id, sealed=theirs.seal(verbs.address_subject(id), ports.codec.dump(command.address)))
        if command.address_id and member.address(command.address_id) is None:
            return verbs.unknown_address(command.address_id)
        decision = verbs.put_address(member, booked, default=command.default, by=command.by, at=at)
        return decision if isinstance(decision, Refusal) else saving.Plan(decision, theirs.puts)

    return saving.change(ports, command, decide, at=at)


@takes(RemoveAddress)
def remove_address(ports: Ports, command: RemoveAddress, *, at: datetime) -> Member | Refusal:
    """Take an address out of the book. Refused with `member_not_found`, `member_merged`, `member_erased` and `address_unknown`."""

    def decide(member: Member) -> MemberDecision | Refusal:
        return verbs.remove_address(member, command.address_id, by=command.by, at=at)

    return saving.change(ports, command, decide, at=at)


@takes(GiveConsent)
def give_consent(ports: Ports, command: GiveConsent, *, at: datetime) -> Member | Refusal:
    """The member allows a purpose. Refused with `member_not_found`, `member_merged`, `member_erased` and `consents_too_many`."""
    return _consent(ports, command, given=True, at=at)


@takes(WithdrawConsent)
def withdraw_consent(ports: Ports, command: WithdrawConsent, *, at: datetime) -> Member | Refusal:
    """The member allows a purpose no longer. Refused with `member_not_found`, `member_merged`, `member_erased` and `consents_too_many`."""
    return _consent(ports, command, given=False, at=at)


def _consent(ports: Ports, command: ConsentCommand, *, given: bool, at: datetime) -> Member | Refusal:
    word = Consent(purpose=command.purpose, given=given, text_version=command.text_version, channel=command.channel, at=at, by=command.by)
    return saving.change(ports, command, lambda member: verbs.consent(member, word), at=at)


@takes(BlockMember)
def block_member(ports: Ports, command: BlockMember, *, at: datetime) -> Member | Refusal:
    """Take no more orders of a member, whichever of their ids they order as; staff alone can.

    Refused with `member_not_found`, `member_merged` and `member_erased`. Raises `IllegalTransition` for one that is blocked.
    """

    def decide(member: Member) -> saving.Plan | Refusal:
        decision = verbs.block(member, reason=command.reason, by=command.by, at=at)
        return decision if isinstance(decision, Refusal) else saving.Plan(decision, blocks(ports, member.id, member.ids, command.reason))

    return saving.for_staff(command) or saving.change(ports, command, decide, at=at)


def blocks(ports: Ports, member_id: str, ids: Iterable[str], reason: str) -> tuple[Put, ...]:
    """What placing an order finds of each of these ids: that they are blocked, and why."""
    found = ports.storage.load_many(MemberBlock, tuple(ids))
    block = MemberBlock(member_id=member_id, reason=reason)
    return tuple(Put(id, block, found[id].version if id in found else 0) for id in ids)


@takes(UnblockMember)
def unblock_member(ports: Ports, command: UnblockMember, *, at: datetime) -> Member | Refusal:
    """Take orders of a member again; staff alone can.

    Refused with `member_not_found`, `member_merged` and `member_erased`. Raises `IllegalTransition` for one that is not blocked.
    """

    def decide(member: Member) -> saving.Plan | Refusal:
        decision = verbs.unblock(member, by=command.by, at=at)
        return decision if isinstance(decision, Refusal) else saving.Plan(decision, drops=tuple(Drop(MemberBlock, id) for id in member.ids))

    return saving.for_staff(command) or saving.change(ports, command, decide, at=at)
