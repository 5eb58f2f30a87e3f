"""The desk for members: who buys, how they are reached, and what they allow. Login stays with the host."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import frozen

from shopwright import flows
from shopwright.errors import InvalidValue
from shopwright.flows.members import commands as c
from shopwright.flows.members import telling
from shopwright.flows.members.methods import ListedMethod, methods
from shopwright.flows.members.rehashing import Rehashed
from shopwright.flows.members.saving import read
from shopwright.flows.sweeping import Progress
from shopwright.members.actors import SYSTEM, Actor
from shopwright.members.codes import CodeSent
from shopwright.members.contacts import Channel
from shopwright.members.member import Member
from shopwright.members.profile import Profile
from shopwright.orders.order import Order
from shopwright.ports.edge import check_text
from shopwright.ports.storage import Page, Query, Stored
from shopwright.refusals import Refusal
from shopwright.shop.desks import Desk


@frozen
class Members(Desk):
    """Members, from registration on. All of it needs a vault, reading contacts the extra `members`, and codes a notifier."""

    def register(self, command: c.RegisterMember, *, at: datetime | None = None) -> Member | Refusal:
        """Register a person, and send codes to their contacts."""
        return flows.register_member(self.ports, command, at=self._at(at))

    def get(self, member_id: str, *, by: Actor = SYSTEM) -> Member | Refusal:
        """A member by their id. Refused with `member_not_found`, also to customers for any other member."""
        stored = read(self.ports, member_id, by)
        return stored if isinstance(stored, Refusal) else stored.value

    def owner(self, id: str, *, by: Actor = SYSTEM) -> Member | Refusal:
        """The member whose an id is: their own, a guest's they were, or that of a record that was merged into theirs."""
        check_text("id", id)
        return telling.owner(self.ports, id, by=by)

    def with_contact(self, channel: Channel, contact: str, *, by: Actor = SYSTEM) -> Member | Refusal:
        """The member who has verified a contact: for a login, which must not tell strangers whether there is one."""
        return telling.with_contact(self.ports, channel, contact, by=by)

    def find(self, query: Query[Member]) -> Page[Stored[Member]]:
        """Members by the indexes of their kind, page by page. Raises `InvalidValue` for a query for anything else, and `UnknownIndex`."""
        if getattr(query, "kind", None) is not Member:
            raise InvalidValue(f"expected a Query(Member, ...), got {query!r}")
        return self.ports.storage.find(query)

    def born_on(self, day: str, *, after: str = "", limit: int = 100) -> Page[Stored[Member]]:
        """The members whose birthday is on a day of the year, such as `02-28`, without opening what is sealed of anybody."""
        return telling.born_on(self.ports, day, after=after, limit=limit)

    def profile(self, member_id: str, *, by: Actor) -> Profile | Refusal:
        """What is personal of a member, in the open."""
        return telling.profile(self.ports, member_id, by=by)

    def orders(self, member_id: str, *, by: Actor = SYSTEM, after: str = "", limit: int = 50) -> Page[Stored[Order]] | Refusal:
        """The orders of a member under all ids that are theirs, oldest first."""
        stored = read(self.ports, member_id, by)
        return stored if isinstance(stored, Refusal) else telling.orders_of(self.ports, stored.value, after=after, limit=limit)

    def export(self, member_id: str, *, by: Actor, at: datetime | None = None) -> dict[str, Any] | Refusal:
        """All that the shop knows of a member, as plain data that JSON holds."""
        return telling.bundle(self.ports, member_id, by=by, at=self._at(at))

    def add_contact(self, command: c.AddContact, *, at: datetime | None = None) -> Member | Refusal:
        """Add a contact, or one in the place of another, and send it a code."""
        return flows.add_contact(self.ports, command, at=self._at(at))

    def remove_contact(self, command: c.RemoveContact, *, at: datetime | None = None) -> Member | Refusal:
        """Take a contact away."""
        return flows.remove_contact(self.ports, command, at=self._at(at))

    def send_code(self, command: c.SendCode, *, at: datetime | None = None) -> CodeSent | Refusal:
        """Send a code to a contact, for the first time or again."""
        return flows.send_code(self.ports, command, at=self._at(at))

    def verify(self, command: c.VerifyContact, *, at: datetime | None = None) -> Member | Refusal:
        """The contact is theirs: here is the code."""
        return flows.verify_contact(self.ports, command, at=self._at(at))

    def prove(self, command: c.ProveContact, *, at: datetime | None = None) -> Member | Refusal:
        """A verified contact is still theirs: here is the code."""
        return flows.prove_contact(self.ports, command, at=self._at(at))

    def change_profile(self, command: c.ChangeProfile, *, at: datetime | None = None) -> Member | Refusal:
        """Set fields of the profile, locale and zone."""
        return flows.change_profile(self.ports, command, at=self._at(at))

    def put_address(self, command: c.PutAddress, *, at: datetime | None = None) -> Member | Refusal:
        """Put an address into the book."""
        return flows.put_address(self.ports, command, at=self._at(at))

    def remove_address(self, command: c.RemoveAddress, *, at: datetime | None = None) -> Member | Refusal:
        """Take an address out of the book."""
        return flows.remove_address(self.ports, command, at=self._at(at))

    def methods(self, member_id: str, *, by: Actor) -> tuple[ListedMethod, ...] | Refusal:
        """The methods of payment that providers keep for a member, as they are shown to them."""
        return methods(self.ports, member_id, by=by)

    def keep_method(self, command: c.KeepMethod, *, at: datetime | None = None) -> Member | Refusal:
        """Keep the method that a payment was made with."""
        return flows.keep_method(self.ports, command, at=self._at(at))

    def prefer_method(self, command: c.PreferMethod, *, at: datetime | None = None) -> Member | Refusal:
        """Make a method of payment the default."""
        return flows.prefer_method(self.ports, command, at=self._at(at))

    def remove_method(self, command: c.RemoveMethod, *, at: datetime | None = None) -> Member | Refusal:
        """Take a method of payment away, here and at its provider."""
        return flows.remove_method(self.ports, command, at=self._at(at))

    def give_consent(self, command: c.GiveConsent, *, at: datetime | None = None) -> Member | Refusal:
        """The member allows a purpose."""
        return flows.give_consent(self.ports, command, at=self._at(at))

    def withdraw_consent(self, command: c.WithdrawConsent, *, at: datetime | None = None) -> Member | Refusal:
        """The member allows a purpose no longer."""
        return flows.withdraw_consent(self.ports, command, at=self._at(at))

    def block(self, command: c.BlockMember, *, at: datetime | None = None) -> Member | Refusal:
        """Take no more orders of a member."""
        return flows.block_member(self.ports, command, at=self._at(at))

    def unblock(self, command: c.UnblockMember, *, at: datetime | None = None) -> Member | Refusal:
        """Take orders of a member again."""
        return flows.unblock_member(self.ports, command, at=self._at(at))

    def adopt_guest(self, command: c.AdoptGuest, *, at: datetime | None = None) -> Member | Refusal:
        """What a guest has ordered is the member's."""
        return flows.adopt_guest(self.ports, command, at=self._at(at))

    def merge(self, command: c.MergeMembers, *, at: datetime | None = None) -> Member | Refusal:
        """Make two records of one person one."""
        return flows.merge_members(self.ports, command, at=self._at(at))

    def erase(self, command: c.EraseMember, *, at: datetime | None = None) -> Member | Refusal:
        """Make all that was sealed of a member unreadable for good, under every id that is theirs."""
        return flows.erase_member(self.ports, command, at=self._at(at))

    def rehash(self, *, at: datetime | None = None, progress: Progress | None = None) -> Rehashed:
        """Bring what members are found by under the current master; `shop.persons.rotate` does so too."""
        return flows.rehash_members(self.ports, at=self._at(at), progress=progress)
