"""What is wrong for one verb about members alone."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from shopwright import Order, Shop, accepted, customer
from shopwright.errors import IllegalTransition, InvalidValue, UnknownIndex, VaultMissing
from shopwright.flows.members import commands as m
from shopwright.flows.members.commands import MemberCommand
from shopwright.members.codes import CodePurpose
from shopwright.members.contacts import Channel
from shopwright.members.member import Member
from shopwright.ports.storage import Query
from tests.flows.bad_case import Bad
from tests.flows.mall import ANN, CLERK, Mall, an_order, paid
from tests.flows.membering import EMAIL, blocked, keeping, merging, paid_and_saved, registered, registering, two_records, verified, verifying
from tests.flows.verbs import COMMANDED, a_command

BOB = customer("bob")


def after(before: Any, kind: type[Any], expected: type[Exception] | str, match: str | None = None, **facts: Any) -> Bad:
    """A command with these facts after something else has happened."""
    verb = next(verb for verb in COMMANDED if verb.command is kind)
    named = f"{before.__name__}, another {' and '.join(facts)}" if facts else before.__name__
    return Bad(f"after {named}", lambda mall: verb.of(mall.shop)(evolve(a_command(kind), **facts)), expected, match, before)


def usual(kind: type[MemberCommand]) -> list[Bad]:
    """What every command about a member is refused for."""
    return [
        after(nobody, kind, "member_not_found"),
        after(registered, kind, "member_not_found", by=BOB),
        after(merged, kind, "member_merged", member_id="lee"),
    ]


def nobody(mall: Mall) -> None:
    """There is no member."""


def merged(mall: Mall) -> None:
    """Ann had two records."""
    two_records(mall)
    accepted(mall.shop.members.merge(merging()))


def guessed(mall: Mall) -> None:
    """Somebody has tried as many codes as there may be."""
    registered(mall)
    for number in range(5):
        mall.shop.members.verify(verifying(mall, key=f"guess-{number}", code="wrong"))


def expired(mall: Mall) -> None:
    """The code came too late."""
    registered(mall)
    mall.clock.advance(minutes=10)


def waited(mall: Mall) -> None:
    """A minute has passed since the code was sent."""
    registered(mall)
    mall.clock.advance(minutes=1)


def flooded(mall: Mall) -> None:
    """Codes were sent to one address, again and again."""
    registered(mall)
    for number in range(4):
        mall.clock.advance(minutes=1)
        accepted(mall.shop.members.send_code(m.SendCode(key=f"again-{number}", by=ANN, member_id="ann", contact="c1")))
    mall.clock.advance(minutes=1)


def _asked(ask: Any, expected: type[Exception] | str, name: str, match: str | None = None) -> Bad:
    return Bad(name, lambda mall: ask(mall.shop.members), expected, match)


def _bare(mall: Mall) -> Shop:
    return Shop(mall.storage, clock=mall.clock)


def _of(mall: Mall, **facts: Any) -> m.KeepMethod:
    """Ann keeps the method that the first order was paid with."""
    return evolve(keeping(mall.orders()[0].id), **facts)


def _theirs(mall: Mall) -> None:
    """Somebody else has paid and saved their card; Ann is a member too."""
    registered(mall)
    accepted(mall.shop.orders.place(evolve(an_order(), buyer_id="bob", by=BOB)))


def _not_saved(mall: Mall) -> None:
    """Ann has paid, and did not want her card kept."""
    registered(mall)
    paid(mall.shop)


MEMBER_CASES: dict[str, list[Bad]] = {
    "members.register": [
        Bad("no e-mail address", lambda mall: mall.shop.members.register(registering(email="ann@")), "email_invalid"),
        Bad("two addresses in one", lambda mall: mall.shop.members.register(registering(email="a@mall.example,b@mall.example")), "email_invalid"),
        Bad("no phone number", lambda mall: mall.shop.members.register(registering(phone="12")), "phone_invalid"),
        Bad("a number of no country", lambda mall: mall.shop.members.register(registering(phone="030 901820")), "phone_invalid"),
        Bad("one who is there", lambda mall: mall.shop.members.register(registering(key="again")), "member_exists", None, registered),
        Bad(
            "another's", lambda mall: mall.shop.members.register(registering(key="b", member_id="b", verified=True)), "contact_taken", None, verified
        ),
        Bad("no contact", lambda mall: registering(email=""), InvalidValue, "needs an email or a phone"),
        Bad("a customer vouches", lambda mall: registering(by=ANN, verified=True), InvalidValue, "for staff and the system"),
        Bad("no date of birth", lambda mall: registering(profile={"born": "1990-02-30"}), InvalidValue, "date of birth such as"),
        Bad("a field of no name", lambda mall: registering(profile={"Full Name": "x"}), InvalidValue, "fields named with"),
        Bad("no vault", lambda mall: _bare(mall).members.register(registering()), VaultMissing, "no vault"),
    ],
    "members.get": [
        _asked(lambda desk: desk.get("x"), "member_not_found", "an unknown id"),
        _asked(lambda desk: desk.get(None), InvalidValue, "nothing"),
        _asked(lambda desk: desk.get("x", by="ann"), InvalidValue, "a name asks", "expected `by`"),
        Bad("somebody else asks", lambda mall: mall.shop.members.get("ann", by=BOB), "member_not_found", None, registered),
    ],
    "members.owner": [
        _asked(lambda desk: desk.owner("x"), "member_not_found", "an unknown id"),
        _asked(lambda desk: desk.owner(7), InvalidValue, "a number"),
    ],
    "members.with_contact": [
        _asked(lambda desk: desk.with_contact(Channel.EMAIL, "no"), "email_invalid", "no address"),
        _asked(lambda desk: desk.with_contact("email", EMAIL), InvalidValue, "a word for a channel", "expected a Channel"),
        _asked(lambda desk: desk.with_contact(Channel.EMAIL, None), InvalidValue, "nothing", "expected a Channel"),
        Bad("not verified", lambda mall: mall.shop.members.with_contact(Channel.EMAIL, EMAIL), "member_not_found", None, registered),
        Bad("a stranger asks", lambda mall: mall.shop.members.with_contact(Channel.EMAIL, EMAIL, by=BOB), "member_not_found", None, verified),
    ],
    "members.find": [
        _asked(lambda desk: desk.find(None), InvalidValue, "nothing", "expected a Query"),
        _asked(lambda desk: desk.find(Query(Order)), InvalidValue, "orders", "expected a Query"),
        _asked(lambda desk: desk.find(Query(Member, order_by="name")), UnknownIndex, "an index that there is not"),
    ],
    "members.born_on": [
        _asked(lambda desk: desk.born_on("02-30"), InvalidValue, "no day", "such as 02-28"),
        _asked(lambda desk: desk.born_on(None), InvalidValue, "nothing", "such as 02-28"),
        _asked(lambda desk: desk.born_on("02-28", limit=0), InvalidValue, "no limit"),
    ],
    "members.profile": [
        _asked(lambda desk: desk.profile("x", by=CLERK), "member_not_found", "an unknown id"),
        Bad("merged", lambda mall: mall.shop.members.profile("lee", by=CLERK), "member_merged", None, merged),
        Bad("somebody else asks", lambda mall: mall.shop.members.profile("ann", by=BOB), "member_not_found", None, registered),
    ],
    "members.orders": [
        _asked(lambda desk: desk.orders("x"), "member_not_found", "an unknown id"),
        Bad("somebody else asks", lambda mall: mall.shop.members.orders("ann", by=BOB), "member_not_found", None, registered),
    ],
    "members.export": [
        _asked(lambda desk: desk.export("x", by=CLERK), "member_not_found", "an unknown id"),
        Bad("merged", lambda mall: mall.shop.members.export("lee", by=CLERK), "member_merged", None, merged),
        Bad("somebody else asks", lambda mall: mall.shop.members.export("ann", by=BOB), "member_not_found", None, registered),
    ],
    "members.add_contact": [
        after(nobody, m.AddContact, "member_not_found"),
        after(nobody, m.AddContact, "phone_invalid", channel=Channel.PHONE),
        after(registered, m.AddContact, "contact_unknown", replaces="c9"),
        after(registered, m.AddContact, "contact_added", contact=EMAIL.lower()),
    ],
    "members.remove_contact": [*usual(m.RemoveContact), after(registered, m.RemoveContact, "contact_unknown", contact="c9")],
    "members.send_code": [
        *usual(m.SendCode),
        after(waited, m.SendCode, "contact_unknown", contact="c9"),
        after(waited, m.SendCode, "contact_unverified", purpose=CodePurpose.PROVE),
        after(registered, m.SendCode, "code_too_soon"),
        after(flooded, m.SendCode, "code_sends"),
        Bad("no notifier", lambda mall: Shop(mall.storage, clock=mall.clock).members.send_code(a_command(m.SendCode)), InvalidValue, "a notifier"),
    ],
    "members.verify": [
        *usual(m.VerifyContact),
        after(registered, m.VerifyContact, "contact_unknown", contact="c9"),
        after(guessed, m.VerifyContact, "code_attempts"),
        after(expired, m.VerifyContact, "code_expired"),
        after(verified, m.VerifyContact, "code_used"),
    ],
    "members.prove": [*usual(m.ProveContact), after(verified, m.ProveContact, "code_unknown")],
    "members.change_profile": [
        *usual(m.ChangeProfile),
        after(registered, m.ChangeProfile, "profile_too_large", profile={f"field_{n}": "x" for n in range(50)}),
    ],
    "members.put_address": [*usual(m.PutAddress), after(registered, m.PutAddress, "address_unknown")],
    "members.remove_address": [*usual(m.RemoveAddress), after(registered, m.RemoveAddress, "address_unknown")],
    "members.methods": [
        Bad("nobody", lambda mall: mall.shop.members.methods("ann", by=CLERK), "member_not_found"),
        Bad("merged", lambda mall: mall.shop.members.methods("lee", by=CLERK), "member_merged", None, merged),
        Bad("somebody else asks", lambda mall: mall.shop.members.methods("ann", by=BOB), "member_not_found", None, registered),
    ],
    "members.keep_method": [
        *usual(m.KeepMethod),
        after(registered, m.KeepMethod, "order_not_found"),
        Bad("an order of another", lambda mall: mall.shop.members.keep_method(_of(mall, key="k")), "order_not_found", None, _theirs),
        Bad("no such payment", lambda mall: mall.shop.members.keep_method(_of(mall, payment_id="p9")), "payment_unknown", None, paid_and_saved),
        Bad("nothing was kept", lambda mall: mall.shop.members.keep_method(_of(mall)), "method_not_saved", None, _not_saved),
    ],
    "members.prefer_method": [*usual(m.PreferMethod), after(registered, m.PreferMethod, "method_unknown")],
    "members.remove_method": [*usual(m.RemoveMethod), after(registered, m.RemoveMethod, "method_unknown")],
    "members.give_consent": usual(m.GiveConsent),
    "members.withdraw_consent": usual(m.WithdrawConsent),
    "members.block": [
        *usual(m.BlockMember),
        after(registered, m.BlockMember, "member_not_found", by=ANN),
        after(blocked, m.BlockMember, IllegalTransition, "cannot block a member that is blocked; allowed: erase, merge, unblock"),
    ],
    "members.unblock": [*usual(m.UnblockMember), after(registered, m.UnblockMember, IllegalTransition, "that is active; allowed: block")],
    "members.adopt_guest": [
        after(nobody, m.AdoptGuest, "member_not_found"),
        after(two_records, m.AdoptGuest, "guest_taken", guest_id="guest-7"),
        after(two_records, m.AdoptGuest, "guest_taken", guest_id="lee"),
    ],
    "members.erase": [
        after(nobody, m.EraseMember, "member_not_found"),
        after(registered, m.EraseMember, "member_not_found", by=BOB),
        after(merged, m.EraseMember, "member_merged", member_id="lee"),
    ],
    "members.rehash": [
        Bad("no vault", lambda mall: _bare(mall).members.rehash(), VaultMissing, "no vault"),
        Bad("nobody to tell", lambda mall: mall.shop.members.rehash(progress=7), InvalidValue, "expected progress to be a function"),
    ],
    "members.merge": [
        after(registered, m.MergeMembers, "member_not_found"),
        after(two_records, m.MergeMembers, "member_not_found", by=ANN),
        after(two_records, m.MergeMembers, "merge_cycle", other_id="ann"),
        after(merged, m.MergeMembers, "merge_cycle", member_id="lee", other_id="ann"),
    ],
}
