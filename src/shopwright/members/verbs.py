"""What can be done to a member, as decisions.

Rules
- every verb is refused for a record that was merged or erased (`member_merged`, `member_erased`);
- whatever is personal comes in sealed; what the verb is told of it is its name;
- every value that is set, or taken away, is a page of the history of the profile;
- MEMBER-2: who is blocked by one of two records that are merged is blocked by the one that goes on;
- a verb that would change nothing has no events.
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from shopwright.errors import IllegalTransition
from shopwright.members import events as e
from shopwright.members.actors import Actor
from shopwright.members.consents import MOST_PURPOSES, Consent
from shopwright.members.contacts import Contact
from shopwright.members.decision import MemberDecision, closed
from shopwright.members.member import MOST_ADDRESSES, MOST_CONTACTS, MOST_FIELDS, BookedAddress, Member, ProfileKept, SealedField
from shopwright.members.sealing import Sealed
from shopwright.members.states import MemberState, allowed
from shopwright.refusals import Refusal

Answer = MemberDecision | Refusal


def register(member: Member, *, by: Actor, at: datetime) -> MemberDecision:
    """A member begins; those of its contacts that are verified were so from the start."""
    kept = [ProfileKept(subject=profile_subject(it.name), at=at, by=by, sealed=it.sealed) for it in member.profile]
    kept += [ProfileKept(subject=contact_subject(it.id), at=at, by=by, sealed=it.sealed) for it in member.contacts]
    names, channels = tuple(it.name for it in member.profile), tuple(it.channel.value for it in member.contacts)
    verified = [e.ContactVerified(at=at, by=by, contact=it.id, channel=it.channel.value) for it in member.contacts if it.verified_at is not None]
    began = e.MemberRegistered(at=at, by=by, fields=names, channels=channels)
    return MemberDecision(member).then(began, *verified, kept=tuple(kept), numbered=len(member.contacts))


def profile_subject(name: str) -> str:
    """What a field of the profile is called in its seal and in the history."""
    return f"profile/{name}"


def contact_subject(contact: str) -> str:
    """What a contact is called in its seal and in the history."""
    return f"contact/{contact}"


def address_subject(address: str) -> str:
    """What an address is called in its seal and in the history."""
    return f"address/{address}"


def next_contact(member: Member) -> str:
    """The id of the contact that is added next."""
    return f"c{member.numbered + 1}"


def next_address(member: Member) -> str:
    """The id of the address that is booked next."""
    return f"a{member.numbered + 1}"


def add_contact(member: Member, contact: Contact, *, by: Actor, at: datetime) -> Answer:
    """One more contact. Refused with `contact_unknown` for one to replace that is not there, `contact_added` for one that is there already
    (fact: `contact`), and `contacts_too_many`.
    """
    if no := closed(member):
        return no
    if contact.replaces and member.contact(contact.replaces) is None:
        return unknown_contact(contact.replaces)
    same = next((it for it in member.contacts if (it.channel, it.lookup) == (contact.channel, contact.lookup)), None)
    if same is not None:
        return Refusal("contact_added", f"the member has this contact already, as {same.id}", {"contact": same.id})
    if len(member.contacts) >= MOST_CONTACTS:
        return Refusal("contacts_too_many", f"a member has at most {MOST_CONTACTS} contacts", {"most": MOST_CONTACTS})
    added = e.ContactAdded(at=at, by=by, contact=contact.id, channel=contact.channel.value, replaces=contact.replaces)
    kept = ProfileKept(subject=contact_subject(contact.id), at=at, by=by, sealed=contact.sealed)
    return MemberDecision(member).then(added, kept=(kept,), contacts=(*member.contacts, contact), numbered=member.numbered + 1)


def verify_contact(member: Member, contact_id: str, *, lookup: str, by: Actor, at: datetime) -> Answer:
    """The contact is the member's, held under this keyed hash, and the one it replaces is gone. Refused with `contact_unknown`."""
    if no := closed(member):
        return no
    contact = member.contact(contact_id)
    if contact is None:
        return unknown_contact(contact_id)
    if contact.verified_at is not None:
        return MemberDecision(member)
    there = tuple(evolve(it, verified_at=at, replaces="", lookup=lookup) if it.id == contact_id else it for it in member.contacts)
    verified = e.ContactVerified(at=at, by=by, contact=contact_id, channel=contact.channel.value)
    decision = MemberDecision(member).then(verified, contacts=there)
    if member.contact(contact.replaces) is None:
        return decision
    return remove_contact(decision.member, contact.replaces, by=by, at=at, before=decision)


def prove_contact(member: Member, contact_id: str, *, by: Actor, at: datetime) -> Answer:
    """Somebody has shown again that a verified contact is theirs. Refused with `contact_unknown` and `contact_unverified`."""
    if no := closed(member):
        return no
    contact = member.contact(contact_id)
    if contact is None:
        return unknown_contact(contact_id)
    if contact.verified_at is None:
        return unverified_contact(contact_id)
    return MemberDecision(member).then(e.ContactProved(at=at, by=by, contact=contact_id))


def remove_contact(member: Member, contact_id: str, *, by: Actor, at: datetime, before: MemberDecision | None = None) -> Answer:
    """The contact is gone. Refused with `contact_unknown`."""
    if no := closed(member):
        return no
    if member.contact(contact_id) is None:
        return unknown_contact(contact_id)
    left = tuple(it for it in member.contacts if it.id != contact_id)
    kept = ProfileKept(subject=contact_subject(contact_id), at=at, by=by)
    return (before or MemberDecision(member)).then(e.ContactRemoved(at=at, by=by, contact=contact_id), kept=(kept,), contacts=left)


def unknown_contact(contact_id: str) -> Refusal:
    """The refusal for a contact that the member does not have."""
    return Refusal("contact_unknown", f"the member has no contact {contact_id!r}", {"contact": contact_id})


def unverified_contact(contact_id: str) -> Refusal:
    """The refusal to prove what was never verified."""
    return Refusal("contact_unverified", f"contact {contact_id} was never verified", {"contact": contact_id})


def change_profile(
    member: Member,
    fields: tuple[tuple[str, Sealed | None], ...],
    *,
    by: Actor,
    at: datetime,
    birthday: str | None = None,
    locale: str | None = None,
    zone: str | None = None,
) -> Answer:
    """Fields of the profile have other values; `None` as a sealed value takes the field away. Refused with `profile_too_large`."""
    if no := closed(member):
        return no
    values: dict[str, Sealed | None] = {**{it.name: it.sealed for it in member.profile}, **dict(fields)}
    profile = tuple(SealedField(name=name, sealed=sealed) for name, sealed in sorted(values.items()) if sealed is not None)
    if len(profile) > MOST_FIELDS:
        return Refusal("profile_too_large", f"a profile has at most {MOST_FIELDS} fields", {"most": MOST_FIELDS})
    place = {"locale": member.locale if locale is None else locale, "zone": member.zone if zone is None else zone}
    moved = tuple(name for name in ("locale", "zone") if getattr(member, name) != place[name])
    changed = (*(name for name, sealed in fields if sealed is not None or name in {it.name for it in member.profile}), *moved)
    if not changed:
        return MemberDecision(member)
    kept = tuple(ProfileKept(subject=profile_subject(name), at=at, by=by, sealed=sealed) for name, sealed in fields if name in changed)
    told = e.ProfileChanged(at=at, by=by, fields=tuple(sorted(changed)))
    born = member.birthday if birthday is None else birthday
    return MemberDecision(member).then(told, kept=kept, profile=profile, birthday=born, **place)


def put_address(member: Member, address: BookedAddress, *, default: bool, by: Actor, at: datetime) -> Answer:
    """An address is in the book, in the place of the one of its id. Refused with `address_unknown` and `addresses_too_many`."""
    if no := closed(member):
        return no
    is_new = address.id == next_address(member)
    if not is_new and member.address(address.id) is None:
        return unknown_address(address.id)
    if is_new and len(member.addresses) >= MOST_ADDRESSES:
        return Refusal("addresses_too_many", f"a book holds at most {MOST_ADDRESSES} addresses", {"most": MOST_ADDRESSES})
    book = (*member.addresses, address) if is_new else tuple(address if it.id == address.id else it for it in member.addresses)
    kept = ProfileKept(subject=address_subject(address.id), at=at, by=by, sealed=address.sealed)
    first = address.id if default or not member.default_address else member.default_address
    put = e.AddressPut(at=at, by=by, address=address.id)
    return MemberDecision(member).then(put, kept=(kept,), addresses=book, default_address=first, numbered=member.numbered + is_new)


def remove_address(member: Member, address_id: str, *, by: Actor, at: datetime) -> Answer:
    """An address is gone from the book. Refused with `address_unknown`."""
    if no := closed(member):
        return no
    if member.address(address_id) is None:
        return unknown_address(address_id)
    book = tuple(it for it in member.addresses if it.id != address_id)
    first = "" if member.default_address == address_id else member.default_address
    kept = ProfileKept(subject=address_subject(address_id), at=at, by=by)
    return MemberDecision(member).then(e.AddressRemoved(at=at, by=by, address=address_id), kept=(kept,), addresses=book, default_address=first)


def unknown_address(address_id: str) -> Refusal:
    """The refusal for an address that is not in the book."""
    return Refusal("address_unknown", f"the book has no address {address_id!r}", {"address": address_id})


def consent(member: Member, word: Consent) -> Answer:
    """The member allows a purpose, or no longer does; each word is told, also one that repeats the last. Refused with `consents_too_many`."""
    if no := closed(member):
        return no
    words = {it.purpose: it for it in member.consents} | {word.purpose: word}
    if len(words) > MOST_PURPOSES:
        return Refusal("consents_too_many", f"a member can be asked about at most {MOST_PURPOSES} purposes", {"most": MOST_PURPOSES})
    kind = e.ConsentGiven if word.given else e.ConsentWithdrawn
    told = kind(at=word.at, by=word.by, purpose=word.purpose, text_version=word.text_version, channel=word.channel)
    return MemberDecision(member).then(told, consents=tuple(words[purpose] for purpose in sorted(words)))


def block(member: Member, *, reason: str, by: Actor, at: datetime) -> Answer:
    """No more orders of this member. Raises `IllegalTransition` for one that is blocked."""
    if no := closed(member):
        return no
    if member.state is not MemberState.ACTIVE:
        raise IllegalTransition("block", "a member", member.state.value, allowed(member.state))
    return MemberDecision(member).then(e.MemberBlocked(at=at, by=by, reason=reason), blocked_for=reason)


def unblock(member: Member, *, by: Actor, at: datetime) -> Answer:
    """Orders of this member are welcome again. Raises `IllegalTransition` for one that is not blocked."""
    if no := closed(member):
        return no
    if member.state is not MemberState.BLOCKED:
        raise IllegalTransition("unblock", "a member", member.state.value, allowed(member.state))
    return MemberDecision(member).then(e.MemberUnblocked(at=at, by=by), blocked_for="")


def erase(member: Member, *, by: Actor, at: datetime) -> MemberDecision:
    """Nobody can read any more who this was: what was sealed goes, and what it was found by. Consents stay as words without a person.

    A record that was erased stays as it is; one that was merged is erased too, with the one that it went into.
    """
    if member.state is MemberState.ERASED:
        return MemberDecision(member)
    return MemberDecision(member).then(
        e.MemberErased(at=at, by=by),
        contacts=(),
        profile=(),
        birthday="",
        addresses=(),
        default_address="",
        methods=(),
        default_method="",
        leaving=(),
        locale="en",
        zone="UTC",
    )


def rehash(member: Member, lookups: dict[str, str], *, birthday: str) -> Member:
    """The same member with its contacts held under these keyed hashes, by their ids; nothing has happened to them, so no event tells of it."""
    contacts = tuple(evolve(it, lookup=lookups.get(it.id, it.lookup)) for it in member.contacts)
    return evolve(member, contacts=contacts, birthday=birthday)
