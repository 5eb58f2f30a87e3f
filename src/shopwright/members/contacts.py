"""How a member is reached: contacts of a few channels, kept sealed and found by keyed hashes.

Rules
- MEMBER-1: a contact is the member's from the moment it is verified, and then nobody else's; what is not verified keeps nobody from
  verifying it, so that nobody can sit on an address that is not theirs;
- whether a contact is somebody's is told to whoever has shown that it is theirs, and to nobody else;
- one that replaces another takes its place once it is verified, and not before.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import aware, identifier, maybe, of, text
from shopwright.members.sealing import Sealed


class Channel(StrEnum):
    """What a contact is written to."""

    EMAIL = "email"
    PHONE = "phone"


@frozen(kw_only=True)
class Contact:
    """An e-mail address or a phone number of a member. `lookup` is its keyed hash; `replaces` is the contact it is to replace."""

    id: str = field(validator=identifier(most=60))
    channel: Channel = field(validator=of(Channel))
    sealed: Sealed = field(validator=of(Sealed), repr=False)
    lookup: str = field(validator=text(least=1), repr=False)
    added_at: datetime = field(validator=aware)
    verified_at: datetime | None = field(default=None, validator=maybe(aware))
    replaces: str = field(default="", validator=text(most=60))


@frozen(kw_only=True)
class ContactClaim:
    """Whose a verified contact is; its id is `claim_id(channel, lookup)`. It goes when the contact does."""

    member_id: str = field(validator=text(least=1))
    contact: str = field(validator=text(least=1, most=60))


def claim_id(channel: Channel, lookup: str) -> str:
    """The id of the document that says whose a contact is."""
    return f"{channel.value}/{lookup}"
