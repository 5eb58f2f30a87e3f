"""A member's personal data, opened: for the page on which they see it, and for whoever writes to them. It is kept nowhere."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import Pairs
from shopwright.members.addresses import Address
from shopwright.members.contacts import Channel


@frozen(kw_only=True)
class OpenContact:
    """A contact as it is written to."""

    id: str
    channel: Channel
    written: str = field(repr=False)
    verified_at: datetime | None


@frozen(kw_only=True)
class Profile:
    """What is personal of a member, in the open; it shows none of it. Addresses are pairs of id and address."""

    member_id: str
    locale: str
    zone: str
    fields: Pairs = field(default=(), repr=False)
    contacts: tuple[OpenContact, ...] = ()
    addresses: tuple[tuple[str, Address], ...] = field(default=(), repr=False)
    default_address: str = ""

    def get(self, name: str, default: str = "") -> str:
        """A field of the profile, such as `name`."""
        return dict(self.fields).get(name, default)
