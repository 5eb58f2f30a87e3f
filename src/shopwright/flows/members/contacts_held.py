"""Whose a contact is: one document per verified contact, found by its keyed hash under every master that the shop still has."""

from __future__ import annotations

from attrs import frozen

from shopwright.flows.ports import Ports
from shopwright.flows.vault.sealing import vault_of
from shopwright.members.contacts import Channel, Contact, ContactClaim, claim_id
from shopwright.ports.storage import Drop, Put
from shopwright.refusals import Refusal
from shopwright.wire.contacts import ReadContact


@frozen
class Holding:
    """The claim on a contact as it was read, `None` where nobody has it; `version` is what a put names."""

    claim: ContactClaim | None
    id: str
    version: int


def held(ports: Ports, read: ReadContact) -> Holding:
    """Who has a contact, whichever master it was hashed under; a claim under an older one keeps its id until the shop rehashes."""
    ids = [claim_id(read.channel, lookup) for lookup in vault_of(ports).lookups(read.channel.value, read.looked_up)]
    found = ports.storage.load_many(ContactClaim, ids)
    for id in ids:
        if id in found:
            return Holding(found[id].value, id, found[id].version)
    return Holding(None, ids[0], 0)


def free_claim(ports: Ports, read: ReadContact, member_id: str) -> Holding | Refusal:
    """The claim on a contact that is nobody's, or this member's already. Refused with `contact_taken` (fact: `channel`)."""
    found = held(ports, read)
    if found.claim is not None and found.claim.member_id != member_id:
        return taken(read.channel)
    return found


def taken(channel: Channel) -> Refusal:
    """The refusal for a contact that is another member's; told to whoever has shown that they read it, or vouches for it."""
    return Refusal("contact_taken", f"this {channel.value} is another member's", {"channel": channel.value})


def claimed(contact: Contact, member_id: str, holding: Holding) -> Put:
    """The write that makes a contact the member's."""
    return Put(holding.id, ContactClaim(member_id=member_id, contact=contact.id), holding.version)


def released(contact: Contact) -> Drop:
    """The write that makes it nobody's."""
    return Drop(ContactClaim, claim_id(contact.channel, contact.lookup))
