"""Two ids, one person: a guest who becomes a member, and two records of one person that become one.

Rules
- MERGE-1: orders are never rewritten: they keep the id that placed them, and the ids of a member (`Member.ids`) lead to all of them;
- MERGE-2: nothing is lost: the record that goes on has the contacts, addresses, methods of payment and fields of both (its own value where both have
  one; the other stays in the history), the stricter of two words on each purpose, and the earlier day of registration;
- MERGE-3: to merge again what is merged changes nothing; a record never goes on as itself, nor by way of others (`merge_cycle`);
- an id is one member's at most: a guest who was adopted is refused to others (`guest_taken`).
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, frozen

from shopwright.members import events as e
from shopwright.members.actors import Actor
from shopwright.members.consents import stricter
from shopwright.members.contacts import Contact
from shopwright.members.decision import MemberDecision, closed
from shopwright.members.member import MOST_ALIASES, BookedAddress, Member, ProfileKept, SealedField
from shopwright.members.methods import SavedMethod
from shopwright.members.states import MemberState
from shopwright.members.verbs import address_subject, contact_subject, profile_subject
from shopwright.refusals import Refusal


@frozen(kw_only=True)
class Renamed:
    """What of a record goes into another, under the names that it gets there; the seals are those of the record that it comes from."""

    contacts: tuple[tuple[str, Contact], ...] = ()
    addresses: tuple[tuple[str, BookedAddress], ...] = ()
    methods: tuple[tuple[str, SavedMethod], ...] = ()
    leaving: tuple[tuple[str, SavedMethod], ...] = ()
    fields: tuple[SealedField, ...] = ()


@frozen(kw_only=True)
class Brought:
    """The same, sealed anew for the record that it goes into."""

    contacts: tuple[Contact, ...] = ()
    addresses: tuple[BookedAddress, ...] = ()
    methods: tuple[SavedMethod, ...] = ()
    leaving: tuple[SavedMethod, ...] = ()
    default_method: str = ""
    fields: tuple[SealedField, ...] = ()


def adopt(member: Member, guest_id: str, *, by: Actor, at: datetime) -> MemberDecision | Refusal:
    """What a guest ordered is the member's. Refused with `aliases_too_many`."""
    if no := closed(member):
        return no
    if guest_id in member.ids:
        return MemberDecision(member)
    if len(member.aliases) >= MOST_ALIASES:
        return _too_many()
    return MemberDecision(member).then(e.GuestAdopted(at=at, by=by, guest_id=guest_id), aliases=(*member.aliases, guest_id))


def mergeable(ours: Member, theirs: Member) -> Refusal | None:
    """Why two records cannot become one: `merge_cycle`, `member_merged`, `member_erased`, `aliases_too_many`.

    Nothing speaks against it where they are one already.
    """
    if theirs.id in (ours.id, ours.merged_into):
        return Refusal("merge_cycle", f"{ours.id!r} cannot go on as itself", {"member": ours.id, "other": theirs.id})
    if no := closed(ours):
        return no
    if merged_already(ours, theirs):
        return None
    if no := closed(theirs):
        return no
    return _too_many() if len(ours.aliases) + len(theirs.ids) > MOST_ALIASES else None


def merged_already(ours: Member, theirs: Member) -> bool:
    """Whether the other record goes on as this one already."""
    return theirs.state is MemberState.MERGED and theirs.id in ours.aliases


def renamed(ours: Member, theirs: Member) -> Renamed:
    """What the one that goes on does not have yet: contacts that are not the same, all addresses, and fields it has no value for."""
    has = {(it.channel, it.lookup) for it in ours.contacts}
    fresh = [it for it in theirs.contacts if (it.channel, it.lookup) not in has]
    number = ours.numbered
    contacts = tuple((f"c{number + n}", it) for n, it in enumerate(fresh, 1))
    number += len(contacts)
    addresses = tuple((f"a{number + n}", it) for n, it in enumerate(theirs.addresses, 1))
    number += len(addresses)
    methods = tuple((f"m{number + n}", it) for n, it in enumerate(theirs.methods, 1))
    leaving = tuple((f"m{number + len(methods) + n}", it) for n, it in enumerate(theirs.leaving, 1))
    fields = {it.name for it in ours.profile}
    known = Renamed(contacts=contacts, addresses=addresses, methods=methods, leaving=leaving)
    return evolve(known, fields=tuple(it for it in theirs.profile if it.name not in fields))


def merge(ours: Member, theirs: Member, brought: Brought, *, by: Actor, at: datetime) -> tuple[MemberDecision, MemberDecision]:
    """The record that goes on, and the one that was merged into it, once `mergeable` has nothing against it."""
    verified = {(it.channel, it.lookup): it.verified_at for it in theirs.contacts if it.verified_at is not None}
    own = tuple(_verified(it, verified.get((it.channel, it.lookup))) for it in ours.contacts)
    kept = [ProfileKept(subject=contact_subject(it.id), at=at, by=by, sealed=it.sealed) for it in brought.contacts]
    kept += [ProfileKept(subject=address_subject(it.id), at=at, by=by, sealed=it.sealed) for it in brought.addresses]
    kept += [ProfileKept(subject=profile_subject(it.name), at=at, by=by, sealed=it.sealed) for it in brought.fields]
    consents = stricter(ours.consents, theirs.consents)
    blocked_now = theirs.state is MemberState.BLOCKED and ours.state is MemberState.ACTIVE
    absorbed = e.MemberAbsorbed(
        at=at,
        by=by,
        member_id=theirs.id,
        contacts=tuple(it.id for it in brought.contacts),
        addresses=tuple(it.id for it in brought.addresses),
        fields=tuple(it.name for it in brought.fields),
        consents=tuple(it for it in consents if it not in ours.consents),
        methods=tuple(it.id for it in brought.methods),
    )
    goes_on = MemberDecision(ours).then(
        absorbed,
        *((e.MemberBlocked(at=at, by=by, reason=theirs.blocked_for),) if blocked_now else ()),
        kept=tuple(kept),
        registered_at=min(ours.registered_at, theirs.registered_at),
        contacts=(*own, *brought.contacts),
        profile=tuple(sorted((*ours.profile, *brought.fields), key=lambda it: it.name)),
        birthday=ours.birthday or theirs.birthday,
        addresses=(*ours.addresses, *brought.addresses),
        methods=(*ours.methods, *brought.methods),
        default_method=ours.default_method or brought.default_method,
        leaving=(*ours.leaving, *brought.leaving),
        consents=consents,
        aliases=(*ours.aliases, *theirs.ids),
        blocked_for=ours.blocked_for or theirs.blocked_for,
        numbered=ours.numbered + sum(map(len, (brought.contacts, brought.addresses, brought.methods, brought.leaving))),
    )
    ends = MemberDecision(theirs).then(
        e.MemberMerged(at=at, by=by, into=ours.id),
        merged_into=ours.id,
        contacts=(),
        profile=(),
        birthday="",
        addresses=(),
        default_address="",
        methods=(),
        default_method="",
        leaving=(),
        aliases=(),
        blocked_for="",
    )
    return goes_on, ends


def _verified(contact: Contact, at: datetime | None) -> Contact:
    return contact if contact.verified_at is not None or at is None else evolve(contact, verified_at=at, replaces="")


def _too_many() -> Refusal:
    return Refusal("aliases_too_many", f"a member goes by at most {MOST_ALIASES} other ids", {"most": MOST_ALIASES})
