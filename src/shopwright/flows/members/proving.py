"""Contacts and the codes that show whose they are: add, remove, send, verify, prove.

Rules
- an attempt is stored before the code is looked at (CODE-2), and a command that is sent again is the same attempt, at the code of that time;
- codes are compared in constant time;
- who enters a right code for a contact that is another member's has shown that they read it, and is told `contact_taken`; nobody else is.
"""

from __future__ import annotations

from datetime import datetime
from hmac import compare_digest

from attrs import evolve

from shopwright.errors import InvalidValue
from shopwright.flows.checking import takes
from shopwright.flows.members import saving
from shopwright.flows.members.codes_out import check_apart, digits_of, send
from shopwright.flows.members.commands import AddContact, EnterCode, ProveContact, RemoveContact, SendCode, VerifyContact
from shopwright.flows.members.contacts_held import claimed, held, released, taken
from shopwright.flows.members.joining import sealed_contact
from shopwright.flows.ports import Ports
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import box, vault_of
from shopwright.members import codes, verbs
from shopwright.members.codes import CodePurpose, CodeSent, OneTimeCode
from shopwright.members.contacts import Contact
from shopwright.members.decision import closed
from shopwright.members.member import Member
from shopwright.ports.storage import Changeset, Drop, Operation, Put
from shopwright.refusals import Refusal
from shopwright.wire.contacts import ReadContact, read_contact


@takes(AddContact)
def add_contact(ports: Ports, command: AddContact, *, at: datetime) -> Member | Refusal:
    """Add a contact, and send it a code where the shop has a notifier.

    Refused with `email_invalid`, `phone_invalid`, `member_not_found`, `member_merged`, `member_erased`, `contact_unknown`, `contact_added` and
    `contacts_too_many`. Raises what the notifier raises; the same command then sends the code again.
    """
    typed = read_contact(command.channel, command.contact, region=ports.member_terms.phone_region)
    if isinstance(typed, Refusal):
        return typed

    def decide(member: Member) -> saving.Plan | Refusal:
        theirs = box(ports, member.id)
        contact = sealed_contact(ports, theirs, typed, verbs.next_contact(member), at=at)
        decision = verbs.add_contact(member, evolve(contact, replaces=command.replaces), by=command.by, at=at)
        return decision if isinstance(decision, Refusal) else saving.Plan(decision, theirs.puts)

    member = saving.change(ports, command, decide, at=at)
    if isinstance(member, Refusal) or ports.notifier is None or ports.storage.is_joined:
        return member
    lookups = {it.lookup for it in member.contacts if it.verified_at is None} & set(vault_of(ports).lookups(typed.channel.value, typed.looked_up))
    for contact in member.contacts:
        if contact.lookup in lookups and contact.channel is typed.channel:
            send(ports, command, member, contact, CodePurpose.VERIFY, at=at, step="code")
    return member


@takes(RemoveContact)
def remove_contact(ports: Ports, command: RemoveContact, *, at: datetime) -> Member | Refusal:
    """Take a contact away; it is nobody's then. Refused with `member_not_found`, `member_merged`, `member_erased` and `contact_unknown`."""

    def decide(member: Member) -> saving.Plan | Refusal:
        decision = verbs.remove_contact(member, command.contact, by=command.by, at=at)
        contact = member.contact(command.contact)
        if isinstance(decision, Refusal) or contact is None:
            return decision if isinstance(decision, Refusal) else verbs.unknown_contact(command.contact)
        return saving.Plan(decision, drops=_gone_with(member, contact))

    return saving.change(ports, command, decide, at=at)


def _gone_with(member: Member, contact: Contact) -> tuple[Drop, ...]:
    """What goes with a contact: its claim, where it is verified, and the codes that were sent to it."""
    sent = tuple(Drop(OneTimeCode, codes.code_id(purpose, member.id, contact.id)) for purpose in CodePurpose)
    return (*sent, released(contact)) if contact.verified_at is not None else sent


@takes(SendCode)
def send_code(ports: Ports, command: SendCode, *, at: datetime) -> CodeSent | Refusal:
    """Send a code to a contact.

    Refused with `member_not_found`, `member_merged`, `member_erased`, `contact_unknown`, `contact_unverified` (to prove what was never verified),
    `code_too_soon` and `code_sends`. Raises `InvalidValue` where the shop has no notifier, `NotSupportedHere` inside a host's transaction, and what
    the notifier raises; the same command then sends the same code again.
    """
    if ports.notifier is None:
        raise InvalidValue("this shop has nobody to send codes; give it a notifier: Shop(storage, notifier=...)")
    check_apart(ports)
    saving.begun(ports, command)
    stored = saving.read(ports, command.member_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    contact = _sendable(stored.value, command)
    return contact if isinstance(contact, Refusal) else send(ports, command, stored.value, contact, command.purpose, at=at)


def _sendable(member: Member, command: SendCode) -> Contact | Refusal:
    contact = member.contact(command.contact)
    if no := closed(member):
        return no
    if contact is None:
        return verbs.unknown_contact(command.contact)
    if command.purpose is CodePurpose.PROVE and contact.verified_at is None:
        return verbs.unverified_contact(contact.id)
    return contact


@takes(VerifyContact)
def verify_contact(ports: Ports, command: VerifyContact, *, at: datetime) -> Member | Refusal:
    """The contact is the member's: here is its code.

    Refused with `member_not_found`, `member_merged`, `member_erased`, `contact_unknown`, `code_unknown`, `code_used`, `code_expired`,
    `code_attempts`, `code_wrong` (fact: `left`), and `contact_taken` where the code is right and the contact another's. Raises
    `NotSupportedHere` inside a host's transaction.
    """
    return _entered(ports, command, CodePurpose.VERIFY, at=at)


@takes(ProveContact)
def prove_contact(ports: Ports, command: ProveContact, *, at: datetime) -> Member | Refusal:
    """The contact is still theirs: here is its code. Refused as `verify_contact`, and with `contact_unverified`; never with `contact_taken`."""
    return _entered(ports, command, CodePurpose.PROVE, at=at)


def _entered(ports: Ports, command: EnterCode, purpose: CodePurpose, *, at: datetime) -> Member | Refusal:
    check_apart(ports)
    operation, done = saving.begun(ports, command, command.member_id)
    if done is not None:
        return saving.as_it_stands(ports, command.member_id)
    stored = saving.read(ports, command.member_id, command.by)
    if isinstance(stored, Refusal):
        return stored
    if no := closed(stored.value):
        return no
    if stored.value.contact(command.contact) is None:
        return verbs.unknown_contact(command.contact)
    answer = _tried(ports, command, operation, purpose, at=at)
    if isinstance(answer, Refusal) and ports.storage.answered(operation) is not None:
        return saving.as_it_stands(ports, command.member_id)  # the same command, sent twice at once
    return answer


def _tried(ports: Ports, command: EnterCode, operation: Operation, purpose: CodePurpose, *, at: datetime) -> Member | Refusal:
    id = codes.code_id(purpose, command.member_id, command.contact)
    code = _counted(ports, command, id, at=at)
    if isinstance(code, Refusal):
        return code
    expected, typed = digits_of(ports, code), "".join(command.code.split())
    if expected is None or not compare_digest(expected.encode(), typed.encode()):
        return codes.wrong(code, ports.member_terms.codes)
    return _accepted(ports, command, operation, code, id, at=at)


def _counted(ports: Ports, command: EnterCode, id: str, *, at: datetime) -> OneTimeCode | Refusal:
    """The code that this command is an attempt at, counted and stored; a repeat is no other attempt, and none at a code that came later."""
    operation, done = saving.begun(ports, command, step="try")
    rules = ports.member_terms.codes

    def attempt() -> OneTimeCode | Refusal:
        stored = ports.storage.load(OneTimeCode, id)
        if done is not None:
            return _again(None if stored is None else stored.value, done.text, ports, at=at)
        counted = codes.attempt(None if stored is None else stored.value, rules, at=at)
        if isinstance(counted, Refusal) or stored is None:
            return counted
        result = ports.storage.commit(Changeset(saving.answering(operation, str(counted.serial)), at, puts=(Put(id, counted, stored.version),)))
        if isinstance(result, Refusal):
            return result
        return _again(saving.reloaded(ports, OneTimeCode, id), result.answer, ports, at=at) if result.repeated else counted

    return tried(ports.storage, attempt)


def _again(code: OneTimeCode | None, serial: str, ports: Ports, *, at: datetime) -> OneTimeCode | Refusal:
    if code is None:
        return codes.unknown_code()
    return codes.wrong(code, ports.member_terms.codes) if str(code.serial) != serial else codes.gone(code, at=at) or code


def _accepted(ports: Ports, command: EnterCode, operation: Operation, counted: OneTimeCode, id: str, *, at: datetime) -> Member | Refusal:
    """Use the code and write what it was good for, as one changeset: of two right answers under two keys one finds the code used."""

    def attempt() -> Member | Refusal:
        member, code = ports.storage.load(Member, command.member_id), ports.storage.load(OneTimeCode, id)
        assert member is not None, "members never leave the store"
        if code is None or code.value.serial != counted.serial or codes.gone(code.value, at=at) is not None:
            return codes.unknown_code() if code is None else codes.gone(code.value, at=at) or codes.wrong(code.value, ports.member_terms.codes)
        plan = _verified(ports, command, member.value, at=at) if code.value.purpose is CodePurpose.VERIFY else _proved(command, member.value, at=at)
        if isinstance(plan, Refusal):
            return plan
        used = Put(id, evolve(code.value, used_at=at), code.version)
        result = saving.commit(ports, evolve(plan, puts=(*plan.puts, used)), operation, expected=member.version, at=at)
        if isinstance(result, Refusal):
            return result
        return saving.as_it_stands(ports, command.member_id) if result.repeated else plan.decision.member

    return tried(ports.storage, attempt)


def _proved(command: EnterCode, member: Member, *, at: datetime) -> saving.Plan | Refusal:
    decision = verbs.prove_contact(member, command.contact, by=command.by, at=at)
    return decision if isinstance(decision, Refusal) else saving.Plan(decision)


def _verified(ports: Ports, command: EnterCode, member: Member, *, at: datetime) -> saving.Plan | Refusal:
    """The contact is theirs from now on, unless it is another's already; the one it replaces is nobody's."""
    contact = member.contact(command.contact)
    if contact is None:
        return verbs.unknown_contact(command.contact)
    written = box(ports, member.id).open(verbs.contact_subject(contact.id), contact.sealed)
    read: ReadContact | Refusal = written if isinstance(written, Refusal) else read_contact(contact.channel, written)
    if isinstance(read, Refusal):
        return read
    holding = held(ports, read)
    if holding.claim is not None and holding.claim.member_id != member.id:
        return taken(contact.channel)
    lookup = holding.id.partition("/")[2]
    decision = verbs.verify_contact(member, contact.id, lookup=lookup, by=command.by, at=at)
    if isinstance(decision, Refusal):
        return decision
    before = member.contact(contact.replaces)
    drops = () if before is None or before.verified_at is None else (released(before),)
    return saving.Plan(decision, (claimed(contact, member.id, holding),), drops)
