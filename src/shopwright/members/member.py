"""A member: what a shop keeps of a person, personal fields sealed.

Rules
- names, dates of birth, contacts, addresses and methods of payment are `Sealed`; locale, zone, state and consents tell nobody who it is and stand
  in the open;
- the day of birth can be looked for: `birthday` is a keyed hash of month and day, one of 366, so that gifts reach who has a birthday without
  anybody opening a million seals;
- a record that was merged into another stays, so that orders which name it lead to the one that goes on (`merged_into`).
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import aware, identifier, members, of, text, texts, whole
from shopwright.members.actors import Actor
from shopwright.members.consents import Consent
from shopwright.members.contacts import Contact
from shopwright.members.methods import SavedMethod
from shopwright.members.sealing import Sealed
from shopwright.members.states import MemberState

MOST_CONTACTS = 20
"""How many contacts a member can have."""

MOST_ADDRESSES = 100
"""How many addresses a book holds."""

MOST_FIELDS = 50
"""How many fields a profile has."""

MOST_ALIASES = 499
"""How many records and guests can be one member: with their own id as many as one query asks for."""


@frozen(kw_only=True)
class SealedField:
    """One field of a profile."""

    name: str = field(validator=identifier(most=60))
    sealed: Sealed = field(validator=of(Sealed), repr=False)


@frozen(kw_only=True)
class BookedAddress:
    """One address of a member's book, sealed as a whole."""

    id: str = field(validator=identifier(most=60))
    sealed: Sealed = field(validator=of(Sealed), repr=False)


@frozen(kw_only=True)
class Member:
    """A person as the shop knows them. `aliases` are the ids of guests and merged records that are this member too."""

    id: str = field(validator=text(least=1))
    registered_at: datetime = field(validator=aware)
    state: MemberState = field(default=MemberState.ACTIVE, validator=of(MemberState))
    contacts: tuple[Contact, ...] = field(default=(), validator=members(Contact))
    profile: tuple[SealedField, ...] = field(default=(), validator=members(SealedField))
    birthday: str = field(default="", validator=text(), repr=False)
    locale: str = field(default="en", validator=text(least=2, most=35))
    zone: str = field(default="UTC", validator=text(least=1, most=100))
    addresses: tuple[BookedAddress, ...] = field(default=(), validator=members(BookedAddress))
    default_address: str = field(default="", validator=text(most=60))
    methods: tuple[SavedMethod, ...] = field(default=(), validator=members(SavedMethod))
    default_method: str = field(default="", validator=text(most=60))
    leaving: tuple[SavedMethod, ...] = field(default=(), validator=members(SavedMethod))
    """Methods of payment that were taken away and whose provider is to be told."""
    consents: tuple[Consent, ...] = field(default=(), validator=members(Consent))
    aliases: tuple[str, ...] = field(default=(), validator=texts(least=1))
    merged_into: str = field(default="", validator=text())
    blocked_for: str = field(default="", validator=text(most=60))
    numbered: int = field(default=0, validator=whole(least=0))
    """How many contacts, addresses and methods have been numbered; no number is used twice."""
    event_count: int = field(default=0, validator=whole(least=0))
    kept_count: int = field(default=0, validator=whole(least=0))
    """How many records of the history of the profile there are."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id under which this member has bought."""
        return (self.id, *self.aliases)

    @property
    def is_verified(self) -> bool:
        """Whether a contact of theirs has been shown to be theirs."""
        return any(contact.verified_at is not None for contact in self.contacts)

    @property
    def is_open(self) -> bool:
        """Whether the record goes on: it was neither merged into another nor erased."""
        return self.state in (MemberState.ACTIVE, MemberState.BLOCKED)

    def contact(self, id: str) -> Contact | None:
        """The contact of this id."""
        return next((contact for contact in self.contacts if contact.id == id), None)

    def address(self, id: str) -> BookedAddress | None:
        """The address of this id."""
        return next((address for address in self.addresses if address.id == id), None)

    def method(self, id: str) -> SavedMethod | None:
        """The method of payment of this id; none that is leaving."""
        return next((method for method in self.methods if method.id == id), None)

    def consent(self, purpose: str) -> Consent | None:
        """The last word on a purpose; `None` where nobody was asked."""
        return next((consent for consent in self.consents if consent.purpose == purpose), None)

    def allows(self, purpose: str) -> bool:
        """Whether the member allows a purpose: silence is no."""
        consent = self.consent(purpose)
        return consent is not None and consent.given


@frozen(kw_only=True)
class ProfileKept:
    """A page of the history of a profile: what a field, a contact or an address was set to, by whom; no `sealed` says that it was taken away."""

    subject: str = field(validator=identifier(most=120))
    at: datetime = field(validator=aware)
    by: Actor = field(validator=of(Actor))
    sealed: Sealed | None = field(default=None, repr=False)


@frozen(kw_only=True)
class MemberAlias:
    """Whose an id is that is no member's own, or no longer: of a guest, or of a record that was merged. Its id is that id."""

    member_id: str = field(validator=text(least=1))


@frozen(kw_only=True)
class MemberBlock:
    """Somebody whose orders are refused; its id is what they order as. It is there as long as the block is."""

    member_id: str = field(validator=text(least=1))
    reason: str = field(validator=text(least=1, most=60))
