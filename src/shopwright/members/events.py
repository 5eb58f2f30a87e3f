"""What happens to members. An event names what has changed and never to what: nothing in it is personal, so that books stay whole when
a member is erased.
"""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from shopwright.members.actors import Actor
from shopwright.members.consents import Consent


@frozen(kw_only=True)
class Happened:
    """What all events of a member have: when, and who caused it."""

    at: datetime
    by: Actor


@frozen(kw_only=True)
class MemberRegistered(Happened):
    """A member begins. `fields` are the names of what is known of them, `channels` those of their first contacts."""

    fields: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@frozen(kw_only=True)
class ContactAdded(Happened):
    """One more contact, not verified yet; `replaces` is the one it takes the place of once it is."""

    contact: str
    channel: str
    replaces: str = ""


@frozen(kw_only=True)
class ContactVerified(Happened):
    """Somebody has shown that the contact is the member's; from now on it is nobody else's."""

    contact: str
    channel: str


@frozen(kw_only=True)
class ContactProved(Happened):
    """Somebody has shown once more that a contact is theirs, for something that the host asked it for."""

    contact: str


@frozen(kw_only=True)
class ContactRemoved(Happened):
    """A contact is gone."""

    contact: str


@frozen(kw_only=True)
class ProfileChanged(Happened):
    """Fields of the profile have other values, or none."""

    fields: tuple[str, ...]


@frozen(kw_only=True)
class AddressPut(Happened):
    """An address is in the book, or has changed there."""

    address: str


@frozen(kw_only=True)
class AddressRemoved(Happened):
    """An address is gone from the book."""

    address: str


@frozen(kw_only=True)
class MethodSaved(Happened):
    """A method of payment is kept for the member, or what is known of it is new."""

    method: str
    gateway: str


@frozen(kw_only=True)
class MethodRemoved(Happened):
    """A method of payment is the member's no longer; nothing is paid with it any more."""

    method: str
    gateway: str


@frozen(kw_only=True)
class MethodPreferred(Happened):
    """Another method of payment is the default."""

    method: str


@frozen(kw_only=True)
class ConsentGiven(Happened):
    """The member allows a purpose. Version of the text, channel, moment and actor are the proof; nothing of it ever goes."""

    purpose: str
    text_version: str
    channel: str


@frozen(kw_only=True)
class ConsentWithdrawn(Happened):
    """The member allows a purpose no longer."""

    purpose: str
    text_version: str
    channel: str


@frozen(kw_only=True)
class MemberBlocked(Happened):
    """No more orders of this member; `reason` is a code of the host's."""

    reason: str


@frozen(kw_only=True)
class MemberUnblocked(Happened):
    """Orders of this member are welcome again."""


@frozen(kw_only=True)
class GuestAdopted(Happened):
    """What was ordered under a guest's id is the member's."""

    guest_id: str


@frozen(kw_only=True)
class MemberAbsorbed(Happened):
    """Another record of the same person was merged into this one: its contacts, addresses and consents, by their names here."""

    member_id: str
    contacts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    consents: tuple[Consent, ...] = ()
    methods: tuple[str, ...] = ()


@frozen(kw_only=True)
class MemberMerged(Happened):
    """This record is one with another, which goes on for both."""

    into: str


@frozen(kw_only=True)
class MemberErased(Happened):
    """Nobody can read any more who this was."""


MemberEvent = (
    MemberRegistered
    | ContactAdded
    | ContactVerified
    | ContactProved
    | ContactRemoved
    | ProfileChanged
    | AddressPut
    | AddressRemoved
    | MethodSaved
    | MethodRemoved
    | MethodPreferred
    | ConsentGiven
    | ConsentWithdrawn
    | MemberBlocked
    | MemberUnblocked
    | GuestAdopted
    | MemberAbsorbed
    | MemberMerged
    | MemberErased
)
"""All that can happen to a member."""
