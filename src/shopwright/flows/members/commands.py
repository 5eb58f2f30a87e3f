"""Commands about members.

Rules
- what is personal in a command stands in no repr, no error and no log; the store keeps a keyed hash of the command, never a plain one;
- the key of a command is the host's own and stands in the store as it is: it must not hold anything personal;
- a customer acts for themselves alone: who names another member gets `member_not_found`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from attrs import field, frozen

from shopwright.edges import Pairs, identifier, maybe, of, text
from shopwright.errors import InvalidValue
from shopwright.flows.commands import Command
from shopwright.flows.free_texts import FREE_TEXT
from shopwright.members.actors import ActorKind
from shopwright.members.addresses import Address
from shopwright.members.codes import CodePurpose
from shopwright.members.contacts import Channel
from shopwright.periods import zone_of

BORN = "born"
"""The field of a profile that holds the date of birth: `1990-02-28`, or `--02-28` where the year is not told."""

_ID = text(least=1, most=200)
_NAME = identifier(most=60)
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BORN = re.compile(r"(\d{4}|-)-(\d{2})-(\d{2})")
_PERSONAL = text(most=4_000)
_CONTACT = text(most=320)


def _personal_pairs(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> Pairs:
    """A converter: a mapping or pairs of text, kept as sorted pairs; an error shows nothing of it."""
    try:
        return tuple(sorted(dict(given).items()))
    except (TypeError, ValueError):
        raise InvalidValue("expected the profile as a mapping or as pairs of text; what was given is not shown") from None


def _is_profile(instance: Any, attribute: Any, value: Any) -> None:
    where = f"{type(instance).__name__}.{attribute.name}"
    for name, content in value:
        if not isinstance(name, str) or not _FIELD.fullmatch(name):
            raise InvalidValue(f"{where} must have fields named with a letter and up to 39 more of a-z, 0-9 and _; the name is not shown")
        _PERSONAL(instance, attribute, content)
        if name == BORN and content and birthday_of(content) is None:
            raise InvalidValue(f"{where} must have a date of birth such as 1990-02-28, or --02-28 without the year; it is not shown")


def birthday_of(born: str) -> str | None:
    """Month and day of a date of birth, as `02-28`; `None` for what is no date."""
    found = _BORN.fullmatch(born)
    if found is None:
        return None
    year, month, day = found.groups()
    try:
        date(2000 if year == "-" else int(year), int(month), int(day))
    except ValueError:
        return None
    return f"{month}-{day}"


def _is_zone(instance: Any, attribute: Any, value: Any) -> None:
    text(least=1, most=100)(instance, attribute, value)
    try:
        zone_of(value)
    except InvalidValue as error:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} is no time zone: {error}") from None


@frozen(kw_only=True)
class RegisterMember(Command):
    """Register a person, with an e-mail address, a phone number or both, and send each a code where the shop has a notifier.

    `member_id` is the host's own id of them; without one the shop makes it. `verified` says that the host knows the contacts to be theirs (it has
    logged them in by one); a customer cannot say that. `profile` holds `name`, `born` and whatever else the host keeps of a person.
    """

    member_id: str = field(default="", validator=text())
    email: str = field(default="", validator=_CONTACT, repr=False)
    phone: str = field(default="", validator=_CONTACT, repr=False)
    profile: Pairs = field(default=(), converter=_personal_pairs, validator=_is_profile, repr=False, metadata=FREE_TEXT)
    locale: str = field(default="en", validator=text(least=2, most=35))
    zone: str = field(default="UTC", validator=_is_zone)
    verified: bool = field(default=False, validator=of(bool))

    def __attrs_post_init__(self) -> None:
        if not self.email and not self.phone:
            raise InvalidValue("RegisterMember needs an email or a phone; got neither")
        if self.verified and self.by.kind is ActorKind.CUSTOMER:
            raise InvalidValue("RegisterMember.verified is for staff and the system to say; a customer verifies with the code that is sent")


@frozen(kw_only=True)
class MemberCommand(Command):
    """What all commands about one member have."""

    member_id: str = field(validator=_ID)


@frozen(kw_only=True)
class AddContact(MemberCommand):
    """Add a contact and send it a code. It takes the place of the contact that it `replaces` once it is verified."""

    channel: Channel = field(validator=of(Channel))
    contact: str = field(validator=text(least=1, most=320), repr=False)
    replaces: str = field(default="", validator=text(most=60))


@frozen(kw_only=True)
class ContactCommand(MemberCommand):
    """What all commands about one contact have: its id among those of the member."""

    contact: str = field(validator=_NAME)


@frozen(kw_only=True)
class RemoveContact(ContactCommand):
    """Take a contact away."""


@frozen(kw_only=True)
class SendCode(ContactCommand):
    """Send a code to a contact; the one that was sent before is good for nothing any more."""

    purpose: CodePurpose = field(default=CodePurpose.VERIFY, validator=of(CodePurpose))


@frozen(kw_only=True)
class EnterCode(ContactCommand):
    """What all commands with a code have: the digits as they were typed."""

    code: str = field(validator=text(least=1, most=40), repr=False)


@frozen(kw_only=True)
class VerifyContact(EnterCode):
    """The contact is the member's: here is the code that was sent to it."""


@frozen(kw_only=True)
class ProveContact(EnterCode):
    """A verified contact is still theirs: here is the code, before a login or a change that matters."""


@frozen(kw_only=True)
class ChangeProfile(MemberCommand):
    """Set fields of the profile; an empty text takes one away. `None` leaves locale and zone as they are."""

    profile: Pairs = field(default=(), converter=_personal_pairs, validator=_is_profile, repr=False, metadata=FREE_TEXT)
    locale: str | None = field(default=None, validator=maybe(text(least=2, most=35)))
    zone: str | None = field(default=None, validator=maybe(_is_zone))


@frozen(kw_only=True)
class PutAddress(MemberCommand):
    """Put an address into the member's book, or another in the place of the one named `address_id`."""

    address: Address = field(validator=of(Address), repr=False, metadata=FREE_TEXT)
    address_id: str = field(default="", validator=text(most=60))
    default: bool = field(default=False, validator=of(bool))


@frozen(kw_only=True)
class RemoveAddress(MemberCommand):
    """Take an address out of the book."""

    address_id: str = field(validator=_NAME)


@frozen(kw_only=True)
class KeepMethod(MemberCommand):
    """Keep the method that a payment of the member was made with, where the buyer allowed that (`Tender.save`)."""

    order_id: str = field(validator=_ID)
    payment_id: str = field(validator=_ID)
    default: bool = field(default=False, validator=of(bool))


@frozen(kw_only=True)
class MethodCommand(MemberCommand):
    """What all commands about one method of payment have: its id among those of the member."""

    method: str = field(validator=_NAME)


@frozen(kw_only=True)
class RemoveMethod(MethodCommand):
    """Take a method of payment away, here and at its provider."""


@frozen(kw_only=True)
class PreferMethod(MethodCommand):
    """Make a method of payment the default."""


@frozen(kw_only=True)
class ConsentCommand(MemberCommand):
    """What all commands about consent have: the purpose, and with which text and where the member was asked."""

    purpose: str = field(validator=_NAME)
    text_version: str = field(validator=identifier(most=100))
    channel: str = field(validator=_NAME)


@frozen(kw_only=True)
class GiveConsent(ConsentCommand):
    """The member allows a purpose."""


@frozen(kw_only=True)
class WithdrawConsent(ConsentCommand):
    """The member allows a purpose no longer."""


@frozen(kw_only=True)
class BlockMember(MemberCommand):
    """Take no more orders of a member. `reason` is a code of the host's and must not name anybody."""

    reason: str = field(validator=_NAME)


@frozen(kw_only=True)
class UnblockMember(MemberCommand):
    """Take orders of a member again."""


@frozen(kw_only=True)
class AdoptGuest(MemberCommand):
    """What a guest has ordered is the member's. The host knows that the guest was this person."""

    guest_id: str = field(validator=_ID)


@frozen(kw_only=True)
class EraseMember(MemberCommand):
    """Make all that was sealed of a member unreadable for good, under every id that is theirs."""


@frozen(kw_only=True)
class MergeMembers(MemberCommand):
    """Make one of two records of one person: `member_id` goes on, `other_id` becomes another name for it."""

    other_id: str = field(validator=_ID)
