"""Read members: whose a contact or an id is, what is known of a member, in the open, and all of it as one bundle to take away.

Rules
- what is opened is not written anywhere; a value that holds it shows none of it;
- a customer reads of themselves alone; whose a contact is, is for the shop to ask, for the answer tells whether somebody is a member;
- a bundle holds what there is under every id that is the member's, and tells of what cannot be opened any more that it cannot.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TypeVar

from attrs import asdict

from shopwright.changing import changed
from shopwright.errors import InvalidValue
from shopwright.flows.addressing import opened_address
from shopwright.flows.members import saving
from shopwright.flows.members.commands import birthday_of
from shopwright.flows.members.contacts_held import held
from shopwright.flows.members.details import ADDRESS
from shopwright.flows.members.methods import listed
from shopwright.flows.points.looking import accounts_of
from shopwright.flows.ports import Ports
from shopwright.flows.returns.looking import of_order
from shopwright.flows.returns.noting import notes
from shopwright.flows.vault.sealing import Box, box, boxes, vault_of
from shopwright.loyalty.account import Account
from shopwright.loyalty.naming import account_id, kind_of
from shopwright.loyalty.referrals import Referral
from shopwright.loyalty.tier_accounts import TierAccount
from shopwright.members import verbs
from shopwright.members.actors import SYSTEM, Actor, customer
from shopwright.members.contacts import Channel
from shopwright.members.decision import closed
from shopwright.members.member import Member, MemberAlias
from shopwright.members.profile import OpenContact, Profile
from shopwright.members.sealing import Sealed
from shopwright.orders.order import Order
from shopwright.ports.storage import START, Match, Page, Query, Stored, Where
from shopwright.refusals import Refusal
from shopwright.returns.case import Case
from shopwright.wire.contacts import read_contact
from shopwright.wire.growth_kinds import CheckInStreak
from shopwright.wire.kinds import POINTS
from shopwright.wire.member_kinds import MEMBERS, PROFILES

T = TypeVar("T")

BUNDLE = "shopwright/member-bundle/1"
"""The form of a bundle, which a reader can rely on."""


def profile(ports: Ports, member_id: str, *, by: Actor) -> Profile | Refusal:
    """What is personal of a member. Refused with `member_not_found`, `member_merged`, `member_erased` and `personal_data_erased`."""
    stored = saving.read(ports, member_id, by)
    if isinstance(stored, Refusal):
        return stored
    if no := closed(stored.value):
        return no
    return _opened(ports, box(ports, member_id), stored.value)


def _opened(ports: Ports, theirs: Box, member: Member) -> Profile | Refusal:
    def text(subject: str, sealed: Sealed) -> str:
        found = theirs.open(subject, sealed)
        if isinstance(found, Refusal):
            refused.append(found)
            return ""
        return found

    refused: list[Refusal] = []
    fields = {it.name: text(verbs.profile_subject(it.name), it.sealed) for it in member.profile}
    contacts = [(it, text(verbs.contact_subject(it.id), it.sealed)) for it in member.contacts]
    addresses = [(it.id, text(verbs.address_subject(it.id), it.sealed)) for it in member.addresses]
    if refused:
        return refused[0]
    return Profile(
        member_id=member.id,
        locale=member.locale,
        zone=member.zone,
        fields=tuple(sorted(fields.items())),
        contacts=tuple(OpenContact(id=it.id, channel=it.channel, written=written, verified_at=it.verified_at) for it, written in contacts),
        addresses=tuple((id, ports.codec.load(ADDRESS, 1, body)) for id, body in addresses),
        default_address=member.default_address,
    )


def with_contact(ports: Ports, channel: Channel, contact: str, *, by: Actor) -> Member | Refusal:
    """The member who has verified this contact. Refused with `email_invalid`, `phone_invalid`, and `member_not_found` without facts: also to every
    customer but the member.
    """
    given: tuple[Any, ...] = (channel, contact, by)
    if not all(map(isinstance, given, (Channel, str, Actor))):
        raise InvalidValue(f"expected a Channel, a text and an Actor, got {', '.join(type(it).__name__ for it in given)}")
    typed = read_contact(channel, contact, region=ports.member_terms.phone_region)
    if isinstance(typed, Refusal):
        return typed
    claim = held(ports, typed).claim
    if claim is None or not by.sees(claim.member_id):
        return Refusal("member_not_found", "nobody has verified this contact")
    return saving.as_it_stands(ports, claim.member_id)


def owner(ports: Ports, id: str, *, by: Actor) -> Member | Refusal:
    """The member whose an id is, their own, a guest's or that of a record that was merged. Refused with `member_not_found`."""
    alias = ports.storage.load(MemberAlias, id)
    stored = saving.read(ports, id if alias is None else alias.value.member_id, by)
    return stored if isinstance(stored, Refusal) else stored.value


def born_on(ports: Ports, day: str, *, after: str = "", limit: int = 100) -> Page[Stored[Member]]:
    """The members whose birthday is on a day of the year, as `02-28`. Raises `InvalidValue` for what is no day."""
    if birthday_of(f"--{day}") is None:
        raise InvalidValue("expected a day of the year as text, month and day, such as 02-28")
    where = (Where("birthday", Match.IN, vault_of(ports).lookups("birthday", day)),)
    return ports.storage.find(Query(Member, where=where, after=after, limit=limit))


def orders_of(ports: Ports, member: Member, *, after: str = "", limit: int = 50) -> Page[Stored[Order]]:
    """The orders of a member, under whichever of their ids they were placed, oldest first."""
    ids = member.ids
    where = (Where("buyer_id", Match.IN, ids),) if len(ids) > 1 else (Where("buyer_id", Match.EQUAL, member.id),)
    return ports.storage.find(Query(Order, where=where, order_by="placed_at", after=after, limit=limit))


def bundle(ports: Ports, member_id: str, *, by: Actor, at: datetime) -> dict[str, Any] | Refusal:
    """All that the shop knows of a member, as plain data that JSON holds.

    Refused with `member_not_found`, also to customers for any other member, `member_merged`, `member_erased` and `personal_data_erased`.
    """
    stored = saving.read(ports, member_id, by)
    if isinstance(stored, Refusal):
        return stored
    member = stored.value
    if no := closed(member):
        return no
    theirs = box(ports, member_id)
    opened = _opened(ports, theirs, member)
    if isinstance(opened, Refusal):
        return opened
    return {
        "form": BUNDLE,
        "at": at.isoformat(),
        "member": {"id": member.id, "state": member.state.value, "registered_at": member.registered_at.isoformat(), "also": list(member.aliases)},
        "profile": {**dict(opened.fields), "locale": member.locale, "zone": member.zone},
        "contacts": [_contact(it) for it in opened.contacts],
        "addresses": [{"id": id, "default": id == member.default_address, **_plain(ports, address)} for id, address in opened.addresses],
        "methods": _methods(ports, theirs, member),
        "consents": [_plain(ports, consent) for consent in member.consents],
        "events": [entry for id in member.ids for entry in _events(ports, id)],
        "history": _history(ports, member),
        "points": _points(ports, member, at=at),
        "loyalty": list(_loyalty(ports, member)),
        "orders": [_order(ports, order) for order in _orders(ports, member)],
        "cases": [_case(ports, case) for order in _orders(ports, member) for case in _cases(ports, order)],
    }


def _methods(ports: Ports, theirs: Box, member: Member) -> list[dict[str, Any]]:
    """How each method of payment is shown to its owner; its token is the shop's affair, and would charge them wherever the bundle goes."""
    found = listed(theirs, member)
    return [] if isinstance(found, Refusal) else [_plain(ports, it) for it in found]


def _contact(contact: OpenContact) -> dict[str, Any]:
    verified = None if contact.verified_at is None else contact.verified_at.isoformat()
    return {"id": contact.id, "channel": contact.channel.value, "contact": contact.written, "verified_at": verified}


def _plain(ports: Ports, value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(ports.codec.dump(value))
    return plain


def _order(ports: Ports, order: Order) -> dict[str, Any]:
    """An order with its address in the open, where it opens."""
    to = opened_address(ports, order)
    return _plain(ports, order if isinstance(to, Refusal) else changed(order, ship_to=to))


def _cases(ports: Ports, order: Order) -> tuple[Case, ...]:
    found = of_order(ports, order.id, by=SYSTEM)
    return () if isinstance(found, Refusal) else found


def _case(ports: Ports, case: Case) -> dict[str, Any]:
    """A case with what was written about it, as its customer reads it."""
    told = notes(ports, case.id, by=customer(case.buyer_id))
    return {**_plain(ports, case), "notes": [] if isinstance(told, Refusal) else [_plain(ports, note) for note in told]}


def _events(ports: Ports, id: str) -> Iterator[dict[str, Any]]:
    for recorded in _recorded(ports, MEMBERS, id):
        yield {"member": id, "event": type(recorded).__name__, **_plain(ports, recorded)}


def _recorded(ports: Ports, stream: str, key: str) -> Iterator[Any]:
    after = START
    while page := ports.storage.read(stream, after=after, limit=500, key=key):
        yield from (recorded.value for recorded in page)
        after = page[-1].position


def _history(ports: Ports, member: Member) -> list[dict[str, Any]]:
    """What fields were set to, page by page; `erased` stands in place of what no key opens any more."""
    told = []
    for id, theirs in boxes(ports, member.ids).items():
        for page in _recorded(ports, PROFILES, id):
            found = None if page.sealed is None else theirs.open(page.subject, page.sealed)
            value = {"erased": True} if isinstance(found, Refusal) else {"value": found}
            told.append({"member": id, "field": page.subject, "at": page.at.isoformat(), "by": _plain(ports, page.by), **value})
    return sorted(told, key=lambda page: str(page["at"]))


def _points(ports: Ports, member: Member, *, at: datetime) -> list[dict[str, Any]]:
    """Each kind of points: how they stand, and all entries under every id that is the member's."""
    accounts = accounts_of(ports, member.id, by=SYSTEM)
    if isinstance(accounts, Refusal):
        return []
    return [_account(ports, member, account, at=at) for account in accounts]


def _loyalty(ports: Ports, member: Member) -> Iterator[dict[str, Any]]:
    """Tiers, check-ins and referrals, each with the name of its kind."""
    kinds: tuple[type[Any], ...] = (TierAccount, CheckInStreak, Referral)
    found = ports.storage.load_each(dict.fromkeys(kinds, member.ids))
    for kind in kinds:
        for stored in found.of(kind).values():
            yield {"kind": ports.storage.kinds.document(kind).name, **_plain(ports, stored.value)}


def _account(ports: Ports, member: Member, account: Account, *, at: datetime) -> dict[str, Any]:
    ids = [account_id(id, kind_of(account.id)) for id in member.ids]
    entries = [{"account": id, "entry": type(it).__name__, **_plain(ports, it)} for id in ids for it in _recorded(ports, POINTS, id)]
    return {"account": account.id, "balance": asdict(account.balance(at)), "entries": entries}


def _orders(ports: Ports, member: Member) -> Iterator[Order]:
    after = ""
    while True:
        page = orders_of(ports, member, after=after, limit=200)
        yield from (stored.value for stored in page.items)
        if not page.next:
            return
        after = page.next
