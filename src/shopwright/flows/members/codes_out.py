"""Send a one-time code: first the facts of it are stored, then it is made from them and handed to the notifier.

Rules
- the digits are made anew from what is stored whenever they are needed (CODE-4), so that a code whose sending was not answered is sent again
  as it was, under the same key, and a notifier that has delivered it does not deliver it twice;
- inside a host's transaction nothing is sent and nothing is tried: what the host undoes would take the counting back with it;
- a code that was sent, and then replaced, used or outlived, is not sent again.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import NotSupportedHere
from shopwright.flows.commands import Command
from shopwright.flows.members import saving
from shopwright.flows.ports import Ports
from shopwright.flows.saving import fitted
from shopwright.flows.trying import tried
from shopwright.flows.vault.sealing import box, vault_of
from shopwright.members import codes, verbs
from shopwright.members.codes import CodePurpose, CodeSent, OneTimeCode, SentCodes
from shopwright.members.contacts import Contact, claim_id
from shopwright.members.member import Member
from shopwright.ports.notifier import Message
from shopwright.ports.storage import Changeset, Put
from shopwright.refusals import Refusal

NONCE = 16
"""Bytes of chance in each code."""


def send(
    ports: Ports, command: Command, member: Member, contact: Contact, purpose: CodePurpose, *, at: datetime, step: str = "1"
) -> CodeSent | Refusal:
    """Send a contact a new code, once for each command. Refused as `shopwright.members.codes.sent`; raises what the notifier raises."""
    id = codes.code_id(purpose, member.id, contact.id)
    issued = _issued(ports, command, member, contact, purpose, id, at=at, step=step)
    if isinstance(issued, Refusal):
        return issued
    stored = ports.storage.load(OneTimeCode, id)
    code = None if stored is None else stored.value
    if code is None or code.serial != issued or codes.gone(code, at=at) is not None:
        return CodeSent(member_id=member.id, contact=contact.id, purpose=purpose, expires_at=at if code is None else code.expires_at)
    _deliver(ports, member, contact, code)
    return CodeSent(member_id=member.id, contact=contact.id, purpose=purpose, expires_at=code.expires_at)


def _issued(
    ports: Ports, command: Command, member: Member, contact: Contact, purpose: CodePurpose, id: str, *, at: datetime, step: str
) -> int | Refusal:
    """The serial of the code of this command, which is stored now if it was not before."""
    operation, done = saving.begun(ports, command, step=step)
    if done is not None:
        return int(done.text)
    rules, sends_id = ports.member_terms.codes, claim_id(contact.channel, contact.lookup)

    def attempt() -> int | Refusal:
        held = ports.storage.load_each({OneTimeCode: [id], SentCodes: [sends_id]})
        before, sends = held.of(OneTimeCode).get(id), held.of(SentCodes).get(sends_id)
        counted = codes.sent(SentCodes() if sends is None else sends.value, rules, at=at)
        if isinstance(counted, Refusal):
            return counted
        code = OneTimeCode(
            purpose=purpose,
            member_id=member.id,
            contact=contact.id,
            lookup=contact.lookup,
            master=vault_of(ports).masters[0],
            nonce=ports.ids.randbytes(NONCE).hex(),
            serial=1 if before is None else before.value.serial + 1,
            sent_at=at,
            expires_at=at + rules.lives,
        )
        puts = (Put(id, code, 0 if before is None else before.version), Put(sends_id, counted, 0 if sends is None else sends.version))
        result = ports.storage.commit(Changeset(saving.answering(operation, str(code.serial)), at, puts=puts))
        return result if isinstance(result, Refusal) else int(result.answer)

    return tried(ports.storage, attempt)


def _deliver(ports: Ports, member: Member, contact: Contact, code: OneTimeCode) -> None:
    recipient, typed = box(ports, member.id).open(verbs.contact_subject(contact.id), contact.sealed), digits_of(ports, code)
    if isinstance(recipient, Refusal) or typed is None or ports.notifier is None:
        return  # erased, or rotated away, since the code was stored: there is nobody to write to, or nothing to tell
    minutes = str(-(-int((code.expires_at - code.sent_at).total_seconds()) // 60))
    ports.notifier.send(
        Message(
            key=fitted(f"code/{code.purpose.value}/{code.contact}/{code.serial}/{member.id}"),
            channel=contact.channel.value,
            recipient=recipient,
            template=f"{code.purpose.value}_contact",
            language=member.locale,
            facts={"code": typed, "minutes": minutes},
        )
    )


def check_apart(ports: Ports) -> None:
    """Raises `NotSupportedHere` inside a host's transaction."""
    if ports.storage.is_joined:
        raise NotSupportedHere("codes are sent and entered outside of a host's transaction, for a rollback would take attempts back; commit first")


def digits_of(ports: Ports, code: OneTimeCode) -> str | None:
    """The digits of a code; `None` once the shop has given up the master that they were made with."""
    for lookup in vault_of(ports).lookups("code", code.told):
        if lookup.startswith(f"{code.master}."):
            return codes.digits(lookup, ports.member_terms.codes)
    return None
